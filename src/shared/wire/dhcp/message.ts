/**
 * The DHCP message: fixed header (RFC 2131 section 2), options with overload (RFC 2132 section 9.3) and long options
 * (RFC 3396). Decoding never throws: it yields what could be read, plus the problems with their offsets. Encoding is
 * canonical: options in the given order, each in one run, END, zeros up to the minimum of 300 bytes (RFC 1542 2.1).
 */
import { decodeText, encodeText, formatMac, formatUuid, plainBytes, u16At, u32At, writeU16, writeU32, type Problem } from '../bytes.ts' // prettier-ignore
import { bytes, struct, u16, u32, u8 } from '../struct.ts'
import { kinds } from './kinds.ts'
import { dhcpOptions, optionCodes, optionName } from './options.ts'
import { decodeSpace } from './spaces.ts'

const header = struct({
  op: u8,
  htype: u8,
  hlen: u8,
  hops: u8,
  xid: u32,
  secs: u16,
  flags: u16,
  ciaddr: u32,
  yiaddr: u32,
  siaddr: u32,
  giaddr: u32,
  chaddr: bytes(16),
  sname: bytes(64),
  file: bytes(128),
})

const magicCookie = 0x63825363
const cookieAt = header.size
const optionsAt = header.size + 4

/** BOOTP's message size, below which relays and old ROMs drop replies (RFC 1542 section 2.1). */
export const minimumMessageLength = 300
export const broadcastFlag = 0x8000
export const ops = { request: 1, reply: 2 } as const

export interface DhcpOption {
  readonly code: number
  /** The whole value: instances of one code are joined (RFC 3396 section 7). */
  readonly data: Uint8Array
}

export interface DhcpMessage {
  readonly op: number
  readonly htype: number
  readonly hlen: number
  readonly hops: number
  readonly xid: number
  readonly secs: number
  readonly flags: number
  /** Addresses are unsigned 32-bit numbers; 0 means none. */
  readonly ciaddr: number
  readonly yiaddr: number
  readonly siaddr: number
  readonly giaddr: number
  /** 16 bytes. */
  readonly chaddr: Uint8Array
  /** 64 and 128 bytes as they travelled, whether they hold a name or options. */
  readonly sname: Uint8Array
  readonly file: Uint8Array
  /** In the order in which each code first appeared. */
  readonly options: readonly DhcpOption[]
}

/** One run of an option on the wire, before runs of the same code are joined. */
export interface OptionRun {
  readonly code: number
  /** Offset of the code byte in the datagram. */
  readonly at: number
  readonly length: number
  readonly field: 'options' | 'file' | 'sname'
}

export interface DecodedDhcp {
  readonly message: DhcpMessage
  readonly runs: readonly OptionRun[]
  readonly problems: readonly Problem[]
  /** Whether the magic cookie is there: without it the message is plain BOOTP or no DHCP at all. */
  readonly hasCookie: boolean
}

function readRuns(
  datagram: Uint8Array,
  start: number,
  end: number,
  field: OptionRun['field'],
  runs: OptionRun[],
  problems: Problem[],
): void {
  let at = start
  while (at < end) {
    const code = datagram[at]!
    if (code === 0) {
      at++
      continue
    }
    if (code === optionCodes.end) return
    const length = at + 1 < end ? datagram[at + 1]! : -1
    if (length < 0 || at + 2 + length > end) {
      problems.push({ at, field: optionName(code), message: `is cut off: ${end - at} bytes are left in ${field}` })
      return
    }
    runs.push({ code, at, length, field })
    at += 2 + length
  }
  problems.push({ at: end, field, message: 'has no END option' })
}

/** One more than the place of a code among the options; all zeros between two calls. */
const placeOf = new Uint16Array(256)

function joinRuns(datagram: Uint8Array, runs: readonly OptionRun[]): DhcpOption[] {
  const options: { code: number; data: Uint8Array }[] = []
  for (const run of runs) {
    const data = datagram.subarray(run.at + 2, run.at + 2 + run.length)
    const known = placeOf[run.code]! - 1
    if (known < 0) placeOf[run.code] = options.push({ code: run.code, data })
    else {
      const first = options[known]!.data
      const joined = new Uint8Array(first.length + data.length)
      joined.set(first)
      joined.set(data, first.length)
      options[known] = { code: run.code, data: joined }
    }
  }
  for (const { code } of options) placeOf[code] = 0
  return options
}

/** As `header.decode` does it for any list of fields; written out, for it is done for each packet of a storm. */
function readHeader(bytes: Uint8Array): Omit<DhcpMessage, 'options'> {
  const at = header.offsets
  return {
    op: bytes[at.op]!,
    htype: bytes[at.htype]!,
    hlen: bytes[at.hlen]!,
    hops: bytes[at.hops]!,
    xid: u32At(bytes, at.xid),
    secs: u16At(bytes, at.secs),
    flags: u16At(bytes, at.flags),
    ciaddr: u32At(bytes, at.ciaddr),
    yiaddr: u32At(bytes, at.yiaddr),
    siaddr: u32At(bytes, at.siaddr),
    giaddr: u32At(bytes, at.giaddr),
    chaddr: bytes.subarray(at.chaddr, at.sname),
    sname: bytes.subarray(at.sname, at.file),
    file: bytes.subarray(at.file, header.size),
  }
}

export function decodeDhcp(received: Uint8Array): DecodedDhcp {
  const problems: Problem[] = []
  const runs: OptionRun[] = []
  const datagram = plainBytes(received)
  let whole = datagram
  if (datagram.length < header.size) {
    problems.push({
      at: datagram.length,
      field: 'header',
      message: `ends after ${datagram.length} bytes, needs ${header.size}`,
    })
    whole = new Uint8Array(header.size)
    whole.set(datagram)
  }
  const fields = readHeader(whole)
  const hasCookie = datagram.length >= optionsAt && u32At(datagram, cookieAt) === magicCookie
  if (fields.hlen > 16)
    problems.push({ at: header.offsets.hlen, field: 'hlen', message: `is ${fields.hlen}, at most 16` })
  if (fields.op !== ops.request && fields.op !== ops.reply)
    problems.push({ at: header.offsets.op, field: 'op', message: `is ${fields.op}, 1 or 2 are defined` })
  if (hasCookie) {
    readRuns(datagram, optionsAt, datagram.length, 'options', runs, problems)
    const overloadRun = runs.find((run) => run.code === optionCodes.overload && run.length === 1)
    const overload = overloadRun ? datagram[overloadRun.at + 2]! : 0
    // RFC 3396 section 5: the aggregate order is options, file, sname.
    if (overload & 1) readRuns(datagram, header.offsets.file, header.offsets.file + 128, 'file', runs, problems)
    if (overload & 2) readRuns(datagram, header.offsets.sname, header.offsets.sname + 64, 'sname', runs, problems)
  } else if (datagram.length >= header.size) {
    problems.push({ at: cookieAt, field: 'magic cookie', message: 'is missing: no options can be read' })
  }
  return { message: { ...fields, options: joinRuns(datagram, runs) }, runs, problems, hasCookie }
}

/**
 * The problems inside the option values: wrong lengths, broken lists. Apart from `decodeDhcp` because a server needs
 * them only for what it reads, and a person for everything.
 */
export function valueProblems(decoded: DecodedDhcp): Problem[] {
  const { message, runs } = decoded
  return message.options.flatMap((option): Problem[] => {
    const definition = dhcpOptions.get(option.code)
    if (!definition) return []
    const at = runs.find((run) => run.code === option.code)!.at
    const inner =
      definition.space && spaceApplies(message, option.code)
        ? decodeSpace(definition.space, option.data, at + 2)
        : undefined
    const problem = kinds[definition.kind].decode(option.data).problem
    return [...(problem ? [{ at, field: definition.name, message: problem }] : []), ...(inner?.problems ?? [])]
  })
}

/** Option 43 means PXE only under the class PXEClient (RFC 2132 section 8.4); the other spaces always apply. */
export function spaceApplies(message: DhcpMessage, code: number): boolean {
  return code !== optionCodes.vendorSpecific || isPxeClass(vendorClassOf(message))
}

export const isPxeClass = (vendorClass: string): boolean => vendorClass.startsWith('PXEClient')
export const isHttpClass = (vendorClass: string): boolean => vendorClass.startsWith('HTTPClient')

export function findOptionData(message: DhcpMessage, code: number): Uint8Array | undefined {
  for (const option of message.options) if (option.code === code) return option.data
  return undefined
}

export function messageTypeOf(message: DhcpMessage): number | undefined {
  return findOptionData(message, optionCodes.messageType)?.[0]
}

/** An address option as a number; undefined where it is absent or not four bytes long. */
export function addressOption(message: DhcpMessage, code: number): number | undefined {
  const data = findOptionData(message, code)
  return data && data.length >= 4 ? u32At(data, 0) : undefined
}

export const vendorClassOf = (message: DhcpMessage): string => {
  const data = findOptionData(message, optionCodes.vendorClass)
  return data ? decodeText(data) : ''
}

/** The announced architectures of option 93, the preferred one first; where it is absent the one named in option 60. */
export function architectureCodesOf(message: DhcpMessage): readonly number[] {
  const data = findOptionData(message, optionCodes.architecture)
  if (data?.length === 2) return [u16At(data, 0)]
  if (data && data.length >= 2)
    return [...new Set(Array.from({ length: data.length >> 1 }, (_, index) => u16At(data, index * 2)))]
  const named = /^(?:PXE|HTTP)Client:Arch:(\d{5})/.exec(vendorClassOf(message))
  return named ? [Number(named[1])] : []
}

export const architectureCodeOf = (message: DhcpMessage): number | undefined => architectureCodesOf(message)[0]

export const userClassesOf = (message: DhcpMessage): readonly string[] => {
  const data = findOptionData(message, optionCodes.userClass)
  if (!data) return []
  const { value } = kinds.userClass.decode(data)
  return Array.isArray(value) ? value.map(String) : []
}

/** The machine identifier of option 97 as text; undefined where absent or malformed. */
export const uuidOf = (message: DhcpMessage): string | undefined => {
  const data = findOptionData(message, optionCodes.machineIdentifier)
  return data?.length === 17 ? formatUuid(data.subarray(1)) : undefined
}

/** Octets of a name: what one option holds (RFC 2132 sections 3.14 and 9.14); joined ones (RFC 3396) may hold more. */
export const longestName = 255

/** Whether an option 61 can name a client. */
export const isClientName = (identifier: Uint8Array | undefined): identifier is Uint8Array =>
  identifier !== undefined && identifier.length >= 2 && identifier.length <= longestName

/** What stands for a hardware address where the link has none that fits (`hlen` 0, RFC 4390 section 2.1): option 61. */
export const identifierName = (identifier: Uint8Array | undefined): string =>
  isClientName(identifier) ? `id ${formatMac(identifier)}` : ''

export const hardwareAddressOf = (message: DhcpMessage): string =>
  formatMac(message.chaddr.subarray(0, Math.min(message.hlen, 16)))

/** The boot file a message names: option 67, else `file` where that field holds no options. */
export function bootFileOf(message: DhcpMessage): string {
  const named = findOptionData(message, optionCodes.bootFileName)
  if (named && named.length > 0) return decodeText(named)
  const overload = findOptionData(message, optionCodes.overload)?.[0] ?? 0
  return overload & 1 ? '' : decodeText(message.file)
}

/** Text for `sname` or `file`, zero-padded; undefined where it does not fit with its terminating zero. */
export function fieldText(text: string, size: 64 | 128): Uint8Array | undefined {
  const encoded = encodeText(text)
  if (encoded.length >= size) return undefined
  const field = new Uint8Array(size)
  field.set(encoded)
  return field
}

export const runLength = (dataLength: number): number => dataLength + 2 * Math.max(1, Math.ceil(dataLength / 255))

/** Writes an option, split into runs of at most 255 bytes (RFC 3396 section 5). Returns the offset behind it. */
function writeOption(target: Uint8Array, start: number, option: DhcpOption): number {
  let at = start
  let from = 0
  do {
    const length = Math.min(255, option.data.length - from)
    target[at] = option.code
    target[at + 1] = length
    // Most values are a few bytes: to copy them one by one costs less than a view of them.
    for (let index = 0; index < length; index++) target[at + 2 + index] = option.data[from + index]!
    at += 2 + length
    from += length
  } while (from < option.data.length)
  return at
}

const fitted = (value: Uint8Array, size: number): Uint8Array => (value.length > size ? value.subarray(0, size) : value)

/** As `header.encode` does it for any list of fields, into bytes that are zeros, and the magic cookie behind it. */
function writeHeader(target: Uint8Array, message: DhcpMessage): void {
  const at = header.offsets
  target[at.op] = message.op
  target[at.htype] = message.htype
  target[at.hlen] = message.hlen
  target[at.hops] = message.hops
  writeU32(target, at.xid, message.xid)
  writeU16(target, at.secs, message.secs)
  writeU16(target, at.flags, message.flags)
  writeU32(target, at.ciaddr, message.ciaddr)
  writeU32(target, at.yiaddr, message.yiaddr)
  writeU32(target, at.siaddr, message.siaddr)
  writeU32(target, at.giaddr, message.giaddr)
  target.set(fitted(message.chaddr, 16), at.chaddr)
  target.set(fitted(message.sname, 64), at.sname)
  target.set(fitted(message.file, 128), at.file)
  writeU32(target, cookieAt, magicCookie)
}

/** The bytes of a message whose `options` all go into the options field. */
export function encodeDhcp(message: DhcpMessage): Uint8Array {
  let length = optionsAt + 1
  for (const option of message.options) length += runLength(option.data.length)
  const datagram = new Uint8Array(Math.max(length, minimumMessageLength))
  writeHeader(datagram, message)
  let at = optionsAt
  for (const option of message.options) at = writeOption(datagram, at, option)
  datagram[at] = optionCodes.end
  return datagram
}

export interface FittedDhcp {
  readonly datagram: Uint8Array
  /** Codes that had to be left out because the client's limit (option 57) leaves no room. */
  readonly dropped: readonly number[]
}

/**
 * Encodes within `maximumLength` bytes of UDP payload: what does not fit into the options field goes into `file` and
 * `sname` where those are free (option 52, RFC 2131 section 4.1), whole options at a time; what does not fit there
 * either is dropped, the last first, but never an option listed in `required`.
 */
export function encodeDhcpWithin(
  message: DhcpMessage,
  maximumLength: number,
  required: ReadonlySet<number>,
): FittedDhcp {
  const size = message.options.reduce((sum, option) => sum + runLength(option.data.length), optionsAt + 1)
  if (size <= maximumLength) return { datagram: encodeDhcp(message), dropped: [] }

  const areas = [
    {
      field: 'file' as const,
      bit: 1,
      room: message.file.some((byte) => byte !== 0) ? 0 : 127,
      options: [] as DhcpOption[],
    },
    {
      field: 'sname' as const,
      bit: 2,
      room: message.sname.some((byte) => byte !== 0) ? 0 : 63,
      options: [] as DhcpOption[],
    },
  ]
  // Option 52 itself takes three bytes of the options field.
  let room = maximumLength - optionsAt - 1 - 3
  const last = message.options.filter((option) => option.code === optionCodes.relayAgentInformation)
  const inOrder = message.options.filter((option) => option.code !== optionCodes.relayAgentInformation)
  const kept: DhcpOption[] = []
  const dropped: number[] = []
  for (const option of [...last, ...inOrder.filter((one) => required.has(one.code))])
    room -= runLength(option.data.length)
  for (const option of inOrder) {
    const length = runLength(option.data.length)
    if (required.has(option.code)) kept.push(option)
    else if (length <= room) {
      kept.push(option)
      room -= length
    } else {
      const area = areas.find((one) => length <= one.room)
      if (area) {
        area.options.push(option)
        area.room -= length
      } else dropped.push(option.code)
    }
  }
  const overload = areas.reduce((bits, area) => (area.options.length > 0 ? bits | area.bit : bits), 0)
  const filled = { file: message.file, sname: message.sname }
  for (const area of areas) {
    if (area.options.length === 0) continue
    const field = new Uint8Array(area.field === 'file' ? 128 : 64)
    let at = 0
    for (const option of area.options) at = writeOption(field, at, option)
    field[at] = optionCodes.end
    filled[area.field] = field
  }
  const options = [
    ...kept,
    ...(overload ? [{ code: optionCodes.overload, data: Uint8Array.of(overload) }] : []),
    ...last,
  ]
  return { datagram: encodeDhcp({ ...message, ...filled, options }), dropped }
}

/** An empty message to spread from. */
export const blankMessage: DhcpMessage = {
  op: ops.request,
  htype: 1,
  hlen: 6,
  hops: 0,
  xid: 0,
  secs: 0,
  flags: 0,
  ciaddr: 0,
  yiaddr: 0,
  siaddr: 0,
  giaddr: 0,
  chaddr: new Uint8Array(16),
  sname: new Uint8Array(64),
  file: new Uint8Array(128),
  options: [],
}

/** The client's limit for replies in bytes of UDP payload (option 57 counts the IP datagram; RFC 2132 section 9.10). */
export function replyLimitOf(message: DhcpMessage, interfaceMtu: number): number {
  const data = findOptionData(message, optionCodes.maximumMessageSize)
  // Without the option a client must take 576-byte datagrams (RFC 2131 section 2): 548 bytes of payload.
  const datagramSize = data?.length === 2 ? Math.max(576, u16At(data, 0)) : 576
  return Math.min(datagramSize, interfaceMtu) - 28
}
