/** Leases that a person freed, of either family: as they were, so that they can be given back. */
import { isHeld, type LeaseState } from './dhcp-server/leases.ts'

/** Of more than these the oldest are dropped. */
const mostFreed = 1000

/**
 * Whether a lease is back, or why not: nothing is known of one, another machine has the address, the machine has another
 * address, its time is over.
 */
export type LeaseRestoration = 'restored' | 'unknown' | 'taken' | 'moved' | 'ended'

interface AnyLease<Address> {
  readonly address: Address
  readonly state: LeaseState
  readonly since: number
  readonly until: number
}

/** What a server knows of its leases, and how it keeps one. */
export interface LeasesAt<Address, Lease> {
  dropOffer(address: Address): void
  at(address: Address): Lease | undefined
  record(lease: Lease): void
  /** Whether both are of one client. */
  isSameClient(a: Lease, b: Lease): boolean
  /** Whether the client of a lease holds another address of its network. */
  hasMoved(lease: Lease): boolean
}

export class FreedLeases<Address, Lease extends AnyLease<Address>> {
  readonly #byAddress = new Map<Address, Lease>()

  /** Frees an address; the client keeps believing in its lease until it renews. False where nothing is known of it. */
  forget(address: Address, now: number, leases: LeasesAt<Address, Lease>): boolean {
    leases.dropOffer(address)
    const lease = leases.at(address)
    if (!lease) return false
    this.#byAddress.delete(address)
    if (isHeld(lease.state)) this.#byAddress.set(address, lease)
    if (this.#byAddress.size > mostFreed) this.#byAddress.delete(this.#byAddress.keys().next().value!)
    leases.record({ ...lease, state: 'released', since: now, until: now })
    return true
  }

  /** Gives back what `forget` took, as it was: unless the address or the client has found another, or the lease has ended. */
  restore(address: Address, now: number, leases: LeasesAt<Address, Lease>): LeaseRestoration {
    const lease = this.#byAddress.get(address)
    if (!lease) return 'unknown'
    const current = leases.at(address)
    if (current && isHeld(current.state))
      return leases.isSameClient(current, lease) && current.state === 'bound' ? 'restored' : 'taken'
    if (lease.until <= now) return 'ended'
    if (lease.state === 'bound' && leases.hasMoved(lease)) return 'moved'
    this.#byAddress.delete(address)
    leases.record(lease)
    return 'restored'
  }

  /** The clock was set. */
  moveTimes(move: (lease: Lease) => Lease): void {
    for (const [address, lease] of this.#byAddress) this.#byAddress.set(address, move(lease))
  }
}
