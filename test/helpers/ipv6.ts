/** Frames of IPv6 made by hand: headers, fragments, ICMPv6, DHCPv6, as the RFCs draw them; checksums are right. */
import {
  bytesOfU16,
  formatIpv6,
  bytesOfU32,
  concatBytes,
  encodeText,
  parseIpv6,
  parseMac,
  parseHex,
  u16At,
} from '#shared/wire/bytes.ts'

export const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)
export const join = (...parts: readonly Uint8Array[]): Uint8Array => concatBytes(parts)
export const address6 = (text: string): Uint8Array => parseIpv6(text)!
export const mac = (text: string): Uint8Array => parseHex(parseMac(text)!)!

export interface Ends {
  readonly source: string
  readonly destination: string
  readonly sourceMac?: string
  readonly destinationMac?: string
}

/** The link-local address that a hardware address becomes (RFC 4291 appendix A). */
export function linkLocal(hardware: string): string {
  const [a, b, c, d, e, f] = [...mac(hardware)]
  return formatIpv6(bytes(0xfe, 0x80, 0, 0, 0, 0, 0, 0, a! ^ 2, b!, c!, 0xff, 0xfe, d!, e!, f!))
}

function checksum(ends: Ends, protocol: number, body: Uint8Array): number {
  const pseudo = join(
    address6(ends.source),
    address6(ends.destination),
    bytesOfU32(body.length),
    bytes(0, 0, 0, protocol),
  )
  const all = join(pseudo, body, body.length % 2 === 1 ? bytes(0) : bytes())
  let sum = 0
  for (let at = 0; at < all.length; at += 2) sum += u16At(all, at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

const ethernet = ({ sourceMac = '02:00:00:00:00:01', destinationMac = '33:33:00:00:00:01' }: Ends): Uint8Array => join(mac(destinationMac), mac(sourceMac), bytes(0x86, 0xdd)) // prettier-ignore

export interface Extension {
  readonly type: number
  /** From behind the octet that names the next header. */
  readonly rest: Uint8Array
}

/** A packet of any protocol in Ethernet; `extensions` stand in front of what it carries. */
export function packet6(
  ends: Ends,
  protocol: number,
  body: Uint8Array,
  extensions: readonly Extension[] = [],
): Uint8Array {
  const types = [...extensions.map((one) => one.type), protocol]
  const chain = join(...extensions.map((one, index) => join(bytes(types[index + 1]!), one.rest)))
  return join(
    ethernet(ends), bytes(0x60, 0, 0, 0), bytesOfU16(chain.length + body.length), bytes(types[0]!, 64),
    address6(ends.source), address6(ends.destination), chain, body,
  ) // prettier-ignore
}

export function udp6(
  ends: Ends,
  sourcePort: number,
  destinationPort: number,
  payload: Uint8Array,
  extensions: readonly Extension[] = [],
): Uint8Array {
  // prettier-ignore
  const body = join(bytesOfU16(sourcePort), bytesOfU16(destinationPort), bytesOfU16(8 + payload.length), bytes(0, 0), payload) // prettier-ignore
  body.set(bytesOfU16(checksum(ends, 17, body) || 0xffff), 6)
  return packet6(ends, 17, body, extensions)
}

export function tcp6(
  ends: Ends,
  sourcePort: number,
  destinationPort: number,
  sequence: number,
  flags: number,
  payload: Uint8Array,
): Uint8Array {
  // prettier-ignore
  const body = join(bytesOfU16(sourcePort), bytesOfU16(destinationPort), bytesOfU32(sequence), bytesOfU32(1), bytes(0x50, flags, 0x20, 0, 0, 0, 0, 0), payload) // prettier-ignore
  body.set(bytesOfU16(checksum(ends, 6, body)), 16)
  return packet6(ends, 6, body)
}

export function icmp6(
  ends: Ends,
  type: number,
  code: number,
  rest: Uint8Array,
  extensions: readonly Extension[] = [],
): Uint8Array {
  // prettier-ignore
  const body = join(bytes(type, code, 0, 0), rest)
  body.set(bytesOfU16(checksum(ends, 58, body)), 2)
  return packet6(ends, 58, body, extensions)
}

/** The fragments of a packet without extension headers, each of at most `size` bytes, which is a multiple of eight. */
export function fragments6(frame: Uint8Array, size: number, identification: number): Uint8Array[] {
  const [head, protocol, body] = [frame.slice(0, 54), frame[20]!, frame.subarray(54)]
  const count = Math.ceil(body.length / size)
  return Array.from({ length: count }, (_, index) => {
    const part = body.subarray(index * size, (index + 1) * size)
    const own = head.slice()
    own.set(bytesOfU16(8 + part.length), 18)
    own[20] = 44
    return join(own, bytes(protocol, 0), bytesOfU16((index * size) | (index < count - 1 ? 1 : 0)), bytesOfU32(identification), part) // prettier-ignore
  })
}

export interface Made6 {
  readonly code: number
  readonly data: Uint8Array
}

export const option6 = (code: number, ...data: readonly Uint8Array[]): Made6 => ({ code, data: join(...data) })
export const options6 = (list: readonly Made6[]): Uint8Array => join(...list.map(({ code, data }) => join(bytesOfU16(code), bytesOfU16(data.length), data))) // prettier-ignore
export const message6 = (type: number, xid: number, list: readonly Made6[]): Uint8Array => join(bytes(type, xid >>> 16, xid >>> 8, xid), options6(list)) // prettier-ignore
export const relay6 = (type: 12 | 13, hops: number, link: string, peer: string, list: readonly Made6[]): Uint8Array => join(bytes(type, hops), address6(link), address6(peer), options6(list)) // prettier-ignore

/** Texts, each with its length in two octets before it. */
export const counted = (...texts: readonly string[]): Uint8Array => join(...texts.map((text) => { const one = encodeText(text); return join(bytesOfU16(one.length), one) })) // prettier-ignore
export const domainName = (name: string): Uint8Array => join(...name.split('.').map((label) => join(bytes(label.length), encodeText(label))), bytes(0)) // prettier-ignore
export const duidLl = (hardware: string): Uint8Array => join(bytes(0, 3, 0, 1), mac(hardware))
export const iaNa = (iaid: number, list: readonly Made6[] = []): Made6 => option6(3, bytesOfU32(iaid), bytesOfU32(1800), bytesOfU32(2880), options6(list)) // prettier-ignore
export const iaAddress = (address: string, validSeconds = 3600): Made6 => option6(5, address6(address), bytesOfU32(validSeconds), bytesOfU32(validSeconds)) // prettier-ignore
