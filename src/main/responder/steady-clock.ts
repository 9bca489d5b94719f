/**
 * The time leases are counted with. It follows the clock of the machine, but not its jumps: a client counts its lease in
 * seconds of its own, so a clock that is set must neither end a lease early nor hand the address to somebody else.
 */
import type { Lease } from '#shared/machines/dhcp-server/leases.ts'

/** Below this a difference is drift or a correction in small steps, and is followed. */
const jumpMs = 5000

export interface Clocks {
  /** Milliseconds since 1970, by a clock that people and time servers set. */
  readonly wall: () => number
  /** Milliseconds since some moment, by a clock that nobody sets. */
  readonly steady: () => number
}

export class SteadyClock {
  readonly #clocks: Clocks
  /** What `wall` reads when `steady` reads 0, as far as this clock believes. */
  #offset: number
  #last = -Infinity

  constructor(clocks: Clocks = { wall: Date.now, steady: () => performance.now() }) {
    this.#clocks = clocks
    this.#offset = clocks.wall() - clocks.steady()
  }

  /** Milliseconds since 1970; never goes back. */
  now(): number {
    this.#last = Math.max(this.#last, Math.round(this.#clocks.steady() + this.#offset))
    return this.#last
  }

  /**
   * To be called every few seconds. Follows small differences; returns how far the machine's clock has jumped where it has,
   * in milliseconds, and goes by the new time from then on: times that were taken before have to be moved as far.
   */
  follow(): number {
    const difference = this.#clocks.wall() - this.#clocks.steady() - this.#offset
    this.#offset += difference
    if (Math.abs(difference) < jumpMs) return 0
    this.#last = -Infinity
    return Math.round(difference)
  }
}

type Timed = Pick<Lease, 'since' | 'until'>

/** The lease after the clock has been set: it has as long left as before. */
export const movedBy = <One extends Timed>(lease: One, milliseconds: number): One => ({
  ...lease,
  since: lease.since + milliseconds,
  until: lease.until + milliseconds,
})

/**
 * A lease read from the disk: where it was given in what is now the future, the clock was set back meanwhile, and the
 * lease lasts no longer than it was given for.
 */
export const notLongerThanGiven = <One extends Timed>(lease: One, now: number): One =>
  lease.since > now && lease.until > lease.since ? movedBy(lease, now - lease.since) : lease
