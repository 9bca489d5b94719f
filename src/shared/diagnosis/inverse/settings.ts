/**
 * What a look at servers, switches and the machine answers in a simulated set-up: from its model, from the ports its services hold
 * and from what they logged.
 */
import { isInNetwork, parseIpv4, parseIpv4Network, parseMac } from '../../wire/bytes.ts'
import { ruleArchitectures } from '../../machines/boot-policy.ts'
import { firmwareEntry, type FirmwareName } from '../../machines/pxe-client/firmwares.ts'
import type { Host } from '../../simulation/host.ts'
import { dateMsOf, tlsTrustOf } from '../../simulation/scenario.ts'
import type { HostInput, Scenario, ServiceConfiguration, ServiceOf } from '../../simulation/scenario.ts'
import type { Simulation } from '../../simulation/simulation.ts'
import type { Answers } from './observations.ts'
import type { PacketAnswers } from './packets.ts'

/** A machine in a simulation that has ended, with everything recorded. */
export interface Seat {
  readonly scenario: Scenario
  readonly simulation: Simulation
  /** Its key among the clients of the scenario, and its name in the simulation. */
  readonly client: string
  readonly name: string
}

interface Server {
  readonly name: string
  readonly host: HostInput
  readonly running: Host
  readonly service: string
  readonly configuration: ServiceConfiguration
}

const pxeTypes = ['WDSServer', 'SccmPxe', 'proxy-dhcp', 'boot-server'] as const

const isDhcp = (one: ServiceConfiguration): boolean =>
  one.type === 'DHCPServer' || (one.type === 'responder' && one.lab.mode === 'dhcp')
const isPxe = (one: ServiceConfiguration): boolean =>
  (pxeTypes as readonly string[]).includes(one.type) || (one.type === 'responder' && one.lab.mode !== 'dhcp')
const sendsFiles = (one: ServiceConfiguration): boolean =>
  ['WDSServer', 'SccmPxe', 'tftp', 'responder'].includes(one.type)

function serversOf({ scenario, simulation }: Seat, is: (one: ServiceConfiguration) => boolean): Server[] {
  return Object.entries(scenario.hosts).flatMap(([name, host]) =>
    Object.entries(host.services).flatMap(([service, configuration]) =>
      is(configuration) ? [{ name, host, running: simulation.hosts.get(name)!, service, configuration }] : [],
    ),
  )
}

/** Whom its administrator means where there are several: their own, and a Windows server before others. */
const meant = (servers: readonly Server[]): Server | undefined =>
  servers.find((one) => one.host.kind === 'windows') ??
  servers.find((one) => one.host.kind !== 'appliance') ??
  servers[0]

const configured = <T extends ServiceConfiguration['type']>(seat: Seat, type: T): ServiceOf<T> | undefined =>
  serversOf(seat, (one) => one.type === type)[0]?.configuration as ServiceOf<T> | undefined

const runs = ({ running, service }: Server): boolean => running.bindings.some((one) => one.service === service)

type Setting = (seat: Seat, packets: PacketAnswers) => string

const pxeNames: Partial<Readonly<Record<ServiceConfiguration['type'], string>>> = {
  WDSServer: 'wds',
  SccmPxe: 'responder',
  responder: 'lab',
}

const services: Setting = (seat) => {
  const dhcp = meant(serversOf(seat, isDhcp))
  const pxe = meant(serversOf(seat, isPxe))
  if (!pxe) return dhcp ? 'dhcp-only' : 'none'
  const place = !dhcp ? 'alone' : dhcp.name === pxe.name ? 'same' : 'apart'
  return `${pxeNames[pxe.configuration.type] ?? 'proxy'}-${runs(pxe) ? 'running' : 'stopped'}-${place}`
}

const listening = (value: 'default' | 0 | 1 | undefined, absent: string): string =>
  value === undefined ? absent : value === 'default' ? 'unset' : String(value)

const has60 = (options: Readonly<Record<string, unknown>> | undefined): unknown => options?.['60']

const option60: Setting = (seat) => {
  const dhcp = meant(serversOf(seat, isDhcp))
  if (!dhcp) return 'no-dhcp'
  if (dhcp.configuration.type !== 'DHCPServer') return 'unset'
  const { options, subnets, policies } = dhcp.configuration
  const atServer = has60(options)
  const lower = [
    ...subnets.flatMap((one) => [one.options, ...one.reservations.map((kept) => kept.options)]),
    ...Object.values(policies),
  ]
  const value = atServer ?? lower.map(has60).find((one) => one !== undefined)
  if (value === undefined || value === null) return 'unset'
  return value === 'HTTPClient' ? 'http' : atServer === undefined ? 'scope' : 'server'
}

const architectureOf = ({ scenario, client }: Seat): number =>
  firmwareEntry(scenario.clients[client]!.firmware).architecture

const option67: Setting = (seat) => {
  const dhcp = meant(serversOf(seat, isDhcp))
  if (!dhcp) return 'no-dhcp'
  if (dhcp.configuration.type !== 'DHCPServer') return 'policies'
  const { options, policies } = dhcp.configuration
  const named = Object.entries(policies).filter(([, level]) => level['67'] !== undefined)
  if (named.length === 0) return options['67'] === undefined ? 'unset' : 'all'
  const architecture = architectureOf(seat)
  return options['67'] !== undefined || named.some(([key]) => ruleArchitectures(key).includes(architecture)) ? 'policies' : 'unmatched'
} // prettier-ignore

const port67: Setting = (seat) => {
  const host = (meant(serversOf(seat, isPxe)) ?? meant(serversOf(seat, isDhcp)))?.running
  const holder = host?.holderOf(0, 67)?.service
  if (holder === undefined) return 'nobody'
  return ['DHCPServer', 'WDSServer', 'SccmPxe'].includes(holder) ? holder : 'other'
}

const dropsIn = (host: HostInput, port: number): boolean =>
  host.firewall.some(
    ({ direction, protocol, port: ports }) =>
      direction === 'in' &&
      protocol === 'udp' &&
      (typeof ports === 'number' ? ports === port : ports[0] <= port && port <= ports[1]),
  )

/** With option 60 in an offer with an address the client asks the DHCP server, otherwise the proxyDHCP. */
const port4011: Setting = (seat, packets) => {
  if (packets.offers === 'none') return 'no-offer'
  const asksDhcp = packets['offer-60'] === 'pxe' || packets['offer-60'] === 'some' || packets.offers.startsWith('dhcp+dhcp')
  const asked =
    asksDhcp || packets.offers === 'dhcp'
      ? serversOf(seat, isDhcp).find((one) => !asksDhcp || packets['offer-60'] !== 'some' || hasOption60(one))
      : meant(serversOf(seat, isPxe))
  if (!asked?.running.holderOf(0, 4011)) return 'closed'
  return dropsIn(asked.host, 4011) ? 'blocked' : 'open'
} // prettier-ignore

const hasOption60 = ({ configuration }: Server): boolean =>
  configuration.type === 'DHCPServer' && has60(configuration.options) !== undefined

const events: Setting = ({ simulation }) => {
  const logged = (pattern: RegExp): boolean => simulation.log.some(({ text }) => pattern.test(text))
  if (logged(/^WDSServer event 513/)) return 'wds'
  if (logged(/cannot bind UDP port \d+, which/)) return 'responder'
  if (logged(/^The DHCP service cannot bind/)) return 'dhcp'
  if (logged(/^Event 1046/)) return 'unauthorised'
  return logged(/^No address is left/) ? 'pool' : 'nothing'
}

const bootPolicy: Setting = (seat) => {
  const pxe = meant(serversOf(seat, isPxe))?.configuration
  if (!pxe) return 'no-pxe'
  if (pxe.type !== 'WDSServer' && pxe.type !== 'SccmPxe') return 'all'
  if (pxe.type === 'SccmPxe' && pxe.deployment === 'none') return 'no-deployment'
  if (pxe.answer === 'none') return 'none'
  if (pxe.answer === 'known' && !knows(pxe.known, seat)) return 'known'
  if (pxe.responseDelaySeconds > 0) return 'delayed'
  return pxe.type === 'WDSServer' && pxe.approval ? 'approval' : 'all'
}

const knows = (known: readonly string[], { scenario, client }: Seat): boolean => {
  const own = scenario.clients[client]!.mac
  return own !== undefined && known.some((mac) => parseMac(mac) === parseMac(own))
}

const bootImages: Setting = (seat) => {
  const windows = configured(seat, 'WDSServer') ?? configured(seat, 'SccmPxe')
  if (!windows) return 'no-windows'
  const architecture = architectureOf(seat)
  return windows.architectures.some((key) => ruleArchitectures(key).includes(architecture)) ? 'yes' : 'no'
}

const bootPorts = [67, 69, 4011]

const firewall: Setting = (seat) => {
  const hosts = Object.values(seat.scenario.hosts)
  const dropped = bootPorts.filter((port) => hosts.some((host) => dropsIn(host, port)))
  const rules = hosts.flatMap((host) => host.firewall)
  if (rules.length === 0) return 'none'
  return dropped.length === 1 && rules.length === 1 ? String(dropped[0]) : 'several'
}

const tftpPorts: Setting = ({ simulation }) => {
  const isTaken = [...simulation.hosts.values()].some((host) =>
    host.bindings.some((one) => one.firstPort <= 64_001 && one.lastPort >= 65_000),
  )
  return isTaken ? 'taken' : 'free'
}

const isLocal = (seat: Seat, list: readonly Server[]): boolean => {
  const { on } = seat.scenario.clients[seat.client]!
  return list.some((one) => one.host.on[on] !== undefined)
}

const helpers: Setting = (seat) => {
  const dhcp = serversOf(seat, isDhcp)
  const pxe = serversOf(seat, isPxe)
  if (isLocal(seat, [...dhcp, ...pxe])) return 'local'
  const { on } = seat.scenario.clients[seat.client]!
  const relays = serversOf(seat, (one) => one.type === 'relay').filter((one) => one.host.on[on] !== undefined)
  const helped = relays.flatMap((one) => (one.configuration as ServiceOf<'relay'>).helpers[on] ?? [])
  const reaches = (list: readonly Server[]): boolean => list.length === 0 || list.some((one) => Object.values(one.host.on).some((address) => helped.includes(address)))
  if (helped.length === 0) return 'none'
  return reaches(dhcp) ? (reaches(pxe) ? 'both' : 'dhcp-only') : 'pxe-only'
} // prettier-ignore

const router: Setting = (seat) => {
  const { on } = seat.scenario.clients[seat.client]!
  const needed = [...serversOf(seat, isPxe), ...serversOf(seat, sendsFiles)]
  if (needed.every((one) => one.host.on[on] !== undefined)) return 'unneeded'
  const dhcp = configured(seat, 'DHCPServer')
  const network = parseIpv4Network(seat.scenario.segments[on]!.network)!
  const subnet = dhcp?.subnets.find((one) => isInNetwork(parseIpv4(one.start)!, network))
  if (!subnet) return 'unneeded'
  return subnet.router !== undefined || dhcp?.options['3'] !== undefined ? 'given' : 'missing'
}

const snooping: Setting = (seat) => {
  const segment = seat.scenario.segments[seat.scenario.clients[seat.client]!.on]!
  if (!segment.dhcpSnooping) return 'off'
  const answering = [...serversOf(seat, isDhcp), ...serversOf(seat, isPxe)]
  return answering.every((one) => segment.dhcpSnooping!.includes(one.name)) ? 'trusted' : 'untrusted'
}

const pool: Setting = (seat) => {
  const addresses = Object.values(seat.scenario.hosts).flatMap((host) => Object.values(host.on)).map((one) => parseIpv4(one)!) // prettier-ignore
  const subnets = serversOf(seat, (one) => one.type === 'DHCPServer').flatMap(
    (one) => (one.configuration as ServiceOf<'DHCPServer'>).subnets,
  )
  return subnets.some(({ start, end }) => addresses.some((one) => one >= parseIpv4(start)! && one <= parseIpv4(end)!))
    ? 'yes'
    : 'no'
}

const router6: Setting = (seat) => {
  const { on } = seat.scenario.clients[seat.client]!
  if (seat.scenario.segments[on]!.network6 === undefined) return 'no-ipv6'
  const found = serversOf(seat, (one) => one.type === 'router-advertisement').find((one) => one.host.on6[on] !== undefined)
  if (!found) return 'none'
  const { managed, other } = found.configuration as ServiceOf<'router-advertisement'>
  return managed ? 'managed' : other ? 'other' : 'plain'
} // prettier-ignore

/** The certificate as firmware looks at it: authority, dates, name. */
const certificate: Setting = (seat) => {
  const { firmware, https } = seat.scenario.clients[seat.client]!
  const { family } = firmwareEntry(firmware)
  const server = serversOf(seat, (one) => one.type === 'http').find((one) => (one.configuration as ServiceOf<'http'>).tls)
  const tls = (server?.configuration as ServiceOf<'http'> | undefined)?.tls
  const options = { ...configured(seat, 'DHCPv6Server')?.options, ...configured(seat, 'DHCPServer')?.options }
  const url = Object.values(options).find((value): value is string => typeof value === 'string' && /^https:/i.test(value))
  if (!server || !tls || url === undefined || (family !== 'edk2-http' && !(family === 'ipxe' && https))) return 'no-https'
  const trust = tlsTrustOf(https)
  if (!trust?.authorities.includes(tls.authority)) return 'unknown-authority'
  if (trust.dateMs < dateMsOf(tls.from)! || trust.dateMs > dateMsOf(tls.until)!) return 'other-dates'
  const names = tls.names ?? [...Object.values(server.host.on), ...Object.values(server.host.on6)]
  return names.includes(/^https:\/\/\[?([^\]/:]+(?:[^\]/]*(?=\]))?)/i.exec(url)?.[1] ?? '') ? 'fits' : 'other-name'
} // prettier-ignore

const links = ({ scenario, client }: Seat) => [
  scenario.clients[client]!.link,
  ...Object.values(scenario.hosts).map((one) => one.link),
]

const isUefi = ({ scenario, client }: Seat): boolean =>
  firmwareEntry(scenario.clients[client]!.firmware).family.startsWith('edk2')

/** What a capture on a server shows: requests of the machine that reach its host, and what leaves it for the machine. */
function heard(seat: Seat, list: readonly Server[], absent: string): string {
  const server = meant(list)
  if (!server) return absent
  const node = seat.simulation.clients.find((one) => one.name === seat.name)!
  const { mac } = node.host.nics[0]!
  const isAbout = (payload: Uint8Array): boolean =>
    payload.length >= 34 && [0, 1, 2, 3, 4, 5].every((at) => payload[28 + at] === Math.floor(mac / 256 ** (5 - at)) % 256)
  let hasAsked = false
  for (const { packet, from, to } of seat.simulation.transmissions) {
    if (packet.kind !== 'udp' || !isAbout(packet.payload)) continue
    if (packet.payload[0] === 2 && from.name === server.name) return 'answers'
    hasAsked ||= packet.payload[0] === 1 && to.some((one) => one.link.name === server.name)
  }
  return hasAsked ? 'silent' : 'nothing'
} // prettier-ignore

const machineWords: Readonly<Record<FirmwareName, string>> = {
  bios: 'bios',
  edk2: 'uefi',
  'edk2-then-http': 'uefi',
  'edk2-arm64': 'uefi-arm64',
  'edk2-arm64-then-http': 'uefi-arm64',
  'edk2-arm64-http': 'uefi-http',
  'edk2-x86': 'uefi-x86',
  'edk2-x86-then-http': 'uefi-x86',
  'edk2-2016': 'uefi',
  'uefi-single-offer': 'uefi',
  'edk2-http': 'uefi-http',
  'edk2-then-ipv6': 'uefi',
  'edk2-ipv6': 'uefi',
  'edk2-ipv6-then-http': 'uefi',
  'edk2-http-ipv6': 'uefi-http',
  'u-boot': 'u-boot',
  'u-boot-pxe': 'u-boot',
  'raspberry-pi-3': 'raspberry-pi',
  'raspberry-pi-4': 'raspberry-pi',
  'raspberry-pi-5': 'raspberry-pi',
  ipxe: 'ipxe',
  'ipxe-uefi': 'ipxe',
  // By what it shows, a boot ROM.
  'ipxe-disguised': 'bios',
}

const ages: Partial<Readonly<Record<FirmwareName, string>>> = {
  'edk2-2016': 'before-2017',
  'uefi-single-offer': 'single-offer',
}

type SettingName = Exclude<keyof Answers, keyof PacketAnswers | 'screen' | 'outcome' | 'uefi-boots' | 'bios-boots'>

const settings: Readonly<Record<SettingName, Setting>> = {
  machine: ({ scenario, client }) => machineWords[scenario.clients[client]!.firmware],
  'firmware-age': (seat) =>
    isUefi(seat) ? (ages[seat.scenario.clients[seat.client]!.firmware] ?? 'current') : 'not-uefi',
  'secure-boot': (seat) =>
    isUefi(seat) ? (seat.scenario.clients[seat.client]!.secureBoot ? 'on' : 'off') : 'not-uefi',
  services,
  UseDHCPPorts: (seat) => listening(configured(seat, 'WDSServer')?.useDhcpPorts, 'no-wds'),
  DoNotListenOnDhcpPort: (seat) => listening(configured(seat, 'SccmPxe')?.doNotListenOnDhcpPort, 'no-responder'),
  option60,
  option67,
  'port-67': port67,
  'port-4011': port4011,
  events,
  'boot-policy': bootPolicy,
  'boot-images': bootImages,
  firewall,
  'tftp-ports': tftpPorts,
  helpers,
  router,
  'switch-port': ({ scenario, client }) =>
    (scenario.clients[client]!.link?.spanningTreeSeconds ?? 0) > 0 ? 'later' : 'at-once',
  snooping,
  pool,
  router6,
  certificate,
  mtu: (seat) => (links(seat).some((one) => (one?.mtu ?? 1500) < 1500) ? 'no' : 'yes'),
  loss: (seat) => (links(seat).some((one) => (one?.loss ?? 0) > 0) ? 'yes' : 'no'),
  'dhcp-hears': (seat) => heard(seat, serversOf(seat, isDhcp), 'no-dhcp'),
  'pxe-hears': (seat) => heard(seat, serversOf(seat, isPxe), 'no-pxe'),
}

/** The answers that no packet gives; `packets` are those it does. */
export const settingAnswers = (seat: Seat, packets: PacketAnswers): Readonly<Record<SettingName, string>> =>
  Object.fromEntries(Object.entries(settings).map(([name, of]) => [name, of(seat, packets)])) as Record<
    SettingName,
    string
  >
