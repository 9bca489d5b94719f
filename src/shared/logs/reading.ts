/** A log, or the files of one that was rolled: read as entries, told as stories. */
import { say, type Message } from '#messages/message.ts'
import { DhcpOffers } from './dhcp-offers.ts'
import { DnsmasqReplies } from './dnsmasq-replies.ts'
import type { LogEntry } from './entry.ts'
import { EntryReader } from './entries.ts'
import { familyOf, type Family } from './family.ts'
import { machineOf, PxeStories } from './pxe-stories.ts'
import { Before, matchOf, noteNeighbours } from './signatures.ts'
import { Story, type Outcome, type StoryKind, type StoryReport } from './story.ts'

export interface LogFilter {
  /** MAC address or GUID, or a part of one, in any spelling. */
  readonly machine?: string
  /** Times as the clock of the log showed them, in milliseconds; see `LogEntry.localMs`. */
  readonly fromMs?: number
  readonly toMs?: number
}

export interface LogReport {
  readonly files: readonly string[]
  readonly lines: number
  readonly entries: number
  /** Entries that a filter left out. */
  readonly left: number
  readonly outcome: Outcome
  /** Those that failed first. */
  readonly stories: readonly StoryReport[]
}

const kinds: Readonly<Record<Family, StoryKind>> = {
  pxe: 'provider',
  sequence: 'sequence',
  setup: 'setup',
  event: 'event',
  server: 'server',
  media: 'media',
  screen: 'screen',
  linux: 'linux',
}
const names: Readonly<Record<StoryKind, Message>> = {
  machine: say('logs.story-machine'),
  provider: say('logs.story-provider'),
  sequence: say('logs.story-sequence'),
  setup: say('logs.story-setup'),
  event: say('logs.story-event'),
  server: say('logs.story-server'),
  media: say('logs.story-media'),
  screen: say('logs.story-screen'),
  linux: say('logs.story-linux'),
  other: say('logs.story-other'),
}
const order: readonly Outcome[] = ['failed', 'unknown', 'good', 'open']

/** Whether a text may be a part of a MAC address or GUID. */
export const isMachineId = (text: string): boolean => /^[\da-f:.{}\s-]*[\da-f][\da-f:.{}\s-]*$/i.test(text)

const plainId = (text: string): string => text.toUpperCase().replace(/[^\dA-F]/g, '')

export class LogReading {
  readonly #filter: LogFilter
  readonly #onEntry: ((entry: LogEntry) => void) | undefined
  readonly #stories = new Map<StoryKind, Story>()
  readonly #pxe: PxeStories
  readonly #replies = new DnsmasqReplies((entry, match) => this.#storyOf('linux').take(entry, match))
  readonly #offers = new DhcpOffers((entry, match) => this.#storyOf('linux').take(entry, match))
  readonly #files: string[] = []
  #reader: EntryReader | undefined
  #lines = 0
  #entries = 0
  #left = 0
  /** Time of the last entry of this file that has one: those without one are of its time. */
  #lastMs: number | undefined
  /** The log that the entries of this file are from, for those that do not say it. */
  #family: Family | undefined
  /** What the lines of this file showed, for rows that want it beside them. */
  readonly #seen = new Set<RegExp>()
  readonly #before = new Before()

  constructor(filter: LogFilter = {}, onEntry?: (entry: LogEntry) => void) {
    this.#filter = filter
    this.#onEntry = onEntry
    this.#pxe = new PxeStories(this.#storyOf('provider'))
  }

  /** Begins a file; those of a rolled log come in the order of their times. */
  begin(file: string): void {
    this.#endFile()
    this.#files.push(file)
    this.#family = undefined
    this.#seen.clear()
    this.#before.clear()
    this.#lastMs = undefined
    this.#reader = new EntryReader(file, (entry) => this.#take(entry))
  }

  push(text: string): void {
    this.#reader?.push(text)
  }

  end(): LogReport {
    this.#endFile()
    this.#pxe.end()
    const { machine } = this.#filter
    const wanted = machine === undefined || machine.trim() === '' ? '' : plainId(machine)
    const isNone = machine !== undefined && machine.trim() !== '' && !isMachineId(machine)
    const all = [...this.#stories.values(), ...this.#pxe.machines]
      .filter((one) => !one.isEmpty)
      .map((one) => one.report())
    const shown = isNone
      ? []
      : wanted === ''
        ? all
        : all.filter((one) => plainId(one.mac ?? '').includes(wanted) || plainId(one.guid ?? '').includes(wanted))
    // Lines around what is known, of which nothing is told, are no story.
    const told = shown.length > 1 ? shown.filter((one) => one.kind !== 'other' || one.outcome !== 'open') : shown
    const stories = told.sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome))
    return {
      files: this.#files,
      lines: this.#lines,
      entries: this.#entries,
      left: this.#left,
      outcome: order.find((one) => stories.some((story) => story.outcome === one)) ?? 'open',
      stories,
    }
  }

  #endFile(): void {
    this.#reader?.end()
    this.#replies.end()
    this.#offers.end()
    this.#lines += this.#reader?.lines ?? 0
    this.#reader = undefined
  }

  #take(entry: LogEntry): void {
    this.#entries++
    const { fromMs, toMs } = this.#filter
    const atMs = entry.localMs ?? this.#lastMs
    this.#lastMs = atMs
    if (atMs !== undefined && ((fromMs !== undefined && atMs < fromMs) || (toMs !== undefined && atMs > toMs))) {
      this.#left++
      return
    } // prettier-ignore
    this.#onEntry?.(entry)
    const own = familyOf(entry)
    if (own !== undefined) this.#family = own
    const family = own ?? this.#family
    // What the log it is from does not know may be of another: people paste screens and events among lines.
    noteNeighbours(entry.text, this.#seen)
    const match =
      (family && matchOf(entry, family, this.#seen, this.#before)) ??
      (own === undefined ? matchOf(entry, undefined, this.#seen, this.#before) : undefined)
    this.#before.take(entry.text)
    // A line without a component says by its words what the lines around it are.
    if (match && entry.component === undefined) this.#family ??= match.family
    const found = match?.family ?? family ?? (machineOf(entry.text) ? 'pxe' : undefined)
    if (found === 'pxe') return this.#pxe.take(entry, match)
    const story = this.#storyOf(found === undefined ? 'other' : kinds[found])
    if (found === 'sequence') identify(story, entry.text)
    story.take(entry, match)
    if (entry.component === 'dnsmasq') this.#replies.take(entry)
    if (own === 'linux') this.#offers.take(entry)
  }

  #storyOf(kind: StoryKind): Story {
    const known = this.#stories.get(kind)
    if (known) return known
    const story = new Story(kind, names[kind])
    this.#stories.set(kind, story)
    return story
  }
}

/** Which machine a task sequence runs on, where its log says it. */
function identify(story: Story, text: string): void {
  if (story.mac === undefined) story.mac = /\bMAC(?: ?Address)?\W{1,4}((?:[\da-f]{2}[:-]){5}[\da-f]{2})\b/i.exec(text)?.[1]?.toUpperCase().replaceAll('-', ':') // prettier-ignore
  if (story.guid === undefined) story.guid = /\b(?:SMBIOS GUID|UUID)\W{1,4}([\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12})\b/i.exec(text)?.[1]?.toUpperCase() // prettier-ignore
}

/** Reads a whole log, or an excerpt of one. */
export function readLog(text: string, file = '', filter: LogFilter = {}): LogReport {
  const reading = new LogReading(filter)
  reading.begin(file)
  reading.push(text)
  return reading.end()
}
