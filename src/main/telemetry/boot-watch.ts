/** Boots as a responder without a window sees them, for what it tells others: its packets, explained as a window explains them. */
import type { Verdict } from '#shared/contract/calls.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { BootRoom } from '../backend/boot-room.ts'
import { ClientBook } from '../backend/client-book.ts'
import { LogBook } from '../backend/log-book.ts'
import { LiveFrames } from '../observe/live-frames.ts'
import type { SettledBoot } from '../observe/verdict.ts'
import type { Observed } from '../responder/observed.ts'

const tickMs = 200

export interface BootWatchOptions {
  readonly ports: Lab['ports']
  readonly onVerdict: (verdict: Verdict) => void
  readonly onSettled: (boot: SettledBoot) => void
  readonly warn: (message: string) => void
}

export class BootWatch {
  readonly #frames: LiveFrames
  readonly #boots: BootRoom
  #ticker: NodeJS.Timeout | undefined

  constructor({ ports, onVerdict, onSettled, warn }: BootWatchOptions) {
    const clients = new ClientBook()
    this.#frames = new LiveFrames((address) => clients.macOf(address))
    this.#frames.setPorts(ports)
    this.#boots = new BootRoom({
      frames: this.#frames,
      clients,
      log: new LogBook((text) => text),
      stateFile: () => undefined,
      onVerdict: (verdict) => {
        clients.judge(verdict)
        onVerdict(verdict)
      },
      onSettled,
      warn,
    })
  }

  async open(): Promise<void> {
    await this.#boots.open()
    this.#ticker = setInterval(() => this.#boots.tick(), tickMs)
  }

  observe(seen: Observed): void {
    this.#frames.addObserved(seen)
  }

  async close(): Promise<void> {
    clearInterval(this.#ticker)
    await this.#boots.close()
  }
}
