/** What travels on a virtual wire. Packets are kept as values and become bytes when somebody looks at them. */
import { parseIpv6 } from '../wire/bytes.ts'
import { wrapArp, wrapIcmp, wrapIcmp6, wrapTcp, wrapUdp } from '../wire/frame.ts'
import type { IpAddress } from '../wire/ip-address.ts'

/** Six octets as a number. */
export type Mac = number
export const broadcastMac: Mac = 0xffff_ffff_ffff

/** The hardware address that a group of IPv6 is sent to (RFC 2464 section 7). */
export function groupMac(group: string): Mac {
  const [a, b, c, d] = parseIpv6(group)!.subarray(12) as unknown as [number, number, number, number]
  return 0x3333_0000_0000 + ((a << 24) >>> 0) + (b << 16) + (c << 8) + d
}

/** Whether frames to it go to everybody on the wire. */
export const isGroupMac = (mac: Mac): boolean => Math.floor(mac / 0x100_0000_0000) % 2 === 1

interface Addressed {
  sourceMac: Mac
  destinationMac: Mac
}

export interface UdpPacket extends Addressed {
  readonly kind: 'udp'
  /** Both of one family. */
  readonly source: IpAddress
  readonly destination: IpAddress
  readonly sourcePort: number
  readonly destinationPort: number
  /** As much of the payload as is carried. */
  readonly payload: Uint8Array
  /** Bytes the payload has. */
  readonly length: number
}

export interface TcpPacket extends Addressed {
  readonly kind: 'tcp'
  readonly source: IpAddress
  readonly destination: IpAddress
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sequence: number
  readonly acknowledgement: number
  readonly flags: number
  readonly payload: Uint8Array
  readonly length: number
}

export interface IcmpPacket extends Addressed {
  readonly kind: 'icmp'
  readonly source: number
  readonly destination: number
  readonly type: number
  readonly code: number
  /** The datagram it is about. */
  readonly about: UdpPacket
}

/** A message of ICMPv6, neighbour discovery among them. */
export interface Icmp6Packet extends Addressed {
  readonly kind: 'icmp6'
  readonly source: string
  readonly destination: string
  /** From its type on; the checksum is made when it becomes a frame. */
  readonly payload: Uint8Array
  /** The datagram that an error is about. */
  readonly about?: UdpPacket
}

export interface ArpPacket extends Addressed {
  readonly kind: 'arp'
  readonly operation: 'request' | 'reply'
  readonly senderMac: Mac
  readonly sender: number
  readonly targetMac: Mac
  readonly target: number
}

export type IpPacket = UdpPacket | TcpPacket | IcmpPacket | Icmp6Packet
export type Packet = IpPacket | ArpPacket

export const macBytes = (mac: Mac): Uint8Array => {
  const high = Math.floor(mac / 0x1_0000_0000)
  const low = mac >>> 0
  return Uint8Array.of(high >>> 8, high & 255, low >>> 24, (low >>> 16) & 255, (low >>> 8) & 255, low & 255)
}

const headerOf = ({ destination }: UdpPacket | TcpPacket): number => (typeof destination === 'number' ? 20 : 40)

/** Bytes after the Ethernet header that an MTU counts. */
export const ipLengthOf = (packet: Packet): number => {
  switch (packet.kind) {
    case 'udp':
      return headerOf(packet) + 8 + packet.length
    case 'tcp':
      return headerOf(packet) + 20 + packet.length
    case 'icmp':
      return 56
    case 'icmp6':
      return 40 + packet.payload.length
    case 'arp':
      return 28
  }
}

/** The frame as it would stand in a capture: file data that was not carried is left out at its end. */
export function frameOf(packet: Packet): { readonly bytes: Uint8Array; readonly length: number } {
  const sourceMac = macBytes(packet.sourceMac)
  const destinationMac = macBytes(packet.destinationMac)
  const length = 14 + ipLengthOf(packet)
  switch (packet.kind) {
    case 'udp':
      return { bytes: udpFrame(packet), length }
    case 'tcp':
      return {
        bytes: wrapTcp({ ...packet, sourceMac, destinationMac, payloadLength: packet.length }),
        length,
      }
    case 'icmp':
      return {
        bytes: wrapIcmp({
          sourceMac,
          destinationMac,
          source: packet.source,
          destination: packet.destination,
          type: packet.type,
          code: packet.code,
          // The header and the first eight octets of what could not be delivered (RFC 792).
          original: udpFrame(packet.about).subarray(14, 42),
        }),
        length,
      }
    case 'icmp6': {
      const { source, destination } = packet
      return { bytes: wrapIcmp6({ sourceMac, destinationMac, source, destination }, packet.payload), length }
    }
    case 'arp':
      return {
        bytes: wrapArp({
          sourceMac,
          destinationMac,
          operation: packet.operation === 'request' ? 1 : 2,
          senderMac: macBytes(packet.senderMac),
          sender: packet.sender,
          targetMac: macBytes(packet.targetMac),
          target: packet.target,
        }),
        length: 42,
      }
  }
}

export const udpFrame = (packet: UdpPacket): Uint8Array =>
  wrapUdp({
    sourceMac: macBytes(packet.sourceMac),
    destinationMac: macBytes(packet.destinationMac),
    sourceAddress: packet.source,
    destinationAddress: packet.destination,
    sourcePort: packet.sourcePort,
    destinationPort: packet.destinationPort,
    payload: packet.payload,
    payloadLength: packet.length,
  })
