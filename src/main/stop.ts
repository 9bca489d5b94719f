/**
 * When this program is asked to end, whichever way its system has for that. A signal that a process can answer is on
 * Windows only what a console sends (Ctrl+C, Ctrl+Break, its window being closed): SIGTERM ends it at once, with nothing
 * written and nothing told. So whoever starts it may ask by its IPC channel, and a service by standard input.
 */
import { createInterface } from 'node:readline'

/** SIGHUP is on Windows a console window that is closed; the system ends the process some seconds later. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const
const fromKeyboard: readonly string[] = ['SIGINT', 'SIGBREAK']
/** What was asked for twice within so long was passed on by a terminal and by the process that started this one. */
const sameRequestMs = 500

/** What `bin/pxe-lab.js`, `scripts/start.mjs` and other parents send by IPC. */
interface StopMessage {
  readonly type: 'stop'
  readonly signal?: string
}
const isStopMessage = (message: unknown): message is StopMessage =>
  typeof message === 'object' && message !== null && (message as StopMessage).type === 'stop'

export interface StopOptions {
  /** The end of standard input, and the line "stop" on it, end the program too. */
  readonly onStdinEnd?: boolean | undefined
}

/**
 * Calls `stop` once, with the reason as it is logged ("by SIGTERM"). Who presses Ctrl+C again does not want to wait: that
 * ends the program at once.
 */
export function onStop(stop: (reason: string) => void, options: StopOptions = {}): void {
  let askedAt: number | undefined
  const ask: Ask = (reason, signal) => {
    if (askedAt === undefined) {
      askedAt = performance.now()
      stop(reason)
    } else if (signal !== undefined && fromKeyboard.includes(signal) && performance.now() - askedAt > sameRequestMs)
      process.exit(130)
  }
  for (const signal of signals) process.on(signal, () => ask(`by ${signal}`, signal))
  parentAsks = ask
  followParent()
  if (!options.onStdinEnd) return
  const input = createInterface({ input: process.stdin })
  input.on('line', (line) => {
    if (line.trim() === 'stop') ask('by standard input')
  })
  input.on('close', () => ask('because standard input ended'))
}

type Ask = (reason: string, signal?: string) => void
/** What has nothing to put in order just ends. */
let parentAsks: Ask = () => process.exit(1)
let isFollowing = false

/** Whoever started this process with an IPC channel ends it by a message, or by being gone. */
export function followParent(): void {
  if (process.send === undefined || isFollowing) return
  isFollowing = true
  const isGone = (): void => parentAsks('because the program that started it has ended')
  process.on('message', (message) => {
    if (isStopMessage(message)) parentAsks(`by ${message.signal ?? 'the program that started it'}`, message.signal)
  })
  process.on('disconnect', isGone)
  // A channel that is listened to keeps a process alive that has nothing else to do.
  process.channel?.unref()
  if (!process.connected) isGone()
}
