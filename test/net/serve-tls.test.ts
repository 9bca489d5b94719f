/** `pxe-lab serve --tls` as a process: what it prints, what others are shown, and the certificate in its state folder. */
import { X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { ownCertificate } from '../../src/main/web/certificate.ts'
import { cli } from '../helpers/lab.ts'
import { labWireForEachTest } from '../helpers/lab-wire.ts'
import type { Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const { network, folder, here, there } = labWireForEachTest()
const [own, other] = ['10.77.0.1', 'fd77::1']

beforeEach(() => {
  // Without the check for duplicates it can be used at once.
  for (const [space, name, address] of [[here, 'srv0', other], [there, 'cli0', 'fd77::2']] as const)
    network.ip('-n', space, 'addr', 'add', `${address}/64`, 'dev', name, 'nodad') // prettier-ignore
  folder.write({ interface: 'srv0', mode: 'listen' })
})

const pem = (): string => join(folder.root, 'state/tls.pem')
const port = 8443
async function serve(...values: string[]): Promise<{ running: Running; url: URL; stop: () => Promise<number> }> {
  const running = network.start(here, process.execPath, [cli, 'serve', '--config', folder.file, '--port', String(port), ...values]) // prettier-ignore
  const url = new URL((await running.sees(/PXE Lab is at (\S+)/))[1]!)
  await running.sees(/use the address in/)
  return { running, url, stop: () => running.stop('SIGTERM') }
}
/** As somebody does who got the certificate and compared its fingerprint. */
async function trusted(running: Running): Promise<string> {
  const [, shown] = await running.sees(/SHA-256 fingerprint of its certificate: (\S+)\n/)
  const certificate = new X509Certificate(readFileSync(pem()))
  expect(certificate.fingerprint256).toBe(shown)
  const file = join(folder.root, 'trusted.pem')
  writeFileSync(file, certificate.toString())
  return file
}
const curl = (from: string, ...values: string[]) => network.exec(from, 'curl', ['-sS', '-m', '10', ...values], 15)
/** What a page does: exchanges the code for a session, opens the WebSocket, makes a call. */
const inWindow = (from: string, url: URL, ca: string | undefined) =>
  network.exec(from, process.execPath, ['--input-type=module', '-e', `
    import { request } from 'node:https'
    import { WebSocket } from ${JSON.stringify(import.meta.resolve('ws'))}
    import { readFileSync } from 'node:fs'
    const url = new URL(${JSON.stringify(url.href)})
    const ca = ${ca === undefined ? 'undefined' : `readFileSync(${JSON.stringify(ca)})`}
    const session = 'x'.repeat(44)
    const status = await new Promise((resolve, reject) => {
      const post = request(url.origin + '/session', { method: 'POST', ca, headers: { origin: url.origin } }, (answer) => resolve(answer.statusCode))
      post.on('error', reject)
      post.end(url.searchParams.get('code') + ' ' + session)
    })
    const socket = new WebSocket('wss://' + url.host + '/', ['pxe-lab', 'session.' + session], { ca, headers: { origin: url.origin } })
    socket.on('open', () => socket.send(JSON.stringify({ id: 1, call: 'app.info', args: {} })))
    socket.on('message', (data) => { if (JSON.parse(data).id === 1) { console.log(status, String(data)); socket.close() } })
    socket.on('error', (error) => { console.error(error.code); process.exit(1) })`], 20) // prettier-ignore

describeWith(['root', 'ip', 'curl', 'built'], 'serve --tls', () => {
  test('another machine that knows the certificate gets page and WebSocket, by every printed address', async () => {
    const { running, url, stop } = await serve('--tls', '--host', '0.0.0.0')
    expect(url.origin).toBe(`https://127.0.0.1:${port}`)
    const ca = await trusted(running)
    expect(statSync(pem()).mode & 0o777).toBe(0o600)
    await running.sees(/Other machines reach it at https:\/\/10\.77\.0\.1:8443\/ with the same \?code= at the end\n/)
    expect(running.stderr).not.toContain('warning')
    const page = await curl(there, '--cacert', ca, `https://${own}:${port}/`)
    expect(page).toMatchObject({ code: 0, stdout: expect.stringContaining('<div id="root">') })
    // Whoever does not know it is warned by the own client, and plain HTTP says nothing.
    expect((await curl(there, `https://${own}:${port}/`)).code).toBe(60)
    expect((await curl(there, `http://${own}:${port}/`)).stdout).not.toContain('root')
    const asked = await inWindow(there, new URL(`https://${own}:${port}/${url.search}`), ca)
    expect(asked.stderr).toBe('')
    expect(asked.stdout).toMatch(/^204 \{"id":1,"value":\{"version":/)
    const stranger = await inWindow(there, new URL(`https://${own}:${port}/${url.search}`), undefined)
    expect(stranger.stderr).toMatch(/DEPTH_ZERO_SELF_SIGNED_CERT/)
    const names = new X509Certificate(readFileSync(ca)).subjectAltName
    for (const name of [own, '127.0.0.1', 'localhost', hostname().toLowerCase()]) expect(names).toContain(name)
    expect(await stop()).toBe(0)
  })

  test.each([
    ['0.0.0.0', true, '127.0.0.1', [own]],
    ['0.0.0.0', false, '127.0.0.1', [own]],
    ['::', true, '[::1]', [own, `[${other}]`]],
    ['::', false, '[::1]', [own, `[${other}]`]],
    [other, true, `[${other}]`, [`[${other}]`]],
    [own, false, own, [own]],
    ['127.0.0.1', true, '127.0.0.1', []],
    ['localhost', false, 'localhost', []],
  ])(
    '--host %s, TLS %s: printed is what can be used, warned of is what can be read',
    async (host, tls, shown, reached) => {
      const { running, url, stop } = await serve('--host', host, ...(tls ? ['--tls'] : []))
      const scheme = tls ? 'https' : 'http'
      expect(url.origin).toBe(`${scheme}://${shown}:${port}`)
      const trust = tls ? ['--cacert', await trusted(running)] : []
      const address = (name: string): string => `${scheme}://${name}:${port}/`
      expect((await curl(here, '-g', ...trust, url.href)).stdout).toContain('<div id="root">')
      for (const name of reached)
        expect((await curl(there, '-g', ...trust, address(name))).stdout, name).toContain('<div id="root">')
      const all = reached.map(address).join(' or ')
      if (reached.length === 0) expect(running.output).not.toMatch(/warning|Other machines/)
      else
        await running.sees(
          new RegExp(
            `Other machines reach it at ${all.replace(/[[\].]/g, '\\$&')} with the same \\?code= at the end\n`,
          ),
        )
      expect(running.stderr).toBe(
        tls || reached.length === 0
          ? ''
          : `pxe-lab: warning: traffic between ${all} and other machines is not encrypted, including the code. Add --tls, or listen on 127.0.0.1 and use an SSH tunnel if other people use this network.\n`,
      )
      expect(await stop()).toBe(0)
    },
  )

  test('a certificate that expired, was deleted, is rubbish or does not know an address is made anew; another stays', async () => {
    const shown = async (): Promise<string> => {
      const { running, stop } = await serve('--tls', '--host', own)
      const ca = await trusted(running)
      expect((await curl(there, '--cacert', ca, `https://${own}:${port}/`)).code).toBe(0)
      expect(statSync(pem()).mode & 0o777).toBe(0o600)
      expect(await stop()).toBe(0)
      return readFileSync(pem(), 'utf8')
    }
    const first = await shown()
    expect(await shown()).toBe(first)
    rmSync(pem())
    const second = await shown()
    expect(second).not.toBe(first)
    rmSync(pem())
    const names = [own, 'localhost', '127.0.0.1', '::1']
    await ownCertificate(pem(), names, new Date(Date.now() - 500 * 86_400_000))
    const expired = readFileSync(pem(), 'utf8')
    expect(await shown()).not.toBe(expired)
    writeFileSync(pem(), 'rubbish')
    const third = await shown()
    rmSync(pem())
    await ownCertificate(pem(), names.slice(1))
    expect(new X509Certificate(await shown()).checkIP(own)).toBe(own)
    expect(third).toContain('BEGIN CERTIFICATE')
    // Where no file can be, it says so instead of serving without.
    rmSync(pem())
    mkdirSync(pem())
    const refused = await network.exec(here, process.execPath, [cli, 'serve', '--config', folder.file, '--tls'], 20)
    expect(refused.code).toBe(64)
    expect(refused.stderr).toMatch(/--tls: the certificate cannot be saved in \S+tls\.pem \(EISDIR\)/)
  })

  test('handshakes that are begun and never ended are ended, and keep nobody away', async () => {
    const { running, stop } = await serve('--tls', '--host', '127.0.0.1')
    const ca = await trusted(running)
    const { stdout } = await network.exec(here, process.execPath, ['-e', `
      let open = 0, closed = 0
      const begun = performance.now()
      for (let count = 0; count < 100; count++)
        require('node:net').connect(${port}, '127.0.0.1', function () { open++; this.write(Buffer.from('16030100', 'hex')) })
          .on('error', () => {}).on('close', () => { if (++closed === 100) console.log(open, Math.round((performance.now() - begun) / 1000)) })`], 60) // prettier-ignore
    const [open, seconds] = stdout.trim().split(' ').map(Number)
    expect(open).toBe(100)
    expect(seconds).toBeLessThan(40)
    expect((await curl(here, '--cacert', ca, `https://127.0.0.1:${port}/`)).code).toBe(0)
    expect(await stop()).toBe(0)
  })
})
