/**
 * Whether the process at the other end of a channel still works: it is asked every little while, and anything that comes
 * from it counts as an answer. A process can be there and do nothing, stopped by a signal or held in an endless loop; its
 * channel then stays open, and only its silence tells. Clock and channel are handed in.
 */

export interface HeartbeatClock {
  /** Milliseconds that never run backwards. */
  now(): number
  /** Does that later; returns how to take it back. */
  after(ms: number, work: () => void): () => void
}

export interface HeartbeatLimits {
  /** Between two questions. */
  readonly everyMs: number
  /** Nothing heard for so long is silence. */
  readonly silentMs: number
  /** After so long nothing is expected any more. */
  readonly giveUpMs: number
}

export interface HeartbeatOptions {
  readonly clock: HeartbeatClock
  readonly limits: HeartbeatLimits
  readonly ask: () => void
  /** Called once a silence. */
  readonly onSilent: (silentMs: number) => void
  /** A silence that was told is over. */
  readonly onAnswer: (silentMs: number) => void
  /** Called once a silence, after `onSilent`. */
  readonly onGiveUp: (silentMs: number) => void
}

export class Heartbeat {
  readonly #options: HeartbeatOptions
  #heardAt = 0
  #cancel: (() => void) | undefined
  /** One question at a time: whoever does not answer need not find a heap of them. */
  #isAsked = false
  #told: 'nothing' | 'silent' | 'given-up' = 'nothing'

  constructor(options: HeartbeatOptions) {
    this.#options = options
  }

  /** From now on a process is there, which was just heard of. */
  start(): void {
    this.stop()
    this.#heardAt = this.#options.clock.now()
    this.#plan()
  }

  /** There is nobody to ask any more. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#isAsked = false
    this.#told = 'nothing'
  }

  /** Something came from there. */
  heard(): void {
    if (!this.#cancel) return
    const now = this.#options.clock.now()
    const silentMs = now - this.#heardAt
    const wasTold = this.#told !== 'nothing'
    this.#heardAt = now
    this.#isAsked = false
    this.#told = 'nothing'
    if (wasTold) this.#options.onAnswer(silentMs)
  }

  #plan(): void {
    const { clock, limits } = this.#options
    const dueAt = clock.now() + limits.everyMs
    this.#cancel = clock.after(limits.everyMs, () => {
      // Whoever did not run itself, held up or asleep with its machine, cannot say that nobody spoke meanwhile.
      const lateMs = clock.now() - dueAt
      if (lateMs > limits.everyMs) this.#heardAt += lateMs
      this.#plan()
      this.#look()
    })
  }

  #look(): void {
    const { clock, limits, ask, onSilent, onGiveUp } = this.#options
    const silentMs = clock.now() - this.#heardAt
    if (!this.#isAsked) {
      this.#isAsked = true
      ask()
    }
    if (this.#told === 'nothing' && silentMs >= limits.silentMs) {
      this.#told = 'silent'
      onSilent(silentMs)
    }
    if (this.#told === 'silent' && silentMs >= limits.giveUpMs) {
      this.#told = 'given-up'
      onGiveUp(silentMs)
    }
  }
}
