/** Layouts of the index: older ones become the present one with all they hold or stay as they are, newer ones are left alone. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BootColumns } from '../../src/main/hub/boot-columns.ts'
import { BootIndex, type AgentRow } from '../../src/main/hub/boot-index.ts'
import { SqliteDatabase } from '../../src/main/hub/database.ts'
import { IndexLayoutError } from '../../src/main/hub/index-layout.ts'
import { Hub } from '../../src/main/hub/hub.ts'
import type { SeenBoot } from '../../src/main/hub/stream-model.ts'
import { ownCertificate } from '../../src/main/web/certificate.ts'
import { makeOldIndex, oldBoots } from '../helpers/old-index.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-layout-'))
  file = join(folder, 'index.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function makeOld(layout: 1 | 2): void {
  const database = new DatabaseSync(file)
  for (const sql of makeOldIndex(layout)) database.exec(sql)
  database.close()
}

/** Everything that the file holds, and how. */
function contents(): unknown {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const schema = database.prepare('SELECT name, type, sql FROM sqlite_schema ORDER BY name').all()
    const rows = schema.filter(({ type }) => type === 'table').map(({ name }) => database.prepare(`SELECT * FROM ${name as string}`).all()) // prettier-ignore
    return { schema, rows }
  } finally {
    database.close()
  }
}

const agent: AgentRow = { key: 'berlin/0000000000000001', site: 'berlin', name: '', version: '', seenAt: 1, until: null, clockAheadMs: 0, lostPieces: 0, lostFrames: 0, waitingPieces: 0, waitingBytes: 0, next: 1, openFrom: 1 } // prettier-ignore
const seen: SeenBoot = { mac: '52:54:00:00:00:01', uuid: '', xid: '00000001', startedUs: 1, xids: [1], lastAt: 1, outcome: 'failed', code: '', headline: 'Boot file not found', firmware: 'iPXE', architecture: 'UEFI x64', model: '', bootFile: 'ipxe.efi', server: '10.0.0.1', address: '', piece: 1, frame: 1, lastPiece: 1 } // prettier-ignore

test.each([1, 2] as const)('an index of layout %i holds the same after it is opened, and goes on', async (layout) => {
  makeOld(layout)
  const progress: [number, number][] = []
  const index = await BootIndex.open(SqliteDatabase.open(file), { onProgress: (...one) => progress.push(one) })
  expect(progress.at(-1)).toEqual([oldBoots.length, oldBoots.length])
  const columns = new BootColumns()
  for await (const boots of index.everything()) for (const boot of boots) columns.put(boot)
  const boots = await index.boots(oldBoots.map(({ id }) => id))
  expect(columns.withAttempts(boots)).toEqual(oldBoots)
  expect(await index.agents()).toMatchObject([
    { key: 'berlin/0000000000000001', next: 3, waitingPieces: layout === 1 ? null : 4 },
    { key: 'oslo/0000000000000002', next: 2 },
  ])
  expect(await index.waiting()).toEqual(['berlin/0000000000000001'])
  // Both agents saw one boot of the first machine: by the transactions that a table of its own held.
  const [first, , third] = boots
  expect((await index.sameAs(first!, [first!.id, third!.id])).map(({ id }) => id)).toEqual([third!.id])
  // The same boot again takes its place, and another one a key that nobody has.
  const known = { ...seen, mac: first!.mac, startedUs: Math.round(first!.startedAt * 1000), outcome: 'started', xids: [0xa1, 0xa2] } // prettier-ignore
  const [again, other] = await index.tell(agent, undefined, [known, seen])
  expect(again).toMatchObject({ id: first!.id, outcome: 'started' })
  expect(other!.id).toBeGreaterThan(Math.max(...oldBoots.map(({ id }) => id)))
  await index.close()
  const once = contents()
  const reopened = await BootIndex.open(SqliteDatabase.open(file), { onProgress: () => expect.fail('it is rewritten twice') }) // prettier-ignore
  await reopened.close()
  expect(contents()).toEqual(once)
})

test('an old index that cannot be rewritten to its end stays as it was', async () => {
  makeOld(2)
  const before = contents()
  const stopped = SqliteDatabase.open(file)
  const stop = (): never => {
    throw new Error('no room')
  }
  await expect(BootIndex.open(stopped, { onProgress: stop })).rejects.toThrow('no room')
  await stopped.close()
  expect(contents()).toEqual(before)
  const index = await BootIndex.open(SqliteDatabase.open(file))
  expect(await index.boots([1])).toHaveLength(1)
  await index.close()
})

test('a command beside the hub does not rewrite an old index, and says who does', async () => {
  makeOld(2)
  const before = contents()
  const database = SqliteDatabase.open(file)
  const refused = await BootIndex.open(database, { mayChange: false }).catch((error: unknown) => error)
  await database.close()
  expect(refused).toBeInstanceOf(IndexLayoutError)
  expect(refused).toMatchObject({ remedy: expect.stringContaining('Start pxe-lab hub') as string })
  expect(contents()).toEqual(before)
})

test('an index of a newer PXE Lab is refused with what to do, and nothing in it changes', async () => {
  makeOld(2)
  const database = new DatabaseSync(file)
  database.exec('UPDATE layout SET version = 99; ALTER TABLE boot RENAME TO boot_of_tomorrow')
  database.close()
  const before = contents()
  const tls = await ownCertificate(join(folder, 'tls.pem'), ['127.0.0.1'])
  const refused = await Hub.open({ folder, host: '127.0.0.1', port: 0, tls, onError: () => {} }).catch((error: unknown) => error) // prettier-ignore
  expect(refused).toMatchObject({
    message: 'a newer PXE Lab wrote the index (layout 99, this one knows up to 3)',
    remedy: 'Start the newer PXE Lab, or give this one a folder or database of its own.',
  })
  expect(contents()).toEqual(before)
})

test('what a boot costs the disk does not grow with the boots that are there', async () => {
  const index = await BootIndex.open(SqliteDatabase.open(file))
  await index.putAgent(agent)
  // While somebody reads an old state, what is written stays in the journal: its growth is what was written.
  const reader = new DatabaseSync(file, { readOnly: true })
  reader.exec('BEGIN; SELECT * FROM layout')
  reader.prepare('SELECT * FROM layout').all()
  const written: number[] = []
  for (let round = 0; round < 8; round++) {
    const from = statSync(`${file}-wal`).size
    for (let piece = 0; piece < 50; piece++) {
      const boots = Array.from({ length: 50 }, (_, at): SeenBoot => {
        const number = (round * 50 + piece) * 50 + at
        // Machines and their UUIDs come in no order.
        const chance = ((number * 2_654_435_761) % 2 ** 32).toString(16).padStart(12, '0')
        const mac = chance.replaceAll(/..(?!$)/g, '$&:')
        return { ...seen, mac, uuid: `${chance.slice(4)}-0000-0000-0000-000000000000`, startedUs: number * 1e6, xids: [number] } // prettier-ignore
      })
      await index.tell(agent, undefined, boots)
    }
    written.push(statSync(`${file}-wal`).size - from)
  }
  reader.close()
  await index.close()
  // A table ordered by machine would write a page of each boot: five times as much.
  expect(written.at(-1)! / written[0]!).toBeLessThan(1.5)
  expect(written.at(-1)! / 2500).toBeLessThan(2000)
})
