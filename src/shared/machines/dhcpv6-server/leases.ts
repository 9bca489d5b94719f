/** Who has which IPv6 address. */
import type { LeaseState } from '../dhcp-server/leases.ts'

/** An address of one identity association: what a client tells apart by its IAID (RFC 8415 section 12). */
export interface Lease6 {
  /** As RFC 5952 writes it. */
  readonly address: string
  /** The client's DUID in hexadecimal digits; empty for a declined address, which belongs to nobody. */
  readonly duid: string
  readonly iaid: number
  /** Its hardware address where a message told it, else its DUID; see `identity6Of`. */
  readonly mac: string
  readonly uuid: string | undefined
  readonly hostname: string | undefined
  readonly architecture: number | undefined
  readonly state: LeaseState
  /** When the state began and when it ends, in milliseconds since 1970; infinite for ever. */
  readonly since: number
  readonly until: number
}

/** A lease to be stored, and what the table goes back to where it cannot be; see `LeaseChange`. */
export interface LeaseChange6 {
  readonly lease: Lease6
  readonly undo?: { readonly before: Lease6 | undefined }
}
