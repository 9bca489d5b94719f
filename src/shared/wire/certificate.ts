/**
 * What an X.509 certificate says of itself (RFC 5280 section 4.1), read from its DER as far as it goes: a capture may hold the
 * beginning alone. Nothing is verified. Total: what is no certificate yields undefined.
 */
import { decodeText, formatIpv4, formatIpv6, u32At } from './bytes.ts'
import { utcSeconds } from './time.ts'

export interface Certificate {
  /** `CN=boot.lab.test, O=Lab`; empty where it has no name. */
  readonly subject: string
  readonly issuer: string
  /** Milliseconds since 1970; undefined where the bytes end before, or are no time. */
  readonly notBefore: number | undefined
  readonly notAfter: number | undefined
  /** `RSA`, `EC`, another in words; empty where the bytes end before. */
  readonly keyType: string
  /** Of an RSA key; 0 where it is another or unknown. */
  readonly keyBits: number
  /** Names and addresses in subjectAltName; undefined where the bytes end before the extensions do. */
  readonly names: readonly string[] | undefined
}

interface Element {
  readonly tag: number
  readonly at: number
  /** Where its content begins and ends; the end may lie behind the bytes that are there. */
  readonly from: number
  readonly to: number
}

/** The element at `at` (X.690 section 8.1): tags of one octet, lengths of up to four. */
function elementAt(bytes: Uint8Array, at: number): Element | undefined {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) return undefined
  if (first < 0x80) return { tag, at, from: at + 2, to: at + 2 + first }
  const count = first & 0x7f
  if (count === 0 || count > 4 || at + 2 + count > bytes.length) return undefined
  let length = 0
  for (let octet = 0; octet < count; octet++) length = length * 256 + bytes[at + 2 + octet]!
  return { tag, at, from: at + 2 + count, to: at + 2 + count + length }
}

/** The elements in another, as far as they begin within the bytes. */
function* inside(bytes: Uint8Array, { from, to }: Element): Generator<Element, void, undefined> {
  for (let at = from; at < to;) {
    const one = elementAt(bytes, at)
    if (!one) return
    yield one
    at = one.to
  }
}

const tags = { integer: 2, bits: 3, octets: 4, identifier: 6, utcTime: 0x17, time: 0x18, sequence: 0x30, set: 0x31 } as const // prettier-ignore
const version = 0xa0
const extensions = 0xa3

const hex = (bytes: Uint8Array, { from, to }: Element): string =>
  Array.from(bytes.subarray(from, to), (octet) => octet.toString(16).padStart(2, '0')).join('')

/** Object identifiers by their content in hexadecimal. */
const attributes: Readonly<Record<string, string>> = {
  '550403': 'CN',
  '550406': 'C',
  '550407': 'L',
  '550408': 'ST',
  '55040a': 'O',
  '55040b': 'OU',
}
const keys: Readonly<Record<string, string>> = {
  '2a864886f70d010101': 'RSA',
  '2a864886f70d01010a': 'RSA-PSS',
  '2a8648ce3d0201': 'EC',
  '2b6570': 'Ed25519',
  '2b6571': 'Ed448',
}
const subjectAltName = '551d11'

function textOf(bytes: Uint8Array, { tag, from, to }: Element): string {
  const content = bytes.subarray(from, to)
  // BMPString: two octets a character.
  if (tag === 0x1e) return Array.from({ length: content.length >> 1 }, (_, at) => String.fromCharCode(content[2 * at]! * 256 + content[2 * at + 1]!)).join('') // prettier-ignore
  return decodeText(content)
}

/** A distinguished name (section 4.1.2.4), the most telling part first. */
function nameOf(bytes: Uint8Array, name: Element): string {
  const parts: string[] = []
  for (const set of inside(bytes, name))
    for (const pair of inside(bytes, set)) {
      const [type, value] = inside(bytes, pair)
      const short = type && attributes[hex(bytes, type)]
      if (short !== undefined && value && value.to <= bytes.length) parts.push(`${short}=${textOf(bytes, value)}`)
    }
  return parts.toSorted((a, b) => Number(b.startsWith('CN=')) - Number(a.startsWith('CN='))).join(', ')
}

/** UTCTime and GeneralizedTime in the only forms that section 4.1.2.5 allows, both in UTC. */
function timeOf(bytes: Uint8Array, element: Element | undefined): number | undefined {
  if (!element || element.to > bytes.length) return undefined
  const match = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(decodeText(bytes.subarray(element.from, element.to))) // prettier-ignore
  if (!match || (match[1]!.length === 2) !== (element.tag === tags.utcTime)) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [number, number, number, number, number, number] // prettier-ignore
  const whole = element.tag === tags.utcTime ? year + (year < 50 ? 2000 : 1900) : year
  return utcSeconds(whole, month, day, hour, minute, second) * 1000
}

/** The length of an RSA modulus (RFC 8017 appendix A.1.1) in bits. */
function modulusBits(bytes: Uint8Array, key: Element | undefined): number {
  // A BIT STRING begins with the count of unused bits.
  const pair = key?.tag === tags.bits ? elementAt(bytes, key.from + 1) : undefined
  const modulus = pair?.tag === tags.sequence ? elementAt(bytes, pair.from) : undefined
  if (modulus?.tag !== tags.integer) return 0
  const first = bytes[modulus.from] === 0 ? modulus.from + 1 : modulus.from
  const top = bytes[first]
  return top === undefined || top === 0 ? 0 : (modulus.to - first) * 8 - (Math.clz32(top) - 24)
}

/** subjectAltName (section 4.2.1.6): DNS names and addresses; other kinds say nothing about a web server. */
function namesOf(bytes: Uint8Array, value: Element): string[] {
  const list = elementAt(bytes, value.from)
  const names: string[] = []
  if (list?.tag === tags.sequence)
    for (const { tag, from, to } of inside(bytes, list)) {
      if (tag === 0x82) names.push(decodeText(bytes.subarray(from, to)))
      else if (tag === 0x87 && to - from === 4) names.push(formatIpv4(u32At(bytes, from)))
      else if (tag === 0x87 && to - from === 16) names.push(formatIpv6(bytes, from))
    }
  return names
}

/** `bytes` begin with a certificate; they may end before it does. */
export function readCertificate(bytes: Uint8Array): Certificate | undefined {
  const whole = elementAt(bytes, 0)
  const signed = whole?.tag === tags.sequence ? elementAt(bytes, whole.from) : undefined
  if (signed?.tag !== tags.sequence) return undefined
  const fields = [...inside(bytes, signed)]
  if (fields[0]?.tag === version) fields.shift()
  // Serial number, signature algorithm, issuer, validity, subject, key; identifiers that nobody uses; extensions.
  const [serial, , issuer, validity, subject, key, ...others] = fields
  if (serial?.tag !== tags.integer || issuer?.tag !== tags.sequence) return undefined
  const [notBefore, notAfter] = validity?.tag === tags.sequence ? inside(bytes, validity) : []
  const [algorithm, modulus] = key?.tag === tags.sequence ? inside(bytes, key) : []
  const [type] = algorithm ? inside(bytes, algorithm) : []
  const keyType = type && type.to <= bytes.length ? (keys[hex(bytes, type)] ?? 'of another kind') : ''
  let names: string[] | undefined
  if (signed.to <= bytes.length) {
    names = []
    for (const wrapper of others)
      if (wrapper.tag === extensions)
        for (const list of inside(bytes, wrapper))
          for (const extension of inside(bytes, list)) {
            const parts = [...inside(bytes, extension)]
            const value = parts.at(-1)
            if (parts[0] && value?.tag === tags.octets && hex(bytes, parts[0]) === subjectAltName)
              names.push(...namesOf(bytes, value))
          }
  }
  return {
    subject: subject?.tag === tags.sequence && subject.to <= bytes.length ? nameOf(bytes, subject) : '',
    issuer: nameOf(bytes, issuer),
    notBefore: timeOf(bytes, notBefore),
    notAfter: timeOf(bytes, notAfter),
    keyType,
    keyBits: keyType.startsWith('RSA') ? modulusBits(bytes, modulus) : 0,
    names,
  }
}

/** The common name in a distinguished name; the whole where it has none. */
export const commonName = (name: string): string => /(?:^|, )CN=([^,]*)/.exec(name)?.[1] ?? name

/**
 * Whether a certificate is for a host, an address or a name as it stands in a URL (RFC 9110 section 4.3.4): addresses as they are,
 * names by RFC 6125 section 6.4, the common name where it has no names at all. Undefined where the names are not known.
 */
export function isFor({ names, subject }: Certificate, host: string): boolean | undefined {
  if (!names) return undefined
  const isAddress = /^[\d.]+$|:/.test(host)
  const wanted = host.replace(/^\[|\]$/g, '').toLowerCase()
  const matches = (name: string): boolean => {
    const given = name.toLowerCase()
    if (given === wanted) return true
    return !isAddress && given.startsWith('*.') && wanted.includes('.') && wanted.slice(wanted.indexOf('.')) === given.slice(1) // prettier-ignore
  }
  if (names.some(matches)) return true
  const dns = names.filter((name) => !/^[\d.]+$|:/.test(name))
  return !isAddress && dns.length === 0 && /(?:^|, )CN=/.test(subject) && matches(commonName(subject))
}
