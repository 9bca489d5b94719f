/** The real responder behind the real channel, without a process of its own: what tests of the back end start. */
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { ResponderHost } from '../../src/main/responder-process/host.ts'
import type { Channel } from '../../src/main/responder-process/messages.ts'
import type { ResponderSource, SourceListener } from '../../src/main/responder-process/source.ts'

const channelOf = (port: MessagePort): Channel => ({
  post: (message) => port.postMessage(message),
  listen: (hear) => void port.on('message', hear),
})

export class InProcessResponder implements ResponderSource {
  readonly #host = new ResponderHost()
  readonly #ports: MessagePort[] = []

  open(listener: SourceListener): void {
    const { port1, port2 } = new MessageChannel()
    this.#ports.push(port1, port2)
    listener.up(channelOf(port2))
    this.#host.attach(channelOf(port1))
  }

  retry(): void {}

  end(): void {}

  renew(): Promise<void> {
    return Promise.resolve()
  }

  async close(): Promise<void> {
    await this.#host.close('by request')
    for (const port of this.#ports) port.close()
  }
}
