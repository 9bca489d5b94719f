/**
 * Keeps one child process alive: starts it again after a growing pause where it ends unasked, and gives up where that
 * happens too often, so that a process that cannot run never spins. Clock and child are handed in.
 */
import type { HeartbeatClock } from '#shared/contract/heartbeat.ts'

/** A child as its supervisor sees it. */
export interface SupervisedChild {
  /** Asks it to end by itself. */
  askToEnd(): void
  /** Ends it at once. */
  endNow(): void
}

export interface SupervisorLimits {
  /** Before the first restart; each further one doubles it. */
  readonly firstPauseMs: number
  readonly longestPauseMs: number
  /** So many restarts within `withinMs`; the next end gives up. */
  readonly mostRestarts: number
  readonly withinMs: number
  /** A child that has run so long is well: the pause begins anew. */
  readonly quietMs: number
  /** What a child that was asked to end has for it; then it is killed. */
  readonly endLimitMs: number
}

export type SupervisorState =
  | { readonly state: 'stopped' }
  /** `restarts` counts those within the time that limits them. */
  | { readonly state: 'running'; readonly restarts: number }
  /** It ended unasked, and is started again after that pause. `how` tells of the end: "exit code 1". */
  | { readonly state: 'pausing'; readonly how: string; readonly pauseMs: number; readonly restarts: number }
  | { readonly state: 'gave-up'; readonly how: string; readonly restarts: number }
  | { readonly state: 'stopping' }

/** How a stop went: by itself, killed at the limit, or not at all, so that whoever asked can go on regardless. */
export type StopResult = 'ended' | 'killed' | 'stuck'

export interface SupervisorOptions {
  /** Starts a child and calls `ended` once when it has ended; what it throws counts as an end. */
  readonly spawn: (ended: (how: string) => void) => SupervisedChild
  readonly clock: HeartbeatClock
  readonly limits: SupervisorLimits
  readonly onState: (state: SupervisorState) => void
}

/** A killed child is gone at once, or is held by the system and will not go. */
const killLimitMs = 2000

interface Running {
  readonly child: SupervisedChild
  readonly since: number
  /** Why it is ended, where it was not asked to end. */
  why?: string
}

export class Supervisor {
  readonly #options: SupervisorOptions
  #state: SupervisorState = { state: 'stopped' }
  #running: Running | undefined
  /** Counts starts, so that the end of an earlier child is not taken for that of the present one. */
  #start = 0
  #restartTimes: number[] = []
  #pauseMs: number
  #cancelPause: () => void = () => {}
  #stopping: { readonly done: Promise<StopResult>; readonly ended: (result: StopResult) => void } | undefined

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#pauseMs = options.limits.firstPauseMs
  }

  get state(): SupervisorState {
    return this.#state
  }

  /** Starts the child, or starts anew after giving up; where one runs, pauses or is stopping, nothing happens. */
  start(): void {
    if (this.#state.state !== 'stopped' && this.#state.state !== 'gave-up') return
    this.#restartTimes = []
    this.#pauseMs = this.#options.limits.firstPauseMs
    this.#spawn()
  }

  /** Ends the child, by force at the limit. Resolves when it has ended; to ask twice is to wait for the same. */
  stop(): Promise<StopResult> {
    if (this.#stopping) return this.#stopping.done
    this.#cancelPause()
    const running = this.#running
    if (!running) {
      this.#start++
      this.#set({ state: 'stopped' })
      return Promise.resolve('ended')
    }
    const { clock, limits } = this.#options
    const { promise: done, resolve } = Promise.withResolvers<StopResult>()
    let wasKilled = false
    let cancel = (): void => {}
    const ended = (result: StopResult): void => {
      cancel()
      this.#stopping = undefined
      this.#running = undefined
      this.#set({ state: 'stopped' })
      resolve(result === 'ended' && wasKilled ? 'killed' : result)
    }
    this.#stopping = { done, ended }
    this.#set({ state: 'stopping' })
    cancel = clock.after(limits.endLimitMs, () => {
      wasKilled = true
      cancel = clock.after(killLimitMs, () => {
        // Its end may still come, and then means nothing.
        this.#start++
        ended('stuck')
      })
      running.child.endNow()
    })
    running.child.askToEnd()
    return done
  }

  /** Ends a child that does no work any more, which counts as an end unasked; `why` tells of it. */
  end(why: string): void {
    if (!this.#running || this.#stopping) return
    this.#running.why = why
    this.#running.child.endNow()
  }

  #set(state: SupervisorState): void {
    this.#state = state
    this.#options.onState(state)
  }

  #spawn(): void {
    const start = ++this.#start
    const since = this.#options.clock.now()
    /** An end that is told before the child is handed over. */
    let early: string | undefined
    let isHanded = false
    try {
      const child = this.#options.spawn((how) => {
        if (isHanded) this.#ended(start, how)
        else early ??= how
      })
      this.#running = { child, since }
    } catch (error) {
      early = `it cannot be started: ${error instanceof Error ? error.message : String(error)}`
    }
    isHanded = true
    if (early === undefined) this.#set({ state: 'running', restarts: this.#restartTimes.length })
    else this.#ended(start, early)
  }

  #ended(start: number, seen: string): void {
    if (start !== this.#start) return
    if (this.#stopping) return this.#stopping.ended('ended')
    const { clock, limits } = this.#options
    const now = clock.now()
    const how = this.#running?.why ?? seen
    const ranMs = this.#running ? now - this.#running.since : 0
    this.#running = undefined
    // An end is told once; what comes after belongs to nobody.
    this.#start++
    this.#restartTimes = this.#restartTimes.filter((time) => now - time < limits.withinMs)
    const restarts = this.#restartTimes.length
    if (restarts >= limits.mostRestarts) return this.#set({ state: 'gave-up', how, restarts })
    if (ranMs >= limits.quietMs) this.#pauseMs = limits.firstPauseMs
    const pauseMs = this.#pauseMs
    this.#pauseMs = Math.min(pauseMs * 2, limits.longestPauseMs)
    this.#cancelPause = clock.after(pauseMs, () => {
      this.#restartTimes.push(clock.now())
      this.#spawn()
    })
    this.#set({ state: 'pausing', how, pauseMs, restarts })
  }
}

/** The clock of the system. */
export const systemClock: HeartbeatClock = {
  now: () => performance.now(),
  after(ms, work) {
    const timer = setTimeout(work, ms)
    return () => clearTimeout(timer)
  },
}
