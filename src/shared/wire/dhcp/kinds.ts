/**
 * The kinds of value that DHCP options carry: bytes to a value a lab file can hold, and back. Decoding keeps what it can
 * read and says what is wrong; encoding refuses a value that the kind cannot carry.
 */
import { say, type Phrase } from '#messages/message.ts'
import {
  bytesOfU16,
  bytesOfU32,
  concatBytes,
  decodeText,
  encodeText,
  formatHex,
  formatIpv4,
  formatMac,
  formatUuid,
  parseHex,
  parseIpv4,
  parseIpv4Network,
  parseMac,
  parseUuid,
  u16At,
  u32At,
} from '../bytes.ts'
import { items, listed, named, numbered } from '../words.ts'
import { architectureByKey, numberedArchitecture } from '../iana/architecture.ts'

export type OptionValue =
  null | boolean | number | string | readonly OptionValue[] | { readonly [name: string]: OptionValue }

export interface DecodedValue {
  readonly value: OptionValue
  readonly text: Phrase
  /** What is wrong with the bytes; absent when they are what the kind demands. */
  readonly problem?: string
}

/** Thrown by `encode` for a value that the kind cannot carry; the message says what it wants. */
export class OptionValueError extends Error {}

export interface Kind {
  /** What a lab file may write, for error messages and documentation. */
  readonly wants: string
  decode(data: Uint8Array): DecodedValue
  encode(value: OptionValue): Uint8Array
}

/** Bytes of text that a terminated text holds: one run of an option without its NUL. */
export const longestTerminated = 254

const fail = (wants: string, value: OptionValue): never => {
  throw new OptionValueError(`${JSON.stringify(value)} is not ${wants}`)
}

const asList = (value: OptionValue): readonly OptionValue[] => (Array.isArray(value) ? value : [value])

const hexText = (data: Uint8Array): string => formatHex(data, ' ')

const wrongLength = (data: Uint8Array, need: string): DecodedValue => ({
  value: formatHex(data),
  text: hexText(data),
  problem: `${data.length} bytes, needs ${need}`,
})

/** A list of equal cells, or a single one; the shared shape of addresses and integers. */
function cells(
  size: number,
  wants: string,
  read: (data: Uint8Array, at: number) => OptionValue,
  write: (value: OptionValue) => Uint8Array | undefined,
  list: boolean,
  show: (value: OptionValue) => Phrase = String,
): Kind {
  return {
    wants: list ? `${wants}, or a list of them` : wants,
    decode(data) {
      if (data.length === 0 || data.length % size !== 0 || (!list && data.length !== size))
        return wrongLength(data, list ? `a multiple of ${size}` : `${size}`)
      const values = Array.from({ length: data.length / size }, (_, at) => read(data, at * size))
      return { value: list ? values : values[0]!, text: listed(values.map(show)) }
    },
    encode(value) {
      const items = list ? asList(value) : [value]
      if (items.length === 0) fail(wants, value)
      return concatBytes(items.map((item) => write(item) ?? fail(wants, item)))
    },
  }
}

const integer = (value: OptionValue, low: number, high: number): number | undefined => {
  const number = typeof value === 'string' && /^-?(0x[0-9a-f]+|\d+)$/i.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= low && number <= high ? number : undefined
}

const u8Cell = (list: boolean): Kind =>
  cells(
    1,
    'a number from 0 to 255',
    (data, at) => data[at]!,
    (value) => {
      const number = integer(value, 0, 255)
      return number === undefined ? undefined : Uint8Array.of(number)
    },
    list,
  )

const u16Cell = (list: boolean): Kind =>
  cells(
    2,
    'a number from 0 to 65535',
    u16At,
    (value) => {
      const number = integer(value, 0, 0xffff)
      return number === undefined ? undefined : bytesOfU16(number)
    },
    list,
  )

const ipv4Cell = (list: boolean): Kind =>
  cells(
    4,
    'an IPv4 address',
    (data, at) => formatIpv4(u32At(data, at)),
    (value) => {
      const address = typeof value === 'string' ? parseIpv4(value) : undefined
      return address === undefined ? undefined : bytesOfU32(address)
    },
    list,
  )

const ipv4Pair: Kind = cells(
  8,
  'two IPv4 addresses separated by a space or a slash',
  (data, at) => `${formatIpv4(u32At(data, at))} ${formatIpv4(u32At(data, at + 4))}`,
  (value) => {
    const parts =
      typeof value === 'string'
        ? value
            .trim()
            .split(/[\s/]+/)
            .map(parseIpv4)
        : []
    return parts.length === 2 && parts[0] !== undefined && parts[1] !== undefined
      ? concatBytes([bytesOfU32(parts[0]), bytesOfU32(parts[1])])
      : undefined
  },
  true,
)

/** Durations: a number of seconds on the wire, with the all-ones value meaning for ever (RFC 2131 section 3.3). */
const seconds: Kind = cells(
  4,
  'a number of seconds from 0 to 4294967295',
  u32At,
  (value) => {
    const number = integer(value, 0, 0xffffffff)
    return number === undefined ? undefined : bytesOfU32(number)
  },
  false,
  (value) => (value === 0xffffffff ? say('field.for-ever') : `${value as number} s`),
)

const flag: Kind = {
  wants: 'true or false',
  decode: (data) =>
    data.length === 1
      ? {
          value: data[0] === 1,
          text: data[0] === 1 ? say('common.yes') : say('common.no'),
          ...(data[0]! > 1 ? { problem: 'is neither 0 nor 1' } : {}),
        }
      : wrongLength(data, '1'),
  encode: (value) =>
    value === true || value === 1
      ? Uint8Array.of(1)
      : value === false || value === 0
        ? Uint8Array.of(0)
        : fail('true or false', value),
}

const text: Kind = {
  wants: 'a text',
  decode(data) {
    const value = decodeText(data)
    if (data.length === 0) return { value, text: '', problem: 'is empty, needs at least 1 byte' }
    return { value, text: value }
  },
  encode: (value) =>
    (typeof value === 'string' && value !== '') || typeof value === 'number'
      ? encodeText(String(value))
      : fail('a text', value),
}

/**
 * A text that firmware reads as a C string: it ends with a NUL that its length counts, as dnsmasq and Windows write it. EDK2
 * puts a NUL behind an option 67 that has none, over the code of the next option, and old ROMs read on into it. RFC 2132
 * section 2 wants no NUL; what these programs do wins. One run holds it all, for EDK2 looks at the first run only.
 */
const terminatedText: Kind = {
  wants: 'a text of at most 254 bytes',
  decode: (data) => text.decode(data),
  encode(value) {
    const bytes = text.encode(value)
    return bytes.length > longestTerminated ? fail(terminatedText.wants, value) : concatBytes([bytes, Uint8Array.of(0)])
  },
}

const opaque: Kind = {
  wants: 'hexadecimal digits, or a text',
  decode: (data) => ({ value: formatHex(data), text: data.length === 0 ? say('field.present') : hexText(data) }),
  encode(value) {
    if (typeof value === 'number')
      return Uint8Array.of(integer(value, 0, 255) ?? fail('hexadecimal digits, or a text', value))
    if (typeof value !== 'string') return fail('hexadecimal digits, or a text', value)
    return parseHex(value) ?? encodeText(value)
  },
}

const empty: Kind = {
  wants: 'true',
  decode: (data) => (data.length === 0 ? { value: true, text: say('field.present') } : wrongLength(data, '0')),
  encode: (value) => (value === true ? new Uint8Array() : fail('true', value)),
}

/** A named number: an unknown one keeps its number. */
const oneOf = (names: Readonly<Record<number, Phrase>>): Kind => ({
  wants: 'a number from 0 to 255',
  decode: (data) =>
    data.length === 1
      ? { value: data[0]!, text: numbered(names[data[0]!] ?? say('wire.unknown'), data[0]!) }
      : wrongLength(data, '1'),
  encode: (value) => Uint8Array.of(integer(value, 0, 255) ?? fail('a number from 0 to 255', value)),
})

export const messageTypes = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
  forceRenew: 9,
  leaseQuery: 10,
  leaseUnassigned: 11,
  leaseUnknown: 12,
  leaseActive: 13,
} as const

/** RFC 2132 section 9.6 and the later registrations of IANA. */
export const messageTypeNames: Readonly<Record<number, string>> = {
  1: 'DISCOVER',
  2: 'OFFER',
  3: 'REQUEST',
  4: 'DECLINE',
  5: 'ACK',
  6: 'NAK',
  7: 'RELEASE',
  8: 'INFORM',
  9: 'FORCERENEW',
  10: 'LEASEQUERY',
  11: 'LEASEUNASSIGNED',
  12: 'LEASEUNKNOWN',
  13: 'LEASEACTIVE',
  14: 'BULKLEASEQUERY',
  15: 'LEASEQUERYDONE',
  16: 'ACTIVELEASEQUERY',
  17: 'LEASEQUERYSTATUS',
  18: 'TLS',
}

/** Type octet and identifier (RFC 2132 section 9.14); type 255 is an IAID and DUID (RFC 4361). */
const clientIdentifier: Kind = {
  wants: 'a MAC address, or hexadecimal digits that begin with the type',
  decode(data) {
    if (data.length < 2) return wrongLength(data, 'at least 2')
    const isMac = data[0] === 1 && data.length === 7
    const shown = isMac ? say('field.hardware-address', { mac: formatMac(data.subarray(1)) }) : hexText(data)
    return { value: formatHex(data), text: shown }
  },
  encode(value) {
    // Twelve bare digits are an identifier; a MAC address is written with its separators.
    const mac = typeof value === 'string' && /[:.-]/.test(value) ? parseMac(value) : undefined
    const bytes = mac
      ? concatBytes([Uint8Array.of(1), parseHex(mac)!])
      : typeof value === 'string'
        ? parseHex(value)
        : undefined
    return bytes && bytes.length >= 2 ? bytes : fail(clientIdentifier.wants, value)
  },
}

/** Option 97: a type octet of zero, then 16 octets (RFC 4578 section 2.3). */
const machineIdentifier: Kind = {
  wants: 'a UUID',
  decode(data) {
    if (data.length !== 17) return wrongLength(data, '17')
    const value = formatUuid(data.subarray(1))
    return { value, text: value, ...(data[0] === 0 ? {} : { problem: `type ${data[0]}, only 0 is defined` }) }
  },
  encode(value) {
    const bytes = typeof value === 'string' ? parseUuid(value) : undefined
    return bytes ? concatBytes([Uint8Array.of(0), bytes]) : fail('a UUID', value)
  },
}

const architectureList: Kind = cells(
  2,
  'an architecture (a number or a word such as x64-uefi)',
  u16At,
  (value) => {
    const number =
      typeof value === 'string'
        ? (architectureByKey(value)?.code ?? integer(value, 0, 0xffff))
        : integer(value, 0, 0xffff)
    return number === undefined ? undefined : bytesOfU16(number)
  },
  true,
  (value) => numberedArchitecture(value as number),
)

/** Option 94: type, major, minor (RFC 4578 section 2.2). Type 1 is UNDI; major 3 is the UEFI generation of it. */
const networkInterface: Kind = {
  wants: 'a version such as 1.3.16',
  decode(data) {
    if (data.length !== 3) return wrongLength(data, '3')
    const value = data.join('.')
    return { value, text: named(data[0] === 1 ? 'UNDI' : say('wire.type', { type: data[0] }), `${data[1]}.${data[2]}`) }
  },
  encode(value) {
    const parts = typeof value === 'string' ? value.split('.').map((part) => integer(part, 0, 255)) : []
    return parts.length === 3 && parts.every((part) => part !== undefined)
      ? Uint8Array.from(parts)
      : fail('a version such as 1.3.16', value)
  },
}

/**
 * Option 77. RFC 3004 section 4 wants length-prefixed classes; iPXE, and before it gPXE, sends its name bare. Bare text
 * is read as one class, and not as an error, because every iPXE in the field does it; NULs behind either form count for
 * nothing, because scripts that set it by hand leave one there.
 */
const userClass: Kind = {
  wants: 'a text, or a list of them',
  decode(padded) {
    const data = padded.subarray(0, padded.findLastIndex((byte) => byte !== 0) + 1)
    const proper: string[] = []
    let at = 0
    // The length of the last class may count its NULs.
    while (at < data.length && data[at]! > 0 && at + 1 + data[at]! <= padded.length) {
      proper.push(decodeText(padded.subarray(at + 1, at + 1 + data[at]!)))
      at += 1 + data[at]!
    }
    if (at >= data.length && proper.length > 0) return { value: proper, text: proper.join(', ') }
    const isPrintable = data.length > 0 && data.every((byte) => byte >= 0x20 && byte < 0x7f)
    const raw = decodeText(data)
    return isPrintable
      ? { value: [raw], text: say('field.bare-class', { name: raw }) }
      : {
          value: formatHex(data),
          text: hexText(data),
          problem: 'is neither a list of classes (RFC 3004) nor plain text',
        }
  },
  encode: (value) =>
    concatBytes(
      asList(value).map((item) => {
        const bytes = typeof item === 'string' ? encodeText(item) : new Uint8Array()
        if (bytes.length === 0 || bytes.length > 255) fail('a text of 1 to 255 bytes', item)
        return concatBytes([Uint8Array.of(bytes.length), bytes])
      }),
    ),
}

/** Domain names with compression pointers inside the option (RFC 3397 section 2, RFC 1035 section 4.1.4). */
function decodeDomainNames(data: Uint8Array): DecodedValue & { readonly text: string } {
  const names: string[] = []
  let at = 0
  while (at < data.length) {
    const labels: string[] = []
    let cursor = at
    let end = -1
    for (let jumps = 0; ;) {
      const length = data[cursor]
      if (length === undefined)
        return {
          value: formatHex(data),
          text: hexText(data),
          problem: `a name ends outside the option at byte ${cursor}`,
        }
      if (length === 0) {
        if (end < 0) end = cursor + 1
        break
      }
      if ((length & 0xc0) === 0xc0) {
        const target = u16At(data, cursor) & 0x3fff
        if (cursor + 1 >= data.length || target >= cursor || ++jumps > 32)
          return {
            value: formatHex(data),
            text: hexText(data),
            problem: `a compression pointer at byte ${cursor} leads nowhere`,
          }
        if (end < 0) end = cursor + 2
        cursor = target
        continue
      }
      if (length > 63 || cursor + 1 + length > data.length)
        return {
          value: formatHex(data),
          text: hexText(data),
          problem: `a label of ${length} bytes at byte ${cursor} does not fit`,
        }
      labels.push(decodeText(data.subarray(cursor + 1, cursor + 1 + length)))
      cursor += 1 + length
    }
    names.push(labels.join('.'))
    at = end
  }
  return { value: names, text: names.join(', ') }
}

const encodeDomainName = (name: OptionValue): Uint8Array => {
  if (typeof name !== 'string' || name === '') return fail('a domain name', name)
  const labels = name.replace(/\.$/, '').split('.').map(encodeText)
  if (labels.some((label) => label.length === 0 || label.length > 63))
    fail('a domain name with labels of 1 to 63 bytes', name)
  return concatBytes([...labels.flatMap((label) => [Uint8Array.of(label.length), label]), Uint8Array.of(0)])
}

const domainNames: Kind = {
  wants: 'a domain name, or a list of them',
  decode: decodeDomainNames,
  encode: (value) => concatBytes(asList(value).map(encodeDomainName)),
}

/** Option 120: an encoding octet, then names (0) or addresses (1) (RFC 3361 section 3). */
const sipServers: Kind = {
  wants: 'an IPv4 address or a domain name, or a list of one sort',
  decode(data) {
    if (data[0] === 0) return decodeDomainNames(data.subarray(1))
    if (data[0] === 1) return kinds.addresses.decode(data.subarray(1))
    return {
      value: formatHex(data),
      text: hexText(data),
      problem: `encoding ${data[0] ?? 'missing'}, only 0 and 1 are defined`,
    }
  },
  encode(value) {
    const isAddress = asList(value).every((item) => typeof item === 'string' && parseIpv4(item) !== undefined)
    return concatBytes([Uint8Array.of(isAddress ? 1 : 0), (isAddress ? kinds.addresses : domainNames).encode(value)])
  },
}

/** Options 121 and 249: width, significant octets of the destination, router (RFC 3442). */
const classlessRoutes: Kind = {
  wants: 'a route such as "10.0.0.0/8 192.168.77.1", or a list of them',
  decode(data) {
    const routes: string[] = []
    let at = 0
    while (at < data.length) {
      const width = data[at]!
      const octets = Math.ceil(width / 8)
      if (width > 32 || at + 1 + octets + 4 > data.length)
        return {
          value: formatHex(data),
          text: hexText(data),
          problem: `a route at byte ${at} is cut off or has a width over 32`,
        }
      const destination = concatBytes([data.subarray(at + 1, at + 1 + octets), new Uint8Array(4 - octets)])
      routes.push(`${formatIpv4(u32At(destination, 0))}/${width} ${formatIpv4(u32At(data, at + 1 + octets))}`)
      at += 1 + octets + 4
    }
    return { value: routes, text: routes.join(', ') }
  },
  encode: (value) =>
    concatBytes(
      asList(value).map((item) => {
        const [network, router] = typeof item === 'string' ? item.trim().split(/[\s,]+/) : []
        const destination = parseIpv4Network(network ?? '')
        const gateway = parseIpv4(router ?? '')
        if (!destination || gateway === undefined) return fail(classlessRoutes.wants, item)
        return concatBytes([
          Uint8Array.of(destination.prefixLength),
          bytesOfU32(destination.address).subarray(0, Math.ceil(destination.prefixLength / 8)),
          bytesOfU32(gateway),
        ])
      }),
    ),
}

/** Option 81: flags, two deprecated result codes, a name (RFC 4702 section 2). */
const clientFqdn: Kind = {
  wants: 'hexadecimal digits, or a text',
  decode(data) {
    if (data.length < 3) return wrongLength(data, 'at least 3')
    const isCanonical = (data[0]! & 4) !== 0
    const name = isCanonical ? decodeDomainNames(data.subarray(3)).text : decodeText(data.subarray(3))
    return { value: { flags: data[0]!, name }, text: say('field.fqdn', { name, flags: `0x${data[0]!.toString(16)}` }) }
  },
  encode: (value) => opaque.encode(value),
}

/** Options 124 and 125: enterprise number, length, data, repeated (RFC 3925). */
const enterpriseBlocks: Kind = {
  wants: 'hexadecimal digits',
  decode(data) {
    const blocks: { enterprise: number; data: string }[] = []
    let at = 0
    while (at < data.length) {
      const length = data[at + 4]
      if (length === undefined || at + 5 + length > data.length)
        return { value: formatHex(data), text: hexText(data), problem: `the block at byte ${at} is cut off` }
      blocks.push({ enterprise: u32At(data, at), data: formatHex(data.subarray(at + 5, at + 5 + length)) })
      at += 5 + length
    }
    return { value: blocks, text: items(blocks.map((block) => say('field.enterprise-data', block))) }
  },
  encode: (value) => opaque.encode(value),
}

const uint32: Kind = cells(
  4,
  'a number from 0 to 4294967295',
  u32At,
  (value) => {
    const number = integer(value, 0, 0xffffffff)
    return number === undefined ? undefined : bytesOfU32(number)
  },
  false,
)

const int32: Kind = cells(
  4,
  'a number from -2147483648 to 2147483647',
  (data, at) => u32At(data, at) | 0,
  (value) => {
    const number = integer(value, -0x80000000, 0x7fffffff)
    return number === undefined ? undefined : bytesOfU32(number >>> 0)
  },
  false,
  (value) => `${value as number} s`,
)

const optionCodes: Kind = { ...u8Cell(true), wants: 'a list of option codes' }

const nodeTypes = { 1: 'B-node', 2: 'P-node', 4: 'M-node', 8: 'H-node' }
const overloads = {
  1: say('field.file-holds-options'),
  2: say('field.sname-holds-options'),
  3: say('field.both-hold-options'),
}

export const kinds = {
  address: ipv4Cell(false),
  addresses: ipv4Cell(true),
  addressPairs: ipv4Pair,
  u8: u8Cell(false),
  u8s: u8Cell(true),
  u16: u16Cell(false),
  u16s: u16Cell(true),
  u32: uint32,
  i32: int32,
  seconds,
  flag,
  text,
  terminatedText,
  opaque,
  empty,
  optionCodes,
  messageType: oneOf(messageTypeNames),
  netbiosNodeType: oneOf(nodeTypes),
  overload: oneOf(overloads),
  clientIdentifier,
  machineIdentifier,
  architectures: architectureList,
  networkInterface,
  userClass,
  domainNames,
  sipServers,
  classlessRoutes,
  clientFqdn,
  enterpriseBlocks,
} satisfies Record<string, Kind>

export type KindName = keyof typeof kinds
