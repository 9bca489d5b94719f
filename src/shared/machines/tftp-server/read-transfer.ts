/**
 * One file on its way to one client: DATA out, ACK in. Sends only on progress and on its own timer, never because an
 * acknowledgement came twice (RFC 1123 section 4.2.3.1); block numbers wrap from 65535 to 0, as firmware expects; the
 * window restarts behind the last block that arrived in order (RFC 7440 section 4).
 */
import { u16At } from '../../wire/bytes.ts'
import { decodeTftp, encodeTftp, tftpErrors, tftpOpcodes } from '../../wire/tftp.ts'
import type { TftpAgreement } from './negotiation.ts'
import {
  RetransmissionTimer,
  defaultRetransmission,
  type RetransmissionLimits,
  type UnansweredLimits,
} from './retransmission.ts'

/** The content of the file. Reading is repeated for blocks that are sent again. */
export interface BlockSource {
  /** In bytes. */
  readonly size: number
  /** Copies bytes from `offset` on into `target`; returns how many, or undefined where the file cannot be read any more. */
  read(offset: number, target: Uint8Array): number | undefined
  /** Why not, after `read` returned undefined, as a clause. */
  readonly problem?: string | undefined
}

export type TransferOutcome =
  /** Every block was acknowledged. */
  | 'completed'
  /** The client only wanted to know the size: it refused the OACK, as UEFI and Intel ROMs do before each download. */
  | 'size-probe'
  /** The client broke off with an ERROR. */
  | 'refused-by-client'
  | 'client-silent'
  | 'failed'

export interface TransferEnd {
  readonly outcome: TransferOutcome
  readonly message: string
  /** Bytes the client has acknowledged. */
  readonly bytes: number
  readonly retransmissions: number
}

export type TransferInput = { readonly kind: 'packet'; readonly payload: Uint8Array } | { readonly kind: 'timeout' }

export interface ReadTransferConfiguration {
  readonly source: BlockSource
  readonly agreement: TftpAgreement
  readonly retransmission?: RetransmissionLimits
  /** Until the client has answered; without them it is as patient as later on. */
  readonly unanswered?: UnansweredLimits
}

/** An ERROR that refuses the options or cancels right after the OACK is a question about the size, not a failure. */
const probeErrors: ReadonlySet<number> = new Set([tftpErrors.notDefined, tftpErrors.optionRefused])

export class ReadTransfer {
  readonly #source: BlockSource
  readonly #agreement: TftpAgreement
  readonly #timer: RetransmissionTimer
  readonly #unanswered: UnansweredLimits | undefined
  readonly #startedAt: number
  #hasAnswered = false
  readonly #lastBlock: number
  #windowSize: number
  /** Blocks count from 1 and do not wrap here: `#acked` is the last one in order, `#next` the next one to send. */
  #acked = 0
  #next = 1
  #sentTo = 0
  #oackPending: boolean
  #oackAcked: boolean
  /** The block behind which a repeated acknowledgement already restarted the window. */
  #restartedAt = -1
  #windowSentAt: number
  #hasRepeated = false
  #deadline: number
  #retransmissions = 0
  #end: TransferEnd | undefined
  #isEndTaken = false
  /** An ERROR that is still to be sent. */
  #farewell: Uint8Array | undefined

  constructor(configuration: ReadTransferConfiguration, now: number) {
    const { source, agreement, retransmission = defaultRetransmission } = configuration
    this.#unanswered = configuration.unanswered
    this.#startedAt = now
    this.#source = source
    this.#agreement = agreement
    this.#windowSize = agreement.windowSize
    this.#timer = new RetransmissionTimer(retransmission, agreement.timeoutSeconds)
    this.#lastBlock = Math.floor(source.size / agreement.blockSize) + 1
    this.#oackPending = agreement.accepted.length > 0
    this.#oackAcked = !this.#oackPending
    this.#windowSentAt = now
    this.#deadline = now + Math.min(this.#timer.intervalMs, this.#unanswered?.lastsMs ?? Infinity)
  }

  /** Bytes acknowledged so far. */
  get bytes(): number {
    return Math.min(this.#acked * this.#agreement.blockSize, this.#source.size)
  }

  get retransmissions(): number {
    return this.#retransmissions
  }

  /** Longest datagram this transfer sends, in bytes. */
  get datagramSize(): number {
    return Math.max(this.#agreement.blockSize + 4, 512)
  }

  handle(input: TransferInput, now: number): void {
    if (this.#end) return
    if (input.kind === 'timeout') {
      if (now >= this.#deadline) this.#silence(now)
      return
    }
    const { payload } = input
    // The one packet of the hot path, read without building anything.
    if (payload.length >= 4 && payload[0] === 0 && payload[1] === tftpOpcodes.ack) {
      if (this.#agreement.variableWindow && payload.length >= 5 && payload[4]! > 0) this.#windowSize = payload[4]!
      this.#acknowledge(u16At(payload, 2), now)
      return
    }
    const { packet } = decodeTftp(payload)
    if (packet?.kind !== 'error') return
    const isProbe = !this.#oackAcked && this.#agreement.asksSize && probeErrors.has(packet.code)
    this.#finish(isProbe ? 'size-probe' : 'refused-by-client', packet.message || `error ${packet.code}`)
  }

  /** Writes the next datagram into `target`; returns its length, 0 where there is none. */
  pollTransmit(target: Uint8Array): number {
    if (this.#farewell) {
      const farewell = this.#farewell
      this.#farewell = undefined
      target.set(farewell)
      return farewell.length
    }
    if (this.#end) return 0
    if (this.#oackPending) {
      this.#oackPending = false
      const oack = encodeTftp({ kind: 'oack', options: this.#agreement.accepted })
      target.set(oack)
      return oack.length
    }
    if (!this.#oackAcked || this.#next > this.#lastBlock || this.#next > this.#acked + this.#windowSize) return 0
    const block = this.#next
    const offset = (block - 1) * this.#agreement.blockSize
    const wanted = Math.min(this.#agreement.blockSize, this.#source.size - offset)
    const length = wanted === 0 ? 0 : this.#source.read(offset, target.subarray(4, 4 + wanted))
    if (length !== wanted) {
      this.abort(this.#source.problem ?? 'the file changed or became unreadable during the transfer')
      return this.pollTransmit(target)
    }
    target[0] = 0
    target[1] = tftpOpcodes.data
    target[2] = (block >>> 8) & 255
    target[3] = block & 255
    if (block <= this.#sentTo) this.#retransmissions++
    else this.#sentTo = block
    this.#next++
    return 4 + length
  }

  pollTimeout(): number | undefined {
    return this.#end ? undefined : this.#deadline
  }

  /** How the transfer ended, once; poll `pollTransmit` first, a last ERROR may wait there. */
  pollEvent(): TransferEnd | undefined {
    if (this.#isEndTaken || !this.#end) return undefined
    this.#isEndTaken = true
    return this.#end
  }

  /** Ends the transfer from our side and, unless it has begun another from the same port, tells the client. */
  abort(message: string, tellsClient = true): void {
    if (this.#end) return
    if (tellsClient) this.#farewell = encodeTftp({ kind: 'error', code: tftpErrors.notDefined, message })
    this.#finish('failed', message)
  }

  #acknowledge(block: number, now: number): void {
    if (!this.#oackAcked) {
      if (block !== 0) return
      this.#oackAcked = true
      this.#progressed(now)
      return
    }
    const step = (block - this.#acked) & 0xffff
    const inFlight = this.#next - 1 - this.#acked
    if (step > 0 && step <= Math.max(inFlight, this.#sentTo - this.#acked)) {
      this.#acked += step
      if (this.#acked >= this.#lastBlock) {
        this.#finish('completed', 'every block was acknowledged')
        return
      }
      // Less than the whole window: the rest was lost on the way and is sent again from here.
      if (this.#next <= this.#acked || this.#next > this.#acked + 1) this.#next = this.#acked + 1
      this.#progressed(now)
      return
    }
    // A repeated acknowledgement is how a windowed client says that the window's first block is missing. It is believed
    // once; in lock-step never, for that would double every packet from there on.
    if (step === 0 && this.#windowSize > 1 && inFlight > 0 && this.#restartedAt !== this.#acked) {
      this.#restartedAt = this.#acked
      this.#next = this.#acked + 1
      this.#hasRepeated = true
    }
  }

  #progressed(now: number): void {
    this.#hasAnswered = true
    this.#timer.succeeded(this.#hasRepeated ? undefined : now - this.#windowSentAt)
    this.#hasRepeated = false
    this.#windowSentAt = now
    this.#deadline = now + this.#timer.intervalMs
  }

  #silence(now: number): void {
    if (this.#unanswered && !this.#hasAnswered) return this.#silenceOfStranger(this.#unanswered, now)
    if (!this.#timer.mayTryAgain()) {
      this.#finish('client-silent', `no answer after ${this.#timer.tries - 1} repetitions`)
      return
    }
    this.#hasRepeated = true
    if (this.#oackAcked) this.#next = this.#acked + 1
    else {
      this.#oackPending = true
      this.#retransmissions++
    }
    this.#deadline = now + this.#timer.intervalMs
  }

  /** Nothing ever came from there but the request. */
  #silenceOfStranger({ repeats, blockRepeats, lastsMs }: UnansweredLimits, now: number): void {
    const endsAt = this.#startedAt + lastsMs
    if (now >= endsAt) return this.#finish('client-silent', 'the client never answered')
    const left = (this.#oackAcked ? blockRepeats : repeats) - this.#timer.tries
    if (left <= 0) {
      this.#deadline = endsAt
      return
    }
    this.#timer.mayTryAgain()
    this.#hasRepeated = true
    if (this.#oackAcked) this.#next = 1
    else {
      this.#oackPending = true
      this.#retransmissions++
    }
    this.#deadline = left === 1 ? endsAt : Math.min(now + this.#timer.intervalMs, endsAt)
  }

  #finish(outcome: TransferOutcome, message: string): void {
    this.#end = { outcome, message, bytes: this.bytes, retransmissions: this.#retransmissions }
  }
}
