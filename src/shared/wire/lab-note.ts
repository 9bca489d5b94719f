/**
 * What the responder decided and no packet shows: whom it does not answer and why, who waits for approval, what could not be
 * sent. It stands in a capture between the packets, as a frame of LINKTYPE_WIRESHARK_UPPER_PDU that carries a syslog message
 * (RFC 5424): Wireshark shows the sentence, and this reads what it is about.
 */
import { say, type Message, type Phrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { concatBytes, decodeText, encodeText, u16At } from './bytes.ts'
import { linkTypes } from './link-types.ts'

export const noteKinds = [
  /** The lab does not answer this request. */
  'not-answered',
  /** The lab names nothing to boot to this machine. */
  'not-booted',
  'waits-for-approval',
  'not-approved',
  'no-address',
  'address-refused',
  'not-sent',
  /** No lease can be stored, and none is given until one can. */
  'not-stored',
  'file-refused',
  /** The request for a file was left unanswered for now; the client asks again. */
  'file-deferred',
  'transfer-failed',
  /** HTTPS: the handshake ended without a connection. */
  'tls-failed',
] as const
export type NoteKind = (typeof noteKinds)[number]

export interface LabNote {
  readonly kind: NoteKind
  /** Hardware address of the machine it is about; empty where only its address is known. */
  readonly mac: string
  /** Its IPv4 address; empty where it has none. */
  readonly address: string
  /** Why, as a clause: `no rule matches`. */
  readonly reason: string
}

/** Name of the interface that notes are kept under. */
export const noteInterface = { name: 'PXE Lab', linkType: linkTypes.upperPdu } as const

const titles: Readonly<Record<NoteKind, Message>> = {
  'not-answered': say('wire.note-not-answered'),
  'not-booted': say('wire.note-not-booted'),
  'waits-for-approval': say('wire.note-waits-for-approval'),
  'not-approved': say('wire.note-not-approved'),
  'no-address': say('wire.note-no-address'),
  'address-refused': say('wire.note-address-refused'),
  'not-sent': say('wire.note-not-sent'),
  'not-stored': say('wire.note-not-stored'),
  'file-refused': say('wire.note-file-refused'),
  'file-deferred': say('wire.note-file-deferred'),
  'transfer-failed': say('wire.note-transfer-failed'),
  'tls-failed': say('wire.note-tls-failed'),
}

/** Why a REQUEST is left unanswered that names another server. */
export const tookOfferOf = (server: string): string => `it took the offer of ${server}`

/** A note as a sentence without its full stop. */
export const noteText = ({ kind, reason }: Pick<LabNote, 'kind' | 'reason'>): Phrase =>
  reason === '' ? titles[kind] : say('wire.because', { what: titles[kind], why: reason })

/** Tags of an exported PDU (Wireshark, epan/exported_pdu.h). */
const tags = { end: 0, dissectorName: 12 } as const
const dissector = encodeText('syslog')
/** Facility daemon, severity notice (RFC 5424 section 6.2.1). */
const priority = 3 * 8 + 5
/** Enterprise number for documentation (RFC 5612): nobody else gives this element a meaning. */
const element = 'pxelab@32473'

const escaped = (value: string): string => value.replace(/[\\"\]]/g, '\\$&')
const unescaped = (value: string): string => value.replace(/\\([\\"\]])/g, '$1')

function tlv(tag: number, value: Uint8Array): Uint8Array {
  const head = new Uint8Array(4)
  const view = new DataView(head.buffer)
  view.setUint16(0, tag)
  view.setUint16(2, value.length)
  return concatBytes([head, value])
}

/** The bytes of its frame. */
export function encodeLabNote(note: LabNote): Uint8Array {
  const { kind, mac, address, reason } = note
  const clean = reason.replace(/\p{Cc}+/gu, ' ')
  const data = `${element} mac="${escaped(mac)}" address="${escaped(address)}" reason="${escaped(clean)}"`
  const text = `<${priority}>1 - - pxe-lab - ${kind} [${data}] ${inEnglish(noteText({ kind, reason: clean }))}`
  return concatBytes([tlv(tags.dissectorName, dissector), tlv(tags.end, new Uint8Array()), encodeText(text)])
}

const form = /^<\d+>1 - - pxe-lab - ([a-z-]+) \[pxelab@32473 mac="((?:[^"\\]|\\.)*)" address="((?:[^"\\]|\\.)*)" reason="((?:[^"\\]|\\.)*)"\]/ // prettier-ignore

/** The note that a frame of `noteInterface.linkType` is; undefined where it is none of ours. */
export function readLabNote(bytes: Uint8Array): LabNote | undefined {
  let at = 0
  for (let tag = -1; tag !== tags.end; at += 4 + u16At(bytes, at + 2)) {
    if (at + 4 > bytes.length) return undefined
    tag = u16At(bytes, at)
  }
  const found = form.exec(decodeText(bytes.subarray(at)))
  const kind = noteKinds.find((one) => one === found?.[1])
  if (!found || kind === undefined) return undefined
  const [, , mac = '', address = '', reason = ''] = found
  return { kind, mac: unescaped(mac), address: unescaped(address), reason: unescaped(reason) }
}
