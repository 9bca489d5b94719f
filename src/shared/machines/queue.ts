/** A first-in, first-out queue whose `shift` does not move what stays. */
export class Queue<T> {
  #items: (T | undefined)[] = []
  #head = 0

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head++] = undefined
    if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
    }
    return item
  }
}

/**
 * Keys in the order in which they came. The first is found at once, however many before it have gone: in a `Set` that is
 * used so, each search passes over all that were deleted.
 */
export class Arrivals<Key> {
  readonly #turns = new Map<Key, number>()
  #line: { readonly key: Key; readonly turn: number }[] = []
  #head = 0
  #turn = 0

  get size(): number {
    return this.#turns.size
  }

  /** Puts a key last; one that is there already loses its place. */
  add(key: Key): void {
    this.#turns.set(key, ++this.#turn)
    this.#line.push({ key, turn: this.#turn })
    if (this.#line.length > 2 * this.#turns.size + 64) this.#closeUp()
  }

  delete(key: Key): void {
    this.#turns.delete(key)
  }

  first(): Key | undefined {
    for (; this.#head < this.#line.length; this.#head++) {
      const { key, turn } = this.#line[this.#head]!
      if (this.#turns.get(key) === turn) return key
    }
    return undefined
  }

  *[Symbol.iterator](): Generator<Key> {
    for (let index = this.#head; index < this.#line.length; index++) {
      const { key, turn } = this.#line[index]!
      if (this.#turns.get(key) === turn) yield key
    }
  }

  #closeUp(): void {
    this.#line = this.#line.slice(this.#head).filter(({ key, turn }) => this.#turns.get(key) === turn)
    this.#head = 0
  }
}

/** Keys by the time they are due, the earliest first; a key set again keeps only its newest time. */
export class DueTimes<Key> {
  readonly #due = new Map<Key, number>()
  #heap: { readonly key: Key; readonly at: number }[] = []

  set(key: Key, at: number): void {
    this.#due.set(key, at)
    // Renewed keys leave their old times behind; without this the heap of a busy server would only grow.
    if (this.#heap.length > 2 * this.#due.size + 64) this.#rebuild()
    else this.#insert(key, at)
  }

  #rebuild(): void {
    this.#heap = [...this.#due].map(([key, at]) => ({ key, at })).sort((a, b) => a.at - b.at)
  }

  #insert(key: Key, at: number): void {
    let index = this.#heap.push({ key, at }) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (this.#heap[parent]!.at <= at) break
      this.#swap(index, parent)
      index = parent
    }
  }

  delete(key: Key): void {
    this.#due.delete(key)
  }

  /** The earliest time, or undefined where nothing is due. */
  next(): number | undefined {
    this.#dropStale()
    return this.#heap[0]?.at
  }

  /** Takes out one key that is due at `now` or before. */
  takeDue(now: number): Key | undefined {
    this.#dropStale()
    const top = this.#heap[0]
    if (!top || top.at > now) return undefined
    this.#due.delete(top.key)
    this.#pop()
    return top.key
  }

  #dropStale(): void {
    while (this.#heap.length > 0 && this.#due.get(this.#heap[0]!.key) !== this.#heap[0]!.at) this.#pop()
  }

  #swap(a: number, b: number): void {
    const item = this.#heap[a]!
    this.#heap[a] = this.#heap[b]!
    this.#heap[b] = item
  }

  #pop(): void {
    const last = this.#heap.pop()!
    if (this.#heap.length === 0) return
    this.#heap[0] = last
    for (let index = 0; ;) {
      const left = index * 2 + 1
      const right = left + 1
      let least = index
      if (left < this.#heap.length && this.#heap[left]!.at < this.#heap[least]!.at) least = left
      if (right < this.#heap.length && this.#heap[right]!.at < this.#heap[least]!.at) least = right
      if (least === index) return
      this.#swap(index, least)
      index = least
    }
  }
}
