/** So many at once, and one more each time that `refillMs` has passed. */
export class Bucket {
  readonly #most: number
  readonly #refillMs: number
  #left: number
  #at: number

  /** Full at `now`, in milliseconds. */
  constructor(most: number, refillMs: number, now: number) {
    this.#most = most
    this.#refillMs = refillMs
    this.#left = most
    this.#at = now
  }

  #fill(now: number): void {
    this.#left = Math.min(this.#most, this.#left + Math.max(0, now - this.#at) / this.#refillMs)
    this.#at = now
  }

  has(now: number): boolean {
    this.#fill(now)
    return this.#left >= 1
  }

  /** Whether there was one to take. */
  take(now: number): boolean {
    const isThere = this.has(now)
    if (isThere) this.#left--
    return isThere
  }
}
