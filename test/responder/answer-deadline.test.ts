/** Servers that send one byte after another and never end: each way to ask one ends by itself. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttp, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer as createLocal, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { askOverHttp } from '../../src/main/io/http-request.ts'
import { HttpsClient } from '../../src/main/io/https-request.ts'
import { askLocally } from '../../src/main/io/local-request.ts'
import { ownCertificate } from '../../src/main/web/certificate.ts'

const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-drip-'))
const ending: (() => void)[] = []
afterAll(() => {
  for (const end of ending.splice(0)) end()
  rmSync(folder, { recursive: true, force: true })
})

/** A byte every so often, for as long as somebody listens. */
function drip(to: { write(text: string): unknown; on(event: 'close' | 'error', listener: () => void): unknown }): void {
  const timer = setInterval(() => to.write(' '), 20)
  to.on('close', () => clearInterval(timer))
  to.on('error', () => clearInterval(timer))
}
async function listening(server: Server, at: number | string): Promise<number> {
  ending.push(() => server.close())
  server.listen(at)
  await once(server, 'listening')
  return typeof at === 'string' ? 0 : (server.address() as AddressInfo).port
}
const slowly = (request: { resume(): unknown; on(event: 'end', listener: () => void): unknown }, response: ServerResponse): void => {
  request.resume()
  request.on('end', () => drip(response))
} // prettier-ignore
const ended = async (answer: Promise<unknown>): Promise<string> => {
  try {
    await answer
    return 'answered'
  } catch (error) {
    return error instanceof Error ? 'refused' : 'thrown'
  }
}
// A byte comes every 20 ms: the time without one never passes on a machine that runs at all.
const timeoutMs = 2000

test.concurrent(
  'over a socket of the file system',
  async () => {
    const path = process.platform === 'win32' ? String.raw`\\.\pipe\pxe-lab-drip` : join(folder, 's')
    await listening(
      createLocal((socket) => drip(socket)),
      path,
    )
    expect(await ended(askLocally({ path, text: '{}', timeoutMs, mostLength: 1 << 20 }))).toBe('refused')
  },
  60_000,
)

test.concurrent(
  'over HTTP',
  async () => {
    const port = await listening(createHttp(slowly), 0)
    const request = { method: 'POST', path: '/', headers: {}, body: Buffer.from('{}') }
    expect(await ended(askOverHttp(new URL(`http://127.0.0.1:${port}/`), request, { timeoutMs, mostAnswerBytes: 1 << 20 }))).toBe('refused') // prettier-ignore
  },
  60_000,
)

test.concurrent(
  'over HTTPS, and the connection is a new one afterwards',
  async () => {
    const own = await ownCertificate(join(folder, 'tls'), ['127.0.0.1'])
    let count = 0
    const server = createHttps({ cert: own.certificate, key: own.key }, (request, response) => (count++ === 0 ? slowly(request, response) : response.end('well'))) // prettier-ignore
    const port = await listening(server, 0)
    const client = new HttpsClient(new URL(`https://127.0.0.1:${port}/`), { fingerprint: own.fingerprint.replaceAll(':', '').toUpperCase() }, timeoutMs) // prettier-ignore
    ending.push(() => client.close())
    expect(await ended(client.ask({ method: 'GET', path: '/', headers: {} }))).toBe('refused')
    expect((await client.ask({ method: 'GET', path: '/', headers: {} })).body.toString()).toBe('well')
  },
  60_000,
)
