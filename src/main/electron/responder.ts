/** The responder's process, which outlives the back end: machines are answered while that is started again. */
import { join } from 'node:path'
import { MessageChannelMain, utilityProcess, type UtilityProcess } from 'electron'
import { responderLimits } from '../responder-process/forked.ts'
import { Supervisor, systemClock, type StopResult, type SupervisedChild } from '../supervise/supervisor.ts'

/** What a back end is told of it; the first comes with the port to it. */
export type ResponderNews =
  | { readonly type: 'responder' }
  | { readonly type: 'responder-ended'; readonly how: string; readonly restartsInMs: number | undefined }

export class ResponderProcess {
  readonly #supervisor: Supervisor
  #process: UtilityProcess | undefined
  #backEnd: UtilityProcess | undefined

  constructor() {
    this.#supervisor = new Supervisor({
      limits: responderLimits,
      clock: systemClock,
      spawn: (ended) => this.#spawn(ended),
      onState: (state) => {
        if (state.state === 'pausing')
          this.#tell({ type: 'responder-ended', how: state.how, restartsInMs: state.pauseMs })
        if (state.state === 'gave-up') this.#tell({ type: 'responder-ended', how: state.how, restartsInMs: undefined })
      },
    })
  }

  /** Starts it, or tries anew after it was given up; where it runs nothing happens. */
  start(): void {
    this.#supervisor.start()
  }

  /** Ends one that does not answer any more; it is started again as after any other end. */
  end(why: string): void {
    this.#supervisor.end(why)
  }

  /** From now on that process serves people. */
  serve(backEnd: UtilityProcess): void {
    this.#backEnd = backEnd
    this.#connect()
  }

  stop(): Promise<StopResult> {
    return this.#supervisor.stop()
  }

  #tell(news: ResponderNews): void {
    this.#backEnd?.postMessage(news)
  }

  #connect(): void {
    if (!this.#process || !this.#backEnd) return
    const { port1, port2 } = new MessageChannelMain()
    this.#process.postMessage({ type: 'back-end' }, [port1])
    this.#backEnd.postMessage({ type: 'responder' } satisfies ResponderNews, [port2])
  }

  #spawn(ended: (how: string) => void): SupervisedChild {
    const child = utilityProcess.fork(join(import.meta.dirname, 'desktop-responder.js'), [], {
      serviceName: 'PXE Lab responder',
    })
    this.#process = child
    child.on('exit', (code) => {
      this.#process = undefined
      ended(`exit code ${code}`)
    })
    this.#connect()
    return {
      askToEnd: () => child.postMessage({ type: 'quit' }),
      endNow: () => {
        const { pid } = child
        if (pid !== undefined) process.kill(pid, 'SIGKILL')
      },
    }
  }
}
