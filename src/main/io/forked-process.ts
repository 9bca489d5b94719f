/** A process of our own on Node, with a channel that carries values. Its errors are heard before it runs. */
import { fork } from 'node:child_process'

export interface ForkedProcess {
  /** What a process that is about to end does not take is lost; never throws. */
  post(message: unknown): void
  listen(hear: (message: unknown) => void): void
  endNow(): void
}

/** `ended` is called once, with how it ended: "exit code 1", "signal SIGKILL", or why it could not be started. */
export function forkProcess(file: string, ended: (how: string) => void): ForkedProcess {
  const child = fork(file, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  child.once('exit', (code, signal) => ended(signal === null ? `exit code ${code}` : `signal ${signal}`))
  child.on('error', (error) => {
    // One that runs tells its end by `exit`, whatever went wrong with the channel.
    if (child.pid === undefined) ended(error.message)
  })
  return {
    post(message) {
      if (child.connected) child.send(message as object, () => {})
    },
    listen: (hear) => void child.on('message', hear),
    endNow: () => void child.kill('SIGKILL'),
  }
}
