/** The one place where this program asks a server over a socket of the file system: one question a connection, one answer to its end. */
import { createConnection } from 'node:net'
import { answerDeadline } from './answer-deadline.ts'

export interface LocalRequest {
  readonly path: string
  readonly text: string
  /** Without a byte in either direction; the whole answer may take four times as long. */
  readonly timeoutMs: number
  /** In characters; a longer answer is refused. */
  readonly mostLength: number
  readonly signal?: AbortSignal | undefined
}

/** Rejects with what the system says (ENOENT, ECONNREFUSED, EACCES), or with code ETIMEDOUT or EMSGSIZE. */
export function askLocally({ path, text, timeoutMs, mostLength, signal }: LocalRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path })
    let answer = ''
    const fail = (error: Error): void => {
      socket.destroy()
      reject(error)
    }
    const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code })
    socket.setEncoding('utf8')
    socket.setTimeout(timeoutMs, () => fail(coded('ETIMEDOUT', 'no answer in time')))
    socket.on('error', fail)
    socket.on('connect', () => socket.write(text))
    socket.on('data', (part: string) => {
      answer += part
      if (answer.length > mostLength) fail(coded('EMSGSIZE', 'the answer is too long'))
    })
    const isWhole = answerDeadline(timeoutMs, fail)
    socket.on('close', () => {
      isWhole()
      resolve(answer)
    })
    signal?.addEventListener('abort', () => fail(coded('ECANCELED', 'cancelled')), { once: true })
  })
}
