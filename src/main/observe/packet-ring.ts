/**
 * The last packets of our own sockets as frames, for the packet list. Summaries and trees are made when they are looked
 * at, so that a storm of packets costs no more than keeping their bytes.
 */
import { formatHex, formatIpv4, formatMac, parseHex } from '#shared/wire/bytes.ts'
import { decodeDhcp, hardwareAddressOf, bootFileOf } from '#shared/wire/dhcp/message.ts'
import { messageName, showDhcp } from '#shared/wire/dhcp/show.ts'
import { unwrapUdp, wrapUdp, type Frame } from '#shared/wire/frame.ts'
import { writePcap } from '#shared/wire/pcap.ts'
import { decodeTftp, describeTftp } from '#shared/wire/tftp.ts'
import { limitedBroadcast, type ServicePorts } from '#shared/machines/machine.ts'
import type { Packet, PacketDetail } from '#shared/contract/calls.ts'
import type { ObservedDatagram } from '../responder/responder.ts'

const keptFrames = 20_000
const broadcastMac = Uint8Array.of(255, 255, 255, 255, 255, 255)
const unknownMac = new Uint8Array(6)

const macBytes = (text: string): Uint8Array => parseHex(text) ?? unknownMac

/** Where the answering machine's hardware address stands in a DHCP message (RFC 2131 section 2: chaddr). */
const chaddrOf = (payload: Uint8Array): Uint8Array => (payload.length >= 34 ? payload.subarray(28, 34) : unknownMac)

export class PacketRing {
  #frames: Frame[] = []
  /** Number of the first kept frame; numbers never come again. */
  #first = 1
  readonly #macOf: (address: string) => string | undefined
  #dhcpPorts: ReadonlySet<number> = new Set([67, 4011])
  #bootServerPort = 4011

  constructor(macOf: (address: string) => string | undefined) {
    this.#macOf = macOf
  }

  /** Tells the services apart by their ports, which a lab may move. */
  setPorts(ports: ServicePorts): void {
    this.#dhcpPorts = new Set([ports.dhcp, ports.bootServer])
    this.#bootServerPort = ports.bootServer
  }

  get first(): number {
    return this.#first
  }

  get last(): number {
    return this.#first + this.#frames.length - 1
  }

  add(datagram: ObservedDatagram, time: number): void {
    const { direction, interface: served, remote, localPort, payload } = datagram
    const isDhcp = this.#dhcpPorts.has(localPort)
    const own = { mac: macBytes(served.mac), address: served.address, port: localPort }
    const isBroadcast = remote.address === limitedBroadcast
    const far = {
      // A relayed packet comes from the relay, whose hardware address no socket tells.
      mac: isBroadcast
        ? broadcastMac
        : isDhcp
          ? chaddrOf(payload)
          : macBytes(this.#macOf(formatIpv4(remote.address)) ?? ''),
      ...remote,
    }
    // Whether a request was sent to us alone is not told either; a client without an address has broadcast.
    const near =
      direction === 'in' && remote.address === 0
        ? { mac: broadcastMac, address: limitedBroadcast, port: localPort }
        : own
    const [source, destination] = direction === 'in' ? [far, near] : [own, far]
    this.#frames.push({
      time,
      interface: served.name,
      direction,
      origin: 'synthesised',
      bytes: wrapUdp({
        sourceMac: source.mac,
        destinationMac: destination.mac,
        sourceAddress: source.address,
        destinationAddress: destination.address,
        sourcePort: source.port,
        destinationPort: destination.port,
        payload,
      }),
    })
    if (this.#frames.length > keptFrames + keptFrames / 4) {
      this.#first += this.#frames.length - keptFrames
      this.#frames = this.#frames.slice(-keptFrames)
    }
  }

  clear(): void {
    this.#first += this.#frames.length
    this.#frames = []
  }

  list(after: number, limit: number): Packet[] {
    const from = Math.max(0, after + 1 - this.#first)
    return this.#frames
      .slice(from, from + limit)
      .map((frame, index) => this.#summary(frame, this.#first + from + index))
  }

  read(id: number): PacketDetail | null {
    const frame = this.#frames[id - this.#first]
    const udp = frame && unwrapUdp(frame.bytes)
    if (!frame || !udp) return null
    const packet = this.#summary(frame, id)
    if (packet.protocol !== 'TFTP') {
      const shown = showDhcp(udp.payload)
      return {
        packet,
        ...shown,
        fields: structuredClone(shown.fields) as PacketDetail['fields'],
        problems: [...shown.problems],
        hex: formatHex(udp.payload),
      }
    }
    const decoded = decodeTftp(udp.payload)
    return {
      packet,
      title: 'TFTP',
      fields: decoded.packet
        ? [
            {
              name: decoded.packet.kind,
              text: describeTftp(decoded.packet),
              at: 0,
              length: udp.payload.length,
              reference: 'RFC 1350 5',
            },
          ]
        : [],
      problems: [...decoded.problems],
      hex: formatHex(udp.payload),
    }
  }

  /** Everything that is kept, as a capture file. */
  save(): Uint8Array {
    return writePcap(this.#frames)
  }

  #summary(frame: Frame, id: number): Packet {
    const udp = unwrapUdp(frame.bytes)!
    const base = {
      id,
      time: frame.time,
      direction: frame.direction,
      interface: frame.interface,
      source: `${formatIpv4(udp.sourceAddress)}:${udp.sourcePort}`,
      destination: `${formatIpv4(udp.destinationAddress)}:${udp.destinationPort}`,
      length: udp.payload.length,
    }
    const localPort = frame.direction === 'in' ? udp.destinationPort : udp.sourcePort
    if (!this.#dhcpPorts.has(localPort)) {
      const { packet, problems } = decodeTftp(udp.payload)
      return {
        ...base,
        protocol: 'TFTP',
        mac: formatMac(frame.direction === 'in' ? udp.sourceMac : udp.destinationMac),
        summary: packet ? describeTftp(packet) : 'not TFTP',
        problems: problems.length,
      }
    }
    const decoded = decodeDhcp(udp.payload)
    const { message } = decoded
    const isPxe = localPort === this.#bootServerPort
    const parts = [
      messageName(decoded),
      message.yiaddr === 0 ? '' : formatIpv4(message.yiaddr),
      bootFileOf(message) === '' ? '' : bootFileOf(message),
      message.giaddr === 0 ? '' : `by relay ${formatIpv4(message.giaddr)}`,
    ]
    return {
      ...base,
      protocol: isPxe || (message.op === 2 && message.yiaddr === 0 && message.ciaddr === 0) ? 'proxyDHCP' : 'DHCP',
      mac: hardwareAddressOf(message),
      summary: parts.filter(Boolean).join(', '),
      problems: decoded.problems.length,
    }
  }
}
