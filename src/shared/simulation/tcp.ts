/**
 * As much of TCP as HTTP boot needs (RFC 9293): three-way handshake, data in order with one retransmission timer, resets.
 * One congestion window for all; neither urgent data nor options.
 */
import { formatHost, type IpAddress } from '../wire/ip-address.ts'
import type { IpEndpoint } from '../machines/machine.ts'
import { Alarm } from './clock.ts'
import type { Host, Nic } from './host.ts'
import { broadcastMac, type TcpPacket } from './packet.ts'
import type { Random } from './random.ts'

const flags = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const
const segmentBytes = 1460
/** What fits into the least MTU of IPv6, and what EDK2 asks for. */
const segmentBytes6 = 1220
const windowSegments = 10
const retryMs = [1000, 2000, 4000, 8000]
const nothing = new Uint8Array(0)

export interface ConnectionListener {
  onConnected(): void
  /** `length` bytes came in order, of which `payload` was carried. */
  onData(payload: Uint8Array, length: number): void
  onClosed(why: 'reset' | 'refused' | 'silent'): void
}

export class Connection {
  readonly #stack: TcpStack
  readonly #nic: Nic
  readonly localPort: number
  readonly remote: IpEndpoint
  /** Our address in it. */
  readonly #local: IpAddress
  readonly #segmentBytes: number
  readonly #listener: ConnectionListener
  readonly #alarm: Alarm
  #state: 'opening' | 'accepting' | 'open' | 'closed'
  /** Next octet to send, the first unacknowledged one, and the next expected from the other side. */
  #next: number
  #unacknowledged: number
  #expected = 0
  /** What is to be sent: carried bytes first, then bytes that are only counted. */
  #carried: Uint8Array = nothing
  #total = 0
  readonly #first: number
  #tries = 0

  constructor(
    stack: TcpStack,
    nic: Nic,
    local: IpAddress,
    localPort: number,
    remote: IpEndpoint,
    listener: ConnectionListener,
    first: number,
    opening: boolean,
  ) {
    this.#stack = stack
    this.#nic = nic
    this.#local = local
    this.#segmentBytes = typeof local === 'string' ? segmentBytes6 : segmentBytes
    this.localPort = localPort
    this.remote = remote
    this.#listener = listener
    this.#first = first
    this.#next = first
    this.#unacknowledged = first
    this.#state = opening ? 'opening' : 'accepting'
    this.#alarm = new Alarm(nic.host.clock, () => this.#silence())
  }

  open(): void {
    this.#transmit(flags.syn, 0, nothing, 0)
    this.#alarm.set(this.#nic.host.clock.now + retryMs[0]!)
  }

  accept(syn: TcpPacket): void {
    this.#expected = syn.sequence + 1
    this.#transmit(flags.syn | flags.ack, 0, nothing, 0)
  }

  /** Sends bytes; `length` counts more than are carried. */
  send(payload: Uint8Array, length: number): void {
    const joined = new Uint8Array(this.#carried.length + payload.length)
    joined.set(this.#carried)
    joined.set(payload, this.#carried.length)
    this.#carried = joined
    this.#total += length
    this.#push()
  }

  abort(): void {
    if (this.#state === 'closed') return
    this.#transmit(flags.rst | flags.ack, this.#next - this.#first, nothing, 0)
    this.#end()
  }

  receive(packet: TcpPacket): void {
    if (this.#state === 'closed') return
    if (packet.flags & flags.rst) {
      const why = this.#state === 'opening' ? 'refused' : 'reset'
      this.#end()
      this.#listener.onClosed(why)
      return
    }
    if (this.#state === 'opening') {
      if ((packet.flags & flags.syn) === 0) return
      this.#expected = packet.sequence + 1
      this.#established()
      this.#transmit(flags.ack, 1, nothing, 0)
      this.#listener.onConnected()
      return
    }
    if (packet.flags & flags.ack && packet.acknowledgement - this.#unacknowledged > 0) {
      this.#unacknowledged = packet.acknowledgement
      this.#tries = 0
      if (this.#state === 'accepting') {
        this.#established()
        this.#listener.onConnected()
      }
      this.#arm()
      this.#push()
    }
    if (packet.length === 0) return
    if (packet.sequence === this.#expected) {
      this.#expected += packet.length
      this.#transmit(flags.ack, this.#next - this.#first, nothing, 0)
      this.#listener.onData(packet.payload, packet.length)
    } else this.#transmit(flags.ack, this.#next - this.#first, nothing, 0)
  }

  #established(): void {
    this.#state = 'open'
    this.#next = this.#first + 1
    this.#unacknowledged = this.#next
    this.#tries = 0
    this.#alarm.set(undefined)
  }

  #arm(): void {
    const isWaiting = this.#unacknowledged < this.#next
    this.#alarm.set(isWaiting ? this.#nic.host.clock.now + retryMs[0]! : undefined)
  }

  #push(): void {
    if (this.#state !== 'open') return
    const end = this.#first + 1 + this.#total
    while (this.#next < end && this.#next - this.#unacknowledged < windowSegments * this.#segmentBytes) {
      const at = this.#next - this.#first - 1
      const length = Math.min(this.#segmentBytes, this.#total - at)
      this.#transmit(flags.ack | flags.psh, this.#next - this.#first, this.#carried.subarray(at, at + length), length)
      this.#next += length
      if (this.#next - length === this.#unacknowledged) this.#arm()
    }
  }

  #silence(): void {
    this.#tries++
    if (this.#tries >= retryMs.length) {
      this.#end()
      this.#listener.onClosed('silent')
      return
    }
    if (this.#state === 'opening') this.#transmit(flags.syn, 0, nothing, 0)
    else {
      this.#next = this.#unacknowledged
      this.#push()
    }
    this.#alarm.set(this.#nic.host.clock.now + retryMs[this.#tries]!)
  }

  #transmit(flag: number, offset: number, payload: Uint8Array, length: number): void {
    this.#nic.host.sendIp({
      kind: 'tcp',
      sourceMac: this.#nic.mac,
      destinationMac: broadcastMac,
      source: this.#local,
      destination: this.remote.address,
      sourcePort: this.localPort,
      destinationPort: this.remote.port,
      sequence: this.#first + offset,
      acknowledgement: flag & flags.ack ? this.#expected : 0,
      flags: flag,
      payload,
      length,
    })
  }

  #end(): void {
    this.#state = 'closed'
    this.#alarm.set(undefined)
    this.#stack.forget(this)
  }
}

const keyOf = (localPort: number, remote: IpEndpoint): string =>
  `${localPort} ${formatHost(remote.address)}:${remote.port}`

/** The connections of a host. */
export class TcpStack {
  readonly #random: Random
  readonly #connections = new Map<string, Connection>()
  readonly #listening = new Map<number, { over6: boolean; accept: (connection: Connection) => ConnectionListener }>()

  constructor(host: Host, random: Random) {
    this.#random = random
    host.hear({ onTcp: (packet, nic) => this.#receive(packet, nic) })
  }

  listen(port: number, over6: boolean, accept: (connection: Connection) => ConnectionListener): void {
    this.#listening.set(port, { over6, accept })
  }

  close(port: number): void {
    this.#listening.delete(port)
  }

  connect(nic: Nic, localPort: number, remote: IpEndpoint, listener: ConnectionListener): Connection {
    const local = typeof remote.address === 'number' ? nic.address : (nic.sourceFor(remote.address) ?? '::')
    const connection = new Connection(this, nic, local, localPort, remote, listener, this.#firstSequence(), true)
    this.#connections.set(keyOf(localPort, remote), connection)
    connection.open()
    return connection
  }

  forget(connection: Connection): void {
    this.#connections.delete(keyOf(connection.localPort, connection.remote))
  }

  /** Small, so that it never wraps. */
  #firstSequence(): number {
    return 1 + Math.floor(this.#random() * 0x1000_0000)
  }

  #receive(packet: TcpPacket, nic: Nic): boolean {
    const remote = { address: packet.source, port: packet.sourcePort }
    const known = this.#connections.get(keyOf(packet.destinationPort, remote))
    if (known) {
      known.receive(packet)
      return true
    }
    const listening = this.#listening.get(packet.destinationPort)
    const accept = listening?.over6 === false && typeof packet.source === 'string' ? undefined : listening?.accept
    if (!accept || (packet.flags & flags.syn) === 0) return (packet.flags & flags.syn) === 0
    let listener: ConnectionListener | undefined
    const connection: Connection = new Connection(
      this,
      nic,
      packet.destination,
      packet.destinationPort,
      remote,
      {
        onConnected: () => listener!.onConnected(),
        onData: (payload, length) => listener!.onData(payload, length),
        onClosed: (why) => listener!.onClosed(why),
      },
      this.#firstSequence(),
      false,
    )
    listener = accept(connection)
    this.#connections.set(keyOf(packet.destinationPort, remote), connection)
    connection.accept(packet)
    return true
  }
}
