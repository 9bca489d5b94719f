/** HTTP boot on real sockets: what clients may do to it, and what disks may do to it. */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describeEvent, type TransferEvent } from '#shared/contract/events.ts'
import { openInside, OutsideError } from '../../src/main/io/open-file.ts'
import { openHttpServer, type HttpServer } from '../../src/main/io/http-server.ts'
import { ownCertificate } from '../../src/main/web/certificate.ts'
import { BootFolder, type BootFile } from '../../src/main/responder/boot-folder.ts'
import { HttpBoot, pathOf } from '../../src/main/responder/http-boot.ts'
import { ip } from '../helpers/dhcp.ts'

const big = 3_000_000
let root: string
let events: TransferEvent[]
let folder: Pick<BootFolder, 'openFile'>
let boot: HttpBoot
let server: HttpServer
let port: number

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-http-'))
  mkdirSync(join(root, 'boot/sub'), { recursive: true })
  writeFileSync(join(root, 'boot/big.bin'), Buffer.alloc(big, 1))
  writeFileSync(join(root, 'boot/small.txt'), '0123456789')
  writeFileSync(join(root, 'secret.txt'), 'SECRET')
  folder = await BootFolder.open(join(root, 'boot'))
  events = []
  boot = new HttpBoot({ openFile: (name) => folder.openFile(name) }, (event) => events.push(event))
  server = await boot.listen(ip('127.0.0.1'), 0)
  port = server.port
})

afterEach(async () => {
  await server.close()
  rmSync(root, { recursive: true, force: true })
})

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}/${path}`, { headers })
const serves = async (): Promise<void> => expect(await (await get('small.txt')).text()).toBe('0123456789')
const ends = (): (TransferEvent & { type: 'transfer-ended' })[] => events.filter((one) => one.type === 'transfer-ended')
const until = async (isSo: () => boolean): Promise<void> => {
  for (const end = Date.now() + 10_000; !isSo();) {
    if (Date.now() > end) throw new Error('it did not come about')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
const openFiles = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((one) => {
    // Without the one that reads this folder.
    try {
      return [readFileSync(`/proc/self/fdinfo/${one}`, 'utf8') && one]
    } catch {
      return []
    }
  })
/** Everything that comes until the connection ends, however it ends. */
const everything = (socket: Socket): Promise<Buffer> =>
  new Promise((resolve) => {
    const parts: Buffer[] = []
    socket.on('data', (data: Buffer) => parts.push(data))
    socket.on('error', () => {})
    socket.on('close', () => resolve(Buffer.concat(parts)))
  })
const dial = (): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', reject)
  })

/** A file that reads well to the middle, and then does what is asked. */
const failingAfter = (bytes: number, fail: () => void): void => {
  const real = folder
  folder = {
    async openFile(name): Promise<BootFile> {
      const file = await real.openFile(name)
      if (!file.ok || file.name !== 'big.bin') return file
      const handle = new Proxy(file.handle, {
        get(target, key: keyof FileHandle) {
          if (key === 'read')
            return (buffer: Buffer, offset: number, length: number, at: number) => {
              if (at >= bytes) fail()
              return target.read(buffer, offset, length, at)
            }
          const value = target[key] as unknown
          return typeof value === 'function' ? (value.bind(target) as unknown) : value
        },
      })
      return { ...file, handle }
    },
  }
}

describe('a file that cannot be read to its end', () => {
  test.each(['EIO', 'ESTALE', 'ENXIO', 'EBADF'])(
    '%s: the transfer ends with its cause, and the rest lives',
    async (code) => {
      failingAfter(1_000_000, () => {
        throw Object.assign(new Error(`${code}: i/o error, read`), { code })
      })
      const response = await get('big.bin')
      expect(response.headers.get('content-length')).toBe(String(big))
      await expect(response.arrayBuffer()).rejects.toThrow()
      await until(() => ends().length === 1)
      expect(ends()[0]).toMatchObject({
        outcome: 'failed',
        message: `the file cannot be read any further (${code}); the connection was broken off`,
      })
      await serves()
    },
  )

  test.each([
    ['grows', () => appendFileSync(join(root, 'boot/big.bin'), 'more')],
    ['is emptied', () => writeFileSync(join(root, 'boot/big.bin'), '')],
    ['is written over', () => writeFileSync(join(root, 'boot/big.bin'), Buffer.alloc(big, 2))],
  ])('one that %s is never sent as whole', async (_what, change) => {
    failingAfter(1_000_000, change)
    const response = await get('big.bin')
    await expect(response.arrayBuffer()).rejects.toThrow()
    await until(() => ends().length === 1)
    expect(ends()[0]).toMatchObject({
      outcome: 'failed',
      message: 'the file changed during the transfer; the connection was broken off',
    })
    await serves()
  })

  test('ranges of many at once share a look at the disk, and none gets what was there before it asked', async () => {
    let opened = 0
    folder = { openFile: (name) => (opened++, BootFolder.open(join(root, 'boot')).then((one) => one.openFile(name))) }
    for (let round = 1; round <= 6; round++) {
      writeFileSync(join(root, 'new.bin'), Buffer.alloc(big, round))
      renameSync(join(root, 'new.bin'), join(root, 'boot/big.bin'))
      const parts = await Promise.all(Array.from({ length: 16 }, async (_, at) => {
        const answer = await get('big.bin', { range: `bytes=${at * 1000}-${at * 1000 + 999}` })
        return [answer.status, ...new Set(new Uint8Array(await answer.arrayBuffer()))]
      })) // prettier-ignore
      expect(parts).toEqual(Array.from({ length: 16 }, () => [206, round]))
    }
    // Sixteen each round at most, where all came at once and found it gone.
    expect(opened).toBeGreaterThanOrEqual(6)
  })

  test('one that is replaced by another is sent to its end as it was', async () => {
    failingAfter(1_000_000, () => {
      rmSync(join(root, 'boot/big.bin'))
      writeFileSync(join(root, 'boot/big.bin'), Buffer.alloc(5, 2))
      failingAfter(big, () => {})
    })
    expect(Buffer.from(await (await get('big.bin')).arrayBuffer()).equals(Buffer.alloc(big, 1))).toBe(true)
  })
})

test('a part is given only of the file the rest is of', async () => {
  const first = await get('small.txt', { range: 'bytes=0-3' })
  const tag = first.headers.get('etag')!
  expect([first.status, await first.text()]).toEqual([206, '0123'])
  const same = await get('small.txt', { range: 'bytes=4-', 'if-range': tag })
  expect([same.status, await same.text()]).toEqual([206, '456789'])
  expect((await get('small.txt', { 'if-none-match': tag })).status).toBe(304)
  writeFileSync(join(root, 'boot/small.txt'), 'abcdefghij')
  const changed = await get('small.txt', { range: 'bytes=4-', 'if-range': tag })
  expect([changed.status, await changed.text()]).toEqual([200, 'abcdefghij'])
  expect((await get('small.txt', { 'if-none-match': tag })).status).toBe(200)
})

test('a range that the file has not is refused, and told with the size there is', async () => {
  expect((await get('small.txt', { range: 'bytes=99-' })).status).toBe(416)
  expect(events).toMatchObject([
    {
      type: 'transfer-refused',
      file: 'small.txt',
      reason: 'the range bytes=99- is not in the file, which has 10 bytes',
    },
  ])
})

/** Answers of one connection, each with its head as it was sent; a body is there where its request was no HEAD. */
function answersIn(bytes: Buffer, methods: readonly string[]): { head: string[]; body: string }[] {
  const answers = []
  let rest = bytes.toString('latin1')
  for (const method of methods) {
    const at = rest.indexOf('\r\n\r\n')
    const head = rest.slice(0, at).split('\r\n')
    const hasBody = method !== 'HEAD' && !/ (304|204) /.test(head[0]!)
    const length = hasBody ? Number(head.find((line) => line.startsWith('Content-Length: '))?.slice(16)) : 0
    answers.push({ head, body: rest.slice(at + 4, at + 4 + length) })
    rest = rest.slice(at + 4 + length)
  }
  expect(rest).toBe('')
  return answers
}

test('every answer spells the names of its fields as GRUB 2.06 looks for them, and keeps the connection', async () => {
  const since = new Date(Date.now() + 60_000).toUTCString()
  const asked = ['GET /small.txt', 'HEAD /small.txt', 'GET /small.txt\nRange: bytes=0-3', 'GET /small.txt\nRange: bytes=99-', 'GET /none', 'GET /sub', 'GET /a/%2e%2e/%2e%2e/x', 'GET /%zz', 'PUT /small.txt', `GET /small.txt\nIf-Modified-Since: ${since}`, 'GET //small.txt'] // prettier-ignore
  const socket = await dial()
  const all = everything(socket)
  for (const [at, one] of asked.entries()) {
    const [line = '', ...headers] = one.split('\n')
    const last = at === asked.length - 1 ? 'Connection: close\r\n' : ''
    socket.write(`${[`${line} HTTP/1.1`, 'Host: x', ...headers].join('\r\n')}\r\n${last}\r\n`)
  }
  const answers = answersIn(
    await all,
    asked.map((one) => one.split(' ')[0]!),
  )
  expect(answers.map(({ head }) => Number(head[0]!.split(' ')[1]))).toEqual([200, 200, 206, 416, 404, 403, 403, 400, 405, 304, 200]) // prettier-ignore
  for (const { head } of answers)
    for (const field of head.slice(1)) expect(field).toMatch(/^[A-Z][A-Za-z]*(-[A-Z][A-Za-z]*)*: \S/)
  for (const { head } of answers.filter((one) => !one.head[0]!.includes('304')))
    expect(head.filter((field) => field.startsWith('Content-Length: '))).toHaveLength(1)
  expect(answers.map(({ body }) => body).filter(Boolean)).toEqual(['0123456789', '0123', '0123456789'])
  expect(answers.map(({ head }) => head.includes('Connection: keep-alive'))).toEqual(asked.map((_, at) => at < 10))
})

test('what is not even a request, and a defect of ours, are answered in the same spelling', async () => {
  folder = { openFile: () => Promise.reject(new Error('a defect')) }
  for (const [request, status] of [
    ['GET / \x01HTTP/9\r\n\r\n', 400],
    ['GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 500],
  ] as const) {
    const socket = await dial()
    const all = everything(socket)
    socket.write(request, 'latin1')
    expect((await all).toString()).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*\r\nContent-Length: 0\r\n`))
  }
})

/**
 * A file as GRUB 2.06 loads it (grub-core/net/http.c): the length counts only under this spelling, and without one the file
 * lasts until the connection ends, which a connection that is kept does not.
 */
async function grubLoads(path: string, headers = ''): Promise<string> {
  const socket = await dial()
  let text = ''
  return new Promise((resolve, reject) => {
    const tooLong = setTimeout(() => {
      socket.destroy()
      reject(new Error('GRUB waits for the connection to end'))
    }, 2000)
    const done = (): void => {
      clearTimeout(tooLong)
      socket.destroy()
      resolve(text.slice(text.indexOf('\r\n\r\n') + 4))
    }
    socket.on('close', done)
    socket.on('data', (data: Buffer) => {
      text += data.toString('latin1')
      const at = text.indexOf('\r\n\r\n')
      if (at < 0) return
      const [status = '', ...fields] = text.slice(0, at).split('\r\n')
      const size = fields.find((one) => one.startsWith('Content-Length: '))
      if (!/^HTTP\/1\.1 20[06] /.test(status)) reject(new Error(status))
      else if (size !== undefined && text.length - at - 4 >= Number.parseInt(size.slice(16), 10)) done()
    })
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: GRUB 2.06\r\n${headers}\r\n`)
  })
}

test('GRUB 2.06 loads a file, a part of it after a seek, and says what is missing', async () => {
  expect(await grubLoads('/small.txt')).toBe('0123456789')
  expect(await grubLoads('/small.txt', 'Range: bytes=4-\r\n')).toBe('456789')
  expect(await grubLoads('//sub//../small.txt').catch(String)).toContain('403')
  await expect(grubLoads('/none')).rejects.toThrow('HTTP/1.1 404')
})

test('a date tells whether a file is still the same, unless a tag does', async () => {
  const first = await get('small.txt')
  const since = first.headers.get('last-modified')!
  expect((await get('small.txt', { 'if-modified-since': since })).status).toBe(304)
  expect((await get('small.txt', { 'if-modified-since': since, 'if-none-match': '"other"' })).status).toBe(200)
  const before = new Date(Date.parse(since) - 1000).toUTCString()
  expect((await get('small.txt', { 'if-modified-since': before })).status).toBe(200)
  expect((await get('small.txt', { 'if-modified-since': 'yesterday' })).status).toBe(200)
})

test('slashes in front, queries and whole addresses name the same file', async () => {
  for (const target of [
    '//small.txt',
    '///small.txt?x=1',
    '/sub/./../small.txt',
    `http://127.0.0.1:${port}/small.txt`,
  ]) {
    const socket = await dial()
    const all = everything(socket)
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    const text = (await all).toString()
    if (target.includes('..')) expect(text).toMatch(/^HTTP\/1.1 403/)
    else expect(text).toMatch(/^HTTP\/1.1 200[^]*0123456789$/)
  }
  expect([pathOf('*'), pathOf('/%zz'), pathOf('/a%2fb#c'), pathOf('http://h')]).toEqual(['*', undefined, '/a/b', '/'])
})

describe('clients that mean no good', () => {
  test('five thousand requests at once on one connection open one file at a time, and the connection ends', async () => {
    let open = 0
    let most = 0
    const real = folder
    folder = {
      async openFile(name): Promise<BootFile> {
        most = Math.max(most, ++open)
        const file = await real.openFile(name)
        if (!file.ok) return file
        const close = file.handle.close.bind(file.handle)
        file.handle.close = () => {
          open--
          return close()
        }
        return file
      },
    }
    const socket = await dial()
    const all = everything(socket)
    socket.write('GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(40))
    await until(() => most === 1)
    socket.write('GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5000))
    await all
    expect(most).toBeLessThanOrEqual(1)
    await until(() => open === 0)
    await serves()
  })

  test('a few requests at once are answered in their order', async () => {
    const socket = await dial()
    const all = everything(socket)
    socket.write('GET /small.txt HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(9))
    socket.write('GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    const text = (await all).toString()
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual([...Array.from({ length: 9 }, () => 'HTTP/1.1 200'), 'HTTP/1.1 404'])
  })

  test('resets at any moment, headers without end and rubbish leave nothing behind', async () => {
    const before = openFiles().length
    const beginnings = ['', 'GET', 'GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n', '\0\x01\xff', `GET / HTTP/1.1\r\nX: ${'a'.repeat(40_000)}`, 'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nx', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'] // prettier-ignore
    for (let round = 0; round < 15; round++)
      await Promise.all(
        beginnings.map(async (text) => {
          const socket = await dial()
          const all = everything(socket)
          socket.write(text, 'latin1')
          if (round % 3 === 0) socket.resetAndDestroy()
          else if (round % 3 === 1) socket.end()
          else socket.once('data', () => socket.resetAndDestroy())
          if (round % 3 === 2) setTimeout(() => socket.resetAndDestroy(), 20)
          await all
        }),
      )
    await serves()
    await until(() => openFiles().length <= before + 4)
  })

  test('a client that says it sends no more still gets its file', async () => {
    const socket = await dial()
    const all = everything(socket)
    socket.end('GET /big.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect((await all).length).toBeGreaterThan(big)
  })
})

describe('who ended a connection', () => {
  const message = (): unknown => ({ outcome: ends()[0]?.outcome, message: ends()[0]?.message })
  /** It asks, takes a little, and then nothing more. */
  const deaf = async (): Promise<Socket> => {
    writeFileSync(join(root, 'boot/long.bin'), Buffer.alloc(40_000_000))
    const socket = await dial()
    socket.write('GET /long.bin HTTP/1.1\r\nHost: x\r\n\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    socket.pause()
    return socket
  }

  test('this server, where it stops or its address has gone: no client is blamed', async () => {
    await deaf()
    await server.close()
    await until(() => ends().length === 1)
    expect(message()).toEqual({
      outcome: 'failed',
      message: 'the connection ended, and not by the client: this server stopped listening at its address',
    })
  })

  test('this server, where more requests wait than it keeps', async () => {
    const socket = await deaf()
    socket.write('GET /long.bin HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(200))
    await until(() => ends().length === 1)
    expect(message()).toMatchObject({ outcome: 'failed', message: expect.stringContaining('more than 64 requests waited') as string }) // prettier-ignore
  })

  test('the client', async () => {
    const socket = await deaf()
    socket.resetAndDestroy()
    await until(() => ends().length === 1)
    expect(message()).toEqual({ outcome: 'refused-by-client', message: 'the client closed the connection' })
  })
})

test.each(['http', 'https'])(
  'one client that opens connections without end keeps nobody else out: %s',
  async (scheme) => {
    const crowded: [string, number][] = []
    let finish: () => void = () => {}
    let hasAsked = false
    const { key, certificate } =
      scheme === 'https' ? await ownCertificate(join(root, 'tls'), ['127.0.0.1']) : { key: '', certificate: '' }
    const failures: unknown[] = []
    const open = await openHttpServer({
      host: '127.0.0.1',
      port: 0,
      ...(scheme === 'https' ? { tls: { key, certificate } } : {}),
      limits: { connections: 20 },
      onRequest: async (request, response) => {
        if (request.url === '/slow') {
          hasAsked = true
          await new Promise<void>((resolve) => (finish = resolve))
        }
        response.end('0123456789')
      },
      onCrowded: (...one) => crowded.push(one),
      onTlsFailure: (...one) => failures.push(one),
      onError: () => {},
    })
    ;({ port } = open)
    const enter = async (from: string): Promise<Socket> => {
      const below = connect({ port, host: '127.0.0.1', localAddress: from })
      below.on('error', () => {})
      await new Promise((resolve) => below.once('connect', resolve))
      if (scheme === 'http') return below
      const socket = tlsConnect({ socket: below, rejectUnauthorized: false })
      socket.on('error', () => {})
      await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('close', reject))
      return socket
    }
    const asks = async (socket: Socket, path: string): Promise<Buffer> => {
      const all = everything(socket)
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      return all
    }
    // The crowd itself loads something, and another waits between two requests.
    const slow = asks(await enter('127.0.0.9'), '/slow')
    await until(() => hasAsked)
    const quiet = await enter('127.0.0.2')
    const crowd: Socket[] = []
    for (let count = 0; count < 60; count++) {
      const one = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.9' }, () => scheme === 'https' && one.write(Buffer.from('16030100c8010000c4', 'hex'))) // prettier-ignore
      one.on('error', () => {})
      await new Promise((resolve) => one.once('connect', resolve))
      crowd.push(one)
    }
    expect(String(await asks(await enter('127.0.0.3'), '/'))).toMatch(/0123456789$/)
    expect(String(await asks(quiet, '/'))).toMatch(/0123456789$/)
    finish()
    expect(String(await slow)).toMatch(/0123456789$/)
    // Told once, and nobody is said to have failed whom this server hung up on.
    expect(crowded).toEqual([['127.0.0.9', 20]])
    expect(failures).toEqual([])
    for (const one of crowd) one.destroy()
    await open.close()
  },
)

test('bounds of waiting hold: headers that do not end, clients that do not read', async () => {
  const open: HttpServer = await openHttpServer({
    host: '127.0.0.1',
    port: 0,
    onRequest: (_request, response) => void response.end(Buffer.alloc(50_000_000)),
    onError: () => {},
    limits: { headersMs: 300, idleMs: 500, connections: 3 },
  })
  ;({ port } = open)
  const slow = await dial()
  slow.resume().write('GET / HT')
  const deaf = await dial()
  deaf.pause()
  deaf.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  const started = performance.now()
  await Promise.all(
    [slow, deaf].map(
      (socket) =>
        new Promise((resolve) => {
          socket.on('error', resolve)
          socket.on('close', resolve)
          if (socket === deaf) setTimeout(() => socket.resume(), 2500)
        }),
    ),
  )
  expect(performance.now() - started).toBeLessThan(60_000)
  await open.close()
})

describe('an exchange of a folder for a link between looking and opening', () => {
  const { platform } = process
  afterEach(() => Object.defineProperty(process, 'platform', { value: platform }))

  // By the descriptor where the system tells its path, by comparing the files where it does not.
  test.each([platform, 'freebsd'])('leads nowhere (%s)', async (system) => {
    Object.defineProperty(process, 'platform', { value: system })
    mkdirSync(join(root, 'outside'))
    writeFileSync(join(root, 'outside/s.txt'), 'SECRET')
    writeFileSync(join(root, 'boot/sub/s.txt'), 'inside')
    symlinkSync(join(root, 'outside'), join(root, 'boot/way'))
    expect((await get('way/s.txt')).status).toBe(403)
    expect(await (await get('sub/s.txt')).text()).toBe('inside')
    // What the path was when it was looked at does not count any more.
    const boot = realpathSync(join(root, 'boot'))
    await expect(openInside(boot, join(boot, 'way/s.txt'))).rejects.toThrow(OutsideError)
    await (await openInside(boot, join(boot, 'sub/s.txt'))).close()
  })
})

test('what is refused before a file is looked for is told, with what to do and in a line that a log can hold', async () => {
  const said = async (text: string): Promise<string> => {
    events.length = 0
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    socket.write(text)
    await until(() => events.length > 0)
    socket.destroy()
    return describeEvent(events[0] as never).text
  }
  expect(await said('GET /Windows 10/boot.wim HTTP/1.1\r\nHost: lab\r\n\r\n')).toBe(
    '127.0.0.1 requested "GET /Windows 10/boot.wim HTTP/1.1": the address has a space in it, which must be written as %20',
  )
  expect(await said('\x01\x02\x03')).toMatch(/: it is no HTTP request \(/)
  // A client that was sent to https on this port.
  expect(await said('\x16\x03\x01\x02')).toMatch(/it began TLS on the port of plain HTTP: its address says https/)
  expect(await said('GET /small.txt HTTP/1.1\r\n\r\n')).toBe(
    '127.0.0.1 requested "GET /small.txt": it is no HTTP request (HTTP/1.1 without a Host field)',
  )
  expect(await said('POST /menu HTTP/1.1\r\nHost: lab\r\nContent-Length: 0\r\n\r\n')).toBe(
    '127.0.0.1 requested "/menu": POST is not served, GET and HEAD are',
  )
  expect((await said(`GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: lab\r\n\r\n`)).length).toBeLessThan(400)
  await serves()
})
