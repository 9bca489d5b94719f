/**
 * A hub with many boots: how long each query of the page takes at ten thousand, a hundred thousand and a million, with the index
 * in a file; how many pieces a second it takes in from many agents; and a million boots of a thousand agents written to the disk.
 *
 *     npm run bench hub
 */
import { hash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { siteGroups, type SiteBoot } from '../src/shared/contract/sites.ts'
import { BootColumns, macSpan } from '../src/main/hub/boot-columns.ts'
import { BootIndex } from '../src/main/hub/boot-index.ts'
import { SqliteDatabase } from '../src/main/hub/database.ts'
import { Intake } from '../src/main/hub/intake.ts'
import { FolderStore } from '../src/main/hub/piece-store.ts'
import { unpackPiece } from '../src/main/hub/unpack-piece.ts'
import { CaptureReader, pcapngFrame, pcapngHeader } from '../src/shared/wire/capture-file.ts'
import { concatBytes } from '../src/shared/wire/bytes.ts'

const pick = <T>(list: readonly T[], at: number): T => list[at % list.length]!
const day = 86_400_000
const now = 1_790_000_000_000

function bootOf(id: number): SiteBoot {
  const mac = ((id * 2_654_435_761) % 200_000)
    .toString(16)
    .padStart(12, '0')
    .replaceAll(/..(?!$)/g, '$&:')
  return {
    id,
    site: `site-${id % 1000}`,
    agent: `site-${id % 1000}/0123456789abcdef`,
    mac,
    uuid: `4c4c4544-0000-0000-0000-${mac.replaceAll(':', '')}`,
    xid: id.toString(16).padStart(8, '0'),
    attempt: 1,
    // As it comes, in the order of time.
    startedAt: now - 90 * day + (id * 90 * day) / 1e6,
    lastAt: now,
    outcome: pick(['started', 'loaded', 'started', 'failed', 'waiting'], id),
    code: pick(['', '', 'PXE-E53', 'PXE-E51'], id),
    headline: 'Boot file not found',
    firmware: pick(['UEFI firmware (EDK2)', 'PXE ROM', 'iPXE'], id),
    architecture: pick(['x64 UEFI', 'x86 BIOS'], id),
    vendor: pick(['Dell Inc.', 'HP Inc.', 'Lenovo', 'Intel'], id),
    model: '',
    bootFile: pick(['bootx64.efi', 'undionly.kpxe', 'wdsmgfw.efi'], id),
    server: `10.${id % 200}.0.1`,
    address: '',
    piece: 1,
    frame: 1,
    lastPiece: 1,
  }
}

const timed = (work: () => unknown): number => {
  const times = [0, 1, 2].map(() => {
    const from = performance.now()
    work()
    return performance.now() - from
  })
  return Math.max(...times)
}

/** Boots of a thousand agents written into the index, as pieces tell them, until there are a million; each tenth by itself. */
async function benchIndex(file: string): Promise<void> {
  const [agents, total, tenth, inPiece] = [1000, 1e6, 1e5, 100]
  const index = await BootIndex.open(SqliteDatabase.open(file))
  for (let agent = 0; agent < agents; agent++)
    await index.putAgent({ key: `site-${agent}/0123456789abcdef`, site: `site-${agent}`, name: '', version: '', seenAt: now, until: null, clockAheadMs: 0, lostPieces: 0, lostFrames: 0, waitingPieces: 0, waitingBytes: 0, next: 1, openFrom: 1 }) // prettier-ignore
  const known = new Map((await index.agents()).map((row) => [row.site, row]))
  let from = performance.now()
  let used = process.resourceUsage()
  for (let id = 1; id <= total; id += inPiece) {
    const site = `site-${Math.floor(id / inPiece) % agents}`
    const boots = Array.from({ length: inPiece }, (_, at) => {
      const boot = bootOf(id + at)
      return { ...boot, startedUs: Math.round(boot.startedAt * 1000) + id + at, xids: [id + at] }
    })
    await index.tell(known.get(site)!, undefined, boots)
    if ((id + inPiece - 1) % tenth !== 0) continue
    const seconds = (performance.now() - from) / 1000
    const now = process.resourceUsage()
    const cpuSeconds = (now.userCPUTime + now.systemCPUTime - used.userCPUTime - used.systemCPUTime) / 1e6
    // What other programs do to the disk meanwhile is in the rate, and in neither of the other two. A block has 512 bytes.
    const written = ((now.fsWrite - used.fsWrite) * 512) / tenth
    console.log(`boots ${id + inPiece - tenth} to ${id + inPiece - 1} indexed on disk: ${(tenth / seconds).toFixed(0)} boots/s, ${cpuSeconds.toFixed(1)} s of processor time, ${written.toFixed(0)} bytes written for each`) // prettier-ignore
    from = performance.now()
    used = process.resourceUsage()
  }
  await index.close()
  from = performance.now()
  const again = await BootIndex.open(SqliteDatabase.open(file))
  const columns = new BootColumns()
  for await (const boots of again.everything()) for (const boot of boots) columns.put(boot)
  console.log(`a hub with ${columns.count} boots starts within ${((performance.now() - from) / 1000).toFixed(1)} s; its index has ${(statSync(file).size / 1e6).toFixed(0)} MB`) // prettier-ignore
  await again.close()
}

/** See above. */
export async function benchHub(): Promise<void> {
  console.log('| boots | fill | overview, worst group | with filters | trend | first page | last page | machine |')
  console.log('| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |')
  for (const size of [1e4, 1e5, 1e6]) {
    const columns = new BootColumns()
    const from = performance.now()
    for (let id = 1; id <= size; id++) columns.put(bootOf(id))
    const fill = performance.now() - from
    const narrow = { firmware: 'iPXE', class: 'failed', from: now - 30 * day } as const
    const figures = [
      Math.max(...siteGroups.map((by) => timed(() => columns.overview({}, undefined, by, 500)))),
      Math.max(...siteGroups.map((by) => timed(() => columns.overview(narrow, undefined, by, 500)))),
      timed(() => columns.trend({}, undefined, 60)),
      timed(() => columns.page({}, undefined, 0, 200)),
      timed(() => columns.page({}, undefined, size - 200, 200)),
      timed(() => columns.page({}, { span: macSpan('00:00:00:00:1') }, 0, 200)),
    ]
    console.log(`| ${size} | ${fill.toFixed(0)} ms | ${figures.map((one) => `${one.toFixed(1)} ms`).join(' | ')} |`)
  }

  const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-bench-'))
  try {
    const index = await BootIndex.open(SqliteDatabase.open(join(folder, 'index.sqlite')))
    const intake = new Intake({ index, store: new FolderStore(join(folder, 'captures')), onError: (error) => console.error(error.message) }) // prettier-ignore
    await intake.open()
    const parts: Uint8Array[] = [pcapngHeader('PXE Lab', [{ linkType: 1, name: 'eth0' }])]
    const reader = new CaptureReader({
      onInterface: () => {},
      onFrame: ({ seconds, nanoseconds, bytes, originalLength }) => void parts.push(pcapngFrame({ interface: 0, seconds, nanoseconds, bytes, originalLength })), // prettier-ignore
    })
    reader.push(readFileSync(new URL('../test/fixtures/captures/fail-nofile-uefi-x64.pcap', import.meta.url)))
    reader.end()
    const packed = gzipSync(concatBytes(parts))
    const sha256 = hash('sha256', packed, 'hex')
    const pieces = 1000
    for (const round of [0, 1, 2]) {
      const from = performance.now()
      for (let at = 0; at < pieces; at++) {
        const site = `site-${at}`
        const unpacked = await unpackPiece(packed)
        await intake.keep(`${site}/0123456789abcdef`, site, { number: round + 1, sha256, packed, unpacked }, now)
      }
      await intake.settled()
      const seconds = (performance.now() - from) / 1000
      console.log(`pieces ${round * pieces + 1} to ${(round + 1) * pieces} of 1000 agents: ${(pieces / seconds).toFixed(0)} pieces/s, ${intake.columns.count} boots indexed`) // prettier-ignore
    }
    await intake.close()
    await benchIndex(join(folder, 'million.sqlite'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
