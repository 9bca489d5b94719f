/**
 * The back end has a process of its own, beside the responder's: a busy window delays neither, and each may crash alone.
 * One that ends unasked is started again until that happens too often; the responder goes on answering meanwhile.
 */
import { join } from 'node:path'
import {
  MessageChannelMain,
  utilityProcess,
  type MessagePortMain,
  type UtilityProcess,
  type WebContents,
} from 'electron'
import { say } from '#messages/message.ts'
import type { Status } from '#shared/contract/calls.ts'
import { createClient, type ContractClient } from '#shared/contract/channel.ts'
import { formatDuration } from '#shared/contract/format.ts'
import { Heartbeat, type HeartbeatLimits } from '#shared/contract/heartbeat.ts'
import type { BackEndNotice } from '#shared/contract/shell.ts'
import { hostChildren } from './children.ts'
import { Supervisor, systemClock, type StopResult, type SupervisorState } from '../supervise/supervisor.ts'
import { ResponderProcess } from './responder.ts'

const limits = {
  firstPauseMs: 500,
  longestPauseMs: 8000,
  mostRestarts: 5,
  withinMs: 120_000,
  quietMs: 60_000,
  endLimitMs: 10_000,
}
/** It reads captures and searches them beside answering: what takes it seconds is no reason to end it. */
const heartbeatLimits: HeartbeatLimits = { everyMs: 2000, silentMs: 6000, giveUpMs: 60_000 }
const isResponding = (status: Status): boolean => status.state === 'responding' || status.state === 'listening'

export class BackEnd {
  /** The shell's own way to ask the back end and to hear its pushes; it outlives the process behind it. */
  readonly client: ContractClient
  readonly #supervisor: Supervisor
  readonly #responder = new ResponderProcess()
  readonly #heartbeat: Heartbeat
  readonly #onStarted: () => void
  readonly #hears = new Set<(notice: BackEndNotice) => void>()
  #process: UtilityProcess | undefined
  #port: MessagePortMain | undefined
  #labPath: string
  #notice: BackEndNotice = { state: 'well', message: '', remedy: '' }
  /** Whether it answered or listened when it was last heard of. */
  #isResponding = false
  /** How the process before this one ended. */
  #lastEnd: string | undefined

  /** `onStarted` is called whenever a new process runs, so that windows can be connected to it. */
  constructor(labPath: string, onStarted: () => void) {
    this.#labPath = labPath
    this.#onStarted = onStarted
    this.client = createClient((message) => {
      if (this.#port) this.#port.postMessage(message)
      // Nobody will answer: whoever asked is told at once, after the call is on its list.
      else queueMicrotask(() => this.client.disconnect(say('app.back-end-does-not-run')))
    })
    this.#heartbeat = new Heartbeat({
      clock: systemClock,
      limits: heartbeatLimits,
      ask: () => void this.client.call('status.read', {}).catch(() => {}),
      onSilent: (silentMs) =>
        this.#tell({
          state: 'silent',
          message: say('desktop.back-end-silent', { silent: silentMs / 1000, limit: heartbeatLimits.giveUpMs / 1000 }),
          remedy: this.#isResponding ? say('desktop.responder-goes-on') : '',
        }),
      onAnswer: (silentMs) =>
        this.#tell({ state: 'well', message: say('desktop.back-end-answers', { silent: silentMs / 1000 }), remedy: '' }), // prettier-ignore
      onGiveUp: (silentMs) => this.#supervisor.end(`it had not answered for ${formatDuration(silentMs)}`),
    })
    // Whoever opens another lab, a restarted back end opens it too.
    this.client.on('lab', ({ path }) => (this.#labPath = path))
    this.client.on('status', (status) => (this.#isResponding = isResponding(status)))
    this.#supervisor = new Supervisor({
      limits,
      clock: systemClock,
      spawn: (ended) => this.#spawn(ended),
      onState: (state) => this.#onState(state),
    })
  }

  /** What there is to tell now. */
  get notice(): BackEndNotice {
    return this.#notice
  }

  /** Calls this whenever there is something else to tell, and at once where there is. */
  onNotice(hear: (notice: BackEndNotice) => void): void {
    this.#hears.add(hear)
    if (this.#notice.message !== '') hear(this.#notice)
  }

  /** Starts it, or tries once more after it was given up. */
  start(): void {
    this.#responder.start()
    this.#supervisor.start()
  }

  /** Hands a page its port to the process that runs now. */
  connect(page: WebContents): void {
    if (!this.#process) return
    const { port1, port2 } = new MessageChannelMain()
    this.#process.postMessage({ type: 'window' }, [port1])
    page.postMessage('back-end', null, [port2])
  }

  /** Ends it and the responder: ports and captures are closed, a rival ends; by force after a limit. */
  async stop(): Promise<StopResult> {
    const result = await this.#supervisor.stop()
    const responder = await this.#responder.stop()
    return result === 'ended' ? responder : result
  }

  #spawn(ended: (how: string) => void): { askToEnd(): void; endNow(): void } {
    const child = utilityProcess.fork(join(import.meta.dirname, 'backend-process.js'), [this.#labPath], {
      serviceName: 'PXE Lab back end',
    })
    hostChildren(child)
    this.#process = child
    child.on('message', (message: { readonly type: string; readonly why?: string }) => {
      if (message.type === 'retry-responder') this.#responder.start()
      if (message.type === 'end-responder') this.#responder.end(message.why ?? 'it did not answer')
    })
    child.on('exit', (code) => {
      this.#heartbeat.stop()
      this.#process = undefined
      this.#port = undefined
      this.client.disconnect(say('app.back-end-ended'))
      ended(`exit code ${code}`)
    })
    const { port1, port2 } = new MessageChannelMain()
    this.#port = port2
    port2.on('message', (event) => {
      this.#heartbeat.heard()
      this.client.receive(event.data)
    })
    port2.start()
    child.postMessage({ type: 'window' }, [port1])
    // What a process takes to begin is no silence.
    const begun = (): void => this.#heartbeat.start()
    this.client.call('status.read', {}).then(begun, () => {})
    this.#responder.serve(child)
    return {
      askToEnd: () => child.postMessage({ type: 'quit' }),
      endNow: () => {
        const { pid } = child
        if (pid !== undefined) process.kill(pid, 'SIGKILL')
      },
    }
  }

  #onState(state: SupervisorState): void {
    switch (state.state) {
      case 'running':
        this.#onStarted()
        return this.#onRunning()
      case 'pausing':
        this.#lastEnd = state.how
        return this.#tell({
          state: 'restarting',
          message: say('desktop.back-end-restarts', { how: state.how, pause: state.pauseMs / 1000 }),
          remedy: this.#isResponding ? say('desktop.responder-goes-on') : '',
        })
      case 'gave-up':
        return this.#tell({
          state: 'failed',
          message: say('desktop.back-end-given-up', { count: state.restarts + 1, how: state.how }),
          remedy: say('desktop.back-end-given-up-remedy'),
        })
      case 'stopping':
        return this.#tell({ state: 'stopping', message: say('desktop.back-end-ending'), remedy: '' })
      case 'stopped':
        return undefined
    }
  }

  #onRunning(): void {
    const how = this.#lastEnd
    const message =
      how === undefined
        ? ''
        : say('desktop.back-end-restarted', { how, responder: this.#isResponding ? 'answered' : 'stopped' })
    this.#tell({ state: 'well', message, remedy: '' })
  }

  #tell(notice: BackEndNotice): void {
    this.#notice = notice
    for (const hear of this.#hears) hear(notice)
  }
}
