/**
 * Frames as they come, one line each: fragments are put together and TFTP is told by its transfers, and nothing else is
 * kept. For machines and attempts there is `BootTrace`.
 */
import { u16At } from '../wire/bytes.ts'
import { FrameHeaders, hasDhcp6Ports, hasDhcpPorts, ipProtocols } from '../wire/headers.ts'
import { endpointOf } from '../wire/ip-address.ts'
import { isCutShort, summarizeRead, type FrameSummary } from '../wire/summary.ts'
import { looksLikeTftp, tftpOpcodes } from '../wire/tftp.ts'
import { Reassembler } from './reassembly.ts'

/** Client ends that asked for a file; older ones are forgotten. */
const mostEnds = 65_536

export class Flows {
  readonly #headers = new FrameHeaders()
  readonly #fragments = new Reassembler()
  readonly #ends = new Set<number | string>()
  #recent: number | string = -1
  /** The packet of the frame that was read last: its own bytes, or what it completed. */
  bytes: Uint8Array = new Uint8Array()
  isTftp = false
  #count = 0

  /** The line about the next frame. */
  read(frame: Uint8Array, linkType: number, originalLength?: number): FrameSummary {
    const headers = this.#headers
    this.#count++
    this.bytes = frame
    this.isTftp = false
    headers.read(frame, linkType)
    if (headers.ipAt >= 0 || headers.ip6At >= 0) {
      const whole = headers.isFragment ? this.#fragments.add(this.#count, frame, headers) : undefined
      if (whole) {
        this.bytes = whole.bytes
        headers.read(whole.bytes, linkType)
      }
      if (headers.ipProtocol === ipProtocols.udp && !hasDhcpPorts(headers) && !hasDhcp6Ports(headers))
        this.isTftp = this.#belongsToTransfer()
    }
    return summarizeRead(this.bytes, headers, this.isTftp, this.bytes === frame && isCutShort(frame, originalLength))
  }

  #belongsToTransfer(): boolean {
    const { sourcePort, destinationPort, payloadAt, payloadEnd } = this.#headers
    if (sourcePort < 0) return false
    const up = endpointOf(this.#headers.sourceIn(this.bytes), sourcePort)
    const opcode = payloadEnd - payloadAt >= 4 ? u16At(this.bytes, payloadAt) : 0
    const isRequest = opcode === tftpOpcodes.rrq || opcode === tftpOpcodes.wrq
    if (isRequest && (destinationPort === 69 || looksLikeTftp(this.bytes.subarray(payloadAt, payloadEnd)))) {
      this.#ends.add(up)
      if (this.#ends.size > mostEnds) this.#ends.delete(this.#ends.values().next().value!)
      return true
    }
    const down = endpointOf(this.#headers.destinationIn(this.bytes), destinationPort)
    // Most packets are of the transfer of the one before.
    if (up === this.#recent || down === this.#recent) return true
    if (this.#ends.has(up)) this.#recent = up
    else if (this.#ends.has(down)) this.#recent = down
    else return false
    return true
  }
}
