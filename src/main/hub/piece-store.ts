/** Where captures lie, compressed as they came: a folder, or what `s3-store.ts` writes to. Keys are made by the hub alone. */
import { readFileSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { replaceFile } from '../files/replace-file.ts'

export interface PieceStore {
  /** Resolves when it is durable. The same key again takes the place of what was there. */
  put(key: string, bytes: Uint8Array): Promise<void>
  /** Undefined where there is none of that key. */
  get(key: string): Promise<Uint8Array | undefined>
  remove(key: string): Promise<void>
}

/** `agent` is site and stream, both checked where they came in. */
export const pieceKey = (agent: string, number: number): string =>
  `${agent}/${String(number).padStart(10, '0')}.pcapng.gz`

export class FolderStore implements PieceStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.#folder, key)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await replaceFile(path, bytes, { mode: 0o600, refusesLinks: true })
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    try {
      return readFileSync(join(this.#folder, key))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  async remove(key: string): Promise<void> {
    rmSync(join(this.#folder, key), { force: true })
  }
}
