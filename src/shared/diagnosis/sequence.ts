/**
 * A boot as a sequence of messages, without what differs from run to run (transactions, random ports, addresses of
 * hardware), and the comparison of two such sequences: a real machine's and a simulated one's.
 */
import { decodeText, formatHex } from '../wire/bytes.ts'
import { messageTypeNames } from '../wire/dhcp/kinds.ts'
import {
  addressOption,
  bootFileOf,
  broadcastFlag,
  findOptionData,
  vendorClassOf,
  type DhcpMessage,
} from '../wire/dhcp/message.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import {
  addressesOf,
  bootClassOf,
  bootUrlOf,
  decodeDhcp6,
  dhcp6TypeNames,
  failedStatusOf,
  unwrapRelays,
} from '../wire/dhcpv6/message.ts'
import { dhcp6OptionCodes } from '../wire/dhcpv6/options.ts'
import { FrameHeaders } from '../wire/headers.ts'
import type { TftpOption } from '../wire/tftp.ts'
import type { Dhcp6Event, DhcpEvent, HttpEvent, TraceEvent } from '../trace/events.ts'
import { recogniseFirmware, showsNothing, type FirmwareKind } from '../trace/firmware.ts'
import type { Session } from '../trace/session.ts'
import type { Transfer } from '../trace/transfer.ts'
import { comparableParameters, comparableSecs, varying } from './comparability.ts'
import { messageOf } from './rounds.ts'

export interface SequenceMessage {
  /** Milliseconds since the first message. */
  readonly atMs: number
  readonly from: 'client' | 'server'
  /** Everything that has to agree, in words. */
  readonly says: string
  /** Why its wait is not held equal; undefined where a clock of the firmware makes it. */
  readonly openWait?: string
}

const headers = new FrameHeaders()

/** Options of a client whose values tell its firmware; of the others only their presence is told. */
const telling = new Set<number>([
  optionCodes.parameterRequestList,
  optionCodes.maximumMessageSize,
  optionCodes.vendorClass,
  optionCodes.userClass,
  optionCodes.architecture,
  optionCodes.networkInterface,
  optionCodes.ipxe,
  optionCodes.vendorSpecific,
])

function clientMessage(session: Session, event: DhcpEvent, message: DhcpMessage, kind: FirmwareKind): string {
  const bytes = session.store.contentOf(event.frame)
  headers.read(bytes, session.store.interfaceOf(event.frame).linkType)
  const valueOf = (code: number, data: Uint8Array): string =>
    code === optionCodes.vendorClass || code === optionCodes.userClass
      ? decodeText(data)
      : code === optionCodes.parameterRequestList
        ? comparableParameters(kind, formatHex(data))
        : formatHex(data)
  const options = message.options.map(({ code, data }) =>
    telling.has(code) ? `${code}=${valueOf(code, data)}` : String(code),
  )
  return [
    `${headers.sourcePort}>${headers.destinationPort}`,
    messageTypeNames[event.type] ?? `type ${event.type}`,
    `${headers.payloadEnd - headers.payloadAt} bytes`,
    comparableSecs(kind, message.secs),
    (message.flags & broadcastFlag) !== 0 ? 'broadcast' : '',
    message.ciaddr !== 0 ? 'ciaddr' : '',
    message.giaddr !== 0 ? `giaddr, hops ${message.hops}` : '',
    `options ${options.join(' ')}`,
  ]
    .filter(Boolean)
    .join(', ')
}

function serverMessage(session: Session, event: DhcpEvent, message: DhcpMessage): string {
  headers.read(session.store.contentOf(event.frame), session.store.interfaceOf(event.frame).linkType)
  const file = bootFileOf(message)
  const vendorClass = vendorClassOf(message)
  const isBootServer = headers.sourcePort === 4011
  return [
    `from ${headers.sourcePort}`,
    messageTypeNames[event.type] ?? `type ${event.type}`,
    // dnsmasq repeats the address on port 4011, others do not; no client looks.
    !isBootServer && message.yiaddr !== 0 ? 'an address' : '',
    addressOption(message, optionCodes.serverIdentifier) !== undefined ? 'server identifier' : '',
    file === '' ? '' : `file ${file}`,
    vendorClass === '' ? '' : `option 60 ${vendorClass}`,
    // A menu matters; "just download" in an answer of port 4011 does not.
    !isBootServer && findOptionData(message, optionCodes.vendorSpecific) !== undefined ? 'option 43' : '',
    message.giaddr !== 0 ? 'giaddr' : '',
  ]
    .filter(Boolean)
    .join(', ')
}

const optionText = (options: readonly TftpOption[]): string =>
  options.map(({ name, value }) => `${name}=${value}`).join(' ')

/** Servers name options in an order of their own. */
const sorted = (options: readonly TftpOption[]): TftpOption[] => [...options].sort((a, b) => (a.name < b.name ? -1 : 1))

function ofTransfer(transfer: Transfer, timesOf: (frame: number) => number): SequenceMessage[] {
  const messages: SequenceMessage[] = transfer.requests.map((frame) => ({
    atMs: timesOf(frame),
    from: 'client' as const,
    says: `TFTP read ${transfer.file} ${optionText(transfer.asked)}`,
  }))
  const tell = (frame: number, from: SequenceMessage['from'], says: string): void => {
    if (frame >= 0) messages.push({ atMs: timesOf(frame), from, says })
  }
  if (transfer.granted) tell(transfer.oackFrame, 'server', `TFTP OACK ${optionText(sorted(transfer.granted))}`)
  if (transfer.firstDataFrame >= 0)
    tell(
      transfer.firstDataFrame,
      'server',
      `TFTP ${transfer.blocks} blocks, ${transfer.bytes} bytes, ${transfer.state}`,
    )
  if (transfer.error)
    tell(transfer.error.frame, transfer.error.byClient ? 'client' : 'server', `TFTP error ${transfer.error.code}`)
  tell(transfer.icmpFrame, 'server', 'ICMP port unreachable for TFTP')
  return messages
}

function ofHttp(event: HttpEvent, timesOf: (frame: number) => number): SequenceMessage[] {
  const messages: SequenceMessage[] = [
    { atMs: timesOf(event.frame), from: 'client', says: `TCP to ${event.serverPort}` },
  ]
  if (event.refusedFrame >= 0) messages.push({ atMs: timesOf(event.refusedFrame), from: 'server', says: 'TCP refused' })
  if (event.method !== '')
    messages.push({ atMs: timesOf(event.requestFrame), from: 'client', says: `${event.method} ${event.target}` })
  if (event.status > 0)
    messages.push({
      atMs: timesOf(event.answerFrame),
      from: 'server',
      says: event.status < 400 ? `HTTP ${event.status}, ${event.size ?? 0}` : `HTTP ${event.status}`,
    })
  return messages
}

function messagesOf(
  session: Session,
  event: TraceEvent,
  timesOf: (frame: number) => number,
  /** Who began each transaction: later messages of a program may look like somebody else's. */
  speakers: Map<number, FirmwareKind>,
  over6: boolean,
): SequenceMessage[] {
  switch (event.kind) {
    case 'dhcp': {
      const message = messageOf(session.store, event.frame)
      if (!event.isReply && !speakers.has(event.xid))
        speakers.set(event.xid, showsNothing(message) ? 'grub' : recogniseFirmware(message).kind)
      return [
        {
          atMs: timesOf(event.frame),
          from: event.isReply ? 'server' : 'client',
          says: event.isReply
            ? serverMessage(session, event, message)
            : clientMessage(session, event, message, speakers.get(event.xid)!),
        },
      ]
    }
    case 'transfer':
      return ofTransfer(event, timesOf)
    case 'http':
      return ofHttp(event, timesOf)
    case 'icmp':
      return event.quoted.destinationPort === 4011
        ? [{ atMs: timesOf(event.frame), from: 'server', says: 'ICMP port unreachable for 4011' }]
        : []
    case 'dhcp6':
      return over6 ? [ofDhcp6(session, event, timesOf)] : []
    case 'arp':
    case 'dns':
      return []
  }
}

/** Options whose values tell a firmware. */
const telling6 = new Set<number>([
  dhcp6OptionCodes.optionRequest,
  dhcp6OptionCodes.userClass,
  dhcp6OptionCodes.vendorClass,
  dhcp6OptionCodes.architecture,
  dhcp6OptionCodes.networkInterface,
])

function ofDhcp6(session: Session, event: Dhcp6Event, timesOf: (frame: number) => number): SequenceMessage {
  const { inner } = unwrapRelays(decodeDhcp6(payload6Of(session, event.frame)).message)
  const name = dhcp6TypeNames[inner.type] ?? `type ${inner.type}`
  const url = bootUrlOf(inner)
  const says = event.isReply
    ? [
        name,
        addressesOf(inner).length > 0 ? 'an address' : '',
        // A reply to RELEASE says how it went in more or fewer words.
        failedStatusOf(inner) ? `status ${failedStatusOf(inner)!.code}` : '',
        url === '' ? '' : `file ${url}`,
        bootClassOf(inner),
      ]
    : [
        name,
        `options ${inner.options.map(({ code, data }) => (telling6.has(code) ? `${code}=${formatHex(data)}` : String(code))).join(' ')}`,
      ]
  return { atMs: timesOf(event.frame), from: event.isReply ? 'server' : 'client', says: says.filter(Boolean).join(', ') } // prettier-ignore
}

function payload6Of(session: Session, frame: number): Uint8Array {
  const bytes = session.store.contentOf(frame)
  headers.read(bytes, session.store.interfaceOf(frame).linkType)
  return bytes.subarray(headers.payloadAt, headers.payloadEnd)
}

const togetherMs = 8

/** What a machine and its servers said, all attempts in a row; `over6` also by DHCPv6. */
export function sequenceOf(session: Session, machineName: string, over6 = false): SequenceMessage[] {
  const machine = session.trace.machines.find((one) => one.name === machineName)
  if (!machine) return []
  const timesOf = (frame: number): number => session.store.timeOf(frame) / 1e6
  const speakers = new Map<number, FirmwareKind>()
  const messages = machine.attempts.flatMap((attempt) =>
    attempt.events.flatMap((event) => messagesOf(session, event, timesOf, speakers, over6)),
  )
  messages.sort((a, b) => a.atMs - b.atMs)
  // Offers to one DISCOVER come in the order of the wires; that is luck, not behaviour.
  for (let index = 1; index < messages.length; index++) {
    const [before, after] = [messages[index - 1]!, messages[index]!]
    const areOffers = before.says.includes(', OFFER') && after.says.includes(', OFFER')
    if (areOffers && after.atMs - before.atMs < togetherMs && after.says < before.says)
      messages.splice(index - 1, 2, { ...after, atMs: before.atMs }, { ...before, atMs: after.atMs })
  }
  const first = messages[0]?.atMs ?? 0
  return withOpenWaits(messages).map((one) => ({ ...one, atMs: one.atMs - first }))
}

const isLoaded = ({ says }: SequenceMessage): boolean =>
  /^TFTP \d+ blocks, .*, complete$/.test(says) || says.startsWith('HTTP 200')

/** Marks the waits that no clock of the firmware makes. */
function withOpenWaits(messages: readonly SequenceMessage[]): SequenceMessage[] {
  let asked = ''
  return messages.map((one, index) => {
    if (one.from === 'server') return one
    const before = messages[index - 1]
    const kind = /60=(PXEClient|HTTPClient)/.exec(one.says)?.[1] ?? ''
    const isNextOption = asked === 'PXEClient' && kind === 'HTTPClient'
    if (kind !== '') asked = kind
    if (isNextOption) return { ...one, openWait: varying.nextBootOption.because }
    if (before?.says === 'TFTP error 8') return { ...one, openWait: varying.room.because }
    return before?.from === 'server' && isLoaded(before) ? { ...one, openWait: varying.programStart.because } : one
  })
}

export interface SequenceDifference {
  /** Position in the sequences, from 1. */
  readonly at: number
  readonly real: string
  readonly simulated: string
}

/** How far waits may lie apart, in milliseconds: a timer's tick, and what an emulated processor takes. */
const toleranceMs = 260
const toleranceShare = 0.06
/** A machine with its processor to itself answers in this time, in milliseconds, where it waits for nothing. */
const promptMs = 3
/** Slower than this is no machine that still boots. */
const busiestMs = 30
/** How much later its timers ring for each millisecond that it is slower: seen with up to eight emulators at once. */
const latenessShare = 300

/**
 * How much later than they should the timers of this machine may ring, in milliseconds. Those of a busy emulator come
 * late, never early; how busy it was tells the longest time it took to answer an OACK, or to ask over a connection it opened.
 */
function latenessOf(messages: readonly SequenceMessage[]): number {
  const reactions = messages.flatMap((one, index) => {
    const before = messages[index - 1]
    const isReaction =
      (one.says === 'TFTP error 8' && before?.says.startsWith('TFTP OACK')) ||
      (/^(HEAD|GET) /.test(one.says) && before?.says.startsWith('TCP to'))
    return isReaction ? [one.atMs - before!.atMs] : []
  })
  return Math.max(0, Math.min(busiestMs, Math.max(0, ...reactions)) - promptMs) * latenessShare
}

const timed = ({ atMs, from, says }: SequenceMessage): string => `${(atMs / 1000).toFixed(3)} s ${from}: ${says}`

/**
 * What differs. Message for message, and for what the client sends also how long it waited since what came before; where
 * `isCut` the real one was broken off, so the simulated one may go on.
 */
export function compareSequences(
  real: readonly SequenceMessage[],
  simulated: readonly SequenceMessage[],
  isCut: boolean,
): SequenceDifference[] {
  const differences: SequenceDifference[] = []
  const lateness = latenessOf(real)
  const count = isCut ? real.length : Math.max(real.length, simulated.length)
  for (let index = 0; index < count; index++) {
    const a = real[index]
    const b = simulated[index]
    if (!a || !b || a.from !== b.from || a.says !== b.says) {
      differences.push({
        at: index + 1,
        real: a ? timed(a) : 'nothing more',
        simulated: b ? timed(b) : 'nothing more',
      })
      // Behind the first difference everything is shifted.
      break
    }
    if (a.from !== 'client' || index === 0 || a.openWait !== undefined) continue
    const waitedA = a.atMs - real[index - 1]!.atMs
    const waitedB = b.atMs - simulated[index - 1]!.atMs
    const [early, late] = [waitedB - waitedA, waitedA - waitedB]
    const tolerated = toleranceMs + toleranceShare * waitedA
    if (early > tolerated || late > tolerated + lateness)
      differences.push({
        at: index + 1,
        real: `waited ${(waitedA / 1000).toFixed(3)} s, then ${a.says}`,
        simulated: `waited ${(waitedB / 1000).toFixed(3)} s`,
      })
  }
  return differences
}
