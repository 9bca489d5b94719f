/** The one way each to open sockets and servers, at their bounds. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openHttpServer } from '../../src/main/io/http-server.ts'
import { openUdpSocket } from '../../src/main/io/udp-socket.ts'
import { FileCache } from '../../src/main/responder/tftp/file-cache.ts'

const loopback = 0x7f000001

test('a UDP socket says where it is, what came, what was sent and what could not be', async () => {
  const heard: [string, number][] = []
  const errors: Error[] = []
  const [first, second] = [1, 2].map(() => openUdpSocket({ bind: { address: loopback }, onDatagram: (payload, { port }) => heard.push([payload.toString(), port]), onError: (error) => errors.push(error) })) // prettier-ignore
  expect(first!.localPort).toBe(0)
  await Promise.all([first!.ready, second!.ready])
  const [from, to] = [first!.localPort, second!.localPort]
  expect([from > 0, to > 0, from === to]).toEqual([true, true, false])
  const failed = vi.fn()
  const sent = vi.fn()
  first!.send(Buffer.from('hello'), { address: loopback, port: to }, failed, sent)
  await vi.waitUntil(() => heard.length > 0, 60_000)
  expect(heard).toEqual([['hello', from]])
  await vi.waitUntil(() => sent.mock.calls.length > 0, 60_000)
  expect(failed).not.toHaveBeenCalled()
  // A datagram larger than any can be; nobody who could be reached.
  for (const [bytes, destination] of [
    [70_000, { address: loopback, port: to }],
    [1, { address: loopback, port: 0 }],
    [1, { address: 0, port: to }],
  ] as const)
    // prettier-ignore
    first!.send(new Uint8Array(bytes), destination, failed, sent)
  await vi.waitUntil(() => failed.mock.calls.length === 3, 60_000)
  expect(sent).toHaveBeenCalledTimes(1)
  const taken = openUdpSocket({ bind: { address: loopback, port: to }, onDatagram: () => {}, onError: (error) => errors.push(error) }) // prettier-ignore
  await expect(taken.ready).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect(errors).toMatchObject([{ code: 'EADDRINUSE' }])
  await Promise.all([first, second, taken].map((one) => one!.close()))
  await first!.close()
  expect(first!.localPort).toBe(0)
  first!.send(Buffer.from('late'), { address: loopback, port: to }, failed, sent)
  await new Promise((resolve) => setImmediate(resolve))
  expect([failed.mock.calls.length, sent.mock.calls.length]).toEqual([3, 1])
})

test('a UDP socket with a peer hears and reaches that one alone', async () => {
  const peer = createSocket('udp4').bind(0, '127.0.0.1')
  await once(peer, 'listening')
  const heard: string[] = []
  const socket = openUdpSocket({ bind: { address: loopback }, peer: { address: loopback, port: peer.address().port }, onDatagram: (payload) => heard.push(payload.toString()), onError: () => {} }) // prettier-ignore
  await socket.ready
  const stranger = createSocket('udp4')
  await new Promise((resolve) => stranger.send('stranger', socket.localPort, '127.0.0.1', resolve))
  socket.send(Buffer.from('hello'))
  const [payload, { port }] = (await once(peer, 'message')) as [Buffer, { port: number }]
  expect([payload.toString(), port]).toEqual(['hello', socket.localPort])
  peer.send('answer', port, '127.0.0.1')
  await vi.waitUntil(() => heard.length > 0, 60_000)
  expect(heard).toEqual(['answer'])
  stranger.close()
  peer.close()
  await socket.close()
})

test.each([
  [2, 2],
  [3, 0],
])('of %i requests in one piece %i are answered where two may wait', async (count, answered) => {
  const server = await openHttpServer({
    host: '127.0.0.1',
    port: 0,
    onRequest: (_request, response) => void setImmediate(() => response.end('x')),
    onError: () => {},
    limits: { waitingRequests: 2 },
  })
  const socket = connect(server.port, '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1').on('data', (piece: string) => (text += piece))
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count))
  if (answered > 0) await vi.waitUntil(() => text.split('HTTP/1.1 200').length - 1 === answered, 60_000)
  else await once(socket, 'close')
  expect(text.split('HTTP/1.1 200').length - 1).toBe(answered)
  socket.destroy()
  await server.close()
})

test('what was read of a file stays in memory up to 48 MiB, the oldest going first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-cache-'))
  const path = join(folder, 'sparse.bin')
  writeFileSync(path, '')
  truncateSync(path, 64 << 20)
  const descriptor = openSync(path, 'r')
  const cache = new FileCache()
  const chunk = 64 * 1024
  const reads = (index: number): boolean => cache.open(descriptor, 64 << 20).read(index * chunk, new Uint8Array(1)) !== undefined // prettier-ignore
  for (let index = 0; index < 768; index++) expect(reads(index)).toBe(true)
  expect(reads(0)).toBe(true)
  // One more: chunk 1 is the oldest now.
  expect(reads(768)).toBe(true)
  const source = cache.open(descriptor, 64 << 20)
  truncateSync(path, 0)
  const isKept = (index: number): boolean => source.read(index * chunk, new Uint8Array(1)) !== undefined
  expect([0, 1, 2, 767, 768, 769].filter(isKept)).toEqual([0, 2, 767, 768])
  closeSync(descriptor)
  rmSync(folder, { recursive: true })
})
