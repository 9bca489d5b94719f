/** What machines are called: one place decides it, and puts the names beside the addresses in a sentence. */
import { formatIpv4 } from '../wire/bytes.ts'
import type { Machine } from './events.ts'

/** By hardware address in lower case, or IPv4 address. */
export type MachineNames = ReadonlyMap<string, string>

/**
 * The names of a capture: those that people `gave`, and behind them what servers call their clients, and clients themselves (option
 * 12). A name that several machines have, as systems that nobody named do, names none of them; nor does a client's own one that people
 * gave to somebody else. An address that several machines had is nobody's.
 */
export function machineNames(
  machines: readonly Pick<Machine, 'name' | 'hostName' | 'address'>[],
  gave: MachineNames = new Map(),
): MachineNames {
  const holders = new Map<string, number>()
  const count = (name: string): unknown => name !== '' && holders.set(name, (holders.get(name) ?? 0) + 1)
  // Upper and lower case are one name (RFC 1123 section 2.1, RFC 4343).
  for (const one of machines) if (!gave.has(one.name)) count(one.hostName.toLowerCase())
  for (const name of new Set(gave.values())) count(name.toLowerCase())
  const names = new Map<string, string>()
  const owners = new Set<number>()
  for (const { name, hostName, address } of machines) {
    const own = gave.get(name) ?? (holders.get(hostName.toLowerCase()) === 1 ? hostName : '')
    if (own !== '') names.set(name, own)
    if (address === 0) continue
    const ip = formatIpv4(address)
    if (owners.has(address)) names.delete(ip)
    else if (own !== '') names.set(ip, own)
    owners.add(address)
  }
  for (const [address, name] of gave) names.set(address, name)
  return names
}

/**
 * The name of whoever has a lane of a ladder; empty where there is none. A server behind a router is drawn with its own address and
 * the router's hardware address: that names it only where it has no address.
 */
export const laneName = (
  { mac, address, roles }: { readonly mac: string; readonly address: string; readonly roles: readonly string[] },
  names: MachineNames,
): string =>
  (roles.includes('client') || address === '' ? (names.get(mac) ?? names.get(address)) : names.get(address)) ?? ''

const addresses = /(?<![\w.:/])(?:(?:[\da-f]{2}:){5}[\da-f]{2}|(?:\d{1,3}\.){3}\d{1,3})(?![.:]*\w|::)/gi

/**
 * The text with each address that has a name told as `name (address)` where it first stands, and by the name alone behind that.
 * `own`: the hardware address of the machine that it is about. What that one was given remains an address.
 */
export function nameAddresses(text: string, names: MachineNames, own = ''): string {
  if (names.size === 0) return text
  const ownName = names.get(own)
  const told = new Set<string>()
  return text.replace(addresses, (address, at: number) => {
    const name = names.get(address.toLowerCase())
    if (name === undefined || name === '' || (name === ownName && address.toLowerCase() !== own)) return address
    // It stands there already, before the address or behind it.
    if (text.slice(0, at).endsWith(`${name} (`) || text.startsWith(` (${name})`, at + address.length)) return address
    if (told.has(address)) return name
    told.add(address)
    return `${name} (${address})`
  })
}
