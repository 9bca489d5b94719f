/** How much somebody may ask for: so much at once, and so much a second after that. */

/** Those that are remembered; the one that was quiet for longest is forgotten first. */
const mostKnown = 20_000

export class Rates {
  readonly #most: number
  readonly #perSecond: number
  readonly #now: () => number
  readonly #left = new Map<string, { amount: number; at: number }>()

  constructor(most: number, perSecond: number, now: () => number = () => performance.now()) {
    this.#most = most
    this.#perSecond = perSecond
    this.#now = now
  }

  #of(who: string): { amount: number; at: number } {
    const now = this.#now()
    const known = this.#left.get(who) ?? { amount: this.#most, at: now }
    known.amount = Math.min(this.#most, known.amount + ((now - known.at) / 1000) * this.#perSecond)
    known.at = now
    this.#left.delete(who)
    this.#left.set(who, known)
    if (this.#left.size > mostKnown) this.#left.delete(this.#left.keys().next().value!)
    return known
  }

  /** Takes an amount; 0 where it may be had, otherwise after how many seconds it may. */
  take(who: string, amount: number): number {
    const known = this.#of(who)
    if (known.amount >= amount) {
      known.amount -= amount
      return 0
    }
    return Math.ceil((amount - known.amount) / this.#perSecond)
  }

  /** Whether there is nothing left, without taking anything. */
  isSpent(who: string): boolean {
    return this.#of(who).amount < 1
  }
}
