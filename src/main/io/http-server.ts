/**
 * The one place where this program opens an HTTP server. Every socket has its error handler before its first byte and
 * keeps it through an upgrade; requests of one connection are answered one at a time; headers, waits and connections are
 * bounded; a handler that fails costs its own request and nothing else.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex, Readable } from 'node:stream'

export interface HttpServerOptions {
  readonly host: string
  /** 0 takes any that is free. */
  readonly port: number
  /** PEM texts; without them the server speaks plain HTTP. 'later': TLS, with nothing to show before `setTls`. */
  readonly tls?: { readonly key: string; readonly certificate: string } | 'later'
  /** A client began a handshake and no connection came of it; `client` is its address. */
  readonly onTlsFailure?: (client: TlsPeer, error: NodeJS.ErrnoException) => void
  /** Ends the response. What it throws becomes a 500, or breaks the connection off where the answer has begun. */
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void
  /** Takes over the socket. Without it an upgrade is an ordinary request. */
  readonly onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** What came from a client and is no request; it is answered with 400. `line` is how it begins, `reason` a clause. */
  readonly onBadRequest?: (client: string, line: string, reason: string) => void
  /** What went wrong while it was open; it stays open. */
  readonly onError: (error: Error) => void
  readonly limits?: Partial<HttpLimits>
}

/** The other side of a connection, and this one. */
export interface TlsPeer {
  readonly client: string
  readonly clientPort: number
  readonly local: string
  readonly localPort: number
}

export interface HttpLimits {
  readonly connections: number
  /** Requests of one connection that wait for the one before; a client that sends more is hung up on. */
  readonly waitingRequests: number
  readonly headerBytes: number
  /** For the headers of a request to arrive. */
  readonly headersMs: number
  /** Without a byte in either direction. */
  readonly idleMs: number
  /** Between two requests of a connection. */
  readonly keepAliveMs: number
}

export const defaultHttpLimits: HttpLimits = {
  connections: 2048,
  waitingRequests: 64,
  headerBytes: 16 * 1024,
  headersMs: 20_000,
  // Firmware that writes what it loads to a disk may pause for long.
  idleMs: 120_000,
  keepAliveMs: 15_000,
}

export interface HttpServer {
  readonly port: number
  /** For connections from now on; only where it speaks TLS. */
  setTls(tls: { readonly key: string; readonly certificate: string }): void
  close(): Promise<void>
}

const badRequest = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

/** HTTP/1.1 without Host is refused (RFC 9112 section 3.2) here, since Node would do so without a word. */
function isComplete(request: IncomingMessage, response: ServerResponse, options: HttpServerOptions): boolean {
  if (request.httpVersion !== '1.1' || request.headers.host !== undefined) return true
  options.onBadRequest?.(clientOf(request.socket), `${request.method} ${request.url}`, 'HTTP/1.1 without a Host field')
  response.writeHead(400, { Connection: 'close', 'Content-Length': 0 }).end()
  return false
}

/** An address as people write it: of IPv4 where it is one, and without the zone, which is this machine's own business. */
export const plainAddress = (text: string): string => text.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*/, '')

/** The address of the other side. */
export const clientOf = ({ remoteAddress = '' }: Pick<Socket, 'remoteAddress'>): string => plainAddress(remoteAddress)

/** Requests of each connection in the order in which they came, one at a time. */
function inTurn(options: HttpServerOptions, most: number): RequestListener {
  const waiting = new WeakMap<Socket, { count: number; last: Promise<void> }>()
  return (request, response) => {
    const { socket } = request
    request.on('error', () => {})
    response.on('error', () => {})
    // A file that goes away or cannot be read costs its own answer; one that nobody waits for any more is closed.
    response.on('pipe', (source: Readable) => {
      source.on('error', (error) => {
        options.onError(error)
        response.destroy()
      })
      response.once('close', () => source.destroy())
    })
    const line = waiting.get(socket) ?? { count: 0, last: Promise.resolve() }
    waiting.set(socket, line)
    if (++line.count > most) return void socket.destroy()
    const ended = new Promise<void>((resolve) => response.once('close', resolve))
    const answer = async (): Promise<void> => {
      try {
        // Whoever hung up meanwhile wants no answer.
        if (!socket.destroyed && isComplete(request, response, options)) await options.onRequest(request, response)
      } catch (error) {
        // Whoever hangs up while it sends is no fault of the server.
        if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') options.onError(error as Error)
        if (response.headersSent) response.destroy()
        else response.writeHead(500, { 'Content-Length': 0 }).end()
      }
      if (!socket.destroyed) await ended
      line.count--
    }
    line.last = line.last.then(answer)
  }
}

/** Rejects with an error that has a `code` such as EADDRINUSE or EACCES. */
export function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits = { ...defaultHttpLimits, ...options.limits }
  const settings = {
    maxHeaderSize: limits.headerBytes,
    requireHostHeader: false,
    headersTimeout: limits.headersMs,
    requestTimeout: Math.max(limits.headersMs, limits.idleMs),
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(limits.headersMs, 5000),
  }
  const listener = inTurn(options, limits.waitingRequests)
  const tlsServer =
    options.tls &&
    createTlsServer(
      {
        ...settings,
        handshakeTimeout: limits.headersMs,
        ...(options.tls === 'later' ? {} : { key: options.tls.key, cert: options.tls.certificate }),
      },
      listener,
    )
  const server: Server = tlsServer ?? createServer(settings, listener)
  server.maxConnections = limits.connections
  // A client that has asked may close its half of the connection (RFC 9112 section 9.6) and still be answered.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.setTimeout(limits.idleMs, (socket: Socket) => socket.destroy())
  // Sockets that were taken over by an upgrade are not the server's any more, and still have to be closed with it.
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    // The server takes its own handler off when a connection is upgraded: this one stays.
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  }
  server.on('connection', keep)
  server.on('secureConnection', keep)
  // Sockets that were reset tell no address any more, and the one below TLS remembers what it was asked once.
  const peers = new WeakMap<Socket, TlsPeer>()
  if (tlsServer)
    server.on('connection', (socket) => {
      const { localAddress = '', localPort = 0, remotePort = 0 } = socket
      peers.set(socket, { client: clientOf(socket), clientPort: remotePort, local: plainAddress(localAddress), localPort }) // prettier-ignore
    })
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket & { readonly _parent?: Socket }) => {
    // oxlint-disable-next-line no-underscore-dangle -- Node has no other name for the socket below.
    const below = socket._parent
    const peer = below && peers.get(below)
    // Whoever connects and says nothing looked whether the port is open.
    if (peer && below.bytesRead > 0) options.onTlsFailure?.(peer, error)
    socket.destroy()
  })
  server.on('clientError', (error: NodeJS.ErrnoException & { reason?: string; rawPacket?: Buffer }, socket) => {
    if (error.code?.startsWith('HPE_')) {
      const [line = ''] = (error.rawPacket?.toString('latin1', 0, 300) ?? '').split(/\r?\n/, 1)
      options.onBadRequest?.(clientOf(socket as Socket), line, error.reason ?? error.message)
    }
    if (socket.writable) socket.end(badRequest)
    else socket.destroy()
  })
  const { onUpgrade } = options
  if (onUpgrade)
    server.on('upgrade', (request, socket, head) => {
      try {
        onUpgrade(request, socket, head)
      } catch (error) {
        options.onError(error as Error)
        socket.destroy()
      }
    })
  return new Promise((resolve, reject) => {
    server.on('error', (error) => {
      reject(error)
      if (server.listening) options.onError(error)
    })
    server.listen({ host: options.host, port: options.port, exclusive: true }, () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        setTls: ({ key, certificate }) => tlsServer?.setSecureContext({ key, cert: certificate }),
        close: () =>
          new Promise((closed) => {
            server.close(() => closed())
            for (const socket of sockets) socket.destroy()
          }),
      })
    })
  })
}

/** Answers an upgrade with a refusal and hangs up, whether the other side listens or not. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}
