/**
 * The window for a machine without a display: the same pages over local HTTP and the same contract over a WebSocket. The
 * session, the Origin and the Host are checked before anything is answered there.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isIPv6 } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import type { Duplex } from 'node:stream'
import sirv from 'sirv'
import { WebSocketServer } from 'ws'
import { openHttpServer, refuseUpgrade, type HttpServer } from '../io/http-server.ts'
import type { ApiDoor } from './api-door.ts'
import { contentSecurityPolicy } from './security.ts'
import { isSecret, Sessions } from './sessions.ts'
import { connectWindow, type LabHandlers } from './window-socket.ts'

const largestMessageBytes = 4 * 1024 * 1024
const largestCodeBytes = 200
/** The subprotocol of the contract; a session travels beside it as `session.TOKEN`. */
export const protocolName = 'pxe-lab'
export const sessionPrefix = 'session.'

export interface WebServer {
  /** Without a code. */
  readonly origin: string
  /** With a code that lets in one window, once. */
  readonly url: string
  /** The same at the other addresses of this machine, without a code; empty on loopback. */
  readonly elsewhere: readonly string[]
  /** For connections from now on. */
  setTls: HttpServer['setTls']
  close(): Promise<void>
}

export interface WebServerOptions {
  readonly backend: LabHandlers
  readonly pages: string
  readonly host: string
  readonly port: number
  /** PEM texts; without them it is plain HTTP. */
  readonly tls?: { readonly key: string; readonly certificate: string }
  /** Who comes with this secret is a command, and has these calls. */
  readonly commands?: { readonly secret: string; readonly handlers: LabHandlers['handlers'] }
  /** Programs come in here, with a token of their own. */
  readonly api?: ApiDoor
  /** The address for the next window: the one before is used up. */
  readonly onAddress?: (url: string) => void
  readonly onError?: (error: Error) => void
}

const inUrl = (host: string): string => (isIPv6(host) ? `[${host}]` : host)

/** Whether only programs of this machine reach it. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

/** Addresses of this machine that others can use. */
const ownAddresses = (family: string): string[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((one) => !one.internal && (one.family === 'IPv4' || family === 'IPv6') && !one.address.startsWith('fe80'))
    .map((one) => one.address)

/** Under which names and addresses a server that listens on `host` is found, the shown one first, and those for others. */
export function namesOf(host: string): { readonly names: readonly string[]; readonly elsewhere: readonly string[] } {
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const shown = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  const elsewhere = isEverywhere ? ownAddresses(host === '::' ? 'IPv6' : 'IPv4') : isLoopbackHost(host) ? [] : [host]
  const names = [shown, 'localhost', '127.0.0.1', '::1', ...elsewhere, ...(isEverywhere ? [hostname()] : [])]
  return { names: [...new Set(names.map((name) => name.toLowerCase()))], elsewhere }
}

/** Where others find a server that listens there, those of other machines first. */
export function addressesOf(host: string, port: number): readonly string[] {
  const { names, elsewhere } = namesOf(host)
  return (elsewhere.length > 0 ? elsewhere : [names[0]!]).map((name) => `http://${inUrl(name)}:${port}/`)
}

export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { backend, pages, host, port, tls } = options
  const files = sirv(pages, { etag: true, dev: false, maxAge: 0 })
  const scheme = tls ? 'https' : 'http'
  let allowedHosts: ReadonlySet<string> = new Set()
  let shown = ''
  const addressWith = (code: string): string => `${shown}/?code=${code}`
  const sessions = new Sessions((code) => options.onAddress?.(addressWith(code)))
  const commands = options.commands && {
    isKnown: isSecret(options.commands.secret),
    // A command hears what it asks for.
    lab: { handlers: options.commands.handlers, connect: () => () => {} },
  }

  // A name that some other site resolves to this address must not get to read the pages (DNS rebinding).
  const isKnownHost = ({ headers }: IncomingMessage): boolean => allowedHosts.has(headers.host?.toLowerCase() ?? '')
  const isOwnPage = ({ headers }: IncomingMessage): boolean =>
    headers.origin !== undefined && headers.origin === `${scheme}://${headers.host}`

  const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('referrer-policy', 'no-referrer')
    response.setHeader('cross-origin-opener-policy', 'same-origin')
    response.setHeader('cross-origin-resource-policy', 'same-origin')
    const refuse = (status: number, text: string): void =>
      void response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`)
    if (!isKnownHost(request)) return refuse(403, "This address is not the lab's.")
    if (request.method === 'POST' && request.url === '/session') {
      if (!isOwnPage(request)) return refuse(403, 'This comes from another page.')
      const [code = '', session = ''] = (await bodyOf(request)).split(' ')
      if (!sessions.exchange(code, session)) return refuse(401, 'The code is used up.')
      return void response.writeHead(204, { 'cache-control': 'no-store' }).end()
    }
    if (options.api?.answers(request, response)) return
    const socketScheme = tls ? 'wss' : 'ws'
    response.setHeader(
      'content-security-policy',
      contentSecurityPolicy(`'self' ${socketScheme}://${request.headers.host}`),
    )
    files(request, response, () => refuse(404, 'Not found'))
  }

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: largestMessageBytes,
    handleProtocols: () => protocolName,
  })
  // A handshake that fails is the client's affair.
  sockets.on('wsClientError', (_error, socket: Duplex) => refuseUpgrade(socket, '400 Bad Request'))
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (!isKnownHost(request) || !isOwnPage(request)) return refuseUpgrade(socket, '403 Forbidden')
    const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim())
    const session = protocols.find((one) => one.startsWith(sessionPrefix))?.slice(sessionPrefix.length)
    const lab = session === undefined ? undefined : sessions.isKnown(session) ? backend : commands?.isKnown(session) ? commands.lab : undefined // prettier-ignore
    if (!lab) return refuseUpgrade(socket, '401 Unauthorized')
    sockets.handleUpgrade(request, socket, head, (connection) => connectWindow(connection, lab))
  }

  const server = await openHttpServer({
    host,
    port,
    onRequest,
    onUpgrade,
    onError: options.onError ?? (() => {}),
    ...(tls ? { tls } : {}),
  })
  const { names, elsewhere } = namesOf(host)
  allowedHosts = new Set(names.map((name) => `${inUrl(name)}:${server.port}`))
  shown = `${scheme}://${inUrl(names[0]!)}:${server.port}`
  return {
    origin: shown,
    url: addressWith(sessions.code),
    elsewhere: elsewhere.map((name) => `${scheme}://${inUrl(name)}:${server.port}/`),
    setTls: (changed) => server.setTls(changed),
    async close() {
      for (const connection of sockets.clients) connection.terminate()
      await server.close()
    },
  }
}

/** A short text; what is longer is no code. */
async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString('latin1')
    if (text.length > largestCodeBytes) return ''
  }
  return text
}
