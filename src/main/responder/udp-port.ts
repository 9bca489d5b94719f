/**
 * One UDP port on one network interface. With native sockets the socket belongs to the interface, so that what comes in
 * is known to have come from there and broadcasts leave there; without them it is bound to the interface's address on
 * Windows, where that means the same, and to every address elsewhere, which serves a single interface.
 */
import { createSocket, type Socket } from 'node:dgram'
import { formatIpv4, parseIpv4 } from '#shared/wire/bytes.ts'
import type { Endpoint } from '#shared/machines/machine.ts'
import type { NetworkInterface } from './interfaces.ts'
import { nativeSockets } from './native-sockets.ts'

export interface UdpPortListener {
  (payload: Buffer, source: Endpoint): void
}

export interface UdpPort {
  readonly interface: NetworkInterface
  readonly port: number
  send(payload: Uint8Array, destination: Endpoint): void
  joinMulticast(group: number): void
  close(): Promise<void>
}

export interface UdpPortOptions {
  readonly interface: NetworkInterface
  readonly port: number
  readonly onDatagram: UdpPortListener
  /** A send or receive that failed; the port stays open. */
  readonly onError: (error: NodeJS.ErrnoException) => void
  /** In bytes. */
  readonly receiveBuffer?: number
}

/** Whether several interfaces can be told apart on one port of this machine. */
export const servesSeveralInterfaces = nativeSockets !== undefined || process.platform === 'win32'

const anyAddress = 0

function openSocket(options: UdpPortOptions): Promise<Socket> {
  const { interface: served, port } = options
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: 'udp4', reuseAddr: false })
    socket.once('error', reject)
    const ready = (): void => {
      socket.off('error', reject)
      socket.setBroadcast(true)
      resolve(socket)
    }
    // Loopback has no broadcasts and 127.0.0.0/8 is all one device: its sockets are bound by address.
    const byAddress = served.isLoopback || process.platform === 'win32'
    if (byAddress) socket.bind({ port, address: formatIpv4(served.address), exclusive: true }, ready)
    else if (!nativeSockets) socket.bind({ port, exclusive: true }, ready)
    else {
      try {
        const fd = nativeSockets.open({ address: anyAddress, port, device: served.name })
        nativeSockets.setReceiveBuffer(fd, options.receiveBuffer ?? 1 << 20)
        socket.bind({ fd }, ready)
      } catch (error) {
        socket.close()
        reject(error)
      }
    }
  })
}

/** Rejects with an error that has a `code` such as EADDRINUSE or EACCES. */
export async function openUdpPort(options: UdpPortOptions): Promise<UdpPort> {
  const socket = await openSocket(options)
  let isOpen = true
  socket.on('message', (payload, source) =>
    options.onDatagram(payload, { address: parseIpv4(source.address)!, port: source.port }),
  )
  socket.on('error', options.onError)
  return {
    interface: options.interface,
    port: options.port,
    send(payload, destination) {
      if (!isOpen) return
      socket.send(payload, destination.port, formatIpv4(destination.address), (error) => {
        if (error) options.onError(error)
      })
    },
    joinMulticast(group) {
      socket.addMembership(formatIpv4(group), formatIpv4(options.interface.address))
    },
    close: () =>
      new Promise((resolve) => {
        if (!isOpen) return resolve()
        isOpen = false
        socket.close(resolve)
      }),
  }
}
