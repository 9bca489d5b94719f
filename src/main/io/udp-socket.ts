/**
 * The one place where this program opens a UDP socket of Node. Errors are heard before the first byte, a datagram whose
 * source nobody can answer never gets in, and to send never throws: what cannot be sent is told.
 */
import { createSocket } from 'node:dgram'
import { formatIpv4, parseIpv4 } from '#shared/wire/bytes.ts'
import type { Endpoint } from '#shared/machines/machine.ts'

export interface UdpSocketOptions {
  /** A descriptor that is bound already, or where to bind; no port means any. */
  readonly bind: { readonly descriptor: number } | { readonly address?: number; readonly port?: number }
  /** The peer all datagrams go to and come from; others are dropped by the system. */
  readonly peer?: Endpoint
  readonly onDatagram: (payload: Buffer, source: Endpoint) => void
  /** A send, a receive or the binding that failed. */
  readonly onError: (error: NodeJS.ErrnoException) => void
  /** In bytes. */
  readonly receiveBuffer?: number
}

export interface UdpSocket {
  /** Resolves when it is bound (and connected); rejects with an error that has a `code` such as EADDRINUSE. */
  readonly ready: Promise<void>
  /** 0 where it is not bound. */
  readonly localPort: number
  /** The address it sends from, where it is connected; undefined where it is not bound, or bound to every address. */
  readonly localAddress: number | undefined
  /** Never throws. `onFailed` and `onSent` hear of this datagram alone, `onError` of the rest; neither once it is closed. */
  send(
    payload: Uint8Array,
    destination?: Endpoint,
    onFailed?: (error: NodeJS.ErrnoException) => void,
    onSent?: () => void,
  ): void
  /** Throws where the system refuses. */
  joinMulticast(group: number, own: number): void
  close(): Promise<void>
}

/** What waits in this process for the system to take it, in bytes; what comes on top is told as not sent. */
const mostQueuedBytes = 8 * 1024 * 1024

const unreachable = (destination: Endpoint): NodeJS.ErrnoException =>
  Object.assign(new Error(`nothing can be sent to ${formatIpv4(destination.address)} port ${destination.port}`), {
    code: 'EDESTADDRREQ',
  })

export function openUdpSocket(options: UdpSocketOptions): UdpSocket {
  const { bind, peer, onDatagram, onError, receiveBuffer } = options
  const socket = createSocket({
    type: 'udp4',
    reuseAddr: false,
    ...(receiveBuffer ? { recvBufferSize: receiveBuffer } : {}),
  })
  let isOpen = true
  let isReady = false
  const ready = new Promise<void>((resolve, reject) => {
    socket.on('error', (error) => {
      reject(error)
      onError(error)
    })
    socket.on('message', (payload, source) => {
      const address = parseIpv4(source.address)
      // Nobody can be answered at port 0; Node refuses to try.
      if (address !== undefined && source.port !== 0) onDatagram(payload, { address, port: source.port })
    })
    const done = (): void => {
      isReady = true
      resolve()
    }
    const bound = (): void => {
      try {
        socket.setBroadcast(true)
        // Without a callback of its own a failed connect would be an event that nobody can tell from others.
        if (peer)
          socket.connect(peer.port, formatIpv4(peer.address), (error?: Error) => (error ? reject(error) : done()))
        else done()
      } catch (error) {
        reject(error)
      }
    }
    try {
      if ('descriptor' in bind) socket.bind({ fd: bind.descriptor }, bound)
      else
        socket.bind(
          {
            port: bind.port ?? 0,
            exclusive: true,
            ...(bind.address === undefined ? {} : { address: formatIpv4(bind.address) }),
          },
          bound,
        )
    } catch (error) {
      reject(error)
    }
  })
  // Whoever does not wait for it hears of it by `onError`.
  ready.catch(() => {})
  return {
    ready,
    get localPort() {
      return isOpen && isReady ? socket.address().port : 0
    },
    get localAddress() {
      return isOpen && isReady ? parseIpv4(socket.address().address) || undefined : undefined
    },
    send(payload, destination, onFailed = onError, onSent) {
      if (!isOpen) return
      const ended = (error: Error | null): void => {
        if (!isOpen) return
        if (error) onFailed(error)
        else onSent?.()
      }
      if (destination && (destination.port === 0 || destination.address === 0))
        return void setImmediate(ended, unreachable(destination))
      try {
        if (socket.getSendQueueSize() > mostQueuedBytes)
          throw Object.assign(new Error('too much waits to be sent'), { code: 'ENOBUFS' })
        if (destination) socket.send(payload, destination.port, formatIpv4(destination.address), ended)
        else socket.send(payload, ended)
      } catch (error) {
        setImmediate(ended, error as Error)
      }
    },
    joinMulticast: (group, own) => socket.addMembership(formatIpv4(group), formatIpv4(own)),
    close: () =>
      new Promise((resolve) => {
        if (!isOpen) return resolve()
        isOpen = false
        try {
          socket.close(() => resolve())
        } catch {
          // It never came to be bound.
          resolve()
        }
      }),
  }
}
