/**
 * The one place where this program opens a UDP socket of Node. Errors are heard before the first byte, a datagram whose
 * source nobody can answer never gets in, and to send never throws: what cannot be sent is told.
 */
import { createSocket, type SocketOptions } from 'node:dgram'
import { formatIpv6, parseIpv4, parseIpv6 } from '#shared/wire/bytes.ts'
import { formatIp, isLinkLocal, isMulticast, type IpAddress } from '#shared/wire/ip-address.ts'

/** Where a socket of one family sends to, or hears from. */
export interface UdpEnd<Address extends IpAddress> {
  readonly address: Address
  readonly port: number
}

/** `Address` is a number for sockets of IPv4 and a text for those of IPv6, which hear nothing of IPv4. */
export interface UdpSocketOptions<Address extends IpAddress = number> {
  /** A descriptor that is bound already, or where to bind; no port means any. */
  readonly bind: { readonly descriptor: number } | { readonly address?: Address; readonly port?: number }
  /** The interface that addresses of one link are on (RFC 4007 section 11); none is needed where the socket belongs to one. */
  readonly zone?: string | undefined
  /** The peer all datagrams go to and come from; others are dropped by the system. */
  readonly peer?: UdpEnd<Address>
  readonly onDatagram: (payload: Buffer, source: UdpEnd<Address>) => void
  /** A send, a receive or the binding that failed. */
  readonly onError: (error: NodeJS.ErrnoException) => void
  /** In bytes. */
  readonly receiveBuffer?: number
}

export interface UdpSocket<Address extends IpAddress = number> {
  /** Resolves when it is bound (and connected); rejects with an error that has a `code` such as EADDRINUSE. */
  readonly ready: Promise<void>
  /** 0 where it is not bound. */
  readonly localPort: number
  /** The address it sends from, where it is connected; undefined where it is not bound, or bound to every address. */
  readonly localAddress: Address | undefined
  /** Never throws. `onFailed` and `onSent` hear of this datagram alone, `onError` of the rest; neither once it is closed. */
  send(
    payload: Uint8Array,
    destination?: UdpEnd<Address>,
    onFailed?: (error: NodeJS.ErrnoException) => void,
    onSent?: () => void,
  ): void
  /** `own` is our address on the interface where the group is; of IPv6 its zone tells that. Throws where the system refuses. */
  joinMulticast(group: Address, own: Address): void
  close(): Promise<void>
}

/** What waits in this process for the system to take it, in bytes; what comes on top is told as not sent. */
const mostQueuedBytes = 8 * 1024 * 1024

const unreachable = ({ address, port }: UdpEnd<IpAddress>): NodeJS.ErrnoException =>
  Object.assign(new Error(`nothing can be sent to ${formatIp(address)} port ${port}`), { code: 'EDESTADDRREQ' })

/** Whoever asks has an address; Node would look it up once more, and takes no zone with every name that interfaces have. */
const asIpv6: NonNullable<SocketOptions['lookup']> = (address, _, callback) => callback(null, address, 6)

/** As the machines write it: in the form of RFC 5952, and without the zone that is the socket's. */
function addressIn(text: string, family: 4 | 6): IpAddress | undefined {
  if (family === 4) return parseIpv4(text)
  const octets = parseIpv6(text.replace(/%.*/, ''))
  return octets && formatIpv6(octets)
}

/** Every address of this machine. */
const isUnspecified = (address: IpAddress): boolean => address === 0 || address === '::'

/** A socket of IPv4. */
export const openUdpSocket = (options: UdpSocketOptions): UdpSocket => open(options, 4)

/** A socket of the family that is named; addresses of the other one are refused as the system refuses them. */
export const openIpSocket = (options: UdpSocketOptions<IpAddress> & { readonly family: 4 | 6 }): UdpSocket<IpAddress> =>
  open(options, options.family)

function open<Address extends IpAddress>(options: UdpSocketOptions<Address>, family: 4 | 6): UdpSocket<Address> {
  const { bind, zone, peer, onDatagram, onError, receiveBuffer } = options
  const socket = createSocket({
    ...(family === 4 ? { type: 'udp4' } : { type: 'udp6', ipv6Only: true, lookup: asIpv6 }),
    reuseAddr: false,
    ...(receiveBuffer ? { recvBufferSize: receiveBuffer } : {}),
  })
  const textOf = (address: IpAddress): string =>
    zone !== undefined && typeof address === 'string' && (isLinkLocal(address) || isMulticast(address))
      ? `${address}%${zone}`
      : formatIp(address)
  let isOpen = true
  let isReady = false
  const ready = new Promise<void>((resolve, reject) => {
    socket.on('error', (error) => {
      reject(error)
      onError(error)
    })
    socket.on('message', (payload, source) => {
      const address = addressIn(source.address, family) as Address | undefined
      // Nobody can be answered at port 0; Node refuses to try.
      if (address !== undefined && source.port !== 0) onDatagram(payload, { address, port: source.port })
    })
    const done = (): void => {
      isReady = true
      resolve()
    }
    const bound = (): void => {
      try {
        if (family === 4) socket.setBroadcast(true)
        // Without a callback of its own a failed connect would be an event that nobody can tell from others.
        if (peer) socket.connect(peer.port, textOf(peer.address), (error?: Error) => (error ? reject(error) : done()))
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
            ...(bind.address === undefined ? {} : { address: textOf(bind.address) }),
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
      const address = isOpen && isReady ? addressIn(socket.address().address, family) : undefined
      return address === undefined || isUnspecified(address) ? undefined : (address as Address)
    },
    send(payload, destination, onFailed = onError, onSent) {
      if (!isOpen) return
      const ended = (error: Error | null): void => {
        if (!isOpen) return
        if (error) onFailed(error)
        else onSent?.()
      }
      if (destination && (destination.port === 0 || isUnspecified(destination.address)))
        return void setImmediate(ended, unreachable(destination))
      try {
        if (socket.getSendQueueSize() > mostQueuedBytes)
          throw Object.assign(new Error('too much waits to be sent'), { code: 'ENOBUFS' })
        if (destination) socket.send(payload, destination.port, textOf(destination.address), ended)
        else socket.send(payload, ended)
      } catch (error) {
        setImmediate(ended, error as Error)
      }
    },
    joinMulticast: (group, own) =>
      socket.addMembership(
        formatIp(group),
        family === 4 ? formatIp(own) : zone === undefined ? undefined : `::%${zone}`,
      ),
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
