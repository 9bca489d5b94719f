/**
 * Pieces of files that are being sent over HTTP, shared by all transfers: machines that boot the same image read it from the disk
 * once, and a piece of memory is used again instead of being left to the garbage collector, which would cost more than sending it.
 */
import { readAt, versionOf, type FoundFile } from './boot-folder.ts'

type OpenFile = Pick<FoundFile, 'handle' | 'size' | 'version' | 'modified' | 'within'>

/** Read at a time, in bytes. Each costs two calls of the system that wait for a thread, and one more that sends it. */
export const chunkBytes = 512 * 1024
const mostChunks = 64
/** The clocks of file systems are coarse: what was written so lately may be written again under the same time. */
const settledMs = 2000

interface Entry {
  readonly key: string
  readonly buffer: Buffer
  /** Resolves when it is filled; false where the file is not the one that was opened any more. Rejects with what the system says. */
  readonly filled: Promise<boolean>
  /** Transfers that may still read it. */
  users: number
  isShared: boolean
}

/** Part of a file until `release` is called, once. */
export interface Chunk {
  readonly bytes: Uint8Array
  release(): void
}

export class FileChunks {
  /** In order of last use, the oldest first. */
  readonly #entries = new Map<string, Entry>()
  readonly #free: Buffer[] = []
  #made = 0

  /** Pieces that somebody still uses. */
  get inUse(): number {
    return [...this.#entries.values()].filter((one) => one.users > 0).length
  }

  /** The bytes from `at` to the end of their piece, or to `end`; undefined where the file has changed since it was opened. */
  async read(file: OpenFile, at: number, end: number): Promise<Chunk | undefined> {
    const index = Math.floor(at / chunkBytes)
    const entry = this.#entry(file, index)
    entry.users++
    let isUsed = true
    const release = (): void => {
      if (!isUsed) return
      isUsed = false
      entry.users--
      if (entry.users > 0) return
      if (!entry.isShared) this.#putBack(entry.buffer)
      else if (this.#made > mostChunks) {
        // A crowd has been served: it does not keep its memory.
        this.#entries.delete(entry.key)
        this.#made--
      }
    }
    try {
      if (await entry.filled) {
        const from = index * chunkBytes
        return { bytes: entry.buffer.subarray(at - from, Math.min(chunkBytes, end + 1 - from)), release }
      }
    } catch (error) {
      release()
      throw error
    }
    release()
    return undefined
  }

  #entry(file: OpenFile, index: number): Entry {
    // Files of one image have its version, and differ by where they begin.
    const key = `${file.version} ${file.within ? `${file.within.extents[0]?.offset} ${file.size} ` : ''}${index}`
    const known = this.#entries.get(key)
    if (known) {
      this.#entries.delete(key)
      this.#entries.set(key, known)
      return known
    }
    const buffer = this.#buffer()
    const entry: Entry = { key, buffer, filled: fill(file, buffer, index * chunkBytes), users: 0, isShared: true }
    const forget = (): void => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key)
      entry.isShared = false
      if (entry.users === 0) this.#putBack(buffer)
    }
    entry.filled.then((isFilled) => {
      if (!isFilled || file.modified.getTime() + settledMs > Date.now()) forget()
    }, forget)
    this.#entries.set(key, entry)
    return entry
  }

  #putBack(buffer: Buffer): void {
    if (this.#made > mostChunks) this.#made--
    else this.#free.push(buffer)
  }

  /** One that nobody uses; a new one where all are used, or while there are few. */
  #buffer(): Buffer {
    const free = this.#free.pop()
    if (free) return free
    if (this.#made >= mostChunks)
      for (const [key, entry] of this.#entries) {
        if (entry.users > 0) continue
        this.#entries.delete(key)
        return entry.buffer
      }
    this.#made++
    return Buffer.allocUnsafeSlow(chunkBytes)
  }
}

async function fill(file: OpenFile, buffer: Buffer, from: number): Promise<boolean> {
  const length = Math.min(chunkBytes, file.size - from)
  for (let at = 0; at < length;) {
    const count = await readAt(file, buffer.subarray(at, length), from + at)
    if (count === 0) return false
    at += count
  }
  return (await versionOf(file.handle)) === file.version
}
