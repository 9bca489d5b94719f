/** What a DHCPv6 server is told: networks with their pools, options, reservations, and what it is to do. */
import type { EncodableOption6 } from '../../wire/dhcpv6/encode.ts'
import type { Ipv6Network } from '../../wire/ip-address.ts'
import type { BootConfiguration } from '../boot-answer.ts'
import type { ClientFilter } from '../client-identity.ts'
import type { ServedInterface6 } from '../machine.ts'

/** First and last address as RFC 5952 writes them, both included. */
export interface AddressRange6 {
  readonly start: string
  readonly end: string
}

export interface Reservation6 {
  readonly address: string
  readonly mac: string | undefined
  readonly uuid: string | undefined
  /** In hexadecimal digits. */
  readonly duid: string | undefined
  readonly options: readonly EncodableOption6[]
}

export interface Subnet6Configuration {
  readonly network: Ipv6Network
  readonly pools: readonly AddressRange6[]
  readonly reservations: readonly Reservation6[]
  /** DNS servers, domains and whatever else this network says, already encoded. */
  readonly options: readonly EncodableOption6[]
  /** Undefined takes the lab's. */
  readonly leaseSeconds: number | undefined
}

/**
 * `stateful` gives addresses; `stateless` answers INFORMATION-REQUESTs alone; `proxy` tells clients what to boot beside another
 * machine's DHCPv6 server, as firmware takes it; `boot-server` does so on the port of the boot server only, whither another
 * DHCPv6 server sends the client.
 */
export type Dhcp6Role = 'stateful' | 'stateless' | 'proxy' | 'boot-server'

export interface Dhcp6Ports {
  readonly dhcp6: number
  readonly bootServer: number
}

export interface Dhcp6ServerConfiguration {
  readonly role: Dhcp6Role
  readonly interfaces: readonly ServedInterface6[]
  readonly ports: Dhcp6Ports
  readonly filter: ClientFilter
  /** Our own DUID (RFC 8415 section 11): the same after each start, by which clients know us. */
  readonly duid: Uint8Array
  readonly subnets: readonly Subnet6Configuration[]
  readonly options: readonly EncodableOption6[]
  /** Valid lifetime of addresses. */
  readonly leaseSeconds: number
  /** Option 7; 0 sends none. */
  readonly preference: number
  /** How long an offer is kept for the client it was made to. */
  readonly offerSeconds: number
  /** How long an address that a client declined is left alone. */
  readonly declineSeconds: number
  /** Undefined where this server gives addresses and no boot information. */
  readonly boot: BootConfiguration | undefined
}
