/** The index in PostgreSQL. The address of the server, with its password, comes from the environment or a file. */
import pg from 'pg'
import type { Database, SqlRow, SqlValue, Statements } from './database.ts'

/** Times in microseconds and counts fit into a number. */
const int8 = 20

const numbered = new Map<string, string>()
/** `?` as PostgreSQL writes it. */
function withNumbers(sql: string): string {
  let known = numbered.get(sql)
  if (known === undefined) {
    let count = 0
    numbered.set(sql, (known = sql.replaceAll('?', () => `$${++count}`)))
  }
  return known
}

const rowsOf = async (client: Pick<pg.Pool, 'query'>, sql: string, values: readonly SqlValue[]): Promise<SqlRow[]> => {
  const { rows } = await client.query<SqlRow>(withNumbers(sql), [...values])
  return rows
}

export class PostgresDatabase implements Database {
  readonly types = { integer: 'BIGINT', key: 'BIGSERIAL PRIMARY KEY', real: 'DOUBLE PRECISION' } as const
  readonly #pool: pg.Pool
  #turn: Promise<unknown> = Promise.resolve()

  /** `onError`: what happened to a connection that nobody used. */
  constructor(url: string, onError: (error: Error) => void) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: 4,
      connectionTimeoutMillis: 10_000,
      types: {
        getTypeParser: ((type: number, format?: 'text' | 'binary') =>
          type === int8 ? Number : pg.types.getTypeParser(type, format)) as typeof pg.types.getTypeParser,
      },
    })
    this.#pool.on('error', onError)
  }

  all(sql: string, values: readonly SqlValue[] = []): Promise<SqlRow[]> {
    return rowsOf(this.#pool, sql, values)
  }

  async run(sql: string, values: readonly SqlValue[] = []): Promise<void> {
    await this.all(sql, values)
  }

  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const done = this.#turn.then(async () => {
      const client = await this.#pool.connect()
      let broken: Error | undefined
      try {
        await client.query('BEGIN')
        const value = await work({
          all: (sql, values = []) => rowsOf(client, sql, values),
          run: async (sql, values = []) => void (await rowsOf(client, sql, values)),
          countOn: async (table, key) =>
            void (await client.query(`SELECT setval(pg_get_serial_sequence('${table}', '${key}'), COALESCE(MAX(${key}), 0) + 1, false) FROM ${table}`)), // prettier-ignore
        })
        await client.query('COMMIT')
        return value
      } catch (error) {
        await client.query('ROLLBACK').catch((failed: unknown) => (broken = failed as Error))
        throw error
      } finally {
        client.release(broken)
      }
    })
    this.#turn = done.catch(() => {})
    return done
  }

  async close(): Promise<void> {
    await this.#turn
    await this.#pool.end()
  }
}
