/** The back end has a process of its own: a busy window never delays a packet, and either may crash alone. */
import { join } from 'node:path'
import {
  MessageChannelMain,
  utilityProcess,
  type MessagePortMain,
  type UtilityProcess,
  type WebContents,
} from 'electron'
import { hostChildren } from './children.ts'
import { createClient, type ContractClient } from '#shared/contract/channel.ts'

export class BackEnd {
  /** The shell's own way to ask the back end and to hear its pushes; it outlives the process behind it. */
  readonly client: ContractClient
  #process: UtilityProcess | undefined
  #port: MessagePortMain | undefined
  #labPath: string
  #isEnding = false
  readonly #onStarted: () => void

  /** `onStarted` is called whenever a new process runs, so that windows can be connected to it. */
  constructor(labPath: string, onStarted: () => void) {
    this.#labPath = labPath
    this.#onStarted = onStarted
    this.client = createClient((message) => this.#port?.postMessage(message))
    // Whoever opens another lab, a restarted back end opens it too.
    this.client.on('lab', ({ path }) => (this.#labPath = path))
  }

  start(): void {
    const child = utilityProcess.fork(join(import.meta.dirname, 'backend-process.js'), [this.#labPath], {
      serviceName: 'PXE Lab responder',
    })
    hostChildren(child)
    this.#process = child
    child.on('exit', () => {
      if (!this.#isEnding) this.start()
    })
    this.client.disconnect('the back end was restarted')
    const { port1, port2 } = new MessageChannelMain()
    this.#port = port2
    port2.on('message', (event) => this.client.receive(event.data))
    port2.start()
    child.postMessage({ type: 'window' }, [port1])
    this.#onStarted()
  }

  /** Hands a page its port to the process that runs now. */
  connect(page: WebContents): void {
    const { port1, port2 } = new MessageChannelMain()
    this.#process?.postMessage({ type: 'window' }, [port1])
    page.postMessage('back-end', null, [port2])
  }

  stop(): void {
    this.#isEnding = true
    this.#process?.postMessage({ type: 'quit' })
  }
}
