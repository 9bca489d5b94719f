/** What the lab has told: the last lines of its log, the warnings that stand, how many problems there were. */
import type { LogLine } from '#shared/contract/calls.ts'
import { describeEvent, type LabEvent } from '#shared/contract/events.ts'

const keptLogLines = 2000
const keptWarnings = 50
/** A storm is told a part at a time: a window that is busy reading shows nothing. */
const linesInPush = 300

export class LogBook {
  /** Puts names beside the addresses of a sentence; `own`: the machine that it is about, empty for none. */
  readonly #say: (text: string, own: string) => string
  #lines: LogLine[] = []
  #fresh: LogLine[] = []
  #count = 0
  #warnings: string[] = []
  /** How many of the last lines have their addresses still without names. */
  #unnamed = 0

  constructor(say: (text: string, own: string) => string) {
    this.#say = say
  }

  get lines(): LogLine[] {
    this.name()
    return this.#lines
  }

  /** Since the last start, each once, the newest last. */
  get warnings(): string[] {
    return this.#warnings
  }

  /** Begins with the lines of an earlier run. */
  restore(lines: readonly LogLine[]): void {
    const restored = lines.slice(-keptLogLines).map((line) => ({ ...line, id: ++this.#count }))
    this.#lines = [...restored, ...this.#lines.map((line) => ({ ...line, id: ++this.#count }))]
    this.#fresh = [...this.#lines]
  }

  /** Tells the names that are known now in the lines that came since; later ones change no line. */
  name(): void {
    for (const line of this.#lines.slice(Math.max(0, this.#lines.length - this.#unnamed))) line.text = this.#say(line.text, line.mac ?? '') // prettier-ignore
    this.#unnamed = 0
  }

  clear(): void {
    this.#lines = []
    this.#unnamed = 0
    this.#fresh = []
    this.#warnings = []
  }

  forgetWarnings(): void {
    this.#warnings = []
  }

  hear(event: LabEvent): void {
    // A machine that waits asks every few seconds; that it does is told once.
    if (event.type === 'transfer-progress' || (event.type === 'wds-pending' && !event.isNew)) return
    const { level, text } = describeEvent(event)
    if (event.type === 'warning') this.#warn(event.message)
    const line: LogLine = {
      id: ++this.#count,
      time: event.time,
      level,
      type: event.type,
      mac: 'client' in event && typeof event.client === 'object' ? event.client.mac : null,
      text,
    }
    this.#lines.push(line)
    this.#unnamed++
    this.#fresh.push(line)
    if (this.#lines.length > keptLogLines * 1.25) this.#lines = this.#lines.slice(-keptLogLines)
    if (this.#fresh.length > keptLogLines) this.#fresh.shift()
  }

  /** Lines since the last call, a part of them where they are many. */
  takeFresh(): LogLine[] {
    this.name()
    return this.#fresh.splice(0, linesInPush)
  }

  /** Nobody is there to whom they would be fresh. */
  dropFresh(): void {
    this.#fresh = []
  }

  #warn(message: string): void {
    this.#warnings = [...this.#warnings.filter((one) => one !== message), message].slice(-keptWarnings)
  }
}
