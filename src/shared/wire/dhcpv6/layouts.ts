/**
 * How the values of DHCPv6 options are laid out: a list of fixed fields and what stands behind them, each with the name that
 * Wireshark has for it. Decoding is total: it yields what could be read, in words and as parts with their places, and what is wrong.
 */
import { say, type Phrase } from '#messages/message.ts'
import { decodeText, formatHex, formatIpv6, formatMac, formatUuid, u16At, u32At } from '../bytes.ts'
import { numberedArchitecture } from '../iana/architecture.ts'
import { enterpriseName } from '../iana/enterprises.ts'
import { fieldName } from '../field-names.ts'
import { byteCount, listed, named, numbered } from '../words.ts'

/** A value inside an option, or an option inside one; offsets are those of the frame, or of the message where nobody gave any. */
export interface Part {
  readonly name: string
  readonly text: Phrase
  readonly at: number
  readonly length: number
  readonly key?: string
  readonly value?: string | number
  readonly reference?: string
  readonly problem?: string
  readonly children?: readonly Part[]
}

/** What follows the fixed fields: options, a message that a relay agent passes on, or nothing that another decoder reads. */
export type Tail = 'options' | 'message' | undefined

export interface DecodedLayout {
  readonly text: Phrase
  readonly parts: readonly Part[]
  readonly problem?: string
  /** Where the options or the message inside begin, counted from the beginning of the value. */
  readonly tailAt?: number
}

interface Cell {
  readonly size: number
  readonly read: (data: Uint8Array, at: number) => { value: string | number; text: Phrase }
}

const numberCell = (size: 1 | 2 | 4, show: (value: number) => Phrase = String): Cell => ({
  size,
  read: (data, at) => {
    const value = size === 1 ? data[at]! : size === 2 ? u16At(data, at) : u32At(data, at)
    return { value, text: show(value) }
  },
})
const secondsText = (value: number): Phrase => (value === 0xffffffff ? say('field.for-ever') : `${value} s`)
const cells = {
  u8: numberCell(1),
  u16: numberCell(2),
  u32: numberCell(4),
  seconds: numberCell(4, secondsText),
  enterprise: numberCell(4, enterpriseName),
  address: {
    size: 16,
    read: (data, at) => {
      const value = formatIpv6(data, at)
      return { value, text: value }
    },
  },
  /** Four octets that name something and are no number. */
  name32: {
    size: 4,
    read: (data, at) => {
      const value = formatHex(data.subarray(at, at + 4))
      return { value, text: value }
    },
  },
  hex64: {
    size: 8,
    read: (data, at) => {
      const value = formatHex(data.subarray(at, at + 8))
      return { value, text: value }
    },
  },
} satisfies Record<string, Cell>

type Named = readonly [name: string, key: string | undefined, cell: Cell]

/** What reads the rest of a value, from `from` to its end. */
type Rest = (data: Uint8Array, from: number, at: number) => DecodedLayout

interface Layout {
  readonly fixed: readonly Named[]
  readonly rest: Rest
  readonly tail?: Tail
}

const part = (name: string, key: string | undefined, value: string | number, at: number, length: number, text: Phrase = String(value)): Part => ({ name, text, at, length, value, ...(key === undefined ? {} : { key }) }) // prettier-ignore

const nothing: Rest = (data, from) => ({
  text: '',
  parts: [],
  ...(from < data.length ? { problem: `${data.length} bytes, needs ${from}` } : {}),
})

const inside: Rest = () => ({ text: '', parts: [] })

const bytesRest =
  (key?: string): Rest =>
  (data, from, at) => {
    const value = formatHex(data.subarray(from))
    return {
      text: formatHex(data.subarray(from), ' '),
      parts: from < data.length ? [part('Data', key, value, at + from, data.length - from)] : [],
    }
  }

const textRest =
  (key?: string): Rest =>
  (data, from, at) => {
    const text = decodeText(data.subarray(from))
    return {
      text,
      parts: from < data.length ? [part('Text', key, text, at + from, data.length - from)] : [],
    }
  }

const requiredText =
  (key?: string): Rest =>
  (data, from, at) => ({
    ...textRest(key)(data, from, at),
    ...(data.length === from ? { problem: 'is empty, needs at least 1 byte' } : {}),
  })

/** Equal cells to the end of the value. */
const listRest =
  (name: string, key: string | undefined, cell: Cell): Rest =>
  (data, from, at) => {
    const count = Math.floor((data.length - from) / cell.size)
    const parts = Array.from({ length: count }, (_, index) => {
      const { value, text } = cell.read(data, from + index * cell.size)
      return part(name, key, value, at + from + index * cell.size, cell.size, text)
    })
    const isUneven = (data.length - from) % cell.size !== 0
    return {
      text: listed(parts.map((one) => one.text)),
      parts,
      ...(isUneven ? { problem: `${data.length} bytes, needs ${from} and a multiple of ${cell.size}` } : {}),
    }
  }

/** Texts or bytes with a length of two octets in front of each (RFC 8415 sections 21.15 and 21.16, RFC 5970 section 3.2). */
const lengthRest =
  (name: string, key: string | undefined, isText: boolean, lengthKey?: string): Rest =>
  (data, from, at) => {
    const parts: Part[] = []
    const texts: string[] = []
    for (let cursor = from; cursor < data.length;) {
      const length = u16At(data, cursor)
      if (cursor + 2 + length > data.length)
        return { text: texts.join(', '), parts, problem: `the item at byte ${cursor} is cut off: ${data.length - cursor} bytes are left` } // prettier-ignore
      const body = data.subarray(cursor + 2, cursor + 2 + length)
      const text = decodeText(body)
      texts.push(text)
      parts.push(
        part('Length', lengthKey, length, at + cursor, 2),
        part(name, key, isText ? text : formatHex(body), at + cursor + 2, length, text),
      )
      cursor += 2 + length
    }
    return { text: texts.join(', '), parts }
  }

interface Name {
  readonly name: string
  /** The same with a dot at its end where nothing is missing. */
  readonly qualified: string
  readonly at: number
  readonly end: number
}

/** Domain names in the form of RFC 1035 section 3.1, which DHCPv6 does not compress (RFC 8415 section 10). */
export function readDomainNames(data: Uint8Array, from: number): { names: Name[]; problem?: string } {
  const names: Name[] = []
  for (let at = from; at < data.length;) {
    const labels: string[] = []
    let cursor = at
    for (;;) {
      const length = data[cursor]
      // A name may stop short where it is to be completed (RFC 4704 section 4.2).
      if (length === undefined || length === 0) break
      if (length > 63 || cursor + 1 + length > data.length)
        return { names, problem: `a label of ${length} bytes at byte ${cursor} does not fit` }
      labels.push(decodeText(data.subarray(cursor + 1, cursor + 1 + length)))
      cursor += 1 + length
    }
    const end = Math.min(data.length, cursor + 1)
    const name = labels.join('.')
    names.push({ name, qualified: cursor < data.length ? `${name}.` : name, at, end })
    at = end
  }
  return { names }
}

const namesRest =
  (key?: string): Rest =>
  (data, from, at) => {
    const { names, problem } = readDomainNames(data, from)
    return {
      text: names.map((one) => one.name).join(', '),
      parts: names.map((one) => part('Name', key, one.qualified, at + one.at, one.end - one.at, one.name)),
      ...(problem === undefined ? {} : { problem }),
    }
  }

const hardware = (data: Uint8Array): string => formatMac(data)

/** A DHCP unique identifier (RFC 8415 section 11, RFC 6355). */
function duid(data: Uint8Array, from: number, at: number): DecodedLayout {
  const bytes = data.subarray(from)
  const whole = part('Bytes', 'dhcpv6.duid.bytes', formatHex(bytes), at + from, bytes.length, byteCount(bytes.length))
  const type = u16At(bytes, 0)
  if (bytes.length < 3 || bytes.length > 130)
    return { text: formatHex(bytes, ' '), parts: [whole], problem: `${bytes.length} bytes, needs 3 to 130` }
  const parts = [whole, part('Type', 'dhcpv6.duid.type', type, at + from, 2)]
  const rest = (offset: number): Uint8Array => bytes.subarray(offset)
  const place = at + from
  const short = (least: number): DecodedLayout => ({
    text: formatHex(bytes, ' '),
    parts,
    problem: `${bytes.length} bytes, needs at least ${least}`,
  })
  if (type === 1) {
    if (bytes.length < 8) return short(8)
    const address = hardware(rest(8))
    parts.push(
      part('Hardware type', 'dhcpv6.duidllt.hwtype', u16At(bytes, 2), place + 2, 2),
      part('Link-layer address', 'dhcpv6.duidllt.link_layer_addr', address, place + 8, bytes.length - 8),
    )
    return { text: say('field.link-layer-time', { address }), parts }
  }
  if (type === 2) {
    if (bytes.length < 6) return short(6)
    parts.push(
      part('Enterprise', 'dhcpv6.duiden.enterprise', u32At(bytes, 2), place + 2, 4, enterpriseName(u32At(bytes, 2))),
      part('Identifier', 'dhcpv6.duiden.identifier', formatHex(rest(6)), place + 6, bytes.length - 6),
    )
    return {
      text: say('field.enterprise-id', { enterprise: enterpriseName(u32At(bytes, 2)), id: formatHex(rest(6)) }),
      parts,
    }
  }
  if (type === 3) {
    if (bytes.length < 4) return short(4)
    const address = hardware(rest(4))
    parts.push(
      part('Hardware type', 'dhcpv6.duidll.hwtype', u16At(bytes, 2), place + 2, 2),
      part('Link-layer address', 'dhcpv6.duidll.link_layer_addr', address, place + 4, bytes.length - 4),
    )
    return { text: say('field.link-layer', { address }), parts }
  }
  if (type === 4) {
    if (bytes.length !== 18)
      return { text: formatHex(bytes, ' '), parts, problem: `${bytes.length} bytes, a UUID needs 18` }
    const uuid = formatUuid(rest(2))
    parts.push(part('UUID', 'dhcpv6.duiduuid.bytes', formatHex(rest(2)), place + 2, 16, uuid))
    return { text: `UUID ${uuid}`, parts }
  }
  return { text: formatHex(bytes, ' '), parts }
}

/** Options of a vendor: their meaning is the vendor's alone (RFC 8415 section 21.17). */
const vendorRest: Rest = (data, from, at) => {
  const parts: Part[] = []
  for (let cursor = from; cursor < data.length;) {
    const length = u16At(data, cursor + 2)
    if (cursor + 4 > data.length || cursor + 4 + length > data.length)
      return { text: '', parts, problem: `the option at byte ${cursor} is cut off: ${data.length - cursor} bytes are left` } // prettier-ignore
    const prefix = 'dhcpv6.vendoropts.enterprise.option'
    parts.push(
      part('Code', `${prefix}_code`, u16At(data, cursor), at + cursor, 2),
      part('Length', `${prefix}_length`, length, at + cursor + 2, 2),
      part('Data', `${prefix}_data`, formatHex(data.subarray(cursor + 4, cursor + 4 + length)), at + cursor + 4, length, decodeText(data.subarray(cursor + 4, cursor + 4 + length))), // prettier-ignore
    )
    cursor += 4 + length
  }
  return {
    text: parts.length === 0 ? say('field.no-options') : say('field.options', { count: parts.length / 3 }),
    parts,
  }
}

/** Options of their own numbers (RFC 5908 section 4). */
const ntpRest: Rest = (data, from, at) => {
  const parts: Part[] = []
  const texts: Phrase[] = []
  for (let cursor = from; cursor < data.length;) {
    const code = u16At(data, cursor)
    const length = u16At(data, cursor + 2)
    if (cursor + 4 > data.length || cursor + 4 + length > data.length)
      return { text: listed(texts), parts, problem: `the option at byte ${cursor} is cut off: ${data.length - cursor} bytes are left` } // prettier-ignore
    parts.push(
      part('Code', 'dhcpv6.ntpserver.option.type', code, at + cursor, 2),
      part('Length', 'dhcpv6.ntpserver.option.length', length, at + cursor + 2, 2),
    )
    const body = data.subarray(cursor + 4, cursor + 4 + length)
    if ((code === 1 || code === 2) && length === 16) {
      texts.push(formatIpv6(body))
      parts.push(part(code === 1 ? 'Address' : 'Multicast address', code === 1 ? 'dhcpv6.ntpserver.addr' : 'dhcpv6.ntpserver.mc_addr', formatIpv6(body), at + cursor + 4, 16)) // prettier-ignore
    } else if (code === 3) {
      const { text, parts: names } = namesRest('dhcpv6.ntpserver.fqdn')(body, 0, at + cursor + 4)
      texts.push(text)
      parts.push(...names)
    } else parts.push(part('Data', undefined, formatHex(body), at + cursor + 4, length))
    cursor += 4 + length
  }
  return { text: listed(texts), parts }
}

/** RFC 8415 section 21.13 and the registrations of IANA. */
export const statusNames: Readonly<Record<number, string>> = {
  0: 'Success',
  1: 'UnspecFail',
  2: 'NoAddrsAvail',
  3: 'NoBinding',
  4: 'NotOnLink',
  5: 'UseMulticast',
  6: 'NoPrefixAvail',
  7: 'UnknownQueryType',
  8: 'MalformedQuery',
  9: 'NotConfigured',
  10: 'NotAllowed',
  11: 'QueryTerminated',
  12: 'DataMissing',
  13: 'CatchUpComplete',
  14: 'NotSupported',
  15: 'TLSConnectionRefused',
}

const layout = (fixed: readonly Named[], rest: Rest, tail?: Tail): Layout => ({
  fixed,
  rest,
  ...(tail ? { tail } : {}),
})
const only = (rest: Rest): Layout => layout([], rest)
const addresses = (key?: string): Layout => only(listRest('Address', key, cells.address))
const one = (name: string, key: string | undefined, cell: Cell): Layout => layout([[name, key, cell]], nothing)

const times: readonly Named[] = [
  ['IAID', 'dhcpv6.iaid', cells.name32],
  ['T1', 'dhcpv6.iaid.t1', cells.seconds],
  ['T2', 'dhcpv6.iaid.t2', cells.seconds],
]

const layouts = {
  opaque: only(bytesRest()),
  empty: only(nothing),
  text: only(textRest()),
  seconds: one('Seconds', undefined, cells.seconds),
  addresses: addresses(),
  domainNames: only(namesRest()),
  nested: layout([], inside, 'options'),
  message: layout([], inside, 'message'),
  duid: only(duid),
  relayIdentifier: only(duid),
  iaNa: layout(times, inside, 'options'),
  iaPd: layout(times, inside, 'options'),
  iaTa: layout([['IAID', 'dhcpv6.iata', cells.name32]], inside, 'options'),
  iaAddress: layout(
    [
      ['Address', 'dhcpv6.iaaddr.ip', cells.address],
      ['Preferred lifetime', 'dhcpv6.iaaddr.pref_lifetime', cells.seconds],
      ['Valid lifetime', 'dhcpv6.iaaddr.valid_lifetime', cells.seconds],
    ],
    inside,
    'options',
  ),
  iaPrefix: layout(
    [
      ['Preferred lifetime', 'dhcpv6.iaprefix.pref_lifetime', cells.seconds],
      ['Valid lifetime', 'dhcpv6.iaprefix.valid_lifetime', cells.seconds],
      ['Prefix length', 'dhcpv6.iaprefix.pref_len', cells.u8],
      ['Prefix', 'dhcpv6.iaprefix.pref_addr', cells.address],
    ],
    inside,
    'options',
  ),
  optionRequest: only(listRest('Requested option', 'dhcpv6.requested_option_code', cells.u16)),
  preference: one('Preference', 'dhcpv6.option_preference', cells.u8),
  // Hundredths of a second, told in milliseconds as Wireshark does; all ones stand for more than they can say.
  elapsedTime: one('Elapsed time', 'dhcpv6.elapsed_time', {
    size: 2,
    read: (data, at) => {
      const value = u16At(data, at)
      return {
        value: value * 10,
        text: value === 0xffff ? say('field.at-least', { time: '655.35 s' }) : `${value / 100} s`,
      }
    },
  }),
  authentication: layout(
    [
      ['Protocol', 'dhcpv6.auth.protocol', cells.u8],
      ['Algorithm', 'dhcpv6.auth.algorithm', cells.u8],
      ['Replay detection method', 'dhcpv6.auth.rdm', cells.u8],
      ['Replay detection', 'dhcpv6.auth.replay_detection', cells.hex64],
    ],
    bytesRest('dhcpv6.auth.info'),
  ),
  unicast: one('Address', 'dhcpv6.unicast', cells.address),
  statusCode: layout(
    [
      [
        'Status',
        'dhcpv6.status_code',
        numberCell(2, (value) => numbered(statusNames[value] ?? say('wire.unknown'), value)),
      ],
    ],
    textRest('dhcpv6.status_msg'),
  ),
  userClass: only(lengthRest('Class', 'dhcpv6.userclass.opaque_data', false, 'dhcpv6.userclass.length')),
  vendorClass: layout(
    [['Enterprise', 'dhcpv6.vendorclass.enterprise', cells.enterprise]],
    lengthRest('Class', 'dhcpv6.vendorclass.data', true),
  ),
  vendorOptions: layout([['Enterprise', 'dhcpv6.vendoropts.enterprise', cells.enterprise]], vendorRest),
  interfaceId: only(bytesRest('dhcpv6.interface_id')),
  reconfigureMessage: one('Message type', 'dhcpv6.reconf_msg', cells.u8),
  sipNames: only(namesRest('dhcpv6.sip_server_domain_search_fqdn')),
  sipServers: addresses('dhcpv6.sip_server_a'),
  dnsServers: addresses('dhcpv6.dns_server'),
  searchList: only(namesRest('dhcpv6.search_list_entry')),
  nisServers: addresses('dhcpv6.nis_server'),
  nisPlusServers: addresses('dhcpv6.nisp_server'),
  nisName: only(namesRest('dhcpv6.nis_fqdn')),
  nisPlusName: only(namesRest('dhcpv6.nisp_fqdn')),
  sntpServers: addresses('dhcpv6.sntp_server'),
  refreshTime: one('Seconds', 'dhcpv6.lifetime', cells.seconds),
  bcmcsNames: only(namesRest('dhcpv6.bcmcs_server_fqdn')),
  bcmcsServers: addresses('dhcpv6.bcmcs_server_a'),
  remoteId: layout(
    [['Enterprise', 'dhcpv6.remoteid.enterprise', cells.enterprise]],
    bytesRest('dhcpv6.remoteid_enterprise_id'),
  ),
  subscriberId: only(textRest('dhcpv6.subscriber_id')),
  clientFqdn: layout([['Flags', 'dhcpv6.client_fqdn_flags', { size: 1, read: (data, at) => ({ value: `0x${data[at]!.toString(16).padStart(2, '0')}`, text: `0x${data[at]!.toString(16).padStart(2, '0')}` }) }]], namesRest('dhcpv6.client_domain')), // prettier-ignore
  panaAgents: addresses('dhcpv6.pana_agent'),
  posixTimezone: only(textRest('dhcpv6.timezone')),
  tzdbTimezone: only(textRest('dhcpv6.tzdb')),
  leaseQuery: layout(
    [
      ['Query type', 'dhcpv6.lq_query', cells.u8],
      ['Link address', 'dhcpv6.lq_query_link_address', cells.address],
    ],
    inside,
    'options',
  ),
  transactionTime: one('Seconds', 'dhcpv6.clt_time', cells.seconds),
  relayData: layout([['Peer address', 'dhcpv6.lq_relay_data_peer_addr', cells.address]], inside, 'message'),
  clientLinks: addresses('dhcpv6.lq_client_link'),
  capwapControllers: addresses('dhcpv6.capwap_ac_v6'),
  ntpServer: only(ntpRest),
  url: only(requiredText()),
  bootParameters: only(lengthRest('Parameter', undefined, true)),
  architectures: only(listRest('Architecture', undefined, numberCell(2, numberedArchitecture))),
  networkInterface: layout(
    [
      ['Type', undefined, numberCell(1, (value) => (value === 1 ? 'UNDI (1)' : String(value)))],
      ['Major version', undefined, cells.u8],
      ['Minor version', undefined, cells.u8],
    ],
    nothing,
  ),
  aftrName: only(namesRest('dhcpv6.aftr_name')),
  linkLayerAddress: layout([['Hardware type', undefined, cells.u16]], (data, from, at) => ({
    text: hardware(data.subarray(from)),
    parts: [part('Link-layer address', undefined, hardware(data.subarray(from)), at + from, data.length - from)],
  })),
  captivePortal: only(textRest('dhcpv6.captive_portal')),
  mudUrl: only(textRest('dhcpv6.mudurl')),
  relayPort: one('Port', 'dhcpv6.relay_port', cells.u16),
} satisfies Record<string, Layout>

export type LayoutName = keyof typeof layouts

/** Reads the value of an option; `at` is its place in the frame. */
export function decodeLayout(name: LayoutName, data: Uint8Array, at = 0): DecodedLayout & { readonly tail: Tail } {
  const { fixed, rest, tail }: Layout = layouts[name]
  const parts: Part[] = []
  let from = 0
  for (const [label, key, cell] of fixed) {
    if (from + cell.size > data.length) {
      const needed = fixed.reduce((sum, [, , one]) => sum + one.size, 0)
      return { text: formatHex(data, ' '), parts, problem: `${data.length} bytes, needs at least ${needed}`, tail: undefined } // prettier-ignore
    }
    const { value, text } = cell.read(data, from)
    parts.push(part(label, key, value, at + from, cell.size, text))
    from += cell.size
  }
  const read = rest(data, from, at)
  const fixedText = parts.map((one) => (fixed.length === 1 ? one.text : named(fieldName(one.name), one.text)))
  return {
    text: listed([...fixedText, ...(read.text === '' ? [] : [read.text])]),
    parts: [...parts, ...read.parts],
    ...(read.problem === undefined ? {} : { problem: read.problem }),
    tail,
    ...(tail === undefined ? {} : { tailAt: from }),
  }
}
