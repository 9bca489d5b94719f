/**
 * A DHCPv6 server (RFC 8415) that also boots (RFC 5970): it answers from memory and hands out, beside each reply, the leases that
 * must be durable before that reply may leave. Relay agents (also RFC 4649, 4994, 6939, 8357) and several networks are served. What it
 * tells has the shape of what its IPv4 brother tells, with addresses of IPv6. Beside another machine's server it is the proxy, and
 * on port 4011 the boot server, that EDK2 knows over IPv6 as well.
 */
import { bytesOfU16, concatBytes, encodeText, formatHex, formatIpv6, u16At, u32At } from '../../wire/bytes.ts'
import {
  encodeDhcp6,
  fqdnOption,
  iaAddressOption,
  iaOption,
  optionsLength6,
  statusOption,
  vendorClassOption,
  type EncodableOption6,
} from '../../wire/dhcpv6/encode.ts'
import { statusNames } from '../../wire/dhcpv6/layouts.ts'
import {
  decodeDhcp6,
  dhcp6TypeNames,
  dhcp6Types,
  findDhcp6Option,
  relayHeaderLength,
  unwrapRelays,
  type Dhcp6Message,
  type Dhcp6Option,
} from '../../wire/dhcpv6/message.ts'
import { dhcp6OptionCodes as codes } from '../../wire/dhcpv6/options.ts'
import { intelEnterprise } from '../../wire/iana/enterprises.ts'
import { endsOf6, ipv6Number, isInPrefix6, isLinkLocal, isMulticast, networkText6 } from '../../wire/ip-address.ts'
import { namedHost } from '../boot-answer.ts'
import { bootAnswer6For, type BootAnswer6 } from '../boot-answer6.ts'
import type { BootServerEvent } from '../boot-server.ts'
import { refusalOf, type ClientIdentity } from '../client-identity.ts'
import { identity6Of, longestDuid, requestedCodes6 } from '../client-identity6.ts'
import { Declines } from '../dhcp-server/declines.ts'
import { isHeld } from '../dhcp-server/leases.ts'
import type { DhcpServerEvent } from '../dhcp-server/server.ts'
import {
  addressFor6,
  documentedClient6Port,
  documentedDhcp6Port,
  ownAddresses6,
  type Answer6,
  type Incoming6,
  type Machine,
  type ServedInterface6,
  type Timeout,
} from '../machine.ts'
import type { ProxyDhcpEvent } from '../proxy-dhcp.ts'
import { FreedLeases, type LeaseRestoration, type LeasesAt } from '../freed-leases.ts'
import { Queue } from '../queue.ts'
import type { Whereabouts } from '../whereabouts.ts'
import type { Dhcp6ServerConfiguration, Reservation6, Subnet6Configuration } from './configuration.ts'
import { isOf, LeaseTable6, type Association, type Lease6, type LeaseChange6 } from './leases.ts'

export type Dhcp6ServerInput = Incoming6 | Timeout

export type Dhcp6ServerEvent = DhcpServerEvent | ProxyDhcpEvent | BootServerEvent

/** A reply that gives an address must not leave before its lease is durable; everything else may. */
export interface Dhcp6Answer extends Answer6<Dhcp6ServerEvent | undefined> {
  readonly needsLease: boolean
}

const status = { success: 0, noAddrsAvail: 2, noBinding: 3, notOnLink: 4, useMulticast: 5, noPrefixAvail: 6 } as const

/** A message may have passed eight relay agents (HOP_COUNT_LIMIT of RFC 8415 section 7.6), and the first counts none. */
const mostRelays = 9
/** Identity associations of one message that are looked at; no machine has more network cards. */
const mostAssociations = 16
/** Addresses of one association that are looked at: this server gives one, and a client may still have another from before. */
const mostAddresses = 8
/** Header of IPv6 and UDP, and what every link carries in one piece (RFC 8200 section 5). */
const headerLength = 48
const leastMtu = 1280
const forEver = 0xffffffff

type ClientType = 'solicit' | 'request' | 'confirm' | 'renew' | 'rebind' | 'release' | 'decline' | 'informationRequest'

/**
 * What a message must have and must not have to be looked at (RFC 8415 sections 16.2 to 16.12): the client identifier, our server
 * identifier (`ours`), none (`none`), ours or none (`either`). Those with `unicast` may come so, to be told that they may not.
 */
const validity: Readonly<
  Record<
    ClientType,
    { readonly client: boolean; readonly server: 'ours' | 'none' | 'either'; readonly unicast: boolean }
  >
> = {
  solicit: { client: true, server: 'none', unicast: false },
  request: { client: true, server: 'ours', unicast: true },
  confirm: { client: true, server: 'none', unicast: false },
  renew: { client: true, server: 'ours', unicast: true },
  rebind: { client: true, server: 'none', unicast: false },
  release: { client: true, server: 'ours', unicast: true },
  decline: { client: true, server: 'ours', unicast: true },
  informationRequest: { client: false, server: 'either', unicast: false },
}

const clientTypes = new Map(
  (Object.keys(validity) as ClientType[]).map((name) => [dhcp6Types[name] as number, name] as const),
)

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((octet, at) => octet === b[at])

/** An identity association as a message has it. */
interface AskedAssociation extends Association {
  readonly addresses: readonly string[]
  /** Whether it is the first of its message, which may have the address that is reserved for the machine. */
  readonly isFirst: boolean
}

const addressesIn = ({ options }: Dhcp6Option): string[] =>
  options
    .filter(({ code, data }) => code === codes.iaAddress && data.length >= 24)
    .slice(0, mostAddresses)
    .map(({ data }) => formatIpv6(data))

/** Everything about one message that several steps need. */
interface Exchange {
  readonly datagram: Incoming6
  readonly type: ClientType
  readonly message: Dhcp6Message
  /** Outermost first. */
  readonly relays: readonly Dhcp6Message[]
  readonly client: ClientIdentity
  /** In hexadecimal digits. */
  readonly duid: string
  readonly served: ServedInterface6
  /** Networks of the client's link. */
  readonly subnets: readonly Subnet6Configuration[]
  readonly where: Whereabouts
  readonly requested: ReadonlySet<number>
  readonly now: number
}

/** What an identity association gets. */
interface Given {
  readonly option: EncodableOption6
  readonly subnet: Subnet6Configuration | undefined
  readonly lease: Lease6 | undefined
}

export class Dhcp6Server implements Machine<Dhcp6ServerInput, Dhcp6Answer, Dhcp6ServerEvent> {
  readonly configuration: Dhcp6ServerConfiguration
  readonly #leases: LeaseTable6
  readonly #transmits = new Queue<Dhcp6Answer>()
  readonly #events = new Queue<Dhcp6ServerEvent>()
  readonly #changes = new Queue<LeaseChange6>()
  readonly #declines: Declines
  readonly #served: ReadonlyMap<string, ServedInterface6>
  /** By hardware address, UUID and DUID. */
  readonly #reservations = new Map<Subnet6Configuration, Map<string, Reservation6>>()
  /** The ends of each network. */
  readonly #ranges: readonly { readonly subnet: Subnet6Configuration; readonly first: bigint; readonly last: bigint }[]
  readonly freed: FreedLeases<string, Lease6>
  readonly #leasesAt: LeasesAt<string, Lease6> = {
    dropOffer: (address) => this.#leases.dropOffer(address),
    at: (address) => this.#leases.at(address),
    record: (lease) => this.#record(lease),
    isSameClient: isOf,
    hasMoved: (lease) => {
      const subnet = this.#subnetContaining(lease.address)
      const other = subnet && this.#leases.of(lease, subnet)
      return other !== undefined && other.address !== lease.address && isHeld(other.state)
    },
  }

  /** `leases` are those a store remembers from earlier, `freed` what the server before this one could still give back. */
  constructor(
    configuration: Dhcp6ServerConfiguration,
    leases: Iterable<Lease6> = [],
    freed = new FreedLeases<string, Lease6>(),
  ) {
    this.freed = freed
    this.configuration = configuration
    this.#ranges = configuration.subnets.map((subnet) => ({ subnet, ...endsOf6(subnet.network) }))
    this.#declines = new Declines(configuration.declineSeconds)
    this.#served = new Map(configuration.interfaces.map((served) => [served.name, served]))
    this.#leases = new LeaseTable6(configuration.subnets, configuration.interfaces.flatMap(ownAddresses6), (address) =>
      this.#subnetContaining(address),
    )
    for (const subnet of configuration.subnets) {
      const reserved = new Map<string, Reservation6>()
      for (const one of subnet.reservations)
        for (const name of [one.mac, one.uuid, one.duid && `duid ${one.duid}`])
          if (name !== undefined && !reserved.has(name)) reserved.set(name, one)
      this.#reservations.set(subnet, reserved)
    }
    for (const lease of leases) if (this.#subnetContaining(lease.address)) this.#leases.put(lease)
  }

  handle(input: Dhcp6ServerInput, now: number): void {
    this.#expire(now)
    if (input.kind === 'datagram') this.#receive(input, now)
  }

  pollTransmit(): Dhcp6Answer | undefined {
    return this.#transmits.shift()
  }

  pollEvent(): Dhcp6ServerEvent | undefined {
    return this.#events.shift()
  }

  /** A lease that must be durable before an answer that needs it is sent. */
  pollChange(): LeaseChange6 | undefined {
    return this.#changes.shift()
  }

  /** These changes could not be stored: nobody is told of those leases, so nobody has them. */
  takeBack(changes: readonly LeaseChange6[]): void {
    for (const { lease, undo } of changes.toReversed()) if (undo) this.#leases.restore(lease.address, undo.before)
  }

  pollTimeout(): number | undefined {
    return this.#leases.nextDue()
  }

  leases(): Lease6[] {
    return this.#leases.all()
  }

  /** For the server that takes the place of this one: an offer does not make it forget what it lies over. */
  handedOver(): Lease6[] {
    return this.#leases.handedOver()
  }

  /** What a store that lost everything is given anew. */
  records(): Lease6[] {
    return this.#leases.records()
  }

  /** How much the table of leases holds. */
  get size(): LeaseTable6['size'] {
    return this.#leases.size
  }

  /** The clock was set: every lease gets other times. */
  moveTimes(move: (lease: Lease6) => Lease6): void {
    for (const lease of this.#leases.all())
      if (lease.state === 'offered') this.#leases.put(move(lease))
      else this.#record(move(lease))
    this.freed.moveTimes(move)
  }

  /** How full the pools of each network are. */
  usage(): { readonly subnet: string; readonly used: number; readonly size: number }[] {
    return this.configuration.subnets.map((subnet) => {
      const { leased, offered, declined, size } = this.#leases.usage(subnet)
      return { subnet: networkText6(subnet.network), used: leased + offered + declined, size }
    })
  }

  /** Frees an address on a person's word; see `FreedLeases`. */
  forget(address: string, now: number): boolean {
    return this.freed.forget(address, now, this.#leasesAt)
  }

  restore(address: string, now: number): LeaseRestoration {
    return this.freed.restore(address, now, this.#leasesAt)
  }

  #subnetContaining(address: string): Subnet6Configuration | undefined {
    const number = ipv6Number(address)
    return this.#ranges.find(({ first, last }) => number >= first && number <= last)?.subnet
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
      this.#events.push({ type: 'lease-expired', mac: lease.mac, address: lease.address })
    }
  }

  /** What is so whether it can be stored or not. */
  #record(lease: Lease6): void {
    this.#leases.put(lease)
    this.#changes.push({ lease })
  }

  /** What is so only once it is stored. */
  #grant(lease: Lease6): void {
    const before = this.#leases.recordAt(lease.address)
    this.#leases.put(lease)
    this.#changes.push({ lease, undo: { before } })
  }

  #receive(datagram: Incoming6, now: number): void {
    const { source } = datagram
    const served = this.#served.get(datagram.interface)
    // Nobody is answered who cannot be: a group, no address, our own port.
    if (!served || source.port === 0 || isMulticast(source.address) || source.address === '::') return
    if (source.port === datagram.destinationPort && ownAddresses6(served).includes(source.address)) return
    const { message: outer, problems } = decodeDhcp6(datagram.payload)
    const { relays, inner: message } = unwrapRelays(outer)
    const type = clientTypes.get(message.type)
    // Replies, messages of relay agents with nothing in them, relayed replies, and what no client sends.
    if (type === undefined || message.relay || relays.some((one) => one.type !== dhcp6Types.relayForward)) return
    if (relays.length > mostRelays) return
    const peer = relays.at(-1)?.relay?.peerAddress ?? source.address
    const client = identity6Of(message, relays, peer)
    const isBootServer = datagram.destinationPort === this.configuration.ports.bootServer
    const ignored = (reason: string): void => this.#tellIgnored(client, type, isBootServer, reason)
    // What is cut off may have lost anything; odd values of options that nobody needs may not.
    const cut = problems.find(({ message: said }) => /is cut off|ends after|nested/.test(said))
    if (cut) return ignored(`its message cannot be read: ${cut.field} ${cut.message}`)
    const identifier = findDhcp6Option(message, codes.clientIdentifier)?.data
    if (identifier && (identifier.length < 3 || identifier.length > longestDuid))
      return ignored(
        `its DUID has ${identifier.length} bytes, and 3 to ${longestDuid} are allowed (RFC 8415 section 11.1)`,
      )
    const links = relays.map((one) => one.relay!.linkAddress).filter((one) => one !== '::' && !isLinkLocal(one))
    // The agent next to the client knows its link (RFC 8415 section 13.1); one that bridges names none (RFC 6221 section 5.2).
    const relayLink = links.at(-1)
    const subnets = this.configuration.subnets.filter(({ network }) => {
      const text = networkText6(network)
      if (relayLink !== undefined) return isInPrefix6(relayLink, text)
      // An interface that is in no network at all is on the wire of those that no other interface is in.
      return served.addresses.length === 0
        ? !this.configuration.interfaces.some((one) => isOnWire(one, text))
        : isOnWire(served, text)
    })
    const exchange: Exchange = {
      datagram,
      type,
      message,
      relays,
      client,
      duid: identifier ? formatHex(identifier) : '',
      served,
      subnets,
      where: whereaboutsOf6(
        relays,
        source.address,
        relayLink ?? subnets[0]?.network.address ?? addressFor6(served, peer),
      ),
      requested: requestedCodes6(message),
      now,
    }
    const refusal = refusalOf(this.configuration.filter, client.mac)
    if (refusal !== undefined) return ignored(refusal)
    if (isBootServer) return this.#answerBootServer(exchange)
    if (this.configuration.role === 'boot-server') return
    const fault = this.#faultOf(exchange)
    if (fault === 'silent') return
    if (fault !== undefined) return ignored(fault)
    if (relays.length === 0 && datagram.isMulticast === false) return this.#refuseUnicast(exchange)
    if (this.configuration.role === 'proxy') return this.#offerAsProxy(exchange)
    if (type === 'informationRequest') return this.#inform(exchange)
    if (this.configuration.role === 'stateless')
      return ignored('it wants an address, and the lab gives none over IPv6 (ipv6.mode is stateless)')
    if (subnets.length === 0) return ignored(this.#noSubnet(exchange, relayLink))
    switch (type) {
      case 'solicit':
        return this.#solicit(exchange)
      case 'request':
        return this.#request(exchange)
      case 'confirm':
        return this.#confirm(exchange)
      case 'renew':
      case 'rebind':
        return this.#extend(exchange)
      case 'release':
      case 'decline':
        return this.#giveUp(exchange)
    }
  }

  #tellIgnored(client: ClientIdentity, type: ClientType, isBootServer: boolean, reason: string): void {
    const { role } = this.configuration
    if (isBootServer) this.#events.push({ type: 'boot-server-ignored', client, reason })
    else if (role === 'proxy') this.#events.push({ type: 'proxy-ignored', client, reason })
    // That a message which gives something back is ignored explains no boot.
    else this.#events.push({ type: 'dhcp-ignored', client, reason, awaitsNoAnswer: type === 'release' || type === 'decline' }) // prettier-ignore
  }

  #ignore({ client, type }: Exchange, reason: string): void {
    this.#tellIgnored(client, type, false, reason)
  }

  /** Why RFC 8415 section 16 has a message discarded; `silent` where it is for another server, undefined where it is valid. */
  #faultOf({ type, message, datagram, relays, duid, subnets }: Exchange): string | undefined {
    const needs = validity[type]
    const name = dhcp6TypeNames[message.type]!
    const server = findDhcp6Option(message, codes.serverIdentifier)?.data
    if (needs.client && duid === '') return `its ${name} has no client identifier`
    if (needs.server === 'none' && server) return `its ${name} names a server, which it must not`
    if (needs.server === 'ours' && !server) return `its ${name} names no server`
    if (server && !isSame(server, this.configuration.duid)) {
      // It took another server's offer: ours is free again.
      for (const subnet of type === 'request' ? subnets : [])
        for (const association of this.#associations(message, duid)) {
          const lease = this.#leases.of(association, subnet)
          if (lease?.state === 'offered') this.#leases.dropOffer(lease.address)
        }
      return 'silent'
    }
    const isAssociation = ({ code }: Dhcp6Option): boolean => code === codes.iaNa || code === codes.iaTa || code === codes.iaPd // prettier-ignore
    if (type === 'informationRequest' && message.options.some(isAssociation))
      return `its ${name} asks for addresses, which it must not`
    if (!needs.unicast && relays.length === 0 && datagram.isMulticast === false)
      return `its ${name} came by unicast, which servers do not answer (RFC 8415 section 16)`
    return undefined
  }

  #noSubnet({ served }: Exchange, relayLink: string | undefined): string {
    if (relayLink !== undefined) return `no network of ipv6.subnets contains ${relayLink}, the link of its relay agent`
    const own = served.addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`)
    return own.length === 0
      ? `${served.name} has no IPv6 address beside its link-local one: give it one in the network, such as fd00:77::1/64`
      : `no network of ipv6.subnets contains an address of ${served.name} (${own.join(', ')})`
  }

  #associations(message: Dhcp6Message, duid: string): AskedAssociation[] {
    return message.options
      .filter(({ code, data }) => code === codes.iaNa && data.length >= 12)
      .slice(0, mostAssociations)
      .map((one, at) => ({ duid, iaid: u32At(one.data, 0), addresses: addressesIn(one), isFirst: at === 0 }))
  }

  /** What is told of temporary addresses and prefixes, of which this server has none. */
  #refusals({ message, type }: Exchange): EncodableOption6[] {
    const isNew = type === 'solicit' || type === 'request'
    return message.options.slice(0, 4 * mostAssociations).flatMap(({ code, data }) => {
      if (code === codes.iaTa && data.length >= 4)
        return [{ code, data: concatBytes([data.subarray(0, 4), statusBytes(isNew ? status.noAddrsAvail : status.noBinding)]) }] // prettier-ignore
      if (code === codes.iaPd && data.length >= 12)
        return [iaOption({ iaid: u32At(data, 0), t1: 0, t2: 0, options: [told(isNew ? status.noPrefixAvail : status.noBinding)] }, codes.iaPd)] // prettier-ignore
      return []
    })
  }

  #reservationOf({ client, duid }: Exchange, subnet: Subnet6Configuration): Reservation6 | undefined {
    const reserved = this.#reservations.get(subnet)
    if (!reserved || reserved.size === 0) return undefined
    return (
      reserved.get(`duid ${duid}`) ?? reserved.get(client.mac) ?? (client.uuid === undefined ? undefined : reserved.get(client.uuid)) // prettier-ignore
    )
  }

  /** A reserved address is its machine's, whichever of its programs has it now: firmware, iPXE and system name themselves differently. */
  #mayTake(address: string, reservation: Reservation6, association: Association): boolean {
    const holder = this.#leases.at(address)
    if (!holder || this.#leases.isFreeFor(address, association)) return true
    if (holder.state === 'declined') return false
    const { mac, uuid, duid } = reservation
    return holder.mac === mac || (uuid !== undefined && holder.uuid === uuid) || holder.duid === duid
  }

  /** The address an association is to have in a network, by what it is, what it had, what it asks for; undefined where none is left. */
  #choose(exchange: Exchange, subnet: Subnet6Configuration, asked: AskedAssociation): string | undefined {
    const leases = this.#leases
    const reservation = this.#reservationOf(exchange, subnet)
    const current = leases.of(asked, subnet)
    if (reservation && asked.isFirst && this.#mayTake(reservation.address, reservation, asked))
      return reservation.address
    const isUsable = (address: string): boolean =>
      leases.isInPool(address, subnet) && leases.isFreeFor(address, asked) && leases.hasRoomFor(address)
    if (current && isUsable(current.address)) return current.address
    const hinted = asked.addresses.find(isUsable)
    if (hinted !== undefined) return hinted
    const free = leases.allocate(subnet)
    if (free !== undefined) return free
    const declined = leases.longestDeclined(subnet, exchange.client.mac)
    if (declined !== undefined)
      this.#events.push({ type: 'declined-address-offered', client: exchange.client, address: declined })
    return declined
  }

  /** Valid lifetime in seconds. */
  #secondsFor(subnet: Subnet6Configuration): number {
    return subnet.leaseSeconds ?? this.configuration.leaseSeconds
  }

  #leaseFor(exchange: Exchange, { duid, iaid }: Association, address: string, state: Lease6['state'], seconds: number): Lease6 {
    const { client, now } = exchange
    const before = this.#leases.at(address)
    return {
      address,
      duid,
      iaid,
      mac: client.mac,
      uuid: client.uuid,
      hostname: client.hostName,
      architecture: client.architecture ?? (before && isOf(before, { duid, iaid }) ? before.architecture : undefined),
      state,
      since: now,
      until: seconds === forEver ? Infinity : now + seconds * 1000,
    }
  } // prettier-ignore

  /** Gives an association an address, in the first network of the link that has one. */
  #give(exchange: Exchange, asked: AskedAssociation, state: 'offered' | 'bound'): Given {
    for (const subnet of exchange.subnets) {
      const address = this.#choose(exchange, subnet, asked)
      if (address === undefined) continue
      const seconds = this.#secondsFor(subnet)
      const current = this.#leases.of(asked, subnet)
      const before = this.#leases.at(address)
      const lease =
        state === 'bound'
          ? this.#leaseFor(exchange, asked, address, 'bound', seconds)
          : this.#leaseFor(exchange, asked, address, 'offered', this.configuration.offerSeconds)
      if (state === 'bound') {
        this.#grant(lease)
        // What it had before is free.
        if (current && current.address !== address && isHeld(current.state)) this.#free(current, exchange.now)
      } else if (before?.state !== 'bound' || !isOf(before, asked)) this.#leases.put(lease)
      return { option: this.#associationOption(asked, [{ address, seconds }]), subnet, lease }
    }
    this.#tellExhausted(exchange)
    const option = iaOption({ iaid: asked.iaid, t1: 0, t2: 0, options: [told(status.noAddrsAvail)] })
    return { option, subnet: undefined, lease: undefined }
  }

  #free(lease: Lease6, now: number): void {
    if (lease.state === 'offered') this.#leases.dropOffer(lease.address)
    else this.#record({ ...lease, state: 'released', since: now, until: now })
  }

  /** Addresses with 0 seconds are not to be used any more. */
  #associationOption({ iaid }: Association, addresses: readonly { address: string; seconds: number }[]): EncodableOption6 {
    const seconds = Math.max(0, ...addresses.map((one) => one.seconds))
    const preferred = preferredOf(seconds)
    return iaOption({
      iaid,
      // Half and four fifths of the preferred lifetime (RFC 8415 section 21.4).
      t1: seconds === forEver ? forEver : Math.floor(preferred / 2),
      t2: seconds === forEver ? forEver : Math.floor((preferred * 4) / 5),
      options: addresses.map((one) => iaAddressOption(one.address, preferredOf(one.seconds), one.seconds)),
    })
  } // prettier-ignore

  #tellExhausted({ client, subnets }: Exchange): void {
    const subnet = subnets[0]!
    this.#events.push({
      type: 'pool-exhausted',
      client,
      subnet: networkText6(subnet.network),
      pools: subnet.pools.map(({ start, end }) => `${start} - ${end}`),
      usage: this.#leases.usage(subnet),
      isTableFull: this.#leases.isFull,
    })
  }

  #solicit(exchange: Exchange): void {
    const asked = this.#associations(exchange.message, exchange.duid)
    const isRapid = findDhcp6Option(exchange.message, codes.rapidCommit) !== undefined
    const given = asked.map((one) => this.#give(exchange, one, isRapid ? 'bound' : 'offered'))
    const { preference } = this.configuration
    this.#reply(exchange, isRapid ? 'reply' : 'advertise', given, [
      ...(isRapid ? [{ code: codes.rapidCommit, data: new Uint8Array(0) }] : []),
      ...(preference > 0 && !isRapid ? [{ code: codes.preference, data: Uint8Array.of(preference) }] : []),
    ])
  }

  /** RFC 8415 section 18.3.2: an address of another link is told to be that, everything else gets one. */
  #request(exchange: Exchange): void {
    const given = this.#associations(exchange.message, exchange.duid).map((one): Given => {
      const stranger = one.addresses.find((address) => !isOnLink(address, exchange))
      if (stranger === undefined) return this.#give(exchange, one, 'bound')
      this.#tellRefused(exchange, stranger, `it is not of this link`)
      return refused(one, status.notOnLink)
    })
    this.#reply(exchange, 'reply', given)
  }

  /** RFC 8415 section 18.3.3: whether its addresses are of this link. */
  #confirm(exchange: Exchange): void {
    const addresses = this.#associations(exchange.message, exchange.duid).flatMap((one) => one.addresses)
    if (addresses.length === 0) return this.#ignore(exchange, 'its CONFIRM names no address')
    const stranger = addresses.find((address) => !isOnLink(address, exchange))
    const code = stranger === undefined ? status.success : status.notOnLink
    const { client } = exchange
    this.#send(
      exchange,
      'reply',
      [told(code)],
      stranger === undefined
        ? { type: 'dhcp-confirmed', client, address: addresses[0]! }
        : { type: 'dhcp-refused', client, address: stranger, reason: 'it is not of this link' },
      false,
    )
  }

  /** RENEW and REBIND (RFC 8415 sections 18.3.4 and 18.3.5). */
  #extend(exchange: Exchange): void {
    const { type, subnets } = exchange
    const given = this.#associations(exchange.message, exchange.duid).map((one): Given | undefined => {
      const isKnown = subnets.some((subnet) => {
        const lease = this.#leases.of(one, subnet)
        return lease !== undefined && isHeld(lease.state)
      })
      const strangers = one.addresses.filter((address) => !isOnLink(address, exchange))
      // Somebody else may have what a client without a record wants back.
      const isTaken = one.addresses.some((address) => !this.#leases.isFreeFor(address, one))
      if (!isKnown && type === 'rebind' && one.addresses.length === 0) return undefined
      if (!isKnown && type === 'renew' && (strangers.length > 0 || isTaken)) {
        this.#tellRefused(exchange, one.addresses[0] ?? '', 'this server has no record of it')
        return refused(one, status.noBinding)
      }
      const { subnet, lease } = this.#give(exchange, one, 'bound')
      if (!lease || !subnet) return refused(one, status.noAddrsAvail)
      const seconds = this.#secondsFor(subnet)
      // What it has and may not keep is told to be over.
      const over = one.addresses.filter((address) => address !== lease.address).map((address) => ({ address, seconds: 0 }))
      return { subnet, lease, option: this.#associationOption(one, [{ address: lease.address, seconds }, ...over]) }
    }) // prettier-ignore
    if (given.length > 0 && given.every((one) => one === undefined))
      return this.#ignore(exchange, 'it wants addresses back of which this server has no record')
    this.#reply(
      exchange,
      'reply',
      given.filter((one) => one !== undefined),
    )
  }

  /** RELEASE and DECLINE (RFC 8415 sections 18.3.7 and 18.3.8). */
  #giveUp(exchange: Exchange): void {
    const { message, duid, client, now, type } = exchange
    const options: EncodableOption6[] = [told(status.success)]
    for (const one of this.#associations(message, duid)) {
      const held = one.addresses.filter((address) => {
        const lease = this.#leases.recordAt(address)
        return lease?.state === 'bound' && isOf(lease, one)
      })
      if (held.length === 0) options.push(refused(one, status.noBinding).option)
      for (const address of held) {
        const lease = this.#leases.recordAt(address)!
        this.#leases.dropOffer(address)
        if (type === 'release') {
          this.#declines.used(address)
          this.#record({ ...lease, state: 'released', since: now, until: now })
          this.#events.push({ type: 'address-released', client, address })
          continue
        }
        const { quarantineSeconds, declines } = this.#declines.add(client.mac, address, now)
        const state = quarantineSeconds === 0 ? 'released' : 'declined'
        this.#record({ ...lease, duid: '', state, since: now, until: now + quarantineSeconds * 1000 })
        this.#events.push({ type: 'address-declined', client, address, quarantineSeconds, declines })
      }
    }
    this.#send(exchange, 'reply', [...options, ...this.#refusals(exchange)], undefined, false)
  }

  #tellRefused({ client }: Exchange, address: string, reason: string): void {
    this.#events.push({ type: 'dhcp-refused', client, address, reason })
  }

  /** RFC 8415 section 18.4: this server lets nobody ask by unicast. */
  #refuseUnicast(exchange: Exchange): void {
    const { client, datagram } = exchange
    const reason = 'it asks by unicast, which this server allows nobody'
    this.#send(exchange, 'reply', [told(status.useMulticast)], { type: 'dhcp-refused', client, address: datagram.source.address, reason }, false) // prettier-ignore
  }

  #inform(exchange: Exchange): void {
    const { client, datagram } = exchange
    const boot = this.#bootAnswer(exchange)
    this.#send(
      exchange,
      'reply',
      this.#informationFor(exchange, boot, exchange.subnets[0]),
      { type: 'dhcp-informed', client, address: exchange.relays.at(-1)?.relay?.peerAddress ?? datagram.source.address },
      false,
    )
  }

  /**
   * Beside another server: an ADVERTISE without an address and with the class of PXE is an offer that EDK2 goes by to port 4011 of
   * the host in its URL once the other server gave the address; one with the class of HTTP boot is taken as it is. iPXE drops it.
   */
  #offerAsProxy(exchange: Exchange): void {
    const { type, client } = exchange
    if (type === 'informationRequest') {
      const answer = this.#bootAnswer(exchange)
      if (client.boot === 'none') return
      if (!answer?.url) return this.#ignore(exchange, answer?.choice.reason ?? 'the lab boots nobody')
      return this.#send(exchange, 'reply', bootOptions(client, answer, 'server'), { type: 'proxy-offered', client, boot: answer.choice, form: 'file' }, false) // prettier-ignore
    }
    // Everything else is for the server that gives the address.
    if (type !== 'solicit' || client.boot === 'none') return
    if (client.isIpxe)
      return this.#ignore(exchange, 'iPXE takes what to boot over IPv6 from the server that gives its address, and from no other')
    const answer = this.#bootAnswer(exchange)
    if (!answer?.url) return this.#ignore(exchange, answer?.choice.reason ?? 'the lab boots nobody')
    if (client.boot === 'pxe' && !answer.url.startsWith('tftp://'))
      return this.#ignore(exchange, `PXE firmware takes a tftp:// address over IPv6 only, and it would get ${answer.url}`)
    const form = client.boot === 'http' ? 'file' : 'ask-boot-server'
    this.#send(exchange, 'advertise', bootOptions(client, answer, 'proxy'), { type: 'proxy-offered', client, boot: answer.choice, form }, false) // prettier-ignore
  } // prettier-ignore

  /** Port 4011: a client that has an address asks which program to load, by a REQUEST without an association. */
  #answerBootServer(exchange: Exchange): void {
    const { type, client, datagram, relays } = exchange
    if ((type !== 'request' && type !== 'informationRequest') || relays.length > 0) return
    const answer = this.#bootAnswer(exchange, datagram.source.address)
    if (!answer?.url) {
      this.#events.push({
        type: 'boot-server-ignored',
        client,
        reason: answer?.choice.reason ?? 'the lab boots nobody',
      })
      return
    }
    this.#send(exchange, 'reply', bootOptions(client, answer, 'proxy'), { type: 'boot-server-answered', client, address: datagram.source.address, boot: answer.choice, item: undefined }, false) // prettier-ignore
  }

  /** Undefined for a client that does not ask to boot. */
  #bootAnswer({ client, served, where, datagram, type }: Exchange, address?: string): BootAnswer6 | undefined {
    const { boot } = this.configuration
    if (!boot || client.boot === 'none') return undefined
    const near = typeof where.link === 'string' && where.link !== '' ? where.link : datagram.source.address
    const phase = type === 'solicit' || type === 'informationRequest' ? 'begins' : 'goes-on'
    return bootAnswer6For(client, boot, addressFor6(served, near), where, {
      ...(address === undefined ? {} : { address }),
      phase,
    })
  }

  /** What the lab says for a client that asks for it, the nearest level winning, and what it boots. */
  #informationFor(exchange: Exchange, boot: BootAnswer6 | undefined, subnet: Subnet6Configuration | undefined): EncodableOption6[] {
    const configured = new Map<number, Uint8Array>()
    const reservation = subnet && this.#reservationOf(exchange, subnet)
    for (const level of [this.configuration.options, subnet?.options ?? [], reservation?.options ?? []])
      for (const { code, data } of level) configured.set(code, data)
    return [
      ...(boot?.url ? bootOptions(exchange.client, boot, 'server') : []),
      ...(configured.has(codes.clientFqdn) ? [] : this.#nameFor(exchange)),
      ...[...exchange.requested].flatMap((code) => {
        const data = configured.get(code)
        return data ? [{ code, data }] : []
      }),
    ]
  } // prettier-ignore

  /** What the lab file calls the machine, for a client that sends and requests option 39 (RFC 4704 section 6). */
  #nameFor({ client, message, requested, where, datagram }: Exchange): EncodableOption6[] {
    const asked = findDhcp6Option(message, codes.clientFqdn)?.data
    const { boot } = this.configuration
    if (!asked || !requested.has(codes.clientFqdn) || !boot) return []
    const name = namedHost(client, boot, where, { address: datagram.source.address })
    return name === undefined ? [] : [fqdnOption(name, asked[0] ?? 0)]
  }

  #reply(
    exchange: Exchange,
    type: 'advertise' | 'reply',
    given: readonly Given[],
    more: readonly EncodableOption6[] = [],
  ): void {
    const { client, relays } = exchange
    const first = given.find((one) => one.lease !== undefined)
    const boot = this.#bootAnswer(exchange, first?.lease?.address)
    const subnet = first?.subnet ?? exchange.subnets[0]
    const event: Dhcp6ServerEvent | undefined = first?.lease && {
      type: type === 'advertise' ? 'dhcp-offered' : 'dhcp-acknowledged',
      client,
      address: first.lease.address,
      leaseSeconds: this.#secondsFor(first.subnet!),
      subnet: networkText6(first.subnet!.network),
      via: relays.length === 0 ? undefined : String(exchange.where.relay),
      boot: boot?.choice,
      hasMenu: false,
      droppedOptions: [],
    }
    const options = [...given.map((one) => one.option), ...this.#refusals(exchange), ...more]
    this.#send(exchange, type, options, event, type === 'reply' && first !== undefined, this.#informationFor(exchange, boot, subnet)) // prettier-ignore
  }

  /** `optional` is left out from its end where the reply would not fit into one packet. */
  #send(
    exchange: Exchange,
    type: 'advertise' | 'reply',
    options: readonly EncodableOption6[],
    event: Dhcp6ServerEvent | undefined,
    needsLease: boolean,
    optional: readonly EncodableOption6[] = [],
  ): void {
    const { message, relays, datagram, served } = exchange
    const { ports, duid } = this.configuration
    const identifier = findDhcp6Option(message, codes.clientIdentifier)
    const wrapped = relays.map((one) => ({ relay: one.relay!, options: echoedTo(one) }))
    const around = wrapped.reduce((sum, one) => sum + relayHeaderLength + 4 + optionsLength6(one.options), 0)
    const required: EncodableOption6[] = [
      ...(identifier ? [{ code: identifier.code, data: identifier.data }] : []),
      { code: codes.serverIdentifier, data: duid },
      ...options,
    ]
    const room = Math.min(served.mtu, leastMtu) - headerLength - around - 4 - optionsLength6(required)
    const fitting = optional.filter((_, at) => optionsLength6(optional.slice(0, at + 1)) <= room)
    const droppedOptions = optional.slice(fitting.length).map(({ code }) => code)
    let payload = encodeDhcp6({ type: dhcp6Types[type], xid: message.xid, options: [...required, ...fitting] })
    for (const { relay, options: echoed } of wrapped.toReversed())
      payload = encodeDhcp6({
        type: dhcp6Types.relayReply,
        xid: 0,
        relay,
        options: [...echoed, { code: codes.relayMessage, data: payload }],
      })
    const isBootServer = datagram.destinationPort === ports.bootServer
    const isDocumented = ports.dhcp6 === documentedDhcp6Port && !isBootServer
    const asksPort = relays.length > 0 && findDhcp6Option(relays[0]!, codes.relaySourcePort) !== undefined
    const port = !isDocumented || asksPort
      ? datagram.source.port
      : relays.length > 0 ? documentedDhcp6Port : documentedClient6Port // prettier-ignore
    const to = datagram.destinationAddress
    const isOwn = to !== undefined && !isMulticast(to)
    this.#transmits.push({
      interface: datagram.interface,
      sourcePort: datagram.destinationPort,
      sourceAddress: isOwn ? to : isLinkLocal(datagram.source.address) ? served.linkLocal : addressFor6(served, datagram.source.address),
      destination: { address: datagram.source.address, port },
      payload,
      event: event && 'droppedOptions' in event && droppedOptions.length > 0 ? { ...event, droppedOptions } : event,
      needsLease,
    })
  } // prettier-ignore
}

const statusBytes = (code: number): Uint8Array => {
  const { data } = told(code)
  return concatBytes([bytesOfU16(codes.statusCode), bytesOfU16(data.length), data])
}

/** Option 13 with the name of the status as its text. */
const told = (code: number): EncodableOption6 => statusOption(code, statusNames[code]!)

/** Five eighths of the valid lifetime: a client renews well before its address is over. */
const preferredOf = (seconds: number): number => (seconds === forEver ? forEver : Math.floor((seconds * 5) / 8))

const refused = ({ iaid }: Association, code: number): Given => ({
  option: iaOption({ iaid, t1: 0, t2: 0, options: [told(code)] }),
  subnet: undefined,
  lease: undefined,
})

const isOnWire = ({ addresses }: ServedInterface6, network: string): boolean =>
  addresses.some(({ address }) => isInPrefix6(address, network))

const isOnLink = (address: string, { subnets }: Exchange): boolean =>
  subnets.some(({ network }) => isInPrefix6(address, networkText6(network)))

/**
 * Options 59 and 16. EDK2 asks port 4011 of whoever names the class of PXE, so that only a proxy does; HTTP boot takes no offer without
 * its class.
 */
function bootOptions(client: ClientIdentity, { url }: BootAnswer6, as: 'server' | 'proxy'): EncodableOption6[] {
  const name = client.boot === 'http' ? 'HTTPClient' : as === 'proxy' ? 'PXEClient' : undefined
  return [
    ...(name === undefined ? [] : [vendorClassOption(intelEnterprise, [name])]),
    { code: codes.bootFileUrl, data: encodeText(url) },
  ]
}

/** What goes back to a relay agent as it sent it: what it must have (18, 135), what it asks to have (option 43), and its remote identifier. */
function echoedTo(relay: Dhcp6Message): EncodableOption6[] {
  const asked = findDhcp6Option(relay, codes.echoRequest)?.data ?? new Uint8Array(0)
  const wanted = new Set<number>([codes.interfaceId, codes.remoteId, codes.relaySourcePort])
  for (let at = 0; at + 2 <= asked.length; at += 2) wanted.add(u16At(asked, at))
  wanted.delete(codes.relayMessage)
  const echoed = new Map<number, EncodableOption6>()
  for (const { code, data } of relay.options) if (wanted.has(code)) echoed.set(code, { code, data })
  return [...echoed.values()]
}

/** The agent next to the client is the one that rules mean; it names itself by its address on the client's link. */
function whereaboutsOf6(relays: readonly Dhcp6Message[], source: string, link: string | undefined): Whereabouts {
  const ofAgent = (code: number): Uint8Array | undefined => {
    for (const relay of relays.toReversed()) {
      const data = findDhcp6Option(relay, code)?.data
      if (data) return data
    }
    return undefined
  }
  const named = relays.map((one) => one.relay!.linkAddress).findLast((one) => one !== '::' && !isLinkLocal(one))
  return {
    link: link ?? '',
    relay: relays.length === 0 ? 0 : (named ?? source),
    circuitId: ofAgent(codes.interfaceId),
    remoteId: ofAgent(codes.remoteId)?.subarray(4),
  }
}
