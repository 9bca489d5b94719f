/**
 * Random misbehaviour on real sockets and streams, in the same form as the inputs of `fuzz.ts`: a conversation follows from
 * seed, target and number alone. After each few of them the service must still do what it is there for.
 */
import { createSocket } from 'node:dgram'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Handlers } from '#shared/contract/calls.ts'
import type { Random } from '#shared/simulation/random.ts'
import { encodeTftp } from '#shared/wire/tftp.ts'
import { openUdpSocket } from '../../src/main/io/udp-socket.ts'
import { BootFolder } from '../../src/main/responder/boot-folder.ts'
import { HttpBoot } from '../../src/main/responder/http-boot.ts'
import { TftpService } from '../../src/main/responder/tftp/service.ts'
import { openUdpPort } from '../../src/main/responder/udp-port.ts'
import { startWebServer } from '../../src/main/web/server.ts'
import { ip } from './dhcp.ts'
import { freePorts } from './free-ports.ts'
import { below, mutatedBytes, oneOf, randomOfInput, type FuzzRun } from './fuzz.ts'

interface Victim {
  /** One conversation, to its end. */
  readonly play: (random: Random) => Promise<void>
  /** Throws where it does not serve any more, or told of a failure. */
  readonly check: () => Promise<void>
  readonly close: () => Promise<void>
}

const bigFile = Buffer.alloc(200_000, 1)

function folder(): { readonly root: string; readonly remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'pxe-lab-fuzz-'))
  writeFileSync(join(root, 'index.html'), 'the page')
  writeFileSync(join(root, 'big.bin'), bigFile)
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) }
}

function none(failures: readonly string[]): void {
  if (failures.length > 0) throw new Error(`it told of ${failures.join('; ')}`)
}

const lines = [
  'GET / HTTP/1.1\r\nHost: HOST\r\n\r\n',
  'GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET //big.bin HTTP/1.0\r\n\r\n',
  'GET /big.bin HTTP/1.1\r\nHost: x\r\nRange: bytes=5-\r\n\r\n',
  'HEAD /index.html HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET // HTTP/1.1\r\nHost: HOST\r\nOrigin: http://HOST\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  'POST /session HTTP/1.1\r\nHost: HOST\r\nOrigin: http://HOST\r\nContent-Length: 30\r\n\r\nabc',
  'POST /session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  'GET / HTTP/1.1\r\nExpect: 100-continue\r\nHost: HOST\r\n\r\n',
  'CONNECT x:1 HTTP/1.1\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\r\n\r\n',
  '\u0016\u0003\u0001',
].map((text) => Buffer.from(text, 'latin1'))

/** Writes some requests in pieces, and ends in one of the ways in which connections end. */
function streamConversation(port: number, random: Random): Promise<void> {
  const host = Buffer.from(`127.0.0.1:${port}`)
  const writes = Array.from({ length: below(random, 5) }, () => {
    const line = oneOf(random, lines)
    const filled = Buffer.from(line.toString('latin1').replaceAll('HOST', host.toString()), 'latin1')
    return random() < 0.5 ? filled : mutatedBytes(filled, oneOf(random, lines), random)
  })
  const splitAt = below(random, 41)
  const end = below(random, 5)
  const patienceMs = 5 + below(random, 60)
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.on('close', () => resolve())
    socket.on('connect', () => {
      for (const bytes of writes) {
        socket.write(bytes.subarray(0, splitAt))
        if (bytes.length > splitAt) socket.write(bytes.subarray(splitAt))
      }
      if (end === 0) setImmediate(() => socket.resetAndDestroy())
      else if (end === 1) socket.end()
      else if (end === 2) socket.once('data', () => socket.resetAndDestroy())
      else if (end === 3) socket.end().resume()
      // The last reads nothing.
      if (end === 4) socket.pause()
      else socket.resume()
      setTimeout(() => socket.destroy(), patienceMs)
    })
  })
}

async function webVictim(): Promise<Victim> {
  const { root, remove } = folder()
  const failures: string[] = []
  const backend = { handlers: {} as Handlers, connect: () => () => {} }
  const web = await startWebServer({ backend, pages: root, host: '127.0.0.1', port: 0, onError: (error) => failures.push(error.message) }) // prettier-ignore
  return {
    play: (random) => streamConversation(Number(new URL(web.url).port), random),
    async check() {
      const text = await (await fetch(new URL('/', web.url))).text()
      if (text !== 'the page') throw new Error(`the page is ${JSON.stringify(text.slice(0, 100))}`)
      none(failures)
    },
    async close() {
      await web.close()
      remove()
    },
  }
}

async function httpVictim(): Promise<Victim> {
  const { root, remove } = folder()
  const failures: string[] = []
  const http = await new HttpBoot(await BootFolder.open(root), () => {}, (message) => failures.push(message)).listen(ip('127.0.0.1'), 0) // prettier-ignore
  return {
    play: (random) => streamConversation(http.port, random),
    async check() {
      const got = Buffer.from(await (await fetch(`http://127.0.0.1:${http.port}/big.bin`)).arrayBuffer())
      if (!got.equals(bigFile)) throw new Error(`of the file came ${got.length} bytes`)
      none(failures)
    },
    async close() {
      await http.close()
      remove()
    },
  }
}

const loopback = { name: 'lo', address: ip('127.0.0.1'), prefixLength: 8, mtu: 65_536, mac: '00:00:00:00:00:00', isLoopback: true, hasLink: true } // prettier-ignore
const packets = [
  encodeTftp({ kind: 'rrq', filename: 'big.bin', mode: 'octet', options: [] }),
  encodeTftp({ kind: 'rrq', filename: 'big.bin', mode: 'netascii', options: [{ name: 'blksize', value: '1468' }, { name: 'windowsize', value: '16' }, { name: 'tsize', value: '0' }] }), // prettier-ignore
  encodeTftp({ kind: 'rrq', filename: '../../etc/passwd', mode: 'octet', options: [] }),
  encodeTftp({ kind: 'wrq', filename: 'up.bin', mode: 'octet', options: [{ name: 'tsize', value: '600' }] }),
  encodeTftp({ kind: 'ack', block: 0 }),
  encodeTftp({ kind: 'ack', block: 1 }),
  encodeTftp({ kind: 'data', block: 1, data: new Uint8Array(512) }),
  encodeTftp({ kind: 'data', block: 2, data: new Uint8Array(88) }),
  encodeTftp({ kind: 'error', code: 8, message: 'no' }),
]

/** Asks, and answers a few packets with whatever comes to mind. */
function tftpConversation(port: number, random: Random): Promise<void> {
  const first = oneOf(random, packets.slice(0, 4))
  const request = random() < 0.6 ? first : mutatedBytes(first, oneOf(random, packets), random)
  const patienceMs = 5 + below(random, 40)
  let answers = below(random, 12)
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const over = (): void => {
      clearTimeout(timer)
      socket.close(() => resolve())
    }
    const timer = setTimeout(over, patienceMs)
    socket.on('error', () => {})
    socket.on('message', (said, from) => {
      if (answers-- <= 0) return
      const isData = said[1] === 3 && random() < 0.5
      const honest = isData ? Uint8Array.of(0, 4, said[2]!, said[3]!) : oneOf(random, packets)
      const answer = random() < 0.5 ? honest : mutatedBytes(honest, said, random)
      socket.send(answer, from.port, '127.0.0.1', () => {})
    })
    socket.send(request, port, '127.0.0.1', () => {})
  })
}

/** An honest read of the file; asked for again where the request was not answered. */
async function tftpRead(port: number): Promise<Buffer> {
  const socket = createSocket('udp4')
  const parts: Buffer[] = []
  const { promise: done, resolve } = Promise.withResolvers<Buffer>()
  const ask = (): void => socket.send(packets[0]!, port, '127.0.0.1')
  socket.on('message', (said, from) => {
    if (said[1] === 5) resolve(said)
    if (said[1] !== 3) return
    if (said.readUInt16BE(2) === parts.length + 1) parts.push(Buffer.from(said.subarray(4)))
    socket.send(Uint8Array.of(0, 4, said[2]!, said[3]!), from.port, '127.0.0.1')
    if (said.length < 516) resolve(Buffer.concat(parts))
  })
  ask()
  const again = setInterval(() => (parts.length === 0 ? ask() : undefined), 1000)
  const got = await Promise.race([done, delay(20_000, Buffer.from('nothing within 20 s'))])
  clearInterval(again)
  await new Promise<void>((closed) => socket.close(() => closed()))
  return got
}

async function tftpVictim(): Promise<Victim> {
  const { root, remove } = folder()
  const upload = join(root, 'uploads')
  mkdirSync(upload)
  const settings = { maxBlockSize: 1468, maxWindowSize: 64, maxTransfers: 300, maxTransfersPerClient: 200, upload, maxUploadBytes: 100_000, ports: null, singlePort: false } // prettier-ignore
  const service = new TftpService(settings, await BootFolder.open(root), () => {})
  await service.prepare()
  const [number = 0] = await freePorts(1)
  const port = await openUdpPort({
    interface: loopback,
    port: number,
    onDatagram: (payload, source) => service.receive(payload, source, port),
    onError: () => {},
  })
  return {
    play: (random) => tftpConversation(number, random),
    async check() {
      const got = await tftpRead(number)
      if (!got.equals(bigFile)) throw new Error(`of the file came ${got.length} bytes: ${got.subarray(0, 80).toString('latin1')}`) // prettier-ignore
      for (const name of readdirSync(root)) if (!['big.bin', 'index.html', 'uploads'].includes(name)) throw new Error(`${name} was written`) // prettier-ignore
    },
    async close() {
      await service.close()
      await port.close()
      remove()
    },
  }
}

async function udpVictim(): Promise<Victim> {
  const errors: string[] = []
  const heard = new Set<string>()
  let count = 0
  const socket = openUdpSocket({ bind: { address: ip('127.0.0.1') }, onDatagram: (payload) => heard.add(payload.toString()), onError: ({ code = '' }) => errors.push(code) }) // prettier-ignore
  await socket.ready
  const addresses = ['0.0.0.0', '255.255.255.255', '224.0.0.1', '127.255.255.255', '240.0.0.1', '127.0.0.1'].map(ip)
  return {
    async play(random) {
      let address = random() < 0.7 ? oneOf(random, addresses) : below(random, 0x1_0000_0000)
      // Nothing leaves this machine: only addresses of loopback, and those that nobody has.
      if (address >>> 24 !== 127 && address !== 0 && address >>> 28 !== 15) address = ip('127.0.0.1')
      const port = random() < 0.3 ? oneOf(random, [0, 1, 65_535]) : below(random, 65_536)
      socket.send(new Uint8Array(below(random, 70_000)), { address, port })
      await new Promise((resolve) => setImmediate(resolve))
    },
    async check() {
      const text = `still there ${++count}`
      const sender = createSocket('udp4')
      for (const end = performance.now() + 10_000; !heard.has(text) && performance.now() < end; await delay(2))
        sender.send(text, socket.localPort, '127.0.0.1')
      sender.close()
      if (!heard.delete(text)) throw new Error('the socket hears nothing any more')
    },
    async close() {
      await Promise.all([socket.close(), socket.close()])
      // After the end as well.
      socket.send(new Uint8Array(1), { address: ip('127.0.0.1'), port: 9 })
    },
  }
}

const victims = {
  'web-sockets': webVictim,
  'http-sockets': httpVictim,
  'tftp-sockets': tftpVictim,
  'udp-sockets': udpVictim,
} as const satisfies Record<string, () => Promise<Victim>>
export type SocketTarget = keyof typeof victims
export const socketTargetNames = Object.keys(victims) as readonly SocketTarget[]

/** So many at a time, and then it must still serve. */
const atOnce = 6
/** Every conversation ends by itself much sooner. */
const longestMs = 30_000

/** As `fuzz`; a failure names the first of those that went on at that time, for `--count 6`. */
export async function fuzzSockets(
  target: SocketTarget,
  seed: number,
  from: number,
  count: number,
  mostMs = Infinity,
): Promise<FuzzRun<SocketTarget>> {
  // prettier-ignore
  const started = performance.now()
  const victim = await victims[target]()
  let index = from
  const told = (failure?: string): FuzzRun<SocketTarget> => ({
    inputs: index - from,
    ms: performance.now() - started,
    failure: failure === undefined ? undefined : { target, seed, index, input: '', message: failure },
  })
  let unhandled: unknown
  const note = (error: unknown): void => void (unhandled ??= error)
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
  try {
    while (index < from + count && performance.now() - started < mostMs) {
      const length = Math.min(atOnce, from + count - index)
      const played = Promise.all(
        Array.from({ length }, (_, at) => victim.play(randomOfInput(target, seed, index + at))),
      )
      const late = new AbortController()
      await Promise.race([
        played,
        delay(longestMs, undefined, { signal: late.signal }).then(() => {
          throw new Error(`a conversation did not end within ${longestMs / 1000} s`)
        }),
      ]).finally(() => late.abort())
      await victim.check()
      if (unhandled !== undefined) throw unhandled
      index += length
    }
    return told()
  } catch (error) {
    return told(error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    process.off('uncaughtException', note)
    process.off('unhandledRejection', note)
    await victim.close()
  }
}
