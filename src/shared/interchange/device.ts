/** What a switch or a router says about DHCP, as the model: relays, snooping, and pools of its own. */
import { formatIpv4, maskOf, parseIpv4, parseIpv4Network, type Ipv4Network } from '../wire/bytes.ts'
import type { Condition, Configuration, Engine, NotUnderstood, Pool, Relay, Reservation, Snooping, Source, Statement } from './model.ts' // prettier-ignore

export interface DevicePool {
  readonly source: Source
  readonly name: string
  network: string | undefined
  readonly ranges: {
    readonly source: Source
    readonly start: string
    readonly end: string
    readonly test?: Condition
  }[]
  /** That its clients are in. */
  readonly classes: string[]
  readonly statements: Statement[]
  readonly reservations: Reservation[]
}

export interface Device {
  name: string
  readonly relays: Relay[]
  readonly snooping: Snooping[]
  readonly pools: DevicePool[]
  readonly excluded: { readonly start: number; readonly end: number }[]
  readonly notUnderstood: NotUnderstood[]
  readonly asides: NotUnderstood[]
}

export const newDevice = (name: string): Device => ({ name, relays: [], snooping: [], pools: [], excluded: [], notUnderstood: [], asides: [] }) // prettier-ignore
export const newPool = (source: Source, name: string): DevicePool => ({ source, name, network: undefined, ranges: [], classes: [], statements: [], reservations: [] }) // prettier-ignore

/** A network from an address and a mask, a prefix length behind a slash, or both in one. */
export function networkText(address: string, mask = ''): string | undefined {
  const whole = mask.startsWith('/') ? `${address}${mask}` : address.includes('/') ? address : undefined
  const [text = '', length = ''] = whole?.split('/') ?? []
  const number = parseIpv4(whole === undefined ? address : text)
  const bits = parseIpv4(mask)
  const prefixLength = whole === undefined ? (bits === undefined ? Number.NaN : 32 - Math.log2((~bits >>> 0) + 1)) : /^\d{1,2}$/.test(length) ? Number(length) : Number.NaN // prettier-ignore
  if (number === undefined || !Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > 32) return undefined
  return `${formatIpv4((number & maskOf(prefixLength)) >>> 0)}/${prefixLength}`
}

/** Every address of a network that is a machine's. */
function wholeRange({ address, prefixLength }: Ipv4Network): readonly [number, number] {
  return prefixLength > 30 ? [address, address] : [address + 1, address + 2 ** (32 - prefixLength) - 2]
}

type Gap = Device['excluded'][number]

/** Gaps by their beginnings, none of which touches another. */
function merged(excluded: readonly Gap[]): Gap[] {
  const found: { start: number; end: number }[] = []
  for (const { start, end } of excluded.toSorted((a, b) => a.start - b.start)) {
    const last = found.at(-1)
    if (last && start <= last.end + 1) last.end = Math.max(last.end, end)
    else if (end >= start) found.push({ start, end })
  }
  return found
}

/** Where the first gap is that ends at the address or behind it. */
function firstFrom(gaps: readonly Gap[], address: number): number {
  let [low, high] = [0, gaps.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (gaps[middle]!.end < address) low = middle + 1
    else high = middle
  }
  return low
}

/** Finds the pool whose network holds an address; of two it is the one with the smaller network. */
export function poolFinder(pools: readonly DevicePool[]): (address: string) => DevicePool | undefined {
  const byNetwork = new Map<string, DevicePool>()
  const lengths = new Set<number>()
  for (const pool of pools) {
    if (pool.network === undefined) continue
    if (!byNetwork.has(pool.network)) byNetwork.set(pool.network, pool)
    lengths.add(Number(pool.network.split('/')[1]))
  }
  const longestFirst = [...lengths].toSorted((a, b) => b - a)
  return (address) => {
    for (const length of longestFirst) {
      const found = byNetwork.get(networkText(address, `/${length}`) ?? '')
      if (found) return found
    }
    return undefined
  }
}

export function deviceConfiguration(engine: Engine, file: string, device: Device): Configuration {
  const gaps = merged(device.excluded)
  const subnets = device.pools.flatMap((pool) => {
    const network = pool.network === undefined ? undefined : parseIpv4Network(pool.network)
    if (!network) return []
    const ranges = pool.ranges.length > 0 ? pool.ranges.map(({ source, start, end, test }) => ({ source, from: parseIpv4(start)!, to: parseIpv4(end)!, test })) : [{ source: pool.source, from: wholeRange(network)[0], to: wholeRange(network)[1], test: undefined }] // prettier-ignore
    const pools = ranges.flatMap(({ source, from, to, test }) => {
      const guarded = test ? { test } : {}
      const left: Pool[] = []
      let next = from
      for (let at = firstFrom(gaps, from); at < gaps.length && gaps[at]!.start <= to; at++) {
        const { start, end } = gaps[at]!
        if (start > next)
          left.push({ source, start: formatIpv4(next), end: formatIpv4(start - 1), ...guarded, statements: [] })
        next = end + 1
      }
      if (next <= to) left.push({ source, start: formatIpv4(next), end: formatIpv4(to), ...guarded, statements: [] })
      return left
    })
    return [{ source: pool.source, network: pool.network!, name: pool.name, classes: pool.classes, additionalClasses: [], pools, reservations: pool.reservations, statements: pool.statements, networkStatements: [], isProxy: false }] // prettier-ignore
  })
  // A pool of one host belongs to the network that holds its address.
  const alone = device.pools.filter(({ network }) => network === undefined).flatMap(({ reservations }) => reservations)
  return {
    engine,
    files: [file],
    authoritative: false,
    statements: [],
    classes: [],
    subnets,
    reservations: alone,
    ignored: [],
    pxeServices: [],
    relays: device.relays,
    snooping: device.snooping,
    notUnderstood: device.notUnderstood,
    asides: device.asides,
  }
}
