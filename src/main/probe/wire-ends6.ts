/**
 * The IPv6 ends of a firmware on real sockets: UDP port 546 of the interface for DHCPv6, and a socket for each further port. The card
 * keeps the addresses it has, so that files are loaded with an address of this machine. Routers are asked by the system alone; the
 * firmware, which would wait ten seconds for one, is told that there is one and nothing else.
 */
import { randomBytes } from 'node:crypto'
import { bytesOfU16 } from '#shared/wire/bytes.ts'
import { encodeDhcp6 } from '#shared/wire/dhcpv6/encode.ts'
import {
  addressesOf,
  decodeDhcp6,
  dhcp6Types,
  findDhcp6Option,
  type Dhcp6Message,
} from '#shared/wire/dhcpv6/message.ts'
import { dhcp6OptionCodes } from '#shared/wire/dhcpv6/options.ts'
import { encodeRouterAdvertisement, icmp6Types } from '#shared/wire/icmpv6.ts'
import { isLinkLocal, isMulticast } from '#shared/wire/ip-address.ts'
import {
  addressFor6,
  dhcp6Groups,
  documentedClient6Port,
  documentedDhcp6Port,
  type Endpoint6,
} from '#shared/machines/machine.ts'
import type { ClientInput } from '#shared/machines/pxe-client/client.ts'
import { openIpSocket, type UdpSocket } from '../io/udp-socket.ts'
import { servedAs6, zoneOf, type NetworkInterface } from '../responder/interfaces.ts'
import { openUdpPort6, type UdpPort } from '../responder/udp-port.ts'

/** Why an interface cannot be asked over IPv6; undefined where it can. */
export const noIpv6 = (served: NetworkInterface): string | undefined =>
  servedAs6(served).linkLocal === undefined || served.isLoopback
    ? `${served.name} has no IPv6 address of its link (fe80::)`
    : undefined

const everyServer: Endpoint6 = { address: dhcp6Groups[0]!, port: documentedDhcp6Port }

/** What a router tells that there is no more to ask of: the firmware asks for what its boot needs by itself. */
const aRouter = encodeRouterAdvertisement({
  isManaged: false,
  hasOther: false,
  lifetimeSeconds: 1800,
  mac: undefined,
  mtu: 0,
  prefixes: [],
  dns: [],
  dnsSeconds: 0,
})

export class WireEnds6 {
  readonly zone: string | undefined
  readonly #served: NetworkInterface
  readonly #feed: (input: ClientInput) => void
  readonly #port: UdpPort<string>
  readonly #sockets = new Map<number, UdpSocket<string | number>>()
  /** Server, client and addresses of what is to be given back. */
  #given: Dhcp6Message | undefined
  /** Transactions of its REQUESTs. */
  readonly #requests = new Set<number>()

  /** Rejects with the error of the system, whose `code` is EADDRINUSE or EACCES, where port 546 is not to be had. */
  static async open(served: NetworkInterface, feed: (input: ClientInput) => void): Promise<WireEnds6> {
    let ends: WireEnds6 | undefined
    const port = await openUdpPort6({
      interface: served,
      port: documentedClient6Port,
      own: servedAs6(served).linkLocal,
      onDatagram: (payload, source) => ends?.hear(payload, source, documentedClient6Port),
      onError: () => {},
    })
    return (ends = new WireEnds6(served, port, feed))
  }

  private constructor(served: NetworkInterface, port: UdpPort<string>, feed: (input: ClientInput) => void) {
    this.#served = served
    this.#port = port
    this.#feed = feed
    this.zone = zoneOf(served)
  }

  /** Gives the address back, unless the firmware has, and closes everything. */
  async close(): Promise<void> {
    if (this.#given) {
      this.#release(this.#given)
      // A socket that closes at once takes with it what has not left yet.
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    for (const socket of this.#sockets.values()) await socket.close()
    await this.#port.close()
  }

  /** Our address towards another; undefined where none of ours leads there. */
  from(destination: string): string | undefined {
    const own = servedAs6(this.#served)
    if (isLinkLocal(destination) || isMulticast(destination)) return own.linkLocal
    return own.addresses.length === 0 ? undefined : addressFor6(own, destination)
  }

  /** `onUnreachable` hears that this machine has no way there. */
  send(sourcePort: number, destination: Endpoint6, payload: Uint8Array, onUnreachable: () => void): void {
    if (sourcePort === documentedClient6Port) {
      this.#note(payload)
      this.#port.send(payload, destination)
      return
    }
    const own = this.from(destination.address)
    if (own === undefined) return onUnreachable()
    const socket = this.#sockets.get(sourcePort) ?? this.#open(sourcePort, own)
    socket.send(payload, destination, ({ code = '' }) => {
      if (/HOSTUNREACH|HOSTDOWN/.test(code)) this.#feed({ kind: 'arp-failed', address: destination.address })
      else if (/NETUNREACH|ADDRNOTAVAIL/.test(code)) onUnreachable()
    })
  }

  /** What the firmware hears of a message of ICMPv6 that it sent; nothing of it leaves this machine. */
  answerTo(message: Uint8Array): ClientInput | undefined {
    const { linkLocal } = servedAs6(this.#served)
    return message[0] === icmp6Types.routerSolicitation && linkLocal !== undefined
      ? { kind: 'icmp6', source: linkLocal, payload: aRouter }
      : undefined
  }

  hear(payload: Uint8Array, source: Endpoint6, destinationPort: number): void {
    if (destinationPort === documentedClient6Port) {
      const { message } = decodeDhcp6(payload)
      const isGiven = message.type === dhcp6Types.reply && this.#requests.has(message.xid)
      if (isGiven && addressesOf(message).length > 0) this.#given = message
    }
    this.#feed({ kind: 'datagram', source, destinationPort, payload, length: payload.length })
  }

  /** A socket of its own for each port of the client; which number it has here, no server cares. */
  #open(sourcePort: number, own: string): UdpSocket<string | number> {
    const socket = openIpSocket({
      family: 6,
      bind: { address: own },
      zone: this.zone,
      onDatagram: (payload, { address, port }) => {
        if (typeof address === 'string') this.hear(payload, { address, port }, sourcePort)
      },
      onError: () => {},
    })
    this.#sockets.set(sourcePort, socket)
    return socket
  }

  #note(payload: Uint8Array): void {
    const { message } = decodeDhcp6(payload)
    if (message.type === dhcp6Types.request) this.#requests.add(message.xid)
    if (message.type === dhcp6Types.release) this.#given = undefined
  }

  /** RFC 8415 section 18.2.7. */
  #release(given: Dhcp6Message): void {
    const kept = [dhcp6OptionCodes.clientIdentifier, dhcp6OptionCodes.serverIdentifier, dhcp6OptionCodes.iaNa]
    const payload = encodeDhcp6({
      type: dhcp6Types.release,
      xid: randomBytes(3).readUIntBE(0, 3),
      options: [
        ...kept.map((code) => ({ code, data: findDhcp6Option(given, code)!.data })),
        { code: dhcp6OptionCodes.elapsedTime, data: bytesOfU16(0) },
      ],
    })
    this.#port.send(payload, everyServer)
  }
}
