/** The responder's process where Node forks it: the channel is that of the parent. */
import { onStop } from '../stop.ts'
import { ResponderHost } from './host.ts'
import { takePrecedence } from './precedence.ts'

takePrecedence()
const host = new ResponderHost()
onStop((reason) => void host.close(reason).then(() => process.exit(0)))
// It waits for its parent's word also while it has no port open.
process.channel?.ref()
host.attach({
  post: (message) => {
    if (process.connected) process.send?.(message)
  },
  listen: (hear) => void process.on('message', hear),
})
