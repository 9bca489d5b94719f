/**
 * Capture files, read as a stream: classic pcap in both byte orders with micro- or nanoseconds and with longer records, pcapng
 * with several interfaces and sections (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng), snoop (RFC 1761) and ERF; those of
 * Network Monitor and dumps in hexadecimal as a whole. A damaged file is read as far as it goes, and
 * the place of the damage is told. Written files are pcapng.
 */
import { concatBytes, decodeText, encodeText } from './bytes.ts'
import { foreignFile, isText } from './foreign-file.ts'
import { linkTypes } from './link-types.ts'
import { dumpedFrames, holdsDump, netMonFrames } from './whole-captures.ts'

export { linkTypes } from './link-types.ts'

export interface CaptureInterface {
  readonly linkType: number
  readonly name: string | undefined
  /** How many units of the time stamp a second has. */
  readonly unitsPerSecond: number
  /** Whether the headers of its frames were made up around datagrams of our own sockets. */
  readonly isSynthesised: boolean
}

export interface CapturedFrame {
  readonly interface: number
  /** Whole seconds since 1970, and the nanoseconds within the second. */
  readonly seconds: number
  readonly nanoseconds: number
  /** A view into the chunk that was handed in: copy what is to be kept. */
  readonly bytes: Uint8Array
  /** Bytes the frame had on the wire; more than `bytes` holds where the capture cut it. */
  readonly originalLength: number
  readonly comment: string | undefined
  readonly direction: 'in' | 'out' | undefined
}

/** Nanoseconds since 1970. */
export const timeNsOf = ({ seconds, nanoseconds }: Pick<CapturedFrame, 'seconds' | 'nanoseconds'>): bigint =>
  BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds)

export interface CaptureDamage {
  /** Offset in the file, in bytes. */
  readonly at: number
  readonly message: string
}

export interface CaptureListener {
  onInterface(interfaceOfFile: CaptureInterface): void
  onFrame(frame: CapturedFrame): void
}

const magics = { sectionHeader: 0x0a0d0d0a, byteOrder: 0x1a2b3c4d, snoop: 0x736e6f6f, netMon: 0x474d4255 } as const
/** Magic numbers of classic pcap, as written by a machine of the other byte order too; longer records came from a patched libpcap. */
const classic: ReadonlyMap<number, { readonly littleEndian: boolean; readonly nano?: true; readonly isLong?: true }> =
  new Map([
    [0xa1b2c3d4, { littleEndian: false }],
    [0xd4c3b2a1, { littleEndian: true }],
    [0xa1b23c4d, { littleEndian: false, nano: true as const }],
    [0x4d3cb2a1, { littleEndian: true, nano: true as const }],
    [0xa1b2cd34, { littleEndian: false, isLong: true as const }],
    [0x34cdb2a1, { littleEndian: true, isLong: true as const }],
  ])
/** Link types of snoop that are Ethernet, and those that have a number here (RFC 1761, IANA snoop-datalink-types). */
const snoopLinks: Readonly<Record<number, number>> = { 0: 1, 2: 6, 4: 1, 8: 10 }
/** Record types of ERF (Endace, "ERF types reference"): Ethernet, coloured Ethernet twice, IPv4 and IPv6. */
const erfLinks: Readonly<Record<number, number>> = { 2: 1, 11: 1, 16: 1, 22: 228, 23: 229 }
/** A file that is read as a whole may not be larger. */
const largestWhole = 512 * 1024 * 1024
/** So much text without a line of a dump is none. */
const dumpWithin = 64 * 1024
const blocks = { interface: 1, simplePacket: 3, enhancedPacket: 6, obsoletePacket: 2 } as const
/** No frame and no block is larger than this: a larger length is damage. */
const largestBlock = 64 * 1024 * 1024
/** How much of a chunk is copied to finish the record before it. */
const stitchBytes = 64 * 1024
const options = {
  end: 0,
  comment: 1,
  interfaceName: 2,
  packetFlags: 2,
  interfaceDescription: 3,
  timeResolution: 9,
  timeOffset: 14,
} as const
/** Description of an interface whose frames are datagrams of sockets: Wireshark shows it, and we know it again. */
const synthesised = 'Datagrams of the sockets of PXE Lab; link, IP and UDP headers are synthesised'

const padded = (length: number): number => Math.ceil(length / 4) * 4

export class CaptureReader {
  readonly #listener: CaptureListener
  #pending: Uint8Array = new Uint8Array()
  /** Offset in the file of the byte with index 0 of what is being read, and between reads of the first pending byte. */
  #at = 0
  #format: 'unknown' | 'pcap' | 'pcapng' | 'snoop' | 'erf' | 'netMon' | 'text' = 'unknown'
  #recordHeader = 16
  /** Of a format that is read as a whole: what came, beside the pending bytes. */
  readonly #parts: Uint8Array[] = []
  #partBytes = 0
  #littleEndian = true
  #unitsPerSecond = 1e6
  /** Number of the first interface of this section among all that were told. */
  #firstInterface = 0
  #interfaces: CaptureInterface[] = []
  #snapLengths: number[] = []
  /** Seconds to be added to the times of an interface (option if_tsoffset). */
  #timeOffsets: number[] = []
  #damage: CaptureDamage | undefined

  constructor(listener: CaptureListener) {
    this.#listener = listener
  }

  /** Where the file stopped making sense; undefined while it does. */
  get damage(): CaptureDamage | undefined {
    return this.#damage
  }

  /** Takes the next bytes of the file. */
  push(chunk: Uint8Array): void {
    if (this.#damage) return
    if (this.#format === 'netMon' || this.#format === 'text') return this.#keep(chunk)
    let start = 0
    if (this.#pending.length > 0) {
      // The record that the last chunk left open is finished with the beginning of this one; the rest is read in place.
      const before = this.#pending.length
      for (let borrowed = Math.min(chunk.length, stitchBytes); ; borrowed = chunk.length) {
        const used = this.#read(concatBytes([this.#pending, chunk.subarray(0, borrowed)]), 0)
        if (used >= before) {
          start = used - before
          break
        }
        // Nothing can have been read: the record reaches beyond what was borrowed.
        if (borrowed === chunk.length) {
          this.#pending = concatBytes([this.#pending, chunk])
          return
        }
      }
    }
    const used = this.#read(chunk, start)
    // A copy by its own hands: `slice` of a Node Buffer would be a view into a chunk that its owner may use again.
    this.#pending = new Uint8Array(chunk.subarray(start + used))
  }

  #keep(chunk: Uint8Array): void {
    this.#parts.push(new Uint8Array(chunk))
    this.#partBytes += chunk.length
    const { length } = this.#pending
    if (length + this.#partBytes > largestWhole) this.#fail(0, `a file of this kind may have ${largestWhole} bytes`)
    // Asked once, when enough of it is there.
    const before = length + this.#partBytes - chunk.length
    if (this.#format === 'text' && before < dumpWithin && before + chunk.length >= dumpWithin)
      this.#refuseProse(this.#whole())
  }

  /** A log of gigabytes is not kept in memory to find no dump in it. */
  #refuseProse(text: Uint8Array): void {
    if (!holdsDump(decodeText(text.subarray(0, dumpWithin)))) this.#fail(0, foreignFile(text))
  }

  #whole(): Uint8Array {
    return concatBytes([this.#pending, ...this.#parts])
  }

  #readWhole(): void {
    const file = this.#whole()
    const numbers = new Map<number, number>()
    for (const frame of this.#format === 'netMon' ? netMonFrames(file) : dumpedFrames(file)) {
      if (typeof frame === 'string') return void this.#fail(0, frame)
      let number = numbers.get(frame.linkType)
      if (number === undefined) {
        numbers.set(frame.linkType, (number = numbers.size))
        this.#addInterface({ linkType: frame.linkType, name: undefined, unitsPerSecond: 1e9, isSynthesised: false }, 0)
      }
      this.#listener.onFrame({ ...frame, interface: number, comment: undefined, direction: undefined })
    }
    if (this.#format === 'text' && numbers.size === 0) this.#fail(0, foreignFile(file))
  }

  /** Reads whole records from `from` on; returns how many bytes they took. */
  #read(data: Uint8Array, from: number): number {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    const origin = this.#at
    this.#at = origin - from
    let at = from
    for (;;) {
      const used = this.#next(data, view, at)
      if (used === 0) break
      at += used
    }
    this.#at = origin + (at - from)
    return at - from
  }

  /** Tells that the file is over; a rest that is no whole record is damage. */
  end(): void {
    if (this.#damage) return
    if (this.#format === 'netMon' || this.#format === 'text') this.#readWhole()
    else if (this.#format === 'unknown')
      this.#fail(0, this.#at + this.#pending.length === 0 ? 'the file is empty' : foreignFile(this.#pending))
    else if (this.#pending.length > 0) this.#fail(0, `the last record is cut off after ${this.#pending.length} bytes`)
  }

  #fail(at: number, message: string): 0 {
    this.#damage ??= { at: this.#at + at, message }
    return 0
  }

  /** Reads one record at `at`; returns its length, 0 where more bytes are wanted or nothing more can be read. */
  #next(data: Uint8Array, view: DataView, at: number): number {
    if (this.#damage) return 0
    const left = data.length - at
    switch (this.#format) {
      case 'unknown':
        return left < 16 ? 0 : this.#begin(data, view, at, left)
      case 'pcap':
        return this.#record(data, view, at, left)
      case 'pcapng':
        return this.#block(data, view, at, left)
      case 'snoop':
        return this.#snoopRecord(data, view, at, left)
      case 'erf':
        return this.#erfRecord(data, view, at, left)
      default:
        return 0
    }
  }

  #begin(data: Uint8Array, view: DataView, at: number, left: number): number {
    const magic = view.getUint32(at)
    // Its header is shorter than that of the others: nothing may be left over of what was waited for.
    if (magic === magics.snoop && view.getUint32(at + 4) === 0x70000000 && view.getUint32(at + 8) === 2) {
      this.#format = 'snoop'
      this.#addLink(snoopLinks[view.getUint32(at + 12)] ?? 0xffff)
      return 16
    }
    if (left < 24) return 0
    if (magic === magics.sectionHeader) {
      this.#format = 'pcapng'
      return this.#next(data, view, at)
    }
    const form = classic.get(magic)
    if (form) {
      this.#format = 'pcap'
      this.#littleEndian = form.littleEndian
      this.#unitsPerSecond = form.nano ? 1e9 : 1e6
      this.#recordHeader = form.isLong ? 24 : 16
      // The upper bits tell of frame check sequences; the type is in the lower 16.
      this.#addLink(view.getUint32(at + 20, this.#littleEndian) & 0xffff)
      return 24
    }
    if (magic === magics.netMon && view.getUint8(at + 5) === 2) this.#format = 'netMon'
    else if (isErf(view, at)) {
      this.#format = 'erf'
      return this.#next(data, view, at)
    } else if (isText(data.subarray(at, at + 24))) this.#format = 'text'
    // Of a piece that is shorter nothing can be told yet; `end` tells it.
    else if (data.length - at >= 256) return this.#fail(at, foreignFile(data.subarray(at)))
    // Of a piece that is shorter nothing can be told yet; `end` tells it.
    return 0
  }

  #addLink(linkType: number): void {
    this.#addInterface({ linkType, name: undefined, unitsPerSecond: this.#unitsPerSecond, isSynthesised: false }, 0)
  }

  #addInterface(one: CaptureInterface, snapLength: number): void {
    this.#interfaces.push(one)
    this.#snapLengths.push(snapLength)
    this.#listener.onInterface(one)
  }

  #record(data: Uint8Array, view: DataView, at: number, left: number): number {
    const header = this.#recordHeader
    if (left < header) return 0
    const length = view.getUint32(at + 8, this.#littleEndian)
    if (length > largestBlock) return this.#fail(at, `a record claims ${length} bytes`)
    if (left < header + length) return 0
    const fraction = view.getUint32(at + 4, this.#littleEndian)
    this.#listener.onFrame({
      interface: 0,
      seconds: view.getUint32(at, this.#littleEndian),
      nanoseconds: fraction * (1e9 / this.#unitsPerSecond),
      bytes: data.subarray(at + header, at + header + length),
      originalLength: view.getUint32(at + 12, this.#littleEndian),
      comment: undefined,
      direction: undefined,
    })
    return header + length
  }

  /** RFC 1761: all in network byte order, padded to four. */
  #snoopRecord(data: Uint8Array, view: DataView, at: number, left: number): number {
    if (left < 24) return 0
    const length = view.getUint32(at + 4)
    const whole = view.getUint32(at + 8)
    if (whole < 24 + length || whole > largestBlock) return this.#fail(at, `a record claims ${whole} bytes`)
    if (left < whole) return 0
    this.#listener.onFrame({
      interface: 0,
      seconds: view.getUint32(at + 16),
      nanoseconds: view.getUint32(at + 20) * 1000,
      bytes: data.subarray(at + 24, at + 24 + length),
      originalLength: view.getUint32(at),
      comment: undefined,
      direction: undefined,
    })
    return whole
  }

  readonly #erfInterfaces = new Map<number, number>()

  #erfRecord(data: Uint8Array, view: DataView, at: number, left: number): number {
    if (left < 16) return 0
    const whole = view.getUint16(at + 10)
    if (whole < 16) return this.#fail(at, `a record claims ${whole} bytes`)
    if (left < whole) return 0
    const linkType = erfLinks[view.getUint8(at + 8) & 0x7f] ?? 0xffff
    let from = at + 16
    // Extension headers of eight bytes each say by their highest bit whether another follows.
    for (let more = view.getUint8(at + 8) & 0x80; more !== 0 && from + 8 <= at + whole; from += 8)
      more = view.getUint8(from) & 0x80
    // Ethernet has two bytes of offset and padding in front.
    if (linkType === linkTypes.ethernet) from += 2
    let index = this.#erfInterfaces.get(linkType)
    if (index === undefined) {
      this.#erfInterfaces.set(linkType, (index = this.#erfInterfaces.size))
      this.#addLink(linkType)
    }
    const originalLength = view.getUint16(at + 14)
    this.#listener.onFrame({
      interface: index,
      seconds: view.getUint32(at + 4, true),
      nanoseconds: Math.floor((view.getUint32(at, true) / 2 ** 32) * 1e9),
      bytes: data.subarray(Math.min(from, at + whole), Math.min(from + originalLength, at + whole)),
      originalLength,
      comment: undefined,
      direction: undefined,
    })
    return whole
  }

  #block(data: Uint8Array, view: DataView, at: number, left: number): number {
    if (left < 12) return 0
    const isSection = view.getUint32(at) === magics.sectionHeader
    if (isSection) {
      const order = view.getUint32(at + 8)
      if (order !== magics.byteOrder && order !== 0x4d3c2b1a)
        return this.#fail(at, 'a section header has no byte order')
      this.#littleEndian = order !== magics.byteOrder
      this.#firstInterface += this.#interfaces.length
      this.#interfaces = []
      this.#snapLengths = []
      this.#timeOffsets = []
    }
    const type = view.getUint32(at, this.#littleEndian)
    const length = view.getUint32(at + 4, this.#littleEndian)
    if (length < 12 || length % 4 !== 0 || length > largestBlock)
      return this.#fail(at, `a block claims ${length} bytes`)
    if (left < length) return 0
    if (view.getUint32(at + length - 4, this.#littleEndian) !== length)
      return this.#fail(at, 'a block ends with another length than it begins with')
    const body = at + 8
    const end = at + length - 4
    if (type === blocks.interface && end - body >= 8) this.#interfaceBlock(data, view, body, end)
    else if (type === blocks.enhancedPacket && end - body >= 20)
      return this.#packetBlock(data, view, body, end, at) ? length : 0
    else if (type === blocks.obsoletePacket && end - body >= 20)
      return this.#packetBlock(data, view, body, end, at, true) ? length : 0
    else if (type === blocks.simplePacket && end - body >= 4)
      return this.#simpleBlock(data, view, body, end, at) ? length : 0
    return length
  }

  *#options(
    data: Uint8Array,
    view: DataView,
    from: number,
    end: number,
  ): Generator<{ code: number; bytes: Uint8Array }> {
    for (let at = from; at + 4 <= end;) {
      const code = view.getUint16(at, this.#littleEndian)
      const length = view.getUint16(at + 2, this.#littleEndian)
      if (code === options.end || at + 4 + length > end) return
      yield { code, bytes: data.subarray(at + 4, at + 4 + length) }
      at += 4 + Math.ceil(length / 4) * 4
    }
  }

  #interfaceBlock(data: Uint8Array, view: DataView, body: number, end: number): void {
    let name: string | undefined
    let unitsPerSecond = 1e6
    let isSynthesised = false
    let timeOffset = 0
    for (const { code, bytes } of this.#options(data, view, body + 8, end)) {
      if (code === options.interfaceName) name = decodeText(bytes)
      if (code === options.interfaceDescription) isSynthesised = decodeText(bytes) === synthesised
      if (code === options.timeOffset && bytes.length === 8)
        timeOffset = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, this.#littleEndian))
      // The highest bit chooses between powers of two and of ten.
      if (code === options.timeResolution && bytes.length >= 1)
        unitsPerSecond = bytes[0]! & 0x80 ? 2 ** (bytes[0]! & 0x7f) : 10 ** bytes[0]!
    }
    this.#timeOffsets.push(timeOffset)
    this.#addInterface(
      { linkType: view.getUint16(body, this.#littleEndian), name, unitsPerSecond, isSynthesised },
      view.getUint32(body + 4, this.#littleEndian),
    )
  }

  #packetBlock(data: Uint8Array, view: DataView, body: number, end: number, at: number, isObsolete = false): boolean {
    // The older block has a count of drops in the upper half.
    const index = isObsolete ? view.getUint16(body, this.#littleEndian) : view.getUint32(body, this.#littleEndian)
    const known = this.#interfaces[index]
    const length = view.getUint32(body + 12, this.#littleEndian)
    if (!known || body + 20 + length > end) {
      this.#fail(
        at,
        known ? 'a packet is longer than its block' : `a packet names interface ${index}, of which nothing was said`,
      )
      return false
    }
    let comment: string | undefined
    let direction: CapturedFrame['direction']
    const optionsAt = body + 20 + padded(length)
    if (optionsAt < end)
      for (const { code, bytes } of this.#options(data, view, optionsAt, end)) {
        if (code === options.comment)
          comment = comment === undefined ? decodeText(bytes) : `${comment}\n${decodeText(bytes)}`
        if (code === options.packetFlags && bytes.length === 4) {
          const bits = (this.#littleEndian ? bytes[0]! : bytes[3]!) & 3
          direction = bits === 1 ? 'in' : bits === 2 ? 'out' : undefined
        }
      }
    const { unitsPerSecond } = known
    const offset = this.#timeOffsets[index] ?? 0
    const base = this.#timeBase(view.getUint32(body + 4, this.#littleEndian), unitsPerSecond)
    const units = base.rest + view.getUint32(body + 8, this.#littleEndian)
    const extra = Math.floor(units / unitsPerSecond)
    this.#listener.onFrame({
      interface: this.#firstInterface + index,
      seconds: base.seconds + extra + offset,
      nanoseconds: Math.floor((units - extra * unitsPerSecond) * (1e9 / unitsPerSecond)),
      bytes: data.subarray(body + 20, body + 20 + length),
      originalLength: view.getUint32(body + 16, this.#littleEndian),
      comment,
      direction,
    })
    return true
  }

  #base = { high: -1, unitsPerSecond: 0, seconds: 0, rest: 0 }

  /** The upper half of a time stamp as seconds and a rest of units. It changes every few seconds at most: big integers are slow. */
  #timeBase(high: number, unitsPerSecond: number): { readonly seconds: number; readonly rest: number } {
    if (this.#base.high !== high || this.#base.unitsPerSecond !== unitsPerSecond) {
      const units = BigInt(high) << 32n
      const second = BigInt(unitsPerSecond)
      this.#base = { high, unitsPerSecond, seconds: Number(units / second), rest: Number(units % second) }
    }
    return this.#base
  }

  /** A packet without a time of its own; it belongs to the first interface. */
  #simpleBlock(data: Uint8Array, view: DataView, body: number, end: number, at: number): boolean {
    if (this.#interfaces.length === 0) {
      this.#fail(at, 'a packet comes before anything was said of its interface')
      return false
    }
    const originalLength = view.getUint32(body, this.#littleEndian)
    const snapLength = this.#snapLengths[0] ?? 0
    const length = Math.min(originalLength, end - body - 4, snapLength === 0 ? Infinity : snapLength)
    this.#listener.onFrame({
      interface: this.#firstInterface,
      seconds: 0,
      nanoseconds: 0,
      bytes: data.subarray(body + 4, body + 4 + length),
      originalLength,
      comment: undefined,
      direction: undefined,
    })
    return true
  }
}

/** ERF has no magic number: a type, lengths that fit one another and a time of this century are its mark. */
function isErf(view: DataView, at: number): boolean {
  const whole = view.getUint16(at + 10)
  const seconds = view.getUint32(at + 4, true)
  return (
    erfLinks[view.getUint8(at + 8) & 0x7f] !== undefined &&
    whole >= 18 &&
    view.getUint16(at + 14) > 0 &&
    seconds > 946_684_800 &&
    seconds < 2_524_608_000
  )
}

function optionBytes(code: number, bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(4 + padded(bytes.length))
  const view = new DataView(whole.buffer)
  view.setUint16(0, code, true)
  view.setUint16(2, bytes.length, true)
  whole.set(bytes, 4)
  return whole
}

function block(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(parts)
  const whole = new Uint8Array(12 + padded(body.length))
  const view = new DataView(whole.buffer)
  view.setUint32(0, type, true)
  view.setUint32(4, whole.length, true)
  whole.set(body, 8)
  view.setUint32(whole.length - 4, whole.length, true)
  return whole
}

const words = (...values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value, true)
  return bytes
}

export interface WrittenInterface {
  readonly linkType: number
  readonly name: string
  /** See `CaptureInterface`. */
  readonly isSynthesised?: boolean | undefined
}

export interface WrittenFrame {
  readonly interface: number
  readonly seconds: number
  readonly nanoseconds: number
  readonly bytes: Uint8Array
  readonly originalLength?: number
  readonly comment?: string | undefined
  readonly direction?: 'in' | 'out' | undefined
}

/** The start of a pcapng file: a section of `application`, and its interfaces with nanosecond time stamps. */
export function pcapngHeader(application: string, interfaces: readonly WrittenInterface[]): Uint8Array {
  const unknownLength = [0xffffffff, 0xffffffff]
  return concatBytes([
    block(magics.sectionHeader, [
      words(magics.byteOrder, 1, ...unknownLength),
      optionBytes(4, encodeText(application)),
      words(0),
    ]),
    ...interfaces.map((one) =>
      block(blocks.interface, [
        words(one.linkType, 262_144),
        optionBytes(options.interfaceName, encodeText(one.name)),
        ...(one.isSynthesised ? [optionBytes(options.interfaceDescription, encodeText(synthesised))] : []),
        optionBytes(options.timeResolution, Uint8Array.of(9)),
        words(0),
      ]),
    ),
  ])
}

export function pcapngFrame(frame: WrittenFrame): Uint8Array {
  const body = new Uint8Array(padded(frame.bytes.length))
  body.set(frame.bytes)
  const flags = frame.direction === 'in' ? 1 : frame.direction === 'out' ? 2 : 0
  const told = [
    ...(frame.comment === undefined ? [] : [optionBytes(options.comment, encodeText(frame.comment))]),
    ...(flags === 0 ? [] : [optionBytes(options.packetFlags, words(flags))]),
  ]
  const timeNs = timeNsOf(frame)
  return block(blocks.enhancedPacket, [
    words(
      frame.interface,
      Number(timeNs >> 32n),
      Number(timeNs & 0xffffffffn),
      frame.bytes.length,
      frame.originalLength ?? frame.bytes.length,
    ),
    body,
    ...told,
    ...(told.length > 0 ? [words(0)] : []),
  ])
}
