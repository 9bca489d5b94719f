/**
 * Who has which IPv6 address. An identity association of a client gets its last address again; otherwise one that was never used, in
 * order; otherwise the one that has been free for longest. As with IPv4 there are records, which a store keeps, and offers over
 * them, which leave no trace when they lapse; both are bounded, however large the network is.
 */
import { ipv6Number, ipv6Text } from '../../wire/ip-address.ts'
import { isHeld, mostLeases, mostOffers, type LeaseState, type PoolUsage } from '../dhcp-server/leases.ts'
import { Arrivals, DueTimes } from '../queue.ts'
import type { Subnet6Configuration } from './configuration.ts'

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

/** An identity association of a client. */
export interface Association {
  readonly duid: string
  readonly iaid: number
}

export const isOf = (lease: Lease6, { duid, iaid }: Association): boolean =>
  lease.duid !== '' && lease.duid === duid && lease.iaid === iaid

const nameOf = ({ duid, iaid }: Association): string => `${duid}/${iaid}`

/** Leases by address, and by identity association within a network. */
class Layer {
  readonly byAddress = new Map<string, Lease6>()
  readonly #byName = new Map<Subnet6Configuration | undefined, Map<string, string>>()

  named(association: Association, subnet: Subnet6Configuration): Lease6 | undefined {
    const address = this.#byName.get(subnet)?.get(nameOf(association))
    return address === undefined ? undefined : this.byAddress.get(address)
  }

  set(lease: Lease6, subnet: Subnet6Configuration | undefined): void {
    this.delete(lease.address, subnet)
    this.byAddress.set(lease.address, lease)
    if (lease.duid === '') return
    let names = this.#byName.get(subnet)
    if (!names) this.#byName.set(subnet, (names = new Map()))
    names.set(nameOf(lease), lease.address)
  }

  delete(address: string, subnet: Subnet6Configuration | undefined): void {
    const old = this.byAddress.get(address)
    if (!old) return
    this.byAddress.delete(address)
    const names = this.#byName.get(subnet)
    // It may have another address by now.
    if (names?.get(nameOf(old)) === address) names.delete(nameOf(old))
  }

  get names(): number {
    return [...this.#byName.values()].reduce((sum, one) => sum + one.size, 0)
  }
}

interface Pool {
  readonly start: bigint
  readonly end: bigint
  /** The next that was never given, however often clients asked for others. */
  cursor: bigint
}

interface SubnetState {
  readonly pools: Pool[]
  /** Behind the cursor and named by no record, because an offer lapsed. */
  readonly vacant: Arrivals<string>
  readonly freed: Arrivals<string>
  readonly declined: Arrivals<string>
  leased: number
  offered: number
}

export class LeaseTable6 {
  readonly #records = new Layer()
  readonly #offers = new Layer()
  readonly #offered = new Arrivals<string>()
  readonly #due = new DueTimes<string>()
  readonly #subnets = new Map<Subnet6Configuration, SubnetState>()
  /** Addresses that only their reservation may have, and addresses that are ours. */
  readonly #taken = new Set<string>()
  readonly #subnetOf: (address: string) => Subnet6Configuration | undefined
  readonly #mostLeases: number
  readonly #mostOffers: number

  constructor(
    subnets: readonly Subnet6Configuration[],
    ownAddresses: readonly string[],
    subnetOf: (address: string) => Subnet6Configuration | undefined,
    limits: { readonly leases: number; readonly offers: number } = { leases: mostLeases, offers: mostOffers },
  ) {
    this.#subnetOf = subnetOf
    this.#mostLeases = limits.leases
    this.#mostOffers = limits.offers
    for (const subnet of subnets) {
      const pools = subnet.pools.map(({ start, end }) => ({ start: ipv6Number(start), end: ipv6Number(end) }))
      this.#subnets.set(subnet, {
        pools: pools.map((pool) => ({ ...pool, cursor: pool.start })),
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
  at(address: string): Lease6 | undefined {
    return this.#offers.byAddress.get(address) ?? this.#records.byAddress.get(address)
  }

  recordAt(address: string): Lease6 | undefined {
    return this.#records.byAddress.get(address)
  }

  all(): Lease6[] {
    const { byAddress } = this.#offers
    const records = [...this.#records.byAddress.values()]
    return [...records.filter((one) => !byAddress.has(one.address)), ...byAddress.values()]
  }

  /** For the table that takes the place of this one: every record, and behind them the offers that lie over some. */
  handedOver(): Lease6[] {
    return [...this.#records.byAddress.values(), ...this.#offers.byAddress.values()]
  }

  /** What has to outlast a restart: offers do not. */
  records(): Lease6[] {
    return [...this.#records.byAddress.values()]
  }

  /** How much the table holds, for whoever watches the memory. */
  get size(): { readonly records: number; readonly offers: number; readonly clients: number; readonly vacant: number } {
    return {
      records: this.#records.byAddress.size,
      offers: this.#offers.byAddress.size,
      clients: this.#records.names + this.#offers.names,
      vacant: [...this.#subnets.values()].reduce((sum, { vacant }) => sum + vacant.size, 0),
    }
  }

  /** What this association is offered, has or last had in that network, unless somebody else is offered it now. */
  of(association: Association, subnet: Subnet6Configuration): Lease6 | undefined {
    const offer = this.#offers.named(association, subnet)
    if (offer) return offer
    const record = this.#records.named(association, subnet)
    const over = record && this.#offers.byAddress.get(record.address)
    return over && !isOf(over, association) ? undefined : record
  }

  /** Whether an address could be given to that association now. */
  isFreeFor(address: string, association: Association): boolean {
    const lease = this.at(address)
    return !lease || !isHeld(lease.state) || isOf(lease, association)
  }

  hasRoomFor(address: string): boolean {
    return this.#records.byAddress.has(address) || this.#records.byAddress.size < this.#mostLeases
  }

  isInPool(address: string, subnet: Subnet6Configuration): boolean {
    const number = ipv6Number(address)
    const pools = this.#subnets.get(subnet)?.pools ?? []
    return !this.#taken.has(address) && pools.some(({ start, end }) => number >= start && number <= end)
  }

  /** An offer lies over what is known of the address; everything else takes its place. */
  put(lease: Lease6): void {
    this.#change(lease.address, (subnet) => {
      if (lease.state === 'offered') this.#offers.set(lease, subnet)
      else {
        this.#offers.delete(lease.address, subnet)
        this.#records.set(lease, subnet)
      }
    })
    if (this.#offered.size > this.#mostOffers) this.dropOffer(this.#offered.first()!)
  }

  dropOffer(address: string): void {
    this.#change(address, (subnet) => this.#offers.delete(address, subnet))
  }

  /** Goes back to what was recorded before; undefined where nothing was. */
  restore(address: string, before: Lease6 | undefined): void {
    this.#change(address, (subnet) => {
      if (before) this.#records.set(before, subnet)
      else this.#records.delete(address, subnet)
    })
  }

  /** A free pool address of that network, never a declined one; undefined when all are held. */
  allocate(subnet: Subnet6Configuration): string | undefined {
    const state = this.#subnets.get(subnet)
    if (!state) return undefined
    if (!this.isFull) {
      const vacant = state.vacant.first()
      if (vacant !== undefined) return vacant
      for (const pool of state.pools)
        for (; pool.cursor <= pool.end; pool.cursor++) {
          const address = ipv6Text(pool.cursor)
          if (!this.#taken.has(address) && !this.at(address)) return address
        }
    }
    return state.freed.first()
  }

  /** The address that has been declined for longest, by somebody else than this client. */
  longestDeclined(subnet: Subnet6Configuration, mac: string): string | undefined {
    for (const address of this.#subnets.get(subnet)?.declined ?? []) if (this.at(address)?.mac !== mac) return address
    return undefined
  }

  usage(subnet: Subnet6Configuration): PoolUsage {
    const state = this.#subnets.get(subnet)
    const size = (state?.pools ?? []).reduce((sum, { start, end }) => sum + end - start + 1n, 0n)
    return {
      leased: state?.leased ?? 0,
      offered: state?.offered ?? 0,
      declined: state?.declined.size ?? 0,
      size: Number(size),
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
  takeDue(now: number): Lease6 | undefined {
    const address = this.#due.takeDue(now)
    return address === undefined ? undefined : this.at(address)
  }

  /** Whatever follows from what is known of an address follows here. */
  #change(address: string, change: (subnet: Subnet6Configuration | undefined) => void): void {
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

  #listOf(state: SubnetState, lease: Lease6 | undefined): Arrivals<string> {
    return lease ? (lease.state === 'declined' ? state.declined : state.freed) : state.vacant
  }
}

/** Whether a cursor has gone past the address and will not come to it again. */
function isPassed({ pools }: SubnetState, address: string): boolean {
  const number = ipv6Number(address)
  return pools.some(({ start, cursor }) => number >= start && number < cursor)
}
