/** TLS as far as it can be read without keys: what a real client sends, cut anywhere, and alerts. */
import { inEnglish } from '#messages/text.ts'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import { readTlsRecords, tlsText } from '#shared/wire/tls.ts'

test('the hello of a real client names the server; cut anywhere it is read as far as it goes', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    servername: 'boot.lab.test',
  })
  client.on('error', () => {})
  const [socket] = (await once(server, 'connection')) as [import('node:net').Socket]
  const [data] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  client.destroy()
  server.close()
  const hello = Uint8Array.from(data)
  expect(readTlsRecords(hello, 0, hello.length)).toEqual([
    { type: 22, at: 0, length: hello.length, handshake: 1, serverName: 'boot.lab.test', alert: undefined },
  ])
  for (let length = 0; length < hello.length; length++)
    for (const one of readTlsRecords(hello, 0, length)) {
      expect(one.length).toBeLessThanOrEqual(length)
      expect(['', 'boot.lab.test']).toContain(one.serverName)
    }
  // Whatever stands in it.
  for (let at = 0; at < hello.length; at++)
    for (const value of [0, 255]) readTlsRecords(hello.with(at, value), 0, hello.length)
})

test('alerts are read in the clear, and not behind a Change Cipher Spec', () => {
  const text = (...bytes: number[]): string[] =>
    readTlsRecords(Uint8Array.from(bytes), 0, bytes.length).map((one) => inEnglish(tlsText(one)))
  expect(text(21, 3, 3, 0, 2, 2, 48)).toEqual(['alert: unknown CA'])
  expect(text(21, 3, 1, 0, 2, 2, 45)).toEqual(['alert: certificate expired'])
  expect(text(21, 3, 3, 0, 2, 2, 199)).toEqual(['alert: number 199'])
  expect(text(21, 3, 3, 0, 3, 1, 2, 3)).toEqual(['alert (encrypted)'])
  expect(text(20, 3, 3, 0, 1, 1, 22, 3, 3, 0, 4, 1, 0, 0, 0)).toEqual(['Change Cipher Spec', 'handshake (encrypted)'])
  expect(text(71, 69, 84, 32, 47)).toEqual([])
})
