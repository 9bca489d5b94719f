/** `utilityProcess` by child_process.fork; `utility-child.ts` is the other end. */
import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import type { MessagePortMain } from './ports.ts'

export type ToChild =
  | { readonly message: unknown; readonly ports: readonly number[] }
  | { readonly port: number; readonly data: unknown }
  | { readonly close: number }
export type FromChild =
  { readonly message: unknown } | { readonly port: number; readonly data: unknown } | { readonly close: number }

/** Each with the name that the application gave it. */
const children = new Map<ChildProcess, string>()

/** The part of `app.getAppMetrics` that tells of utility processes. */
export const utilityMetrics = (): { pid: number; type: 'Utility'; name: string }[] =>
  [...children].map(([{ pid }, name]) => ({ pid: pid!, type: 'Utility', name }))

/** Electron ends its utility processes with itself. */
export function endUtilityProcesses(): void {
  for (const child of children.keys()) child.kill('SIGKILL')
}

export class UtilityProcess extends EventEmitter {
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  readonly #child: ChildProcess
  readonly #held = new Map<number, MessagePortMain>()

  constructor(child: ChildProcess, name: string) {
    super()
    this.#child = child
    this.stdout = child.stdout
    this.stderr = child.stderr
    children.set(child, name)
    child.on('spawn', () => this.emit('spawn'))
    child.on('message', (message: FromChild) => {
      if ('port' in message) this.#held.get(message.port)?.postMessage(message.data)
      else if ('close' in message) this.#held.get(message.close)?.close()
      else this.emit('message', message.message)
    })
    child.on('exit', (code, signal) => {
      children.delete(child)
      for (const port of this.#held.values()) port.close()
      // Electron tells a signal as its number.
      this.emit('exit', code ?? (signal === 'SIGKILL' ? 9 : 15))
    })
  }

  /** Undefined as soon as the process has ended. */
  get pid(): number | undefined {
    return this.#child.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined
  }

  #send(message: ToChild): void {
    // One that is just ending hears nothing; its exit tells the rest.
    if (this.#child.connected) this.#child.send(message, () => {})
  }

  postMessage(message: unknown, ports: readonly MessagePortMain[] = []): void {
    for (const port of ports) {
      this.#held.set(port.id, port)
      port.handOver({
        take: (data) => this.#send({ port: port.id, data }),
        closed: () => this.#send({ close: port.id }),
      })
    }
    this.#send({ message, ports: ports.map((port) => port.id) })
  }

  kill(): boolean {
    return this.#child.kill('SIGTERM')
  }
}

interface ForkOptions {
  readonly stdio?: 'pipe' | 'inherit' | 'ignore'
  readonly env?: NodeJS.ProcessEnv
  readonly serviceName?: string
}

export const utilityProcess = {
  fork(
    module: string,
    args: readonly string[] = [],
    { stdio = 'inherit', env, serviceName = 'Node Utility Process' }: ForkOptions = {},
  ): UtilityProcess {
    return new UtilityProcess(
      fork(module, args, {
        execArgv: ['--import', new URL('./utility-child.ts', import.meta.url).href],
        serialization: 'advanced',
        stdio: ['ignore', stdio, stdio, 'ipc'],
        ...(env ? { env } : {}),
      }),
      serviceName,
    )
  },
}
