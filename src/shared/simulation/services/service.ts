/** A service of a simulated host: what starts and stops, binds ports and writes a log. */
import { formatMac } from '../../wire/bytes.ts'
import { formatIp, isMulticast } from '../../wire/ip-address.ts'
import type {
  Incoming6,
  IncomingDatagram,
  Machine,
  Outgoing6,
  OutgoingDatagram,
  ServedInterface,
  ServedInterface6,
  Timeout,
} from '../../machines/machine.ts'
import type { RouterAdvertiser, RouterAdvertiserInput } from '../../machines/router-advertiser.ts'
import { Alarm } from '../clock.ts'
import type { Host, Nic } from '../host.ts'
import { macBytes, type Mac, type UdpPacket } from '../packet.ts'
import type { Random } from '../random.ts'
import type { VirtualFile } from '../files.ts'
import type { TcpStack } from '../tcp.ts'

export type Tone = 'plain' | 'good' | 'warning' | 'bad'

export interface ServiceContext {
  readonly host: Host
  /** Name in the scenario. */
  readonly name: string
  readonly random: Random
  readonly tcp: TcpStack
  /** The host's own files. */
  readonly files: ReadonlyMap<string, VirtualFile>
  readonly counters: Counters
  log(text: string, tone?: Tone): void
}

/** What is counted over a whole simulation. */
export interface Counters {
  /** Blocks that file servers sent again. */
  retransmissions: number
  /** DISCOVERs after the first of a machine. */
  repeatedDiscovers: number
}

export interface Service {
  start(): void
  stop(): void
}

export const servedInterfaces = (host: Host): ServedInterface[] =>
  host.nics.map((nic) => ({
    name: nic.name,
    address: nic.address,
    prefixLength: nic.prefixLength,
    mtu: nic.link.properties.mtu,
  }))

export const servedInterfaces6 = (host: Host): ServedInterface6[] =>
  host.nics.map((nic) => ({
    name: nic.name,
    mac: formatMac(macBytes(nic.mac)),
    linkLocal: nic.linkLocal,
    addresses: nic.addresses6,
    mtu: nic.link.properties.mtu,
  }))

/** Addresses of both families, as a certificate names them. */
export const addressesOf = (host: Host): string[] =>
  host.nics.flatMap((nic) => [
    ...(nic.address === 0 ? [] : [formatIp(nic.address)]),
    ...(nic.linkLocal === undefined ? [] : [nic.linkLocal]),
    ...nic.addresses6.map(({ address }) => address),
  ])

export const incoming = (packet: UdpPacket, nic: Nic): IncomingDatagram => ({
  kind: 'datagram',
  interface: nic.name,
  source: { address: packet.source as number, port: packet.sourcePort },
  destinationPort: packet.destinationPort,
  isUnicast: packet.destinationMac === nic.mac,
  payload: packet.payload,
})

const macNumber = (bytes: Uint8Array): Mac => bytes.reduce((sum, octet) => sum * 256 + octet, 0)

type Transmit<Event> = OutgoingDatagram & { readonly hardware?: Uint8Array; readonly event?: Event }

/** A sans-IO machine on a virtual host: datagrams in, datagrams out, its events into the log, its timer on the clock. */
export class MachineHost<Event> {
  readonly #context: ServiceContext
  readonly #machine: Machine<IncomingDatagram | Timeout, Transmit<Event>, Event>
  readonly #onEvent: (event: Event) => void
  readonly #change: (datagram: OutgoingDatagram) => OutgoingDatagram
  readonly #alarm: Alarm

  constructor(
    context: ServiceContext,
    machine: Machine<IncomingDatagram | Timeout, Transmit<Event>, Event>,
    onEvent: (event: Event) => void,
    change: (datagram: OutgoingDatagram) => OutgoingDatagram = (datagram) => datagram,
  ) {
    this.#context = context
    this.#machine = machine
    this.#onEvent = onEvent
    this.#change = change
    this.#alarm = new Alarm(context.host.clock, () => this.#feed({ kind: 'timeout' }))
  }

  readonly receive = (packet: UdpPacket, nic: Nic): void => {
    if (typeof packet.source === 'number') this.#feed(incoming(packet, nic))
  }

  #feed(input: IncomingDatagram | Timeout): void {
    const { host } = this.#context
    this.#machine.handle(input, host.clock.now)
    for (let event = this.#machine.pollEvent(); event !== undefined; event = this.#machine.pollEvent())
      this.#onEvent(event)
    for (let out = this.#machine.pollTransmit(); out; out = this.#machine.pollTransmit()) {
      const { hardware, event } = out
      if (event !== undefined) this.#onEvent(event)
      const datagram = this.#change(out)
      const nic = host.nics.find((one) => one.name === datagram.interface) ?? host.nics[0]!
      const options = hardware ? { hardware: macNumber(hardware) } : {}
      const send = (): void => {
        host.sendUdp(nic, datagram.sourcePort, datagram.destination, datagram.payload, datagram.payload.length, options)
      }
      if (datagram.delayMs === undefined) send()
      else host.clock.at(host.clock.now + datagram.delayMs, send)
    }
    this.#alarm.set(this.#machine.pollTimeout())
  }
}

/** The same for a machine that speaks IPv6. */
export class MachineHost6<Event> {
  readonly #context: ServiceContext
  readonly #machine: Machine<Incoming6 | Timeout, Outgoing6 & { readonly event?: Event | undefined }, Event>
  readonly #onEvent: (event: Event) => void
  readonly #alarm: Alarm

  constructor(
    context: ServiceContext,
    machine: Machine<Incoming6 | Timeout, Outgoing6 & { readonly event?: Event | undefined }, Event>,
    onEvent: (event: Event) => void,
  ) {
    this.#context = context
    this.#machine = machine
    this.#onEvent = onEvent
    this.#alarm = new Alarm(context.host.clock, () => this.#feed({ kind: 'timeout' }))
  }

  readonly receive = (packet: UdpPacket, nic: Nic): void => {
    const { source, destination } = packet
    if (typeof source !== 'string' || typeof destination !== 'string') return
    this.#feed({
      kind: 'datagram',
      interface: nic.name,
      source: { address: source, port: packet.sourcePort },
      destinationPort: packet.destinationPort,
      destinationAddress: destination,
      isMulticast: isMulticast(destination),
      payload: packet.payload,
    })
  }

  #feed(input: Incoming6 | Timeout): void {
    const { host } = this.#context
    this.#machine.handle(input, host.clock.now)
    for (let event = this.#machine.pollEvent(); event !== undefined; event = this.#machine.pollEvent())
      this.#onEvent(event)
    for (let out = this.#machine.pollTransmit(); out; out = this.#machine.pollTransmit()) {
      if (out.event !== undefined) this.#onEvent(out.event)
      const { interface: name, sourcePort, destination, payload, sourceAddress } = out
      const nic = host.nics.find((one) => one.name === name) ?? host.nics[0]!
      const options = sourceAddress === undefined ? {} : { source: sourceAddress }
      const send = (): void => host.sendUdp(nic, sourcePort, destination, payload, payload.length, options)
      if (out.delayMs === undefined) send()
      else host.clock.at(host.clock.now + out.delayMs, send)
    }
    this.#alarm.set(this.#machine.pollTimeout())
  }
}

/** A machine that advertises a router on a virtual host. */
export class RouterHost {
  readonly #context: ServiceContext
  readonly #machine: RouterAdvertiser
  readonly #alarm: Alarm

  constructor(context: ServiceContext, machine: RouterAdvertiser) {
    this.#context = context
    this.#machine = machine
    this.#alarm = new Alarm(context.host.clock, () => this.#feed({ kind: 'timeout' }))
  }

  start(): void {
    this.#context.host.onIcmp6.push(({ source, destination, payload }, nic) =>
      this.#feed({ kind: 'icmp6', interface: nic.name, source, destination, hopLimit: 255, payload }),
    )
    this.#feed({ kind: 'timeout' })
  }

  #feed(input: RouterAdvertiserInput): void {
    const { host, log } = this.#context
    this.#machine.handle(input, host.clock.now)
    for (let out = this.#machine.pollTransmit(); out; out = this.#machine.pollTransmit()) {
      const { interface: name, sourceAddress, destination, payload } = out
      const nic = host.nics.find((one) => one.name === name)
      if (nic) host.sendIcmp6(nic, sourceAddress, destination, payload)
    }
    for (let event = this.#machine.pollEvent(); event; event = this.#machine.pollEvent())
      if (event.type === 'other-router') log(`Another router advertises itself: ${event.address}`, 'warning')
    this.#alarm.set(this.#machine.pollTimeout())
  }
}
