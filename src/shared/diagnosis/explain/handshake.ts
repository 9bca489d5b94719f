/** A TLS handshake that came to nothing: what each side said, and what of the certificate explains it. */
import { commonName, isFor, type Certificate } from '../../wire/certificate.ts'
import { formatHost, formatIp } from '../../wire/ip-address.ts'
import { formatUtc, utcSeconds } from '../../wire/time.ts'
import { tls13, tlsAlertName } from '../../wire/tls.ts'
import type { HttpEvent } from '../../trace/events.ts'
import type { Failed } from './account.ts'

export interface ToldHandshake extends Pick<Failed, 'title' | 'because' | 'causes'> {
  readonly text: string
  readonly frames: readonly number[]
}

/** Alerts by which a client says no to the certificate, whatever its reason. */
const refusals: ReadonlySet<number> = new Set([42, 43, 45, 46, 48])
/** Captures that are older come from a machine without a clock. */
const firstCaptures = utcSeconds(2005, 1, 1, 0, 0, 0) * 1000
const dateOf = (ms: number): string => formatUtc(BigInt(ms) * 1_000_000n).slice(0, 10)

/** What the client calls the server: by its hello, by the URL it was told to load, or by its address. */
function hostOf({ tls, server }: HttpEvent, url: string | undefined): string {
  if (tls && tls.serverName !== '') return tls.serverName
  const host = /^https:\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]+)/i.exec(url ?? '')?.[1] ?? ''
  // Another address in the URL is of another connection.
  return host === '' || /^[\d.]+$|:/.test(host) ? formatIp(server) : host
}

const shownAs = ({ names, subject, issuer, notBefore, notAfter, keyType, keyBits }: Certificate): string =>
  [
    names === undefined || names.length === 0
      ? commonName(subject)
      : `for ${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}`,
    ...(issuer === '' ? [] : [issuer === subject ? 'signed by itself' : `issued by ${commonName(issuer)}`]),
    ...(notBefore === undefined || notAfter === undefined ? [] : [`valid from ${dateOf(notBefore)} to ${dateOf(notAfter)}`]),
    ...(keyBits === 0 ? (keyType === '' ? [] : [`key ${keyType}`]) : [`key ${keyType} ${keyBits}`]),
  ].join(', ') // prettier-ignore

/** What of a certificate makes clients refuse it, the surest first; the time is that of the capture, in milliseconds since 1970. */
function faultsOf(certificate: Certificate, host: string, timeMs: number): ToldFault[] {
  const { names = [], subject, notBefore, notAfter, keyType, keyBits } = certificate
  const faults: ToldFault[] = []
  if (isFor(certificate, host) === false)
    faults.push({
      title: `The certificate of the server is not for ${host}`,
      because: `The certificate is for ${names.length > 0 ? names.join(', ') : commonName(subject) || 'no name'}, and the client went to ${host}.`,
      isSure: true,
    })
  // Captures made with a wrong clock are common, and EDK2 before edk2-stable202508 sets X509_V_FLAG_NO_CHECK_TIME.
  const isDated = timeMs > firstCaptures
  if (isDated && notAfter !== undefined && timeMs > notAfter)
    faults.push({
      title: 'The certificate of the server has expired',
      because: `The certificate expired on ${dateOf(notAfter)}, before this capture. EDK2 before August 2025 does not look at that; newer firmware and iPXE do.`,
      isSure: false,
    })
  if (isDated && notBefore !== undefined && timeMs < notBefore)
    faults.push({
      title: 'The certificate of the server is not valid yet',
      because: `The certificate is valid from ${dateOf(notBefore)}, after this capture. EDK2 before August 2025 does not look at that; newer firmware and iPXE do.`,
      isSure: false,
    })
  if (keyType === 'RSA' && keyBits > 0 && keyBits < 3072)
    faults.push({
      because: `The RSA key has ${keyBits} bits: EDK2 of November 2025 and some releases after it refuse less than 3072.`,
      isSure: false,
    })
  return faults
}

interface ToldFault extends Pick<Failed, 'title' | 'because'> {
  readonly isSure: boolean
}

/** `url` is what the client was told to load, where it was. */
export function tellHandshake(file: HttpEvent, url: string | undefined, timeMs: number): ToldHandshake {
  const { tls, hungUpFrame } = file
  const where = `${formatHost(file.server)}:${file.serverPort}`
  const host = hostOf(file, url)
  // iPXE names an address, too, which RFC 6066 section 3 does not allow.
  const named = tls && tls.serverName !== '' && tls.serverName !== formatIp(file.server) ? ` (${tls.serverName})` : ''
  const certificate = tls?.server?.certificate
  const faults = certificate ? faultsOf(certificate, host, timeMs) : []
  const frames = [tls?.helloFrame ?? -1, tls?.serverFrame ?? -1, tls?.alert?.frame ?? hungUpFrame].filter(
    (one) => one >= 0,
  )
  const shown = certificate ? ` (${shownAs(certificate)})` : ''
  const told = (text: string, fault?: ToldFault): ToldHandshake => ({
    text,
    frames,
    ...(fault?.because === undefined ? {} : { because: fault.because }),
    ...(fault?.title === undefined ? {} : { title: fault.title }),
    // With the certificate at hand, what it disproves is no cause.
    ...(fault && certificate
      ? {
          causes: [...faults, trustFault(certificate)].flatMap((one) =>
            one && one.because !== undefined && one.because !== fault.because ? [one.because] : [],
          ),
        }
      : {}),
  })
  if (tls?.alert && tls.alert.code !== undefined) {
    const { code, isByClient } = tls.alert
    const isRefused = isByClient && refusals.has(code)
    const text = `${isByClient ? 'It' : where} ended the TLS handshake${isByClient ? ` with ${where}${named}` : ''} with the alert "${tlsAlertName(code)}"${alertMeans(code, isByClient, certificate)}.${isRefused && certificate ? ` The certificate is ${shownAs(certificate)}.` : ''}`
    const own = namedCauses[code]
    // An alert names its own reason; one that names none is explained by the certificate.
    if (own !== undefined && (!certificate || !isRefused)) return { ...told(text), causes: [own] }
    if (!isRefused) return told(text)
    if (code === 48) return told(text, trustFault(certificate))
    if (code === 45)
      return told(
        text,
        faults.find((one) => /expired|not valid yet/.test(one.title ?? '')),
      )
    return told(text, faults.find((one) => one.isSure) ?? faults[0])
  }
  if (tls?.alert)
    return told(`It ended the TLS handshake with ${where}${named} with an alert after the server had shown its certificate. In TLS 1.3 both are encrypted: most likely it does not accept the certificate, and the capture does not tell why.`) // prettier-ignore
  const saw = `It saw the certificate of ${where}${named}${shown} and closed the connection without an alert`
  const [fault] = faults
  if (tls?.server?.version === tls13)
    return told(`${saw}. In TLS 1.3 the certificate is encrypted: most likely the client does not accept it, and the capture does not tell why.`) // prettier-ignore
  if (!certificate)
    return told(`${saw}: EDK2 does so where it does not trust the certificate, or where it is for another name.`)
  if (fault?.isSure) return told(`${saw}. The certificate is not for ${host}, which clients do not accept.`, fault)
  if (fault?.title !== undefined) return told(`${saw}. ${fault.because}`, fault)
  const trust = trustFault(certificate)
  return told(`${saw}. Name and dates are right: most likely it does not trust ${whoIssued(certificate)}.${fault ? ` ${fault.because}` : ''}`, trust) // prettier-ignore
}

const whoIssued = ({ issuer, subject }: Certificate): string =>
  issuer === '' ? 'the authority that issued it' : issuer === subject ? `${commonName(issuer)}, which signed itself` : `the authority ${commonName(issuer)}` // prettier-ignore

const trustFault = (certificate: Certificate | undefined): ToldFault | undefined =>
  certificate && {
    because: `The client does not trust ${whoIssued(certificate)}: EDK2 knows the authorities that are enrolled in its setup alone, iPXE those of its build (TRUST=), and of these the fingerprint alone, so that the server has to send the authority's certificate too.`,
    isSure: false,
  }

const noSuite =
  'Client and server have no cipher suite in common that fits the key of the certificate: EDK2 offers suites for RSA keys, iPXE before 2024 key exchange by RSA alone.'
/** What an alert says by itself (RFC 8446 section 6.2). */
const namedCauses: Readonly<Record<number, string>> = {
  40: noSuite,
  45: 'By the clock of the client the certificate is not valid now (EDK2 before August 2025 does not look at it).',
  48: 'The client does not trust the authority that issued the certificate of the server: EDK2 knows those that are enrolled in its setup alone, iPXE those of its build (TRUST=).',
  70: 'Client and server have no version of TLS in common: iPXE 2.0 and older releases do not speak TLS 1.3.',
  71: noSuite,
} // prettier-ignore

/** RFC 5246 section 7.2.2, RFC 8446 section 6.2. */
function alertMeans(code: number, isByClient: boolean, certificate: Certificate | undefined): string {
  if (isByClient && code === 48) return `: it does not trust ${certificate ? whoIssued(certificate) : 'the authority that issued the certificate'}` // prettier-ignore
  if (isByClient && code === 45) return ': by its clock the certificate is not valid now'
  if (isByClient && [42, 43, 46].includes(code)) return ': it does not accept the certificate'
  if (code === 40) return ': client and server have no cipher suite in common that fits the key of the certificate'
  return code === 70 ? ': client and server have no version of TLS in common' : ''
}
