/**
 * What an engine does not start with, as its own check says: tried with Kea 2.2 (`kea-dhcp4 -t`), ISC dhcpd 4.4 (`dhcpd -t`) and
 * dnsmasq 2.90 (`dnsmasq --test`).
 */
import { say, type Phrase } from '#messages/message.ts'
import { isInNetwork, parseIpv4 } from '../wire/bytes.ts'
import type { Configuration, Engine, Reservation, Source, Subnet } from './model.ts'
import { rangeOf } from './subnet-selection.ts'

export interface Refusal {
  readonly source: Source
  /** Why, in a sentence without its end. */
  readonly text: Phrase
}

type Fault = 'subnet-twice' | 'pool-outside' | 'pool-reversed' | 'pools-overlap' | 'reserved-outside' | 'address-twice' | 'client-twice' // prettier-ignore

const refused: Readonly<Partial<Record<Engine, ReadonlySet<Fault>>>> = {
  kea: new Set(['subnet-twice', 'pool-outside', 'pool-reversed', 'pools-overlap', 'reserved-outside', 'address-twice', 'client-twice']), // prettier-ignore
  dhcpd: new Set(['pool-outside', 'pools-overlap']),
  dnsmasq: new Set(['pool-outside', 'address-twice']),
}
const names: Readonly<Partial<Record<Engine, string>>> = { kea: 'Kea', dhcpd: 'ISC dhcpd' }

const placeOf = ({ file, line }: Source, other: Source): string =>
  `line ${line}${file === other.file ? '' : ` of ${file}`}`

/** The former of two with the same key, by the later one. */
function twice<T>(list: readonly T[], keyOf: (one: T) => string | undefined): [later: T, former: T][] {
  const seen = new Map<string, T>()
  return list.flatMap((one): [T, T][] => {
    const key = keyOf(one)
    if (key === undefined || key === '') return []
    const former = seen.get(key)
    if (former === undefined) seen.set(key, one)
    return former === undefined ? [] : [[one, former]]
  })
}

function inSubnet(subnet: Subnet, add: (fault: Fault, source: Source, text: Phrase) => void): void {
  const range = rangeOf(subnet)
  const pools = subnet.pools.map((one) => ({ ...one, from: parseIpv4(one.start) ?? 0, to: parseIpv4(one.end) ?? 0 }))
  for (const { source, start, end, from, to } of pools)
    if (from > to) add('pool-reversed', source, say('interchange.pool-ends-before-begins', { end, start }))
    else if (!isInNetwork(from, range) || !isInNetwork(to, range)) add('pool-outside', source, say('interchange.pool', { start, end, network: subnet.network })) // prettier-ignore
  const sorted = pools.toSorted((a, b) => a.from - b.from)
  for (const [index, one] of sorted.entries()) {
    const before = sorted[index - 1]
    if (before && one.from <= before.to && one.from <= one.to) add('pools-overlap', one.source, say('interchange.pool-overlaps-one', { start: one.start, end: one.end, place: placeOf(before.source, one.source) })) // prettier-ignore
  }
  for (const { source, address } of subnet.reservations)
    if (address !== undefined && !isInNetwork(parseIpv4(address) ?? 0, range)) add('reserved-outside', source, say('interchange.reserved-address', { address, network: subnet.network })) // prettier-ignore
}

function amongReservations(list: readonly Reservation[], add: (fault: Fault, source: Source, text: Phrase) => void): void {
  for (const [{ source, address }, former] of twice(list, (one) => one.address)) add('address-twice', source, say('interchange.reserved-already', { address, place: placeOf(former.source, source) }))
  for (const [{ source, who }, former] of twice(list, (one) => one.who.toLowerCase())) add('client-twice', source, say('interchange.reservation-already', { who, place: placeOf(former.source, source) }))
} // prettier-ignore

/** Each fault with which the engine refuses the configuration; none for engines whose check is not known. */
export function refusalsOf({ engine, subnets, reservations, sharesAddresses }: Configuration): Refusal[] {
  const faults = refused[engine]
  if (!faults) return []
  const found: Refusal[] = []
  const add = (fault: Fault, source: Source, text: Phrase): void => {
    if (faults.has(fault) && !(fault === 'address-twice' && sharesAddresses === true))
      found.push({ source, text: say('interchange.does-start', { names: names[engine] ?? engine, text }) })
  }
  const leasing = subnets.filter((one) => !one.isProxy)
  for (const [{ source, network }, former] of twice(leasing, ({ network }) => network))
    add('subnet-twice', source, say('interchange.declared-already', { network, place: placeOf(former.source, source) }))
  for (const subnet of leasing) {
    inSubnet(subnet, add)
    amongReservations(subnet.reservations, add)
  }
  amongReservations(reservations, add)
  return found
}
