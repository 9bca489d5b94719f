/**
 * Bytes and their texts: addresses, hexadecimal, ASCII and UTF-8. IPv4 addresses are unsigned 32-bit numbers inside the
 * program, so that subnets are arithmetic; they become text only at its borders.
 */

/** Something wrong in bytes that came from outside: where it is, which field it spoils, and why. */
export interface Problem {
  /** Offset in the datagram's payload, in bytes. */
  readonly at: number
  readonly field: string
  readonly message: string
}

/** Addresses repeat, one or two for thousands of packets in a row: the last texts are kept. */
const recentAddresses = { numbers: new Uint32Array(256), texts: Array.from({ length: 256 }, () => '0.0.0.0') }

export function formatIpv4(address: number): string {
  const slot = (address ^ (address >>> 8)) & 255
  if (recentAddresses.numbers[slot] === address) return recentAddresses.texts[slot]!
  recentAddresses.numbers[slot] = address
  return (recentAddresses.texts[slot] =
    `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`)
}

const recentEnds = {
  addresses: new Uint32Array(256),
  ports: new Int32Array(256).fill(-1),
  texts: Array.from({ length: 256 }, () => ''),
}

/** `10.0.0.1:69`: an end of a conversation, which repeats as addresses do. */
export function formatEnd(address: number, port: number): string {
  const slot = (address ^ (address >>> 8) ^ port) & 255
  const { addresses, ports, texts } = recentEnds
  if (addresses[slot] === address && ports[slot] === port) return texts[slot]!
  addresses[slot] = address
  ports[slot] = port
  return (texts[slot] = `${formatIpv4(address)}:${port}`)
}

/** A dotted quad as a 32-bit number; undefined where the text is none. */
export function parseIpv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text.trim())
  if (!match) return undefined
  let address = 0
  for (const part of match.slice(1)) {
    const octet = Number(part)
    if (octet > 255) return undefined
    address = address * 256 + octet
  }
  return address
}

/**
 * The sixteen octets at `at` as RFC 5952 writes them: the longest run of at least two zero groups, the first of several, becomes
 * `::`; what ends in an IPv4 address (`::ffff:192.0.2.1`, section 5) shows it.
 */
export function formatIpv6(bytes: Uint8Array, at = 0): string {
  let from = 8
  let length = 1
  for (let group = 0; group < 8;) {
    let end = group
    while (end < 8 && u16At(bytes, at + end * 2) === 0) end++
    if (end - group > length) {
      from = group
      length = end - group
    }
    group = end + 1
  }
  const isMapped = from === 0 && (length === 6 || (length === 5 && u16At(bytes, at + 10) === 0xffff))
  const last = isMapped ? 6 : 8
  let text = ''
  for (let group = 0; group < last; group++) {
    if (group === from) {
      text += '::'
      group += length - 1
    } else text += `${text === '' || text.endsWith(':') ? '' : ':'}${u16At(bytes, at + group * 2).toString(16)}`
  }
  if (!isMapped) return text
  return `${text}${text.endsWith(':') ? '' : ':'}${formatIpv4(u32At(bytes, at + 12))}`
}

/** The sixteen octets of an IPv6 address in any spelling of RFC 4291 section 2.2; undefined where the text is none. */
export function parseIpv6(text: string): Uint8Array | undefined {
  const mixed = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const ipv4 = mixed ? parseIpv4(mixed[2]!) : 0
  if (ipv4 === undefined) return undefined
  const plain = mixed ? `${mixed[1]!}${(ipv4 >>> 16).toString(16)}:${(ipv4 & 0xffff).toString(16)}` : text
  const [left, right, ...more] = plain.split('::')
  if (left === undefined || more.length > 0) return undefined
  const groupsOf = (part: string | undefined): string[] => (part === undefined || part === '' ? [] : part.split(':'))
  const [head, tail] = [groupsOf(left), groupsOf(right)]
  const gap = 8 - head.length - tail.length
  if (right === undefined ? gap !== 0 : gap < 1) return undefined
  const groups = [...head, ...Array<string>(gap).fill('0'), ...tail]
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined
  return concatBytes(groups.map((group) => bytesOfU16(parseInt(group, 16))))
}

/** The mask of a prefix length, 0 to 32. */
export const maskOf = (prefixLength: number): number => (prefixLength === 0 ? 0 : (~0 << (32 - prefixLength)) >>> 0)

export interface Ipv4Network {
  readonly address: number
  readonly prefixLength: number
}

/** `192.168.77.0/24` as network address and prefix length; undefined where the text is none or has host bits set. */
export function parseIpv4Network(text: string): Ipv4Network | undefined {
  const [addressText, prefixText, ...rest] = text.trim().split('/')
  if (addressText === undefined || prefixText === undefined || rest.length > 0) return undefined
  const address = parseIpv4(addressText)
  const prefixLength = /^\d{1,2}$/.test(prefixText) ? Number(prefixText) : NaN
  if (address === undefined || !(prefixLength <= 32)) return undefined
  if ((address & maskOf(prefixLength)) >>> 0 !== address) return undefined
  return { address, prefixLength }
}

export const isInNetwork = (address: number, network: Ipv4Network): boolean =>
  (address & maskOf(network.prefixLength)) >>> 0 === network.address

export const broadcastOf = (network: Ipv4Network): number => (network.address | ~maskOf(network.prefixLength)) >>> 0

const hexByte: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'))

export function formatHex(bytes: Uint8Array, separator = ''): string {
  let text = ''
  for (let at = 0; at < bytes.length; at++) text += (at > 0 ? separator : '') + hexByte[bytes[at]!]!
  return text
}

/** Hexadecimal digits, optionally separated by spaces, colons or dashes; undefined where the text is something else. */
export function parseHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/^0x/i, '').replace(/[\s:-]/g, '')
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) return undefined
  const bytes = new Uint8Array(digits.length / 2)
  for (let at = 0; at < bytes.length; at++) bytes[at] = parseInt(digits.slice(at * 2, at * 2 + 2), 16)
  return bytes
}

/** `apply` takes a typed array as it is; spreading it would go through an iterator. */
const plainText = (codes: ArrayLike<number>): string => String.fromCharCode.apply(null, codes as number[])

const hexDigit = (value: number): number => value + (value < 10 ? 48 : 87)
const macCodes = Array.from({ length: 17 }, () => 58)

/** Six octets as `52:54:00:00:00:01`, other lengths alike. Made in one piece: pieced together it would be kept as a rope. */
export function formatMac(bytes: Uint8Array): string {
  if (bytes.length !== 6) return formatHex(bytes, ':')
  for (let at = 0; at < 6; at++) {
    macCodes[at * 3] = hexDigit(bytes[at]! >>> 4)
    macCodes[at * 3 + 1] = hexDigit(bytes[at]! & 15)
  }
  return plainText(macCodes)
}

/** A whole hardware address of six octets in any common spelling, as `52:54:00:00:00:01`. */
export function parseMac(text: string): string | undefined {
  const bytes = parseMacPrefix(text)
  return bytes?.length === 6 ? formatMac(bytes) : undefined
}

/** One to six octets of a hardware address: `52:54:00`, `52-54-00-77-00-01`, `5254.0077.0001`. */
export function parseMacPrefix(text: string): Uint8Array | undefined {
  const trimmed = text.trim()
  if (!/^[0-9a-f]{2}([:-]?[0-9a-f]{2}){0,5}$/i.test(trimmed) && !/^[0-9a-f]{4}(\.[0-9a-f]{4}){0,2}$/i.test(trimmed))
    return undefined
  return parseHex(trimmed.replaceAll('.', ''))
}

/** Arguments of one call; a longer text is pieced together. */
const longestPlain = 1024

function isPlain(bytes: Uint8Array, length: number): boolean {
  for (let at = 0; at < length; at++) if (bytes[at]! >= 0x80) return false
  return true
}

/** Text of the bytes up to the first NUL; bytes outside printable ASCII become U+FFFD unless they are valid UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  const length = end < 0 ? bytes.length : end
  if (length <= longestPlain && isPlain(bytes, length)) return plainText(bytes.subarray(0, length))
  let text = ''
  for (let at = 0; at < length;) {
    const byte = bytes[at]!
    if (byte < 0x80) {
      text += String.fromCharCode(byte)
      at++
      continue
    }
    const extra =
      byte >= 0xf0 && byte < 0xf5 ? 3 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xc2 && byte < 0xe0 ? 1 : 0
    let code = extra === 0 ? -1 : byte & (0x3f >> extra)
    for (let step = 1; step <= extra; step++) {
      const next = at + step < length ? bytes[at + step]! : 0
      code = code < 0 || (next & 0xc0) !== 0x80 ? -1 : (code << 6) | (next & 0x3f)
    }
    const isScalar =
      code >= [0, 0x80, 0x800, 0x10000][extra]! && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
    text += isScalar ? String.fromCodePoint(code) : '\ufffd'
    at += isScalar ? extra + 1 : 1
  }
  return text
}

/** UTF-16 in little-endian order, as Windows writes it. */
export const decodeUtf16 = (bytes: Uint8Array): string =>
  Array.from({ length: bytes.length >>> 1 }, (_, index) =>
    String.fromCharCode((bytes[index * 2] ?? 0) | ((bytes[index * 2 + 1] ?? 0) << 8)),
  ).join('')

export function encodeText(text: string): Uint8Array {
  const plain = new Uint8Array(text.length)
  let at = 0
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 0x80) break
    plain[at] = code
  }
  if (at === text.length) return plain
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
    else
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
  }
  return Uint8Array.from(bytes)
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export const u16At = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)

export const u32At = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0

/** The six octets of a hardware address as a number, which is a cheaper key than a text. */
export const macKeyAt = (bytes: Uint8Array, at: number): number =>
  u16At(bytes, at) * 4_294_967_296 + u32At(bytes, at + 2)

export function writeU16(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 8
  target[at + 1] = value
}

export function writeU32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24
  target[at + 1] = value >>> 16
  target[at + 2] = value >>> 8
  target[at + 3] = value
}

export function bytesOfU16(value: number): Uint8Array {
  const bytes = new Uint8Array(2)
  writeU16(bytes, 0, value)
  return bytes
}

export function bytesOfU32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  writeU32(bytes, 0, value)
  return bytes
}

/** The same bytes as a plain array: views of a class of its own, as a runtime's buffers are, cost several times as much. */
export const plainBytes = (bytes: Uint8Array): Uint8Array =>
  bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)

const uuidOrder = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
/** Where the digits of each octet stand in the text. */
const uuidPlaces = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]
const uuidCodes = Array.from({ length: 36 }, () => 45)

/**
 * A machine identifier as SMBIOS and firmware set-up screens print it: the first three groups are little-endian on the
 * wire (UEFI Specification, appendix A; option 97, RFC 4578 section 2.3).
 */
export function formatUuid(bytes: Uint8Array): string {
  for (let index = 0; index < 16; index++) {
    const byte = bytes[uuidOrder[index]!] ?? 0
    uuidCodes[uuidPlaces[index]!] = hexDigit(byte >>> 4)
    uuidCodes[uuidPlaces[index]! + 1] = hexDigit(byte & 15)
  }
  return plainText(uuidCodes)
}

/** A printed machine identifier as the 16 bytes that travel in option 97. */
export function parseUuid(text: string): Uint8Array | undefined {
  if (!/^\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i.test(text.trim())) return undefined
  const printed = parseHex(text.trim().replace(/[{}]/g, ''))!
  return Uint8Array.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15], (at) => printed[at]!)
}
