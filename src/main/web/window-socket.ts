/**
 * A window at the other end of a WebSocket. What it does not read is bounded: pushes are left out first, then nothing more
 * is read from it, and one that stays behind is hung up on. It comes back by itself and reads everything anew. What it asks at
 * once is bounded too: the rest is read when there is room, so that no window keeps others and the log waiting.
 */
import type { WebSocket } from 'ws'
import { handleMessage } from '#shared/contract/channel.ts'
import type { Backend } from '../backend/backend.ts'

export interface WindowLimits {
  /** Not yet taken by the network; beyond it pushes are left out. */
  readonly behindBytes: number
  /** Beyond it the window is hung up on at once. */
  readonly mostBytes: number
  /** So long it may stay behind. */
  readonly behindMs: number
  /** Calls that are answered at the same time, and begun in one turn of the event loop. */
  readonly mostCalls: number
}

export const windowLimits: WindowLimits = {
  behindBytes: 4 * 1024 * 1024,
  mostBytes: 64 * 1024 * 1024,
  behindMs: 15_000,
  mostCalls: 16,
}

/** Close code for "try again": the window missed pushes (RFC 6455 section 7.4.2 leaves 4000 on to applications). */
export const missedPushes = 4000

export type LabHandlers = Pick<Backend, 'connect' | 'handlers'>

export function connectWindow(connection: WebSocket, backend: LabHandlers, limits: WindowLimits = windowLimits): void {
  let isBehind = false
  let timer: NodeJS.Timeout | undefined
  /** Read already, and waiting for room. */
  const unanswered: unknown[] = []
  let running = 0
  const flow = (): void => {
    if (isBehind || unanswered.length > 0) connection.pause()
    else connection.resume()
  }
  const caughtUp = (): void => {
    if (!isBehind || connection.bufferedAmount > 0) return
    // What was left out cannot be told any more; what there is now can, to a window that connects anew.
    connection.resume()
    connection.close(missedPushes, 'the window fell behind')
  }
  const send = (message: unknown, isPush: boolean): void => {
    if (connection.readyState !== connection.OPEN) return
    if (connection.bufferedAmount > limits.mostBytes) return connection.terminate()
    if (!isBehind && connection.bufferedAmount > limits.behindBytes) {
      isBehind = true
      flow()
      timer = setTimeout(() => connection.terminate(), limits.behindMs)
    }
    if (isBehind && isPush) return
    connection.send(JSON.stringify(message), () => caughtUp())
  }
  const answerNext = (): void => {
    while (running < limits.mostCalls && unanswered.length > 0) {
      running++
      void handleMessage(backend.handlers, unanswered.shift(), (reply) => send(reply, false)).finally(() =>
        // Not before others had their turn.
        setImmediate(() => {
          running--
          answerNext()
        }),
      )
    }
    if (connection.readyState === connection.OPEN) flow()
  }
  const disconnect = backend.connect((message) => send(message, true))
  connection.on('close', () => {
    clearTimeout(timer)
    unanswered.length = 0
    disconnect()
  })
  connection.on('error', () => connection.terminate())
  connection.on('message', (data: Buffer) => {
    let message: unknown
    try {
      message = JSON.parse(data.toString('utf8'))
    } catch {
      return
    }
    unanswered.push(message)
    answerNext()
  })
}
