/**
 * Files that are being read over HTTP: clients that load in ranges ask for the same file over and over, and opening it takes five
 * calls of the system, each of which waits for a thread. What is open is used again while it is what its name leads to.
 */
import { stat } from 'node:fs/promises'
import { versionIn, type Asker, type BootFile, type FoundFile, type ServedFolder } from './boot-folder.ts'

interface Entry {
  readonly file: FoundFile
  users: number
  /** A look at the disk that has not begun yet. */
  check: Promise<boolean> | undefined
  isKept: boolean
  timer: NodeJS.Timeout | undefined
}

/** For the next range of a client; a file that nobody reads can soon be replaced on Windows as well. */
const idleMs = 250
const mostKept = 256

export class OpenFiles {
  readonly #folder: ServedFolder
  readonly #entries = new Map<string, Entry>()

  constructor(folder: ServedFolder) {
    this.#folder = folder
  }

  /** What the name means now; `release` is called once by whoever was given it. */
  async open(
    requested: string,
    asker: Asker,
  ): Promise<Exclude<BootFile, FoundFile> | (FoundFile & { release(): void })> {
    // A folder may give each client another file under one name.
    const name = `${asker.client} ${requested}`
    const known = this.#entries.get(name)
    if (known) {
      known.users++
      clearTimeout(known.timer)
      known.check ??= nextLook(known)
      if (await known.check) return this.#given(name, known)
      this.#forget(name, known)
      this.#release(name, known)
    }
    const file = await this.#folder.openFile(requested, asker)
    if (!file.ok) return file
    const entry: Entry = { file, users: 1, check: undefined, isKept: false, timer: undefined }
    if (!file.content && !file.within && !this.#entries.has(name) && this.#entries.size < mostKept) {
      entry.isKept = true
      this.#entries.set(name, entry)
    }
    return this.#given(name, entry)
  }

  #given(name: string, entry: Entry): FoundFile & { release(): void } {
    return { ...entry.file, release: () => this.#release(name, entry) }
  }

  #forget(name: string, entry: Entry): void {
    entry.isKept = false
    if (this.#entries.get(name) === entry) this.#entries.delete(name)
  }

  #release(name: string, entry: Entry): void {
    if (--entry.users > 0) return
    const close = (): void => {
      this.#forget(name, entry)
      void entry.file.handle.close().catch(() => {})
    }
    if (!entry.isKept) return close()
    entry.timer = setTimeout(close, idleMs)
    entry.timer.unref()
  }
}

/**
 * One look at the disk for all requests that this turn of the event loop brings: it begins when the last of them is there, so that
 * none is answered by what was so before it came.
 */
async function nextLook(entry: Entry): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve))
  entry.check = undefined
  return isStill(entry.file)
}

/** Whether the name still leads to what is open. */
async function isStill({ asked, version }: FoundFile): Promise<boolean> {
  try {
    return versionIn(await stat(asked, { bigint: true })) === version
  } catch {
    return false
  }
}
