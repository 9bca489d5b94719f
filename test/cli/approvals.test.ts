/** `pxe-lab approvals` beside a web server of a lab: who is let in, what is decided, and what is said where nobody serves. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Handlers } from '#shared/contract/calls.ts'
import { CallFailure } from '#shared/contract/channel.ts'
import type { ClientIdentity } from '#shared/machines/client-identity.ts'
import { PendingRequests } from '#shared/machines/pending-requests.ts'
import { ownCertificate, type ServerCertificate } from '../../src/main/web/certificate.ts'
import { commandAccessFile, commandHandlers, newCommandSecret } from '../../src/main/web/command-access.ts'
import { PrivateNote } from '../../src/main/web/private-note.ts'
import { startWebServer, type WebServer } from '../../src/main/web/server.ts'
import { cli } from '../helpers/lab.ts'

const macs = ['52:54:00:00:00:01', '52:54:00:00:00:02', '52:54:00:00:00:03'] as const

let root: string
let requests: PendingRequests
let web: WebServer | undefined

const list = () =>
  requests.list().map((one) => ({ ...one, uuid: null, architecture: 'x64-uefi', vendor: '', knownAs: null }))
const handlers = {
  'status.read': () => ({ state: 'responding' }),
  'approvals.list': list,
  'approvals.decide': ({ request, verdict, name, remember }: { request: number; verdict: string; name?: string; remember?: boolean }) => {
    const state = verdict === 'approve' ? 'approved' : verdict === 'refuse' ? 'refused' : undefined
    if (verdict === 'forget' ? !requests.forget(request) : !requests.decide(request, { state, name, remember }))
      throw new CallFailure(`there is no pending request ${request}`, 'Refresh the list.')
    return list()
  },
  'lab.read': () => ({ path: 'secret' }),
} as unknown as Handlers // prettier-ignore

async function serve(tls?: ServerCertificate): Promise<string> {
  const secret = newCommandSecret()
  const backend = { handlers, connect: () => () => {} }
  web = await startWebServer({ backend, pages: root, host: '127.0.0.1', port: 0, commands: { secret, handlers: commandHandlers(handlers) }, ...(tls ? { tls } : {}) }) // prettier-ignore
  const note = new PrivateNote(commandAccessFile(root), 'it', (text) => expect(text).toBe(''))
  note.write(JSON.stringify({ url: web.origin, secret, ...(tls ? { certificate: tls.certificate } : {}) }))
  await expect.poll(() => statSync(note.path, { throwIfNoEntry: false })?.isFile()).toBe(true)
  return secret
}

const run = (...more: string[]): Promise<{ status: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, 'approvals', '--state', root, ...more], { timeout: 300_000 }, (_error, stdout, stderr) => resolve({ status: child.exitCode ?? -1, stdout, stderr })) // prettier-ignore
  })

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-approvals-'))
  requests = new PendingRequests()
  for (const mac of macs)
    requests.ask({ mac, uuid: undefined, architecture: 7, vendorClass: '' } as ClientIdentity, '', 0)
})

afterEach(async () => {
  await web?.close()
  web = undefined
  rmSync(root, { recursive: true, force: true })
})

const states = (): unknown => requests.list().map(({ state, name, isRemembered }) => [state, name, isRemembered])

test('lists, approves by number, refuses by MAC address, names, remembers, forgets', async () => {
  await serve()
  expect((await run()).stdout.split('\n')[1]).toMatch(/^ +1 {2}52:54:00:00:00:01 {2}x64-uefi +\S.* pending$/)
  expect(await run('approve', '1', '--name', 'pc1', '--remember')).toMatchObject({ status: 0, stderr: '' })
  expect((await run('refuse', macs[1])).stdout).toMatch(/^2 {2}52:54:00:00:00:02 .* refused, for this boot\n$/)
  expect(states()).toEqual([['approved', 'pc1', true], ['refused', '', false], ['pending', '', false]]) // prettier-ignore
  expect((await run('name', '3', 'pc3')).status).toBe(0)
  expect((await run('remember', '2')).status).toBe(0)
  expect(await run('remember', '3')).toMatchObject({ status: 1, stderr: 'pxe-lab: request 3 is still pending. Approve or refuse it with --remember.\n' }) // prettier-ignore
  expect(states()).toEqual([['approved', 'pc1', true], ['refused', '', true], ['pending', 'pc3', false]]) // prettier-ignore
  expect((await run('--json', 'approve', 'all')).stdout).toMatch(/^\{"request":3,.*"state":"approved","name":"pc3"/)
  expect((await run('forget', '1')).stdout).toBe('Request 1 was removed: the machine must ask again.\n')
  expect((JSON.parse((await run('--json')).stdout) as unknown[]).length).toBe(2)
}, 60_000)

test('decides nothing where one of the requests is not there, or several would have one name', async () => {
  await serve()
  expect(await run('approve', '1', '9')).toMatchObject({ status: 1, stderr: 'pxe-lab: there is no request 9. Run pxe-lab approvals to list them, then give a number, a MAC address or all.\n' }) // prettier-ignore
  expect(await run('approve', '1', '2', '--name', 'pc')).toMatchObject({ status: 1, stderr: 'pxe-lab: 2 machines cannot have the same name. Decide on each machine separately.\n' }) // prettier-ignore
  expect(await run('approve', '1', '--name', 'x'.repeat(64))).toMatchObject({ status: 64, stderr: expect.stringContaining('has 64 characters. Use 63 or fewer.') }) // prettier-ignore
  expect((await run('approve')).status).toBe(64)
  expect(states()).toEqual([['pending', '', false], ['pending', '', false], ['pending', '', false]]) // prettier-ignore
}, 60_000)

test('the secret of commands opens no other call, and a wrong one nothing', async () => {
  const secret = await serve()
  const ask = (session: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = new WebSocket(web!.origin.replace('http', 'ws'), ['pxe-lab', `session.${session}`], { origin: web!.origin }) // prettier-ignore
      socket.on('open', () => socket.send(JSON.stringify({ id: 1, call: 'lab.read', args: {} })))
      socket.on('message', (data: Buffer) => resolve(data.toString()))
      socket.on('unexpected-response', (_request, response) => resolve(`${response.statusCode}`))
    })
  expect(await ask(secret)).toContain('lab.read is not for commands')
  expect(await ask(`${secret}x`)).toBe('401')
})

test('over TLS only the certificate of the note is trusted', async () => {
  const tls = await ownCertificate(join(root, 'tls.pem'), ['localhost', '127.0.0.1'])
  await serve(tls)
  expect((await run('--json')).status).toBe(0)
  const another = await ownCertificate(join(root, 'other.pem'), ['localhost', '127.0.0.1'])
  const note = commandAccessFile(root)
  const access = JSON.parse(readFileSync(note, 'utf8')) as object
  writeFileSync(note, JSON.stringify({ ...access, certificate: another.certificate }))
  expect(await run()).toMatchObject({ status: 1, stderr: expect.stringMatching(/cannot be reached: .*certificate/) })
}, 60_000)

test('says why no lab can be asked', async () => {
  expect((await run()).stderr).toContain(`no pxe-lab serve uses the state folder ${root}. Start it with: pxe-lab serve`)
  writeFileSync(commandAccessFile(root), '{')
  expect((await run()).stderr).toContain('serve-commands is damaged. Stop pxe-lab serve and start it again.')
  await serve()
  await web!.close()
  web = undefined
  expect(await run('approve', 'all')).toMatchObject({ status: 1, stderr: expect.stringMatching(/does not run any more \(ECONNREFUSED at http:\/\/127\.0\.0\.1:\d+\)\. Start it again/) }) // prettier-ignore
  const gone = await new Promise<{ status: number | null; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, [cli, 'approvals', '--config', join(root, 'no.yaml')], (_error, _out, stderr) => resolve({ status: child.exitCode, stderr })) // prettier-ignore
  })
  expect(gone).toMatchObject({ status: 64, stderr: expect.stringContaining('no.yaml does not exist (ENOENT). Give the lab file') }) // prettier-ignore
}, 60_000)
