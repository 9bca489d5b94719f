/**
 * What an agent sends of what it sees: the frames of boots and nothing else. DHCP and port 4011 always; TFTP as far as its blocks
 * tell how a transfer goes; HTTP, ARP, ICMP errors and fragments only where they concern an address that was given to a machine, or
 * from which one asked for a file. What a file holds is cut off: a block keeps its head, as in the history of a lab. An answer over
 * HTTP keeps its own head, a routine segment of it only its headers, and of a fast run of those one in a while.
 */
import { u16At, u32At } from '#shared/wire/bytes.ts'
import type { CapturedFrame } from '#shared/wire/capture-file.ts'
import { decodeDhcp, messageTypeOf } from '#shared/wire/dhcp/message.ts'
import { messageTypes } from '#shared/wire/dhcp/kinds.ts'
import { etherTypes, FrameHeaders, hasDhcp6Ports, hasDhcpPorts, ipProtocols } from '#shared/wire/headers.ts'
import { endpointOf, type IpAddress } from '#shared/wire/ip-address.ts'
import { linkTypes } from '#shared/wire/link-types.ts'
import { noteInterface } from '#shared/wire/lab-note.ts'
import { httpStart } from '#shared/wire/summary.ts'
import { tftpOpcodes } from '#shared/wire/tftp.ts'

const firstPackets = 64
const everyNs = 20_000_000n
/** Of a routine block: opcode, number, and a little of what it holds; of the first enough to tell what program it begins. */
const blockHead = 32
const firstBlockHead = 600
/** Of an HTTP request and of the head of its answer. */
const httpHead = 2048
/** Machines and flows that are remembered; the oldest are forgotten. */
const mostKnown = 65_536
/** A machine that was quiet for so long is known no more. */
const forgottenNs = 3_600_000_000_000n

const tcp = { fin: 1, syn: 2, rst: 4 } as const

interface Flow {
  count: number
  keptNs: bigint
  lastBlock: number
  /** Sequence number behind the last segment of the server. */
  nextSequence: number
  keepsAnswer: boolean
}

class Recent<Key, Value> {
  readonly #map = new Map<Key, Value>()
  get(key: Key): Value | undefined {
    return this.#map.get(key)
  }
  set(key: Key, value: Value): Value {
    this.#map.delete(key)
    this.#map.set(key, value)
    if (this.#map.size > mostKnown) this.#map.delete(this.#map.keys().next().value!)
    return value
  }
}

export class BootFrames {
  readonly #headers = new FrameHeaders()
  /** Addresses of machines that boot, and when each was spoken of last. */
  readonly #machines = new Recent<IpAddress, bigint>()
  readonly #transfers = new Recent<number | string, Flow>()
  readonly #connections = new Recent<number | string, Flow>()

  /** How many bytes of a frame are kept; 0 for a frame that is none of a boot. */
  keeps(frame: CapturedFrame, linkType: number): number {
    const { bytes } = frame
    if (linkType === noteInterface.linkType) return bytes.length
    const headers = this.#headers
    headers.read(bytes, linkType)
    const timeNs = BigInt(frame.seconds) * 1_000_000_000n + BigInt(frame.nanoseconds)
    if (headers.etherType === etherTypes.arp) return this.#arp(bytes, linkType, timeNs)
    if (headers.ipAt < 0 && headers.ip6At < 0) return 0
    const source = headers.sourceIn(bytes)
    const destination = headers.destinationIn(bytes)
    if (hasDhcpPorts(headers) || hasDhcp6Ports(headers)) {
      if (hasDhcpPorts(headers)) this.#lease(bytes, timeNs)
      return bytes.length
    }
    if (headers.ipProtocol === ipProtocols.udp && headers.destinationPort === 69) return this.#request(bytes, source, timeNs) // prettier-ignore
    const isOurs = this.#isMachine(source, timeNs) || this.#isMachine(destination, timeNs)
    if (headers.isFragment) return isOurs ? bytes.length : 0
    if (headers.ipProtocol === ipProtocols.udp) return this.#block(bytes, source, destination, timeNs)
    if (!isOurs) return 0
    if (headers.ipProtocol === ipProtocols.tcp) return this.#segment(bytes, source, destination, timeNs)
    if (headers.ipProtocol === ipProtocols.icmp || headers.ipProtocol === ipProtocols.icmpv6) return bytes.length
    return 0
  }

  #isMachine(address: IpAddress, timeNs: bigint): boolean {
    const seen = this.#machines.get(address)
    return seen !== undefined && timeNs - seen < forgottenNs
  }

  #knows(address: IpAddress, timeNs: bigint): void {
    if (address !== 0 && address !== 0xffffffff) this.#machines.set(address, timeNs)
  }

  /** The address that a machine has, or is given. */
  #lease(bytes: Uint8Array, timeNs: bigint): void {
    const { payloadAt, payloadEnd } = this.#headers
    const { message } = decodeDhcp(bytes.subarray(payloadAt, payloadEnd))
    const type = messageTypeOf(message)
    if (type === messageTypes.offer || type === messageTypes.ack || type === undefined) this.#knows(message.yiaddr, timeNs) // prettier-ignore
    this.#knows(message.ciaddr, timeNs)
  }

  /** Who asks for an address of ours, or answers: the conflict and the silence of a server show by it. */
  #arp(bytes: Uint8Array, linkType: number, timeNs: bigint): number {
    const at = linkType === linkTypes.ethernet ? this.#headers.payloadAt : -1
    // Protocol addresses of four octets behind hardware addresses of six (RFC 826).
    if (at < 0 || bytes.length < at + 28 || bytes[at + 4] !== 6 || bytes[at + 5] !== 4) return 0
    const isOurs = this.#isMachine(u32At(bytes, at + 14), timeNs) || this.#isMachine(u32At(bytes, at + 24), timeNs)
    return isOurs ? bytes.length : 0
  }

  #request(bytes: Uint8Array, source: IpAddress, timeNs: bigint): number {
    const { sourcePort } = this.#headers
    this.#knows(source, timeNs)
    this.#transfers.set(endpointOf(source, sourcePort), newFlow())
    return bytes.length
  }

  /** A datagram between high ports is a block where its client asked for a file from that port. */
  #block(bytes: Uint8Array, source: IpAddress, destination: IpAddress, timeNs: bigint): number {
    const { sourcePort, destinationPort, payloadAt, payloadEnd, declaredEnd } = this.#headers
    const down = this.#transfers.get(endpointOf(destination, destinationPort))
    const flow = down ?? this.#transfers.get(endpointOf(source, sourcePort))
    if (!flow) return 0
    flow.count++
    const opcode = u16At(bytes, payloadAt)
    const isData = opcode === tftpOpcodes.data
    if (!isData && opcode !== tftpOpcodes.ack) return bytes.length
    const block = u16At(bytes, payloadAt + 2)
    const size = declaredEnd - payloadAt
    const isAgain = isData && flow.lastBlock >= 0 && block !== ((flow.lastBlock + 1) & 0xffff)
    // A block that is shorter than the one before is the last; the first of all tells how long they are.
    const isLast = isData && size < flow.nextSequence
    if (isData) {
      flow.lastBlock = block
      flow.nextSequence = Math.max(flow.nextSequence, size)
    }
    const isRoutine = flow.count > firstPackets && !isAgain && !isLast
    if (isRoutine && !flow.keepsAnswer && timeNs - flow.keptNs < everyNs) return 0
    flow.keepsAnswer = isData
    flow.keptNs = timeNs
    if (!isData) return bytes.length
    return Math.min(payloadEnd, payloadAt + (block === 1 ? firstBlockHead : blockHead))
  }

  #segment(bytes: Uint8Array, source: IpAddress, destination: IpAddress, timeNs: bigint): number {
    const { sourcePort, destinationPort, payloadAt, payloadEnd, declaredEnd, tcpFlags, tcpSequence } = this.#headers
    // A connection is that of the machine, whichever side sends.
    const isUp = this.#isMachine(source, timeNs)
    const end = isUp ? endpointOf(source, sourcePort) : endpointOf(destination, destinationPort)
    const flow = this.#connections.get(end) ?? this.#connections.set(end, newFlow())
    flow.count++
    const length = declaredEnd - payloadAt
    const isMarked = (tcpFlags & (tcp.syn | tcp.fin | tcp.rst)) !== 0
    const start = length > 0 ? httpStart(bytes, payloadAt, payloadEnd) : undefined
    if (start) return Math.min(payloadEnd, payloadAt + httpHead)
    const isAgain = !isUp && length > 0 && flow.nextSequence >= 0 && tcpSequence !== flow.nextSequence
    if (!isUp && length > 0) flow.nextSequence = (tcpSequence + length) >>> 0
    if (!isMarked && !isAgain && flow.count > firstPackets && timeNs - flow.keptNs < everyNs) return 0
    flow.keptNs = timeNs
    return Math.min(payloadEnd, payloadAt)
  }
}

const newFlow = (): Flow => ({ count: 0, keptNs: 0n, lastBlock: -1, nextSequence: -1, keepsAnswer: false })
