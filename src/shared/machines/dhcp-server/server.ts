/**
 * A DHCP server (RFC 2131) that also boots: it answers from memory and hands out, beside each reply, the leases that must
 * be durable before that reply may leave. Relays (RFC 1542, RFC 3046, RFC 3527, RFC 3011, RFC 5107, RFC 8357) and several
 * subnets are served, and BOOTP clients beside DHCP's (RFC 1534).
 */
import { inEnglish } from '#messages/text.ts'
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
  encodeDhcp,
  encodeDhcpWithin,
  fieldText,
  findOptionData,
  messageTypeOf,
  ops,
  replyLimitOf,
  runLength,
  type DhcpMessage,
  type DhcpOption,
} from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { findSubOption } from '../../wire/dhcp/spaces.ts'
import { tookOfferOf } from '../../wire/lab-note.ts'
import {
  bootAnswerFor,
  bootFields,
  httpClass,
  isBooting,
  namedHost,
  type BootPhase,
  offerVendorOptions,
  pxeClass,
  type BootAnswer,
} from '../boot-answer.ts'
import type { BootChoice } from '../boot-policy.ts'
import { identityOf, leaseKeyOf, namesItself, refusalOf, type ClientIdentity } from '../client-identity.ts'
import {
  ownAddresses,
  seenFrom,
  type Answer,
  type IncomingDatagram,
  type Machine,
  type ServedInterface,
  type Timeout,
} from '../machine.ts'
import { FreedLeases, type LeaseRestoration, type LeasesAt } from '../freed-leases.ts'
import { Queue } from '../queue.ts'
import { destinationOf, echoed, isBootp, replyTo } from '../reply.ts'
import { answerProblem } from '../senders.ts'
import { linkAddressOf, whereaboutsOf, type Whereabouts4 } from '../whereabouts.ts'
import { fitBootp } from './bootp.ts'
import { bootContradiction, configuredFor } from './configured-options.ts'
import type { DhcpServerConfiguration, Reservation, SubnetConfiguration } from './configuration.ts'
import { Declines } from './declines.ts'
import { IdentityWatch, isNoUuid, type IdentityFinding } from './identity-watch.ts'
import { isHeld, isLeaseOf, LeaseTable, type Lease, type Lessee, type PoolUsage } from './leases.ts'

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
      /** Whether the client shows a menu and gets the file of what is chosen there, not the one of `boot`. */
      readonly hasMenu: boolean
      /** Options left out because the client takes no longer message (option 57). */
      readonly droppedOptions: readonly number[]
    }
  | {
      readonly type: 'bootp-answered'
      readonly client: ClientIdentity
      readonly address: string
      readonly subnet: string
      readonly via: string | undefined
      /** From a reservation, from a pool and kept for ever, or the one it said it has. */
      readonly source: 'reservation' | 'pool' | 'client'
      readonly boot: BootChoice | undefined
      /** Options that the vendor area had no room for. */
      readonly droppedOptions: readonly number[]
    }
  | { readonly type: 'dhcp-informed'; readonly client: ClientIdentity; readonly address: string }
  /** CONFIRM of DHCPv6: the client asked whether its address is still of its network, and it is. */
  | { readonly type: 'dhcp-confirmed'; readonly client: ClientIdentity; readonly address: string }
  | {
      readonly type: 'dhcp-refused'
      readonly client: ClientIdentity
      readonly address: string
      readonly reason: string
    }
  | {
      readonly type: 'dhcp-ignored'
      readonly client: ClientIdentity
      readonly reason: string
      /** A DECLINE or RELEASE, which no server answers: that it is ignored explains no boot. */
      readonly awaitsNoAnswer: boolean
    }
  | {
      readonly type: 'address-declined'
      readonly client: ClientIdentity
      readonly address: string
      /** 0 where the client has declined too many to be believed. */
      readonly quarantineSeconds: number
      /** How many addresses this client declined within the hour, this one included. */
      readonly declines: number
    }
  /** The pool had nothing else left. */
  | { readonly type: 'declined-address-offered'; readonly client: ClientIdentity; readonly address: string }
  | { readonly type: 'address-released'; readonly client: ClientIdentity; readonly address: string }
  | IdentityFinding
  /** Told once; `contradiction` in words, see `bootContradiction`. */
  | { readonly type: 'boot-fields-contradict'; readonly client: ClientIdentity; readonly contradiction: string }
  | { readonly type: 'lease-expired'; readonly mac: string; readonly address: string }
  | {
      readonly type: 'pool-exhausted'
      readonly client: ClientIdentity
      readonly subnet: string
      readonly pools: readonly string[]
      /** What holds the addresses. */
      readonly usage: PoolUsage
      /** Whether the bound on the number of leases, rather than the pool, is reached. */
      readonly isTableFull: boolean
    }

/** An acknowledgement must not leave before its lease is durable; everything else may. */
export interface DhcpAnswer extends Answer<DhcpServerEvent> {
  readonly needsLease: boolean
}

/** A lease to be stored, and what the table goes back to where it cannot be. */
export interface LeaseChange {
  readonly lease: Lease
  /** Absent where the change stands all the same: what has run out or was given back is so, stored or not. */
  readonly undo?: { readonly before: Lease | undefined }
}

/** How long an offer is kept that its client uses without a REQUEST: as long as a boot over a slow wire takes. */
const takenOfferSeconds = 600

const rangeText = (subnet: SubnetConfiguration): string[] =>
  subnet.pools.map((range) => `${formatIpv4(range.start)} - ${formatIpv4(range.end)}`)

const subnetText = (subnet: SubnetConfiguration): string =>
  `${formatIpv4(subnet.network.address)}/${subnet.network.prefixLength}`

/**
 * Options 61 (RFC 6842), 97 (RFC 4578 section 2.3), 118 (RFC 3011 section 2: clients drop what lacks it) and 82, the
 * last of all (RFC 3046 section 2.2).
 */
const echoedCodes = [
  optionCodes.clientIdentifier,
  optionCodes.machineIdentifier,
  optionCodes.subnetSelection,
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
  optionCodes.subnetSelection,
  optionCodes.relayAgentInformation,
])

const mostContradictions = 256

/** A boot ROM does not ask for them: PXELINUX, which does not speak DHCP, reads them in the reply that the ROM kept (RFC 5071). */
const pxelinuxCodes = [208, 209, 210, 211]
/** The boot manager of Windows likewise reads the path of its boot configuration; an address there is one of a web proxy, and for others. */
const readLater = (configured: ReadonlyMap<number, Uint8Array>): readonly number[] => {
  const path = configured.get(optionCodes.bcd)
  return path && !decodeText(path).includes('://') ? [...pxelinuxCodes, optionCodes.bcd] : pxelinuxCodes
}

/** Adds what was configured, in the order the client asked; it stands over what the server would say of its own accord. */
function addConfigured(
  options: DhcpOption[],
  requestList: Iterable<number> | undefined,
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
  readonly lessee: Lessee
  readonly reservation: Reservation | undefined
  readonly served: ServedInterface
  /** The address we go by with this client (option 54). */
  readonly self: number
  readonly subnet: SubnetConfiguration | undefined
  readonly where: Whereabouts4
  readonly now: number
}

export class DhcpServer implements Machine<DhcpServerInput, DhcpAnswer, DhcpServerEvent> {
  readonly #configuration: DhcpServerConfiguration
  readonly #leases: LeaseTable
  readonly #transmits = new Queue<DhcpAnswer>()
  readonly #events = new Queue<DhcpServerEvent>()
  readonly #changes = new Queue<LeaseChange>()
  readonly #declines: Declines
  readonly #identities = new IdentityWatch()
  readonly freed: FreedLeases<number, Lease>
  readonly #leasesAt: LeasesAt<number, Lease> = {
    dropOffer: (address) => this.#leases.dropOffer(address),
    at: (address) => this.#leases.at(address),
    record: (lease) => this.#record(lease),
    isSameClient: (a, b) => a.mac === b.mac,
    hasMoved: ({ address, mac }) => {
      const subnet = this.#subnetContaining(address)
      return subnet !== undefined && this.#leases.heldBy(mac, subnet).length > 0
    },
  }
  /** Those that were told. */
  readonly #contradictions = new Set<string>()
  readonly #served: ReadonlyMap<string, ServedInterface>
  /** By hardware address, UUID, and option 61: a lab may reserve a thousand addresses. */
  readonly #reservations = new Map<SubnetConfiguration, Map<string, Reservation>>()

  /** `leases` are those a store remembers from earlier, `freed` what the server before this one could still give back. */
  constructor(
    configuration: DhcpServerConfiguration,
    leases: Iterable<Lease> = [],
    freed = new FreedLeases<number, Lease>(),
  ) {
    this.freed = freed
    this.#configuration = configuration
    this.#declines = new Declines(configuration.declineSeconds)
    this.#served = new Map(configuration.interfaces.map((served) => [served.name, served]))
    this.#leases = new LeaseTable(
      configuration.subnets,
      configuration.interfaces.flatMap(ownAddresses).map((own) => own.address),
      (address) => this.#subnetContaining(address),
    )
    for (const subnet of configuration.subnets) {
      const reserved = new Map<string, Reservation>()
      for (const one of subnet.reservations)
        for (const name of [one.mac, one.uuid, one.clientId === undefined ? undefined : `id ${one.clientId}`])
          if (name !== undefined && !reserved.has(name)) reserved.set(name, one)
      this.#reservations.set(subnet, reserved)
    }
    for (const lease of leases) {
      this.#identities.remember(lease)
      if (this.#subnetContaining(lease.address)) this.#leases.put(lease)
    }
  }

  handle(input: DhcpServerInput, now: number): void {
    if (input.kind === 'timeout') this.#expire(now)
    else this.#receive(input, now)
  }

  pollTransmit(): DhcpAnswer | undefined {
    return this.#transmits.shift()
  }

  pollEvent(): DhcpServerEvent | undefined {
    return this.#events.shift()
  }

  /** A lease that must be durable before an answer that needs it is sent. */
  pollChange(): LeaseChange | undefined {
    return this.#changes.shift()
  }

  /** These changes could not be stored: nobody is told of those leases, so nobody has them. */
  takeBack(changes: readonly LeaseChange[]): void {
    for (const { lease, undo } of changes.toReversed()) if (undo) this.#leases.restore(lease.address, undo.before)
  }

  pollTimeout(): number | undefined {
    return this.#leases.nextDue()
  }

  leases(): Lease[] {
    return this.#leases.all()
  }

  /** For the server that takes the place of this one: an offer does not make it forget what it lies over. */
  handedOver(): Lease[] {
    return this.#leases.handedOver()
  }

  /** What a store that lost everything is given anew. */
  records(): Lease[] {
    return this.#leases.records()
  }

  /** The clock was set: every lease gets other times. */
  moveTimes(move: (lease: Lease) => Lease): void {
    for (const lease of this.#leases.all())
      if (lease.state === 'offered') this.#leases.put(move(lease))
      else this.#record(move(lease))
    this.freed.moveTimes(move)
  }

  /** How full each subnet's pools are. */
  usage(): { readonly subnet: string; readonly used: number; readonly size: number }[] {
    return this.#configuration.subnets.map((subnet) => {
      const { leased, offered, declined, size } = this.#leases.usage(subnet)
      return { subnet: subnetText(subnet), used: leased + offered + declined, size }
    })
  }

  /** Frees an address on a person's word; see `FreedLeases`. */
  forget(address: number, now: number): boolean {
    return this.freed.forget(address, now, this.#leasesAt)
  }

  restore(address: number, now: number): LeaseRestoration {
    return this.freed.restore(address, now, this.#leasesAt)
  }

  #subnetContaining(address: number): SubnetConfiguration | undefined {
    return this.#configuration.subnets.find((subnet) => isInNetwork(address, subnet.network))
  }

  #expire(now: number): void {
    for (let lease = this.#leases.takeDue(now); lease; lease = this.#leases.takeDue(now)) {
      if (lease.state === 'offered') {
        this.#leases.dropOffer(lease.address)
        continue
      }
      this.#record({ ...lease, state: 'expired', since: now, until: now })
      if (lease.state !== 'bound') continue
      this.#declines.used(lease.address)
      this.#events.push({ type: 'lease-expired', mac: lease.mac, address: formatIpv4(lease.address) })
    }
  }

  /** What is so whether it can be stored or not. */
  #record(lease: Lease): void {
    this.#leases.put(lease)
    this.#changes.push({ lease })
  }

  /** What is so only once it is stored. */
  #grant(lease: Lease): void {
    const before = this.#leases.recordAt(lease.address)
    this.#leases.put(lease)
    this.#changes.push({ lease, undo: { before } })
  }

  #receive(datagram: IncomingDatagram, now: number): void {
    this.#expire(now)
    const { message: request, hasCookie } = decodeDhcp(datagram.payload)
    const found = this.#served.get(datagram.interface)
    const type = messageTypeOf(request)
    if (!found || request.op !== ops.request) return
    if (type === undefined ? !isBootp(datagram.payload, request) : !hasCookie) return
    const client = identityOf(request)
    if (request.hlen > 16) {
      const reason = `its hlen is ${request.hlen}, and a hardware address has 16 bytes at most (RFC 2131 section 2)`
      this.#events.push({ type: 'dhcp-ignored', client, reason, awaitsNoAnswer: false })
      return
    }
    const refusal = refusalOf(this.#configuration.filter, client.mac) ?? answerProblem(request, found)
    if (refusal !== undefined) {
      this.#events.push({ type: 'dhcp-ignored', client, reason: refusal, awaitsNoAnswer: false })
      return
    }
    for (const finding of this.#identities.seen(client)) this.#events.push(finding)
    const here = ownAddresses(found).find(({ address }) => this.#subnetContaining(address)) ?? found
    const where = whereaboutsOf(request, here.address)
    this.#configuration.seen?.note(client.mac, where)
    const agent = findOptionData(request, optionCodes.relayAgentInformation)
    const override = agent && findSubOption('relay', agent, 11)
    if (client.mac === '')
      return this.#events.push({
        type: 'dhcp-ignored',
        awaitsNoAnswer: false,
        client,
        reason: `it has neither a hardware address nor a client identifier (option 61), which hardware type ${request.htype} needs (RFC 4390)`,
      })
    const subnet = this.#subnetContaining(where.link)
    const served = subnet ? seenFrom(found, subnet.network.address) : found
    const own = subnet && this.#ownReservation(client, request, subnet)
    const lessee: Lessee = {
      key: leaseKeyOf(request),
      mac: client.mac,
      // What is reserved for a hardware address is so for whatever that machine runs.
      rule: own?.mac === client.mac ? 'mac' : this.#configuration.identity,
    }
    const exchange: Exchange = {
      datagram,
      request,
      client,
      lessee,
      reservation: own ?? (subnet && this.#keptReservation(client, lessee, subnet)),
      served,
      // RFC 5107 section 4: the relay stands in for us, so that renewals pass through it.
      self: override?.length === 4 ? u32At(override, 0) : served.address,
      subnet,
      where,
      now,
    }
    switch (type) {
      case undefined:
        return this.#bootp(exchange)
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
      default:
        return this.#ignore(exchange, `it sends message type ${type}, which is none of a client`)
    }
  }

  #ignore({ client }: Exchange, reason: string): void {
    this.#events.push({ type: 'dhcp-ignored', client, reason, awaitsNoAnswer: false })
  }

  /** A DECLINE or RELEASE, which only tells (RFC 2131 sections 4.3.3 and 4.3.4). */
  #disregard({ client }: Exchange, reason: string): void {
    this.#events.push({ type: 'dhcp-ignored', client, reason, awaitsNoAnswer: true })
  }

  /** What is reserved for what the client says of itself; its hardware address comes first. */
  #ownReservation(client: ClientIdentity, request: DhcpMessage, subnet: SubnetConfiguration): Reservation | undefined {
    const reserved = this.#reservations.get(subnet)
    if (!reserved || reserved.size === 0) return undefined
    const identifier = findOptionData(request, optionCodes.clientIdentifier)
    return (
      reserved.get(client.mac) ??
      (client.uuid === undefined ? undefined : reserved.get(client.uuid)) ??
      (identifier === undefined ? undefined : reserved.get(`id ${formatHex(identifier)}`))
    )
  }

  /**
   * What the machine has by a name that it does not say now: firmware tells its UUID or identifier, the operating system
   * that it starts another or none. A machine that says it is somebody else is.
   */
  #keptReservation(client: ClientIdentity, lessee: Lessee, subnet: SubnetConfiguration): Reservation | undefined {
    const reserved = this.#reservations.get(subnet)
    if (!reserved || reserved.size === 0 || lessee.rule !== 'mac') return undefined
    const lease = this.#leases.recordOf(lessee, subnet)
    if (lease?.state !== 'bound' || (client.uuid !== undefined && client.uuid !== lease.uuid)) return undefined
    const kept =
      (lease.uuid === undefined ? undefined : reserved.get(lease.uuid)) ??
      (namesItself(lease.key) ? reserved.get(`id ${lease.key.slice(3)}`) : undefined)
    return kept?.address === lease.address ? kept : undefined
  }

  #addressFor(exchange: Exchange, subnet: SubnetConfiguration): number | undefined {
    const { lessee, request, reservation } = exchange
    if (reservation && this.#leases.isFreeFor(reservation.address, lessee)) return reservation.address
    const last = this.#leases.of(lessee, subnet)
    if (last && this.#leases.isInPool(last.address, subnet)) return last.address
    const wanted = addressOption(request, optionCodes.requestedAddress)
    if (
      wanted !== undefined &&
      this.#leases.isInPool(wanted, subnet) &&
      this.#leases.isFreeFor(wanted, lessee) &&
      this.#leases.hasRoomFor(wanted)
    )
      return wanted
    return this.#leases.allocate(subnet) ?? this.#takeBackDeclined(exchange, subnet)
  }

  /** Before a pool is called exhausted an address that was declined is tried again, though not on whoever declined it. */
  #takeBackDeclined({ client, now }: Exchange, subnet: SubnetConfiguration): number | undefined {
    const address = this.#leases.longestDeclined(subnet, client.mac)
    if (address === undefined) return undefined
    this.#record({ ...this.#leases.at(address)!, state: 'expired', since: now, until: now })
    this.#events.push({ type: 'declined-address-offered', client, address: formatIpv4(address) })
    return address
  }

  #leaseSecondsFor(exchange: Exchange, subnet: SubnetConfiguration): number {
    const most = subnet.leaseSeconds ?? this.#configuration.leaseSeconds
    const data = findOptionData(exchange.request, optionCodes.leaseTime)
    // A client may ask for less, though not for so little that it renews without end.
    return data?.length === 4 ? Math.min(most, Math.max(60, u32At(data, 0))) : most
  }

  #lease(exchange: Exchange, address: number, state: 'offered' | 'bound', lastsSeconds: number): Lease {
    const { client, lessee, reservation, now } = exchange
    const before = this.#leases.recordAt(address)
    const known = before?.mac === client.mac ? before : undefined
    const hasReserved = reservation?.address === address && reservation.clientId !== undefined
    return {
      address,
      // By this a reservation is found again when the next program of the machine says another name.
      key: hasReserved ? `id-${reservation.clientId}` : lessee.key,
      mac: client.mac,
      uuid: client.uuid === undefined || isNoUuid(client.uuid) ? known?.uuid : client.uuid,
      hostname: client.hostName ?? known?.hostname,
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
    if (address === undefined) return this.#exhausted(exchange, subnet)
    const held = this.#leases.at(address)
    // A client that is bound and asks again keeps its lease until the new one is acknowledged.
    if (!(held?.state === 'bound' && isLeaseOf(held, exchange.lessee)))
      this.#leases.put(this.#lease(exchange, address, 'offered', this.#offerSecondsFor(exchange)))
    this.#reply(exchange, messageTypes.offer, subnet, address)
  }

  /** The ROM of a Raspberry Pi boots with the address it was offered and never asks for it ("Known problems" in its documentation). */
  #offerSecondsFor({ client }: Exchange): number {
    return client.isRaspberryPi
      ? Math.max(takenOfferSeconds, this.#configuration.offerSeconds)
      : this.#configuration.offerSeconds
  }

  #exhausted({ client }: Exchange, subnet: SubnetConfiguration): void {
    this.#events.push({
      type: 'pool-exhausted',
      client,
      subnet: subnetText(subnet),
      pools: rangeText(subnet),
      usage: this.#leases.usage(subnet),
      isTableFull: this.#leases.isFull,
    })
  }

  /**
   * BOOTP knows no lease: an address is the machine's for ever (RFC 1534 section 2). So it comes from a reservation, which
   * nobody else gets anyway, and from a pool only where the lab says that it may be used up so.
   */
  #bootp(exchange: Exchange): void {
    const { subnet, request } = exchange
    if (!subnet) return this.#ignore(exchange, this.#noSubnet(exchange))
    const mode = subnet.bootp ?? this.#configuration.bootp ?? 'reservations'
    if (mode === 'off') return this.#ignore(exchange, 'it speaks BOOTP, which dhcp.bootp turns off')
    const reserved = exchange.reservation?.address
    if (reserved !== undefined) return this.#answerBootp(exchange, subnet, reserved, 'reservation')
    if (request.ciaddr !== 0) return this.#answerBootp(exchange, subnet, request.ciaddr, 'client')
    if (mode === 'reservations')
      return this.#ignore(
        exchange,
        'it speaks BOOTP and has no reservation: reserve an address for its MAC, or set dhcp.bootp: pools',
      )
    const address = this.#addressFor(exchange, subnet)
    if (address === undefined) return this.#exhausted(exchange, subnet)
    this.#grant(this.#lease(exchange, address, 'bound', 0xffffffff))
    this.#answerBootp(exchange, subnet, address, 'pool')
  }

  #answerBootp(
    exchange: Exchange,
    subnet: SubnetConfiguration,
    address: number,
    source: 'reservation' | 'pool' | 'client',
  ): void {
    const { request, client, served, where } = exchange
    const answer = this.#bootAnswer(client, served.address, where, address, 'begins')
    const boot = answer && answer.file !== '' ? bootFields(answer, new Set()) : undefined
    const configured = configuredFor(
      this.#configuration,
      client,
      subnet,
      exchange.reservation,
      this.#nameOf(exchange, address),
    )
    const header = boot ?? headerOf(configured)
    const wanted: DhcpOption[] = [
      { code: optionCodes.subnetMask, data: bytesOfU32(maskOf(subnet.network.prefixLength)) },
      ...(boot?.options ?? []),
    ]
    addConfigured(wanted, undefined, configured)
    const { options, dropped } = fitBootp(wanted, echoed(request, [optionCodes.relayAgentInformation]))
    this.#transmit(
      exchange,
      encodeDhcp({
        ...replyTo(request),
        ciaddr: request.ciaddr,
        yiaddr: address,
        // A machine that names its file itself (RFC 951 section 7.3) asks us for it.
        siaddr: header.siaddr ?? this.#configuration.boot?.nextServer ?? served.address,
        file: header.file ?? (request.file.at(-1) === 0 ? request.file : blankMessage.file),
        options,
      }),
      {
        type: 'bootp-answered',
        client,
        address: formatIpv4(address),
        subnet: subnetText(subnet),
        via: request.giaddr === 0 ? undefined : formatIpv4(request.giaddr),
        source,
        boot: answer?.choice,
        droppedOptions: dropped,
      },
      { isNak: false, needsLease: source === 'pool' },
    )
  }

  #noSubnet({ request, served, where }: Exchange): string {
    const link = formatIpv4(where.link)
    const reason = 'no subnet of the lab contains'
    if (where.link === served.address) return `${reason} ${link}, our address on ${served.name}`
    if (where.link === request.giaddr) return `${reason} the relay ${link}`
    if (where.link === request.ciaddr) return `${reason} its address ${link}`
    return `${reason} ${link}, which it selects (option 118, or link selection in option 82)`
  }

  #request(exchange: Exchange): void {
    const { request, self, subnet, lessee } = exchange
    const chosen = addressOption(request, optionCodes.serverIdentifier)
    const wanted = addressOption(request, optionCodes.requestedAddress)
    if (chosen !== undefined) {
      // SELECTING (RFC 2131 section 4.3.2).
      if (chosen !== self && !ownAddresses(exchange.served).some((own) => own.address === chosen)) {
        const offered = subnet && this.#leases.of(lessee, subnet)
        if (offered?.state === 'offered') this.#leases.dropOffer(offered.address)
        return this.#ignore(exchange, tookOfferOf(formatIpv4(chosen)))
      }
      // Some firmware names the server alone (RFC 2131 section 4.3.2 has it name the address too): it means what it was offered.
      const address = wanted ?? (request.ciaddr || (subnet && this.#leases.of(lessee, subnet)?.address))
      if (address === undefined) return this.#ignore(exchange, 'its request names no address')
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
    const isKnown = this.#leases.of(lessee, subnet) !== undefined || exchange.reservation !== undefined
    if (request.ciaddr === 0 && !isKnown) {
      const holder = this.#leases.at(address)
      if (!holder || holder.state === 'expired' || holder.state === 'released')
        return this.#ignore(exchange, `it wants ${formatIpv4(address)} back, of which this server has no record`)
    }
    this.#confirm(exchange, subnet, address, isKnown || request.ciaddr !== 0)
  }

  #confirm(exchange: Exchange, subnet: SubnetConfiguration, address: number, mayBind: boolean): void {
    const objection = this.#objection(exchange, subnet, address, mayBind)
    if (objection !== undefined) return this.#deny(exchange, address, objection)
    const previous = this.#leases.recordOf(exchange.lessee, subnet)
    const lease = this.#lease(exchange, address, 'bound', this.#leaseSecondsFor(exchange, subnet))
    this.#grant(lease)
    // What it got under another identifier may still be in use: hosts can share a hardware address.
    if (previous && previous.address !== address && previous.key === exchange.lessee.key)
      this.#grant({ ...previous, key: '', state: 'released', since: exchange.now, until: exchange.now })
    for (const finding of this.#identities.granted(
      lease,
      this.#leases.heldBy(lease.mac, subnet),
      namesItself(exchange.lessee.key) ? this.#leases.heldBy(exchange.lessee.key, subnet) : [],
    ))
      this.#events.push(finding)
    this.#reply(exchange, messageTypes.ack, subnet, address)
  }

  /** Why a client may not have the address it asks for; undefined where it may. */
  #objection(exchange: Exchange, subnet: SubnetConfiguration, address: number, mayBind: boolean): string | undefined {
    const { lessee } = exchange
    const leases = this.#leases
    const reserved = exchange.reservation?.address
    if (reserved !== undefined && reserved !== address && leases.isFreeFor(reserved, lessee))
      return `${formatIpv4(reserved)} is reserved for it`
    const holder = leases.at(address)
    if (holder && !leases.isFreeFor(address, lessee))
      return holder.state === 'declined'
        ? 'the address was declined and is left alone'
        : `the address belongs to ${holder.mac}`
    if (reserved !== address && !leases.isInPool(address, subnet)) return 'the address is in no pool'
    const current = leases.of(lessee, subnet)
    // Two leases of one machine, from before its identity was the hardware address, both stand until they run out.
    const isOld = holder?.state === 'bound' && isLeaseOf(holder, lessee)
    if (current && isHeld(current.state) && current.address !== address && current.address !== reserved && !isOld)
      return `it has ${formatIpv4(current.address)}`
    if (!mayBind) return 'this server has no record of it'
    if (!leases.hasRoomFor(address)) return 'this server keeps as many leases as it can'
    return undefined
  }

  /** NAK, where this server is the one that was asked or may speak for the network; else silence (RFC 2131 section 4.3.2). */
  #deny(exchange: Exchange, address: number, reason: string): void {
    const wasChosen = addressOption(exchange.request, optionCodes.serverIdentifier) !== undefined
    if (wasChosen || this.#configuration.authoritative) this.#refuse(exchange, address, reason)
    else this.#ignore(exchange, reason)
  }

  /** RFC 2131 section 4.3.3. The client has no address of its own then: its link and its identity have to tell who it is. */
  #decline(exchange: Exchange): void {
    const { request, client, now } = exchange
    const address = addressOption(request, optionCodes.requestedAddress)
    if (address === undefined) return this.#disregard(exchange, 'its DECLINE names no address')
    if (addressOption(request, optionCodes.serverIdentifier) !== exchange.self)
      return this.#disregard(exchange, 'its DECLINE is for another server')
    const lease = this.#leases.recordAt(address)
    if (lease?.state !== 'bound' || !isLeaseOf(lease, exchange.lessee))
      return this.#disregard(exchange, `its DECLINE names ${formatIpv4(address)}, which it does not have`)
    const elsewhere = this.#isElsewhere(exchange, address)
    if (elsewhere !== undefined) return this.#disregard(exchange, `its DECLINE of ${formatIpv4(address)} ${elsewhere}`)
    const { quarantineSeconds, declines } = this.#declines.add(client.mac, address, now)
    this.#record({
      ...lease,
      key: '',
      state: quarantineSeconds === 0 ? 'released' : 'declined',
      since: now,
      until: now + quarantineSeconds * 1000,
    })
    this.#events.push({
      type: 'address-declined',
      client,
      address: formatIpv4(address),
      quarantineSeconds,
      declines,
    })
  }

  /** RFC 2131 sections 4.3.4 and 4.4.6: sent by the lessee from the address it gives back. */
  #release(exchange: Exchange): void {
    const { request, datagram, now } = exchange
    const address = request.ciaddr
    const lease = this.#leases.recordAt(address)
    if (lease?.state !== 'bound' || !isLeaseOf(lease, exchange.lessee))
      return this.#disregard(exchange, `its RELEASE names ${formatIpv4(address)}, which it does not have`)
    // A relay that stands in for us (RFC 5107) passes it on from an address of its own.
    if (request.giaddr === 0 && datagram.source.address !== address)
      return this.#disregard(
        exchange,
        `its RELEASE of ${formatIpv4(address)} came from ${formatIpv4(datagram.source.address)}`,
      )
    const elsewhere = this.#isElsewhere(exchange, address)
    if (elsewhere !== undefined) return this.#disregard(exchange, `its RELEASE of ${formatIpv4(address)} ${elsewhere}`)
    this.#declines.used(address)
    this.#record({ ...lease, state: 'released', since: now, until: now })
    this.#events.push({ type: 'address-released', client: exchange.client, address: formatIpv4(address) })
  }

  /** How a message came from another link than the address is on, as a clause; undefined where it did not. */
  #isElsewhere({ request, served, datagram }: Exchange, address: number): string | undefined {
    const subnet = this.#subnetContaining(address)
    if (!subnet) return undefined
    if (request.giaddr !== 0) {
      return this.#subnetContaining(linkAddressOf({ ...request, ciaddr: 0 }, served.address)) === subnet
        ? undefined
        : `came through the relay ${formatIpv4(request.giaddr)} of another network`
    }
    // A client on a network of ours sends without a router; one behind a router may come in anywhere.
    const isIn = (one: ServedInterface): boolean =>
      ownAddresses(one).some(({ address }) => isInNetwork(address, subnet.network))
    const isOurs = [...this.#served.values()].some(isIn)
    const isHere = isIn(served)
    return isHere || (!isOurs && request.ciaddr !== 0)
      ? undefined
      : `came in on ${datagram.interface}, which is another network`
  }

  #inform(exchange: Exchange): void {
    const { subnet } = exchange
    if (!subnet) return this.#ignore(exchange, this.#noSubnet(exchange))
    this.#reply(exchange, messageTypes.ack, subnet, 0)
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
    this.#send(
      exchange,
      { ...replyTo(request), ciaddr: 0, flags: request.flags | broadcastFlag, options },
      () => ({ type: 'dhcp-refused', client: exchange.client, address: formatIpv4(address), reason }),
      { isNak: true, needsLease: false },
    )
  }

  /** `address` 0 answers an INFORM: no address, no times. */
  #reply(exchange: Exchange, type: number, subnet: SubnetConfiguration, address: number): void {
    const { request, client, self } = exchange
    const seconds = this.#leaseSecondsFor(exchange, subnet)
    const { reservation } = exchange
    const requestList = findOptionData(request, optionCodes.parameterRequestList)
    const phase = type === messageTypes.offer ? 'begins' : 'goes-on'
    const answer = this.#bootAnswer(client, exchange.served.address, exchange.where, address || request.ciaddr, phase)
    const boot = answer && isBooting(answer) ? bootFields(answer, new Set(requestList)) : undefined
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
    const configured = configuredFor(this.#configuration, client, subnet, reservation, this.#nameOf(exchange, address))
    const isForProgram = requestList !== undefined && client.boot === 'pxe'
    addConfigured(options, isForProgram ? [...requestList, ...readLater(configured)] : requestList, configured)
    if (answer && boot) this.#tellContradiction(client, { siaddr: boot.siaddr, file: answer.file }, configured)
    options.push(...echoed(request, echoedCodes))
    const header = boot ?? headerOf(configured)

    const message: DhcpMessage = {
      ...replyTo(request),
      ciaddr: type === messageTypes.ack ? request.ciaddr : 0,
      yiaddr: address,
      siaddr: header.siaddr ?? this.#configuration.boot?.nextServer ?? 0,
      file: header.file ?? blankMessage.file,
      options,
    }
    const event = (droppedOptions: readonly number[]): DhcpServerEvent =>
      address === 0
        ? { type: 'dhcp-informed', client, address: formatIpv4(request.ciaddr) }
        : {
            type: type === messageTypes.offer ? 'dhcp-offered' : 'dhcp-acknowledged',
            client,
            address: formatIpv4(address),
            leaseSeconds: seconds,
            subnet: subnetText(subnet),
            via: request.giaddr === 0 ? undefined : formatIpv4(request.giaddr),
            boot: answer?.choice,
            hasMenu: client.boot === 'pxe' && answer?.menu !== undefined,
            droppedOptions,
          }
    this.#send(exchange, message, event, {
      isNak: false,
      needsLease: type === messageTypes.ack && address !== 0,
      ...(type === messageTypes.offer && answer && answer.delayMs > 0 ? { delayMs: answer.delayMs } : {}),
    })
  }

  #tellContradiction(
    client: ClientIdentity,
    header: Parameters<typeof bootContradiction>[0],
    configured: ReadonlyMap<number, Uint8Array>,
  ): void {
    const told = bootContradiction(header, configured)
    const contradiction = told && inEnglish(told)
    if (contradiction === undefined || this.#contradictions.has(contradiction)) return
    // As many as a lab has rules and subnets; a bound all the same.
    if (this.#contradictions.size < mostContradictions) this.#contradictions.add(contradiction)
    this.#events.push({ type: 'boot-fields-contradict', client, contradiction })
  }

  /** What the lab file calls the machine. */
  #nameOf({ client, where }: Exchange, address: number): string | undefined {
    const { boot } = this.#configuration
    return boot && namedHost(client, boot, where, { address })
  }

  /** Undefined for a client that neither asks to be booted nor has a rule. */
  #bootAnswer(
    client: ClientIdentity,
    self: number,
    where: Whereabouts4,
    address: number,
    phase: BootPhase,
  ): BootAnswer | undefined {
    const { boot } = this.#configuration
    if (!boot) return undefined
    const answer = bootAnswerFor(client, boot, self, where, { address, phase })
    // U-Boot names its architecture alone, or a class of its own, or neither; it loads what `file` says.
    return client.boot !== 'none' || client.architectures.length > 0 || isBooting(answer) ? answer : undefined
  }

  #bootOptions(
    client: ClientIdentity,
    answer: BootAnswer | undefined,
    named: readonly DhcpOption[],
    self: number,
  ): DhcpOption[] {
    const { vendorClass } = this.#configuration
    if (answer && isBooting(answer)) {
      if (client.boot === 'http') return [{ code: optionCodes.vendorClass, data: httpClass }, ...named]
      if (client.boot === 'pxe')
        return [
          { code: optionCodes.vendorClass, data: pxeClass },
          { code: optionCodes.vendorSpecific, data: offerVendorOptions(answer, self) },
          ...named,
        ]
    }
    return [
      ...(vendorClass === undefined ? [] : [{ code: optionCodes.vendorClass, data: encodeText(vendorClass) }]),
      ...named,
    ]
  }

  /** `eventOf` gets the options that were left out. */
  #send(
    exchange: Exchange,
    reply: DhcpMessage,
    eventOf: (dropped: readonly number[]) => DhcpServerEvent,
    how: SendingOptions,
  ): void {
    const { request, served } = exchange
    const agent = findOptionData(request, optionCodes.relayAgentInformation)
    // The relay takes option 82 out before the client gets the rest (RFC 3046 section 2.1).
    const limit = replyLimitOf(request, served.mtu) + (agent && request.giaddr !== 0 ? runLength(agent.length) : 0)
    const { datagram, dropped } = encodeDhcpWithin(reply, Math.min(limit, served.mtu - 28), requiredOptions)
    this.#transmit(exchange, datagram, eventOf(dropped), how)
  }

  #transmit(
    { request, datagram, served }: Exchange,
    payload: Uint8Array,
    event: DhcpServerEvent,
    { isNak, needsLease, delayMs }: SendingOptions,
  ): void {
    const agent = findOptionData(request, optionCodes.relayAgentInformation)
    const relayPort = agent && findSubOption('relay', agent, 19)
    this.#transmits.push({
      interface: datagram.interface,
      sourcePort: this.#configuration.ports.dhcp,
      // Relays and firewalls expect the answer from where they asked.
      sourceAddress: datagram.destinationAddress ?? served.address,
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
      ...(delayMs === undefined ? {} : { delayMs }),
      event,
      needsLease,
    })
  }
}

interface SendingOptions {
  readonly isNak: boolean
  readonly needsLease: boolean
  readonly delayMs?: number
}
