/**
 * What somebody does to a scenario in its drawing: adding, connecting, moving, removing. Each is a list of settings to
 * change, with what a thing of its kind needs to work at once: a free address, a scope, a gateway, helpers.
 */
import { say, type Phrase } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { broadcastOf, formatIpv4, isInNetwork, parseIpv4, parseIpv4Network, type Ipv4Network } from '../wire/bytes.ts'
import type { FirmwareName } from '../machines/pxe-client/firmwares.ts'
import type { Change, Scenario, ServiceConfiguration } from './scenario.ts'

export interface Edit {
  /** The key of what was added or changed. */
  readonly name: string
  /** What was done, such as `DHCP server added`. */
  readonly says: Phrase
  readonly changes: readonly Change[]
}

/** Keys as a path that `changeScenario` understands. */
export const pathOf = (...keys: readonly string[]): string =>
  keys.map((key, index) => (/[.[\]"]/.test(key) ? `["${key}"]` : index === 0 ? key : `.${key}`)).join('')

const freeName = (taken: readonly string[], stem: string): string => {
  for (let number = 1; ; number++) if (!taken.includes(`${stem}${number}`)) return `${stem}${number}`
}

const networkOf = (scenario: Scenario, segment: string): Ipv4Network =>
  parseIpv4Network(scenario.segments[segment]!.network)!

const dhcpOf = (
  scenario: Scenario,
  name: string,
): (readonly [string, Extract<ServiceConfiguration, { type: 'DHCPServer' }>])[] =>
  Object.entries(scenario.hosts[name]!.services).flatMap(([key, one]) =>
    one.type === 'DHCPServer' ? [[key, one] as const] : [],
  )

/** Whether an address of a network is neither a host's nor in a pool. */
function isFree(scenario: Scenario, address: number): boolean {
  return Object.entries(scenario.hosts).every(
    ([name, host]) =>
      Object.values(host.on).every((own) => parseIpv4(own) !== address) &&
      dhcpOf(scenario, name).every(([, { subnets }]) =>
        subnets.every(({ start, end }) => address < parseIpv4(start)! || address > parseIpv4(end)!),
      ),
  )
}

/** A free address of a segment, the first from `from` on; undefined where its network is full. */
function freeAddress(scenario: Scenario, segment: string, from: number): string | undefined {
  const network = networkOf(scenario, segment)
  const last = broadcastOf(network) - 1
  const size = last - network.address
  for (let offset = 0; offset < size; offset++) {
    const address = network.address + 1 + ((from - 1 + offset) % size)
    if (isFree(scenario, address)) return formatIpv4(address)
  }
  return undefined
}

const serverFrom = 30
const routerFrom = 1

/** A scope of a network: the upper part of its addresses, or all of a network too small for that. */
function scopeOf(network: Ipv4Network, text: string, router: string | undefined): Record<string, string> {
  const last = broadcastOf(network) - 1
  const size = last - network.address
  const [start, end] =
    size >= 254 ? [network.address + 150, network.address + 199] : [network.address + Math.ceil(size / 2), last - 1]
  return {
    subnet: text,
    start: formatIpv4(start),
    end: formatIpv4(Math.max(start, end)),
    ...(router === undefined ? {} : { router }),
  }
}

const routersOn = (scenario: Scenario, segment: string): string[] =>
  Object.values(scenario.hosts).flatMap((host) =>
    host.kind === 'router' && segment in host.on ? [host.on[segment]!] : [],
  )

const answersDiscover = ({ type }: ServiceConfiguration): boolean => type === 'DHCPServer' || type === 'responder'
const answersPxe = ({ type }: ServiceConfiguration): boolean =>
  ['DHCPServer', 'WDSServer', 'SccmPxe', 'proxy-dhcp', 'responder'].includes(type)

const hasDhcp = (scenario: Scenario, segment: string): boolean =>
  Object.values(scenario.hosts).some((host) => segment in host.on && Object.values(host.services).some(answersDiscover))

export const serverKinds = {
  dhcp: { title: say('simulation.server-dhcp'), stem: 'dhcp' },
  wds: { title: say('simulation.server-wds'), stem: 'wds' },
  dp: { title: say('simulation.server-dp'), stem: 'dp' },
  tftp: { title: say('simulation.server-tftp'), stem: 'tftp' },
} as const
export type ServerKind = keyof typeof serverKinds
export const serverNames = Object.keys(serverKinds) as readonly ServerKind[]

const servicesOf = (kind: ServerKind, scope: Record<string, string>): Record<string, unknown> =>
  kind === 'dhcp'
    ? { DHCPServer: { subnets: [scope] } }
    : kind === 'wds'
      ? { WDSServer: { largestFile: 1_000_000 } }
      : kind === 'dp'
        ? { SccmPxe: { largestFile: 1_000_000 } }
        : { tftp: {} }

export const titleOf = (scenario: Scenario, name: string): string =>
  (scenario.hosts[name] ?? scenario.clients[name])?.title ?? name

const full = (scenario: Scenario, segment: string): Edit => ({
  name: segment,
  says: say('simulation.network-full', { network: scenario.segments[segment]!.network }),
  changes: [],
})

export function addMachine(scenario: Scenario, firmware: FirmwareName, segment: string): Edit {
  const name = freeName([...Object.keys(scenario.clients), ...Object.keys(scenario.hosts)], `${firmware}-`)
  return {
    name,
    says: say('simulation.client-added', { name, segment }),
    changes: [{ path: pathOf('clients', name), value: { firmware, on: segment } }],
  }
}

/** A server with an address of the segment; `changes` is empty where the network is full, and `says` tells so. */
export function addServer(scenario: Scenario, kind: ServerKind, segment: string): Edit {
  const { title, stem } = serverKinds[kind]
  const address = freeAddress(scenario, segment, serverFrom)
  if (address === undefined) return full(scenario, segment)
  const name = freeName([...Object.keys(scenario.hosts), ...Object.keys(scenario.clients)], stem)
  const [gateway] = routersOn(scenario, segment)
  const scope = scopeOf(networkOf(scenario, segment), scenario.segments[segment]!.network, gateway)
  // Whoever adds it names it so: it is theirs from now on, as a name they type.
  const value = {
    title: textOf(title),
    on: { [segment]: address },
    ...(gateway === undefined ? {} : { gateway }),
    services: servicesOf(kind, scope),
  }
  return {
    name,
    says: say('simulation.host-added', { title, segment }),
    changes: [{ path: pathOf('hosts', name), value }],
  }
}

/** One more segment, with a network of its own and nothing on it. */
export function addSegment(scenario: Scenario): Edit {
  const taken = Object.keys(scenario.segments).map((one) => networkOf(scenario, one))
  let third = 78
  const isTaken = (): boolean => {
    const address = parseIpv4(`192.168.${third}.0`)!
    return taken.some((one) => isInNetwork(address, one) || isInNetwork(one.address, { address, prefixLength: 24 }))
  }
  while (isTaken()) third = (third + 1) % 256
  const name = freeName(Object.keys(scenario.segments), 'segment')
  const value = { network: `192.168.${third}.0/24` }
  return { name, says: say('simulation.segment-added', { name }), changes: [{ path: pathOf('segments', name), value }] }
}

/** What hosts and scopes need when a router has an address on a segment: a way out, where they have none. */
function wayOut(scenario: Scenario, segment: string, router: string): Change[] {
  return Object.entries(scenario.hosts).flatMap(([name, host]) =>
    host.kind !== 'router' && segment in host.on && host.gateway === undefined
      ? [{ path: pathOf('hosts', name, 'gateway'), value: router }]
      : [],
  )
}

/** Scopes for the networks behind a relay, and routers for those that have none, at the servers that its helpers name. */
function scopesFor(scenario: Scenario, routers: Readonly<Record<string, string>>): Change[] {
  return Object.keys(scenario.hosts).flatMap((name) =>
    dhcpOf(scenario, name).flatMap(([key, { subnets }]) => {
      const served = subnets.map((one) => {
        const segment = Object.keys(routers).find((segment) => scenario.segments[segment]!.network === one.subnet)
        return one.router === undefined && segment !== undefined ? { ...one, router: routers[segment]! } : one
      })
      const missing = Object.entries(routers).flatMap(([segment, router]) => {
        const network = networkOf(scenario, segment)
        const isServed = subnets.some((one) => isInNetwork(parseIpv4(one.start)!, network))
        return isServed || hasDhcp(scenario, segment)
          ? []
          : [scopeOf(network, scenario.segments[segment]!.network, router)]
      })
      const isSame = missing.length === 0 && served.every((one, index) => one === subnets[index])
      return isSame ? [] : [{ path: pathOf('hosts', name, 'services', key, 'subnets'), value: [...served, ...missing] }]
    }),
  )
}

/** Servers that clients of a segment have to be relayed to; none where the segment has a DHCP server. */
function helpersFor(scenario: Scenario, segment: string): string[] {
  if (hasDhcp(scenario, segment)) return []
  return Object.values(scenario.hosts).flatMap((host) =>
    segment in host.on || !Object.values(host.services).some(answersPxe) ? [] : [Object.values(host.on)[0]!],
  )
}

/** The scenario with one more segment, as far as the defaults here look at it. */
const withSegment = (scenario: Scenario, name: string, value: unknown): Scenario => ({
  ...scenario,
  segments: { ...scenario.segments, [name]: value as Scenario['segments'][string] },
})

/**
 * A router with a relay agent between a segment and another: one that it is not routed to yet, the one with the servers
 * first; where there is none, a new segment behind it.
 */
export function addRelay(scenario: Scenario, segment: string): Edit {
  const isRouted = (other: string): boolean =>
    Object.values(scenario.hosts).some(({ kind, on }) => kind === 'router' && segment in on && other in on)
  const others = Object.keys(scenario.segments).filter((other) => other !== segment && !isRouted(other))
  const found = others.find((other) => hasDhcp(scenario, other)) ?? others[0]
  const made = found === undefined ? addSegment(scenario) : undefined
  const other = found ?? made!.name
  const whole = made ? withSegment(scenario, other, made.changes[0]!.value) : scenario
  const on: Record<string, string> = {}
  for (const one of [segment, other]) {
    const address = freeAddress(whole, one, routerFrom)
    if (address === undefined) return full(whole, one)
    on[one] = address
  }
  const name = freeName([...Object.keys(scenario.hosts), ...Object.keys(scenario.clients)], 'router')
  const helpers = Object.fromEntries(
    [segment, other].flatMap((one) => {
      const list = helpersFor(whole, one)
      return list.length > 0 ? [[one, list]] : []
    }),
  )
  return {
    name,
    says: say('simulation.router-added', { segment, other }),
    changes: [
      ...(made?.changes ?? []),
      {
        path: pathOf('hosts', name),
        value: { title: t('simulation.server-router'), kind: 'router', on, services: { relay: { helpers } } },
      },
      ...Object.entries(on).flatMap(([one, address]) => wayOut(whole, one, address)),
      ...scopesFor(whole, on),
    ],
  }
}

/**
 * A wire from a host or a machine to a segment. A host gets one more network card there, a machine has one card and is moved.
 * Undefined where it is connected already.
 */
export function connect(scenario: Scenario, name: string, segment: string): Edit | undefined {
  if (scenario.clients[name]) return move(scenario, name, segment)
  const host = scenario.hosts[name]
  if (!host || segment in host.on) return undefined
  const isRouter = host.kind === 'router'
  const address = freeAddress(scenario, segment, isRouter ? routerFrom : serverFrom)
  if (address === undefined) return full(scenario, segment)
  const relay = Object.entries(host.services).find(([, one]) => one.type === 'relay')?.[0]
  const helpers = helpersFor(scenario, segment).filter((one) => !Object.values(host.on).includes(one))
  return {
    name,
    says: say('simulation.connected', { title: titleOf(scenario, name), segment }),
    changes: [
      { path: pathOf('hosts', name, 'on', segment), value: address },
      ...(isRouter ? wayOut(scenario, segment, address) : []),
      ...(relay !== undefined && helpers.length > 0
        ? [{ path: pathOf('hosts', name, 'services', relay, 'helpers', segment), value: helpers }]
        : []),
      ...(isRouter ? scopesFor(scenario, { ...host.on, [segment]: address }) : scopesThere(scenario, name, segment)),
    ],
  }
}

/** A scope for a DHCP server on a segment where it has none. */
const scopesThere = (scenario: Scenario, name: string, segment: string): Change[] => {
  const network = networkOf(scenario, segment)
  return dhcpOf(scenario, name).flatMap(([key, { subnets }]) =>
    subnets.some((one) => isInNetwork(parseIpv4(one.start)!, network))
      ? []
      : [
          {
            path: pathOf('hosts', name, 'services', key, 'subnets'),
            value: [...subnets, scopeOf(network, scenario.segments[segment]!.network, routersOn(scenario, segment)[0])],
          },
        ],
  )
}

/** Moves a machine, or a host with one network card, to another segment. Undefined where it cannot be moved there. */
export function move(scenario: Scenario, name: string, segment: string): Edit | undefined {
  const says = say('simulation.moved', { title: titleOf(scenario, name), segment })
  const client = scenario.clients[name]
  if (client)
    return client.on === segment
      ? undefined
      : { name, says, changes: [{ path: pathOf('clients', name, 'on'), value: segment }] }
  const host = scenario.hosts[name]
  if (!host || segment in host.on || Object.keys(host.on).length !== 1) return undefined
  const address = freeAddress(scenario, segment, serverFrom)
  if (address === undefined) return full(scenario, segment)
  const gateway = routersOn(scenario, segment)[0] ?? null
  return {
    name,
    says,
    changes: [
      { path: pathOf('hosts', name, 'on'), value: { [segment]: address } },
      ...(host.gateway === undefined && gateway === null
        ? []
        : [{ path: pathOf('hosts', name, 'gateway'), value: gateway }]),
      ...scopesThere(scenario, name, segment),
    ],
  }
}

/**
 * Takes the end of a wire from one segment to another: of several wires of a host that one, and what its relay has for the segment; what
 * has one wire is moved. Undefined where it hangs there already.
 */
export function reconnect(scenario: Scenario, name: string, from: string, to: string): Edit | undefined {
  const host = scenario.hosts[name]
  const taken = disconnect(scenario, name, from)
  if (!host || !taken) return move(scenario, name, to)
  const { [from]: _address, ...on } = host.on
  const made = connect({ ...scenario, hosts: { ...scenario.hosts, [name]: { ...host, on } } }, name, to)
  if (!made || to === from || made.changes.length === 0) return to === from ? undefined : made
  const says = say('simulation.moved-from', { title: titleOf(scenario, name), from, to })
  return { name, says, changes: [...taken.changes, ...made.changes] }
}

/** Takes one of several wires of a host away. Undefined where it is its only one. */
export function disconnect(scenario: Scenario, name: string, segment: string): Edit | undefined {
  const host = scenario.hosts[name]
  if (!host || !(segment in host.on) || Object.keys(host.on).length < 2) return undefined
  return {
    name,
    says: say('simulation.disconnected', { title: titleOf(scenario, name), segment }),
    changes: [
      { path: pathOf('hosts', name, 'on', segment), value: null },
      ...Object.entries(host.services).flatMap(([key, one]) =>
        one.type === 'relay' && segment in one.helpers
          ? [{ path: pathOf('hosts', name, 'services', key, 'helpers', segment), value: null }]
          : [],
      ),
    ],
  }
}

/**
 * Takes hosts, machines and segments out, and with a segment what hangs on it alone. Undefined where nothing would be left
 * to hang anything on.
 */
export function remove(scenario: Scenario, names: readonly string[]): Edit | undefined {
  const segments = names.filter((name) => scenario.segments[name] && !scenario.hosts[name] && !scenario.clients[name])
  if (Object.keys(scenario.segments).length === segments.length) return undefined
  const hosts = Object.entries(scenario.hosts)
    .filter(([name, { on }]) => names.includes(name) || Object.keys(on).every((one) => segments.includes(one)))
    .map(([name]) => name)
  const clients = Object.entries(scenario.clients)
    .filter(([name, { on }]) => names.includes(name) || segments.includes(on))
    .map(([name]) => name)
  const gone = [...hosts, ...clients]
  const wires = segments.flatMap((segment) =>
    Object.keys(scenario.hosts)
      .filter((name) => !hosts.includes(name))
      .flatMap((name) => disconnect(scenario, name, segment)?.changes ?? []),
  )
  const first = segments[0] ?? gone[0]
  if (first === undefined) return undefined
  const more = segments.length > 0 ? gone.length : gone.length - 1
  const title = segments.length > 0 ? say('simulation.segment', { name: first }) : titleOf(scenario, first)
  return {
    name: first,
    says: more > 0 ? say('simulation.removed-more', { title, more }) : say('simulation.removed', { title }),
    changes: [
      ...hosts.map((name) => ({ path: pathOf('hosts', name), value: null })),
      ...clients.map((name) => ({ path: pathOf('clients', name), value: null })),
      ...gone.filter((name) => scenario.expect[name]).map((name) => ({ path: pathOf('expect', name), value: null })),
      ...wires,
      ...segments.map((name) => ({ path: pathOf('segments', name), value: null })),
    ],
  }
}
