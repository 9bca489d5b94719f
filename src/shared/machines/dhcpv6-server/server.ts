/**
 * A DHCPv6 server (RFC 8415) that also boots (RFC 5970): it answers from memory and hands out, beside each reply, the leases that
 * must be durable before that reply may leave. What it tells has the shape of what its IPv4 brother tells, with addresses of IPv6.
 */
import type { BootServerEvent } from '../boot-server.ts'
import type { DhcpServerEvent } from '../dhcp-server/server.ts'
import type { Answer6, Incoming6, Machine, Timeout } from '../machine.ts'
import type { ProxyDhcpEvent } from '../proxy-dhcp.ts'
import { Queue } from '../queue.ts'
import type { Dhcp6ServerConfiguration } from './configuration.ts'
import type { Lease6, LeaseChange6 } from './leases.ts'

export type Dhcp6ServerInput = Incoming6 | Timeout

export type Dhcp6ServerEvent = DhcpServerEvent | ProxyDhcpEvent | BootServerEvent

/** A reply that gives an address must not leave before its lease is durable; everything else may. */
export interface Dhcp6Answer extends Answer6<Dhcp6ServerEvent> {
  readonly needsLease: boolean
}

export class Dhcp6Server implements Machine<Dhcp6ServerInput, Dhcp6Answer, Dhcp6ServerEvent> {
  readonly configuration: Dhcp6ServerConfiguration
  readonly #transmits = new Queue<Dhcp6Answer>()
  readonly #events = new Queue<Dhcp6ServerEvent>()
  readonly #changes = new Queue<LeaseChange6>()

  /** `leases` are those a store remembers from earlier. */
  constructor(configuration: Dhcp6ServerConfiguration, _leases: Iterable<Lease6> = []) {
    this.configuration = configuration
  }

  handle(_input: Dhcp6ServerInput, _now: number): void {}

  pollTransmit(): Dhcp6Answer | undefined {
    return this.#transmits.shift()
  }

  pollEvent(): Dhcp6ServerEvent | undefined {
    return this.#events.shift()
  }

  /** A lease that must be durable before an answer that needs it is sent. */
  pollChange(): LeaseChange6 | undefined {
    return this.#changes.shift()
  }

  /** These changes could not be stored: nobody is told of those leases, so nobody has them. */
  takeBack(_changes: readonly LeaseChange6[]): void {}

  pollTimeout(): number | undefined {
    return undefined
  }

  leases(): Lease6[] {
    return []
  }

  /** What a store that lost everything is given anew. */
  records(): Lease6[] {
    return []
  }

  /** The clock was set: every lease gets other times. */
  moveTimes(_move: (lease: Lease6) => Lease6): void {}

  /** How full the pools of each network are. */
  usage(): { readonly subnet: string; readonly used: number; readonly size: number }[] {
    return []
  }

  /** Frees an address on a person's word; the client keeps believing in its lease until it renews. */
  forget(_address: string, _now: number): boolean {
    return false
  }
}
