/** DHCPv6 as fields: header, every option, options inside options, the messages that relay agents carry (RFC 8415). */
import { say } from '#messages/message.ts'
import type { Problem } from '../bytes.ts'
import { decodeLayout } from '../dhcpv6/layouts.ts'
import {
  decodeDhcp6,
  dhcp6HeaderLength,
  dhcp6TypeNames,
  relayHeaderLength,
  type Dhcp6Message,
  type Dhcp6Option,
} from '../dhcpv6/message.ts'
import { dhcp6OptionName, dhcp6Options } from '../dhcpv6/options.ts'
import { byteCount, listed, numbered } from '../words.ts'
import { hexNumber, number, shown } from './gathering.ts'
import type { Field } from './field.ts'

const optionHeader = 4

export function dhcp6Fields(payload: Uint8Array, base: number): { layer: Field; problems: readonly Problem[] } {
  const { message, problems } = decodeDhcp6(payload)
  return {
    layer: {
      name: 'DHCPv6',
      key: 'dhcpv6',
      text: dhcp6TypeNames[message.type] ?? say('wire.type', { type: message.type }),
      at: base,
      length: payload.length,
      reference: 'RFC 8415',
      children: messageFields(message, payload, base),
    },
    problems: problems.map((one) => ({ ...one, at: base + one.at })),
  }
}

function messageFields({ type, xid, relay, options, at }: Dhcp6Message, payload: Uint8Array, base: number): Field[] {
  const place = base + at
  const left = payload.length - at
  const typeText = numbered(dhcp6TypeNames[type] ?? say('wire.unknown'), type)
  const header: Field[] = relay
    ? [
        number('Hop count', 'dhcpv6.hopcount', relay.hops, place + 1, 1),
        shown('Link address', 'dhcpv6.linkaddr', relay.linkAddress, place + 2, 16),
        shown('Peer address', 'dhcpv6.peeraddr', relay.peerAddress, place + 18, 16),
      ]
    : [hexNumber('Transaction', 'dhcpv6.xid', xid, 6, place + 1, 3)]
  const isWhole = left >= (relay ? relayHeaderLength : dhcp6HeaderLength)
  return [
    ...(left > 0 ? [number('Message type', 'dhcpv6.msgtype', type, place, 1, typeText)] : []),
    ...(isWhole ? header : []),
    ...options.map((option) => optionField(option, payload, base)),
  ]
}

function optionField(option: Dhcp6Option, payload: Uint8Array, base: number): Field {
  const { code, data, at } = option
  const place = base + at
  const definition = dhcp6Options.get(code)
  const { text, parts, problem } = decodeLayout(definition?.layout ?? 'opaque', data, place + optionHeader)
  const inner = option.message
    ? messageFields(option.message, payload, base)
    : option.options.map((one) => optionField(one, payload, base))
  const innerText = option.message
    ? (dhcp6TypeNames[option.message.type] ?? say('wire.type', { type: option.message.type }))
    : option.options.map((one) => dhcp6OptionName(one.code)).join(', ')
  return {
    name: `${code} ${dhcp6OptionName(code)}`,
    text: listed([text, innerText].filter((one) => one !== '')) || say('field.present'),
    at: place,
    length: optionHeader + data.length,
    ...(definition ? { reference: definition.reference } : {}),
    ...(problem === undefined ? {} : { problem }),
    children: [
      number('Code', 'dhcpv6.option.type', code, place, 2),
      number('Length', 'dhcpv6.option.length', data.length, place + 2, 2, byteCount(data.length)),
      ...parts,
      ...inner,
    ],
  }
}
