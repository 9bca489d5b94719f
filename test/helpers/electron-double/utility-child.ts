/** Loaded before a utility process: `process.parentPort`, and ports relayed over the channel of child_process. */
import { EventEmitter } from 'node:events'
import type { FromChild, ToChild } from './utility-process.ts'

const ports = new Map<number, Port>()
const send = (message: FromChild): void => {
  if (process.connected) process.send!(message)
}

class Port extends EventEmitter {
  readonly #id: number
  #queue: unknown[] = []
  #isStarted = false
  constructor(id: number) {
    super()
    this.#id = id
    ports.set(id, this)
  }
  postMessage(data: unknown): void {
    send({ port: this.#id, data })
  }
  start(): void {
    this.#isStarted = true
    for (const data of this.#queue.splice(0)) this.emit('message', { data, ports: [] })
  }
  close(): void {
    send({ close: this.#id })
  }
  take(data: unknown): void {
    if (this.#isStarted) this.emit('message', { data, ports: [] })
    else this.#queue.push(data)
  }
}

/** Keeps what comes before the module listens. */
class ParentPort extends EventEmitter {
  #early: object[] = []
  constructor() {
    super()
    this.on('newListener', (name) => {
      if (name === 'message') setImmediate(() => this.#early.splice(0).forEach((event) => this.emit('message', event)))
    })
  }
  postMessage(message: unknown): void {
    send({ message })
  }
  take(event: object): void {
    if (this.listenerCount('message') > 0 && this.#early.length === 0) this.emit('message', event)
    else this.#early.push(event)
  }
}

const parentPort = new ParentPort()
Object.assign(process, { parentPort })
process.on('message', (message: ToChild) => {
  if ('message' in message) parentPort.take({ data: message.message, ports: message.ports.map((id) => new Port(id)) })
  else if ('port' in message) ports.get(message.port)?.take(message.data)
  else {
    ports.get(message.close)?.emit('close')
    ports.delete(message.close)
  }
})
process.on('disconnect', () => process.exit(0))
