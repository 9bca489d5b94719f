/** The index of a hub in a real PostgreSQL: the same boots as in SQLite, and a server that goes away in the middle loses none. */
import { hash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { SiteBoot } from '#shared/contract/sites.ts'
import { machineChoice } from '../../src/main/hub/boot-columns.ts'
import { BootIndex, type StoredBoot } from '../../src/main/hub/boot-index.ts'
import { SqliteDatabase, type Database } from '../../src/main/hub/database.ts'
import { Intake } from '../../src/main/hub/intake.ts'
import { FolderStore } from '../../src/main/hub/piece-store.ts'
import { PostgresDatabase } from '../../src/main/hub/postgres.ts'
import { unpackPiece } from '../../src/main/hub/unpack-piece.ts'
import { Postgres } from '../helpers/postgres.ts'
import { makeOldIndex, oldBoots } from '../helpers/old-index.ts'
import { describeWith } from '../helpers/requirements.ts'

const captures = ['fail-httpclosed-uefi-x64.pcap', 'fail-nofile-uefi-x64.pcap', 'relay-uefi-x64.pcap']
const packedOf = (name: string): Buffer =>
  gzipSync(readFileSync(new URL(`../fixtures/captures/${name}`, import.meta.url)))
const now = 1_790_000_000_000

describeWith(['postgresql'], 'an index in PostgreSQL', () => {
  let server: Postgres
  let folder: string
  const errors: string[] = []
  const idle: string[] = []
  let count = 0

  beforeAll(async () => {
    server = await Postgres.start()
  })
  afterAll(() => server.remove())
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pxe-lab-hub-pg-'))
    errors.length = 0
    idle.length = 0
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const postgres = (name: string): Database =>
    new PostgresDatabase(server.urlOf(name), (error) => void idle.push(error.message))
  const newDatabase = (): string => {
    const name = `hub${++count}`
    server.query(`CREATE DATABASE ${name}`)
    return name
  }

  async function intakeOn(database: Database, store = 'captures'): Promise<{ intake: Intake; index: BootIndex }> {
    const index = await BootIndex.open(database)
    const intake = new Intake({ index, store: new FolderStore(join(folder, store)), onError: (error) => void errors.push(error.message) }) // prettier-ignore
    await intake.open()
    return { intake, index }
  }

  async function keep(intake: Intake, agent: string, number: number, packed: Uint8Array): Promise<unknown> {
    const unpacked = await unpackPiece(packed)
    return intake.keep(`${agent}/0123456789abcdef`, agent, { number, sha256: hash('sha256', packed, 'hex'), packed, unpacked }, now) // prettier-ignore
  }

  async function fill(intake: Intake): Promise<void> {
    for (const agent of ['one', 'two'])
      for (const [at, name] of captures.entries()) await keep(intake, agent, at + 1, packedOf(name))
    await intake.settled()
  }

  async function bootsOf({ intake, index }: Awaited<ReturnType<typeof intakeOn>>): Promise<SiteBoot[]> {
    const { ids } = intake.columns.page({}, undefined, 0, 1000)
    return intake.columns.withAttempts(await index.boots(ids.sort((a, b) => a - b)))
  }

  test('an index of an older layout becomes the present one, keys go on, and one that a newer PXE Lab wrote is left alone', async () => {
    const name = newDatabase()
    for (const sql of makeOldIndex(2, ['BIGSERIAL PRIMARY KEY', 'BIGINT', 'DOUBLE PRECISION'])) server.query(sql, name)
    const opened = await intakeOn(postgres(name))
    const ids = new Set(oldBoots.map(({ id }) => id))
    const old = async (): Promise<SiteBoot[]> => (await bootsOf(opened)).filter(({ id }) => ids.has(id))
    expect(await old()).toEqual(oldBoots)
    await keep(opened.intake, 'one', 1, packedOf(captures[0]!))
    await opened.intake.settled()
    expect((await bootsOf(opened)).length).toBeGreaterThan(oldBoots.length)
    expect(await old()).toEqual(oldBoots)
    await opened.intake.close()
    server.query('UPDATE layout SET version = 99', name)
    const database = postgres(name)
    await expect(BootIndex.open(database)).rejects.toThrow('a newer PXE Lab wrote the index (layout 99')
    await database.close()
  })

  test('holds what one in SQLite holds, also after a restart of the hub, and removes what is old', async () => {
    const name = newDatabase()
    const inPostgres = await intakeOn(postgres(name), 'a')
    const inSqlite = await intakeOn(SqliteDatabase.open(join(folder, 'index.sqlite')), 'b')
    await fill(inPostgres.intake)
    await fill(inSqlite.intake)
    const boots = await bootsOf(inPostgres)
    expect(boots.length).toBeGreaterThanOrEqual(6)
    // Keys of PostgreSQL count up where a row was told again: the order is the same, not the numbers.
    const unnumbered = (some: readonly StoredBoot[]): unknown[] => some.map((one) => ({ ...one, id: 0 }))
    expect(unnumbered(boots)).toEqual(unnumbered(await bootsOf(inSqlite)))
    const inFile = await bootsOf(inSqlite)
    for (const [at, boot] of inFile.entries()) {
      const others = await inPostgres.index.sameAs(
        boots[at]!,
        boots.map(({ id }) => id),
      )
      expect(unnumbered(others)).toEqual(unnumbered(await inSqlite.index.sameAs(boot, inFile.map(({ id }) => id)))) // prettier-ignore
      expect(others).toHaveLength(1)
    }
    const withUuid = boots.find(({ uuid }) => uuid !== '')!
    expect(inPostgres.intake.columns.page({}, machineChoice(withUuid.uuid.slice(0, 9)), 0, 10).ids).toContain(withUuid.id) // prettier-ignore
    await inSqlite.intake.close()
    await inPostgres.intake.close()

    const again = await intakeOn(postgres(name), 'a')
    expect(await bootsOf(again)).toEqual(boots)
    expect(again.intake.agents.map(({ pieces }) => pieces)).toEqual([3, 3])
    const newest = Math.max(...boots.map(({ lastAt }) => lastAt))
    await again.intake.removeBefore(newest)
    expect((await bootsOf(again)).every(({ lastAt }) => lastAt >= newest)).toBe(true)
    await again.intake.close()
    expect([...errors, ...idle]).toEqual([])
  })

  test('a server that is killed in the middle loses nothing that was acknowledged, and nothing is there twice', async () => {
    const name = newDatabase()
    const hub = await intakeOn(postgres(name))
    const [first, second, third] = captures.map(packedOf) as [Buffer, Buffer, Buffer]
    await keep(hub.intake, 'one', 1, first)
    await hub.intake.settled()
    await server.kill()
    // Nothing is acknowledged that is not in the index.
    await expect(keep(hub.intake, 'one', 2, second)).rejects.toThrow(/ECONNREFUSED|ENOENT|terminat|connection/i)
    await server.run()
    expect(await keep(hub.intake, 'one', 2, second)).toBe('here')
    expect(await keep(hub.intake, 'one', 1, first)).toBe('here')
    await hub.intake.settled()
    await keep(hub.intake, 'one', 3, third)
    await hub.intake.settled()
    const boots = await bootsOf(hub)
    await hub.intake.close()
    const whole = await intakeOn(SqliteDatabase.open(join(folder, 'index.sqlite')), 'b')
    for (const [at, packed] of [first, second, third].entries()) await keep(whole.intake, 'one', at + 1, packed)
    await whole.intake.settled()
    const told = (some: readonly SiteBoot[]): string[] => some.map((one) => `${one.mac} ${one.startedAt} ${one.outcome} ${one.headline} ${one.attempt}`).sort() // prettier-ignore
    expect(told(boots)).toEqual(told(await bootsOf(whole)))
    await whole.intake.close()
  })
})
