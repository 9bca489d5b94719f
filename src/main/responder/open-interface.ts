/** The ports of one network interface: all of them are opened or none stays open. */
import type { ListeningPort } from '#shared/contract/events.ts'
import { ownAddresses, withAddress, type Endpoint, type OwnAddress } from '#shared/machines/machine.ts'
import { formatIpv4 } from '#shared/wire/bytes.ts'
import { holdersAt, mayBeHeld, portOwners, portProblem, portRemedy, type Protocol } from '../inspect/port-owner.ts'
import { describeInterface, type NetworkInterface } from './interfaces.ts'
import { Copies, socketPlan, type PlannedSocket } from './socket-plan.ts'
import { StartError } from './start-error.ts'
import { bindingOn, openUdpPort, type UdpPort } from './udp-port.ts'

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
   * Each address of the interface has a socket of its own, so that answers leave from the one that was asked: EDK2 and
   * tftp-hpa take no file from another. With broadcasts there is one more, where the system needs it.
   */
  readonly hears: 'broadcasts' | 'own-addresses'
  /** Clients ask one address as a rule, so that a socket with an address was asked there even where it hears broadcasts. */
  readonly isAskedByAddress: boolean
}

export interface WebService {
  readonly service: 'http' | 'https'
  readonly port: number
  listen(address: number, port: number): Promise<Closable>
}

export interface InterfaceServices {
  readonly udp: readonly UdpService[]
  /** At each address as well. */
  readonly web: readonly WebService[]
  /** A port that is open has trouble and stays open. */
  readonly onError: (service: ListeningPort['service'], port: number, error: NodeJS.ErrnoException) => void
}

export interface OpenInterface {
  readonly interface: NetworkInterface
  readonly listening: readonly ListeningPort[]
  /** The socket on that UDP port with that address of ours, else the one that hears broadcasts; undefined where it is none of ours. */
  udp(port: number, from?: number): UdpPort | undefined
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

/** `isToldAlready` where another socket of that port is told of. */
type Keep = (one: Closable, service: ListeningPort['service'], port: number, isToldAlready?: boolean) => void

/** All or none. */
async function openGroup(served: NetworkInterface, open: (keep: Keep) => Promise<void>): Promise<Group> {
  const opened: Closable[] = []
  const listening: ListeningPort[] = []
  const close = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((one) => one.close()))
  }
  try {
    await open((one, service, port, isToldAlready = false) => {
      opened.push(one)
      if (isToldAlready) return
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
  /** By port and address of the socket, 0 for every address. */
  const ports = new Map<string, UdpPort>()
  const copies = new Copies()
  const binding = bindingOn(wanted)
  const openPort = async (
    at: NetworkInterface,
    { service, port, onDatagram, receiveBuffer, isAskedByAddress }: UdpService,
    { at: own, hearsBroadcasts }: PlannedSocket,
    keep: Keep,
  ): Promise<void> => {
    const everywhere = ports.get(`${port} 0`)
    const mayBeCopy = hearsBroadcasts && own !== undefined
    const socket = await openUdp(at, port, {
      onDatagram(payload, source) {
        if (!mayBeCopy || !isOneOfSeveral() || !copies.isCopy(payload, source, at.address, performance.now()))
          onDatagram(payload, source, asking)
      },
      onError: (error) => services.onError(service, port, error),
      hasOneAddress: own !== undefined,
      beside: own && everywhere,
      ...(receiveBuffer === undefined ? {} : { receiveBuffer }),
    })
    const asking = mayBeCopy && !isAskedByAddress ? { ...socket, asked: undefined } : socket
    const key = `${port} ${own?.address ?? 0}`
    ports.set(key, socket)
    const close = (): Promise<void> => {
      ports.delete(key)
      return socket.close()
    }
    // What is told of where it listens names each address once.
    keep({ close }, service, port, own !== undefined && everywhere !== undefined)
  }
  const planned = (service: UdpService, own: readonly OwnAddress[]): readonly PlannedSocket[] =>
    socketPlan(binding, service.hears, own)
  const openAt = (own: OwnAddress): Promise<Group> => {
    const there = withAddress(wanted, own)
    return openGroup(there, async (keep) => {
      for (const one of services.udp)
        for (const socket of planned(one, [own])) if (socket.at) await openPort(there, one, socket, keep)
      for (const one of services.web) keep(await openWeb(there, one), one.service, one.port)
    })
  }
  const at = new Map<number, Group>()
  const isOneOfSeveral = (): boolean => at.size > 1
  const everywhere = await openGroup(wanted, async (keep) => {
    for (const one of services.udp) for (const socket of planned(one, [])) await openPort(wanted, one, socket, keep)
  })
  let served = wanted
  const hearing = (port: number): UdpPort | undefined =>
    ports.get(`${port} 0`) ?? ports.get(`${port} ${wanted.address}`)
  const close = async (): Promise<void> => {
    await Promise.all([everywhere, ...at.values()].map((one) => one.close()))
  }
  try {
    for (const own of ownAddresses(wanted)) at.set(own.address, await openAt(own))
    for (const { port, multicastGroups = [] } of services.udp)
      for (const group of multicastGroups) joinGroup(hearing(port)!, group)
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
    udp: (port, from) => (from === undefined ? undefined : ports.get(`${port} ${from}`)) ?? hearing(port),
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
  const all = mayBeHeld(code) ? await portOwners([port], protocol) : []
  const owners = holdersAt(all, formatIpv4(served.address), process.pid)
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

async function openWeb(served: NetworkInterface, { port, listen }: WebService): Promise<Closable> {
  try {
    return await listen(served.address, port)
  } catch (error) {
    throw await portError(served, port, 'tcp', error as NodeJS.ErrnoException)
  }
}
