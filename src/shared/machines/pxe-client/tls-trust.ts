/**
 * Whether firmware goes on with a web server over TLS, by what is enrolled in it, its release and its clock. EDK2 since
 * edk2-stable202508 looks at the dates (pull request 11250), and edk2-stable202511 asks for RSA keys of 3072 bits (pull request 11534,
 * issue 12651), which was taken back later (pull request 12681). iPXE: `x509_validate_chain` and `x509_check_name`.
 */
import { say, type Phrase } from '#messages/message.ts'
import { commonName, isFor } from '../../wire/certificate.ts'
import type { ServerFlight } from '../../wire/tls.ts'
import { formatUtc } from '../../wire/time.ts'

export const tlsReleases = ['2022.11', '2025.08', '2025.11'] as const
export type TlsRelease = (typeof tlsReleases)[number]

export interface TlsTrust {
  /** Names of the authorities that it knows. */
  readonly authorities: readonly string[]
  /** Of EDK2. */
  readonly release: TlsRelease
  /** What its clock says, in milliseconds since 1970. */
  readonly dateMs: number
}

export interface TlsRefusal {
  readonly why: 'authority' | 'name' | 'dates' | 'key'
  readonly because: Phrase
}

const day = (ms: number): string => formatUtc(BigInt(ms) * 1_000_000n).slice(0, 10)

/** Why the certificate is refused, in the order in which the software looks; undefined where it is not. */
export function judgeServer(
  { certificate }: ServerFlight,
  host: string,
  trust: TlsTrust,
  software: 'edk2' | 'ipxe',
): TlsRefusal | undefined {
  if (!certificate) return { why: 'authority', because: say('pxe-client.showed-no-certificate', { host }) }
  const { issuer, notBefore = -Infinity, notAfter = Infinity, keyType, keyBits } = certificate
  const authority = commonName(issuer)
  if (!trust.authorities.includes(authority))
    return { why: 'authority', because: say('pxe-client.certificate-untrusted', { host, authority }) } // prettier-ignore
  const looksAtDates = software === 'ipxe' || trust.release !== '2022.11'
  if (looksAtDates && trust.dateMs < notBefore)
    return { why: 'dates', because: say('pxe-client.certificate-early', { host, from: day(notBefore), now: day(trust.dateMs) }) } // prettier-ignore
  if (looksAtDates && trust.dateMs > notAfter)
    return { why: 'dates', because: say('pxe-client.certificate-expired', { host, until: day(notAfter), now: day(trust.dateMs) }) } // prettier-ignore
  if (software === 'edk2' && trust.release === '2025.11' && keyType === 'RSA' && keyBits < 3072)
    return { why: 'key', because: say('pxe-client.certificate-short-key', { host, bits: keyBits }) } // prettier-ignore
  if (isFor(certificate, host) === false)
    return { why: 'name', because:
        certificate.names && certificate.names.length > 0
          ? say('pxe-client.certificate-other-name', { names: certificate.names, host })
          : say('pxe-client.certificate-no-name', { host }) } // prettier-ignore
  return undefined
}
