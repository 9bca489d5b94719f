/**
 * What HTTPS boot shows: a certificate of the person's, or one that the lab's own authority issues for the addresses under
 * which it serves. Machines trust the authority, which stays for ever; the certificate below it is renewed as need be. Keys are
 * RSA of 3072 bits: EDK2 offers suites with RSA keys alone, and since 2025.11 refuses smaller ones.
 */
import { createPrivateKey, createPublicKey, KeyObject, randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import { link, rm } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { makeOwnFolder, readOwnFile } from '../files/own-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import {
  CertificateError,
  certificatesIn,
  covers,
  namedCertificate,
  type ServerCertificate,
} from '../web/certificate.ts'

export const authorityFile = 'https-ca.pem'
export const certificateFile = 'https.pem'

const dayMs = 86_400_000
/** Machines without a battery for their clock begin in a year long gone. */
const validFrom = new Date(Date.UTC(2000, 0, 1))
const authorityDays = 20 * 365
const serverDays = 730
const renewedBeforeDays = 60
const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 3072,
  publicExponent: Uint8Array.of(1, 0, 1),
} as const

/** Where the lab's own authority can be used. */
export interface Authority {
  /** PEM texts. */
  readonly key: string
  readonly certificate: string
}

async function builder(): Promise<typeof import('@peculiar/x509')> {
  // Its parts are put together by decorators, which need this first.
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

const pkcs8 = (key: webcrypto.CryptoKey): string =>
  KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString()

/** A serial number of RFC 5280 section 4.1.2.2: positive, at most 20 octets. */
const serialNumber = (): string => `40${randomBytes(15).toString('hex')}`

/** The authority of a state folder; undefined where there is none yet. Throws a `CertificateError` where it cannot be used. */
export async function readAuthority(folder: string, now = new Date()): Promise<Authority | undefined> {
  const file = join(folder, authorityFile)
  let text: string
  try {
    ;({ text } = await readOwnFile(file))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new CertificateError(`The lab's certificate authority ${file} cannot be read (${code ?? message})`, 'Let the user that runs the lab read it.') // prettier-ignore
  }
  const remedy = 'Restore it from a backup, or delete it: a new authority is made then, which every machine has to trust anew.' // prettier-ignore
  let shown: X509Certificate
  try {
    shown = new X509Certificate(text)
    if (!shown.ca || !shown.checkPrivateKey(createPrivateKey(text))) throw new Error('no pair')
  } catch {
    throw new CertificateError(`The lab's certificate authority ${file} holds no usable certificate and key`, remedy)
  }
  if (now > new Date(shown.validTo)) throw new CertificateError(`The lab's certificate authority ${file} expired on ${shown.validTo}`, remedy) // prettier-ignore
  return { key: pemOf(text, 'PRIVATE KEY'), certificate: pemOf(text, 'CERTIFICATE') }
}

const pemOf = (text: string, what: string): string =>
  `${new RegExp(`-----BEGIN ${what}-----[\\s\\S]*?-----END ${what}-----`).exec(text)?.[0] ?? ''}\n`

/** The authority of a state folder, made where there is none: readable to its owner alone, and never replaced. */
export async function ownAuthority(folder: string, now = new Date()): Promise<Authority> {
  const before = await readAuthority(folder, now)
  if (before) return before
  const x509 = await builder()
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    // Authorities of several labs in one firmware are told apart by it.
    name: `CN=PXE Lab CA ${randomBytes(4).toString('hex')}`,
    serialNumber: serialNumber(),
    keys,
    signingAlgorithm: algorithm,
    notBefore: validFrom,
    notAfter: new Date(now.getTime() + authorityDays * dayMs),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  makeOwnFolder(folder)
  const draft = join(folder, `.${authorityFile}.${randomBytes(4).toString('hex')}.part`)
  try {
    await replaceFile(draft, `${pkcs8(keys.privateKey)}${made.toString('pem')}\n`, { mode: 0o600, refusesLinks: true })
    await link(draft, join(folder, authorityFile))
  } catch (error) {
    // Another process of the lab was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
  return (await readAuthority(folder, now))!
}

/**
 * With the authority behind it: iPXE that was built with TRUST= has no more of it than its fingerprint, and has to be shown the rest
 * (its `rootcert.c` and `x509_validate_chain`).
 */
const chainOf = (shown: X509Certificate, authority: Authority): string => shown.toString() + authority.certificate

/** What is in the file, where the authority issued it and it is still good for all the names. */
async function kept(
  file: string,
  authority: Authority,
  names: readonly string[],
  now: Date,
): Promise<ServerCertificate | undefined> {
  try {
    const { text } = await readOwnFile(file)
    const shown = new X509Certificate(text)
    const isGood =
      shown.checkPrivateKey(createPrivateKey(text)) &&
      shown.verify(createPublicKey(authority.certificate)) &&
      new Date(shown.validTo).getTime() - now.getTime() > renewedBeforeDays * dayMs &&
      names.every((name) => covers(shown, name))
    return isGood
      ? {
          key: pemOf(text, 'PRIVATE KEY'),
          certificate: chainOf(shown, authority),
          fingerprint: shown.fingerprint256,
        }
      : undefined
  } catch {
    // Whatever is there cannot be used, and a new one takes its place.
    return undefined
  }
}

/**
 * The certificate that the lab's authority issues for these names and addresses. It is kept with its key in the state folder,
 * and made anew before it expires and where a name has come. Rejects with a `CertificateError` or the error of the system.
 */
export async function issuedCertificate(
  folder: string,
  names: readonly string[],
  now = new Date(),
): Promise<ServerCertificate> {
  const authority = await ownAuthority(folder, now)
  const file = join(folder, certificateFile)
  const before = await kept(file, authority, names, now)
  if (before) return before
  const x509 = await builder()
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const issuer = new x509.X509Certificate(authority.certificate)
  const made = await x509.X509CertificateGenerator.create({
    subject: 'CN=PXE Lab HTTPS boot',
    issuer: issuer.subject,
    serialNumber: serialNumber(),
    publicKey: keys.publicKey,
    signingKey: createPrivateKey(authority.key).toCryptoKey(algorithm, false, ['sign']),
    signingAlgorithm: algorithm,
    notBefore: validFrom,
    notAfter: new Date(Math.min(now.getTime() + serverDays * dayMs, issuer.notAfter.getTime())),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      // Firmware of today still exchanges keys by RSA encryption (RFC 5246 section 7.4.2).
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  const key = pkcs8(keys.privateKey)
  const shown = new X509Certificate(made.toString('pem'))
  const certificate = chainOf(shown, authority)
  await replaceFile(file, key + certificate, { mode: 0o600, refusesLinks: true })
  return { key, certificate, fingerprint: shown.fingerprint256 }
}

/** A name of RFC 2253 in one line. */
const nameIn = (subject: string): string => subject.replaceAll('\n', ', ')

const fields = { cert: 'https.certificate', key: 'https.key', otherwise: 'write null into https.certificate and https.key' } // prettier-ignore

/** Purposes of RFC 5280 section 4.2.1.12: server authentication, and any. */
const serverAuth = '1.3.6.1.5.5.7.3.1'
const anyPurpose = '2.5.29.37.0'

/** A certificate of the person's with what may keep machines from taking it. `names` are those it is looked at for. */
export async function personsCertificate(
  files: { readonly cert: string; readonly key: string },
  names: readonly string[],
  now = new Date(),
): Promise<{ readonly certificate: ServerCertificate; readonly warnings: readonly string[] }> {
  const certificate = await namedCertificate(files, now, fields)
  const shown = new X509Certificate(certificate.certificate)
  const missing = names.filter((name) => !covers(shown, name))
  if (missing.length > 0)
    throw new CertificateError(
      `https.certificate ${files.cert} is not valid for ${missing.join(', ')}, where machines are sent (it names ${shown.subjectAltName ?? 'nothing'})`,
      'Write one of its names into https.host, or have it issued for the address.', // prettier-ignore
    )
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = shown.publicKey
  const bits = details?.modulusLength ?? 0
  const warnings: string[] = []
  if (type !== 'rsa')
    warnings.push(`https.certificate ${files.cert} has a key of type ${type}: UEFI firmware of today offers RSA suites alone and refuses it. Use a certificate with an RSA key of 3072 bits`) // prettier-ignore
  else if (bits < 3072)
    warnings.push(`https.certificate ${files.cert} has an RSA key of ${bits} bits: EDK2 refuses it since 2025.11. Use 3072 bits or more`) // prettier-ignore
  const chain = certificatesIn(certificate.certificate)
  const at = chain.findIndex((one, index) => chain[index + 1] !== undefined && !one.checkIssued(chain[index + 1]!))
  if (at >= 0) {
    const issuer = nameIn(chain[at]!.issuer)
    const isThere = chain.some((one) => chain[at]!.checkIssued(one))
    warnings.push(
      isThere
        ? `https.certificate ${files.cert} holds its certificates in the wrong order: iPXE refuses that. Put each before the one that issued it, the server's own first`
        : `https.certificate ${files.cert} lacks the certificate of ${issuer}, which issued ${nameIn(chain[at]!.subject)}: machines that do not have it refuse the server. Put it behind that`,
    )
  }
  // RFC 5280 section 4.2.1.12: a certificate that names purposes is for these alone.
  const purposes = shown.keyUsage as readonly string[] | undefined
  if (purposes && !purposes.includes(serverAuth) && !purposes.includes(anyPurpose))
    warnings.push(`https.certificate ${files.cert} is not for web servers: its extended key usage lacks serverAuth, and machines refuse it. Have it issued for server authentication`) // prettier-ignore
  for (const one of chain.slice(1)) {
    const [from, until] = [new Date(one.validFrom), new Date(one.validTo)]
    if (until < now)
      warnings.push(`https.certificate ${files.cert} holds the certificate of ${nameIn(one.subject)}, which expired on ${one.validTo}: machines that look at dates refuse the server. Put its renewed certificate there`) // prettier-ignore
    else if (from > now)
      warnings.push(`https.certificate ${files.cert} holds the certificate of ${nameIn(one.subject)}, which is valid from ${one.validFrom} only: machines that look at dates refuse the server`) // prettier-ignore
  }
  const leftDays = Math.floor((new Date(shown.validTo).getTime() - now.getTime()) / dayMs)
  if (leftDays < 30) warnings.push(`https.certificate ${files.cert} expires on ${shown.validTo}, in ${leftDays} days`)
  return { certificate, warnings }
}
