/** What the shell remembers between two runs: one small file, read whole at the start and replaced whole on each change. */
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { keptShellSchema, type KeptShell } from '#shared/contract/shell.ts'
import { replaceFileSync } from '../files/replace-file.ts'

export class KeptState {
  readonly #path: string
  readonly #onProblem: (message: string) => void
  readonly #listeners = new Set<() => void>()
  #value: KeptShell

  /** `onProblem` is told when the file cannot be written: the choices then hold for this run only. */
  constructor(path: string, onProblem: (message: string) => void) {
    this.#path = path
    this.#onProblem = onProblem
    this.#value = this.#read()
  }

  get value(): KeptShell {
    return this.#value
  }

  change(part: Partial<KeptShell>): void {
    this.#value = { ...this.#value, ...part }
    try {
      mkdirSync(dirname(this.#path), { recursive: true })
      replaceFileSync(this.#path, JSON.stringify(this.#value, null, 2))
    } catch (error) {
      this.#onProblem(`${this.#path} cannot be written: ${String(error)}`)
    }
    for (const hear of this.#listeners) hear()
  }

  onChange(hear: () => void): void {
    this.#listeners.add(hear)
  }

  #read(): KeptShell {
    let value: unknown
    try {
      value = JSON.parse(readFileSync(this.#path, 'utf8'))
    } catch {
      // The first run, or a file that is no JSON: nothing in it is worth stopping for.
    }
    const read = keptShellSchema.safeParse(value)
    return read.success ? read.data : keptShellSchema.parse({})
  }
}
