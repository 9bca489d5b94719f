/**
 * The lease store for as long as the lab runs. Where its files are deleted or their disk goes, nothing is acknowledged
 * into them: this process still knows every lease, and writes all of them into a new database on the same disk, or into
 * the one that somebody has put back.
 */
import { LeasesGone } from './lease-place.ts'
import type { LeaseStore, StoredLease } from './lease-store.ts'

export interface LeaseKeeperOptions {
  readonly store: LeaseStore
  /** Opens a store in the same place; throws as `LeaseStore.open` does. */
  readonly reopen: () => LeaseStore
  /** Every lease that has been acknowledged. */
  readonly all: () => readonly StoredLease[]
  /** All of them, `count`, are stored anew. */
  readonly onRefilled: (count: number) => void
  /** Milliseconds by a clock that nobody sets. */
  readonly now?: () => number
}

/** To open takes a while where another lab has the folder by now, and clients wait for it. */
const [firstPauseMs, longestPauseMs] = [1000, 30_000]

export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions
  readonly #now: () => number
  #store: LeaseStore | undefined
  /** Why there is no store at the moment, and when one is looked for again. */
  #gone: { readonly error: unknown; readonly triedAt: number; readonly pauseMs: number } | undefined

  constructor(options: LeaseKeeperOptions) {
    this.#options = options
    this.#store = options.store
    this.#now = options.now ?? (() => performance.now())
  }

  /** Durable on return, in files that are in their place; throws why not. */
  commit(leases: readonly StoredLease[]): void {
    try {
      if (this.#store) return this.#store.commit(leases)
    } catch (error) {
      if (!(error instanceof LeasesGone)) throw error
      // It may have been put back by the next time, as it is with a disk that is mounted again.
      if (!this.#store?.canBeReplaced) throw error
    }
    this.#refill(leases)
  }

  close(): void {
    this.#store?.close()
    this.#store = undefined
  }

  #refill(leases: readonly StoredLease[]): void {
    const before = this.#gone
    if (before && this.#now() - before.triedAt < before.pauseMs) throw before.error
    this.close()
    let store: LeaseStore | undefined
    try {
      store = this.#options.reopen()
      const all = this.#options.all()
      store.commit([...all, ...leases])
      this.#store = store
      this.#gone = undefined
      this.#options.onRefilled(all.length)
    } catch (error) {
      store?.close()
      const pauseMs = Math.min(before ? before.pauseMs * 2 : firstPauseMs, longestPauseMs)
      this.#gone = { error, triedAt: this.#now(), pauseMs }
      throw error
    }
  }
}
