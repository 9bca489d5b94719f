/** What a DHCP server is told: subnets with their pools, options at four levels, reservations, timers. */
import type { Ipv4Network } from '../../wire/bytes.ts'
import type { DhcpOption } from '../../wire/dhcp/message.ts'
import type { BootConfiguration } from '../boot-answer.ts'
import type { ClientFilter } from '../client-identity.ts'
import type { IdentityRule } from './leases.ts'
import type { ServedInterface, ServicePorts } from '../machine.ts'
import type { SeenWhereabouts } from '../whereabouts.ts'

export interface AddressRange {
  /** First and last address, both included. */
  readonly start: number
  readonly end: number
}

export interface Reservation {
  readonly address: number
  readonly mac: string | undefined
  readonly uuid: string | undefined
  /** Option 61 in hexadecimal digits, type octet first. */
  readonly clientId: string | undefined
  readonly hostname: string | undefined
  readonly options: readonly DhcpOption[]
}

export interface SubnetConfiguration {
  readonly network: Ipv4Network
  readonly pools: readonly AddressRange[]
  readonly reservations: readonly Reservation[]
  /** Router, DNS servers and whatever else this subnet says, already encoded. */
  readonly options: readonly DhcpOption[]
  /** Undefined takes the lab's. */
  readonly leaseSeconds: number | undefined
  readonly bootp?: BootpMode | undefined
  /** As those of the server, for clients of this subnet alone; they stand over those of the server. */
  readonly architectureOptions?: ReadonlyMap<number, readonly DhcpOption[]>
  readonly userClassOptions?: ReadonlyMap<string, readonly DhcpOption[]>
}

/** Where BOOTP clients get addresses from, which they keep for ever; reservations where nothing is said. */
export type BootpMode = 'off' | 'reservations' | 'pools'

export interface DhcpServerConfiguration {
  readonly interfaces: readonly ServedInterface[]
  readonly ports: ServicePorts
  readonly filter: ClientFilter
  /** By what leases know a client; reservations by hardware address hold under either. */
  readonly identity: IdentityRule
  readonly subnets: readonly SubnetConfiguration[]
  readonly options: readonly DhcpOption[]
  /** By architecture number of option 93. */
  readonly architectureOptions: ReadonlyMap<number, readonly DhcpOption[]>
  /** By user class (option 77); they stand over those by architecture. */
  readonly userClassOptions?: ReadonlyMap<string, readonly DhcpOption[]>
  readonly leaseSeconds: number
  /** Whether to say NAK to addresses that do not belong here (RFC 2131 section 4.3.2). */
  readonly authoritative: boolean
  /** How long an offer is kept for the client it was made to. */
  readonly offerSeconds: number
  /** How long an address that a client declined is left alone. */
  readonly declineSeconds: number
  /** Option 60 in every reply, as a co-hosted boot service needs; undefined sends it to PXE clients with a program only. */
  readonly vendorClass: string | undefined
  readonly bootp?: BootpMode
  /** Undefined where this server gives addresses and no boot information. */
  readonly boot: BootConfiguration | undefined
  /** Where what is seen is noted for the boot server. */
  readonly seen?: SeenWhereabouts
}
