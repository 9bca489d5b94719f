/**
 * The wires: segments with the hosts' links on them. A frame waits for its link, takes the time its length and the
 * latency cost, and may be lost, doubled or overtaken; a link that has come up forwards nothing until spanning tree lets
 * it. Everything random is drawn from the link's own seeded source.
 */
import { formatIpv6, macKeyAt } from '../wire/bytes.ts'
import { icmp6Types } from '../wire/icmpv6.ts'
import type { IpAddress } from '../wire/ip-address.ts'
import type { Clock } from './clock.ts'
import { groupMac, ipLengthOf, isGroupMac, type Mac, type Packet } from './packet.ts'
import type { Random } from './random.ts'

export interface LinkProperties {
  readonly latencyMs: number
  /** Megabits a second. */
  readonly bandwidthMbit: number
  /** Shares of frames, 0 to 1. */
  readonly loss: number
  readonly duplication: number
  readonly reordering: number
  /** Bytes of an IP packet that pass. */
  readonly mtu: number
  /** How long the switch port blocks after the link came up (IEEE 802.1D: listening and learning). */
  readonly spanningTreeMs: number
}

export const plainLink: LinkProperties = {
  latencyMs: 0.05,
  bandwidthMbit: 1000,
  loss: 0,
  duplication: 0,
  reordering: 0,
  mtu: 1500,
  spanningTreeMs: 0,
}

const allNodesMac = groupMac('ff02::1')

/** Bytes that wait at a link before it drops more. */
const queueBytes = 4_000_000
/** How much later a frame comes that others overtake, in milliseconds. */
const overtakenMs = 2

export type Fate = 'delivered' | 'lost' | 'too-big' | 'blocked' | 'queue-full' | 'snooped' | 'nobody'

export interface Transmission {
  readonly segment: Segment
  readonly packet: Packet
  readonly from: Link
  /** Milliseconds. */
  readonly sentAt: number
  /** Where it arrives, in the order of the links. */
  readonly to: { readonly link: Link; readonly at: number }[]
  readonly fate: Fate
}

export class Link {
  readonly name: string
  readonly properties: LinkProperties
  readonly segment: Segment
  readonly mac: Mac
  readonly receive: (packet: Packet) => void
  readonly random: Random
  /** Whether it belongs to a machine that boots: of broadcasts it heeds only those about itself. */
  readonly isClient: boolean
  /** When the link came up; infinite while it is down. */
  upAt = 0
  /** The most that ever waited at this link, in bytes. */
  queuePeak = 0
  #busyOut = 0
  #busyIn = 0

  constructor(
    name: string,
    segment: Segment,
    mac: Mac,
    properties: LinkProperties,
    random: Random,
    receive: (packet: Packet) => void,
    isClient: boolean,
  ) {
    this.isClient = isClient
    this.name = name
    this.segment = segment
    this.mac = mac
    this.properties = properties
    this.random = random
    this.receive = receive
    segment.attach(this)
  }

  forwardsAt(time: number): boolean {
    return time >= this.upAt + this.properties.spanningTreeMs
  }

  /** Whether a frame of that many bytes finds its way at all, by the dice of this link. */
  isLucky(): boolean {
    return this.properties.loss === 0 || this.random() >= this.properties.loss
  }

  /** When a frame that is handed to this direction now has passed it; undefined where the queue is full. */
  pass(direction: 'in' | 'out', from: number, bytes: number): number | undefined {
    const { bandwidthMbit, latencyMs } = this.properties
    const perMs = bandwidthMbit * 125
    const busy = direction === 'out' ? this.#busyOut : this.#busyIn
    const begins = busy > from ? busy : from
    const waiting = (begins - from) * perMs
    if (waiting > this.queuePeak) this.queuePeak = waiting
    if (waiting > queueBytes) return undefined
    const ends = begins + (bytes + 24) / perMs
    if (direction === 'out') this.#busyOut = ends
    else this.#busyIn = ends
    return ends + latencyMs
  }

  send(packet: Packet): void {
    this.segment.carry(this, packet)
  }
}

export class Segment {
  readonly name: string
  /** Number in the capture. */
  readonly index: number
  readonly vlan: number | undefined
  /** Hosts whose DHCP answers the switch lets through; undefined lets everybody's. */
  readonly #trusted: ReadonlySet<string> | undefined
  readonly #clock: Clock
  readonly #onTransmission: ((transmission: Transmission) => void) | undefined
  readonly links: Link[] = []
  /** Frames that a full link dropped. */
  dropped = 0
  readonly #byMac = new Map<Mac, Link>()
  readonly #hosts: Link[] = []
  /** Machines that boot, by the address they have. */
  readonly #byAddress = new Map<IpAddress, Link[]>()
  /** Machines that boot and have an IPv6 address, which listen to what goes to all. */
  readonly #over6 = new Set<Link>()

  constructor(
    name: string,
    index: number,
    clock: Clock,
    vlan: number | undefined,
    trusted: ReadonlySet<string> | undefined,
    onTransmission: ((transmission: Transmission) => void) | undefined,
  ) {
    this.name = name
    this.index = index
    this.vlan = vlan
    this.#clock = clock
    this.#trusted = trusted
    this.#onTransmission = onTransmission
  }

  attach(link: Link): void {
    this.links.push(link)
    if (!link.isClient) this.#hosts.push(link)
    this.#byMac.set(link.mac, link)
  }

  /** A machine that boots takes an address, or gives it up. */
  claim(address: IpAddress, link: Link): void {
    if (typeof address === 'string') this.#over6.add(link)
    const owners = this.#byAddress.get(address)
    if (owners) owners.push(link)
    else this.#byAddress.set(address, [link])
  }

  release(address: IpAddress, link: Link): void {
    if (typeof address === 'string') this.#over6.delete(link)
    const left = (this.#byAddress.get(address) ?? []).filter((one) => one !== link)
    if (left.length === 0) this.#byAddress.delete(address)
    else this.#byAddress.set(address, left)
  }

  /**
   * Those who do something with a broadcast: every server, and of the machines that boot the ones it is about. Ten thousand
   * machines on one wire would otherwise each be woken for the DISCOVER of every other.
   */
  #heeding(from: Link, packet: Packet): Link[] {
    const links = this.#hosts.filter((link) => link !== from)
    if (packet.kind === 'arp') {
      for (const link of this.#byAddress.get(packet.target) ?? []) if (link !== from) links.push(link)
    } else if (packet.kind === 'udp' && packet.destinationPort === 68 && packet.payload.length >= 34) {
      const client = this.#byMac.get(macKeyAt(packet.payload, 28))
      if (client?.isClient && client !== from) links.push(client)
    } else if (packet.kind === 'icmp6') {
      const type = packet.payload[0]
      const isNeighbour = type === icmp6Types.neighbourSolicitation
      const about = isNeighbour ? this.#byAddress.get(formatIpv6(packet.payload, 8)) : undefined
      const all = packet.destinationMac === allNodesMac ? this.#over6 : undefined
      for (const link of all ?? about ?? []) if (link !== from) links.push(link)
    }
    return links
  }

  carry(from: Link, packet: Packet): void {
    const now = this.#clock.now
    const length = ipLengthOf(packet)
    if (length > from.properties.mtu) return this.#tell(packet, from, now, 'too-big')
    if (!from.forwardsAt(now)) return this.#tell(packet, from, now, 'blocked')
    const isDhcpAnswer = packet.kind === 'udp' && packet.sourcePort === 67
    if (isDhcpAnswer && this.#trusted && !this.#trusted.has(from.name)) return this.#tell(packet, from, now, 'snooped')
    const atSwitch = from.pass('out', now, length + 18)
    if (atSwitch === undefined) {
      this.dropped++
      return this.#tell(packet, from, now, 'queue-full')
    }
    if (!from.isLucky()) return this.#tell(packet, from, now, 'lost')
    if (isGroupMac(packet.destinationMac)) return this.#carryToAll(from, packet, now, atSwitch, length)
    const link = this.#byMac.get(packet.destinationMac)
    if (link === undefined || link === from) return this.#tell(packet, from, now, 'nobody')
    // Nearly every frame comes this way: nothing is made of it that nobody asks for.
    const arrived = this.#deliver(link, packet, atSwitch, length)
    if (!this.#onTransmission) return
    if (typeof arrived === 'number') this.#tell(packet, from, now, 'delivered', [{ link, at: arrived }])
    else this.#tell(packet, from, now, arrived)
  }

  #carryToAll(from: Link, packet: Packet, now: number, atSwitch: number, length: number): void {
    const targets = this.#heeding(from, packet)
    const to: { link: Link; at: number }[] = []
    let fate: Fate = targets.length === 0 ? 'nobody' : 'lost'
    for (const link of targets) {
      const arrived = this.#deliver(link, packet, atSwitch, length)
      if (typeof arrived === 'number') to.push({ link, at: arrived })
      else if (arrived === 'queue-full' || (arrived !== 'lost' && to.length === 0)) fate = arrived
    }
    if (!this.#onTransmission) return
    // The others see it as well, and do nothing.
    for (const link of this.links)
      if (link.isClient && link !== from && !targets.includes(link) && link.forwardsAt(atSwitch))
        to.push({ link, at: atSwitch + link.properties.latencyMs })
    this.#tell(packet, from, now, to.length > 0 ? 'delivered' : fate, to)
  }

  /** When a frame arrives that the switch sends on to a link, or what becomes of it instead. */
  #deliver(link: Link, packet: Packet, atSwitch: number, length: number): number | Fate {
    if (length > link.properties.mtu) return 'too-big'
    if (!link.forwardsAt(atSwitch)) return 'blocked'
    if (!link.isLucky()) return 'lost'
    let arrives = link.pass('in', atSwitch, length + 18)
    if (arrives === undefined) {
      this.dropped++
      return 'queue-full'
    }
    const { duplication, reordering } = link.properties
    if (reordering > 0 && link.random() < reordering) arrives += overtakenMs
    const receive = (): void => link.receive(packet)
    this.#clock.at(arrives, receive)
    if (duplication > 0 && link.random() < duplication) this.#clock.at(arrives + 0.01, receive)
    return arrives
  }

  #tell(packet: Packet, from: Link, sentAt: number, fate: Fate, to: Transmission['to'] = []): void {
    this.#onTransmission?.({ segment: this, packet, from, sentAt, to, fate })
  }
}
