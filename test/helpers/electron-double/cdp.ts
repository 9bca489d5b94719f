/** Chromium without a window, spoken to by the DevTools protocol: commands and events of flat sessions over one socket. */
import { spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
// Playwright has these types, and does not export them.
import type { Protocol } from '../../../node_modules/playwright-core/types/protocol.d.ts'
import { WebSocket } from 'ws'
import { folderIn, options } from './options.ts'

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: { readonly message: string }
  readonly sessionId?: string
}

type Methods = keyof Protocol.CommandParameters
type Events = keyof Protocol.Events

/** One page's, or the browser's own, commands and events. */
export class Session {
  readonly #browser: Chromium
  readonly #events = new EventEmitter()
  readonly id: string | undefined
  constructor(browser: Chromium, id: string | undefined) {
    this.#browser = browser
    this.id = id
  }
  send<M extends Methods>(
    method: M,
    params: Protocol.CommandParameters[M] = {} as Protocol.CommandParameters[M],
  ): Promise<Protocol.CommandReturnValues[M]> {
    return this.#browser.command(method, params, this.id) as Promise<Protocol.CommandReturnValues[M]>
  }
  on<E extends Events>(name: E, hear: (params: Protocol.Events[E]) => void): void {
    this.#events.on(name, hear)
  }
  take(name: string, params: unknown): void {
    this.#events.emit(name, params)
  }
}

export class Chromium {
  /** Where a test's own client reaches the same pages. */
  readonly endpoint: string
  readonly root = new Session(this, undefined)
  readonly #socket: WebSocket
  readonly #sessions = new Map<string, Session>()
  readonly #open = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>()
  #count = 0

  private constructor(socket: WebSocket, endpoint: string) {
    this.#socket = socket
    this.endpoint = endpoint
    socket.on('message', (data: Buffer) => this.#take(JSON.parse(data.toString()) as Message))
    socket.on('close', () => {
      for (const waiting of this.#open.values()) waiting.reject(new Error('Chromium has ended'))
    })
  }

  static async launch(): Promise<Chromium> {
    const child = spawn(
      options.chromium,
      [...options.flags, '--remote-debugging-port=0', `--user-data-dir=${folderIn('chromium')}`, 'about:blank'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    process.on('exit', () => child.kill('SIGKILL'))
    const endpoint = await new Promise<string>((resolve, reject) => {
      let text = ''
      child.stderr.on('data', (piece: Buffer) => {
        text += piece.toString()
        const found = /DevTools listening on (ws:\S+)/.exec(text)
        if (found) resolve(found[1]!)
      })
      child.on('exit', (code) => reject(new Error(`Chromium ended with ${code}: ${text}`)))
      child.on('error', reject)
    })
    const socket = new WebSocket(endpoint, { perMessageDeflate: false, maxPayload: 256 * 1024 * 1024 })
    await new Promise<void>((resolve, reject) => socket.once('open', () => resolve()).once('error', reject))
    return new Chromium(socket, endpoint)
  }

  command(method: string, params: object, sessionId: string | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++this.#count
      this.#open.set(id, { resolve, reject: (error) => reject(new Error(`${method}: ${error.message}`)) })
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }))
    })
  }

  #take(message: Message): void {
    if (message.id !== undefined) {
      const waiting = this.#open.get(message.id)
      this.#open.delete(message.id)
      if (message.error) waiting?.reject(new Error(message.error.message))
      else waiting?.resolve(message.result)
      return
    }
    const session = message.sessionId === undefined ? this.root : this.#sessions.get(message.sessionId)
    session?.take(message.method!, message.params)
  }

  /** A new page of its own window, and the session with it. */
  async openPage(): Promise<{ readonly session: Session; readonly targetId: string }> {
    const { targetId } = await this.root.send('Target.createTarget', { url: 'about:blank', newWindow: true })
    const { sessionId } = await this.root.send('Target.attachToTarget', { targetId, flatten: true })
    const session = new Session(this, sessionId)
    this.#sessions.set(sessionId, session)
    return { session, targetId }
  }
}
