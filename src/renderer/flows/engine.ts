/**
 * Captures under the eyes of a window: read, filtered, explained and drawn, in a worker, so that the page stays at hand
 * whatever a million frames take. Sources are named: `live`, or a file.
 */
import { t, textOf } from '#messages/text.ts'
import { evidenceOfAttempt } from '#shared/diagnosis/inverse/capture.ts'
import { explainedLadder, htmlReport } from '#shared/diagnosis/report.ts'
import { timeLine, type LogMoment, type TimeLine } from '#shared/logs/time-line.ts'
import { compareCaptures, type Comparison } from '#shared/trace/compare.ts'
import { exportFrames } from '#shared/trace/export.ts'
import { completeFilter, type Completion } from '#shared/trace/filter/filter.ts'
import type { FilterProblem } from '#shared/trace/filter/syntax.ts'
import { frameForms, type FrameForm } from '#shared/trace/frame-text.ts'
import { laneName } from '#shared/trace/name-addresses.ts'
import { ladderSvg } from '#shared/trace/ladder-svg.ts'
import { Session } from '#shared/trace/session.ts'
import { u32At } from '#shared/wire/bytes.ts'
import { FrameHeaders, hasDhcpPorts, ipProtocols } from '#shared/wire/headers.ts'
import { formatIp } from '#shared/wire/ip-address.ts'
import type {
  AttemptLine,
  ColourRule,
  DrawOptions,
  ExplainedAttempt,
  FrameChoice,
  FrameDetail,
  PacketChoice,
  PacketRow,
  PacketTally,
  ReportOptions,
  SourceState,
} from './answers.ts'
import { FrameList } from './frame-list.ts'
import { live } from './source-names.ts'
import { readCapture } from './read-capture.ts'
import { Source } from './source.ts'
import { yieldToMessages } from './yield-to-messages.ts'

/** Minimum interval between updates to the page, ms; longer while a file is being read. */
const toldEveryMs = { live: 250, reading: 500 } as const
/** Rows that go with the first packets: a page of the list. */
const openingRows = 128
const liveBytes = 64 * 1024 * 1024
/** Of a comparison no more frames than this of either side are looked at. */
const mostCompared = 200_000
/** Packets that are copied at once. */
const mostCopied = 20_000

/** What a line of the list says; `before` is the packet of the line before. */
function rowOf(source: Source, frame: number, before: number): PacketRow | undefined {
  const { session } = source
  const { store, trace } = session
  if (!store.has(frame)) return undefined
  const timeNs = store.timeOf(frame)
  const line = session.summaryOf(frame)
  return {
    ...line,
    summary: textOf(line.summary),
    frame,
    time: store.microsecondsOf(frame) / 1000,
    seconds: timeNs / 1e9,
    delta: store.has(before) ? (timeNs - store.timeOf(before)) / 1e9 : 0,
    direction: store.directionOf(frame),
    length: store.originalLengthOf(frame),
    machine: trace.machineOf(frame)?.name ?? '',
    attempt: trace.attemptOf(frame)?.number ?? 0,
    transfer: store.transferOf(frame),
    isMarked: session.marks.has(frame),
    comment: session.commentsOf(frame).join('\n'),
    remark: session.remarks.get(frame) ?? '',
    rule: source.ruleOf(frame),
  }
}

export class FlowsEngine {
  readonly #sources = new Map<string, Source>()
  readonly #tell: (state: SourceState) => void
  #toldAt = 0
  #rules: readonly ColourRule[] = []
  #vendors: ReadonlyMap<string, string> = new Map()
  #pending: ReturnType<typeof setTimeout> | undefined
  readonly #changed = new Set<Source>()
  /** Of which the page knows that there are packets. */
  readonly #begun = new WeakSet<Source>()

  constructor(tell: (state: SourceState) => void) {
    this.#tell = tell
  }

  #source(name: string): Source {
    let source = this.#sources.get(name)
    if (!source) {
      this.#sources.set(name, (source = new Source(name, name === live ? liveBytes : Infinity)))
      source.setRules(this.#rules)
    }
    return source
  }

  /** A few times a second, however much came. */
  #changedNow(source: Source, atOnce = false): void {
    // Of a source that was closed, or opened anew under its name, nothing is told any more.
    if (this.#sources.get(source.name) !== source) return
    source.version++
    this.#changed.add(source)
    // The first rows wait for nobody, whatever was told of just before.
    const isFirst = source.session.store.count > 0 && !this.#begun.has(source)
    if (isFirst) this.#begun.add(source)
    const flush = (): void => {
      this.#pending = undefined
      this.#toldAt = performance.now()
      for (const one of this.#changed)
        if (this.#sources.get(one.name) === one)
          this.#tell(
            one === source && isFirst ? { ...one.state, opening: this.rows(one.name, 0, openingRows) } : one.state,
          )
      this.#changed.clear()
    }
    const every = source.progress ? toldEveryMs.reading : toldEveryMs.live
    if (atOnce || isFirst || performance.now() - this.#toldAt > every) {
      clearTimeout(this.#pending)
      flush()
    } else this.#pending ??= setTimeout(flush, every)
  }

  /** Reads a capture file; resolves when it is over, cancelled, damaged or cannot be read any further. */
  async open(name: string, file: Blob, listenedMs?: number): Promise<SourceState> {
    this.close(name)
    const source = this.#source(name)
    source.listenedMs = listenedMs
    source.progress = { read: 0, total: file.size }
    source.session.begin()
    try {
      source.damage = await readCapture(source, file, () => {
        this.#changedNow(source)
        void this.#filterOn(source)
      })
    } finally {
      source.progress = undefined
      source.isRead = true
      this.#changedNow(source, true)
    }
    await this.#filterOn(source)
    return source.state
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

  readonly #filtering = new Set<Source>()

  async #filterOn(source: Source): Promise<void> {
    if (this.#filtering.has(source)) return
    this.#filtering.add(source)
    const { frames } = source
    const { isFiltered } = frames
    try {
      for (let more = true; more && this.#sources.get(source.name) === source;) {
        const looked = frames.look()
        if (looked.some) this.#changedNow(source)
        more = looked.more
        if (more) await yieldToMessages()
      }
    } catch (error) {
      frames.dropFilter(error)
    } finally {
      this.#filtering.delete(source)
    }
    if (isFiltered) this.#changedNow(source)
  }

  /** Sets the filter; returns what is wrong with it, and then leaves the one before. */
  filter(name: string, text: string): FilterProblem | undefined {
    const source = this.#source(name)
    const problem = source.frames.setFilter(text)
    if (!problem) {
      this.#changedNow(source, true)
      void this.#filterOn(source)
    }
    return problem
  }

  /** What is wrong with a filter, without setting it. */
  checkFilter(text: string): FilterProblem | undefined {
    return new FrameList(new Session()).setFilter(text)
  }

  /** The rules that colour rows, of every source; those that make no sense colour nothing. */
  setRules(rules: readonly ColourRule[]): void {
    this.#rules = rules
    for (const source of this.#sources.values()) {
      source.setRules(rules)
      this.#changedNow(source, true)
    }
  }

  /** Names that people gave to machines and servers, by hardware or IP address. */
  setNames(name: string, names: ReadonlyMap<string, string>): void {
    const source = this.#source(name)
    source.gave = names
    this.#changedNow(source, true)
  }

  /** Makers of network cards by hardware address, for the heads of the lanes. */
  setVendors(vendors: ReadonlyMap<string, string>): void {
    this.#vendors = vendors
    for (const source of this.#sources.values()) this.#changedNow(source, true)
  }

  /** How many packets are chosen, and how many of them are marked; of a hundred thousand none is looked at. */
  tally(name: string, choice: PacketChoice): PacketTally {
    const source = this.#source(name)
    const { frames, session } = source
    if (typeof choice === 'string' || !('ranges' in choice)) {
      const chosen = source.packetsOf(choice)
      return { packets: chosen.length, marked: chosen.filter((frame) => session.marks.has(frame)).length }
    }
    const { ranges } = choice
    const isIn = (frame: number): boolean => ranges.some(([from, to]) => frame >= from && frame <= to)
    return {
      packets: ranges.reduce((sum, [from, to]) => sum + frames.countIn(from, to), 0),
      marked: [...session.marks].filter((frame) => isIn(frame) && frames.has(frame)).length,
    }
  }

  /** Marks packets, or takes their marks off. */
  mark(name: string, choice: PacketChoice, isMarked: boolean): void {
    const source = this.#source(name)
    for (const frame of source.packetsOf(choice)) {
      if (isMarked) source.session.marks.add(frame)
      else source.session.marks.delete(frame)
    }
    this.#edited(source)
  }

  /** Writes a comment beside a frame; an empty text takes it off. It stands in what is exported. */
  remark(name: string, frame: number, text: string): void {
    const source = this.#source(name)
    if (text.trim() === '') source.session.remarks.delete(frame)
    else source.session.remarks.set(frame, text.trim())
    this.#edited(source)
  }

  #edited(source: Source): void {
    source.edits++
    if (source.frames.isFiltered) source.frames.lookAgain()
    this.#changedNow(source, true)
    void this.#filterOn(source)
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
    const { frames } = source
    const rows: PacketRow[] = []
    for (let position = from; position < Math.min(to, frames.length); position++) {
      const row = rowOf(source, frames.frameAt(position), position > 0 ? frames.frameAt(position - 1) : 0)
      if (row) rows.push(row)
    }
    return rows
  }

  /** The row of one packet, wherever it stands. */
  row(name: string, frame: number): PacketRow | undefined {
    return rowOf(this.#source(name), frame, frame - 1)
  }

  /** Where a frame stands in the list, or the next one that does, and whether the filter leaves it. */
  placeOf(name: string, frame: number): { readonly position: number; readonly isShown: boolean } {
    const { frames } = this.#source(name)
    return { position: frames.positionOf(frame), isShown: frames.has(frame) }
  }

  /** The frame `step` positions away in the list, and the attempt it belongs to. */
  stepFrom(
    name: string,
    frame: number | undefined,
    step: number,
  ): { readonly frame: number; readonly attempt: number | undefined } | undefined {
    const { frames, session } = this.#source(name)
    if (frames.length === 0) return undefined
    const here = frame === undefined ? -1 : frames.positionOf(frame)
    // From a frame that the filter hides the next one that it leaves is where the hidden one would stand.
    const isHidden = frame !== undefined && !frames.has(frame) && step > 0
    const next = frames.frameAt(Math.max(0, Math.min(frames.length - 1, here + step - Number(isHidden))))
    return { frame: next, attempt: session.trace.attemptOf(next)?.number }
  }

  /** Filters that follow what a packet is part of, by what it is called. */
  followsOf(name: string, frame: number): { readonly label: string; readonly filter: string }[] {
    const { session } = this.#source(name)
    const { store, trace } = session
    if (!store.has(frame)) return []
    const machine = trace.machineOf(frame)
    const transfer = store.transferOf(frame)
    const headers = new FrameHeaders()
    const bytes = store.contentOf(frame)
    headers.read(bytes, store.interfaceOf(frame).linkType)
    const ends = [headers.sourceIn(bytes), headers.destinationIn(bytes)].map((one) => `address == ${formatIp(one)}`)
    const isTcp = headers.ipProtocol === ipProtocols.tcp && headers.sourcePort >= 0
    return [
      ...(machine ? [{ label: t('flows.follow-machine'), filter: `client == ${machine.name}` }] : []),
      ...(transfer > 0 ? [{ label: t('flows.follow-transfer'), filter: `transfer == ${transfer}` }] : []),
      ...(isTcp
        ? [
            {
              label: t('flows.follow-connection'),
              filter: `${ends.join(' && ')} && tcp.port == ${headers.sourcePort} && tcp.port == ${headers.destinationPort}`,
            },
          ]
        : []),
      ...(hasDhcpPorts(headers) && headers.payloadEnd - headers.payloadAt >= 8
        ? [
            {
              label: t('flows.follow-transaction'),
              filter: `dhcp.id == 0x${u32At(bytes, headers.payloadAt + 4)
                .toString(16)
                .padStart(8, '0')}`,
            },
          ]
        : []),
    ]
  }

  /** Packets as text in a form, to be copied: at most so many that it stays a text one can handle. */
  copy(
    name: string,
    choice: PacketChoice,
    form: FrameForm,
  ): { readonly text: string; readonly frames: number; readonly all: number } {
    const source = this.#source(name)
    const frames = source.packetsOf(choice)
    const some = frames.slice(0, mostCopied)
    return { text: frameForms[form](source.session, some), frames: some.length, all: frames.length }
  }

  async lines(name: string, from: number, to: number): Promise<AttemptLine[]> {
    // Explaining takes longer than listing: whoever waits for rows comes first.
    await yieldToMessages()
    const source = this.#source(name)
    const { trace } = source.session
    return source.lines.slice(from, to).map((number): AttemptLine => {
      if (number < 0) {
        const machine = trace.machines[-number - 1]!
        return {
          kind: 'machine',
          name: machine.name,
          title: source.names.get(machine.name) ?? '',
          attempts: machine.attempts.length,
        }
      }
      const attempt = trace.attempts[number - 1]!
      const { outcome, headline } = source.explain(attempt)
      return {
        kind: 'attempt',
        number,
        machine: attempt.machine.name,
        ordinal: attempt.ordinal,
        outcome,
        headline: source.say(headline, attempt),
        ...source.timesOf(attempt),
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

  /**
   * The attempt that a place means: the one it names, else the newest of its machine, else that of its packet, else the first of a
   * file, and the newest of what is live.
   */
  attemptAt(
    name: string,
    {
      machine,
      attempt,
      frame,
    }: {
      readonly machine?: string | undefined
      readonly attempt: number | undefined
      readonly frame: number | undefined
    },
  ): number | undefined {
    const { isLive, lines, session } = this.#source(name)
    const { trace } = session
    if (attempt !== undefined && trace.attempts[attempt - 1]) return attempt
    const ofMachine = machine === undefined ? undefined : this.attemptOf(name, machine)
    const ofFrame = frame === undefined || !session.store.has(frame) ? undefined : trace.attemptOf(frame)?.number
    return ofMachine ?? ofFrame ?? (isLive ? trace.attempts.at(-1)?.number : lines.find((line) => line > 0))
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
    const found = source.explain(attempt)
    const explanation = source.named(found, attempt)
    const ladder = explainedLadder(session, attempt, explanation, new Set(draw.unfolded))
    const drawing = ladderSvg(ladder, {
      width: draw.width,
      spacing: draw.spacing,
      zoom: draw.zoom,
      isList: true,
      nowNs: source.isLive ? source.nowNs : undefined,
      isCaptionFirst: draw.areNamesFirst ?? false,
      captionOf: (lane) =>
        laneName(lane, source.names) || [lane.mac, this.#vendors.get(lane.mac)].filter(Boolean).join(' '),
    })
    return {
      source: name,
      number,
      machine: attempt.machine.name,
      ordinal: attempt.ordinal,
      name: source.names.get(attempt.machine.name) ?? '',
      ...source.timesOf(attempt),
      explanation,
      evidence: evidenceOfAttempt(session, attempt, found),
      ...drawing,
      rows: ladder.rows,
      macs: ladder.lanes.map((lane) => lane.mac).filter((mac) => mac !== ''),
    }
  }

  /** The ladder as a picture that stands alone. */
  picture(name: string, number: number, width: number): string {
    const source = this.#source(name)
    const attempt = source.attempt(number)
    const explanation = source.named(source.explain(attempt), attempt)
    const ladder = explainedLadder(source.session, attempt, explanation)
    return ladderSvg(ladder, { width, isStandalone: true, captionOf: (lane) => laneName(lane, source.names) }).svg
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
      remark: session.remarks.get(id) ?? '',
      isMarked: session.marks.has(id),
      machine: trace.machineOf(id)?.name ?? '',
      transfer: store.transferOf(id),
      attempt: trace.attemptOf(id)?.number ?? 0,
    }
  }

  /** pcapng with the comments of the person, and our verdicts as comments, on the packets. */
  export(name: string, what: FrameChoice, number: number | undefined): Uint8Array {
    const source = this.#source(name)
    const { store, trace, remarks } = source.session
    const frames = source.chosen(what, number)
    const attempt = what === 'attempt' ? source.attempt(number!) : undefined
    const comments = new Map<number, string>(remarks)
    const add = (frame: number, text: string): void => void comments.set(frame, [comments.get(frame), text].filter(Boolean).join('\n')) // prettier-ignore
    // Verdicts of thousands of attempts would take longer than anybody waits.
    for (const one of attempt ? [attempt] : trace.attempts.slice(-500)) {
      const told = source.named(source.explain(one), one)
      for (const note of told.notes) add(note.frame, note.text)
      for (const missing of told.missing)
        if (missing.isOverdue) add(missing.afterFrame, t('flows.did-not-come', { packet: missing.label }))
      const last = told.sentences.findLast((sentence) => sentence.tone === 'bad' && sentence.frames.length > 0)
      if (last) add(last.frames[0]!, last.text)
    }
    return exportFrames(store, frames, comments)
  }

  report(name: string, number: number | undefined, options: ReportOptions): string {
    const source = this.#source(name)
    const { session } = source
    const attempt = number === undefined ? undefined : source.attempt(number)
    // One page of a thousand boots is read by nobody.
    const attempts = attempt ? [attempt] : session.trace.attempts.slice(-100)
    return htmlReport(session, { ...options, attempts, names: source.gave, madeAt: Date.now() })
  }

  /** The frames of an attempt beside those of another source at the same machine. */
  compare(name: string, number: number, other: string): Comparison & { readonly labels: readonly string[] } {
    const left = this.#source(name)
    const right = this.#source(other)
    const attempt = left.attempt(number)
    const there = right.session.trace.machines.find((one) => one.name === attempt.machine.name)
    const theirs = there ? there.attempts.flatMap((one) => right.framesOf(one)) : []
    const comparison = compareCaptures(
      left.session,
      left.framesOf(attempt).slice(0, mostCompared),
      right.session,
      theirs.slice(0, mostCompared),
    )
    const labels = comparison.rows.map(({ left: here, right: far }) => {
      const { protocol, summary } = here === undefined ? right.session.summaryOf(far!) : left.session.summaryOf(here)
      return `${protocol}  ${textOf(summary)}`
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
