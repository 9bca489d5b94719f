/** A log file that stays small: when it is full it becomes `name.1.log`, the one before `name.2.log`, and the oldest goes. */
import { appendFileSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { closeToOthers } from '../files/close-to-others.ts'
import { renameOverSync } from '../files/replace-file.ts'

export interface RotatingLogOptions {
  readonly folder: string
  /** Without the ending. */
  readonly name: string
  readonly maxBytes?: number
  /** Files kept beside the current one. */
  readonly keep?: number
}

function attempt(work: () => void): void {
  try {
    work()
  } catch {
    // A log goes on without it.
  }
}

export class RotatingLog {
  readonly #folder: string
  readonly #name: string
  readonly #maxBytes: number
  readonly #keep: number
  #bytes: number | undefined
  #hasFailed = false

  constructor({ folder, name, maxBytes = 1024 * 1024, keep = 4 }: RotatingLogOptions) {
    this.#folder = folder
    this.#name = name
    this.#maxBytes = maxBytes
    this.#keep = keep
  }

  get path(): string {
    return join(this.#folder, `${this.#name}.log`)
  }

  /** Appends lines with the time, at once: what a crash follows is in the file. A log that cannot be written is told once. */
  write(lines: readonly string[], time: Date = new Date()): void {
    if (lines.length === 0) return
    const stamp = time.toISOString()
    // What an entry holds beyond its first line is indented: only an entry begins with a time.
    const text = lines.map((line) => `${stamp} ${line.trimEnd().replace(/\r?\n/g, '\n    ')}\n`).join('')
    const bytes = Buffer.byteLength(text)
    try {
      this.#bytes ??= this.#open()
      if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) this.#rotate()
      appendFileSync(this.path, text, { mode: 0o600 })
      this.#bytes += bytes
      this.#hasFailed = false
    } catch (error) {
      this.#bytes = undefined
      if (!this.#hasFailed) process.stderr.write(`The log ${this.path} cannot be written: ${String(error)}\n`)
      this.#hasFailed = true
    }
  }

  #open(): number {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    closeToOthers(this.#folder, /^[\w-]+(\.\d+)?\.log$/)
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0
  }

  #rotate(): void {
    const numbered = (number: number): string => join(this.#folder, `${this.#name}.${number}.log`)
    // There may be fewer; and on Windows a reader may hold one, which the next then overwrites.
    attempt(() => rmSync(numbered(this.#keep), { force: true }))
    for (let number = this.#keep - 1; number >= 1; number--)
      attempt(() => renameOverSync(numbered(number), numbered(number + 1)))
    // Held as well, the current one grows on, and is tried again when as much has been added.
    attempt(() => renameOverSync(this.path, numbered(1)))
    this.#bytes = 0
  }
}
