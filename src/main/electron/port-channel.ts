/** A message port of Electron as what the responder and the back end speak through. */
import type { MessagePortMain } from 'electron'
import type { Channel } from '../responder-process/messages.ts'

export const channelOf = (port: MessagePortMain): Channel => ({
  post: (message) => port.postMessage(message),
  listen(hear) {
    port.on('message', (event) => hear(event.data))
    port.start()
  },
})
