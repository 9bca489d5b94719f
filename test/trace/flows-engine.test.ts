/** What the page asks of its captures, asked of the engine itself, without a worker around it. */
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { parseHex } from '#shared/wire/bytes.ts'
import { pcapngFrame, pcapngHeader } from '#shared/wire/capture-file.ts'
import { blankMessage, encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { wrapUdp } from '#shared/wire/frame.ts'
import { Session } from '#shared/trace/session.ts'
import type { SourceState } from '../../src/renderer/flows/answers.ts'
import { FlowsEngine } from '../../src/renderer/flows/engine.ts'
import { fixture, framesIn } from '../helpers/fixtures.ts'

afterEach(() => void vi.restoreAllMocks())

const name = 'file:a.pcap'
const bytesOf = (capture: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(fixture(`captures/${capture}`)))
const fileOf = (...captures: string[]): Blob => new Blob(captures.map(bytesOf))
const draw = { width: 900, spacing: 'even', unfolded: [] } as const

function engineOf(): { engine: FlowsEngine; told: SourceState[] } {
  const told: SourceState[] = []
  return { engine: new FlowsEngine((state) => told.push(state)), told }
}

/** The engine with one capture read. */
async function opened(capture: string) {
  const both = engineOf()
  const state = await both.engine.open(name, fileOf(capture))
  return { ...both, state }
}

/** A file of which nothing can be read from a byte on, as of a stick that was pulled. */
class PulledOut extends Blob {
  readonly #readable: number
  constructor(parts: BlobPart[], readable: number) {
    super(parts)
    this.#readable = readable
  }
  override slice(from = 0, to = this.size): Blob {
    if (to <= this.#readable) return super.slice(from, to)
    return Object.assign(new Blob([]), { arrayBuffer: () => Promise.reject(new Error('the device is gone')) })
  }
}

type BlobPart = ConstructorParameters<typeof Blob>[0] extends Iterable<infer P> | undefined ? P : never

const discover = (machine: number, xid: number, padding: number): Uint8Array => {
  const chaddr = new Uint8Array(16)
  chaddr.set([2, 0, 0, 0, machine >> 8, machine & 255])
  return wrapUdp({
    sourceMac: chaddr.slice(0, 6),
    destinationMac: parseHex('ffffffffffff')!,
    sourceAddress: 0,
    destinationAddress: 0xffffffff,
    sourcePort: 68,
    destinationPort: 67,
    payload: encodeDhcp({
      ...blankMessage,
      xid,
      chaddr,
      options: [
        { code: 53, data: Uint8Array.of(1) },
        { code: 43, data: new Uint8Array(padding) },
      ],
    }),
  })
}

/** A piece of a running capture, as the back end sends it. */
function piece(frames: readonly { readonly seconds: number; readonly bytes: Uint8Array }[]): string {
  return Buffer.concat([
    pcapngHeader('test', [{ name: 'eth0', linkType: 1 }]),
    ...frames.map(({ seconds, bytes }) => pcapngFrame({ interface: 0, seconds, nanoseconds: 0, bytes })),
  ]).toString('base64')
}

describe('a file', () => {
  test('shows its first packets before the rest is read, whatever else the page was told just before', async () => {
    const { engine, told } = engineOf()
    const file = fileOf('full-uefi-x64.pcap')
    const reading = engine.open(name, file)
    engine.setNames(name, new Map())
    const { last } = await reading
    const first = told.find((one) => one.last > 0)!
    expect(first.progress).toEqual({ read: 65_536, total: file.size })
    expect(first.last).toBeLessThan(last)
    // Their rows come with them, once: the page has nothing to ask before it shows them.
    expect(first.opening).toEqual(engine.rows(name, 0, first.last))
    expect(first.opening).toHaveLength(92)
    expect(told.filter((one) => one.opening)).toEqual([first])
  })

  test('is read whole, and its progress ends', async () => {
    // A machine on which everything takes a second: progress is told where reading takes its time.
    let now = 0
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 1000))
    const { state, told } = await opened('full-uefi-x64.pcap')
    const { length } = framesIn(bytesOf('full-uefi-x64.pcap'))
    expect(state).toMatchObject({ source: name, first: 1, last: length, matched: length, attempts: 1 })
    expect(state).toMatchObject({ progress: undefined, damage: undefined, filterProblem: undefined })
    expect(told[0]!.progress).toMatchObject({ total: 567_156 })
    expect(told.at(-1)).toMatchObject({ progress: undefined, last: length })
  })

  test('that cannot be read any further shows what came before, and its progress ends', async () => {
    const { engine, told } = engineOf()
    const file = new PulledOut([bytesOf('full-uefi-x64.pcap')], 64 * 1024)
    const state = await engine.open(name, file)
    expect(state.damage).toBe(
      'The file cannot be read at byte 65536: the device is gone. What came before it is shown.',
    )
    expect(state.progress).toBeUndefined()
    expect(state.last).toBeGreaterThan(50)
    expect(told.at(-1)).toMatchObject({ progress: undefined, damage: state.damage })
  })

  test('whose reader fails is told as a failure, and its progress ends all the same', async () => {
    const { engine } = engineOf()
    vi.spyOn(Session.prototype, 'push').mockImplementation(() => {
      throw new Error('a fault of ours')
    })
    await expect(engine.open(name, fileOf('fail-nooffer-uefi-x64.pcap'))).rejects.toThrow('a fault of ours')
    expect(engine.state(name).progress).toBeUndefined()
  })

  test('that is damaged says where', async () => {
    const { engine } = engineOf()
    const state = await engine.open(name, new Blob([bytesOf('fail-nooffer-uefi-x64.pcap').slice(0, 1000)]))
    expect(state.damage).toMatch(/^The file is damaged at byte \d+: .+\. What came before it is shown\.$/)
    expect(state.last).toBeGreaterThan(0)
  })

  test('that is opened anew is told of as the new one only', async () => {
    const { engine, told } = engineOf()
    const first = engine.open(name, fileOf('full-uefi-x64.pcap'))
    const state = await engine.open(name, fileOf('fail-nooffer-uefi-x64.pcap'))
    await first
    expect(told.filter((one) => one.last > state.last)).toEqual([])
    expect(engine.state(name)).toMatchObject({ last: state.last, progress: undefined })
  })

  test('that is cancelled keeps what was read', async () => {
    const { engine } = engineOf()
    const reading = engine.open(name, fileOf('full-uefi-x64.pcap'))
    while (engine.state(name).last < 1) await new Promise((resolve) => setImmediate(resolve))
    engine.cancel(name)
    const state = await reading
    expect(state.progress).toBeUndefined()
    expect(state.damage).toBeUndefined()
    expect(state.last).toBeGreaterThan(0)
    expect(state.last).toBeLessThan(framesIn(bytesOf('full-uefi-x64.pcap')).length)
  })
})

describe('a filter', () => {
  const capture = 'fail-no4011-uefi-x64.pcap'
  const settled = async (engine: FlowsEngine): Promise<SourceState> => {
    while (engine.state(name).filtered < engine.state(name).last) await new Promise((resolve) => setImmediate(resolve))
    return engine.state(name)
  }

  test('leaves what it says, in the order of the capture', async () => {
    const { engine } = await opened(capture)
    expect(engine.filter(name, 'error')).toBeUndefined()
    expect(await settled(engine)).toMatchObject({ matched: 4 })
    expect(engine.rows(name, 0, 10).map((one) => one.frame)).toEqual([10, 12, 14, 18])
    expect(engine.rows(name, 1, 3).map((one) => one.frame)).toEqual([12, 14])
    expect(engine.placeOf(name, 10)).toEqual({ position: 0, isShown: true })
    expect(engine.placeOf(name, 11)).toEqual({ position: 1, isShown: false })
    expect([undefined, 10, 11, 18].map((from) => engine.stepFrom(name, from, 1)?.frame)).toEqual([10, 12, 12, 18])
    expect([12, 11].map((from) => engine.stepFrom(name, from, -1)?.frame)).toEqual([10, 10])
    expect(engine.stepFrom(name, 10, 1)).toMatchObject({ attempt: engine.frame(name, 12)!.attempt })
  })

  test('that is wrong is told, and the one before stays', async () => {
    const { engine } = await opened(capture)
    engine.filter(name, 'error')
    await settled(engine)
    expect(engine.filter(name, 'dhcp.nothing == 1')).toMatchObject({ at: 0, remedy: expect.stringMatching(/\w/) })
    expect(engine.state(name).matched).toBe(4)
  })

  test('that fails at a packet is taken off and told, and the next one works', async () => {
    const { engine } = await opened(capture)
    const all = engine.state(name).last
    const spy = vi.spyOn(Session.prototype, 'summaryOf').mockImplementation(() => {
      throw new Error('frame 3 cannot be told')
    })
    engine.filter(name, 'offer')
    await vi.waitUntil(() => engine.state(name).filterProblem, 60_000)
    expect(engine.state(name)).toMatchObject({
      matched: all,
      filterProblem: { message: 'The filter stopped: frame 3 cannot be told' },
    })
    spy.mockRestore()
    // The very same text again: neither the failure nor the text is held against it.
    engine.filter(name, 'offer')
    const { matched, filterProblem } = await settled(engine)
    expect(filterProblem).toBeUndefined()
    expect(matched).toBeGreaterThan(0)
    expect(matched).toBeLessThan(all)
  })
})

describe('packets', () => {
  const capture = 'fail-no4011-uefi-x64.pcap'

  test('that are marked and commented on are so in rows, filters and exports', async () => {
    const { engine } = await opened(capture)
    expect(() => engine.export(name, 'marked', undefined)).toThrow('No packet is marked')
    const { edits } = engine.state(name)
    engine.mark(name, [3, 5], true)
    engine.mark(name, [3], false)
    engine.remark(name, 5, '  late  ')
    engine.remark(name, 6, 'gone')
    engine.remark(name, 6, ' ')
    expect(engine.state(name).edits).toBeGreaterThan(edits)
    expect(engine.row(name, 5)).toMatchObject({ isMarked: true, comment: 'late', remark: 'late' })
    expect(engine.row(name, 6)).toMatchObject({ isMarked: false, comment: '', remark: '' })
    expect(framesIn(engine.export(name, 'marked', undefined)).map((one) => one.comment?.split('\n')[0])).toEqual([
      'late',
    ])
    engine.filter(name, 'frame.marked == 1')
    await vi.waitUntil(() => engine.state(name).matched === 1, 60_000)
    engine.mark(name, [7], true)
    await vi.waitUntil(() => engine.state(name).matched === 2, 60_000)
  })

  test('are followed by machine, transfer, connection and transaction', async () => {
    const { engine } = await opened(capture)
    expect(engine.followsOf(name, 1)).toEqual([
      { label: 'Follow this machine', filter: 'client == 52:54:00:77:00:03' },
      { label: 'Follow this transaction', filter: expect.stringMatching(/^dhcp\.id == 0x[\da-f]{8}$/) as string },
    ])
    const http = await opened('http-uefi-x64-http.pcap')
    http.engine.filter(name, 'http.request')
    await vi.waitUntil(
      () => http.engine.state(name).filter === 'http.request' && http.engine.state(name).matched > 0,
      60_000,
    )
    const [request] = http.engine.rows(name, 0, 1)
    const connection = http.engine
      .followsOf(name, request!.frame)
      .find((one) => one.label === 'Follow this connection')!
    http.engine.filter(name, connection.filter)
    await vi.waitUntil(() => http.engine.state(name).filtered === http.engine.state(name).last, 60_000)
    const rows = http.engine.rows(name, 0, 1000)
    expect(rows.length).toBeGreaterThan(3)
    expect(new Set(rows.map((row) => row.protocol))).toEqual(new Set(['TCP', 'HTTP']))
  })

  test('get the first colour rule that takes them; one that makes no sense takes none', async () => {
    const { engine } = await opened(capture)
    engine.setRules([
      { name: 'wrong', filter: 'nothing.such == 1' },
      { name: 'offers', filter: 'dhcp.type == offer' },
      { name: 'all', filter: 'udp' },
    ])
    expect(engine.rows(name, 0, 10).map((row) => row.rule)).toEqual([2, 1, -1, -1, 2, 2, -1, -1, 2, 2])
    expect(engine.checkFilter('nothing.such == 1')).toMatchObject({ at: 0 })
    expect(engine.checkFilter('udp')).toBeUndefined()
  })

  test('are copied as text, and of too many it is told how many there are', async () => {
    const { engine, state } = await opened('full-uefi-x64.pcap')
    const { text, frames, all } = engine.copy(name, 'all', 'summary')
    expect({ frames, all, lines: text.split('\n').length }).toEqual({
      frames: state.last,
      all: state.last,
      lines: state.last,
    })
    expect(engine.copy(name, [2], 'hex').text).toMatch(/^0000 {2}/)
  })
})

test('of ranges those packets are told, marked and copied that the filter leaves', async () => {
  const { engine, state } = await opened('proxy-uefi-x64.pcap')
  const everything = { ranges: [[1, state.last]] } as const
  expect(engine.tally(name, everything)).toEqual({ packets: state.last, marked: 0 })
  expect(engine.tally(name, { ranges: [[0, 2], [state.last, state.last + 50]] })).toEqual({ packets: 3, marked: 0 }) // prettier-ignore
  engine.filter(name, 'dhcp')
  await vi.waitFor(() => expect(engine.state(name).filtered).toBe(state.last), 60_000)
  const { matched } = engine.state(name)
  const frames = engine.rows(name, 0, matched).map((row) => row.frame)
  expect(matched).toBeLessThan(state.last)
  expect(engine.tally(name, everything)).toEqual({ packets: matched, marked: 0 })
  const some = { ranges: [[frames[1]!, frames[3]!]] } as const
  engine.mark(name, some, true)
  expect(engine.rows(name, 0, matched).filter((row) => row.isMarked).map((row) => row.frame)).toEqual(frames.slice(1, 4)) // prettier-ignore
  await vi.waitFor(() => expect(engine.state(name).filtered).toBe(state.last), 60_000)
  expect(engine.tally(name, everything)).toEqual({ packets: matched, marked: 3 })
  expect(engine.tally(name, some)).toEqual({ packets: 3, marked: 3 })
  expect(engine.copy(name, everything, 'summary')).toMatchObject({ frames: matched, all: matched })
  // A packet that is named is meant, whether the filter leaves it or not.
  const hidden = Array.from({ length: state.last }, (_, at) => at + 1).find((frame) => !frames.includes(frame))!
  expect(engine.tally(name, [hidden, state.last + 1])).toEqual({ packets: 1, marked: 0 })
  expect(engine.tally(name, { ranges: [[hidden, hidden]] })).toEqual({ packets: 0, marked: 0 })
})

test('names that people gave stand in headline, sentences, lists and heads of lanes', async () => {
  const { engine } = await opened('fail-no4011-uefi-x64.pcap')
  engine.setNames(name, new Map([['52:54:00:77:00:03', 'Bench 3'], ['192.168.77.1', 'WDS01']]))
  const told = await engine.explain(name, 1, draw)
  expect(told!.name).toBe('Bench 3')
  const sentences = told!.explanation.sentences.map((one) => one.text)
  expect(sentences.filter((text) => text.includes('192.168.77.1') && !text.includes('WDS01'))).toEqual([])
  expect(sentences.some((text) => text.includes('Bench 3 (52:54:00:77:00:03)'))).toBe(true)
  expect(told!.heads).toContain('>WDS01<')
  expect((await engine.lines(name, 0, 1))[0]).toMatchObject({ kind: 'machine', title: 'Bench 3' })
}) // prettier-ignore

describe('a place', () => {
  test('means the attempt it names, that of its machine, of its packet, or the first of a file', async () => {
    const { engine } = await opened('fail-nopxe-uefi-x64.pcap')
    const at = (place: Partial<Parameters<FlowsEngine['attemptAt']>[1]>): number | undefined =>
      engine.attemptAt(name, { attempt: undefined, frame: undefined, ...place })
    const { last } = engine.state(name)
    expect(at({})).toBe(1)
    expect(at({ attempt: 2 })).toBe(2)
    expect(at({ attempt: 99 })).toBe(1)
    expect(at({ machine: '52:54:00:77:00:03' })).toBe(engine.state(name).attempts)
    expect(at({ frame: last })).toBe(engine.frame(name, last)!.attempt)
    expect(at({ frame: last + 1 })).toBe(1)
  })

  test('that is live and names none is at the newest', () => {
    const { engine } = engineOf()
    engine.feed('live', piece([{ seconds: 1, bytes: discover(1, 1, 0) }, { seconds: 2, bytes: discover(2, 2, 0) }]))
    expect(engine.attemptAt('live', { attempt: undefined, frame: undefined })).toBe(2)
    expect(engine.attemptAt('live', { attempt: undefined, frame: 1 })).toBe(1)
  }) // prettier-ignore
})

test.each([
  [new Blob([]), 'the file is empty'],
  [new Blob(['PK\x03\x04' + 'x'.repeat(400)]), 'it is no capture file; it is a ZIP archive: unpack it first'],
])('a file that is none is told to be foreign', async (file, damage) => {
  const { engine } = engineOf()
  expect(await engine.open(name, file)).toMatchObject({ isForeign: true, isRead: true, damage, last: 0 })
})

describe('what is live', () => {
  test('lists attempts as they begin and lets go those whose packets are gone', () => {
    const { engine } = engineOf()
    engine.feed('live', piece([{ seconds: 1, bytes: discover(1, 1, 0) }]))
    expect(engine.state('live')).toMatchObject({ attempts: 1, lines: 2 })
    // 66 MiB of one machine's packets push those of the other out, and no attempt begins.
    const big = new Uint8Array(60_000)
    big.set(discover(2, 2, 0))
    engine.feed('live', piece([{ seconds: 2, bytes: discover(2, 2, 0) }]))
    expect(engine.state('live')).toMatchObject({ attempts: 2, lines: 4 })
    const megabyte = piece(Array.from({ length: 200 }, () => ({ seconds: 3, bytes: big })))
    for (let turn = 0; turn < 8; turn++) engine.feed('live', megabyte)
    const state = engine.state('live')
    expect(state.first).toBeGreaterThan(1)
    expect(state).toMatchObject({ attempts: 2, lines: 2 })
  })

  test('is forgotten when it is closed', () => {
    const { engine } = engineOf()
    engine.feed('live', piece([{ seconds: 1, bytes: discover(1, 1, 0) }]))
    engine.close('live')
    expect(engine.state('live')).toMatchObject({ last: 0, attempts: 0 })
  })
})

describe('an attempt', () => {
  test('is listed under its machine, explained and drawn', async () => {
    const { engine } = await opened('fail-no4011-uefi-x64.pcap')
    const [machine, attempt] = await engine.lines(name, 0, 10)
    expect(machine).toMatchObject({ kind: 'machine', attempts: 2 })
    expect(attempt).toMatchObject({ kind: 'attempt', number: 1, outcome: 'failed' })
    expect(engine.lineOf(name, 1)).toBe(1)
    expect(engine.neighbour(name, undefined, 1)).toBe(1)
    const told = await engine.explain(name, 1, draw)
    expect(told).toMatchObject({ number: 1, source: name, explanation: { headline: (attempt as { headline: string }).headline } }) // prettier-ignore
    expect(told!.svg).toContain('<svg')
    expect(engine.picture(name, 1, 900)).toContain('<svg')
    expect(engine.attemptOf(name, (machine as { name: string }).name)).toBe(2)
    expect(engine.neighbour(name, 1, 1)).toBe(2)
    const problem = engine.nextProblem(name, 1, undefined)
    expect(engine.frame(name, problem!)).toMatchObject({ frame: problem, attempt: 1 })
  })

  test('is exported alone, and with the verdicts as comments', async () => {
    const { engine, state } = await opened('fail-no4011-uefi-x64.pcap')
    const alone = framesIn(engine.export(name, 'attempt', 1))
    const all = framesIn(engine.export(name, 'all', undefined))
    expect(all.length).toBe(state.last)
    expect(alone.length).toBeGreaterThan(5)
    expect(alone.length).toBeLessThan(all.length)
    expect(all.filter((one) => one.comment !== undefined).length).toBeGreaterThan(0)
  })

  test.each([
    ['exported', (engine: FlowsEngine) => engine.export(name, 'attempt', 7)],
    ['drawn', (engine: FlowsEngine) => engine.picture(name, 7, 900)],
    ['compared', (engine: FlowsEngine) => engine.compare(name, 7, name)],
    ['reported', (engine: FlowsEngine) => engine.report(name, 7, { title: 't', isMasked: false, labText: undefined, version: '1' })], // prettier-ignore
  ])('that is not there is not %s, nor is anything else in its place', async (_, ask) => {
    const { engine } = await opened('fail-no4011-uefi-x64.pcap')
    expect(() => ask(engine)).toThrow('Attempt 7 does not exist any more')
    expect(() => engine.export(name, 'attempt', undefined)).toThrow('No attempt is selected')
    expect(await engine.explain(name, 7, draw)).toBeUndefined()
  })

  test('compared with the same capture has every packet on both sides', async () => {
    const { engine } = await opened('full-uefi-x64.pcap')
    const { rows, onlyLeft, onlyRight, labels } = engine.compare(name, 1, name)
    expect({ onlyLeft, onlyRight, labels: labels.length }).toEqual({ onlyLeft: 0, onlyRight: 0, labels: rows.length })
    expect(rows.length).toBeGreaterThan(5)
  })
})

describe('compressed files, and frames that are not read', () => {
  const formatOf = (file: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(fixture(`formats/${file}`)))

  test.each(['gz', 'zst', 'lz4'])('%s is read as it is unpacked, and one that is cut off is told', async (ending) => {
    const { engine } = engineOf()
    const file = formatOf(`pxe-good.pcap.${ending}`)
    expect(await engine.open(name, new Blob([file]))).toMatchObject({ last: 10, attempts: 1, damage: undefined })
    const cut = await engine.open(name, new Blob([file.slice(0, -9)]))
    expect(cut.damage).toMatch(/^The compressed file is (truncated|damaged): .+ What came before it is shown\.$/)
  })

  test('a link that is not read is named where no boot is shown', async () => {
    const { engine } = engineOf()
    const file = new Uint8Array(readFileSync(fixture('field/pxe-good.pcap')))
    new DataView(file.buffer).setUint32(20, 195, file[0] === 0xd4)
    const { damage } = await engine.open(name, new Blob([file]))
    expect(damage).toBe(
      'No boot is shown, although there may be one: link type 195 (IEEE802_15_4_WITHFCS) is not read: 10 frames.',
    )
  })
})
