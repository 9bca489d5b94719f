/** DHCP server, proxyDHCP, boot server and relay agent on virtual hosts: the machines of the responder. */
import { bytesOfU32, encodeText, formatIpv4, parseIpv4, parseIpv4Network } from '../../wire/bytes.ts'
import type { OptionValue } from '../../wire/dhcp/kinds.ts'
import { decodeDhcp, type DhcpOption } from '../../wire/dhcp/message.ts'
import { findOption, kindOf, optionCodes } from '../../wire/dhcp/options.ts'
import { ruleArchitectures, type BootProgramRule } from '../../machines/boot-policy.ts'
import type { BootConfiguration, BootMenu } from '../../machines/boot-answer.ts'
import { BootServer, isBootServerDiscovery, type BootServerEvent } from '../../machines/boot-server.ts'
import type { DhcpServerConfiguration } from '../../machines/dhcp-server/configuration.ts'
import { identityText } from '../../machines/dhcp-server/identity-watch.ts'
import { DhcpServer, type DhcpServerEvent } from '../../machines/dhcp-server/server.ts'
import { documentedClientPort, limitedBroadcast, type OutgoingDatagram } from '../../machines/machine.ts'
import { ProxyDhcp, type ProxyDhcpEvent } from '../../machines/proxy-dhcp.ts'
import { RelayAgent, type RelayEvent } from '../../machines/relay-agent.ts'
import { peerName, RelayAgent6, type Relay6Event } from '../../machines/relay-agent6.ts'
import { isInPrefix6, plainIpv6 } from '../../wire/ip-address.ts'
import type { Nic } from '../host.ts'
import type { UdpPacket } from '../packet.ts'
import type { ServiceOf } from '../scenario.ts'
import { firstThatHolds } from './by-client.ts'
import {
  MachineHost,
  MachineHost6,
  servedInterfaces,
  servedInterfaces6,
  type Service,
  type ServiceContext,
} from './service.ts'

const documentedPorts = { dhcp: 67, bootServer: 4011 } as const
const everyone = { allow: [], deny: [] } as const

/** Binds a port for a service alone; the log says who has it where that fails. */
export function bindAlone(
  { host, name }: ServiceContext,
  port: number,
  receive: (packet: UdpPacket, nic: Nic) => void,
): string | undefined {
  return host.bind({ service: name, address: 0, firstPort: port, lastPort: port, receive })?.service
}

const encoded = (options: Readonly<Record<string, unknown>>): DhcpOption[] =>
  Object.entries(options)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => {
      const definition = findOption(name)!
      return { code: definition.code, data: kindOf(definition).encode(value as OptionValue) }
    })

const byArchitecture = (policies: ServiceOf<'DHCPServer'>['policies']): Map<number, DhcpOption[]> => {
  const found = new Map<number, DhcpOption[]>()
  for (const [key, level] of Object.entries(policies))
    for (const code of ruleArchitectures(key)) found.set(code, encoded(level))
  return found
}
const byUserClass = (userClasses: ServiceOf<'DHCPServer'>['userClasses']): Map<string, DhcpOption[]> =>
  new Map(Object.entries(userClasses).map(([name, level]) => [name, encoded(level)]))

export function dhcpServerConfiguration(
  context: ServiceContext,
  { subnets, options, policies, userClasses, leaseSeconds, nextServer }: ServiceOf<'DHCPServer'>,
): DhcpServerConfiguration {
  return {
    interfaces: servedInterfaces(context.host),
    ports: documentedPorts,
    filter: everyone,
    // As Windows knows clients.
    identity: 'client-id',
    subnets: subnets.map((one) => ({
      network: parseIpv4Network(one.subnet)!,
      pools: [{ start: parseIpv4(one.start)!, end: parseIpv4(one.end)! }],
      leaseSeconds: undefined,
      options: [
        ...(one.router === undefined ? [] : [{ code: optionCodes.router, data: bytesOfU32(parseIpv4(one.router)!) }]),
        ...encoded(one.options ?? {}),
      ],
      architectureOptions: byArchitecture(one.policies),
      userClassOptions: byUserClass(one.userClasses),
      reservations: one.reservations.map((kept) => ({
        address: parseIpv4(kept.address)!,
        mac: kept.mac.toLowerCase(),
        uuid: undefined,
        clientId: undefined,
        hostname: undefined,
        options: encoded(kept.options ?? {}),
      })),
    })),
    options: encoded(options),
    architectureOptions: byArchitecture(policies),
    userClassOptions: byUserClass(userClasses),
    leaseSeconds,
    authoritative: true,
    offerSeconds: 30,
    declineSeconds: 3600,
    vendorClass: undefined,
    boot:
      nextServer === undefined
        ? undefined
        : { programs: [], nextServer: parseIpv4(nextServer), menus: [], httpPort: undefined },
  }
}

export function logDhcp(context: ServiceContext, event: DhcpServerEvent): void {
  switch (event.type) {
    case 'dhcp-offered':
      return context.log(
        `OFFER ${event.address} to ${event.client.mac}${event.via ? ` through relay ${event.via}` : ''}`,
      )
    case 'dhcp-acknowledged':
      return context.log(`Assign ${event.address} to ${event.client.mac}`, 'good')
    case 'bootp-answered':
      return context.log(`BOOTP: ${event.address} to ${event.client.mac}`, 'good')
    case 'dhcp-refused':
      return context.log(`NAK ${event.address} to ${event.client.mac}: ${event.reason}`, 'warning')
    case 'dhcp-ignored':
      return context.log(`${event.client.mac} is not answered: ${event.reason}`)
    case 'pool-exhausted':
      return context.log(`No address is left in ${event.subnet} for ${event.client.mac}`, 'bad')
    case 'several-leases':
    case 'identifier-shared':
    case 'hardware-address-shared':
      return context.log(identityText(event), 'warning')
    default:
  }
}

/** A defect of some responders: what should go to the relay is broadcast (against RFC 2131 section 4.1). */
const byBroadcast = (datagram: OutgoingDatagram): OutgoingDatagram =>
  decodeDhcp(datagram.payload).message.giaddr === 0
    ? datagram
    : { ...datagram, destination: { address: limitedBroadcast, port: documentedClientPort } }

export class DhcpService implements Service {
  readonly #context: ServiceContext
  readonly #configuration: ServiceOf<'DHCPServer'>

  constructor(context: ServiceContext, configuration: ServiceOf<'DHCPServer'>) {
    this.#context = context
    this.#configuration = configuration
  }

  start(): void {
    const { log } = this.#context
    const { authorised, answersRelaysByBroadcast } = this.#configuration
    const machine = new DhcpServer(dhcpServerConfiguration(this.#context, this.#configuration))
    const hosted = new MachineHost<DhcpServerEvent>(
      this.#context,
      machine,
      (event) => logDhcp(this.#context, event),
      answersRelaysByBroadcast ? byBroadcast : undefined,
    )
    const holder = bindAlone(this.#context, 67, (packet, nic) => {
      if (authorised) hosted.receive(packet, nic)
    })
    if (holder !== undefined)
      return log(`The DHCP service cannot bind UDP port 67: ${holder} has it. The service serves no client.`, 'bad')
    if (authorised) log('The DHCP service is servicing clients.')
    else
      log(
        'Event 1046: the DHCP service is not authorised in this directory service domain, and does not service clients.',
        'bad',
      )
  }

  stop(): void {
    this.#context.host.unbind(this.#context.name)
  }
}

const bootOf = (
  programs: ServiceOf<'proxy-dhcp'>['programs'],
  nextServer: string | undefined,
  menu: BootMenu | undefined,
): BootConfiguration => ({
  programs: programs as readonly BootProgramRule[],
  nextServer: nextServer === undefined ? undefined : parseIpv4(nextServer),
  menus: menu ? [{ menu }] : [],
  httpPort: undefined,
})

const firstMenuType = 0x8000

const menuOf = (menu: ServiceOf<'proxy-dhcp'>['menu']): BootMenu | undefined => {
  if (!menu) return undefined
  let type = firstMenuType
  return {
    prompt: menu.prompt,
    timeoutSeconds: menu.timeoutSeconds,
    items: menu.items.map((item) => ({
      type: item.type ?? type++,
      text: item.text,
      ...(item.file === undefined ? {} : { file: item.file }),
    })),
  }
}

function logBootServer(context: ServiceContext, event: BootServerEvent): void {
  if (event.type === 'boot-server-answered')
    context.log(`Port 4011: ${event.client.mac} gets ${event.boot.file ?? ''}`, 'good')
  else context.log(`Port 4011: ${event.client.mac} is not answered: ${event.reason}`, 'warning')
}

/** Starts a boot server on port 4011, and on 67 for those who search by broadcast where that port is its own. */
export class BootServerService implements Service {
  readonly #context: ServiceContext
  readonly #boot: BootConfiguration
  readonly hosted: MachineHost<BootServerEvent>

  constructor(context: ServiceContext, boot: BootConfiguration) {
    this.#context = context
    this.#boot = boot
    this.hosted = new MachineHost<BootServerEvent>(
      context,
      new BootServer({
        interfaces: servedInterfaces(context.host),
        ports: documentedPorts,
        filter: everyone,
        boot: this.#boot,
      }),
      (event) => logBootServer(context, event),
    )
  }

  static of(context: ServiceContext, { programs, nextServer }: ServiceOf<'boot-server'>): BootServerService {
    return new BootServerService(context, bootOf(programs, nextServer, undefined))
  }

  /** `receive` stands for several that share the port. */
  start(receive = this.hosted.receive): void {
    const holder = bindAlone(this.#context, 4011, receive)
    if (holder !== undefined) this.#context.log(`UDP port 4011 is held by ${holder}.`, 'bad')
  }

  stop(): void {
    this.#context.host.unbind(this.#context.name)
  }
}

interface ProxyAnswers {
  readonly server: BootServerService
  readonly hosted: MachineHost<ProxyDhcpEvent>
}

export class ProxyDhcpService implements Service {
  readonly #context: ServiceContext
  readonly #configuration: ServiceOf<'proxy-dhcp'>

  constructor(context: ServiceContext, configuration: ServiceOf<'proxy-dhcp'>) {
    this.#context = context
    this.#configuration = configuration
  }

  start(): void {
    const context = this.#context
    const { programs, nextServer, menu, form, bootServer, byClient } = this.#configuration
    /** One way of answering: what goes out on port 67, and what port 4011 then says. */
    const answering = (own: {
      readonly form?: typeof form | undefined
      readonly menu?: typeof menu | null
    }): ProxyAnswers => {
      const boot = bootOf(programs, nextServer, menuOf(own.menu === undefined ? menu : (own.menu ?? undefined)))
      return {
        server: new BootServerService(context, boot),
        hosted: new MachineHost<ProxyDhcpEvent>(
          context,
          new ProxyDhcp({
            interfaces: servedInterfaces(context.host),
            ports: documentedPorts,
            filter: everyone,
            boot,
            form: own.form ?? form,
          }),
          (event) => {
            if (event.type === 'proxy-offered') context.log(`proxyDHCP offer to ${event.client.mac}`)
            else context.log(`${event.client.mac} is not answered: ${event.reason}`)
          },
        ),
      }
    }
    const others = answering({})
    const special = byClient.map((one) => answering(one))
    const answersFor = ({ payload }: UdpPacket): ProxyAnswers => {
      const index = firstThatHolds(byClient, payload)
      return index === undefined ? others : special[index]!
    }
    const receive = (packet: UdpPacket, nic: Nic): void => answersFor(packet).server.hosted.receive(packet, nic)
    const holder = bindAlone(context, 67, (packet, nic) => {
      if (bootServer && packet.payload[12] !== 0 && isBootServerDiscovery(packet.payload)) receive(packet, nic)
      else answersFor(packet).hosted.receive(packet, nic)
    })
    if (holder !== undefined) return context.log(`UDP port 67 is held by ${holder}: the service ends.`, 'bad')
    if (bootServer) others.server.start(receive)
  }

  stop(): void {
    this.#context.host.unbind(this.#context.name)
  }
}

export class RelayService implements Service {
  readonly #context: ServiceContext
  readonly #configuration: ServiceOf<'relay'>

  constructor(context: ServiceContext, configuration: ServiceOf<'relay'>) {
    this.#context = context
    this.#configuration = configuration
  }

  start(): void {
    const context = this.#context
    const { helpers, circuitId, servers6 } = this.#configuration
    const hosted = new MachineHost<RelayEvent>(
      context,
      new RelayAgent({
        interfaces: servedInterfaces(context.host),
        helpers: new Map(
          Object.entries(helpers).map(([segment, servers]) => [segment, servers.map((one) => parseIpv4(one)!)]),
        ),
        maximumHops: 4,
        circuitId: circuitId === undefined ? undefined : encodeText(circuitId),
      }),
      (event) => {
        if (event.type === 'relayed') context.log(`${event.mac}: relayed to ${formatIpv4(event.to)}`)
        else if (event.type === 'returned') context.log(`${event.mac}: answer of ${formatIpv4(event.from)} passed on`)
        else context.log(`${event.mac}: dropped, ${event.reason}`, 'warning')
      },
    )
    // Port 67 is taken by a relay that has nobody to relay to, too; one of DHCPv6 alone leaves it to others.
    if (Object.keys(helpers).length > 0 || Object.keys(servers6).length === 0) {
      const holder = bindAlone(context, 67, hosted.receive)
      if (holder !== undefined) context.log(`UDP port 67 is held by ${holder}: nothing is relayed.`, 'bad')
    }
    if (Object.keys(servers6).length > 0) this.#start6(servers6)
  }

  #start6(servers6: ServiceOf<'relay'>['servers6']): void {
    const context = this.#context
    const interfaces = servedInterfaces6(context.host)
    const hosted = new MachineHost6<Relay6Event>(
      context,
      new RelayAgent6({
        interfaces,
        servers: new Map(Object.entries(servers6).map(([segment, list]) => [segment, list.map((one) => plainIpv6(one)!)])),
        upstream: (server) =>
          interfaces.find((one) =>
            one.addresses.some(({ address, prefixLength }) => isInPrefix6(server, `${address}/${prefixLength}`)),
          )?.name,
        interfaceId: true,
      }),
      (event) => {
        const who = peerName(event.peer)
        if (event.type === 'relayed') context.log(`${who}: relayed to ${event.to}`)
        else if (event.type === 'returned') context.log(`${who}: answer of ${event.from} passed on`)
        else context.log(`${who}: dropped, ${event.reason}`, 'warning')
      },
    ) // prettier-ignore
    const holder = bindAlone(context, 547, hosted.receive)
    if (holder !== undefined) context.log(`UDP port 547 is held by ${holder}: nothing is relayed.`, 'bad')
  }

  stop(): void {
    this.#context.host.unbind(this.#context.name)
  }
}
