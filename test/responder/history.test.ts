/** The model of boots, and what is kept of it and of its frames between two runs. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { exportFrames } from '#shared/trace/export.ts'
import { Session } from '#shared/trace/session.ts'
import { concatBytes } from '#shared/wire/bytes.ts'
import { pcapngFrame, pcapngHeader, type CapturedFrame } from '#shared/wire/capture-file.ts'
import { encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { wrapUdp } from '#shared/wire/frame.ts'
import { encodeLabNote, noteInterface } from '#shared/wire/lab-note.ts'
import { BootModel } from '../../src/main/observe/boot-model.ts'
import { FrameHistory, readHistory } from '../../src/main/observe/frame-history.ts'
import { chaddr, ip, pxe, request } from '../helpers/dhcp.ts'

const broadcast = Uint8Array.of(255, 255, 255, 255, 255, 255)
const macOf = (index: number): string => `52:54:00:${[index >> 16, index >> 8, index].map((byte) => (byte & 255).toString(16).padStart(2, '0')).join(':')}` // prettier-ignore

/** DISCOVER of a machine, at a second since 1970. */
const discover = (index: number, seconds: number): Uint8Array =>
  pcapngFrame({
    interface: 0,
    seconds,
    nanoseconds: 0,
    bytes: wrapUdp({
      sourceMac: chaddr(macOf(index)).subarray(0, 6),
      destinationMac: broadcast,
      sourceAddress: 0,
      destinationAddress: ip('255.255.255.255'),
      sourcePort: 68,
      destinationPort: 67,
      payload: encodeDhcp(request({ type: 'discover', mac: macOf(index), xid: index * 7 + seconds, ...pxe(7) })),
    }),
  })
const interfaces = [
  { name: 'eth0', linkType: 1, isSynthesised: true },
  { ...noteInterface, isSynthesised: true },
]
const piece = (...frames: readonly Uint8Array[]): Uint8Array =>
  concatBytes([pcapngHeader('test', interfaces), ...frames])
const note = (index: number, seconds: number): Uint8Array =>
  pcapngFrame({ interface: 1, seconds, nanoseconds: 1000, bytes: encodeLabNote({ kind: 'not-answered', mac: macOf(index), address: '', reason: 'not on the list' }) }) // prettier-ignore

describe('the model', () => {
  test('tells each boot when it changes, and by time alone', () => {
    const model = new BootModel()
    model.take(piece(discover(1, 1000), note(1, 1000)))
    expect(model.verdicts(1_000_500)).toMatchObject([{ mac: macOf(1), startedAt: 1_000_000, outcome: 'waiting', stage: 'seen' }]) // prettier-ignore
    expect(model.verdicts(1_000_600)).toEqual([])
    const [failed] = model.verdicts(1_060_000)
    expect(failed).toMatchObject({ outcome: 'failed', stage: 'failed', headline: 'PXE Lab did not answer: not on the list (PXE-E18)', code: 'PXE-E18' }) // prettier-ignore
    expect(model.verdicts(1_062_000)).toEqual([])
    expect(model.takeSettled()).toEqual([])
    expect(model.verdicts(1_130_000)).toEqual([])
    expect(model.takeSettled()).toMatchObject([{ verdict: { mac: macOf(1), outcome: 'failed', code: 'PXE-E18' }, parts: [{ name: 'discover', startedAt: 1_000_000 }] }]) // prettier-ignore
    expect(model.verdicts(1_190_000)).toEqual([])
    expect(model.takeSettled(), 'told once').toEqual([])
  })

  test('a decision that comes before its packet, as with a capture of the wire, is of the boot that the packet begins', () => {
    const model = new BootModel()
    model.take(piece(note(1, 1000)))
    model.take(piece(discover(1, 999)))
    expect(model.verdicts(1_060_000)).toMatchObject([{ headline: 'PXE Lab did not answer: not on the list (PXE-E18)' }])
  })

  test('a machine that waits for approval waits, however long it is silent', () => {
    const waits = pcapngFrame({ interface: 1, seconds: 1001, nanoseconds: 0, bytes: encodeLabNote({ kind: 'waits-for-approval', mac: macOf(1), address: '', reason: 'pending request ID 7' }) }) // prettier-ignore
    const model = new BootModel()
    model.take(piece(discover(1, 1000), waits))
    expect(model.verdicts(1_090_000)).toMatchObject([{ outcome: 'waiting', stage: 'approval', headline: 'Waiting for approval (pending request ID 7)' }]) // prettier-ignore
  })

  test('holds no more than its bounds, and goes on with the newest', () => {
    const model = new BootModel({ attempts: 200, carriedFrames: 50, open: 100 })
    const told = new Set<string>()
    const settled: string[] = []
    for (let index = 0; index < 3000; index++) {
      model.take(piece(discover(index, 1000 + index)))
      for (const { mac } of model.verdicts((1001 + index) * 1000)) told.add(mac)
      settled.push(...model.takeSettled().map(({ verdict }) => verdict.mac))
      const { attempts, open, frames } = model.size
      expect(attempts).toBeLessThanOrEqual(201)
      expect(open).toBeLessThanOrEqual(101)
      expect(frames).toBeLessThanOrEqual(201)
    }
    expect(told.size).toBe(3000)
    model.settleAll()
    settled.push(...model.takeSettled().map(({ verdict }) => verdict.mac))
    expect(settled.toSorted(), 'each once').toEqual([...told].toSorted())
  })
})

describe('frames on the disk', () => {
  let root: string
  let folder: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'pxe-lab-history-'))
    folder = join(root, 'history')
  })
  afterEach(() => {
    vi.restoreAllMocks()
    rmSync(root, { recursive: true, force: true })
  })
  const read = (): { frames: number[]; problems: readonly string[] } => {
    const frames: number[] = []
    const problems = readHistory(folder, (frame: CapturedFrame) => frames.push(frame.seconds))
    return { frames, problems }
  }
  const files = (): string[] => readdirSync(folder).sort()

  test('come back in their order, and those of the next run behind them', () => {
    const first = new FrameHistory(folder)
    first.append(piece(discover(1, 1), note(1, 2)))
    first.append(piece(discover(2, 3)))
    new FrameHistory(folder).append(piece(discover(3, 4)))
    expect(read()).toEqual({ frames: [1, 2, 3, 4], problems: [] })
    if (process.platform !== 'win32') expect(statSync(join(folder, files()[0]!)).mode & 0o777).toBe(0o600)
  })

  test('in so many files of such a size, and no more', () => {
    const one = piece(discover(1, 1))
    const history = new FrameHistory(folder, { bytesInFile: one.length * 2, files: 3 })
    for (let second = 1; second <= 20; second++) history.append(piece(discover(1, second)))
    expect(files()).toEqual(['frames-000008.pcapng', 'frames-000009.pcapng', 'frames-000010.pcapng'])
    expect(read().frames).toEqual([15, 16, 17, 18, 19, 20])
    history.clear()
    expect(read().frames).toEqual([])
    history.append(one)
    expect(read().frames).toEqual([1])
  })

  test('a damaged file is told once and read as far as it goes; the others are read', () => {
    const history = new FrameHistory(folder, { bytesInFile: 1 })
    history.append(piece(discover(1, 1)))
    history.append(piece(discover(1, 2)))
    appendFileSync(join(folder, 'frames-000001.pcapng'), Buffer.alloc(40, 7))
    writeFileSync(join(folder, 'notes.txt'), 'of somebody')
    mkdirSync(join(folder, 'frames-000003.pcapng'))
    const { frames, problems } = read()
    expect(frames).toEqual([1, 2])
    expect(problems).toEqual([
      expect.stringMatching(/frames-000001\.pcapng is damaged at byte \d+: .*\. What came before it is shown\.$/),
      expect.stringMatching(/frames-000003\.pcapng cannot be read \(EISDIR\)/),
    ])
    rmSync(join(folder, 'frames-000003.pcapng'), { recursive: true })
    expect(read()).toEqual({ frames: [1, 2], problems: [] })
    expect(existsSync(join(folder, 'notes.txt'))).toBe(true)
  })

  test.runIf(process.platform !== 'win32')('a link in place of a file leads nowhere', () => {
    const outside = join(root, 'outside')
    writeFileSync(outside, 'as it was')
    mkdirSync(folder)
    symlinkSync(outside, join(folder, 'frames-000001.pcapng'))
    const history = new FrameHistory(folder)
    expect(() => history.append(piece(discover(1, 1)))).toThrow('ELOOP')
    expect(read().problems).toEqual([expect.stringContaining('cannot be read (ELOOP)')])
    expect(readFileSync(outside, 'utf8')).toBe('as it was')
  })

  test('a file that goes while it is written begins anew', () => {
    const history = new FrameHistory(folder)
    history.append(piece(discover(1, 1)))
    rmSync(folder, { recursive: true })
    history.append(piece(discover(1, 2)))
    expect(read()).toEqual({ frames: [2], problems: [] })
  })

  test('what they tell after a restart is what they told before', () => {
    const pieces = [piece(discover(1, 1000), note(1, 1000)), piece(discover(2, 1001))]
    const before = new BootModel()
    const history = new FrameHistory(folder)
    for (const one of pieces) {
      history.append(one)
      before.take(one)
    }
    const session = new Session()
    readHistory(folder, (frame, { name = '', linkType }) =>
      session.store.add(frame, session.store.addInterface({ name, linkType })),
    )
    const after = new BootModel()
    after.take(
      exportFrames(
        session.store,
        Array.from({ length: session.store.count }, (_, at) => at + 1),
        new Map(),
      ),
    )
    expect(after.verdicts(1_060_000)).toEqual(before.verdicts(1_060_000))
  })
})
