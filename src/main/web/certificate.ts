/**
 * What the web server shows for itself over TLS: a certificate of the person's, or one of our own, self-signed, for the
 * names and addresses under which the lab is shown. Trust in that one comes from comparing its fingerprint.
 */
import { createPrivateKey, KeyObject, webcrypto, X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { dirname } from 'node:path'
import { createSecureContext } from 'node:tls'
import { readOwnFile } from '../files/own-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import { whyUnread } from '../files/unreadable.ts'

export interface ServerCertificate {
  /** PEM texts. */
  readonly key: string
  readonly certificate: string
  /** SHA-256 over the certificate, as browsers show it: AB:CD:… */
  readonly fingerprint: string
}

/** A certificate that cannot be used; the message names the option, its value and what to do. */
export class CertificateError extends Error {
  /** What is wrong, without what to do. */
  readonly what: string
  readonly remedy: string

  constructor(what: string, remedy: string) {
    super(`${what}. ${remedy}`)
    this.what = what
    this.remedy = remedy
  }
}

const dayMs = 86_400_000
/** Browsers refuse certificates that are valid for longer than 398 days (CA/Browser Forum, Baseline Requirements 6.3.2). */
const validDays = 397
const renewedBeforeDays = 30

async function bytesOf(option: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new CertificateError(`${option} ${file} ${whyUnread(error)}`, 'Name a PEM file that this user may read.')
  }
}

/** How the two files are named where they are given, and what to do without them. */
export interface CertificateFields {
  readonly cert: string
  readonly key: string
  readonly otherwise: string
}

const optionFields: CertificateFields = {
  cert: '--tls-cert',
  key: '--tls-key',
  otherwise: 'leave it out and write --tls',
}

/** Whether that can be read; what cannot be throws. */
function reads(attempt: () => unknown): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}

/** DER and PKCS #12 begin with the tag of a sequence (X.690 section 8.9). */
const isBinary = (bytes: Uint8Array): boolean => bytes[0] === 0x30

/** The certificates in a PEM text, in its order. Throws where one cannot be read. */
export const certificatesIn = (text: string): X509Certificate[] =>
  (text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? []).map((pem) => new X509Certificate(pem)) // prettier-ignore

function readCertificates(option: string, file: string, bytes: Buffer): X509Certificate[] {
  if (isBinary(bytes) && reads(() => new X509Certificate(bytes)))
    throw new CertificateError(`${option} ${file} is a certificate in binary form (DER)`, 'Make a PEM file of it: openssl x509 -inform der -in FILE -out NAME.pem; on Windows certutil -encode FILE NAME.pem') // prettier-ignore
  if (isBinary(bytes))
    throw new CertificateError(`${option} ${file} is no PEM file, and looks like one of PKCS #12 (.pfx, .p12)`, 'Write certificate and key into a PEM file, and name that for both: openssl pkcs12 -in FILE -nodes -out NAME.pem') // prettier-ignore
  try {
    const [first, ...others] = certificatesIn(bytes.toString('utf8'))
    if (first) return [first, ...others]
  } catch {
    throw new CertificateError(`${option} ${file} holds a certificate that cannot be read`, 'Copy the file anew: a part of it is missing or changed.') // prettier-ignore
  }
  throw new CertificateError(
    `${option} ${file} holds no certificate`,
    'Name a file that has "BEGIN CERTIFICATE" in it.',
  )
}

function readKey(option: string, file: string, bytes: Buffer): KeyObject {
  try {
    return createPrivateKey(bytes)
  } catch {
    // A browser of files shows both forms of a key alike.
    if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(bytes.toString('latin1')))
      throw new CertificateError(`${option} ${file} is protected by a passphrase`, 'Write the key without it, into a file that only this user may read: openssl pkey -in FILE -out NAME.key') // prettier-ignore
    const isKey = (type: 'pkcs8' | 'pkcs1'): boolean => reads(() => createPrivateKey({ key: bytes, format: 'der', type })) // prettier-ignore
    if (isKey('pkcs8') || isKey('pkcs1'))
      throw new CertificateError(`${option} ${file} is a key in binary form (DER)`, 'Make a PEM file of it: openssl pkey -inform der -in FILE -out NAME.key') // prettier-ignore
    throw new CertificateError(`${option} ${file} holds no private key that can be read`, 'Name a PEM file with a key that has no passphrase.') // prettier-ignore
  }
}

/** The certificate of somebody's files: PEM, the certificate itself before those that signed it. */
export async function namedCertificate(
  files: { cert: string; key: string },
  now = new Date(),
  fields = optionFields,
): Promise<ServerCertificate> {
  const certificate = await bytesOf(fields.cert, files.cert)
  const key = await bytesOf(fields.key, files.key)
  const [shown, ...others] = readCertificates(fields.cert, files.cert, certificate)
  const secret = readKey(fields.key, files.key, key)
  if (others.some((one) => one.checkPrivateKey(secret)) && !shown!.checkPrivateKey(secret))
    throw new CertificateError(`${fields.cert} ${files.cert} does not begin with the certificate of ${fields.key}`, 'Put that first in the file, then the one that signed it, and so on.') // prettier-ignore
  if (!shown!.checkPrivateKey(secret))
    throw new CertificateError(`${fields.key} ${files.key} is not the key of ${fields.cert} ${files.cert}`, 'Name the two that were made together.') // prettier-ignore
  if (now > new Date(shown!.validTo))
    throw new CertificateError(`${fields.cert} ${files.cert} expired on ${shown!.validTo}`, `Renew it, or ${fields.otherwise} for one of the lab's own.`) // prettier-ignore
  if (now < new Date(shown!.validFrom))
    throw new CertificateError(`${fields.cert} ${files.cert} is not valid before ${shown!.validFrom}`, 'Check the clock of this machine, or name another.') // prettier-ignore
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = shown!.publicKey
  try {
    // Small keys and old signatures are refused by OpenSSL, and would be only with the first client.
    createSecureContext({ key, cert: certificate })
  } catch (error) {
    const { reason = (error as Error).message } = error as { reason?: string }
    const bits = type === 'rsa' ? ` with its RSA key of ${details?.modulusLength} bits` : ''
    throw new CertificateError(`${fields.cert} ${files.cert} cannot be used for TLS${bits} (${reason})`, 'Have it issued anew, with an RSA key of 3072 bits and SHA-256.') // prettier-ignore
  }
  return { key: key.toString('utf8'), certificate: certificate.toString('utf8'), fingerprint: shown!.fingerprint256 }
}

export const covers = (certificate: X509Certificate, name: string): boolean =>
  (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined

/** What is in the file, where it is still good for all the names. */
async function kept(file: string, names: readonly string[], now: Date): Promise<ServerCertificate | undefined> {
  try {
    const { text } = await readOwnFile(file)
    const shown = new X509Certificate(text)
    const isGood =
      shown.checkPrivateKey(createPrivateKey(text)) &&
      new Date(shown.validTo).getTime() - now.getTime() > renewedBeforeDays * dayMs &&
      now >= new Date(shown.validFrom) &&
      names.every((name) => covers(shown, name))
    return isGood ? { key: text, certificate: text, fingerprint: shown.fingerprint256 } : undefined
  } catch {
    // Whatever is there cannot be used, and a new one takes its place.
    return undefined
  }
}

/**
 * Our own certificate, with its key in `file`, which only its owner can read. It is made where there is none, before the
 * old one expires, and where a name or an address has come that it does not cover. Rejects with the error of the system.
 */
export async function ownCertificate(
  file: string,
  names: readonly string[],
  now = new Date(),
): Promise<ServerCertificate> {
  const before = await kept(file, names, now)
  if (before) return before
  // Its parts are put together by decorators, which need this first.
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=PXE Lab',
    keys,
    signingAlgorithm: { ...algorithm, hash: 'SHA-256' },
    // Clocks of other machines may be behind.
    notBefore: new Date(now.getTime() - dayMs),
    notAfter: new Date(now.getTime() + (validDays - 1) * dayMs),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))),
    ],
  })
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString()
  const certificate = `${made.toString('pem')}\n`
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await replaceFile(file, key + certificate, { mode: 0o600, refusesLinks: true })
  return { key, certificate, fingerprint: new X509Certificate(certificate).fingerprint256 }
}
