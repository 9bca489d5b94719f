/** The back end as Electron's utility process: windows reach it by message ports that the shell hands over. */
import type { MessageEvent, ParentPort } from 'electron'
import { handleMessage } from '#shared/contract/channel.ts'
import { Backend } from '../backend/backend.ts'
import { onStop } from '../stop.ts'
import { keepBackEndLog } from './back-end-log.ts'

const { parentPort } = process as NodeJS.Process & { readonly parentPort: ParentPort }
const backend = new Backend(process.argv[2] ?? 'lab.yaml')
keepBackEndLog(backend)
const opened = backend.open()

const end = async (): Promise<void> => {
  await backend.close()
  process.exit(0)
}
// Ctrl+C in the terminal of `npm start` reaches this process as well as the shell.
onStop(() => void end())

parentPort.on('message', ({ data, ports: [port] }: MessageEvent) => {
  const { type, text } = data as { type: string; text?: string }
  if (type === 'quit') void end()
  if (type === 'resume' && text !== undefined)
    void opened.then(() => backend.resume(text)).then((status) => parentPort.postMessage({ type: 'resumed', status }))
  if (type !== 'window' || !port) return
  const disconnect = backend.connect((message) => port.postMessage(message))
  port.on('close', disconnect)
  port.on('message', (event) => {
    void opened.then(() => handleMessage(backend.handlers, event.data as unknown, (reply) => port.postMessage(reply)))
  })
  port.start()
})
