/** What can be asked of a frame: fields of a person's words here, Wireshark's names in `wireshark.ts`. */
import { inEnglish } from '#messages/text.ts'
import { formatIpv4, formatMac, parseMacPrefix } from '../../wire/bytes.ts'
import { messageTypeNames } from '../../wire/dhcp/kinds.ts'
import { DhcpGlance } from '../../wire/dhcp/glance.ts'
import { allFields } from '../../wire/dissect/field.ts'
import { quotesPacket6 } from '../../wire/icmpv6.ts'
import {
  architecture6Of,
  bootUrlOf,
  decodeDhcp6,
  dhcp6TypeNames,
  dhcp6Types,
  failedStatusOf,
  unwrapRelays,
  type Dhcp6Message,
} from '../../wire/dhcpv6/message.ts'
import { FrameHeaders, hasDhcp6Ports, hasDhcpPorts, ipProtocols } from '../../wire/headers.ts'
import { formatIp } from '../../wire/ip-address.ts'
import { httpStart, type FrameSummary } from '../../wire/summary.ts'
import { tftpOpcodes } from '../../wire/tftp.ts'
import { u16At } from '../../wire/bytes.ts'
import type { Session } from '../session.ts'
import { wiresharkFields } from './wireshark.ts'

/** One frame after another as the filter sees it; what is not asked for is not read. */
export class FrameView {
  readonly session: Session
  frame = 0
  readonly headers = new FrameHeaders()
  bytes: Uint8Array = new Uint8Array()
  readonly #glance = new DhcpGlance()
  #isGlanced: boolean | undefined
  #dhcp6: Dhcp6Message | undefined
  #summary: FrameSummary | undefined
  #fields: Map<string, (string | number)[]> | undefined
  #layers: Map<string, number> | undefined

  constructor(session: Session) {
    this.session = session
  }

  look(frame: number): void {
    this.frame = frame
    this.bytes = this.session.store.contentOf(frame)
    this.headers.read(this.bytes, this.session.store.interfaceOf(frame).linkType)
    this.#isGlanced = undefined
    this.#dhcp6 = undefined
    this.#summary = undefined
    this.#fields = undefined
    this.#layers = undefined
  }

  get summary(): FrameSummary {
    return (this.#summary ??= this.session.summaryOf(this.frame))
  }

  get dhcp(): DhcpGlance | undefined {
    const { payloadAt, payloadEnd } = this.headers
    this.#isGlanced ??= hasDhcpPorts(this.headers) && this.#glance.read(this.bytes, payloadAt, payloadEnd)
    return this.#isGlanced ? this.#glance : undefined
  }

  /** The DHCPv6 message of client or server, whatever relay agents carry it. */
  get dhcp6(): Dhcp6Message | undefined {
    if (!hasDhcp6Ports(this.headers)) return undefined
    const { payloadAt, payloadEnd } = this.headers
    return (this.#dhcp6 ??= unwrapRelays(decodeDhcp6(this.bytes.subarray(payloadAt, payloadEnd)).message).inner)
  }

  /** Offset of a TFTP packet, -1 where the frame is none. */
  get tftpAt(): number {
    const { ipProtocol, sourcePort, destinationPort, payloadAt, payloadEnd } = this.headers
    if (
      ipProtocol !== ipProtocols.udp ||
      payloadEnd - payloadAt < 4 ||
      hasDhcpPorts(this.headers) ||
      hasDhcp6Ports(this.headers)
    )
      return -1
    const isTftp = sourcePort === 69 || destinationPort === 69 || this.session.store.transferOf(this.frame) > 0
    return isTftp ? payloadAt : -1
  }

  #dissect(): void {
    if (this.#fields) return
    this.#fields = new Map()
    this.#layers = new Map()
    const { layers } = this.session.dissectionOf(this.frame)
    for (const { key, at } of layers) if (key !== undefined && !this.#layers.has(key)) this.#layers.set(key, at)
    for (const { key, value, text } of allFields(layers)) {
      if (key === undefined || value === undefined) continue
      // A number may be asked for by what it stands for as well: `dhcp.option.dhcp == discover`.
      const label = typeof value === 'number' ? inEnglish(text).replace(/ \(.*\)$/, '') : ''
      const values = label === '' || label === String(value) ? [value] : [value, label]
      this.#fields.set(key, [...(this.#fields.get(key) ?? []), ...values])
    }
  }

  /** Every value of a field of the dissector. */
  dissected(key: string): readonly (string | number)[] {
    this.#dissect()
    return this.#fields!.get(key) ?? []
  }

  /** Where the outermost layer of a key begins, -1 where there is none. */
  layerAt(key: string): number {
    this.#dissect()
    return this.#layers!.get(key) ?? -1
  }
}

export type FieldKind = 'text' | 'number' | 'address' | 'mac'

export interface FilterField {
  readonly name: string
  readonly description: string
  readonly kind: FieldKind
  /** Values that are worth offering. */
  readonly values?: readonly string[]
  readonly read: (view: FrameView) => readonly (string | number)[]
}

const none: readonly (string | number)[] = []
const some = (value: string | number | undefined): readonly (string | number)[] =>
  value === undefined || value === '' ? none : [value]
const address = (value: number | undefined): readonly (string | number)[] =>
  value === undefined || value === 0 ? none : [formatIpv4(value)]

const ends = ({ headers, bytes }: FrameView, end: 'source' | 'destination'): readonly string[] => headers.ipAt < 0 && headers.ip6At < 0 ? [] : [formatIp(end === 'source' ? headers.sourceIn(bytes) : headers.destinationIn(bytes))] // prettier-ignore

const tftpKinds = Object.fromEntries(Object.entries(tftpOpcodes).map(([name, code]) => [code, name === 'rrq' ? 'read' : name === 'wrq' ? 'write' : name])) // prettier-ignore

/** Whether a frame tells of something that went wrong: ERROR, NAK, ICMP error, HTTP 4xx and 5xx, RST to SYN, malformed. */
function isError(view: FrameView): boolean {
  const { ipProtocol, payloadAt, payloadEnd, tcpFlags } = view.headers
  const { bytes, tftpAt } = view
  if (tftpAt >= 0) {
    if (u16At(bytes, tftpAt) !== tftpOpcodes.error) return false
    const transfer = view.session.trace.transferOf(view.session.store.transferOf(view.frame))
    return transfer?.state !== 'probe'
  }
  if (view.dhcp) return view.dhcp.type === 6 || view.dhcp.type === 4
  if (ipProtocol === ipProtocols.icmp) return [3, 11, 12].includes(bytes[payloadAt] ?? 0)
  if (ipProtocol === ipProtocols.icmpv6) return quotesPacket6(bytes[payloadAt] ?? 0)
  if (view.dhcp6) return view.dhcp6.type === dhcp6Types.decline || failedStatusOf(view.dhcp6) !== undefined
  if (ipProtocol === ipProtocols.tcp) {
    const start = httpStart(bytes, payloadAt, payloadEnd)
    return (start?.kind === 'answer' && start.status >= 400) || ((tcpFlags & 4) !== 0 && (tcpFlags & 16) !== 0 && payloadEnd === payloadAt && view.session.trace.isRefusal(view.frame)) // prettier-ignore
  }
  return false
}

const dhcpTypes = Object.values(messageTypeNames).map((name) => name.toLowerCase())

/** The message type in words, and what Wireshark calls `dhcp.type`: the op of the header. */
function dhcpType({ dhcp, bytes, headers }: FrameView): readonly (string | number)[] {
  if (!dhcp) return none
  const op = bytes[headers.payloadAt]!
  return dhcp.type >= 0 ? [messageTypeNames[dhcp.type] ?? `type ${dhcp.type}`, op] : [op]
}

/** The kind of packet in words, and what Wireshark calls `tftp.type`: the mode of a request. */
function tftpType(view: FrameView): readonly (string | number)[] {
  if (view.tftpAt < 0) return none
  const code = u16At(view.bytes, view.tftpAt)
  const kind = tftpKinds[code] ?? String(code)
  return code === tftpOpcodes.rrq || code === tftpOpcodes.wrq ? [kind, ...view.dissected('tftp.type')] : [kind]
}

const macs = ({ bytes, headers }: FrameView): string[] =>
  [headers.sourceMacAt, headers.destinationMacAt]
    .filter((at) => at >= 0)
    .map((at) => formatMac(bytes.subarray(at, at + 6)))

const http = ({ bytes, headers }: FrameView): ReturnType<typeof httpStart> =>
  headers.ipProtocol === ipProtocols.tcp ? httpStart(bytes, headers.payloadAt, headers.payloadEnd) : undefined

export const filterFields: readonly FilterField[] = [
  { name: 'client', description: 'hardware address of the machine it belongs to, relayed or not', kind: 'mac', read: (view) => some(view.session.trace.machineOf(view.frame)?.name) },
  { name: 'protocol', description: 'innermost protocol', kind: 'text', values: ['dhcp', 'proxydhcp', 'tftp', 'http', 'tcp', 'udp', 'icmp', 'arp', 'ipv4', 'dhcpv6', 'dns', 'icmpv6', 'ipv6', 'wol'], read: (view) => [view.summary.protocol] },
  { name: 'address', description: 'IP address of sender or receiver', kind: 'address', read: (view) => [...ends(view, 'source'), ...ends(view, 'destination')] },
  { name: 'source', description: 'IP address of the sender', kind: 'address', read: (view) => ends(view, 'source') },
  { name: 'destination', description: 'IP address of the receiver', kind: 'address', read: (view) => ends(view, 'destination') },
  { name: 'port', description: 'UDP or TCP port of either side', kind: 'number', values: ['67', '68', '69', '4011', '80'], read: ({ headers }) => (headers.sourcePort < 0 ? none : [headers.sourcePort, headers.destinationPort]) },
  { name: 'mac', description: 'hardware address in the frame, or its first octets', kind: 'mac', read: macs },
  { name: 'vlan', description: 'VLAN ID', kind: 'number', read: ({ headers }) => (headers.vlan < 0 ? none : [headers.vlan]) },
  { name: 'dhcp.type', description: 'DHCP message type, as a number BOOTP\'s: 1 request, 2 reply', kind: 'text', values: dhcpTypes, read: dhcpType },
  { name: 'dhcp.xid', description: 'transaction, such as 0x50540bae', kind: 'number', read: ({ dhcp }) => some(dhcp?.xid) },
  { name: 'dhcp.server', description: 'server identifier, option 54', kind: 'address', read: ({ dhcp }) => address(dhcp?.server) },
  { name: 'dhcp.your', description: 'address that is given, yiaddr', kind: 'address', read: ({ dhcp }) => address(dhcp?.yiaddr) },
  { name: 'dhcp.relay', description: 'relay agent, giaddr', kind: 'address', read: ({ dhcp }) => address(dhcp?.giaddr) },
  { name: 'dhcp.class', description: 'vendor class, option 60', kind: 'text', values: ['PXEClient', 'HTTPClient'], read: ({ dhcp }) => some(dhcp?.vendorClass) },
  { name: 'dhcp.file', description: 'boot file, option 67 or the file field', kind: 'text', read: ({ dhcp }) => some(dhcp?.file) },
  { name: 'dhcp.arch', description: 'architecture number, option 93', kind: 'number', values: ['0', '6', '7', '11', '16'], read: ({ dhcp }) => (dhcp && dhcp.architecture >= 0 ? [dhcp.architecture] : none) },
  { name: 'dhcpv6.type', description: 'DHCPv6 message type, that of client or server behind relay agents', kind: 'text', values: Object.values(dhcp6TypeNames).slice(0, 11).map((name) => name.toLowerCase()), read: ({ dhcp6 }) => some(dhcp6 && (dhcp6TypeNames[dhcp6.type] ?? String(dhcp6.type))) },
  { name: 'dhcpv6.file', description: 'boot file URL, option 59 of DHCPv6', kind: 'text', read: ({ dhcp6 }) => some(dhcp6 && bootUrlOf(dhcp6)) },
  { name: 'dhcpv6.arch', description: 'architecture number, option 61 of DHCPv6', kind: 'number', values: ['6', '7', '11', '16'], read: ({ dhcp6 }) => some(dhcp6 && architecture6Of(dhcp6)) },
  { name: 'tftp.type', description: 'kind of TFTP packet', kind: 'text', values: Object.values(tftpKinds), read: tftpType },
  { name: 'tftp.file', description: 'file of the transfer a frame belongs to', kind: 'text', read: (view) => some(view.session.trace.transferOf(view.session.store.transferOf(view.frame))?.file) },
  { name: 'transfer', description: 'number of the TFTP transfer it belongs to', kind: 'number', read: ({ session, frame }) => (session.store.transferOf(frame) > 0 ? [session.store.transferOf(frame)] : none) },
  { name: 'tftp.block', description: 'block number of DATA and ACK', kind: 'number', read: (view) => (view.tftpAt >= 0 && [3, 4].includes(u16At(view.bytes, view.tftpAt)) ? [u16At(view.bytes, view.tftpAt + 2)] : none) },
  { name: 'http.method', description: 'method of an HTTP request', kind: 'text', values: ['GET', 'HEAD'], read: (view) => { const start = http(view); return some(start?.kind === 'request' ? start.method : undefined) } },
  { name: 'http.uri', description: 'what an HTTP request asks for', kind: 'text', read: (view) => { const start = http(view); return some(start?.kind === 'request' ? start.target : undefined) } },
  { name: 'http.status', description: 'status of an HTTP answer', kind: 'number', values: ['200', '404'], read: (view) => { const start = http(view); return some(start?.kind === 'answer' ? start.status : undefined) } },
  { name: 'error', description: 'ERROR, NAK, DECLINE, ICMP error, HTTP 4xx and 5xx, refused connection (yes or no)', kind: 'text', values: ['yes', 'no'], read: (view) => [isError(view) ? 'yes' : 'no'] },
  { name: 'malformed', description: 'something in it breaks its specification (yes or no)', kind: 'text', values: ['yes', 'no'], read: (view) => [view.session.dissectionOf(view.frame).problems.length > 0 ? 'yes' : 'no'] },
  { name: 'interface', description: 'name of the interface', kind: 'text', read: (view) => [view.session.store.interfaceOf(view.frame).name] },
  { name: 'direction', description: 'in or out, where the capture tells', kind: 'text', values: ['in', 'out'], read: (view) => some(view.session.store.directionOf(view.frame)) },
  { name: 'frame', description: 'number of the frame', kind: 'number', read: (view) => [view.frame] },
  { name: 'time', description: 'seconds since the first frame', kind: 'number', read: (view) => [view.session.store.timeOf(view.frame) / 1e9] },
  { name: 'length', description: 'bytes on the wire', kind: 'number', read: (view) => [view.session.store.originalLengthOf(view.frame)] },
] // prettier-ignore

/** Short words for what is asked most. */
const aliases: Readonly<Record<string, string>> = { address: 'ip', source: 'src', destination: 'dst', protocol: 'proto', client: 'machine', 'dhcp.xid': 'xid', 'tftp.file': 'file', 'dhcp.arch': 'arch' } // prettier-ignore

/** Every field that can be named, ours first: where both have a name, ours has the meaning of both. */
export const allFilterFields: readonly FilterField[] = [
  ...filterFields,
  ...wiresharkFields.filter(({ name }) => !filterFields.some((own) => own.name === name)),
]

const byName = new Map([
  ...allFilterFields.map((field) => [field.name, field] as const),
  ...filterFields.flatMap((field) => (aliases[field.name] ? [[aliases[field.name]!, field] as const] : [])),
])

/** A field by its name; BOOTP's are those of DHCP, as they were called until Wireshark 3.0. */
export const findFilterField = (name: string): FilterField | undefined =>
  byName.get(name) ?? (name.startsWith('bootp.') ? byName.get(`dhcp.${name.slice(6)}`) : undefined)

/** The beginning of a hardware address in one spelling, for comparing; undefined where the text is none. */
export const macPrefix = (text: string): string | undefined => {
  const bytes = parseMacPrefix(text)
  return bytes && formatMac(bytes)
}
