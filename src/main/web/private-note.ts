/** A file of a running lab that only the person who runs it can read: who has it may come in. It goes when the lab ends. */
import { readFileSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceFile } from '../files/replace-file.ts'

export class PrivateNote {
  readonly path: string
  readonly #what: string
  readonly #complain: (text: string) => void
  #written = Promise.resolve()
  #last = ''

  /** `what` is in it, as complaints say it. */
  constructor(path: string, what: string, complain: (text: string) => void) {
    this.path = path
    this.#what = what
    this.#complain = complain
  }

  write(text: string): void {
    this.#written = this.#written.then(async () => {
      try {
        await mkdir(dirname(this.path), { recursive: true, mode: 0o700 })
        // Made anew: neither a link nor the permissions of an older file are taken over.
        rmSync(this.path, { force: true })
        await replaceFile(this.path, `${text}\n`, { mode: 0o600, refusesLinks: true })
        this.#last = `${text}\n`
      } catch (error) {
        this.#complain(`${this.#what} cannot be written: ${(error as Error).message}`)
      }
    })
  }

  /** What another lab has put in its place since stays. */
  async remove(): Promise<void> {
    await this.#written
    try {
      if (readFileSync(this.path, 'utf8') === this.#last) rmSync(this.path)
    } catch {
      // It is gone.
    }
  }
}
