/** The little of SQL that the index needs, from SQLite or from PostgreSQL. */
import { chmodSync, closeSync, openSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

export type SqlValue = string | number | null
export type SqlRow = Record<string, SqlValue>

/** What there is within a transaction. Placeholders are `?`. */
export interface Statements {
  all(sql: string, values?: readonly SqlValue[]): Promise<SqlRow[]>
  run(sql: string, values?: readonly SqlValue[]): Promise<void>
  /** Rows were put into a table with their key: it counts on from there. */
  countOn(table: string, key: string): Promise<void>
}

/** Transactions do not nest. */
export interface Database extends Pick<Statements, 'all' | 'run'> {
  /** Name of a 64-bit integer, and of a key that counts by itself. */
  readonly types: { readonly integer: string; readonly key: string; readonly real: string }
  /** All or nothing, and on the disk when it resolves. One after the other. */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export class SqliteDatabase implements Database {
  readonly types = { integer: 'INTEGER', key: 'INTEGER PRIMARY KEY', real: 'REAL' } as const
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** Throws what SQLite says. */
  static open(file: string): SqliteDatabase {
    // SQLite makes it readable to everybody, and gives its other files the permissions of this one.
    closeSync(openSync(file, 'a', 0o600))
    if (process.platform !== 'win32') chmodSync(file, 0o600)
    const database = new DatabaseSync(file)
    try {
      // A piece is acknowledged when it is in the index: the journal is written through.
      database.exec('PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      // What grows at its end changes the same pages again: written into the database once for many commits. The journal is cut after a large one.
      database.exec('PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536') // prettier-ignore
      return new SqliteDatabase(database)
    } catch (error) {
      database.close()
      throw error
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) this.#statements.set(sql, (statement = this.#database.prepare(sql)))
    return statement
  }

  /** Not into a transaction of somebody else: what that rolls back would be lost here. */
  #afterOthers<T>(work: () => T | Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }

  all(sql: string, values: readonly SqlValue[] = []): Promise<SqlRow[]> {
    return this.#afterOthers(() => this.#statement(sql).all(...values) as SqlRow[])
  }

  async run(sql: string, values: readonly SqlValue[] = []): Promise<void> {
    await this.#afterOthers(() => this.#statement(sql).run(...values))
  }

  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.#afterOthers(async () => {
      this.#database.exec('BEGIN IMMEDIATE')
      try {
        const value = await work({
          all: async (sql, values = []) => this.#statement(sql).all(...values) as SqlRow[],
          run: async (sql, values = []) => void this.#statement(sql).run(...values),
          // SQLite counts from the greatest key that is there.
          countOn: async () => {},
        })
        this.#database.exec('COMMIT')
        return value
      } catch (error) {
        try {
          this.#database.exec('ROLLBACK')
        } catch {
          // SQLite has rolled back by itself, as it does on a full disk.
        }
        throw error
      }
    })
  }

  async close(): Promise<void> {
    await this.#turn
    this.#database.close()
  }
}
