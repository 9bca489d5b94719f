/** A DHCP message as a tree of named values, for people: every option and every option inside one. */
import { decodeText, formatIpv4, type Problem } from '../bytes.ts'
import { kinds, messageTypeNames } from './kinds.ts'
import {
  broadcastFlag,
  decodeDhcp,
  hardwareAddressOf,
  messageTypeOf,
  spaceApplies,
  valueProblems,
  type DecodedDhcp,
} from './message.ts'
import { dhcpOptions, optionName } from './options.ts'
import { decodeSpace } from './spaces.ts'

export interface ShownField {
  readonly name: string
  readonly text: string
  /** Offset and length in the UDP payload, in bytes. */
  readonly at: number
  readonly length: number
  readonly reference?: string
  readonly children?: readonly ShownField[]
}

export interface ShownDhcp {
  readonly title: string
  readonly fields: readonly ShownField[]
  readonly problems: readonly Problem[]
}

export const messageName = (decoded: DecodedDhcp): string => {
  const type = messageTypeOf(decoded.message)
  if (type === undefined) return decoded.message.op === 2 ? 'BOOTREPLY' : 'BOOTREQUEST'
  return messageTypeNames[type] ?? `type ${type}`
}

export function showDhcp(datagram: Uint8Array): ShownDhcp {
  const decoded = decodeDhcp(datagram)
  const { message } = decoded
  const fixed = (name: string, text: string, at: number, length: number): ShownField => ({
    name,
    text,
    at,
    length,
    reference: 'RFC 2131 2',
  })
  const isText = (bit: number): boolean => ((message.options.find((one) => one.code === 52)?.data[0] ?? 0) & bit) === 0
  const fields: ShownField[] = [
    fixed('op', message.op === 2 ? 'reply (2)' : `request (${message.op})`, 0, 1),
    fixed('htype', String(message.htype), 1, 1),
    fixed('hlen', String(message.hlen), 2, 1),
    fixed('hops', String(message.hops), 3, 1),
    fixed('xid', `0x${message.xid.toString(16).padStart(8, '0')}`, 4, 4),
    fixed('secs', String(message.secs), 8, 2),
    fixed('flags', message.flags & broadcastFlag ? 'broadcast' : 'unicast', 10, 2),
    fixed('ciaddr', formatIpv4(message.ciaddr), 12, 4),
    fixed('yiaddr', formatIpv4(message.yiaddr), 16, 4),
    fixed('siaddr', formatIpv4(message.siaddr), 20, 4),
    fixed('giaddr', formatIpv4(message.giaddr), 24, 4),
    fixed('chaddr', hardwareAddressOf(message), 28, 16),
    fixed('sname', isText(2) ? decodeText(message.sname) : 'holds options', 44, 64),
    fixed('file', isText(1) ? decodeText(message.file) : 'holds options', 108, 128),
    ...message.options.map((option): ShownField => {
      const definition = dhcpOptions.get(option.code)
      const run = decoded.runs.find((one) => one.code === option.code)!
      const space = definition?.space && spaceApplies(message, option.code) ? definition.space : undefined
      const children = space
        ? decodeSpace(space, option.data).subOptions.map((inner): ShownField => ({
            name: `${inner.code} ${inner.name}`,
            text: inner.text,
            at: run.at + 2 + inner.at,
            length: inner.end - inner.at,
          }))
        : []
      const text = kinds[definition?.kind ?? 'opaque'].decode(option.data).text
      return {
        name: `${option.code} ${optionName(option.code)}`,
        text: option.code === 55 ? [...option.data].map((code) => `${code} ${optionName(code)}`).join(', ') : text,
        at: run.at,
        length: run.length + 2,
        ...(definition ? { reference: definition.reference } : {}),
        ...(children.length > 0 ? { children } : {}),
      }
    }),
  ]
  return {
    title: `DHCP ${messageName(decoded)}`,
    fields: fields.filter((field) => field.at < datagram.length),
    problems: [...decoded.problems, ...valueProblems(decoded)],
  }
}
