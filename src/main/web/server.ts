/**
 * The window for a machine without a display: the same pages over local HTTP and the same contract over a WebSocket. The
 * token, the Origin and the Host are checked before anything is answered there.
 */
import { timingSafeEqual, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import sirv from 'sirv'
import { WebSocketServer } from 'ws'
import { handleMessage } from '#shared/contract/channel.ts'
import { formatIpv4 } from '#shared/wire/bytes.ts'
import type { Backend } from '../backend/backend.ts'
import { listInterfaces } from '../responder/interfaces.ts'
import { contentSecurityPolicy } from './security.ts'

const largestMessageBytes = 4 * 1024 * 1024

export interface WebServer {
  /** With the token: whoever has this address has the lab. */
  readonly url: string
  close(): Promise<void>
}

export interface WebServerOptions {
  readonly backend: Backend
  readonly pages: string
  readonly host: string
  readonly port: number
}

export async function startWebServer({ backend, pages, host, port }: WebServerOptions): Promise<WebServer> {
  const token = randomBytes(24).toString('base64url')
  const files = sirv(pages, { etag: true, dev: false })
  let allowedHosts: ReadonlySet<string> = new Set()

  const isKnownHost = (request: IncomingMessage): boolean => allowedHosts.has(request.headers.host ?? '')
  const hasToken = (request: IncomingMessage): boolean => {
    const given = Buffer.from(new URL(request.url ?? '/', 'http://lab').searchParams.get('token') ?? '')
    const wanted = Buffer.from(token)
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  }

  const server = createServer((request, response) => {
    // A name that some other site resolves to this address must not get to read the pages (DNS rebinding).
    if (!isKnownHost(request)) {
      response.writeHead(403, { 'content-type': 'text/plain' }).end("This address is not the lab's.\n")
      return
    }
    response.setHeader('content-security-policy', contentSecurityPolicy(`'self' ws://${request.headers.host}`))
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('referrer-policy', 'no-referrer')
    response.setHeader('cross-origin-opener-policy', 'same-origin')
    response.setHeader('cross-origin-resource-policy', 'same-origin')
    files(request, response, () => {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found\n')
    })
  })

  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessageBytes })
  const refuse = (socket: Duplex, status: string): void =>
    void socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`)
  server.on('upgrade', (request, socket, head) => {
    const origin = request.headers.origin
    if (!isKnownHost(request) || origin === undefined || origin !== `http://${request.headers.host}`)
      return refuse(socket, '403 Forbidden')
    if (!hasToken(request)) return refuse(socket, '401 Unauthorized')
    sockets.handleUpgrade(request, socket, head, (connection) => {
      const send = (message: unknown): void => {
        if (connection.readyState === connection.OPEN) connection.send(JSON.stringify(message))
      }
      const disconnect = backend.connect(send)
      connection.on('close', disconnect)
      connection.on('error', () => connection.terminate())
      connection.on('message', (data: Buffer) => {
        let message: unknown
        try {
          message = JSON.parse(data.toString('utf8'))
        } catch {
          return
        }
        void handleMessage(backend.handlers, message, send)
      })
    })
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  const isEverywhere = host === '0.0.0.0'
  const shownHost = isEverywhere ? '127.0.0.1' : host
  const own = isEverywhere ? listInterfaces().map((one) => formatIpv4(one.address)) : []
  allowedHosts = new Set([shownHost, '127.0.0.1', 'localhost', ...own].map((name) => `${name}:${bound}`))
  return {
    url: `http://${shownHost}:${bound}/?token=${token}`,
    async close() {
      for (const connection of sockets.clients) connection.terminate()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
