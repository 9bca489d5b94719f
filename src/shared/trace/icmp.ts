/** What an ICMP error says of the packet that it quotes (RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1; RFC 4443). */
import type { IpAddress } from '../wire/ip-address.ts'

/** `closed`: nobody listens. `refused`: a firewall says no. `too-large`: the path carries no packet of this size. */
export type IcmpError = 'closed' | 'refused' | 'too-large' | 'unreachable'

export interface Refusal {
  readonly frame: number
  readonly type: number
  readonly code: number
  /** Who says so. */
  readonly source: IpAddress
  readonly error: IcmpError
  /** Whether the packet that did not arrive was the client's. */
  readonly isOfClient: boolean
}

const prohibited: ReadonlySet<number> = new Set([9, 10, 13])

/** Of ICMPv6 every message that quotes a packet reports an error (RFC 4443 section 2.1). */
export function icmp6ErrorOf(type: number, code: number): IcmpError {
  if (type === 2) return 'too-large'
  if (type !== 1) return 'unreachable'
  if (code === 4) return 'closed'
  return code === 1 || code === 5 || code === 6 ? 'refused' : 'unreachable'
}

/** Undefined for messages that report no error. */
export function icmpErrorOf(type: number, code: number): IcmpError | undefined {
  if (type === 11 || type === 12) return 'unreachable'
  if (type !== 3) return undefined
  if (code === 2 || code === 3) return 'closed'
  if (code === 4) return 'too-large'
  return prohibited.has(code) ? 'refused' : 'unreachable'
}
