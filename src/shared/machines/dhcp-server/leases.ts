/**
 * Who has which address. A client gets its last address again; otherwise one that was never used, in order; otherwise
 * the one that has been free for longest (RFC 2131 section 4.3.1); the last of all are those that were declined.
 *
 * The table has two layers. Records are what a store keeps: leases, and who had an address last. Offers lie over them
 * and leave no trace when they lapse. Both are bounded: there is at most one of each for an address.
 */
import { Arrivals, DueTimes } from '../queue.ts'
import { namesItself } from '../client-identity.ts'
import type { AddressRange, SubnetConfiguration } from './configuration.ts'

/**
 * What makes two requests those of one client: its hardware address, or what it says in option 61 (`leaseKeyOf`; RFC 2131
 * section 4.2).
 */
export type IdentityRule = 'mac' | 'client-id'

/** Who asks. */
export interface Lessee {
  /** See `leaseKeyOf`. */
  readonly key: string
  readonly mac: string
  readonly rule: IdentityRule
}

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

/**
 * Whether a lease is this client's. An identifier is no proof: disks are cloned, and firmware without a UUID sends zeros
 * for it. What another hardware address holds under the same one is that machine's until it has run out.
 */
export function isLeaseOf(lease: Lease, { key, mac, rule }: Lessee): boolean {
  if (lease.key === '') return false
  if (lease.mac === mac) return rule === 'mac' || lease.key === key
  return rule === 'client-id' && lease.key === key && namesItself(key) && !isHeld(lease.state)
}

/** Which of a client's leases counts: one that is held, one under its own hardware address, the newest. */
function isBetter(a: Lease, b: Lease, { mac }: Lessee): boolean {
  const rank = (lease: Lease): number => (isHeld(lease.state) ? 2 : 0) + (lease.mac === mac ? 1 : 0)
  if (rank(a) !== rank(b)) return rank(a) > rank(b)
  // The order in which a store reads them must make no difference.
  return a.since === b.since ? a.address < b.address : a.since > b.since
}

/** Pool addresses of a subnet that nobody else may have now, by why. */
export interface PoolUsage {
  readonly leased: number
  readonly offered: number
  readonly declined: number
  readonly size: number
}

/** Leases by address, and in a subnet by the names of their clients: hardware address and identifier. */
class Layer {
  readonly byAddress = new Map<number, Lease>()
  /** A client has one lease, but for those it got under another identity. */
  readonly #byName = new Map<SubnetConfiguration | undefined, Map<string, number | readonly number[]>>()

  named(name: string, subnet: SubnetConfiguration | undefined): readonly Lease[] {
    const found = this.#byName.get(subnet)?.get(name)
    if (found === undefined) return []
    return (typeof found === 'number' ? [found] : found).map((address) => this.byAddress.get(address)!)
  }

  set(lease: Lease, subnet: SubnetConfiguration | undefined): void {
    this.delete(lease.address, subnet)
    this.byAddress.set(lease.address, lease)
    for (const name of namesOf(lease)) {
      let names = this.#byName.get(subnet)
      if (!names) this.#byName.set(subnet, (names = new Map()))
      const others = names.get(name)
      names.set(name, others === undefined ? lease.address : [others, lease.address].flat())
    }
  }

  delete(address: number, subnet: SubnetConfiguration | undefined): void {
    const old = this.byAddress.get(address)
    if (!old) return
    this.byAddress.delete(address)
    const names = this.#byName.get(subnet)
    for (const name of namesOf(old)) {
      const found = names?.get(name)
      if (found === address) names!.delete(name)
      else if (typeof found === 'object') {
        const others = found.filter((one) => one !== address)
        names!.set(name, others.length === 1 ? others[0]! : others)
      }
    }
  }

  /** How many names of clients are known, for whoever watches the memory. */
  get names(): number {
    return [...this.#byName.values()].reduce((sum, one) => sum + one.size, 0)
  }
}

/** A key that is no identifier says what the hardware address says. */
const namesOf = ({ key, mac }: Lease): readonly string[] => (key === '' ? [] : namesItself(key) ? [key, mac] : [mac])

interface SubnetState {
  readonly pools: { readonly range: AddressRange; cursor: number }[]
  /**
   * Addresses behind the cursor that no record names, because an offer of them lapsed. Those before it the cursor finds:
   * clients may ask for any of sixteen million, and each of these would stay here.
   */
  readonly vacant: Arrivals<number>
  /** Addresses that were used and are free again, the longest free first. */
  readonly freed: Arrivals<number>
  /** The longest declined first. */
  readonly declined: Arrivals<number>
  leased: number
  offered: number
}

/** Whether a cursor has gone past the address and will not come to it again. */
const isPassed = ({ pools }: SubnetState, address: number): boolean =>
  pools.some(({ range, cursor }) => address >= range.start && address < cursor)

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

  /** For the table that takes the place of this one: every record, and behind them the offers that lie over some. */
  handedOver(): Lease[] {
    return [...this.#records.byAddress.values(), ...this.#offers.byAddress.values()]
  }

  /** What has to outlast a restart: offers do not. */
  records(): Lease[] {
    return [...this.#records.byAddress.values()]
  }

  /** How many records, offers, names of clients and addresses without either the table holds. */
  get size(): {
    readonly records: number
    readonly offers: number
    readonly clients: number
    readonly vacant: number
  } {
    return {
      records: this.#records.byAddress.size,
      offers: this.#offers.byAddress.size,
      clients: this.#records.names + this.#offers.names,
      vacant: [...this.#subnets.values()].reduce((sum, { vacant }) => sum + vacant.size, 0),
    }
  }

  /** What this client is offered, has or last had in that subnet. */
  of(lessee: Lessee, subnet: SubnetConfiguration): Lease | undefined {
    return this.#best(this.#offers, lessee, subnet) ?? this.recordOf(lessee, subnet)
  }

  /** What this client has or last had; undefined too where somebody else is offered that address now. */
  recordOf(lessee: Lessee, subnet: SubnetConfiguration): Lease | undefined {
    return this.#best(this.#records, lessee, subnet)
  }

  #best(layer: Layer, lessee: Lessee, subnet: SubnetConfiguration): Lease | undefined {
    let best: Lease | undefined
    const name = lessee.rule === 'client-id' && namesItself(lessee.key) ? lessee.key : lessee.mac
    for (const lease of layer.named(name, subnet)) {
      const offer = this.#offers.byAddress.get(lease.address)
      if (!isLeaseOf(lease, lessee) || (offer && !isLeaseOf(offer, lessee))) continue
      if (!best || isBetter(lease, best, lessee)) best = lease
    }
    return best
  }

  /** Leases under that key or hardware address that are held now, offers left out. */
  heldBy(name: string, subnet: SubnetConfiguration): readonly Lease[] {
    return this.#records.named(name, subnet).filter(({ state }) => state === 'bound')
  }

  /** Whether an address could be given to that client now. */
  isFreeFor(address: number, lessee: Lessee): boolean {
    const lease = this.at(address)
    return !lease || !isHeld(lease.state) || isLeaseOf(lease, lessee)
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
    else if (after || isPassed(state, address)) this.#listOf(state, after).add(address)
  }

  #listOf(state: SubnetState, lease: Lease | undefined): Arrivals<number> {
    return lease ? (lease.state === 'declined' ? state.declined : state.freed) : state.vacant
  }
}
