/**
 * Further processes of this program: a built file each, which takes one argument and sends messages. Under Node they are
 * forked. Electron's program cannot be used as Node (its fuse RunAsNode is off), so there the back end asks the shell for
 * a utility process (`electron/children.ts`).
 */
import { fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The built files, by name, and where their sources are. */
const sources = {
  'dhcp-rival': './rivals/dhcp-process.ts',
  'second-opinion': './probe/second-opinion.ts',
} as const
export type ChildName = keyof typeof sources
/** Where it is: all built files lie in one folder. */
export const childFile = (name: ChildName): string =>
  fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? sources[name] : `./${name}.js`, import.meta.url))

export const isChildName = (name: string): name is ChildName => Object.hasOwn(sources, name)

/** What a back end and the shell say to each other about children; each has a number of the back end's choice. */
export type ChildRequest =
  | { readonly type: 'child-start'; readonly id: number; readonly name: string; readonly argument: string }
  | { readonly type: 'child-stop'; readonly id: number }
export type ChildReport =
  | { readonly type: 'child-spawned'; readonly id: number; readonly pid: number | undefined }
  | { readonly type: 'child-message'; readonly id: number; readonly message: unknown }
  | { readonly type: 'child-exited'; readonly id: number }

/** The part of Electron's `process.parentPort` that is used here. */
interface ParentPort {
  postMessage(message: unknown): void
  on(name: 'message', listener: (event: { readonly data: unknown }) => void): void
}
const { parentPort } = process as NodeJS.Process & { readonly parentPort?: ParentPort }

const endMs = 2000

/** Emits `message` for what the process sends, and `exit` once when it is gone. */
export interface Child extends EventEmitter<{ message: [unknown]; exit: [] }> {
  /** Known before its first message. */
  readonly pid: number | undefined
  /** Asks it to end, and ends it by force after two seconds. Its exit is an event. */
  stop(): void
}

class ForkedChild extends EventEmitter<{ message: [unknown]; exit: [] }> implements Child {
  readonly #child
  constructor(name: ChildName, argument: string) {
    super()
    this.#child = fork(childFile(name), [argument], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    // One that could not be started is gone at once; whoever waits for it hears of its exit.
    this.#child.on('error', () => {
      if (this.#child.pid === undefined) this.emit('exit')
    })
    this.#child.on('message', (message) => this.emit('message', message))
    this.#child.once('exit', () => this.emit('exit'))
  }
  get pid(): number | undefined {
    return this.#child.pid
  }
  stop(): void {
    // It ends when it is left alone: no signal that Windows knows lets it end by itself.
    const last = setTimeout(() => this.#child.kill('SIGKILL'), endMs)
    this.#child.once('exit', () => clearTimeout(last))
    if (this.#child.connected) this.#child.disconnect()
  }
}

const hosted = new Map<number, HostedChild>()
let count = 0

class HostedChild extends EventEmitter<{ message: [unknown]; exit: [] }> implements Child {
  pid: number | undefined
  readonly #id = ++count
  readonly #port: ParentPort
  constructor(port: ParentPort, name: ChildName, argument: string) {
    super()
    this.#port = port
    if (hosted.size === 0 && count === 1) port.on('message', ({ data }) => this.#hear(data as ChildReport))
    hosted.set(this.#id, this)
    this.#ask({ type: 'child-start', id: this.#id, name, argument })
  }
  #ask(request: ChildRequest): void {
    this.#port.postMessage(request)
  }
  /** Reports about every child come by the one port. */
  #hear(report: ChildReport): void {
    const child = hosted.get(report.id)
    if (report.type === 'child-spawned' && child) child.pid = report.pid
    else if (report.type === 'child-message') child?.emit('message', report.message)
    else if (report.type === 'child-exited') {
      hosted.delete(report.id)
      child?.emit('exit')
    }
  }
  stop(): void {
    this.#ask({ type: 'child-stop', id: this.#id })
  }
}

/** Starts a child with that argument. */
export const startChild = (name: ChildName, argument: string): Child =>
  parentPort ? new HostedChild(parentPort, name, argument) : new ForkedChild(name, argument)

/** In a child: ends it when whoever started it asks for that, or is gone. */
export function endWithParent(): void {
  process.on('disconnect', () => process.exit())
  parentPort?.on('message', ({ data }) => {
    if ((data as { readonly type?: string }).type === 'stop') process.exit()
  })
}

/** How a child sends a message to whoever started it. */
export function tellParent(message: unknown): void {
  if (parentPort) parentPort.postMessage(message)
  else process.send?.(message)
}
