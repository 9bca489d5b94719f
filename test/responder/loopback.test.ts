/**
 * A whole lab on loopback, in this process and without rights: the back end as windows ask it, the responder on real
 * sockets, its threads, its files and its database. Nothing is a double.
 */
import { createHash } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import type { Client, Counters, LogLine, Status } from '#shared/contract/calls.ts'
import { decodeDhcp, encodeDhcp, findOptionData, messageTypeOf, type DhcpMessage } from '#shared/wire/dhcp/message.ts'
import { unwrapUdp } from '#shared/wire/frame.ts'
import { formatIpv4 } from '#shared/wire/bytes.ts'
import { Backend } from '../../src/main/backend/backend.ts'
import { version } from '../../src/main/version.ts'
import { pxe, request, type ClientRequest } from '../helpers/dhcp.ts'
import { framesIn } from '../helpers/fixtures.ts'
import { freePorts } from '../helpers/free-ports.ts'
import { InProcessResponder } from '../helpers/in-process-responder.ts'
import { TftpClient, type Loaded, type Options } from '../helpers/tftp-client.ts'

const noise = (bytes: number): Buffer => Buffer.from(Uint8Array.from({ length: bytes }, (_, at) => (at * 31 + (at >> 8)) & 255)) // prettier-ignore
const sha = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

// Nothing here takes a second; on a machine that is busy with other things it may.

let root: string
let backend: Backend
let ports: { dhcp: number; tftp: number; bootServer: number }
let http: number
const pushes: { push: string; value: unknown }[] = []
const pushed = <T>(name: string): T[] => pushes.flatMap(({ push, value }) => (push === name ? [value as T] : []))
const at = (name: string): string => join(root, name)
const log = (): string[] => pushed<LogLine[]>('log').flat().map((line) => line.text) // prettier-ignore
const logged = (pattern: RegExp): Promise<unknown> =>
  vi.waitUntil(() => log().some((text) => pattern.test(text)), 60_000)
const call: Backend['handlers'] = new Proxy({} as Backend['handlers'], {
  // As over a channel: whatever is thrown comes as a rejection.
  get: (_, name) => (args: unknown = {}) =>
    Promise.resolve().then(() => (backend.handlers as unknown as Record<string, (args: unknown) => unknown>)[name as string]!(args)), // prettier-ignore
})

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-loopback-'))
  mkdirSync(at('boot/sub'), { recursive: true })
  writeFileSync(at('boot/small.txt'), 'one\ntwo\n')
  writeFileSync(at('boot/empty.bin'), '')
  writeFileSync(at('boot/exact.bin'), noise(1024))
  writeFileSync(at('boot/large.bin'), noise(100_000))
  writeFileSync(at('boot/huge.txt'), Buffer.alloc(16 * 1024 * 1024 + 1))
  const [dhcp, tftp, bootServer, port] = await freePorts(4)
  ports = { dhcp: dhcp!, tftp: tftp!, bootServer: bootServer! }
  http = port!
  const lab = {
    interface: '127.0.0.1',
    mode: 'dhcp',
    ports,
    state: './state',
    dhcp: {
      subnets: [
        {
          subnet: '127.0.0.0/8',
          pools: [{ start: '127.9.0.1', end: '127.9.0.9' }],
          reservations: [{ mac: '52:54:00:77:00:05', address: '127.9.0.5' }],
        },
      ],
    },
    boot: { programs: [{ architecture: 'x64-uefi', file: 'large.bin' }] },
    tftp: { maxTransfersPerClient: 2, upload: './uploads', maxUploadBytes: 5000 },
    http: { enabled: true, port: http },
  }
  writeFileSync(at('lab.yaml'), stringify(lab))
  backend = new Backend(at('lab.yaml'), new InProcessResponder())
  await backend.open()
  backend.connect((message) => pushes.push(message as { push: string; value: unknown }))
  expect(await call['responder.start']({})).toMatchObject({ state: 'responding', mode: 'dhcp', complaint: null })
}, 60_000)

afterAll(async () => {
  await backend.close()
  rmSync(root, { recursive: true, force: true })
})

/** Sends one message to the DHCP port, and waits for the answer. */
async function ask(what: ClientRequest, port = ports.dhcp): Promise<DhcpMessage> {
  const socket: Socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  try {
    socket.send(encodeDhcp(request(what)), port, '127.0.0.1')
    const [payload] = (await once(socket, 'message')) as [Buffer]
    return decodeDhcp(payload).message
  } finally {
    socket.close()
  }
}

async function withTftp<T>(work: (client: TftpClient) => Promise<T>): Promise<T> {
  const client = await new TftpClient(ports.tftp).open()
  try {
    return await work(client)
  } finally {
    client.close()
  }
}
const load = (name: string, options?: Options, mode?: string): Promise<Loaded> =>
  withTftp((client) => client.load(name, options, mode))

describe('what windows see', () => {
  test('where it listens, since when, and that the ports are ours', async () => {
    const status = await call['status.read']({})
    expect(status.listening.map((one) => [one.service, one.address, one.port])).toEqual([
      ['dhcp', '127.0.0.1', ports.dhcp],
      ['boot-server', '127.0.0.1', ports.bootServer],
      ['tftp', '127.0.0.1', ports.tftp],
      ['http', '127.0.0.1', http],
    ])
    expect(status).toMatchObject({ interfaces: ['127.0.0.1'], stopsAt: null, detail: 'Giving addresses, boot programs and files.' }) // prettier-ignore
    expect(Math.abs(Date.now() - status.startedAt!)).toBeLessThan(60_000)
    expect(await call['ports.read']({})).toEqual(
      (['DHCP', 'TFTP', 'Boot server'] as const).map((service, index) => ({ port: [ports.dhcp, ports.tftp, ports.bootServer][index], service, isWanted: true, state: 'ours', owners: [], remedy: '' })), // prettier-ignore
    )
    expect(pushed<Status>('status').map((one) => one.state)).toEqual(expect.arrayContaining(['starting', 'responding']))
  })

  test('this program, this machine, this lab', async () => {
    expect(await call['app.info']({})).toMatchObject({ version, platform: process.platform })
    expect((await call['interfaces.list']({})).find((one) => one.address === '127.0.0.1')).toMatchObject({ isLoopback: true, prefixLength: 8 }) // prettier-ignore
    expect(await call['lab.read']({})).toMatchObject({ path: at('lab.yaml'), exists: true, needsRestart: false })
    expect((await call['files.list']({})).files.map((one) => one.name)).toEqual(['empty.bin', 'exact.bin', 'huge.txt', 'large.bin', 'small.txt']) // prettier-ignore
    expect(await call['scenarios.ofLab']({})).toMatchObject({ title: 'lab.yaml' })
    await expect(call['lab.open']({ path: at('other.yaml') })).rejects.toThrow('the responder is running')
    await expect(call['wire.ask']({ interface: '127.0.0.1' })).rejects.toThrow('the responder is running')
    await expect(call['setup.propose']({ interface: 'no0', giver: 'nobody' })).rejects.toThrow('there is no interface no0') // prettier-ignore
    await expect(call['setup.subnet']({ interface: 'no0' })).rejects.toThrow('there is no interface no0')
    expect((await call['setup.subnet']({ interface: '127.0.0.1' })).subnet).toBe('127.0.0.0/8')
  })
})

describe('addresses', () => {
  test('are offered, given, listed, and freed', async () => {
    const client = { mac: '52:54:00:77:00:01', ...pxe(7) }
    const offer = await ask({ type: 'discover', ...client })
    expect(messageTypeOf(offer)).toBe(2)
    const address = formatIpv4(offer.yiaddr)
    const ack = await ask({ type: 'request', ...client, requested: address, server: '127.0.0.1' })
    expect([messageTypeOf(ack), formatIpv4(ack.yiaddr)]).toEqual([5, address])
    expect(Buffer.from(findOptionData(ack, 54)!)).toEqual(Buffer.of(127, 0, 0, 1))
    const reserved = await ask({ type: 'request', mac: '52:54:00:77:00:05', requested: '127.9.0.5', server: '127.0.0.1' }) // prettier-ignore
    expect(formatIpv4(reserved.yiaddr)).toBe('127.9.0.5')
    const leases = await call['leases.list']({})
    expect(leases.map((one) => [one.address, one.mac, one.state, one.isReserved])).toEqual(
      [[address, client.mac, 'bound', false] as const, ['127.9.0.5', '52:54:00:77:00:05', 'bound', true] as const], // prettier-ignore
    )
    expect(leases[0]!.until! - leases[0]!.since).toBeCloseTo(3_600_000, -4)
    // What is reserved is taken from nobody.
    await vi.waitUntil(async () => (await call['status.read']({})).pools[0]?.used, 60_000)
    expect((await call['status.read']({})).pools).toEqual([{ subnet: '127.0.0.0/8', used: 1, size: 9 }])
    await logged(new RegExp(`${client.mac}.* has ${address.replaceAll('.', '\\.')}`))
    // What its boot is comes from its packets, a moment later.
    await vi.waitUntil(async () => (await call['clients.list']({})).find((one) => one.mac === client.mac)?.boots[0]?.stage === 'address', 60_000) // prettier-ignore
    const clients = await call['clients.list']({})
    expect(clients.find((one) => one.mac === client.mac)).toMatchObject({ address, isReserved: false })
    expect(clients.find((one) => one.mac === '52:54:00:77:00:05')).toMatchObject({ isReserved: true })
    expect(pushed<Client[]>('clients').flat().some((one) => one.mac === client.mac)).toBe(true) // prettier-ignore
    expect((await call['leases.forget']({ address })).find((one) => one.address === address)?.state).not.toBe('bound')
    expect((await call['leases.restore']({ address })).find((one) => one.address === address)).toEqual(leases[0])
    await expect(call['leases.restore']({ address: '127.9.0.8' })).rejects.toMatchObject({ message: 'the lease on 127.9.0.8 cannot be given back: it was not freed since the lab was started', remedy: 'The machine gets an address when it asks again.' }) // prettier-ignore
    await call['leases.forget']({ address })
    await expect(call['leases.forget']({ address: '127.9.0.9' })).rejects.toThrow('no lease on 127.9.0.9 can be freed')
  })

  test('a question to the boot server is answered by it, on either port', async () => {
    const reply = await ask({ type: 'request', ...pxe(7), ciaddr: '127.0.0.1' }, ports.bootServer)
    expect(messageTypeOf(reply)).toBe(5)
    expect(reply.yiaddr).toBe(0)
    expect(Buffer.from(findOptionData(reply, 60)!).toString()).toBe('PXEClient')
  })
})

describe('files over TFTP', () => {
  test('belong to the machine that loads them, from their first packet to their last', async () => {
    const mac = '52:54:00:77:00:03'
    await ask({ type: 'request', mac, ...pxe(7), requested: '127.9.0.3', server: '127.0.0.1' })
    const file = async () => (await call['clients.list']({})).find((one) => one.mac === mac)?.boots[0]?.files[0]
    const client = await new TftpClient(ports.tftp, '127.9.0.3').open()
    try {
      await client.ask('rrq', 'exact.bin', { tsize: 0 })
      expect(await client.hear()).toMatchObject({ kind: 'oack' })
      await vi.waitUntil(file, 60_000)
      expect(await file()).toMatchObject({ file: 'exact.bin', state: 'loading', size: 1024, bytes: 0, retransmissions: 0 }) // prettier-ignore
      for (const block of [0, 1, 2]) {
        await client.say({ kind: 'ack', block })
        expect(await client.hear()).toMatchObject({ kind: 'data', block: block + 1 })
      }
      await client.say({ kind: 'ack', block: 3 })
      await vi.waitUntil(async () => (await file())?.state === 'done', 60_000)
      expect(await file()).toMatchObject({
        bytes: 1024,
        retransmissions: 0,
        detail: expect.stringMatching(/^in \d+ ms$/),
      })
    } finally {
      client.close()
    }
  })

  test.each([
    ['small.txt', {}, undefined, [8]],
    ['empty.bin', {}, undefined, [0]],
    ['exact.bin', {}, undefined, [512, 512, 0]],
    ['exact.bin', { tsize: 0, blksize: 1000 }, { tsize: '1024', blksize: '1000' }, [1000, 24]],
    ['exact.bin', { blksize: 600, windowsize: 2 }, { blksize: '600', windowsize: '2' }, [600, 424]],
    ['exact.bin', { windowsize: 500, timeout: 3 }, { windowsize: '64', timeout: '3' }, [512, 512, 0]],
  ])('%s with %o', async (name, options, granted, blocks) => {
    const loaded = await load(name, options)
    expect({ ...loaded, content: sha(loaded.content) }).toEqual({ granted, content: sha(readFileSync(at(`boot/${name}`))), blocks, error: undefined }) // prettier-ignore
  })

  test('a large one, larger blocks than the lab grants, and what is told of it', async () => {
    const { content, granted } = await load('large.bin', { blksize: 65_464, windowsize: 8, tsize: 0 })
    expect(granted).toEqual({ blksize: '1468', windowsize: '8', tsize: '100000' })
    expect(sha(content)).toBe(sha(noise(100_000)))
    await logged(/large\.bin/)
    await vi.waitUntil(() => pushed<Counters>('counters').at(-1)!.transfers === 0, 60_000)
  })

  test('text in netascii: line ends change, and no size is told', async () => {
    const { content, granted } = await load('small.txt', { tsize: 0, blksize: 512 }, 'netascii')
    expect(content.toString()).toBe('one\r\ntwo\r\n')
    expect(granted).toEqual({ blksize: '512' })
  })

  test.each([
    ['gone.bin', 'octet', 1, /no such file/],
    ['../lab.yaml', 'octet', 2, /./],
    ['sub', 'octet', 2, /./],
    ['huge.txt', 'netascii', 4, /too large for netascii/],
    ['small.txt', 'mail', 4, /mode "mail"/],
  ])('%s in mode %s is refused with code %i', async (name, mode, code, message) => {
    const { error } = await load(name, {}, mode)
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('of netascii as much as fits into memory', async () => {
    writeFileSync(at('boot/fits.txt'), Buffer.alloc(16 * 1024 * 1024))
    await withTftp(async (client) => {
      await client.ask('rrq', 'fits.txt', { blksize: 1468 }, 'netascii')
      expect(await client.hear()).toMatchObject({ kind: 'oack' })
      await client.say({ kind: 'error', code: 0, message: 'enough' })
    })
    rmSync(at('boot/fits.txt'))
  })

  test('a client takes no more places than the lab gives it, and a new request ends its old one', async () => {
    const clients = await Promise.all([1, 2, 3].map(() => new TftpClient(ports.tftp).open()))
    const [first, second, third] = clients as [TftpClient, TftpClient, TftpClient]
    try {
      for (const one of [first, second]) {
        await one.ask('rrq', 'large.bin')
        await one.hear()
        // It has spoken, and is no stranger any more.
        await one.say({ kind: 'ack', block: 1 })
        expect(await one.hear()).toMatchObject({ kind: 'data', block: 2 })
      }
      await third.ask('rrq', 'large.bin')
      await logged(/2 transfers of this client are under way/)
      await first.ask('rrq', 'small.txt')
      while ((await first.hear()).kind !== 'data');
      await logged(/the client began a new transfer/)
      await second.say({ kind: 'error', code: 0, message: 'had enough' })
      await logged(/had enough/)
    } finally {
      for (const one of clients) one.close()
    }
  })

  test('packets of the transfers are frames, with the addresses of both', async () => {
    await load('exact.bin')
    await vi.waitUntil(async () => framesOf(await call['frames.read']({ after: 0, mostBytes: 1e9 })).some((one) => one.includes('exact.bin')), 60_000) // prettier-ignore
    const { last } = await call['frames.read']({ after: 0, mostBytes: 1e9 })
    expect((await call['frames.read']({ after: last, mostBytes: 1e9 })).last).toBe(last)
    expect(pushed<{ last: number }>('frames').at(-1)!.last).toBeLessThanOrEqual(last)
    const counters = pushed<Counters>('counters').at(-1)!
    expect(counters.packets).toBeGreaterThan(10)
    expect(counters.packetsPerSecond).toBeGreaterThanOrEqual(0)
    await call['frames.clear']({})
    expect(framesOf(await call['frames.read']({ after: 0, mostBytes: 1e9 }))).toEqual([])
  })
})

const framesOf = ({ base64 }: { base64: string }): string[] =>
  framesIn(Buffer.from(base64, 'base64')).flatMap(({ bytes }) => {
    const udp = unwrapUdp(bytes)
    return udp ? [`${formatIpv4(udp.sourceAddress)} ${Buffer.from(udp.payload).toString('latin1')}`] : []
  })

describe('uploads', () => {
  const store = (name: string, content: Uint8Array, options?: Options, mode?: string): Promise<Loaded['error']> =>
    withTftp((client) => client.store(name, content, options, mode))

  test.each([
    ['a.bin', 0, {}],
    ['b.bin', 512, {}],
    ['c.bin', 4999, { blksize: 1000, tsize: 4999 }],
    ['d.bin', 5000, { tsize: 5000 }],
  ])('%s of %i bytes arrives whole, under its name, and nothing else stays', async (name, bytes, options) => {
    expect(await store(name, noise(bytes), options)).toBeUndefined()
    await vi.waitUntil(() => existsSync(at(`uploads/${name}`)), 60_000)
    expect(sha(readFileSync(at(`uploads/${name}`)))).toBe(sha(noise(bytes)))
    await vi.waitUntil(() => readdirSync(at('uploads')).every((one) => !one.endsWith('.part')), 60_000)
  })

  test('whoever misses the last acknowledgement asks for it again and gets it, not "a file of that name exists"', async () => {
    await withTftp(async (client) => {
      await client.ask('wrq', 'again.bin')
      expect(await client.hear()).toEqual({ kind: 'ack', block: 0 })
      for (let tries = 0; tries < 3; tries++) {
        await client.say({ kind: 'data', block: 1, data: noise(10) })
        expect(await client.hear()).toEqual({ kind: 'ack', block: 1 })
      }
    })
    expect(readFileSync(at('uploads/again.bin')).length).toBe(10)
  })

  test('in netascii with line ends of this system', async () => {
    expect(await store('text.txt', Buffer.from('one\r\ntwo\r\0'), {}, 'netascii')).toBeUndefined()
    await vi.waitUntil(() => existsSync(at('uploads/text.txt')), 60_000)
    expect(readFileSync(at('uploads/text.txt'), 'latin1')).toBe('one\ntwo\r')
  })

  test('a name that is taken, one that leads out, and a folder that is not there are refused', async () => {
    mkdirSync(at('uploads'), { recursive: true })
    writeFileSync(at('uploads/taken.bin'), 'first')
    expect(await store('taken.bin', noise(10))).toEqual({ code: 6, message: 'a file of that name exists' })
    expect(readFileSync(at('uploads/taken.bin'), 'utf8')).toBe('first')
    symlinkSync('nothing', at('uploads/dangling.bin'))
    expect(await store('dangling.bin', noise(10))).toEqual({ code: 6, message: 'a link of that name exists, and leads nowhere' }) // prettier-ignore
    expect(readlinkSync(at('uploads/dangling.bin'))).toBe('nothing')
    expect(await store('../out.bin', noise(10))).toMatchObject({ code: 2 })
    expect(await store('nowhere/a.bin', noise(10))).toEqual({ code: 1, message: 'the folder for the upload does not exist' }) // prettier-ignore
    expect(existsSync(at('out.bin'))).toBe(false)
  })

  test('what is larger than the lab allows ends, announced or not, and leaves nothing', async () => {
    expect(await store('e.bin', noise(10), { tsize: 5001 })).toEqual({ code: 3, message: 'uploads end at 5000 bytes' })
    expect(await store('f.bin', noise(5001), { blksize: 1000 })).toMatchObject({ code: 3 })
    await vi.waitUntil(() => readdirSync(at('uploads')).every((one) => !/[ef]\.bin/.test(one)), 60_000)
  })

  test('of two of one name the first to end has it, and the other is told', async () => {
    await withTftp(async (slow) => {
      await slow.ask('wrq', 'twice.bin')
      expect(await slow.hear()).toEqual({ kind: 'ack', block: 0 })
      expect(await store('twice.bin', noise(700))).toBeUndefined()
      await vi.waitUntil(() => existsSync(at('uploads/twice.bin')), 60_000)
      await slow.say({ kind: 'data', block: 1, data: noise(10) })
      expect(await slow.hear()).toEqual({ kind: 'error', code: 6, message: 'a file of that name exists' })
    })
    expect(readFileSync(at('uploads/twice.bin')).length).toBe(700)
    await vi.waitUntil(() => readdirSync(at('uploads')).filter((one) => one.includes('twice.bin')).length === 1, 60_000)
  })

  test('a client that goes away in the middle leaves nothing', async () => {
    await withTftp(async (client) => {
      await client.ask('wrq', 'half.bin')
      expect(await client.hear()).toEqual({ kind: 'ack', block: 0 })
      await client.say({ kind: 'data', block: 1, data: noise(512) })
      expect(await client.hear()).toEqual({ kind: 'ack', block: 1 })
      expect(readdirSync(at('uploads')).filter((one) => one.includes('half.bin'))).toHaveLength(1)
      await client.say({ kind: 'error', code: 0, message: 'gone away' })
    })
    await logged(/gone away/)
    expect(readdirSync(at('uploads')).filter((one) => one.includes('half.bin'))).toEqual([])
  })
})

test('files over HTTP', async () => {
  const response = await fetch(`http://127.0.0.1:${http}/exact.bin`)
  expect([response.status, sha(new Uint8Array(await response.arrayBuffer()))]).toEqual([200, sha(noise(1024))])
  await logged(/exact\.bin/)
})

describe('while it runs', () => {
  test('a lab that changes waits for the next start, and says so', async () => {
    expect(await call['reservations.add']({ mac: '52-54-00-77-00-09', address: '127.9.0.7', hostname: 'nine' })).toMatchObject({ needsRestart: true }) // prettier-ignore
    await expect(call['reservations.add']({ mac: '52:54:00:77:00:0a', address: '127.9.0.7' })).rejects.toThrow('127.9.0.7 is reserved for 52:54:00:77:00:09') // prettier-ignore
    await expect(call['reservations.add']({ mac: '52:54:00:77:00:0a', address: '10.0.0.1' })).rejects.toThrow('is not in a subnet of the lab') // prettier-ignore
    await expect(call['reservations.add']({ mac: 'x', address: '127.9.0.8' })).rejects.toThrow('"x" is not a MAC address') // prettier-ignore
    const moved = await call['reservations.add']({ mac: '52:54:00:77:00:09', address: '127.9.0.8' })
    expect(moved.lab!.dhcp.subnets[0]!.reservations.map((one) => [one.mac, one.address, one.hostname])).toEqual([
      ['52:54:00:77:00:05', '127.9.0.5', undefined],
      ['52:54:00:77:00:09', '127.9.0.8', 'nine'],
    ])
    await expect(call['lab.change']({ changes: [{ path: ['mode'], value: 'x' }] })).rejects.toThrow(/mode/)
  })

  test('it is stopped, and started anew with what is in the file; its leases are as they were', async () => {
    const client = { mac: '52:54:00:77:00:02', requested: '127.9.0.2', server: '127.0.0.1' }
    expect(messageTypeOf(await ask({ type: 'request', ...client }))).toBe(5)
    expect(await call['responder.stop']({})).toMatchObject({ state: 'stopped', listening: [], startedAt: null, detail: '' }) // prettier-ignore
    await logged(/stopped/i)
    expect((await call['ports.read']({})).map((one) => one.state)).toEqual(['free', 'free', 'free'])
    expect(await call['leases.list']({})).toEqual([])
    await expect(call['leases.forget']({ address: '127.9.0.2' })).rejects.toMatchObject({ remedy: 'Start the responder in mode dhcp first.' }) // prettier-ignore
    const holder = createSocket('udp4').bind(ports.bootServer, '127.0.0.1')
    await once(holder, 'listening')
    expect(await call['responder.start']({})).toMatchObject({ state: 'problem', complaint: { about: `port ${ports.bootServer}` } }) // prettier-ignore
    holder.close()
    await once(holder, 'close')
    expect(await call['responder.start']({})).toMatchObject({ state: 'responding' })
    expect(await call['lab.read']({})).toMatchObject({ needsRestart: false })
    expect((await call['leases.list']({})).filter((one) => one.state === 'bound').map((one) => one.address)).toContain('127.9.0.2') // prettier-ignore
  })

  test.each(['boot-server', 'proxy-dhcp', 'listen'] as const)('mode %s', async (mode) => {
    await call['responder.stop']({})
    await call['lab.change']({ changes: [{ path: ['mode'], value: mode }, { path: ['autoStopMinutes'], value: 5 }] }) // prettier-ignore
    const status = await call['responder.start']({})
    expect(status).toMatchObject({ state: mode === 'listen' ? 'listening' : 'responding', mode, pools: [] })
    expect(status.stopsAt! - Date.now()).toBeGreaterThan(4 * 60_000)
    expect(status.stopsAt! - Date.now()).toBeLessThanOrEqual(5 * 60_000)
    expect(status.listening.map((one) => one.service)).toEqual({ 'boot-server': ['boot-server', 'tftp', 'http'], 'proxy-dhcp': ['dhcp', 'boot-server', 'tftp', 'http'], listen: ['dhcp', 'boot-server'] }[mode]) // prettier-ignore
    expect((await call['ports.read']({})).map((one) => one.isWanted)).toEqual({ 'boot-server': [false, true, true], 'proxy-dhcp': [true, true, true], listen: [true, false, true] }[mode]) // prettier-ignore
    const mac = `52:54:00:77:01:0${['boot-server', 'proxy-dhcp', 'listen'].indexOf(mode)}`
    if (mode === 'proxy-dhcp') {
      const offer = await ask({ type: 'discover', mac, ...pxe(7) })
      expect([messageTypeOf(offer), offer.yiaddr]).toEqual([2, 0])
    }
    if (mode === 'listen') {
      const socket = createSocket('udp4')
      socket.send(encodeDhcp(request({ type: 'discover', mac, ...pxe(7) })), ports.dhcp, '127.0.0.1')
      await vi.waitUntil(async () => (await call['clients.list']({})).some((one) => one.mac === mac), 60_000)
      socket.close()
    }
  })
})
