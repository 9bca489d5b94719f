/** The address for the next window, in a file that only the person who runs the lab can read. */
import { rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { replaceFile } from '../files/replace-file.ts'

export class NextAddress {
  readonly path: string
  readonly #complain: (text: string) => void
  #written = Promise.resolve()

  constructor(stateFolder: string, complain: (text: string) => void) {
    this.path = join(stateFolder, 'serve-address')
    this.#complain = complain
  }

  write(url: string): void {
    this.#written = this.#written.then(async () => {
      try {
        await mkdir(dirname(this.path), { recursive: true, mode: 0o700 })
        // Made anew: neither a link nor the permissions of an older file are taken over.
        rmSync(this.path, { force: true })
        await replaceFile(this.path, `${url}\n`, { mode: 0o600, refusesLinks: true })
      } catch (error) {
        this.#complain(`the address of the next window cannot be written: ${(error as Error).message}`)
      }
    })
  }

  async remove(): Promise<void> {
    await this.#written
    rmSync(this.path, { force: true })
  }
}
