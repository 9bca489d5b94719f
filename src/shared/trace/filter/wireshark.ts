/**
 * Fields by Wireshark's names where the dissector has no key of that name: both ends at once (`udp.port`), what is known of a frame
 * (`frame.number`), flags, protocols. Names and meaning: Wireshark's display filter reference.
 */
import { encodeText, formatIpv4, formatMac, parseHex } from '../../wire/bytes.ts'
import { fieldKeys } from '../../wire/dissect/keys.ts'
import { dhcpKeys } from '../../wire/dissect/dhcp-fields.ts'
import { decodeDhcp } from '../../wire/dhcp/message.ts'
import { etherTypes, ipProtocols } from '../../wire/headers.ts'
import { linkTypes } from '../../wire/link-types.ts'
import type { FieldKind, FilterField, FrameView } from './fields.ts'

type Values = readonly (string | number)[]
const none: Values = []

/** Whether the frame is IPv4 in Ethernet with UDP or TCP and nothing around it, as nearly all are: its headers say it all. */
const isPlain = ({ headers }: FrameView): boolean =>
  headers.linkType === linkTypes.ethernet &&
  headers.etherType === etherTypes.ipv4 &&
  headers.ipAt === 14 &&
  !headers.isFragment &&
  (headers.ipProtocol === ipProtocols.udp || headers.ipProtocol === ipProtocols.tcp)

/** What the dissector has under several keys; `plain` answers for plain frames without dissecting them. */
const either =
  (keys: readonly string[], plain?: (view: FrameView) => Values): FilterField['read'] =>
  (view) =>
    plain && isPlain(view) ? plain(view) : keys.flatMap((key) => view.dissected(key))

const ports = (protocol: 'udp' | 'tcp', ends: readonly ('srcport' | 'dstport')[]): FilterField['read'] =>
  either(
    ends.map((end) => `${protocol}.${end}`),
    ({ headers }) =>
      headers.ipProtocol === ipProtocols[protocol] && headers.sourcePort >= 0
        ? ends.map((end) => (end === 'srcport' ? headers.sourcePort : headers.destinationPort))
        : none,
  )

const addresses = (ends: readonly ('src' | 'dst')[]): FilterField['read'] =>
  either(
    ends.map((end) => `ip.${end}`),
    ({ headers }) => ends.map((end) => formatIpv4(end === 'src' ? headers.source : headers.destination)),
  )

const cards = (ends: readonly ('src' | 'dst')[]): FilterField['read'] =>
  either(
    ends.map((end) => `eth.${end}`),
    ({ bytes }) => ends.map((end) => formatMac(end === 'src' ? bytes.subarray(6, 12) : bytes.subarray(0, 6))),
  )

const flag =
  (key: string, bit: number): FilterField['read'] =>
  (view) =>
    view
      .dissected(key)
      .filter((value) => !Number.isNaN(Number(value)))
      .map((value) => (Number(value) & bit ? 1 : 0))

/** Every option of a message, also those that a later one continues, without PAD and END. */
const optionsOf = ({
  dhcp,
  headers,
  bytes,
}: FrameView): readonly { readonly code: number; readonly data: Uint8Array }[] =>
  dhcp ? decodeDhcp(bytes.subarray(headers.payloadAt, headers.payloadEnd)).message.options : []

const tcpLength = ({ headers }: FrameView): Values =>
  headers.ipProtocol === ipProtocols.tcp && headers.sourcePort >= 0 ? [headers.payloadEnd - headers.payloadAt] : none

const http =
  (kind: 'request' | 'response'): FilterField['read'] =>
  (view) =>
    view.dissected(kind === 'request' ? 'http.request.method' : 'http.response.code').length > 0 ? [1] : none

const deltaSeconds = ({ session: { store }, frame }: FrameView): Values =>
  [frame > store.first ? (store.timeOf(frame) - store.timeOf(frame - 1)) / 1e9 : 0] // prettier-ignore

const rows: readonly (readonly [string, FieldKind, string, FilterField['read'], (readonly string[])?])[] = [
  ['frame.number', 'number', 'number of the frame', ({ frame }) => [frame]],
  ['frame.len', 'number', 'bytes on the wire', ({ session, frame }) => [session.store.originalLengthOf(frame)]],
  ['frame.cap_len', 'number', 'bytes that the capture kept', ({ session, frame }) => [session.store.bytesOf(frame).length]],
  ['frame.time_relative', 'number', 'seconds since the first frame', ({ session, frame }) => [session.store.timeOf(frame) / 1e9]],
  ['frame.time_delta', 'number', 'seconds since the frame before', deltaSeconds],
  ['frame.time_epoch', 'number', 'seconds since 1970', ({ session, frame }) => [Number(session.store.absoluteNs(frame)) / 1e9]],
  ['frame.interface_name', 'text', 'name of the interface', ({ session, frame }) => [session.store.interfaceOf(frame).name]],
  ['frame.comment', 'text', 'comment on the frame, from the file or yours', ({ session, frame }) => session.commentsOf(frame)],
  ['frame.marked', 'number', 'whether you marked it (1 or 0)', ({ session, frame }) => [session.marks.has(frame) ? 1 : 0], ['1', '0']],
  ['eth.addr', 'mac', 'hardware address of either end, or its first octets', cards(['src', 'dst'])],
  ['eth.src', 'mac', 'hardware address of the sender', cards(['src'])],
  ['eth.dst', 'mac', 'hardware address of the receiver', cards(['dst'])],
  ['ip.addr', 'address', 'IPv4 address of either end, or a network', addresses(['src', 'dst'])],
  ['ip.src', 'address', 'IPv4 address of the sender', addresses(['src'])],
  ['ip.dst', 'address', 'IPv4 address of the receiver', addresses(['dst'])],
  ['ipv6.addr', 'address', 'IPv6 address of either end, or a network', either(['ipv6.src', 'ipv6.dst'])],
  ['ipv6.src', 'address', 'IPv6 address of the sender', either(['ipv6.src'])],
  ['ipv6.dst', 'address', 'IPv6 address of the receiver', either(['ipv6.dst'])],
  ['udp.port', 'number', 'UDP port of either end', ports('udp', ['srcport', 'dstport']), ['67', '68', '69', '4011']],
  ['udp.srcport', 'number', 'UDP port of the sender', ports('udp', ['srcport']), ['67', '68', '69', '4011']],
  ['udp.dstport', 'number', 'UDP port of the receiver', ports('udp', ['dstport']), ['67', '68', '69', '4011']],
  ['tcp.port', 'number', 'TCP port of either end', ports('tcp', ['srcport', 'dstport']), ['80', '443']],
  ['tcp.srcport', 'number', 'TCP port of the sender', ports('tcp', ['srcport']), ['80', '443']],
  ['tcp.dstport', 'number', 'TCP port of the receiver', ports('tcp', ['dstport']), ['80', '443']],
  ['tcp.len', 'number', 'bytes that a TCP segment carries', tcpLength],
  ['tcp.flags.syn', 'number', 'SYN: a connection is opened (1 or 0)', flag('tcp.flags', 2), ['1', '0']],
  ['tcp.flags.ack', 'number', 'ACK (1 or 0)', flag('tcp.flags', 16), ['1', '0']],
  ['tcp.flags.fin', 'number', 'FIN: a side has nothing more to send (1 or 0)', flag('tcp.flags', 1), ['1', '0']],
  ['tcp.flags.reset', 'number', 'RST: a connection is refused or dropped (1 or 0)', flag('tcp.flags', 4), ['1', '0']],
  ['tcp.flags.push', 'number', 'PSH (1 or 0)', flag('tcp.flags', 8), ['1', '0']],
  ['dhcp.flags.bc', 'number', 'whether the client asks for broadcast replies (1 or 0)', flag('dhcp.flags', 0x8000), ['1', '0']],
  ['dhcp.option.type', 'number', 'code of any option in the message', (view) => optionsOf(view).map(({ code }) => code), ['43', '60', '66', '67', '82', '93', '97']],
  ['dhcp.option.length', 'number', 'length of any option in the message', (view) => optionsOf(view).map(({ data }) => data.length)],
  ['http.request', 'number', 'an HTTP request begins here (1)', http('request')],
  ['http.response', 'number', 'an HTTP answer begins here (1)', http('response')],
] // prettier-ignore

/** What the keys of the dissector that people ask for mean; the others are told by their name. */
const meanings: Readonly<Record<string, string>> = {
  'arp.opcode': '1 asks, 2 answers',
  'arp.src.proto_ipv4': 'address of the machine that asks or answers',
  'arp.dst.proto_ipv4': 'address that is asked for',
  'dhcp.id': 'transaction, such as 0x50540bae',
  'dhcp.secs': 'seconds since the client began',
  'dhcp.hops': 'relay agents it passed',
  'dhcp.hw.mac_addr': 'hardware address of the client (chaddr)',
  'dhcp.ip.client': 'address the client has (ciaddr)',
  'dhcp.ip.your': 'address the client is given (yiaddr)',
  'dhcp.ip.server': 'next server (siaddr)',
  'dhcp.ip.relay': 'relay agent (giaddr)',
  'dhcp.option.dhcp': 'message type, option 53: 1 DISCOVER, 2 OFFER, 3 REQUEST, 5 ACK, 6 NAK',
  'dhcp.option.vendor_class_id': 'vendor class, option 60, such as PXEClient',
  'dhcp.option.tftp_server_name': 'TFTP server name, option 66',
  'dhcp.option.bootfile_name': 'boot file, option 67',
  'dhcp.option.client_system_architecture': 'architecture number, option 93',
  'dhcp.option.dhcp_server_id': 'server identifier, option 54',
  'dhcp.option.requested_ip_address': 'address the client asks for, option 50',
  'dhcp.option.request_list_item': 'an option the client asks for, option 55',
  'http.host': 'server that a request names',
  'http.request.method': 'method of a request',
  'http.request.uri': 'what a request asks for',
  'http.response.code': 'status of an answer, such as 404',
  'http.user_agent': 'program that asks',
  'ip.ttl': 'time to live',
  'tftp.opcode': '1 read, 2 write, 3 data, 4 ack, 5 error, 6 OACK',
  'tftp.source_file': 'file of a read request',
  'tftp.destination_file': 'file of a write request',
  'tftp.error.code': 'TFTP error, 1 is file not found',
  'tftp.error.message': 'text of a TFTP error',
  'tftp.option.name': 'an option of a request or OACK, such as blksize',
  'tftp.option.value': 'value of an option of a request or OACK',
  'vlan.id': 'VLAN ID',
  'wol.mac': 'hardware address of the machine to wake',
  'wol.passwd': 'SecureOn password',
  'wol.sync': 'six octets of ones',
}

/** Options with a name of their own are told by number as well. */
const optionMeanings = new Map(dhcpKeys.map(({ code, key, name }) => [key, `option ${code}, ${name}`]))

const meaningOf = (key: string): string => meanings[key] ?? optionMeanings.get(key) ?? key.split(/[._]/).join(' ')

const addressKeys = /^(ipv6\.(src|dst)|arp\.(src|dst)\.proto_ipv4|dhcp\.ip\.\w+|.*(address|_server|_server_id|subnet_mask|\.router|addr\.ip|\.dns_server))$/ // prettier-ignore
const macKeys = /(mac_addr|hw_mac|link_layer_addr|wlan\.[sd]a|wol\.mac)$/
const kindOf = (key: string): FieldKind => (macKeys.test(key) ? 'mac' : addressKeys.test(key) ? 'address' : 'text')

export const wiresharkFields: readonly FilterField[] = [
  ...rows.map(([name, kind, description, read, values]) => ({ name, kind, description, read, ...(values ? { values } : {}) })),
  ...[...fieldKeys]
    .filter((key) => !rows.some(([name]) => name === key))
    .map((key) => ({
      name: key,
      kind: kindOf(key),
      description: meaningOf(key),
      read: (view: FrameView) => view.dissected(key),
    })),
] // prettier-ignore

/** Protocols by the key of their layer: as a word they take the frames that hold it, with `contains` they look at its bytes. */
export const protocolLayers: Readonly<Record<string, string>> = {
  frame: '',
  eth: 'eth',
  vlan: 'vlan',
  arp: 'arp',
  ip: 'ip',
  ipv6: 'ipv6',
  icmp: 'icmp',
  icmpv6: 'icmpv6',
  udp: 'udp',
  tcp: 'tcp',
  dhcp: 'dhcp',
  bootp: 'dhcp',
  dhcpv6: 'dhcpv6',
  dns: 'dns',
  tftp: 'tftp',
  http: 'http',
  wol: 'wol',
}

/** Where the bytes of a protocol begin in the frame, -1 where it is not there. */
export function layerAt(view: FrameView, layer: string): number {
  if (layer === '') return 0
  const { headers, bytes } = view
  if (isPlain(view)) {
    if (layer === 'eth') return 0
    if (layer === 'ip') return 14
    if (layer === 'arp' || layer === 'ipv6' || layer === 'icmp' || layer === 'vlan') return -1
    if (layer === 'udp' || layer === 'tcp')
      return headers.ipProtocol === ipProtocols[layer] ? 14 + (bytes[14]! & 15) * 4 : -1
  }
  return view.layerAt(layer)
}

/** What `contains` looks for: bytes as hexadecimal octets with colons, text otherwise. */
export const wantedBytes = (text: string): Uint8Array =>
  (/^[\da-f]{2}(:[\da-f]{2})+$/i.test(text) ? parseHex(text.replaceAll(':', '')) : undefined) ?? encodeText(text)

export function holdsBytes(bytes: Uint8Array, from: number, wanted: Uint8Array): boolean {
  for (let at = from; at + wanted.length <= bytes.length; at++) {
    let index = 0
    while (index < wanted.length && bytes[at + index] === wanted[index]) index++
    if (index === wanted.length) return true
  }
  return false
}
