/**
 * What clients declined (RFC 2131 section 4.3.3). An address is left alone for longer each time it is declined, and a
 * client that declines one address after the other is counted: it is wrong about them, or means to empty the pool.
 */
import type { IpAddress } from '../../wire/ip-address.ts'

const firstQuarantineSeconds = 60
const countedForMs = 3_600_000
/** A client that declined more than these within the hour is not believed any more. */
const believedDeclines = 8
/** Addresses and clients that are counted; the one that was quiet for longest is forgotten first. */
const mostCounted = 4096

interface Count {
  readonly count: number
  readonly since: number
}

/** Puts a key last in its map, and keeps the map within its bound. */
function remember<Key>(counts: Map<Key, Count>, key: Key, now: number): number {
  const before = counts.get(key)
  const isOld = !before || now - before.since > countedForMs
  const next = isOld ? { count: 1, since: now } : { ...before, count: before.count + 1 }
  counts.delete(key)
  counts.set(key, next)
  if (counts.size > mostCounted) counts.delete(counts.keys().next().value!)
  return next.count
}

export class Declines {
  readonly #longestSeconds: number
  readonly #byAddress = new Map<IpAddress, number>()
  readonly #byClient = new Map<string, Count>()

  constructor(longestSeconds: number) {
    this.#longestSeconds = longestSeconds
  }

  /** How many addresses that client declined within the hour, and for how long this one is left alone: 0 where not at all. */
  add(mac: string, address: IpAddress, now: number): { readonly declines: number; readonly quarantineSeconds: number } {
    const declines = remember(this.#byClient, mac, now)
    if (declines > believedDeclines) return { declines, quarantineSeconds: 0 }
    const times = (this.#byAddress.get(address) ?? 0) + 1
    this.#byAddress.delete(address)
    this.#byAddress.set(address, times)
    if (this.#byAddress.size > mostCounted) this.#byAddress.delete(this.#byAddress.keys().next().value!)
    // 2^6 minutes are more than the hour that is the longest by default; the exponent stays small all the same.
    const seconds = firstQuarantineSeconds * 2 ** Math.min(times - 1, 16)
    return { declines, quarantineSeconds: Math.min(seconds, this.#longestSeconds) }
  }

  /** Somebody used the address to the end of a lease: nobody else has it. */
  used(address: IpAddress): void {
    this.#byAddress.delete(address)
  }
}
