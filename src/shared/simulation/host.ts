/**
 * A host: network interfaces, ARP, routing, a firewall, and a table of ports in which each binds alone, as Windows does
 * without SO_REUSEADDR. Services are what binds them.
 */
import { isInNetwork, maskOf } from '../wire/bytes.ts'
import { limitedBroadcast, type Endpoint } from '../machines/machine.ts'
import type { Clock } from './clock.ts'
import { Link, type LinkProperties, type Segment } from './network.ts'
import {
  broadcastMac,
  type ArpPacket,
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
}

interface Waiting {
  readonly nic: Nic
  readonly packets: IpPacket[]
  tries: number
}

/** How often and how long ARP asks, in milliseconds. */
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
  /** Takes every datagram for this host, bound or not: firmware has one receiver for all. */
  onUdp: ((packet: UdpPacket) => void) | undefined
  onUnreachable: ((remote: Endpoint) => void) | undefined
  onArpFailed: ((address: number) => void) | undefined
  onTcp: ((packet: TcpPacket, nic: Nic) => boolean) | undefined
  onDropped: ((text: string, packet: IpPacket) => void) | undefined

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

  get isOwn(): (address: number) => boolean {
    return (address) => this.nics.some((nic) => nic.address === address && address !== 0)
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
    for (const nic of this.nics)
      if (nic.address !== 0 && isInNetwork(address, nic.network) && (!near || nic.prefixLength > near.prefixLength)) near = nic // prettier-ignore
    if (near) return { nic: near, nextHop: address }
    if (this.gateway === 0) return undefined
    for (const nic of this.nics)
      if (nic.address !== 0 && isInNetwork(this.gateway, nic.network)) return { nic, nextHop: this.gateway }
    return undefined
  }

  /** Sends a UDP datagram; broadcasts leave by `nic`. */
  sendUdp(
    nic: Nic,
    sourcePort: number,
    destination: Endpoint,
    payload: Uint8Array,
    length: number,
    options: { readonly hardware?: Mac; readonly source?: number } = {},
  ): void {
    const source = options.source ?? nic.address
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
    if (destination.address === limitedBroadcast || (nic.address !== 0 && destination.address === nic.broadcast))
      return nic.link.send(packet)
    if (options.hardware !== undefined) return nic.link.send({ ...packet, destinationMac: options.hardware })
    this.sendIp(packet)
  }

  /** Sends what has an address, over ARP and the next hop. */
  sendIp(packet: IpPacket): void {
    if (this.isOwn(packet.destination)) return
    const route = this.routeTo(packet.destination)
    if (!route) {
      // Without a route the packet dies here, and the sender waits.
      this.onArpFailed?.(packet.destination)
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
      for (const packet of waiting.packets) this.onArpFailed?.(packet.destination)
    })
  }

  /** What was learned of addresses is forgotten with the address itself. */
  forgetNeighbours(): void {
    this.#arp.clear()
    this.#waiting.clear()
  }

  receive(nic: Nic, packet: Packet): void {
    if (packet.destinationMac !== nic.mac && packet.destinationMac !== broadcastMac) return
    if (packet.kind === 'arp') return this.#receiveArp(nic, packet)
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
    switch (packet.kind) {
      case 'udp':
        return this.#receiveUdp(nic, packet)
      case 'icmp':
        if (packet.type === 3)
          this.onUnreachable?.({ address: packet.about.destination, port: packet.about.destinationPort })
        return
      case 'tcp':
        if (this.#isFiltered('in', packet)) return
        if (this.onTcp?.(packet, nic)) return
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
    if (this.onUdp) return this.onUdp(packet)
    if (this.#isFiltered('in', packet)) return
    const list = this.#byPort.get(packet.destinationPort)
    const binding = list?.find((one) => one.address === 0 || one.address === nic.address)
    if (binding) return binding.receive!(packet, nic)
    if (packet.destination !== limitedBroadcast && this.isOwn(packet.destination) && this.#options.tellsClosedPorts)
      this.#sayUnreachable(nic, packet)
  }

  #sayUnreachable(nic: Nic, about: UdpPacket): void {
    const icmp: IcmpPacket = {
      kind: 'icmp',
      sourceMac: nic.mac,
      destinationMac: broadcastMac,
      source: about.destination,
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
    if (this.#options.firewall.length === 0 || packet.kind === 'icmp') return false
    const rule = this.#options.firewall.find(
      (one) =>
        one.direction === direction &&
        one.protocol === packet.kind &&
        packet.destinationPort >= one.firstPort &&
        packet.destinationPort <= one.lastPort,
    )
    if (!rule) return false
    this.onDropped?.(
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
