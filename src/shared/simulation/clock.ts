/** The virtual clock: what is to happen, by time and, at the same time, in the order in which it was asked for. */
export class Clock {
  /** Milliseconds since the simulation began. */
  now = 0
  readonly #heap: { readonly at: number; readonly order: number; readonly run: () => void }[] = []
  #order = 0

  get pending(): number {
    return this.#heap.length
  }

  /** When the next thing happens; undefined where nothing will. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.at
  }

  at(time: number, run: () => void): void {
    const heap = this.#heap
    const item = { at: Math.max(time, this.now), order: this.#order++, run }
    let index = heap.push(item) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent]!
      if (above.at < item.at || (above.at === item.at && above.order < item.order)) break
      heap[index] = above
      index = parent
    }
    heap[index] = item
  }

  /** Does the next thing; false where there is none. */
  step(): boolean {
    const heap = this.#heap
    const top = heap[0]
    if (!top) return false
    const last = heap.pop()!
    if (heap.length > 0) {
      let index = 0
      for (;;) {
        let child = index * 2 + 1
        if (child >= heap.length) break
        const right = child + 1
        if (right < heap.length) {
          const a = heap[right]!
          const b = heap[child]!
          if (a.at < b.at || (a.at === b.at && a.order < b.order)) child = right
        }
        const below = heap[child]!
        if (below.at > last.at || (below.at === last.at && below.order > last.order)) break
        heap[index] = below
        index = child
      }
      heap[index] = last
    }
    this.now = top.at
    top.run()
    return true
  }
}

/** One thing that is due again and again: putting it off costs nothing, which transfers do with each block. */
export class Alarm {
  readonly #clock: Clock
  readonly #run: () => void
  #wanted = Infinity
  #scheduled = Infinity

  constructor(clock: Clock, run: () => void) {
    this.#clock = clock
    this.#run = run
  }

  set(at: number | undefined): void {
    this.#wanted = at ?? Infinity
    if (this.#wanted < this.#scheduled) this.#schedule()
  }

  #schedule(): void {
    this.#scheduled = Math.max(this.#wanted, this.#clock.now)
    const mine = this.#scheduled
    this.#clock.at(mine, () => {
      if (mine !== this.#scheduled) return
      this.#scheduled = Infinity
      if (this.#wanted === Infinity) return
      if (this.#wanted > this.#clock.now) return this.#schedule()
      this.#wanted = Infinity
      this.#run()
    })
  }
}
