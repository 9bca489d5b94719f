/**
 * Router advertisements (RFC 4861 section 6.2) for a wire that has no router: what machines need to learn their prefix, and that
 * addresses or the rest are to be had by DHCPv6. It forwards nothing, and says so by a router lifetime of 0 unless it is told.
 */
import type { IncomingIcmp6, Machine, OutgoingIcmp6, Timeout } from './machine.ts'
import { Queue } from './queue.ts'
import type { Ipv6Network } from '../wire/ip-address.ts'
import type { RouterAdvertisement } from '../wire/icmpv6.ts'

export interface AdvertisedPrefix {
  readonly network: Ipv6Network
  /** Flag A: machines make addresses of it by themselves. */
  readonly isAutonomous: boolean
  readonly validSeconds: number
  readonly preferredSeconds: number
}

export interface AdvertisingInterface {
  readonly name: string
  readonly linkLocal: string
  readonly mac: string | undefined
  readonly mtu: number
  readonly prefixes: readonly AdvertisedPrefix[]
  /** DNS servers (RFC 8106 section 5.1). */
  readonly dns: readonly string[]
}

export interface RouterAdvertiserConfiguration {
  readonly interfaces: readonly AdvertisingInterface[]
  /** Flag M: addresses by DHCPv6. */
  readonly isManaged: boolean
  /** Flag O: the rest by DHCPv6. */
  readonly hasOther: boolean
  /** 0: no default router. */
  readonly routerLifetimeSeconds: number
  /** Most seconds between two advertisements to everyone. */
  readonly intervalSeconds: number
}

export type RouterAdvertiserInput = IncomingIcmp6 | Timeout

export type RouterAdvertiserEvent =
  | {
      readonly type: 'router-advertised'
      readonly interface: string
      /** ff02::1 for everyone, or who asked. */
      readonly to: string
    }
  /** Told once for each router and what it says. */
  | {
      readonly type: 'other-router'
      readonly interface: string
      readonly address: string
      readonly advertisement: RouterAdvertisement
    }

export class RouterAdvertiser implements Machine<RouterAdvertiserInput, OutgoingIcmp6, RouterAdvertiserEvent> {
  readonly configuration: RouterAdvertiserConfiguration
  readonly #transmits = new Queue<OutgoingIcmp6>()
  readonly #events = new Queue<RouterAdvertiserEvent>()

  constructor(configuration: RouterAdvertiserConfiguration) {
    this.configuration = configuration
  }

  handle(_input: RouterAdvertiserInput, _now: number): void {}

  /** Says goodbye on every interface (RFC 4861 section 6.2.5); poll for what is to be sent. */
  cease(): void {}

  pollTransmit(): OutgoingIcmp6 | undefined {
    return this.#transmits.shift()
  }

  pollEvent(): RouterAdvertiserEvent | undefined {
    return this.#events.shift()
  }

  pollTimeout(): number | undefined {
    return undefined
  }
}
