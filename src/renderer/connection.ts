/** The way to the back end: the port that Electron's preload hands over, or a WebSocket to the local web server. */
import { createClient, type ContractClient } from '#shared/contract/channel.ts'
import { shellBridge } from './shell-bridge.ts'

export type ConnectionState = 'connecting' | 'connected' | 'lost' | 'refused'

export interface Connection {
  readonly client: ContractClient
  onState(hear: (state: ConnectionState) => void): void
  /** The shell says that nobody is at the other end: whatever is asked fails at once, until there is a new one. */
  lose(): void
}

const portMessage = 'pxe-lab:back-end'
const longestRetryMs = 5000

/** The code comes once in the address. What it is exchanged for stays in this tab, and in no address, cookie or log. */
function takeCode(): string | null {
  const address = new URL(window.location.href)
  const code = address.searchParams.get('code')
  if (code !== null) {
    address.searchParams.delete('code')
    window.history.replaceState(null, '', address)
  }
  return code
}

async function exchange(code: string): Promise<void> {
  const response = await fetch('/session', { method: 'POST', body: code })
  if (response.ok) sessionStorage.setItem('session', await response.text())
}

function connectPort(): Connection {
  let port: MessagePort | undefined
  let tell: (state: ConnectionState) => void = () => {}
  const client = createClient((message) => {
    if (port) port.postMessage(message)
    // Before the first port, and after the last: whoever asks is told so, after the call is on its list.
    else queueMicrotask(() => client.disconnect('the back end does not run'))
  })
  window.addEventListener('message', (event) => {
    if (event.source !== window || event.data !== portMessage || !event.ports[0]) return
    // A second port means that the back end was started anew.
    client.disconnect('the back end was restarted')
    port = event.ports[0]
    port.addEventListener('message', (message) => client.receive(message.data))
    port.start()
    tell('connected')
  })
  return {
    client,
    onState: (hear) => (tell = hear),
    lose() {
      client.disconnect('the back end has ended')
      port = undefined
      tell('lost')
    },
  }
}

function connectSocket(): Connection {
  let code = takeCode()
  let socket: WebSocket | undefined
  let tell: (state: ConnectionState) => void = () => {}
  let retryMs = 250
  let hasConnected = false
  const waiting: string[] = []
  const client = createClient((message) => {
    const text = JSON.stringify(message)
    if (socket?.readyState === WebSocket.OPEN) socket.send(text)
    else waiting.push(text)
  })
  const exchangeFirst = (): void => {
    const given = code!
    code = null
    void exchange(given).then(open, open)
  }
  const open = (): void => {
    const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws'
    const session = sessionStorage.getItem('session') ?? 'none'
    socket = new WebSocket(`${scheme}://${window.location.host}/`, ['pxe-lab', `session.${session}`])
    socket.addEventListener('open', () => {
      hasConnected = true
      retryMs = 250
      for (const text of waiting.splice(0)) socket?.send(text)
      tell('connected')
    })
    socket.addEventListener('message', (event: MessageEvent<string>) => client.receive(JSON.parse(event.data)))
    socket.addEventListener('close', () => {
      client.disconnect('the connection to the lab was lost')
      waiting.length = 0
      // A session of an earlier run, and a code for this one.
      if (!hasConnected && code !== null) return exchangeFirst()
      // A server that never let us in knows another session: asking again does not help.
      tell(hasConnected ? 'lost' : 'refused')
      window.setTimeout(open, retryMs)
      retryMs = Math.min(retryMs * 2, longestRetryMs)
    })
  }
  return {
    client,
    onState(hear) {
      tell = hear
      if (sessionStorage.getItem('session') === null && code !== null) exchangeFirst()
      else open()
    },
    lose: () => socket?.close(),
  }
}

export const connection: Connection = shellBridge?.transport === 'message-port' ? connectPort() : connectSocket()
export const call = connection.client.call
