/** The one place where this program opens a TCP connection: its errors are heard before it has begun. */
import { createConnection } from 'node:net'
import { formatIp, isLinkLocal, type IpAddress } from '#shared/wire/ip-address.ts'
import type { IpEndpoint } from '#shared/machines/machine.ts'

export interface TcpSocketOptions {
  readonly destination: IpEndpoint
  /** Our address, of the same family. */
  readonly from: IpAddress
  /** The interface that addresses of one link are on (RFC 4007 section 11). */
  readonly zone?: string | undefined
  readonly onConnect: () => void
  readonly onData: (data: Buffer) => void
  readonly onError: (error: NodeJS.ErrnoException) => void
  /** The other side has ended it; not called after an error. */
  readonly onClose: () => void
}

export interface TcpSocket {
  /** Never throws: what cannot be sent any more is dropped. */
  write(data: Uint8Array): void
  destroy(): void
}

export function openTcpSocket(options: TcpSocketOptions): TcpSocket {
  const { destination, from, zone } = options
  const textOf = (address: IpAddress): string =>
    zone !== undefined && typeof address === 'string' && isLinkLocal(address) ? `${address}%${zone}` : formatIp(address)
  const socket = createConnection({
    host: textOf(destination.address),
    port: destination.port,
    localAddress: textOf(from),
  })
  socket.on('error', options.onError)
  socket.on('connect', options.onConnect)
  socket.on('data', options.onData)
  socket.on('close', (hadError) => {
    if (!hadError) options.onClose()
  })
  return {
    write(data) {
      if (socket.writable) socket.write(data)
    },
    destroy: () => void socket.destroy(),
  }
}
