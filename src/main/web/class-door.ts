/**
 * The door of a class: a server of its own, on a port of its own, so that nothing of the lab is behind it. It has the pages of a
 * student and one WebSocket, over which `ClassRoom` hears and speaks; what is said there is all that anybody gets here.
 *
 * Any name of this machine will do in Host, since students come by whichever resolves: a page of another site that is made to resolve
 * here finds what every student finds, and needs the code as they do. Its own page alone may open the WebSocket.
 */
import { randomBytes, randomInt } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import sirv from 'sirv'
import { WebSocketServer, type WebSocket } from 'ws'
import { classBounds, type ClassLead, type ClassState } from '#shared/contract/classroom.ts'
import { newCode } from '#shared/classroom/names.ts'
import { ClassRoom } from '#shared/classroom/room.ts'
import { clientOf, openHttpServer, refuseUpgrade } from '../io/http-server.ts'
import { contentSecurityPolicy } from './security.ts'
import { addressesOf } from './server.ts'

/** Far above what a student's page says at once. */
const largestMessageBytes = 4096
/** Students, those who come back while their old connections still stand, and strangers. */
const mostConnections = classBounds.students * 4
/** A lesson of somebody's own and a vote; who has not taken more than that is behind a cut line. */
const mostBehindBytes = 2_000_000
/** A line that gives no answer for so long is cut. */
const pingMs = 15_000
/** Pages are loaded over few connections each, and by thirty browsers at once. */
const mostHttpConnections = 1024
/** Changes of the class are told to windows so often at most. */
const tellMs = 250

export interface ClassDoor {
  readonly port: number
  state(): ClassState
  lead(lead: ClassLead): ClassState
  close(): Promise<void>
}

export interface ClassDoorOptions {
  /** The folder of the built pages. */
  readonly pages: string
  readonly host: string
  readonly port: number
  readonly onChange: (state: ClassState) => void
  readonly onError: (error: Error) => void
}

/** Whom failures are counted against: of IPv6 a network, for one machine has all of its addresses. */
function neighbourhood(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':')
  if (tail === undefined) return groups.slice(0, 4).join(':')
  return [...groups, '0', '0', '0', '0'].slice(0, 4).join(':')
}

const random = (): number => randomInt(2 ** 32) / 2 ** 32

/** Rejects with an error that has a `code` such as EADDRINUSE or EACCES. */
export async function openClassDoor(options: ClassDoorOptions): Promise<ClassDoor> {
  const { pages, host } = options
  const files = sirv(pages, { etag: true, dev: false })
  const room = new ClassRoom({ code: newCode(random), newToken: () => randomBytes(24).toString('base64url') })
  const connections = new Map<number, { readonly socket: WebSocket; isAlive: boolean }>()
  let count = 0
  let addresses: readonly string[] = []
  let timer: NodeJS.Timeout | undefined
  let telling: NodeJS.Timeout | undefined
  let toldRevision = 0

  const now = (): number => performance.now()
  const flush = (): void => {
    for (let output = room.pollTransmit(); output; output = room.pollTransmit()) {
      if ('hangUp' in output) {
        // What was said last still arrives; a side that does not hang up in turn is cut off by the next ping.
        connections.get(output.hangUp)?.socket.close()
        continue
      }
      const socket = connections.get(output.to)?.socket
      if (!socket || socket.readyState !== socket.OPEN) continue
      if (socket.bufferedAmount > mostBehindBytes) socket.terminate()
      else socket.send(JSON.stringify(output.message))
    }
    clearTimeout(timer)
    const due = room.pollTimeout()
    if (due !== undefined) timer = setTimeout(() => take({ kind: 'time' }), Math.max(10, due - now()))
    if (room.revision === toldRevision || telling) return
    telling = setTimeout(() => {
      telling = undefined
      toldRevision = room.revision
      options.onChange(room.state(addresses))
    }, tellMs)
  }
  const take = (input: Parameters<ClassRoom['handle']>[0]): void => {
    room.handle(input, now())
    flush()
  }

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('referrer-policy', 'no-referrer')
    response.setHeader('cross-origin-opener-policy', 'same-origin')
    response.setHeader('cross-origin-resource-policy', 'same-origin')
    const refuse = (status: number, text: string): void =>
      void response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`)
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'Pages are read here')
    const path = (request.url ?? '').split('?')[0]!
    if (path !== '/' && !/^\/(assets|messages)\/[\w-][\w.-]*$/.test(path)) return refuse(404, 'Not found')
    if (path === '/') request.url = '/class.html'
    response.setHeader('content-security-policy', contentSecurityPolicy(`'self' ws://${request.headers.host ?? ''}`))
    files(request, response, () => refuse(404, 'Not found'))
  }

  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessageBytes, perMessageDeflate: false })
  // A handshake that fails is the client's affair.
  sockets.on('wsClientError', (_error, socket: Duplex) => refuseUpgrade(socket, '400 Bad Request'))
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const { origin, host: named } = request.headers
    if (request.url !== '/class' || origin === undefined || origin !== `http://${named}`)
      return refuseUpgrade(socket, '403 Forbidden')
    if (connections.size >= mostConnections) return refuseUpgrade(socket, '503 Service Unavailable')
    sockets.handleUpgrade(request, socket, head, (connection) => {
      const id = ++count
      connections.set(id, { socket: connection, isAlive: true })
      connection.on('error', () => connection.terminate())
      connection.on('close', () => {
        connections.delete(id)
        take({ kind: 'went', connection: id })
      })
      connection.on('pong', () => {
        const own = connections.get(id)
        if (own) own.isAlive = true
      })
      connection.on('message', (data: Buffer, isBinary) => {
        let message: unknown
        try {
          message = isBinary ? undefined : JSON.parse(data.toString('utf8'))
        } catch {
          // No message of ours, which the room answers as any other.
        }
        take({ kind: 'said', connection: id, message })
      })
      take({ kind: 'came', connection: id, address: neighbourhood(clientOf(request.socket)) })
    })
  }

  const server = await openHttpServer({
    host,
    port: options.port,
    onRequest,
    onUpgrade,
    onError: options.onError,
    limits: { connections: mostHttpConnections, idleMs: 60_000 },
  })
  addresses = addressesOf(host, server.port)
  const pinging = setInterval(() => {
    for (const one of connections.values()) {
      if (!one.isAlive || one.socket.readyState === one.socket.CLOSING) one.socket.terminate()
      else {
        one.isAlive = false
        one.socket.ping()
      }
    }
  }, pingMs)

  return {
    port: server.port,
    state: () => room.state(addresses),
    lead(lead) {
      take({ kind: 'lead', lead })
      return room.state(addresses)
    },
    async close() {
      clearInterval(pinging)
      take({ kind: 'end' })
      clearTimeout(timer)
      clearTimeout(telling)
      telling = undefined
      // What was said last is on its way; whoever does not take it in time learns it from the connection.
      const closed = [...connections.values()].map(
        ({ socket }) => new Promise<void>((resolve) => (socket.readyState === socket.CLOSED ? resolve() : socket.once('close', () => resolve()))), // prettier-ignore
      )
      let late: NodeJS.Timeout | undefined
      await Promise.race([Promise.all(closed), new Promise((resolve) => (late = setTimeout(resolve, 500)))])
      clearTimeout(late)
      for (const { socket } of connections.values()) socket.terminate()
      clearTimeout(timer)
      clearTimeout(telling)
      await server.close()
    },
  }
}
