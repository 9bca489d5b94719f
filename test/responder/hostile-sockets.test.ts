/**
 * Random misbehaviour on real sockets: whatever is written, in whichever pieces, and however a connection ends, the servers
 * go on serving and nothing is left open. The seed of a failure is printed by fast-check; FUZZ_RUNS makes it run longer.
 */
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Handlers } from '#shared/contract/calls.ts'
import { openUdpSocket, type UdpSocket } from '../../src/main/io/udp-socket.ts'
import { BootFolder } from '../../src/main/responder/boot-folder.ts'
import { HttpBoot } from '../../src/main/responder/http-boot.ts'
import { startWebServer, type WebServer } from '../../src/main/web/server.ts'
import { ip } from '../helpers/dhcp.ts'

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 150)
const timeout = 30_000 + numRuns * 300

let root: string
let web: WebServer
let http: { readonly port: number; close(): Promise<void> }
const failures: string[] = []

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-hostile-'))
  writeFileSync(join(root, 'index.html'), 'the page')
  writeFileSync(join(root, 'big.bin'), Buffer.alloc(2_000_000, 1))
  const backend = { handlers: {} as Handlers, connect: () => () => {} }
  web = await startWebServer({ backend, pages: root, host: '127.0.0.1', port: 0, onError: (error) => failures.push(error.message) }) // prettier-ignore
  http = await new HttpBoot(await BootFolder.open(root), () => {}, (message) => failures.push(message)).listen(ip('127.0.0.1'), 0) // prettier-ignore
  failures.length = 0
})

afterEach(async () => {
  await web.close()
  await http.close()
  rmSync(root, { recursive: true, force: true })
})

const pieces = fc.oneof(
  fc.constantFrom(
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
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
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
)
const script = fc.record({
  toWeb: fc.boolean(),
  writes: fc.array(pieces, { maxLength: 4 }),
  splitAt: fc.nat(40),
  end: fc.constantFrom('reset', 'end', 'reset at the first byte', 'deaf', 'half'),
})
type Script = typeof script extends fc.Arbitrary<infer T> ? T : never

function play({ toWeb, writes, splitAt, end }: Script): Promise<void> {
  const host = new URL(web.url).host
  const port = toWeb ? Number(new URL(web.url).port) : http.port
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.on('close', () => resolve())
    socket.on('connect', () => {
      for (const text of writes) {
        const bytes = Buffer.from(text.replaceAll('HOST', host), 'latin1')
        socket.write(bytes.subarray(0, splitAt))
        if (bytes.length > splitAt) socket.write(bytes.subarray(splitAt))
      }
      if (end === 'reset') setImmediate(() => socket.resetAndDestroy())
      else if (end === 'end') socket.end()
      else if (end === 'reset at the first byte') socket.once('data', () => socket.resetAndDestroy())
      else if (end === 'deaf') socket.pause()
      else socket.end().resume()
      if (end !== 'deaf') socket.resume()
      setTimeout(() => socket.destroy(), 60)
    })
  })
}

test('HTTP boot and the web server outlive every client', { timeout }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(script, { minLength: 1, maxLength: 6 }), async (scripts) => {
      await Promise.all(scripts.map(play))
      expect(await (await fetch(new URL('/', web.url))).text()).toBe('the page')
      expect((await (await fetch(`http://127.0.0.1:${http.port}/big.bin`)).arrayBuffer()).byteLength).toBe(2_000_000)
      expect(failures).toEqual([])
    }),
    { numRuns },
  )
})

test(
  'a UDP socket sends to nowhere, to everyone and too much without an exception, and still works',
  { timeout },
  async () => {
    const errors: string[] = []
    const heard: string[] = []
    const socket: UdpSocket = openUdpSocket({ bind: { address: ip('127.0.0.1') }, onDatagram: (payload) => heard.push(payload.toString()), onError: ({ code = '' }) => errors.push(code) }) // prettier-ignore
    await socket.ready
    const address = fc.oneof(fc.constantFrom(0, 0xffffffff, ip('224.0.0.1'), ip('127.255.255.255'), ip('240.0.0.1'), ip('127.0.0.1')), fc.nat(0xffffffff)) // prettier-ignore
    await fc.assert(
      fc.asyncProperty(
        address,
        fc.oneof(fc.constantFrom(0, 1, 65535), fc.nat(65535)),
        fc.nat(70_000),
        async (to, port, length) => {
          // Nothing leaves this machine: only addresses of loopback, and those that nobody has.
          if (to >>> 24 !== 127 && to !== 0 && to >>> 28 !== 15) to = ip('127.0.0.1')
          socket.send(new Uint8Array(length), { address: to, port })
          await new Promise((resolve) => setImmediate(resolve))
        },
      ),
      { numRuns },
    )
    const sender = createSocket('udp4')
    await vi.waitFor(() => {
      sender.send('still there', socket.localPort, '127.0.0.1')
      expect(heard).toContain('still there')
    })
    sender.close()
    await Promise.all([socket.close(), socket.close()])
    // After the end as well.
    expect(() => socket.send(new Uint8Array(1), { address: ip('127.0.0.1'), port: 9 })).not.toThrow()
  },
)
