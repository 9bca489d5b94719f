/**
 * What the hub knows on disk: agents, pieces and boots. A boot is named by its agent, its machine and when it began; told again it
 * takes the place of what was told before. Everything that the page counts is in `BootColumns`, which is read from here once.
 */
import type { SiteBoot } from '#shared/contract/sites.ts'
import { vendorOf } from '../backend/client-book.ts'
import type { Database, SqlRow, SqlValue } from './database.ts'
import type { SeenBoot } from './stream-model.ts'

/** Raised when the layout changes. */
const layoutVersion = 2

/** An agent of one site; `key` is site and the number that its spool drew. */
export interface AgentRow {
  readonly key: string
  readonly site: string
  readonly name: string
  readonly version: string
  readonly seenAt: number
  readonly until: number | null
  readonly clockAheadMs: number
  readonly lostPieces: number
  readonly lostFrames: number
  readonly waitingPieces: number | null
  readonly waitingBytes: number | null
  /** Number of the piece that is analysed next. */
  readonly next: number
  /** The oldest piece with a boot that is not over; `next` where there is none. */
  readonly openFrom: number
}

/** `stored`: waits for its turn. `late`: came after its turn, and was analysed by itself. */
export type PieceState = 'stored' | 'indexed' | 'late'

export interface PieceRow {
  readonly agent: string
  readonly number: number
  readonly sha256: string
  /** As it came, compressed. */
  readonly bytes: number
  readonly frames: number
  readonly state: PieceState
}

const bootTexts = ['mac', 'uuid', 'xid', 'outcome', 'code', 'headline', 'firmware', 'architecture', 'vendor', 'model', 'bootFile', 'server', 'address'] as const // prettier-ignore
const columnOf = (name: string): string => (name === 'bootFile' ? 'boot_file' : name)
const bootColumns = ['agent', 'site', 'started', 'attempt', 'last', 'piece', 'frame', 'last_piece', ...bootTexts.map(columnOf)] // prettier-ignore
/** What changes when a boot is told again. */
const laterColumns = bootColumns.filter((name) => !['agent', 'site', 'mac', 'started', 'attempt'].includes(name))

const putBoot = `INSERT INTO boot (${bootColumns.join(', ')}) VALUES (${bootColumns.map(() => '?').join(', ')})
  ON CONFLICT (agent, mac, started) DO UPDATE SET ${laterColumns.map((name) => `${name} = excluded.${name}`).join(', ')}
  RETURNING id, attempt`

const text = (row: SqlRow, name: string): string => String(row[name] ?? '')
const number = (row: SqlRow, name: string): number => Number(row[name] ?? 0)

export const bootOf = (row: SqlRow): SiteBoot => ({
  ...(Object.fromEntries(bootTexts.map((name) => [name, text(row, columnOf(name))])) as Record<
    (typeof bootTexts)[number],
    string
  >),
  id: number(row, 'id'),
  site: text(row, 'site'),
  agent: text(row, 'agent'),
  attempt: number(row, 'attempt'),
  startedAt: number(row, 'started') / 1000,
  lastAt: number(row, 'last'),
  piece: number(row, 'piece'),
  frame: number(row, 'frame'),
  lastPiece: number(row, 'last_piece'),
})

const agentOf = (row: SqlRow): AgentRow => ({
  key: text(row, 'key'),
  site: text(row, 'site'),
  name: text(row, 'name'),
  version: text(row, 'version'),
  seenAt: number(row, 'seen'),
  until: row['until'] === null ? null : number(row, 'until'),
  clockAheadMs: number(row, 'clock'),
  lostPieces: number(row, 'lost_pieces'),
  lostFrames: number(row, 'lost_frames'),
  waitingPieces: row['waiting_pieces'] === null ? null : number(row, 'waiting_pieces'),
  waitingBytes: row['waiting_bytes'] === null ? null : number(row, 'waiting_bytes'),
  next: number(row, 'next'),
  openFrom: number(row, 'open_from'),
})

const pieceOf = (row: SqlRow): PieceRow => ({
  agent: text(row, 'agent'),
  number: number(row, 'number'),
  sha256: text(row, 'sha256'),
  bytes: number(row, 'bytes'),
  frames: number(row, 'frames'),
  state: text(row, 'state') as PieceState,
})

export class BootIndex {
  readonly #database: Database

  private constructor(database: Database) {
    this.#database = database
  }

  /** Makes the tables where they are missing. Rejects with what the database says, or where a newer PXE Lab wrote it. */
  static async open(database: Database): Promise<BootIndex> {
    const { integer, key, real } = database.types
    for (const sql of [
      `CREATE TABLE IF NOT EXISTS layout (version ${integer} NOT NULL)`,
      `CREATE TABLE IF NOT EXISTS agent (key TEXT PRIMARY KEY, site TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
        seen ${real} NOT NULL, until ${real}, clock ${real} NOT NULL, lost_pieces ${integer} NOT NULL,
        lost_frames ${integer} NOT NULL, next ${integer} NOT NULL, open_from ${integer} NOT NULL,
        waiting_pieces ${integer}, waiting_bytes ${integer})`,
      `CREATE TABLE IF NOT EXISTS piece (agent TEXT NOT NULL, number ${integer} NOT NULL, sha256 TEXT NOT NULL,
        bytes ${integer} NOT NULL, frames ${integer} NOT NULL, came ${real} NOT NULL, state TEXT NOT NULL,
        PRIMARY KEY (agent, number))`,
      `CREATE TABLE IF NOT EXISTS boot (id ${key}, started ${integer} NOT NULL, attempt ${integer} NOT NULL,
        last ${real} NOT NULL, piece ${integer} NOT NULL, frame ${integer} NOT NULL, last_piece ${integer} NOT NULL,
        agent TEXT NOT NULL, site TEXT NOT NULL, ${bootTexts.map((name) => `${columnOf(name)} TEXT NOT NULL`).join(', ')},
        UNIQUE (agent, mac, started))`,
      'CREATE INDEX IF NOT EXISTS boot_of_machine ON boot (mac, site, started)',
      'CREATE INDEX IF NOT EXISTS boot_of_uuid ON boot (uuid)',
      'CREATE INDEX IF NOT EXISTS boot_by_time ON boot (started)',
      `CREATE TABLE IF NOT EXISTS sighting (mac TEXT NOT NULL, xid ${integer} NOT NULL, boot ${integer} NOT NULL,
        PRIMARY KEY (mac, xid, boot))`,
      "CREATE INDEX IF NOT EXISTS piece_waiting ON piece (agent, number) WHERE state = 'stored'",
    ])
      await database.run(sql)
    const [row] = await database.all('SELECT version FROM layout')
    const version = row ? number(row, 'version') : layoutVersion
    if (version > layoutVersion)
      throw new Error(`it was written by a newer PXE Lab (layout ${version}, this one knows ${layoutVersion})`)
    await database.transaction(async (change) => {
      if (!row) await change.run('INSERT INTO layout (version) VALUES (?)', [layoutVersion])
      if (version >= layoutVersion) return
      for (const name of ['waiting_pieces', 'waiting_bytes'])
        await change.run(`ALTER TABLE agent ADD COLUMN ${name} ${integer}`)
      await change.run('UPDATE layout SET version = ?', [layoutVersion])
    })
    return new BootIndex(database)
  }

  close(): Promise<void> {
    return this.#database.close()
  }

  async agents(): Promise<AgentRow[]> {
    return (await this.#database.all('SELECT * FROM agent ORDER BY key')).map(agentOf)
  }

  async putAgent(one: AgentRow): Promise<void> {
    await this.#database.run(
      `INSERT INTO agent (key, site, name, version, seen, until, clock, lost_pieces, lost_frames, next, open_from,
         waiting_pieces, waiting_bytes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET name = excluded.name, version = excluded.version, seen = excluded.seen,
         until = excluded.until, clock = excluded.clock, lost_pieces = excluded.lost_pieces,
         lost_frames = excluded.lost_frames, next = excluded.next, open_from = excluded.open_from,
         waiting_pieces = excluded.waiting_pieces, waiting_bytes = excluded.waiting_bytes`,
      [one.key, one.site, one.name, one.version, one.seenAt, one.until, one.clockAheadMs, one.lostPieces, one.lostFrames, one.next, one.openFrom, one.waitingPieces, one.waitingBytes],
    ) // prettier-ignore
  }

  async piece(agent: string, number: number): Promise<PieceRow | undefined> {
    const [row] = await this.#database.all('SELECT * FROM piece WHERE agent = ? AND number = ?', [agent, number])
    return row && pieceOf(row)
  }

  /** Pieces of an agent between two numbers, both included, in order. */
  async pieces(agent: string, from: number, to: number): Promise<PieceRow[]> {
    const sql = 'SELECT * FROM piece WHERE agent = ? AND number >= ? AND number <= ? ORDER BY number'
    return (await this.#database.all(sql, [agent, from, to])).map(pieceOf)
  }

  /** Those that nobody has analysed yet, in order. */
  async waitingOf(agent: string): Promise<PieceRow[]> {
    const sql = "SELECT * FROM piece WHERE agent = ? AND state = 'stored' ORDER BY number"
    return (await this.#database.all(sql, [agent])).map(pieceOf)
  }

  async pieceCounts(): Promise<Map<string, number>> {
    const rows = await this.#database.all('SELECT agent, COUNT(*) AS count FROM piece GROUP BY agent')
    return new Map(rows.map((row) => [text(row, 'agent'), number(row, 'count')]))
  }

  /** Agents with pieces that nobody has analysed yet, as a hub that was killed leaves them. */
  async waiting(): Promise<string[]> {
    const rows = await this.#database.all("SELECT DISTINCT agent FROM piece WHERE state = 'stored'")
    return rows.map((row) => text(row, 'agent'))
  }

  /** False where the number is taken. */
  async addPiece({ agent, number: count, sha256, bytes, frames, state }: PieceRow, came: number): Promise<boolean> {
    const rows = await this.#database.all(
      `INSERT INTO piece (agent, number, sha256, bytes, frames, came, state) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (agent, number) DO NOTHING RETURNING number`,
      [agent, count, sha256, bytes, frames, came, state],
    )
    return rows.length > 0
  }

  /** Boots of an agent that began at or after a time, as `mac startedUs`. */
  async known(agent: string, fromUs: number): Promise<Set<string>> {
    const rows = await this.#database.all('SELECT mac, started FROM boot WHERE agent = ? AND started >= ?', [agent, fromUs]) // prettier-ignore
    return new Set(rows.map((row) => `${text(row, 'mac')} ${number(row, 'started')}`))
  }

  /** What a piece tells, together with how far its agent is; all or nothing. */
  tell(
    agent: AgentRow,
    piece: { readonly number: number; readonly state: PieceState } | undefined,
    boots: readonly SeenBoot[],
  ): Promise<SiteBoot[]> {
    return this.#database.transaction(async (database) => {
      const told: SiteBoot[] = []
      for (const boot of boots) told.push(await this.#put(database, agent, boot))
      if (piece)
        await database.run('UPDATE piece SET state = ? WHERE agent = ? AND number = ?', [piece.state, agent.key, piece.number]) // prettier-ignore
      await database.run('UPDATE agent SET next = ?, open_from = ? WHERE key = ?', [agent.next, agent.openFrom, agent.key]) // prettier-ignore
      return told
    })
  }

  async #put(database: Pick<Database, 'all' | 'run'>, agent: AgentRow, seen: SeenBoot): Promise<SiteBoot> {
    const { startedUs, xids, ...rest } = seen
    const [before] = await database.all(
      'SELECT COUNT(*) AS count FROM boot WHERE mac = ? AND site = ? AND started < ?',
      [seen.mac, agent.site, startedUs],
    )
    const boot = { ...rest, vendor: /^[0-9a-f]{2}:/.test(seen.mac) ? vendorOf(seen.mac).slice(0, 100) : '' }
    const values: Record<string, SqlValue> = {
      agent: agent.key,
      site: agent.site,
      started: startedUs,
      attempt: number(before!, 'count') + 1,
      last: boot.lastAt,
      piece: boot.piece,
      frame: boot.frame,
      last_piece: boot.lastPiece,
      ...Object.fromEntries(bootTexts.map((name) => [columnOf(name), boot[name]])),
    }
    const [row] = await database.all(putBoot, bootColumns.map((name) => values[name]!)) // prettier-ignore
    const id = number(row!, 'id')
    for (const xid of xids)
      await database.run('INSERT INTO sighting (mac, xid, boot) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', [seen.mac, xid, id]) // prettier-ignore
    return bootOf({ ...values, id, attempt: number(row!, 'attempt') })
  }

  async boot(id: number): Promise<SiteBoot | undefined> {
    const [row] = await this.#database.all('SELECT * FROM boot WHERE id = ?', [id])
    return row && bootOf(row)
  }

  /** In the order of the ids. */
  async boots(ids: readonly number[]): Promise<SiteBoot[]> {
    const found = new Map<number, SiteBoot>()
    for (let at = 0; at < ids.length; at += 500) {
      const some = ids.slice(at, at + 500)
      const rows = await this.#database.all(`SELECT * FROM boot WHERE id IN (${some.map(() => '?').join(', ')})`, some)
      for (const row of rows) found.set(number(row, 'id'), bootOf(row))
    }
    return ids.flatMap((id) => found.get(id) ?? [])
  }

  /** All of them, some thousand at a time, for the columns. */
  async *everything(): AsyncGenerator<SiteBoot[]> {
    for (let after = 0; ;) {
      const rows = await this.#database.all('SELECT * FROM boot WHERE id > ? ORDER BY id LIMIT 5000', [after])
      if (rows.length === 0) return
      after = number(rows.at(-1)!, 'id')
      yield rows.map(bootOf)
    }
  }

  /** Ids of boots of machines whose UUID begins so. */
  async ofUuid(prefix: string, limit: number): Promise<number[]> {
    // No hexadecimal digit comes after it in any collation.
    const rows = await this.#database.all('SELECT id FROM boot WHERE uuid >= ? AND uuid < ? LIMIT ?', [prefix, `${prefix}g`, limit]) // prettier-ignore
    return rows.map((row) => number(row, 'id'))
  }

  /** Boots that other agents saw of the same machine with a transaction of this one, within a time. */
  async sameAs(boot: SiteBoot, withinMs: number): Promise<SiteBoot[]> {
    const rows = await this.#database.all(
      `SELECT DISTINCT other.* FROM sighting own JOIN sighting theirs ON theirs.mac = own.mac AND theirs.xid = own.xid
       JOIN boot other ON other.id = theirs.boot
       WHERE own.boot = ? AND own.mac = ? AND other.agent <> ? AND other.started BETWEEN ? AND ?
       ORDER BY other.started LIMIT 50`,
      [
        boot.id,
        boot.mac,
        boot.agent,
        Math.round(boot.startedAt - withinMs) * 1000,
        Math.round(boot.startedAt + withinMs) * 1000,
      ],
    )
    return rows.map(bootOf)
  }

  /** Removes boots that ended before a time, and pieces that hold none of those that are left. Returns the keys of the pieces. */
  async removeBefore(time: number): Promise<{ readonly boots: number[]; readonly pieces: PieceRow[] }> {
    return this.#database.transaction(async (database) => {
      const gone = await database.all('DELETE FROM boot WHERE last < ? RETURNING id, mac', [time])
      for (const row of gone)
        await database.run('DELETE FROM sighting WHERE mac = ? AND boot = ?', [text(row, 'mac'), number(row, 'id')])
      const pieces = await database.all(
        `DELETE FROM piece WHERE came < ? AND state <> 'stored' AND NOT EXISTS (SELECT 1 FROM boot
         WHERE boot.agent = piece.agent AND piece.number BETWEEN boot.piece AND boot.last_piece) RETURNING *`,
        [time],
      )
      return { boots: gone.map((row) => number(row, 'id')), pieces: pieces.map(pieceOf) }
    })
  }
}
