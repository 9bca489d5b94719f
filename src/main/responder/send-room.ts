/**
 * Room for answers in a socket. What goes to an address where nobody is waits until ARP or neighbour discovery gives up, three
 * seconds (arp(7); RFC 4861 section 7.2.2), and Linux counts it against the socket: a hundred requests that name made-up addresses
 * would hold back the answers to everybody else. So half of the room is for those who are there: broadcasts, groups, and whoever the
 * next hop is known for.
 */
import { readFileSync } from 'node:fs'
import { broadcastOf, formatIpv6, isInNetwork, maskOf, parseHex, parseIpv4 } from '#shared/wire/bytes.ts'
import { isInPrefix6, isLinkLocal, isMulticast, type IpAddress } from '#shared/wire/ip-address.ts'
import type { ServedInterface } from '#shared/machines/machine.ts'

/** What Linux knows of an interface at a moment, as it tells it under /proc/net. */
export interface NeighbourTables {
  readonly arp: string
  readonly route: string
}

const readTables = (): NeighbourTables => ({
  arp: readFileSync('/proc/net/arp', 'utf8'),
  route: readFileSync('/proc/net/route', 'utf8'),
})

/** How long the tables are good for: reading them for every packet would be what a storm is after. */
const goodMs = 250

interface Gateway {
  readonly address: number
  readonly network: { readonly address: number; readonly prefixLength: number }
}

/** Addresses that have answered ARP on that interface (proc_net(5)). */
function neighboursIn({ arp }: NeighbourTables, device: string): ReadonlySet<number> {
  const complete = 2
  const found = new Set<number>()
  for (const line of arp.split('\n')) {
    const [ip = '', , flags, , , name] = line.split(/\s+/)
    const address = parseIpv4(ip)
    if (address !== undefined && name === device && (Number(flags) & complete) !== 0) found.add(address)
  }
  return found
}

/** Routes of that interface that lead through a router, the narrowest first (proc_net(5)). */
function gatewaysIn({ route }: NeighbourTables, device: string): readonly Gateway[] {
  const isGateway = 2
  // As this processor reads four bytes of network order; all that Node runs on under Linux but s390x are little-endian.
  const addressOf = (hex: string): number => Buffer.from(hex, 'hex').readUInt32LE(0)
  return route
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([name, , , flags]) => name === device && (Number.parseInt(flags ?? '0', 16) & isGateway) !== 0)
    .map(([, destination, gateway, , , , , mask]) => ({
      address: addressOf(gateway!),
      network: { address: addressOf(destination!), prefixLength: Math.clz32(~addressOf(mask!)) },
    }))
    .toSorted((a, b) => b.network.prefixLength - a.network.prefixLength)
}

/** What is the same for both families. */
abstract class Room<Address extends IpAddress> {
  readonly #used: () => number
  readonly #question: string
  #readAt = -Infinity
  protected neighbours: ReadonlySet<Address> = new Set()

  constructor(used: () => number, question: string) {
    this.#used = used
    this.#question = question
  }

  protected abstract isForSeveral(address: Address): boolean
  /** Whom the wire is asked for; undefined where no route leads there by this interface. */
  protected abstract nextHop(address: Address): Address | undefined
  /** Throws where the system does not tell. */
  protected abstract refresh(): void

  /** Why nothing may be sent to that address now; undefined where it may. */
  problem(address: Address): string | undefined {
    if (this.isForSeveral(address) || this.#used() < 0.5) return undefined
    const now = performance.now()
    if (now - this.#readAt >= goodMs) {
      this.#readAt = now
      try {
        this.refresh()
      } catch {
        // Without descriptors, for one: what was known before still says who is there.
      }
    }
    const hop = this.nextHop(address)
    if (hop !== undefined && this.neighbours.has(hop)) return undefined
    return `too many answers wait for addresses that do not answer ${this.#question}, as this one`
  }
}

export class SendRoom extends Room<number> {
  readonly #served: ServedInterface
  readonly #read: () => NeighbourTables
  #gateways: readonly Gateway[] = []

  /** `used` is the share of the socket's room that what was sent still takes, 0 to 1. */
  constructor(served: ServedInterface, used: () => number, read: () => NeighbourTables = readTables) {
    super(used, 'ARP')
    this.#served = served
    this.#read = read
  }

  get #networks(): { readonly address: number; readonly prefixLength: number }[] {
    return [this.#served, ...(this.#served.others ?? [])].map(({ address: own, prefixLength }) => ({
      address: (own & maskOf(prefixLength)) >>> 0,
      prefixLength,
    }))
  }

  protected isForSeveral(address: number): boolean {
    return address === 0xffffffff || this.#networks.some((one) => address === broadcastOf(one))
  }

  protected nextHop(address: number): number | undefined {
    if (this.#networks.some((one) => isInNetwork(address, one))) return address
    return this.#gateways.find((one) => isInNetwork(address, one.network))?.address
  }

  protected refresh(): void {
    const tables = this.#read()
    this.neighbours = neighboursIn(tables, this.#served.name)
    this.#gateways = gatewaysIn(tables, this.#served.name)
  }
}

/** What Linux knows of IPv6 at a moment: who has answered on an interface, and the lines of /proc/net/ipv6_route. */
export interface NeighbourTables6 {
  readonly neighbours: readonly string[]
  readonly route: string
}

interface Route6 {
  readonly prefix: string
  readonly prefixLength: number
  readonly metric: number
  /** Undefined where the destination itself is on the wire. */
  readonly gateway: string | undefined
}

/** Routes of that interface, those that count first: destination, length, source, length, next hop, metric, ..., flags, device. */
function routesIn6(route: string, device: string): readonly Route6[] {
  const [isGateway, isReject] = [0x2, 0x200]
  const addressOf = (hex: string): string => formatIpv6(parseHex(hex)!)
  return route
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([destination, length, , , hop, metric, , , flags, name]): Route6[] => {
      const bits = Number.parseInt(flags ?? '0', 16)
      if (name !== device || bits & isReject) return []
      return [
        {
          prefix: addressOf(destination!),
          prefixLength: Number.parseInt(length!, 16),
          metric: Number.parseInt(metric!, 16),
          gateway: bits & isGateway ? addressOf(hop!) : undefined,
        },
      ]
    })
    .toSorted((a, b) => b.prefixLength - a.prefixLength || a.metric - b.metric)
}

/** The same for a socket of IPv6. */
export class SendRoom6 extends Room<string> {
  readonly #device: string
  readonly #read: () => NeighbourTables6
  #routes: readonly Route6[] = []

  constructor(device: string, used: () => number, read: () => NeighbourTables6) {
    super(used, 'neighbour solicitations')
    this.#device = device
    this.#read = read
  }

  protected isForSeveral(address: string): boolean {
    return isMulticast(address)
  }

  protected nextHop(address: string): string | undefined {
    if (isLinkLocal(address)) return address
    const route = this.#routes.find(({ prefix, prefixLength }) => isInPrefix6(address, `${prefix}/${prefixLength}`))
    return route && (route.gateway ?? address)
  }

  protected refresh(): void {
    const { neighbours, route } = this.#read()
    this.neighbours = new Set(neighbours)
    this.#routes = routesIn6(route, this.#device)
  }
}

/** `neighbours` is asked of the system each time; see `NativeSockets`. */
export const readTables6 = (neighbours: () => readonly string[]): NeighbourTables6 => ({
  neighbours: neighbours(),
  route: readFileSync('/proc/net/ipv6_route', 'utf8'),
})
