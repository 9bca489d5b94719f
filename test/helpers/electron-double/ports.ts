/** Message ports of the main process, which can be handed to a page or a utility process and are then relayed. */
import { EventEmitter } from 'node:events'

/** Where a port is when it is not here any more. */
interface Holder {
  take(data: unknown): void
  closed(): void
}

let count = 0

export class MessagePortMain extends EventEmitter {
  readonly id = ++count
  peer!: MessagePortMain
  #holder: Holder | undefined
  #queue: unknown[] = []
  #isStarted = false
  #isClosed = false

  postMessage(message: unknown): void {
    const copy = structuredClone(message)
    if (!this.#isClosed) setImmediate(() => this.peer.arrive(copy))
  }

  start(): void {
    this.#isStarted = true
    for (const data of this.#queue.splice(0)) this.emit('message', { data, ports: [] })
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    setImmediate(() => this.peer.left())
  }

  arrive(data: unknown): void {
    if (this.#isClosed) return
    if (this.#holder) this.#holder.take(data)
    else if (this.#isStarted) this.emit('message', { data, ports: [] })
    else this.#queue.push(data)
  }

  /** The other end was closed or died. */
  left(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#holder) this.#holder.closed()
    else this.emit('close')
  }

  /** From now on whatever arrives goes there. */
  handOver(holder: Holder): void {
    this.#holder = holder
    for (const data of this.#queue.splice(0)) holder.take(data)
  }
}

export class MessageChannelMain {
  readonly port1 = new MessagePortMain()
  readonly port2 = new MessagePortMain()
  constructor() {
    this.port1.peer = this.port2
    this.port2.peer = this.port1
  }
}
