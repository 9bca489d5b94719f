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
  /** All connections are taken, most of them by this client: told once a minute. */
  readonly onCrowded?: (client: string, connections: number) => void
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
  /** Where there are more, the client that has the most of them loses one on which it asks for nothing. */
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

const endings = new WeakMap<Socket, string>()

/** Why this side, or the network, ended a connection, as a clause; undefined where the other side did. */
export const endingOf = (socket: Socket): string | undefined => endings.get(socket)

function end(socket: Socket, why: string): void {
  if (!socket.destroyed && !endings.has(socket)) endings.set(socket, why)
  socket.destroy()
}

/** The other side neither said no nor hung up: nothing came through any more (tcp(7)). */
const networkErrors: ReadonlySet<unknown> = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN'])

/** Requests of a connection that are not answered yet. */
type Waiting = WeakMap<Socket, { count: number; last: Promise<void> }>

const quietMs = 60_000

/** Connections by client; of too many the one goes that is missed the least. */
class Crowd {
  readonly #most: number
  readonly #isIdle: (socket: Socket) => boolean
  readonly #onCrowded: HttpServerOptions['onCrowded']
  readonly #byClient = new Map<string, Set<Socket>>()
  #count = 0
  #toldAt = -Infinity

  constructor(most: number, isIdle: (socket: Socket) => boolean, onCrowded: HttpServerOptions['onCrowded']) {
    this.#most = most
    this.#isIdle = isIdle
    this.#onCrowded = onCrowded
  }

  join(socket: Socket): void {
    const client = clientOf(socket)
    const own = this.#byClient.get(client) ?? new Set()
    this.#byClient.set(client, own.add(socket))
    this.#count++
    socket.once('close', () => {
      this.#count--
      own.delete(socket)
      if (own.size === 0 && this.#byClient.get(client) === own) this.#byClient.delete(client)
    })
    if (this.#count > this.#most) this.#makeRoom(socket)
  }

  #makeRoom(newest: Socket): void {
    const clients = [...this.#byClient].toSorted(([, a], [, b]) => b.size - a.size)
    const [[client, { size }]] = clients as [(typeof clients)[number]]
    if (performance.now() - this.#toldAt > quietMs) {
      this.#toldAt = performance.now()
      this.#onCrowded?.(client, size)
    }
    for (const [, sockets] of clients)
      for (const one of sockets)
        if (one !== newest && !one.destroyed && this.#isIdle(one)) return end(one, 'others needed its place')
    end(newest, 'all connections are taken')
  }
}

/** Requests of each connection in the order in which they came, one at a time. */
function inTurn(options: HttpServerOptions, most: number, waiting: Waiting): RequestListener {
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
    if (++line.count > most) return end(socket, `more than ${most} requests waited on its connection`)
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
  const waiting: Waiting = new WeakMap()
  const listener = inTurn(options, limits.waitingRequests, waiting)
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
  // A client that has asked may close its half of the connection (RFC 9112 section 9.6) and still be answered.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.setTimeout(limits.idleMs, (socket: Socket) =>
    end(socket, `nothing came through for ${limits.idleMs / 1000} s`),
  )
  // Sockets that were taken over by an upgrade are not the server's any more, and still have to be closed with it.
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    // The server takes its own handler off when a connection is upgraded: this one stays.
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (networkErrors.has(code) && !endings.has(socket)) endings.set(socket, `the network lost the connection (${code})`) // prettier-ignore
    })
    socket.once('close', () => sockets.delete(socket))
  }
  server.on('connection', keep)
  server.on('secureConnection', keep)
  // Of a connection that became another, TLS or an upgrade, what it became.
  const became = new WeakMap<Socket, Socket>()
  const upgraded = new WeakSet<Socket>()
  const crowd = new Crowd(
    limits.connections,
    (socket) => {
      const now = became.get(socket) ?? socket
      return !upgraded.has(now) && (waiting.get(now)?.count ?? 0) === 0
    },
    options.onCrowded,
  )
  server.on('connection', (socket) => crowd.join(socket))
  server.on('secureConnection', (socket: Socket & { readonly _parent?: Socket }) => {
    // oxlint-disable-next-line no-underscore-dangle -- Node has no other name for the socket below.
    const below = socket._parent
    if (below) became.set(below, socket)
  })
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
    if (peer && below.bytesRead > 0 && !endings.has(below)) options.onTlsFailure?.(peer, error)
    socket.destroy()
  })
  const wrong = new WeakSet<Duplex>()
  server.on('clientError', (error: NodeJS.ErrnoException & { reason?: string; rawPacket?: Buffer }, socket) => {
    // What is still on its way of the same rubbish is no further request.
    if (error.code?.startsWith('HPE_') && !wrong.has(socket)) {
      wrong.add(socket)
      const [line = ''] = (error.rawPacket?.toString('latin1', 0, 300) ?? '').split(/\r?\n/, 1)
      options.onBadRequest?.(clientOf(socket as Socket), line, error.reason ?? error.message)
    }
    if (socket.writable) socket.end(badRequest)
    else socket.destroy()
  })
  const { onUpgrade } = options
  if (onUpgrade)
    server.on('upgrade', (request, socket, head) => {
      upgraded.add(socket as Socket)
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
            for (const socket of sockets) end(socket, 'this server stopped listening at its address')
          }),
      })
    })
  })
}

/** Answers an upgrade with a refusal and hangs up, whether the other side listens or not. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}
