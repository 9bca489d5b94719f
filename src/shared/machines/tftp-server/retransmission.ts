/** When to send again: from the measured round trip, doubled after each silence, given up after a number of seconds. */
export interface RetransmissionLimits {
  readonly initialMs: number
  readonly minimumMs: number
  readonly maximumMs: number
  /** How long a client may be silent, in sum, before the transfer ends. */
  readonly patienceMs: number
}

/** No measured client goes on asking for longer (EDK2 24 s, iPXE 16 s, U-Boot 55 s between giving up). */
export const defaultRetransmission: RetransmissionLimits = {
  initialMs: 1000,
  minimumMs: 200,
  maximumMs: 8000,
  patienceMs: 55_000,
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

/** Clients that are busy with what they got answer a little later than the round trip says. */
const shortestEchoMs = 10

export class RetransmissionTimer {
  readonly #limits: RetransmissionLimits
  readonly #longestMs: number
  #smoothedMs: number | undefined
  #tries = 0
  #silentMs = 0

  /**
   * A granted timeout (RFC 2349) is the longest wait, not the only one. U-Boot asks for 5 s, which is also when it counts a
   * loss of its own, and it ends at its eleventh in one file: a server that waits as long as it says loses that race for every
   * packet that is lost. dnsmasq, which boots it over such wires, sends again after 1.5 s and grants nothing.
   */
  constructor(limits: RetransmissionLimits, timeoutSeconds: number | undefined) {
    this.#limits = limits
    this.#longestMs = Math.min(limits.maximumMs, timeoutSeconds === undefined ? Infinity : timeoutSeconds * 1000)
  }

  /** How often the client has been silent since it last moved on. */
  get tries(): number {
    return this.#tries
  }

  get intervalMs(): number {
    const base = this.#smoothedMs === undefined ? this.#limits.initialMs : this.#smoothedMs * 4
    return Math.min(Math.max(this.#limits.minimumMs, base) * 2 ** this.#tries, this.#longestMs)
  }

  /** How long answers to what was sent before may still come in. */
  get echoMs(): number {
    return Math.max(shortestEchoMs, Math.min(2 * (this.#smoothedMs ?? 0), this.#limits.minimumMs))
  }

  /** Something new was acknowledged after that round trip; pass undefined where it was sent more than once. */
  succeeded(roundTripMs: number | undefined): void {
    this.#tries = 0
    this.#silentMs = 0
    // Karn's rule: a repeated packet tells nothing about the round trip.
    if (roundTripMs !== undefined)
      this.#smoothedMs = this.#smoothedMs === undefined ? roundTripMs : this.#smoothedMs * 0.875 + roundTripMs * 0.125
  }

  /** Counts a silence; false when it was one too many. */
  mayTryAgain(): boolean {
    this.#silentMs += this.intervalMs
    this.#tries++
    return this.#silentMs < this.#limits.patienceMs
  }
}
