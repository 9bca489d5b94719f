/**
 * A host: network interfaces, ARP and its IPv6 counterpart, routing, a firewall, and a table of ports in which each binds alone, as Windows does
 * without SO_REUSEADDR. Services are what binds them.
 */
import { formatIpv6, maskOf, parseIpv6 } from '../wire/bytes.ts'
import { icmp6Types } from '../wire/icmpv6.ts'
import { isInPrefix6, isLinkLocal, isMulticast, type IpAddress } from '../wire/ip-address.ts'
import { limitedBroadcast, type IpEndpoint, type OwnAddress6 } from '../machines/machine.ts'
import type { Clock } from './clock.ts'
import { Link, type LinkProperties, type Segment } from './network.ts'
import {
  broadcastMac,
  groupMac,
  isGroupMac,
  macBytes,
  udpFrame,
  type ArpPacket,
  type Icmp6Packet,
  type IcmpPacket,
  type IpPacket,
  type Mac,
  type Packet,
  type TcpPacket,
  type UdpPacket,
} from './packet.ts'
import type { Random } from './random.ts'

export interface FirewallRule {
  readonly direction: 'in' | 'out' | 'forward'
  readonly protocol: 'udp' | 'tcp'
  readonly firstPort: number
  readonly lastPort: number
  /** `reject` answers with an ICMP error or a reset. */
  readonly action: 'drop' | 'reject'
}

/** One network interface. */
export class Nic {
  readonly host: Host
  readonly link: Link
  readonly name: string
  readonly mac: Mac
  /** 0 while it has none. */
  address: number
  prefixLength: number
  /** Its IPv6 address of this wire alone; undefined while it has none. */
  linkLocal: string | undefined
  /** Its other IPv6 addresses. */
  addresses6: readonly OwnAddress6[] = []
  constructor(
    host: Host,
    name: string,
    segment: Segment,
    mac: Mac,
    address: number,
    prefixLength: number,
    link: LinkProperties,
    random: Random,
  ) {
    this.host = host
    this.name = name
    this.mac = mac
    this.address = address
    this.prefixLength = prefixLength
    this.link = new Link(host.name, segment, mac, link, random, (packet) => host.receive(this, packet), host.isClient)
  }

  get network(): { readonly address: number; readonly prefixLength: number } {
    return { address: (this.address & maskOf(this.prefixLength)) >>> 0, prefixLength: this.prefixLength }
  }

  /** Whether an IPv4 address is on its wire; nothing is while it has none itself. */
  reaches(address: number): boolean {
    return this.address !== 0 && ((address ^ this.address) & maskOf(this.prefixLength)) === 0
  }

  /** The IPv6 address that something to that destination comes from (RFC 6724, as far as it matters here). */
  sourceFor(destination: string): string | undefined {
    if (isLinkLocal(destination) || destination.startsWith('ff02:')) return this.linkLocal
    const near = this.addresses6.find((own) => isInPrefix6(destination, `${own.address}/${own.prefixLength}`))
    return (near ?? this.addresses6[0])?.address ?? this.linkLocal
  }

  get broadcast(): number {
    return (this.address | ~maskOf(this.prefixLength)) >>> 0
  }
}

export interface Binding {
  readonly service: string
  /** 0 binds every address. */
  readonly address: number
  readonly firstPort: number
  readonly lastPort: number
  readonly receive: ((packet: UdpPacket, nic: Nic) => void) | undefined
  /** False where it listens to IPv4 alone. */
  readonly over6?: boolean
}

interface Waiting {
  readonly nic: Nic
  readonly packets: IpPacket[]
  tries: number
}

/** How often and how long ARP asks, and neighbour discovery alike (RFC 4861 section 10), in milliseconds. */
const arpMs = [1000, 1000, 1000]

export interface HostOptions {
  readonly name: string
  readonly forwards: boolean
  /** Whether a closed port is told by ICMP; the firewall of Windows stays silent. */
  readonly tellsClosedPorts: boolean
  readonly firewall: readonly FirewallRule[]
  /** See `Link`. */
  readonly isClient?: boolean
}

/** What somebody wants to hear of a host. */
export interface HostListener {
  /** Takes every datagram for this host, bound or not: firmware has one receiver for all. */
  readonly onUdp?: (packet: UdpPacket) => void
  readonly onUnreachable?: (remote: IpEndpoint) => void
  /** Nobody has that address, or nothing leads there. */
  readonly onArpFailed?: (address: IpAddress) => void
  /** Whether the segment belongs to a connection. */
  readonly onTcp?: (packet: TcpPacket, nic: Nic) => boolean
  readonly onDropped?: (text: string, packet: IpPacket) => void
}

export class Host {
  readonly name: string
  readonly clock: Clock
  readonly isClient: boolean
  readonly nics: Nic[] = []
  /** Next hop for what is not on a wire of ours; 0 for none. */
  gateway = 0
  readonly #options: HostOptions
  readonly #bindings: Binding[] = []
  readonly #byPort = new Map<number, Binding[]>()
  readonly #arp = new Map<number, Mac>()
  readonly #waiting = new Map<number, Waiting>()
  /** Next hop for IPv6 addresses of no wire of ours. */
  gateway6: { readonly nic: Nic; readonly address: string } | undefined
  readonly #neighbours = new Map<string, Mac>()
  readonly #waiting6 = new Map<string, Waiting>()
  #listener: HostListener = {}
  /** What comes by ICMPv6 beside neighbour discovery: routers and those who look for them. */
  readonly onIcmp6: ((packet: Icmp6Packet, nic: Nic) => void)[] = []

  constructor(clock: Clock, options: HostOptions) {
    this.clock = clock
    this.name = options.name
    this.isClient = options.isClient ?? false
    this.#options = options
  }

  addNic(
    name: string,
    segment: Segment,
    mac: Mac,
    address: number,
    prefixLength: number,
    link: LinkProperties,
    random: Random,
  ): Nic {
    const nic = new Nic(this, name, segment, mac, address, prefixLength, link, random)
    this.nics.push(nic)
    return nic
  }

  /**
   * Adds what is to be told. The functions come as arguments: V8 puts a function that is written behind `object.property =`
   * into its old generation, and a whole simulation would stay with it until that is cleaned.
   */
  hear(listener: HostListener): void {
    this.#listener = { ...this.#listener, ...listener }
  }

  isOwn(address: IpAddress): boolean {
    for (const nic of this.nics)
      if (
        typeof address === 'number'
          ? nic.address === address && address !== 0
          : nic.linkLocal === address || nic.addresses6.some((own) => own.address === address)
      )
        return true
    return false
  }

  /** Who holds a port that overlaps; undefined where it is free. */
  holderOf(address: number, firstPort: number, lastPort = firstPort): Binding | undefined {
    return this.#bindings.find(
      (one) =>
        one.firstPort <= lastPort &&
        one.lastPort >= firstPort &&
        (one.address === 0 || address === 0 || one.address === address),
    )
  }

  /** Takes a port, or a range of them, for itself alone; returns who has it already. */
  bind(binding: Binding): Binding | undefined {
    const holder = this.holderOf(binding.address, binding.firstPort, binding.lastPort)
    if (holder) return holder
    this.#bindings.push(binding)
    if (binding.receive && binding.firstPort === binding.lastPort) {
      const list = this.#byPort.get(binding.firstPort)
      if (list) list.push(binding)
      else this.#byPort.set(binding.firstPort, [binding])
    }
    return undefined
  }

  unbind(service: string, port?: number): void {
    const isGone = (one: Binding): boolean => one.service === service && (port === undefined || one.firstPort === port)
    for (let index = this.#bindings.length - 1; index >= 0; index--)
      if (isGone(this.#bindings[index]!)) this.#bindings.splice(index, 1)
    if (port === undefined)
      for (const [key, list] of this.#byPort) {
        const left = list.filter((one) => !isGone(one))
        if (left.length === 0) this.#byPort.delete(key)
        else if (left.length < list.length) this.#byPort.set(key, left)
      }
    else {
      const left = (this.#byPort.get(port) ?? []).filter((one) => !isGone(one))
      if (left.length === 0) this.#byPort.delete(port)
      else this.#byPort.set(port, left)
    }
  }

  get bindings(): readonly Binding[] {
    return this.#bindings
  }

  /** The interface that an address is reached by, and the next hop there. */
  routeTo(address: number): { readonly nic: Nic; readonly nextHop: number } | undefined {
    let near: Nic | undefined
    // The longest prefix counts (RFC 1812 section 5.2.4.3).
    for (const nic of this.nics) if (nic.reaches(address) && (!near || nic.prefixLength > near.prefixLength)) near = nic
    if (near) return { nic: near, nextHop: address }
    if (this.gateway === 0) return undefined
    for (const nic of this.nics) if (nic.reaches(this.gateway)) return { nic, nextHop: this.gateway }
    return undefined
  }

  /** Sends a UDP datagram; broadcasts leave by `nic`. */
  sendUdp(
    nic: Nic,
    sourcePort: number,
    destination: IpEndpoint,
    payload: Uint8Array,
    length: number,
    options: { readonly hardware?: Mac; readonly source?: IpAddress } = {},
  ): void {
    const source =
      options.source ??
      (typeof destination.address === 'number' ? nic.address : (nic.sourceFor(destination.address) ?? '::'))
    const packet = {
      kind: 'udp' as const,
      sourceMac: nic.mac,
      destinationMac: broadcastMac,
      source,
      destination: destination.address,
      sourcePort,
      destinationPort: destination.port,
      payload,
      length,
    }
    if (this.#isFiltered('out', packet)) return
    if (typeof destination.address === 'string') return this.#send6(packet, nic)
    if (destination.address === limitedBroadcast || (nic.address !== 0 && destination.address === nic.broadcast))
      return nic.link.send(packet)
    if (options.hardware !== undefined) return nic.link.send({ ...packet, destinationMac: options.hardware })
    this.sendIp(packet)
  }

  /** Sends what has an address, over ARP and the next hop. */
  sendIp(packet: IpPacket): void {
    if (this.isOwn(packet.destination)) return
    if (typeof packet.destination === 'string')
      return this.#send6(packet, this.nics.find((nic) => nic.mac === packet.sourceMac) ?? this.nics[0]!)
    const route = this.routeTo(packet.destination)
    if (!route) {
      // Without a route the packet dies here, and the sender waits.
      this.#listener.onArpFailed?.(packet.destination)
      return
    }
    const { nic, nextHop } = route
    const known = this.#arp.get(nextHop)
    packet.sourceMac = nic.mac
    if (known !== undefined) {
      packet.destinationMac = known
      nic.link.send(packet)
      return
    }
    const waiting = this.#waiting.get(nextHop)
    if (waiting) {
      waiting.packets.push(packet)
      return
    }
    const fresh: Waiting = { nic, packets: [packet], tries: 0 }
    this.#waiting.set(nextHop, fresh)
    this.#askFor(nextHop, fresh)
  }

  /** The interface and next hop for an IPv6 address; groups and addresses of one wire leave by `nic`. */
  #routeTo6(address: string, nic: Nic): { readonly nic: Nic; readonly nextHop: string } | undefined {
    if (isLinkLocal(address) || isMulticast(address)) return { nic, nextHop: address }
    const near = [nic, ...this.nics].find((one) =>
      one.addresses6.some((own) => isInPrefix6(address, `${own.address}/${own.prefixLength}`)),
    )
    if (near) return { nic: near, nextHop: address }
    return this.gateway6 && { nic: this.gateway6.nic, nextHop: this.gateway6.address }
  }

  /** Sends a packet of IPv6, over neighbour discovery and the next hop. */
  #send6(packet: IpPacket, from: Nic): void {
    const destination = packet.destination as string
    const route = this.#routeTo6(destination, from)
    if (!route) {
      this.#listener.onArpFailed?.(destination)
      return
    }
    const { nic, nextHop } = route
    packet.sourceMac = nic.mac
    if (isMulticast(nextHop)) {
      packet.destinationMac = groupMac(nextHop)
      return nic.link.send(packet)
    }
    const key = `${nic.name} ${nextHop}`
    const known = this.#neighbours.get(key)
    if (known !== undefined) {
      packet.destinationMac = known
      return nic.link.send(packet)
    }
    const waiting = this.#waiting6.get(key)
    if (waiting) {
      waiting.packets.push(packet)
      return
    }
    const fresh: Waiting = { nic, packets: [packet], tries: 0 }
    this.#waiting6.set(key, fresh)
    this.#solicit(nextHop, key, fresh, packet.source as string)
  }

  /** Sends a message of ICMPv6 on a wire, to a group or a neighbour. */
  sendIcmp6(nic: Nic, source: string, destination: string, payload: Uint8Array): void {
    const packet: Icmp6Packet = {
      kind: 'icmp6',
      sourceMac: nic.mac,
      destinationMac: broadcastMac,
      source,
      destination,
      payload,
    }
    this.#send6(packet, nic)
  }

  #solicit(target: string, key: string, waiting: Waiting, source: string): void {
    const { nic } = waiting
    const group = solicitedNode(target)
    // A router asks with an address of its own on the wire, not with that of the packet it forwards.
    const own = this.isOwn(source) ? source : (nic.linkLocal ?? '::')
    this.sendIcmp6(nic, own, group, neighbourMessage(icmp6Types.neighbourSolicitation, 0, target, 1, nic.mac))
    const wait = arpMs[waiting.tries++]
    if (wait === undefined) return
    this.clock.at(this.clock.now + wait, () => {
      if (this.#waiting6.get(key) !== waiting) return
      if (waiting.tries < arpMs.length) return this.#solicit(target, key, waiting, source)
      this.#waiting6.delete(key)
      for (const packet of waiting.packets) this.#listener.onArpFailed?.(packet.destination)
    })
  }

  #receiveIcmp6(nic: Nic, packet: Icmp6Packet): void {
    const { payload } = packet
    const type = payload[0]
    if (type === icmp6Types.unreachable) {
      const { about } = packet
      if (about) this.#listener.onUnreachable?.({ address: about.destination, port: about.destinationPort })
      return
    }
    if (type !== icmp6Types.neighbourSolicitation && type !== icmp6Types.neighbourAdvertisement) {
      if (type === icmp6Types.routerAdvertisement) this.#learn(nic, packet.source, packet.sourceMac)
      for (const hear of this.onIcmp6) hear(packet, nic)
      return
    }
    const target = formatIpv6(payload, 8)
    if (type === icmp6Types.neighbourAdvertisement) return this.#learn(nic, target, packet.sourceMac)
    const isOurs = nic.linkLocal === target || nic.addresses6.some((own) => own.address === target)
    if (!isOurs) return
    // Without a source somebody wants the address for itself, and all have to hear that it is taken (RFC 4862 section 5.4.3).
    const isTaking = packet.source === '::'
    if (!isTaking) this.#learn(nic, packet.source, packet.sourceMac)
    const flags = (this.#options.forwards ? 0x80 : 0) | (isTaking ? 0 : 0x40) | 0x20
    const answer = neighbourMessage(icmp6Types.neighbourAdvertisement, flags, target, 2, nic.mac)
    this.sendIcmp6(nic, target, isTaking ? 'ff02::1' : packet.source, answer)
  }

  #learn(nic: Nic, address: string, hardware: Mac): void {
    const key = `${nic.name} ${address}`
    this.#neighbours.set(key, hardware)
    const waiting = this.#waiting6.get(key)
    if (!waiting) return
    this.#waiting6.delete(key)
    for (const one of waiting.packets) this.#send6(one, nic)
  }

  #askFor(address: number, waiting: Waiting): void {
    const { nic } = waiting
    nic.link.send({
      kind: 'arp',
      operation: 'request',
      sourceMac: nic.mac,
      destinationMac: broadcastMac,
      senderMac: nic.mac,
      sender: nic.address,
      targetMac: 0,
      target: address,
    })
    const wait = arpMs[waiting.tries++]
    if (wait === undefined) return
    this.clock.at(this.clock.now + wait, () => {
      if (this.#waiting.get(address) !== waiting) return
      if (waiting.tries < arpMs.length) return this.#askFor(address, waiting)
      this.#waiting.delete(address)
      for (const packet of waiting.packets) this.#listener.onArpFailed?.(packet.destination)
    })
  }

  /** What was learned of addresses is forgotten with the address itself. */
  forgetNeighbours(): void {
    this.#arp.clear()
    this.#waiting.clear()
  }

  forgetNeighbours6(): void {
    this.#neighbours.clear()
    this.#waiting6.clear()
  }

  receive(nic: Nic, packet: Packet): void {
    if (packet.destinationMac !== nic.mac && !isGroupMac(packet.destinationMac)) return
    if (packet.kind === 'arp') return this.#receiveArp(nic, packet)
    if (typeof packet.destination === 'string') {
      if (!isMulticast(packet.destination) && !this.isOwn(packet.destination)) {
        const isOfWire = isLinkLocal(packet.destination) || packet.kind === 'icmp6'
        if (this.#options.forwards && packet.destinationMac === nic.mac && !isOfWire) this.#forward(packet)
        return
      }
      return this.#take(nic, packet)
    }
    const isForUs =
      packet.destination === limitedBroadcast ||
      nic.address === 0 ||
      this.isOwn(packet.destination) ||
      packet.destination === nic.broadcast ||
      packet.destination >>> 28 === 14
    if (!isForUs) {
      if (this.#options.forwards && packet.destinationMac === nic.mac) this.#forward(packet)
      return
    }
    this.#take(nic, packet)
  }

  #take(nic: Nic, packet: IpPacket): void {
    switch (packet.kind) {
      case 'udp':
        return this.#receiveUdp(nic, packet)
      case 'icmp6':
        return this.#receiveIcmp6(nic, packet)
      case 'icmp':
        if (packet.type === 3)
          this.#listener.onUnreachable?.({ address: packet.about.destination, port: packet.about.destinationPort })
        return
      case 'tcp':
        if (this.#isFiltered('in', packet)) return
        if (this.#listener.onTcp?.(packet, nic)) return
        if (this.#options.tellsClosedPorts && (packet.flags & 4) === 0) this.#reset(nic, packet)
    }
  }

  #receiveArp(nic: Nic, packet: ArpPacket): void {
    const isAboutUs = nic.address !== 0 && packet.target === nic.address
    if (packet.sender !== 0 && (isAboutUs || this.#arp.has(packet.sender) || packet.operation === 'reply'))
      this.#arp.set(packet.sender, packet.senderMac)
    if (packet.operation === 'request') {
      if (!isAboutUs) return
      nic.link.send({
        kind: 'arp',
        operation: 'reply',
        sourceMac: nic.mac,
        destinationMac: packet.senderMac,
        senderMac: nic.mac,
        sender: nic.address,
        targetMac: packet.senderMac,
        target: packet.sender,
      })
      return
    }
    const waiting = this.#waiting.get(packet.sender)
    if (!waiting) return
    this.#waiting.delete(packet.sender)
    for (const one of waiting.packets) this.sendIp(one)
  }

  #receiveUdp(nic: Nic, packet: UdpPacket): void {
    if (this.#listener.onUdp) return this.#listener.onUdp(packet)
    if (this.#isFiltered('in', packet)) return
    const list = this.#byPort.get(packet.destinationPort)
    const is6 = typeof packet.destination === 'string'
    const binding = list?.find((one) => (is6 ? one.over6 !== false : one.address === 0 || one.address === nic.address))
    if (binding) return binding.receive!(packet, nic)
    if (packet.destination !== limitedBroadcast && this.isOwn(packet.destination) && this.#options.tellsClosedPorts)
      this.#sayUnreachable(nic, packet)
  }

  #sayUnreachable(nic: Nic, about: UdpPacket): void {
    if (typeof about.source === 'string') {
      // Destination unreachable, port unreachable, and as much of the packet as fits (RFC 4443 section 3.1).
      const quoted = udpFrame(about).subarray(14, 14 + mostQuoted)
      const payload = new Uint8Array(8 + quoted.length)
      payload.set([icmp6Types.unreachable, 4])
      payload.set(quoted, 8)
      const icmp6: Icmp6Packet = {
        kind: 'icmp6',
        sourceMac: nic.mac,
        destinationMac: broadcastMac,
        source: about.destination as string,
        destination: about.source,
        payload,
        about,
      }
      return this.sendIp(icmp6)
    }
    const icmp: IcmpPacket = {
      kind: 'icmp',
      sourceMac: nic.mac,
      destinationMac: broadcastMac,
      source: about.destination as number,
      destination: about.source,
      // Destination unreachable, port unreachable (RFC 792).
      type: 3,
      code: 3,
      about,
    }
    this.sendIp(icmp)
  }

  #reset(nic: Nic, packet: TcpPacket): void {
    this.sendIp({
      kind: 'tcp',
      sourceMac: nic.mac,
      destinationMac: broadcastMac,
      source: packet.destination,
      destination: packet.source,
      sourcePort: packet.destinationPort,
      destinationPort: packet.sourcePort,
      sequence: packet.acknowledgement,
      acknowledgement: packet.sequence + 1,
      flags: 0x14,
      payload: nothing,
      length: 0,
    })
  }

  #forward(packet: IpPacket): void {
    if (this.#isFiltered('forward', packet)) return
    // Each hop has headers of its own; what was recorded of the last hop must stay as it was.
    this.sendIp({ ...packet })
  }

  #isFiltered(direction: FirewallRule['direction'], packet: IpPacket): boolean {
    if (this.#options.firewall.length === 0 || packet.kind === 'icmp' || packet.kind === 'icmp6') return false
    const rule = this.#options.firewall.find(
      (one) =>
        one.direction === direction &&
        one.protocol === packet.kind &&
        packet.destinationPort >= one.firstPort &&
        packet.destinationPort <= one.lastPort,
    )
    if (!rule) return false
    this.#listener.onDropped?.(
      `the firewall drops ${packet.kind.toUpperCase()} port ${packet.destinationPort} (${direction})`,
      packet,
    )
    if (rule.action === 'reject') {
      const nic = this.nics[0]!
      if (packet.kind === 'udp') this.#sayUnreachable(nic, packet)
      else this.#reset(nic, packet)
    }
    return true
  }
}

const nothing = new Uint8Array(0)

/** What an error of ICMPv6 quotes where the packet has as much: 1280 octets less the headers. */
const mostQuoted = 1280 - 48

/** The group that whoever has an address listens to (RFC 4291 section 2.7.1). */
export function solicitedNode(address: string): string {
  const bytes = new Uint8Array(16)
  bytes.set([0xff, 2])
  bytes.set([1, 0xff], 11)
  bytes.set(parseIpv6(address)!.subarray(13), 13)
  return formatIpv6(bytes)
}

/** A solicitation or advertisement of neighbour discovery with one link-layer address (RFC 4861 sections 4.3 and 4.4). */
function neighbourMessage(type: number, flags: number, target: string, option: 1 | 2, hardware: Mac): Uint8Array {
  const message = new Uint8Array(32)
  message[0] = type
  message[4] = flags
  message.set(parseIpv6(target)!, 8)
  message.set([option, 1], 24)
  message.set(macBytes(hardware), 26)
  return message
}

/** The address of one wire that a hardware address becomes (RFC 4291 appendix A). */
export function linkLocalOf(hardware: Uint8Array): string {
  const [a, b, c, d, e, f] = hardware as unknown as [number, number, number, number, number, number]
  return formatIpv6(Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f))
}
