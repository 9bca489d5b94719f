/**
 * HTTP boot as frames. A web server sees no segments, so those are made that tell what passed: the handshake, the head of each
 * request and answer, a segment in a while of what was sent, and how the connection ended. Their sequence numbers are right, so
 * that what is not kept of a file shows as such (RFC 9293 section 3.4).
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { encodeText } from '#shared/wire/bytes.ts'
import { clientOf, plainAddress, type TlsPeer } from '../io/http-server.ts'
import type { ObservedDatagram } from './observed.ts'

const flags = { fin: 1, syn: 2, rst: 4, push: 8, ack: 16 } as const
/** What one segment can stand for: an IP packet has 65535 bytes. */
const mostInSegment = 60_000

/** A segment between the client and this machine, by the addresses of the socket. */
export type SeenSegment = Pick<ObservedDatagram, 'direction' | 'payload' | 'length' | 'localPort'> & {
  readonly tcp: NonNullable<ObservedDatagram['tcp']>
  readonly local: string
  readonly client: string
  readonly clientPort: number
}

interface Conversation {
  /** Sequence numbers of what comes next from the client and from here. */
  client: number
  server: number
  readonly tell: (direction: 'in' | 'out', flags: number, payload: Uint8Array, length: number) => void
}

const nothing = new Uint8Array()

export class HttpFrames {
  readonly #observe: (segment: SeenSegment) => void
  readonly #conversations = new WeakMap<Socket, Conversation>()

  constructor(observe: (segment: SeenSegment) => void) {
    this.#observe = observe
  }

  #of(socket: Socket): Conversation {
    const known = this.#conversations.get(socket)
    if (known) return known
    const { localAddress = '', localPort = 0, remotePort = 0 } = socket
    const local = plainAddress(localAddress)
    const conversation = this.#begin({ client: clientOf(socket), clientPort: remotePort, local, localPort })
    this.#conversations.set(socket, conversation)
    socket.once('close', () => conversation.tell('out', flags.fin | flags.ack, nothing, 0))
    return conversation
  }

  #begin({ client, clientPort, local, localPort }: TlsPeer): Conversation {
    const conversation: Conversation = {
      client: 0,
      server: 0,
      tell: (direction, bits, payload, length) => {
        const [sequence, acknowledgement] =
          direction === 'in' ? [conversation.client, conversation.server] : [conversation.server, conversation.client]
        const tcp = { sequence: sequence >>> 0, acknowledgement: acknowledgement >>> 0, flags: bits }
        this.#observe({ direction, payload, length, localPort, tcp, local, client, clientPort }) // prettier-ignore
        const taken = length + (bits & (flags.syn | flags.fin) ? 1 : 0)
        if (direction === 'in') conversation.client += taken
        else conversation.server += taken
      },
    }
    conversation.tell('in', flags.syn, nothing, 0)
    conversation.tell('out', flags.syn | flags.ack, nothing, 0)
    return conversation
  }

  request({ socket, method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): void {
    const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1] ?? ''}\r\n`] : []))
    const head = encodeText(`${method} ${url} HTTP/${httpVersion}\r\n${lines.join('')}\r\n`)
    this.#of(socket).tell('in', flags.push | flags.ack, head, head.length)
  }

  answer(socket: Socket, status: string, headers: Readonly<Record<string, string | number>>): void {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    const head = encodeText(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`)
    this.#of(socket).tell('out', flags.push | flags.ack, head, head.length)
  }

  /** A handshake that no connection came of, and the alert of either side that ended it. */
  failedHandshake(
    peer: TlsPeer,
    alert: { readonly from: 'client' | 'server'; readonly code: number } | undefined,
  ): void {
    const conversation = this.#begin(peer)
    if (!alert) return conversation.tell('in', flags.rst | flags.ack, nothing, 0)
    const direction = alert.from === 'client' ? 'in' : 'out'
    // Content type alert, TLS 1.2, two bytes: fatal and why (RFC 5246 sections 6.2.1 and 7.2).
    conversation.tell(direction, flags.push | flags.ack, Uint8Array.of(21, 3, 3, 0, 2, 2, alert.code), 7)
    conversation.tell(direction, flags.fin | flags.ack, nothing, 0)
  }

  /** So many further bytes of the body were handed to the socket; `head` is what the first of them are, as far as it is to be kept. */
  sent(socket: Socket, bytes: number, head: Uint8Array = nothing): void {
    if (bytes === 0) return
    const conversation = this.#of(socket)
    if (head.length > 0) conversation.tell('out', flags.ack, head, head.length)
    const rest = bytes - head.length
    if (rest === 0) return
    const length = Math.min(rest, mostInSegment)
    conversation.server += rest - length
    conversation.tell('out', flags.ack, nothing, length)
  }

  /** The connection ended in the middle of an answer; `byClient` says who hung up. */
  brokenOff(socket: Socket, byClient: boolean): void {
    this.#of(socket).tell(byClient ? 'in' : 'out', flags.rst | flags.ack, nothing, 0)
  }
}
