/** A capture as the engine holds it: its packets, what they are part of, and what was said of them. */
import type { Phrase } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { explainAttempt } from '#shared/diagnosis/explain/explain.ts'
import { named } from '#shared/diagnosis/explain/named.ts'
import type { Explanation } from '#shared/diagnosis/explain/explanation.ts'
import type { Attempt } from '#shared/trace/events.ts'
import { Session } from '#shared/trace/session.ts'
import { compileFilter, type FrameTest } from '#shared/trace/filter/filter.ts'
import { FilterError } from '#shared/trace/filter/syntax.ts'
import { machineNames, nameAddresses, type MachineNames } from '#shared/trace/name-addresses.ts'
import type { ColourRule, FrameChoice, PacketChoice, SourceState } from './answers.ts'
import { FrameList } from './frame-list.ts'
import { live } from './source-names.ts'

/** Attempts quiet for this long are settled. */
const settledNs = 120e9
const mostExplained = 2000

export class Source {
  readonly name: string
  readonly session: Session
  readonly frames: FrameList
  progress: SourceState['progress']
  /** Until when its frames would have been seen, milliseconds since 1970, where that is later than the last. */
  listenedMs: number | undefined
  damage: string | undefined
  isRead = false
  busyMs = 0
  version = 0
  /** Grows with each mark and comment. */
  edits = 0
  /** Names that people gave, by hardware or IP address. */
  gave: MachineNames = new Map()
  #names: MachineNames = new Map()
  #namesOf: readonly [last: number, gave: MachineNames | undefined] = [-1, undefined]
  #rules: readonly (FrameTest | undefined)[] = []
  /** Positions of the list: numbers of machines below zero, of attempts above. */
  #lines: number[] = []
  /** The frame behind which no other had come when the list was made. */
  #linesOf = -1
  isCancelled = false

  constructor(name: string, limitBytes: number) {
    this.name = name
    this.session = new Session(limitBytes)
    this.frames = new FrameList(this.session)
  }

  get lines(): readonly number[] {
    const { store, trace } = this.session
    // Each frame may begin an attempt, and push the packets of others out of the store.
    if (this.#linesOf !== store.last) {
      this.#linesOf = store.last
      // Attempts whose packets are forgotten have nothing to show.
      this.#lines = trace.machines.flatMap((machine) => {
        const kept = machine.attempts.filter((attempt) => attempt.events.length > 0)
        return kept.length === 0 ? [] : [-machine.number, ...kept.map((attempt) => attempt.number)]
      })
    }
    return this.#lines
  }

  get isLive(): boolean {
    return this.name === live
  }

  /** The attempt of a number. Throws where there is none: the list it was chosen from is that of another capture. */
  attempt(number: number): Attempt {
    const attempt = this.session.trace.attempts[number - 1]
    if (!attempt) throw new Error(t('flows.no-attempt-any-more-choose', { attempt: number }))
    return attempt
  }

  setRules(rules: readonly ColourRule[]): void {
    this.#rules = rules.map(({ filter }) => {
      try {
        return compileFilter(filter, this.session)
      } catch (error) {
        // Whoever writes the rule is told there; here it takes nothing.
        if (error instanceof FilterError) return undefined
        throw error
      }
    })
    this.edits++
  }

  /** Index of the first colour rule that takes a frame, -1 for none. */
  ruleOf(frame: number): number {
    return this.#rules.findIndex((test) => test?.(frame))
  }

  /** When an attempt began, milliseconds since 1970, and how long it went on. */
  timesOf({ startNs, lastNs }: Attempt): { readonly began: number; readonly milliseconds: number } {
    const { store } = this.session
    const began = store.millisecondsAt(startNs)
    return { began, milliseconds: store.millisecondsAt(lastNs) - began }
  }

  /** The frames that a question is about. */
  chosen(choice: FrameChoice, number?: number): number[] {
    const { store, marks } = this.session
    if (choice === 'shown') return [...this.frames]
    if (choice === 'marked' && marks.size === 0) throw new Error(t('flows.no-packet-marked-choose-one'))
    if (choice === 'marked') return [...marks].filter((frame) => store.has(frame)).sort((a, b) => a - b)
    if (choice === 'all') return Array.from({ length: store.count }, (_, at) => store.first + at)
    if (number === undefined) throw new Error(t('flows.no-attempt-chosen-choose-one'))
    return this.framesOf(this.attempt(number))
  }

  /** The packets that something is done with. */
  packetsOf(choice: PacketChoice): number[] {
    if (typeof choice === 'string') return this.chosen(choice)
    if ('ranges' in choice) return choice.ranges.flatMap(([from, to]) => this.frames.framesIn(from, to))
    return choice.filter((frame) => this.session.store.has(frame))
  }

  /** What machines are called, by hardware or IP address. */
  get names(): MachineNames {
    const { store, trace } = this.session
    const [last, gave] = this.#namesOf
    if (last !== store.last || gave !== this.gave) {
      this.#namesOf = [store.last, this.gave]
      this.#names = machineNames(trace.machines, this.gave)
    }
    return this.#names
  }

  /** A sentence with the names that people gave beside the addresses. */
  say(text: Phrase, { machine }: Attempt): string {
    return nameAddresses(textOf(text), this.names, machine.name)
  }

  named(explanation: Explanation, { machine }: Attempt): Explanation<string> {
    return named(explanation, this.names, machine.name)
  }

  /** Every frame of its machine while it went on. */
  framesOf(attempt: Attempt): number[] {
    const { store } = this.session
    const frames: number[] = []
    for (let id = store.first; id <= store.last; id++) {
      if (store.machineOf(id) !== attempt.machine.number) continue
      const time = store.timeOf(id)
      if (time >= attempt.startNs && time <= attempt.lastNs) frames.push(id)
    }
    return frames
  }

  readonly #explained = new Map<number, { readonly version: number; readonly explanation: Explanation }>()

  /** Explanations of attempts that are over are kept. */
  explain(attempt: Attempt): Explanation {
    const known = this.#explained.get(attempt.number)
    if (known?.version === attempt.version) return known.explanation
    const { nowNs } = this
    const explanation = explainAttempt(this.session.store, attempt, { nowNs, isLive: this.isLive })
    // Time alone changes what is said of the others.
    const isWhole = !this.isLive && this.progress === undefined
    if (isWhole || attempt.next || nowNs - attempt.lastNs > settledNs) {
      this.#explained.delete(attempt.number)
      this.#explained.set(attempt.number, { version: attempt.version, explanation })
      if (this.#explained.size > mostExplained) this.#explained.delete(this.#explained.keys().next().value!)
    }
    return explanation
  }

  get nowNs(): number {
    const { store } = this.session
    // A source that goes on lives now; a file ended with its last frame, unless somebody listened for longer.
    const { endNs } = this.session
    if (this.isLive) return Date.now() * 1e6 - Number(store.baseNs)
    return this.listenedMs === undefined ? endNs : Math.max(endNs, (this.listenedMs - Number(store.baseNs) / 1e6) * 1e6)
  }

  get state(): SourceState {
    const { store, trace } = this.session
    return {
      source: this.name,
      first: store.first,
      last: store.last,
      matched: this.frames.length,
      lines: this.lines.length,
      attempts: trace.attempts.length,
      progress: this.progress,
      isRead: this.isRead,
      busyMs: this.busyMs,
      filter: this.frames.filter,
      filtered: this.frames.looked,
      filterProblem: this.frames.problem,
      damage: this.damage,
      isForeign: this.session.damage?.at === 0 && store.last < store.first,
      edits: this.edits,
      version: this.version,
    }
  }
}
