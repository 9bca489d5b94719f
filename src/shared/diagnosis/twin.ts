/**
 * The digital twin of a server: its facts as a scenario with every scope, what each kind of client gets there, the services
 * with the ports they take, who else has these ports, the firewall, the authorisation. What it shows is the prediction of the
 * Doctor, by which the findings are held: what is told as a fault fails here, and what fails here is told.
 */
import { say, type Message, type Phrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import type { Facts } from '../lab/facts.ts'
import { ownWays, passageOf, waysFrom } from '../lab/firewall.ts'
import { dpKey, wdsAnswerKey, wdsKey, wdsTftpKey } from '../lab/registry-keys.ts'
import { scenarioSchema, type ScenarioInput } from '../simulation/scenario.ts'
import { Simulation } from '../simulation/simulation.ts'
import { encodeText, formatIpv4, isInNetwork, parseIpv4, type Ipv4Network } from '../wire/bytes.ts'
import type { MatrixCell, MatrixClient, MatrixRow } from './co-hosting.ts'
import { dhcpAuthority, wdsAuthority } from './authority.ts'
import { bootableArchitectures, bootFolder } from './boot-files.ts'
import { isKept, leftOfTransferPorts, passagesOf, wdsTransferPorts, type Passages } from './passages.ts'
import { isCertificateEnded, isIssuingListAbsent } from './site-trust.ts'
import {
  architectureOfFile,
  givenTo,
  networkOf,
  optionsForAll,
  presumedPolicyNames,
  type Asker,
  type Given,
} from './scope-options.ts'
import {
  architectureKeys,
  askers,
  clientsOf,
  clientTitle,
  isProgramUnknown,
  twinClients,
  type TwinClient,
} from './twin-clients.ts'

/** What one client of a scope does; `unknown` where the facts do not tell what it is sent to. */
export interface TwinCell extends Omit<MatrixCell, 'state' | 'because'> {
  readonly state: MatrixCell['state'] | 'unknown'
  readonly because: Phrase
}

/** What the kinds of clients that are judged do; those of the matrix are always among them. */
export type TwinCells = Readonly<Record<MatrixClient, TwinCell> & Partial<Record<TwinClient, TwinCell>>>

/** What clients of a scope do. */
export interface ScopePrediction {
  /** The ScopeId; empty for the network of the server where another host gives addresses. */
  readonly scope: string
  readonly name: string
  /** The address that is kept for the machine; empty for any machine. */
  readonly reservation: string
  readonly isRelayed: boolean
  /** The same object where scopes are told the same. */
  readonly cells: TwinCells
}

export interface Prediction {
  readonly row: MatrixRow
  /** For each kind of client what is worst among the scopes. */
  readonly cells: TwinCells
  /** The kinds of clients that are judged. */
  readonly clients: readonly TwinClient[]
  /** Every client of every scope boots; false also where that is not known. */
  readonly boots: boolean
  readonly scopes: readonly ScopePrediction[]
  /** What is taken as given, for the facts do not tell it. */
  readonly assumes: readonly Phrase[]
  /** What was run, as a scenario file. */
  readonly scenario: ScenarioInput
}

const registryOf = (facts: Facts, key: string, name: string): unknown =>
  facts.registry?.value.find((one) => one.key.toLowerCase() === key.toLowerCase() && one.name.toLowerCase() === name.toLowerCase())?.data // prettier-ignore

/** How many ports of the transfers DNS holds, where that is what KB 977512 is about: next to nothing is left. */
export function dnsOnTransferPorts(facts: Facts): number | undefined {
  const range = wdsTransferPorts(facts)
  if (!range) return undefined
  const [first, last] = range
  const held = facts.udp?.value.filter(
    ({ port, services, process }) =>
      port >= first && port <= last && (services.includes('DNS') || process === 'dns.exe'),
  ).length // prettier-ignore
  return held !== undefined && held > 0 && held >= Math.min(200, (last - first + 1) / 2) ? held : undefined
}

const bootServices = /^(DHCPServer|WDSServer|SccmPxe)$/i

type PortFact = NonNullable<Facts['udp']>['value'][number]
const isBootService = ({ services }: PortFact): boolean => services.some((name) => bootServices.test(name))
/** Who holds a boot port beside the boot services and this lab; in a namespace of its own nobody disturbs. */
export const othersOn = (facts: Facts, port: number): PortFact[] =>
  (facts.udp?.value ?? []).filter(
    (one) =>
      one.port === port &&
      one.namespace === undefined &&
      !one.isOwn &&
      !/^(127\.|::1$)/.test(one.address) &&
      !isBootService(one) &&
      // A holder that Windows did not name may be the service itself.
      (facts.system !== 'windows' || one.process !== undefined || one.services.length > 0),
  )
/** The same, where no boot service has the port beside them. */
export const strangersOn = (facts: Facts, port: number): PortFact[] =>
  facts.udp?.value.some((one) => one.port === port && isBootService(one)) ? [] : othersOn(facts, port)

/** Whether WDS has interfaces to answer on: the bind policy may name some that are not here (cc733103). */
export function isBoundToNothing(facts: Facts): boolean {
  const listed = registryOf(facts, wdsKey, 'BindInterfaces')
  const interfaces = facts.interfaces?.value
  if (!Array.isArray(listed) || listed.length === 0 || !interfaces) return false
  return servedInterfaces(facts).length === 0
}

const macDigits = (text: string): string => text.replaceAll(/[^0-9a-f]/gi, '').toLowerCase()

/** The interfaces that the bind policy leaves to WDS: 1 the listed ones alone, otherwise all but those. */
export function servedInterfaces(facts: Facts): NonNullable<Facts['interfaces']>['value'] {
  const interfaces = facts.interfaces?.value ?? []
  const listed = registryOf(facts, wdsKey, 'BindInterfaces')
  if (!Array.isArray(listed) || listed.length === 0) return interfaces
  const policy = registryOf(facts, wdsKey, 'BindPolicy')
  const isListed = ({ address, mac }: (typeof interfaces)[number]): boolean =>
    (listed as readonly string[]).some(
      (text) =>
        text.split(/[^\d.]+/).includes(address) ||
        (mac !== undefined && macDigits(mac).length === 12 && macDigits(text).endsWith(macDigits(mac))),
    )
  return interfaces.filter((one) => isListed(one) === (policy === 1))
}

/**
 * A PXE service that runs and has none of its ports, though nobody else has them: WDS that was never initialised, or whose
 * provider did not load.
 */
export function isNotListening(facts: Facts, name: 'WDSServer' | 'SccmPxe'): boolean {
  const runs = (one: string): boolean => facts.services?.value.some((service) => service.name === one && service.state === 'running') === true // prettier-ignore
  // Whoever wants port 67 and cannot have it ends with all of its ports: that is told by itself.
  const wants67 = name === 'WDSServer' ? registryOf(facts, wdsKey, 'UseDHCPPorts') !== 0 : registryOf(facts, dpKey, 'DoNotListenOnDhcpPort') !== 1 // prettier-ignore
  if (!facts.udp || !runs(name) || (wants67 && (runs('DHCPServer') || strangersOn(facts, 67).length > 0))) return false
  // Nor can it have one that Windows keeps.
  if ([...(wants67 ? [67] : []), 69, 4011].some((port) => isKept(facts, port))) return false
  return [69, 4011].every((port) => !facts.udp!.value.some((one) => one.port === port && one.namespace === undefined))
}

interface Place {
  readonly scope: string
  readonly name: string
  readonly segment: string
  readonly network: Ipv4Network
  readonly isRelayed: boolean
  readonly isActive: boolean
  readonly reservation: string
  readonly passages: Passages
}

const text = ({ address, prefixLength }: Ipv4Network): string => `${formatIpv4(address)}/${prefixLength}`
const sizeOf = ({ prefixLength }: Ipv4Network): number => 2 ** (32 - prefixLength)
const networkAround = (address: number, prefixLength: number): Ipv4Network => ({
  address: prefixLength === 0 ? 0 : (address & (~0 << (32 - prefixLength))) >>> 0,
  prefixLength,
})
const overlaps = (a: Ipv4Network, b: Ipv4Network): boolean => isInNetwork(a.address, b) || isInNetwork(b.address, a)
/** Addresses of a network that are not taken, from the first one on. */
function* freeAddresses(network: Ipv4Network, taken: ReadonlySet<number>): Generator<number, number> {
  for (let address = network.address + 1; ; address++) if (!taken.has(address)) yield address
}

/** Fewest addresses of a network in which the clients, the router and the servers of the twin find room. */
const leastRoom = 32
const quickFile = 4000

/** Boot programs of WDS that go on by themselves when a client is given their name. */
const firstPrograms = /(^|[\\/])(wdsnbp\.com|wdsmgfw(_ex)?\.efi|pxeboot\.(com|n12))$/i

/** A scope that is told the same as another, in whose place it is played. */
interface Alike {
  readonly scope: string
  readonly name: string
  readonly reservation: string
  readonly as: Place
}

interface Plan {
  readonly alike: readonly Alike[]
  readonly facts: Facts
  readonly row: MatrixRow
  readonly clients: readonly TwinClient[]
  readonly places: readonly Place[]
  readonly assumes: readonly Phrase[]
}

/** The networks of the server: those of its interfaces, or one that is presumed. */
function serverNetworks(facts: Facts): { readonly address: number; readonly network: Ipv4Network }[] {
  const found: { address: number; network: Ipv4Network }[] = []
  for (const { address, prefixLength } of facts.interfaces?.value ?? []) {
    const number = parseIpv4(address)
    if (number === undefined || prefixLength < 8) continue
    // In a network without room for clients the server is played in a wider one.
    const network = networkAround(number, Math.min(prefixLength, 27))
    if (!found.some((one) => overlaps(one.network, network))) found.push({ address: number, network })
  }
  return found.length > 0
    ? found
    : [{ address: parseIpv4('192.168.77.10')!, network: networkAround(parseIpv4('192.168.77.0')!, 24) }]
}

/** What is asked about: each scope once for all that are told the same, and each machine that is told something of its own. */
function planOf(facts: Facts, row: MatrixRow): Plan {
  const assumes: Message[] = []
  const clients = clientsOf(facts)
  const own = serverNetworks(facts)
  if (!facts.interfaces) assumes.push(say('doctor.assumes-own-network'))
  if (row.dhcp !== 'this') {
    assumes.push(say('doctor.assumes-other-dhcp'))
    const { network } = own[0]!
    return {
      facts,
      row,
      clients,
      assumes,
      alike: [],
      places: [
        {
          scope: '',
          name: '',
          segment: 'net1',
          network,
          isRelayed: false,
          isActive: true,
          reservation: '',
          passages: passagesOf(facts, ownWays(facts)),
        },
      ],
    }
  }
  if (dhcpAuthority(facts).state === 'unknown') assumes.push(say('doctor.assumes-dhcp-serves'))
  const scopes = facts.dhcpScopes?.value
  if (!scopes) assumes.push(say('doctor.assumes-one-scope'))
  const told = (scopes ?? []).flatMap((one) => {
    const network = networkOf(one)
    return network ? [{ ...one, network }] : []
  })
  const active = told.filter((one) => one.isActive)
  const asked = active.length > 0 ? active : told.slice(0, 1)
  const places: Place[] = []
  const alike: Alike[] = []
  const signatures = new Map<string, Place>()
  let spare = 0
  const add = (scope: string, name: string, wanted: Ipv4Network, isActive: boolean, reservation: string): void => {
    const at = own.findIndex((one) => isInNetwork(one.address, wanted) || overlaps(one.network, wanted))
    const given = clients.map((client) =>
      [60, 66, 67].map((code) => givenTo(facts, scope, { ...askers[client], ...(reservation === '' ? {} : { reservation }) }, code)?.value),
    ) // prettier-ignore
    const passages = passagesOf(facts, waysFrom(facts, wanted))
    const signature = JSON.stringify([at, isActive, given, passages])
    const known = signatures.get(signature)
    if (known) return void alike.push({ scope, name, reservation, as: known })
    spare++
    // One without room, or in the way of another, is played in a network of RFC 2544.
    const isFit = sizeOf(wanted) >= leastRoom && ![...own, ...places].some((one) => overlaps(one.network, wanted))
    const place: Place = {
      scope,
      name,
      segment: at >= 0 ? `net${at + 1}` : `scope${spare}`,
      network: at >= 0 ? own[at]!.network : isFit ? wanted : networkAround(parseIpv4('198.18.0.0')! + spare * 256, 24),
      isRelayed: at < 0,
      isActive,
      reservation,
      passages,
    }
    places.push(place)
    signatures.set(signature, place)
  }
  if (!scopes) add('', '', own[0]!.network, true, '')
  for (const one of asked) add(one.scope, one.name, one.network, one.isActive, '')
  for (const { at, level, scope, option } of facts.dhcpOptions?.value ?? []) {
    if (level !== 'reservation' || ![60, 66, 67].includes(option)) continue
    const address = parseIpv4(at)
    const within = asked.find(
      (one) => one.scope === scope || (address !== undefined && isInNetwork(address, one.network)),
    )
    if (within) add(within.scope, within.name, within.network, within.isActive, at)
  }
  if (places.some((one) => one.isRelayed)) assumes.push(say('doctor.assumes-relay'))
  const presumed = presumedPolicyNames(facts)
  if (presumed.length > 0) assumes.push(say('doctor.assumes-policies', { names: presumed }))
  return { facts, row, clients, places, assumes, alike }
}

/** What a file server of another name or address has is not among the facts. */
function isOwnServer(facts: Facts, name: string): boolean {
  const address = parseIpv4(name)
  if (address !== undefined) return (facts.interfaces?.value ?? []).some((one) => parseIpv4(one.address) === address) || !facts.interfaces // prettier-ignore
  return name.split('.')[0]!.toLowerCase() === facts.host.split('.')[0]!.toLowerCase()
}

/** Why what a client is given does not tell how it ends, unless it boots all the same; undefined where it tells. */
function uncertainty(
  facts: Facts,
  asker: Asker,
  server: Given | undefined,
  file: Given | undefined,
): Message | undefined {
  const starts = file && architectureOfFile(file.value)
  if (file && starts !== undefined && starts !== asker.architecture) return undefined
  if (server && !isOwnServer(facts, server.value)) return say('doctor.other-file-server', { server: server.value })
  if (file && !firstPrograms.test(file.value)) return say('doctor.unknown-program', { file: file.value })
  return undefined
}

/** Whether a boot file is taken to be there: on another server, in a folder of its own, or beside those that WDS comes with. */
function isPresumed(facts: Facts, file: string, server: Given | undefined): boolean {
  if (server && !isOwnServer(facts, server.value)) return true
  const isSms = facts.services?.value.some((one) => one.name === 'SccmPxe' && one.state === 'running') || facts.distributionPoint?.value // prettier-ignore
  const [, folder = ''] = /^[\\/]*(boot|smsboot)[\\/]/i.exec(file) ?? []
  return (
    folder === '' || (folder.toLowerCase() === (isSms ? 'smsboot' : 'boot') && /[\\/]x64[\\/]wdsnbp\.com$/i.test(file))
  )
}

const clientName = (index: number, client: TwinClient): string => (index === 0 ? client : `${client}-${index + 1}`)

/** Octets of an option, its NUL left out; a dump with more than that was not made by a DHCP server. */
const mostOctets = 254
function carried(value: string): string {
  let text = value
  while (encodeText(text).length > mostOctets) text = text.slice(0, -1)
  return text
}

/** The scenario of a plan: the hosts, and for each place the clients of the matrix; the ports of all places are closed alike. */
function scenarioOf({ facts, row, clients, places }: Plan, closed: Passages['closed']): ScenarioInput {
  const own = serverNetworks(facts)
  const at = (index: number): string => formatIpv4(own[index]!.address)
  const taken = new Set(own.map((one) => one.address))
  const router = freeAddresses(own[0]!.network, taken).next().value
  taken.add(router)
  const other = freeAddresses(own[0]!.network, taken).next().value
  taken.add(other)
  const isUsed = (segment: string): boolean => places.some((one) => one.segment === segment)
  const relayed = places.filter((one, index) => one.isRelayed && places.findIndex((two) => two.segment === one.segment) === index) // prettier-ignore
  const files: NonNullable<NonNullable<ScenarioInput['hosts']>[string]['files']> = {}
  const given = (place: Place, client: TwinClient): Record<number, string> => {
    if (row.dhcp !== 'this') return {}
    const asker = { ...askers[client], ...(place.reservation === '' ? {} : { reservation: place.reservation }) }
    const found: Record<number, string> = {}
    for (const code of [60, 66, 67] as const) {
      const one = givenTo(facts, place.scope, asker, code)
      if (!one || one.value === '') continue
      // Another file server is not simulated: what matters of its file is for which machine it is.
      found[code] = code === 66 ? at(0) : carried(one.value)
      const architecture = code === 67 ? architectureOfFile(one.value) : undefined
      if (architecture !== undefined && isPresumed(facts, one.value, givenTo(facts, place.scope, asker, 66)))
        files[one.value] ??= { size: 31_124, architecture: architecture === 0 ? 'bios' : architecture === 6 ? 'x86-uefi' : architecture === 11 ? 'arm64-uefi' : 'x64-uefi' } // prettier-ignore
    }
    return found
  }
  const subnetOf = (network: Ipv4Network, scope: string, list: readonly Place[]) => {
    const used = new Set([...taken, (network.address + sizeOf(network) - 1) >>> 0])
    const addresses = freeAddresses(network, used)
    const gateway = list[0]?.isRelayed ? addresses.next().value : undefined
    // iPXE is of the class of BIOS as well: where it is told less, each client is told by itself.
    const isMixed = list.some((place) => Object.keys(given(place, 'bios')).some((code) => given(place, 'ipxe')[Number(code)] === undefined)) // prettier-ignore
    const kept = list.flatMap((place, index) =>
      place.reservation === '' && !isMixed
        ? []
        : clients.map((client) => ({
            mac: macOf(places.indexOf(place), client),
            address: formatIpv4(addresses.next().value),
            options: given(place, client),
            index,
          })),
    )
    const start = addresses.next().value
    const plain = list.find((one) => one.reservation === '')
    const bios = plain ? given(plain, 'bios') : {}
    return {
      subnet: text(network),
      start: formatIpv4(start),
      end: formatIpv4(start + 7),
      router: formatIpv4(gateway ?? router),
      ...(plain && !isMixed
        ? {
            options: commonOf(facts, scope, bios),
            policies: Object.fromEntries(clients.filter((one) => one !== 'ipxe').map((one) => [architectureKeys[one], given(plain, one)])), // prettier-ignore
            userClasses: { iPXE: given(plain, 'ipxe') },
          }
        : {}),
      reservations: kept.map(({ mac, address, options }) => ({ mac, address, options })),
    }
  }
  // One segment holds one scope at a time: of several that are told different things on the wire of the server each is a run.
  const subnets = [...new Set(places.map((one) => one.segment))].map((segment) => {
    const list = places.filter((one) => one.segment === segment)
    return list[0]!.isActive ? subnetOf(list[0]!.network, list[0]!.scope, list) : undefined
  })
  const isPlain = row.dhcp !== 'this'
  const dhcp = {
    type: 'DHCPServer' as const,
    order: 50,
    authorised: isPlain || dhcpAuthority(facts).state !== 'silent',
    subnets: subnets.flatMap((one) => one ?? []),
  }
  const segments: ScenarioInput['segments'] = {}
  for (const [index, one] of own.entries())
    if (index === 0 || isUsed(`net${index + 1}`)) segments[`net${index + 1}`] = { network: text(one.network) }
  for (const one of relayed) segments[one.segment] = { network: text(one.network) }
  return {
    title: inEnglish(say('doctor.scenario-title', { host: facts.host })).slice(0, 80),
    group: 'Who answers',
    summary: inEnglish(say('doctor.scenario-summary')),
    segments,
    hosts: {
      server1: {
        title: facts.host.slice(0, 60) || 'this host',
        on: Object.fromEntries(own.flatMap((_, index) => (`net${index + 1}` in segments ? [[`net${index + 1}`, at(index)]] : []))), // prettier-ignore
        gateway: formatIpv4(router),
        firewall: closed.map((port) => ({ direction: 'in' as const, port: typeof port === 'number' ? port : [port[0], port[1]] })), // prettier-ignore
        services: {
          ...occupants(facts),
          ...(row.dhcp === 'this' ? { DHCPServer: dhcp } : {}),
          ...pxeServices(facts, row),
        },
        files,
      },
      ...(relayed.length > 0
        ? {
            router1: {
              kind: 'router' as const,
              on: {
                net1: formatIpv4(router),
                ...Object.fromEntries(relayed.map((one) => [one.segment, formatIpv4(one.network.address + 1)])),
              },
              services: {
                relay: {
                  type: 'relay' as const,
                  helpers: Object.fromEntries(relayed.map((one) => [one.segment, [at(0)]])),
                },
              },
            },
          }
        : {}),
      ...(isPlain ? { dhcp2: { on: { net1: formatIpv4(other) }, services: { DHCPServer: dhcp } } } : {}),
    },
    clients: Object.fromEntries(
      places.flatMap((place, index) =>
        clients.map((client) => [
          clientName(index, client),
          { firmware: client, on: place.segment, mac: macOf(index, client) },
        ]),
      ),
    ),
    endSeconds: 120,
  }
}

/** Options of a scope that every client gets, so that the scenario reads like the server; classes add theirs. */
function commonOf(facts: Facts, scope: string, shown: Readonly<Record<number, string>>): Record<number, string> {
  const plain: Record<number, string> = {}
  for (const code of [60, 66, 67] as const) {
    const here = optionsForAll(facts, code) ?? []
    const found = here.find((one) => one.level === 'scope' && one.at === scope) ?? here.find((one) => one.level === 'server') // prettier-ignore
    const value = found?.value.join(' ')
    if (value !== undefined && value !== '') plain[code] = code === 66 ? (shown[66] ?? carried(value)) : carried(value)
  }
  return plain
}

const macOf = (index: number, client: TwinClient): string =>
  `02:00:5e:20:${(index % 256).toString(16).padStart(2, '0')}:${(twinClients.indexOf(client) + 1 + (index >> 8) * 8).toString(16).padStart(2, '0')}` // prettier-ignore

/** Whoever else has a port is there first. */
function occupants(facts: Facts): Record<string, object> {
  const services: Record<string, object> = {}
  const nameOf = (port: number): string => {
    const [first] = strangersOn(facts, port)
    if (!first) return `Windows (${port})`
    return (first?.services.join(' ') || first?.process || 'another program') + ` (${port})`
  }
  const isTaken = (port: number): boolean => strangersOn(facts, port).length > 0 || isKept(facts, port)
  if (isTaken(67)) services[nameOf(67)] = { type: 'relay', order: 0, helpers: {} }
  if (isTaken(69)) services[nameOf(69)] = { type: 'tftp', order: 0 }
  if (isTaken(4011)) services[nameOf(4011)] = { type: 'boot-server', order: 0 }
  const range = wdsTransferPorts(facts)
  if (range && (dnsOnTransferPorts(facts) !== undefined || leftOfTransferPorts(facts) === 0))
    services['DNS'] = { type: 'DNS', order: 0, takes: [...range] }
  return services
}

function pxeServices(facts: Facts, row: MatrixRow) {
  const state = (name: string): 'running' | 'stopped' | undefined => {
    const found = facts.services?.value.find((one) => one.name.toLowerCase() === name.toLowerCase())
    return found === undefined || (found.state !== 'running' && found.start === 'disabled')
      ? undefined
      : found.state === 'running'
        ? 'running'
        : 'stopped'
  }
  const order = row.starts === 'first' ? 10 : 90
  const range = wdsTransferPorts(facts)
  const tftpPorts = range && range[0] >= 1024 && range[1] <= 65_535 ? { tftpPorts: [...range] as [number, number] } : range ? {} : { tftpPorts: [49_152, 65_535] as [number, number] } // prettier-ignore
  const filter = registryOf(facts, wdsTftpKey, 'ReadFilter')
  const listen = (value: unknown): 'default' | 0 | 1 => (value === 0 ? 0 : value === 1 ? 1 : 'default')
  const sccm = isNotListening(facts, 'SccmPxe') ? 'stopped' : state('SccmPxe')
  const wds = isBoundToNothing(facts) || isNotListening(facts, 'WDSServer') || wdsAuthority(facts).state === 'silent' ? state('WDSServer') && 'stopped' : state('WDSServer') // prettier-ignore
  const usePorts = registryOf(facts, wdsKey, 'UseDHCPPorts')
  const refuses = /^false$/i.test(String(registryOf(facts, wdsAnswerKey, 'netbootAnswerRequests')))
  const answers = refuses ? { answer: 'none' as const } : {}
  // Where nobody looked, what is judged is taken to be there; that it is not known is told.
  const architectures = { architectures: [...(bootableArchitectures(facts, bootFolder(facts)) ?? new Set(clientsOf(facts).map((one) => architectureKeys[one])))] } // prettier-ignore
  const wdsSettings = {
    order,
    ...architectures,
    largestFile: quickFile,
    ...tftpPorts,
    ...(Array.isArray(filter) ? { readFilter: filter as string[] } : {}),
  }
  return {
    ...(sccm
      ? {
          SccmPxe: {
            type: 'SccmPxe' as const,
            order,
            state: sccm,
            largestFile: quickFile,
            ...architectures,
            doNotListenOnDhcpPort: listen(registryOf(facts, dpKey, 'DoNotListenOnDhcpPort')),
          },
        }
      : {}),
    ...(wds && (sccm !== 'running' || wds === 'running')
      ? {
          // The provider of a distribution point inside WDS: its folders, and the ports of WDS.
          WDSServer: facts.distributionPoint?.value
            ? { type: 'SccmPxe' as const, state: wds, doNotListenOnDhcpPort: usePorts === 0 ? (1 as const) : (0 as const), ...wdsSettings }
            : { type: 'WDSServer' as const, state: wds, useDhcpPorts: listen(usePorts), ...answers, ...wdsSettings },
        }
      : {}),
  } // prettier-ignore
}

/** Of places on one segment only the first shares a run with others: a wire has one scope. */
function runs(places: readonly Place[]): Place[][] {
  const left = [...places]
  const found: Place[][] = []
  while (left.length > 0) {
    const turn: Place[] = []
    for (const place of left.slice()) {
      // A firewall is the same for a whole run.
      if (turn[0] && JSON.stringify(turn[0].passages) !== JSON.stringify(place.passages)) continue
      const there = turn.filter((one) => one.segment === place.segment)
      if (there.some((one) => one.scope !== place.scope || place.reservation === one.reservation)) continue
      turn.push(place)
      left.splice(left.indexOf(place), 1)
    }
    found.push(turn)
  }
  return found
}

const rank = { booted: 0, unknown: 1, local: 2, waiting: 3, failed: 4 } as const

/** The same facts are judged again and again, by pages and by checks. */
const remembered = new Map<string, ReadonlyMap<string, MatrixCell>>()
const mostRemembered = 64

function outcomesOf(scenario: ScenarioInput): ReadonlyMap<string, MatrixCell> {
  const key = JSON.stringify({ ...scenario, title: '' })
  const known = remembered.get(key)
  if (known) return known
  const simulation = new Simulation(scenarioSchema.parse(scenario), { record: false })
  simulation.run()
  const found = new Map(
    simulation
      .outcomes()
      .map(
        ({ name, state, code, line, because }) => [name, { state, code, line, because: inEnglish(because) }] as const,
      ),
  )
  if (remembered.size >= mostRemembered) remembered.delete(remembered.keys().next().value!)
  remembered.set(key, found)
  return found
}

/** What the clients of a server do, by its facts and the row that they are; throws nothing that facts can say. */
export function predict(facts: Facts, row: MatrixRow): Prediction {
  const plan = planOf(facts, row)
  const scopes: ScopePrediction[] = []
  let first: ScenarioInput | undefined
  for (const places of runs(plan.places)) {
    const { closed, unknown } = places[0]!.passages
    const scenario = scenarioOf({ ...plan, places }, closed)
    first ??= scenario
    const outcomes = outcomesOf(scenario)
    // What matters of ports that may be closed is what happens if they are.
    const atWorst = unknown.length === 0 ? outcomes : outcomesOf(scenarioOf({ ...plan, places }, [...closed, ...unknown])) // prettier-ignore
    for (const [index, place] of places.entries()) {
      const cell = (client: TwinClient): TwinCell => {
        const name = clientName(index, client)
        const found = outcomes.get(name)!
        if (found.state === 'booted' && atWorst.get(name)!.state !== 'booted')
          return { state: 'unknown', code: '', line: '', because: say('doctor.firewall-from-here-unknown', { ports: unknown.map(portsText) }) } // prettier-ignore
        if (found.state === 'booted' && isCertificateEnded(facts))
          return { state: 'failed', code: '', line: '', because: say('doctor.certificate-ended') } // prettier-ignore
        const gap = unsettled(facts, row)
        if (found.state === 'booted' && gap !== undefined) return { state: 'unknown', code: '', line: '', because: gap }
        if (found.state === 'booted' && isProgramUnknown(facts, client))
          return { state: 'unknown', code: '', line: '', because: say('doctor.program-unknown', { client: clientTitle(client) }) } // prettier-ignore
        const asker = { ...askers[client], ...(place.reservation === '' ? {} : { reservation: place.reservation }) }
        const [server, file] =
          row.dhcp === 'this' ? [66, 67].map((code) => givenTo(facts, place.scope, asker, code)) : []
        const doubt = uncertainty(facts, asker, server, file)
        const isForeign = server !== undefined && !isOwnServer(facts, server.value)
        return doubt !== undefined && (isForeign || found.state !== 'booted') && isReached(found)
          ? { state: 'unknown', code: '', line: '', because: doubt }
          : found
      }
      const cells = Object.fromEntries(plan.clients.map((client) => [client, cell(client)])) as TwinCells // prettier-ignore
      for (const { scope, name, reservation } of [place, ...plan.alike.filter((one) => one.as === place)])
        scopes.push({ scope, name, reservation, isRelayed: place.isRelayed, cells })
    }
  }
  const worst = (client: TwinClient): TwinCell =>
    scopes.map((one) => one.cells[client]!).toSorted((a, b) => rank[b.state] - rank[a.state])[0]!
  return {
    row,
    clients: plan.clients,
    cells: Object.fromEntries(plan.clients.map((client) => [client, worst(client)])) as TwinCells,
    boots: scopes.every((one) => plan.clients.every((client) => one.cells[client]!.state === 'booted')),
    scopes,
    assumes: plan.assumes,
    scenario: first!,
  }
}

/** What of the server may keep a client from booting, and is not known; undefined for nothing. */
function unsettled(facts: Facts, row: MatrixRow): Message | undefined {
  if (isIssuingListAbsent(facts)) return say('doctor.trust-unknown')
  const firewall = facts.firewall?.value
  const isClosed = firewall !== undefined && passageOf(firewall, 68, ownWays(facts)) === 'closed'
  return row.dhcp === 'this' && isClosed && dhcpAuthority(facts).state === 'unknown'
    ? say('doctor.authorised-unknown')
    : undefined
}

const portsText = (one: Passages['unknown'][number]): Phrase =>
  typeof one === 'number' ? String(one) : say('doctor.port-range', { first: one[0], last: one[1] })

/** A client without an address fails whatever boot options say. */
const isReached = ({ code }: MatrixCell): boolean => !/^PXE-E(51|18)$/.test(code)

/** The scopes by what their clients do, those alike together. */
export function alikeScopes({
  scopes,
}: Prediction): { readonly scopes: readonly ScopePrediction[]; readonly cells: ScopePrediction['cells'] }[] {
  // prettier-ignore
  const groups = new Map<ScopePrediction['cells'], ScopePrediction[]>()
  for (const one of scopes) groups.set(one.cells, [...(groups.get(one.cells) ?? []), one])
  return [...groups].map(([cells, list]) => ({ cells, scopes: list }))
}

/** So many names are read; the others are counted. */
const mostNames = 5

/** Scopes as people know them, in one line. */
export function scopesTitle(scopes: readonly ScopePrediction[]): Message {
  const [first] = scopes
  const names = scopes.map(({ scope, name, reservation }) =>
    reservation === ''
      ? `${scope}${name === '' ? '' : ` (${name})`}`
      : say('doctor.reservation', { address: reservation }),
  )
  const left = names.length - mostNames
  const relayed = first!.isRelayed ? 'yes' : 'no'
  if (scopes.length === 1 && first!.scope === '') return say('doctor.own-network', { relayed })
  return left > 0
    ? say('doctor.scopes-and-more', { names: names.slice(0, mostNames), left, relayed })
    : say('doctor.scopes', { names, relayed })
}

/** Whether a client of a scope boots, fails, or may do either. */
export const isFailing = ({ state }: TwinCell): boolean => state !== 'booted' && state !== 'unknown'
