/** ICMPv6 (RFC 4443) and neighbour discovery (RFC 4861): what a message says, without building its tree. */
import { formatIpv6, u16At, u32At } from './bytes.ts'
import { Ipv6Chain, ipv6HeaderLength } from './ipv6.ts'

export const icmp6Types = {
  unreachable: 1, packetTooBig: 2, timeExceeded: 3, parameterProblem: 4, routerSolicitation: 133, routerAdvertisement: 134,
  neighbourSolicitation: 135, neighbourAdvertisement: 136, redirect: 137,
} as const // prettier-ignore

const typeNames: Readonly<Record<number, string>> = {
  1: 'destination unreachable',
  2: 'packet too big',
  3: 'time exceeded',
  4: 'parameter problem',
  128: 'echo request',
  129: 'echo reply',
  130: 'multicast listener query',
  131: 'multicast listener report',
  132: 'multicast listener done',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbour solicitation',
  136: 'neighbour advertisement',
  137: 'redirect',
  143: 'multicast listener report',
}
const unreachable: Readonly<Record<number, string>> = {
  0: 'no route',
  1: 'forbidden by a filter',
  2: 'beyond the scope of the source address',
  3: 'address',
  4: 'port',
  5: 'source address failed the policy',
  6: 'route rejected',
}

export const icmp6TypeName = (type: number): string | undefined => typeNames[type]

/** A message in words (RFC 4443). */
export const icmp6Name = (type: number, code: number): string =>
  `${typeNames[type] ?? `type ${type}`}${type === icmp6Types.unreachable ? `: ${unreachable[code] ?? `code ${code}`}` : ''}`

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
export function icmp6Line(bytes: Uint8Array, at: number, end: number): string {
  const type = bytes[at]!
  const name = icmp6Name(type, bytes[at + 1]!)
  if (quotesPacket6(type)) {
    const quoted = readQuotation6(bytes, at + 8, end)
    const mtu = type === icmp6Types.packetTooBig ? `, MTU ${u32At(bytes, at + 4)}` : ''
    return name + mtu + (quoted?.protocol === 17 ? `, about UDP port ${quoted.sourcePort} to ${quoted.destinationPort}` : '') // prettier-ignore
  }
  if ((type === icmp6Types.neighbourSolicitation || type === icmp6Types.neighbourAdvertisement) && end - at >= 24)
    return `${name} ${type === icmp6Types.neighbourSolicitation ? 'for' : 'of'} ${formatIpv6(bytes, at + 8)}`
  const router = type === icmp6Types.routerAdvertisement ? readRouterAdvertisement(bytes, at, end) : undefined
  if (!router) return name
  const flags = [router.isManaged ? 'managed (M)' : '', router.hasOther ? 'other (O)' : ''].filter(Boolean)
  const prefixes = router.prefixes.map((one) => one.text)
  return [name, ...flags, ...(prefixes.length > 0 ? [`prefix ${prefixes.join(', ')}`] : [])].join(', ')
}
