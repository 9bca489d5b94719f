/** The ports of one network interface: all of them are opened or none stays open. */
import type { ListeningPort } from '#shared/contract/events.ts'
import type { Endpoint } from '#shared/machines/machine.ts'
import { formatIpv4 } from '#shared/wire/bytes.ts'
import { mayBeHeld, portOwners, portProblem, portRemedy, type Protocol } from '../inspect/port-owner.ts'
import { describeInterface, type NetworkInterface } from './interfaces.ts'
import { StartError } from './start-error.ts'
import { openUdpPort, type UdpPort } from './udp-port.ts'

interface Closable {
  close(): Promise<void>
}

export interface UdpService {
  readonly service: ListeningPort['service']
  readonly port: number
  readonly onDatagram: (payload: Buffer, source: Endpoint, from: UdpPort) => void
  /** In bytes. */
  readonly receiveBuffer?: number
  readonly multicastGroups?: readonly number[]
}

export interface InterfaceServices {
  readonly udp: readonly UdpService[]
  readonly http: { readonly port: number; listen(address: number, port: number): Promise<Closable> } | undefined
  /** A port that is open has trouble and stays open. */
  readonly onError: (service: ListeningPort['service'], port: number, error: NodeJS.ErrnoException) => void
}

export interface OpenInterface {
  readonly interface: NetworkInterface
  readonly listening: readonly ListeningPort[]
  /** The socket on that UDP port; undefined where it is none of ours. */
  udp(port: number): UdpPort | undefined
  close(): Promise<void>
}

/** Rejects with a `StartError` that names the port, its holder and the remedy; nothing stays open then. */
export async function openInterface(served: NetworkInterface, services: InterfaceServices): Promise<OpenInterface> {
  const opened: Closable[] = []
  const ports = new Map<number, UdpPort>()
  const listening: ListeningPort[] = []
  const close = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((one) => one.close()))
  }
  const keep = (one: Closable, service: ListeningPort['service'], port: number): void => {
    opened.push(one)
    listening.push({ service, interface: served.name, address: formatIpv4(served.address), port })
  }
  try {
    for (const { service, port, onDatagram, receiveBuffer, multicastGroups } of services.udp) {
      const socket = await openUdp(served, port, {
        onDatagram: (payload, source) => onDatagram(payload, source, socket),
        onError: (error) => services.onError(service, port, error),
        ...(receiveBuffer === undefined ? {} : { receiveBuffer }),
      })
      keep(socket, service, port)
      ports.set(port, socket)
      for (const group of multicastGroups ?? []) joinGroup(socket, group)
    }
    if (services.http) keep(await openHttp(served, services.http), 'http', services.http.port)
  } catch (error) {
    await close()
    throw error
  }
  return { interface: served, listening, udp: (port) => ports.get(port), close }
}

async function openUdp(
  served: NetworkInterface,
  port: number,
  options: Omit<Parameters<typeof openUdpPort>[0], 'interface' | 'port'>,
): Promise<UdpPort> {
  try {
    return await openUdpPort({ interface: served, port, ...options })
  } catch (error) {
    throw await portError(served, port, 'udp', error as NodeJS.ErrnoException)
  }
}

async function portError(
  served: NetworkInterface,
  port: number,
  protocol: Protocol,
  { code = 'UNKNOWN' }: NodeJS.ErrnoException,
): Promise<StartError> {
  // Windows lends nobody the address of an interface that nothing is plugged into.
  if (code === 'EADDRNOTAVAIL' && served.hasLink === false)
    return new StartError(
      { kind: 'port', port, code, owners: [] },
      `${describeInterface(served)} has no link, and its address cannot be used before it has one`,
      'Plug in the cable and switch on what is at its other end, then start again.',
    )
  const owners = mayBeHeld(code) ? await portOwners([port], protocol) : []
  return new StartError(
    { kind: 'port', port, code, owners },
    `${protocol.toUpperCase()} port ${port} on ${describeInterface(served)} ${portProblem(code, owners)}`,
    portRemedy(code, port, owners, protocol),
  )
}

function joinGroup(socket: UdpPort, group: number): void {
  try {
    socket.joinMulticast(group)
  } catch (error) {
    const { code = 'UNKNOWN' } = error as NodeJS.ErrnoException
    throw new StartError(
      { kind: 'port', port: socket.port, code, owners: [] },
      `${describeInterface(socket.interface)} cannot join the multicast group ${formatIpv4(group)} of the menu (${code})`,
      'Leave multicast out of the menus, or choose an interface that can do multicast.',
    )
  }
}

async function openHttp(
  served: NetworkInterface,
  { port, listen }: NonNullable<InterfaceServices['http']>,
): Promise<Closable> {
  try {
    return await listen(served.address, port)
  } catch (error) {
    throw await portError(served, port, 'tcp', error as NodeJS.ErrnoException)
  }
}
