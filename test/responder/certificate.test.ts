/** What the web server shows over TLS: its own certificate, tried with Node's own client, and files that cannot be used. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Handlers } from '#shared/contract/calls.ts'
import { namedCertificate, ownCertificate } from '../../src/main/web/certificate.ts'
import { startWebServer } from '../../src/main/web/server.ts'

const names = ['127.0.0.1', 'localhost', '::1', '10.77.1.1', 'bench']
let root: string
let file: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-tls-'))
  file = join(root, 'state', 'tls.pem')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const later = (days: number): Date => new Date(Date.now() + days * 86_400_000)

test('it is made once, for every name, readable to its owner alone, and renewed before it expires', async () => {
  const first = await ownCertificate(file, names)
  const shown = new X509Certificate(first.certificate)
  expect(shown.subjectAltName).toBe('IP Address:127.0.0.1, DNS:localhost, IP Address:0:0:0:0:0:0:0:1, IP Address:10.77.1.1, DNS:bench') // prettier-ignore
  expect(shown.verify(shown.publicKey)).toBe(true)
  expect(first.fingerprint).toMatch(/^([\dA-F]{2}:){31}[\dA-F]{2}$/)
  if (process.platform !== 'win32') expect([statSync(file).mode & 0o777, statSync(join(root, 'state')).mode & 0o777]).toEqual([0o600, 0o700]) // prettier-ignore
  expect((await ownCertificate(file, names, later(300))).fingerprint).toBe(first.fingerprint)
  const renewed = await ownCertificate(file, names, later(370))
  expect(renewed.fingerprint).not.toBe(first.fingerprint)
  const wider = await ownCertificate(file, [...names, '10.77.1.2'], later(370))
  expect(new X509Certificate(wider.certificate).checkIP('10.77.1.2')).toBe('10.77.1.2')
  writeFileSync(file, 'rubbish')
  expect((await ownCertificate(file, names)).fingerprint).not.toBe(wider.fingerprint)
})

test('a client that trusts it gets the page by name and address; one that does not, does not; it changes while it serves', async () => {
  writeFileSync(join(root, 'index.html'), 'the page')
  const first = await ownCertificate(file, ['127.0.0.1', 'localhost'])
  const backend = { handlers: {} as Handlers, connect: () => () => {} }
  const web = await startWebServer({ backend, pages: root, host: '127.0.0.1', port: 0, tls: first })
  const load = (url: string, ca?: string): Promise<string> =>
    new Promise((resolve) => {
      get(url, { ca, agent: false }, (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => resolve(text))
      }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    })
  try {
    expect(web.url).toMatch(/^https:/)
    expect(await load(web.url, first.certificate)).toBe('the page')
    expect(await load(web.url.replace('127.0.0.1', 'localhost'), first.certificate)).toBe('the page')
    expect(await load(web.url)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
    const second = await ownCertificate(file, ['127.0.0.1'], later(370))
    web.setTls({ ...(await ownCertificate(join(root, 'other.pem'), ['127.0.0.1'])) })
    expect(second.fingerprint).not.toBe(first.fingerprint)
    expect(await load(web.url, first.certificate)).not.toBe('the page')
    expect(await load(web.url, readFileSync(join(root, 'other.pem'), 'utf8'))).toBe('the page')
  } finally {
    await web.close()
  }
})

test('files that cannot be used are told with option, value and remedy', async () => {
  const { key, certificate } = await ownCertificate(file, names)
  const other = await ownCertificate(join(root, 'other.pem'), names)
  const put = (name: string, text: string): string => {
    writeFileSync(join(root, name), text)
    chmodSync(join(root, name), 0o600)
    return join(root, name)
  }
  const cert = put('cert.pem', certificate)
  const good = { cert, key: put('key.pem', key) }
  expect(await namedCertificate(good)).toMatchObject({ fingerprint: new X509Certificate(certificate).fingerprint256 })
  await expect(namedCertificate({ ...good, cert: join(root, 'none') })).rejects.toThrow(/--tls-cert .*none does not exist \(ENOENT\)\. Name a PEM file/) // prettier-ignore
  await expect(namedCertificate({ ...good, key: root })).rejects.toThrow(/--tls-key .* is a folder \(EISDIR\)/)
  await expect(namedCertificate({ ...good, cert: put('x.pem', 'x') })).rejects.toThrow(/x\.pem holds no certificate/)
  await expect(namedCertificate({ ...good, key: put('y.pem', 'y') })).rejects.toThrow(/y\.pem holds no private key/)
  await expect(namedCertificate({ cert, key: put('z.pem', other.key) })).rejects.toThrow(/z\.pem is not the key of --tls-cert .*cert\.pem/) // prettier-ignore
  // To the second in which it ends it is valid, that second included (RFC 5280 section 4.1.2.5).
  const { validTo, validFrom } = new X509Certificate(certificate)
  const after = (time: string, ms: number): Date => new Date(new Date(time).getTime() + ms)
  await namedCertificate(good, after(validTo, 0))
  await namedCertificate(good, after(validFrom, 0))
  await expect(namedCertificate(good, after(validTo, 1))).rejects.toThrow(`expired on ${validTo}`)
  await expect(namedCertificate(good, after(validFrom, -1))).rejects.toThrow(`is not valid before ${validFrom}`)
  const locked = createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString() // prettier-ignore
  await expect(namedCertificate({ cert, key: put('locked.pem', locked) })).rejects.toThrow(/--tls-key .*locked\.pem is protected by a passphrase\. Write the key without it/) // prettier-ignore
  await expect(namedCertificate({ ...good, cert: root })).rejects.toThrow(/--tls-cert .* is a folder \(EISDIR\)/)
  await expect(namedCertificate(good, later(500))).rejects.toThrow(/expired on .*Renew it/)
  await expect(namedCertificate(good, later(-10))).rejects.toThrow(/is not valid before .*Check the clock/)
})
