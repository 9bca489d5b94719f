/**
 * Whether firmware goes on with a web server over TLS, by what is enrolled in it, its release and its clock. EDK2 since
 * edk2-stable202508 looks at the dates (pull request 11250), and edk2-stable202511 asks for RSA keys of 3072 bits (pull request 11534,
 * issue 12651), which was taken back later (pull request 12681). iPXE: `x509_validate_chain` and `x509_check_name`.
 */
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
  readonly because: string
}

const day = (ms: number): string => formatUtc(BigInt(ms) * 1_000_000n).slice(0, 10)

/** Why the certificate is refused, in the order in which the software looks; undefined where it is not. */
export function judgeServer(
  { certificate }: ServerFlight,
  host: string,
  trust: TlsTrust,
  software: 'edk2' | 'ipxe',
): TlsRefusal | undefined {
  if (!certificate) return { why: 'authority', because: `${host} showed no certificate` }
  const { issuer, notBefore = -Infinity, notAfter = Infinity, keyType, keyBits } = certificate
  const authority = commonName(issuer)
  if (!trust.authorities.includes(authority))
    return { why: 'authority', because: `the certificate of ${host} was issued by ${authority}, which this machine does not trust` } // prettier-ignore
  const looksAtDates = software === 'ipxe' || trust.release !== '2022.11'
  if (looksAtDates && trust.dateMs < notBefore)
    return { why: 'dates', because: `the certificate of ${host} is valid from ${day(notBefore)}, and the clock says ${day(trust.dateMs)}` } // prettier-ignore
  if (looksAtDates && trust.dateMs > notAfter)
    return { why: 'dates', because: `the certificate of ${host} expired on ${day(notAfter)}, and the clock says ${day(trust.dateMs)}` } // prettier-ignore
  if (software === 'edk2' && trust.release === '2025.11' && keyType === 'RSA' && keyBits < 3072)
    return { why: 'key', because: `the certificate of ${host} has an RSA key of ${keyBits} bits, and EDK2 2025.11 wants 3072` } // prettier-ignore
  if (isFor(certificate, host) === false)
    return { why: 'name', because: `the certificate is for ${certificate.names?.join(', ') || 'no name'}, and not for ${host}` } // prettier-ignore
  return undefined
}
