/**
 * Room for answers in a socket. What goes to an address where nobody is waits until ARP gives up, three seconds (arp(7)),
 * and Linux counts it against the socket: a hundred requests that name made-up addresses would hold back the answers to
 * everybody else. So half of the room is for those who are there: broadcasts, and whoever the next hop is known for.
 */
import { readFileSync } from 'node:fs'
import { broadcastOf, isInNetwork, maskOf, parseIpv4 } from '#shared/wire/bytes.ts'
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

export class SendRoom {
  readonly #served: ServedInterface
  readonly #used: () => number
  readonly #read: () => NeighbourTables
  #readAt = -Infinity
  #neighbours: ReadonlySet<number> = new Set()
  #gateways: readonly Gateway[] = []

  /** `used` is the share of the socket's room that what was sent still takes, 0 to 1. */
  constructor(served: ServedInterface, used: () => number, read: () => NeighbourTables = readTables) {
    this.#served = served
    this.#used = used
    this.#read = read
  }

  /** Why nothing may be sent to that address now; undefined where it may. */
  problem(address: number): string | undefined {
    const networks = [this.#served, ...(this.#served.others ?? [])].map(({ address: own, prefixLength }) => ({
      address: (own & maskOf(prefixLength)) >>> 0,
      prefixLength,
    }))
    if (address === 0xffffffff || networks.some((one) => address === broadcastOf(one))) return undefined
    if (this.#used() < 0.5) return undefined
    this.#refresh()
    const isNear = networks.some((one) => isInNetwork(address, one))
    const nextHop = isNear ? address : this.#gateways.find((one) => isInNetwork(address, one.network))?.address
    if (nextHop !== undefined && this.#neighbours.has(nextHop)) return undefined
    return 'too many answers wait for addresses that do not answer ARP, as this one'
  }

  #refresh(): void {
    const now = performance.now()
    if (now - this.#readAt < goodMs) return
    this.#readAt = now
    try {
      const tables = this.#read()
      this.#neighbours = neighboursIn(tables, this.#served.name)
      this.#gateways = gatewaysIn(tables, this.#served.name)
    } catch {
      // Without descriptors, for one: what was known before still says who is there.
    }
  }
}
