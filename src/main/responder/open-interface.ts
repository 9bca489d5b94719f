/** The ports of one network interface: all of them are opened or none stays open. */
import type { ListeningPort } from '#shared/contract/events.ts'
import { ownAddresses, withAddress, type Endpoint, type OwnAddress } from '#shared/machines/machine.ts'
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
  /**
   * Opened at each address of the interface, so that answers leave from the one that was asked (RFC 1122 section 4.1.3.5):
   * EDK2 and tftp-hpa take no file from another. Without it the port hears broadcasts, and answers from the first address.
   */
  readonly isPerAddress?: boolean
}

export interface InterfaceServices {
  readonly udp: readonly UdpService[]
  /** At each address as well. */
  readonly http: { readonly port: number; listen(address: number, port: number): Promise<Closable> } | undefined
  /** A port that is open has trouble and stays open. */
  readonly onError: (service: ListeningPort['service'], port: number, error: NodeJS.ErrnoException) => void
}

export interface OpenInterface {
  readonly interface: NetworkInterface
  readonly listening: readonly ListeningPort[]
  /** The socket on that UDP port that hears broadcasts; undefined where it is none of ours. */
  udp(port: number): UdpPort | undefined
  /**
   * Closes the ports at addresses that the interface has lost and opens them at those that came. Says which; a `StartError`
   * tells of one where they could not be opened, and the next call tries again.
   */
  follow(now: NetworkInterface): Promise<{ lost: number[]; came: number[]; failed: StartError | undefined }>
  close(): Promise<void>
}

/** Ports that are opened and closed together. */
interface Group {
  readonly listening: readonly ListeningPort[]
  close(): Promise<void>
}

type Keep = (one: Closable, service: ListeningPort['service'], port: number) => void

/** All or none. */
async function openGroup(served: NetworkInterface, open: (keep: Keep) => Promise<void>): Promise<Group> {
  const opened: Closable[] = []
  const listening: ListeningPort[] = []
  const close = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((one) => one.close()))
  }
  try {
    await open((one, service, port) => {
      opened.push(one)
      listening.push({ service, interface: served.name, address: formatIpv4(served.address), port })
    })
  } catch (error) {
    await close()
    throw error
  }
  return { listening, close }
}

/** Rejects with a `StartError` that names the port, its holder and the remedy; nothing stays open then. */
export async function openInterface(wanted: NetworkInterface, services: InterfaceServices): Promise<OpenInterface> {
  const ports = new Map<number, UdpPort>()
  const openPort = async (
    served: NetworkInterface,
    { service, port, onDatagram, receiveBuffer, isPerAddress = false }: UdpService,
    keep: Keep,
  ): Promise<UdpPort> => {
    const socket = await openUdp(served, port, {
      onDatagram: (payload, source) => onDatagram(payload, source, socket),
      onError: (error) => services.onError(service, port, error),
      hearsOneAddress: isPerAddress,
      ...(receiveBuffer === undefined ? {} : { receiveBuffer }),
    })
    keep(socket, service, port)
    return socket
  }
  const openAt = (own: OwnAddress): Promise<Group> => {
    const served = withAddress(wanted, own)
    return openGroup(served, async (keep) => {
      for (const one of services.udp) if (one.isPerAddress) await openPort(served, one, keep)
      if (services.http) keep(await openHttp(served, services.http), 'http', services.http.port)
    })
  }
  const everywhere = await openGroup(wanted, async (keep) => {
    for (const one of services.udp) {
      if (one.isPerAddress) continue
      const socket = await openPort(wanted, one, keep)
      ports.set(one.port, socket)
      for (const group of one.multicastGroups ?? []) joinGroup(socket, group)
    }
  })
  const at = new Map<number, Group>()
  let served = wanted
  const close = async (): Promise<void> => {
    await Promise.all([everywhere, ...at.values()].map((one) => one.close()))
  }
  try {
    for (const own of ownAddresses(wanted)) at.set(own.address, await openAt(own))
  } catch (error) {
    await close()
    throw error
  }
  return {
    get interface() {
      return served
    },
    get listening() {
      return [everywhere, ...at.values()].flatMap((one) => one.listening)
    },
    udp: (port) => ports.get(port),
    async follow(now) {
      const lost: number[] = []
      const came: number[] = []
      let failed: StartError | undefined
      const there = ownAddresses(now)
      for (const [address, group] of at) {
        if (there.some((own) => own.address === address)) continue
        at.delete(address)
        lost.push(address)
        await group.close()
      }
      for (const own of there) {
        if (at.has(own.address)) continue
        try {
          at.set(own.address, await openAt(own))
          came.push(own.address)
        } catch (error) {
          if (!(error instanceof StartError)) throw error
          failed = error
        }
      }
      served = { ...now, others: (now.others ?? []).filter((own) => at.has(own.address)) }
      return { lost, came, failed }
    },
    close,
  }
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
