import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFileSync } from '../files/replace-file.ts'

/** How far the frames of the responder were taken, kept beside the spool: an agent that starts again goes on there. */
export class Position {
  readonly #file: string
  #written = 0n

  constructor(folder: string) {
    this.#file = join(folder, 'beside.json')
  }

  read(): bigint | undefined {
    try {
      return BigInt((JSON.parse(readFileSync(this.#file, 'utf8')) as { lastNs: string }).lastNs)
    } catch {
      return undefined
    }
  }

  write(lastNs: bigint): void {
    if (lastNs === this.#written) return
    try {
      replaceFileSync(this.#file, JSON.stringify({ lastNs: String(lastNs) }))
      this.#written = lastNs
    } catch {
      // A full disk: the next time.
    }
  }
}
