/**
 * Leases on disk, in SQLite. A commit returns when the leases are durable: the journal is written through to the disk
 * before any acknowledgement that depends on it leaves. A damaged database is set aside, never deleted; one that cannot
 * be used for another reason is left as it is, and the lab does not start: an empty table would give addresses twice.
 */
import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { renameOverSync } from '../files/replace-file.ts'
import type { Lease, LeaseState } from '#shared/machines/dhcp-server/leases.ts'
import type { Lease6 } from '#shared/machines/dhcpv6-server/leases.ts'
import { LeasePlace } from './lease-place.ts'
import { saysDamaged, saysLocked, storageProblem } from './sqlite-problem.ts'
import { FolderInUse, StateLock } from './state-lock.ts'

/** Raised when the layout changes; older files are converted, newer ones refused. The second has leases of IPv6. */
const layoutVersion = 2

/** A lease of either family, told apart by its address. */
export type StoredLease = Lease | Lease6

export interface OpenedLeaseStore {
  readonly store: LeaseStore
  readonly leases: Lease[]
  readonly leases6: Lease6[]
  /** Where a damaged database was put; undefined where nothing was damaged. */
  readonly setAside: { readonly file: string; readonly reason: string } | undefined
}

/** Why leases cannot be kept, and what to do about it. */
export class LeaseStoreError extends Error {
  readonly remedy: string
  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

/** The database can be read and is inconsistent. */
class Inconsistent extends Error {}

/** At the start somebody may still be busy with the file; later each millisecond is one that all clients wait. */
const openWaitMs = 2000
const commitWaitMs = 50

export class LeaseStore {
  readonly #database: DatabaseSync
  readonly #lock: StateLock
  readonly #put: StatementSync
  readonly #put6: StatementSync
  readonly #place: LeasePlace
  readonly #begin: StatementSync
  readonly #end: StatementSync
  #isOpen = true

  private constructor(database: DatabaseSync, lock: StateLock, place: LeasePlace) {
    this.#database = database
    this.#lock = lock
    this.#place = place
    this.#begin = database.prepare('BEGIN')
    this.#end = database.prepare('COMMIT')
    this.#put = database.prepare(
      `INSERT INTO lease (address, key, mac, uuid, hostname, architecture, state, since, until)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (address) DO UPDATE SET key = excluded.key, mac = excluded.mac, uuid = excluded.uuid,
         hostname = excluded.hostname, architecture = excluded.architecture, state = excluded.state,
         since = excluded.since, until = excluded.until`,
    )
    this.#put6 = database.prepare(
      `INSERT INTO lease6 (address, duid, iaid, mac, uuid, hostname, architecture, state, since, until)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (address) DO UPDATE SET duid = excluded.duid, iaid = excluded.iaid, mac = excluded.mac,
         uuid = excluded.uuid, hostname = excluded.hostname, architecture = excluded.architecture, state = excluded.state,
         since = excluded.since, until = excluded.until`,
    )
  }

  /**
   * Opens or creates, and keeps other labs away from the folder until it is closed. `lab` names the lab file to them.
   * Throws a `LeaseStoreError`; what is on the disk is untouched then.
   */
  static open(file: string, now: Date, lab: string): OpenedLeaseStore {
    const folder = dirname(file)
    let lock: StateLock | undefined
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      lock = StateLock.take(folder, lab)
      return LeaseStore.#open(file, now, lock)
    } catch (error) {
      lock?.release()
      if (error instanceof LeaseStoreError) throw error
      if (error instanceof FolderInUse)
        throw new LeaseStoreError(error.message, 'Stop that one, or name another folder in state.')
      const { cause, remedy } = storageProblem(error)
      throw new LeaseStoreError(`leases cannot be kept in ${file}: ${cause}`, remedy)
    }
  }

  static #open(file: string, now: Date, lock: StateLock): OpenedLeaseStore {
    if (existsSync(file) && !statSync(file).isFile())
      throw new LeaseStoreError(
        `leases cannot be kept in ${file}: it is no file`,
        'Move it away, or name another folder in state.',
      )
    try {
      return { ...LeaseStore.#read(file, lock), setAside: undefined }
    } catch (error) {
      if (!(error instanceof Inconsistent) && !saysDamaged(error)) throw error
      const aside = `${file}.damaged-${now.toISOString().replaceAll(':', '')}`
      for (const suffix of ['', '-wal', '-shm'])
        if (existsSync(file + suffix)) renameOverSync(file + suffix, aside + suffix)
      const setAside = { file: aside, reason: (error as Error).message }
      return { ...LeaseStore.#read(file, lock), setAside }
    }
  }

  static #read(file: string, lock: StateLock): Omit<OpenedLeaseStore, 'setAside'> {
    // SQLite makes it readable to everybody, and gives its other files the permissions of this one.
    closeSync(openSync(file, 'a', 0o600))
    const database = new DatabaseSync(file)
    try {
      database.exec(`PRAGMA busy_timeout = ${openWaitMs}`)
      // Before anything is written: a newer layout is not to be touched.
      const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
      if (version > layoutVersion)
        throw new LeaseStoreError(
          `the leases in ${file} were written by a newer PXE Lab (layout ${version}, this one knows ${layoutVersion})`,
          'Update PXE Lab, or name another folder in state.',
        )
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      const check = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string }
      if (check.quick_check !== 'ok') throw new Inconsistent(check.quick_check)
      // Writes in any case, so that a full disk or one that may only be read shows now and not at the first client.
      database.exec(`BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS lease (
        address INTEGER PRIMARY KEY, key TEXT NOT NULL, mac TEXT NOT NULL, uuid TEXT, hostname TEXT,
        architecture INTEGER, state TEXT NOT NULL, since REAL NOT NULL, until REAL NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS lease6 (
        address TEXT PRIMARY KEY, duid TEXT NOT NULL, iaid INTEGER NOT NULL, mac TEXT NOT NULL, uuid TEXT, hostname TEXT,
        architecture INTEGER, state TEXT NOT NULL, since REAL NOT NULL, until REAL NOT NULL) STRICT;
        PRAGMA user_version = ${layoutVersion}; COMMIT`)
      const rows = database.prepare('SELECT * FROM lease ORDER BY since').all() as unknown as Row[]
      const rows6 = database.prepare('SELECT * FROM lease6 ORDER BY since').all() as unknown as Row6[]
      database.exec(`PRAGMA busy_timeout = ${commitWaitMs}`)
      const store = new LeaseStore(database, lock, new LeasePlace(file))
      return { store, leases: rows.map(leaseOf), leases6: rows6.map(lease6Of) }
    } catch (error) {
      database.close()
      throw error
    }
  }

  /**
   * One transaction; durable on return. Throws the first error, with nothing stored, and `LeasesGone` where what is stored
   * is not in its place. Without leases it only looks whether that is so.
   */
  commit(leases: readonly StoredLease[]): void {
    this.#place.check()
    if (leases.length === 0) return
    this.#write(leases)
    // What went meanwhile took this transaction with it.
    this.#place.check()
  }

  #write(leases: readonly StoredLease[]): void {
    this.#begin.run()
    try {
      for (const lease of leases) {
        const machine = [lease.mac, lease.uuid ?? null, lease.hostname ?? null, lease.architecture ?? null] as const
        const time = [lease.state, lease.since, lease.until] as const
        if (typeof lease.address === 'number') this.#put.run(lease.address, (lease as Lease).key, ...machine, ...time)
        else this.#put6.run(lease.address, (lease as Lease6).duid, (lease as Lease6).iaid, ...machine, ...time)
      }
      this.#end.run()
    } catch (error) {
      try {
        this.#database.exec('ROLLBACK')
      } catch {
        // SQLite has rolled back by itself, as it does on a full disk.
      }
      this.#place.check()
      // A disk that the system has made read-only is no more than an I/O error to SQLite.
      throw (saysLocked(error) ? undefined : this.#place.refusal) ?? error
    }
  }

  /** Whether another database may take the place of this one, whose files are gone. */
  get canBeReplaced(): boolean {
    return this.#place.canBeFilled
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#place.closeGone(() => this.#database.close())
    this.#lock.release()
  }
}

interface CommonRow {
  mac: string
  uuid: string | null
  hostname: string | null
  architecture: number | null
  state: string
  since: number
  until: number
}

interface Row extends CommonRow {
  address: number
  key: string
}

interface Row6 extends CommonRow {
  address: string
  duid: string
  iaid: number
}

const commonOf = (row: CommonRow): Omit<Lease, 'address' | 'key'> => ({
  mac: row.mac,
  uuid: row.uuid ?? undefined,
  hostname: row.hostname ?? undefined,
  architecture: row.architecture ?? undefined,
  state: row.state as LeaseState,
  since: row.since,
  until: row.until,
})

const leaseOf = (row: Row): Lease => ({ address: row.address, key: row.key, ...commonOf(row) })

const lease6Of = (row: Row6): Lease6 => ({
  address: row.address,
  duid: row.duid,
  iaid: row.iaid,
  ...commonOf(row),
})
