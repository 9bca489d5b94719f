/** Captures that can only be read as a whole: Network Monitor 2 by its table of frames, and hexadecimal dumps. */
import { decodeText, u16At } from './bytes.ts'
import { linkTypes } from './link-types.ts'
import { utcSeconds } from './time.ts'

export interface WholeFrame {
  readonly linkType: number
  readonly seconds: number
  readonly nanoseconds: number
  readonly bytes: Uint8Array
  readonly originalLength: number
}

/** A link type that nothing else has, for what has none in the registry. */
const nameless = 0xffff

/** Frames of a Network Monitor 2 file (NetMon 3 help, "Capture File Format"); a text tells where it is damaged. */
export function* netMonFrames(file: Uint8Array): Generator<WholeFrame | string> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const word = (at: number): number => view.getUint16(at, true)
  const long = (at: number): number => view.getUint32(at, true)
  if (file.length < 128) return yield 'its header is cut off'
  const minor = view.getUint8(4)
  const began = utcSeconds(word(8), word(10), word(14), word(16), word(18), word(20))
  const tableAt = long(24)
  const count = long(28) / 4
  if (!Number.isInteger(count) || tableAt + count * 4 > file.length) return yield 'its table of frames is cut off'
  for (let index = 0; index < count; index++) {
    const at = long(tableAt + index * 4)
    if (at + 16 > file.length || at + 16 + long(at + 12) > file.length)
      return yield `frame ${index + 1} of its table is not in it`
    const length = long(at + 12)
    const trailer = at + 16 + length
    // From version 2.1 on each frame tells its link; 0xE000 marks a LINKTYPE (NetMon 3.4).
    const network = minor >= 1 && trailer + 2 <= file.length ? word(trailer) : word(6)
    const micros = Number(view.getBigUint64(at, true))
    const nanoseconds = word(22) * 1e6 + (micros % 1e6) * 1000
    yield {
      linkType: network === 1 ? linkTypes.ethernet : (network & 0xf000) === 0xe000 ? network & 0xfff : nameless,
      seconds: began + Math.floor(micros / 1e6) + Math.floor(nanoseconds / 1e9),
      nanoseconds: nanoseconds % 1e9,
      bytes: file.subarray(at + 16, trailer),
      originalLength: long(at + 8),
    }
  }
}

const dumpLine = /^[ \t>]*(?:0x)?([\da-f]{3,8}):?[ \t]+([\da-f]{2}(?:[\da-f]{2})?(?:[ \t]|$).*)$/i
const timeOfDay = /(?:(\d{4})-(\d\d)-(\d\d)[ T])?(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?/
/** Headings of bytes that tshark prints beside a frame: what it put together of several. */
const besideFrame = /^(?!Frame|Packet)\S.*\(\d+ bytes\):?\s*$/

/** Whether a line of a dump stands in the text. */
export const holdsDump = (text: string): boolean => text.split('\n').some((line) => dumpLine.test(line))

/** tcpdump -x leaves the link header away, and keeps the padding of the link: to 46 octets of Ethernet. */
function isBareIpv4(bytes: Uint8Array): boolean {
  const length = u16At(bytes, 2)
  return bytes[0]! >>> 4 === 4 && length >= 20 && (length === bytes.length || (bytes.length === 46 && length < 46))
}

function bytesOfLine(text: string): number[] {
  // Where two octets stand together, as tcpdump writes them, two spaces end them; else three, a tab or a bar.
  const isPaired = /^[\da-f]{4}/i.test(text)
  const digits = text.split(isPaired ? /\s{2,}/ : /\s{3,}|\t|\|/)[0]!
  const bytes: number[] = []
  for (const token of digits.trim().split(/\s+/)) {
    if (!/^([\da-f]{2}){1,2}$/i.test(token)) break
    for (let at = 0; at < token.length; at += 2) bytes.push(parseInt(token.slice(at, at + 2), 16))
  }
  return bytes
}

/** Frames of a dump as tshark -x, tcpdump -x, hexdump -C and Wireshark's copying write it, and text2pcap reads it. */
export function* dumpedFrames(file: Uint8Array): Generator<WholeFrame> {
  let bytes: number[] = []
  let lineAt = 0
  let isBeside = false
  let told: RegExpExecArray | undefined
  let ofFrame: RegExpExecArray | undefined
  let count = 0
  const frame = (): WholeFrame | undefined => {
    if (bytes.length === 0) return undefined
    const whole = Uint8Array.from(bytes)
    const isRaw = isBareIpv4(whole)
    const [, year, month, day, hour, minute, second, fraction] = ofFrame ?? []
    const seconds = ofFrame
      ? utcSeconds(Number(year ?? 1970), Number(month ?? 1), Number(day ?? 1), Number(hour), Number(minute), Number(second))
      : Math.floor(count / 1000) // prettier-ignore
    return {
      linkType: isRaw ? linkTypes.raw : linkTypes.ethernet,
      seconds,
      // Without times the frames are a millisecond apart.
      nanoseconds: ofFrame ? Number((fraction ?? '').padEnd(9, '0')) : (count % 1000) * 1e6,
      bytes: whole,
      originalLength: whole.length,
    }
  }
  for (const line of linesOf(file)) {
    const match = dumpLine.exec(line)
    if (!match) {
      const time = timeOfDay.exec(line)
      if (time) told = time
      if (besideFrame.test(line)) isBeside = true
      else if (/^(Frame|Packet) /.test(line)) isBeside = false
      continue
    }
    const offset = parseInt(match[1]!, 16)
    if (offset === 0) {
      const finished = frame()
      if (finished) {
        yield finished
        count++
      }
      bytes = []
      ofFrame = told
      told = undefined
    }
    if (isBeside) continue
    // What the line before said too much was its column of characters.
    if (offset > lineAt && offset < bytes.length) bytes.length = offset
    if (offset !== bytes.length) continue
    lineAt = offset
    bytes.push(...bytesOfLine(match[2]!))
  }
  const last = frame()
  if (last) yield last
}

function* linesOf(file: Uint8Array): Generator<string> {
  for (let at = 0; at < file.length;) {
    const end = file.indexOf(10, at)
    const stop = end < 0 ? file.length : end
    // A line that no dump has is not looked at.
    if (stop - at < 1000) yield decodeText(file.subarray(at, stop)).replace(/\r$/, '')
    at = stop + 1
  }
}
