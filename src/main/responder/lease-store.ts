/**
 * Leases on disk, in SQLite. A commit returns when the leases are durable: the journal is written through to the disk
 * before any acknowledgement that depends on it leaves. A damaged database is set aside, never deleted.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Lease, LeaseState } from '#shared/machines/dhcp-server/leases.ts'

/** Raised when the layout changes; older files are converted, newer ones refused. */
const layoutVersion = 1

export interface OpenedLeaseStore {
  readonly store: LeaseStore
  readonly leases: Lease[]
  /** Where a damaged database was put; undefined where nothing was damaged. */
  readonly setAside: { readonly file: string; readonly reason: string } | undefined
}

export class LeaseStore {
  readonly #database: DatabaseSync
  readonly #put: StatementSync
  #isOpen = true

  private constructor(database: DatabaseSync) {
    this.#database = database
    this.#put = database.prepare(
      `INSERT INTO lease (address, key, mac, uuid, hostname, architecture, state, since, until)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (address) DO UPDATE SET key = excluded.key, mac = excluded.mac, uuid = excluded.uuid,
         hostname = excluded.hostname, architecture = excluded.architecture, state = excluded.state,
         since = excluded.since, until = excluded.until`,
    )
  }

  /** Opens or creates; throws only where the folder itself cannot be used. */
  static open(file: string, now: Date): OpenedLeaseStore {
    mkdirSync(dirname(file), { recursive: true })
    let setAside: OpenedLeaseStore['setAside']
    for (;;) {
      try {
        return { ...LeaseStore.#read(file), setAside }
      } catch (error) {
        if (setAside || !existsSync(file)) throw error
        const aside = `${file}.damaged-${now.toISOString().replaceAll(':', '')}`
        for (const suffix of ['', '-wal', '-shm'])
          if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix)
        setAside = { file: aside, reason: error instanceof Error ? error.message : String(error) }
      }
    }
  }

  static #read(file: string): { store: LeaseStore; leases: Lease[] } {
    const database = new DatabaseSync(file)
    try {
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000')
      const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
      if (version > layoutVersion) throw new Error(`it was written by a newer version (layout ${version})`)
      database.exec(`CREATE TABLE IF NOT EXISTS lease (
        address INTEGER PRIMARY KEY, key TEXT NOT NULL, mac TEXT NOT NULL, uuid TEXT, hostname TEXT,
        architecture INTEGER, state TEXT NOT NULL, since REAL NOT NULL, until REAL NOT NULL) STRICT;
        PRAGMA user_version = ${layoutVersion}`)
      const check = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string }
      if (check.quick_check !== 'ok') throw new Error(check.quick_check)
      const rows = database.prepare('SELECT * FROM lease ORDER BY since').all() as unknown as Row[]
      return { store: new LeaseStore(database), leases: rows.map(leaseOf) }
    } catch (error) {
      database.close()
      throw error
    }
  }

  /** One transaction; durable on return. */
  commit(leases: readonly Lease[]): void {
    if (leases.length === 0) return
    this.#database.exec('BEGIN')
    try {
      for (const lease of leases)
        this.#put.run(
          lease.address,
          lease.key,
          lease.mac,
          lease.uuid ?? null,
          lease.hostname ?? null,
          lease.architecture ?? null,
          lease.state,
          lease.since,
          lease.until,
        )
      this.#database.exec('COMMIT')
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#database.close()
  }
}

interface Row {
  address: number
  key: string
  mac: string
  uuid: string | null
  hostname: string | null
  architecture: number | null
  state: string
  since: number
  until: number
}

const leaseOf = (row: Row): Lease => ({
  address: row.address,
  key: row.key,
  mac: row.mac,
  uuid: row.uuid ?? undefined,
  hostname: row.hostname ?? undefined,
  architecture: row.architecture ?? undefined,
  state: row.state as LeaseState,
  since: row.since,
  until: row.until,
})
