/** The responder's process forked by this one, which starts it again when it ends unasked. */
import { fileURLToPath } from 'node:url'
import { forkProcess } from '../io/forked-process.ts'
import { Supervisor, systemClock, type SupervisedChild, type SupervisorLimits } from '../supervise/supervisor.ts'
import type { ResponderSource, SourceListener } from './source.ts'

export const responderLimits: SupervisorLimits = {
  firstPauseMs: 250,
  longestPauseMs: 30_000,
  mostRestarts: 8,
  withinMs: 300_000,
  quietMs: 60_000,
  endLimitMs: 5000,
}

const file = (): string =>
  fileURLToPath(
    import.meta.url.endsWith('.ts')
      ? new URL('./process.ts', import.meta.url)
      : new URL('./responder-process.js', import.meta.url),
  )

export class ForkedResponder implements ResponderSource {
  #supervisor: Supervisor | undefined
  readonly #limits: SupervisorLimits

  constructor(limits = responderLimits) {
    this.#limits = limits
  }

  open(listener: SourceListener): void {
    this.#supervisor = new Supervisor({
      spawn: (ended) => start(listener, ended),
      clock: systemClock,
      limits: this.#limits,
      onState: (state) => {
        if (state.state === 'pausing') listener.down(state.how, state.pauseMs)
        if (state.state === 'gave-up') listener.down(state.how, undefined)
      },
    })
    this.#supervisor.start()
  }

  retry(): void {
    this.#supervisor?.start()
  }

  end(why: string): void {
    this.#supervisor?.end(why)
  }

  async renew(): Promise<void> {
    await this.#supervisor?.stop()
    this.#supervisor?.start()
  }

  async close(): Promise<void> {
    await this.#supervisor?.stop()
  }
}

function start(listener: SourceListener, ended: (how: string) => void): SupervisedChild {
  const child = forkProcess(file(), ended)
  listener.up(child)
  return {
    askToEnd: () => child.post({ type: 'stop' }),
    endNow: () => child.endNow(),
  }
}
