/** The network interfaces of this machine that a lab can serve, and how their coming and going is noticed. */
import { networkInterfaces } from 'node:os'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chooseInterface, type InterfaceChoice, type Medium } from '#shared/lab/interface-choice.ts'
import { formatIpv4, formatIpv6, parseHex, parseIpv4, parseIpv6 } from '#shared/wire/bytes.ts'
import { isLinkLocal } from '#shared/wire/ip-address.ts'
import type { Lab } from '#shared/lab/lab.ts'
import {
  ownAddresses,
  type OwnAddress6,
  type ServedInterface,
  type ServedInterface6,
} from '#shared/machines/machine.ts'
import { windowsAdapters } from '../system/windows-tables.ts'
import { nativeSockets } from './native-sockets.ts'

export interface NetworkInterface extends ServedInterface {
  readonly mac: string
  readonly isLoopback: boolean
  /** Whether `mtu` is Ethernet's, because the system does not tell its own: no verdict may rest on it. */
  readonly isMtuAssumed?: true
  /** Whether something is at the other end of the cable; undefined where the system does not tell. */
  readonly hasLink: boolean | undefined
  /** What the driver calls it; undefined where the system does not tell. */
  readonly description?: string | undefined
  /** Undefined where the system does not tell. */
  readonly medium?: Medium | undefined
  /** Its IPv6 addresses that can be used, the link-local one among them; absent where it has none. */
  readonly ipv6?: readonly OwnAddress6[]
  /** Its number, by which addresses of one link are told apart (RFC 4007 section 11); undefined where it has no IPv6. */
  readonly index?: number
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

interface Ipv6Side {
  readonly ipv6: readonly OwnAddress6[]
  readonly index: number
}

/** Flags of an address (rtnetlink(7)): it turned out to be somebody else's, or it is not yet known that it is not. */
const [dadFailed, tentative, temporary] = [0x08, 0x40, 0x01]

/** The lines of /proc/net/if_inet6: address, number of the interface, prefix length, scope, flags, interface. */
export function ipv6In(text: string): Map<string, Ipv6Side> {
  const found = new Map<string, { index: number; addresses: (OwnAddress6 & { isTemporary: boolean })[] }>()
  for (const line of text.split('\n')) {
    const [address = '', index, prefixLength, , flags = '', name] = line.trim().split(/\s+/)
    const octets = parseHex(address)
    if (octets?.length !== 16 || name === undefined) continue
    const bits = Number.parseInt(flags, 16)
    // It has IPv6, whether an address of it can be used yet or not.
    const side = found.get(name) ?? { index: Number.parseInt(index!, 16), addresses: [] }
    found.set(name, side)
    if (bits & (dadFailed | tentative)) continue
    side.addresses.push({ address: formatIpv6(octets), prefixLength: Number.parseInt(prefixLength!, 16), isTemporary: (bits & temporary) !== 0 }) // prettier-ignore
  }
  const sorted = [...found].map(([name, { index, addresses }]): [string, Ipv6Side] => [
    name,
    {
      index,
      // Those that stay before those that change every day (RFC 8981); the system lists the newest first.
      ipv6: addresses
        .toSorted((a, b) => Number(a.isTemporary) - Number(b.isTemporary) || (a.address < b.address ? -1 : 1))
        .map(({ address: own, prefixLength: length }) => ({ address: own, prefixLength: length })),
    },
  ])
  return new Map(sorted)
}

/** What Node lists; it leaves out the number where no address is of one link. */
function ipv6OfNode(): Map<string, Ipv6Side> {
  const found = new Map<string, Ipv6Side>()
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    const own = addresses.filter((one) => one.family === 'IPv6')
    if (own.length === 0) continue
    found.set(name, {
      index: Math.max(...own.map((one) => one.scopeid)),
      ipv6: own.map(({ address, cidr }) => ({
        address: formatIpv6(parseIpv6(address.replace(/%.*/, ''))!),
        prefixLength: Number(cidr?.split('/')[1] ?? 128),
      })),
    })
  }
  return found
}

function ipv6Sides(): Map<string, Ipv6Side> {
  if (process.platform !== 'linux') return ipv6OfNode()
  try {
    return ipv6In(readFileSync('/proc/net/if_inet6', 'utf8'))
  } catch {
    // IPv6 is switched off.
    return new Map()
  }
}

/** The zone that an address of one link has on that interface, as sockets of this system take it (RFC 4007 section 11). */
export const zoneOf = ({ name, index }: Pick<NetworkInterface, 'name' | 'index'>): string | undefined =>
  process.platform === 'win32' ? (index === undefined ? undefined : String(index)) : name

/** An interface as machines see it that speak IPv6. */
export function servedAs6({ name, mac, mtu, ipv6 = [] }: NetworkInterface): ServedInterface6 {
  const linkLocal = ipv6.find(({ address }) => isLinkLocal(address))?.address
  return {
    name,
    mac: mac === '00:00:00:00:00:00' ? undefined : mac,
    linkLocal,
    addresses: ipv6.filter(({ address }) => !isLinkLocal(address)),
    mtu,
  }
}

const prefixLengthOf = (mask: number): number => mask.toString(2).replaceAll('0', '').length

/**
 * Every IPv4 address of this machine with the interface it is on; the first address of an interface comes first. An
 * interface whose cable is out, or whose other end is switched off, is listed as well where the system allows: a bench
 * machine at the end of a cable takes the link down each time it starts.
 */
export function listInterfaces(): NetworkInterface[] {
  const sides = ipv6Sides()
  return listIpv4().map((one) => ({ ...one, ...sides.get(one.name) }))
}

/** Interfaces with IPv6 and without any IPv4 address, `address` being 0. */
export function listIpv6Only(): NetworkInterface[] {
  const listed = new Set(listIpv4().map(({ name }) => name))
  const node = networkInterfaces()
  return [...ipv6Sides()].flatMap(([name, side]): NetworkInterface[] => {
    if (listed.has(name)) return []
    const [known] = node[name] ?? []
    const carrier = readAttribute(name, 'carrier')
    return [
      {
        name,
        address: 0,
        prefixLength: 0,
        mtu: Number(readAttribute(name, 'mtu')) || 1500,
        mac: readAttribute(name, 'address') ?? known?.mac ?? '00:00:00:00:00:00',
        isLoopback: known?.internal ?? false,
        hasLink: carrier === undefined ? undefined : carrier === '1',
        medium: mediumOf(name),
        ...side,
      },
    ]
  })
}

/** What a lab may serve: over IPv6, an interface needs no IPv4 address. */
export const listServable = (lab: Pick<Lab, 'ipv6'>): NetworkInterface[] => [
  ...listInterfaces(),
  ...(lab.ipv6.enabled ? listIpv6Only() : []),
]

function listIpv4(): NetworkInterface[] {
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
        isMtuAssumed: true as const,
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

/** Addresses of this machine on the interfaces of a lab, the first interface first. */
export const addressesOf = (lab: Pick<Lab, 'interface'>): number[] =>
  selectInterfaces([lab.interface].flat(), listInterfaces()).found.flatMap((one) => ownAddresses(one).map(({ address }) => address)) // prettier-ignore

/** The interfaces a lab names, each once: its name means all of its addresses, the first one first; an address means itself. */
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

/** Our address on an interface as people read it: the first of IPv4, else of IPv6; `::` where none can be used yet. */
export function addressText({ address, ipv6 = [] }: Pick<NetworkInterface, 'address' | 'ipv6'>): string {
  if (address !== 0) return formatIpv4(address)
  return (ipv6.find((one) => !isLinkLocal(one.address)) ?? ipv6[0])?.address ?? '::'
}

export const describeInterface = (one: NetworkInterface): string =>
  one.address === 0 ? `${one.name} (IPv6 only)` : `${one.name} (${formatIpv4(one.address)}/${one.prefixLength})`

/** Which of them a first lab serves. */
export const choiceOf = (all: readonly NetworkInterface[]): InterfaceChoice =>
  chooseInterface(all.map((one) => ({ ...one, address: formatIpv4(one.address) })))
