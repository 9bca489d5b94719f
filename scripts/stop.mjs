// A child that was started with an IPC channel ends when this process is asked to, and this process ends as the child did.
import { constants } from 'node:os'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']

/** By a message, which Windows can deliver: `child.kill` ends a process there before it has written anything. */
export function passStopOn(child) {
  for (const signal of signals)
    process.on(signal, () => {
      if (child.connected) child.send({ type: 'stop', signal }, () => {})
    })
  child.on('error', (error) => {
    process.stderr.write(`${child.spawnfile} cannot be started: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
  // This process in its turn may have been started with a channel.
  process.on('message', (message) => {
    if (child.connected) child.send(message, () => {})
  })
  process.on('disconnect', () => {
    if (child.connected) child.disconnect()
  })
}
