/**
 * The life of a responder: stopped, starting, running, stopping or failed. Whoever starts or stops it does so here, so
 * that there is never more than one, none is left behind, and every call settles with the state that was reached.
 */
export type LifeState =
  | { readonly state: 'stopped' | 'stopping'; readonly reason: string }
  | { readonly state: 'starting' | 'running' }
  | { readonly state: 'failed'; readonly error: unknown }

/** What lives. `stop` ends a start that is under way, and may be called at any time and more than once. */
export interface Living {
  /** All or nothing: where it rejects nothing is left open. */
  start(): Promise<void>
  stop(reason: string): Promise<void>
  /** When it is to be stopped without being asked. */
  readonly autoStop?: { readonly afterMs: number; readonly reason: string } | undefined
}

interface Run<L extends Living> {
  living: L | undefined
  isWanted: boolean
  /** Settles when the start has come to an end, whichever; never rejects. */
  begun: Promise<void>
}

export class ResponderLife<L extends Living> {
  readonly #onState: (state: LifeState) => void
  #state: LifeState = { state: 'stopped', reason: 'not started yet' }
  /** The start that is wanted; undefined where none is. */
  #run: Run<L> | undefined
  /** Everything that was begun before and is no longer wanted has ended. */
  #ended: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #stopsAt: number | undefined
  #isClosed = false

  constructor(onState: (state: LifeState) => void = () => {}) {
    this.#onState = onState
  }

  get state(): LifeState {
    return this.#state
  }

  /** What runs, or is about to; undefined where nothing does. */
  get living(): L | undefined {
    return this.#run?.living
  }

  /** Milliseconds until it stops by itself, which a change of the clock does not touch; undefined where it does not. */
  get stopsInMs(): number | undefined {
    return this.#stopsAt === undefined ? undefined : Math.max(0, this.#stopsAt - performance.now())
  }

  /**
   * Starts what `make` gives; where something starts or runs already, waits for that instead. Resolves with the state once
   * it runs, failed, or was stopped in between; never rejects.
   */
  async start(make: () => L | Promise<L>): Promise<LifeState> {
    if (this.#isClosed) return this.#state
    this.#run ??= this.#newRun(make)
    const run = this.#run
    await run.begun
    if (!run.isWanted) await this.#ended
    return this.#state
  }

  /** Stops what runs or starts; resolves when nothing of it is left. */
  async stop(reason = 'by request'): Promise<LifeState> {
    const run = this.#run
    if (run) {
      this.#run = undefined
      run.isWanted = false
      clearTimeout(this.#timer)
      this.#stopsAt = undefined
      this.#ended = this.#end(run, reason, this.#ended)
    }
    await this.#ended
    // The person has seen why it failed; something else may have begun meanwhile.
    if (this.#state.state === 'failed' && !this.#run) this.#set({ state: 'stopped', reason })
    return this.#state
  }

  /** Stops, and refuses every later start. */
  close(reason: string): Promise<LifeState> {
    this.#isClosed = true
    return this.stop(reason)
  }

  #newRun(make: () => L | Promise<L>): Run<L> {
    const run: Run<L> = { living: undefined, isWanted: true, begun: Promise.resolve() }
    run.begun = this.#ended.then(() => this.#begin(run, make))
    return run
  }

  async #begin(run: Run<L>, make: () => L | Promise<L>): Promise<void> {
    if (!run.isWanted) return
    this.#set({ state: 'starting' })
    try {
      const living = await make()
      if (!run.isWanted) return
      run.living = living
      await living.start()
    } catch (error) {
      // What could not start has nothing open; this is for what could not even keep to that.
      await run.living?.stop('the start failed').catch(() => {})
      if (!run.isWanted) return
      this.#run = undefined
      this.#set({ state: 'failed', error })
      return
    }
    if (!run.isWanted) return
    this.#stopInTime(run.living)
    this.#set({ state: 'running' })
  }

  #stopInTime(living: L): void {
    const { autoStop } = living
    if (!autoStop) return
    this.#stopsAt = performance.now() + autoStop.afterMs
    this.#timer = setTimeout(() => void this.stop(autoStop.reason), autoStop.afterMs)
  }

  async #end(run: Run<L>, reason: string, before: Promise<void>): Promise<void> {
    if (this.#state.state === 'starting' || this.#state.state === 'running') this.#set({ state: 'stopping', reason })
    await before
    try {
      // Ends a start that waits for something, and makes sure of one that has just come through.
      await run.living?.stop(reason)
      await run.begun
      await run.living?.stop(reason)
      this.#set({ state: 'stopped', reason })
    } catch (error) {
      this.#set({ state: 'failed', error })
    }
  }

  #set(state: LifeState): void {
    this.#state = state
    this.#onState(state)
  }
}
