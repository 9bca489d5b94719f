/**
 * Addresses of both families as one value, which compares and keys as itself: an IPv4 address as an unsigned 32-bit number, one of
 * IPv6 as the text of RFC 5952.
 */
import { formatIpv4, formatIpv6, parseIpv4, parseIpv4Network, isInNetwork, parseIpv6 } from './bytes.ts'

export type IpAddress = number | string

export const formatIp = (address: IpAddress): string => (typeof address === 'number' ? formatIpv4(address) : address)

/** An address in front of a port: that of IPv6 in brackets (RFC 5952 section 6). */
export const formatHost = (address: IpAddress): string => (typeof address === 'number' ? formatIpv4(address) : `[${address}]`) // prettier-ignore

export const isIpv6 = (address: IpAddress): address is string => typeof address === 'string'

export const familyOf = (address: IpAddress): 4 | 6 => (typeof address === 'number' ? 4 : 6)

/** IPv4 before IPv6, and both by their numbers. */
export function compareIp(a: IpAddress, b: IpAddress): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1
  const [one, two] = [ipv6Number(String(a)), ipv6Number(String(b))]
  return one < two ? -1 : one > two ? 1 : 0
}

/** Address and port as one key. */
export const endpointOf = (address: IpAddress, port: number): number | string => typeof address === 'number' ? address * 65_536 + port : `${address} ${port}` // prettier-ignore

/** Whether it is of one link alone: `fe80::/10` (RFC 4291 section 2.5.6). */
export const isLinkLocal = (address: string): boolean => /^fe[89ab]/.test(address)

/** Whether it is a group (RFC 4291 section 2.7). */
export const isMulticast = (address: string): boolean => address.startsWith('ff')

/** Whether an address lies in a prefix such as `2001:db8::/64`; false where either is none of IPv6. */
export function isInPrefix6(address: string, prefix: string): boolean {
  const [text = '', length = ''] = prefix.split('/')
  const [bytes, network] = [parseIpv6(address), parseIpv6(text)]
  if (!bytes || !network || !/^\d{1,3}$/.test(length) || Number(length) > 128) return false
  for (let bit = 0; bit < Number(length); bit++)
    if (((bytes[bit >> 3]! ^ network[bit >> 3]!) >> (7 - (bit & 7))) & 1) return false
  return true
}

/** An address of either family in any spelling; undefined where the text is none. */
export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(':')) return parseIpv4(text)
  const bytes = parseIpv6(text)
  return bytes && formatIpv6(bytes)
}

/** An IPv6 address in any spelling as RFC 5952 writes it; undefined where the text is none. */
export function plainIpv6(text: string): string | undefined {
  const bytes = parseIpv6(text)
  return bytes && formatIpv6(bytes)
}

/** What was asked last: of one address several are asked in a row. */
let lastNumber: { readonly address: string; readonly number: bigint } | undefined

/** An IPv6 address as a number, for arithmetic; the text is one. */
export function ipv6Number(address: string): bigint {
  if (lastNumber?.address === address) return lastNumber.number
  const bytes = parseIpv6(address)!
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
  const number = (view.getBigUint64(0) << 64n) | view.getBigUint64(8)
  lastNumber = { address, number }
  return number
}

export function ipv6Bytes(number: bigint): Uint8Array {
  const bytes = new Uint8Array(16)
  for (let at = 15, rest = number; at >= 0; at--, rest >>= 8n) bytes[at] = Number(rest & 255n)
  return bytes
}

export const ipv6Text = (number: bigint): string => formatIpv6(ipv6Bytes(number))

export interface Ipv6Network {
  /** As RFC 5952 writes it. */
  readonly address: string
  readonly prefixLength: number
}

/** `fd00:77::/64` as network address and prefix length; undefined where the text is none or has host bits set. */
export function parseIpv6Network(text: string): Ipv6Network | undefined {
  const [addressText = '', prefixText = '', ...rest] = text.trim().split('/')
  const address = plainIpv6(addressText)
  if (address === undefined || rest.length > 0 || !/^\d{1,3}$/.test(prefixText) || Number(prefixText) > 128)
    return undefined
  const network = { address, prefixLength: Number(prefixText) }
  return networkOf6(address, network.prefixLength).address === address ? network : undefined
}

/** The network that an address with that prefix length is in. */
export function networkOf6(address: string, prefixLength: number): Ipv6Network {
  const host = (1n << BigInt(128 - prefixLength)) - 1n
  return { address: ipv6Text(ipv6Number(address) & ~host & ((1n << 128n) - 1n)), prefixLength }
}

/** First and last address of a network. */
export function endsOf6({ address, prefixLength }: Ipv6Network): { readonly first: bigint; readonly last: bigint } {
  const first = ipv6Number(address)
  return { first, last: first + (1n << BigInt(128 - prefixLength)) - 1n }
}

export const networkText6 = ({ address, prefixLength }: Ipv6Network): string => `${address}/${prefixLength}`

/** Whether an address lies in a network of its own family; false where either text or address is none, or of the other family. */
export function isInIpNetwork(address: IpAddress, network: string): boolean {
  if (typeof address === 'string') return isInPrefix6(address, network)
  const parsed = parseIpv4Network(network)
  return parsed !== undefined && isInNetwork(address, parsed)
}

/** The hardware address in a link-local address that is made of one (RFC 4291 appendix A, RFC 2464 section 4); undefined in others. */
export function hardwareOfLinkLocal(address: string): Uint8Array | undefined {
  const bytes = isLinkLocal(address) ? parseIpv6(address) : undefined
  // Made of a hardware address that the manufacturer or an administrator gave: ff:fe in the middle.
  if (!bytes || bytes[11] !== 0xff || bytes[12] !== 0xfe || bytes.subarray(2, 8).some((octet) => octet !== 0))
    return undefined
  return Uint8Array.of(bytes[8]! ^ 2, bytes[9]!, bytes[10]!, bytes[13]!, bytes[14]!, bytes[15]!)
}
