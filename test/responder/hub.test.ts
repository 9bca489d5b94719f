/** Agent and hub over real HTTPS: what is sent is kept once, whatever breaks, and told as `explain` tells it. */
import { hash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import S3rver from 's3rver'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SiteBoot } from '#shared/contract/sites.ts'
import { explainAttempt } from '../helpers/told.ts'
import { Session } from '#shared/trace/session.ts'
import { CaptureReader, pcapngFrame, pcapngHeader, type WrittenFrame, type WrittenInterface } from '#shared/wire/capture-file.ts' // prettier-ignore
import { concatBytes } from '#shared/wire/bytes.ts'
import { Spool } from '../../src/main/agent/spool.ts'
import { Uploader } from '../../src/main/agent/uploader.ts'
import { BootIndex, type StoredBoot } from '../../src/main/hub/boot-index.ts'
import { SqliteDatabase } from '../../src/main/hub/database.ts'
import { Hub, tokensFile } from '../../src/main/hub/hub.ts'
import { Intake } from '../../src/main/hub/intake.ts'
import { FolderStore } from '../../src/main/hub/piece-store.ts'
import { S3Store } from '../../src/main/hub/s3-store.ts'
import { TokenBook } from '../../src/main/hub/tokens.ts'
import { HttpsClient } from '../../src/main/io/https-request.ts'
import { ownCertificate, type ServerCertificate } from '../../src/main/web/certificate.ts'

const captures = new URL('../fixtures/captures/', import.meta.url)
const fixture = (): Uint8Array => readFileSync(new URL('fail-httpclosed-uefi-x64.pcap', captures))

function framesOf(bytes: Uint8Array): { frames: WrittenFrame[]; interfaces: WrittenInterface[] } {
  const frames: WrittenFrame[] = []
  const interfaces: WrittenInterface[] = []
  const reader = new CaptureReader({
    onInterface: ({ name, linkType }) => void interfaces.push({ name: name ?? 'eth0', linkType }),
    onFrame: (frame) => void frames.push({ ...frame, bytes: frame.bytes.slice() }),
  })
  reader.push(bytes)
  reader.end()
  return { frames, interfaces }
}

/** What `explain` says of a whole capture. */
function toldOf(bytes: Uint8Array, nowMs?: number): string[] {
  const session = new Session()
  session.push(bytes)
  session.end()
  return session.trace.attempts
    .map((attempt) => {
      const { outcome, headline } = explainAttempt(session.store, attempt, {
        nowNs: nowMs === undefined ? session.endNs : (nowMs - Number(session.store.baseNs) / 1e6) * 1e6,
      })
      return `${attempt.machine.name} ${outcome} ${headline.replace(/\.$/, '')}`
    })
    .sort()
}
const told = (boots: readonly StoredBoot[]): string[] => boots.map(({ mac, outcome, headline }) => `${mac} ${outcome} ${headline}`).sort() // prettier-ignore

let folder: string
let tls: ServerCertificate
let hub: Hub | undefined
const errors: string[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-hub-'))
  tls = await ownCertificate(join(folder, 'tls.pem'), ['127.0.0.1'])
  errors.length = 0
})
afterEach(async () => {
  await hub?.close()
  hub = undefined
  rmSync(folder, { recursive: true, force: true })
})

const openHub = async (port = 0): Promise<Hub> =>
  (hub = await Hub.open({ folder: join(folder, 'hub'), host: '127.0.0.1', port, tls, onError: (error) => errors.push(error.message) })) // prettier-ignore
const pin = (): string => tls.fingerprint.replaceAll(':', '')
const clientOf = (port: number, fingerprint = pin()): HttpsClient =>
  new HttpsClient(new URL(`https://127.0.0.1:${port}`), { fingerprint }, 10_000)
const tokenFor = async (site: string): Promise<string> =>
  (await new TokenBook(tokensFile(join(folder, 'hub'))).make(site, 0)).token
const bootsOf = async (one: Hub): Promise<readonly SiteBoot[]> =>
  (await one.handlers['sites.boots']({ filter: {}, offset: 0, limit: 1000 })).boots

function fill(spool: Spool, bytes: Uint8Array): void {
  const { frames, interfaces } = framesOf(bytes)
  spool.setInterfaces(interfaces)
  for (const frame of frames) spool.write(frame)
  spool.rotate()
}

test('what an agent spooled while the hub was away arrives when it is back, once, and is told as explain tells it', async () => {
  const token = await tokenFor('branch-1')
  const first = await openHub()
  const { port } = first
  await first.close()
  hub = undefined
  const spool = new Spool(join(folder, 'spool'), { pieceBytes: 700 })
  fill(spool, fixture())
  expect(spool.numbers.length).toBeGreaterThan(1)
  const troubles: (string | undefined)[] = []
  const uploader = new Uploader({ spool, client: clientOf(port), site: 'branch-1', token, firstPauseMs: 20, onTrouble: (text) => troubles.push(text) }) // prettier-ignore
  uploader.start()
  await expect.poll(() => troubles[0]).toMatch(/cannot be reached \(ECONNREFUSED\)/)
  const again = await openHub(port)
  await expect.poll(() => spool.numbers.length).toBe(0)
  await expect.poll(() => troubles.at(-1) ?? 'taken').toBe('taken')
  await uploader.stop(1000)
  await again.settled()
  // The agent has said that nothing came since: time has decided what the capture leaves open.
  expect(told(await bootsOf(again))).toEqual(toldOf(fixture(), Date.now()))
  const { agents } = await again.handlers['sites.state']({})
  expect(agents).toMatchObject([{ site: 'branch-1', lostPieces: 0, lostFrames: 0 }])
  expect(errors).toEqual([])
})

test('a killed agent loses nothing that it wrote; a bounded spool counts what went', () => {
  const spool = new Spool(join(folder, 'spool'))
  const { frames, interfaces } = framesOf(fixture())
  spool.setInterfaces(interfaces)
  for (const frame of frames.slice(0, 5)) spool.write(frame)
  // Nothing is closed: another process finds what lies there.
  const after = new Spool(join(folder, 'spool'))
  expect(after.stream).toBe(spool.stream)
  expect(after.numbers).toEqual([1])
  const small = new Spool(join(folder, 'small'), { pieceBytes: 300, bytes: 1500 })
  fill(small, fixture())
  expect(small.lostPieces).toBeGreaterThan(0)
  expect(small.bytes).toBeLessThanOrEqual(1500)
  expect(small.oldest).toBe(small.lostPieces + 1)
})

test('who has no token, another site, another certificate or no capture is refused, and nothing changes', async () => {
  const one = await openHub()
  const token = await tokenFor('branch-1')
  const ask = async (path: string, headers: Record<string, string>, body?: Uint8Array, method = 'PUT') => {
    const client = clientOf(one.port)
    const { status, body: text } = await client.ask({ method, path, headers, body })
    client.close()
    return `${status} ${text.toString()}`
  }
  const own = { authorization: `Bearer ${token}`, 'x-pxe-lab-site': 'branch-1' }
  const piece = (packed: Uint8Array, number = 1): string =>
    `/agent/v1/0123456789abcdef/pieces/${number}?sha256=${hash('sha256', packed, 'hex')}&size=${packed.length}&at=0`
  const good = gzipSync(fixture())
  expect(await ask(piece(good), {}, good)).toMatch(/^401 .*token/)
  expect(await ask(piece(good), { ...own, authorization: `Bearer pxl_${'A'.repeat(43)}` }, good)).toMatch(/^401 /)
  expect(await ask(piece(good), { ...own, 'x-pxe-lab-site': 'branch-2' }, good)).toMatch(/^403 .*another site/)
  expect(await ask('/agent/v1/../../etc/passwd', own, good)).toMatch(/^404 /)
  const text = gzipSync(Buffer.from('no capture at all'))
  expect(await ask(piece(text), own, text)).toMatch(/^422 .*no whole capture/)
  const bomb = gzipSync(Buffer.alloc(64 << 20))
  expect(await ask(piece(bomb), own, bomb)).toMatch(/^422 .*unpacks to more than/)
  expect(await ask(piece(good).replace(/size=\d+/, 'size=999999999'), own, good)).toMatch(/^413 /)
  expect(await ask(piece(good).replace('at=0', 'at=5'), own, good.subarray(5))).toMatch(/^409 .*byte 0 is due/)
  await one.settled()
  expect(await bootsOf(one)).toEqual([])
  expect(readdirSync(join(folder, 'hub', 'incoming'))).toEqual([])
  // The same piece twice, and another of its number.
  expect(await ask(piece(good), own, good)).toMatch(/^200 .*"isComplete":true/)
  expect(await ask(piece(good), own, good)).toMatch(/^200 .*"isComplete":true/)
  const other = gzipSync(concatBytes([fixture(), pcapngHeader('x', [])]))
  expect(await ask(piece(other), own, other)).toMatch(/^422 .*another piece 1/)
  await one.settled()
  expect(await bootsOf(one)).toHaveLength(toldOf(fixture()).length)
  await new TokenBook(tokensFile(join(folder, 'hub'))).revoke('branch-1', 1)
  expect(await ask(piece(good), own, good)).toMatch(/^401 /)
  const stranger = clientOf(one.port, 'AB'.repeat(32))
  await expect(stranger.ask({ method: 'GET', path: '/', headers: {} })).rejects.toThrow(/fingerprint/)
  const unpinned = new HttpsClient(new URL(`https://127.0.0.1:${one.port}`), {}, 10_000)
  await expect(unpinned.ask({ method: 'GET', path: '/', headers: {} })).rejects.toThrow(/not trusted/)
})

describe('pieces', () => {
  const { frames, interfaces } = framesOf(fixture())
  const pieceOf = (some: readonly WrittenFrame[]): Uint8Array =>
    concatBytes([pcapngHeader('PXE Lab', interfaces), ...some.map(pcapngFrame)])

  test('cut anywhere, in any order, twice and across a restart of the hub make the same boots', async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: frames.length - 1 }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(cuts, fc.infiniteStream(fc.nat()), fc.boolean(), async (at, chance, restarts) => {
        const place = mkdtempSync(join(folder, 'property-'))
        const open = async (): Promise<Intake> => {
          const index = await BootIndex.open(SqliteDatabase.open(join(place, 'index.sqlite')))
          const intake = new Intake({ index, store: new FolderStore(join(place, 'captures')), onError: (error) => errors.push(String(error)) }) // prettier-ignore
          await intake.open()
          return intake
        }
        const ends = [...new Set([0, ...at, frames.length])].sort((a, b) => a - b)
        const pieces = ends.slice(1).map((end, index) => ({ number: index + 1, pcapng: pieceOf(frames.slice(ends[index], end)) })) // prettier-ignore
        const order = [...pieces, ...pieces.slice(0, 2)]
          .map((piece) => ({ piece, rank: chance.next().value }))
          .sort((a, b) => a.rank - b.rank)
        let intake = await open()
        for (const [index, { piece }] of order.entries()) {
          const packed = gzipSync(piece.pcapng)
          await intake.keep('s/0123456789abcdef', 's', { number: piece.number, sha256: hash('sha256', packed, 'hex'), packed, unpacked: { pcapng: piece.pcapng, frames: 1 } }, 1) // prettier-ignore
          if (restarts && index === Math.floor(order.length / 2)) {
            await intake.close()
            intake = await open()
          }
        }
        await intake.settled()
        const { ids } = intake.columns.page({}, undefined, 0, 1000)
        const index = await BootIndex.open(SqliteDatabase.open(join(place, 'index.sqlite')))
        const boots = await index.boots(ids)
        await index.close()
        await intake.close()
        expect(told(boots)).toEqual(toldOf(pieceOf(frames)))
        expect(errors).toEqual([])
      }),
      { numRuns: 15 },
    )
  })
})

test('captures lie in an object store; an unknown key and a missing bucket are told', async () => {
  const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: join(folder, 's3'), configureBuckets: [{ name: 'captures', configs: [] }] }) // prettier-ignore
  const { port } = await server.run()
  try {
    const settings = { endpoint: `http://127.0.0.1:${port}`, bucket: 'captures', region: 'us-east-1', accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' } // prettier-ignore
    const store = new S3Store(settings)
    const bytes = fixture()
    await store.put('branch-1/0123456789abcdef/0000000001.pcapng.gz', bytes)
    expect(await store.get('branch-1/0123456789abcdef/0000000001.pcapng.gz')).toEqual(new Uint8Array(bytes))
    await store.remove('branch-1/0123456789abcdef/0000000001.pcapng.gz')
    expect(await store.get('branch-1/0123456789abcdef/0000000001.pcapng.gz')).toBeUndefined()
    const wrong = new S3Store({ ...settings, accessKeyId: 'wrong' })
    await expect(wrong.put('a/b', bytes)).rejects.toThrow(/403 InvalidAccessKeyId/)
    await expect(new S3Store({ ...settings, bucket: 'absent' }).get('a/b')).rejects.toThrow(/no bucket absent/)
  } finally {
    await server.close()
  }
})
