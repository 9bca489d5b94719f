/** One scope of a network as a scenario: its machines, the servers that hear them, the relay, and who has the boot files. */
import {
  broadcastOf,
  formatIpv4,
  isInNetwork,
  maskOf,
  parseIpv4,
  parseIpv4Network,
  type Ipv4Network,
} from '../wire/bytes.ts'
import type { FileInput, ScenarioInput } from '../simulation/scenario.ts'
import { standIn } from './boot-file.ts'
import { saidTo, targetOf, type Machine, type Target } from './boot-targets.ts'
import type { Scope } from './network.ts'

type HostInput = NonNullable<ScenarioInput['hosts']>[string]

interface HostDraft {
  readonly key: string
  title: string
  kind: 'linux' | 'router'
  readonly on: Record<string, string>
  gateway: string | undefined
  readonly services: Record<string, unknown>
  readonly files: Record<string, FileInput>
}

export interface ScopeScenario {
  readonly scenario: ScenarioInput
  /** Boot files that the offers name, by machine. */
  readonly targets: ReadonlyMap<string, readonly Target[]>
}

const clients = 'clients'
/** Where names lead: addresses that no network has (RFC 2544 section 3.3, 198.18.0.0/15). */
const namedNetwork = 0xc6120000

/** Whether an address is one of the wire of the machines. */
export const isOnWire = (address: number, { wires }: Scope): boolean => wires.some((one) => isInNetwork(address, one))

/** The smallest network that holds all of these. */
function coverOf(ranges: readonly Ipv4Network[]): Ipv4Network {
  let { address, prefixLength } = ranges[0]!
  for (const one of ranges)
    while (prefixLength > 0 && !(one.prefixLength >= prefixLength && isInNetwork(one.address, { address, prefixLength }))) {
      prefixLength--
      address = (address & maskOf(prefixLength)) >>> 0
    }
  return { address, prefixLength }
} // prettier-ignore

/** Hosts by their addresses, and the wires beside that of the machines. */
class HostBook {
  readonly #scope: Scope
  readonly segments: Record<string, { network: string }> = {}
  readonly #ranges = new Map<string, Ipv4Network>()
  readonly #byAddress = new Map<number, HostDraft>()
  readonly hosts = new Map<string, HostDraft>()
  readonly #used = new Set<number>()

  constructor(scope: Scope) {
    this.#scope = scope
    // One network holds all of the wire; what lies in it and in none of them is elsewhere.
    this.#segment(clients, coverOf(scope.wires))
  }

  #segment(name: string, range: Ipv4Network): void {
    this.#ranges.set(name, range)
    this.segments[name] = { network: `${formatIpv4(range.address)}/${range.prefixLength}` }
  }

  /** The wire with that address; a new one of 256 addresses where there is none. */
  segmentOf(address: number): string {
    if (isOnWire(address, this.#scope)) return clients
    for (const [name, range] of this.#ranges) if (name !== clients && isInNetwork(address, range)) return name
    const name = `far${this.#ranges.size}`
    // A network that would hold the machines' own is made smaller until it does not.
    let prefixLength = 24
    while (prefixLength < 31 && this.#scope.wires.some((own) => isInNetwork(own.address, { address: (address & maskOf(prefixLength)) >>> 0, prefixLength }))) prefixLength++ // prettier-ignore
    this.#segment(name, { address: (address & maskOf(prefixLength)) >>> 0, prefixLength })
    return name
  }

  reserve(address: number): void {
    this.#used.add(address)
  }

  /** The host with that address; a new one where there is none. */
  at(address: number, key: string, title: string): HostDraft {
    const before = this.#byAddress.get(address)
    if (before) return before
    const host: HostDraft = { key, title, kind: 'linux', on: { [this.segmentOf(address)]: formatIpv4(address) }, gateway: undefined, services: {}, files: {} } // prettier-ignore
    this.#byAddress.set(address, host)
    this.#used.add(address)
    this.hosts.set(key, host)
    return host
  }

  has(address: number): boolean {
    return this.#byAddress.has(address)
  }

  /** Puts a router on every other wire, with an address nobody has. */
  connect(router: HostDraft): void {
    router.kind = 'router'
    for (const [name, range] of this.#ranges) {
      if (router.on[name] !== undefined) continue
      for (let address = broadcastOf(range) - 1; address > range.address; address--) {
        if (this.#used.has(address)) continue
        this.#used.add(address)
        router.on[name] = formatIpv4(address)
        break
      }
    }
  }
}

const inputOf = (host: HostDraft): HostInput => ({
  title: host.title.slice(0, 60),
  kind: host.kind,
  on: host.on,
  ...(host.gateway === undefined ? {} : { gateway: host.gateway }),
  services: host.services,
  files: host.files,
})

/** Whether only proxyDHCP servers hear the machines: somebody else gives addresses, of whom nothing was given. */
function isWithoutLeases({ direct, relayed, subnetsOf }: Scope): boolean {
  const subnets = [...direct, ...relayed].flatMap((one) => subnetsOf.get(one) ?? [])
  return subnets.length > 0 && subnets.every((one) => one.isProxy)
}

/** The scope with these machines on its wire. */
export function scenarioOfScope(
  scope: Scope,
  machines: readonly Machine[],
  title = `Network ${scope.network}`,
): ScopeScenario {
  const book = new HostBook(scope)
  const servers = [...scope.direct, ...scope.relayed]
  for (const server of servers) book.at(server.address, server.key, server.title)
  const names = new Map<string, string>()
  const targets = new Map<string, readonly Target[]>()
  const routers = new Set<number>()
  let isLeft = scope.relayed.length > 0
  const wanted: { readonly target: Target; readonly machine: Machine }[] = []
  for (const machine of machines) {
    const said = saidTo(machine, scope)
    for (const one of said) {
      const router = one.offer.silent ? undefined : (parseIpv4(one.offer.options.get(3)?.text.split(/[\s,]+/)[0] ?? ''))
      if (router !== undefined && isOnWire(router, scope)) routers.add(router)
      for (const address of one.offer.pools.flatMap(({ start, end }) => [parseIpv4(start)!, parseIpv4(end)!])) book.reserve(address)
    }
    const found = said.flatMap((one) => targetOf(one) ?? [])
    targets.set(machine.key, found)
    for (const target of found) wanted.push({ target, machine })
  } // prettier-ignore
  // Where the files are, as if everything that is named were there.
  for (const { target, machine } of wanted) {
    if (target.address === undefined && !names.has(target.host)) names.set(target.host, formatIpv4(namedNetwork + 10 + names.size)) // prettier-ignore
    const address = target.address ?? parseIpv4(names.get(target.host)!)!
    if (address === 0) continue
    isLeft ||= !isInNetwork(address, parseIpv4Network(target.said.offer.subnet.network)!)
    const host = book.at(address, `files${book.hosts.size + 1}`, target.address === undefined ? target.host : `Files on ${formatIpv4(address)}`) // prettier-ignore
    host.services['tftp'] ??= { type: 'tftp' }
    if (/^https?$/.test(target.scheme)) {
      const name = `http${target.port === 80 ? '' : target.port}`
      host.services[name] ??= { type: 'http', port: target.port, ...(target.scheme === 'https' ? { tls: {} } : {}) }
    }
    host.files[target.path] ??= standIn(target.path, machine.kind, target.said.stage === 'ipxe')
  }
  const relay = scope.relay === undefined || scope.relayed.length === 0 ? undefined : book.at(scope.relay, 'router', 'Router') // prettier-ignore
  const gateways = [...(relay ? [relay] : []), ...(!isLeft ? [] : [...routers].map((address) => book.at(address, `router${formatIpv4(address).replaceAll('.', '-')}`, 'Router')))] // prettier-ignore
  for (const one of gateways) book.connect(one)
  if (relay) {
    relay.title = scope.relayInterface?.device ?? 'Router (assumed)'
    relay.services['relay'] = { type: 'relay', helpers: { [clients]: scope.relayed.map(({ address }) => formatIpv4(address)) } } // prettier-ignore
  }
  for (const server of servers) {
    const host = book.at(server.address, server.key, server.title)
    host.services['engine'] = { type: 'engine', files: { [server.file.name]: server.file.text }, names: Object.fromEntries(names) } // prettier-ignore
  }
  if (isWithoutLeases(scope)) {
    const half = (broadcastOf(scope.range) - scope.range.address + 1) / 2
    const free = Array.from({ length: Math.floor(half) }, (_, at) => scope.range.address + Math.floor(half) + at).filter((one) => !book.has(one)) // prettier-ignore
    const own = free.shift()
    const end = free[Math.min(20, free.length - 2)]
    if (own !== undefined && end !== undefined) {
      const host = book.at(own, 'dhcp', 'DHCP server (assumed)')
      host.services['DHCPServer'] = { type: 'DHCPServer', subnets: [{ subnet: scope.network, start: formatIpv4(free[0]!), end: formatIpv4(end) }] } // prettier-ignore
    }
  }
  // Answers to relayed machines and to those behind a router need a way back.
  for (const host of book.hosts.values()) {
    if (host.kind === 'router') continue
    const [segment] = Object.keys(host.on)
    const way = segment === undefined ? undefined : gateways.find((one) => one.on[segment] !== undefined)
    if (way && segment !== clients) host.gateway = way.on[segment!]
  }
  return {
    targets,
    scenario: {
      title: title.slice(0, 80),
      group: 'Normal boots',
      summary: `What machines in ${scope.network} do, by the configurations that were given.`.slice(0, 500),
      segments: book.segments,
      hosts: Object.fromEntries([...book.hosts].map(([key, host]) => [key, inputOf(host)])),
      clients: Object.fromEntries(machines.map(({ key, title: name, kind, mac }) => [key, { title: name.slice(0, 60), firmware: kind.key, on: clients, mac }])), // prettier-ignore
    },
  }
}
