/** Packets as text for people, and for other programs, which get English: fields, dumps, arrays, tables. */
import type { Phrase } from '#messages/message.ts'
import { inEnglish, textOf } from '#messages/text.ts'
import { formatHex } from '../wire/bytes.ts'
import { fieldName } from '../wire/field-names.ts'
import type { Field } from '../wire/dissect/field.ts'
import { printable } from '../wire/printable.ts'
import { csvFile } from './csv.ts'
import type { Session } from './session.ts'

/** Every field of a packet, a line each, by depth; what is malformed is marked. */
export function treeText(session: Session, frame: number): string {
  const lines: string[] = []
  const { layers, problems } = session.dissectionOf(frame)
  const walk = (fields: readonly Field[], depth: number): void => {
    for (const field of fields) {
      const wrong = field.problem === undefined ? '' : `  [malformed: ${field.problem}]`
      lines.push(`${' '.repeat(8 + depth * 2)}${textOf(fieldName(field.name))}: ${textOf(field.text)}${wrong}`)
      if (field.children) walk(field.children, depth + 1)
    }
  }
  walk(layers, 0)
  for (const { at, field, message } of problems) lines.push(`        [malformed at byte ${at}: ${field} ${message}]`)
  return lines.map(printable).join('\n')
}

const secondsOf = (session: Session, frame: number): string => (session.store.timeOf(frame) / 1e9).toFixed(6)

/** Number, time, ends, protocol and summary of a packet in one line. */
export function lineText(session: Session, frame: number, told: (summary: Phrase) => string = textOf): string {
  const { protocol, source, destination, summary } = session.summaryOf(frame)
  return printable(`${frame}  ${secondsOf(session, frame)}  ${source} → ${destination}  ${protocol}  ${told(summary)}`)
}

/** Offset, bytes and their text, as hexdump -C and tcpdump -XX write them: Wireshark and text2pcap read it. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const part = bytes.subarray(at, at + 16)
    const text = Array.from(part, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(4, '0')}  ${formatHex(part, ' ').padEnd(47)}  ${text}`)
  }
  return lines.join('\n')
}

/** An array of C by the number of the packet, its summary as a comment. */
export function cArray(session: Session, frame: number): string {
  const bytes = session.store.bytesOf(frame)
  const rows: string[] = []
  for (let at = 0; at < bytes.length; at += 12)
    rows.push(`  ${Array.from(bytes.subarray(at, at + 12), (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(', ')}`)
  // What comes off the wire cannot end the comment.
  const told = lineText(session, frame, inEnglish).replaceAll('*/', '* /')
  return `/* ${told} */\nstatic const unsigned char packet_${frame}[${bytes.length}] = {\n${rows.join(',\n')}\n};`
} // prettier-ignore

const csvHead = ['number', 'time', 'source', 'destination', 'protocol', 'length', 'summary', 'machine', 'comment']

export function csvText(session: Session, frames: Iterable<number>): string {
  const rows: string[][] = [csvHead]
  for (const frame of frames) {
    const { protocol, source, destination, summary } = session.summaryOf(frame)
    const machine = session.trace.machineOf(frame)?.name ?? ''
    const comment = session.commentsOf(frame).join('\n')
    const length = String(session.store.originalLengthOf(frame))
    rows.push([String(frame), secondsOf(session, frame), source, destination, protocol, length, inEnglish(summary), machine, comment]) // prettier-ignore
  }
  return csvFile(rows)
}

const each =
  (one: (session: Session, frame: number) => string, between = '\n') =>
  (session: Session, frames: readonly number[]): string =>
    frames.map((frame) => one(session, frame)).join(between)

/** The forms in which packets are copied, by what people call them. */
export const frameForms = {
  summary: each((session, frame) => lineText(session, frame)),
  text: each((session, frame) => `${lineText(session, frame)}\n${treeText(session, frame)}`, '\n\n'),
  hex: each((session, frame) => hexDump(session.store.bytesOf(frame)), '\n\n'),
  'hex-stream': each((session, frame) => formatHex(session.store.bytesOf(frame))),
  'c-array': each(cArray, '\n\n'),
  csv: csvText,
} as const satisfies Readonly<Record<string, (session: Session, frames: readonly number[]) => string>>

export type FrameForm = keyof typeof frameForms
