/** The back end in a namespace, spoken to by calls. */
import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Phrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import type { LabState, LogLine, Status } from '#shared/contract/calls.ts'
import type { LabFolder } from './lab.ts'
import { Running, type Network } from './network.ts'

const driver = fileURLToPath(new URL('backend-driver.mjs', import.meta.url))

interface Line {
  readonly id?: number
  readonly value?: unknown
  readonly error?: { readonly message: Phrase }
  readonly push?: string
}

export class DrivenBackend {
  readonly running: Running
  #count = 0

  private constructor(running: Running) {
    this.running = running
  }

  static async start(
    network: Network,
    namespace: string,
    folder: LabFolder,
    environment: NodeJS.ProcessEnv = {},
  ): Promise<DrivenBackend> {
    return DrivenBackend.#ready(network.start(namespace, process.execPath, [driver, folder.file], environment, 'pipe'))
  }

  /** Where this process is; root may say whose it is. */
  static here(file: string, uid?: number): Promise<DrivenBackend> {
    const owner = uid === undefined ? {} : { uid, gid: uid }
    return DrivenBackend.#ready(new Running(spawn(process.execPath, [driver, file], { stdio: 'pipe', ...owner })))
  }

  static async #ready(running: Running): Promise<DrivenBackend> {
    await running.sees(/"ready":true/)
    return new DrivenBackend(running)
  }

  get lines(): Line[] {
    return this.running.stdout
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Line)
  }

  get log(): LogLine[] {
    return this.lines.flatMap((line) => (line.push === 'log' ? (line.value as LogLine[]) : []))
  }

  get labs(): LabState[] {
    return this.lines.flatMap((line) => (line.push === 'lab' ? [line.value as LabState] : []))
  }

  get statuses(): Status[] {
    return this.lines.flatMap((line) => (line.push === 'status' ? [line.value as Status] : []))
  }

  /** Rejects with what a window would be told. */
  async call<T>(call: string, args: object = {}, seconds = 60): Promise<T> {
    return this.#ask({ call, args }, seconds)
  }

  /** Lets that very process read a capture to its end; the number of frames. */
  analyse(file: string, seconds: number): Promise<number> {
    return this.#ask({ analyse: file }, seconds)
  }

  async #ask<T>(message: object, seconds: number): Promise<T> {
    const id = ++this.#count
    this.running.child.stdin!.write(`${JSON.stringify({ id, ...message })}\n`)
    await this.running.sees(new RegExp(`^\\{"id":${id},.*\n`, 'm'), seconds)
    const answer = this.lines.find((line) => line.id === id)!
    if (answer.error) throw new Error(inEnglish(answer.error.message))
    return answer.value as T
  }

  /** Waits for the status that a window sees last. */
  async isIn(state: Status['state'], seconds: number): Promise<Status> {
    const until = Date.now() + seconds * 1000
    for (;;) {
      const status = this.statuses.at(-1)
      if (status?.state === state) return status
      if (Date.now() > until)
        throw new Error(`it is ${status?.state}, not ${state}:\n${this.running.output.slice(-3000)}`)
      await delay(20)
    }
  }
}
