/**
 * One line about a frame: protocol, who to whom, what it says. Reads only what the line needs, so that a list of a million
 * frames costs what its visible rows cost. `dissect` tells the same line above its tree.
 */
import { say, type Message, type Phrase } from '#messages/message.ts'
import { decodeText, formatEnd, formatHex, formatIpv4, formatIpv6, formatMac, u16At, u32At } from './bytes.ts'
import { dnsText, readDns } from './dns.ts'
import { DhcpGlance } from './dhcp/glance.ts'
import { messageTypeNames } from './dhcp/kinds.ts'
import {
  addressesOf,
  architecture6Of,
  bootUrlOf,
  decodeDhcp6,
  dhcp6Types,
  dhcp6TypeNames,
  failedStatusOf,
  unwrapRelays,
} from './dhcpv6/message.ts'
import { statusNames } from './dhcpv6/layouts.ts'
import { etherTypes, FrameHeaders, hasDhcp6Ports, hasDhcpPorts, hasDnsPort, ipProtocols } from './headers.ts'
import { icmp6Line } from './icmpv6.ts'
import { noteInterface, noteText, readLabNote } from './lab-note.ts'
import { layerKinds } from './layers.ts'
import { linkTypeName } from './link-types.ts'
import { numberedArchitecture } from './iana/architecture.ts'
import { decodeTftp, describeTftp, looksLikeTftp, tftpOpcodes } from './tftp.ts'
import { readTlsRecords, tlsText } from './tls.ts'
import { magicPacketAt, magicText } from './wake-on-lan.ts'
import { aboutUdp, byteCount, listed, named } from './words.ts'

export interface FrameSummary<Text = Phrase> {
  /** The innermost protocol that was understood. */
  readonly protocol: string
  readonly summary: Text
  /** Address and port where there is one, else the hardware address. */
  readonly source: string
  readonly destination: string
  /** Whether its structure is broken: a header or an option cut off, a field that cannot be read. `dissect` says what. */
  readonly isMalformed: boolean
}

export interface SummaryOptions {
  /** See `linkTypes`. */
  readonly linkType: number
  /** Whether a datagram on other ports than 69 belongs to a TFTP transfer; where absent, its form decides. */
  readonly isTftp?: boolean | undefined
  /** Bytes the frame had on the wire, where fewer are kept: what is missing then is not broken. */
  readonly originalLength?: number | undefined
}

/** Whether a capture or the sampling of PXE Lab kept only the beginning of a frame. */
export const isCutShort = (bytes: Uint8Array, originalLength: number | undefined): boolean =>
  originalLength !== undefined && originalLength > bytes.length

/** What is kept of a frame that was cut: `74 of 1,502 bytes kept`. */
export const keptText = (kept: number, length: number): Message => say('wire.kept', { kept, length })

const icmpTypes: Readonly<Record<number, Message>> = {
  0: say('wire.icmp-echo-reply'),
  3: say('wire.icmp-unreachable'),
  5: say('wire.icmp-redirect'),
  8: say('wire.icmp-echo-request'),
  11: say('wire.icmp-time-exceeded'),
  12: say('wire.icmp-parameter-problem'),
}
const unreachable: Readonly<Record<number, Message>> = {
  0: say('wire.unreachable-network'),
  1: say('wire.unreachable-host'),
  2: say('wire.unreachable-protocol'),
  3: say('wire.unreachable-port'),
  4: say('wire.unreachable-fragmentation'),
  9: say('wire.unreachable-network-forbidden'),
  10: say('wire.unreachable-host-forbidden'),
  13: say('wire.unreachable-filter'),
}

export const icmpTypeName = (type: number): Message | undefined => icmpTypes[type]

/** An ICMP message in words (RFC 792). */
export function icmpName(type: number, code: number): Message {
  const what = icmpTypes[type] ?? say('wire.type', { type })
  return type === 3 ? say('wire.because', { what, why: unreachable[code] ?? say('wire.code', { code }) }) : what
}

/** Whether a message quotes the packet that caused it. */
export const quotesPacket = (type: number): boolean => type === 3 || type === 5 || type === 11 || type === 12

export const arpName = (opcode: number, senderMac: string, sender: string, target: string): Message => {
  if (opcode === 1)
    return sender === target ? say('wire.arp-announces', { address: sender }) : say('wire.arp-asks', { target, sender })
  return opcode === 2
    ? say('wire.arp-answers', { address: sender, mac: senderMac })
    : say('wire.arp-opcode', { opcode })
}

const tcpFlagNames = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'] as const
export const tcpFlagsText = (flags: number): Phrase =>
  tcpFlagNames.filter((_, bit) => flags & (1 << bit)).join(' ') || say('wire.no-flags')

const requestLine = /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE) (\S+) HTTP\/\d\.\d$/
const statusLine = /^HTTP\/\d\.\d (\d{3})(?: (.*))?$/

export type HttpStart =
  | { readonly kind: 'request'; readonly method: string; readonly target: string; readonly line: string }
  | { readonly kind: 'answer'; readonly status: number; readonly reason: string; readonly line: string }

const initials = new Set([0x47, 0x48, 0x50, 0x44, 0x4f, 0x43, 0x54])

/** The first line of an HTTP message where one begins at `at` (RFC 9112 section 2.1). */
export function httpStart(bytes: Uint8Array, at: number, end: number): HttpStart | undefined {
  if (at >= end || !initials.has(bytes[at]!)) return undefined
  let stop = at
  const limit = Math.min(end, at + 2048)
  while (stop < limit && bytes[stop] !== 10) {
    if (bytes[stop]! < 0x20 && bytes[stop] !== 13 && bytes[stop] !== 9) return undefined
    stop++
  }
  const line = decodeText(bytes.subarray(at, stop)).replace(/\r$/, '')
  const asked = requestLine.exec(line)
  if (asked) return { kind: 'request', method: asked[1]!, target: asked[2]!, line }
  const answered = statusLine.exec(line)
  return answered ? { kind: 'answer', status: Number(answered[1]), reason: answered[2] ?? '', line } : undefined
}

const httpText = (start: HttpStart): string =>
  start.kind === 'request' ? `${start.method} ${start.target}` : `${start.status} ${start.reason}`.trim()

const glance = new DhcpGlance()

/** What a DHCP message says in a line: its name and the one or two values that matter for it. */
function dhcpLine(bytes: Uint8Array, at: number, end: number): Phrase {
  glance.read(bytes, at, end)
  const { op, type, requested, server, architecture, yiaddr, giaddr, message, file } = glance
  const name =
    type < 0 ? (op === 2 ? 'BOOTREPLY' : 'BOOTREQUEST') : (messageTypeNames[type] ?? say('wire.type', { type }))
  const address = op === 2 ? yiaddr : requested
  let packet: Phrase = address === 0 ? name : named(name, formatIpv4(address))
  if (op === 2) {
    if (message !== '') packet = listed([packet, `"${message}"`])
  } else {
    if (server !== 0) packet = say('wire.dhcp-from', { packet, server: formatIpv4(server) })
    if (architecture >= 0) packet = listed([packet, numberedArchitecture(architecture)])
  }
  if (file !== '') packet = say('wire.dhcp-file', { packet, file })
  return giaddr === 0 ? packet : say('wire.dhcp-relay', { packet, relay: formatIpv4(giaddr) })
}

/** What a DHCPv6 message says in a line: that of client or server, whatever relay agents carry it. */
function dhcp6Line(datagram: Uint8Array): { text: Phrase; isMalformed: boolean } {
  const { message, problems } = decodeDhcp6(datagram)
  const { relays, inner } = unwrapRelays(message)
  const name: Phrase = dhcp6TypeNames[inner.type] ?? say('wire.type', { type: inner.type })
  const [first, second] = addressesOf(inner).map((one) => one.address)
  let packet = first === undefined ? name : named(name, first)
  if (second !== undefined) packet = say('wire.dhcp-two-addresses', { packet, second })
  const isFromServer = inner.type === dhcp6Types.advertise || inner.type === dhcp6Types.reply
  const status = isFromServer ? failedStatusOf(inner) : undefined
  if (status) {
    const told = statusNames[status.code] ?? say('wire.status', { code: status.code })
    packet = listed([packet, status.text === '' ? told : named(told, `"${status.text}"`)])
  }
  const architecture = isFromServer ? undefined : architecture6Of(inner)
  if (architecture !== undefined) packet = listed([packet, numberedArchitecture(architecture)])
  const url = bootUrlOf(inner)
  if (url !== '') packet = say('wire.dhcp-file', { packet, file: url })
  const agent = relays.at(-1)?.relay
  if (agent) packet = say('wire.dhcp-relay-for', { packet, relay: agent.linkAddress, client: agent.peerAddress })
  return { text: packet, isMalformed: problems.length > 0 }
}

/** DATA and ACK are nearly all there is of a transfer: they are told without building a packet. */
function tftpLine(bytes: Uint8Array, at: number, end: number, declaredEnd: number, line: Line): FrameSummary {
  const opcode = end - at >= 4 ? u16At(bytes, at) : 0
  if (opcode === tftpOpcodes.data)
    return line('TFTP', say('wire.tftp-data', { block: u16At(bytes, at + 2), bytes: declaredEnd - at - 4 }))
  if (opcode === tftpOpcodes.ack && end - at === 4) return line('TFTP', `ACK ${u16At(bytes, at + 2)}`)
  const { packet, problems } = decodeTftp(bytes.subarray(at, end))
  return line('TFTP', packet ? describeTftp(packet) : say('wire.not-tftp'), problems.length > 0)
}

type Line = (protocol: string, summary: Phrase, isMalformed?: boolean) => FrameSummary

const shared = new FrameHeaders()

const macText = (bytes: Uint8Array, at: number): string => (at < 0 ? '' : formatMac(bytes.subarray(at, at + 6)))

function quotation(bytes: Uint8Array, at: number, end: number): Message[] {
  if (end - at < 28 || bytes[at]! >>> 4 !== 4 || bytes[at + 9] !== ipProtocols.udp) return []
  const udpAt = at + (bytes[at]! & 15) * 4
  return udpAt + 8 > end ? [] : [aboutUdp(u16At(bytes, udpAt), u16At(bytes, udpAt + 2))]
}

export function summarize(bytes: Uint8Array, { linkType, isTftp, originalLength }: SummaryOptions): FrameSummary {
  const note = linkType === noteInterface.linkType ? readLabNote(bytes) : undefined
  if (note)
    return { protocol: 'PXE Lab', summary: noteText(note), source: 'PXE Lab', destination: note.mac || note.address, isMalformed: false } // prettier-ignore
  shared.read(bytes, linkType)
  return summarizeRead(bytes, shared, isTftp, isCutShort(bytes, originalLength))
}

const kindNames: ReadonlyMap<number, string> = new Map([
  [layerKinds.ppp, 'PPP'],
  [layerKinds.pppoe, 'PPPoE'],
  [layerKinds.mpls, 'MPLS'],
  [layerKinds.pseudowire, 'MPLS'],
  [layerKinds.loopback, 'loopback'],
  [layerKinds.gre, 'GRE'],
  [layerKinds.erspan, 'ERSPAN'],
  [layerKinds.vxlan, 'VXLAN'],
  [layerKinds.nsh, 'NSH'],
])

/** A frame in which no Ethernet type says what it carries. */
function beneathIp(headers: FrameHeaders, line: Line): FrameSummary {
  const { innermost, isWhole, etherType, isEncrypted, linkType } = headers
  const bytes = headers.payloadEnd - headers.payloadAt
  if (innermost === layerKinds.unread)
    return line(`link type ${linkType}`, say('wire.not-read', { link: linkTypeName(linkType) }))
  if (!isWhole) return line('unknown', '', true)
  if (innermost === layerKinds.wlan)
    return line('802.11', isEncrypted ? say('wire.wlan-encrypted', { bytes }) : say('wire.wlan-no-data'))
  if (etherType >= 0) return line('LLC', byteCount(bytes))
  const name = kindNames.get(innermost)
  return name === undefined ? line('unknown', byteCount(bytes), true) : line(name, byteCount(bytes))
}

/** The line about a frame whose headers have been read. */
export function summarizeRead(
  bytes: Uint8Array,
  headers: FrameHeaders,
  isTftp: boolean | undefined,
  isCut = false,
): FrameSummary {
  const { etherType, ipAt, ip6At, ipProtocol, payloadAt, payloadEnd, sourcePort, destinationPort } = headers
  const hasPorts = sourcePort >= 0 && headers.fragmentOffset === 0 && (ipAt >= 0 || ip6At >= 0)
  const source =
    ipAt >= 0
      ? hasPorts ? formatEnd(headers.source, sourcePort) : formatIpv4(headers.source)
      : ip6At >= 0
        ? hasPorts ? `[${formatIpv6(bytes, ip6At + 8)}]:${sourcePort}` : formatIpv6(bytes, ip6At + 8)
        : macText(bytes, headers.sourceMacAt) // prettier-ignore
  const destination =
    ipAt >= 0
      ? hasPorts ? formatEnd(headers.destination, destinationPort) : formatIpv4(headers.destination)
      : ip6At >= 0
        ? hasPorts ? `[${formatIpv6(bytes, ip6At + 24)}]:${destinationPort}` : formatIpv6(bytes, ip6At + 24)
        : macText(bytes, headers.destinationMacAt) // prettier-ignore
  const line = (protocol: string, summary: Phrase, isMalformed = false): FrameSummary => ({
    protocol,
    summary,
    source,
    destination,
    isMalformed: isMalformed && !isCut,
  })
  if (etherType < 0x600) return beneathIp(headers, line)
  if (etherType === etherTypes.arp) {
    if (bytes.length - payloadAt < 28) return line('ARP', '', true)
    const senderMac = formatMac(bytes.subarray(payloadAt + 8, payloadAt + 14))
    const sender = formatIpv4(u32At(bytes, payloadAt + 14))
    const target = formatIpv4(u32At(bytes, payloadAt + 24))
    return line('ARP', arpName(u16At(bytes, payloadAt + 6), senderMac, sender, target))
  }
  if (etherType === etherTypes.wakeOnLan) {
    const packet = magicPacketAt(bytes, payloadAt, payloadEnd)
    return packet ? line('WOL', magicText(packet)) : line('WOL', say('wire.no-magic'), true)
  }
  const version = etherType === etherTypes.ipv4 ? 'IPv4' : 'IPv6'
  if (etherType !== etherTypes.ipv4 && etherType !== etherTypes.ipv6)
    return line(
      `type 0x${formatHex(Uint8Array.of(etherType >>> 8, etherType & 255))}`,
      byteCount(payloadEnd - payloadAt),
    )
  if (ipAt < 0 && ip6At < 0) return line(version, '', true)
  if (headers.fragmentOffset > 0)
    return line(
      version,
      say('wire.fragment', {
        offset: headers.fragmentOffset,
        packet: `0x${headers.identification.toString(16).padStart(4, '0')}`,
      }),
    )
  if (ipProtocol === ipProtocols.icmpv6 && ip6At >= 0) {
    // A fragment shows no message: what it carries is told where the packet is whole.
    if (payloadEnd - payloadAt < 8) return line('ICMPv6', '', true)
    return line('ICMPv6', icmp6Line(bytes, payloadAt, payloadEnd))
  }
  if (ipProtocol === ipProtocols.icmp) {
    if (payloadEnd - payloadAt < 8) return line('ICMP', '', true)
    const type = bytes[payloadAt]!
    return line(
      'ICMP',
      listed([
        icmpName(type, bytes[payloadAt + 1]!),
        ...(quotesPacket(type) ? quotation(bytes, payloadAt + 8, payloadEnd) : []),
      ]),
    )
  }
  if (ipProtocol === ipProtocols.udp) {
    if (sourcePort < 0) return line('UDP', '', true)
    if (hasDhcpPorts(headers))
      return line(
        sourcePort === 4011 || destinationPort === 4011 ? 'proxyDHCP' : 'DHCP',
        dhcpLine(bytes, payloadAt, payloadEnd),
        !glance.isWhole,
      )
    if (hasDhcp6Ports(headers)) {
      const { text, isMalformed } = dhcp6Line(bytes.subarray(payloadAt, payloadEnd))
      return line('DHCPv6', text, isMalformed && headers.declaredEnd <= payloadEnd)
    }
    const isDns = hasDnsPort(headers)
    if (
      destinationPort === 69 ||
      sourcePort === 69 ||
      (isTftp ?? (!isDns && looksLikeTftp(bytes.subarray(payloadAt, payloadEnd))))
    )
      return tftpLine(bytes, payloadAt, payloadEnd, Math.max(payloadEnd, headers.declaredEnd), line)
    const dns = isDns ? readDns(bytes.subarray(payloadAt, payloadEnd)) : undefined
    if (dns) return line('DNS', dnsText(dns), !dns.isWhole && headers.declaredEnd <= payloadEnd)
    const packet = magicPacketAt(bytes, payloadAt, payloadEnd)
    return packet ? line('WOL', magicText(packet)) : line('UDP', byteCount(payloadEnd - payloadAt))
  }
  if (ipProtocol === ipProtocols.tcp) {
    if (sourcePort < 0) return line('TCP', '', true)
    const start = httpStart(bytes, payloadAt, payloadEnd)
    if (start) return line('HTTP', httpText(start))
    const records = readTlsRecords(bytes, payloadAt, payloadEnd)
    if (records.length > 0) return line('TLS', listed(records.map(tlsText)))
    const carried = Math.max(payloadEnd, headers.declaredEnd) - payloadAt
    return line('TCP', listed([tcpFlagsText(headers.tcpFlags), ...(carried > 0 ? [byteCount(carried)] : [])]))
  }
  const name = { 2: 'IGMP', 59: version }[ipProtocol] ?? `protocol ${ipProtocol}`
  return line(name, byteCount(payloadEnd - payloadAt))
}
