/**
 * The one walk through the layers of a frame, from the link inwards: tags, labels and tunnels are taken off until the
 * innermost packet is reached. It builds nothing; the index of a million frames and the tree of one are both made with it.
 */
import { u16At } from './bytes.ts'
import { Ipv6Chain, ipv6HeaderLength } from './ipv6.ts'
import { linkTypes } from './link-types.ts'

export const etherTypes = {
  ipv4: 0x0800, arp: 0x0806, transparentBridging: 0x6558, vlan: 0x8100, ipv6: 0x86dd, ppp: 0x880b, mpls: 0x8847, mplsMulticast: 0x8848,
  pppoeSession: 0x8864, jumboLlc: 0x8870, serviceVlan: 0x88a8, erspan: 0x88be, erspan3: 0x22eb, wakeOnLan: 0x0842, backbone: 0x88e7, nsh: 0x894f,
  qinq9100: 0x9100, qinq9200: 0x9200, qinq9300: 0x9300, eapol: 0x888e,
} as const // prettier-ignore
export const ipProtocols = {
  icmp: 1,
  ipip: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  gre: 47,
  icmpv6: 58,
  etherIp: 97,
  mpls: 137,
} as const

/** UDP destination ports of tunnels; each is believed only where the header behind it is one. */
const tunnelPorts = {
  vxlan: 4789,
  vxlanLinux: 8472,
  vxlanGpe: 4790,
  geneve: 6081,
  capwapData: 5247,
  tzsp: 37_008,
} as const

/** Below it no datagram is a tunnel's. */
export const firstTunnelPort: number = Math.min(...Object.values(tunnelPorts))

/** Kinds of layer. */
export const layerKinds = {
  none: 0, unread: 1, ethernet: 2, vlan: 3, llc: 4, cooked: 5, cooked2: 6, loopback: 7, rawIp: 8, ppp: 9, cHdlc: 10, pppoe: 11,
  wlan: 12, radiotap: 13, prism: 14, avs: 15, ppi: 16, aMsdu: 17, mpls: 18, pseudowire: 19, backbone: 20, nsh: 21, arp: 22, ipv4: 23,
  ipv6: 24, udp: 25, gre: 26, erspan: 27, vxlan: 28, geneve: 29, capwap: 30, etherIp: 31, tzsp: 32, direction: 33,
} as const // prettier-ignore
export type LayerKind = (typeof layerKinds)[keyof typeof layerKinds]

const kinds = layerKinds

/** Which layer the frames of a link type begin with (the LINKTYPE registry). */
const entries: Readonly<Record<number, LayerKind>> = {
  [linkTypes.null]: kinds.loopback,
  [linkTypes.ethernet]: kinds.ethernet,
  [linkTypes.ppp]: kinds.ppp,
  [linkTypes.rawOfFreeBsd]: kinds.rawIp,
  [linkTypes.rawOfOpenBsd]: kinds.rawIp,
  [linkTypes.pppHdlc]: kinds.ppp,
  [linkTypes.pppEther]: kinds.pppoe,
  [linkTypes.raw]: kinds.rawIp,
  [linkTypes.cHdlc]: kinds.cHdlc,
  [linkTypes.wlan]: kinds.wlan,
  [linkTypes.loop]: kinds.loopback,
  [linkTypes.linuxCooked]: kinds.cooked,
  [linkTypes.prism]: kinds.prism,
  [linkTypes.radiotap]: kinds.radiotap,
  [linkTypes.avs]: kinds.avs,
  [linkTypes.pppPppd]: kinds.direction,
  [linkTypes.ppi]: kinds.ppi,
  [linkTypes.pppWithDirection]: kinds.direction,
  [linkTypes.rawIpv4]: kinds.rawIp,
  [linkTypes.rawIpv6]: kinds.rawIp,
  [linkTypes.linuxCooked2]: kinds.cooked2,
}

/** Whether frames of this link type are read at all. */
export const isReadLinkType = (linkType: number): boolean => entries[linkType] !== undefined

/** More layers than any network has are garbage that looks like some. */
const deepest = 24
/** AF_INET, and AF_INET6 of Linux, Windows, NetBSD, FreeBSD and macOS. */
const ipFamilies = new Set([2, 10, 23, 24, 28, 30])

/** Length of a little-endian or big-endian field that can only be small. */
const smallU32At = (bytes: Uint8Array, at: number): number => {
  const high = u16At(bytes, at)
  const low = u16At(bytes, at + 2)
  return high === 0 ? low : low === 0 ? ((high & 255) << 8) | (high >>> 8) : -1
}
const u16LittleAt = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)

const looksLikeIpv4 = (bytes: Uint8Array, at: number): boolean =>
  bytes[at]! >>> 4 === 4 && (bytes[at]! & 15) >= 5 && at + 20 <= bytes.length

export class LayerWalk {
  kind: LayerKind = kinds.none
  /** Offset and length of the header; `needed` bytes are there where it is whole. */
  at = 0
  size = 0
  needed = 0
  /** What comes next, and where. */
  next: LayerKind = kinds.none
  nextAt = 0
  /** The Ethernet type of what `nextAt` points to; -1 where nothing says it, below 0x600 for LLC. */
  etherType = -1
  /** IP headers that were left for a frame or packet inside. */
  tunnels = 0
  /** Of 802.11: whether its body is encrypted. */
  isEncrypted = false
  /** Whether a gap follows the header of 802.11, as radiotap tells. */
  #isPadded = false
  #depth = 0
  readonly #chain = new Ipv6Chain()

  get isWhole(): boolean {
    return this.size >= this.needed
  }

  begin(linkType: number): void {
    this.next = entries[linkType] ?? kinds.unread
    this.kind = kinds.none
    this.nextAt = this.#depth = this.tunnels = 0
    this.etherType = -1
    this.isEncrypted = this.#isPadded = false
  }

  /** Reads the next layer; false behind the last one. */
  step(bytes: Uint8Array): boolean {
    const { next } = this
    if (next === kinds.none || this.#depth++ >= deepest) return false
    this.kind = next
    this.at = this.nextAt
    this.next = kinds.none
    this.#read(bytes, next, this.at)
    return true
  }

  /** Whether `needed` bytes of header are there. */
  #has(bytes: Uint8Array, needed: number): boolean {
    const left = bytes.length - this.at
    this.needed = needed
    this.size = Math.max(0, Math.min(needed, left))
    this.nextAt = this.at + this.size
    return left >= needed
  }

  #to(kind: LayerKind): void {
    this.next = kind
  }

  #tunnel(kind: LayerKind): void {
    this.tunnels++
    this.etherType = -1
    this.next = kind
  }

  #byEtherType(type: number): void {
    this.etherType = type
    if (type === etherTypes.ipv4) this.next = kinds.ipv4
    else if (type < 0x600) this.next = kinds.llc
    else if (type === etherTypes.arp) this.next = kinds.arp
    else if (type === etherTypes.ipv6) this.next = kinds.ipv6
    else this.next = byType.get(type) ?? kinds.none
  }

  #byIpVersion(bytes: Uint8Array): void {
    const version = (bytes[this.nextAt] ?? 0) >>> 4
    if (version === 4) this.#byEtherType(etherTypes.ipv4)
    else if (version === 6) this.#byEtherType(etherTypes.ipv6)
  }

  #read(bytes: Uint8Array, kind: LayerKind, at: number): void {
    switch (kind) {
      case kinds.ethernet:
        if (this.#has(bytes, 14)) this.#byEtherType(u16At(bytes, at + 12))
        return
      case kinds.ipv4:
        return this.#ipv4(bytes, at)
      case kinds.udp:
        return this.#udp(bytes, at)
      case kinds.arp:
        this.#has(bytes, 28)
        return
      case kinds.vlan:
        if (this.#has(bytes, 4)) this.#byEtherType(u16At(bytes, at + 2))
        return
      case kinds.ipv6:
        return this.#ipv6(bytes, at)
      case kinds.llc:
        return this.#llc(bytes, at)
      case kinds.rawIp:
        this.size = this.needed = 0
        this.nextAt = at
        return at < bytes.length ? this.#byIpVersion(bytes) : void this.#has(bytes, 20)
      case kinds.cooked:
        // 4 is Linux's number for a frame of 802.2, 1 that of raw 802.3.
        if (this.#has(bytes, 16)) this.#byEtherType(u16At(bytes, at + 14))
        return
      case kinds.cooked2:
        if (this.#has(bytes, 20)) this.#byEtherType(u16At(bytes, at))
        return
      case kinds.loopback:
        if (this.#has(bytes, 4) && ipFamilies.has(smallU32At(bytes, at))) this.#byIpVersion(bytes)
        return
      case kinds.ppp:
        return this.#ppp(bytes, at)
      case kinds.cHdlc:
        if (this.#has(bytes, 4)) this.#byEtherType(u16At(bytes, at + 2))
        return
      case kinds.direction:
        if (this.#has(bytes, 1)) this.#to(kinds.ppp)
        return
      case kinds.pppoe:
        if (this.#has(bytes, 6) && bytes[at] === 0x11 && bytes[at + 1] === 0) this.#to(kinds.ppp)
        return
      case kinds.wlan:
        return this.#wlan(bytes, at)
      case kinds.radiotap:
        return this.#radiotap(bytes, at)
      case kinds.prism:
        // Some drivers write an AVS header under the type of Prism.
        if (this.#has(bytes, 8) && u16At(bytes, at) === 0x8021) return this.#avs(bytes, at)
        return this.#lengthThenWlan(bytes, smallU32At(bytes, at + 4))
      case kinds.avs:
        return this.#avs(bytes, at)
      case kinds.ppi:
        if (!this.#has(bytes, 8)) return
        this.#has(bytes, Math.max(8, u16LittleAt(bytes, at + 2)))
        this.#to(u16At(bytes, at + 6) === 0 ? (entries[u16LittleAt(bytes, at + 4)] ?? kinds.none) : kinds.none)
        return
      case kinds.aMsdu:
        if (this.#has(bytes, 14)) this.#to(kinds.llc)
        return
      case kinds.mpls:
        return this.#mpls(bytes, at)
      case kinds.pseudowire:
        if (this.#has(bytes, 4)) this.#to(kinds.ethernet)
        return
      case kinds.backbone:
        if (this.#has(bytes, 4)) this.#to(kinds.ethernet)
        return
      case kinds.nsh:
        if (this.#has(bytes, 8) && this.#has(bytes, Math.max(8, (bytes[at + 1]! & 0x3f) * 4)))
          this.#inner(bytes[at + 3]!)
        return
      case kinds.gre:
        return this.#gre(bytes, at)
      case kinds.erspan:
        return this.#erspan(bytes, at)
      case kinds.vxlan:
        // Port 4790 and the P bit: what is inside is told (VXLAN-GPE); else it is a frame (RFC 7348).
        if (this.#has(bytes, 8)) this.#inner(bytes[at]! & 4 ? bytes[at + 3]! : 3)
        return
      case kinds.geneve:
        if (this.#has(bytes, 8 + (bytes[at]! & 0x3f) * 4)) this.#byEtherType(u16At(bytes, at + 2))
        return
      case kinds.capwap:
        if (!this.#has(bytes, (bytes[at + 1]! >>> 3) * 4)) return
        this.#to(bytes[at + 2]! & 1 ? kinds.wlan : kinds.ethernet)
        return
      case kinds.etherIp:
        if (this.#has(bytes, 2)) this.#to(kinds.ethernet)
        return
      case kinds.tzsp:
        return this.#tzsp(bytes, at)
      default:
        this.size = this.needed = 0
    }
  }

  /** Next protocols of VXLAN-GPE and NSH (RFC 8300 section 2.2). */
  #inner(protocol: number): void {
    if (protocol === 1) this.#byEtherType(etherTypes.ipv4)
    else if (protocol === 2) this.#byEtherType(etherTypes.ipv6)
    else if (protocol === 3) this.#to(kinds.ethernet)
    else if (protocol === 4) this.#to(kinds.nsh)
  }

  #ipv4(bytes: Uint8Array, at: number): void {
    this.etherType = etherTypes.ipv4
    if (!this.#has(bytes, 20)) return
    const headerLength = (bytes[at]! & 15) * 4
    if (bytes[at]! >>> 4 !== 4 || headerLength < 20) {
      this.needed = this.size + 1
      return
    }
    if (!this.#has(bytes, headerLength)) return
    // What a fragment carries is seen when the packet is whole again.
    if ((u16At(bytes, at + 6) & 0x3fff) === 0) this.#byProtocol(bytes, bytes[at + 9]!)
  }

  #byProtocol(bytes: Uint8Array, protocol: number): void {
    if (protocol === ipProtocols.udp) this.#to(kinds.udp)
    else if (protocol === ipProtocols.gre) {
      if (greLength(bytes, this.nextAt) > 0) this.#tunnel(kinds.gre)
    } else if (protocol === ipProtocols.ipip) {
      if (looksLikeIpv4(bytes, this.nextAt)) this.#tunnel(kinds.ipv4)
    } else if (protocol === ipProtocols.ipv6) {
      if (bytes[this.nextAt]! >>> 4 === 6) this.#tunnel(kinds.ipv6)
    } else if (protocol === ipProtocols.etherIp) {
      if (bytes[this.nextAt]! >>> 4 === 3) this.#tunnel(kinds.etherIp)
    } else if (protocol === ipProtocols.mpls) this.#tunnel(kinds.mpls)
  }

  /** The extension headers of RFC 8200 section 4 count as part of the header. */
  #ipv6(bytes: Uint8Array, at: number): void {
    this.etherType = etherTypes.ipv6
    if (!this.#has(bytes, ipv6HeaderLength)) return
    if (bytes[at]! >>> 4 !== 6) {
      this.needed = this.size + 1
      return
    }
    const chain = this.#chain
    chain.read(bytes, at)
    // What a fragment carries is seen when the packet is whole again.
    if (this.#has(bytes, chain.transportAt - at) && !chain.isFragment) this.#byProtocol(bytes, chain.protocol)
  }

  #udp(bytes: Uint8Array, at: number): void {
    if (!this.#has(bytes, 8)) return
    const port = u16At(bytes, at + 2)
    // Nearly every datagram is none of a tunnel.
    if (port < firstTunnelPort) return
    const inner = at + 8
    const first = bytes[inner] ?? 0
    if (port === tunnelPorts.vxlan || port === tunnelPorts.vxlanLinux) {
      // Only the I bit, and the bits of group policy; all else is reserved and zero (RFC 7348 section 5).
      if ((first & 0x7f) === 8 && bytes[inner + 7] === 0) this.#tunnel(kinds.vxlan)
    } else if (port === tunnelPorts.vxlanGpe) {
      if ((first & 0xf8) === 8 && bytes[inner + 7] === 0 && u16At(bytes, inner + 1) === 0) this.#tunnel(kinds.vxlan)
    } else if (port === tunnelPorts.geneve) {
      // Version 0, reserved bits zero (RFC 8926 section 3.4).
      if (first >>> 6 === 0 && (bytes[inner + 1]! & 0x3f) === 0 && bytes[inner + 7] === 0) this.#tunnel(kinds.geneve)
    } else if (port === tunnelPorts.capwapData) {
      // Preamble 0, a header of at least two words, no fragment and no keep-alive (RFC 5415 section 4.3).
      const isPlain = first === 0 && bytes[inner + 1]! >>> 3 >= 2 && (bytes[inner + 3]! & 0x88) === 0
      if (isPlain) this.#tunnel(kinds.capwap)
    } else if (port === tunnelPorts.tzsp && first === 1 && bytes[inner + 1]! <= 1 && u16At(bytes, inner + 2) === 1)
      this.#tunnel(kinds.tzsp)
  }

  #gre(bytes: Uint8Array, at: number): void {
    if (!this.#has(bytes, Math.max(4, greLength(bytes, at)))) return
    const type = u16At(bytes, at + 2)
    if (type === etherTypes.erspan3) return this.#to(kinds.erspan)
    // A sequence number tells type II from type I, which has no header of its own.
    if (type === etherTypes.erspan) return this.#to(bytes[at]! & 0x10 ? kinds.erspan : kinds.ethernet)
    if (type >= 0x600) this.#byEtherType(type)
  }

  #erspan(bytes: Uint8Array, at: number): void {
    if (!this.#has(bytes, 8)) return
    const version = bytes[at]! >>> 4
    if (version === 1) return this.#to(kinds.ethernet)
    if (version !== 2 || !this.#has(bytes, 12)) return
    const flags = u16At(bytes, at + 10)
    if (flags & 1 && !this.#has(bytes, 20)) return
    const carried = (flags >>> 10) & 31
    if (carried === 0) this.#to(kinds.ethernet)
    else if (carried === 2) this.#byIpVersion(bytes)
  }

  #tzsp(bytes: Uint8Array, at: number): void {
    if (!this.#has(bytes, 4)) return
    let length = 4
    // Tags of type and length; 0 pads, 1 ends.
    while (at + length < bytes.length && length < 512) {
      const tag = bytes[at + length]!
      length += tag <= 1 ? 1 : 2 + (bytes[at + length + 1] ?? 0)
      if (tag === 1) {
        if (this.#has(bytes, length)) this.#to(kinds.ethernet)
        return
      }
    }
  }

  #llc(bytes: Uint8Array, at: number): void {
    if (!this.#has(bytes, 3)) return
    const sap = bytes[at]! & 0xfe
    if (sap === 0xaa && bytes[at + 2] === 3) {
      if (!this.#has(bytes, 8)) return
      const organisation = (u16At(bytes, at + 3) << 8) | bytes[at + 5]!
      // RFC 1042, and the bridge tunnel of IEEE 802.1H.
      if (organisation === 0 || organisation === 0xf8) this.#byEtherType(Math.max(0x600, u16At(bytes, at + 6)))
    } else if (bytes[at] === 6 && bytes[at + 1] === 6 && bytes[at + 2] === 3) this.#byEtherType(etherTypes.ipv4)
  }

  #ppp(bytes: Uint8Array, at: number): void {
    let length = 0
    if (u16At(bytes, at) === 0xff03) length = 2
    // Cisco's framing under the type of PPP (LINKTYPE_PPP_HDLC).
    else if (at === 0 && (bytes[0] === 0x0f || bytes[0] === 0x8f)) {
      if (this.#has(bytes, 4)) this.#byEtherType(u16At(bytes, 2))
      return
    }
    // One octet where its lowest bit is set: the compression of RFC 1661 section 6.5.
    const isShort = ((bytes[at + length] ?? 0) & 1) === 1
    if (!this.#has(bytes, length + (isShort ? 1 : 2))) return
    const protocol = isShort ? bytes[at + length]! : u16At(bytes, at + length)
    if (protocol === 0x21) this.#byEtherType(etherTypes.ipv4)
    else if (protocol === 0x57) this.#byEtherType(etherTypes.ipv6)
    else if (protocol === 0x281 || protocol === 0x283) this.#to(kinds.mpls)
  }

  #mpls(bytes: Uint8Array, at: number): void {
    if (!this.#has(bytes, 4)) return
    if ((bytes[at + 2]! & 1) === 0) return this.#to(kinds.mpls)
    // Behind the last label nothing says what comes: the first nibble does (RFC 4928), else it is an Ethernet pseudowire.
    const from = this.nextAt
    if (looksLikeIpv4(bytes, from)) return this.#byEtherType(etherTypes.ipv4)
    if (bytes[from]! >>> 4 === 6 && from + 40 <= bytes.length && !isEthernetAt(bytes, from))
      return this.#byEtherType(etherTypes.ipv6)
    if (bytes[from]! >>> 4 === 0 && isEthernetAt(bytes, from + 4)) return this.#to(kinds.pseudowire)
    if (isEthernetAt(bytes, from)) this.#to(kinds.ethernet)
  }

  #radiotap(bytes: Uint8Array, at: number): void {
    if (!this.#has(bytes, 8)) return
    const present = u16LittleAt(bytes, at + 4)
    let flagsAt = at + 8
    // Further words of presence; the last one has bit 31 clear.
    for (let word = at + 4; (bytes[word + 3] ?? 0) & 0x80 && word < at + 64; word += 4) flagsAt += 4
    if (present & 1) flagsAt = at + Math.ceil((flagsAt - at) / 8) * 8 + 8
    if (present & 2) this.#isPadded = ((bytes[flagsAt] ?? 0) & 0x20) !== 0
    if (bytes[at] === 0) this.#lengthThenWlan(bytes, u16LittleAt(bytes, at + 2))
  }

  #avs(bytes: Uint8Array, at: number): void {
    if (this.#has(bytes, 8)) this.#lengthThenWlan(bytes, smallU32At(bytes, at + 4))
  }

  #lengthThenWlan(bytes: Uint8Array, length: number): void {
    if (length >= 8 && this.#has(bytes, length)) this.#to(kinds.wlan)
  }

  /** IEEE 802.11-2020 section 9.2. */
  #wlan(bytes: Uint8Array, at: number): void {
    if (!this.#has(bytes, 10)) return
    let control = bytes[at]!
    let flags = bytes[at + 1]!
    // Some controllers swap the two octets in what they send by CAPWAP.
    if ((control & 0x0f) !== 8 && (flags & 0x0f) === 8) [control, flags] = [flags, control]
    if ((control & 0x0f) !== 8) return
    const isQos = (control & 0x80) !== 0
    let length = (flags & 3) === 3 ? 30 : 24
    const qosAt = at + length
    if (isQos) length += flags & 0x80 ? 6 : 2
    if (this.#isPadded) length = Math.ceil(length / 4) * 4
    // A frame without data, or a fragment.
    if (!this.#has(bytes, length) || control & 0x40 || flags & 4 || bytes[at + 22]! & 15) return
    if (flags & 0x40) {
      // Decrypted copies keep the mark, some the initialisation vector too.
      if (isSnapAt(bytes, at + length + 8)) this.#has(bytes, length + 8)
      else if (!isSnapAt(bytes, at + length)) {
        this.isEncrypted = true
        return
      }
    }
    this.etherType = 0
    this.#to(isQos && bytes[qosAt]! & 0x80 ? kinds.aMsdu : kinds.llc)
  }
}

const byType: ReadonlyMap<number, LayerKind> = new Map([
  [etherTypes.vlan, kinds.vlan],
  [etherTypes.serviceVlan, kinds.vlan],
  [etherTypes.qinq9100, kinds.vlan],
  [etherTypes.qinq9200, kinds.vlan],
  [etherTypes.qinq9300, kinds.vlan],
  [etherTypes.mpls, kinds.mpls],
  [etherTypes.mplsMulticast, kinds.mpls],
  [etherTypes.pppoeSession, kinds.pppoe],
  [etherTypes.ppp, kinds.ppp],
  [etherTypes.jumboLlc, kinds.llc],
  [etherTypes.transparentBridging, kinds.ethernet],
  [etherTypes.backbone, kinds.backbone],
  [etherTypes.nsh, kinds.nsh],
])

const isSnapAt = (bytes: Uint8Array, at: number): boolean => u16At(bytes, at) === 0xaaaa && bytes[at + 2] === 3

const isEthernetAt = (bytes: Uint8Array, at: number): boolean => {
  const type = u16At(bytes, at + 12)
  return type === etherTypes.ipv4 || type === etherTypes.arp || type === etherTypes.ipv6 || byType.has(type)
}

/** Length of a GRE header (RFC 2784, RFC 2890; version 1 is PPTP's, RFC 2637); 0 where it is none. */
function greLength(bytes: Uint8Array, at: number): number {
  const flags = u16At(bytes, at)
  const version = flags & 7
  // Routing is of RFC 1701, which nobody speaks any more.
  if (
    at + 4 > bytes.length ||
    flags & 0x4000 ||
    version > 1 ||
    (version === 1 && u16At(bytes, at + 2) !== etherTypes.ppp)
  )
    return 0
  const words = (flags & 0x8000 ? 1 : 0) + (flags & 0x2000 ? 1 : 0) + (flags & 0x1000 ? 1 : 0)
  return 4 + (words + (version === 1 && flags & 0x80 ? 1 : 0)) * 4
}
