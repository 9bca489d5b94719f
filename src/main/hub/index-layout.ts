/**
 * The tables of the index, and how those of an older PXE Lab become them. Every index grows at its end, for boots come in the order
 * of time: one that is ordered by machine or UUID has another page of each boot written to the disk, twice. What asks for those asks
 * `BootColumns`.
 */
import type { Database, SqlRow, SqlValue, Statements } from './database.ts'

type Types = Database['types']

/** Raised when the layout changes, with a step that leads to it. */
const layoutVersion = 3

export const bootTexts = ['mac', 'uuid', 'xid', 'outcome', 'code', 'headline', 'firmware', 'architecture', 'vendor', 'model', 'bootFile', 'server', 'address'] as const // prettier-ignore
export const columnOf = (name: string): string => (name === 'bootFile' ? 'boot_file' : name)
export const bootColumns = ['agent', 'started', 'last', 'piece', 'frame', 'last_piece', 'xids', ...bootTexts.map(columnOf)] // prettier-ignore

/** The index is in a layout that this PXE Lab cannot work with; nothing in it was changed. */
export class IndexLayoutError extends Error {
  readonly remedy: string

  constructor(message: string, remedy: string) {
    super(message)
    this.name = 'IndexLayoutError'
    this.remedy = remedy
  }
}

export interface LayoutOptions {
  /** False where another process may have the index open: an older layout is refused then. */
  readonly mayChange?: boolean
  /** An older layout is being changed: boots that are done, and how many there are. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

const agentTable = ({ integer, key, real }: Types): string =>
  `CREATE TABLE agent (number ${key}, key TEXT NOT NULL UNIQUE, site TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
    seen ${real} NOT NULL, until ${real}, clock ${real} NOT NULL, lost_pieces ${integer} NOT NULL,
    lost_frames ${integer} NOT NULL, next ${integer} NOT NULL, open_from ${integer} NOT NULL,
    waiting_pieces ${integer}, waiting_bytes ${integer})`

/** `xids`: transactions in hexadecimal, with spaces between. */
const bootTable = ({ integer, key, real }: Types): string =>
  `CREATE TABLE boot (id ${key}, agent ${integer} NOT NULL, started ${integer} NOT NULL, last ${real} NOT NULL,
    piece ${integer} NOT NULL, frame ${integer} NOT NULL, last_piece ${integer} NOT NULL, xids TEXT NOT NULL,
    ${bootTexts.map((name) => `${columnOf(name)} TEXT NOT NULL`).join(', ')}, UNIQUE (agent, started, mac))`

const bootOfPiece = 'CREATE INDEX boot_of_piece ON boot (agent, piece)'

async function makeTables(change: Statements, types: Types): Promise<void> {
  const { integer, real } = types
  for (const sql of [
    agentTable(types),
    `CREATE TABLE piece (agent TEXT NOT NULL, number ${integer} NOT NULL, sha256 TEXT NOT NULL, bytes ${integer} NOT NULL,
      frames ${integer} NOT NULL, came ${real} NOT NULL, state TEXT NOT NULL, PRIMARY KEY (agent, number))`,
    "CREATE INDEX piece_waiting ON piece (agent, number) WHERE state = 'stored'",
    bootTable(types),
    bootOfPiece,
  ])
    await change.run(sql)
}

async function addWaiting(change: Statements, { integer }: Types): Promise<void> {
  for (const name of ['waiting_pieces', 'waiting_bytes'])
    await change.run(`ALTER TABLE agent ADD COLUMN ${name} ${integer}`)
}

const bootsAtOnce = 5000
/** No SQL takes more values than these at once, in either database. */
const rowsAtOnce = 50

async function putRows(change: Statements, columns: readonly string[], rows: readonly SqlRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    const some = rows.slice(at, at + rowsAtOnce)
    const places = some.map(() => `(${columns.map(() => '?').join(', ')})`).join(', ')
    const values = some.flatMap((row) => columns.map((name): SqlValue => row[name] ?? null))
    await change.run(`INSERT INTO boot (${columns.join(', ')}) VALUES ${places}`, values)
  }
}

/** Agents get numbers, boots name theirs by it and hold their transactions, which were a table of their own. */
async function orderByTime(change: Statements, types: Types, { onProgress }: LayoutOptions): Promise<void> {
  const agentColumns = 'key, site, name, version, seen, until, clock, lost_pieces, lost_frames, next, open_from, waiting_pieces, waiting_bytes' // prettier-ignore
  await change.run('ALTER TABLE agent RENAME TO agent_before')
  await change.run(agentTable(types))
  await change.run(`INSERT INTO agent (${agentColumns}) SELECT ${agentColumns} FROM agent_before ORDER BY key`)
  await change.run('DROP TABLE agent_before')
  await change.run('ALTER TABLE boot RENAME TO boot_before')
  await change.run(bootTable(types))
  await change.run(bootOfPiece)
  const numbers = new Map((await change.all('SELECT key, number FROM agent')).map((row) => [row['key'], row['number']]))
  const [{ count: total } = { count: 0 }] = await change.all('SELECT COUNT(*) AS count FROM boot_before')
  for (let [after, done] = [0, 0]; ;) {
    const rows = await change.all(`SELECT * FROM boot_before WHERE id > ? ORDER BY id LIMIT ${bootsAtOnce}`, [after])
    if (rows.length === 0) break
    const last = Number(rows.at(-1)!['id'])
    const xids = new Map<SqlValue, string[]>()
    for (const { boot, xid } of await change.all(
      `SELECT sighting.boot, sighting.xid FROM boot_before JOIN sighting ON sighting.mac = boot_before.mac AND sighting.boot = boot_before.id
       WHERE boot_before.id > ? AND boot_before.id <= ?`,
      [after, last],
    ))
      xids.set(boot!, [...(xids.get(boot!) ?? []), Number(xid).toString(16)])
    await putRows(
      change,
      ['id', ...bootColumns],
      rows.map((row) => ({
        ...row,
        agent: numbers.get(row['agent']) ?? null,
        xids: xids.get(row['id']!)?.join(' ') ?? '',
      })),
    )
    after = last
    onProgress?.((done += rows.length), Number(total))
  }
  await change.run('DROP TABLE sighting')
  await change.run('DROP TABLE boot_before')
  await change.countOn('boot', 'id')
}

/** From each layout to the next; the first is that of layout 1. */
const steps: readonly ((change: Statements, types: Types, options: LayoutOptions) => Promise<void>)[] = [addWaiting, orderByTime] // prettier-ignore

/** Makes the tables, or brings those of an older PXE Lab to this layout: all or nothing. */
export async function openLayout(database: Database, options: LayoutOptions): Promise<void> {
  const { mayChange = true } = options
  await database.transaction(async (change) => {
    await change.run(`CREATE TABLE IF NOT EXISTS layout (version ${database.types.integer} NOT NULL)`)
    const [row] = await change.all('SELECT version FROM layout')
    if (!row) {
      await makeTables(change, database.types)
      await change.run('INSERT INTO layout (version) VALUES (?)', [layoutVersion])
      return
    }
    const version = Number(row['version'])
    if (version > layoutVersion)
      throw new IndexLayoutError(
        `a newer PXE Lab wrote the index (layout ${version}, this one knows up to ${layoutVersion})`,
        'Start the newer PXE Lab, or give this one a folder or database of its own.',
      )
    if (version === layoutVersion) return
    if (!mayChange || version < 1)
      throw new IndexLayoutError(
        `an older PXE Lab wrote the index (layout ${version}, this one has ${layoutVersion})`,
        'Start pxe-lab hub of this version on it once: it brings the index to its layout.',
      )
    for (const step of steps.slice(version - 1)) await step(change, database.types, options)
    await change.run('UPDATE layout SET version = ?', [layoutVersion])
  })
}
