/** A TLS handshake that came to nothing: what each side said, and what of the certificate explains it. */
import { say, together, type Message, type Phrase } from '#messages/message.ts'
import { commonName, isFor, type Certificate } from '../../wire/certificate.ts'
import { formatHost, formatIp } from '../../wire/ip-address.ts'
import { formatUtc, utcSeconds } from '../../wire/time.ts'
import { tls13, tlsAlertName } from '../../wire/tls.ts'
import type { HttpEvent } from '../../trace/events.ts'
import type { Failed } from './account.ts'

export interface ToldHandshake extends Pick<Failed, 'title' | 'because' | 'causes'> {
  readonly text: Phrase
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

/** A certificate as a clause. */
const shownAs = ({ names = [], subject, issuer, notBefore, notAfter, keyType, keyBits }: Certificate): Phrase => {
  const details: Phrase[] = [
    names.length === 0
      ? commonName(subject)
      : names.length > 4
        ? say('tls.for-more', { names: names.slice(0, 4), count: names.length - 4 })
        : say('tls.for', { names }),
    ...(issuer === ''
      ? []
      : [issuer === subject ? say('tls.self-signed') : say('tls.issued-by', { issuer: commonName(issuer) })]),
    ...(notBefore === undefined || notAfter === undefined
      ? []
      : [say('tls.valid', { from: dateOf(notBefore), until: dateOf(notAfter) })]),
    ...(keyBits === 0 && keyType === ''
      ? []
      : [say('tls.key', { type: keyBits === 0 ? keyType : `${keyType} ${keyBits}` })]),
  ]
  return say('tls.details', { details })
}

/** What of a certificate makes clients refuse it, the surest first; the time is that of the capture, in milliseconds since 1970. */
function faultsOf(certificate: Certificate, host: string, timeMs: number): ToldFault[] {
  const { names = [], subject, notBefore, notAfter, keyType, keyBits } = certificate
  const faults: ToldFault[] = []
  if (isFor(certificate, host) === false)
    faults.push({
      fault: 'name',
      title: say('tls.other-name', { host }),
      because:
        names.length > 0 || commonName(subject) !== ''
          ? say('tls.other-name-because', { names: names.length > 0 ? names : [commonName(subject)], host })
          : say('tls.no-name-because', { host }),
      isSure: true,
    })
  // Captures made with a wrong clock are common, and EDK2 before edk2-stable202508 sets X509_V_FLAG_NO_CHECK_TIME.
  const isDated = timeMs > firstCaptures
  if (isDated && notAfter !== undefined && timeMs > notAfter)
    faults.push({
      fault: 'date',
      title: say('tls.expired'),
      because: say('tls.expired-because', { date: dateOf(notAfter) }),
      isSure: false,
    })
  if (isDated && notBefore !== undefined && timeMs < notBefore)
    faults.push({
      fault: 'date',
      title: say('tls.not-yet-valid'),
      because: say('tls.not-yet-valid-because', { date: dateOf(notBefore) }),
      isSure: false,
    })
  if (keyType === 'RSA' && keyBits > 0 && keyBits < 3072)
    faults.push({
      fault: 'key',
      because: say('tls.short-key', { bits: keyBits }),
      isSure: false,
    })
  return faults
}

interface ToldFault extends Pick<Failed, 'title' | 'because'> {
  readonly fault: 'name' | 'date' | 'key' | 'trust'
  readonly isSure: boolean
}

/** `url` is what the client was told to load, where it was. */
export function tellHandshake(
  file: HttpEvent,
  url: string | undefined,
  timeMs: number,
  source: 'capture' | 'network',
): ToldHandshake {
  const { tls, hungUpFrame } = file
  const where = `${formatHost(file.server)}:${file.serverPort}`
  const host = hostOf(file, url)
  // iPXE names an address, too, which RFC 6066 section 3 does not allow.
  const named = tls && tls.serverName !== '' && tls.serverName !== formatIp(file.server) ? ` (${tls.serverName})` : ''
  const server = `${where}${named}`
  const certificate = tls?.server?.certificate
  const faults = certificate ? faultsOf(certificate, host, timeMs) : []
  const frames = [tls?.helloFrame ?? -1, tls?.serverFrame ?? -1, tls?.alert?.frame ?? hungUpFrame].filter(
    (one) => one >= 0,
  )
  const told = (text: Phrase, fault?: ToldFault): ToldHandshake => ({
    text,
    frames,
    ...(fault?.because === undefined ? {} : { because: fault.because }),
    ...(fault?.title === undefined ? {} : { title: fault.title }),
    // With the certificate at hand, what it disproves is no cause.
    ...(fault && certificate
      ? {
          causes: [...faults, trustFault(certificate)].flatMap((one) =>
            one?.because !== undefined && one.fault !== fault.fault ? [one.because] : [],
          ),
        }
      : {}),
  })
  if (tls?.alert && tls.alert.code !== undefined) {
    const { code, isByClient } = tls.alert
    const isRefused = isByClient && refusals.has(code)
    const meaning = alertMeans(code, isByClient, certificate)
    const alert = {
      server: isByClient ? server : where,
      by: isByClient ? 'client' : 'server',
      alert: tlsAlertName(code),
    }
    const text = together([
      meaning === undefined ? say('tls.alert', alert) : say('tls.alert-means', { ...alert, meaning }),
      ...(isRefused && certificate ? [say('tls.certificate-is', { certificate: shownAs(certificate) })] : []),
    ])
    const own = namedCauses[code]
    // An alert names its own reason; one that names none is explained by the certificate.
    if (own !== undefined && (!certificate || !isRefused)) return { ...told(text), causes: [own] }
    if (!isRefused) return told(text)
    if (code === 48) return told(text, trustFault(certificate))
    if (code === 45)
      return told(
        text,
        faults.find((one) => one.fault === 'date'),
      )
    return told(text, faults.find((one) => one.isSure) ?? faults[0])
  }
  if (tls?.alert) return told(say('tls.alert-encrypted', { server, source }))
  const saw = say('tls.saw', {
    server,
    shown: certificate ? 'yes' : 'no',
    certificate: certificate && shownAs(certificate),
  })
  const [fault] = faults
  if (tls?.server?.version === tls13)
    return told(together([say('tls.ended', { saw }), say('tls.certificate-encrypted', { source })]))
  if (!certificate) return told(say('tls.edk2-does-so', { saw }))
  if (fault?.isSure) return told(together([say('tls.ended', { saw }), say('tls.not-for', { host })]), fault)
  if (fault?.title !== undefined) return told(together([say('tls.ended', { saw }), fault.because!]), fault)
  const trust = trustFault(certificate)
  return told(
    together([
      say('tls.ended', { saw }),
      say('tls.likely-trust', { authority: whoIssued(certificate) }),
      ...(fault?.because === undefined ? [] : [fault.because]),
    ]),
    trust,
  )
}

const whoIssued = ({ issuer, subject }: Certificate): Phrase =>
  issuer === ''
    ? say('tls.some-authority')
    : issuer === subject
      ? say('tls.signed-itself', { name: commonName(issuer) })
      : say('tls.authority', { name: commonName(issuer) })

const trustFault = (certificate: Certificate | undefined): ToldFault | undefined =>
  certificate && {
    fault: 'trust',
    because: say('tls.no-trust', { authority: whoIssued(certificate) }),
    isSure: false,
  }

const noSuite = say('tls.no-suite')
/** What an alert says by itself (RFC 8446 section 6.2). */
const namedCauses: Readonly<Record<number, Message>> = {
  40: noSuite,
  45: say('tls.by-clock'),
  48: say('tls.unknown-authority'),
  70: say('tls.no-version'),
  71: noSuite,
} // prettier-ignore

/** RFC 5246 section 7.2.2, RFC 8446 section 6.2. */
function alertMeans(code: number, isByClient: boolean, certificate: Certificate | undefined): Phrase | undefined {
  if (isByClient && code === 48)
    return certificate
      ? say('tls.means-no-trust', { authority: whoIssued(certificate) })
      : say('tls.means-no-trust-some')
  if (isByClient && code === 45) return say('tls.means-by-clock')
  if (isByClient && [42, 43, 46].includes(code)) return say('tls.means-not-accepted')
  if (code === 40) return say('tls.means-no-suite')
  return code === 70 ? say('tls.means-no-version') : undefined
}
