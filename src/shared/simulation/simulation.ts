/**
 * Runs a scenario: builds its network, starts its services in their order, switches its machines on, and lets the virtual
 * clock run until nobody waits for anything. The same scenario and seed give the same frames in every runtime.
 */
import { type Phrase, say } from '#messages/message.ts'
import { concatBytes, formatIpv4, formatMac, parseIpv4, parseIpv4Network, parseHex } from '../wire/bytes.ts'
import { pcapngFrame, pcapngHeader, linkTypes } from '../wire/capture-file.ts'
import { formatIp, isInPrefix6, parseIpv6Network, plainIpv6 } from '../wire/ip-address.ts'
import { firmwareEntry } from '../machines/pxe-client/firmwares.ts'
import type { ClientEvent, ClientResult, ClientStage } from '../machines/pxe-client/client.ts'
import { ClientNode } from './client-node.ts'
import { Clock } from './clock.ts'
import { virtualFile, fileKey, type VirtualFile } from './files.ts'
import { Host, linkLocalOf } from './host.ts'
import { Segment, plainLink, type LinkProperties, type Transmission } from './network.ts'
import { frameOf, macBytes, type Mac } from './packet.ts'
import { randomFor } from './random.ts'
import { scenarioNames } from './scenario-names.ts'
import {
  tlsTrustOf,
  trustOf,
  type HostInput,
  type LinkInput,
  type Scenario,
  type ServiceConfiguration,
} from './scenario.ts'
import { BootServerService, DhcpService, ProxyDhcpService, RelayService } from './services/dhcp-services.ts'
import { DnsService } from './services/dns-service.ts'
import { EngineService } from './services/engine-service.ts'
import { HttpService } from './services/http-service.ts'
import { Dhcp6Service, RouterService } from './services/ipv6-services.ts'
import { ResponderService } from './services/responder-service.ts'
import type { Counters, Service, ServiceContext, Tone } from './services/service.ts'
import { TftpService, finderIn } from './services/tftp-service.ts'
import { sccmService, wdsService } from './services/windows-services.ts'
import { TcpStack } from './tcp.ts'

export interface LogLine {
  /** Milliseconds since the simulation began. */
  readonly at: number
  readonly host: string
  readonly service: string
  readonly text: string
  readonly tone: Tone
}

export interface ClientMoment {
  readonly at: number
  readonly client: string
  readonly event: ClientEvent
}

export interface ClientOutcome {
  readonly name: string
  readonly firmware: string
  readonly mac: string
  /** `waiting`: the simulation ended before it did. */
  readonly state: ClientResult['state'] | 'waiting'
  readonly code: string
  /** The line on the screen that says it. */
  readonly line: string
  readonly because: Phrase
  readonly stage: ClientStage | undefined
  readonly address: string
  /** From being switched on to the end, in seconds. */
  readonly seconds: number
  /** Screen as lines; empty where nothing was recorded. */
  readonly screen: readonly string[]
}

export interface SimulationOptions {
  /** Keeps frames, screens and logs; without it only outcomes are told. */
  readonly record: boolean
  readonly seed?: number
  /** Ends when a client gets that far. */
  readonly until?: ClientStage
  /** Frames kept at most. */
  readonly frameLimit?: number
}

/** Simulated time begins here: a capture has to have a date. 2026-01-01 00:00:00 UTC, in seconds. */
export const epochSeconds = 1_767_225_600
const defaultFrameLimit = 200_000
const settleMs = 20

const linkOf = (input: LinkInput | undefined): LinkProperties => ({
  latencyMs: input?.latencyMs ?? plainLink.latencyMs,
  bandwidthMbit: input?.bandwidthMbit ?? plainLink.bandwidthMbit,
  loss: input?.loss ?? 0,
  duplication: input?.duplication ?? 0,
  reordering: input?.reordering ?? 0,
  mtu: input?.mtu ?? plainLink.mtu,
  spanningTreeMs: (input?.spanningTreeSeconds ?? 0) * 1000,
})

/** Locally administered addresses: the second octet tells hosts from clients. */
const hostMac = (index: number): Mac => 0x0200_5e00_0000 + index
const clientMac = (index: number): Mac => 0x0200_5e10_0000 + index

/** A UUID that carries the hardware address, in SMBIOS order. */
const uuidOf = (mac: Mac): Uint8Array =>
  concatBytes([Uint8Array.of(0x21, 0x62, 0x61, 0x6c, 0, 0, 0, 0x40, 0x80, 0), macBytes(mac)])

const macOf = (text: string): Mac => parseHex(text)!.reduce((sum, octet) => sum * 256 + octet, 0)

export class Simulation {
  readonly scenario: Scenario
  readonly clock = new Clock()
  readonly transmissions: Transmission[] = []
  /** Frames that were not kept. */
  forgotten = 0
  readonly log: LogLine[] = []
  readonly moments: ClientMoment[] = []
  readonly clients: ClientNode[] = []
  readonly hosts = new Map<string, Host>()
  readonly segments: Segment[] = []
  readonly counters: Counters = { retransmissions: 0, repeatedDiscovers: 0 }
  readonly #services: { readonly host: string; readonly name: string; readonly service: Service }[] = []
  readonly #options: SimulationOptions
  readonly #seed: number
  readonly #clientOf = new Map<string, { readonly key: string; readonly startAt: number }>()
  #unfinished = 0
  #finishedAt = 0
  #isReached = false
  #events = 0

  constructor(scenario: Scenario, options: SimulationOptions) {
    this.scenario = scenario
    this.#options = options
    this.#seed = options.seed ?? scenario.seed
    const frameLimit = options.frameLimit ?? defaultFrameLimit
    const keep = options.record
      ? (transmission: Transmission): void => {
          if (this.transmissions.length < frameLimit) this.transmissions.push(transmission)
          else this.forgotten++
        }
      : undefined
    const segments = new Map<string, Segment>()
    for (const [name, one] of Object.entries(scenario.segments)) {
      const trusted = one.dhcpSnooping && new Set(one.dhcpSnooping)
      const segment = new Segment(name, segments.size, this.clock, one.vlan, trusted, keep)
      segments.set(name, segment)
      this.segments.push(segment)
    }
    for (const [index, [name, one]] of Object.entries(scenario.hosts).entries())
      this.#addHost(name, one, segments, index)
    let number = 0
    for (const [key, one] of Object.entries(scenario.clients)) {
      const segment = segments.get(one.on)
      if (!segment) throw new Error(`clients.${key}.on names ${one.on}, which is no segment`)
      const { firmware } = firmwareEntry(one.firmware)
      for (let turn = 0; turn < one.count; turn++) {
        number++
        const name = one.count === 1 ? key : `${key}-${turn + 1}`
        const mac = one.mac !== undefined && turn === 0 ? macOf(one.mac) : clientMac(number)
        const startAt = (one.startSeconds + (one.count > 1 ? (one.spreadSeconds * turn) / one.count : 0)) * 1000
        this.#clientOf.set(name, { key, startAt })
        this.#unfinished++
        const node: ClientNode = new ClientNode(this.clock, {
          name,
          segment,
          mac,
          link: linkOf(one.link),
          random: randomFor(this.#seed, `client ${name}`),
          startAt,
          identity: { mac: macBytes(mac), uuid: uuidOf(mac) },
          habits: {
            pressesKey: one.pressesKey,
            menuLine: one.menuLine,
            trust: one.secureBoot ? trustOf(one.trust ?? {}) : undefined,
            tls: tlsTrustOf(one.https),
            ipv6: scenario.segments[one.on]!.network6 !== undefined,
            ipv6Router: scenario.segments[one.on]!.ipv6Router,
          },
          firmware,
          onEvent: (event) => this.#onClientEvent(name, event),
        })
        this.clients.push(node)
      }
    }
  }

  #onClientEvent(client: string, event: ClientEvent): void {
    if (event.type === 'finished') {
      this.#unfinished--
      this.#finishedAt = this.clock.now
    }
    if (event.type === 'stage') {
      if (event.stage === this.#options.until) this.#isReached = true
      if (event.stage === 'discover' && event.turn !== 1) this.counters.repeatedDiscovers++
    }
    if (this.#options.record) this.moments.push({ at: this.clock.now, client, event })
  }

  #addHost(name: string, one: HostInput, segments: ReadonlyMap<string, Segment>, index: number): void {
    const host = new Host(this.clock, {
      name,
      forwards: one.kind === 'router',
      tellsClosedPorts: one.tellsClosedPorts ?? one.kind !== 'windows',
      firewall: one.firewall.map(({ direction, protocol, port, action }) => ({
        direction,
        protocol,
        firstPort: typeof port === 'number' ? port : port[0],
        lastPort: typeof port === 'number' ? port : port[1],
        action,
      })),
    })
    const log = (service: string, text: string, tone: Tone = 'plain'): void => {
      if (this.#options.record) this.log.push({ at: this.clock.now, host: name, service, text, tone })
    }
    host.hear({ onDropped: (text) => log('firewall', text, 'warning') })
    let place = 0
    for (const [segmentName, address] of Object.entries(one.on)) {
      const segment = segments.get(segmentName)
      if (!segment) throw new Error(`hosts.${name}.on names ${segmentName}, which is no segment`)
      const network = parseIpv4Network(this.scenario.segments[segmentName]!.network)!
      host.addNic(
        segmentName,
        segment,
        hostMac(index * 8 + ++place),
        parseIpv4(address)!,
        network.prefixLength,
        linkOf(one.link),
        randomFor(this.#seed, `link ${name} ${segmentName}`),
      )
    }
    this.#addresses6(host, one, name)
    host.gateway = one.gateway === undefined ? 0 : parseIpv4(one.gateway)!
    this.hosts.set(name, host)
    const files = new Map<string, VirtualFile>(
      Object.entries(one.files).map(([path, input]) => [fileKey(path), virtualFile(path, input)]),
    )
    const tcp = new TcpStack(host, randomFor(this.#seed, `tcp ${name}`))
    const services = Object.entries(one.services)
      .map(([serviceName, configuration], position) => ({ serviceName, configuration, position }))
      .sort((a, b) => (a.configuration.order ?? 50) - (b.configuration.order ?? 50) || a.position - b.position)
    for (const { serviceName, configuration } of services) {
      const context: ServiceContext = {
        host,
        name: serviceName,
        random: randomFor(this.#seed, `service ${name} ${serviceName}`),
        tcp,
        files,
        counters: this.counters,
        log: (text, tone) => log(serviceName, text, tone),
      }
      const service = serviceFor(context, configuration)
      if (configuration.state === 'stopped') {
        context.log('The service is stopped.', 'warning')
        continue
      }
      this.#services.push({ host: name, name: serviceName, service })
      service.start()
    }
  }

  /** Every host has an address of each wire that speaks IPv6, and those it is given there. */
  #addresses6(host: Host, { on6, gateway6 }: HostInput, name: string): void {
    for (const nic of host.nics)
      if (this.scenario.segments[nic.name]!.network6 !== undefined) nic.linkLocal = linkLocalOf(macBytes(nic.mac))
    for (const [segmentName, text] of Object.entries(on6)) {
      const nic = host.nics.find((one) => one.name === segmentName)
      const network = this.scenario.segments[segmentName]?.network6
      if (!nic) throw new Error(`hosts.${name}.on6 names ${segmentName}, which hosts.${name}.on does not`)
      if (network === undefined)
        throw new Error(`hosts.${name}.on6 names ${segmentName}, which has no network6: write segments.${segmentName}.network6`) // prettier-ignore
      nic.addresses6 = [{ address: plainIpv6(text)!, prefixLength: parseIpv6Network(network)!.prefixLength }]
    }
    const router = gateway6 === undefined ? undefined : plainIpv6(gateway6)!
    const nic =
      router === undefined
        ? undefined
        : host.nics.find((one) =>
            one.addresses6.some((own) => isInPrefix6(router, `${own.address}/${own.prefixLength}`)),
          )
    if (router !== undefined && nic) host.gateway6 = { nic, address: router }
  }

  /** The most bytes that ever waited at the links of a host. */
  queuePeak(host: string): number {
    return Math.round(Math.max(0, ...(this.hosts.get(host)?.nics.map((nic) => nic.link.queuePeak) ?? [])))
  }

  /** Frames that full links dropped. */
  get dropped(): number {
    return this.segments.reduce((sum, segment) => sum + segment.dropped, 0)
  }

  /** Steps done so far. */
  get steps(): number {
    return this.#events
  }

  /** Runs until every machine has ended, the time is over, or `limit` more steps are done; true where it is over. */
  run(limit = Infinity): boolean {
    const end = this.scenario.endSeconds * 1000
    for (let count = 0; count < limit; count++) {
      const next = this.clock.nextAt
      if (next === undefined || next > end || this.#isReached) return true
      // What is under way when the last machine ends still arrives.
      if (this.#unfinished === 0 && next > this.#finishedAt + settleMs) return true
      this.clock.step()
      this.#events++
    }
    return false
  }

  outcomes(): ClientOutcome[] {
    const screens = this.#options.record ? this.screens() : undefined
    return this.clients.map((node) => {
      const { key, startAt } = this.#clientOf.get(node.name)!
      const configuration = this.scenario.clients[key]!
      const { result } = node
      return {
        name: node.name,
        firmware: configuration.firmware,
        mac: formatMac(macBytes(node.host.nics[0]!.mac)),
        state: result?.state ?? 'waiting',
        code: result?.code ?? '',
        line: result?.line ?? '',
        because: result?.because ?? say('simulation.waits', { stage: node.stage ?? 'off' }),
        stage: node.stage,
        address: node.address === 0 ? node.address6 : formatIpv4(node.address),
        seconds: ((node.endedAt ?? this.clock.now) - startAt) / 1000,
        screen: screens?.get(node.name) ?? [],
      }
    })
  }

  /** What stands on each screen at a time, or at the end. */
  screens(until = Infinity): Map<string, string[]> {
    const screens = new Map<string, Screen>(this.clients.map((node) => [node.name, new Screen()]))
    for (const { at, client, event } of this.moments) {
      if (at > until) break
      if (event.type === 'screen') screens.get(client)!.print(event.text)
    }
    return new Map([...screens].map(([name, screen]) => [name, screen.lines]))
  }

  /** What people call whoever has an address: by hardware address of every card, and by IP address of the hosts. */
  addressNames(): Map<string, string> {
    const titles = scenarioNames(this.scenario)
    const names = new Map<string, string>()
    const clients = this.clients.map((node) => node.host)
    for (const host of [...this.hosts.values(), ...clients])
      for (const nic of host.nics) {
        const title = titles.get(host.name) ?? host.name
        names.set(formatMac(macBytes(nic.mac)), title)
        if (clients.includes(host)) continue
        for (const address of [nic.address, nic.linkLocal, ...nic.addresses6.map((own) => own.address)])
          if (address !== undefined && address !== 0) names.set(formatIp(address), title)
      }
    return names
  }

  /**
   * The frames of a segment as a capture file; by default of the first one with clients. One segment is one place to
   * capture at: behind a router the same packets travel a second time.
   */
  capture(segmentName = this.clients[0]?.host.nics[0]!.link.segment.name ?? this.segments[0]!.name): Uint8Array {
    return concatBytes([
      pcapngHeader('PXE Lab simulation', [{ linkType: linkTypes.ethernet, name: segmentName }]),
      ...this.captured(segmentName).map((transmission) => {
        const { bytes, length } = frameOf(transmission.packet)
        const nanoseconds = Math.round(transmission.sentAt * 1e6)
        return pcapngFrame({
          interface: 0,
          seconds: epochSeconds + Math.floor(nanoseconds / 1e9),
          nanoseconds: nanoseconds % 1e9,
          bytes,
          originalLength: length,
        })
      }),
    ])
  }

  /** The transmissions that a capture at the switch shows: not those that never reached it. */
  captured(segmentName: string): Transmission[] {
    return this.transmissions.filter(
      ({ fate, segment }) =>
        segment.name === segmentName && (fate === 'delivered' || fate === 'nobody' || fate === 'too-big'),
    )
  }
}

/** A terminal of any length: characters in lines, `\r` to begin a line anew, `\f` for an empty screen. */
export class Screen {
  readonly #lines: string[] = ['']

  print(text: string): void {
    for (const part of text.split(/([\n\r\f])/)) {
      if (part === '\n') this.#lines.push('')
      else if (part === '\f') this.#lines.splice(0, this.#lines.length, '')
      else if (part === '\r') this.#lines[this.#lines.length - 1] = ''
      else this.#lines[this.#lines.length - 1] += part
    }
  }

  get lines(): string[] {
    const lines = [...this.#lines]
    while (lines.length > 0 && lines.at(-1) === '') lines.pop()
    return lines
  }
}

function serviceFor(context: ServiceContext, configuration: ServiceConfiguration): Service {
  switch (configuration.type) {
    case 'DHCPServer':
      return new DhcpService(context, configuration)
    case 'DHCPv6Server':
      return new Dhcp6Service(context, configuration)
    case 'router-advertisement':
      return new RouterService(context, configuration)
    case 'WDSServer':
      return wdsService(context, configuration)
    case 'SccmPxe':
      return sccmService(context, configuration)
    case 'DNS':
      return new DnsService(context, configuration)
    case 'relay':
      return new RelayService(context, configuration)
    case 'proxy-dhcp':
      return new ProxyDhcpService(context, configuration)
    case 'boot-server':
      return BootServerService.of(context, configuration)
    case 'http':
      return new HttpService(context, configuration)
    case 'engine':
      return new EngineService(context, configuration)
    case 'responder':
      return new ResponderService(context, configuration.lab)
    case 'tftp':
      return new TftpService(context, {
        find: finderIn(context.files),
        maxBlockSize: configuration.maxBlockSize,
        maxWindowSize: configuration.maxWindowSize,
        grantsWindow: configuration.grantsWindow,
        grantsTimeout: configuration.grantsTimeout,
        rollsOver: configuration.rollsOver,
        dataPorts: configuration.dataPorts,
        over6: configuration.over6,
      })
  }
}
