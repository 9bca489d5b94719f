/**
 * Configurations that were given together, as one network: which wires there are, which servers hear the machines there and
 * through which relay. What the files do not tell is assumed, and each assumption is told.
 */
import { broadcastOf, formatIpv4, isInNetwork, parseIpv4, parseIpv4Network, type Ipv4Network } from '../wire/bytes.ts'
import type { Decided } from '../interchange/evaluate.ts'
import type { Configuration, NotUnderstood, Source, SourceFile, Subnet } from '../interchange/model.ts'
import { readConfigurations } from '../interchange/read.ts'
import { rangeOf, subnetsAt } from '../interchange/subnet-selection.ts'
import { ownAddressOf } from './own-address.ts'

export interface TwinServer {
  /** Its name in scenarios. */
  readonly key: string
  readonly title: string
  readonly file: SourceFile
  readonly configuration: Configuration
  readonly address: number
  /** Whether a file tells the address; otherwise it is one that is free. */
  readonly isAddressTold: boolean
}

/** An interface of a router or switch in a network, with the servers that get what machines there broadcast. */
export interface RelayInterface {
  readonly device: string
  readonly source: Source
  readonly network: Ipv4Network
  readonly address: number
  readonly helpers: readonly Decided[]
}

export interface Scope {
  /** Such as 10.20.1.0/24; unique. */
  readonly network: string
  readonly range: Ipv4Network
  readonly name: string
  readonly source: Source
  /** Those that hear its machines, by broadcast or through the relay. */
  readonly direct: readonly TwinServer[]
  readonly relayed: readonly TwinServer[]
  /** The address that the relay has there (giaddr). */
  readonly relay?: number
  /** The interface of a router that was given; undefined where a relay is assumed or there is none. */
  readonly relayInterface?: RelayInterface
  /** Helper addresses of which nothing else was given. */
  readonly strangers: readonly Decided[]
  /** Subnets that each server has on this wire: those that contain it, then those of their shared networks. */
  readonly subnetsOf: ReadonlyMap<TwinServer, readonly Subnet[]>
  /** The networks of the wire: that of the scope, and the others of a shared network. */
  readonly wires: readonly Ipv4Network[]
}

export interface TwinNetwork {
  readonly servers: readonly TwinServer[]
  readonly scopes: readonly Scope[]
  readonly relays: readonly RelayInterface[]
  readonly notUnderstood: readonly NotUnderstood[]
  /** What DHCP snooping of a switch keeps from the machines. */
  readonly snooping: readonly { readonly source: Source; readonly text: string }[]
  /** What is taken as given, for no file tells it. */
  readonly assumes: readonly string[]
  /** Names of files that are of no engine that is known. */
  readonly unread: readonly string[]
}

const engineTitles: Readonly<Partial<Record<string, string>>> = {
  kea: 'Kea',
  dhcpd: 'ISC dhcpd',
  windows: 'Windows DHCP',
  lab: 'PXE Lab',
  cisco: 'Cisco',
  aruba: 'Aruba',
  juniper: 'Junos',
  mikrotik: 'RouterOS',
}
export const engineTitle = ({ engine }: Configuration): string => engineTitles[engine] ?? engine

const networkText = ({ address, prefixLength }: Ipv4Network): string => `${formatIpv4(address)}/${prefixLength}`
const isOf = (address: number | undefined, subnet: Subnet): boolean => address !== undefined && isInNetwork(address, rangeOf(subnet)) // prettier-ignore

/** An address of the first subnet that nothing in the configurations takes. */
function freeAddress(configuration: Configuration, taken: Set<number>): number {
  const [subnet] = configuration.subnets
  const range = subnet ? rangeOf(subnet) : { address: 0xc0a84d00, prefixLength: 24 }
  const isPooled = (address: number): boolean =>
    subnet?.pools.some(({ start, end }) => address >= parseIpv4(start)! && address <= parseIpv4(end)!) === true
  const last = broadcastOf(range)
  for (let address = range.address + 2; address < last; address++)
    if (!taken.has(address) && !isPooled(address)) return address
  return (range.address + 1) >>> 0
}

/** Addresses that stand anywhere in a configuration: none of them is free. */
function addressesIn({ text }: SourceFile): number[] {
  return (text.match(/\b\d{1,3}(\.\d{1,3}){3}\b/g) ?? []).flatMap((one) => parseIpv4(one) ?? [])
}

/** Interfaces that hand DHCP on, as far as the file says which network they are in. */
function relaysOf({ relays = [] }: Configuration): RelayInterface[] {
  return relays.flatMap(({ source, interface: name, network, address, helpers }) => {
    const own = address === undefined ? undefined : parseIpv4(address)
    const range = network === undefined ? undefined : parseIpv4Network(network)
    return own === undefined || !range ? [] : [{ device: `${source.file} ${name}`, source, network: range, address: own, helpers }] // prettier-ignore
  })
}

/** What DHCP snooping keeps from the machines, as far as the files tell. */
function snoopingNotices({ snooping = [] }: Configuration, servers: readonly TwinServer[]): TwinNetwork['snooping'] {
  const on = snooping.find(({ is }) => is === 'on')
  if (!on) return []
  const allowed = snooping.filter(({ is }) => is === 'server')
  if (allowed.length === 0)
    return snooping.some(({ is }) => is === 'trusted') ? [] : [{ source: on.source, text: 'DHCP snooping is on, and no port is trusted: no answer of a DHCP server behind this switch reaches a machine' }] // prettier-ignore
  return servers
    .filter(({ address, isAddressTold }) => isAddressTold && !allowed.some(({ text }) => text.includes(formatIpv4(address)))) // prettier-ignore
    .map(({ title, address }) => ({ source: allowed[0]!.source, text: `DHCP snooping lets only ${allowed.map(({ text }) => text).join(', ')} answer, and ${title} at ${formatIpv4(address)} is not among them` })) // prettier-ignore
}

/** The network that these files make together. */
export function networkOf(files: readonly SourceFile[]): TwinNetwork {
  const { configurations, unrecognised } = readConfigurations(files)
  const found = configurations.map((configuration) => ({ file: files.find(({ name }) => name === configuration.files[0])!, configuration })) // prettier-ignore
  return networkOfConfigurations(found, unrecognised.map(({ name }) => name)) // prettier-ignore
}

/** The same of configurations that were read; one that has no subnet of its own is a router or switch and no server. */
export function networkOfConfigurations(
  found: readonly { readonly file: SourceFile; readonly configuration: Configuration }[],
  unread: readonly string[] = [],
): TwinNetwork {
  const isServer = ({ configuration: { subnets, relays, snooping, settings } }: (typeof found)[number]): boolean => subnets.length > 0 || (relays === undefined && snooping === undefined && settings === undefined) // prettier-ignore
  const network = assemble(
    found.filter(isServer).map(({ file, configuration }) => ({ file, configuration, told: ownAddressOf(configuration, file.text) })), // prettier-ignore
    found.flatMap(({ configuration }) => relaysOf(configuration)),
    unread,
  )
  return {
    ...network,
    assumes: [...network.assumes, ...found.flatMap(({ configuration, file }) => (configuration.settings ? `${file.name} is the registry of WDS, and on which wires that server hears machines no file tells: it is not played. Put its address into the relays, or judge it with pxe-lab doctor.` : []))], // prettier-ignore
    notUnderstood: found.flatMap(({ configuration }) => configuration.notUnderstood),
    snooping: found.flatMap(({ configuration }) => snoopingNotices(configuration, network.servers)),
  }
}

/** Servers and relays as one network; apart from reading, so that a relay can be given in any form. */
export function assemble(
  found: readonly { readonly file: SourceFile; readonly configuration: Configuration; readonly told: number | undefined }[], // prettier-ignore
  relays: readonly RelayInterface[],
  unread: readonly string[] = [],
): TwinNetwork {
  const helperAddresses = [...new Set(relays.flatMap(({ helpers }) => helpers.flatMap(({ text }) => parseIpv4(text) ?? [])))] // prettier-ignore
  const toldAddresses = new Set(found.flatMap(({ told }) => told ?? []))
  /** Helpers that no file says to be its own: those of most networks first, for the DHCP server is among them everywhere. */
  const open = helperAddresses
    .filter((one) => !toldAddresses.has(one))
    .sort((a, b) => usesOf(b, relays) - usesOf(a, relays))
  const taken = new Set([...found.flatMap(({ file }) => addressesIn(file)), ...helperAddresses, ...relays.map(({ address }) => address)]) // prettier-ignore
  const assumes: string[] = []
  const servers = found.map(({ file, configuration, told }, index): TwinServer => {
    const isRelayedTo = relays.some(({ network }) => configuration.subnets.some((one) => isOf(network.address, one)))
    const helper = told === undefined && isRelayedTo ? open.shift() : undefined
    const address = told ?? helper ?? freeAddress(configuration, taken)
    taken.add(address)
    const server = { key: `server${index + 1}`, title: `${engineTitle(configuration)} (${file.name})`, file, configuration, address, isAddressTold: told !== undefined } // prettier-ignore
    if (helper !== undefined) assumes.push(`${file.name} is taken to be the configuration of ${formatIpv4(address)}, to which the relays send.`) // prettier-ignore
    else if (told === undefined) assumes.push(`${server.title} is taken to have the address ${formatIpv4(address)}, for no file tells it.`) // prettier-ignore
    return server
  })
  const known = new Map(servers.map((one) => [one.address, one]))
  const scopes = new Map<string, Scope>()
  const withAssumedRelay: string[] = []
  /** Subnets for relays whose address may lie elsewhere. */
  const named = found.flatMap(({ configuration }) => configuration.subnets.filter((one) => one.relays))
  const add = (range: Ipv4Network, name: string, source: Source): void => {
    const network = networkText(range)
    const before = scopes.get(network)
    if (before) {
      if (before.name === '' && name !== '') scopes.set(network, { ...before, name })
      return
    }
    const ofSubnets = named.filter((one) => isOf(range.address, one)).flatMap((one) => one.relays ?? [])
    const relay = relays.find((one) => isInNetwork(one.address, range)) ?? relays.find(({ address }) => ofSubnets.includes(formatIpv4(address))) // prettier-ignore
    const subnetsOf = new Map(servers.map((server) => [server, subnetsAt(server.configuration.subnets, range.address, relay?.address)])) // prettier-ignore
    const hearing = servers.filter((server) => subnetsOf.get(server)!.length > 0)
    const wires = [
      range,
      ...(relay ? [relay.network] : []),
      ...hearing.flatMap((one) => subnetsOf.get(one)!.map(rangeOf)),
    ]
    const isHere = ({ address }: { readonly address: number }): boolean =>
      wires.some((one) => isInNetwork(address, one))
    const shared = { network, range, name, source, subnetsOf, wires } // prettier-ignore
    if (relay) {
      const targets = relay.helpers.map((one) => ({ one, server: known.get(parseIpv4(one.text) ?? 0) }))
      scopes.set(network, {
        ...shared,
        // A subnet of a relay elsewhere is played with one on its own wire.
        relay: isHere(relay) ? relay.address : routerOf(hearing[0]!.configuration, range),
        relayInterface: relay,
        direct: servers.filter(isHere),
        relayed: targets.flatMap(({ server }) => (server && !isHere(server) ? [server] : [])),
        strangers: targets.flatMap(({ one, server }) => (server ? [] : [one])),
      })
      return
    }
    const direct = hearing.filter(isHere)
    const relayed = hearing.filter((one) => !direct.includes(one))
    if (relayed.length > 0) withAssumedRelay.push(network)
    scopes.set(network, { ...shared, ...(relayed.length > 0 ? { relay: routerOf(relayed[0]!.configuration, range) } : {}), direct, relayed, strangers: [] }) // prettier-ignore
  }
  for (const { configuration } of servers) for (const one of configuration.subnets) add(rangeOf(one), one.name, one.source) // prettier-ignore
  // Wires that a relay serves and no server knows.
  for (const relay of relays) if (relay.helpers.length > 0 && ![...scopes.values()].some(({ range, relayInterface }) => relayInterface === relay || isInNetwork(relay.address, range))) add(relay.network, '', relay.source) // prettier-ignore
  if (withAssumedRelay.length > 0) assumes.push(`A relay is taken to send to the server in ${withAssumedRelay.slice(0, 3).join(', ')}${withAssumedRelay.length > 3 ? ` and ${withAssumedRelay.length - 3} more` : ''}: give the configuration of the router to check it.`) // prettier-ignore
  for (const { network, direct, relayed, subnetsOf } of scopes.values()) {
    const subnets = [...direct, ...relayed].flatMap((one) => subnetsOf.get(one)!)
    if (subnets.length > 0 && subnets.every((one) => one.isProxy)) assumes.push(`A DHCP server that gives addresses in ${network} and says nothing of booting is taken to be there.`) // prettier-ignore
  }
  return {
    servers,
    assumes,
    scopes: [...scopes.values()].sort((a, b) => a.range.address - b.range.address),
    relays,
    notUnderstood: servers.flatMap(({ configuration }) => configuration.notUnderstood),
    unread,
    snooping: [],
  }
}

const usesOf = (address: number, relays: readonly RelayInterface[]): number =>
  relays.filter(({ helpers }) => helpers.some(({ text }) => parseIpv4(text) === address)).length

/** The router of a subnet by its option 3, else the first address: where its relay is taken to be. */
function routerOf(configuration: Configuration, range: Ipv4Network): number {
  const subnet = configuration.subnets.find((one) => isOf(range.address, one))
  const option = [...(subnet?.statements ?? []), ...(subnet?.networkStatements ?? [])].find(({ set }) => set.is === 'option' && set.code === 3) // prettier-ignore
  const address = option?.set.is === 'option' ? parseIpv4(option.set.text.split(/[\s,]+/)[0] ?? '') : undefined
  return address !== undefined && isInNetwork(address, range) ? address : (range.address + 1) >>> 0
}
