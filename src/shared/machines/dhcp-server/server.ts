/**
 * A DHCP server (RFC 2131) that also boots: it answers from memory and hands out, beside each reply, the leases that must
 * be durable before that reply may leave. Relays (RFC 1542, RFC 3046, RFC 3527, RFC 3011, RFC 5107, RFC 8357) and several
 * subnets are served; BOOTP without a message type is not.
 */
import {
  bytesOfU32,
  decodeText,
  encodeText,
  formatHex,
  formatIpv4,
  isInNetwork,
  maskOf,
  parseIpv4,
  u16At,
  u32At,
} from '../../wire/bytes.ts'
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import {
  addressOption,
  blankMessage,
  broadcastFlag,
  decodeDhcp,
  encodeDhcpWithin,
  fieldText,
  findOptionData,
  messageTypeOf,
  ops,
  replyLimitOf,
  type DhcpMessage,
  type DhcpOption,
} from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { findSubOption } from '../../wire/dhcp/spaces.ts'
import { bootAnswerFor, bootFields, httpClass, offerVendorOptions, pxeClass, type BootAnswer } from '../boot-answer.ts'
import type { BootChoice } from '../boot-policy.ts'
import { identityOf, leaseKeyOf, refusalOf, type ClientIdentity } from '../client-identity.ts'
import {
  type IncomingDatagram,
  type Machine,
  type OutgoingDatagram,
  type ServedInterface,
  type Timeout,
} from '../machine.ts'
import { Queue } from '../queue.ts'
import { destinationOf, echoed, replyTo } from '../reply.ts'
import { answerProblem } from '../senders.ts'
import type { DhcpServerConfiguration, Reservation, SubnetConfiguration } from './configuration.ts'
import { LeaseTable, type Lease } from './leases.ts'

export type DhcpServerInput = IncomingDatagram | Timeout

export type DhcpServerEvent =
  | {
      readonly type: 'dhcp-offered' | 'dhcp-acknowledged'
      readonly client: ClientIdentity
      readonly address: string
      readonly leaseSeconds: number
      readonly subnet: string
      readonly via: string | undefined
      readonly boot: BootChoice | undefined
      /** Options left out because the client takes no longer message (option 57). */
      readonly droppedOptions: readonly number[]
    }
  | { readonly type: 'dhcp-informed'; readonly client: ClientIdentity; readonly address: string }
  | {
      readonly type: 'dhcp-refused'
      readonly client: ClientIdentity
      readonly address: string
      readonly reason: string
    }
  | { readonly type: 'dhcp-ignored'; readonly client: ClientIdentity; readonly reason: string }
  | {
      readonly type: 'address-declined'
      readonly client: ClientIdentity
      readonly address: string
      readonly quarantineSeconds: number
    }
  | { readonly type: 'address-released'; readonly client: ClientIdentity; readonly address: string }
  | { readonly type: 'lease-expired'; readonly mac: string; readonly address: string }
  | {
      readonly type: 'pool-exhausted'
      readonly client: ClientIdentity
      readonly subnet: string
      readonly pools: readonly string[]
    }

const rangeText = (subnet: SubnetConfiguration): string[] =>
  subnet.pools.map((range) => `${formatIpv4(range.start)} - ${formatIpv4(range.end)}`)

const subnetText = (subnet: SubnetConfiguration): string =>
  `${formatIpv4(subnet.network.address)}/${subnet.network.prefixLength}`

/** Options 61 (RFC 6842), 97 (RFC 4578 section 2.3) and 82, the last of all (RFC 3046 section 2.2). */
const echoedCodes = [
  optionCodes.clientIdentifier,
  optionCodes.machineIdentifier,
  optionCodes.relayAgentInformation,
] as const

/** What must travel whatever the client's limit: without these the reply is none. */
const requiredOptions: ReadonlySet<number> = new Set([
  optionCodes.messageType,
  optionCodes.serverIdentifier,
  optionCodes.leaseTime,
  optionCodes.subnetMask,
  optionCodes.vendorClass,
  optionCodes.vendorSpecific,
  optionCodes.relayAgentInformation,
])

/** Adds what was configured, in the order the client asked; it stands over what the server would say of its own accord. */
function addConfigured(
  options: DhcpOption[],
  requestList: Uint8Array | undefined,
  configured: ReadonlyMap<number, Uint8Array>,
): void {
  const present = new Map(options.map((option, index) => [option.code, index]))
  for (const [code, data] of configured) {
    const index = present.get(code)
    if (index !== undefined) options[index] = { code, data }
  }
  for (const code of requestList ?? configured.keys()) {
    const data = configured.get(code)
    if (!data || present.has(code)) continue
    present.set(code, options.length)
    options.push({ code, data })
  }
}

/** Options 66 and 67 again in the header, the only place where some boot ROMs and U-Boot look. */
function headerOf(configured: ReadonlyMap<number, Uint8Array>): {
  readonly siaddr: number | undefined
  readonly file: Uint8Array | undefined
} {
  const server = configured.get(optionCodes.tftpServerName)
  const file = configured.get(optionCodes.bootFileName)
  return {
    siaddr: server && parseIpv4(decodeText(server)),
    file: file && fieldText(decodeText(file), 128),
  }
}

/** Everything about one request that several steps need. */
interface Exchange {
  readonly datagram: IncomingDatagram
  readonly request: DhcpMessage
  readonly client: ClientIdentity
  readonly key: string
  readonly served: ServedInterface
  /** The address we go by with this client (option 54). */
  readonly self: number
  readonly subnet: SubnetConfiguration | undefined
  readonly now: number
}

export class DhcpServer implements Machine<DhcpServerInput, OutgoingDatagram, DhcpServerEvent> {
  readonly #configuration: DhcpServerConfiguration
  readonly #leases: LeaseTable
  readonly #transmits = new Queue<OutgoingDatagram>()
  readonly #events = new Queue<DhcpServerEvent>()
  readonly #changes = new Queue<Lease>()
  readonly #served: ReadonlyMap<string, ServedInterface>
  /** By hardware address, UUID, and option 61: a lab may reserve a thousand addresses. */
  readonly #reservations = new Map<SubnetConfiguration, Map<string, Reservation>>()

  /** `leases` are those a store remembers from earlier. */
  constructor(configuration: DhcpServerConfiguration, leases: Iterable<Lease> = []) {
    this.#configuration = configuration
    this.#served = new Map(configuration.interfaces.map((served) => [served.name, served]))
    this.#leases = new LeaseTable(
      configuration.subnets,
      configuration.interfaces.map((served) => served.address),
      (address) => this.#subnetContaining(address),
    )
    for (const subnet of configuration.subnets) {
      const reserved = new Map<string, Reservation>()
      for (const one of subnet.reservations)
        for (const name of [one.mac, one.uuid, one.clientId === undefined ? undefined : `id ${one.clientId}`])
          if (name !== undefined && !reserved.has(name)) reserved.set(name, one)
      this.#reservations.set(subnet, reserved)
    }
    for (const lease of leases) if (this.#subnetContaining(lease.address)) this.#leases.put(lease)
  }

  handle(input: DhcpServerInput, now: number): void {
    if (input.kind === 'timeout') this.#expire(now)
    else this.#receive(input, now)
  }

  pollTransmit(): OutgoingDatagram | undefined {
    return this.#transmits.shift()
  }

  pollEvent(): DhcpServerEvent | undefined {
    return this.#events.shift()
  }

  /** A lease that must be durable before anything polled from `pollTransmit` after it is sent. */
  pollChange(): Lease | undefined {
    return this.#changes.shift()
  }

  pollTimeout(): number | undefined {
    return this.#leases.nextDue()
  }

  leases(): Lease[] {
    return this.#leases.all()
  }

  /** How full each subnet's pools are. */
  usage(): { readonly subnet: string; readonly used: number; readonly size: number }[] {
    return this.#configuration.subnets.map((subnet) => ({ subnet: subnetText(subnet), ...this.#leases.usage(subnet) }))
  }

  /** Frees an address on a person's word; the client keeps believing in its lease until it renews. */
  forget(address: number, now: number): boolean {
    const lease = this.#leases.at(address)
    if (!lease) return false
    this.#record({
      ...lease,
      key: lease.state === 'declined' ? '' : lease.key,
      state: 'released',
      since: now,
      until: now,
    })
    return true
  }

  #subnetContaining(address: number): SubnetConfiguration | undefined {
    return this.#configuration.subnets.find((subnet) => isInNetwork(address, subnet.network))
  }

  #expire(now: number): void {
    for (let lease = this.#leases.takeDue(now); lease; lease = this.#leases.takeDue(now)) {
      const expired: Lease = { ...lease, state: 'expired', since: now, until: now }
      if (lease.state === 'offered') this.#leases.put(expired)
      else this.#record(expired)
      if (lease.state === 'bound')
        this.#events.push({ type: 'lease-expired', mac: lease.mac, address: formatIpv4(lease.address) })
    }
  }

  #record(lease: Lease): void {
    this.#leases.put(lease)
    this.#changes.push(lease)
  }

  #receive(datagram: IncomingDatagram, now: number): void {
    this.#expire(now)
    const { message: request, hasCookie } = decodeDhcp(datagram.payload)
    const served = this.#served.get(datagram.interface)
    const type = messageTypeOf(request)
    if (!served || !hasCookie || request.op !== ops.request || type === undefined || request.hlen > 16) return
    const client = identityOf(request)
    const refusal = refusalOf(this.#configuration.filter, client.mac) ?? answerProblem(request, served)
    if (refusal !== undefined) {
      this.#events.push({ type: 'dhcp-ignored', client, reason: refusal })
      return
    }
    const agent = findOptionData(request, optionCodes.relayAgentInformation)
    const override = agent && findSubOption('relay', agent, 11)
    const exchange: Exchange = {
      datagram,
      request,
      client,
      key: leaseKeyOf(request),
      served,
      // RFC 5107 section 4: the relay stands in for us, so that renewals pass through it.
      self: override?.length === 4 ? u32At(override, 0) : served.address,
      subnet: this.#subnetFor(request, served, agent),
      now,
    }
    switch (type) {
      case messageTypes.discover:
        return this.#discover(exchange)
      case messageTypes.request:
        return this.#request(exchange)
      case messageTypes.decline:
        return this.#decline(exchange)
      case messageTypes.release:
        return this.#release(exchange)
      case messageTypes.inform:
        return this.#inform(exchange)
    }
  }

  /** Link selection (RFC 3527), subnet selection (RFC 3011), the relay's address, the client's own, our interface. */
  #subnetFor(
    request: DhcpMessage,
    served: ServedInterface,
    agent: Uint8Array | undefined,
  ): SubnetConfiguration | undefined {
    const link = agent && (findSubOption('relay', agent, 5) ?? findSubOption('relay', agent, 150))
    if (link?.length === 4) return this.#subnetContaining(u32At(link, 0))
    const selected = addressOption(request, optionCodes.subnetSelection)
    if (selected !== undefined) return this.#subnetContaining(selected)
    if (request.giaddr !== 0) return this.#subnetContaining(request.giaddr)
    // A unicast renewal comes through routers, from any subnet; its own address tells which.
    if (request.ciaddr !== 0) return this.#subnetContaining(request.ciaddr)
    return this.#subnetContaining(served.address)
  }

  #ignore(exchange: Exchange, reason: string): void {
    this.#events.push({ type: 'dhcp-ignored', client: exchange.client, reason })
  }

  #reservationFor({ client, request }: Exchange, subnet: SubnetConfiguration): Reservation | undefined {
    const reserved = this.#reservations.get(subnet)
    if (!reserved || reserved.size === 0) return undefined
    const identifier = findOptionData(request, optionCodes.clientIdentifier)
    return (
      reserved.get(client.mac) ??
      (client.uuid === undefined ? undefined : reserved.get(client.uuid)) ??
      (identifier === undefined ? undefined : reserved.get(`id ${formatHex(identifier)}`))
    )
  }

  #addressFor(exchange: Exchange, subnet: SubnetConfiguration): number | undefined {
    const { key, request } = exchange
    const reserved = this.#reservationFor(exchange, subnet)
    if (reserved && this.#leases.isFreeFor(reserved.address, key)) return reserved.address
    const last = this.#leases.of(key, subnet)
    if (last && this.#leases.isInPool(last.address, subnet)) return last.address
    const wanted = addressOption(request, optionCodes.requestedAddress)
    if (wanted !== undefined && this.#leases.isInPool(wanted, subnet) && this.#leases.isFreeFor(wanted, key))
      return wanted
    return this.#leases.allocate(subnet)
  }

  #leaseSecondsFor(exchange: Exchange, subnet: SubnetConfiguration): number {
    const most = subnet.leaseSeconds ?? this.#configuration.leaseSeconds
    const data = findOptionData(exchange.request, optionCodes.leaseTime)
    // A client may ask for less, though not for so little that it renews without end.
    return data?.length === 4 ? Math.min(most, Math.max(60, u32At(data, 0))) : most
  }

  #lease(exchange: Exchange, address: number, state: 'offered' | 'bound', lastsSeconds: number): Lease {
    const { client, now } = exchange
    return {
      address,
      key: exchange.key,
      mac: client.mac,
      uuid: client.uuid,
      hostname: client.hostName,
      architecture: client.architecture,
      state,
      since: now,
      until: lastsSeconds >= 0xffffffff ? Infinity : now + lastsSeconds * 1000,
    }
  }

  #discover(exchange: Exchange): void {
    const { subnet } = exchange
    if (!subnet) return this.#ignore(exchange, this.#noSubnet(exchange))
    const address = this.#addressFor(exchange, subnet)
    if (address === undefined) {
      this.#events.push({
        type: 'pool-exhausted',
        client: exchange.client,
        subnet: subnetText(subnet),
        pools: rangeText(subnet),
      })
      return
    }
    const held = this.#leases.at(address)
    // A client that is bound and asks again keeps its lease until the new one is acknowledged.
    if (!(held?.state === 'bound' && held.key === exchange.key))
      this.#leases.put(this.#lease(exchange, address, 'offered', this.#configuration.offerSeconds))
    this.#reply(exchange, messageTypes.offer, subnet, address)
  }

  #noSubnet({ request, served }: Exchange): string {
    return request.giaddr === 0
      ? `no subnet of the lab contains ${formatIpv4(served.address)}, our address on ${served.name}`
      : `no subnet of the lab contains the relay ${formatIpv4(request.giaddr)}`
  }

  #request(exchange: Exchange): void {
    const { request, self, subnet, key } = exchange
    const chosen = addressOption(request, optionCodes.serverIdentifier)
    const wanted = addressOption(request, optionCodes.requestedAddress)
    if (chosen !== undefined) {
      // SELECTING (RFC 2131 section 4.3.2).
      if (chosen !== self && chosen !== exchange.served.address) {
        const offered = subnet && this.#leases.of(key, subnet)
        if (offered?.state === 'offered')
          this.#leases.put({ ...offered, state: 'expired', since: exchange.now, until: exchange.now })
        return this.#ignore(exchange, `it took the offer of ${formatIpv4(chosen)}`)
      }
      const address = wanted ?? request.ciaddr
      if (!subnet) return this.#refuse(exchange, address, this.#noSubnet(exchange))
      return this.#confirm(exchange, subnet, address, true)
    }
    const address = request.ciaddr !== 0 ? request.ciaddr : wanted
    if (address === undefined || address === 0) return this.#ignore(exchange, 'its request names no address')
    if (!subnet || !isInNetwork(address, subnet.network)) {
      if (!this.#configuration.authoritative)
        return this.#ignore(exchange, `${formatIpv4(address)} is not of this network`)
      return this.#refuse(exchange, address, 'the address is not of this network')
    }
    // INIT-REBOOT has no ciaddr: a server without a record must stay silent there. RENEWING and REBINDING have one: it
    // is trusted where the address is ours to give and free.
    const isKnown = this.#leases.of(key, subnet) !== undefined || this.#reservationFor(exchange, subnet) !== undefined
    if (request.ciaddr === 0 && !isKnown) {
      const holder = this.#leases.at(address)
      if (!holder || holder.state === 'expired' || holder.state === 'released')
        return this.#ignore(exchange, `it wants ${formatIpv4(address)} back, of which this server has no record`)
    }
    this.#confirm(exchange, subnet, address, isKnown || request.ciaddr !== 0)
  }

  #confirm(exchange: Exchange, subnet: SubnetConfiguration, address: number, mayBind: boolean): void {
    const { key } = exchange
    const reserved = this.#reservationFor(exchange, subnet)
    const current = this.#leases.of(key, subnet)
    const why =
      reserved && reserved.address !== address && this.#leases.isFreeFor(reserved.address, key)
        ? `${formatIpv4(reserved.address)} is reserved for it`
        : !this.#leases.isFreeFor(address, key)
          ? this.#leases.at(address)!.state === 'declined'
            ? 'the address was declined and is left alone'
            : `the address belongs to ${this.#leases.at(address)!.mac}`
          : reserved?.address !== address && !this.#leases.isInPool(address, subnet)
            ? 'the address is in no pool'
            : current &&
                current.address !== address &&
                (current.state === 'bound' || current.state === 'offered') &&
                current.address !== reserved?.address
              ? `it has ${formatIpv4(current.address)}`
              : !mayBind
                ? 'this server has no record of it'
                : undefined
    if (why !== undefined) {
      if (
        this.#configuration.authoritative ||
        addressOption(exchange.request, optionCodes.serverIdentifier) !== undefined
      )
        return this.#refuse(exchange, address, why)
      return this.#ignore(exchange, why)
    }
    this.#record(this.#lease(exchange, address, 'bound', this.#leaseSecondsFor(exchange, subnet)))
    if (current && current.address !== address)
      this.#record({ ...current, key: '', state: 'released', since: exchange.now, until: exchange.now })
    this.#reply(exchange, messageTypes.ack, subnet, address)
  }

  #decline(exchange: Exchange): void {
    const address = addressOption(exchange.request, optionCodes.requestedAddress)
    if (address === undefined) return this.#ignore(exchange, 'its DECLINE names no address')
    if (addressOption(exchange.request, optionCodes.serverIdentifier) !== exchange.self)
      return this.#ignore(exchange, 'its DECLINE is for another server')
    const lease = this.#leases.at(address)
    if (lease?.key !== exchange.key)
      return this.#ignore(exchange, `its DECLINE names ${formatIpv4(address)}, which it does not have`)
    const { declineSeconds } = this.#configuration
    this.#record({
      ...lease,
      key: '',
      state: 'declined',
      since: exchange.now,
      until: exchange.now + declineSeconds * 1000,
    })
    this.#events.push({
      type: 'address-declined',
      client: exchange.client,
      address: formatIpv4(address),
      quarantineSeconds: declineSeconds,
    })
  }

  #release(exchange: Exchange): void {
    const address = exchange.request.ciaddr
    const lease = this.#leases.at(address)
    if (lease?.key !== exchange.key || lease.state !== 'bound')
      return this.#ignore(exchange, `its RELEASE names ${formatIpv4(address)}, which it does not have`)
    this.#record({ ...lease, state: 'released', since: exchange.now, until: exchange.now })
    this.#events.push({ type: 'address-released', client: exchange.client, address: formatIpv4(address) })
  }

  #inform(exchange: Exchange): void {
    const { subnet, request } = exchange
    if (!subnet) return this.#ignore(exchange, this.#noSubnet(exchange))
    this.#reply(exchange, messageTypes.ack, subnet, 0)
    this.#events.push({ type: 'dhcp-informed', client: exchange.client, address: formatIpv4(request.ciaddr) })
  }

  #refuse(exchange: Exchange, address: number, reason: string): void {
    const { request, self } = exchange
    const text = encodeText(reason).subarray(0, 200)
    const options: DhcpOption[] = [
      { code: optionCodes.messageType, data: Uint8Array.of(messageTypes.nak) },
      { code: optionCodes.serverIdentifier, data: bytesOfU32(self) },
      { code: optionCodes.message, data: text },
      ...echoed(request, echoedCodes),
    ]
    // A client behind a relay does not have its address any more: the relay must broadcast (RFC 2131 section 4.3.2).
    this.#send(exchange, { ...replyTo(request), ciaddr: 0, flags: request.flags | broadcastFlag, options }, true)
    this.#events.push({ type: 'dhcp-refused', client: exchange.client, address: formatIpv4(address), reason })
  }

  /** `address` 0 answers an INFORM: no address, no times. */
  #reply(exchange: Exchange, type: number, subnet: SubnetConfiguration, address: number): void {
    const { request, client, self } = exchange
    const seconds = this.#leaseSecondsFor(exchange, subnet)
    const reservation = this.#reservationFor(exchange, subnet)
    const requestList = findOptionData(request, optionCodes.parameterRequestList)
    const requested = new Set(requestList)
    const answer = this.#bootAnswer(client, exchange.served.address)
    const boot = answer && answer.file !== '' ? bootFields(answer, requested) : undefined
    const options: DhcpOption[] = [
      { code: optionCodes.messageType, data: Uint8Array.of(type) },
      { code: optionCodes.serverIdentifier, data: bytesOfU32(self) },
    ]
    if (address !== 0) {
      options.push({ code: optionCodes.leaseTime, data: bytesOfU32(seconds) })
      if (seconds < 0xffffffff)
        options.push(
          // RFC 2131 section 4.4.5: half and seven eighths of the lease.
          { code: optionCodes.renewalTime, data: bytesOfU32(Math.floor(seconds / 2)) },
          { code: optionCodes.rebindingTime, data: bytesOfU32(Math.floor((seconds * 7) / 8)) },
        )
    }
    options.push({ code: optionCodes.subnetMask, data: bytesOfU32(maskOf(subnet.network.prefixLength)) })
    options.push(...this.#bootOptions(client, answer, boot?.options ?? [], exchange.served.address))
    const configured = this.#configuredFor(client, subnet, reservation)
    addConfigured(options, requestList, configured)
    options.push(...echoed(request, echoedCodes))
    const header = boot ?? headerOf(configured)

    const { dropped } = this.#send(exchange, {
      ...replyTo(request),
      ciaddr: type === messageTypes.ack ? request.ciaddr : 0,
      yiaddr: address,
      siaddr: header.siaddr ?? this.#configuration.boot?.nextServer ?? 0,
      file: header.file ?? blankMessage.file,
      options,
    })
    if (address !== 0)
      this.#events.push({
        type: type === messageTypes.offer ? 'dhcp-offered' : 'dhcp-acknowledged',
        client,
        address: formatIpv4(address),
        leaseSeconds: seconds,
        subnet: subnetText(subnet),
        via: request.giaddr === 0 ? undefined : formatIpv4(request.giaddr),
        boot: answer?.choice,
        droppedOptions: dropped,
      })
  }

  #bootAnswer(client: ClientIdentity, self: number): BootAnswer | undefined {
    const { boot } = this.#configuration
    // U-Boot's first request names no class but its architecture; it loads what `file` says.
    return boot && (client.boot !== 'none' || client.architecture !== undefined)
      ? bootAnswerFor(client, boot, self)
      : undefined
  }

  #bootOptions(
    client: ClientIdentity,
    answer: BootAnswer | undefined,
    named: readonly DhcpOption[],
    self: number,
  ): DhcpOption[] {
    const { vendorClass, boot } = this.#configuration
    const isBooting = answer !== undefined && answer.file !== ''
    if (client.boot === 'http' && isBooting) return [{ code: optionCodes.vendorClass, data: httpClass }, ...named]
    if (client.boot === 'pxe' && isBooting)
      return [
        { code: optionCodes.vendorClass, data: pxeClass },
        { code: optionCodes.vendorSpecific, data: offerVendorOptions(boot?.menu, self) },
        ...named,
      ]
    return [
      ...(vendorClass === undefined ? [] : [{ code: optionCodes.vendorClass, data: encodeText(vendorClass) }]),
      ...named,
    ]
  }

  /** The lab's, subnet's, architecture's and reservation's options, the nearest winning. */
  #configuredFor(
    client: ClientIdentity,
    subnet: SubnetConfiguration,
    reservation: Reservation | undefined,
  ): ReadonlyMap<number, Uint8Array> {
    const configured = new Map<number, Uint8Array>()
    const byArchitecture =
      client.architecture === undefined ? undefined : this.#configuration.architectureOptions.get(client.architecture)
    const byUserClass = client.userClasses.flatMap((name) => this.#configuration.userClassOptions?.get(name) ?? [])
    for (const level of [
      this.#configuration.options,
      subnet.options,
      byArchitecture ?? [],
      byUserClass,
      reservation?.options ?? [],
    ])
      for (const option of level) configured.set(option.code, option.data)
    if (reservation?.hostname !== undefined && !configured.has(optionCodes.hostName))
      configured.set(optionCodes.hostName, encodeText(reservation.hostname))
    return configured
  }

  #send(exchange: Exchange, reply: DhcpMessage, isNak = false): { dropped: readonly number[] } {
    const { request, served, datagram } = exchange
    const { datagram: payload, dropped } = encodeDhcpWithin(reply, replyLimitOf(request, served.mtu), requiredOptions)
    const agent = findOptionData(request, optionCodes.relayAgentInformation)
    const relayPort = agent && findSubOption('relay', agent, 19)
    this.#transmits.push({
      interface: datagram.interface,
      sourcePort: this.#configuration.ports.dhcp,
      destination: destinationOf({
        request,
        source: datagram.source,
        dhcpPort: this.#configuration.ports.dhcp,
        isNak,
        // RFC 8357 section 5.2: the relay wants the answer where it asked from.
        relayPort: relayPort
          ? relayPort.length === 2 && u16At(relayPort, 0) !== 0
            ? u16At(relayPort, 0)
            : datagram.source.port
          : undefined,
      }),
      payload,
    })
    return { dropped }
  }
}
