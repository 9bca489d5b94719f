/**
 * A DHCP server as its configuration makes it: whatever `evaluate.ts` says of a client is what that client is sent, so the
 * simulator plays an engine by the engine's own precedence. As far as clients that boot can tell: DISCOVER, REQUEST and, for
 * dnsmasq with PXE services, proxyDHCP and port 4011 (PXE 2.1 section 2.2). DHCPINFORM and BOOTP are not answered.
 */
import { say, type Phrase } from '#messages/message.ts'
import { broadcastOf, bytesOfU32, formatHex, formatIpv4, maskOf, parseHex, parseIpv4, parseIpv4Network } from '../wire/bytes.ts' // prettier-ignore
import { messageTypes, OptionValueError, type OptionValue } from '../wire/dhcp/kinds.ts'
import { addressOption, blankMessage, decodeDhcp, encodeDhcpWithin, fieldText, findOptionData, messageTypeOf, ops, replyLimitOf, type DhcpMessage, type DhcpOption } from '../wire/dhcp/message.ts' // prettier-ignore
import { findOption, kindOf, optionCodes } from '../wire/dhcp/options.ts'
import { decodeSpace } from '../wire/dhcp/spaces.ts'
import type { BootConfiguration } from '../machines/boot-answer.ts'
import { BootServer, type BootServerEvent } from '../machines/boot-server.ts'
import { identityOf } from '../machines/client-identity.ts'
import type { IncomingDatagram, Machine, OutgoingDatagram, ServedInterface, Timeout } from '../machines/machine.ts'
import { ProxyDhcp, type ProxyDhcpEvent } from '../machines/proxy-dhcp.ts'
import { Queue } from '../machines/queue.ts'
import { destinationOf, echoed, replyTo } from '../machines/reply.ts'
import { linkAddressOf } from '../machines/whereabouts.ts'
import { offerOf, usualLeaseSeconds, type Client, type Decided, type Offer } from './evaluate.ts'
import type { Configuration } from './model.ts'
import { subnetsAt } from './subnet-selection.ts'

const ports = { dhcp: 67, bootServer: 4011 } as const
const everyone = { allow: [], deny: [] } as const

export interface EngineServerOptions {
  readonly configuration: Configuration
  readonly interfaces: readonly ServedInterface[]
  /** Addresses of the names that boot files and servers are given by: nobody else resolves them here. */
  readonly names: Readonly<Record<string, string>>
}

export interface EngineEvent {
  readonly type: 'offered' | 'acknowledged' | 'refused' | 'ignored'
  readonly mac: string
  /** What was done, or why nothing was. */
  readonly text: Phrase
}

const octets = (bytes: Uint8Array): string => Array.from(bytes, (one) => String.fromCharCode(one)).join('')
const bytesOfOctets = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0) & 255)

/** A client as the conditions of a configuration see its request. */
function clientOfRequest(request: DhcpMessage): Client {
  const options = new Map<number, string>()
  for (const { code } of request.options) options.set(code, octets(findOptionData(request, code)!))
  const agent = findOptionData(request, optionCodes.relayAgentInformation)
  return {
    mac: identityOf(request).mac,
    options,
    ...(request.giaddr === 0 ? {} : { relay: formatIpv4(request.giaddr) }),
    ...(agent ? { relayOptions: new Map(decodeSpace('relay', agent).subOptions.map(({ code, data }) => [code, octets(data)])) } : {}), // prettier-ignore
  }
}

/** Octets of an option from the text of a configuration; what the kind of the option does not take is sent as it stands. */
export function optionData(code: number, text: string): Uint8Array {
  const definition = findOption(code)
  const plain = (): Uint8Array => {
    const digits = /^(0x)?[0-9a-f]{2}([:\s-]?[0-9a-f]{2})*$/i.test(text) ? parseHex(text.replace(/^0x/i, '').replaceAll(/[\s:-]/g, '')) : undefined // prettier-ignore
    return digits ?? bytesOfOctets(text)
  }
  if (!definition || definition.kind === 'opaque') return plain()
  const kind = kindOf(definition)
  const value: OptionValue = /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : text
  for (const one of [value, text.split(/\s*,\s*/)]) {
    try {
      return kind.encode(one)
    } catch (error) {
      if (!(error instanceof OptionValueError)) throw error
    }
  }
  return plain()
}

/** Texts that some end with a zero. */
const isTerminated = (code: number): boolean => code === 66 || code === 67
const dataOf = (decided: Decided | undefined, code: number, text: string): Uint8Array =>
  decided?.octets === undefined || decided.text !== text ? optionData(code, text) : bytesOfOctets(decided.octets)

/** What no limit of a client leaves out of a reply. */
const neverDropped: ReadonlySet<number> = new Set([1, 43, 51, 53, 54, 60, 67])
/** Whether fields of the header stay empty where nothing is said, whatever options 66 and 67 say. */
const namesNobody = ({ engine }: Configuration): boolean => engine !== 'dnsmasq' && engine !== 'windows'
/** What each sends back as it came. */
const echoedBy = ({ engine }: Configuration): readonly number[] =>
  engine === 'dnsmasq' || engine === 'dhcpd' ? [optionCodes.relayAgentInformation] : engine === 'lab' ? [optionCodes.clientIdentifier, optionCodes.relayAgentInformation, optionCodes.machineIdentifier] : [optionCodes.clientIdentifier, optionCodes.relayAgentInformation] // prettier-ignore
/** Options that the server makes of its own accord. */
const ownCodes: ReadonlySet<number> = new Set([1, 50, 51, 53, 54, 55, 57, 61, 82, 97])

/** dnsmasq names itself, or the relay, as router and DNS server where nothing else is said (dnsmasq(8), dhcp-option). */
function addDefaults(told: Map<number, string>, near: number): void {
  for (const code of [optionCodes.router, optionCodes.domainNameServer])
    if (!told.has(code)) told.set(code, formatIpv4(near))
}

/** Routers and servers that a configuration names: their addresses are in use, and what is in use is not given to others. */
function namedAddresses({ statements, classes, subnets }: Configuration): number[] {
  const lists = [statements, ...classes.map((one) => one.statements), ...subnets.flatMap((one) => [one.statements, one.networkStatements])]
  return lists.flat().flatMap(({ set }) => {
    const isServer = set.is === 'next-server' || (set.is === 'option' && [3, 6, 66].includes(set.code))
    return isServer ? set.text.split(/[\s,]+/).flatMap((one) => parseIpv4(one) ?? []) : []
  })
} // prettier-ignore

export class EngineServer implements Machine<IncomingDatagram | Timeout, OutgoingDatagram, EngineEvent> {
  readonly #options: EngineServerOptions
  readonly #transmits = new Queue<OutgoingDatagram>()
  readonly #events = new Queue<EngineEvent>()
  /** Addresses by hardware address and subnet. */
  readonly #leases = new Map<string, number>()
  readonly #taken = new Set<number>()

  constructor(options: EngineServerOptions) {
    this.#options = options
    const { configuration, interfaces } = options
    for (const { address } of interfaces) this.#taken.add(address)
    for (const { address } of [...configuration.reservations, ...configuration.subnets.flatMap((one) => one.reservations)])
      if (address !== undefined) this.#taken.add(parseIpv4(address) ?? 0)
    for (const address of namedAddresses(configuration)) this.#taken.add(address)
  } // prettier-ignore

  /** Whether port 4011 is its own: dnsmasq opens it for PXE services (dnsmasq(8), pxe-service). */
  get servesBootPort(): boolean {
    const { configuration } = this.#options
    return configuration.pxeServices.length > 0 || configuration.subnets.some((one) => one.isProxy)
  }

  handle(input: IncomingDatagram | Timeout): void {
    if (input.kind !== 'datagram') return
    const { message: request, hasCookie } = decodeDhcp(input.payload)
    const served = this.#options.interfaces.find((one) => one.name === input.interface)
    if (!served || !hasCookie || request.op !== ops.request) return
    const client = clientOfRequest(request)
    const subnets = subnetsAt(
      this.#options.configuration.subnets,
      linkAddressOf(request, served.address),
      request.giaddr === 0 ? undefined : request.giaddr,
    )
    const proxy = subnets.find((one) => one.isProxy)
    if (input.destinationPort === ports.bootServer) {
      const subnet = proxy ?? subnets[0]
      if (subnet) this.#throughProxy(input, served, offerOf(this.#options.configuration, subnet, client))
      return
    }
    const own = subnets.filter((one) => !one.isProxy)
    const type = messageTypeOf(request)
    if (proxy && type === messageTypes.discover)
      this.#throughProxy(input, served, offerOf(this.#options.configuration, proxy, client))
    if (own.length === 0) {
      if (!proxy) this.#tell('ignored', client, say('interchange.subnet-configuration-contains', { formatIpv4: formatIpv4(linkAddressOf(request, served.address)) })) // prettier-ignore
      return
    }
    const offers = own.map((subnet) => offerOf(this.#options.configuration, subnet, client))
    const offer = offers.find((one) => !one.silent)
    if (!offer) {
      const { text, source } = offers[0]!.silent!
      return this.#tell('ignored', client, say('interchange.silent-by', { text, file: source.file, line: source.line }))
    }
    if (type === messageTypes.discover) this.#reply(messageTypes.offer, input, request, served, client, offer)
    if (type === messageTypes.request) this.#request(input, request, served, client, offer)
  }

  pollTransmit(): OutgoingDatagram | undefined {
    return this.#transmits.shift()
  }

  pollEvent(): EngineEvent | undefined {
    return this.#events.shift()
  }

  pollTimeout(): undefined {
    return undefined
  }

  #tell(type: EngineEvent['type'], { mac }: Client, text: Phrase): void {
    this.#events.push({ type, mac, text })
  }

  #address({ mac }: Client, { subnet, reservation, pools }: Offer): number | undefined {
    if (reservation?.address !== undefined) return parseIpv4(reservation.address)
    const key = `${mac} ${subnet.network}`
    const known = this.#leases.get(key)
    if (known !== undefined) return known
    for (const { start, end } of pools)
      for (let address = parseIpv4(start)!; address <= parseIpv4(end)!; address++) {
        if (this.#taken.has(address)) continue
        this.#taken.add(address)
        this.#leases.set(key, address)
        return address
      }
    return undefined
  }

  #request(input: IncomingDatagram, request: DhcpMessage, served: ServedInterface, client: Client, offer: Offer): void {
    const chosen = addressOption(request, optionCodes.serverIdentifier)
    if (chosen !== undefined && chosen !== served.address) return
    const wanted = addressOption(request, optionCodes.requestedAddress) ?? request.ciaddr
    if (wanted === 0 || wanted === this.#address(client, offer))
      return this.#reply(messageTypes.ack, input, request, served, client, offer)
    if (chosen !== undefined || this.#options.configuration.authoritative)
      this.#reply(messageTypes.nak, input, request, served, client, offer)
  }

  #reply(
    type: number,
    datagram: IncomingDatagram,
    request: DhcpMessage,
    served: ServedInterface,
    client: Client,
    offer: Offer,
  ): void {
    const { configuration } = this.#options
    const isDnsmasq = configuration.engine === 'dnsmasq'
    const isLab = configuration.engine === 'lab'
    const address = this.#address(client, offer)
    if (address === undefined)
      return this.#tell('ignored', client, say('interchange.address-left', { network: offer.subnet.network }))
    const isNak = type === messageTypes.nak
    const requested = new Set(findOptionData(request, optionCodes.parameterRequestList))
    const options: DhcpOption[] = [
      { code: optionCodes.messageType, data: Uint8Array.of(type) },
      { code: optionCodes.serverIdentifier, data: bytesOfU32(served.address) },
    ]
    const boot = this.#named(offer.bootFile?.text ?? (namesNobody(configuration) ? '' : (offer.options.get(67)?.text ?? '')), offer) // prettier-ignore
    // A lab file does not say the address that the responder has on the wire of the client.
    const file = isLab ? boot.replace('//0.0.0.0', `//${formatIpv4(served.address)}`) : boot
    if (!isNak) {
      const seconds = Number(offer.leaseSeconds?.text ?? usualLeaseSeconds[configuration.engine])
      const { prefixLength } = parseIpv4Network(offer.subnet.network)!
      options.push(
        { code: optionCodes.leaseTime, data: bytesOfU32(seconds >>> 0) },
        { code: optionCodes.subnetMask, data: bytesOfU32(maskOf(prefixLength)) },
      )
      const told = new Map(
        [...offer.options].map(([code, { text }]) => [code, code === 67 ? this.#named(text, offer) : text]),
      )
      if (isDnsmasq) {
        addDefaults(told, request.giaddr || served.address)
        if (!told.has(28)) told.set(28, formatIpv4(broadcastOf(parseIpv4Network(offer.subnet.network)!))) // prettier-ignore
        if (offer.serverName && !told.has(optionCodes.tftpServerName)) told.set(optionCodes.tftpServerName, offer.serverName.text) // prettier-ignore
      }
      if (isLab && offer.bootFile && !told.has(optionCodes.tftpServerName)) told.set(optionCodes.tftpServerName, formatIpv4(this.#nextServer(offer, served))) // prettier-ignore
      const hostname = offer.reservation?.hostname
      if (hostname !== undefined && !told.has(optionCodes.hostName)) told.set(optionCodes.hostName, hostname)
      const isPxe = offer.pxeService !== undefined
      if (isPxe) {
        // One program and no menu: "just download the file" (discovery control 8).
        told.set(optionCodes.vendorClass, 'PXEClient')
        told.set(optionCodes.vendorSpecific, '060108')
      }
      if (file !== '' && !told.has(67) && (requested.has(67) || !fieldText(file, 128)) && (isLab || !namesNobody(configuration))) told.set(67, file) // prettier-ignore
      for (const [code, text] of told)
        if (
          !ownCodes.has(code) &&
          text !== '' &&
          (requested.size === 0 || requested.has(code) || (isPxe && (code === 43 || code === 60)))
        )
          // prettier-ignore
          options.push({ code, data: namesNobody(configuration) && isTerminated(code) ? bytesOfOctets(text) : dataOf(offer.options.get(code), code, text) })
    }
    // dnsmasq leaves the fields to who does not ask for the options.
    const field = (code: number, text: string, size: 64 | 128) => (isNak || (isDnsmasq && requested.has(code)) ? undefined : fieldText(text, size)) // prettier-ignore
    options.push(...echoed(request, echoedBy(configuration)))
    const reply = {
      ...replyTo(request),
      ciaddr: type === messageTypes.ack ? request.ciaddr : 0,
      yiaddr: isNak ? 0 : address,
      siaddr: isNak ? 0 : this.#nextServer(offer, served),
      file: field(67, file, 128) ?? blankMessage.file,
      sname: field(66, offer.serverName?.text ?? '', 64) ?? blankMessage.sname,
      options,
    }
    this.#transmits.push({
      interface: datagram.interface,
      sourcePort: ports.dhcp,
      sourceAddress: served.address,
      destination: destinationOf({ request, source: datagram.source, dhcpPort: ports.dhcp, isNak }),
      payload: encodeDhcpWithin(reply, replyLimitOf(request, served.mtu), neverDropped).datagram,
    })
    const from = offer.bootFile?.source
    const told =
      file === ''
        ? say('interchange.boot-file')
        : from
          ? say('interchange.file-by', { boot: file, file: from.file, line: from.line })
          : file
    if (isNak) this.#tell('refused', client, say('interchange.address-one-would-given'))
    else
      this.#tell(
        type === messageTypes.ack ? 'acknowledged' : 'offered',
        client,
        say('interchange.address-and-file', { address: formatIpv4(address), told }),
      )
  }

  /** siaddr; dnsmasq and Windows name themselves where nothing else is said, Kea and ISC dhcpd nobody. Of option 66 only Windows makes it. */
  #nextServer({ nextServer, options, bootFile }: Offer, served: ServedInterface): number {
    const { configuration } = this.#options
    // The responder serves its boot files itself.
    const isLiteral = configuration.engine === 'lab' ? bootFile === undefined : namesNobody(configuration)
    const byOption =
      configuration.engine === 'dnsmasq' || (isLiteral && configuration.engine !== 'lab')
        ? undefined
        : options.get(66)?.text
    const isOptionFirst = configuration.engine === 'lab' && isLiteral && nextServer?.text !== '0.0.0.0'
    const named = isOptionFirst
      ? parseIpv4(byOption ?? '') === undefined
        ? nextServer?.text
        : byOption
      : (nextServer?.text ?? byOption)
    const address = named === undefined ? undefined : parseIpv4(this.#addressOf(named) ?? named)
    if (configuration.engine === 'lab' && address === 0) return served.address
    return address ?? (isLiteral ? 0 : served.address)
  }

  #addressOf(name: string): string | undefined {
    const { names } = this.#options
    return Object.hasOwn(names, name) ? names[name] : undefined
  }

  /** An address of a file with its host as an address, where the host has one and the client is told whom to ask for it. */
  #named(file: string, offer?: Offer): string {
    if (offer && this.#options.configuration.engine !== 'dnsmasq' && !offer.options.get(optionCodes.domainNameServer)?.text) return file // prettier-ignore
    const [, scheme, host, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)([^/:?#]+)(.*)$/is.exec(file) ?? []
    const address = host === undefined ? undefined : this.#addressOf(host)
    return address === undefined ? file : `${scheme}${address}${rest}`
  }

  /** By the machines of this product: the forms that firmware accepts are the same, whoever sends them. */
  #throughProxy(input: IncomingDatagram, served: ServedInterface, offer: Offer): void {
    const mac = { mac: formatHex(input.payload.subarray(28, 34), ':') } as Client
    const file = this.#named(offer.bootFile?.text ?? '')
    if (offer.silent || file === '') return this.#tell('ignored', mac, offer.silent?.text ?? say('interchange.boot-file-2')) // prettier-ignore
    const nextServer = offer.nextServer && (parseIpv4(this.#addressOf(offer.nextServer.text) ?? offer.nextServer.text) ?? served.address) // prettier-ignore
    const boot: BootConfiguration = { programs: [{ file }], nextServer, menus: [], httpPort: undefined }
    const shared = { interfaces: this.#options.interfaces, ports, filter: everyone, boot }
    const machine: Machine<IncomingDatagram | Timeout, OutgoingDatagram, ProxyDhcpEvent | BootServerEvent> =
      input.destinationPort === ports.bootServer ? new BootServer(shared) : new ProxyDhcp(shared)
    machine.handle(input, 0)
    for (let out = machine.pollTransmit(); out; out = machine.pollTransmit()) {
      const { interface: name, sourcePort, sourceAddress, destination, payload } = out
      this.#transmits.push({ interface: name, sourcePort, sourceAddress, destination, payload })
      this.#tell('offered', mac, `${file} (${offer.bootFile!.source.file}, line ${offer.bootFile!.source.line})`)
    }
  }
}
