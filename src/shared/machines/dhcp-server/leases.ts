/**
 * Who has which address. A client gets its last address again; otherwise one that was never used, in order; otherwise
 * the one that has been free for longest (RFC 2131 section 4.3.1).
 */
import { DueTimes } from '../queue.ts'
import type { AddressRange, SubnetConfiguration } from './configuration.ts'

export type LeaseState = 'offered' | 'bound' | 'released' | 'expired' | 'declined'

export interface Lease {
  readonly address: number
  /** See `leaseKeyOf`; a declined address belongs to nobody and has the empty key. */
  readonly key: string
  readonly mac: string
  readonly uuid: string | undefined
  readonly hostname: string | undefined
  readonly architecture: number | undefined
  readonly state: LeaseState
  /** When the state began and when it ends, in milliseconds since 1970; infinite for ever. */
  readonly since: number
  readonly until: number
}

/** States in which nobody else may have the address. */
const isHeld = (state: LeaseState): boolean => state === 'offered' || state === 'bound' || state === 'declined'

interface PoolState {
  readonly range: AddressRange
  /** The next address that was never given out. */
  cursor: number
}

export class LeaseTable {
  readonly #byAddress = new Map<number, Lease>()
  readonly #byKey = new Map<string, Map<SubnetConfiguration, number>>()
  readonly #due = new DueTimes<number>()
  readonly #pools = new Map<SubnetConfiguration, PoolState[]>()
  /** Addresses that were used and are free again, the longest free first. */
  readonly #freed = new Map<SubnetConfiguration, Set<number>>()
  /** Addresses that only their reservation may have, and addresses that are ours. */
  readonly #taken = new Set<number>()
  readonly #subnetOf: (address: number) => SubnetConfiguration | undefined

  constructor(
    subnets: readonly SubnetConfiguration[],
    ownAddresses: readonly number[],
    subnetOf: (address: number) => SubnetConfiguration | undefined,
  ) {
    this.#subnetOf = subnetOf
    for (const subnet of subnets) {
      this.#pools.set(
        subnet,
        subnet.pools.map((range) => ({ range, cursor: range.start })),
      )
      this.#freed.set(subnet, new Set())
      for (const reservation of subnet.reservations) this.#taken.add(reservation.address)
    }
    for (const address of ownAddresses) this.#taken.add(address)
  }

  at(address: number): Lease | undefined {
    return this.#byAddress.get(address)
  }

  all(): Lease[] {
    return [...this.#byAddress.values()]
  }

  /** What this client has or last had in that subnet. */
  of(key: string, subnet: SubnetConfiguration): Lease | undefined {
    const address = this.#byKey.get(key)?.get(subnet)
    const lease = address === undefined ? undefined : this.#byAddress.get(address)
    return lease?.key === key ? lease : undefined
  }

  /** Whether an address could be given to that client now. */
  isFreeFor(address: number, key: string): boolean {
    const lease = this.#byAddress.get(address)
    return !lease || lease.key === key || !isHeld(lease.state)
  }

  isInPool(address: number, subnet: SubnetConfiguration): boolean {
    return !this.#taken.has(address) && subnet.pools.some((range) => address >= range.start && address <= range.end)
  }

  put(lease: Lease): void {
    const subnet = this.#subnetOf(lease.address)
    this.#byAddress.set(lease.address, lease)
    if (subnet) {
      if (lease.key !== '') {
        let addresses = this.#byKey.get(lease.key)
        if (!addresses) this.#byKey.set(lease.key, (addresses = new Map()))
        addresses.set(subnet, lease.address)
      }
      const freed = this.#freed.get(subnet)
      freed?.delete(lease.address)
      if (freed && !isHeld(lease.state) && this.isInPool(lease.address, subnet)) freed.add(lease.address)
    }
    if (isHeld(lease.state) && Number.isFinite(lease.until)) this.#due.set(lease.address, lease.until)
    else this.#due.delete(lease.address)
  }

  /** A free pool address of that subnet; undefined when all are held. */
  allocate(subnet: SubnetConfiguration): number | undefined {
    for (const pool of this.#pools.get(subnet) ?? []) {
      while (pool.cursor <= pool.range.end) {
        const address = pool.cursor
        if (this.isInPool(address, subnet) && !this.#byAddress.has(address)) return address
        pool.cursor++
      }
    }
    for (const address of this.#freed.get(subnet) ?? []) return address
    return undefined
  }

  /** How many pool addresses are held, and of how many. */
  usage(subnet: SubnetConfiguration): { readonly used: number; readonly size: number } {
    let used = 0
    for (const lease of this.#byAddress.values())
      if (isHeld(lease.state) && this.isInPool(lease.address, subnet)) used++
    return { used, size: subnet.pools.reduce((sum, range) => sum + range.end - range.start + 1, 0) }
  }

  nextDue(): number | undefined {
    return this.#due.next()
  }

  /** Takes out one lease whose time is over. */
  takeDue(now: number): Lease | undefined {
    const address = this.#due.takeDue(now)
    return address === undefined ? undefined : this.#byAddress.get(address)
  }
}
