/**
 * One lab alone uses a state folder. The lock is a write lock of SQLite on a file of its own: the system takes it back
 * when the process ends, however it ends, so that no lock is ever stale and no process number is mistaken for another's.
 * What stands in the file, and can be read while it is locked, says who has it.
 */
import { closeSync, existsSync, openSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { saysDamaged, saysLocked } from './sqlite-problem.ts'

export interface LockHolder {
  readonly pid: number
  readonly host: string
  /** Path of the lab file. */
  readonly lab: string
}

/** Somebody else has the folder; undefined where who it is cannot be read. */
export class FolderInUse extends Error {
  readonly holder: LockHolder | undefined
  constructor(folder: string, holder: LockHolder | undefined) {
    super(
      holder
        ? `the folder ${folder} is in use by PXE Lab with ${holder.lab} (process ${holder.pid} on ${holder.host})`
        : `the folder ${folder} is in use by another PXE Lab`,
    )
    this.holder = holder
  }
}

/** Two that start in the same instant wait for each other this long. */
const waitMs = 500

export class StateLock {
  readonly #database: DatabaseSync
  #isHeld = true

  private constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** Throws `FolderInUse`, or the error of SQLite where the folder cannot be written. */
  static take(folder: string, lab: string): StateLock {
    const file = join(folder, 'lock.sqlite')
    try {
      return StateLock.#take(folder, file, lab)
    } catch (error) {
      if (!saysDamaged(error)) throw error
      // Nothing in it is worth keeping.
      rmSync(file)
      return StateLock.#take(folder, file, lab)
    }
  }

  static #take(folder: string, file: string, lab: string): StateLock {
    // SQLite makes it readable to everybody.
    closeSync(openSync(file, 'a', 0o600))
    const database = new DatabaseSync(file)
    const own: LockHolder = { pid: process.pid, host: hostname(), lab }
    try {
      database.exec(`PRAGMA busy_timeout = ${waitMs}; PRAGMA synchronous = OFF`)
      do {
        // Who has it must be committed to be readable, and to commit is to let go: whoever comes between is seen.
        database.exec('BEGIN IMMEDIATE')
        database.exec(`CREATE TABLE IF NOT EXISTS holder (pid INTEGER, host TEXT, lab TEXT) STRICT; DELETE FROM holder`)
        database.prepare('INSERT INTO holder VALUES (?, ?, ?)').run(own.pid, own.host, own.lab)
        database.exec('COMMIT; BEGIN IMMEDIATE')
      } while (JSON.stringify(readHolder(database)) !== JSON.stringify(own) && backOut(database))
      return new StateLock(database)
    } catch (error) {
      const holder = saysLocked(error) ? readHolder(database) : undefined
      database.close()
      throw saysLocked(error) ? new FolderInUse(folder, holder) : error
    }
  }

  release(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#database.close()
  }
}

/** Who has the folder, or had it last; undefined where nobody has, or it does not tell. */
export function lastHolder(folder: string): LockHolder | undefined {
  const file = join(folder, 'lock.sqlite')
  if (!existsSync(file)) return undefined
  try {
    const database = new DatabaseSync(file, { readOnly: true })
    try {
      return readHolder(database)
    } finally {
      database.close()
    }
  } catch {
    return undefined
  }
}

function backOut(database: DatabaseSync): true {
  database.exec('ROLLBACK')
  return true
}

function readHolder(database: DatabaseSync): LockHolder | undefined {
  try {
    const row = database.prepare('SELECT pid, host, lab FROM holder').get() as LockHolder | undefined
    return row && { pid: row.pid, host: row.host, lab: row.lab }
  } catch {
    // It is being written at this moment, or was left unfinished.
    return undefined
  }
}
