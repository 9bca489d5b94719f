/**
 * Which packets of a transfer are shown to whoever watches. A fast transfer has a hundred thousand blocks a second, and
 * telling each would take longer than sending it: the first ones are told, then one in a while, and always what is not
 * routine: errors, what is sent again, and the last block.
 */
import { tftpOpcodes } from '#shared/wire/tftp.ts'
import type { SeenPacket } from './messages.ts'

const firstPackets = 64
const everyMs = 20
/** Of a routine block: opcode, number, and a little of what it holds. */
const blockHead = 32
/** Of the first block: enough to tell what program it begins. */
const firstBlockHead = 600
/** Opcode and block number (RFC 1350 section 5). */
const dataHeader = 4
/** Packets between two reports; a burst beyond it is left out. */
const mostPending = 4096

interface Watched {
  readonly id: string
  readonly localPort: number
  readonly buffer: Uint8Array
}

interface Track {
  count: number
  keptAt: number
  /** The answer to a packet that was kept is kept as well. */
  keepsAnswer: boolean
  lastBlock: number
}

export class PacketSampler {
  readonly #tracks = new Map<string, Track>()
  #pending: SeenPacket[] = []
  /** Whether every packet is told, whole, whatever that costs. */
  keepsAll = false

  /** Transfers of which nothing but the headers of blocks is told. */
  readonly #concealed = new Set<string>()

  /** Tells nothing of what the file of a transfer holds. */
  conceal(id: string): void {
    this.#concealed.add(id)
  }

  look(transfer: Watched, direction: 'in' | 'out', packet: Uint8Array): void {
    let track = this.#tracks.get(transfer.id)
    if (!track) this.#tracks.set(transfer.id, (track = { count: 0, keptAt: 0, keepsAnswer: false, lastBlock: -1 }))
    track.count++
    const opcode = packet[1] ?? 0
    const isData = opcode === tftpOpcodes.data
    const block = isData ? (packet[2]! << 8) | packet[3]! : -1
    // A block that is not the one behind the last was sent again; a shorter one than the buffer takes is the last.
    const isAgain = isData && track.lastBlock >= 0 && block !== ((track.lastBlock + 1) & 0xffff)
    const isLast = isData && packet.length < transfer.buffer.length
    if (isData) track.lastBlock = block
    const isRoutine = (isData || opcode === tftpOpcodes.ack) && track.count > firstPackets && !isAgain && !isLast
    const now = performance.now()
    if (!this.keepsAll && isRoutine && !track.keepsAnswer && now - track.keptAt < everyMs) return
    track.keepsAnswer = isData
    track.keptAt = now
    if (this.#pending.length >= mostPending) return
    const keeps = isData && this.#concealed.has(transfer.id) ? dataHeader : isData && !this.keepsAll ? (block === 1 ? firstBlockHead : blockHead) : packet.length // prettier-ignore
    this.#pending.push({
      id: transfer.id,
      direction,
      time: performance.timeOrigin + now,
      localPort: transfer.localPort,
      length: packet.length,
      head: new Uint8Array(packet.subarray(0, keeps)),
    })
  }

  forget(id: string): void {
    this.#tracks.delete(id)
    this.#concealed.delete(id)
  }

  /** What there is to tell. */
  take(): readonly SeenPacket[] {
    if (this.#pending.length === 0) return this.#pending
    const pending = this.#pending
    this.#pending = []
    return pending
  }
}
