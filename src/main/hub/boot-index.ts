/**
 * What the hub knows on disk: agents, pieces and boots. A boot is named by its agent, its machine and when it began; told again it
 * takes the place of what was told before. Everything that the page counts is in `BootColumns`, which is read from here once.
 */
import type { SiteBoot } from '#shared/contract/sites.ts'
import { vendorOf } from '../backend/client-book.ts'
import type { Database, SqlRow, SqlValue, Statements } from './database.ts'
import { bootColumns, bootTexts, columnOf, openLayout, type LayoutOptions } from './index-layout.ts'
import type { SeenBoot } from './stream-model.ts'

/** Which attempt of its machine it is, `BootColumns` says. */
export type StoredBoot = Omit<SiteBoot, 'attempt'>

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

/** What changes when a boot is told again. */
const laterColumns = bootColumns.filter((name) => !['agent', 'mac', 'started'].includes(name))
const addBoot = `INSERT INTO boot (${bootColumns.join(', ')}) VALUES (${bootColumns.map(() => '?').join(', ')}) RETURNING id`
const changeBoot = `UPDATE boot SET ${laterColumns.map((name) => `${name} = ?`).join(', ')} WHERE id = ?`
const selectBoots = 'SELECT boot.*, agent.key, agent.site FROM boot JOIN agent ON agent.number = boot.agent'

const text = (row: SqlRow, name: string): string => String(row[name] ?? '')
const number = (row: SqlRow, name: string): number => Number(row[name] ?? 0)

const bootOf = (row: SqlRow): StoredBoot => ({
  ...(Object.fromEntries(bootTexts.map((name) => [name, text(row, columnOf(name))])) as Record<
    (typeof bootTexts)[number],
    string
  >),
  id: number(row, 'id'),
  site: text(row, 'site'),
  agent: text(row, 'key'),
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

  /** Rejects with what the database says, or an `IndexLayoutError`. */
  static async open(database: Database, options: LayoutOptions = {}): Promise<BootIndex> {
    await openLayout(database, options)
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
    const sql = `SELECT mac, started FROM boot WHERE agent = (SELECT number FROM agent WHERE key = ?) AND started >= ?`
    const rows = await this.#database.all(sql, [agent, fromUs])
    return new Set(rows.map((row) => `${text(row, 'mac')} ${number(row, 'started')}`))
  }

  /** What a piece tells, together with how far its agent is; all or nothing. */
  tell(
    agent: AgentRow,
    piece: { readonly number: number; readonly state: PieceState } | undefined,
    boots: readonly SeenBoot[],
  ): Promise<StoredBoot[]> {
    return this.#database.transaction(async (database) => {
      const told: StoredBoot[] = []
      if (boots.length > 0) {
        const [row] = await database.all('SELECT number FROM agent WHERE key = ?', [agent.key])
        for (const boot of boots) told.push(await this.#put(database, agent, number(row!, 'number'), boot))
      }
      if (piece)
        await database.run('UPDATE piece SET state = ? WHERE agent = ? AND number = ?', [piece.state, agent.key, piece.number]) // prettier-ignore
      await database.run('UPDATE agent SET next = ?, open_from = ? WHERE key = ?', [agent.next, agent.openFrom, agent.key]) // prettier-ignore
      return told
    })
  }

  async #put(database: Statements, { key, site }: AgentRow, agent: number, seen: SeenBoot): Promise<StoredBoot> {
    const { startedUs, xids, ...rest } = seen
    const boot = { ...rest, vendor: /^[0-9a-f]{2}:/.test(seen.mac) ? vendorOf(seen.mac).slice(0, 100) : '' }
    const values: Record<string, SqlValue> = {
      agent,
      started: startedUs,
      last: boot.lastAt,
      piece: boot.piece,
      frame: boot.frame,
      last_piece: boot.lastPiece,
      xids: xids.map((xid) => xid.toString(16)).join(' '),
      ...Object.fromEntries(bootTexts.map((name) => [columnOf(name), boot[name]])),
    }
    const sql = 'SELECT id FROM boot WHERE agent = ? AND started = ? AND mac = ?'
    const [known] = await database.all(sql, [agent, startedUs, seen.mac])
    const valuesOf = (names: readonly string[]): SqlValue[] => names.map((name) => values[name]!)
    if (known) await database.run(changeBoot, [...valuesOf(laterColumns), number(known, 'id')])
    const [row] = known ? [known] : await database.all(addBoot, valuesOf(bootColumns))
    return bootOf({ ...values, key, site, id: number(row!, 'id') })
  }

  async #rows(ids: readonly number[]): Promise<SqlRow[]> {
    const found: SqlRow[] = []
    for (let at = 0; at < ids.length; at += 500) {
      const some = ids.slice(at, at + 500)
      found.push(...(await this.#database.all(`${selectBoots} WHERE id IN (${some.map(() => '?').join(', ')})`, some)))
    }
    return found
  }

  /** In the order of the ids; those that are kept no more are left out. */
  async boots(ids: readonly number[]): Promise<StoredBoot[]> {
    const found = new Map((await this.#rows(ids)).map((row) => [number(row, 'id'), bootOf(row)]))
    return ids.flatMap((id) => found.get(id) ?? [])
  }

  /** All of them, some thousand at a time, for the columns. */
  async *everything(): AsyncGenerator<StoredBoot[]> {
    for (let after = 0; ;) {
      const rows = await this.#database.all(`${selectBoots} WHERE id > ? ORDER BY id LIMIT 5000`, [after])
      if (rows.length === 0) return
      after = number(rows.at(-1)!, 'id')
      yield rows.map(bootOf)
    }
  }

  /** Which of the boots of its machine other agents saw with a transaction of this one, the oldest first. */
  async sameAs(boot: Pick<SiteBoot, 'id' | 'agent'>, ids: readonly number[]): Promise<StoredBoot[]> {
    const rows = await this.#rows([boot.id, ...ids.filter((id) => id !== boot.id)])
    const xidsOf = (row: SqlRow): string[] => text(row, 'xids').split(' ').filter(Boolean)
    const own = new Set(rows.filter((row) => number(row, 'id') === boot.id).flatMap(xidsOf))
    return rows
      .filter((row) => text(row, 'key') !== boot.agent && xidsOf(row).some((xid) => own.has(xid)))
      .map(bootOf)
      .sort((a, b) => a.startedAt - b.startedAt)
  }

  /**
   * Removes boots that ended before a time, and pieces that came before it and hold none of those that are left, agent by agent.
   * Returns the ids and the keys of the pieces.
   */
  async removeBefore(time: number): Promise<{ readonly boots: number[]; readonly pieces: PieceRow[] }> {
    const gone: { boots: number[]; pieces: PieceRow[] } = { boots: [], pieces: [] }
    for (const row of await this.#database.all('SELECT number, key FROM agent ORDER BY number')) {
      const { boots, pieces } = await this.#database.transaction((database) =>
        this.#removeOf(database, number(row, 'number'), text(row, 'key'), time),
      )
      gone.boots.push(...boots)
      gone.pieces.push(...pieces)
    }
    return gone
  }

  async #removeOf(
    database: Statements,
    agent: number,
    key: string,
    time: number,
  ): Promise<{ boots: number[]; pieces: PieceRow[] }> {
    const sql = 'DELETE FROM boot WHERE agent = ? AND started < ? AND last < ? RETURNING id'
    const boots = (await database.all(sql, [agent, Math.ceil(time * 1000), time])).map((row) => number(row, 'id'))
    const old: PieceRow[] = []
    // Pieces come in the order of their numbers, but for late ones: the first thousand without an old one ends the search.
    for (let after = -1; ;) {
      const rows = await database.all(
        `SELECT * FROM piece WHERE agent = ? AND number > ? ORDER BY number LIMIT ${piecesAtOnce}`,
        [key, after],
      )
      const found = rows.filter((row) => number(row, 'came') < time)
      old.push(...found.map(pieceOf).filter(({ state }) => state !== 'stored'))
      if (found.length === 0 || rows.length < piecesAtOnce) break
      after = number(rows.at(-1)!, 'number')
    }
    const last = old.at(-1)
    if (!last) return { boots, pieces: [] }
    const left = await database.all('SELECT DISTINCT piece, last_piece FROM boot WHERE agent = ? AND piece <= ?', [agent, last.number]) // prettier-ignore
    const held = new Set<number>()
    for (const row of left)
      for (let at = number(row, 'piece'); at <= Math.min(number(row, 'last_piece'), last.number); at++) held.add(at)
    const pieces = old.filter((piece) => !held.has(piece.number))
    for (const piece of pieces)
      await database.run('DELETE FROM piece WHERE agent = ? AND number = ?', [key, piece.number])
    return { boots, pieces }
  }
}

const piecesAtOnce = 1000
