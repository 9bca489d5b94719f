/**
 * What a log tells of one thing, in its order: one machine, the PXE provider, a task sequence, Windows Setup. Its entries
 * become failures, each told once with the entries that belong to it; and the story ends well, fails, or is cut.
 */
import type { Phrase } from '#messages/message.ts'
import { codesIn, setupPlace, type NamedCode } from './codes.ts'
import type { LogEntry } from './entry.ts'
import type { Match } from './signatures.ts'
import { captured, type Signature } from './signature.ts'
import { failsBy } from './wording.ts'

export type StoryKind =
  'machine' | 'provider' | 'sequence' | 'setup' | 'event' | 'server' | 'media' | 'screen' | 'linux' | 'other'

/** `good`: its end is told and is well. `open`: nothing failed, and no end is told. `unknown`: something failed that no row knows. */
export type Outcome = 'good' | 'failed' | 'unknown' | 'open'

export interface Failure {
  readonly id: string
  readonly title: Phrase
  /** Empty where the title says it all. */
  readonly means: Phrase
  /** Empty where nothing has to be done. */
  readonly fix: Phrase
  readonly rules: readonly string[]
  readonly source: string
  readonly isConfirmed: boolean
  /** The entry that names it. */
  readonly entry: LogEntry
  /** The others that belong to it, in their order; the first and last of many. */
  readonly chain: readonly LogEntry[]
  /** How many entries belong to it. */
  readonly count: number
  readonly codes: readonly NamedCode[]
  /** What came after it went well: it is told, and nothing fails any more because of it. */
  readonly isOvercome: boolean
}

export interface Step {
  readonly entry: LogEntry
  readonly text: Phrase
}

export interface StoryReport {
  readonly kind: StoryKind
  readonly name: Phrase
  /** Of a machine: `52:54:00:AA:BB:01`. */
  readonly mac: string | undefined
  readonly guid: string | undefined
  readonly outcome: Outcome
  readonly entries: number
  readonly first: LogEntry
  readonly last: LogEntry
  /** PXE requests of a machine. */
  readonly requests: number
  readonly failures: readonly Failure[]
  /** Worth knowing, or looks like an error and is none. */
  readonly notes: readonly Failure[]
  /** What went well, the last of each kind. */
  readonly steps: readonly Step[]
  /** Entries that tell of an error that no row knows: the last of them. */
  readonly strange: readonly LogEntry[]
  readonly strangeCount: number
}

const talk = ['name', 'server', 'ca', 'clock', 'tls', 'identity', 'certificate-name', 'client-certificate', 'locations']
/** What goes well, and the topics that are overcome with it: a client asks again until it is answered. */
const overcomes: Readonly<Record<string, ReadonlySet<string>>> = {
  address: new Set(['network']),
  'uboot-bound': new Set(['uboot-dhcp']),
  'configuration-found': new Set(['configuration']),
  'variables-loaded': new Set(['network', 'variables']),
  'request-answered': new Set(talk),
  'policy-read': new Set([...talk, 'policy']),
  'audit-authorized': new Set(['dhcp-authorization']),
  // The kernel runs: what shim said of it first was no end.
  'efi-stub': new Set(['secure-boot']),
}
/** What ends a story, and well. */
const endsWell = new Set(['sequence-done', 'setup-done', 'scan-good'])
const mostChain = 12
const mostSteps = 60
const mostStrange = 20
const mostFailures = 500
/** Codes that are told are looked for so far into an entry. */
const mostSearched = 4000
/** A step that failed without its name is a consequence of what is named so many entries later. */
const nearCause = 6
/** How many entries from the end an entry that only may be an error still counts. */
const nearEnd = 30

interface OpenFailure {
  signature: Signature
  values: Record<string, string>
  subject: string | undefined
  entry: LogEntry
  /** In their order, the naming one among them. */
  entries: LogEntry[]
  count: number
  /** Still going on: later entries may belong to it. */
  isOpen: boolean
  isOvercome: boolean
  /** Steps of a task sequence that failed with it. */
  readonly steps: Set<string>
  /** When it began, counted in entries of the story. */
  begunAt: number
}

const subjects = ['package', 'mp', 'step', 'app', 'dp', 'client', 'provider', 'object', 'extend'] as const
/** What a failure is about: two packages are two failures. */
const subjectOf = (values: Readonly<Record<string, string>>): string | undefined => {
  for (const name of subjects) if (values[name] !== undefined) return values[name].toLowerCase()
  return undefined
}

export class Story {
  readonly kind: StoryKind
  readonly name: Phrase
  mac: string | undefined
  guid: string | undefined
  requests = 0
  #entries = 0
  #first: LogEntry | undefined
  #last: LogEntry | undefined
  readonly #failures: OpenFailure[] = []
  readonly #notes = new Map<string, OpenFailure>()
  readonly #steps = new Map<string, Step>()
  #strange: { entry: LogEntry; at: number; isSure: boolean }[] = []
  #sureCount = 0
  /** Where the step that goes on began. */
  #boundary = 0
  #endedWellAt = -1

  constructor(kind: StoryKind, name: Phrase) {
    this.kind = kind
    this.name = name
  }

  get isEmpty(): boolean {
    return this.#entries === 0
  }

  take(entry: LogEntry, match: Match | undefined): void {
    this.#first ??= entry
    this.#last = entry
    this.#entries++
    if (!match) return this.#unknown(entry)
    const { signature, values } = match
    if (signature.kind === 'good') return this.#good(entry, signature, values)
    if (signature.kind === 'harmless' || signature.kind === 'hint') return this.#note(entry, signature, values)
    this.#fail(entry, signature, captured(values))
  }

  /** Says what went on without a row of its own. */
  step(entry: LogEntry, id: string, text: Phrase): void {
    if (this.#steps.size >= mostSteps && !this.#steps.has(id)) return
    this.#steps.set(id, { entry, text })
  }

  /** What failed by now is over: what follows belongs to something new. `topics`: only these. */
  close(topics?: ReadonlySet<string>): void {
    for (const one of this.#failures) if (!topics || topics.has(one.signature.topic)) one.isOpen = false
  }

  /** What failed by now was overcome; a step that failed only by itself, when it is run again: `step`. */
  overcome(topics?: ReadonlySet<string>, since = 0, step?: string): void {
    for (const one of this.#failures)
      if (
        one.steps.size === 0
          ? one.begunAt >= since && (!topics || topics.has(one.signature.topic))
          : step !== undefined && one.steps.has(step)
      ) {
        one.isOvercome = true
        one.isOpen = false
      }
    if (!topics) {
      this.#strange = this.#strange.filter((one) => one.at < since)
      this.#sureCount = this.#strange.filter((one) => one.isSure).length
    }
  }

  /** The end is told, and it is well. */
  endWell(): void {
    this.#endedWellAt = this.#entries
  }

  /** Whether something failed that has not been overcome. */
  get hasFailed(): boolean {
    return this.#failures.some((one) => !one.isOvercome)
  }

  #good(entry: LogEntry, signature: Signature, values: Readonly<Record<string, string>>): void {
    this.step(entry, `${signature.id} ${subjectOf(values) ?? ''}`, signature.title(captured(values)))
    const topics = overcomes[signature.id]
    if (topics) this.overcome(topics)
    if (signature.id === 'step-done') {
      if (values.exit === '0') this.overcome(undefined, this.#boundary, values.step?.toLowerCase())
      this.#boundary = this.#entries
    }
    // The scan of a task sequence is one of its steps.
    if (endsWell.has(signature.id) && !(signature.id === 'scan-good' && this.kind === 'sequence')) {
      this.overcome()
      this.endWell()
    } else if (
      signature.id === 'provider-started' ||
      this.kind === 'server' ||
      (this.kind === 'event' && signature.id !== 'audit-lease')
    )
      this.endWell()
  }

  #note(entry: LogEntry, signature: Signature, values: Record<string, string>): void {
    if (signature.id === 'ignored-step') this.#ignore(values.step?.toLowerCase())
    const key = `${signature.id} ${subjectOf(values) ?? ''}`
    const known = this.#notes.get(key)
    if (known) {
      known.count++
      if (known.entries.length < mostChain) known.entries.push(entry)
    } else if (this.#notes.size < mostFailures) this.#notes.set(key, this.#begun(entry, signature, values))
  }

  /** A step that is set to continue on error failed: what it failed with stopped nothing. */
  #ignore(step: string | undefined): void {
    for (const one of this.#failures)
      if (step !== undefined && (one.subject === step || one.steps.has(step))) {
        one.isOvercome = true
        one.isOpen = false
      }
  }

  #begun(entry: LogEntry, signature: Signature, values: Record<string, string>): OpenFailure {
    return { signature, values, subject: subjectOf(values), entry, entries: [entry], count: 1, isOpen: true, isOvercome: false, steps: new Set(values.step === undefined ? [] : [values.step.toLowerCase()]), begunAt: this.#entries } // prettier-ignore
  }

  #fail(entry: LogEntry, signature: Signature, values: Record<string, string>): void {
    this.#endedWellAt = -1
    const subject = subjectOf(values)
    const isSame = (one: OpenFailure): boolean =>
      one.signature.topic === signature.topic &&
      (one.subject === subject || one.subject === undefined || subject === undefined || signature.kind === 'effect')
    const open = this.#failures.findLast((one) => one.isOpen && isSame(one) && !(signature.topic === 'step' && one.subject !== undefined && one.subject !== subject)) // prettier-ignore
    if (open) return this.#join(open, entry, signature, values)
    // What it is a consequence of; an entry may follow its cause, and the nearest cause counts.
    const cause =
      signature.of.length === 0
        ? undefined
        : this.#failures.findLast((one) => one.isOpen && signature.of.includes(one.signature.topic))
    if (cause) return this.#join(cause, entry, signature, values, true)
    const again = this.#failures.find((one) => one.signature.id === signature.id && one.subject === subject)
    if (again) {
      // What was overcome and came again is of the step that goes on now.
      if (again.isOvercome) again.begunAt = this.#entries
      again.isOpen = true
      again.isOvercome = false
      return this.#join(again, entry, signature, values)
    }
    if (this.#failures.length >= mostFailures) return
    const begun = this.#begun(entry, signature, values)
    // Consequences that came before their cause was named.
    for (const one of this.#failures.filter(
      (other) => other.isOpen && (other.signature.topic !== 'step' || (other.steps.size === 0 && other.begunAt > this.#entries - nearCause)) && other.signature.of.includes(signature.topic), // prettier-ignore
    )) {
      this.#failures.splice(this.#failures.indexOf(one), 1)
      begun.entries.unshift(...one.entries)
      begun.count += one.count
      for (const step of one.steps) begun.steps.add(step)
    }
    this.#failures.push(begun)
  }

  #join(
    one: OpenFailure,
    entry: LogEntry,
    signature: Signature,
    values: Record<string, string>,
    isEffect = false,
  ): void {
    one.count++
    one.entries.push(entry)
    if (one.entries.length > mostChain) {
      // The first and the last of many, and the one that names it.
      const at = one.entries.findIndex((other, index) => index >= mostChain / 2 && other !== one.entry)
      one.entries.splice(at, 1)
    }
    if (values.step !== undefined) one.steps.add(values.step.toLowerCase())
    if (isEffect) return
    one.subject ??= subjectOf(values)
    if (signature.weight > one.signature.weight) {
      one.signature = signature
      one.entry = entry
      one.values = { ...one.values, ...values }
    } else one.values = { ...values, ...one.values }
  }

  #unknown(entry: LogEntry): void {
    const fails = failsBy(entry)
    if (fails === 'no') return
    if (fails === 'yes') {
      this.#sureCount++
      this.#endedWellAt = -1
    }
    this.#strange.push({ entry, at: this.#entries, isSure: fails === 'yes' })
    if (this.#strange.length > mostStrange) this.#strange.shift()
  }

  report(): StoryReport {
    const failures = this.#failures.map(told)
    const hasFailed = failures.some((one) => !one.isOvercome)
    const endedWell = this.#endedWellAt >= 0
    const maybe = this.#strange.filter((one) => !one.isSure && one.at > this.#entries - nearEnd)
    const isStrange = this.#sureCount > 0 || (maybe.length > 0 && !endedWell)
    const outcome: Outcome = hasFailed ? 'failed' : isStrange ? 'unknown' : endedWell ? 'good' : 'open'
    const shown = this.#strange.filter((one) => one.isSure || maybe.includes(one))
    return {
      kind: this.kind,
      name: this.name,
      mac: this.mac,
      guid: this.guid,
      outcome,
      entries: this.#entries,
      first: this.#first!,
      last: this.#last!,
      requests: this.requests,
      failures: [...failures.filter((one) => !one.isOvercome), ...failures.filter((one) => one.isOvercome)],
      notes: [...this.#notes.values()].map(told),
      steps: [...this.#steps.values()],
      strange: isStrange || hasFailed ? shown.map((one) => one.entry) : [],
      strangeCount: isStrange || hasFailed ? Math.max(this.#sureCount, shown.length) : 0,
    }
  }
}

function told({ signature, values, entry, entries, count, isOvercome }: OpenFailure): Failure {
  const { extend } = values
  const given = captured(values)
  const all = extend === undefined ? given : { ...given, extend: extend.toUpperCase(), place: setupPlace(Number.parseInt(extend, 16)) } // prettier-ignore
  const codes = new Map<string, NamedCode>()
  for (const one of [entry, ...entries])
    for (const code of codesIn(one.text.slice(0, mostSearched))) codes.set(code.code, code)
  return {
    id: signature.id,
    title: signature.title(all),
    means: signature.means?.() ?? '',
    fix: signature.fix?.() ?? '',
    rules: signature.rules,
    source: signature.source,
    isConfirmed: signature.isConfirmed,
    entry,
    chain: entries.filter((one) => one !== entry),
    count,
    codes: [...codes.values()].slice(0, 6),
    isOvercome,
  }
}
