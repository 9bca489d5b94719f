/** The one place where this program opens a TCP connection: its errors are heard before it has begun. */
import { createConnection } from 'node:net'
import { formatIpv4 } from '#shared/wire/bytes.ts'
import type { Endpoint } from '#shared/machines/machine.ts'

export interface TcpSocketOptions {
  readonly destination: Endpoint
  /** Our address. */
  readonly from: number
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
  const { destination, from } = options
  const socket = createConnection({
    host: formatIpv4(destination.address),
    port: destination.port,
    localAddress: formatIpv4(from),
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
