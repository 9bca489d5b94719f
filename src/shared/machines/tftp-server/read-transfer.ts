/**
 * One file on its way to one client: DATA out, ACK in. In lock-step it sends on progress and on its own timer, never because
 * an acknowledgement came twice (RFC 1123 section 4.2.3.1); block numbers wrap from 65535 to 0, as firmware expects.
 *
 * In windows an acknowledgement of less than the window, or the same one again, says that the block behind it is missing, and
 * the window restarts there (RFC 7440 section 4). But EDK2 acknowledges so every single block that is not the next one, those
 * included that it got twice: a server that believes each of these sends every later window twice, to the end of the file.
 * Hence
 * - one of them is believed, and those that follow within a round trip or two are taken for what they mostly are, echoes of
 *   blocks that were on their way. If no progress ends the doubt the client is asked;
 * - to ask, and on silence, the last block of the window goes out alone: whatever the client has, it answers that with one
 *   acknowledgement that says so. Only where this is not answered (U-Boot and atftp say once what they miss, and no more) the
 *   whole window goes out again.
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
  /** The last block that may be sent for now: the end of the window, less while it is in doubt what the client has. */
  #mayReach: number
  #sentTo = 0
  #oackPending: boolean
  #oackAcked: boolean
  /** Until then an acknowledgement that tells of a loss may be an echo of what was sent before the last restart. */
  #doubtsUntil = 0
  /** How many of them can: one for each block that was under way. */
  #echoes = 0
  /** Whether one came meanwhile, and the client is to be asked. */
  #isInDoubt = false
  /** The client was asked what it has, by the last block of the window. */
  #isProbing = false
  /** It was asked because of a doubt, and is not waited for as long as a client that says nothing. */
  #isAsking = false
  /** The block whose repeated acknowledgement put the deadline off, which it does once. */
  #deferredAt = -1
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
    this.#mayReach = Math.min(this.#windowSize, this.#lastBlock)
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
      const nextWindowSize = this.#agreement.variableWindow && payload.length >= 5 ? payload[4]! : 0
      this.#acknowledge(u16At(payload, 2), nextWindowSize || this.#windowSize, now)
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
    if (!this.#oackAcked || this.#next > this.#mayReach) return 0
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
  /** Whether nothing is left to do. */
  get isOver(): boolean {
    return this.#end !== undefined
  }

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

  /** An acknowledgement that says nothing new names no window either: it may be an old one, late. */
  #acknowledge(block: number, windowSize: number, now: number): void {
    if (!this.#oackAcked) {
      if (block !== 0) return
      this.#oackAcked = true
      this.#windowSize = windowSize
      this.#openWindow()
      this.#progressed(now)
      return
    }
    const step = (block - this.#acked) & 0xffff
    if (step > 0 && step <= this.#sentTo - this.#acked) {
      this.#windowSize = windowSize
      this.#advance(step, now)
    } else if (step === 0) this.#repeated(now)
  }

  #advance(step: number, now: number): void {
    this.#acked += step
    if (this.#acked >= this.#lastBlock) {
      this.#finish('completed', 'every block was acknowledged')
      return
    }
    this.#progressed(now)
    if (this.#next > this.#acked + 1) return this.#missing(now)
    // The whole window, or more than was sent again of it.
    this.#openWindow()
    // It may have come by itself, and the answer to the question still be on its way.
    if (this.#isProbing) {
      this.#echoes = 1
      this.#doubtsUntil = now + this.#timer.echoMs
    }
    this.#isProbing = false
    this.#isInDoubt = false
  }

  #repeated(now: number): void {
    // In lock-step it says nothing, and an answer would double every packet from there on.
    if (this.#windowSize > 1 && this.#next > this.#acked + 1) this.#missing(now)
  }

  /** The client says, or seems to say, that it misses the block behind the last one in order. */
  #missing(now: number): void {
    if (!this.#isProbing && now < this.#doubtsUntil && this.#echoes > 0) {
      this.#echoes--
      this.#isInDoubt = true
      this.#mayReach = this.#next - 1
      // Where one echo comes, the next one may be behind it.
      this.#doubtsUntil = now + this.#timer.echoMs
      this.#deadline = this.#doubtsUntil
      return
    }
    this.#restart(now)
    if (this.#deferredAt === this.#acked) return
    this.#deferredAt = this.#acked
    this.#deadline = now + this.#timer.intervalMs
  }

  /** Everything behind the last block in order goes out again. */
  #restart(now: number): void {
    this.#echoes = this.#next - 1 - this.#acked
    this.#openWindow()
    this.#hasRepeated = true
    this.#isProbing = false
    this.#isAsking = false
    this.#isInDoubt = false
    this.#doubtsUntil = now + this.#timer.echoMs
  }

  #openWindow(): void {
    this.#next = this.#acked + 1
    this.#mayReach = Math.min(this.#acked + this.#windowSize, this.#lastBlock)
  }

  /** The last block that was sent goes out again, and no other. */
  #probe(): void {
    if (this.#next > this.#acked + 1) this.#next--
    this.#mayReach = this.#next
    this.#hasRepeated = true
    this.#isProbing = true
    this.#isInDoubt = false
  }

  #progressed(now: number): void {
    this.#hasAnswered = true
    this.#isAsking = false
    this.#timer.succeeded(this.#hasRepeated ? undefined : now - this.#windowSentAt)
    this.#hasRepeated = false
    this.#windowSentAt = now
    this.#deadline = now + this.#timer.intervalMs
  }

  #silence(now: number): void {
    if (this.#unanswered && !this.#hasAnswered) return this.#silenceOfStranger(this.#unanswered, now)
    if (this.#isInDoubt) {
      this.#probe()
      this.#deadline = now + this.#timer.echoMs
      this.#isAsking = true
      return
    }
    if (this.#isAsking) {
      // It has said before what it misses.
      this.#isAsking = false
      this.#restart(now)
      this.#deadline = now + this.#timer.intervalMs
      return
    }
    if (!this.#timer.mayTryAgain()) {
      this.#finish('client-silent', `no answer after ${this.#timer.tries - 1} repetitions`)
      return
    }
    if (!this.#oackAcked) {
      this.#hasRepeated = true
      this.#oackPending = true
      this.#retransmissions++
    } else if (this.#timer.tries % 2 === 1) this.#probe()
    else this.#restart(now)
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
