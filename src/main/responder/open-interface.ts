/** The ports of one network interface: all of them are opened or none stays open. */
import type { ListeningPort } from '#shared/contract/events.ts'
import {
  ownAddresses,
  withAddress,
  type Endpoint,
  type Endpoint6,
  type OwnAddress,
  type OwnAddress6,
} from '#shared/machines/machine.ts'
import { formatIp, isLinkLocal, type IpAddress } from '#shared/wire/ip-address.ts'
import { holdersAt, mayBeHeld, portOwners, portProblem, portRemedy, type Protocol } from '../inspect/port-owner.ts'
import { describeInterface, zoneOf, type NetworkInterface } from './interfaces.ts'
import { Copies, socketPlan, type Binding, type PlannedSocket } from './socket-plan.ts'
import { StartError } from './start-error.ts'
import { bindingOn, openUdpPort, openUdpPort6, type UdpPort } from './udp-port.ts'

interface Closable {
  close(): Promise<void>
}

export interface UdpService {
  readonly service: ListeningPort['service']
  readonly port: number
  /** What comes over IPv4; without it, it is not served there. */
  readonly onDatagram?: (payload: Buffer, source: Endpoint, from: UdpPort) => void
  /** What comes over IPv6, on interfaces that have it. */
  readonly onDatagram6?: (payload: Buffer, source: Endpoint6, from: UdpPort<string>) => void
  /** In bytes. */
  readonly receiveBuffer?: number
  readonly multicastGroups?: readonly number[]
  readonly multicastGroups6?: readonly string[]
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
  /** `zone` belongs to addresses of one link; see `zoneOf`. */
  listen(address: IpAddress, port: number, zone?: string): Promise<Closable>
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
  /** The same over IPv6; where it has no address that is named, one that can reach `to`. */
  udp6(port: number, to: string, from?: string): UdpPort<string> | undefined
  /**
   * Closes the ports at addresses that the interface has lost and opens them at those that came. Says which; a `StartError`
   * tells of one where they could not be opened, and the next call tries again.
   */
  follow(now: NetworkInterface): Promise<{ lost: IpAddress[]; came: IpAddress[]; failed: StartError | undefined }>
  close(): Promise<void>
}

/** Ports that are opened and closed together. */
interface Group {
  readonly listening: readonly ListeningPort[]
  close(): Promise<void>
}

/** `isToldAlready` where another socket of that port is told of. */
type Keep = (one: Closable, service: ListeningPort['service'], port: number, isToldAlready?: boolean) => void

/** All or none; `at` is the address that is told. */
async function openGroup(
  served: NetworkInterface,
  open: (keep: Keep) => Promise<void>,
  at: IpAddress = served.address,
): Promise<Group> {
  const opened: Closable[] = []
  const listening: ListeningPort[] = []
  const close = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((one) => one.close()))
  }
  try {
    await open((one, service, port, isToldAlready = false) => {
      opened.push(one)
      if (isToldAlready) return
      listening.push({ service, interface: served.name, address: formatIp(at), port })
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
    if (!onDatagram) return
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
  // Without an IPv4 address nothing could be answered over IPv4.
  const services4 = wanted.address === 0 ? [] : services.udp
  const everywhere = await openGroup(wanted, async (keep) => {
    for (const one of services4) for (const socket of planned(one, [])) await openPort(wanted, one, socket, keep)
  })
  const ipv6 = new Ipv6Ports(services, binding)
  let served = wanted
  const hearing = (port: number): UdpPort | undefined =>
    ports.get(`${port} 0`) ?? ports.get(`${port} ${wanted.address}`)
  const close = async (): Promise<void> => {
    await Promise.all([everywhere, ...at.values(), ipv6].map((one) => one.close()))
  }
  try {
    for (const own of ownAddresses(wanted)) at.set(own.address, await openAt(own))
    for (const { port, multicastGroups = [] } of services4)
      for (const group of multicastGroups) joinGroup(hearing(port)!, group)
    const { failed } = await ipv6.follow(wanted)
    if (failed) throw failed
  } catch (error) {
    await close()
    throw error
  }
  return {
    get interface() {
      return served
    },
    get listening() {
      return [everywhere, ...at.values(), ...ipv6.groups].flatMap((one) => one.listening)
    },
    udp: (port, from) => (from === undefined ? undefined : ports.get(`${port} ${from}`)) ?? hearing(port),
    udp6: (port, to, from) => ipv6.find(port, to, from),
    async follow(now) {
      const lost: IpAddress[] = []
      const came: IpAddress[] = []
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
      const followed = await ipv6.follow(now)
      served = { ...now, others: (now.others ?? []).filter((own) => at.has(own.address)), ...(now.ipv6 ? { ipv6: ipv6.open(now.ipv6) } : {}) } // prettier-ignore
      return { lost: [...lost, ...followed.lost], came: [...came, ...followed.came], failed: failed ?? followed.failed }
    },
    close,
  }
}

/**
 * The ports of an interface at its IPv6 addresses, which come and go more than those of IPv4: a network announces others, and a
 * link that has just come up lends none before it has asked for them (RFC 4862 section 5.4).
 */
class Ipv6Ports {
  readonly #services: InterfaceServices
  readonly #binding: Binding
  /** By port and address of the socket, `::` for every address. */
  readonly #ports = new Map<string, UdpPort<string>>()
  readonly #at = new Map<string, Group>()
  /** What hears groups, as long as the interface has any address. */
  #everywhere: Group | undefined

  constructor(services: InterfaceServices, binding: Binding) {
    this.#services = services
    this.#binding = binding
  }

  get groups(): readonly Group[] {
    return [...(this.#everywhere ? [this.#everywhere] : []), ...this.#at.values()]
  }

  /** Those of them where its ports are open. */
  open(own: readonly OwnAddress6[]): readonly OwnAddress6[] {
    return own.filter(({ address }) => this.#at.has(address))
  }

  find(port: number, to: string, from?: string): UdpPort<string> | undefined {
    const named = from === undefined ? undefined : this.#ports.get(`${port} ${from}`)
    const everywhere = this.#ports.get(`${port} ::`)
    if (named ?? everywhere) return named ?? everywhere
    const own = [...this.#ports.values()].filter((one) => one.port === port)
    return own.find(({ asked = '' }) => isLinkLocal(asked) === isLinkLocal(to)) ?? own[0]
  }

  /** Closes at addresses that have gone and opens at those that came, the first time all of them. */
  async follow(
    now: NetworkInterface,
  ): Promise<{ readonly lost: string[]; readonly came: string[]; readonly failed: StartError | undefined }> {
    const there = (now.ipv6 ?? []).map(({ address }) => address)
    const lost: string[] = []
    const came: string[] = []
    let failed: StartError | undefined
    for (const [address, group] of this.#at) {
      if (there.includes(address)) continue
      this.#at.delete(address)
      lost.push(address)
      await group.close()
    }
    if (there.length === 0) {
      await this.#everywhere?.close()
      this.#everywhere = undefined
      return { lost, came, failed }
    }
    try {
      this.#everywhere ??= await this.#openEverywhere(now, there)
      for (const address of there) {
        if (this.#at.has(address)) continue
        this.#at.set(address, await this.#openAt(now, address))
        came.push(address)
      }
    } catch (error) {
      if (!(error instanceof StartError)) throw error
      const { problem } = error
      // Not an address of ours any more, or not yet.
      if (problem.kind !== 'port' || problem.code !== 'EADDRNOTAVAIL') failed = error
    }
    return { lost, came, failed }
  }

  async close(): Promise<void> {
    await Promise.all(this.groups.map((one) => one.close()))
    this.#at.clear()
    this.#everywhere = undefined
  }

  #plan(service: UdpService, own: readonly string[]): readonly (string | undefined)[] {
    if (!service.onDatagram6) return []
    return socketPlan(this.#binding, service.hears, own).map(({ at }) => at)
  }

  #openEverywhere(served: NetworkInterface, there: readonly string[]): Promise<Group> {
    return openGroup(
      served,
      async (keep) => {
        for (const one of this.#services.udp)
          for (const own of this.#plan(one, [])) await this.#openPort(served, one, own, keep)
      },
      there.find(isLinkLocal) ?? there[0],
    )
  }

  #openAt(served: NetworkInterface, address: string): Promise<Group> {
    return openGroup(
      served,
      async (keep) => {
        for (const one of this.#services.udp)
          for (const own of this.#plan(one, [address])) if (own !== undefined) await this.#openPort(served, one, own, keep) // prettier-ignore
        for (const one of this.#services.web) keep(await openWeb(served, one, address), one.service, one.port)
      },
      address,
    )
  }

  async #openPort(served: NetworkInterface, service: UdpService, own: string | undefined, keep: Keep): Promise<void> {
    const { port, onDatagram6, receiveBuffer, multicastGroups6 = [] } = service
    const everywhere = this.#ports.get(`${port} ::`)
    // Of a service that hears groups, one socket has every address: it answers from the one that the system chooses.
    if (own !== undefined && everywhere) return
    let socket: UdpPort<string>
    try {
      socket = await openUdpPort6({
        interface: served,
        port,
        own,
        onDatagram: (payload, source) => onDatagram6!(payload, source, socket),
        onError: (error) => this.#services.onError(service.service, port, error),
        ...(receiveBuffer === undefined ? {} : { receiveBuffer }),
      })
    } catch (error) {
      throw await portError(served, port, 'udp', error as NodeJS.ErrnoException, own ?? '::')
    }
    const key = `${port} ${own ?? '::'}`
    this.#ports.set(key, socket)
    const close = (): Promise<void> => {
      this.#ports.delete(key)
      return socket.close()
    }
    keep({ close }, service.service, port)
    if (own === undefined || isLinkLocal(own)) for (const group of multicastGroups6) joinGroup(socket, group)
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
  at: IpAddress = served.address,
): Promise<StartError> {
  // Windows lends nobody the address of an interface that nothing is plugged into.
  if (code === 'EADDRNOTAVAIL' && served.hasLink === false)
    return new StartError(
      { kind: 'port', port, code, owners: [] },
      `${describeInterface(served)} has no link, and its address cannot be used before it has one`,
      'Plug in the cable and switch on what is at its other end, then start again.',
    )
  const all = mayBeHeld(code) ? await portOwners([port], protocol) : []
  const owners = holdersAt(all, formatIp(at), process.pid)
  return new StartError(
    { kind: 'port', port, code, owners },
    `${protocol.toUpperCase()} port ${port} on ${typeof at === 'number' ? describeInterface(served) : `${served.name} (IPv6${at === '::' ? '' : `, ${at}`})`} ${portProblem(code, owners)}`,
    portRemedy(code, port, owners, protocol),
  )
}

function joinGroup<Address extends IpAddress>(socket: UdpPort<Address>, group: Address): void {
  try {
    socket.joinMulticast(group)
  } catch (error) {
    const { code = 'UNKNOWN' } = error as NodeJS.ErrnoException
    throw new StartError(
      { kind: 'port', port: socket.port, code, owners: [] },
      `${describeInterface(socket.interface)} cannot join the multicast group ${formatIp(group)}${typeof group === 'number' ? ' of the menu' : ', where machines ask for their IPv6 address'} (${code})`,
      typeof group === 'number'
        ? 'Leave multicast out of the menus, or choose an interface that can do multicast.'
        : 'Choose an interface that can do multicast, or set ipv6.enabled: false.',
    )
  }
}

async function openWeb(
  served: NetworkInterface,
  { port, listen }: WebService,
  address: IpAddress = served.address,
): Promise<Closable> {
  try {
    return await listen(address, port, zoneOf(served))
  } catch (error) {
    throw await portError(served, port, 'tcp', error as NodeJS.ErrnoException, address)
  }
}
