/**
 * A firmware on real sockets: the client machine that the simulator runs, on an interface of this machine. The card keeps
 * the address it has; the address that is leased is given back at the end. What differs from a machine that starts:
 * answers are asked for by broadcast, and on port 4011 the client names this machine's own address, for nobody here has
 * the leased one. Over IPv6 see `wire-ends6.ts`.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { u32At } from '#shared/wire/bytes.ts'
import { messageTypes } from '#shared/wire/dhcp/kinds.ts'
import { blankMessage, encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { optionCodes } from '#shared/wire/dhcp/options.ts'
import { formatHost, type IpAddress } from '#shared/wire/ip-address.ts'
import { documentedClientPort, documentedDhcpPort, type IpEndpoint } from '#shared/machines/machine.ts'
import { decodeTftp } from '#shared/wire/tftp.ts'
import type { ProgramRunner } from '#shared/machines/pxe-client/boot-context.ts'
import {
  PxeClient,
  type ClientEvent,
  type ClientInput,
  type ClientResult,
  type Firmware,
  type Lease,
} from '#shared/machines/pxe-client/client.ts'
import type { NetworkInterface } from '../responder/interfaces.ts'
import { openUdpPort, type UdpPort } from '../responder/udp-port.ts'
import { openTcpSocket, type TcpSocket } from '../io/tcp-socket.ts'
import { openUdpSocket, type UdpSocket } from '../io/udp-socket.ts'
import { noIpv6, WireEnds6 } from './wire-ends6.ts'

export interface WireBoot {
  readonly interface: NetworkInterface
  readonly firmware: Firmware
  /** Locally administered, always the same: no pool is spoiled. */
  readonly mac: Uint8Array
  readonly uuid: Uint8Array
  /** What is done with the program that was loaded. */
  readonly run: ProgramRunner
  readonly signal: AbortSignal
  readonly onEvent: (event: ClientEvent) => void
  /** A file is asked for over TFTP. */
  readonly onRequest: (server: IpAddress, file: string) => void
  /** Nobody answers, as was seen before: its waits are not waited for. */
  readonly isHurried: boolean
  /** The firmware boots over IPv6. */
  readonly isOver6?: boolean
  /** It ends because this machine has no address of the network of a server; the firmware would, and nothing is known of it. */
  readonly onOutOfReach?: (why: string) => void
}

const bootServerPort = 4011
const tftpPort = 69
const flagsAt = 10
const ciaddrAt = 12
const giaddrAt = 24

const writeU32 = (bytes: Uint8Array, at: number, value: number): void =>
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value)

export class PortTaken extends Error {}

/**
 * Resolves with how the boot ended; undefined where it was cancelled. Throws PortTaken where no DHCP port is to be had, and where the
 * interface has no IPv6 and that is asked for.
 */
export async function bootOnWire(boot: WireBoot): Promise<ClientResult | undefined> {
  const run = new WireRun(boot)
  try {
    await run.open()
    return await run.result
  } finally {
    await run.close()
  }
}

class WireRun {
  readonly result: Promise<ClientResult | undefined>
  readonly #boot: WireBoot
  readonly #client: PxeClient
  readonly #started = performance.now()
  #skippedMs = 0
  #dhcp: UdpPort | undefined
  #isRelay = false
  #ends6: WireEnds6 | undefined
  readonly #sockets = new Map<number, UdpSocket>()
  readonly #connections = new Map<number, TcpSocket>()
  #timer: NodeJS.Timeout | undefined
  #lease: Lease | undefined
  #end: (result: ClientResult | undefined) => void = () => {}
  #isOver = false
  /** Where the server is asked on port 4011, it knows us by this address. */
  readonly #own: number

  constructor(boot: WireBoot) {
    this.#boot = boot
    this.#own = boot.interface.address
    this.result = new Promise((resolve) => (this.#end = resolve))
    this.#client = new PxeClient({
      identity: { mac: boot.mac, uuid: boot.uuid },
      habits: { pressesKey: true, menuLine: undefined, trust: undefined },
      firmware: boot.firmware,
      run: boot.run,
      random: () => randomInt(0, 2 ** 40) / 2 ** 40,
      startAt: 0,
    })
  }

  async open(): Promise<void> {
    const { signal, isOver6 = false } = this.#boot
    await (isOver6 ? this.#open6() : this.#open4())
    signal.addEventListener('abort', () => this.#finish(undefined), { once: true })
    if (signal.aborted) this.#finish(undefined)
    else this.#feed({ kind: 'timeout' })
  }

  async #open6(): Promise<void> {
    const { interface: served } = this.#boot
    const missing = noIpv6(served)
    if (missing !== undefined) throw new PortTaken(missing)
    try {
      this.#ends6 = await WireEnds6.open(served, (input) => this.#feed(input))
    } catch (error) {
      throw new PortTaken(`UDP port 546 cannot be opened (${(error as NodeJS.ErrnoException).code})`)
    }
  }

  async #open4(): Promise<void> {
    const { interface: served } = this.#boot
    const open = (port: number): Promise<UdpPort> =>
      openUdpPort({
        interface: served,
        port,
        // To a client on port 68, whichever way it came.
        onDatagram: (payload, source) => this.#hear(payload, source, documentedClientPort),
        onError: () => {},
      })
    try {
      this.#dhcp = await open(documentedClientPort)
    } catch (error) {
      this.#isRelay = true
      this.#dhcp = await open(documentedDhcpPort).catch(() => undefined)
      if (!this.#dhcp) throw new PortTaken(`port 68 is taken (${(error as NodeJS.ErrnoException).code})`)
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#isOver = true
    if (this.#lease) {
      this.#release(this.#lease)
      // A socket that closes at once takes with it what has not left yet.
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    for (const socket of this.#sockets.values()) await socket.close()
    for (const socket of this.#connections.values()) socket.destroy()
    await this.#dhcp?.close()
    await this.#ends6?.close()
  }

  get #now(): number {
    return performance.now() - this.#started + this.#skippedMs
  }

  #finish(result: ClientResult | undefined): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#end(result)
  }

  #hear(payload: Uint8Array, source: { address: number; port: number }, destinationPort: number): void {
    this.#feed({ kind: 'datagram', source, destinationPort, payload, length: payload.length })
  }

  #feed(input: ClientInput): void {
    if (this.#isOver) return
    this.#client.handle(input, this.#now)
    let next: ClientInput | undefined
    for (let out = this.#client.pollTransmit(); out; out = this.#client.pollTransmit())
      switch (out.kind) {
        case 'udp':
          this.#sendTo(out.sourcePort, out.destination, out.payload)
          break
        case 'configure':
          this.#lease = out.lease ?? this.#lease
          break
        case 'tcp-open':
          this.#connect(out.connection, out.destination)
          break
        // Addresses and routers of the network card are the system's business here.
        case 'configure6':
          break
        case 'icmp6':
          next = this.#ends6?.answerTo(out.payload) ?? next
          break
        case 'tcp-send':
          this.#connections.get(out.connection)?.write(out.payload)
          break
        case 'tcp-abort':
          this.#connections.get(out.connection)?.destroy()
          this.#connections.delete(out.connection)
          break
      }
    for (let event = this.#client.pollEvent(); event; event = this.#client.pollEvent()) {
      this.#boot.onEvent(event)
      if (event.type === 'finished') return this.#finish(event.result)
    }
    if (next) return this.#feed(next)
    this.#wait()
  }

  #wait(): void {
    clearTimeout(this.#timer)
    const at = this.#client.pollTimeout()
    if (at === undefined || !Number.isFinite(at)) return
    let ms = Math.max(0, at - this.#now)
    if (this.#boot.isHurried) {
      this.#skippedMs += ms
      ms = 0
    }
    this.#timer = setTimeout(() => this.#feed({ kind: 'timeout' }), ms)
  }

  #sendTo(sourcePort: number, { address, port }: IpEndpoint, payload: Uint8Array): void {
    if (this.#boot.isHurried) return
    if (typeof address === 'number') return this.#send(sourcePort, { address, port }, payload)
    let isReached = true
    this.#ends6?.send(sourcePort, { address, port }, payload, () => {
      isReached = false
      this.#outOfReach(address)
    })
    if (isReached && port === tftpPort) this.#request(address, payload)
  }

  /** What would come of it the machine that boots would know: it has an address of its own. */
  #outOfReach(address: IpAddress): void {
    const { name } = this.#boot.interface
    const because = `${name} of this machine has no IPv6 address that leads to ${formatHost(address)}`
    this.#boot.onOutOfReach?.(because)
    this.#finish({ state: 'failed', code: '', line: '', because })
  }

  #request(server: IpAddress, payload: Uint8Array): void {
    const { packet } = decodeTftp(payload)
    if (packet?.kind === 'rrq') this.#boot.onRequest(server, packet.filename)
  }

  #send(sourcePort: number, destination: { address: number; port: number }, payload: Uint8Array): void {
    if (sourcePort === documentedClientPort && destination.port === documentedDhcpPort) {
      payload[flagsAt] = payload[flagsAt]! | 0x80
      if (this.#isRelay) writeU32(payload, giaddrAt, this.#own)
      this.#dhcp?.send(payload, destination)
      return
    }
    if (destination.port === bootServerPort && u32At(payload, ciaddrAt) !== 0) writeU32(payload, ciaddrAt, this.#own)
    if (destination.port === tftpPort) this.#request(destination.address, payload)
    const socket = this.#sockets.get(sourcePort) ?? this.#open(sourcePort)
    socket.send(payload, destination, ({ code = '' }) => {
      if (/HOSTUNREACH|HOSTDOWN/.test(code)) this.#feed({ kind: 'arp-failed', address: destination.address })
    })
  }

  /** A socket of its own for each port of the client; which number it has here, no server cares. */
  #open(sourcePort: number): UdpSocket {
    const socket = openUdpSocket({
      bind: { address: this.#own },
      onDatagram: (payload, source) => this.#hear(payload, source, sourcePort),
      onError: () => {},
    })
    this.#sockets.set(sourcePort, socket)
    return socket
  }

  #connect(connection: number, { address, port }: IpEndpoint): void {
    const from = typeof address === 'number' ? this.#own : this.#ends6?.from(address)
    if (from === undefined) return this.#outOfReach(address)
    const tell = (event: 'connected' | 'refused' | 'closed' | 'failed'): void =>
      this.#feed({ kind: 'tcp', connection, event })
    const socket = openTcpSocket({
      destination: { address, port },
      from,
      zone: this.#ends6?.zone,
      onConnect: () => tell('connected'),
      onData: (payload) => this.#feed({ kind: 'tcp-data', connection, payload, length: payload.length }),
      onError: ({ code = '' }) => {
        if (typeof address === 'string' && /NETUNREACH|ADDRNOTAVAIL/.test(code)) this.#outOfReach(address)
        else tell(code === 'ECONNREFUSED' ? 'refused' : 'failed')
      },
      onClose: () => tell('closed'),
    })
    this.#connections.set(connection, socket)
  }

  /** RFC 2131 section 4.4.6: nothing of the lease is left behind. */
  #release({ address, server }: Lease): void {
    const chaddr = new Uint8Array(16)
    chaddr.set(this.#boot.mac)
    const identifier = new Uint8Array(4)
    writeU32(identifier, 0, server)
    const message = encodeDhcp({
      ...blankMessage,
      xid: randomBytes(4).readUInt32BE(),
      ciaddr: address,
      chaddr,
      options: [
        { code: optionCodes.messageType, data: Uint8Array.of(messageTypes.release) },
        { code: optionCodes.serverIdentifier, data: identifier },
      ],
    })
    this.#dhcp?.send(message, { address: server, port: documentedDhcpPort })
  }
}
