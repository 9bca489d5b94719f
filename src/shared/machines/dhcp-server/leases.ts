/**
 * Who has which address. A client gets its last address again; otherwise one that was never used, in order; otherwise
 * the one that has been free for longest (RFC 2131 section 4.3.1); the last of all are those that were declined.
 *
 * The table has two layers. Records are what a store keeps: leases, and who had an address last. Offers lie over them
 * and leave no trace when they lapse. Both are bounded: there is at most one of each for an address.
 */
import { Arrivals, DueTimes } from '../queue.ts'
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

/** Offers that wait for their REQUEST; of more than these the oldest are dropped, and their clients ask again. */
export const mostOffers = 16_384
/**
 * Records of all subnets together, live leases and remembered ones. At the bound nothing that was never used is given
 * out any more: the address that has been free for longest is taken from the client that is remembered with it.
 */
export const mostLeases = 131_072

/** States in which nobody else may have the address. */
export const isHeld = (state: LeaseState): boolean => state === 'offered' || state === 'bound' || state === 'declined'

/** Pool addresses of a subnet that nobody else may have now, by why. */
export interface PoolUsage {
  readonly leased: number
  readonly offered: number
  readonly declined: number
  readonly size: number
}

/** Leases by address and by client; a client has one in a subnet. */
class Layer {
  readonly byAddress = new Map<number, Lease>()
  readonly #byKey = new Map<SubnetConfiguration | undefined, Map<string, number>>()

  of(key: string, subnet: SubnetConfiguration | undefined): Lease | undefined {
    const address = this.#byKey.get(subnet)?.get(key)
    return address === undefined ? undefined : this.byAddress.get(address)
  }

  set(lease: Lease, subnet: SubnetConfiguration | undefined): void {
    this.delete(lease.address, subnet)
    this.byAddress.set(lease.address, lease)
    if (lease.key === '') return
    let addresses = this.#byKey.get(subnet)
    if (!addresses) this.#byKey.set(subnet, (addresses = new Map()))
    addresses.set(lease.key, lease.address)
  }

  delete(address: number, subnet: SubnetConfiguration | undefined): void {
    const old = this.byAddress.get(address)
    if (!old) return
    this.byAddress.delete(address)
    const addresses = this.#byKey.get(subnet)
    if (addresses?.get(old.key) === address) addresses.delete(old.key)
  }

  /** How many clients are known, for whoever watches the memory. */
  get keys(): number {
    return [...this.#byKey.values()].reduce((sum, one) => sum + one.size, 0)
  }
}

interface SubnetState {
  readonly pools: { readonly range: AddressRange; cursor: number }[]
  /** Addresses behind the cursor that no record names, because an offer of them lapsed. */
  readonly vacant: Arrivals<number>
  /** Addresses that were used and are free again, the longest free first. */
  readonly freed: Arrivals<number>
  /** The longest declined first. */
  readonly declined: Arrivals<number>
  leased: number
  offered: number
}

export class LeaseTable {
  readonly #records = new Layer()
  readonly #offers = new Layer()
  /** Addresses of offers, the oldest first. */
  readonly #offered = new Arrivals<number>()
  readonly #due = new DueTimes<number>()
  readonly #subnets = new Map<SubnetConfiguration, SubnetState>()
  /** Addresses that only their reservation may have, and addresses that are ours. */
  readonly #taken = new Set<number>()
  readonly #subnetOf: (address: number) => SubnetConfiguration | undefined
  readonly #mostLeases: number
  readonly #mostOffers: number

  constructor(
    subnets: readonly SubnetConfiguration[],
    ownAddresses: readonly number[],
    subnetOf: (address: number) => SubnetConfiguration | undefined,
    limits: { readonly leases: number; readonly offers: number } = { leases: mostLeases, offers: mostOffers },
  ) {
    this.#subnetOf = subnetOf
    this.#mostLeases = limits.leases
    this.#mostOffers = limits.offers
    for (const subnet of subnets) {
      this.#subnets.set(subnet, {
        pools: subnet.pools.map((range) => ({ range, cursor: range.start })),
        vacant: new Arrivals(),
        freed: new Arrivals(),
        declined: new Arrivals(),
        leased: 0,
        offered: 0,
      })
      for (const reservation of subnet.reservations) this.#taken.add(reservation.address)
    }
    for (const address of ownAddresses) this.#taken.add(address)
  }

  /** What counts now: an offer before the record that lies under it. */
  at(address: number): Lease | undefined {
    return this.#offers.byAddress.get(address) ?? this.#records.byAddress.get(address)
  }

  recordAt(address: number): Lease | undefined {
    return this.#records.byAddress.get(address)
  }

  all(): Lease[] {
    const { byAddress } = this.#offers
    return [
      ...[...this.#records.byAddress.values()].filter((one) => !byAddress.has(one.address)),
      ...byAddress.values(),
    ]
  }

  /** How many records, offers and clients the table holds. */
  get size(): { readonly records: number; readonly offers: number; readonly clients: number } {
    return {
      records: this.#records.byAddress.size,
      offers: this.#offers.byAddress.size,
      clients: this.#records.keys + this.#offers.keys,
    }
  }

  /** What this client is offered, has or last had in that subnet. */
  of(key: string, subnet: SubnetConfiguration): Lease | undefined {
    return this.#offers.of(key, subnet) ?? this.recordOf(key, subnet)
  }

  /** What this client has or last had; undefined too where somebody else is offered that address now. */
  recordOf(key: string, subnet: SubnetConfiguration): Lease | undefined {
    const record = this.#records.of(key, subnet)
    const offer = record && this.#offers.byAddress.get(record.address)
    return offer && offer.key !== key ? undefined : record
  }

  /** Whether an address could be given to that client now. */
  isFreeFor(address: number, key: string): boolean {
    const lease = this.at(address)
    return !lease || lease.key === key || !isHeld(lease.state)
  }

  /** Whether the table has room for a record of that address. */
  hasRoomFor(address: number): boolean {
    return this.#records.byAddress.has(address) || this.#records.byAddress.size < this.#mostLeases
  }

  isInPool(address: number, subnet: SubnetConfiguration): boolean {
    return !this.#taken.has(address) && subnet.pools.some((range) => address >= range.start && address <= range.end)
  }

  /** An offer lies over what is known of the address; everything else takes its place. */
  put(lease: Lease): void {
    this.#change(lease.address, (subnet) => {
      if (lease.state === 'offered') {
        this.#offers.set(lease, subnet)
      } else {
        this.#offers.delete(lease.address, subnet)
        this.#records.set(lease, subnet)
      }
    })
    if (this.#offered.size > this.#mostOffers) this.dropOffer(this.#offered.first()!)
  }

  dropOffer(address: number): void {
    this.#change(address, (subnet) => this.#offers.delete(address, subnet))
  }

  /** Goes back to what was recorded before; undefined where nothing was. */
  restore(address: number, before: Lease | undefined): void {
    this.#change(address, (subnet) => {
      if (before) this.#records.set(before, subnet)
      else this.#records.delete(address, subnet)
    })
  }

  /** A free pool address of that subnet, never a declined one; undefined when all are held. */
  allocate(subnet: SubnetConfiguration): number | undefined {
    const state = this.#subnets.get(subnet)
    if (!state) return undefined
    if (this.#records.byAddress.size < this.#mostLeases) {
      const vacant = state.vacant.first()
      if (vacant !== undefined) return vacant
      for (const pool of state.pools) {
        while (pool.cursor <= pool.range.end) {
          const address = pool.cursor
          if (this.isInPool(address, subnet) && !this.at(address)) return address
          pool.cursor++
        }
      }
    }
    return state.freed.first()
  }

  /** The address that has been declined for longest, by somebody else than this client. */
  longestDeclined(subnet: SubnetConfiguration, mac: string): number | undefined {
    for (const address of this.#subnets.get(subnet)?.declined ?? []) if (this.at(address)?.mac !== mac) return address
    return undefined
  }

  usage(subnet: SubnetConfiguration): PoolUsage {
    const state = this.#subnets.get(subnet)
    return {
      leased: state?.leased ?? 0,
      offered: state?.offered ?? 0,
      declined: state?.declined.size ?? 0,
      size: subnet.pools.reduce((sum, range) => sum + range.end - range.start + 1, 0),
    }
  }

  /** Whether the bound on records, rather than the pool, keeps new addresses from being given out. */
  get isFull(): boolean {
    return this.#records.byAddress.size >= this.#mostLeases
  }

  nextDue(): number | undefined {
    return this.#due.next()
  }

  /** Takes out one lease whose time is over. */
  takeDue(now: number): Lease | undefined {
    const address = this.#due.takeDue(now)
    return address === undefined ? undefined : this.at(address)
  }

  /** Whatever follows from what is known of an address follows here. */
  #change(address: number, change: (subnet: SubnetConfiguration | undefined) => void): void {
    const subnet = this.#subnetOf(address)
    const before = this.at(address)
    change(subnet)
    const after = this.at(address)
    if (after?.state === 'offered') this.#offered.add(address)
    else this.#offered.delete(address)
    if (after && isHeld(after.state) && Number.isFinite(after.until)) this.#due.set(address, after.until)
    else this.#due.delete(address)
    const state = subnet && this.#subnets.get(subnet)
    if (!state || !this.isInPool(address, subnet)) return
    if (before?.state === 'bound') state.leased--
    else if (before?.state === 'offered') state.offered--
    else this.#listOf(state, before).delete(address)
    if (after?.state === 'bound') state.leased++
    else if (after?.state === 'offered') state.offered++
    else this.#listOf(state, after).add(address)
  }

  #listOf(state: SubnetState, lease: Lease | undefined): Arrivals<number> {
    return lease ? (lease.state === 'declined' ? state.declined : state.freed) : state.vacant
  }
}
