/** The network interfaces of this machine that a lab can serve, and how their coming and going is noticed. */
import { networkInterfaces } from 'node:os'
import { readFileSync } from 'node:fs'
import { formatIpv4, isInNetwork, maskOf, parseIpv4 } from '#shared/wire/bytes.ts'
import type { ServedInterface } from '#shared/machines/machine.ts'

export interface NetworkInterface extends ServedInterface {
  readonly mac: string
  readonly isLoopback: boolean
}

function mtuOf(name: string): number {
  try {
    return Number(readFileSync(`/sys/class/net/${name}/mtu`, 'utf8')) || 1500
  } catch {
    // Only Linux tells without a command; Ethernet's is the safe assumption elsewhere.
    return 1500
  }
}

/** Every IPv4 address of this machine with the interface it is on; the first address of an interface comes first. */
export function listInterfaces(): NetworkInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter((one) => one.family === 'IPv4')
      .map((one) => ({
        name,
        address: parseIpv4(one.address)!,
        prefixLength: Number(one.cidr?.split('/')[1] ?? 32),
        mtu: mtuOf(name),
        mac: one.mac,
        isLoopback: one.internal,
      })),
  )
}

export interface Selection {
  readonly found: readonly NetworkInterface[]
  /** Wishes that nothing on this machine fulfils. */
  readonly missing: readonly string[]
}

/** The interfaces a lab names, by name or by IPv4 address; a name means its first address. */
export function selectInterfaces(wanted: readonly string[], available: readonly NetworkInterface[]): Selection {
  const found: NetworkInterface[] = []
  const missing: string[] = []
  for (const wish of wanted) {
    const address = parseIpv4(wish)
    const match = available.find((one) => (address === undefined ? one.name === wish : one.address === address))
    if (!match) missing.push(wish)
    else if (!found.some((one) => one.name === match.name && one.address === match.address)) found.push(match)
  }
  return { found, missing }
}

export const describeInterface = (one: NetworkInterface): string =>
  `${one.name} (${formatIpv4(one.address)}/${one.prefixLength})`

/** Whether that address can be reached without a router on the interface. */
export const isLocalTo = (one: ServedInterface, address: number): boolean =>
  isInNetwork(address, { address: (one.address & maskOf(one.prefixLength)) >>> 0, prefixLength: one.prefixLength })
