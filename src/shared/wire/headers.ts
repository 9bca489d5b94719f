/**
 * Where the layers of a frame lie and whom it belongs to, read without building anything: what a million frames are
 * indexed and summarised with. The tree of fields is `dissect`'s.
 */
import { formatIpv6, u16At, u32At } from './bytes.ts'
import { dnsPort } from './dns.ts'
import type { IpAddress } from './ip-address.ts'
import { Ipv6Chain, ipv6HeaderLength } from './ipv6.ts'
import { etherTypes, firstTunnelPort, ipProtocols, layerKinds, LayerWalk, type LayerKind } from './layers.ts'
import { linkTypes } from './link-types.ts'

export { etherTypes, ipProtocols } from './layers.ts'

/** The headers of one frame after another, of its innermost packet; every field is overwritten by `read`, -1 means "not there". */
export class FrameHeaders {
  /** Offsets of the hardware addresses. */
  sourceMacAt = -1
  destinationMacAt = -1
  vlan = -1
  etherType = -1
  /** Where the IPv4 header begins, or that of IPv6: one of the two is -1. */
  ipAt = -1
  ip6At = -1
  /** Where the IP packet ends, without the padding of the link. */
  ipEnd = -1
  /** What the IP packet carries; of IPv6 what follows its extension headers. */
  ipProtocol = -1
  identification = 0
  fragmentOffset = 0
  moreFragments = false
  /** IPv4 addresses as unsigned 32-bit numbers; of IPv6 they are read at `ip6At` where somebody needs them. */
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
  linkType = -1
  /** The last layer that was entered, and whether its header is whole. */
  innermost: LayerKind = layerKinds.none
  isWhole = true
  /** Of 802.11: whether what it carries is encrypted. */
  isEncrypted = false
  readonly #walk = new LayerWalk()
  readonly #chain = new Ipv6Chain()

  /** Who sent the packet whose headers were read from `bytes`, and to whom; IPv4 where neither of the two is there. */
  sourceIn(bytes: Uint8Array): IpAddress {
    return this.ip6At < 0 ? this.source : formatIpv6(bytes, this.ip6At + 8)
  }

  destinationIn(bytes: Uint8Array): IpAddress {
    return this.ip6At < 0 ? this.destination : formatIpv6(bytes, this.ip6At + 24)
  }

  get isFragment(): boolean {
    return this.moreFragments || this.fragmentOffset > 0
  }

  read(bytes: Uint8Array, linkType: number): void {
    this.#clear()
    this.linkType = linkType
    this.payloadAt = 0
    this.payloadEnd = this.declaredEnd = bytes.length
    if (linkType === linkTypes.ethernet && this.#plain(bytes)) return
    const walk = this.#walk
    walk.begin(linkType)
    let tunnels = 0
    while (walk.step(bytes)) {
      if (walk.tunnels !== tunnels) {
        tunnels = walk.tunnels
        this.#clear()
        this.payloadEnd = this.declaredEnd = bytes.length
      }
      if (!walk.isWhole) {
        this.payloadAt = walk.at
        continue
      }
      const { kind, at } = walk
      if (kind === layerKinds.ipv4) this.#ipv4(bytes, at, walk.size)
      else if (kind === layerKinds.udp) this.#udp(bytes, at)
      else if (kind === layerKinds.ipv6) this.#ipv6(bytes, at)
      else {
        this.payloadAt = kind === layerKinds.arp ? at : walk.nextAt
        this.#link(bytes, kind, at)
      }
    }
    this.etherType = walk.etherType
    this.innermost = walk.kind
    this.isWhole = walk.isWhole
    this.isEncrypted = walk.isEncrypted
  }

  /** What nearly every frame is, IPv4 in Ethernet with no tunnel in it, is read without a walk; the walk would say the same. */
  #plain(bytes: Uint8Array): boolean {
    if (bytes.length < 42 || u16At(bytes, 12) !== etherTypes.ipv4 || bytes[14] !== 0x45) return false
    const protocol = bytes[23]
    const isUdp = protocol === ipProtocols.udp
    if (isUdp ? u16At(bytes, 36) >= firstTunnelPort : protocol !== ipProtocols.tcp) return false
    this.destinationMacAt = 0
    this.sourceMacAt = 6
    this.etherType = etherTypes.ipv4
    this.isWhole = true
    this.isEncrypted = false
    this.#ipv4(bytes, 14, 20)
    const isUnfragmented = isUdp && !this.isFragment
    if (isUnfragmented) this.#udp(bytes, 34)
    this.innermost = isUnfragmented ? layerKinds.udp : layerKinds.ipv4
    return true
  }

  #clear(): void {
    this.sourceMacAt = this.destinationMacAt = this.vlan = this.etherType = -1
    this.ipAt = this.ip6At = this.ipEnd = this.ipProtocol = this.sourcePort = this.destinationPort = -1
    this.source = this.destination = this.identification = this.fragmentOffset = 0
    this.tcpFlags = this.tcpSequence = 0
    this.moreFragments = false
  }

  #link(bytes: Uint8Array, kind: LayerKind, at: number): void {
    if (kind === layerKinds.ethernet || kind === layerKinds.aMsdu) {
      this.destinationMacAt = at
      this.sourceMacAt = at + 6
    } else if (kind === layerKinds.vlan) this.vlan = u16At(bytes, at) & 0xfff
    // An interface without hardware addresses tells a length of 0.
    else if (kind === layerKinds.cooked) this.sourceMacAt = u16At(bytes, at + 4) === 6 ? at + 6 : -1
    else if (kind === layerKinds.cooked2) this.sourceMacAt = bytes[at + 11] === 6 ? at + 12 : -1
    else if (kind === layerKinds.wlan) {
      const flags = wlanDirection(bytes, at)
      // To the distribution system, from it, both or neither: IEEE 802.11-2020 table 9-30.
      this.destinationMacAt = at + (flags & 1 ? 16 : 4)
      this.sourceMacAt = at + (flags === 3 ? 24 : flags === 2 ? 16 : 10)
      if (this.sourceMacAt + 6 > this.payloadAt) this.sourceMacAt = -1
      if (this.destinationMacAt + 6 > this.payloadAt) this.destinationMacAt = -1
    }
  }

  #ipv4(bytes: Uint8Array, at: number, headerLength: number): void {
    const end = bytes.length
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
    // The first fragment has the ports; the walk leaves it alone.
    if (this.ipProtocol === ipProtocols.udp && this.moreFragments) this.#udp(bytes, at + headerLength)
    else if (this.ipProtocol === ipProtocols.tcp) this.#tcp(bytes, at + headerLength)
  }

  #ipv6(bytes: Uint8Array, at: number): void {
    const chain = this.#chain
    chain.read(bytes, at)
    const payloadLength = u16At(bytes, at + 4)
    this.ip6At = at
    // Zero is the mark of a jumbogram, and of segmentation offload.
    this.declaredEnd = payloadLength > 0 ? at + ipv6HeaderLength + payloadLength : bytes.length
    this.ipEnd = this.payloadEnd = Math.min(bytes.length, this.declaredEnd)
    this.payloadAt = Math.min(chain.transportAt, this.ipEnd)
    this.ipProtocol = chain.protocol
    this.identification = chain.identification
    this.moreFragments = chain.moreFragments
    this.fragmentOffset = chain.fragmentOffset
    if (this.fragmentOffset > 0) return
    if (this.ipProtocol === ipProtocols.udp && this.moreFragments) this.#udp(bytes, this.payloadAt)
    else if (this.ipProtocol === ipProtocols.tcp) this.#tcp(bytes, this.payloadAt)
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

/** The bits of an 802.11 data frame that say which way it goes; some controllers swap the two octets of its control field. */
export const wlanDirection = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! & 0x0f) !== 8 && (bytes[at + 1]! & 0x0f) === 8 ? bytes[at]! : bytes[at + 1]!) & 3

export const isDhcpPort = (port: number): boolean => port === 67 || port === 68 || port === 4011

/** DHCP and proxyDHCP are told by their ports, which RFC 2131 section 4.1 and PXE 2.1 section 2.2 fix. */
export const hasDhcpPorts = ({ ipAt, ipProtocol, sourcePort, destinationPort }: FrameHeaders): boolean =>
  ipAt >= 0 && ipProtocol === ipProtocols.udp && isDhcpPort(sourcePort) && isDhcpPort(destinationPort)

const isDhcp6Port = (port: number): boolean => port === 546 || port === 547

/**
 * Whether the ports of a datagram over IPv6 are those of DHCPv6 (RFC 8415 section 7.2; a relay agent may send from another one,
 * RFC 8357), or of a boot server, whom EDK2 asks in the same form on port 4011.
 */
export const areDhcp6Ports = (source: number, destination: number): boolean =>
  isDhcp6Port(source) || isDhcp6Port(destination) || (source === 4011 && destination === 4011)

export const hasDhcp6Ports = ({ ip6At, ipProtocol, sourcePort, destinationPort }: FrameHeaders): boolean =>
  ip6At >= 0 && ipProtocol === ipProtocols.udp && areDhcp6Ports(sourcePort, destinationPort)

export const hasDnsPort = ({ ipProtocol, sourcePort, destinationPort }: FrameHeaders): boolean =>
  ipProtocol === ipProtocols.udp && (sourcePort === dnsPort || destinationPort === dnsPort)
