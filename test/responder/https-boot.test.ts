/** HTTPS boot on real sockets, tried with Node's own TLS client: the lab's certificates, a person's, and what clients refuse. */
import { X509Certificate } from 'node:crypto'
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { connect, createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeEvent, type TransferEvent } from '#shared/contract/events.ts'
import { decodeText, parseIpv4 } from '#shared/wire/bytes.ts'
import { BootFolder } from '../../src/main/responder/boot-folder.ts'
import { HttpBoot } from '../../src/main/responder/http-boot.ts'
import type { SeenSegment } from '../../src/main/responder/http-frames.ts'
import {
  issuedCertificate,
  ownAuthority,
  personsCertificate,
  readAuthority,
} from '../../src/main/responder/https-certificate.ts'

const dayMs = 86_400_000
const later = (days: number): Date => new Date(Date.now() + days * dayMs)
const names = ['127.0.0.1', 'boot.lab.test']
let root: string
let state: string
let ca: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-https-'))
  state = join(root, 'state')
  mkdirSync(join(root, 'boot'))
  writeFileSync(join(root, 'boot/small.txt'), '0123456789')
  writeFileSync(join(root, 'secret.txt'), 'SECRET')
  ca = (await ownAuthority(state)).certificate
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('an authority is made once; the certificate below it is for each name, and renewed by the same authority', async () => {
  const authority = new X509Certificate(ca)
  expect([authority.ca, authority.publicKey.asymmetricKeyDetails?.modulusLength]).toEqual([true, 3072])
  expect(authority.subject).toMatch(/^CN=PXE Lab CA [\da-f]{8}$/)
  const first = await issuedCertificate(state, names)
  const shown = new X509Certificate(first.certificate)
  // iPXE has the fingerprint of the authority alone: the server shows the rest.
  expect(first.certificate.slice(first.certificate.lastIndexOf('-----BEGIN'))).toBe(ca)
  expect((await issuedCertificate(state, names)).certificate).toBe(first.certificate)
  expect(shown.subjectAltName).toBe('IP Address:127.0.0.1, DNS:boot.lab.test')
  expect([shown.checkIssued(authority), shown.verify(authority.publicKey)]).toEqual([true, true])
  expect(shown.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072)
  if (process.platform !== 'win32')
    expect(['https.pem', 'https-ca.pem'].map((one) => statSync(join(state, one)).mode & 0o777)).toEqual([0o600, 0o600])
  // What the field's own tool says of the chain and its purpose.
  writeFileSync(join(root, 'ca.pem'), ca)
  writeFileSync(join(root, 'leaf.pem'), shown.toString())
  const verified = execFileSync('openssl', ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_ip', '127.0.0.1', '-CAfile', join(root, 'ca.pem'), join(root, 'leaf.pem')], { encoding: 'utf8' }) // prettier-ignore
  expect(verified).toMatch(/leaf\.pem: OK/)
  expect((await issuedCertificate(state, names, later(600))).fingerprint).toBe(first.fingerprint)
  const renewed = await issuedCertificate(state, [...names, '127.0.0.2'], later(700))
  expect(renewed.fingerprint).not.toBe(first.fingerprint)
  expect(new X509Certificate(renewed.certificate).checkIssued(authority)).toBe(true)
  expect(new X509Certificate(renewed.certificate).checkIP('127.0.0.2')).toBe('127.0.0.2')
  expect((await ownAuthority(state)).certificate).toBe(ca)
})

test('an authority that cannot be used is told and never replaced', async () => {
  const broken = mkdtempSync(join(root, 'broken-'))
  expect(await readAuthority(broken)).toBeUndefined()
  writeFileSync(join(broken, 'https-ca.pem'), 'rubbish')
  await expect(issuedCertificate(broken, names)).rejects.toThrow(/https-ca\.pem holds no usable certificate and key\. Restore it from a backup, or delete it/) // prettier-ignore
  expect(readFileSync(join(broken, 'https-ca.pem'), 'utf8')).toBe('rubbish')
  await expect(readAuthority(state, later(21 * 365))).rejects.toThrow(/expired on .* Restore it/)
})

test('files of a person that cannot serve are told with field, value and remedy', async () => {
  const { key, certificate } = await issuedCertificate(state, names)
  const put = (name: string, text: string): string => {
    writeFileSync(join(root, name), text)
    return join(root, name)
  }
  const good = { cert: put('cert.pem', certificate), key: put('key.pem', key) }
  const fails = async (
    files: Partial<typeof good>,
    wanted: RegExp,
    now?: Date,
    served = ['127.0.0.1'],
  ): Promise<void> => expect(personsCertificate({ ...good, ...files }, served, now)).rejects.toThrow(wanted)
  expect((await personsCertificate(good, ['boot.lab.test'])).warnings).toEqual([])
  expect((await personsCertificate(good, names, later(1410))).warnings[0]).toMatch(/expires on .*, in \d+ days$/)
  await fails(
    { cert: join(root, 'none.pem') },
    /^https\.certificate .*none\.pem does not exist \(ENOENT\)\. Name a PEM file/,
  )
  await fails({ cert: put('x.pem', 'x') }, /^https\.certificate .*x\.pem holds no certificate\. Name a file/)
  await fails({ key: put('y.pem', (await ownAuthority(mkdtempSync(join(root, 'else-')))).key) }, /^https\.key .*y\.pem is not the key of https\.certificate .*cert\.pem\. Name the two/) // prettier-ignore
  await fails({}, /^https\.certificate .*cert\.pem expired on .*\. Renew it, or write null into https\.certificate/, later(1500)) // prettier-ignore
  await fails({}, /is not valid for 10\.9\.9\.9, where machines are sent \(it names IP Address:127\.0\.0\.1, .*\)\. Write one of its names into https\.host/, undefined, ['127.0.0.1', '10.9.9.9']) // prettier-ignore
  // What the tools of the field leave behind.
  const tool = (...values: string[]): void => void execFileSync('openssl', values, { stdio: 'ignore' })
  const at = (name: string): string => join(root, name)
  tool('x509', '-in', good.cert, '-outform', 'der', '-out', at('cert.der'))
  await fails({ cert: at('cert.der') }, /^https\.certificate .*cert\.der is a certificate in binary form \(DER\)\. Make a PEM file of it: openssl x509/) // prettier-ignore
  tool('pkey', '-in', good.key, '-outform', 'der', '-out', at('key.der'))
  await fails({ key: at('key.der') }, /^https\.key .*key\.der is a key in binary form \(DER\)\. Make a PEM file of it: openssl pkey/) // prettier-ignore
  tool('pkcs12', '-export', '-in', good.cert, '-inkey', good.key, '-passout', 'pass:x', '-out', at('both.pfx'))
  await fails({ cert: at('both.pfx') }, /both\.pfx is no PEM file, and looks like one of PKCS #12 .* openssl pkcs12/)
  for (const form of [[], ['-traditional']]) {
    tool('pkey', '-in', good.key, '-aes256', '-passout', 'pass:x', ...form, '-out', at('locked.key'))
    await fails({ key: at('locked.key') }, /^https\.key .*locked\.key is protected by a passphrase\. Write the key without it/) // prettier-ignore
  }
  const shown = new X509Certificate(certificate).toString()
  await fails({ cert: put('reversed.pem', ca + shown) }, /reversed\.pem does not begin with the certificate of https\.key\. Put that first/) // prettier-ignore
  await fails({ cert: put('cut.pem', certificate.replace(/\n.+\n/, '\n')) }, /cut\.pem holds a certificate that cannot be read/) // prettier-ignore
  const warned = async (text: string): Promise<readonly string[]> =>
    (await personsCertificate({ ...good, cert: put('chain.pem', text) }, ['127.0.0.1'])).warnings
  expect(await warned(shown)).toEqual([])
  const stranger = (await ownAuthority(mkdtempSync(join(root, 'stranger-')))).certificate
  expect(await warned(shown + stranger)).toEqual([expect.stringMatching(/chain\.pem lacks the certificate of CN=PXE Lab CA \w+, which issued CN=PXE Lab HTTPS boot/)]) // prettier-ignore
  expect(await warned(shown + stranger + ca)).toEqual([expect.stringMatching(/chain\.pem holds its certificates in the wrong order: iPXE refuses that/)]) // prettier-ignore
  tool('req', '-x509', '-newkey', 'rsa:1024', '-nodes', '-keyout', at('small.key'), '-out', at('small.pem'), '-subj', '/CN=x', '-addext', 'subjectAltName=IP:127.0.0.1') // prettier-ignore
  await fails({ cert: at('small.pem'), key: at('small.key') }, /small\.pem cannot be used for TLS with its RSA key of 1024 bits \(ee key too small\)\. Have it issued anew/) // prettier-ignore
  // A leaf for another purpose, one for any, and an intermediate authority whose time is over.
  const leaf = (name: string, usage: string): readonly string[] => ['req', '-x509', '-newkey', 'rsa:3072', '-nodes', '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`), '-subj', '/CN=x', '-days', '90', '-addext', 'subjectAltName=IP:127.0.0.1', '-addext', `extendedKeyUsage=${usage}`] // prettier-ignore
  const warnedOf = async (name: string, text?: string, now?: Date): Promise<readonly string[]> =>
    (await personsCertificate({ cert: text === undefined ? at(`${name}.pem`) : put('made.pem', text), key: at(`${name}.key`) }, ['127.0.0.1'], now)).warnings // prettier-ignore
  tool(...leaf('mail', 'clientAuth,emailProtection'))
  expect(await warnedOf('mail')).toEqual([expect.stringMatching(/mail\.pem is not for web servers: its extended key usage lacks serverAuth, and machines refuse it/)]) // prettier-ignore
  for (const usage of ['anyExtendedKeyUsage', 'clientAuth,serverAuth']) {
    tool(...leaf('any', usage))
    expect(await warnedOf('any')).toEqual([])
  }
  tool('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', at('top.key'), '-out', at('top.pem'), '-subj', '/CN=Top', '-days', '10') // prettier-ignore
  tool('req', '-newkey', 'rsa:3072', '-nodes', '-keyout', at('below.key'), '-out', at('below.csr'), '-subj', '/CN=x', '-addext', 'subjectAltName=IP:127.0.0.1') // prettier-ignore
  tool('x509', '-req', '-in', at('below.csr'), '-CA', at('top.pem'), '-CAkey', at('top.key'), '-copy_extensions', 'copy', '-days', '400', '-out', at('below.pem')) // prettier-ignore
  const both = readFileSync(at('below.pem'), 'utf8') + readFileSync(at('top.pem'), 'utf8')
  expect(await warnedOf('below', both)).toEqual([])
  expect(await warnedOf('below', both, later(20))).toEqual([expect.stringMatching(/holds the certificate of CN=Top, which expired on .*: machines that look at dates refuse the server/)]) // prettier-ignore
  expect(await warnedOf('below', both, later(-2)).catch((error: Error) => [error.message])).toEqual([expect.stringMatching(/valid from|not valid/)]) // prettier-ignore
  const elliptic = join(root, 'ec.pem')
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', join(root, 'ec.key'), '-out', elliptic, '-subj', '/CN=x', '-days', '90', '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'ignore' }) // prettier-ignore
  const { warnings } = await personsCertificate({ cert: elliptic, key: join(root, 'ec.key') }, ['127.0.0.1'])
  expect(warnings).toEqual([expect.stringMatching(/ec\.pem has a key of type ec: UEFI firmware of today offers RSA/)])
})

test('the boot folder over HTTPS: ranges, guards and events as over HTTP, and handshakes that fail with their reason', async () => {
  const events: TransferEvent[] = []
  const segments: SeenSegment[] = []
  const boot = new HttpBoot(
    await BootFolder.open(join(root, 'boot')),
    (event) => events.push(event),
    (message) => expect.unreachable(message),
    (segment) => segments.push(segment),
    'https',
  )
  const server = await boot.listen(parseIpv4('127.0.0.1')!, 0)
  boot.setTls(await issuedCertificate(state, names))
  const { port } = server
  const load = (path: string, options: object = {}): Promise<string> =>
    new Promise((resolve) => {
      get(`https://127.0.0.1:${port}/${path}`, { ca, agent: false, ...options }, (response) => {
        let text = `${response.statusCode} `
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => resolve(text))
      }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    })
  const failures = (): string[] => events.flatMap((one) => (one.type === 'tls-failed' ? [one.reason] : []))
  const shake = (options: ConnectionOptions): Promise<void> =>
    new Promise((resolve) => {
      const socket = connectTls({ port, host: '127.0.0.1', ca, ...options }, () => socket.destroy())
      socket.on('error', () => {})
      socket.on('close', () => resolve())
    })
  const untilFailures = async (count: number): Promise<void> => {
    for (const end = Date.now() + 10_000; failures().length < count;) {
      if (Date.now() > end) throw new Error(`only ${failures().length} failures: ${failures().join('; ')}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  try {
    expect(await load('small.txt')).toBe('200 0123456789')
    expect(await load('small.txt', { headers: { Range: 'bytes=2-4' } })).toBe('206 234')
    expect(await load('..%2fsecret.txt')).toMatch(/^40[34] $/)
    expect(await load('none')).toBe('404 ')
    expect(events.find((one) => one.type === 'transfer-ended')).toMatchObject({
      outcome: 'completed',
      transfer: { kind: 'https', client: '127.0.0.1', bytes: 10 },
    })
    // Whoever watches sees the request, which only the two ends of the connection can read.
    expect(segments.map(({ payload }) => decodeText(payload)).join('')).toMatch(/GET \/small\.txt HTTP\/1\.1\r\n[^]*HTTP\/1\.1 200 OK/) // prettier-ignore
    expect(failures()).toEqual([])

    // The suite that EDK2 of 2022 chooses: RSA key exchange under TLS 1.2.
    const edk2 = { maxVersion: 'TLSv1.2', ciphers: 'AES256-GCM-SHA384' } as const
    expect(await load('small.txt', edk2)).toBe('200 0123456789')

    segments.length = 0
    // Like EDK2, which hangs up when it has seen the certificate and says nothing.
    const relay = createServer((near) => {
      const far = connect(port, '127.0.0.1')
      near.on('data', (data) => far.write(data))
      far.once('data', () => {
        far.resetAndDestroy()
        near.destroy()
      })
    }).listen(0, '127.0.0.1')
    await once(relay, 'listening')
    await shake({ port: (relay.address() as AddressInfo).port })
    relay.close()
    await untilFailures(1)
    await shake({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })
    await untilFailures(2)
    const plain = connect(port, '127.0.0.1', () => plain.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))
    plain.on('error', () => {})
    plain.resume()
    await untilFailures(3)
    expect(failures()).toEqual([
      expect.stringMatching(/^it hung up during the handshake without an alert/),
      'it offers no cipher suite that fits the key of the certificate',
      'it spoke plain HTTP to the port of HTTPS',
    ])
    // One who only looks whether the port is open has not failed.
    await new Promise<void>((resolve) => {
      const look = connect(port, '127.0.0.1', () => look.end())
      look.resume()
      look.on('close', () => resolve())
    })
    // OpenSSL's own client says why; Node's hangs up.
    const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-verify_return_error', '-CAfile', join(root, 'ec.pem')], { stdio: 'ignore' }) // prettier-ignore
    await once(client, 'exit')
    await untilFailures(4)
    expect(failures()[3]).toBe('it sent the TLS alert "unknown ca": it does not trust the CA that issued the certificate') // prettier-ignore
    // The alert is among the frames, as a TLS record.
    expect(segments.map(({ payload }) => [...payload].join(' '))).toContain('21 3 3 0 2 2 48')
    expect(describeEvent({ type: 'tls-failed', client: '10.1.1.1', reason: 'why' }).text).toBe('10.1.1.1 did not complete the TLS handshake: why') // prettier-ignore
  } finally {
    await server.close()
  }
})
