/** An IPv6 header with its extension headers as fields (RFC 8200 sections 3 and 4). */
import { say } from '#messages/message.ts'
import { formatIpv6, u16At, u32At } from '../bytes.ts'
import { extensionLength, ipv6HeaderLength, nextHeaders } from '../ipv6.ts'
import { byteCount, fromTo, listed } from '../words.ts'
import type { Field } from './field.ts'
import { hexNumber, number, shown } from './gathering.ts'
import { protocolText } from './protocols.ts'

/** Options of the hop-by-hop and destination headers (IANA registry "Destination Options and Hop-by-Hop Options"). */
const optionNames: Readonly<Record<number, string>> = { 0: 'Pad1', 1: 'PadN', 5: 'Router alert', 0xc2: 'Jumbo payload', 0xc9: 'Home address', 0x26: 'Quick-start', 0x30: 'Minimum path MTU' } // prettier-ignore

const mostOptions = 64

function optionFields(bytes: Uint8Array, from: number, end: number): Field[] {
  const fields: Field[] = []
  for (let at = from; at < end && fields.length < mostOptions;) {
    const type = bytes[at]!
    const length = type === 0 ? 1 : 2 + (bytes[at + 1] ?? 0)
    if (at + length > end) break
    const name = optionNames[type] ?? `Option ${type}`
    fields.push({
      name, text: type === 0 ? say('field.one-byte') : byteCount(length), at, length,
      children: [
        hexNumber('Type', 'ipv6.opt.type', type, 2, at, 1),
        ...(type === 0 ? [] : [number('Length', 'ipv6.opt.length', length - 2, at + 1, 1)]),
        ...(type === 5 && length === 4 ? [number('Router alert', 'ipv6.opt.router_alert', u16At(bytes, at + 2), at + 2, 2)] : []),
        ...(type === 0xc2 && length === 6 ? [number('Payload length', 'ipv6.opt.jumbo', u32At(bytes, at + 2), at + 2, 4)] : []),
      ],
    }) // prettier-ignore
    at += length
  }
  return fields
}

const extensionNames: Readonly<Record<number, readonly [name: string, key: string, reference: string]>> = {
  [nextHeaders.hopByHop]: ['Hop-by-hop options', 'ipv6.hopopts', 'RFC 8200 4.3'],
  [nextHeaders.routing]: ['Routing', 'ipv6.routing', 'RFC 8200 4.4'],
  [nextHeaders.destinationOptions]: ['Destination options', 'ipv6.dstopts', 'RFC 8200 4.6'],
  [nextHeaders.authentication]: ['Authentication', 'ah', 'RFC 4302 2'],
}

function extension(bytes: Uint8Array, type: number, at: number, length: number): Field {
  const next = bytes[at] ?? nextHeaders.none
  const nextField = (key: string): Field => number('Next header', key, next, at, 1, protocolText(next))
  if (type === nextHeaders.fragment) {
    const flags = u16At(bytes, at + 2)
    const offset = flags & 0xfff8
    const more = flags & 1
    return {
      name: 'Fragment', text: listed([say('field.at', { offset }), ...(more === 1 ? [say('field.more-follow')] : [])]), at, length, reference: 'RFC 8200 4.5',
      children: [
        nextField('ipv6.fraghdr.nxt'),
        number('Offset', 'ipv6.fraghdr.offset', offset >>> 3, at + 2, 2, byteCount(offset)),
        number('More fragments', 'ipv6.fraghdr.more', more, at + 3, 1),
        hexNumber('Identification', 'ipv6.fraghdr.ident', u32At(bytes, at + 4), 8, at + 4, 4),
      ],
    } // prettier-ignore
  }
  const [name, key, reference] = extensionNames[type] ?? [`Extension header ${type}`, undefined, 'RFC 8200 4']
  const hasOptions = type === nextHeaders.hopByHop || type === nextHeaders.destinationOptions
  return {
    name, text: byteCount(length), at, length, reference,
    children: key === undefined || type === nextHeaders.authentication ? [] : [
      nextField(`${key}.nxt`),
      number('Length', `${key}.len`, bytes[at + 1]!, at + 1, 1, byteCount(length)),
      ...(hasOptions ? optionFields(bytes, at + 2, at + length) : []),
      ...(type === nextHeaders.routing ? [number('Type', 'ipv6.routing.type', bytes[at + 2]!, at + 2, 1), number('Segments left', 'ipv6.routing.segleft', bytes[at + 3]!, at + 3, 1)] : []),
    ],
  } // prettier-ignore
}

/** The header at `at` and the `length` bytes of headers that it and its extension headers are. */
export function ipv6Layer(bytes: Uint8Array, at: number, length: number, isQuoted: boolean): Field {
  const source = formatIpv6(bytes, at + 8)
  const destination = formatIpv6(bytes, at + 24)
  const payloadLength = u16At(bytes, at + 4)
  const head = u32At(bytes, at)
  const next = bytes[at + 6]!
  const extensions: Field[] = []
  let type = next
  for (let cursor = at + ipv6HeaderLength; cursor < at + length;) {
    const size = Math.min(extensionLength(type, bytes, cursor), at + length - cursor)
    if (size === 0) break
    extensions.push(extension(bytes, type, cursor, size))
    type = bytes[cursor]!
    cursor += size
  }
  return {
    name: isQuoted ? 'IPv6 (quoted)' : 'IPv6', key: 'ipv6', text: fromTo(source, destination), at, length, reference: 'RFC 8200 3',
    children: [
      number('Version', 'ipv6.version', head >>> 28, at, 1),
      hexNumber('Traffic class', 'ipv6.tclass', (head >>> 20) & 0xff, 8, at, 2),
      hexNumber('Flow label', 'ipv6.flow', head & 0xfffff, 6, at + 1, 3),
      number('Payload length', 'ipv6.plen', payloadLength, at + 4, 2, byteCount(payloadLength)),
      number('Next header', 'ipv6.nxt', next, at + 6, 1, protocolText(next)),
      number('Hop limit', 'ipv6.hlim', bytes[at + 7]!, at + 7, 1),
      shown('Source', 'ipv6.src', source, at + 8, 16),
      shown('Destination', 'ipv6.dst', destination, at + 24, 16),
      ...extensions,
    ],
  } // prettier-ignore
}
