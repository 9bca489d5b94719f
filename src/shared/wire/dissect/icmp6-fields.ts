/** ICMPv6 and neighbour discovery as fields (RFC 4443, RFC 4861, RFC 8106). */
import { say } from '#messages/message.ts'
import { formatHex, formatIpv6, formatMac, u16At, u32At } from '../bytes.ts'
import { readDomainNames } from '../dhcpv6/layouts.ts'
import { icmp6Line, icmp6TypeName, icmp6Types, ndOptionNames, ndOptions, ndOptionsAt, ndOptionTypes, unreachable6Name } from '../icmpv6.ts' // prettier-ignore
import { byteCount, listed, numbered } from '../words.ts'
import { hex, type Field } from './field.ts'
import { hexNumber, number, shown } from './gathering.ts'

const flag = (name: string, key: string, value: number, bit: number, at: number, length = 1): Field =>
  number(name, key, value & bit ? 1 : 0, at, length, value & bit ? say('common.yes') : say('common.no'))

const seconds = (name: string, key: string, value: number, at: number, length: number): Field =>
  number(name, key, value, at, length, value === 0xffffffff ? say('field.for-ever') : `${value} s`)

/** A link-layer address of an option: six octets of Ethernet are written as such. */
function linkLayer(bytes: Uint8Array, name: string, at: number, end: number): Field {
  const text = formatMac(bytes.subarray(at, end))
  return { name, key: 'icmpv6.opt.linkaddr', value: text, text, at, length: end - at }
}

function optionValues(bytes: Uint8Array, type: number, at: number, end: number): Field[] {
  const length = end - at
  switch (type) {
    case ndOptionTypes.sourceLinkLayer:
    case ndOptionTypes.targetLinkLayer:
      return [linkLayer(bytes, 'Link-layer address', at + 2, end)]
    case ndOptionTypes.prefix: {
      if (length !== 32) return []
      const flags = bytes[at + 3]!
      return [
        number('Prefix length', 'icmpv6.opt.prefix.length', bytes[at + 2]!, at + 2, 1),
        hexNumber('Flags', 'icmpv6.opt.prefix.flag', flags, 2, at + 3, 1),
        flag('On-link (L)', 'icmpv6.opt.prefix.flag.l', flags, 0x80, at + 3),
        flag('Autonomous (A)', 'icmpv6.opt.prefix.flag.a', flags, 0x40, at + 3),
        seconds('Valid lifetime', 'icmpv6.opt.prefix.valid_lifetime', u32At(bytes, at + 4), at + 4, 4),
        seconds('Preferred lifetime', 'icmpv6.opt.prefix.preferred_lifetime', u32At(bytes, at + 8), at + 8, 4),
        shown('Prefix', 'icmpv6.opt.prefix', formatIpv6(bytes, at + 16), at + 16, 16),
      ]
    }
    case ndOptionTypes.mtu:
      return [number('MTU', 'icmpv6.opt.mtu', u32At(bytes, at + 4), at + 4, 4, byteCount(u32At(bytes, at + 4)))]
    case ndOptionTypes.route: {
      const prefix = new Uint8Array(16)
      prefix.set(bytes.subarray(at + 8, Math.min(end, at + 24)))
      return [
        number('Prefix length', 'icmpv6.opt.prefix.length', bytes[at + 2]!, at + 2, 1),
        seconds('Route lifetime', 'icmpv6.opt.route_lifetime', u32At(bytes, at + 4), at + 4, 4),
        shown('Prefix', 'icmpv6.opt.prefix', formatIpv6(prefix), at + 8, length - 8),
      ]
    }
    case ndOptionTypes.dnsServers:
      return [
        seconds('Lifetime', 'icmpv6.opt.rdnss.lifetime', u32At(bytes, at + 4), at + 4, 4),
        ...Array.from({ length: Math.floor((length - 8) / 16) }, (_, index) =>
          shown('Address', 'icmpv6.opt.rdnss', formatIpv6(bytes, at + 8 + index * 16), at + 8 + index * 16, 16),
        ),
      ]
    case ndOptionTypes.searchList: {
      const { names } = readDomainNames(bytes.subarray(at + 8, end), 0)
      return [
        seconds('Lifetime', 'icmpv6.opt.dnssl.lifetime', u32At(bytes, at + 4), at + 4, 4),
        // Zeros fill the option up.
        ...names.filter((one) => one.name !== '').map((one) => shown('Name', 'icmpv6.opt.dnssl', one.name, at + 8 + one.at, one.end - one.at)), // prettier-ignore
      ]
    }
    default:
      return [{ name: 'Data', text: formatHex(bytes.subarray(at + 2, end), ' '), at: at + 2, length: length - 2 }]
  }
}

function options(bytes: Uint8Array, from: number, end: number): Field[] {
  return [...ndOptions(bytes, from, end)].map((option): Field => {
    const length = option.end - option.at
    const values = optionValues(bytes, option.type, option.at, option.end)
    return {
      name: ndOptionNames[option.type] ?? `Option ${option.type}`,
      text: listed(values.filter((one) => one.key === undefined || !/flag|lifetime/.test(one.key)).map((one) => one.text)),
      at: option.at,
      length,
      reference: 'RFC 4861 4.6',
      children: [
        number('Type', 'icmpv6.opt.type', option.type, option.at, 1),
        number('Length', 'icmpv6.opt.length', length / 8, option.at + 1, 1, byteCount(length)),
        ...values,
      ],
    }
  }) // prettier-ignore
}

function body(bytes: Uint8Array, type: number, at: number, end: number): Field[] {
  if (type === icmp6Types.packetTooBig)
    return [number('MTU', 'icmpv6.mtu', u32At(bytes, at + 4), at + 4, 4, byteCount(u32At(bytes, at + 4)))]
  if (type === icmp6Types.parameterProblem)
    return [number('Pointer', 'icmpv6.pointer', u32At(bytes, at + 4), at + 4, 4)]
  if (type === 128 || type === 129)
    return [
      hexNumber('Identifier', 'icmpv6.echo.identifier', u16At(bytes, at + 4), 4, at + 4, 2),
      number('Sequence number', 'icmpv6.echo.sequence_number', u16At(bytes, at + 6), at + 6, 2),
    ]
  if (type === icmp6Types.routerAdvertisement && end - at >= 16) {
    const flags = bytes[at + 5]!
    return [
      number('Hop limit', 'icmpv6.nd.ra.cur_hop_limit', bytes[at + 4]!, at + 4, 1),
      hexNumber('Flags', 'icmpv6.nd.ra.flag', flags, 2, at + 5, 1),
      flag('Managed address configuration (M)', 'icmpv6.nd.ra.flag.m', flags, 0x80, at + 5),
      flag('Other configuration (O)', 'icmpv6.nd.ra.flag.o', flags, 0x40, at + 5),
      seconds('Router lifetime', 'icmpv6.nd.ra.router_lifetime', u16At(bytes, at + 6), at + 6, 2),
      number('Reachable time', 'icmpv6.nd.ra.reachable_time', u32At(bytes, at + 8), at + 8, 4, `${u32At(bytes, at + 8)} ms`), // prettier-ignore
      number('Retransmission timer', 'icmpv6.nd.ra.retrans_timer', u32At(bytes, at + 12), at + 12, 4, `${u32At(bytes, at + 12)} ms`), // prettier-ignore
    ]
  }
  if (end - at < 24) return []
  if (type === icmp6Types.neighbourSolicitation)
    return [shown('Target', 'icmpv6.nd.ns.target_address', formatIpv6(bytes, at + 8), at + 8, 16)]
  if (type === icmp6Types.neighbourAdvertisement) {
    const flags = bytes[at + 4]!
    return [
      flag('Router (R)', 'icmpv6.nd.na.flag.r', flags, 0x80, at + 4),
      flag('Solicited (S)', 'icmpv6.nd.na.flag.s', flags, 0x40, at + 4),
      flag('Override (O)', 'icmpv6.nd.na.flag.o', flags, 0x20, at + 4),
      shown('Target', 'icmpv6.nd.na.target_address', formatIpv6(bytes, at + 8), at + 8, 16),
    ]
  }
  if (type === icmp6Types.redirect && end - at >= 40)
    return [shown('Target', 'icmpv6.nd.rd.target_address', formatIpv6(bytes, at + 8), at + 8, 16)]
  return []
}

/** The message at `at`, of which at least eight bytes are there; what an error quotes is a layer of its own. */
export function icmp6Layer(bytes: Uint8Array, at: number, end: number, quotes: boolean): Field {
  const type = bytes[at]!
  const code = bytes[at + 1]!
  const optionsAt = ndOptionsAt(type)
  return {
    name: 'ICMPv6', key: 'icmpv6', text: icmp6Line(bytes, at, end), at, length: quotes ? 8 : end - at, reference: optionsAt < 0 ? 'RFC 4443' : 'RFC 4861 4',
    children: [
      number('Type', 'icmpv6.type', type, at, 1, numbered(icmp6TypeName(type) ?? say('wire.unknown'), type)),
      number('Code', 'icmpv6.code', code, at + 1, 1, type === icmp6Types.unreachable ? unreachable6Name(code) : String(code)),
      { ...number('Checksum', 'icmpv6.checksum', u16At(bytes, at + 2), at + 2, 2), value: hex(u16At(bytes, at + 2), 4) },
      ...body(bytes, type, at, end),
      ...(optionsAt < 0 ? [] : options(bytes, at + optionsAt, end)),
    ],
  } // prettier-ignore
}
