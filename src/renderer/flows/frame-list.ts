/** The packets of a capture that a filter leaves, found a slice at a time, by their place in the list. */
import { t } from '#messages/text.ts'
import { compileFilter, type FrameTest } from '#shared/trace/filter/filter.ts'
import { FilterError, type FilterProblem } from '#shared/trace/filter/syntax.ts'
import type { Session } from '#shared/trace/session.ts'

/** Frames that a filter looks at before it lets others have their turn. */
const filterSlice = 20_000

export class FrameList {
  readonly #session: Session
  #text = ''
  #test: FrameTest | undefined
  #matches = new Uint32Array(1024)
  #matched = 0
  /** The last frame that was looked at. */
  #looked = 0
  problem: FilterProblem | undefined

  constructor(session: Session) {
    this.#session = session
  }

  /** As it was written. */
  get filter(): string {
    return this.#text
  }

  get isFiltered(): boolean {
    return this.#test !== undefined
  }

  get looked(): number {
    return this.#test ? this.#looked : this.#session.store.last
  }

  /** Sets the filter; what is wrong with it, and then the one before stays. */
  setFilter(text: string): FilterProblem | undefined {
    if (text === this.#text) return undefined
    try {
      this.#test = compileFilter(text, this.#session)
    } catch (error) {
      if (error instanceof FilterError) return error.problem
      throw error
    }
    this.#text = text
    this.problem = undefined
    this.lookAgain()
    return undefined
  }

  /** Looks at every frame anew: what a person marks may be what the filter asks for. */
  lookAgain(): void {
    this.#matched = 0
    this.#looked = this.#session.store.first - 1
  }

  /** Takes the filter off, for it fails at a frame; the same text may be set again. */
  dropFilter(error: unknown): void {
    this.setFilter('')
    const message = error instanceof Error ? error.message : String(error)
    this.problem = {
      at: 0,
      length: 0,
      message: t('flows.filter-stopped', { reason: message }),
      remedy: t('flows.every-packet-shown-set-another'),
    }
  }

  /** Looks at the next frames: whether there were any, and whether there are more. */
  look(): { readonly some: boolean; readonly more: boolean } {
    const { store } = this.#session
    const test = this.#test
    if (!test) return { some: false, more: false }
    const from = Math.max(this.#looked + 1, store.first)
    const to = Math.min(store.last, from + filterSlice - 1)
    for (let frame = from; frame <= to; frame++) {
      if (!test(frame)) continue
      if (this.#matched === this.#matches.length) {
        const grown = new Uint32Array(this.#matches.length * 2)
        grown.set(this.#matches)
        this.#matches = grown
      }
      this.#matches[this.#matched++] = frame
    }
    this.#looked = Math.max(this.#looked, to)
    return { some: to >= from, more: to < store.last }
  }

  /** The first match that is not before a frame. */
  #at(frame: number): number {
    let low = 0
    let high = this.#matched
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#matches[middle]! < frame) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Frames that are gone from the store are gone from the list. */
  get #skipped(): number {
    return this.#at(this.#session.store.first)
  }

  get length(): number {
    return this.#test ? this.#matched - this.#skipped : this.#session.store.count
  }

  frameAt(position: number): number {
    return this.#test ? this.#matches[this.#skipped + position]! : this.#session.store.first + position
  }

  /** Where a frame stands in the list, or the next one that does. */
  positionOf(frame: number): number {
    return this.#test ? this.#at(frame) - this.#skipped : Math.max(0, frame - this.#session.store.first)
  }

  /** How many of the list lie in a range of frames, both ends part of it. */
  countIn(from: number, to: number): number {
    const end = Math.min(this.length, this.positionOf(to + 1))
    return Math.max(0, end - this.positionOf(from))
  }

  /** The frames of the list in a range, both ends part of it. */
  framesIn(from: number, to: number): number[] {
    const start = this.positionOf(from)
    return Array.from({ length: this.countIn(from, to) }, (_, index) => this.frameAt(start + index))
  }

  has(frame: number): boolean {
    const position = this.positionOf(frame)
    return position < this.length && this.frameAt(position) === frame
  }

  *[Symbol.iterator](): Generator<number> {
    for (let position = 0; position < this.length; position++) yield this.frameAt(position)
  }
}
