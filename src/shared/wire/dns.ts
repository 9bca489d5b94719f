/**
 * DNS messages over UDP (RFC 1035 section 4, AAAA of RFC 3596): questions for the addresses of names, and their answers. Reading is
 * total: what cannot be read ends the list it is in, and `isWhole` says so.
 */
import { say, type Message, type Phrase } from '#messages/message.ts'
import { bytesOfU16, bytesOfU32, concatBytes, encodeText, formatIpv4, formatIpv6, parseIpv4, parseIpv6, u16At, u32At } from './bytes.ts' // prettier-ignore

export const dnsPort = 53

export const dnsTypes = { a: 1, cname: 5, aaaa: 28 } as const

const typeNames: Readonly<Record<number, string>> = {
  1: 'A', 2: 'NS', 5: 'CNAME', 6: 'SOA', 12: 'PTR', 15: 'MX', 16: 'TXT', 28: 'AAAA', 33: 'SRV', 65: 'HTTPS',
} // prettier-ignore

/** A type by its name in the registry, such as AAAA. */
export const dnsTypeName = (type: number): string => typeNames[type] ?? `type ${type}`

export const dnsCodes = { noError: 0, serverFailure: 2, noSuchName: 3, notImplemented: 4, refused: 5 } as const

const codeNames: Readonly<Record<number, Message>> = {
  0: say('wire.dns-no-error'), 1: say('wire.dns-format-error'), 2: say('wire.dns-server-failure'), 3: say('wire.dns-no-such-name'),
  4: say('wire.dns-not-implemented'), 5: say('wire.dns-refused'),
} // prettier-ignore

/** A response code in words. */
export const dnsCodeName = (code: number): Message => codeNames[code] ?? say('wire.dns-code', { code })

export interface DnsQuestion {
  readonly name: string
  readonly type: number
}

export interface DnsRecord extends DnsQuestion {
  readonly ttlSeconds: number
  /** An address of A and AAAA, the name of CNAME; empty for every other type. */
  readonly value: string
  /** Where the record lies, and its data within it. */
  readonly at: number
  readonly dataAt: number
  readonly end: number
}

export interface DnsMessage {
  readonly id: number
  readonly isResponse: boolean
  /** 0 for a query of names and addresses. */
  readonly opcode: number
  readonly code: number
  readonly flags: number
  readonly questions: readonly (DnsQuestion & { readonly at: number; readonly end: number })[]
  readonly answers: readonly DnsRecord[]
  /** How many of each list the header announces. */
  readonly counts: readonly [questions: number, answers: number, authorities: number, additional: number]
  readonly isWhole: boolean
}

const headerLength = 12
const mostName = 255
const classInternet = 1
const responseFlag = 0x8000
const recursionDesired = 0x0100

/** As RFC 1035 section 5.1 writes an octet of a label: dots and what does not print as its number. */
const shownOctet = (octet: number): string =>
  octet > 0x20 && octet < 0x7f && octet !== 0x2e && octet !== 0x5c
    ? String.fromCharCode(octet)
    : `\\${String(octet).padStart(3, '0')}`

/** A name at `at` and where it ends; undefined where it cannot be read. Pointers lead back only, so that they end (RFC 1035 section 4.1.4). */
function readName(bytes: Uint8Array, at: number): { readonly name: string; readonly end: number } | undefined {
  const labels: string[] = []
  let length = 0
  let end = -1
  for (let place = at, before = at; place < bytes.length;) {
    const size = bytes[place]!
    if (size === 0) return { name: labels.join('.'), end: end < 0 ? place + 1 : end }
    if (size >= 0xc0) {
      if (place + 1 >= bytes.length) return undefined
      if (end < 0) end = place + 2
      const target = ((size & 0x3f) << 8) | bytes[place + 1]!
      if (target >= before) return undefined
      place = before = target
      continue
    }
    if (size > 63 || place + 1 + size > bytes.length || (length += size + 1) > mostName) return undefined
    labels.push(Array.from(bytes.subarray(place + 1, place + 1 + size), shownOctet).join(''))
    place += 1 + size
  }
  return undefined
}

/** What a record says in text; undefined where its data is not of its type's form. */
function valueOf(bytes: Uint8Array, type: number, at: number, end: number): string | undefined {
  if (type === dnsTypes.a) return end - at === 4 ? formatIpv4(u32At(bytes, at)) : undefined
  if (type === dnsTypes.aaaa) return end - at === 16 ? formatIpv6(bytes, at) : undefined
  if (type === dnsTypes.cname) return readName(bytes, at)?.name
  return ''
}

/** Undefined where not even a header is there. */
export function readDns(bytes: Uint8Array): DnsMessage | undefined {
  if (bytes.length < headerLength) return undefined
  const flags = u16At(bytes, 2)
  const counts = [u16At(bytes, 4), u16At(bytes, 6), u16At(bytes, 8), u16At(bytes, 10)] as const
  const questions: (DnsQuestion & { at: number; end: number })[] = []
  const answers: DnsRecord[] = []
  let at = headerLength
  let isWhole = true
  while (isWhole && questions.length < counts[0]) {
    const read = readName(bytes, at)
    if (!read || read.end + 4 > bytes.length) isWhole = false
    else {
      questions.push({ name: read.name, type: u16At(bytes, read.end), at, end: read.end + 4 })
      at = read.end + 4
    }
  }
  while (isWhole && answers.length < counts[1]) {
    const read = readName(bytes, at)
    const dataAt = read && read.end + 10
    const end = dataAt !== undefined && dataAt <= bytes.length ? dataAt + u16At(bytes, dataAt - 2) : undefined
    const type = read && dataAt !== undefined && dataAt <= bytes.length ? u16At(bytes, read.end) : -1
    const value = end !== undefined && end <= bytes.length ? valueOf(bytes, type, dataAt!, end) : undefined
    if (value === undefined) isWhole = false
    else {
      answers.push({ name: read!.name, type, ttlSeconds: u32At(bytes, read!.end + 4), value, at, dataAt: dataAt!, end: end! }) // prettier-ignore
      at = end!
    }
  }
  return {
    id: u16At(bytes, 0),
    isResponse: (flags & responseFlag) !== 0,
    opcode: (flags >>> 11) & 15,
    code: flags & 15,
    flags,
    questions,
    answers,
    counts,
    isWhole,
  }
}

/** Whether two names are the same: letters of either case (RFC 4343), with or without the dot of the root. */
export const isSameName = (a: string, b: string): boolean =>
  a.toLowerCase().replace(/\.$/, '') === b.toLowerCase().replace(/\.$/, '')

/**
 * The addresses that an answer has for its first question, along the aliases (CNAME) it holds; of the type that was asked for, or of
 * both where `types` names both.
 */
export function addressesIn({ questions: [question], answers }: DnsMessage, types: readonly number[]): string[] {
  if (!question) return []
  let { name } = question
  // As many steps as there are records: a circle ends.
  for (let step = 0; step < answers.length; step++)
    name = answers.find((one) => one.type === dnsTypes.cname && isSameName(one.name, name))?.value ?? name
  return answers.filter((one) => types.includes(one.type) && isSameName(one.name, name)).map((one) => one.value)
}

/** Undefined where it is no name of DNS: an empty label, one above 63 octets, or more than 255 in all. */
export function encodeName(name: string): Uint8Array | undefined {
  const labels = name.replace(/\.$/, '').split('.').map(encodeText)
  if (labels.some((label) => label.length === 0 || label.length > 63)) return undefined
  const encoded = concatBytes([...labels.flatMap((label) => [Uint8Array.of(label.length), label]), Uint8Array.of(0)])
  return encoded.length <= mostName ? encoded : undefined
}

const encodedQuestion = ({ name, type }: DnsQuestion): Uint8Array =>
  concatBytes([encodeName(name) ?? Uint8Array.of(0), bytesOfU16(type), bytesOfU16(classInternet)])

/** A question that asks the server to find out (RD); its name must be one that `encodeName` takes. */
export const encodeDnsQuery = (id: number, question: DnsQuestion): Uint8Array =>
  concatBytes([...[id, recursionDesired, 1, 0, 0, 0].map(bytesOfU16), encodedQuestion(question)])

/** A record SOA (type 6) of the domain above a name, with times of a minute; its server and mailbox are the domain itself. */
function startOfAuthority(name: string): Uint8Array {
  const domain = encodeName(name.slice(name.indexOf('.') + 1)) ?? Uint8Array.of(0)
  const data = concatBytes([domain, domain, ...[1, 60, 60, 60, 60].map(bytesOfU32)])
  return concatBytes([domain, bytesOfU16(6), bytesOfU16(classInternet), bytesOfU32(60), bytesOfU16(data.length), data])
}

/** What a server that has the name itself answers to a query (AA, RA); records that are no address of their type are left out. */
export function encodeDnsAnswer(
  { id, questions: [question], flags }: DnsMessage,
  code: number,
  records: readonly { readonly type: number; readonly value: string; readonly ttlSeconds: number }[],
): Uint8Array {
  const answers = records.flatMap(({ type, value, ttlSeconds }) => {
    const v4 = type === dnsTypes.a ? parseIpv4(value) : undefined
    const data = type === dnsTypes.aaaa ? parseIpv6(value) : v4 === undefined ? undefined : bytesOfU32(v4)
    if (!data) return []
    // The name is that of the question, which begins behind the header.
    return [concatBytes([bytesOfU16(0xc000 | headerLength), bytesOfU16(type), bytesOfU16(classInternet), bytesOfU32(ttlSeconds), bytesOfU16(data.length), data])] // prettier-ignore
  })
  // Whoever has the zone says so where it lacks the record (RFC 2308 section 2).
  const authority = answers.length === 0 && question ? [startOfAuthority(question.name)] : []
  const answered = responseFlag | 0x0480 | (flags & recursionDesired) | code
  return concatBytes([
    ...[id, answered, question ? 1 : 0, answers.length, authority.length, 0].map(bytesOfU16),
    ...(question ? [encodedQuestion(question)] : []),
    ...answers,
    ...authority,
  ])
}

/** What a message says in a line: `AAAA boot.example`, and behind it what was answered. */
export function dnsText(message: DnsMessage): Phrase {
  const [question] = message.questions
  const asked = question ? `${dnsTypeName(question.type)} ${question.name}` : say('wire.dns-no-question')
  if (!message.isResponse) return asked
  const because = (answer: Phrase): Phrase => say('wire.because', { what: asked, why: answer })
  if (message.code !== dnsCodes.noError) return because(dnsCodeName(message.code))
  const told = message.answers.filter((one) => one.value !== '').map((one) => one.value)
  if (told.length > 0) return because(told.slice(0, 3).join(', '))
  return because(message.answers.length > 0 ? say('wire.dns-records', { count: message.answers.length }) : say('wire.dns-no-record')) // prettier-ignore
}
