/** Certificates of OpenSSL are read as Node reads them; cut or damaged anywhere, nothing is thrown and nothing made up. */
import { X509Certificate } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commonName, isFor, readCertificate, type Certificate } from '#shared/wire/certificate.ts'
import { readServerFlight } from '#shared/wire/tls.ts'
import { concatBytes } from '#shared/wire/bytes.ts'
import { describeWith } from '../helpers/requirements.ts'

let root: string

function made(...more: string[]): { der: Uint8Array; node: X509Certificate } {
  const file = join(root, 'one.pem')
  execFileSync('openssl', ['req', '-x509', '-nodes', '-keyout', join(root, 'key.pem'), '-out', file, ...more], { stdio: 'ignore' }) // prettier-ignore
  const node = new X509Certificate(readFileSync(file))
  return { der: Uint8Array.from(node.raw), node }
}

const rsa = (bits: number, ...more: string[]) => made('-newkey', `rsa:${bits}`, ...more)

describeWith(['openssl'], 'certificates of OpenSSL', () => {
  beforeAll(() => (root = mkdtempSync(join(tmpdir(), 'pxe-lab-certificate-'))))
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test('names, dates, issuer and key are those that Node finds', () => {
    const { der, node } = rsa(3072, '-subj', '/C=DE/O=Lab, Inc./CN=boot.lab.test', '-days', '30000', '-addext', 'subjectAltName=DNS:boot.lab.test,DNS:*.lab.test,IP:192.168.77.1,IP:fd00::1,URI:https://x') // prettier-ignore
    expect(readCertificate(der)).toEqual({
      subject: 'CN=boot.lab.test, C=DE, O=Lab, Inc.',
      issuer: 'CN=boot.lab.test, C=DE, O=Lab, Inc.',
      notBefore: Date.parse(node.validFrom),
      // GeneralizedTime, since it lies beyond 2049.
      notAfter: Date.parse(node.validTo),
      keyType: 'RSA',
      keyBits: 3072,
      names: ['boot.lab.test', '*.lab.test', '192.168.77.1', 'fd00::1'],
    } satisfies Certificate)
    expect(readCertificate(rsa(2048, '-subj', '/CN=x').der)).toMatchObject({ keyBits: 2048, names: [] })
    const elliptic = made('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-utf8', '-subj', '/CN=ü')
    expect(readCertificate(elliptic.der)).toMatchObject({ keyType: 'EC', keyBits: 0, subject: 'CN=ü' })
  })

  test('cut anywhere it tells what is there and no names; damaged anywhere it does not throw', () => {
    const { der } = rsa(2048, '-subj', '/CN=boot.lab.test', '-addext', 'subjectAltName=DNS:boot.lab.test')
    const whole = readCertificate(der)!
    for (let length = 0; length < der.length - 300; length += 3) {
      const part = readCertificate(der.subarray(0, length))
      if (!part) continue
      expect(part.names).toBeUndefined()
      for (const key of ['issuer', 'subject'] as const) expect(['', whole[key]]).toContain(part[key])
      for (const key of ['notBefore', 'notAfter'] as const) expect([undefined, whole[key]]).toContain(part[key])
      expect([0, 2048]).toContain(part.keyBits)
    }
    for (let at = 0; at < der.length; at += 2)
      for (const value of [0, 0x80, 0x84, 255]) {
        const read = readCertificate(der.with(at, value))
        if (read) isFor(read, 'boot.lab.test')
      }
    expect(readCertificate(new TextEncoder().encode('GET / HTTP/1.1\r\n'))).toBeUndefined()
  })

  test('what a server shows is read from one record or several, and nothing of TLS 1.3 but the version', () => {
    const { der } = rsa(2048, '-subj', '/CN=boot.lab.test')
    const u24 = (value: number): number[] => [value >> 16, (value >> 8) & 255, value & 255]
    const message = (type: number, body: Uint8Array): Uint8Array => concatBytes([Uint8Array.of(type, ...u24(body.length)), body]) // prettier-ignore
    const record = (body: Uint8Array): Uint8Array => concatBytes([Uint8Array.of(22, 3, 3, body.length >> 8, body.length & 255), body]) // prettier-ignore
    const hello = (...extensions: number[]): Uint8Array =>
    message(2, Uint8Array.of(3, 3, ...Array.from({ length: 32 }, () => 7), 0, 0x00, 0x9d, 0, 0, extensions.length, ...extensions)) // prettier-ignore
    const shown = message(11, concatBytes([Uint8Array.of(...u24(der.length + 3), ...u24(der.length)), der]))
    const want = { version: 0x0303, suite: 0x9d, certificate: readCertificate(der), isWhole: true }
    const both = concatBytes([hello(), shown])
    expect(readServerFlight(record(both))).toEqual(want)
    expect(readServerFlight(concatBytes([record(hello()), record(shown)]))).toEqual(want)
    // A message that goes on in the next record.
    expect(readServerFlight(concatBytes([record(both.subarray(0, 300)), record(both.subarray(300))]))).toEqual(want)
    expect(readServerFlight(record(both).subarray(0, 300))).toMatchObject({ version: 0x0303, isWhole: false })
    const newest = record(hello(0, 43, 0, 2, 3, 4))
    expect(readServerFlight(concatBytes([newest, Uint8Array.of(20, 3, 3, 0, 1, 1)]))).toMatchObject({ version: 0x0304, certificate: undefined }) // prettier-ignore
    expect(readServerFlight(Uint8Array.of(21, 3, 3, 0, 2, 2, 40))).toBeUndefined()
  })
})

test('a certificate is for the addresses and names in it, as RFC 6125 compares them', () => {
  const certificate = (names: string[] | undefined, subject = ''): Certificate => ({
    subject, issuer: '', notBefore: 0, notAfter: 0, keyType: 'RSA', keyBits: 3072, names,
  }) // prettier-ignore
  const one = certificate(['boot.lab.test', '*.edge.test', '192.168.77.1', 'fd00::1'], 'CN=old.test')
  for (const host of ['boot.lab.test', 'BOOT.lab.test', 'a.edge.test', '192.168.77.1', '[fd00::1]']) expect(isFor(one, host), host).toBe(true) // prettier-ignore
  for (const host of ['edge.test', 'a.b.edge.test', 'lab.test', '192.168.77.11', 'fd00::2', 'old.test']) expect(isFor(one, host), host).toBe(false) // prettier-ignore
  expect(isFor(certificate([], 'CN=old.test'), 'old.test')).toBe(true)
  // A common name is never an address.
  expect(isFor(certificate([], 'CN=192.168.77.1'), '192.168.77.1')).toBe(false)
  expect(isFor(certificate(undefined), 'boot.lab.test')).toBeUndefined()
  expect(commonName('CN=Lab CA, O=x')).toBe('Lab CA')
})
