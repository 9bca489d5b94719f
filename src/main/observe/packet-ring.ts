/**
 * The last packets of our own sockets as frames, for the packet list. Summaries and trees are made when they are looked
 * at, so that a storm of packets costs no more than keeping their bytes.
 */
import { concatBytes, formatHex, formatIpv4, parseHex } from '#shared/wire/bytes.ts'
import { linkTypes, pcapngFrame, pcapngHeader } from '#shared/wire/capture-file.ts'
import { dissect } from '#shared/wire/dissect/dissect.ts'
import { allFields } from '#shared/wire/dissect/field.ts'
import { wrapUdp, type Frame } from '#shared/wire/frame.ts'
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

  constructor(macOf: (address: string) => string | undefined) {
    this.#macOf = macOf
  }

  /** Tells the services apart by their ports, which a lab may move. */
  setPorts(ports: ServicePorts): void {
    this.#dhcpPorts = new Set([ports.dhcp, ports.bootServer])
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
    if (!frame) return null
    const { layers, problems } = dissect(frame.bytes, { linkType: linkTypes.ethernet })
    return {
      packet: this.#summary(frame, id),
      fields: structuredClone(layers) as PacketDetail['fields'],
      problems: [...problems],
      hex: formatHex(frame.bytes),
    }
  }

  /** Everything that is kept, as a capture file. */
  save(): Uint8Array {
    const names = [...new Set(this.#frames.map((frame) => frame.interface))]
    const header = pcapngHeader(
      'PXE Lab',
      names.map((name) => ({ linkType: linkTypes.ethernet, name })),
    )
    const frames = this.#frames.map((frame) =>
      pcapngFrame({
        interface: names.indexOf(frame.interface),
        seconds: Math.floor(frame.time / 1000),
        nanoseconds: Math.round((frame.time % 1000) * 1e6),
        bytes: frame.bytes,
        direction: frame.direction,
      }),
    )
    return concatBytes([header, ...frames])
  }

  #summary(frame: Frame, id: number): Packet {
    const { protocol, summary, source, destination, problems, layers } = dissect(frame.bytes, {
      linkType: linkTypes.ethernet,
    })
    const far = frame.direction === 'in' ? 'eth.src' : 'eth.dst'
    const hardware = [...allFields(layers)]
    const mac =
      hardware.find((field) => field.key === 'dhcp.hw.mac_addr') ?? hardware.find((field) => field.key === far)
    return {
      id,
      time: frame.time,
      direction: frame.direction,
      interface: frame.interface,
      source,
      destination,
      protocol,
      mac: mac?.text ?? '',
      summary,
      problems: problems.length,
      length: frame.bytes.length,
    }
  }
}
