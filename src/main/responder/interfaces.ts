/** The network interfaces of this machine that a lab can serve, and how their coming and going is noticed. */
import { networkInterfaces } from 'node:os'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chooseInterface, type InterfaceChoice, type Medium } from '#shared/lab/interface-choice.ts'
import { formatIpv4, parseIpv4 } from '#shared/wire/bytes.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { ownAddresses, type ServedInterface } from '#shared/machines/machine.ts'
import { windowsAdapters } from '../system/windows-tables.ts'
import { nativeSockets } from './native-sockets.ts'

export interface NetworkInterface extends ServedInterface {
  readonly mac: string
  readonly isLoopback: boolean
  /** Whether something is at the other end of the cable; undefined where the system does not tell. */
  readonly hasLink: boolean | undefined
  /** What the driver calls it; undefined where the system does not tell. */
  readonly description?: string | undefined
  /** Undefined where the system does not tell. */
  readonly medium?: Medium | undefined
}

function readAttribute(name: string, attribute: string): string | undefined {
  try {
    return readFileSync(`/sys/class/net/${name}/${attribute}`, 'utf8').trim()
  } catch {
    // Not Linux, or an interface that is down: then the carrier cannot be read.
    return undefined
  }
}

/** Of the network card itself, or of one below it: of a bridge, a bond or a VLAN with a card in it (sysfs-class-net). */
function mediumOf(name: string, depth = 0): Medium | undefined {
  const folder = `/sys/class/net/${name}`
  if (existsSync(`${folder}/wireless`) || existsSync(`${folder}/phy80211`)) return 'wireless'
  if (existsSync(`${folder}/device`)) return 'wired'
  if (depth > 3) return undefined
  try {
    const below = readdirSync(folder).filter((one) => one.startsWith('lower_'))
    return below.map((one) => mediumOf(one.slice('lower_'.length), depth + 1)).find((one) => one !== undefined)
  } catch {
    return undefined
  }
}

const prefixLengthOf = (mask: number): number => mask.toString(2).replaceAll('0', '').length

/**
 * Every IPv4 address of this machine with the interface it is on; the first address of an interface comes first. An
 * interface whose cable is out, or whose other end is switched off, is listed as well where the system allows: a bench
 * machine at the end of a cable takes the link down each time it starts.
 */
export function listInterfaces(): NetworkInterface[] {
  const known = nativeSockets?.listAddresses()
  if (known)
    return known.map(({ name, address, mask }) => ({
      name,
      address,
      prefixLength: prefixLengthOf(mask),
      mtu: Number(readAttribute(name, 'mtu')) || 1500,
      mac: readAttribute(name, 'address') ?? '00:00:00:00:00:00',
      isLoopback: address >>> 24 === 127,
      hasLink: readAttribute(name, 'carrier') === '1',
      medium: mediumOf(name),
    }))
  const adapters = windowsAdapters()
  if (adapters) return adapters
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter((one) => one.family === 'IPv4')
      .map((one) => ({
        name,
        address: parseIpv4(one.address)!,
        prefixLength: Number(one.cidr?.split('/')[1] ?? 32),
        // Node does not tell the MTU; Ethernet's is the safe assumption.
        mtu: 1500,
        mac: one.mac,
        isLoopback: one.internal,
        hasLink: undefined,
      })),
  )
}

export interface Selection {
  readonly found: readonly NetworkInterface[]
  /** Wishes that nothing on this machine fulfils. */
  readonly missing: readonly string[]
}

/** The interfaces a lab names, each once: its name means all of its addresses, the first one first; an address means itself. */
/** Addresses of this machine on the interfaces of a lab, the first interface first. */
export const addressesOf = (lab: Pick<Lab, 'interface'>): number[] =>
  selectInterfaces([lab.interface].flat(), listInterfaces()).found.flatMap((one) => ownAddresses(one).map(({ address }) => address)) // prettier-ignore

export function selectInterfaces(wanted: readonly string[], available: readonly NetworkInterface[]): Selection {
  const chosen = new Map<string, NetworkInterface[]>()
  const missing: string[] = []
  for (const wish of wanted) {
    const address = parseIpv4(wish)
    const matches = available.filter((one) => (address === undefined ? one.name === wish : one.address === address))
    if (!matches[0]) {
      missing.push(wish)
      continue
    }
    const { name } = matches[0]
    const before = chosen.get(name) ?? []
    // What is there already keeps its place.
    if (address === undefined) chosen.set(name, matches)
    else if (!before.some((one) => one.address === address)) chosen.set(name, [...before, ...matches])
  }
  const found = [...chosen.values()].map(([first, ...others]) =>
    others.length === 0
      ? first!
      : { ...first!, others: others.map(({ address, prefixLength }) => ({ address, prefixLength })) },
  )
  return { found, missing }
}

export const describeInterface = (one: NetworkInterface): string =>
  `${one.name} (${formatIpv4(one.address)}/${one.prefixLength})`

/** Which of them a first lab serves. */
export const choiceOf = (all: readonly NetworkInterface[]): InterfaceChoice =>
  chooseInterface(all.map((one) => ({ ...one, address: formatIpv4(one.address) })))
