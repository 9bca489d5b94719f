/** The local web server on real sockets: who is let in, and what a client may do to it. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { calls, type Handlers } from '#shared/contract/calls.ts'
import { CallFailure } from '#shared/contract/channel.ts'
import { openHttpServer } from '../../src/main/io/http-server.ts'
import { apiToken, openApiDoor } from '../../src/main/web/api-door.ts'
import { startWebServer, type WebServer } from '../../src/main/web/server.ts'
import { Sessions } from '../../src/main/web/sessions.ts'
import { connectWindow } from '../../src/main/web/window-socket.ts'
import { sessionFor } from '../helpers/lab-connection.ts'

let root: string
let web: WebServer
let url: URL
let push: (message: unknown) => void = () => {}
const backend = {
  handlers: {} as Handlers,
  connect: (listener: (message: unknown) => void) => {
    push = listener
    return () => {}
  },
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-web-'))
  writeFileSync(join(root, 'index.html'), 'the page')
  web = await startWebServer({ backend, pages: root, host: '127.0.0.1', port: 0 })
  url = new URL(web.url)
})

afterEach(async () => {
  await web.close()
  rmSync(root, { recursive: true, force: true })
})

const dial = (): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), '127.0.0.1', () => resolve(socket))
    socket.on('error', reject)
  })
const everything = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let text = ''
    socket.on('data', (data: Buffer) => (text += data.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
const upgrade = (target: string, host = url.host, origin = url.origin): string =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
const serves = async (): Promise<void> => expect(await (await fetch(url.origin)).text()).toBe('the page')

describe('the interface for programs', () => {
  const token = 'a'.repeat(32)
  const handlers = {
    'app.info': () => ({ version: '1', platform: 'linux', hostName: 'bench', remarks: [], isHub: false }),
    'responder.stop': () => {
      throw new CallFailure('nothing runs', 'Start it first.')
    },
    'responder.start': () => {
      throw new TypeError('oops')
    },
    'leases.list': () => new Promise(() => {}),
  } as unknown as Handlers
  let door: WebServer
  beforeEach(async () => {
    door = await startWebServer({
      backend,
      pages: root,
      host: '127.0.0.1',
      port: 0,
      api: openApiDoor({ token, handlers }),
    })
  })
  afterEach(() => door.close())
  const ask = async (path: string, body: string | undefined = '{}', given = `Bearer ${token}`) => {
    const answer = await fetch(
      `${door.origin}${path}`,
      body === undefined
        ? { headers: { authorization: given } }
        : { method: 'POST', body, headers: { authorization: given } },
    )
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }

  test('answers calls like a window, and says what is wrong by status, message and remedy', async () => {
    expect(await ask('/api/v1/app.info')).toMatchObject({ status: 200, body: { hostName: 'bench' } })
    expect(await ask('/api/v1/app.info', '')).toMatchObject({ status: 200 })
    const refused: readonly (readonly [string, string | undefined, number, RegExp])[] = [
      ['/api/v1/app.info', '{"x":1}', 400, /app\.info: .*"x"/],
      ['/api/v1/app.info', '{', 400, /not JSON/],
      ['/api/v1/app.info', `${'['.repeat(5000)}${']'.repeat(5000)}`, 400, /too many levels/],
      ['/api/v1/app.info', `"${'x'.repeat(5 << 20)}"`, 413, /more than 4194304 bytes/],
      ['/api/v1/responder.stop', '{}', 409, /^nothing runs$/],
      ['/api/v1/responder.start', '{}', 500, /^oops$/],
      ['/api/v1/none', '{}', 404, /no call none/],
      ['/api/v1/toString', '{}', 404, /no call toString/],
      ['/api/v1', '{}', 404, /no call/],
      ['/api/v1/openapi.json', '{}', 405, /by GET/],
    ]
    for (const [path, body, status, message] of refused)
      expect(await ask(path, body), path).toEqual({
        status,
        body: expect.objectContaining({
          message: expect.stringMatching(message),
          remedy: expect.stringMatching(/\.$/),
        }),
      })
    expect(
      (await fetch(`${door.origin}/api/v1/app.info`, { headers: { authorization: `Bearer ${token}` } })).status,
    ).toBe(405)
  })

  test.each(['', 'Bearer', `Bearer ${'b'.repeat(32)}`, `Basic ${token}`, token])(
    'lets nobody in with %j',
    async (given) => {
      expect(await ask('/api/v1/app.info', '{}', given)).toMatchObject({ status: 401 })
      expect(await ask('/api/v1/openapi.json', '{}', given)).toMatchObject({ status: 401 })
    },
  )

  test('bounds what is under way, and is not there unless it was asked for', async () => {
    const stop = new AbortController()
    const many = Array.from({ length: 16 }, () =>
      fetch(`${door.origin}/api/v1/leases.list`, {
        method: 'POST',
        body: '{}',
        headers: { authorization: `Bearer ${token}` },
        signal: stop.signal,
      }).catch(() => undefined),
    )
    await vi.waitFor(async () => expect((await ask('/api/v1/app.info')).status).toBe(503), 60_000)
    stop.abort()
    await Promise.all(many)
    expect(
      (await fetch(`${url.origin}/api/v1/app.info`, { method: 'POST', headers: { authorization: `Bearer ${token}` } }))
        .status,
    ).not.toBe(200)
  })

  test('is described: every call, every reference there, as in resources/openapi.json', async () => {
    const answer = await fetch(`${door.origin}/api/v1/openapi.json`, { headers: { authorization: `Bearer ${token}` } })
    const document = (await answer.json()) as {
      info: { version: string }
      paths: object
      components: { schemas: object }
    }
    expect(Object.keys(document.paths)).toEqual(Object.keys(calls).map((name) => `/api/v1/${name}`))
    for (const [, path] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const at = path!
        .split('/')
        .reduce<unknown>(
          (value, key) => (value as Record<string, unknown> | undefined)?.[key.replaceAll('~1', '/')],
          document,
        )
      expect(at, path).toBeDefined()
    }
    document.info.version = '0'
    const kept: unknown = JSON.parse(readFileSync(new URL('../../resources/openapi.json', import.meta.url), 'utf8'))
    expect(kept, 'run: node scripts/documents.ts').toEqual(document)
  })

  test('keeps its token in a file of its owner', async () => {
    const file = join(root, 'state', 'api-token')
    const made = await apiToken(file, join(root, 'state'))
    expect(made).toMatch(/^[\w-]{32}$/)
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await apiToken(file, join(root, 'state'))).toBe(made)
    writeFileSync(file, 'short\n')
    expect(await apiToken(file, join(root, 'state'))).not.toBe('short')
  })
})

describe('an upgrade', () => {
  test('that is refused and reset ends nothing', async () => {
    for (let round = 0; round < 200; round++) {
      const socket = await dial()
      socket.on('error', () => {})
      socket.write(upgrade('/', round % 2 === 0 ? 'x' : url.host))
      await new Promise((resolve) => {
        socket.on('close', resolve)
        if (round % 3 === 0) socket.resetAndDestroy()
        else setImmediate(() => socket.resetAndDestroy())
      })
    }
    await serves()
  })

  test.each(['//', '///', '/\\', '*', 'http://', '/%', '/?code=%zz'])(
    'to %s is refused like any other',
    async (target) => {
      const socket = await dial()
      const all = everything(socket)
      socket.write(upgrade(target))
      expect(await all).toMatch(/^HTTP\/1.1 401 /)
      await serves()
    },
  )

  test('with a session and a broken handshake leaves the server alone', async () => {
    const session = await sessionFor(url)
    for (const text of [
      `Sec-WebSocket-Protocol: pxe-lab, session.${session}\r\nSec-WebSocket-Key: short\r\n`,
      `Sec-WebSocket-Protocol: session.${session},\0\r\n`,
      `Sec-WebSocket-Protocol: pxe-lab, session.${session}\r\nSec-WebSocket-Version: 99\r\n`,
    ]) {
      const socket = await dial()
      const all = everything(socket)
      socket.write(
        `GET / HTTP/1.1\r\nHost: ${url.host}\r\nOrigin: ${url.origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${text}\r\n`,
      )
      expect(await all).toMatch(/^HTTP\/1.1 (4|$)/)
    }
    await serves()
  })
})

const chosen = 's'.repeat(44)
const exchange = (body: string, headers: Record<string, string> = { origin: url.origin }): Promise<Response> =>
  fetch(`${url.origin}/session`, { method: 'POST', body, headers })

describe('who is let in', () => {
  test('a code is good once, from the page itself only; the next one is another', async () => {
    const code = url.searchParams.get('code')!
    expect((await exchange(`${code} ${chosen}`, { origin: 'http://evil.example' })).status).toBe(403)
    expect((await exchange(`${code} ${chosen}`, {})).status).toBe(403)
    for (const body of ['x'.repeat(5000), code, `${code} short`, `${code} ${'$'.repeat(44)}`, `wrong ${chosen}`, ''])
      expect((await exchange(body)).status, body).toBe(401)
    const first = await exchange(`${code} ${chosen}`)
    expect([first.status, first.headers.get('cache-control'), first.headers.get('set-cookie')]).toEqual([204, 'no-store', null]) // prettier-ignore
    // The page was reloaded before the answer came, and asks again; whoever else has seen the code gets nothing for it.
    expect((await exchange(`${code} ${chosen}`)).status).toBe(204)
    expect((await exchange(`${code} ${'t'.repeat(44)}`)).status).toBe(401)
    const codes: string[] = []
    const sessions = new Sessions((next) => codes.push(next))
    expect(sessions.exchange(sessions.code, chosen)).toBe(true)
    expect([sessions.isKnown(chosen), sessions.isKnown(sessions.code), codes]).toEqual([true, false, [sessions.code]])
    for (let count = 0; count < 32; count++) sessions.exchange(sessions.code, `${count}`.padStart(44, 'u'))
    expect(sessions.isKnown(chosen)).toBe(false)
  })

  test('no page may send the address on, and no other site may frame or read it', async () => {
    const { headers } = await fetch(url)
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  })

  test.skipIf(
    !Object.values(networkInterfaces())
      .flat()
      .some((one) => one?.address === '::1'),
  )('`--host ::` gives an address that can be used', async () => {
    const everywhere = await startWebServer({ backend, pages: root, host: '::', port: 0 })
    try {
      expect(await (await fetch(everywhere.url)).text()).toBe('the page')
      const { port } = new URL(everywhere.url)
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('the page')
      for (const one of everywhere.elsewhere) expect(() => new URL(one)).not.toThrow()
    } finally {
      await everywhere.close()
    }
  })
})

describe('what a window sends', () => {
  test('nested without end, of no kind or far too long ends nobody else', async () => {
    const session = await sessionFor(url)
    const say = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${url.host}/`, ['pxe-lab', `session.${session}`], {
          headers: { origin: url.origin },
        })
        socket.on('open', () => socket.send(text))
        socket.on('message', (data: Buffer) => (resolve(data.toString()), socket.close()))
        socket.on('close', () => resolve('hung up'))
        socket.on('error', () => resolve('hung up'))
        // What is no message is passed over: the next one is answered.
        socket.on('open', () => socket.send('{"id":99,"call":"nothing","args":{}}'))
      })
    const nest = (open: string, close: string): string => `${open.repeat(200_000)}1${close.repeat(200_000)}`
    for (const value of [nest('[', ']'), nest('{"a":', '}')]) {
      expect(JSON.parse(await say(`{"id":7,"call":"scenarios.save","args":{"id":"a","input":${value}}}`))).toMatchObject({ id: 7, error: { message: 'the value has too many levels' } }) // prettier-ignore
      expect(JSON.parse(await say(`{"id":8,"call":"doctor.read","args":${value}}`))).toMatchObject({ id: 8, error: {} })
    }
    for (const text of [
      '['.repeat(1_000_000),
      'null',
      '7',
      '[]',
      '{"id":"x","call":5}',
      '\u0000',
      '{"id":1,"call":"__proto__","args":{}}',
      '{"id":1,"call":"constructor","args":{}}',
    ])
      // prettier-ignore
      expect(await say(text), text.slice(0, 40)).toMatch(/"call\.no-such-call"/)
    expect(await say('x'.repeat(5_000_000))).toBe('hung up')
    await serves()
  })
})

describe('a window that does not read', () => {
  const limits = { behindBytes: 100_000, mostBytes: 10_000_000, behindMs: 400, mostCalls: 16 }
  const open = async (): Promise<{ window: WebSocket; close: () => Promise<void> }> => {
    const sockets = new WebSocketServer({ noServer: true })
    const server = await openHttpServer({
      host: '127.0.0.1',
      port: 0,
      onRequest: () => {},
      onUpgrade: (request, socket, head) =>
        sockets.handleUpgrade(request, socket, head, (one) => connectWindow(one, backend, limits)),
      onError: () => {},
    })
    const window = new WebSocket(`ws://127.0.0.1:${server.port}/`)
    await new Promise((resolve) => window.once('open', resolve))
    return { window, close: () => server.close() }
  }

  test('loses pushes, then the connection; one that reads on is told to come anew', async () => {
    for (const resumes of [false, true]) {
      const { window, close } = await open()
      window.pause()
      const before = process.memoryUsage().arrayBuffers
      for (let count = 0; count < 3000; count++) {
        push({ push: 'log', value: 'x'.repeat(50_000) })
        if (count % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      // 150 MB were pushed; what the system takes and the bound is all that waits.
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40_000_000)
      const closed = new Promise<number>((resolve) => window.once('close', resolve))
      if (resumes) window.resume()
      else setTimeout(() => window.resume(), 1000)
      expect(await closed).toBe(resumes ? 4000 : 1006)
      await close()
    }
  })
})

describe('a window that asks ten thousand things at once', () => {
  const asked = async (wanted: number, handler: () => unknown) => {
    backend.handlers = { 'status.read': handler, 'frames.clear': handler } as never
    const connect = async (): Promise<WebSocket> => {
      const protocols = ['pxe-lab', `session.${await session}`]
      const window = new WebSocket(`ws://${url.host}/`, protocols, { origin: url.origin })
      await once(window, 'open')
      return window
    }
    const session = sessionFor(url)
    const window = await connect()
    const ids = new Set<number>()
    const all = Promise.withResolvers<void>()
    window.on('message', (data: Buffer) => {
      ids.add((JSON.parse(data.toString()) as { id: number }).id)
      if (ids.size === wanted) all.resolve()
    })
    for (let id = 1; id <= wanted; id++) window.send(JSON.stringify({ id, call: 'frames.clear', args: {} }))
    return { window, connect, ids, all: all.promise }
  }
  afterEach(() => void (backend.handlers = {} as Handlers))

  test('has every answer, and no more than 16 at a time', async () => {
    let running = 0
    let most = 0
    const { window, ids, all } = await asked(10_000, async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      return null
    })
    await all
    expect([ids.size, most]).toEqual([10_000, 16])
    window.close()
  })

  test('keeps no other window waiting, though each answer comes at once', async () => {
    let begun = 0
    const { window, connect, all, ids } = await asked(10_000, () => {
      begun++
      return null
    })
    const other = await connect()
    // Whoever comes while it is answered is answered long before its end.
    await vi.waitUntil(() => begun > 0, 60_000)
    const answer = once(other, 'message')
    other.send(JSON.stringify({ id: 1, call: 'frames.clear', args: {} }))
    await answer
    expect(ids.size).toBeLessThan(10_000)
    await all
    for (const one of [window, other]) one.close()
  })
})
