/** Indexes of a hub as earlier layouts were: the tables as they were made then, with boots, pieces and sightings of two agents. */
import type { SiteBoot } from '#shared/contract/sites.ts'

const tables = (layout: 1 | 2, key = 'INTEGER PRIMARY KEY', integer = 'INTEGER', real = 'REAL'): string[] => [
  `CREATE TABLE layout (version ${integer} NOT NULL)`,
  `CREATE TABLE agent (key TEXT PRIMARY KEY, site TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
    seen ${real} NOT NULL, until ${real}, clock ${real} NOT NULL, lost_pieces ${integer} NOT NULL,
    lost_frames ${integer} NOT NULL, next ${integer} NOT NULL, open_from ${integer} NOT NULL
    ${layout === 1 ? '' : `, waiting_pieces ${integer}, waiting_bytes ${integer}`})`,
  `CREATE TABLE piece (agent TEXT NOT NULL, number ${integer} NOT NULL, sha256 TEXT NOT NULL,
    bytes ${integer} NOT NULL, frames ${integer} NOT NULL, came ${real} NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (agent, number))`,
  `CREATE TABLE boot (id ${key}, started ${integer} NOT NULL, attempt ${integer} NOT NULL,
    last ${real} NOT NULL, piece ${integer} NOT NULL, frame ${integer} NOT NULL, last_piece ${integer} NOT NULL,
    agent TEXT NOT NULL, site TEXT NOT NULL, mac TEXT NOT NULL, uuid TEXT NOT NULL, xid TEXT NOT NULL, outcome TEXT NOT NULL,
    code TEXT NOT NULL, headline TEXT NOT NULL, firmware TEXT NOT NULL, architecture TEXT NOT NULL, vendor TEXT NOT NULL,
    model TEXT NOT NULL, boot_file TEXT NOT NULL, server TEXT NOT NULL, address TEXT NOT NULL, UNIQUE (agent, mac, started))`,
  'CREATE INDEX boot_of_machine ON boot (mac, site, started)',
  'CREATE INDEX boot_of_uuid ON boot (uuid)',
  'CREATE INDEX boot_by_time ON boot (started)',
  `CREATE TABLE sighting (mac TEXT NOT NULL, xid ${integer} NOT NULL, boot ${integer} NOT NULL, PRIMARY KEY (mac, xid, boot))`,
  "CREATE INDEX piece_waiting ON piece (agent, number) WHERE state = 'stored'",
]

const day = 1_790_000_000_000
const machine = { uuid: '4c4c4544-0044-3510-8057-b4c04f4a4a31', firmware: 'UEFI (EDK2)', architecture: 'UEFI x64', vendor: 'Dell Inc.', model: '', bootFile: 'bootx64.efi', server: '10.0.0.1', address: '10.0.0.50' } // prettier-ignore
const berlin = { site: 'berlin', agent: 'berlin/0000000000000001' }
const oslo = { site: 'oslo', agent: 'oslo/0000000000000002' }

/** What the index holds. */
export const oldBoots: readonly SiteBoot[] = [
  { ...machine, ...berlin, id: 1, mac: '52:54:00:77:00:01', xid: '000000a1', attempt: 1, startedAt: day + 0.125, lastAt: day + 4000, outcome: 'failed', code: 'PXE-E23', headline: "Boot file 'x' not found", piece: 1, frame: 1, lastPiece: 2 }, // prettier-ignore
  { ...machine, ...berlin, id: 2, mac: '52:54:00:77:00:01', xid: '000000a3', attempt: 2, startedAt: day + 60_000, lastAt: day + 64_000, outcome: 'started', code: '', headline: 'Windows PE started', piece: 2, frame: 9, lastPiece: 2 }, // prettier-ignore
  { ...machine, ...oslo, id: 7, mac: '52:54:00:77:00:01', xid: '000000a1', attempt: 1, startedAt: day + 3, lastAt: day + 4003, outcome: 'unknown', code: '', headline: 'The capture ends', piece: 1, frame: 1, lastPiece: 1 }, // prettier-ignore
  { ...machine, ...oslo, id: 8, mac: '10.0.0.7', uuid: '', xid: '', attempt: 1, startedAt: day + 5, lastAt: day + 5, outcome: 'idle', code: '', headline: 'Asked for an address', piece: 1, frame: 40, lastPiece: 1 }, // prettier-ignore
]
const xids: Readonly<Record<number, readonly number[]>> = { 1: [0xa1, 0xa2], 2: [0xa3], 7: [0xa1] }

const quoted = (value: string | number): string => (typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`) // prettier-ignore
const insert = (table: string, row: Readonly<Record<string, string | number>>): string =>
  `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${Object.values(row).map(quoted).join(', ')})`

const agentRow = (layout: 1 | 2, { site, agent }: typeof berlin, next: number): Record<string, string | number> => ({
  key: agent,
  site,
  name: site,
  version: '1',
  seen: day,
  clock: 0,
  lost_pieces: 0,
  lost_frames: 0,
  next,
  open_from: next,
  ...(layout === 1 ? {} : { waiting_pieces: 4, waiting_bytes: 4000 }),
})

/** SQL that makes such an index: `types` are those of the database, a key, an integer and a number. */
export const makeOldIndex = (layout: 1 | 2, types: readonly [string?, string?, string?] = []): string[] => [
  ...tables(layout, ...types),
  insert('layout', { version: layout }),
  insert('agent', agentRow(layout, berlin, 3)),
  insert('agent', agentRow(layout, oslo, 2)),
  ...[1, 2, 3].map((number) => insert('piece', { agent: berlin.agent, number, sha256: 'x', bytes: 10, frames: 1, came: day, state: number === 3 ? 'stored' : 'indexed' })), // prettier-ignore
  insert('piece', { agent: oslo.agent, number: 1, sha256: 'x', bytes: 10, frames: 1, came: day, state: 'indexed' }),
  ...oldBoots.map(
    ({ startedAt, lastAt, bootFile, lastPiece, ...rest }) =>
    insert('boot', { ...rest, started: Math.round(startedAt * 1000), last: lastAt, boot_file: bootFile, last_piece: lastPiece }), // prettier-ignore
  ),
  ...oldBoots.flatMap(({ id, mac }) => (xids[id] ?? []).map((xid) => insert('sighting', { mac, xid, boot: id }))),
]
