import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { keptShellSchema } from '#shared/contract/shell.ts'
import { askForUpdate, isNewer, UpdateCheck } from '../../src/main/updates/update-check.ts'

let server: Server | undefined
let asked: string[] = []
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
  asked = []
})

async function serving(status: number, body: string): Promise<string> {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`)
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/latest`
}
const release = (tag: string, url = 'https://lab.test/v2'): string => JSON.stringify({ tag_name: tag, html_url: url })

test('a newer release is told with its page, an equal or older one is none', async () => {
  expect(await askForUpdate(await serving(200, release('v1.10.0')), '1.9.9')).toEqual({
    state: 'newer',
    version: '1.10.0',
    url: 'https://lab.test/v2',
  })
  server!.close()
  expect(await askForUpdate(await serving(200, release('1.9.9')), '1.9.9')).toEqual({ state: 'newest' })
  expect(isNewer('1.9.9', '1.10.0')).toBe(false)
  expect(asked).toHaveLength(2)
  // Nothing about this machine or person.
  expect(asked.join()).not.toMatch(/cookie|1\.9\.9/i)
})

test.each([
  ['no JSON', 200, '<html>'],
  ['no release', 200, '{}'],
  ['a page that is not https', 200, release('v9.9.9', 'javascript:alert(1)')],
  ['a version that is none', 200, release('nightly')],
  ['a refusal', 404, release('v9.9.9')],
  ['more than a release can be', 200, ' '.repeat(2 << 20)],
])('%s is told as a failure', async (_name, status, body) => {
  expect(await askForUpdate(await serving(status, body), '1.0.0')).toMatchObject({ state: 'failed' })
})

test('a server that is not there is named', async () => {
  const url = await serving(200, '')
  await new Promise((resolve) => server!.close(resolve))
  expect(await askForUpdate(url, '1.0.0')).toEqual({
    state: 'failed',
    reason: expect.stringMatching(/^127\.0\.0\.1:\d+ could not be asked: .*ECONNREFUSED/),
  })
})

test('while the project has no releases page, nobody is asked', async () => {
  const get = (): Promise<Response> => Promise.reject(new Error('asked'))
  expect(await askForUpdate('https://pxe-lab.example/releases', '1.0.0', get)).toEqual({
    state: 'failed',
    reason: 'This version has no releases page',
  })
})

test('it is off until a person turns it on, asks once, and forgets when it is turned off', async () => {
  expect(keptShellSchema.parse({}).preferences.looksForUpdates).toBe(false)
  let count = 0
  let changed = (): void => {}
  const told = new Promise<void>((resolve) => (changed = resolve))
  const check = new UpdateCheck(
    () => Promise.resolve({ state: 'newer', version: `${++count}.0.0`, url: 'https://lab.test' } as const),
    () => changed(),
  )
  check.turn(false)
  expect([check.state.state, count]).toEqual(['off', 0])
  check.turn(true)
  check.turn(true)
  await told
  expect(check.state).toMatchObject({ state: 'newer', version: '1.0.0' })
  check.turn(false)
  expect(check.state.state).toBe('off')
})
