/**
 * Where the layers of a frame lie and whom it belongs to, read without building anything: what a million frames are
 * indexed and summarised with. The tree of fields is `dissect`'s.
 */
import { u16At, u32At } from './bytes.ts'
import { linkTypes } from './capture-file.ts'

export const etherTypes = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd, serviceVlan: 0x88a8 } as const
export const ipProtocols = { icmp: 1, tcp: 6, udp: 17 } as const

/** The headers of one frame after another; every field is overwritten by `read`, -1 means "not there". */
export class FrameHeaders {
  /** Offsets of the hardware addresses. */
  sourceMacAt = -1
  destinationMacAt = -1
  vlan = -1
  etherType = -1
  ipAt = -1
  /** Where the IPv4 packet ends, without the padding of the link. */
  ipEnd = -1
  ipProtocol = -1
  identification = 0
  fragmentOffset = 0
  moreFragments = false
  /** Addresses as unsigned 32-bit numbers. */
  source = 0
  destination = 0
  sourcePort = -1
  destinationPort = -1
  tcpFlags = 0
  tcpSequence = 0
  /** What the transport carries, or what lies behind the last header that was understood. */
  payloadAt = 0
  payloadEnd = 0
  /** Where it would end, had the capture not cut the frame. */
  declaredEnd = 0

  get isFragment(): boolean {
    return this.moreFragments || this.fragmentOffset > 0
  }

  read(bytes: Uint8Array, linkType: number): void {
    this.sourceMacAt = this.destinationMacAt = this.vlan = this.etherType = -1
    this.ipAt = this.ipEnd = this.ipProtocol = this.sourcePort = this.destinationPort = -1
    this.source = this.destination = this.identification = this.fragmentOffset = 0
    this.tcpFlags = this.tcpSequence = 0
    this.moreFragments = false
    this.payloadAt = 0
    this.payloadEnd = this.declaredEnd = bytes.length
    const { length } = bytes
    if (linkType === linkTypes.ethernet) {
      if (length < 14) return
      this.destinationMacAt = 0
      this.sourceMacAt = 6
      this.#etherType(bytes, u16At(bytes, 12), 14)
    } else if (linkType === linkTypes.linuxCooked) {
      if (length < 16) return
      this.sourceMacAt = 6
      this.#etherType(bytes, u16At(bytes, 14), 16)
    } else if (linkType === linkTypes.linuxCooked2) {
      if (length < 20) return
      this.sourceMacAt = 12
      this.#etherType(bytes, u16At(bytes, 0), 20)
    } else if (linkType === linkTypes.raw || linkType === linkTypes.rawIpv4 || linkType === linkTypes.null) {
      const at = linkType === linkTypes.null ? 4 : 0
      if (length <= at) return
      this.#etherType(bytes, bytes[at]! >>> 4 === 4 ? etherTypes.ipv4 : etherTypes.ipv6, at)
    }
  }

  #etherType(bytes: Uint8Array, firstType: number, firstAt: number): void {
    let type = firstType
    let at = firstAt
    while ((type === etherTypes.vlan || type === etherTypes.serviceVlan) && at + 4 <= bytes.length) {
      this.vlan = u16At(bytes, at) & 0xfff
      type = u16At(bytes, at + 2)
      at += 4
    }
    this.etherType = type
    this.payloadAt = at
    if (type === etherTypes.ipv4) this.#ipv4(bytes, at)
  }

  #ipv4(bytes: Uint8Array, at: number): void {
    const end = bytes.length
    if (end - at < 20 || bytes[at]! >>> 4 !== 4) return
    const headerLength = (bytes[at]! & 15) * 4
    if (headerLength < 20 || at + headerLength > end) return
    const totalLength = u16At(bytes, at + 2)
    const flags = u16At(bytes, at + 6)
    this.ipAt = at
    // A total length of zero is the mark of segmentation offload.
    this.ipEnd = totalLength >= headerLength ? Math.min(end, at + totalLength) : end
    this.identification = u16At(bytes, at + 4)
    this.moreFragments = (flags & 0x2000) !== 0
    this.fragmentOffset = (flags & 0x1fff) * 8
    this.ipProtocol = bytes[at + 9]!
    this.source = u32At(bytes, at + 12)
    this.destination = u32At(bytes, at + 16)
    this.payloadAt = at + headerLength
    this.payloadEnd = this.ipEnd
    this.declaredEnd = totalLength >= headerLength ? at + totalLength : end
    if (this.fragmentOffset > 0) return
    if (this.ipProtocol === ipProtocols.udp) this.#udp(bytes, at + headerLength)
    else if (this.ipProtocol === ipProtocols.tcp) this.#tcp(bytes, at + headerLength)
  }

  #udp(bytes: Uint8Array, at: number): void {
    if (this.ipEnd - at < 8) return
    this.sourcePort = u16At(bytes, at)
    this.destinationPort = u16At(bytes, at + 2)
    const length = u16At(bytes, at + 4)
    this.payloadAt = at + 8
    if (length < 8) return
    this.payloadEnd = Math.min(this.ipEnd, at + length)
    this.declaredEnd = at + length
  }

  #tcp(bytes: Uint8Array, at: number): void {
    if (this.ipEnd - at < 20) return
    const headerLength = (bytes[at + 12]! >>> 4) * 4
    if (headerLength < 20 || at + headerLength > this.ipEnd) return
    this.sourcePort = u16At(bytes, at)
    this.destinationPort = u16At(bytes, at + 2)
    this.tcpSequence = u32At(bytes, at + 4)
    this.tcpFlags = bytes[at + 13]!
    this.payloadAt = at + headerLength
  }
}

export const isDhcpPort = (port: number): boolean => port === 67 || port === 68 || port === 4011

/** DHCP and proxyDHCP are told by their ports, which RFC 2131 section 4.1 and PXE 2.1 section 2.2 fix. */
export const hasDhcpPorts = ({ ipProtocol, sourcePort, destinationPort }: FrameHeaders): boolean =>
  ipProtocol === ipProtocols.udp && isDhcpPort(sourcePort) && isDhcpPort(destinationPort)
