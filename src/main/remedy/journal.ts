/**
 * The journal of changes to this machine: a file for each remedy in the state folder, on disk before the change is made.
 * Whatever ends the program, the file tells what was there and how far it got.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { recordName, remedyRecordSchema, type RemedyRecord } from '#shared/lab/repair.ts'
import { readOwnFile } from '../files/own-file.ts'
import { replaceFile, writeRemedy } from '../files/replace-file.ts'
import { RemedyError } from './kinds.ts'

/** What takes a lock is done with it sooner; an empty file that is older is left over. */
const takingMs = 10_000

export class Journal {
  readonly folder: string
  constructor(folder: string) {
    this.folder = folder
  }

  #path(id: string): string {
    return join(this.folder, `${id}.json`)
  }

  /** Durable when it returns: the file is whole, before or after. What the administrator's process writes stays its user's. */
  async write(record: RemedyRecord): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 })
      const text = `${JSON.stringify(record, undefined, 1)}\n`
      await replaceFile(this.#path(record.id), text, { mode: 0o600, refusesLinks: true })
    } catch (error) {
      throw this.#unwritable(error)
    }
  }

  #unwritable(error: unknown): RemedyError {
    const { code, message } = error as NodeJS.ErrnoException
    return new RemedyError(
      `the journal cannot be written in ${resolve(this.folder)} (${code ?? message}), and nothing is changed without one`,
      writeRemedy(error),
    )
  }

  async read(id: string): Promise<RemedyRecord> {
    const file = recordName.test(id) ? await readOwnFile(this.#path(id)).catch(() => undefined) : undefined
    if (file === undefined)
      throw new RemedyError(
        `there is no journal ${id} in ${resolve(this.folder)}`,
        'Choose one of those that are listed.',
      )
    // What it holds instead is not shown: to an administrator's process it may be a file that its user cannot read.
    const record = recordIn(file.text)
    const own = process.geteuid?.() === 0 ? (await stat(this.folder)).uid : file.uid
    if (record?.id !== id || (file.uid !== own && file.uid !== 0))
      throw new RemedyError(`the journal ${id} in ${resolve(this.folder)} is damaged`, 'Take the change back by hand.')
    return record
  }

  /** The newest first; a file that is damaged is left out of the list and left on disk. */
  async list(): Promise<RemedyRecord[]> {
    const names = await readdir(this.folder).catch(() => [])
    const records = await Promise.all(
      names
        .filter((name) => name.endsWith('.json'))
        .map((name) => this.read(name.slice(0, -'.json'.length)).catch(() => undefined)),
    )
    return records
      .filter((one) => one !== undefined)
      .sort((a, b) => b.startedAt.localeCompare(a.startedAt) || b.id.localeCompare(a.id))
  }

  newId(): string {
    return `${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}-${randomUUID().slice(0, 8)}`
  }

  #lock(): string {
    return join(this.folder, 'lock')
  }

  /** The process that makes changes now; undefined where none does. */
  holder(): Promise<number | undefined> {
    return holderIn(this.#lock())
  }

  /** One at a time, whichever process. Returns how to let go. */
  async hold(): Promise<() => Promise<void>> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw this.#unwritable(error)
    })
    if (!(await this.#take()) && !((await this.#clear()) && (await this.#take()))) {
      const holder = await this.holder()
      throw new RemedyError(
        `another change is being made${holder === undefined ? '' : ` by process ${holder}`}`,
        'Wait for it to end, then try again.',
      )
    }
    return () => rm(this.#lock(), { force: true })
  }

  /** Makes the lock; false where there is one. */
  async #take(): Promise<boolean> {
    try {
      const file = await open(this.#lock(), 'wx', 0o600)
      try {
        // Whose folder it is must be able to read who works in it.
        if (process.geteuid?.() === 0) {
          const { uid, gid } = await stat(this.folder)
          await file.chown(uid, gid)
        }
        await file.write(String(process.pid))
      } finally {
        await file.close()
      }
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw this.#unwritable(error)
    }
  }

  /**
   * Takes the lock of a dead process away; false where it is no dead one's. One at a time: whoever looked before another took
   * it away would take away the lock that came after.
   */
  async #clear(): Promise<boolean> {
    const clearing = `${this.#lock()}.clearing`
    try {
      await (await open(clearing, 'wx', 0o600)).close()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw this.#unwritable(error)
      // Of a process that ended in between: the next one that asks finds its way free.
      if (!(await isFresh(clearing))) await rm(clearing, { force: true })
      return false
    }
    try {
      // Made, and its number about to be written.
      const isBeingTaken =
        (await stat(this.#lock()).catch(() => undefined))?.size === 0 && (await isFresh(this.#lock()))
      if (isBeingTaken || (await this.holder()) !== undefined) return false
      await rm(this.#lock(), { force: true })
      return true
    } finally {
      await rm(clearing, { force: true })
    }
  }
}

/** A clock that was set back since leaves a time to come: such a file is no fresher than an old one. */
const isFresh = async (file: string): Promise<boolean> => {
  const found = await stat(file).catch(() => undefined)
  return found !== undefined && Math.abs(Date.now() - found.mtimeMs) < takingMs
}

/** The live process that a lock names. */
async function holderIn(lock: string): Promise<number | undefined> {
  const pid = Number((await readOwnFile(lock).catch(() => undefined))?.text)
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  try {
    process.kill(pid, 0)
    return pid
  } catch (error) {
    // A process of the administrator is there, and is not ours to signal.
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? pid : undefined
  }
}

function recordIn(text: string): RemedyRecord | undefined {
  try {
    return remedyRecordSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
