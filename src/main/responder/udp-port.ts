/**
 * One UDP port on one network interface. With native sockets the socket belongs to the interface, so that what comes in
 * is known to have come from there and broadcasts leave there; without them it is bound to the interface's address on
 * Windows, where that means the same, and to every address elsewhere, which serves a single interface.
 */
import type { Endpoint } from '#shared/machines/machine.ts'
import { sourceProblem } from '#shared/machines/senders.ts'
import { openUdpSocket } from '../io/udp-socket.ts'
import type { NetworkInterface } from './interfaces.ts'
import { nativeSockets } from './native-sockets.ts'
import { SendRoom } from './send-room.ts'
import type { Binding } from './socket-plan.ts'

export interface UdpPortListener {
  (payload: Buffer, source: Endpoint): void
}

export interface UdpPort {
  readonly interface: NetworkInterface
  readonly port: number
  /** The address that was asked, where the socket tells. */
  readonly asked: number | undefined
  /** `done` hears whether it was sent, and `onError` does where nobody else asks. */
  send(payload: Uint8Array, destination: Endpoint, done?: (error: Error | undefined) => void): void
  joinMulticast(group: number): void
  close(): Promise<void>
}

export interface UdpPortOptions {
  readonly interface: NetworkInterface
  readonly port: number
  /** Only what came from an address and a port that can be answered. */
  readonly onDatagram: UdpPortListener
  /** A send or receive that failed; the port stays open. */
  readonly onError: (error: NodeJS.ErrnoException) => void
  /** In bytes. */
  readonly receiveBuffer?: number
  /** Has the interface's address alone; without it, every address, and on Windows the broadcasts of the interface. */
  readonly hasOneAddress?: boolean
  /** The socket of every address that it is opened beside. */
  readonly beside?: UdpPort | undefined
}

/** Whether several interfaces can be told apart on one port of this machine. */
export const servesSeveralInterfaces = nativeSockets !== undefined || process.platform === 'win32'

/** Loopback has no broadcasts and 127.0.0.0/8 is all one device: its sockets are bound by address. */
export const bindingOn = ({ isLoopback }: NetworkInterface): Binding =>
  isLoopback || process.platform === 'win32' ? 'address' : nativeSockets ? 'interface' : 'machine'

const anyAddress = 0
/** Descriptors of the ports, for those that are opened beside them. */
const descriptors = new WeakMap<UdpPort, number>()

function openSocket({
  interface: served,
  port,
  receiveBuffer = 1 << 20,
  hasOneAddress = false,
  beside,
}: UdpPortOptions): Parameters<typeof openUdpSocket>[0]['bind'] {
  const binding = bindingOn(served)
  if (binding === 'address') return { port, address: served.address }
  if (binding === 'machine' || !nativeSockets) return hasOneAddress ? { port, address: served.address } : { port }
  const address = hasOneAddress ? served.address : anyAddress
  const descriptor = nativeSockets.open({ address, port, device: served.name, beside: beside && descriptors.get(beside) }) // prettier-ignore
  nativeSockets.setReceiveBuffer(descriptor, receiveBuffer)
  return { descriptor }
}

/** Rejects with an error that has a `code` such as EADDRINUSE or EACCES. */
export async function openUdpPort(options: UdpPortOptions): Promise<UdpPort> {
  const { interface: served, port, hasOneAddress = false } = options
  let isOpen = false
  const bind = openSocket(options)
  const usedRoom = nativeSockets?.usedRoom
  const room = 'descriptor' in bind && usedRoom && new SendRoom(served, () => usedRoom(bind.descriptor))
  const socket = openUdpSocket({
    bind,
    onDatagram: (payload, source) => {
      if (sourceProblem(source, served, port) === undefined) options.onDatagram(payload, source)
    },
    // Why it cannot be opened goes to the caller.
    onError: (error) => (isOpen ? options.onError(error) : undefined),
  })
  try {
    await socket.ready
  } catch (error) {
    await socket.close()
    throw error
  }
  isOpen = true
  const opened: UdpPort = {
    interface: served,
    port,
    asked: hasOneAddress ? served.address : undefined,
    send(payload, destination, done = (error) => error && options.onError(error)) {
      const problem = isOpen && room ? room.problem(destination.address) : undefined
      if (problem === undefined) socket.send(payload, destination, done, () => done(undefined))
      else done(new Error(problem))
    },
    joinMulticast: (group) => socket.joinMulticast(group, served.address),
    close() {
      // Its descriptor may be somebody else's from here on.
      isOpen = false
      descriptors.delete(opened)
      return socket.close()
    },
  }
  if ('descriptor' in bind) descriptors.set(opened, bind.descriptor)
  return opened
}
