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
import { FrameHeaders } from '../wire/headers.ts'
import type { TftpOption } from '../wire/tftp.ts'
import type { DhcpEvent, HttpEvent, TraceEvent } from '../trace/events.ts'
import type { Session } from '../trace/session.ts'
import type { Transfer } from '../trace/transfer.ts'
import { messageOf } from './rounds.ts'

export interface SequenceMessage {
  /** Milliseconds since the first message. */
  readonly atMs: number
  readonly from: 'client' | 'server'
  /** Everything that has to agree, in words. */
  readonly says: string
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

function clientMessage(session: Session, event: DhcpEvent, message: DhcpMessage): string {
  const bytes = session.store.contentOf(event.frame)
  headers.read(bytes, session.store.interfaceOf(event.frame).linkType)
  const options = message.options.map(({ code, data }) =>
    telling.has(code)
      ? `${code}=${code === optionCodes.vendorClass || code === optionCodes.userClass ? decodeText(data) : formatHex(data)}`
      : String(code),
  )
  return [
    `${headers.sourcePort}>${headers.destinationPort}`,
    messageTypeNames[event.type] ?? `type ${event.type}`,
    `${headers.payloadEnd - headers.payloadAt} bytes`,
    `secs ${message.secs}`,
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
      says: `HTTP ${event.status}, ${event.size ?? 0}`,
    })
  return messages
}

function messagesOf(session: Session, event: TraceEvent, timesOf: (frame: number) => number): SequenceMessage[] {
  switch (event.kind) {
    case 'dhcp': {
      const message = messageOf(session.store, event.frame)
      return [
        {
          atMs: timesOf(event.frame),
          from: event.isReply ? 'server' : 'client',
          says: event.isReply ? serverMessage(session, event, message) : clientMessage(session, event, message),
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
    case 'arp':
      return []
  }
}

const togetherMs = 8

/** What a machine and its servers said, all attempts in a row. */
export function sequenceOf(session: Session, machineName: string): SequenceMessage[] {
  const machine = session.trace.machines.find((one) => one.name === machineName)
  if (!machine) return []
  const timesOf = (frame: number): number => session.store.timeOf(frame) / 1e6
  const messages = machine.attempts.flatMap((attempt) =>
    attempt.events.flatMap((event) => messagesOf(session, event, timesOf)),
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
  return messages.map((one) => ({ ...one, atMs: one.atMs - first }))
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
    if (a.from !== 'client' || index === 0) continue
    const waitedA = a.atMs - real[index - 1]!.atMs
    const waitedB = b.atMs - simulated[index - 1]!.atMs
    if (Math.abs(waitedA - waitedB) > toleranceMs + toleranceShare * waitedA)
      differences.push({
        at: index + 1,
        real: `waited ${(waitedA / 1000).toFixed(3)} s, then ${a.says}`,
        simulated: `waited ${(waitedB / 1000).toFixed(3)} s`,
      })
  }
  return differences
}
