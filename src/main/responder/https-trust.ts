/** Whom machines must trust to boot over HTTPS from a lab, in the forms in which firmware takes it. */
import { X509Certificate } from 'node:crypto'
import type { HttpsReport } from '#shared/contract/calls.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { encodeSignatureLists } from '#shared/wire/efi-signature-list.ts'
import { readCertificate } from '#shared/wire/certificate.ts'
import { join } from 'node:path'
import { readOwnFile } from '../files/own-file.ts'
import { readTextFile } from '../files/text-file.ts'
import { whyUnread } from '../files/unreadable.ts'
import { CertificateError, certificatesIn } from '../web/certificate.ts'
import { authorityFile, certificateFile, personsCertificate, readAuthority } from './https-certificate.ts'

/** By the word for each form. */
export const trustForms: Readonly<Record<string, (authority: X509Certificate) => string | Uint8Array>> = {
  pem: (authority) => authority.toString(),
  der: ({ raw }) => Uint8Array.from(raw),
  'edk2-cacerts': ({ raw }) => encodeSignatureLists([Uint8Array.from(raw)]),
}

/** The authority in the file of a person's certificate. Throws a `CertificateError`. */
export async function authorityInFile(path: string): Promise<X509Certificate> {
  let text: string
  try {
    ;({ text } = await readTextFile(path))
  } catch (error) {
    throw new CertificateError(`https.certificate ${path} ${whyUnread(error)}`, 'Name a PEM file that this user may read.') // prettier-ignore
  }
  let certificates: X509Certificate[] = []
  try {
    certificates = certificatesIn(text)
  } catch {
    // What cannot be read is told where the certificate is shown.
  }
  const authorities = certificates.filter(({ ca }) => ca)
  // The root, wherever it stands; without one the last, which machines can trust as well.
  const authority = authorities.find(({ subject, issuer }) => subject === issuer) ?? authorities.at(-1)
  if (authority) return authority
  const [first] = certificates
  const issuer = first ? `; ${first.issuer.replaceAll('\n', ', ')} issued it` : ''
  throw new CertificateError(`https.certificate ${path} holds no certificate of an authority${issuer}`, 'Append the certificate of whoever issued it, up to the root that machines are to trust.') // prettier-ignore
}

const base64 = (content: string | Uint8Array): string => Buffer.from(content).toString('base64')

/** As a window shows it: what the lab's web server shows, and the authority above it. `state` is undefined where it is another lab's. */
export async function readHttps(
  { https }: Lab,
  resolve: (path: string) => string,
  state: string | undefined,
): Promise<HttpsReport | null> {
  if (!https.enabled) return null
  const warnings: string[] = []
  let server: X509Certificate | undefined
  let authority: X509Certificate | undefined
  const attempt = async (what: () => Promise<void>): Promise<void> => {
    try {
      await what()
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error
      warnings.push(error.message)
    }
  }
  if (https.certificate !== null && https.key !== null) {
    const files = { cert: resolve(https.certificate), key: resolve(https.key) }
    await attempt(async () => {
      const found = await personsCertificate(files, https.host === null ? [] : [https.host])
      server = new X509Certificate(found.certificate.certificate)
      warnings.push(...found.warnings)
    })
    await attempt(async () => void (authority = await authorityInFile(files.cert)))
  } else if (state !== undefined) {
    await attempt(async () => {
      const found = await readAuthority(state)
      if (found) authority = new X509Certificate(found.certificate)
    })
    // Not there before the responder has run with HTTPS.
    const text = await readOwnFile(join(state, certificateFile)).catch(() => undefined)
    if (text) server = new X509Certificate(text.text)
  }
  const read = server && readCertificate(Uint8Array.from(server.raw))
  return {
    isOwn: https.certificate === null,
    server:
      server && read
        ? { names: [...(read.names ?? [])], issuer: read.issuer, until: Date.parse(server.validTo), key: read.keyBits === 0 ? read.keyType : `${read.keyType} ${read.keyBits}` } // prettier-ignore
        : null,
    authority: authority
      ? {
          name: authority.subject.replaceAll('\n', ', '),
          until: Date.parse(authority.validTo),
          fingerprint: authority.fingerprint256,
          file: https.certificate === null ? authorityFile : resolve(https.certificate),
          pem: base64(trustForms['pem']!(authority)),
          der: base64(trustForms['der']!(authority)),
          list: base64(trustForms['edk2-cacerts']!(authority)),
        }
      : null,
    warnings,
  }
}
