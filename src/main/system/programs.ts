/** The one place that starts programs of the system: by their full path, with limits of time and length. */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { dirname } from 'node:path'
import { consoleText } from './console-text.ts'
import { doubles, findProgram } from './program-paths.ts'

export interface ToolOutput {
  readonly command: string
  /** What it printed on both channels, as far as the limits let it. */
  readonly output: string
  /** -1 where it did not end by itself. */
  readonly code: number
  /** Why it told nothing, or not all. */
  readonly problem?: string
}

export interface ToolLimits {
  /** 0 for a program that waits for a person. */
  readonly timeoutMs?: number
  /** How long it may print nothing; for programs of which nobody knows how long they have to print. */
  readonly silenceMs?: number
  readonly mostBytes?: number
  readonly signal?: AbortSignal
  /** Bytes so far; told as they come. */
  onProgress?(bytes: number): void
}

/** Never rejects: what went wrong is the `problem`. */
export type RunTool = (program: string, values: readonly string[], limits?: ToolLimits) => Promise<ToolOutput>

const usualTimeoutMs = 8000
/** How long a channel is listened to after its program has ended. */
const lingerMs = 500
/** The firewall rules of a server are some hundred kilobytes. */
const usualBytes = 8 << 20

/** The settings of a DHCP server are as long as it has scopes and reservations, and come as fast as it finds them. */
export const longOutput = { timeoutMs: 30 * 60_000, silenceMs: 60_000, mostBytes: 256 << 20 } as const

const notHere = (program: string): string => `${program} is not here`

/** Starts a program of the system and leaves it to the caller; throws where it is not installed. */
export function startProgram(program: string, values: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const path = findProgram(program)
  if (path === undefined) throw Object.assign(new Error(notHere(program)), { code: 'ENOENT' })
  const isWindows = process.platform === 'win32'
  return spawn(path, values, {
    windowsHide: true,
    ...options,
    // What it looks for in the current folder, programs and libraries, must not be found there.
    ...(isWindows ? { cwd: dirname(path) } : {}),
    env: { ...process.env, LC_ALL: 'C', ...(isWindows ? { NoDefaultCurrentDirectoryInExePath: '1' } : {}) },
  })
}

export const runTool: RunTool = (program, values, limits = {}) =>
  new Promise((resolve) => {
    const { timeoutMs = usualTimeoutMs, silenceMs = 0, mostBytes = usualBytes, signal, onProgress } = limits
    const command = [program, ...values].join(' ')
    const told: Buffer[] = []
    const complained: Buffer[] = []
    let bytes = 0
    let child: ChildProcess
    let timer: NodeJS.Timeout | undefined
    let silence: NodeJS.Timeout | undefined
    let isOver = false
    const text = (): string =>
      [told, complained].map((list) => consoleText(Buffer.concat(list), doubles === undefined ? undefined : 65001)).join('') // prettier-ignore
    const end = (code: number, problem?: string): void => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      clearTimeout(silence)
      signal?.removeEventListener('abort', cancel)
      resolve({ command, output: text(), code, ...(problem === undefined ? {} : { problem }) })
    }
    /** Programs that it started may hold its channels open for ever: they are not waited for. */
    let finish: (() => void) | undefined
    const giveUp = (problem: string): void => {
      child.kill('SIGKILL')
      child.stdout?.destroy()
      child.stderr?.destroy()
      end(-1, problem)
    }
    const cancel = (): void => giveUp(`${program} was not waited for`)
    const listen = (): void => {
      clearTimeout(silence)
      if (isOver) return
      if (finish) silence = setTimeout(finish, lingerMs)
      else if (silenceMs > 0)
        silence = setTimeout(() => giveUp(`${program} printed nothing for ${silenceMs / 1000} s`), silenceMs)
    }
    const keep = (list: Buffer[], chunk: Buffer): void => {
      const room = mostBytes - bytes
      bytes += chunk.length
      list.push(chunk.length > room ? chunk.subarray(0, Math.max(0, room)) : chunk)
      onProgress?.(bytes)
      if (chunk.length > room) giveUp(`${program} printed more than ${mostBytes} bytes; the rest is missing`)
      else listen()
    }
    if (signal?.aborted) return end(-1, `${program} was not waited for`)
    try {
      child = startProgram(program, values, { stdio: ['ignore', 'pipe', 'pipe'] })
    } catch (error) {
      return end(-1, error instanceof Error ? error.message : String(error))
    }
    child.stdout!.on('data', (chunk: Buffer) => keep(told, chunk))
    child.stderr!.on('data', (chunk: Buffer) => keep(complained, chunk))
    child.once('error', (error: NodeJS.ErrnoException) =>
      end(-1, error.code === 'ENOENT' ? notHere(program) : `${program} cannot be started (${error.code ?? error.message})`),
    ) // prettier-ignore
    const ended = (code: number | null, by: NodeJS.Signals | null): void =>
      end(code ?? -1, code === 0 ? undefined : `${program} ended with ${code ?? String(by)}`)
    child.once('close', ended)
    child.once('exit', (code, by) => {
      finish = () => {
        child.stdout?.destroy()
        child.stderr?.destroy()
        ended(code, by)
      }
      listen()
    })
    signal?.addEventListener('abort', cancel, { once: true })
    if (timeoutMs > 0)
      timer = setTimeout(() => giveUp(`${program} did not end within ${timeoutMs / 1000} s`), timeoutMs)
    listen()
  })
