/** A list in the state folder, as a file of JSON: read at the start, written whenever it changes, the newest state last. */
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { z } from 'zod'
import { replaceFile } from '../files/replace-file.ts'

/** Empty where there is no file; `problem` says why one that is there cannot be used. */
export function readKeptList<T>(
  path: string,
  schema: z.ZodType<T[]>,
): { readonly list: T[]; readonly problem?: string } {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? { list: [] } : { list: [], problem: `it cannot be read (${code})` }
  }
  try {
    return { list: schema.parse(JSON.parse(text)) }
  } catch {
    return { list: [], problem: 'it is damaged' }
  }
}

/** One file at a time; what comes while it is written is written after it. */
export class KeptList {
  readonly #path: string
  readonly #onError: (error: Error) => void
  #next: readonly unknown[] | undefined
  #writing: Promise<void> | undefined

  constructor(path: string, onError: (error: Error) => void) {
    this.#path = path
    this.#onError = onError
  }

  write(list: readonly unknown[]): void {
    this.#next = list
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined))
  }

  /** Resolves when everything is written. */
  async close(): Promise<void> {
    await this.#writing
  }

  async #writeAll(): Promise<void> {
    while (this.#next) {
      const content = JSON.stringify(this.#next)
      this.#next = undefined
      try {
        await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
        await replaceFile(this.#path, content, { mode: 0o600, refusesLinks: true })
      } catch (error) {
        this.#onError(error as Error)
      }
    }
  }
}
