/** What is lost where the system cannot be called directly. */
import { nativeSocketsMissing } from './native-sockets.ts'

const oneInterface = [
  'only one interface can be served',
  'broadcasts leave where the routing table says',
  'file transfers are slower',
]

const losses: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: [
    ...oneInterface,
    'interfaces without link are not listed',
    'capabilities of root are kept or lost as a whole when the responder becomes another user',
  ],
  darwin: oneInterface,
  win32: [
    'file transfers are slower',
    'who holds a port is asked from netstat and tasklist, which takes longer',
    'what other tools print is read as UTF-8, whatever the code page is',
    'another program can open the ports of the lab beside it',
  ],
}

/** One sentence for a person, with the cause and what to do; undefined where nothing is lost. */
export function withoutNative(missing = nativeSocketsMissing, platform = process.platform): string | undefined {
  if (missing === undefined) return undefined
  return `native calls are not available: ${missing}. Without them ${(losses[platform] ?? oneInterface).join('; ')}. Install the package koffi for this system, or allow it to load.`
}
