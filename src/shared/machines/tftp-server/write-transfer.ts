/** One file on its way from a client into the lab's upload folder: DATA in, ACK out (RFC 1350 section 2). */
import { decodeTftp, encodeTftp, tftpErrors } from '../../wire/tftp.ts'
import type { TftpAgreement } from './negotiation.ts'
import type { TransferEnd, TransferInput, TransferOutcome } from './read-transfer.ts'
import {
  RetransmissionTimer,
  defaultRetransmission,
  type RetransmissionLimits,
  type UnansweredLimits,
} from './retransmission.ts'

export interface BlockSink {
  /** Takes the next bytes of the file in order; false where they cannot be kept. */
  write(data: Uint8Array): boolean
  /** All of it is there: keeps it, before the last block is acknowledged. False where it cannot be kept. */
  finish?(): boolean
  /** Why not, after one of them returned false: the code of the ERROR (RFC 1350 section 5) and a sentence without its end. */
  readonly problem?: { readonly code: number; readonly message: string } | undefined
}

export interface WriteTransferConfiguration {
  readonly sink: BlockSink
  readonly agreement: TftpAgreement
  /** The largest upload accepted, in bytes. */
  readonly maximumBytes: number
  readonly retransmission?: RetransmissionLimits
  /** Until the client has answered; without them it is as patient as later on. */
  readonly unanswered?: UnansweredLimits
}

/**
 * How long the last acknowledgement can be asked for again (RFC 1350 section 6): it may be lost, and its sender would take
 * the file for lost and find the name taken at the next try. Whoever was granted a timeout repeats after that time.
 */
const dallyMs = (timeoutSeconds: number | undefined): number =>
  Math.min(Math.max(4, (timeoutSeconds ?? 0) + 1), 10) * 1000

export class WriteTransfer {
  readonly #configuration: WriteTransferConfiguration
  readonly #timer: RetransmissionTimer
  readonly #startedAt: number
  /** The last block that came in order, not wrapped. */
  #received = 0
  #bytes = 0
  #inWindow = 0
  /** The block behind which a gap was told. */
  #gapToldAt = 0
  #answer: Uint8Array | undefined
  #last: Uint8Array
  #deadline: number
  #retransmissions = 0
  #end: TransferEnd | undefined
  #isEndTaken = false
  #isDallying = false

  constructor(configuration: WriteTransferConfiguration, now: number) {
    this.#configuration = configuration
    this.#startedAt = now
    const { agreement, retransmission = defaultRetransmission } = configuration
    this.#timer = new RetransmissionTimer(retransmission, agreement.timeoutSeconds)
    this.#last =
      agreement.accepted.length > 0
        ? encodeTftp({ kind: 'oack', options: agreement.accepted })
        : encodeTftp({ kind: 'ack', block: 0 })
    this.#answer = this.#last
    this.#deadline = now + Math.min(this.#timer.intervalMs, configuration.unanswered?.lastsMs ?? Infinity)
  }

  get bytes(): number {
    return this.#bytes
  }

  get retransmissions(): number {
    return this.#retransmissions
  }

  readonly datagramSize = 1024

  handle(input: TransferInput, now: number): void {
    if (this.#end) return this.#dally(input, now)
    if (input.kind === 'timeout') {
      if (now < this.#deadline) return
      const { unanswered } = this.#configuration
      if (unanswered && this.#received === 0) {
        const endsAt = this.#startedAt + unanswered.lastsMs
        if (now >= endsAt) return this.#finish('client-silent', 'the client never answered')
        if (this.#timer.tries >= unanswered.repeats) {
          this.#deadline = endsAt
          return
        }
      }
      if (!this.#timer.mayTryAgain())
        return this.#finish('client-silent', `no data after ${this.#timer.tries - 1} repetitions`)
      this.#retransmissions++
      this.#answer = this.#last
      this.#deadline = now + this.#timer.intervalMs
      if (unanswered && this.#received === 0)
        this.#deadline = Math.min(this.#deadline, this.#startedAt + unanswered.lastsMs)
      return
    }
    const { packet } = decodeTftp(input.payload)
    if (packet?.kind === 'error') return this.#finish('refused-by-client', packet.message || `error ${packet.code}`)
    if (packet?.kind !== 'data') return
    const { agreement, sink, maximumBytes } = this.#configuration
    if (packet.block !== ((this.#received + 1) & 0xffff)) return this.#outOfOrder(packet.block)
    if (packet.data.length > agreement.blockSize)
      return this.#fail(tftpErrors.illegalOperation, 'the block is longer than agreed')
    if (this.#bytes + packet.data.length > maximumBytes)
      return this.#fail(tftpErrors.diskFull, `uploads end at ${maximumBytes} bytes`)
    const isLast = packet.data.length < agreement.blockSize
    // Nothing is acknowledged that could still be lost.
    if (!sink.write(packet.data) || (isLast && sink.finish?.() === false))
      return this.#fail(
        sink.problem?.code ?? tftpErrors.diskFull,
        sink.problem?.message ?? 'the file cannot be written',
      )
    this.#received++
    this.#inWindow++
    this.#bytes += packet.data.length
    this.#timer.succeeded(undefined)
    this.#deadline = now + this.#timer.intervalMs
    if (isLast || this.#inWindow >= agreement.windowSize) this.#acknowledge()
    if (!isLast) return
    this.#finish('completed', 'the file arrived')
    this.#isDallying = true
    this.#deadline = now + dallyMs(agreement.timeoutSeconds)
  }

  #dally(input: TransferInput, now: number): void {
    if (!this.#isDallying) return
    if (input.kind === 'timeout') {
      this.#isDallying = now < this.#deadline
      return
    }
    const { packet } = decodeTftp(input.payload)
    if (packet?.kind === 'data' && packet.block === (this.#received & 0xffff)) this.#answer = this.#last
  }

  /**
   * Says where we are, so that the sender goes on behind it (RFC 7440 section 4): once for a gap, whatever else follows it, and
   * of blocks that come again for the last one, whose acknowledgement was lost.
   */
  #outOfOrder(block: number): void {
    if (this.#received === 0) return
    const isLast = block === (this.#received & 0xffff)
    const isAhead = ((block - this.#received) & 0xffff) < 0x8000
    if (!isLast && (!isAhead || this.#gapToldAt === this.#received)) return
    if (!isLast) this.#gapToldAt = this.#received
    this.#acknowledge()
  }

  pollTransmit(target: Uint8Array): number {
    const answer = this.#answer
    if (!answer) return 0
    this.#answer = undefined
    target.set(answer)
    return answer.length
  }

  pollTimeout(): number | undefined {
    return this.isOver ? undefined : this.#deadline
  }

  /** Whether nothing is left to do; a file that has arrived may still be acknowledged again for a while. */
  get isOver(): boolean {
    return this.#end !== undefined && !this.#isDallying
  }

  pollEvent(): TransferEnd | undefined {
    if (this.#isEndTaken || !this.#end) return undefined
    this.#isEndTaken = true
    return this.#end
  }

  abort(message: string, tellsClient = true): void {
    this.#isDallying = false
    if (this.#end) return
    if (tellsClient) this.#fail(tftpErrors.notDefined, message)
    else this.#finish('failed', message)
  }

  #acknowledge(): void {
    this.#inWindow = 0
    this.#last = encodeTftp({ kind: 'ack', block: this.#received & 0xffff })
    this.#answer = this.#last
  }

  #fail(code: number, message: string): void {
    this.#answer = encodeTftp({ kind: 'error', code, message })
    this.#finish('failed', message)
  }

  #finish(outcome: TransferOutcome, message: string): void {
    this.#end = { outcome, message, bytes: this.#bytes, retransmissions: this.#retransmissions }
  }
}
