/**
 * Captures under the eyes of a window: read, filtered, explained and drawn, in a worker, so that the page stays at hand
 * whatever a million frames take. Sources are named: `live`, or a file.
 */
import { explainAttempt } from '#shared/diagnosis/explain/explain.ts'
import type { Explanation, Outcome } from '#shared/diagnosis/explain/explanation.ts'
import { evidenceOfAttempt } from '#shared/diagnosis/inverse/capture.ts'
import type { Evidence } from '#shared/diagnosis/inverse/dialogue.ts'
import { explainedLadder, htmlReport } from '#shared/diagnosis/report.ts'
import { timeLine, type LogMoment, type TimeLine } from '#shared/logs/time-line.ts'
import { compareCaptures, type Comparison } from '#shared/trace/compare.ts'
import type { Attempt } from '#shared/trace/events.ts'
import { exportFrames } from '#shared/trace/export.ts'
import { compileFilter, completeFilter, type Completion, type FrameTest } from '#shared/trace/filter/filter.ts'
import { FilterError, type FilterProblem } from '#shared/trace/filter/syntax.ts'
import type { LadderRow } from '#shared/trace/ladder.ts'
import { ladderSvg } from '#shared/trace/ladder-svg.ts'
import { Session } from '#shared/trace/session.ts'
import { unreadFrames } from '#shared/trace/unread.ts'
import { compressionOf } from '#shared/wire/compression.ts'
import type { Dissection } from '#shared/wire/dissect/field.ts'
import type { FrameSummary } from '#shared/wire/summary.ts'
import { unpackerOf, type Unpacker } from './unpack.ts'

const sliceBytes = 2 * 1024 * 1024
/** A small first piece puts the first rows on the screen. */
const firstBytes = 128 * 1024
/** The page needs a moment to show them. */
const firstRowsMs = 120
/** Pieces of a file that are on their way while one is being read. */
const readAhead = 4
/** Minimum interval between updates to the page, ms; longer while a file is being read. */
const toldEveryMs = { live: 250, reading: 500 } as const
/** Attempts quiet for this long are settled. */
const settledNs = 120e9
/** Frames that a filter looks at before it lets others have their turn. */
const filterSlice = 20_000
const mostExplained = 2000
const liveBytes = 64 * 1024 * 1024
/** Of a comparison no more frames than this of either side are looked at. */
const mostCompared = 200_000

export interface SourceState {
  readonly source: string
  readonly first: number
  readonly last: number
  /** Frames that the filter leaves. */
  readonly matched: number
  /** Lines of the list of machines and attempts. */
  readonly lines: number
  readonly attempts: number
  /** Bytes read of bytes there are, while a file is being read. */
  readonly progress: { readonly read: number; readonly total: number } | undefined
  /** Milliseconds that reading and analysing took of this thread. */
  readonly busyMs: number
  /** How far the filter is: the last frame it looked at. */
  readonly filtered: number
  /** Why the filter could not go on; every packet is shown then. */
  readonly filterProblem: FilterProblem | undefined
  readonly damage: string | undefined
  /** Grows whenever what was asked for may be different now. */
  readonly version: number
}

export interface PacketRow extends FrameSummary {
  readonly frame: number
  /** Milliseconds since 1970. */
  readonly time: number
  /** Seconds since the first frame. */
  readonly seconds: number
  readonly direction: 'in' | 'out' | undefined
  readonly length: number
  readonly machine: string
}

export type AttemptLine =
  | { readonly kind: 'machine'; readonly name: string; readonly attempts: number }
  | {
      readonly kind: 'attempt'
      readonly number: number
      readonly machine: string
      readonly turn: number
      readonly outcome: Outcome
      readonly headline: string
      readonly seconds: number
      /** Milliseconds since 1970. */
      readonly began: number
    }

export interface ExplainedAttempt {
  readonly source: string
  readonly number: number
  readonly machine: string
  readonly turn: number
  readonly explanation: Explanation
  /** What it tells the diagnosis backwards. */
  readonly evidence: readonly Evidence[]
  readonly svg: string
  readonly heads: string
  readonly width: number
  readonly height: number
  readonly rows: readonly LadderRow[]
  /** Hardware addresses of the lanes. */
  readonly macs: readonly string[]
}

export interface FrameDetail {
  readonly frame: number
  readonly time: number
  readonly interface: string
  readonly isSynthesised: boolean
  readonly direction: 'in' | 'out' | undefined
  readonly length: number
  readonly dissection: Dissection
  readonly bytes: Uint8Array
  /** Frames whose fragments this one completes. */
  readonly parts: readonly number[]
  readonly comment: string | undefined
  /** Attempt it belongs to, 0 for none. */
  readonly attempt: number
}

export interface DrawOptions {
  readonly width: number
  readonly spacing: 'even' | 'scale'
  readonly unfolded: readonly number[]
  /** Makers of network cards, by hardware address, for the heads of the lanes. */
  readonly vendors: ReadonlyMap<string, string>
}

class Source {
  readonly name: string
  readonly session: Session
  progress: SourceState['progress']
  damage: string | undefined
  busyMs = 0
  version = 0
  #filterText = ''
  #test: FrameTest | undefined
  #matches = new Uint32Array(1024)
  matched = 0
  filtered = 0
  /** Positions of the list: numbers of machines below zero, of attempts above. */
  #lines: number[] = []
  /** The frame behind which no other had come when the list was made. */
  #linesOf = -1
  filterProblem: FilterProblem | undefined
  isCancelled = false

  constructor(name: string, limitBytes: number) {
    this.name = name
    this.session = new Session(limitBytes)
  }

  get hasFilter(): boolean {
    return this.#test !== undefined
  }

  setFilter(text: string): FilterProblem | undefined {
    if (text === this.#filterText) return undefined
    try {
      this.#test = compileFilter(text, this.session)
    } catch (error) {
      if (error instanceof FilterError) return error.problem
      throw error
    }
    this.#filterText = text
    this.filterProblem = undefined
    this.matched = 0
    this.filtered = this.session.store.first - 1
    this.version++
    return undefined
  }

  /** Takes the filter off, for it fails at a frame; the same text may be set again. */
  dropFilter(error: unknown): void {
    this.setFilter('')
    const message = error instanceof Error ? error.message : String(error)
    this.filterProblem = {
      at: 0,
      length: 0,
      message: `The filter stopped: ${message}`,
      remedy: 'Every packet is shown. Set another filter.',
    }
  }

  /** Looks at the next frames; whether there are more. */
  filterSome(): boolean {
    const { store } = this.session
    const test = this.#test
    if (!test) return false
    const from = Math.max(this.filtered + 1, store.first)
    const to = Math.min(store.last, from + filterSlice - 1)
    for (let frame = from; frame <= to; frame++) {
      if (!test(frame)) continue
      if (this.matched === this.#matches.length) {
        const grown = new Uint32Array(this.#matches.length * 2)
        grown.set(this.#matches)
        this.#matches = grown
      }
      this.#matches[this.matched++] = frame
    }
    if (to >= from) this.version++
    this.filtered = Math.max(this.filtered, to)
    return to < store.last
  }

  /** Frames that are gone from the store are gone from the list. */
  get #skipped(): number {
    const { first } = this.session.store
    let low = 0
    let high = this.matched
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#matches[middle]! < first) low = middle + 1
      else high = middle
    }
    return low
  }

  get shown(): number {
    return this.#test ? this.matched - this.#skipped : this.session.store.count
  }

  frameAt(position: number): number {
    return this.#test ? this.#matches[this.#skipped + position]! : this.session.store.first + position
  }

  /** Where a frame stands in the list, or the next one that does. */
  positionOf(frame: number): number {
    if (!this.#test) return Math.max(0, frame - this.session.store.first)
    let low = this.#skipped
    let high = this.matched
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#matches[middle]! < frame) low = middle + 1
      else high = middle
    }
    return low - this.#skipped
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

  readonly #explained = new Map<number, { readonly version: number; readonly explanation: Explanation }>()

  /** Explanations of attempts that are over are kept. */
  explain(attempt: Attempt): Explanation {
    const known = this.#explained.get(attempt.number)
    if (known?.version === attempt.version) return known.explanation
    const { nowNs } = this
    const explanation = explainAttempt(this.session.store, attempt, { nowNs })
    // Time alone changes what is said of the others.
    const isWhole = this.name !== 'live' && this.progress === undefined
    if (isWhole || attempt.next || nowNs - attempt.lastNs > settledNs) {
      this.#explained.delete(attempt.number)
      this.#explained.set(attempt.number, { version: attempt.version, explanation })
      if (this.#explained.size > mostExplained) this.#explained.delete(this.#explained.keys().next().value!)
    }
    return explanation
  }

  get nowNs(): number {
    const { store } = this.session
    // A source that goes on lives now; a file ended with its last frame.
    return this.name === 'live' ? Date.now() * 1e6 - Number(store.baseNs) : this.session.endNs
  }

  get state(): SourceState {
    const { store, trace } = this.session
    return {
      source: this.name,
      first: store.first,
      last: store.last,
      matched: this.shown,
      lines: this.lines.length,
      attempts: trace.attempts.length,
      progress: this.progress,
      busyMs: this.busyMs,
      filtered: this.#test ? this.filtered : store.last,
      filterProblem: this.filterProblem,
      damage: this.damage,
      version: this.version,
    }
  }
}

/** Lets messages that wait have their turn; a timer would wait some milliseconds for nothing. */
const yieldToMessages = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener('message', () => {
      port1.close()
      resolve()
    })
    port1.start()
    port2.postMessage(null)
  })

export class FlowsEngine {
  readonly #sources = new Map<string, Source>()
  readonly #tell: (state: SourceState) => void
  #toldAt = 0
  #pending: ReturnType<typeof setTimeout> | undefined
  readonly #changed = new Set<Source>()

  constructor(tell: (state: SourceState) => void) {
    this.#tell = tell
  }

  #source(name: string): Source {
    let source = this.#sources.get(name)
    if (!source) this.#sources.set(name, (source = new Source(name, name === 'live' ? liveBytes : Infinity)))
    return source
  }

  /** A few times a second, however much came. */
  #changedNow(source: Source, atOnce = false): void {
    // Of a source that was closed, or opened anew under its name, nothing is told any more.
    if (this.#sources.get(source.name) !== source) return
    source.version++
    this.#changed.add(source)
    const flush = (): void => {
      this.#pending = undefined
      this.#toldAt = performance.now()
      for (const one of this.#changed) if (this.#sources.get(one.name) === one) this.#tell(one.state)
      this.#changed.clear()
    }
    const every = source.progress ? toldEveryMs.reading : toldEveryMs.live
    if (atOnce || performance.now() - this.#toldAt > every) {
      clearTimeout(this.#pending)
      flush()
    } else this.#pending ??= setTimeout(flush, every)
  }

  /** Reads a capture file; resolves when it is over, cancelled, damaged or cannot be read any further. */
  async open(name: string, file: Blob): Promise<SourceState> {
    this.close(name)
    const source = this.#source(name)
    source.progress = { read: 0, total: file.size }
    source.session.begin()
    try {
      source.damage = await this.#read(source, file)
    } finally {
      source.progress = undefined
      this.#changedNow(source, true)
    }
    await this.#filterOn(source)
    return source.state
  }

  /** Reads a file to its end; what is wrong with it, as a sentence. */
  async #read(source: Source, file: Blob): Promise<string | undefined> {
    const slice = (at: number, length = sliceBytes): Promise<ArrayBuffer> => {
      const piece = file.slice(at, at + length).arrayBuffer()
      // Heard where it is awaited; of the pieces behind one that cannot be read nobody asks.
      piece.catch(() => {})
      return piece
    }
    const ahead = [slice(0, firstBytes)]
    let asked = firstBytes
    let unpacker: Unpacker | undefined
    const unpacked: Uint8Array[] = []
    const take = (bytes: Uint8Array, isHandedOver: boolean): void => {
      const start = performance.now()
      source.session.push(bytes, isHandedOver)
      source.busyMs += performance.now() - start
    }
    for (let at = 0; at < file.size && !source.isCancelled;) {
      for (; ahead.length < readAhead && asked < file.size; asked += sliceBytes) ahead.push(slice(asked))
      let chunk: Uint8Array<ArrayBuffer>
      try {
        chunk = new Uint8Array(await ahead.shift()!)
      } catch (error) {
        // A file that was changed, moved or pulled out since it was chosen.
        return `The file cannot be read at byte ${at}: ${(error as Error).message}. What came before it is shown.`
      }
      if (source.isCancelled) break
      if (at === 0) {
        const compression = compressionOf(chunk)
        if (compression) unpacker = unpackerOf(compression, (bytes) => void unpacked.push(new Uint8Array(bytes)))
      }
      at += chunk.length
      const damage = await unpacker?.push(chunk).catch((error: Error) => error.message)
      if (unpacker) unpacked.splice(0).forEach((bytes) => take(bytes, false))
      else take(chunk, true)
      if (damage !== undefined) return `The compressed file is damaged: ${damage}. What came before it is shown.`
      source.progress = { read: at, total: file.size }
      if (source.session.damage || chunk.length === 0) break
      this.#changedNow(source)
      void this.#filterOn(source)
      // What the page asks for meanwhile comes first, above all the first rows.
      await (at === firstBytes ? new Promise((resolve) => setTimeout(resolve, firstRowsMs)) : yieldToMessages())
    }
    if (!source.isCancelled) {
      const damage = await unpacker?.end().catch((error: Error) => error.message)
      unpacked.forEach((bytes) => take(bytes, false))
      if (damage !== undefined) return `The compressed file is cut off: ${damage}. What came before it is shown.`
      source.session.end()
    }
    const { damage } = source.session
    if (damage) return `The file is damaged at byte ${damage.at}: ${damage.message}. What came before it is shown.`
    const unread =
      source.isCancelled || source.session.trace.attempts.length > 0 ? [] : unreadFrames(source.session.store)
    return unread.length > 0 ? `No boot is shown, and there may be one: ${unread.join('; ')}.` : undefined
  }

  cancel(name: string): void {
    const source = this.#sources.get(name)
    if (source) source.isCancelled = true
  }

  /** The next piece of a running capture, itself a capture file. */
  feed(name: string, base64: string): void {
    const text = atob(base64)
    const chunk = new Uint8Array(text.length)
    for (let at = 0; at < text.length; at++) chunk[at] = text.charCodeAt(at)
    const source = this.#source(name)
    source.session.begin()
    source.session.push(chunk, true)
    this.#changedNow(source)
    void this.#filterOn(source)
  }

  close(name: string): void {
    this.cancel(name)
    this.#sources.delete(name)
  }

  state(name: string): SourceState {
    return this.#source(name).state
  }

  /** What a log says, beside what the capture shows of the same machines. */
  timeLine(name: string, moments: readonly LogMoment[]): TimeLine {
    return timeLine(moments, this.#source(name).session)
  }

  #filtering = new Set<Source>()

  async #filterOn(source: Source): Promise<void> {
    if (this.#filtering.has(source)) return
    this.#filtering.add(source)
    const isFiltered = source.hasFilter
    try {
      while (this.#sources.get(source.name) === source && source.filterSome()) {
        this.#changedNow(source)
        await yieldToMessages()
      }
    } catch (error) {
      source.dropFilter(error)
    } finally {
      this.#filtering.delete(source)
    }
    if (isFiltered) this.#changedNow(source)
  }

  /** Sets the filter; returns what is wrong with it, and then leaves the one before. */
  filter(name: string, text: string): FilterProblem | undefined {
    const source = this.#source(name)
    const problem = source.setFilter(text)
    if (!problem) {
      this.#changedNow(source, true)
      void this.#filterOn(source)
    }
    return problem
  }

  complete(name: string, text: string, cursor: number): Completion[] {
    return completeFilter(
      text,
      cursor,
      this.#source(name)
        .session.trace.machines.map((one) => one.name)
        .slice(0, 200),
    )
  }

  rows(name: string, from: number, to: number): PacketRow[] {
    const source = this.#source(name)
    const { session } = source
    const rows: PacketRow[] = []
    for (let position = from; position < Math.min(to, source.shown); position++) {
      const frame = source.frameAt(position)
      if (!session.store.has(frame)) continue
      const timeNs = session.store.timeOf(frame)
      rows.push({
        ...session.summaryOf(frame),
        frame,
        time: Number(session.store.absoluteNs(frame) / 1000n) / 1000,
        seconds: timeNs / 1e9,
        direction: session.store.directionOf(frame),
        length: session.store.originalLengthOf(frame),
        machine: session.trace.machineOf(frame)?.name ?? '',
      })
    }
    return rows
  }

  positionOf(name: string, frame: number): number {
    return this.#source(name).positionOf(frame)
  }

  /** The frame `step` positions away in the list. */
  stepFrom(name: string, frame: number | undefined, step: number): number | undefined {
    const source = this.#source(name)
    if (source.shown === 0) return undefined
    const here = frame === undefined ? -1 : source.positionOf(frame)
    return source.frameAt(Math.max(0, Math.min(source.shown - 1, here + step)))
  }

  async lines(name: string, from: number, to: number): Promise<AttemptLine[]> {
    // Explaining takes longer than listing: whoever waits for rows comes first.
    await yieldToMessages()
    const source = this.#source(name)
    const { trace, store } = source.session
    return source.lines.slice(from, to).map((number): AttemptLine => {
      if (number < 0) {
        const machine = trace.machines[-number - 1]!
        return { kind: 'machine', name: machine.name, attempts: machine.attempts.length }
      }
      const attempt = trace.attempts[number - 1]!
      const { outcome, headline } = source.explain(attempt)
      return {
        kind: 'attempt',
        number,
        machine: attempt.machine.name,
        turn: attempt.ordinal,
        outcome,
        headline,
        seconds: (attempt.lastNs - attempt.startNs) / 1e9,
        began: Number((store.baseNs + BigInt(Math.round(attempt.startNs))) / 1_000_000n),
      }
    })
  }

  /** The position of an attempt in the list, and of its neighbours. */
  lineOf(name: string, attempt: number): number {
    return this.#source(name).lines.indexOf(attempt)
  }

  /** The newest attempt of a machine. */
  attemptOf(name: string, machine: string): number | undefined {
    const { machines } = this.#source(name).session.trace
    return machines.find((one) => one.name === machine)?.attempts.at(-1)?.number
  }

  neighbour(name: string, attempt: number | undefined, step: 1 | -1): number | undefined {
    const attempts = this.#source(name).lines.filter((line) => line > 0)
    const here = attempt === undefined ? -1 : attempts.indexOf(attempt)
    return attempts[Math.max(0, Math.min(attempts.length - 1, here + step))]
  }

  async explain(name: string, number: number, draw: DrawOptions): Promise<ExplainedAttempt | undefined> {
    await yieldToMessages()
    const source = this.#source(name)
    const { session } = source
    const attempt = session.trace.attempts[number - 1]
    if (!attempt) return undefined
    const explanation = source.explain(attempt)
    const ladder = explainedLadder(session, attempt, explanation, new Set(draw.unfolded))
    const { svg, heads, width, height } = ladderSvg(ladder, {
      width: draw.width,
      spacing: draw.spacing,
      nowNs: name === 'live' ? source.nowNs : undefined,
      captionOf: ({ mac }) => [mac, draw.vendors.get(mac)].filter(Boolean).join(' '),
    })
    return {
      source: name,
      number,
      machine: attempt.machine.name,
      turn: attempt.ordinal,
      explanation,
      evidence: evidenceOfAttempt(session, attempt, explanation),
      svg,
      heads,
      width,
      height,
      rows: ladder.rows,
      macs: ladder.lanes.map((lane) => lane.mac).filter((mac) => mac !== ''),
    }
  }

  /** The ladder as a picture that stands alone. */
  picture(name: string, number: number, width: number): string {
    const source = this.#source(name)
    const attempt = this.#attempt(source, number)
    const explanation = source.explain(attempt)
    return ladderSvg(explainedLadder(source.session, attempt, explanation), { width, isStandalone: true }).svg
  }

  frame(name: string, id: number): FrameDetail | undefined {
    const { session } = this.#source(name)
    const { store, trace } = session
    if (!store.has(id)) return undefined
    const one = store.interfaceOf(id)
    return {
      frame: id,
      time: Number(store.absoluteNs(id) / 1000n) / 1000,
      interface: one.name,
      isSynthesised: one.isSynthesised,
      direction: store.directionOf(id),
      length: store.originalLengthOf(id),
      dissection: session.dissectionOf(id),
      bytes: new Uint8Array(store.contentOf(id)),
      parts: store.reassembledOf(id)?.parts ?? [],
      comment: store.commentOf(id),
      attempt: trace.attemptOf(id)?.number ?? 0,
    }
  }

  /** Throws where there is none of this number: the list it was chosen from is that of another capture. */
  #attempt(source: Source, number: number): Attempt {
    const attempt = source.session.trace.attempts[number - 1]
    if (!attempt) throw new Error(`There is no attempt ${number} any more: choose one of the list.`)
    return attempt
  }

  #framesOf(source: Source, attempt: Attempt): number[] {
    const { store } = source.session
    const frames: number[] = []
    for (let id = store.first; id <= store.last; id++) {
      if (store.machineOf(id) !== attempt.machine.number) continue
      const time = store.timeOf(id)
      if (time >= attempt.startNs && time <= attempt.lastNs) frames.push(id)
    }
    return frames
  }

  /** pcapng with our verdicts as comments on the packets. */
  export(name: string, what: 'all' | 'shown' | 'attempt', number: number | undefined): Uint8Array {
    const source = this.#source(name)
    const { store, trace } = source.session
    const attempt = number === undefined ? undefined : this.#attempt(source, number)
    if (what === 'attempt' && !attempt) throw new Error('No attempt is chosen: choose one of the list.')
    const frames =
      what === 'attempt' && attempt
        ? this.#framesOf(source, attempt)
        : Array.from({ length: what === 'shown' ? source.shown : store.count }, (_, at) => what === 'shown' ? source.frameAt(at) : store.first + at) // prettier-ignore
    const comments = new Map<number, string>()
    const add = (frame: number, text: string): void => void comments.set(frame, [comments.get(frame), text].filter(Boolean).join('\n')) // prettier-ignore
    // Verdicts of thousands of attempts would take longer than anybody waits.
    for (const one of attempt ? [attempt] : trace.attempts.slice(-500)) {
      const told = source.explain(one)
      for (const note of told.notes) add(note.frame, note.text)
      for (const missing of told.missing)
        if (missing.isOverdue) add(missing.afterFrame, `${missing.label} did not come.`)
      const last = told.sentences.findLast((sentence) => sentence.tone === 'bad' && sentence.frames.length > 0)
      if (last) add(last.frames[0]!, last.text)
    }
    return exportFrames(store, frames, comments)
  }

  report(
    name: string,
    number: number | undefined,
    options: {
      readonly title: string
      readonly isMasked: boolean
      readonly labText: string | undefined
      readonly version: string
    },
  ): string {
    const source = this.#source(name)
    const { session } = source
    const attempt = number === undefined ? undefined : this.#attempt(source, number)
    // One page of a thousand boots is read by nobody.
    const attempts = attempt ? [attempt] : session.trace.attempts.slice(-100)
    return htmlReport(session, { ...options, attempts, madeAt: Date.now() })
  }

  /** The frames of an attempt beside those of another source at the same machine. */
  compare(name: string, number: number, other: string): Comparison & { readonly labels: readonly string[] } {
    const left = this.#source(name)
    const right = this.#source(other)
    const attempt = this.#attempt(left, number)
    const there = right.session.trace.machines.find((one) => one.name === attempt.machine.name)
    const theirs = there ? there.attempts.flatMap((one) => this.#framesOf(right, one)) : []
    const comparison = compareCaptures(
      left.session,
      this.#framesOf(left, attempt).slice(0, mostCompared),
      right.session,
      theirs.slice(0, mostCompared),
    )
    const labels = comparison.rows.map(({ left: here, right: far }) => {
      const { protocol, summary } = here === undefined ? right.session.summaryOf(far!) : left.session.summaryOf(here)
      return `${protocol}  ${summary}`
    })
    return { ...comparison, labels }
  }

  /** The next frame, of this attempt, of which something bad is to be said. */
  nextProblem(name: string, number: number, after: number | undefined): number | undefined {
    const source = this.#source(name)
    const attempt = source.session.trace.attempts[number - 1]
    if (!attempt) return undefined
    const { sentences, missing, notes } = source.explain(attempt)
    const frames = [
      ...sentences.filter((one) => one.tone === 'bad').flatMap((one) => one.frames),
      ...missing.map((one) => one.afterFrame),
      ...notes.filter((one) => one.tone === 'bad').map((one) => one.frame),
    ].filter((frame) => frame > 0)
    const sorted = [...new Set(frames)].sort((a, b) => a - b)
    return sorted.find((frame) => after === undefined || frame > after) ?? sorted[0]
  }
}
