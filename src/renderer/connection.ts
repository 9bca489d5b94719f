/** The way to the back end: the port that Electron's preload hands over, or a WebSocket to the local web server. */
import { t } from '#messages/text.ts'
import type { Handlers } from '#shared/contract/calls.ts'
import { createClient, handleMessage, type ContractClient } from '#shared/contract/channel.ts'
import { Heartbeat, type HeartbeatLimits } from '#shared/contract/heartbeat.ts'
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
/** A connection that is open says nothing of the process at its other end, which may be stopped, or behind a cut line. */
const heartbeatLimits: HeartbeatLimits = { everyMs: 2000, silentMs: 6000, giveUpMs: 20_000 }
const clock = {
  now: () => performance.now(),
  after(ms: number, work: () => void) {
    const timer = window.setTimeout(work, ms)
    return () => window.clearTimeout(timer)
  },
}

function heartbeatOf(
  client: ContractClient,
  tell: (state: ConnectionState) => void,
  onGiveUp: () => void = () => {},
): Heartbeat {
  return new Heartbeat({
    clock,
    limits: heartbeatLimits,
    ask: () => void client.call('status.read', {}).catch(() => {}),
    onSilent: () => tell('lost'),
    onAnswer: () => tell('connected'),
    onGiveUp,
  })
}

/** 256 bits in letters, digits, - and _. */
const newSecret = (): string =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(33))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')

/**
 * The code comes once in the address. The session it is exchanged for stays in this tab, and in no address, cookie or
 * log. Both wait in the tab until the server has taken them: a page that is reloaded meanwhile asks again.
 */
function takeExchange(): string | null {
  const address = new URL(window.location.href)
  const code = address.searchParams.get('code')
  if (code !== null) {
    sessionStorage.setItem('exchange', `${code} ${newSecret()}`)
    address.searchParams.delete('code')
    window.history.replaceState(null, '', address)
  }
  return sessionStorage.getItem('exchange')
}

async function exchange(codeAndSession: string): Promise<void> {
  const response = await fetch('/session', { method: 'POST', body: codeAndSession })
  if (response.ok) sessionStorage.setItem('session', codeAndSession.split(' ')[1]!)
  sessionStorage.removeItem('exchange')
}

function connectPort(): Connection {
  let port: MessagePort | undefined
  let tell: (state: ConnectionState) => void = () => {}
  const client = createClient((message) => {
    if (port) port.postMessage(message)
    // Before the first port, and after the last: whoever asks is told so, after the call is on its list.
    else queueMicrotask(() => client.disconnect(t('app.back-end-does-not-run')))
  })
  const heartbeat = heartbeatOf(client, (state) => tell(state))
  window.addEventListener('message', (event) => {
    if (event.source !== window || event.data !== portMessage || !event.ports[0]) return
    // A second port means that the back end was started anew.
    client.disconnect(t('app.back-end-restarted'))
    port = event.ports[0]
    port.addEventListener('message', (message) => {
      heartbeat.heard()
      client.receive(message.data)
    })
    port.start()
    heartbeat.start()
    tell('connected')
  })
  return {
    client,
    onState: (hear) => (tell = hear),
    lose() {
      heartbeat.stop()
      client.disconnect(t('app.back-end-ended'))
      port = undefined
      tell('lost')
    },
  }
}

function connectSocket(): Connection {
  let unsettled = takeExchange()
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
  // A line that was cut is not told by either end: another connection finds out.
  const heartbeat = heartbeatOf(
    client,
    (state) => tell(state),
    () => socket?.close(),
  )
  const exchangeFirst = (): void => {
    const given = unsettled!
    unsettled = null
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
      heartbeat.start()
      tell('connected')
    })
    socket.addEventListener('message', (event: MessageEvent<string>) => {
      heartbeat.heard()
      client.receive(JSON.parse(event.data))
    })
    socket.addEventListener('close', () => {
      heartbeat.stop()
      client.disconnect(t('app.connection-lab-lost'))
      waiting.length = 0
      // A session of an earlier run, and a code for this one.
      if (!hasConnected && unsettled !== null) return exchangeFirst()
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
      if (sessionStorage.getItem('session') === null && unsettled !== null) exchangeFirst()
      else open()
    },
    lose: () => socket?.close(),
  }
}

/** Whether a lab, or a hub, is behind this page; a site of files answers itself. */
export const hasBackEnd = document.documentElement.dataset.site === undefined

let ownAnswers: Handlers | undefined
/** A page without a back end answers its calls by these. */
export const answerBy = (handlers: Handlers): void => void (ownAnswers = handlers)

function connectHere(): Connection {
  const client = createClient((message) => {
    if (ownAnswers) void handleMessage(ownAnswers, message, (reply) => client.receive(reply))
  })
  return { client, onState: (hear) => hear('connected'), lose() {} }
}

const connect = (): Connection =>
  !hasBackEnd ? connectHere() : shellBridge?.transport === 'message-port' ? connectPort() : connectSocket()
export const connection: Connection = connect()
export const call = connection.client.call
