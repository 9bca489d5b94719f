/** When to send again: from the measured round trip, doubled after each silence, given up after a number of tries. */
export interface RetransmissionLimits {
  readonly initialMs: number
  readonly minimumMs: number
  readonly maximumMs: number
  /** How often the same is sent again before the transfer ends. */
  readonly tries: number
}

/** Longer in sum than any measured client goes on asking (EDK2 24 s, iPXE 16 s, U-Boot 55 s between giving up). */
export const defaultRetransmission: RetransmissionLimits = {
  initialMs: 1000,
  minimumMs: 200,
  maximumMs: 8000,
  tries: 8,
}

/**
 * What may go to an address from which nothing has come but one request, which anybody can forge: little, and not for long.
 * A client that is there answers within its round trip, and asks again where nothing came.
 */
export interface UnansweredLimits {
  /** How often a short first packet (OACK, ACK) is sent again. */
  readonly repeats: number
  /** How often a first block is. */
  readonly blockRepeats: number
  /** From the first packet to giving up. */
  readonly lastsMs: number
}

export const defaultUnanswered: UnansweredLimits = { repeats: 2, blockRepeats: 1, lastsMs: 8000 }

export class RetransmissionTimer {
  readonly #limits: RetransmissionLimits
  /** An interval the client dictated (RFC 2349); it is used as it is. */
  readonly #fixedMs: number | undefined
  #smoothedMs: number | undefined
  #tries = 0

  constructor(limits: RetransmissionLimits, timeoutSeconds: number | undefined) {
    this.#limits = limits
    this.#fixedMs = timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000
  }

  get tries(): number {
    return this.#tries
  }

  get intervalMs(): number {
    if (this.#fixedMs !== undefined) return this.#fixedMs
    const base = this.#smoothedMs === undefined ? this.#limits.initialMs : this.#smoothedMs * 4
    const bounded = Math.max(this.#limits.minimumMs, Math.min(base, this.#limits.maximumMs))
    return Math.min(bounded * 2 ** this.#tries, this.#limits.maximumMs)
  }

  /** Something new was acknowledged after that round trip; pass undefined where it was sent more than once. */
  succeeded(roundTripMs: number | undefined): void {
    this.#tries = 0
    // Karn's rule: a repeated packet tells nothing about the round trip.
    if (roundTripMs !== undefined)
      this.#smoothedMs = this.#smoothedMs === undefined ? roundTripMs : this.#smoothedMs * 0.875 + roundTripMs * 0.125
  }

  /** Counts a silence; false when it was one too many. */
  mayTryAgain(): boolean {
    this.#tries++
    return this.#tries <= this.#limits.tries
  }
}
