/** ICMPv6 (RFC 4443) and neighbour discovery (RFC 4861): what a message says, without building its tree. */
import { say, type Message, type Phrase } from '#messages/message.ts'
import {
  bytesOfU16,
  bytesOfU32,
  concatBytes,
  formatIpv6,
  parseHex,
  parseIpv6,
  u16At,
  u32At,
  writeU16,
} from './bytes.ts'
import type { Ipv6Network } from './ip-address.ts'
import { aboutUdp, listed } from './words.ts'
import { Ipv6Chain, ipv6HeaderLength } from './ipv6.ts'

export const icmp6Types = {
  unreachable: 1, packetTooBig: 2, timeExceeded: 3, parameterProblem: 4, routerSolicitation: 133, routerAdvertisement: 134,
  neighbourSolicitation: 135, neighbourAdvertisement: 136, redirect: 137,
} as const // prettier-ignore

const typeNames: Readonly<Record<number, Message>> = {
  1: say('wire.icmp-unreachable'),
  2: say('wire.icmp-too-big'),
  3: say('wire.icmp-time-exceeded'),
  4: say('wire.icmp-parameter-problem'),
  128: say('wire.icmp-echo-request'),
  129: say('wire.icmp-echo-reply'),
  130: say('wire.icmp-listener-query'),
  131: say('wire.icmp-listener-report'),
  132: say('wire.icmp-listener-done'),
  133: say('wire.icmp-router-solicitation'),
  134: say('wire.icmp-router-advertisement'),
  135: say('wire.icmp-neighbour-solicitation'),
  136: say('wire.icmp-neighbour-advertisement'),
  137: say('wire.icmp-redirect'),
  143: say('wire.icmp-listener-report'),
}
const unreachable: Readonly<Record<number, Message>> = {
  0: say('wire.unreachable-no-route'),
  1: say('wire.unreachable-filter'),
  2: say('wire.unreachable-scope'),
  3: say('wire.unreachable-address'),
  4: say('wire.unreachable-port'),
  5: say('wire.unreachable-policy'),
  6: say('wire.unreachable-rejected'),
}

export const icmp6TypeName = (type: number): Message | undefined => typeNames[type]

/** Why a packet could not be delivered (RFC 4443 section 3.1). */
export const unreachable6Name = (code: number): Message => unreachable[code] ?? say('wire.code', { code })

/** A message in words (RFC 4443). */
export function icmp6Name(type: number, code: number): Message {
  const what = typeNames[type] ?? say('wire.type', { type })
  return type === icmp6Types.unreachable ? say('wire.because', { what, why: unreachable6Name(code) }) : what
}

/** Whether it reports an error, and so quotes the packet that caused it (RFC 4443 section 2.1). */
export const quotesPacket6 = (type: number): boolean => type >= 1 && type <= 4

export const ndOptionTypes = {
  sourceLinkLayer: 1, targetLinkLayer: 2, prefix: 3, mtu: 5, route: 24, dnsServers: 25, searchList: 31,
} as const // prettier-ignore

/** Names of the options of neighbour discovery (IANA registry "IPv6 Neighbor Discovery Option Formats"). */
export const ndOptionNames: Readonly<Record<number, string>> = {
  1: 'Source link-layer address',
  2: 'Target link-layer address',
  3: 'Prefix information',
  4: 'Redirected header',
  5: 'MTU',
  7: 'Advertisement interval',
  8: 'Home agent information',
  14: 'Nonce',
  24: 'Route information',
  25: 'Recursive DNS server',
  26: 'Flags extension',
  31: 'DNS search list',
  37: 'Captive portal',
  38: 'PREF64',
}

/** Where the options of a message begin, counted from its type; -1 where it has none. */
export const ndOptionsAt = (type: number): number => ({ 133: 8, 134: 16, 135: 24, 136: 24, 137: 40 })[type] ?? -1

/** The options of neighbour discovery, each with where it begins and ends; stops at one that is cut off or has no length. */
export function* ndOptions(bytes: Uint8Array, from: number, end: number): Generator<{ type: number; at: number; end: number }> {
  for (let at = from; at + 2 <= end;) {
    const length = bytes[at + 1]! * 8
    if (length === 0 || at + length > end) return
    yield { type: bytes[at]!, at, end: at + length }
    at += length
  }
} // prettier-ignore

/** What a router says of its link (RFC 4861 section 4.2). */
export interface RouterAdvertisement {
  /** Addresses are to be had by DHCPv6 (M). */
  readonly isManaged: boolean
  /** Everything else is to be had by DHCPv6 (O). */
  readonly hasOther: boolean
  /** 0: it is no default router. */
  readonly lifetimeSeconds: number
  /** Prefixes with whether addresses are made of them without a server (A). */
  readonly prefixes: readonly { readonly text: string; readonly isAutonomous: boolean }[]
}

export function readRouterAdvertisement(bytes: Uint8Array, at: number, end: number): RouterAdvertisement | undefined {
  if (end - at < 16) return undefined
  const flags = bytes[at + 5]!
  const prefixes: { text: string; isAutonomous: boolean }[] = []
  for (const option of ndOptions(bytes, at + 16, end))
    if (option.type === ndOptionTypes.prefix && option.end - option.at === 32)
      prefixes.push({
        text: `${formatIpv6(bytes, option.at + 16)}/${bytes[option.at + 2]!}`,
        isAutonomous: (bytes[option.at + 3]! & 0x40) !== 0,
      })
  return {
    isManaged: (flags & 0x80) !== 0,
    hasOther: (flags & 0x40) !== 0,
    lifetimeSeconds: u16At(bytes, at + 6),
    prefixes,
  }
}

/** DNS servers that a router names (RDNSS, RFC 8106 section 5.1) and that may be used still. */
export function readRouterDns(bytes: Uint8Array, at: number, end: number): string[] {
  const servers: string[] = []
  for (const option of ndOptions(bytes, at + 16, end))
    if (option.type === ndOptionTypes.dnsServers && option.end - option.at >= 8 && u32At(bytes, option.at + 4) > 0)
      for (let place = option.at + 8; place + 16 <= option.end; place += 16) servers.push(formatIpv6(bytes, place))
  return servers
}

/** The packet that an error quotes, by its transport ports; undefined where it does not show them. */
export interface QuotedPacket {
  readonly protocol: number
  readonly source: string
  readonly sourcePort: number
  readonly destination: string
  readonly destinationPort: number
}

const chain = new Ipv6Chain()

export function readQuotation6(bytes: Uint8Array, at: number, end: number): QuotedPacket | undefined {
  if (end - at < ipv6HeaderLength || bytes[at]! >>> 4 !== 6) return undefined
  chain.read(bytes, at)
  if (chain.fragmentOffset > 0 || chain.transportAt + 4 > end) return undefined
  return {
    protocol: chain.protocol,
    source: formatIpv6(bytes, at + 8),
    sourcePort: u16At(bytes, chain.transportAt),
    destination: formatIpv6(bytes, at + 24),
    destinationPort: u16At(bytes, chain.transportAt + 2),
  }
}

/** What a message says in a line. */
export function icmp6Line(bytes: Uint8Array, at: number, end: number): Phrase {
  const type = bytes[at]!
  const name = icmp6Name(type, bytes[at + 1]!)
  if (quotesPacket6(type)) {
    const quoted = readQuotation6(bytes, at + 8, end)
    return listed([
      name,
      ...(type === icmp6Types.packetTooBig ? [`MTU ${u32At(bytes, at + 4)}`] : []),
      ...(quoted?.protocol === 17 ? [aboutUdp(quoted.sourcePort, quoted.destinationPort)] : []),
    ])
  }
  if ((type === icmp6Types.neighbourSolicitation || type === icmp6Types.neighbourAdvertisement) && end - at >= 24)
    return type === icmp6Types.neighbourSolicitation
      ? say('wire.neighbour-for', { message: name, address: formatIpv6(bytes, at + 8) })
      : say('wire.neighbour-of', { message: name, address: formatIpv6(bytes, at + 8) })
  const router = type === icmp6Types.routerAdvertisement ? readRouterAdvertisement(bytes, at, end) : undefined
  if (!router) return name
  const prefixes = router.prefixes.map((one) => one.text)
  return listed([
    name,
    ...(router.isManaged ? [say('wire.router-managed')] : []),
    ...(router.hasOther ? [say('wire.router-other')] : []),
    ...(prefixes.length > 0 ? [say('wire.router-prefix', { prefixes: prefixes.join(', ') })] : []),
  ])
}

/** Fills in the checksum of a message between these addresses (RFC 4443 section 2.3, RFC 8200 section 8.1). */
export function withChecksum6(message: Uint8Array, source: string, destination: string): Uint8Array {
  const sealed = message.slice()
  writeU16(sealed, 2, 0)
  const pseudo = [parseIpv6(source)!, parseIpv6(destination)!, bytesOfU32(sealed.length), Uint8Array.of(0, 0, 0, 58)]
  const all = concatBytes([...pseudo, sealed])
  let sum = 0
  for (let at = 0; at < all.length; at += 2) sum += u16At(all, at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  writeU16(sealed, 2, ~sum & 0xffff)
  return sealed
}

export interface EncodableAdvertisement {
  readonly isManaged: boolean
  readonly hasOther: boolean
  readonly lifetimeSeconds: number
  /** Hardware address of the sender; undefined where it has none. */
  readonly mac: string | undefined
  /** 0 leaves it out. */
  readonly mtu: number
  readonly prefixes: readonly {
    readonly network: Ipv6Network
    readonly isAutonomous: boolean
    readonly validSeconds: number
    readonly preferredSeconds: number
  }[]
  readonly dns: readonly string[]
  readonly dnsSeconds: number
}

/** Hop limit that hosts are told to use (RFC 4861 section 6.2.1). */
const toldHopLimit = 64

/** A router advertisement without its checksum (RFC 4861 sections 4.2 and 4.6, RFC 8106 section 5.1). */
export function encodeRouterAdvertisement(told: EncodableAdvertisement): Uint8Array {
  const flags = (told.isManaged ? 0x80 : 0) | (told.hasOther ? 0x40 : 0)
  const header = [
    Uint8Array.of(icmp6Types.routerAdvertisement, 0, 0, 0, toldHopLimit, flags),
    bytesOfU16(told.lifetimeSeconds),
    new Uint8Array(8),
  ]
  const mac = told.mac === undefined ? undefined : parseHex(told.mac)
  const options = [
    ...(mac?.length === 6 ? [Uint8Array.of(ndOptionTypes.sourceLinkLayer, 1), mac] : []),
    ...(told.mtu === 0 ? [] : [Uint8Array.of(ndOptionTypes.mtu, 1, 0, 0), bytesOfU32(told.mtu)]),
    ...told.prefixes.flatMap(({ network, isAutonomous, validSeconds, preferredSeconds }) => [
      // On this link (L), and free to make addresses of (A).
      Uint8Array.of(ndOptionTypes.prefix, 4, network.prefixLength, 0x80 | (isAutonomous ? 0x40 : 0)),
      bytesOfU32(validSeconds),
      bytesOfU32(preferredSeconds),
      bytesOfU32(0),
      parseIpv6(network.address)!,
    ]),
    ...(told.dns.length === 0
      ? []
      : [
          Uint8Array.of(ndOptionTypes.dnsServers, 1 + 2 * told.dns.length, 0, 0),
          bytesOfU32(told.dnsSeconds),
          ...told.dns.map((address) => parseIpv6(address)!),
        ]),
  ]
  return concatBytes([...header, ...options])
}
