/** A booting machine on the virtual network: its network card, and the firmware script that drives it. */
import { isInNetwork } from '../wire/bytes.ts'
import {
  PxeClient,
  type Addresses6,
  type ClientEvent,
  type ClientInput,
  type ClientOptions,
  type ClientResult,
  type ClientStage,
} from '../machines/pxe-client/client.ts'
import { runProgram } from '../machines/pxe-client/programs/run.ts'
import { Alarm, type Clock } from './clock.ts'
import { Host, type Nic } from './host.ts'
import type { LinkProperties, Segment } from './network.ts'
import type { Mac } from './packet.ts'
import type { Random } from './random.ts'
import { TcpStack, type Connection } from './tcp.ts'

export interface ClientNodeOptions extends Omit<ClientOptions, 'random' | 'run'> {
  readonly name: string
  readonly segment: Segment
  readonly mac: Mac
  readonly link: LinkProperties
  readonly random: Random
  readonly onEvent: (event: ClientEvent) => void
}

const bitsOf = (mask: number): number => {
  let bits = 0
  for (let rest = mask >>> 0; rest & 0x8000_0000; rest = (rest << 1) >>> 0) bits++
  return bits
}

export class ClientNode {
  readonly name: string
  readonly host: Host
  readonly client: PxeClient
  readonly #clock: Clock
  readonly #nic: Nic
  readonly #tcp: TcpStack
  readonly #alarm: Alarm
  readonly #onEvent: (event: ClientEvent) => void
  readonly #connections = new Map<number, Connection>()
  stage: ClientStage | undefined
  /** When it ended, in milliseconds. */
  endedAt: number | undefined
  result: ClientResult | undefined

  constructor(clock: Clock, options: ClientNodeOptions) {
    this.#clock = clock
    this.name = options.name
    this.#onEvent = options.onEvent
    this.host = new Host(clock, {
      name: options.name,
      forwards: false,
      tellsClosedPorts: false,
      firewall: [],
      isClient: true,
    })
    this.#nic = this.host.addNic('net0', options.segment, options.mac, 0, 24, options.link, options.random)
    this.#nic.link.upAt = options.startAt
    this.#tcp = new TcpStack(this.host, options.random)
    this.client = new PxeClient({ ...options, run: runProgram })
    this.#alarm = new Alarm(clock, () => this.#feed({ kind: 'timeout' }))
    this.host.hear({
      onUdp: (packet) =>
        this.#feed({
          kind: 'datagram',
          source: { address: packet.source, port: packet.sourcePort },
          destinationPort: packet.destinationPort,
          payload: packet.payload,
          length: packet.length,
        }),
      onUnreachable: (remote) => this.#feed({ kind: 'unreachable', remote }),
      onArpFailed: (address) => this.#feed({ kind: 'arp-failed', address }),
    })
    this.host.onIcmp6.push(({ source, payload }) => this.#feed({ kind: 'icmp6', source, payload }))
    this.#alarm.set(this.client.pollTimeout())
  }

  /** Whether the address it was given is somebody else's as well. */
  get address(): number {
    return this.#nic.address
  }

  /** Its IPv6 address; empty while it has none that others reach it by. */
  get address6(): string {
    return this.#nic.addresses6[0]?.address ?? ''
  }

  #configure6(addresses: Addresses6 | undefined): void {
    const nic = this.#nic
    const { segment } = nic.link
    const had = [...(nic.linkLocal === undefined ? [] : [nic.linkLocal]), ...nic.addresses6.map((own) => own.address)]
    for (const address of had) segment.release(address, nic.link)
    nic.linkLocal = addresses?.linkLocal
    nic.addresses6 = addresses?.others ?? []
    this.host.gateway6 = addresses?.router === undefined ? undefined : { nic, address: addresses.router }
    if (!addresses) return this.host.forgetNeighbours6()
    for (const address of [addresses.linkLocal, ...nic.addresses6.map((own) => own.address)])
      segment.claim(address, nic.link)
  }

  #feed(input: ClientInput): void {
    this.client.handle(input, this.#clock.now)
    for (let out = this.client.pollTransmit(); out; out = this.client.pollTransmit())
      switch (out.kind) {
        case 'udp':
          this.host.sendUdp(this.#nic, out.sourcePort, out.destination, out.payload, out.length)
          break
        case 'configure': {
          const { lease } = out
          this.host.forgetNeighbours()
          const { segment } = this.#nic.link
          if (this.#nic.address !== 0) segment.release(this.#nic.address, this.#nic.link)
          this.#nic.address = lease?.address ?? 0
          if (this.#nic.address !== 0) segment.claim(this.#nic.address, this.#nic.link)
          this.#nic.prefixLength = bitsOf(lease?.mask ?? 0xffffff00)
          this.host.gateway = lease && isInNetwork(lease.router, this.#nic.network) ? lease.router : 0
          break
        }
        case 'configure6':
          this.#configure6(out.addresses)
          break
        case 'icmp6':
          this.host.sendIcmp6(this.#nic, out.source, out.destination, out.payload)
          break
        case 'tcp-open': {
          const { connection, port, destination } = out
          const tell = (event: 'connected' | 'refused' | 'closed' | 'failed'): void =>
            this.#feed({ kind: 'tcp', connection, event })
          this.#connections.set(
            connection,
            this.#tcp.connect(this.#nic, port, destination, {
              onConnected: () => tell('connected'),
              onData: (payload, length) => this.#feed({ kind: 'tcp-data', connection, payload, length }),
              onClosed: (why) => tell(why === 'refused' ? 'refused' : why === 'silent' ? 'failed' : 'closed'),
            }),
          )
          break
        }
        case 'tcp-send':
          this.#connections.get(out.connection)?.send(out.payload, out.payload.length)
          break
        case 'tcp-abort':
          this.#connections.get(out.connection)?.abort()
          this.#connections.delete(out.connection)
          break
      }
    for (let event = this.client.pollEvent(); event; event = this.client.pollEvent()) {
      if (event.type === 'stage') this.stage = event.stage
      if (event.type === 'finished') {
        this.result = event.result
        this.endedAt = this.#clock.now
      }
      this.#onEvent(event)
    }
    this.#alarm.set(this.client.pollTimeout())
  }
}
