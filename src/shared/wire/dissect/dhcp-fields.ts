/** DHCP as fields: header, every option, every option inside one (RFC 2131, RFC 2132 and its successors, PXE 2.1). */
import { say, type Phrase } from '#messages/message.ts'
import { decodeText, formatHex, formatIpv4, formatMac, u16At, u32At, type Problem } from '../bytes.ts'
import { kinds, messageTypeNames } from '../dhcp/kinds.ts'
import {
  broadcastFlag,
  decodeDhcp,
  findOptionData,
  messageTypeOf,
  spaceApplies,
  valueProblems,
  type DecodedDhcp,
  type DhcpOption,
} from '../dhcp/message.ts'
import { dhcpOptions, optionCodes, optionName } from '../dhcp/options.ts'
import { decodeSpace } from '../dhcp/spaces.ts'
import { numbered } from '../words.ts'
import { hex, type Field } from './field.ts'

export interface DhcpFields {
  readonly layer: Field
  readonly problems: readonly Problem[]
}

export const messageName = (decoded: DecodedDhcp): Phrase => {
  const type = messageTypeOf(decoded.message)
  if (type === undefined) return decoded.message.op === 2 ? 'BOOTREPLY' : 'BOOTREQUEST'
  return messageTypeNames[type] ?? say('wire.type', { type })
}

const readers = {
  address: (data: Uint8Array) => formatIpv4(u32At(data, 0)),
  u8: (data: Uint8Array) => data[0] ?? 0,
  u16: (data: Uint8Array) => u16At(data, 0),
  u32: (data: Uint8Array) => u32At(data, 0),
  text: decodeText,
  /** One field for each address. */
  addresses: undefined,
  /** One field for each code. */
  codes: undefined,
} as const

/** The options whose value has a name of its own in Wireshark: code, name behind `dhcp.option.`, how it is read. */
const named: readonly (readonly [number, string, keyof typeof readers])[] = [
  [1, 'subnet_mask', 'address'],
  [3, 'router', 'addresses'],
  [4, 'time_server', 'addresses'],
  [5, 'name_server', 'addresses'],
  [6, 'domain_name_server', 'addresses'],
  [7, 'log_server', 'addresses'],
  [12, 'hostname', 'text'],
  [13, 'boot_file_size', 'u16'],
  [15, 'domain_name', 'text'],
  [16, 'swap_server', 'address'],
  [17, 'root_path', 'text'],
  [18, 'extension_path', 'text'],
  [23, 'default_ip_ttl', 'u8'],
  [26, 'interface_mtu', 'u16'],
  [28, 'broadcast_address', 'address'],
  [40, 'nis_domain', 'text'],
  [41, 'nis_server', 'addresses'],
  [42, 'ntp_server', 'addresses'],
  [44, 'netbios_over_tcpip_name_server', 'addresses'],
  [46, 'netbios_over_tcpip_node_type', 'u8'],
  [50, 'requested_ip_address', 'address'],
  [51, 'ip_address_lease_time', 'u32'],
  [52, 'option_overload', 'u8'],
  [53, 'dhcp', 'u8'],
  [54, 'dhcp_server_id', 'address'],
  [55, 'request_list_item', 'codes'],
  [56, 'message', 'text'],
  [57, 'dhcp_max_message_size', 'u16'],
  [58, 'renewal_time_value', 'u32'],
  [59, 'rebinding_time_value', 'u32'],
  [60, 'vendor_class_id', 'text'],
  [66, 'tftp_server_name', 'text'],
  [67, 'bootfile_name', 'text'],
  [69, 'smtp_server', 'addresses'],
  [93, 'client_system_architecture', 'u16'],
]

export const dhcpKeys = named.map(([code, name, reader]) => ({ code, key: `dhcp.option.${name}`, reader: readers[reader], list: reader, name: optionName(code) })) // prettier-ignore
const keyByCode = new Map(dhcpKeys.map((one) => [one.code, one]))

/** One field for each value of a list, as Wireshark splits them. */
function listItems(option: DhcpOption, at: number): Field[] {
  const own = keyByCode.get(option.code)
  if (own?.list === 'codes')
    return [...option.data].map((code, index) => ({
      name: 'Requested option',
      key: own.key,
      value: code,
      text: `${code} ${optionName(code)}`,
      at: at + 2 + index,
      length: 1,
    }))
  if (own?.list !== 'addresses' || option.data.length % 4 !== 0) return []
  return Array.from({ length: option.data.length / 4 }, (_, index) => {
    const address = formatIpv4(u32At(option.data, index * 4))
    return { name: 'Address', key: own.key, value: address, text: address, at: at + 2 + index * 4, length: 4 }
  })
}

/** Reads the payload that begins at `base` of its frame. */
export function dhcpFields(payload: Uint8Array, base: number): DhcpFields {
  const decoded = decodeDhcp(payload)
  const { message } = decoded
  const overload = findOptionData(message, optionCodes.overload)?.[0] ?? 0
  const fixed = (
    name: string,
    key: string,
    value: string | number,
    text: Phrase,
    at: number,
    length: number,
  ): Field => ({
    name,
    key,
    value,
    text,
    at: base + at,
    length,
    reference: 'RFC 2131 2',
  })
  const address = (name: string, key: string, value: number, at: number): Field =>
    fixed(name, key, formatIpv4(value), formatIpv4(value), at, 4)
  const hardware = formatMac(message.chaddr.subarray(0, Math.min(message.hlen, 16)))
  const named = (name: string, key: string, bytes: Uint8Array, isOptions: boolean, at: number): Field =>
    fixed(
      name,
      key,
      isOptions ? '' : decodeText(bytes),
      isOptions ? say('field.holds-options') : decodeText(bytes),
      at,
      bytes.length,
    )
  const fields: Field[] = [
    fixed(
      'op',
      'dhcp.type',
      message.op,
      numbered(message.op === 2 ? say('field.reply') : say('field.request'), message.op),
      0,
      1,
    ),
    fixed(
      'htype',
      'dhcp.hw.type',
      hex(message.htype, 2),
      message.htype === 1 ? 'Ethernet (1)' : String(message.htype),
      1,
      1,
    ),
    fixed('hlen', 'dhcp.hw.len', message.hlen, String(message.hlen), 2, 1),
    fixed('hops', 'dhcp.hops', message.hops, String(message.hops), 3, 1),
    fixed('xid', 'dhcp.id', hex(message.xid, 8), hex(message.xid, 8), 4, 4),
    fixed('secs', 'dhcp.secs', message.secs, String(message.secs), 8, 2),
    fixed(
      'flags',
      'dhcp.flags',
      hex(message.flags, 4),
      message.flags & broadcastFlag ? say('field.broadcast') : say('field.unicast'),
      10,
      2,
    ),
    address('ciaddr', 'dhcp.ip.client', message.ciaddr, 12),
    address('yiaddr', 'dhcp.ip.your', message.yiaddr, 16),
    address('siaddr', 'dhcp.ip.server', message.siaddr, 20),
    address('giaddr', 'dhcp.ip.relay', message.giaddr, 24),
    fixed('chaddr', 'dhcp.hw.mac_addr', hardware, hardware, 28, 16),
    named('sname', 'dhcp.server', message.sname, (overload & 2) !== 0, 44),
    named('file', 'dhcp.file', message.file, (overload & 1) !== 0, 108),
    ...message.options.map((option) => optionField(decoded, option, base)),
  ].filter((field) => field.at + field.length <= base + payload.length)
  const name = messageName(decoded)
  const problems = [...decoded.problems, ...valueProblems(decoded)].map((one) => ({ ...one, at: base + one.at }))
  return {
    layer: {
      name: 'DHCP',
      key: 'dhcp',
      text: name,
      at: base,
      length: payload.length,
      reference: 'RFC 2131',
      children: fields,
    },
    problems,
  }
}

function optionField({ message, runs }: DecodedDhcp, option: DhcpOption, base: number): Field {
  const definition = dhcpOptions.get(option.code)
  const own = runs.filter((run) => run.code === option.code)
  const run = own[0]!
  const isWhole = own.length === 1
  const space = definition?.space && spaceApplies(message, option.code) ? definition.space : undefined
  const decoded = kinds[definition?.kind ?? 'opaque'].decode(option.data)
  const at = base + run.at
  // The parts of an option that is spread over several runs lie in no single range of the frame.
  const inner =
    space && isWhole
      ? decodeSpace(space, option.data).subOptions.map((one): Field => ({
          name: `${one.code} ${one.name}`,
          text: one.text,
          value: formatHex(one.data),
          at: at + 2 + one.at,
          length: one.end - one.at,
        }))
      : isWhole
        ? listItems(option, at)
        : []
  const known = keyByCode.get(option.code)
  return {
    name: `${option.code} ${optionName(option.code)}`,
    text:
      option.code === optionCodes.parameterRequestList
        ? say('field.options', { count: option.data.length })
        : decoded.text,
    at,
    length: run.length + 2,
    ...(known?.reader ? { key: known.key, value: known.reader(option.data) } : {}),
    ...(definition ? { reference: definition.reference } : {}),
    ...(decoded.problem === undefined ? {} : { problem: decoded.problem }),
    ...(inner.length > 0 ? { children: inner } : {}),
  }
}
