/**
 * What of TLS is readable without keys: records (RFC 5246 section 6.2.1, RFC 8446 section 5.1), the server name in a ClientHello
 * (RFC 6066 section 3) and alerts (RFC 5246 section 7.2, RFC 8446 section 6). Total: what is no TLS yields nothing.
 */
import { say, type Phrase } from '#messages/message.ts'
import { concatBytes, decodeText, u16At } from './bytes.ts'
import { readCertificate, type Certificate } from './certificate.ts'

export const tlsContent = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const
const clientHello = 1
const serverHello = 2
const certificate = 11
export const tls13 = 0x0304

/** Names of RFC 8446 appendix B.2 and, of those that it took out, RFC 5246 appendix A.3. */
const alertNames: Readonly<Record<number, string>> = {
  0: 'close notify',
  10: 'unexpected message',
  20: 'bad record MAC',
  22: 'record overflow',
  40: 'handshake failure',
  42: 'bad certificate',
  43: 'unsupported certificate',
  44: 'certificate revoked',
  45: 'certificate expired',
  46: 'certificate unknown',
  47: 'illegal parameter',
  48: 'unknown CA',
  49: 'access denied',
  50: 'decode error',
  51: 'decrypt error',
  70: 'protocol version',
  71: 'insufficient security',
  80: 'internal error',
  86: 'inappropriate fallback',
  90: 'user canceled',
  109: 'missing extension',
  110: 'unsupported extension',
  112: 'unrecognized name',
  116: 'certificate required',
  120: 'no application protocol',
}
export const tlsAlertName = (code: number): string => alertNames[code] ?? `number ${code}`

const handshakeNames: Readonly<Record<number, string>> = {
  1: 'Client Hello',
  2: 'Server Hello',
  4: 'New Session Ticket',
  11: 'Certificate',
  12: 'Server Key Exchange',
  13: 'Certificate Request',
  14: 'Server Hello Done',
  16: 'Client Key Exchange',
}

export interface TlsRecord {
  readonly type: number
  readonly at: number
  /** With its header, as far as it is in these bytes. */
  readonly length: number
  /** Of a handshake that is not encrypted; 0 elsewhere. */
  readonly handshake: number
  /** What the client calls the server; empty where it does not say, as with an address. */
  readonly serverName: string
  /** Undefined where it is no alert, or one that only the two ends can read. */
  readonly alert: number | undefined
}

/** Records that begin one behind the other at `at`; none where that is no beginning of a record. */
export function readTlsRecords(bytes: Uint8Array, at: number, end: number): TlsRecord[] {
  const records: TlsRecord[] = []
  let isEncrypted = false
  for (let cursor = at; cursor + 5 <= end && records.length < 16;) {
    const type = bytes[cursor]!
    const size = u16At(bytes, cursor + 3)
    if (type < 20 || type > 23 || bytes[cursor + 1] !== 3 || bytes[cursor + 2]! > 4 || size > 0x4800) break
    const stop = Math.min(end, cursor + 5 + size)
    const handshake = type === tlsContent.handshake && !isEncrypted ? (bytes[cursor + 5] ?? 0) : 0
    records.push({
      type,
      at: cursor,
      length: stop - cursor,
      handshake: handshake in handshakeNames ? handshake : 0,
      serverName: handshake === clientHello ? serverNameOf(bytes, cursor + 9, stop) : '',
      // One of two bytes is in the clear.
      alert: type === tlsContent.alert && size === 2 && stop === cursor + 7 ? bytes[cursor + 6] : undefined,
    })
    isEncrypted ||= type === tlsContent.changeCipherSpec
    cursor += 5 + size
  }
  return records
}

/** `at` is behind the header of the message. */
function serverNameOf(bytes: Uint8Array, at: number, end: number): string {
  // Version, random and the session, then suites and compression methods, each behind its length.
  let cursor = at + 34
  cursor += 1 + (bytes[cursor] ?? end)
  if (cursor + 2 > end) return ''
  cursor += 2 + u16At(bytes, cursor)
  cursor += 1 + (bytes[cursor] ?? end)
  for (cursor += 2; cursor + 4 <= end;) {
    const size = u16At(bytes, cursor + 2)
    // Extension 0: a list with the kind of name (0) and its length.
    if (u16At(bytes, cursor) === 0 && size > 5 && cursor + 4 + size <= end && bytes[cursor + 6] === 0)
      return decodeText(bytes.subarray(cursor + 9, cursor + 9 + Math.min(u16At(bytes, cursor + 7), size - 5)))
    cursor += 4 + size
  }
  return ''
}

/** What a server shows before it encrypts: its hello and, up to TLS 1.2, its certificate. */
export interface ServerFlight {
  /** What was agreed upon: 0x0303 is TLS 1.2, 0x0304 TLS 1.3 (RFC 8446 section 4.2.1). */
  readonly version: number
  /** By its number (RFC 8446 appendix B.4). */
  readonly suite: number
  /** The server's own; undefined where it is encrypted, or not among these bytes. */
  readonly certificate: Certificate | undefined
  /** Whether all bytes of that certificate were there. */
  readonly isWhole: boolean
}

export const tlsVersionName = (version: number): string =>
  version >= 0x0301 && version <= tls13 ? `TLS 1.${version - 0x0301}` : version === 0x0300 ? 'SSL 3.0' : hexOf(version)
export const hexOf = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`

/** From the first bytes that a server sent on a connection, in order; undefined where they are no hello of a server. */
export function readServerFlight(bytes: Uint8Array): ServerFlight | undefined {
  const parts: Uint8Array[] = []
  for (const { type, at, length } of readTlsRecords(bytes, 0, bytes.length)) {
    if (type !== tlsContent.handshake) break
    parts.push(bytes.subarray(at + 5, at + length))
  }
  return readHandshakes(concatBytes(parts))
}

/** The same from handshake messages without the headers of their records. */
export function readHandshakes(bytes: Uint8Array): ServerFlight | undefined {
  let flight: ServerFlight | undefined
  for (let at = 0; at + 4 <= bytes.length;) {
    const type = bytes[at]!
    const end = at + 4 + bytes[at + 1]! * 65_536 + u16At(bytes, at + 2)
    const body = bytes.subarray(at + 4, end)
    if (type === serverHello && body.length >= 38) {
      const suiteAt = 35 + body[34]!
      // A server that speaks TLS 1.3 says so in an extension, and 1.2 in the field that is for it (section 4.1.3).
      let version = u16At(body, 0)
      if (suiteAt + 5 <= body.length)
        for (let cursor = suiteAt + 5; cursor + 6 <= body.length; cursor += 4 + u16At(body, cursor + 2))
          if (u16At(body, cursor) === 43) version = u16At(body, cursor + 4)
      flight = { version, suite: suiteAt + 2 <= body.length ? u16At(body, suiteAt) : 0, certificate: undefined, isWhole: false } // prettier-ignore
    } else if (type === certificate && body.length > 6) {
      // The lengths of the list and of the first certificate, three octets each (RFC 5246 section 7.4.2).
      const size = body[3]! * 65_536 + u16At(body, 4)
      const der = body.subarray(6, 6 + size)
      return { version: 0, suite: 0, ...flight, certificate: readCertificate(der), isWhole: der.length === size }
    }
    at = end
  }
  return flight
}

/** As people read it: `Client Hello to boot.lab.test`, `alert: unknown CA`. */
export function tlsText({ type, handshake, serverName, alert }: TlsRecord): Phrase {
  switch (type) {
    case tlsContent.alert:
      return alert === undefined
        ? say('wire.tls-alert-encrypted')
        : say('wire.tls-alert', { alert: tlsAlertName(alert) })
    case tlsContent.handshake: {
      const message = handshakeNames[handshake] ?? say('wire.tls-handshake-encrypted')
      return serverName === '' ? message : say('wire.tls-to', { message, server: serverName })
    }
    case tlsContent.changeCipherSpec:
      return 'Change Cipher Spec'
    default:
      return say('wire.tls-application-data')
  }
}
