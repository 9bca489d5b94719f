/** The back end as Electron's utility process: windows reach it by message ports that the shell hands over. */
import type { MessageEvent, ParentPort } from 'electron'
import { handleMessage } from '#shared/contract/channel.ts'
import { Backend } from '../backend/backend.ts'
import { yieldPrecedence } from '../responder-process/precedence.ts'
import { onStop } from '../stop.ts'
import { keepBackEndLog } from './back-end-log.ts'
import { ShellResponder } from './shell-responder.ts'

const { parentPort } = process as NodeJS.Process & { readonly parentPort: ParentPort }
// The shell starts the responder, which inherits nothing from here.
yieldPrecedence()
const backend = new Backend(process.argv[2] ?? 'lab.yaml', new ShellResponder(parentPort))
keepBackEndLog(backend)
const opened = backend.open()

const end = async (): Promise<void> => {
  await backend.close()
  process.exit(0)
}
// Ctrl+C in the terminal of `npm start` reaches this process as well as the shell.
onStop(() => void end())

parentPort.on('message', ({ data, ports: [port] }: MessageEvent) => {
  const { type } = data as { type: string }
  if (type === 'quit') void end()
  if (type !== 'window' || !port) return
  const disconnect = backend.connect((message) => port.postMessage(message))
  port.on('close', disconnect)
  port.on('message', (event) => {
    void opened.then(() => handleMessage(backend.handlers, event.data as unknown, (reply) => port.postMessage(reply)))
  })
  port.start()
})
