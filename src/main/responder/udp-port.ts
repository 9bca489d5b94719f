/**
 * One UDP port on one network interface. With native sockets the socket belongs to the interface, so that what comes in
 * is known to have come from there and broadcasts leave there; without them it is bound to the interface's address on
 * Windows, where that means the same, and to every address elsewhere, which serves a single interface.
 */
import { sourceProblem, sourceProblem6 } from '#shared/machines/senders.ts'
import type { IpAddress } from '#shared/wire/ip-address.ts'
import { openIpSocket, openUdpSocket, type UdpEnd, type UdpSocketOptions } from '../io/udp-socket.ts'
import { zoneOf, type NetworkInterface } from './interfaces.ts'
import { nativeSockets } from './native-sockets.ts'
import { readTables6, SendRoom, SendRoom6 } from './send-room.ts'
import type { Binding } from './socket-plan.ts'

/** `Address` is a number for a port of IPv4, and a text for one of IPv6. */
export interface UdpPort<Address extends IpAddress = number> {
  readonly interface: NetworkInterface
  readonly port: number
  /** The address that was asked, where the socket tells. */
  readonly asked: Address | undefined
  /** `done` hears whether it was sent, and `onError` does where nobody else asks. */
  send(payload: Uint8Array, destination: UdpEnd<Address>, done?: (error: Error | undefined) => void): void
  joinMulticast(group: Address): void
  close(): Promise<void>
}

export interface UdpPortOptions<Address extends IpAddress = number> {
  readonly interface: NetworkInterface
  readonly port: number
  /** Only what came from an address and a port that can be answered. */
  readonly onDatagram: (payload: Buffer, source: UdpEnd<Address>) => void
  /** A send or receive that failed; the port stays open. */
  readonly onError: (error: NodeJS.ErrnoException) => void
  /** In bytes. */
  readonly receiveBuffer?: number
  /** Has the interface's address alone; without it, every address, and on Windows the broadcasts of the interface. */
  readonly hasOneAddress?: boolean
  /** The socket of every address that it is opened beside. */
  readonly beside?: UdpPort<Address> | undefined
}

/** `own` is the address that it has alone; without it, it has every IPv6 address of the interface. */
export type UdpPort6Options = Omit<UdpPortOptions<string>, 'hasOneAddress'> & { readonly own: string | undefined }

/** Whether several interfaces can be told apart on one port of this machine. */
export const servesSeveralInterfaces = nativeSockets !== undefined || process.platform === 'win32'

/** Loopback has no broadcasts and 127.0.0.0/8 is all one device: its sockets are bound by address. */
export const bindingOn = ({ isLoopback }: NetworkInterface): Binding =>
  isLoopback || process.platform === 'win32' ? 'address' : nativeSockets ? 'interface' : 'machine'

const anyAddress = 0
/** Descriptors of the ports, for those that are opened beside them. */
const descriptors = new WeakMap<UdpPort | UdpPort<string>, number>()

type Bind<Address extends IpAddress> = UdpSocketOptions<Address>['bind']

function openSocket({
  interface: served,
  port,
  receiveBuffer = 1 << 20,
  hasOneAddress = false,
  beside,
}: UdpPortOptions): Bind<number> {
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

function openSocket6({ interface: served, port, receiveBuffer = 1 << 20, own, beside }: UdpPort6Options): Bind<string> {
  const address = own ?? '::'
  if (bindingOn(served) !== 'interface' || !nativeSockets) return { port, address }
  const descriptor = nativeSockets.open({ address, port, device: served.name, scope: served.index, beside: beside && descriptors.get(beside) }) // prettier-ignore
  nativeSockets.setReceiveBuffer(descriptor, receiveBuffer)
  return { descriptor }
}

/** Undefined where the system does not tell, or holds nothing back. */
function roomOf6({ name, index }: NetworkInterface, descriptor: number): SendRoom6 | undefined {
  const { usedRoom, neighbours6 } = nativeSockets ?? {}
  if (!usedRoom || !neighbours6 || index === undefined) return undefined
  return new SendRoom6(
    name,
    () => usedRoom(descriptor),
    () => readTables6(() => neighbours6(index)),
  )
}

/** The same over IPv6. Rejects with an error that has a `code` such as EADDRINUSE or EACCES. */
export async function openUdpPort6(options: UdpPort6Options): Promise<UdpPort<string>> {
  const { interface: served, port, own, onDatagram } = options
  let isOpen = false
  const bind = openSocket6(options)
  const room = 'descriptor' in bind ? roomOf6(served, bind.descriptor) : undefined
  const addresses = own === undefined ? (served.ipv6 ?? []).map(({ address }) => address) : [own]
  const socket = openIpSocket({
    family: 6,
    bind,
    zone: zoneOf(served),
    onDatagram: (payload, { address, port: from }) => {
      if (typeof address !== 'string') return
      const source = { address, port: from }
      if (sourceProblem6(source, addresses, port) === undefined) onDatagram(payload, source)
    },
    onError: (error) => (isOpen ? options.onError(error) : undefined),
  })
  try {
    await socket.ready
  } catch (error) {
    await socket.close()
    throw error
  }
  isOpen = true
  const opened: UdpPort<string> = {
    interface: served,
    port,
    asked: own,
    send(payload, destination, done = (error) => error && options.onError(error)) {
      const problem = isOpen && room ? room.problem(destination.address) : undefined
      if (problem === undefined) socket.send(payload, destination, done, () => done(undefined))
      else done(new Error(problem))
    },
    joinMulticast: (group) => socket.joinMulticast(group, '::'),
    close() {
      isOpen = false
      descriptors.delete(opened)
      return socket.close()
    },
  }
  if ('descriptor' in bind) descriptors.set(opened, bind.descriptor)
  return opened
}
