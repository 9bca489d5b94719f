/**
 * TLS 1.2 as simulated machines speak it (RFC 5246): real hellos, a certificate that reads as one, alerts, and the order of the
 * messages. Nothing is encrypted: what would be is made unreadable, so that a simulated capture shows what a real one does.
 */
import { bytesOfU32, concatBytes, encodeText, parseIpv4, parseIpv6, u16At } from '../wire/bytes.ts'
import { readTlsRecords, tlsContent } from '../wire/tls.ts'
import { formatUtc } from '../wire/time.ts'

const u16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 255)
const u24 = (value: number): Uint8Array => Uint8Array.of(value >> 16, (value >> 8) & 255, value & 255)
const record = (type: number, body: Uint8Array): Uint8Array => concatBytes([Uint8Array.of(type, 3, 3), u16(body.length), body]) // prettier-ignore
const message = (type: number, body: Uint8Array): Uint8Array => concatBytes([Uint8Array.of(type), u24(body.length), body]) // prettier-ignore
const filler = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 167 + 91) & 255)

/** An address as it stands in a URL or a list of names; undefined where it is a name. */
function addressBytes(host: string): Uint8Array | undefined {
  const four = parseIpv4(host)
  return four === undefined ? parseIpv6(host.replace(/^\[|\]$/g, '')) : bytesOfU32(four)
}

/** Suites of EDK2 2022.11 as captured, and what iPXE of 2026 offers beside RSA (its `crypto/mishmash`). */
export const suites = {
  edk2: [0x009f, 0x009e, 0x006b, 0x0067, 0x0039, 0x0033, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f],
  ipxe: [0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f],
} as const
/** ECDHE with ECDSA (RFC 5289): what a certificate with an EC key needs. */
const ofEllipticKeys: ReadonlySet<number> = new Set([0xc02c, 0xc02b, 0xc024, 0xc023, 0xc00a, 0xc009])

/** Addresses are not named in a hello (RFC 6066 section 3). */
export function clientHello(host: string, offered: readonly number[]): Uint8Array {
  const name = addressBytes(host) ? undefined : encodeText(host)
  const extensions = name
    ? concatBytes([u16(0), u16(name.length + 5), u16(name.length + 3), Uint8Array.of(0), u16(name.length), name])
    : new Uint8Array()
  const body = [u16(0x0303), filler(32), Uint8Array.of(0), u16(offered.length * 2), ...offered.map(u16), Uint8Array.of(1, 0), u16(extensions.length), extensions] // prettier-ignore
  return record(tlsContent.handshake, message(1, concatBytes(body)))
}

/** The suites in a hello; undefined where the bytes are none. */
export function suitesIn(bytes: Uint8Array): number[] | undefined {
  const [first] = readTlsRecords(bytes, 0, bytes.length)
  if (first?.handshake !== 1) return undefined
  const at = 44 + (bytes[43] ?? 0)
  return Array.from({ length: u16At(bytes, at) >> 1 }, (_, index) => u16At(bytes, at + 2 + 2 * index))
}

/** The suite for a kind of key; undefined where none of those offered fits. */
export const suiteFor = (offered: readonly number[], isElliptic: boolean): number | undefined =>
  offered.find((one) => ofEllipticKeys.has(one) === isElliptic)

/** What a server answers: its hello, its certificate, and that it is done. */
export function serverFlight(certificate: Uint8Array, suite: number): Uint8Array {
  const hello = message(2, concatBytes([u16(0x0303), filler(32), Uint8Array.of(0), u16(suite), Uint8Array.of(0, 0, 0)]))
  const shown = message(11, concatBytes([u24(certificate.length + 3), u24(certificate.length), certificate]))
  return concatBytes([hello, shown, message(14, new Uint8Array())].map((one) => record(tlsContent.handshake, one)))
}

export const alertRecord = (code: number): Uint8Array => record(tlsContent.alert, Uint8Array.of(2, code))
const changed = record(tlsContent.changeCipherSpec, Uint8Array.of(1))
const finished = record(tlsContent.handshake, filler(40))
/** The key, and that from now on all is encrypted. */
export const clientFinished: Uint8Array = concatBytes([record(tlsContent.handshake, message(16, filler(258))), changed, finished]) // prettier-ignore
export const serverFinished: Uint8Array = concatBytes([changed, finished])
export const isServerDone = (bytes: Uint8Array): boolean => readTlsRecords(bytes, 0, bytes.length).some((one) => one.handshake === 14) // prettier-ignore
export const alertIn = (bytes: Uint8Array): number | undefined => readTlsRecords(bytes, 0, bytes.length).find((one) => one.alert !== undefined)?.alert // prettier-ignore

/** Made unreadable, and readable again. */
const veiled = (bytes: Uint8Array): Uint8Array => bytes.map((octet) => octet ^ 0xa5)
const headerBytes = 5
/** One record stands for all that a side sends at once; `length` counts more than are carried. */
export const seal = (bytes: Uint8Array, length = bytes.length): { readonly payload: Uint8Array; readonly length: number } => ({
  payload: concatBytes([Uint8Array.of(tlsContent.applicationData, 3, 3), u16(Math.min(length, 0x4000)), veiled(bytes)]),
  length: length + headerBytes,
}) // prettier-ignore
/** `at` counts the bytes that came before on this side of the connection. */
export const opened = (payload: Uint8Array, length: number, at: number): { readonly payload: Uint8Array; readonly length: number } => {
  const skip = Math.max(0, headerBytes - at)
  return { payload: veiled(payload.subarray(skip)), length: length - Math.min(skip, length) }
} // prettier-ignore

export interface ShownCertificate {
  readonly issuer: string
  readonly names: readonly string[]
  /** Milliseconds since 1970. */
  readonly from: number
  readonly until: number
  readonly isElliptic: boolean
  readonly keyBits: number
}

function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(parts)
  const { length } = body
  const size = length < 0x80 ? Uint8Array.of(length) : length < 0x100 ? Uint8Array.of(0x81, length) : Uint8Array.of(0x82, length >> 8, length & 255) // prettier-ignore
  return concatBytes([Uint8Array.of(tag), size, body])
}

const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts)
const identifier = (...octets: readonly number[]): Uint8Array => der(6, Uint8Array.from(octets))
const named = (name: string): Uint8Array => sequence(der(0x31, sequence(identifier(0x55, 4, 3), der(0x0c, encodeText(name))))) // prettier-ignore
const timed = (ms: number): Uint8Array => der(0x18, encodeText(formatUtc(BigInt(ms) * 1_000_000n).replace(/[-:T]|\.000/g, ''))) // prettier-ignore
const rsa = identifier(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1)
const sha256WithRsa = sequence(identifier(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11), der(5))
const elliptic = identifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1)
const p256 = identifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7)

/** A certificate that reads as one (RFC 5280 section 4.1) and that nobody signed. */
export function certificateBytes({ issuer, names, from, until, isElliptic, keyBits }: ShownCertificate): Uint8Array {
  const modulus = concatBytes([Uint8Array.of(0, 0x80), filler(keyBits / 8 - 1)])
  const key = isElliptic
    ? sequence(sequence(elliptic, p256), der(3, Uint8Array.of(0, 4), filler(64)))
    : sequence(sequence(rsa, der(5)), der(3, Uint8Array.of(0), sequence(der(2, modulus), der(2, Uint8Array.of(1, 0, 1))))) // prettier-ignore
  const alternatives = names.map((name) => {
    const address = addressBytes(name)
    return address ? der(0x87, address) : der(0x82, encodeText(name))
  })
  const extensions = der(0xa3, sequence(sequence(identifier(0x55, 0x1d, 0x11), der(4, sequence(...alternatives)))))
  const signed = sequence(
    der(0xa0, der(2, Uint8Array.of(2))),
    der(2, Uint8Array.of(0x40, 1)),
    sha256WithRsa,
    named(issuer),
    sequence(timed(from), timed(until)),
    named(names[0] ?? 'server'),
    key,
    extensions,
  )
  return sequence(signed, sha256WithRsa, der(3, Uint8Array.of(0), filler(256)))
}
