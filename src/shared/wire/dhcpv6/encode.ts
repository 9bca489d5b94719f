/** DHCPv6 messages and values as bytes: the way back from `message.ts`. */
import { bytesOfU16, bytesOfU32, concatBytes, encodeText, parseHex, parseIpv6 } from '../bytes.ts'
import { OptionValueError, type OptionValue } from '../dhcp/kinds.ts'
import { isRelayMessage } from './message.ts'
import type { Dhcp6OptionDefinition } from './options.ts'

/** An option to be sent. */
export interface EncodableOption6 {
  readonly code: number
  readonly data: Uint8Array
}

/** A message of client or server, or with `relay` one of a relay agent. */
export interface EncodableMessage6 {
  readonly type: number
  /** 24 bits; a relay agent's message has none. */
  readonly xid: number
  readonly relay?: { readonly hops: number; readonly linkAddress: string; readonly peerAddress: string } | undefined
  readonly options: readonly EncodableOption6[]
}

const ipv6 = (address: string): Uint8Array => parseIpv6(address)!

export const encodeOptions6 = (options: readonly EncodableOption6[]): Uint8Array =>
  concatBytes(options.flatMap(({ code, data }) => [bytesOfU16(code), bytesOfU16(data.length), data]))

/** RFC 8415 sections 8 and 9. */
export function encodeDhcp6({ type, xid, relay, options }: EncodableMessage6): Uint8Array {
  const header =
    isRelayMessage(type) && relay
      ? [Uint8Array.of(type, relay.hops), ipv6(relay.linkAddress), ipv6(relay.peerAddress)]
      : [Uint8Array.of(type, xid >>> 16, xid >>> 8, xid)]
  return concatBytes([...header, encodeOptions6(options)])
}

/** The length of a message without building it. */
export const optionsLength6 = (options: readonly EncodableOption6[]): number =>
  options.reduce((sum, { data }) => sum + 4 + data.length, 0)

export const statusOption = (code: number, text: string): EncodableOption6 => ({
  code: 13,
  data: concatBytes([bytesOfU16(code), encodeText(text)]),
})

export interface IaNa {
  readonly iaid: number
  readonly t1: number
  readonly t2: number
  readonly options: readonly EncodableOption6[]
}

/** An identity association for addresses, or with code 25 for prefixes (RFC 8415 sections 21.4 and 21.21). */
export const iaOption = ({ iaid, t1, t2, options }: IaNa, code: 3 | 25 = 3): EncodableOption6 => ({
  code,
  data: concatBytes([bytesOfU32(iaid), bytesOfU32(t1), bytesOfU32(t2), encodeOptions6(options)]),
})

export const iaAddressOption = (address: string, preferredSeconds: number, validSeconds: number): EncodableOption6 => ({
  code: 5,
  data: concatBytes([ipv6(address), bytesOfU32(preferredSeconds), bytesOfU32(validSeconds)]),
})

/** Option 16: an enterprise with classes, each with its length in front. */
export const vendorClassOption = (enterprise: number, classes: readonly string[]): EncodableOption6 => ({
  code: 16,
  data: concatBytes([bytesOfU32(enterprise), ...classes.flatMap((one) => withLength(encodeText(one)))]),
})

const withLength = (data: Uint8Array): Uint8Array[] => [bytesOfU16(data.length), data]

/** A DUID of a link-layer address (type 3, Ethernet; RFC 8415 section 11.4). */
export const duidOfMac = (mac: string): Uint8Array => concatBytes([Uint8Array.of(0, 3, 0, 1), parseHex(mac)!])

/** A domain name in the form of RFC 1035 section 3.1; undefined where it is none. */
export function encodeDomainName(name: string): Uint8Array | undefined {
  const labels = name.replace(/\.$/, '').split('.').map(encodeText)
  if (labels.some(({ length }) => length === 0 || length > 63)) return undefined
  const bytes = concatBytes([...labels.flatMap((label) => [Uint8Array.of(label.length), label]), Uint8Array.of(0)])
  return bytes.length > 255 ? undefined : bytes
}

/**
 * Option 39 of a server that updates no DNS: flag N, and O where the client (its `flags`) wanted S (RFC 4704 sections 4.1 and 6).
 * A name of one label is a partial one, which ends without the root (section 4.2). `name` is a host name.
 */
export function fqdnOption(name: string, flags: number): EncodableOption6 {
  const whole = encodeDomainName(name)!
  const wanted = flags & 0x01 ? 0x02 : 0
  return {
    code: 39,
    data: concatBytes([Uint8Array.of(0x04 | wanted), name.includes('.') ? whole : whole.subarray(0, -1)]),
  }
}

interface Encoder {
  /** What a lab file may write, for error messages. */
  readonly wants: string
  readonly encode: (value: OptionValue) => Uint8Array | undefined
}

const number = (bytes: 1 | 2 | 4): Encoder => {
  const most = 2 ** (bytes * 8) - 1
  return {
    wants: `a number from 0 to ${most}`,
    encode: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
        ? bytesOfU32(value).subarray(4 - bytes)
        : undefined,
  }
}

const listOf = (wants: string, one: (item: OptionValue) => Uint8Array | undefined): Encoder => ({
  wants: `${wants}, or a list of them`,
  encode: (value) => {
    const items = (Array.isArray(value) ? value : [value]).map(one)
    return items.length > 0 && items.every((item) => item !== undefined) ? concatBytes(items) : undefined
  },
})

const address: Encoder = listOf('an IPv6 address', (item) => (typeof item === 'string' ? parseIpv6(item) : undefined))
const names: Encoder = listOf('a domain name', (item) =>
  typeof item === 'string' ? encodeDomainName(item) : undefined,
)
const oneName: Encoder = {
  wants: 'a domain name',
  encode: (value) => (typeof value === 'string' ? encodeDomainName(value) : undefined),
}
const text: Encoder = {
  wants: 'a text',
  encode: (value) => (typeof value === 'string' && value !== '' ? encodeText(value) : undefined),
}
const counted: Encoder = listOf('a text', (item) =>
  typeof item === 'string' || typeof item === 'number' ? concatBytes(withLength(encodeText(String(item)))) : undefined,
)
const hex: Encoder = {
  wants: 'bytes in hexadecimal digits, in quotes, such as "0x0102"',
  encode: (value) => (typeof value === 'string' && /^0x/i.test(value) ? parseHex(value) : undefined),
}
const empty: Encoder = {
  wants: 'true',
  encode: (value) => (value === true ? new Uint8Array(0) : undefined),
}
/** A server by its address, or by its name (RFC 5908 section 4). */
const timeServers: Encoder = listOf('an IPv6 address or a name', (item) => {
  if (typeof item !== 'string') return undefined
  const ip = parseIpv6(item)
  const name = ip ? undefined : encodeDomainName(item)
  const suboption = ip ? { code: ip[0] === 0xff ? 2 : 1, data: ip } : name && { code: 3, data: name }
  return suboption && encodeOptions6([suboption])
})

const encoders: Partial<Record<Dhcp6OptionDefinition['layout'], Encoder>> = {
  empty,
  text,
  url: text,
  posixTimezone: text,
  tzdbTimezone: text,
  captivePortal: text,
  mudUrl: text,
  subscriberId: text,
  seconds: number(4),
  refreshTime: number(4),
  preference: number(1),
  relayPort: number(2),
  addresses: address,
  sipServers: address,
  dnsServers: address,
  nisServers: address,
  nisPlusServers: address,
  sntpServers: address,
  bcmcsServers: address,
  panaAgents: address,
  capwapControllers: address,
  domainNames: names,
  sipNames: names,
  searchList: names,
  bcmcsNames: names,
  nisName: oneName,
  nisPlusName: oneName,
  aftrName: oneName,
  bootParameters: counted,
  ntpServer: timeServers,
}

/** What a lab file may write as the value of an option. */
export function wantedOfOption6({ layout }: Dhcp6OptionDefinition): string {
  const { wants } = encoders[layout] ?? hex
  return encoders[layout] ? `${wants}, or ${hex.wants}` : wants
}

/** The value of an option as a lab file writes it; throws `OptionValueError` where the option cannot carry it. */
export function encodeOptionValue6(definition: Dhcp6OptionDefinition, value: OptionValue): Uint8Array {
  const data = hex.encode(value) ?? encoders[definition.layout]?.encode(value)
  if (data === undefined || data.length > 0xffff)
    throw new OptionValueError(`${JSON.stringify(value)} is not ${wantedOfOption6(definition)}`)
  return data
}
