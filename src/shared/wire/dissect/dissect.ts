/**
 * A frame to a tree of fields: Ethernet and VLAN, the other links, labels and tunnels of `encapsulations.ts`, ARP, IPv4, IPv6, ICMP
 * and ICMPv6 with the packet they quote, UDP, TCP, the heads of HTTP messages, DHCP, DHCPv6, DNS, TFTP and Wake on LAN. Total: whatever the bytes are, it yields
 * what could be read, and marks what is malformed where it is.
 */
import { say, type Message, type Phrase } from '#messages/message.ts'
import { decodeText, formatIpv4, formatMac, u16At, u32At } from '../bytes.ts'
import { dnsPort } from '../dns.ts'
import { areDhcp6Ports, isDhcpPort } from '../headers.ts'
import { quotesPacket6 } from '../icmpv6.ts'
import { Ipv6Chain, ipv6HeaderLength } from '../ipv6.ts'
import { noteInterface, noteText, readLabNote, type LabNote } from '../lab-note.ts'
import { etherTypes, layerKinds, LayerWalk, type LayerKind } from '../layers.ts'
import { linkTypeName } from '../link-types.ts'
import {
  arpName,
  httpStart,
  icmpName,
  icmpTypeName,
  isCutShort,
  keptText,
  quotesPacket,
  summarize,
  tcpFlagsText,
  type SummaryOptions,
} from '../summary.ts'
import { looksLikeTftp } from '../tftp.ts'
import { formatUtc } from '../time.ts'
import { hexOf, readHandshakes, readTlsRecords, tlsAlertName, tlsContent, tlsText, tlsVersionName } from '../tls.ts'
import { commonName, type Certificate } from '../certificate.ts'
import { byteCount, fromTo, listed, numbered } from '../words.ts'
import { dhcp6Fields } from './dhcp6-fields.ts'
import { dhcpFields } from './dhcp-fields.ts'
import { dnsFields } from './dns-fields.ts'
import { encapsulationLayer, layerName } from './encapsulations.ts'
import { hex, type Dissection, type Field } from './field.ts'
import { Gathering, hexNumber, number, shown } from './gathering.ts'
import { icmp6Layer } from './icmp6-fields.ts'
import { ipv6Layer } from './ipv6-fields.ts'
import { protocolText } from './protocols.ts'
import { tftpFields } from './tftp-fields.ts'
import { wakeLayer } from './wake-fields.ts'

const etherTypeNames: Readonly<Record<number, string>> = {
  0x0800: 'IPv4',
  0x0806: 'ARP',
  0x0842: 'Wake on LAN',
  0x8100: 'VLAN',
  0x86dd: 'IPv6',
  0x6558: 'Ethernet',
  0x8847: 'MPLS',
  0x8848: 'MPLS',
  0x8864: 'PPPoE session',
  0x88a8: 'VLAN',
  0x88e7: 'IEEE 802.1ah',
  0x894f: 'NSH',
  0x9100: 'VLAN',
  0x9200: 'VLAN',
  0x9300: 'VLAN',
}

const names: ReadonlyMap<LayerKind, string> = new Map([
  [layerKinds.ethernet, 'Ethernet'],
  [layerKinds.vlan, 'VLAN'],
  [layerKinds.arp, 'ARP'],
  [layerKinds.rawIp, 'IP'],
])

/** The Ethernet type, or the length of a frame of LLC (IEEE 802.3 clause 3.2.6). */
const typeField = (layer: 'eth' | 'vlan', value: number, at: number): Field => {
  if (value < 0x600) return number('Length', `${layer}.len`, value, at, 2, byteCount(value))
  const name = etherTypeNames[value] ?? say('wire.unknown')
  return hexNumber(
    'Type',
    layer === 'eth' ? 'eth.type' : 'vlan.etype',
    value,
    4,
    at,
    2,
    say('wire.numbered', { name, number: hex(value, 4) }),
  )
}

function ethernet({ bytes, layers }: Gathering, at: number): void {
  const destination = formatMac(bytes.subarray(at, at + 6))
  const source = formatMac(bytes.subarray(at + 6, at + 12))
  layers.push({
    name: 'Ethernet', key: 'eth', text: fromTo(source, destination), at, length: 14, reference: 'IEEE 802.3',
    children: [
      shown('Destination', 'eth.dst', destination, at, 6),
      shown('Source', 'eth.src', source, at + 6, 6),
      typeField('eth', u16At(bytes, at + 12), at + 12),
    ],
  }) // prettier-ignore
}

function vlan({ bytes, layers }: Gathering, at: number): void {
  const tag = u16At(bytes, at)
  layers.push({
    name: 'VLAN', key: 'vlan', text: say('field.vlan', { id: tag & 0xfff, priority: tag >>> 13 }), at, length: 4, reference: 'IEEE 802.1Q',
    children: [
      number('Priority', 'vlan.priority', tag >>> 13, at, 1),
      number('ID', 'vlan.id', tag & 0xfff, at, 2),
      typeField('vlan', u16At(bytes, at + 2), at + 2),
    ],
  }) // prettier-ignore
}

function arp({ bytes, layers }: Gathering, at: number): void {
  const opcode = u16At(bytes, at + 6)
  const senderMac = formatMac(bytes.subarray(at + 8, at + 14))
  const sender = formatIpv4(u32At(bytes, at + 14))
  const target = formatIpv4(u32At(bytes, at + 24))
  layers.push({
    name: 'ARP', key: 'arp', text: arpName(opcode, senderMac, sender, target), at, length: 28, reference: 'RFC 826',
    children: [
      number('Opcode', 'arp.opcode', opcode, at + 6, 2, opcode === 1 ? numbered(say('field.request'), 1) : opcode === 2 ? numbered(say('field.reply'), 2) : String(opcode)),
      shown('Sender hardware address', 'arp.src.hw_mac', senderMac, at + 8, 6),
      shown('Sender address', 'arp.src.proto_ipv4', sender, at + 14, 4),
      shown('Target hardware address', 'arp.dst.hw_mac', formatMac(bytes.subarray(at + 18, at + 24)), at + 18, 6),
      shown('Target address', 'arp.dst.proto_ipv4', target, at + 24, 4),
    ],
  }) // prettier-ignore
}

/** Returns where the packet ends, without the padding of the link; undefined where its header cannot be read. */
function ipv4(gathering: Gathering, at: number, end: number, isQuoted = false): number | undefined {
  const { bytes } = gathering
  if (end - at < 20) {
    gathering.cutOff('IPv4', at, 20)
    return undefined
  }
  const headerLength = (bytes[at]! & 15) * 4
  if (bytes[at]! >>> 4 !== 4 || headerLength < 20 || at + headerLength > end) {
    gathering.problems.push({
      at,
      field: 'IPv4',
      message: `has version ${bytes[at]! >>> 4} and a header of ${headerLength} bytes`,
    })
    return undefined
  }
  const totalLength = u16At(bytes, at + 2)
  const flags = u16At(bytes, at + 6)
  const offset = (flags & 0x1fff) * 8
  const protocol = bytes[at + 9]!
  const source = formatIpv4(u32At(bytes, at + 12))
  const destination = formatIpv4(u32At(bytes, at + 16))
  gathering.layers.push({
    name: isQuoted ? 'IPv4 (quoted)' : 'IPv4', key: 'ip', text: fromTo(source, destination), at, length: headerLength, reference: 'RFC 791',
    children: [
      number('Header length', 'ip.hdr_len', headerLength, at, 1, byteCount(headerLength)),
      number('Total length', 'ip.len', totalLength, at + 2, 2, byteCount(totalLength)),
      { ...number('Identification', 'ip.id', u16At(bytes, at + 4), at + 4, 2), value: hex(u16At(bytes, at + 4), 4) },
      number('Fragment offset', 'ip.frag_offset', offset, at + 6, 2, listed([String(offset), ...(flags & 0x2000 ? [say('field.more-follow')] : []), ...(flags & 0x4000 ? [say('field.do-not-fragment')] : [])])),
      number('Time to live', 'ip.ttl', bytes[at + 8]!, at + 8, 1),
      number('Protocol', 'ip.proto', protocol, at + 9, 1, protocolText(protocol)),
      { ...number('Header checksum', 'ip.checksum', u16At(bytes, at + 10), at + 10, 2), value: hex(u16At(bytes, at + 10), 4) },
      shown('Source', 'ip.src', source, at + 12, 4),
      shown('Destination', 'ip.dst', destination, at + 16, 4),
    ],
  }) // prettier-ignore
  // Ethernet pads short frames: what lies behind the total length is not the packet's. A zero length is offloading's.
  const stop = totalLength >= headerLength ? Math.min(end, at + totalLength) : end
  if (!isQuoted && totalLength > end - at)
    gathering.problems.push({
      at: at + 2,
      field: 'IPv4',
      message: `claims ${totalLength} bytes, ${end - at} are there`,
    })
  return stop
}

/** What an IPv4 packet at `at` carries; nothing behind its first fragment can be read. */
function transport(gathering: Gathering, at: number, stop: number, isQuoted = false): void {
  const { bytes } = gathering
  const inner = at + (bytes[at]! & 15) * 4
  const protocol = bytes[at + 9]
  if (u16At(bytes, at + 6) & 0x1fff) return
  if (protocol === 17) return udp(gathering, inner, stop, isQuoted)
  if (protocol === 6) return tcp(gathering, inner, stop, isQuoted)
  if (protocol === 1) icmp(gathering, inner, stop)
}

const chain = new Ipv6Chain()

/** Returns where the packet ends, without the padding of the link; undefined where its headers cannot be read. */
function ipv6(gathering: Gathering, at: number, end: number, isQuoted = false): number | undefined {
  const { bytes, layers, problems } = gathering
  if (end - at < ipv6HeaderLength || bytes[at]! >>> 4 !== 6) {
    gathering.cutOff('IPv6', at, ipv6HeaderLength)
    return undefined
  }
  chain.read(bytes, at)
  if (chain.transportAt > end) {
    gathering.cutOff('IPv6', at, chain.transportAt - at)
    return undefined
  }
  layers.push(ipv6Layer(bytes, at, chain.transportAt - at, isQuoted))
  const payloadLength = u16At(bytes, at + 4)
  const length = ipv6HeaderLength + payloadLength
  if (!isQuoted && at + length > end)
    problems.push({ at: at + 4, field: 'IPv6', message: `claims ${length} bytes, ${end - at} are there` })
  // Zero is the mark of a jumbogram, and of segmentation offload.
  return payloadLength === 0 ? end : Math.min(end, at + length)
}

/** What an IPv6 packet at `at` carries; nothing behind its first fragment can be read. */
function transport6(gathering: Gathering, at: number, stop: number, isQuoted = false): void {
  chain.read(gathering.bytes, at)
  const { protocol, transportAt, fragmentOffset } = chain
  if (fragmentOffset > 0) return
  if (protocol === 17) udp(gathering, transportAt, stop, isQuoted)
  else if (protocol === 6) tcp(gathering, transportAt, stop, isQuoted)
  else if (protocol === 58 && !isQuoted) icmp6(gathering, transportAt, stop)
}

function icmp6(gathering: Gathering, at: number, end: number): void {
  if (end - at < 8) return gathering.cutOff('ICMPv6', at, 8)
  const { bytes } = gathering
  const quotes = quotesPacket6(bytes[at]!) && end - at >= 8 + ipv6HeaderLength
  gathering.layers.push(icmp6Layer(bytes, at, end, quotes))
  if (!quotes) return
  const stop = ipv6(gathering, at + 8, end, true)
  if (stop !== undefined) transport6(gathering, at + 8, stop, true)
}

function icmp(gathering: Gathering, at: number, end: number): void {
  const { bytes } = gathering
  if (end - at < 8) return gathering.cutOff('ICMP', at, 8)
  const type = bytes[at]!
  const code = bytes[at + 1]!
  const words = icmpName(type, code)
  gathering.layers.push({
    name: 'ICMP', key: 'icmp', text: words, at, length: 8, reference: 'RFC 792',
    children: [
      number('Type', 'icmp.type', type, at, 1, numbered(icmpTypeName(type) ?? say('wire.unknown'), type)),
      number('Code', 'icmp.code', code, at + 1, 1),
      { ...number('Checksum', 'icmp.checksum', u16At(bytes, at + 2), at + 2, 2), value: hex(u16At(bytes, at + 2), 4) },
    ],
  }) // prettier-ignore
  // An error quotes the packet that caused it: header and at least eight bytes (RFC 792, RFC 1812 4.3.2.3).
  if (!quotesPacket(type) || end - at < 8 + 20) return
  const stop = ipv4(gathering, at + 8, end, true)
  if (stop !== undefined) transport(gathering, at + 8, stop, true)
}

const ports = (source: number, destination: number): Message => say('field.ports', { source, destination })

function udp(gathering: Gathering, at: number, end: number, isQuoted: boolean, isCarrier = false): void {
  const { bytes, options } = gathering
  if (end - at < 8) return gathering.cutOff('UDP', at, 8)
  const sourcePort = u16At(bytes, at)
  const destinationPort = u16At(bytes, at + 2)
  const length = u16At(bytes, at + 4)
  gathering.layers.push({
    name: isQuoted ? 'UDP (quoted)' : 'UDP', key: 'udp', text: ports(sourcePort, destinationPort), at, length: 8, reference: 'RFC 768',
    children: [
      number('Source port', 'udp.srcport', sourcePort, at, 2),
      number('Destination port', 'udp.dstport', destinationPort, at + 2, 2),
      number('Length', 'udp.length', length, at + 4, 2, byteCount(length)),
      { ...number('Checksum', 'udp.checksum', u16At(bytes, at + 6), at + 6, 2), value: hex(u16At(bytes, at + 6), 4) },
    ],
  }) // prettier-ignore
  if (isQuoted || isCarrier) return
  const base = at + 8
  const stop = length >= 8 ? Math.min(end, at + length) : end
  const payload = bytes.subarray(base, stop)
  if (at + length > end)
    gathering.problems.push({ at: at + 4, field: 'UDP', message: `claims ${length} bytes, ${end - at} are there` })
  const isOver6 = gathering.layers.findLast((one) => one.key === 'ip' || one.key === 'ipv6')?.key === 'ipv6'
  const isDns = sourcePort === dnsPort || destinationPort === dnsPort
  const isTftp = destinationPort === 69 || sourcePort === 69 || (options.isTftp ?? (!isDns && looksLikeTftp(payload)))
  const found =
    !isOver6 && isDhcpPort(sourcePort) && isDhcpPort(destinationPort)
      ? dhcpFields(payload, base)
      : isOver6 && areDhcp6Ports(sourcePort, destinationPort)
        ? dhcp6Fields(payload, base)
        : isTftp
          ? tftpFields(payload, base)
          : isDns
            ? dnsFields(payload, base)
            : undefined
  if (!found) {
    const wake = wakeLayer(bytes, base, stop)
    if (wake) gathering.layers.push(wake)
    return
  }
  gathering.layers.push(found.layer)
  gathering.problems.push(...found.problems)
}

function tcp(gathering: Gathering, at: number, end: number, isQuoted: boolean): void {
  const { bytes } = gathering
  // A quoted header may end after its ports and sequence number.
  if (end - at < (isQuoted ? 8 : 20)) return gathering.cutOff('TCP', at, 20)
  const sourcePort = u16At(bytes, at)
  const destinationPort = u16At(bytes, at + 2)
  if (isQuoted) {
    gathering.layers.push({
      name: 'TCP (quoted)',
      key: 'tcp',
      text: ports(sourcePort, destinationPort),
      at,
      length: 8,
      reference: 'RFC 9293',
      children: [
        number('Source port', 'tcp.srcport', sourcePort, at, 2),
        number('Destination port', 'tcp.dstport', destinationPort, at + 2, 2),
        number('Sequence number', 'tcp.seq_raw', u32At(bytes, at + 4), at + 4, 4),
      ],
    })
    return
  }
  const headerLength = (bytes[at + 12]! >>> 4) * 4
  const flags = tcpFlagsText(bytes[at + 13]!)
  if (headerLength < 20 || at + headerLength > end) {
    gathering.problems.push({
      at: at + 12,
      field: 'TCP',
      message: `has a header of ${headerLength} bytes, ${end - at} are there`,
    })
    return
  }
  const base = at + headerLength
  gathering.layers.push({
    name: 'TCP', key: 'tcp', text: listed([ports(sourcePort, destinationPort), flags]), at, length: headerLength, reference: 'RFC 9293 3.1',
    children: [
      number('Source port', 'tcp.srcport', sourcePort, at, 2),
      number('Destination port', 'tcp.dstport', destinationPort, at + 2, 2),
      number('Sequence number', 'tcp.seq_raw', u32At(bytes, at + 4), at + 4, 4),
      number('Acknowledgement number', 'tcp.ack_raw', u32At(bytes, at + 8), at + 8, 4),
      number('Header length', 'tcp.hdr_len', headerLength, at + 12, 1, byteCount(headerLength)),
      { ...number('Flags', 'tcp.flags', bytes[at + 13]!, at + 12, 2, flags), value: hex(((bytes[at + 12]! & 15) << 8) | bytes[at + 13]!, 4) },
      number('Window', 'tcp.window_size_value', u16At(bytes, at + 14), at + 14, 2),
    ],
  }) // prettier-ignore
  http(gathering, base, end)
  tls(gathering, base, end)
}

/** Headers that Wireshark has a name for. */
const httpKeys: ReadonlySet<string> = new Set([
  'accept', 'accept_encoding', 'accept_language', 'cache_control', 'connection', 'content_encoding', 'content_type', 'date', 'host', 'last_modified',
  'location', 'referer', 'server', 'transfer_encoding', 'user_agent',
]) // prettier-ignore

function httpHeader({ text, at, length }: { text: string; at: number; length: number }): Field {
  const name = text.split(':')[0]!
  const value = text.slice(text.indexOf(':') + 1).trim()
  const key = name.toLowerCase().replaceAll('-', '_')
  const field = { name, text: value, at, length }
  if (key === 'content_length') return { ...field, key: 'http.content_length_header', value }
  return httpKeys.has(key) ? { ...field, key: `http.${key}`, value } : field
}

/** The head of a message, where one begins in this segment (RFC 9112 section 2.1). */
function http(gathering: Gathering, at: number, end: number): void {
  const start = httpStart(gathering.bytes, at, end)
  if (!start) return
  const lines: { text: string; at: number; length: number }[] = []
  for (let cursor = at; cursor < end;) {
    let stop = gathering.bytes.indexOf(10, cursor)
    if (stop < 0 || stop >= end) stop = end - 1
    const text = decodeText(gathering.bytes.subarray(cursor, stop + 1)).replace(/\r?\n$/, '')
    if (text === '') break
    lines.push({ text, at: cursor, length: stop + 1 - cursor })
    cursor = stop + 1
    if (lines.length > 100) break
  }
  const [first, ...headers] = lines
  if (!first) return
  const last = lines.at(-1)!
  gathering.layers.push({
    name: 'HTTP', key: 'http', text: first.text, at, length: last.at + last.length - at, reference: 'RFC 9112',
    children: [
      ...(start.kind === 'request'
        ? [shown('Method', 'http.request.method', start.method, first.at, start.method.length), shown('Target', 'http.request.uri', start.target, first.at + start.method.length + 1, start.target.length)]
        : [number('Status', 'http.response.code', start.status, first.at + 9, 3)]),
      ...headers.map(httpHeader),
    ],
  }) // prettier-ignore
}

/** Records of TLS that begin in this segment. */
function tls({ bytes, layers }: Gathering, at: number, end: number): void {
  for (const record of readTlsRecords(bytes, at, end)) {
    const { type, handshake, serverName, alert, length } = record
    layers.push({
      name: 'TLS', key: 'tls', text: tlsText(record), at: record.at, length, reference: 'RFC 8446 section 5.1, RFC 5246 section 6.2.1',
      children: [
        number('Content type', 'tls.record.content_type', type, record.at, 1),
        ...(handshake > 0 ? [number('Handshake type', 'tls.handshake.type', handshake, record.at + 5, 1)] : []),
        ...(serverName === '' ? [] : [shown('Server name', 'tls.handshake.extensions_server_name', serverName, record.at, length)]),
        ...(handshake > 1 ? serverFlight(bytes.subarray(record.at + 5, record.at + length), record.at + 5) : []),
        ...(type === tlsContent.alert && alert !== undefined ? [{ ...number('Alert', 'tls.alert_message.desc', alert, record.at + 6, 1), text: numbered(tlsAlertName(alert), alert) }] : []),
      ],
    }) // prettier-ignore
  }
}

/** What a server shows of itself in one record, as far as it is in this segment. */
function serverFlight(messages: Uint8Array, at: number): Field[] {
  const flight = readHandshakes(messages)
  if (!flight) return []
  const { version, suite, certificate } = flight
  const { length } = messages
  return [
    ...(version === 0
      ? []
      : [
          number('Version', 'tls.handshake.version', version, at, length, tlsVersionName(version)),
          number('Cipher suite', 'tls.handshake.ciphersuite', suite, at, length, hexOf(suite)),
        ]),
    ...(certificate ? [certificateField(certificate, at, length)] : []),
  ]
}

function certificateField(certificate: Certificate, at: number, length: number): Field {
  const { subject, issuer, notBefore, notAfter, keyType, keyBits, names } = certificate
  const field = (name: string, text: Phrase): Field => ({ name, text, at, length })
  const time = (name: string, ms: number | undefined): Field[] => ms === undefined ? [] : [field(name, formatUtc(BigInt(ms) * 1_000_000n).replace('.000', ''))] // prettier-ignore
  return {
    ...field('Certificate', commonName(subject)),
    children: [
      field('Subject', subject),
      field('Issuer', issuer),
      ...time('Not before', notBefore),
      ...time('Not after', notAfter),
      ...(keyType === ''
        ? []
        : [field('Key', keyBits === 0 ? keyType : say('field.key', { type: keyType, bits: keyBits }))]),
      ...(names ?? []).map((name) => field('Name', name)),
      ...(names === undefined ? [field('Names', say('field.in-another-segment'))] : []),
    ],
  }
}

/** What the responder decided, between the packets of a capture. */
function labNote({ bytes, layers }: Gathering, note: LabNote): void {
  const { length } = bytes
  layers.push({
    name: 'PXE Lab', key: 'pxelab', text: noteText(note), at: 0, length,
    children: [
      shown('Decision', 'pxelab.note', note.kind, 0, length),
      shown('Client', 'pxelab.client', note.mac || note.address, 0, length),
      shown('Reason', 'pxelab.reason', note.reason, 0, length),
    ],
  }) // prettier-ignore
}

function walkLayers(gathering: Gathering): void {
  const { bytes, options } = gathering
  const note = options.linkType === noteInterface.linkType ? readLabNote(bytes) : undefined
  if (note) return labNote(gathering, note)
  const walk = new LayerWalk()
  walk.begin(options.linkType)
  /** Where the innermost IP packet ends. */
  let stop = bytes.length
  while (walk.step(bytes)) {
    const { kind, at } = walk
    if (kind === layerKinds.unread) {
      const message = `type ${options.linkType} (${linkTypeName(options.linkType)}) is not read`
      gathering.problems.push({ at: 0, field: 'link layer', message })
    } else if (kind === layerKinds.ipv4) {
      const end = ipv4(gathering, at, bytes.length)
      if (end !== undefined && walk.next === layerKinds.none) transport(gathering, at, end)
      stop = end ?? bytes.length
    } else if (kind === layerKinds.ipv6) {
      const end = ipv6(gathering, at, bytes.length)
      if (end !== undefined && walk.next === layerKinds.none) transport6(gathering, at, end)
      stop = end ?? bytes.length
    } else if (kind === layerKinds.udp) udp(gathering, at, stop, false, walk.next !== layerKinds.none)
    else if (!walk.isWhole) gathering.cutOff(names.get(kind) ?? layerName(kind), at, walk.needed)
    else if (kind === layerKinds.ethernet) ethernet(gathering, at)
    else if (kind === layerKinds.vlan) vlan(gathering, at)
    else if (kind === layerKinds.arp) arp(gathering, at)
    else {
      const layer = encapsulationLayer(bytes, walk)
      if (layer) gathering.layers.push(layer)
    }
  }
  const wake =
    walk.isWhole && walk.etherType === etherTypes.wakeOnLan ? wakeLayer(bytes, walk.nextAt, bytes.length) : undefined
  if (wake) gathering.layers.push(wake)
}

const withoutProblems = (field: Field): Field => ({
  ...field,
  problem: undefined,
  ...(field.children ? { children: field.children.map(withoutProblems) } : {}),
})

export function dissect(bytes: Uint8Array, options: SummaryOptions): Dissection {
  const gathering = new Gathering(bytes, options)
  walkLayers(gathering)
  const line = summarize(bytes, options)
  const { originalLength = bytes.length } = options
  if (isCutShort(bytes, originalLength)) {
    // What was sent may be whole: of a beginning nothing says that it is broken.
    const cut = keptText(bytes.length, originalLength)
    return { ...line, summary: line.summary || cut, layers: gathering.layers.map(withoutProblems), problems: [], cut }
  }
  const { layers, problems } = gathering
  const damage = problems[0]
  const summary = line.summary || (damage ? `${damage.field} ${damage.message}` : '')
  return { ...line, summary, layers, problems, cut: undefined }
}
