/**
 * The ladder of an attempt as a model without pixels: lanes, and rows in the order of time. The window and the report draw
 * it as SVG, tests and the command line as text.
 */
import { say, type Phrase } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { formatIpv4, formatMac } from '../wire/bytes.ts'
import { dhcp6Types } from '../wire/dhcpv6/message.ts'
import { DhcpGlance } from '../wire/dhcp/glance.ts'
import { messageTypes } from '../wire/dhcp/kinds.ts'
import { FrameHeaders } from '../wire/headers.ts'
import { icmp6Name } from '../wire/icmpv6.ts'
import { formatIp, isIpv6, isMulticast, type IpAddress } from '../wire/ip-address.ts'
import { icmpName, summarize } from '../wire/summary.ts'
import { describeTftp } from '../wire/tftp.ts'
import type { Attempt, Dhcp6Event, DhcpEvent, DnsEvent, HttpEvent } from './events.ts'
import type { FrameStore } from './frame-store.ts'
import type { Transfer, TransferSample } from './transfer.ts'
import { tlsAlertName } from '../wire/tls.ts'

export type Tone = 'good' | 'plain' | 'benign' | 'warning' | 'bad'
export type LadderProtocol = 'dhcp' | 'pxe' | 'tftp' | 'http' | 'arp' | 'icmp' | 'dns'

/** What is to be said of one frame. */
export interface Note<Text = Phrase> {
  readonly frame: number
  readonly tone: Tone
  readonly text: Text
}

/** A packet that should have come. */
export interface Missing<Text = Phrase> {
  /** From 1, within its attempt. */
  readonly number: number
  readonly label: Text
  /** Who should have sent it: an address, 0 for the client or an unknown server. */
  readonly from: IpAddress
  readonly protocol: LadderProtocol
  /** The frame that it would have answered, and its time. */
  readonly afterFrame: number
  readonly afterNs: number
  readonly dueNs: number
  /** Whether its time is over. */
  readonly isOverdue: boolean
  /** What commonly stops it, the most frequent first. */
  readonly causes: readonly Text[]
}

export interface Lane {
  readonly key: string
  /** `client`, or what it did: `DHCP`, `proxyDHCP`, `boot server`, `TFTP`, `HTTP`, `relay`. */
  readonly roles: readonly string[]
  readonly address: string
  readonly mac: string
}

interface Row {
  /** Unique in the ladder: `f12` for a frame, `m1` for a missing packet, `t3` for a transfer. */
  readonly key: string
  readonly timeNs: number
  readonly from: number
  readonly to: number
  readonly protocol: LadderProtocol
  readonly label: string
  /** Frames it stands for, the first leads to the packet. */
  readonly frames: readonly number[]
  readonly tone: Tone
  readonly note: string | undefined
}

export interface ArrowRow extends Row {
  readonly kind: 'arrow'
  readonly isBroadcast: boolean
  /** Which try of the same message it is, from 1. */
  readonly tries: number
  /** Offers: whether it was taken. */
  readonly mark: 'won' | 'lost' | undefined
}

export interface GhostRow extends Row {
  readonly kind: 'ghost'
  readonly missing: Missing
}

export interface BarRow extends Row {
  readonly kind: 'bar'
  readonly endNs: number
  readonly bytes: number
  readonly size: number | undefined
  readonly samples: readonly TransferSample[]
  readonly retransmissions: number
  readonly packets: number
  /** Number of the TFTP transfer, for unfolding; undefined for HTTP. */
  readonly transfer: number | undefined
}

export type LadderRow = ArrowRow | GhostRow | BarRow

export interface Ladder {
  readonly lanes: readonly Lane[]
  readonly rows: readonly LadderRow[]
  readonly startNs: number
  readonly endNs: number
}

export interface LadderAnnotations {
  readonly notes?: readonly Note[]
  readonly missing?: readonly Missing[]
  /** Frames of offers that were taken, and of those that were not. */
  readonly won?: ReadonlySet<number>
  readonly lost?: ReadonlySet<number>
  /** Transfers that are shown packet by packet. */
  readonly unfolded?: ReadonlySet<number>
}

/** Of an unfolded transfer no more packets than this are drawn. */
export const mostUnfolded = 400

const limitedBroadcast = 0xffffffff

class Lanes {
  readonly list: { key: string; roles: string[]; address: string; mac: string }[]
  readonly #indexes = new Map<string, number>()

  constructor(client: string, address: string) {
    this.list = [
      {
        key: 'client',
        roles: ['client'],
        address,
        mac: /^[\da-f]{2}:/.test(client) ? client : '',
      },
    ]
  }

  of(address: IpAddress, role: string): number {
    const key = formatIp(address)
    const index = this.#indexes.get(key) ?? this.list.length
    if (index === this.list.length) {
      this.#indexes.set(key, index)
      this.list.push({ key, roles: [], address: key, mac: '' })
    }
    const lane = this.list[index]!
    if (role !== '' && !lane.roles.includes(role)) lane.roles.push(role)
    return index
  }
}

class Builder {
  readonly store: FrameStore
  readonly attempt: Attempt
  readonly lanes: Lanes
  readonly rows: LadderRow[] = []
  readonly #headers = new FrameHeaders()
  readonly #glance = new DhcpGlance()
  readonly #notes: Map<number, Note>
  readonly #annotations: LadderAnnotations
  readonly #tries = new Map<string, number>()

  constructor(store: FrameStore, attempt: Attempt, annotations: LadderAnnotations) {
    this.store = store
    this.attempt = attempt
    this.#annotations = annotations
    const { name, address, address6 } = attempt.machine
    // Of the two addresses that of the boot.
    const isOver6 = attempt.events.some(
      (one) => one.kind === 'dhcp6' || (one.kind === 'transfer' && isIpv6(one.clientAddress)),
    )
    const isOver4 = attempt.events.some((one) => one.kind === 'dhcp')
    this.lanes = new Lanes(
      name,
      isOver6 && (!isOver4 || address === 0) ? address6 : address === 0 ? '' : formatIpv4(address),
    )
    this.#notes = new Map((annotations.notes ?? []).map((note) => [note.frame, note]))
  }

  #noted(frame: number): { tone: Tone; note: string | undefined } {
    const note = this.#notes.get(frame)
    return { tone: note?.tone ?? 'plain', note: textOf(note?.text) }
  }

  #macOf(frame: number, lane: number): void {
    const macAt = this.#headers.sourceMacAt
    const one = this.lanes.list[lane]!
    if (one.mac === '' && macAt >= 0) one.mac = formatMac(this.store.bytesOf(frame).subarray(macAt, macAt + 6))
  }

  dhcp(event: DhcpEvent): void {
    const bytes = this.store.contentOf(event.frame)
    const headers = this.#headers
    headers.read(bytes, this.store.interfaceOf(event.frame).linkType)
    this.#glance.read(bytes, headers.payloadAt, headers.payloadEnd)
    const { giaddr, yiaddr } = this.#glance
    const isRelayed = giaddr !== 0
    const isBroadcast = event.destination === limitedBroadcast
    const serverRole = event.isBootServer
      ? 'boot server'
      : event.isReply && event.type === messageTypes.offer && yiaddr === 0
        ? 'proxyDHCP'
        : 'DHCP'
    let from = 0
    let to = 0
    if (event.isReply) {
      from = this.lanes.of(event.source, isRelayed && event.source === giaddr ? 'relay' : serverRole)
      // To the relay, which passes it on to the client.
      to = isRelayed && event.destination === giaddr ? this.lanes.of(giaddr, 'relay') : 0
      this.#macOf(event.frame, from)
    } else {
      from = isRelayed && event.source !== 0 ? this.lanes.of(event.source, 'relay') : 0
      to = isBroadcast ? -1 : this.lanes.of(event.destination, serverRole)
    }
    const { summary } = summarize(bytes, { linkType: this.store.interfaceOf(event.frame).linkType })
    const key = `${event.isReply} ${event.type} ${event.xid} ${event.isBootServer} ${event.source} ${event.destination}`
    const tries = event.isReply ? 1 : (this.#tries.get(key) ?? 0) + 1
    this.#tries.set(key, tries)
    this.rows.push({
      kind: 'arrow',
      key: `f${event.frame}`,
      timeNs: event.timeNs,
      from,
      to,
      protocol: event.isBootServer || serverRole === 'proxyDHCP' ? 'pxe' : 'dhcp',
      label: textOf(event.isBootServer ? say('ladder.port-4011', { message: summary }) : summary),
      frames: [event.frame],
      isBroadcast,
      tries,
      mark: this.#annotations.won?.has(event.frame)
        ? 'won'
        : this.#annotations.lost?.has(event.frame)
          ? 'lost'
          : undefined,
      ...this.#noted(event.frame),
    })
  }

  dhcp6(event: Dhcp6Event): void {
    const bytes = this.store.contentOf(event.frame)
    const { linkType } = this.store.interfaceOf(event.frame)
    this.#headers.read(bytes, linkType)
    const role = event.isBootServer ? 'boot server' : 'DHCPv6'
    // A relay agent speaks for the client with the server, on the leg where its own messages are seen.
    const isRelayed = event.relay !== undefined
    let from = 0
    let to = 0
    if (event.isReply) {
      from = this.lanes.of(event.source, role)
      to = isRelayed ? this.lanes.of(event.destination, 'relay') : 0
      this.#macOf(event.frame, from)
    } else {
      from = isRelayed ? this.lanes.of(event.source, 'relay') : 0
      to = isMulticast(event.destination) ? -1 : this.lanes.of(event.destination, role)
    }
    const key = `dhcp6 ${event.isReply} ${event.type} ${event.xid} ${event.source} ${event.destination}`
    const tries = event.isReply ? 1 : (this.#tries.get(key) ?? 0) + 1
    this.#tries.set(key, tries)
    const { won, lost } = this.#annotations
    this.rows.push({
      kind: 'arrow', key: `f${event.frame}`, timeNs: event.timeNs, from, to, protocol: event.isBootServer ? 'pxe' : 'dhcp',
      label: textOf(summarize(bytes, { linkType }).summary), frames: [event.frame], isBroadcast: to < 0, tries,
      mark: event.type !== dhcp6Types.advertise ? undefined : won?.has(event.frame) ? 'won' : lost?.has(event.frame) ? 'lost' : undefined,
      ...this.#noted(event.frame),
    }) // prettier-ignore
  }

  #arrow(
    frame: number,
    timeNs: number,
    from: number,
    to: number,
    protocol: LadderProtocol,
    label: Phrase,
    tries = 1,
  ): void {
    this.rows.push({ kind: 'arrow', key: `f${frame}`, timeNs, from, to, protocol, label: textOf(label), frames: [frame], isBroadcast: to < 0, tries, mark: undefined, ...this.#noted(frame) }) // prettier-ignore
  }

  transfer(one: Transfer): void {
    const server = this.lanes.of(one.serverAddress, 'TFTP')
    const name = one.isWrite ? t('ladder.write', { file: one.file }) : t('ladder.read', { file: one.file })
    const options = one.asked.map((option) => `${option.name}=${option.value}`).join(' ')
    for (const [index, frame] of one.requests.entries())
      this.#arrow(
        frame,
        one.requestTimes[index]!,
        0,
        server,
        'tftp',
        index === 0 ? `${name}${options === '' ? '' : ` (${options})`}` : name,
        index + 1,
      )
    if (this.#annotations.unfolded?.has(one.number)) this.#unfold(one, server)
    else {
      if (one.oackFrame >= 0 && this.store.has(one.oackFrame))
        this.#arrow(
          one.oackFrame,
          this.store.timeOf(one.oackFrame),
          server,
          0,
          'tftp',
          describeTftp({ kind: 'oack', options: one.granted! }),
        )
      if (one.blocks > 0) this.#bar(one, server)
      if (one.error && this.store.has(one.error.frame)) {
        const { frame, code, message, byClient } = one.error
        this.#arrow(
          frame,
          this.store.timeOf(frame),
          byClient ? 0 : server,
          byClient ? server : 0,
          'tftp',
          describeTftp({ kind: 'error', code, message }),
        )
      }
    }
  }

  #bar(one: Transfer, server: number): void {
    const startNs =
      one.firstDataFrame >= 0 && this.store.has(one.firstDataFrame)
        ? this.store.timeOf(one.firstDataFrame)
        : one.startNs
    this.rows.push({
      kind: 'bar', key: `t${one.number}`, timeNs: startNs, endNs: one.lastNs, from: one.isWrite ? 0 : server, to: one.isWrite ? server : 0, protocol: 'tftp',
      label: one.file, frames: [one.firstDataFrame, one.lastFrame], tone: one.state === 'failed' || one.state === 'unreachable' ? 'bad' : 'plain', note: undefined,
      bytes: one.bytes, size: one.size, samples: one.samples, retransmissions: one.retransmissions, packets: one.frames, transfer: one.number,
    }) // prettier-ignore
  }

  #unfold(one: Transfer, server: number): void {
    const from = one.requests.at(-1)! + 1
    let drawn = 0
    for (let frame = Math.max(from, this.store.first); frame <= one.lastFrame && drawn < mostUnfolded; frame++) {
      if (this.store.transferOf(frame) !== one.number || frame === one.icmpFrame) continue
      const bytes = this.store.contentOf(frame)
      const { linkType } = this.store.interfaceOf(frame)
      this.#headers.read(bytes, linkType)
      const byClient = this.#headers.sourceIn(bytes) === one.clientAddress
      this.#arrow(
        frame,
        this.store.timeOf(frame),
        byClient ? 0 : server,
        byClient ? server : 0,
        'tftp',
        summarize(bytes, { linkType, isTftp: true }).summary,
      )
      drawn++
    }
  }

  http(event: HttpEvent): void {
    const server = this.lanes.of(event.server, 'HTTP')
    for (const [index, frame] of event.syns.entries())
      if (this.store.has(frame) && (event.requestFrame < 0 || index > 0))
        this.#arrow(
          frame,
          this.store.timeOf(frame),
          0,
          server,
          'http',
          say('ladder.connect', { port: event.serverPort }),
          index + 1,
        )
    const at = (frame: number, from: number, to: number, label: Phrase): void => {
      if (frame >= 0 && this.store.has(frame)) this.#arrow(frame, this.store.timeOf(frame), from, to, 'http', label)
    }
    const { tls } = event
    if (tls) {
      at(tls.helloFrame, 0, server, tls.serverName === '' ? 'TLS Client Hello' : say('ladder.tls-hello', { server: tls.serverName })) // prettier-ignore
      at(tls.serverFrame, server, 0, 'TLS Server Hello')
      if (tls.alert) {
        const [from, to] = tls.alert.isByClient ? [0, server] : [server, 0]
        at(
          tls.alert.frame,
          from,
          to,
          tls.alert.code === undefined
            ? say('ladder.tls-alert-encrypted')
            : say('ladder.tls-alert', { alert: tlsAlertName(tls.alert.code) }),
        )
      } else if (!tls.isSecured) at(event.hungUpFrame, 0, server, say('ladder.closed-in-handshake'))
    }
    at(event.requestFrame, 0, server, `${event.method} ${event.target}`)
    at(event.refusedFrame, server, 0, say('ladder.connection-refused'))
    at(event.answerFrame, server, 0, `${event.status} ${event.reason}`.trim())
    if (event.bytes > 0 && event.method !== 'HEAD')
      this.rows.push({
        kind: 'bar', key: `h${event.frame}`, timeNs: event.answerFrame >= 0 && this.store.has(event.answerFrame) ? this.store.timeOf(event.answerFrame) : event.timeNs,
        endNs: event.lastNs, from: server, to: 0, protocol: 'http', label: event.target, frames: [event.answerFrame, event.lastFrame], tone: 'plain', note: undefined,
        bytes: event.bytes, size: event.size, samples: [], retransmissions: 0, packets: event.frames, transfer: undefined,
      }) // prettier-ignore
  }

  dns({ frames, answer, server }: DnsEvent): void {
    const lane = this.lanes.of(server, 'DNS')
    const said = (frame: number): string => textOf(summarize(this.store.contentOf(frame), { linkType: this.store.interfaceOf(frame).linkType }).summary) // prettier-ignore
    for (const [index, frame] of frames.entries())
      if (this.store.has(frame)) this.#arrow(frame, this.store.timeOf(frame), 0, lane, 'dns', `DNS ${said(frame)}`, index + 1) // prettier-ignore
    if (answer >= 0 && this.store.has(answer)) this.#arrow(answer, this.store.timeOf(answer), lane, 0, 'dns', `DNS ${said(answer)}`) // prettier-ignore
  }

  run(): void {
    for (const event of this.attempt.events) {
      if (event.kind === 'transfer') this.transfer(event)
      else if (event.kind === 'http') this.http(event)
      else if (!this.store.has(event.frame)) continue
      else if (event.kind === 'dhcp') this.dhcp(event)
      else if (event.kind === 'dhcp6') this.dhcp6(event)
      else if (event.kind === 'icmp')
        this.#arrow(
          event.frame,
          event.timeNs,
          this.lanes.of(event.source, ''),
          0,
          'icmp',
          say('ladder.icmp', {
            message: isIpv6(event.source) ? icmp6Name(event.type, event.code) : icmpName(event.type, event.code),
            protocol: event.quoted.protocol === 6 ? 'TCP' : 'UDP',
            port: event.quoted.destinationPort,
          }),
        )
      else if (event.kind === 'dns') this.dns(event)
      // A new address of IPv6 is asked for each time, and an answer is what would be told.
      else if (event.answer < 0 && !(event.isProbe && isIpv6(event.target)))
        for (const frame of event.frames)
          if (this.store.has(frame))
            this.#arrow(
              frame,
              this.store.timeOf(frame),
              0,
              -1,
              'arp',
              say('ladder.who-has', { address: formatIp(event.target) }),
            )
    }
    const rowOf = new Map<number, LadderRow>()
    if (this.#annotations.missing?.length)
      for (const row of this.rows) for (const frame of row.frames) if (!rowOf.has(frame)) rowOf.set(frame, row)
    for (const missing of this.#annotations.missing ?? []) {
      const after = rowOf.get(missing.afterFrame)
      // What nobody is known to send comes from the place where a server would stand.
      const from = missing.from === 0 ? (after && after.from !== 0 ? 0 : -1) : this.lanes.of(missing.from, '')
      this.rows.push({
        kind: 'ghost', key: `m${missing.number}`, timeNs: missing.dueNs, from, to: from === 0 ? (after?.from ?? 0) : 0, protocol: missing.protocol,
        label: textOf(missing.label), frames: [missing.afterFrame], tone: 'bad', note: textOf(missing.causes[0]), missing,
      }) // prettier-ignore
    }
    this.rows.sort((a, b) => a.timeNs - b.timeNs || Number(b.kind === 'ghost') - Number(a.kind === 'ghost'))
  }
}

export function buildLadder(store: FrameStore, attempt: Attempt, annotations: LadderAnnotations = {}): Ladder {
  const builder = new Builder(store, attempt, annotations)
  builder.run()
  const { rows } = builder
  // A server that nobody has seen still needs a lane for what should have come from it.
  if (rows.some((row) => row.kind === 'ghost' && row.from < 0) && builder.lanes.list.length === 1)
    builder.lanes.list.push({ key: 'nobody', roles: ['server'], address: t('ladder.nobody'), mac: '' })
  const lanes = builder.lanes.list.map((lane) => (lane.roles.length > 0 ? lane : { ...lane, roles: ['host'] }))
  return {
    lanes,
    rows: rows.map((row) =>
      row.kind === 'ghost' && row.from < 0 ? { ...row, from: Math.min(1, lanes.length - 1) } : row,
    ),
    startNs: attempt.startNs,
    endNs: Math.max(attempt.lastNs, rows.at(-1)?.timeNs ?? 0),
  }
}
