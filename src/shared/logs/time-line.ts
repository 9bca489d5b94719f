/**
 * A log and a capture of the same time on one time line. The clocks of the two differ: what the log says of packets that the
 * capture holds (SMSPXE.log writes the transaction identifier of each) tells by how much.
 */
import { say, type Message, type Phrase } from '#messages/message.ts'
import type { Attempt, TraceEvent } from '../trace/events.ts'
import type { Session } from '../trace/session.ts'
import { messageTypeNames } from '../wire/dhcp/kinds.ts'
import type { LogEntry } from './entry.ts'
import { machineOf } from './pxe-stories.ts'

/** What a log says of a machine at a time. */
export interface LogMoment {
  readonly mac: string
  readonly entry: LogEntry
  /** On the clock of the log, in UTC where it tells its zone. */
  readonly atMs: number
  readonly packet: { readonly xid: number; readonly type: number | undefined; readonly isReply: boolean } | undefined
}

export interface TimeLineItem {
  /** Milliseconds since 1970, on the clock of the capture. */
  readonly atMs: number
  readonly from: 'log' | 'wire'
  readonly text: Phrase
  readonly entry: LogEntry | undefined
  readonly frame: number | undefined
}

export interface TimeLine {
  /** By what the clock of the log is ahead of that of the capture; undefined where nothing in them is the same. */
  readonly offsetMs: number | undefined
  /** Packets and requests that both tell of, and agree on the offset. */
  readonly matches: number
  /** Whether they were told by transaction identifiers, and not only by their order in time. */
  readonly isByPacket: boolean
  readonly machines: readonly { readonly mac: string; readonly items: readonly TimeLineItem[] }[]
}

const mostMoments = 200_000
const mostPairs = 400
/** Matches of one offset lie within it: a server writes its log at once. */
const binMs = 500

/** Collects what a log says of machines; `take` is called for each entry. */
export class LogMoments {
  readonly all: LogMoment[] = []
  #waiting: LogEntry[] = []

  take(entry: LogEntry): void {
    if (entry.localMs === undefined || this.all.length >= mostMoments) return
    const name = machineOf(entry.text)
    if (!name) {
      // A lookup names its machine in the next lines of its thread.
      if (/^\s*(Client (lookup|boot action) reply|Looking for bootImage|PXE::CBootImageCache)/i.test(entry.text)) {
        this.#waiting.push(entry)
        if (this.#waiting.length > 50) this.#waiting.shift()
      }
      return
    }
    const own = this.#waiting.filter((one) => one.thread === entry.thread)
    this.#waiting = this.#waiting.filter((one) => one.thread !== entry.thread)
    for (const one of [...own, entry])
      this.all.push({ mac: name.mac, entry: one, atMs: one.localMs! + (one.biasMinutes ?? 0) * 60_000, packet: packetOf(one.text) }) // prettier-ignore
  }
}

/** ` Operation: BootRequest (1)  Addr type: 1 ... ID: D4002BB8`, with the options under it. */
function packetOf(text: string): LogMoment['packet'] {
  const found = /Operation: Boot(Request|Reply)[^\n]*\bID: ([\da-f]{8})/i.exec(text)
  if (!found) return undefined
  const type = /Msg Type: (\d{1,2})=/.exec(text)?.[1]
  return { xid: Number.parseInt(found[2]!, 16), type: type === undefined ? undefined : Number(type), isReply: /reply/i.test(found[1]!) } // prettier-ignore
}

const swapped = (xid: number): number =>
  (((xid & 0xff) << 24) | ((xid & 0xff00) << 8) | ((xid >>> 8) & 0xff00) | (xid >>> 24)) >>> 0

/** Puts both on the clock of the capture; machines that only one of them knows are left out. */
export function timeLine(moments: readonly LogMoment[], session: Session): TimeLine {
  const wire = new Map<string, Attempt[]>()
  for (const attempt of session.trace.attempts) {
    const key = attempt.machine.name.toUpperCase()
    const known = wire.get(key)
    if (known) known.push(attempt)
    else wire.set(key, [attempt])
  }
  const baseMs = Number(session.store.baseNs / 1000n) / 1000
  const at = (ns: number): number => baseMs + ns / 1e6
  const byMachine = Map.groupBy(moments, (one) => one.mac)
  const shared = [...byMachine].filter(([mac]) => wire.has(mac))
  const dhcpOf = (mac: string) => wire.get(mac)!.flatMap(({ events }) => events.filter((one) => one.kind === 'dhcp'))

  const exact: number[] = []
  const guessed: number[] = []
  for (const [mac, own] of shared) {
    const packets = dhcpOf(mac)
    const ofXid = Map.groupBy(packets, (one) => one.xid)
    for (const { packet, atMs } of own) {
      if (!packet) continue
      for (const one of ofXid.get(packet.xid) ?? ofXid.get(swapped(packet.xid)) ?? [])
        if (one.isReply === packet.isReply && (packet.type === undefined || packet.type === one.type)) exact.push(atMs - at(one.timeNs)) // prettier-ignore
    }
    const asked = packets.filter((one) => !one.isReply).slice(0, 20)
    for (const { atMs } of own.slice(0, Math.floor(mostPairs / 20))) for (const one of asked) guessed.push(atMs - at(one.timeNs)) // prettier-ignore
  }
  const best = commonest(exact) ?? commonest(guessed)
  const offsetMs = best?.offsetMs
  return {
    offsetMs,
    matches: best?.count ?? 0,
    isByPacket: exact.length > 0,
    machines:
      offsetMs === undefined
        ? []
        : shared.map(([mac, own]) => ({
            mac,
            items: [
              ...own.map(({ entry, atMs }) => ({ atMs: atMs - offsetMs, from: 'log' as const, text: shortOf(entry.text), entry, frame: undefined })),
              ...wire.get(mac)!.flatMap(({ events }) => events.flatMap((one) => wireItems(one, at))),
            ].sort((a, b) => a.atMs - b.atMs || (a.from === 'wire' ? -1 : 1)),
          })),
  } // prettier-ignore
}

/** The difference that most pairs have, the least of them; of equally many the smallest. */
function commonest(differences: readonly number[]): { readonly offsetMs: number; readonly count: number } | undefined {
  if (differences.length === 0) return undefined
  const sorted = [...differences].sort((a, b) => a - b)
  let best = { from: 0, to: 0 }
  let from = 0
  for (let to = 0; to < sorted.length; to++) {
    while (sorted[to]! - sorted[from]! > binMs) from++
    const [more, as] = [to - from, best.to - best.from]
    if (more > as || (more === as && Math.abs(sorted[from]!) < Math.abs(sorted[best.from]!))) best = { from, to }
  }
  // A log is written behind the packet it tells of: the shortest way between the two is nearest to none.
  return { offsetMs: Math.floor(sorted[best.from]!), count: best.to - best.from + 1 }
}

/** How the two clocks stand to each other, in a sentence. */
export function clockText({ offsetMs, matches, isByPacket }: TimeLine): Message {
  if (offsetMs === undefined) return say('logs.clock-none')
  const values = { seconds: Math.abs(offsetMs) / 1000, isBehind: offsetMs < 0 ? 'yes' : 'no', matches }
  return isByPacket ? say('logs.clock-by-packets', values) : say('logs.clock-by-times', values)
}

const shortOf = (text: string): string => {
  const one = text.trim().replace(/\s*\n\s*/g, ' ')
  return one.length > 160 ? `${one.slice(0, 157)}...` : one
}

function wireItems(event: TraceEvent, at: (ns: number) => number): TimeLineItem[] {
  const item = (ns: number, text: Phrase, frame: number): TimeLineItem => ({ atMs: at(ns), from: 'wire', text, entry: undefined, frame }) // prettier-ignore
  if (event.kind === 'dhcp') {
    const name = messageTypeNames[event.type]
    const message = name === undefined ? say('logs.dhcp-message') : `DHCP${name}`
    return [item(event.timeNs, event.isBootServer ? say('logs.on-port-4011', { message }) : message, event.frame)]
  }
  if (event.kind === 'transfer') {
    const { file, state, bytes } = event
    return [
      item(event.startNs, event.isWrite ? say('logs.tftp-write', { file }) : say('logs.tftp-read', { file }), event.requests[0]!),
      ...(event.lastNs > event.startNs ? [item(event.lastNs, say('logs.tftp-ended', { file, state, bytes }), event.lastFrame)] : []),
    ] // prettier-ignore
  }
  if (event.kind === 'http') {
    const { method, target, status } = event
    return [item(event.timeNs, status ? say('logs.http', { method, target, status }) : say('logs.http-no-answer', { method, target }), event.frame)] // prettier-ignore
  }
  return []
}
