/**
 * TFTP packets: RFC 1350, option extension RFC 2347, blksize RFC 2348, timeout and tsize RFC 2349, windowsize RFC 7440,
 * and Microsoft's `msftwindow`, under which an ACK carries one more byte: the window the client wants next.
 */
import { say, type Message, type Phrase } from '#messages/message.ts'
import { decodeText, encodeText, u16At, type Problem } from './bytes.ts'

export const tftpOpcodes = { rrq: 1, wrq: 2, data: 3, ack: 4, error: 5, oack: 6 } as const

/** RFC 1350 section 5 and RFC 2347 (8). */
export const tftpErrors = {
  notDefined: 0,
  fileNotFound: 1,
  accessViolation: 2,
  diskFull: 3,
  illegalOperation: 4,
  unknownTransferId: 5,
  fileExists: 6,
  noSuchUser: 7,
  optionRefused: 8,
} as const

const errorNames: Readonly<Record<number, Message>> = {
  0: say('wire.tftp-not-defined'),
  1: say('wire.tftp-file-not-found'),
  2: say('wire.tftp-access-violation'),
  3: say('wire.tftp-disk-full'),
  4: say('wire.tftp-illegal-operation'),
  5: say('wire.tftp-unknown-transfer'),
  6: say('wire.tftp-file-exists'),
  7: say('wire.tftp-no-such-user'),
  8: say('wire.tftp-option-refused'),
}

/** What the code of an ERROR means. */
export const tftpErrorName = (code: number): Message => errorNames[code] ?? say('wire.unknown')

/** What a client that knows the variable window asks with, and what a server grants it with. */
export const microsoftWindow = { request: '31416', grant: '27182' } as const

export interface TftpOption {
  readonly name: string
  readonly value: string
}

export type TftpPacket =
  | {
      readonly kind: 'rrq' | 'wrq'
      readonly filename: string
      readonly mode: string
      readonly options: readonly TftpOption[]
    }
  | { readonly kind: 'data'; readonly block: number; readonly data: Uint8Array }
  | { readonly kind: 'ack'; readonly block: number; readonly nextWindowSize?: number }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  | { readonly kind: 'oack'; readonly options: readonly TftpOption[] }

export interface DecodedTftp {
  /** Undefined where not even the kind of packet can be told. */
  readonly packet: TftpPacket | undefined
  readonly problems: readonly Problem[]
}

/** NUL-terminated texts from `start` on; the last may lack its NUL. */
function readTexts(datagram: Uint8Array, start: number): { texts: string[]; isTerminated: boolean } {
  const texts: string[] = []
  let at = start
  while (at < datagram.length) {
    const end = datagram.indexOf(0, at)
    if (end < 0) return { texts: [...texts, decodeText(datagram.subarray(at))], isTerminated: false }
    texts.push(decodeText(datagram.subarray(at, end)))
    at = end + 1
  }
  return { texts, isTerminated: true }
}

function pairs(texts: readonly string[], datagram: Uint8Array, problems: Problem[]): TftpOption[] {
  const options: TftpOption[] = []
  for (let at = 0; at + 1 < texts.length; at += 2) options.push({ name: texts[at]!, value: texts[at + 1]! })
  if (texts.length % 2 === 1 && texts.at(-1) !== '')
    problems.push({ at: datagram.length, field: 'options', message: `"${texts.at(-1)}" has no value` })
  return options
}

export function decodeTftp(datagram: Uint8Array): DecodedTftp {
  const problems: Problem[] = []
  if (datagram.length < 2) {
    problems.push({ at: 0, field: 'opcode', message: `${datagram.length} bytes, needs 2` })
    return { packet: undefined, problems }
  }
  const opcode = u16At(datagram, 0)
  switch (opcode) {
    case tftpOpcodes.rrq:
    case tftpOpcodes.wrq: {
      const { texts, isTerminated } = readTexts(datagram, 2)
      if (!isTerminated)
        problems.push({ at: datagram.length, field: 'request', message: 'its last text has no terminating zero' })
      if (texts.length < 2) problems.push({ at: datagram.length, field: 'mode', message: 'is missing' })
      if (datagram.length > 512)
        problems.push({ at: 512, field: 'request', message: 'is longer than 512 bytes (RFC 2347)' })
      const options = pairs(texts.slice(2), datagram, problems)
      const kind = opcode === tftpOpcodes.rrq ? 'rrq' : 'wrq'
      return { packet: { kind, filename: texts[0] ?? '', mode: texts[1] ?? '', options }, problems }
    }
    case tftpOpcodes.data:
    case tftpOpcodes.ack: {
      if (datagram.length < 4) {
        problems.push({ at: datagram.length, field: 'block', message: `${datagram.length} bytes, needs 4` })
        return { packet: undefined, problems }
      }
      const block = u16At(datagram, 2)
      if (opcode === tftpOpcodes.data) return { packet: { kind: 'data', block, data: datagram.subarray(4) }, problems }
      if (datagram.length > 5) problems.push({ at: 5, field: 'ack', message: `${datagram.length - 5} bytes too many` })
      return {
        packet: { kind: 'ack', block, ...(datagram.length >= 5 ? { nextWindowSize: datagram[4]! } : {}) },
        problems,
      }
    }
    case tftpOpcodes.error: {
      if (datagram.length < 4) problems.push({ at: datagram.length, field: 'error code', message: 'is missing' })
      if (datagram.length < 5 || datagram.at(-1) !== 0)
        problems.push({ at: datagram.length, field: 'error message', message: 'has no terminating zero' })
      return {
        packet: { kind: 'error', code: u16At(datagram, 2), message: decodeText(datagram.subarray(4)) },
        problems,
      }
    }
    case tftpOpcodes.oack: {
      const { texts, isTerminated } = readTexts(datagram, 2)
      if (!isTerminated)
        problems.push({ at: datagram.length, field: 'options', message: 'the last text has no terminating zero' })
      return { packet: { kind: 'oack', options: pairs(texts, datagram, problems) }, problems }
    }
    default:
      problems.push({ at: 0, field: 'opcode', message: `is ${opcode}, 1 to 6 are defined` })
      return { packet: undefined, problems }
  }
}

/** The transfer modes of RFC 1350 section 5, in any case of letters. */
const isMode = (mode: string): boolean => /^(octet|netascii|mail)$/i.test(mode)

/** Whether a payload can be TFTP at all: ports other than 69 are only taken for it where this says so. */
export const looksLikeTftp = (payload: Uint8Array): boolean => {
  const opcode = payload.length >= 4 && payload[0] === 0 ? payload[1]! : 0
  if (opcode === tftpOpcodes.ack) return payload.length <= 5
  if (opcode < 1 || opcode > 6) return false
  const { packet, problems } = decodeTftp(payload)
  if (problems.length > 0) return false
  return packet?.kind === 'rrq' || packet?.kind === 'wrq' ? packet.filename !== '' && isMode(packet.mode) : true
}

const withTexts = (opcode: number, texts: readonly string[]): Uint8Array => {
  const parts = texts.map(encodeText)
  const datagram = new Uint8Array(2 + parts.reduce((sum, part) => sum + part.length + 1, 0))
  datagram[1] = opcode
  let at = 2
  for (const part of parts) {
    datagram.set(part, at)
    at += part.length + 1
  }
  return datagram
}

export function encodeTftp(packet: TftpPacket): Uint8Array {
  switch (packet.kind) {
    case 'rrq':
    case 'wrq':
      return withTexts(tftpOpcodes[packet.kind], [
        packet.filename,
        packet.mode,
        ...packet.options.flatMap((option) => [option.name, option.value]),
      ])
    case 'oack':
      return withTexts(
        tftpOpcodes.oack,
        packet.options.flatMap((option) => [option.name, option.value]),
      )
    case 'data': {
      const datagram = new Uint8Array(4 + packet.data.length)
      datagram.set([0, tftpOpcodes.data, (packet.block >>> 8) & 255, packet.block & 255])
      datagram.set(packet.data, 4)
      return datagram
    }
    case 'ack': {
      const header = [0, tftpOpcodes.ack, (packet.block >>> 8) & 255, packet.block & 255]
      return Uint8Array.from(packet.nextWindowSize === undefined ? header : [...header, packet.nextWindowSize])
    }
    case 'error': {
      const text = encodeText(packet.message)
      const datagram = new Uint8Array(5 + text.length)
      datagram.set([0, tftpOpcodes.error, packet.code >>> 8, packet.code & 255])
      datagram.set(text, 4)
      return datagram
    }
  }
}

/** One line about a packet, as a list of packets shows it. */
export function describeTftp(packet: TftpPacket): Phrase {
  const options = (list: readonly TftpOption[]): string =>
    list.map((option) => ` ${option.name}=${option.value}`).join('')
  switch (packet.kind) {
    case 'rrq':
      return say('wire.tftp-read', { file: packet.filename, settings: `${packet.mode}${options(packet.options)}` })
    case 'wrq':
      return say('wire.tftp-write', { file: packet.filename, settings: `${packet.mode}${options(packet.options)}` })
    case 'data':
      return say('wire.tftp-data', { block: packet.block, bytes: packet.data.length })
    case 'ack':
      return packet.nextWindowSize === undefined
        ? `ACK ${packet.block}`
        : say('wire.tftp-ack-window', { block: packet.block, window: packet.nextWindowSize })
    case 'error':
      return say('wire.tftp-error', { code: packet.code, meaning: tftpErrorName(packet.code), text: packet.message })
    case 'oack':
      return `OACK${options(packet.options)}`
  }
}
