/**
 * A second DHCP server for a demonstration: the npm package `dhcp` in a process of its own. It gives addresses to the named
 * machines only, and ends when whoever started it is gone.
 */
import dhcp from 'dhcp'
import { endWithParent, tellParent } from '../child-process.ts'

export interface RivalConfiguration {
  readonly address: string
  readonly first: string
  readonly last: string
  readonly mask: string
  /** Hardware addresses in lower case with colons. */
  readonly clients: readonly string[]
}

export type FromRival =
  | { readonly type: 'listening' }
  | { readonly type: 'offered'; readonly mac: string }
  | { readonly type: 'passed-over'; readonly mac: string }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }

// Whoever looks for the owner of port 67 is to know who it is.
process.title = 'pxe-lab rival'
const configuration = JSON.parse(process.argv[2] ?? '{}') as RivalConfiguration
const tell = (message: FromRival): void => tellParent(message)
const allowed = new Set(configuration.clients)

const server = dhcp.createServer({
  range: [configuration.first, configuration.last],
  randomIP: false,
  static: {},
  netmask: configuration.mask,
  router: [configuration.address],
  dns: [configuration.address],
  server: configuration.address,
  broadcast: '255.255.255.255',
  leaseTime: 120,
})
for (const name of ['handleDiscover', 'handleRequest'] as const) {
  const handle = server[name].bind(server)
  server[name] = (message) => {
    const mac = message.chaddr.toLowerCase().replaceAll('-', ':')
    // Nobody outside the demonstration gets anything from it.
    if (!allowed.has(mac)) return tell({ type: 'passed-over', mac })
    handle(message)
    tell({ type: 'offered', mac })
  }
}
server.on('listening', () => tell({ type: 'listening' }))
server.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === undefined) return
  tell({ type: 'failed', code: error.code, message: error.message })
  process.exitCode = 1
})
endWithParent()
server.listen(67, '0.0.0.0')
