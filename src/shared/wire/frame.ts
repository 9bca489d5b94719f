/**
 * Headers around a datagram and off again. Datagrams of our own sockets carry none: they are wrapped in the Ethernet, IPv4
 * and UDP headers they travelled with, so that one dissector and one export serve every origin of frames.
 */
import { u16At, u32At } from './bytes.ts'
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
const protocolUdp = 17

/** The ones' complement sum of RFC 1071 over 16-bit words, not yet inverted. */
function checksumOf(data: Uint8Array, from: number, to: number, start = 0): number {
  let sum = start
  for (let at = from; at < to; at += 2) sum += (data[at]! << 8) | (at + 1 < to ? data[at + 1]! : 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return sum
}

export interface UdpDatagram {
  readonly sourceMac: Uint8Array
  readonly destinationMac: Uint8Array
  readonly sourceAddress: number
  readonly destinationAddress: number
  readonly sourcePort: number
  readonly destinationPort: number
  readonly payload: Uint8Array
  /** Bytes the payload had on the wire, where `payload` is only its beginning. */
  readonly payloadLength?: number
}

/** Wraps a payload in valid headers, checksums included (RFC 768, RFC 791). */
export function wrapUdp(datagram: UdpDatagram): Uint8Array {
  const udpAt = ethernetHeader.size + ipv4Header.size
  const { payload } = datagram
  const udpLength = udpHeader.size + (datagram.payloadLength ?? payload.length)
  const frame = new Uint8Array(udpAt + udpHeader.size + payload.length)
  const view = new DataView(frame.buffer)
  ethernetHeader.encode(view, 0, {
    destination: datagram.destinationMac,
    source: datagram.sourceMac,
    type: etherTypeIpv4,
  })
  ipv4Header.encode(view, ethernetHeader.size, {
    versionAndLength: 0x45,
    tos: 0,
    totalLength: ipv4Header.size + udpLength,
    identification: 0,
    flagsAndOffset: 0,
    ttl: 64,
    protocol: protocolUdp,
    checksum: 0,
    source: datagram.sourceAddress,
    destination: datagram.destinationAddress,
  })
  udpHeader.encode(view, udpAt, {
    sourcePort: datagram.sourcePort,
    destinationPort: datagram.destinationPort,
    length: udpLength,
    checksum: 0,
  })
  frame.set(payload, udpAt + udpHeader.size)
  const ipSum = checksumOf(frame, ethernetHeader.size, udpAt)
  view.setUint16(ethernetHeader.size + ipv4Header.offsets.checksum, ~ipSum & 0xffff)
  // Of a part of a datagram there is no sum; none is told as zero.
  if (udpLength !== frame.length - udpAt) return frame
  const pseudo = checksumOf(frame, ethernetHeader.size + ipv4Header.offsets.source, udpAt, protocolUdp + udpLength)
  // A computed zero is sent as all ones, for zero means "no checksum" (RFC 768).
  const udpSum = ~checksumOf(frame, udpAt, frame.length, pseudo) & 0xffff
  view.setUint16(udpAt + udpHeader.offsets.checksum, udpSum === 0 ? 0xffff : udpSum)
  return frame
}

/** The UDP datagram in an unfragmented Ethernet frame, one VLAN tag allowed; undefined where there is none. */
export function unwrapUdp(frame: Uint8Array): UdpDatagram | undefined {
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
