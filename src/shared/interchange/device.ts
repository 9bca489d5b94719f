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

export function deviceConfiguration(engine: Engine, file: string, device: Device): Configuration {
  const subnets = device.pools.flatMap((pool) => {
    const network = pool.network === undefined ? undefined : parseIpv4Network(pool.network)
    if (!network) return []
    const ranges = pool.ranges.length > 0 ? pool.ranges.map(({ source, start, end, test }) => ({ source, from: parseIpv4(start)!, to: parseIpv4(end)!, test })) : [{ source: pool.source, from: wholeRange(network)[0], to: wholeRange(network)[1], test: undefined }] // prettier-ignore
    const gaps = device.excluded.toSorted((a, b) => a.start - b.start)
    const pools = ranges.flatMap(({ source, from, to, test }) => {
      const guarded = test ? { test } : {}
      const left: Pool[] = []
      let next = from
      for (const { start, end } of gaps) {
        if (end < next || start > to) continue
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
