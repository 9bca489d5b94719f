/**
 * Which subnets a request is for. A relay that a subnet names comes before the network that contains its address (Kea ARM
 * 9.2.21, "relay"); the other subnets of a shared network are on the same wire.
 */
import { isInNetwork, parseIpv4, parseIpv4Network, type Ipv4Network } from '../wire/bytes.ts'
import type { Subnet } from './model.ts'

const ranges = new WeakMap<Subnet, Ipv4Network>()

/** The network of a subnet as numbers. */
export function rangeOf(subnet: Subnet): Ipv4Network {
  let range = ranges.get(subnet)
  if (!range) ranges.set(subnet, (range = parseIpv4Network(subnet.network)!))
  return range
}

/** Whether a subnet names this relay. */
export const isForRelay = ({ relays }: Subnet, relay: number): boolean =>
  relays?.some((one) => parseIpv4(one) === relay) === true

/** Those of a request that comes from `link`; `relay` is giaddr, undefined on the wire of the server. */
export function subnetsAt(subnets: readonly Subnet[], link: number, relay?: number): readonly Subnet[] {
  const named = relay === undefined ? [] : subnets.filter((one) => isForRelay(one, relay))
  const near = named.length > 0 ? named : subnets.filter((one) => isInNetwork(link, rangeOf(one)))
  const shared = new Set(near.flatMap((one) => one.sharedNetwork ?? []))
  if (shared.size === 0) return near
  return [...near, ...subnets.filter((one) => one.sharedNetwork !== undefined && shared.has(one.sharedNetwork) && !near.includes(one))] // prettier-ignore
}
