/** The address for the next window, in a file that only the person who runs the lab can read. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export class NextAddress {
  readonly path: string
  readonly #complain: (text: string) => void

  constructor(stateFolder: string, complain: (text: string) => void) {
    this.path = join(stateFolder, 'serve-address')
    this.#complain = complain
  }

  write(url: string): void {
    try {
      mkdirSync(join(this.path, '..'), { recursive: true, mode: 0o700 })
      // Made anew: neither a link nor the permissions of an older file are taken over.
      rmSync(this.path, { force: true })
      writeFileSync(this.path, `${url}\n`, { flag: 'wx', mode: 0o600 })
    } catch (error) {
      this.#complain(`the address of the next window cannot be written: ${(error as Error).message}`)
    }
  }

  remove(): void {
    rmSync(this.path, { force: true })
  }
}
