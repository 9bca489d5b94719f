/** The clients that ask the wire, with the sockets in our hands and the time too: what they send, octet for octet. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parseHex, parseIpv4, u16At, u32At } from '#shared/wire/bytes.ts'
import { blankMessage, decodeDhcp, encodeDhcp, findOptionData, messageTypeOf, ops } from '#shared/wire/dhcp/message.ts'
import type { IpAddress } from '#shared/wire/ip-address.ts'
import { decodeTftp, encodeTftp, type TftpPacket } from '#shared/wire/tftp.ts'
import type { Endpoint } from '#shared/machines/machine.ts'
import { firmwares } from '#shared/machines/pxe-client/firmwares.ts'
import type { UdpSocketOptions } from '../../src/main/io/udp-socket.ts'
import { censusMac } from '#shared/wire/lab-checks.ts'
import { askWire } from '../../src/main/probe/ask-wire.ts'
import { fetchOverTftp, type TftpAnswer } from '../../src/main/probe/tftp-fetch.ts'
import { rehearsalUuid } from '#shared/wire/lab-checks.ts'
import { bootOnWire } from '../../src/main/probe/wire-client.ts'
import type { NetworkInterface } from '../../src/main/responder/interfaces.ts'
import type { UdpPortOptions } from '../../src/main/responder/udp-port.ts'

const ip = (text: string): number => parseIpv4(text)!
const own = ip('192.168.77.50')
const server = ip('192.168.77.1')
const served: NetworkInterface = { name: 'eth0', address: own, prefixLength: 24, mtu: 1500, mac: '02:00:00:00:00:01', isLoopback: false, hasLink: true } // prettier-ignore

interface Sent {
  readonly port: number
  readonly payload: Uint8Array
  readonly to: Endpoint | undefined
}

const wire = vi.hoisted(() => ({
  taken: [] as number[],
  sent: [] as Sent[],
  hear: new Map<number, (payload: Buffer, source: Endpoint) => void>(),
  answer: (() => {}) as (sent: Sent) => void,
}))

vi.mock('../../src/main/responder/udp-port.ts', () => ({
  openUdpPort: ({ port, onDatagram }: UdpPortOptions) => {
    if (wire.taken.includes(port)) return Promise.reject(Object.assign(new Error('taken'), { code: 'EADDRINUSE' }))
    wire.hear.set(port, onDatagram)
    return Promise.resolve({
      send: (payload: Uint8Array, to: Endpoint) => {
        const one = { port, payload: payload.slice(), to }
        wire.sent.push(one)
        wire.answer(one)
      },
      close: () => Promise.resolve(),
    })
  },
}))

vi.mock('../../src/main/io/udp-socket.ts', () => {
  const openUdpSocket = ({ onDatagram }: UdpSocketOptions) => {
    wire.hear.set(0, onDatagram)
    return {
      ready: Promise.resolve(),
      send: (payload: Uint8Array, to: Endpoint | undefined) => {
        const one = { port: 0, payload: payload.slice(), to }
        wire.sent.push(one)
        wire.answer(one)
      },
      close: () => Promise.resolve(),
    }
  }
  return { openUdpSocket, openIpSocket: openUdpSocket }
})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'setImmediate'] })
  wire.taken = []
  wire.sent.length = 0
  wire.hear.clear()
  wire.answer = () => {}
})
afterEach(() => void vi.useRealTimers())

const say = (port: number, payload: Uint8Array, from: Endpoint): void =>
  wire.hear.get(port)!(Buffer.from(payload), from)

describe('the question to the wire', () => {
  const ask = (more: Partial<Parameters<typeof askWire>[0]> = {}) =>
    askWire({
      interface: served,
      mac: censusMac,
      architectures: [0, 7, 16],
      onOffer: () => {},
      relay: () => Promise.resolve(undefined),
      signal: new AbortController().signal,
      ...more,
    })
  const data = (payload: Uint8Array, code: number): number[] => [
    ...(findOptionData(decodeDhcp(payload).message, code) ?? []),
  ]

  test('is three DISCOVERs of each client, as PXE clients write them', async () => {
    const asking = ask()
    await vi.advanceTimersByTimeAsync(3600)
    expect(await asking).toBeUndefined()
    expect(wire.sent.length).toBe(9)
    for (const [index, { port, payload, to }] of wire.sent.slice(0, 3).entries()) {
      const { message } = decodeDhcp(payload)
      expect({ port, to }).toEqual({ port: 68, to: { address: 0xffffffff, port: 67 } })
      expect(message).toMatchObject({ op: ops.request, flags: 0x8000, giaddr: 0 })
      expect(messageTypeOf(message)).toBe(1)
      // 1472 octets are what Ethernet carries in one piece (RFC 2132 section 9.10).
      expect(data(payload, 57)).toEqual([5, 0xc0])
      // Mask, router, servers of names, vendor information, server, class, TFTP server, boot file, identifier.
      expect(data(payload, 55)).toEqual([1, 3, 6, 43, 54, 60, 66, 67, 97])
      // PXE 2.1 section 2.2.1: type 0 before the identifier; UNDI 3.16.
      expect(data(payload, 97)).toEqual([...Array.from({ length: 11 }, () => 0), ...censusMac])
      expect(data(payload, 94)).toEqual([1, 3, 16])
      expect(data(payload, 93)).toEqual([0, [0, 7, 16][index]])
      expect(Buffer.from(data(payload, 60)).toString()).toBe(['PXEClient:Arch:00000:UNDI:003016', 'PXEClient:Arch:00007:UNDI:003016', 'HTTPClient:Arch:00016:UNDI:003016'][index]) // prettier-ignore
    }
    const xids = wire.sent.map(({ payload }) => decodeDhcp(payload).message.xid)
    expect(xids.slice(0, 3).map((one) => one - xids[0]!)).toEqual([0, 1, 2])
    expect(xids.slice(3, 6)).toEqual(xids.slice(0, 3))
  })

  test('hears offers to its own clients, and nothing else', async () => {
    const heard: [number, number][] = []
    wire.answer = ({ payload }) => {
      const { message } = decodeDhcp(payload)
      const reply = (xid: number, type: number, op: typeof message.op = ops.reply): void =>
        say(68, encodeDhcp({ ...blankMessage, op, xid, chaddr: message.chaddr, options: [{ code: 53, data: Uint8Array.of(type) }] }), { address: server, port: 67 }) // prettier-ignore
      if (message.xid !== decodeDhcp(wire.sent[0]!.payload).message.xid) return
      reply(message.xid, 5)
      reply(message.xid + 9, 2)
      reply(message.xid, 2, ops.request)
      reply(message.xid + 1, 2)
    }
    const asking = ask({ onOffer: ({ client, afterMs }) => heard.push([client, afterMs]) })
    await vi.advanceTimersByTimeAsync(3600)
    await asking
    expect(heard).toEqual([[1, 0], [1, 1000], [1, 2000]]) // prettier-ignore
  })

  test('goes through a relay where port 68 is taken, and says so where there is none', async () => {
    wire.taken = [68]
    expect(await ask()).toBe('port 68 is taken (EADDRINUSE)')
    const sent: Uint8Array[] = []
    const stop = new AbortController()
    const asking = ask({
      relay: () => Promise.resolve({ send: (payload) => void sent.push(payload), close: () => undefined }),
      signal: stop.signal,
    })
    await vi.advanceTimersByTimeAsync(0)
    expect(sent.map((one) => decodeDhcp(one).message.giaddr)).toEqual([own, own, own])
    stop.abort()
    expect(await asking).toBeUndefined()
    await vi.advanceTimersByTimeAsync(5000)
    expect(sent.length).toBe(3)
  })
})

describe('a firmware on the wire', () => {
  const boot = (isHurried = false) => {
    const requests: [IpAddress, string][] = []
    const stop = new AbortController()
    const done = bootOnWire({
      interface: served,
      firmware: firmwares.ipxe.firmware,
      mac: Uint8Array.of(2, 0, 0, 0, 0, 9),
      uuid: rehearsalUuid,
      // eslint-disable-next-line require-yield
      run: function* () {
        return { kind: 'booted', because: 'loaded' } as never
      },
      signal: stop.signal,
      onEvent: () => {},
      onRequest: (address, file) => requests.push([address, file]),
      isHurried,
    })
    return { requests, stop, done }
  }
  const options = (type: number, ...more: readonly [number, string][]) => [
    { code: 53, data: Uint8Array.of(type) },
    { code: 54, data: parseHex('c0a84d01')! },
    { code: 51, data: parseHex('00000e10')! },
    { code: 1, data: parseHex('ffffff00')! },
    ...more.map(([code, text]) => ({ code, data: new TextEncoder().encode(text) })),
  ]
  /** A DHCP server that gives 192.168.77.100, and a PXE service on port 4011. */
  const answers =
    (port: number, boots: 'file' | 'server') =>
    ({ payload, to, port: from }: Sent): void => {
      const { message, hasCookie } = decodeDhcp(payload)
      if (!hasCookie || to === undefined) return
      const type = messageTypeOf(message)
      const about = { ...blankMessage, op: ops.reply, xid: message.xid, chaddr: message.chaddr } as const
      if (to.port === 4011)
        return say(from, encodeDhcp({ ...about, siaddr: server, options: options(5, [60, 'PXEClient'], [67, 'proxy.0']) }), { address: server, port: 4011 }) // prettier-ignore
      const more: [number, string][] = boots === 'file' ? [[67, 'boot.0']] : [[60, 'PXEClient']]
      const yiaddr = ip('192.168.77.100')
      if (type === 1 || type === 3)
        setTimeout(() => say(port, encodeDhcp({ ...about, yiaddr, siaddr: boots === 'file' ? server : 0, options: options(type === 1 ? 2 : 5, ...more) }), { address: server, port: 67 }), 1) // prettier-ignore
    }

  test('asks for broadcasts, loads from port 69, and gives the address back', async () => {
    wire.answer = answers(68, 'file')
    const { requests, stop, done } = boot()
    await vi.advanceTimersByTimeAsync(30_000)
    stop.abort()
    await vi.advanceTimersByTimeAsync(1000)
    await done
    const [discover] = wire.sent
    expect(discover!.to).toEqual({ address: 0xffffffff, port: 67 })
    expect(u16At(discover!.payload, 10) & 0x8000).toBe(0x8000)
    expect(u32At(discover!.payload, 24)).toBe(0)
    const reads = wire.sent.filter(({ to }) => to?.port === 69)
    expect(reads.length).toBeGreaterThan(0)
    expect(requests[0]).toEqual([server, 'boot.0'])
    const release = wire.sent.filter(({ to, port }) => port === 68 && to?.address === server).at(-1)!
    const { message } = decodeDhcp(release.payload)
    expect(messageTypeOf(message)).toBe(7)
    expect(message.ciaddr).toBe(ip('192.168.77.100'))
    expect(release.to).toEqual({ address: server, port: 67 })
  })

  test('as a relay, where port 68 is taken, names its own address', async () => {
    wire.taken = [68]
    const { stop, done } = boot()
    await vi.advanceTimersByTimeAsync(1)
    expect(wire.sent[0]).toMatchObject({ port: 67 })
    expect(u32At(wire.sent[0]!.payload, 24)).toBe(own)
    stop.abort()
    expect(await done).toBeUndefined()
  })

  test('throws where neither port is to be had', async () => {
    wire.taken = [67, 68]
    await expect(boot().done).rejects.toThrow('port 68 is taken (EADDRINUSE)')
  })

  test('names on port 4011 the address that this machine has', async () => {
    wire.answer = answers(68, 'server')
    const { stop, done } = boot()
    await vi.advanceTimersByTimeAsync(30_000)
    stop.abort()
    await vi.advanceTimersByTimeAsync(1000)
    await done
    const asked = wire.sent.filter(({ to }) => to?.port === 4011)
    expect(asked.length).toBeGreaterThan(0)
    for (const { payload } of asked) expect(u32At(payload, 12)).toBe(own)
  })
})

describe('a TFTP read', () => {
  const read = (more: Partial<Parameters<typeof fetchOverTftp>[0]> = {}) => {
    const stop = new AbortController()
    let answer: TftpAnswer | undefined
    void fetchOverTftp({ from: own, server, file: 'f', options: [], mostBytes: 1e9, tries: 3, waitMs: 500, signal: stop.signal, ...more }).then((one) => (answer = one)) // prettier-ignore
    return { stop, answer: () => answer }
  }
  const hears = (packet: TftpPacket, port = 5000, address = server): void =>
    say(0, encodeTftp(packet), { address, port })
  const told = (): string[] =>
    wire.sent.map(({ payload, to }) => {
      const { packet } = decodeTftp(payload)
      return `${packet!.kind} ${packet!.kind === 'ack' ? packet!.block : packet!.kind === 'error' ? packet!.message : ''} ${to!.port}` // prettier-ignore
    })
  const data = (block: number, length: number): TftpPacket => ({ kind: 'data', block, data: new Uint8Array(length) })

  test('acknowledges every block and ends with the short one', async () => {
    const { answer } = read()
    await vi.advanceTimersByTimeAsync(0)
    hears(data(1, 512))
    hears(data(2, 10))
    await vi.advanceTimersByTimeAsync(0)
    expect(answer()).toMatchObject({ ok: true, bytes: 522, isWhole: true, blockSize: 512, windowSize: 1, lost: 0 })
    expect(told()).toEqual(['rrq  69', 'ack 1 5000', 'ack 2 5000'])
  })

  test('takes what was granted, acknowledges a window, and says a gap once', async () => {
    const { answer } = read({ options: [{ name: 'blksize', value: '1000' }, { name: 'windowsize', value: '2' }] }) // prettier-ignore
    await vi.advanceTimersByTimeAsync(0)
    hears({ kind: 'oack', options: [{ name: 'BLKSIZE', value: '1000' }, { name: 'windowsize', value: '2' }] }) // prettier-ignore
    for (const block of [1, 2, 4, 5, 3]) hears(data(block, 1000))
    hears(data(4, 999))
    await vi.advanceTimersByTimeAsync(0)
    expect(answer()).toMatchObject({ ok: true, bytes: 3999, blockSize: 1000, windowSize: 2, lost: 1 })
    expect(told()).toEqual(['rrq  69', 'ack 0 5000', 'ack 2 5000', 'ack 2 5000', 'ack 4 5000'])
  })

  test('asks three times and tells of silence', async () => {
    const { answer } = read()
    await vi.advanceTimersByTimeAsync(1499)
    expect(answer()).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    expect(answer()).toEqual({ ok: false, message: 'nobody answered', code: undefined, bytes: 0, blockSize: 512 })
    expect(told()).toEqual(['rrq  69', 'rrq  69', 'rrq  69'])
  })

  test('tells where a server that had answered went silent, and how long it waited', async () => {
    const { answer } = read()
    await vi.advanceTimersByTimeAsync(0)
    hears(data(1, 512))
    await vi.advanceTimersByTimeAsync(1500)
    expect(answer()).toMatchObject({ ok: false, message: 'no block came after 512 bytes for 1.5 s', bytes: 512 })
    expect(told()).toEqual(['rrq  69', 'ack 1 5000', 'ack 1 5000', 'ack 1 5000'])
  })

  test('waits for each packet anew, and for none after the end', async () => {
    const { answer } = read()
    await vi.advanceTimersByTimeAsync(400)
    hears(data(1, 512))
    await vi.advanceTimersByTimeAsync(499)
    expect(told()).toEqual(['rrq  69', 'ack 1 5000'])
    await vi.advanceTimersByTimeAsync(1)
    expect(told()).toEqual(['rrq  69', 'ack 1 5000', 'ack 1 5000'])
    hears(data(2, 10))
    await vi.advanceTimersByTimeAsync(5000)
    expect(answer()).toMatchObject({ ok: true, lost: 1 })
    expect(told()).toEqual(['rrq  69', 'ack 1 5000', 'ack 1 5000', 'ack 2 5000'])
  })

  test('tells the server when it is cancelled, and nobody where nobody had answered', async () => {
    const first = read()
    await vi.advanceTimersByTimeAsync(0)
    first.stop.abort()
    await vi.advanceTimersByTimeAsync(0)
    expect(first.answer()).toMatchObject({ ok: false, message: 'it was cancelled' })
    expect(told()).toEqual(['rrq  69'])
    const second = read()
    await vi.advanceTimersByTimeAsync(0)
    hears(data(1, 512))
    second.stop.abort()
    await vi.advanceTimersByTimeAsync(0)
    expect(told().at(-1)).toBe('error cancelled 5000')
  })

  test('tells the error of the server, and hears no stranger', async () => {
    const { answer } = read()
    await vi.advanceTimersByTimeAsync(0)
    hears({ kind: 'error', code: 2, message: 'no' }, 5000, ip('192.168.77.9'))
    hears(data(1, 512))
    hears({ kind: 'error', code: 2, message: 'no' }, 5001)
    await vi.advanceTimersByTimeAsync(0)
    expect(answer()).toBeUndefined()
    hears({ kind: 'error', code: 1, message: 'File not found' })
    await vi.advanceTimersByTimeAsync(0)
    expect(answer()).toMatchObject({ ok: false, message: 'File not found', code: 1, bytes: 512 })
  })

  test('stops where it has enough', async () => {
    const { answer } = read({ mostBytes: 1000 })
    await vi.advanceTimersByTimeAsync(0)
    hears(data(1, 512))
    hears(data(2, 512))
    await vi.advanceTimersByTimeAsync(0)
    expect(answer()).toMatchObject({ ok: true, bytes: 1024, isWhole: false })
    expect(told().at(-1)).toBe('error enough for a measurement 5000')
  })
})
