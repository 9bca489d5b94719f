/** The one place where this program starts a thread: whatever ends it is heard, once, from its first line on. */
import { Worker } from 'node:worker_threads'

export interface ThreadOptions<Message> {
  readonly file: URL
  readonly onMessage: (message: Message) => void
  /** It has ended without having been told to: an error in it, or the system gave it no memory. */
  readonly onLost: (reason: string) => void
}

export interface Thread {
  send(message: unknown): void
  /** Resolves when it has ended. */
  stop(): Promise<void>
}

export function startThread<Message>({ file, onMessage, onLost }: ThreadOptions<Message>): Thread {
  const worker = new Worker(file)
  let isOver = false
  const lost = (reason: string): void => {
    if (isOver) return
    isOver = true
    onLost(reason)
  }
  worker.on('error', (error) => lost(error instanceof Error ? error.message : String(error)))
  worker.on('messageerror', (error) => lost(error.message))
  worker.on('exit', (code) => lost(`the thread ended with ${code}`))
  worker.on('message', onMessage)
  return {
    send(message) {
      if (!isOver) worker.postMessage(message)
    },
    async stop() {
      isOver = true
      await worker.terminate()
    },
  }
}
