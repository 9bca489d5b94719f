/**
 * Addresses of both families as one value, which compares and keys as itself: an IPv4 address as an unsigned 32-bit number, one of
 * IPv6 as the text of RFC 5952.
 */
import { formatIpv4, parseIpv6 } from './bytes.ts'

export type IpAddress = number | string

export const formatIp = (address: IpAddress): string => (typeof address === 'number' ? formatIpv4(address) : address)

/** An address in front of a port: that of IPv6 in brackets (RFC 5952 section 6). */
export const formatHost = (address: IpAddress): string => (typeof address === 'number' ? formatIpv4(address) : `[${address}]`) // prettier-ignore

export const isIpv6 = (address: IpAddress): address is string => typeof address === 'string'

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
