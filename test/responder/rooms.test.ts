/** The rooms of the back end one by one: captures, frames, log, machines, the rival, with what they ask in our hands. */
import { EventEmitter } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { CaptureState, RivalInfo } from '#shared/contract/calls.ts'
import { describeEvent, type LabEvent, type UntimedEvent } from '#shared/contract/events.ts'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import type { CapturedFrame } from '#shared/wire/capture-file.ts'
import { unwrapUdp } from '#shared/wire/frame.ts'
import { Captures } from '../../src/main/backend/captures.ts'
import { ClientBook } from '../../src/main/backend/client-book.ts'
import { LogBook } from '../../src/main/backend/log-book.ts'
import { jsonLog, textLog } from '../../src/main/cli/log.ts'
import { LiveFrames } from '../../src/main/observe/live-frames.ts'
import { CaptureError, type LiveCaptureOptions } from '../../src/main/observe/capture.ts'
import type { ObservedDatagram } from '../../src/main/responder/observed.ts'
import type { NetworkInterface } from '../../src/main/responder/interfaces.ts'
import { DhcpRival } from '../../src/main/rivals/dhcp-rival.ts'
import { PrivateNote } from '../../src/main/web/private-note.ts'
import { framesIn } from '../helpers/fixtures.ts'

const ip = (text: string): number => parseIpv4(text)!
const served: NetworkInterface = { name: 'eth0', address: ip('10.0.0.1'), prefixLength: 24, mtu: 1500, mac: '02:00:00:00:00:01', isLoopback: false, hasLink: true } // prettier-ignore

class FakeChild extends EventEmitter {
  pid = 4711
  stop = vi.fn(() => queueMicrotask(() => this.emit('exit')))
}
const world = vi.hoisted(() => ({
  tool: { name: 'dumpcap', path: '/usr/bin/dumpcap', reason: 'dumpcap is there' } as { name: string; path: string; reason: string } | undefined, // prettier-ignore
  capture: undefined as LiveCaptureOptions | undefined,
  refuses: undefined as Error | undefined,
  stopped: 0,
  children: [] as { name: string; argument: string; child: unknown }[],
  owners: [] as object[],
}))
vi.mock(import('../../src/main/observe/capture-tools.ts'), async (original) => ({
  ...(await original()),
  findCaptureTool: () => world.tool as never,
}))
vi.mock(import('../../src/main/observe/live-capture.ts'), async (original) => ({
  ...(await original()),
  startCapture: (options: LiveCaptureOptions) => {
    if (world.refuses) return Promise.reject(world.refuses)
    world.capture = options
    options.onInterface({ name: 'eth0', linkType: 1 } as never)
    return Promise.resolve({ stop: () => Promise.resolve(void world.stopped++) })
  },
}))
vi.mock('../../src/main/child-process.ts', () => ({
  startChild: (name: string, argument: string) => {
    const child = new FakeChild()
    world.children.push({ name, argument, child })
    return child
  },
}))
vi.mock(import('../../src/main/inspect/port-owner.ts'), async (original) => ({
  ...(await original()),
  portOwners: () => Promise.resolve(world.owners as never),
}))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-rooms-'))
  Object.assign(world, { refuses: undefined, stopped: 0, children: [], owners: [], tool: { name: 'dumpcap', path: '', reason: 'dumpcap is there' } }) // prettier-ignore
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})

const frame = (seconds: number, bytes = new Uint8Array(60).fill(7)): CapturedFrame =>
  ({ interface: 0, seconds, nanoseconds: 5000, bytes, originalLength: bytes.length, direction: 'in' }) as CapturedFrame

describe('a capture', () => {
  const captures = () => {
    const told: CaptureState[] = []
    const frames = new LiveFrames(() => undefined)
    const room = new Captures({ frames, folder: () => join(folder, 'captures'), httpPorts: () => [80, 8080, 80], onChange: (state) => told.push(state) }) // prettier-ignore
    return { room, told, frames }
  }

  test('is written, counted, told and ended; datagrams of its interface are not shown twice', async () => {
    const { room, told, frames } = captures()
    const before = Date.now()
    expect(await room.start('eth0')).toMatchObject({ tool: 'dumpcap is there', interface: 'eth0', frames: 0, complaint: null }) // prettier-ignore
    expect(room.state.startedAt).toBeGreaterThanOrEqual(before)
    expect(world.capture!.httpPorts).toEqual([80, 8080])
    await expect(room.start('eth1')).rejects.toThrow('a capture of eth0 is running')
    for (const second of [10, 11]) world.capture!.onFrame(frame(second))
    frames.addObserved(datagram())
    expect([frames.count, frames.last]).toEqual([3, 2])
    room.tick()
    room.tick()
    expect(told.map((one) => one.frames)).toEqual([0, 2])
    const { file } = room.state
    expect(() => room.delete(file)).toThrow('is being written')
    expect(await room.stop()).toMatchObject({ interface: null, startedAt: null, frames: 2, complaint: null })
    expect([world.stopped, told.at(-1)!.interface]).toEqual([1, null])
    const path = join(folder, 'captures', file)
    expect(framesIn(readFileSync(path)).map((one) => [one.seconds, one.bytes.length])).toEqual([[10, 60], [11, 60]]) // prettier-ignore
    frames.addObserved(datagram())
    expect(frames.last).toBe(3)
    // The next one counts from the beginning.
    expect(await room.start('eth0')).toMatchObject({ frames: 0 })
    await room.stop()
    expect(await room.stop()).toMatchObject({ interface: null })
    expect(world.stopped).toBe(2)
    expect(room.delete(file).map((one) => one.name)).toEqual([])
  })

  test('that ends by itself says why, and keeps what it has', async () => {
    const { room, told } = captures()
    await room.start('eth0')
    world.capture!.onFrame(frame(1))
    world.capture!.onEnd(new CaptureError('dumpcap ended: it said nothing', 'See.'))
    expect(told.at(-1)).toMatchObject({ interface: null, frames: 1, complaint: { message: 'dumpcap ended: it said nothing', remedy: 'See. What was captured until then is kept.', about: 'capture' } }) // prettier-ignore
    const count = told.length
    world.capture!.onEnd(new CaptureError('again', ''))
    expect(told.length).toBe(count)
    expect(await room.start('eth0')).toMatchObject({ complaint: null })
  })

  test('that cannot begin says so, with the remedy', async () => {
    const { room } = captures()
    world.refuses = new CaptureError('dumpcap may not capture', 'Run as root.')
    await expect(room.start('eth0')).rejects.toMatchObject({
      message: 'dumpcap may not capture',
      remedy: 'Run as root.',
    })
    expect(room.state.interface).toBeNull()
    world.refuses = new TypeError('a defect')
    await expect(room.start('eth0')).rejects.toThrow(TypeError)
    world.tool = undefined
    await expect(room.start('eth0')).rejects.toMatchObject({ message: 'no capture program was found', remedy: expect.stringMatching(/\w/) }) // prettier-ignore
    expect(room.state).toMatchObject({ tool: null, remedy: expect.stringMatching(/\w/) })
  })
})

const datagram = (more: Partial<ObservedDatagram> = {}): ObservedDatagram => ({
  direction: 'in',
  interface: served,
  time: 1000,
  localPort: 69,
  remote: { address: ip('10.0.0.9'), port: 2000 },
  payload: Uint8Array.of(0, 1, 2),
  ...more,
})

describe('frames made of datagrams', () => {
  const dhcp = new Uint8Array(240)
  dhcp.set([2, 0, 0, 0, 0, 9], 28)
  const shown = (one: ObservedDatagram, macOf: (address: string) => string | undefined = () => undefined) => {
    const frames = new LiveFrames(macOf)
    frames.addObserved(one)
    const [told] = framesIn(frames.read(0, 1e6).pcapng)
    const udp = unwrapUdp(told!.bytes)!
    const mac = (at: number): string => Buffer.from(told!.bytes.subarray(at, at + 6)).toString('hex')
    return { told: told!, from: [mac(6), udp.sourceAddress, udp.sourcePort], to: [mac(0), udp.destinationAddress, udp.destinationPort] } // prettier-ignore
  }
  const own = ['020000000001', ip('10.0.0.1')]
  test.each([
    ['a request of a known machine', datagram(), ['0200000000aa', ip('10.0.0.9'), 2000], [...own, 69]],
    ['the answer to it', datagram({ direction: 'out', localPort: 4000 }), [...own, 4000], ['0200000000aa', ip('10.0.0.9'), 2000]],
    ['a machine without an address', datagram({ localPort: 67, remote: { address: 0, port: 68 }, payload: dhcp }), ['020000000009', 0, 68], ['ffffffffffff', 0xffffffff, 67]],
    ['a broadcast of ours', datagram({ direction: 'out', localPort: 67, remote: { address: 0xffffffff, port: 68 }, payload: dhcp }), [...own, 67], ['ffffffffffff', 0xffffffff, 68]],
    ['a renewal', datagram({ localPort: 67, remote: { address: ip('10.0.0.9'), port: 68 }, payload: dhcp }), ['020000000009', ip('10.0.0.9'), 68], [...own, 67]],
    ['a message that is too short for a hardware address', datagram({ localPort: 4011, payload: dhcp.subarray(0, 33) }), ['000000000000', ip('10.0.0.9'), 2000], [...own, 4011]],
    ['one that just has it', datagram({ localPort: 4011, payload: dhcp.subarray(0, 34) }), ['020000000009', ip('10.0.0.9'), 2000], [...own, 4011]],
  ] as const)('%s', (_, one, from, to) => {
    expect(shown(one, (address) => (address === '10.0.0.9' ? '02:00:00:00:00:aa' : undefined))).toMatchObject({ from, to })
  }) // prettier-ignore

  test('a piece of a long one has the length of the whole, and the time it passed', () => {
    const { told } = shown(datagram({ payload: new Uint8Array(32), length: 1432, time: 1_700_000_000_123.5 }))
    expect([told.bytes.length, told.originalLength]).toEqual([14 + 20 + 8 + 32, 14 + 20 + 8 + 1432])
    expect([told.seconds, told.nanoseconds]).toEqual([1_700_000_000, 123_500_000])
  })

  test('are read from any of them on, a part at a time; ports that a lab moves move with it', () => {
    const frames = new LiveFrames(() => undefined)
    for (let count = 0; count < 5; count++) frames.addObserved(datagram())
    frames.missed(7)
    expect([frames.count, frames.first, frames.last]).toEqual([12, 1, 5])
    expect(framesIn(frames.read(3, 1e6).pcapng)).toHaveLength(2)
    expect(frames.read(0, 1)).toMatchObject({ last: 1 })
    expect(frames.read(9, 1e6).last).toBe(9)
    frames.setPorts({ tftp: 69, dhcp: 1067, bootServer: 5011, dhcp6: 1547 })
    frames.clear()
    frames.addObserved(datagram({ localPort: 1067, remote: { address: 0, port: 68 }, payload: dhcp }))
    const [told] = framesIn(frames.read(0, 1e6).pcapng)
    expect(Buffer.from(told!.bytes.subarray(6, 12)).toString('hex')).toBe('020000000009')
  })

  test('that were cleared come back before those since, in any order, until another lab', () => {
    const frames = new LiveFrames(() => undefined)
    const at = (time: number): void => frames.addObserved(datagram({ time: time * 1000 }))
    const kept = (): number[] => framesIn(frames.read(0, 1e6).pcapng).map((one) => one.seconds)
    at(1)
    at(2)
    const generation = frames.generation
    const first = frames.clear()
    expect([kept(), frames.first, frames.last]).toEqual([[], 3, 2])
    at(3)
    const second = frames.clear()
    at(4)
    expect(frames.takeBack(second)).toBe(true)
    expect(kept()).toEqual([3, 4])
    expect(frames.takeBack(first)).toBe(true)
    expect(kept()).toEqual([1, 2, 3, 4])
    expect(frames.takeBack(first)).toBe(false)
    expect(frames.generation).toBe(generation + 4)
    const third = frames.clear()
    frames.reset()
    expect([frames.takeBack(third), kept()]).toEqual([false, []])
  })
})

describe('the log', () => {
  const warning = (message: string, time = 1): LabEvent => ({ type: 'warning', message, time })
  const transfer = { id: 'a', client: '10.0.0.9', file: 'x', kind: 'read', size: 1, blockSize: 1, windowSize: 1, bytes: 0, retransmissions: 0 } as const // prettier-ignore

  test('has a line of each event but progress, the last two thousand of them', () => {
    const book = new LogBook((text) => text)
    book.hear({ type: 'transfer-progress', transfer, time: 1 })
    expect(book.lines).toEqual([])
    for (let count = 1; count <= 2500; count++) book.hear(warning(`w${count}`))
    expect(book.lines).toHaveLength(2500)
    book.hear(warning('w2501', 9))
    expect(book.lines).toHaveLength(2000)
    expect(book.lines.at(-1)).toEqual({
      id: 2501,
      time: 9,
      level: 'warning',
      type: 'warning',
      mac: null,
      text: 'w2501',
    })
  })

  test('fresh lines are told once, a part at a time, and not those of long ago', () => {
    const book = new LogBook((text) => text)
    for (let count = 1; count <= 2001; count++) book.hear(warning(`w${count}`))
    const first = book.takeFresh()
    expect([first.length, first[0]!.text]).toEqual([300, 'w2'])
    expect(book.takeFresh()[0]!.text).toBe('w302')
    book.dropFresh()
    expect(book.takeFresh()).toEqual([])
  })

  test('warnings stand once, the newest last, fifty of them', () => {
    const book = new LogBook((text) => text)
    for (let count = 1; count <= 51; count++) book.hear(warning(`w${count}`))
    book.hear(warning('w10'))
    expect([book.warnings.length, book.warnings[0], book.warnings.at(-1)]).toEqual([50, 'w2', 'w10'])
    book.forgetWarnings()
    expect(book.warnings).toEqual([])
    book.hear({ type: 'responder-lost', how: 'signal SIGKILL', restartsInMs: undefined, time: 1 })
    expect(book.warnings).toEqual([])
    book.hear({ type: 'client-seen', client: { mac: '02:00:00:00:00:09' }, message: 'DISCOVER', time: 1 } as never)
    expect(book.lines.at(-1)!.mac).toBe('02:00:00:00:00:09')
  })

  test('in a terminal it is a line with the time of day', () => {
    vi.useFakeTimers({ now: new Date(2026, 0, 2, 13, 4, 5) })
    const lines: string[] = []
    const log = textLog((line) => lines.push(stripVTControlCharacters(line)), describeEvent)
    const events: UntimedEvent[] = [
      { type: 'transfer-progress', transfer },
      { type: 'warning', message: 'one\ntwo' },
      { type: 'stopped', reason: 'by request' },
    ]
    for (const event of events) log(event)
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^13:04:05 {2}one\S*two\n$/)
    expect(lines[1]).toMatch(/^13:04:05 {2}\S/)
  })

  test('as JSON `ready` comes first, and what was told before it follows', () => {
    const lines: string[] = []
    const log = jsonLog((line) => lines.push(line), describeEvent)
    log({ type: 'warning', message: 'early' })
    log({ type: 'transfer-progress', transfer })
    expect(lines).toEqual([])
    log({ type: 'ready', mode: 'listen', ports: [] })
    log({ type: 'warning', message: 'late' })
    log({ type: 'ready', mode: 'listen', ports: [] })
    expect(lines.map((line) => JSON.parse(line) as { type: string; message?: string; text: string }).map((one) => [one.type, one.message, one.text !== ''])).toEqual([['ready', undefined, true], ['warning', 'early', true], ['warning', 'late', true], ['ready', undefined, true]]) // prettier-ignore
    expect(lines.every((line) => line.endsWith('}\n'))).toBe(true)
  })
})

test('machines are listed with the one heard of last first', () => {
  const book = new ClientBook()
  const seen = (mac: string, time: number): void =>
    book.hear({ type: 'client-seen', client: { mac, userClasses: [], vendorClass: '', isIpxe: false, boot: 'pxe' }, message: 'DISCOVER', time } as never) // prettier-ignore
  seen('02:00:00:00:00:01', 1000)
  seen('02:00:00:00:00:02', 3000)
  seen('02:00:00:00:00:03', 2000)
  const order = (): string[] => book.all().map((one) => one.mac.slice(-1))
  expect(order()).toEqual(['2', '3', '1'])
  seen('02:00:00:00:00:01', 4000)
  expect(order()).toEqual(['1', '2', '3'])
})

describe('the rival', () => {
  const start = (served_: Partial<NetworkInterface> = {}, clients: readonly string[] = ['52-54-00-00-00-01']) => {
    const told: RivalInfo[] = []
    const rival = new DhcpRival((state) => told.push(state))
    const started = rival.start({ ...served, ...served_ }, clients)
    return { rival, started, told, child: world.children.at(-1)?.child as FakeChild }
  }

  test('has the upper end of the network for the machines that are named, and counts whom it answers', async () => {
    const { rival, started, told, child } = start()
    expect(JSON.parse(world.children[0]!.argument)).toEqual({ address: '10.0.0.1', first: '10.0.0.239', last: '10.0.0.254', mask: '255.255.255.0', clients: ['52:54:00:00:00:01'] }) // prettier-ignore
    expect(world.children[0]!.name).toBe('dhcp-rival')
    child.emit('message', { type: 'listening' })
    expect(await started).toEqual({ isRunning: true, interface: 'eth0', address: '10.0.0.1', pid: 4711, clients: ['52:54:00:00:00:01'], answered: 0, passedOver: 0 }) // prettier-ignore
    for (const type of ['offered', 'offered', 'passed-over']) child.emit('message', { type })
    expect(told.at(-1)).toMatchObject({ answered: 2, passedOver: 1 })
    await expect(rival.start(served, ['52:54:00:00:00:01'])).rejects.toThrow('the rival runs already')
    await rival.stop()
    expect(child.stop).toHaveBeenCalledTimes(1)
    expect([told.at(-1), rival.state.isRunning]).toMatchObject([{ isRunning: false, pid: 0, answered: 0 }, false])
    await rival.stop()
    expect(child.stop).toHaveBeenCalledTimes(1)
  })

  test('that ends before it listens is told, and can be started again', async () => {
    const { rival, started, child } = start()
    child.emit('exit')
    await expect(started).rejects.toMatchObject({ message: 'the rival ended by itself', remedy: 'Start it again.' })
    const again = rival.start(served, ['52:54:00:00:00:01'])
    ;(world.children.at(-1)!.child as FakeChild).emit('message', { type: 'listening' })
    await expect(again).resolves.toMatchObject({ isRunning: true })
  })

  test.each([
    [
      'EADDRINUSE',
      [{ port: 67, address: '0.0.0.0', pid: 9, process: 'dnsmasq', service: undefined }],
      /^UDP port 67 is held by .*dnsmasq.* already$/,
    ],
    ['EADDRINUSE', [], /^UDP port 67 is held by another program already$/],
    ['EPERM', [], /^UDP port 67 may not be opened \(EPERM\)$/],
  ])('%s with holders %o', async (code, owners, message) => {
    world.owners = owners
    const { started, child } = start()
    child.emit('message', { type: 'failed', code })
    await expect(started).rejects.toMatchObject({ message: expect.stringMatching(message), remedy: expect.stringMatching(/\w/) }) // prettier-ignore
    expect(child.stop).toHaveBeenCalled()
  })

  test.each([
    [{}, ['x'], 'x is not a MAC address'],
    [{}, [], 'no machine of the demonstration is named'],
    [{ prefixLength: 28 }, ['52:54:00:00:00:01'], 'eth0 has too small a network'],
  ])('%o for %o is refused', async (more, clients, message) => {
    await expect(start(more, clients).started).rejects.toThrow(message)
    expect(world.children).toEqual([])
  })

  test('27 bits are enough', async () => {
    const { child, started } = start({ prefixLength: 27 })
    child.emit('message', { type: 'listening' })
    await started
    expect(JSON.parse(world.children[0]!.argument)).toMatchObject({ first: '10.0.0.15', last: '10.0.0.30' })
  })
})

test('the address for the next window is its own file, closed to others, and goes at the end unless another lab has written it', async () => {
  const complaints: string[] = []
  const address = (state: string): PrivateNote => new PrivateNote(join(folder, state, 'serve-address'), 'the address for the next window', (text) => complaints.push(text)) // prettier-ignore
  const next = address('state')
  next.write('http://127.0.0.1:1/?code=a')
  next.write('http://127.0.0.1:1/?code=b')
  const content = (): string => (existsSync(next.path) ? readFileSync(next.path, 'utf8') : '')
  await vi.waitUntil(() => content().includes('=b'), 60_000)
  expect(content()).toBe('http://127.0.0.1:1/?code=b\n')
  if (process.platform !== 'win32') expect(statSync(next.path).mode & 0o777).toBe(0o600)
  writeFileSync(next.path, "another's")
  await next.remove()
  expect(content()).toBe("another's")
  const again = address('state')
  again.write('http://127.0.0.1:1/?code=c')
  await again.remove()
  expect(readdirSync(join(folder, 'state'))).toEqual([])
  writeFileSync(join(folder, 'file'), '')
  const wrong = address('file/state')
  wrong.write('http://127.0.0.1:1/')
  await vi.waitUntil(() => complaints.length > 0, 60_000)
  expect(complaints).toEqual([expect.stringMatching(/^the address for the next window cannot be written: /)])
})
