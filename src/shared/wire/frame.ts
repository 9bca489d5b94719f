/**
 * Headers around a datagram and off again. Datagrams of our own sockets carry none: they are wrapped in the Ethernet, IP
 * and UDP headers they travelled with, so that one dissector and one export serve every origin of frames.
 */
import { parseIpv6, u16At, u32At } from './bytes.ts'
import type { IpAddress } from './ip-address.ts'
import { ipv6HeaderLength } from './ipv6.ts'
import { bytes, struct, u16, u32, u8 } from './struct.ts'

export const ethernetHeader = struct({ destination: bytes(6), source: bytes(6), type: u16 })
export const ipv4Header = struct({
  versionAndLength: u8,
  tos: u8,
  totalLength: u16,
  identification: u16,
  flagsAndOffset: u16,
  ttl: u8,
  protocol: u8,
  checksum: u16,
  source: u32,
  destination: u32,
})
export const udpHeader = struct({ sourcePort: u16, destinationPort: u16, length: u16, checksum: u16 })

const etherTypeIpv4 = 0x0800
const etherTypeArp = 0x0806
const etherTypeIpv6 = 0x86dd
const protocolIcmp = 1
const protocolTcp = 6
const protocolUdp = 17
const protocolIcmp6 = 58

/** The ones' complement sum of RFC 1071 over 16-bit words, not yet inverted. */
function checksumOf(data: Uint8Array, from: number, to: number, start = 0): number {
  let sum = start
  for (let at = from; at < to; at += 2) sum += (data[at]! << 8) | (at + 1 < to ? data[at + 1]! : 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return sum
}

interface Ipv4Envelope {
  readonly sourceMac: Uint8Array
  readonly destinationMac: Uint8Array
  readonly source: number
  readonly destination: number
}

/** Both addresses are of one family. */
interface Envelope {
  readonly sourceMac: Uint8Array
  readonly destinationMac: Uint8Array
  readonly source: IpAddress
  readonly destination: IpAddress
}

/** A frame without what it carries, where that begins, and what its checksum begins with (RFC 1071, RFC 8200 section 8.1). */
interface OpenFrame {
  readonly frame: Uint8Array
  readonly view: DataView
  readonly at: number
  readonly pseudo: number
}

/** A frame with Ethernet and IPv4 headers filled in, and room for `carried` of `length` bytes behind them. */
function ipv4Frame(envelope: Ipv4Envelope, protocol: number, length: number, carried: number): Uint8Array {
  const payloadAt = ethernetHeader.size + ipv4Header.size
  const frame = new Uint8Array(payloadAt + carried)
  const view = new DataView(frame.buffer)
  ethernetHeader.encode(view, 0, {
    destination: envelope.destinationMac,
    source: envelope.sourceMac,
    type: etherTypeIpv4,
  })
  ipv4Header.encode(view, ethernetHeader.size, {
    versionAndLength: 0x45,
    tos: 0,
    totalLength: ipv4Header.size + length,
    identification: 0,
    flagsAndOffset: 0,
    ttl: 64,
    protocol,
    checksum: 0,
    source: envelope.source,
    destination: envelope.destination,
  })
  view.setUint16(
    ethernetHeader.size + ipv4Header.offsets.checksum,
    ~checksumOf(frame, ethernetHeader.size, payloadAt) & 0xffff,
  )
  return frame
}

/** A frame with Ethernet and IPv6 headers filled in, as `ipv4Frame` makes one (RFC 8200 section 3). */
function ipv6Frame(envelope: Envelope, protocol: number, length: number, carried: number, hopLimit: number): Uint8Array {
  const { size } = ethernetHeader
  const frame = new Uint8Array(size + ipv6HeaderLength + carried)
  const view = new DataView(frame.buffer)
  const { destinationMac: destination, sourceMac: source } = envelope
  ethernetHeader.encode(view, 0, { destination, source, type: etherTypeIpv6 })
  frame[size] = 0x60
  view.setUint16(size + 4, length)
  frame[size + 6] = protocol
  frame[size + 7] = hopLimit
  for (const [at, address] of [[8, envelope.source], [24, envelope.destination]] as const) {
    const octets = parseIpv6(String(address))
    if (!octets) throw new TypeError(`${address} is no IPv6 address beside ${envelope.source}`)
    frame.set(octets, size + at)
  }
  return frame
} // prettier-ignore

/** `length` is what the packet says it carries, `carried` what there is of it. */
function ipFrame(envelope: Envelope, protocol: number, length: number, carried: number): OpenFrame {
  const { source, destination } = envelope
  const isIpv4 = typeof source === 'number' && typeof destination === 'number'
  const frame = isIpv4 ? ipv4Frame({ ...envelope, source, destination }, protocol, length, carried) : ipv6Frame(envelope, protocol, length, carried, 64) // prettier-ignore
  const at = frame.length - carried
  const addresses = ethernetHeader.size + (isIpv4 ? ipv4Header.offsets.source : 8)
  return {
    frame,
    view: new DataView(frame.buffer),
    at,
    pseudo: checksumOf(frame, addresses, at, protocol + length),
  }
}

export interface UdpDatagram {
  readonly sourceMac: Uint8Array
  readonly destinationMac: Uint8Array
  /** Both of one family. */
  readonly sourceAddress: IpAddress
  readonly destinationAddress: IpAddress
  readonly sourcePort: number
  readonly destinationPort: number
  readonly payload: Uint8Array
  /** Bytes the payload had on the wire, where `payload` is only its beginning. */
  readonly payloadLength?: number
}

/** One of IPv4. */
export interface Ipv4Datagram extends UdpDatagram {
  readonly sourceAddress: number
  readonly destinationAddress: number
}

/** Wraps a payload in valid headers, checksums included (RFC 768, RFC 791, RFC 8200). */
export function wrapUdp(datagram: UdpDatagram): Uint8Array {
  const { payload, sourceMac, destinationMac, sourceAddress: source, destinationAddress: destination } = datagram
  const udpLength = udpHeader.size + (datagram.payloadLength ?? payload.length)
  const envelope = { sourceMac, destinationMac, source, destination }
  const { frame, view, at, pseudo } = ipFrame(envelope, protocolUdp, udpLength, udpHeader.size + payload.length)
  udpHeader.encode(view, at, {
    sourcePort: datagram.sourcePort,
    destinationPort: datagram.destinationPort,
    length: udpLength,
    checksum: 0,
  })
  frame.set(payload, at + udpHeader.size)
  // Of a part of a datagram there is no sum; none is told as zero.
  if (udpLength !== frame.length - at) return frame
  // A computed zero is sent as all ones, for zero means "no checksum" (RFC 768).
  const udpSum = ~checksumOf(frame, at, frame.length, pseudo) & 0xffff
  view.setUint16(at + udpHeader.offsets.checksum, udpSum === 0 ? 0xffff : udpSum)
  return frame
}

const tcpHeader = struct({
  sourcePort: u16,
  destinationPort: u16,
  sequence: u32,
  acknowledgement: u32,
  offset: u8,
  flags: u8,
  window: u16,
  checksum: u16,
  urgent: u16,
})

export interface TcpSegment extends Envelope {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sequence: number
  readonly acknowledgement: number
  readonly flags: number
  readonly payload: Uint8Array
  /** Bytes the payload had on the wire, where `payload` is only its beginning. */
  readonly payloadLength: number
}

/** A TCP segment without options (RFC 9293 section 3.1). */
export function wrapTcp(segment: TcpSegment): Uint8Array {
  const { payload } = segment
  const length = tcpHeader.size + segment.payloadLength
  const { frame, view, at, pseudo } = ipFrame(segment, protocolTcp, length, tcpHeader.size + payload.length)
  tcpHeader.encode(view, at, {
    sourcePort: segment.sourcePort,
    destinationPort: segment.destinationPort,
    sequence: segment.sequence >>> 0,
    acknowledgement: segment.acknowledgement >>> 0,
    offset: (tcpHeader.size / 4) << 4,
    flags: segment.flags,
    window: 0xffff,
    checksum: 0,
    urgent: 0,
  })
  frame.set(payload, at + tcpHeader.size)
  if (payload.length !== segment.payloadLength) return frame
  view.setUint16(at + tcpHeader.offsets.checksum, ~checksumOf(frame, at, frame.length, pseudo) & 0xffff)
  return frame
}

/**
 * An ICMPv6 message from its type on, with its checksum filled in, in a packet whose hop limit says that no router passed it on, as
 * those of neighbour discovery must (RFC 4443 section 2.1, RFC 4861 section 4).
 */
export function wrapIcmp6(
  envelope: { readonly sourceMac: Uint8Array; readonly destinationMac: Uint8Array; readonly source: string; readonly destination: string },
  message: Uint8Array,
): Uint8Array {
  const frame = ipv6Frame(envelope, protocolIcmp6, message.length, message.length, 255)
  const at = frame.length - message.length
  frame.set(message, at)
  const view = new DataView(frame.buffer)
  view.setUint16(at + 2, 0)
  const pseudo = checksumOf(frame, ethernetHeader.size + 8, at, protocolIcmp6 + message.length)
  view.setUint16(at + 2, ~checksumOf(frame, at, frame.length, pseudo) & 0xffff)
  return frame
} // prettier-ignore

export interface IcmpMessage extends Ipv4Envelope {
  readonly type: number
  readonly code: number
  /** IPv4 header and first eight octets of the packet it is about. */
  readonly original: Uint8Array
}

/** An ICMP error (RFC 792). */
export function wrapIcmp(message: IcmpMessage): Uint8Array {
  const length = 8 + message.original.length
  const frame = ipv4Frame(message, protocolIcmp, length, length)
  const icmpAt = ethernetHeader.size + ipv4Header.size
  frame[icmpAt] = message.type
  frame[icmpAt + 1] = message.code
  frame.set(message.original, icmpAt + 8)
  new DataView(frame.buffer).setUint16(icmpAt + 2, ~checksumOf(frame, icmpAt, frame.length) & 0xffff)
  return frame
}

const arpHeader = struct({
  hardware: u16,
  protocol: u16,
  hardwareLength: u8,
  protocolLength: u8,
  operation: u16,
  senderMac: bytes(6),
  sender: u32,
  targetMac: bytes(6),
  target: u32,
})

export interface ArpMessage {
  readonly sourceMac: Uint8Array
  readonly destinationMac: Uint8Array
  /** 1 asks, 2 answers. */
  readonly operation: 1 | 2
  readonly senderMac: Uint8Array
  readonly sender: number
  readonly targetMac: Uint8Array
  readonly target: number
}

/** An ARP packet for IPv4 over Ethernet (RFC 826). */
export function wrapArp(message: ArpMessage): Uint8Array {
  const frame = new Uint8Array(ethernetHeader.size + arpHeader.size)
  const view = new DataView(frame.buffer)
  ethernetHeader.encode(view, 0, {
    destination: message.destinationMac,
    source: message.sourceMac,
    type: etherTypeArp,
  })
  arpHeader.encode(view, ethernetHeader.size, {
    hardware: 1,
    protocol: etherTypeIpv4,
    hardwareLength: 6,
    protocolLength: 4,
    operation: message.operation,
    senderMac: message.senderMac,
    sender: message.sender,
    targetMac: message.targetMac,
    target: message.target,
  })
  return frame
}

/** The UDP datagram in an unfragmented Ethernet frame, one VLAN tag allowed; undefined where there is none. */
export function unwrapUdp(frame: Uint8Array): Ipv4Datagram | undefined {
  const typeAt = u16At(frame, 12) === 0x8100 ? 16 : 12
  const ipAt = typeAt + 2
  if (u16At(frame, typeAt) !== etherTypeIpv4 || frame[ipAt]! >>> 4 !== 4) return undefined
  const udpAt = ipAt + (frame[ipAt]! & 15) * 4
  const isFragment = (u16At(frame, ipAt + ipv4Header.offsets.flagsAndOffset) & 0x3fff) !== 0
  if (frame[ipAt + ipv4Header.offsets.protocol] !== protocolUdp || isFragment || frame.length < udpAt + udpHeader.size)
    return undefined
  const end = Math.min(frame.length, udpAt + u16At(frame, udpAt + udpHeader.offsets.length))
  return {
    destinationMac: frame.subarray(0, 6),
    sourceMac: frame.subarray(6, 12),
    sourceAddress: u32At(frame, ipAt + ipv4Header.offsets.source),
    destinationAddress: u32At(frame, ipAt + ipv4Header.offsets.destination),
    sourcePort: u16At(frame, udpAt),
    destinationPort: u16At(frame, udpAt + 2),
    payload: frame.subarray(udpAt + udpHeader.size, end),
  }
}
