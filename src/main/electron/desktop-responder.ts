/** The responder as Electron's utility process: the shell hands it a port to each back end that begins. */
import type { MessageEvent, ParentPort } from 'electron'
import { ResponderHost } from '../responder-process/host.ts'
import { takePrecedence } from '../responder-process/precedence.ts'
import { onStop } from '../stop.ts'
import { channelOf } from './port-channel.ts'

const { parentPort } = process as NodeJS.Process & { readonly parentPort: ParentPort }
takePrecedence()
const host = new ResponderHost()
const end = (reason: string): void => void host.close(reason).then(() => process.exit(0))
onStop(end)

parentPort.on('message', ({ data, ports: [port] }: MessageEvent) => {
  const { type } = data as { type: string }
  if (type === 'quit') end('the application ends')
  if (type === 'back-end' && port) host.attach(channelOf(port))
})
