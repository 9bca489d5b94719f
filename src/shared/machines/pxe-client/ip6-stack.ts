/**
 * IPv6 of a machine that boots, as EDK2's driver has it (Ip6Dxe, Dhcp6Dxe): the address of its wire, looking for a router, and where
 * a router says so an address or settings of its own by DHCPv6 (flags M and O), beside what the boot then asks for.
 */
import { bytesOfU16, concatBytes, formatIpv6, parseIpv6, u32At } from '../../wire/bytes.ts'
import { encodeDhcp6, iaAddressOption, iaOption, type EncodableOption6 } from '../../wire/dhcpv6/encode.ts'
import {
  addressesOf,
  decodeDhcp6,
  dhcp6Types,
  failedStatusOf,
  findDhcp6Option,
  type Dhcp6Address,
  type Dhcp6Message,
} from '../../wire/dhcpv6/message.ts'
import { dhcp6OptionCodes } from '../../wire/dhcpv6/options.ts'
import { icmp6Types, readRouterAdvertisement, type RouterAdvertisement } from '../../wire/icmpv6.ts'
import { isInPrefix6 } from '../../wire/ip-address.ts'
import { dhcp6Groups, documentedClient6Port, documentedDhcp6Port, type IpEndpoint } from '../machine.ts'
import type { ClientContext, ClientInput, Step } from './client.ts'

/** Every DHCPv6 server and relay agent of the wire. */
export const everyServer6: IpEndpoint = { address: dhcp6Groups[0]!, port: documentedDhcp6Port }

/** After the network card is started, in milliseconds (measured with OVMF). */
const solicitsRouterAt = 200
const probesAddressAt = 700
const hasAddressAt = 1700
/** RTR_SOLICITATION_INTERVAL and MAX_RTR_SOLICITATIONS of RFC 4861 section 10. */
const routerMs = 4000
const mostRouterSolicitations = 3
const infinity = 0xffff_ffff

/** The address of one wire that a hardware address becomes (RFC 4291 appendix A), or with another prefix of 64 bits one of that. */
export function addressOfMac(
  mac: Uint8Array,
  prefix: Uint8Array = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0),
): string {
  const [a, b, c, d, e, f] = mac as unknown as [number, number, number, number, number, number]
  return formatIpv6(concatBytes([prefix.subarray(0, 8), Uint8Array.of(a ^ 2, b, c, 0xff, 0xfe, d, e, f)]))
}

/** The group in which whoever has an address is looked for (RFC 4291 section 2.7.1). */
const solicitedNode = (address: string): string =>
  formatIpv6(concatBytes([Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff), parseIpv6(address)!.subarray(13)])) // prettier-ignore

/** An option that lists codes (option 6). */
export const optionRequest = (...codes: readonly number[]): EncodableOption6 => ({
  code: dhcp6OptionCodes.optionRequest,
  data: concatBytes(codes.map(bytesOfU16)),
})

export interface Heard6 {
  readonly message: Dhcp6Message
  readonly source: string
}

/** A binding of this machine: what it is told apart by, who gave it, and the address. */
export interface Binding6 {
  readonly iaid: number
  readonly server: Uint8Array
  readonly given: Dhcp6Address
  readonly reply: Dhcp6Message
}

/** A DHCPv6 answer to that client in that transaction; undefined for everything else. */
export function answerOf(
  input: ClientInput | undefined,
  xid: number,
  duid: Uint8Array,
  port = documentedClient6Port,
): Heard6 | undefined {
  if (input?.kind !== 'datagram' || input.destinationPort !== port) return undefined
  const { address } = input.source
  if (typeof address !== 'string') return undefined
  const { message } = decodeDhcp6(input.payload)
  const clientId = findDhcp6Option(message, dhcp6OptionCodes.clientIdentifier)?.data
  const isOurs = clientId?.length === duid.length && clientId.every((octet, at) => octet === duid[at])
  if (message.xid !== xid || !isOurs || !findDhcp6Option(message, dhcp6OptionCodes.serverIdentifier)) return undefined
  return { message, source: address }
}

export class Ip6Stack {
  readonly client: ClientContext
  readonly linkLocal: string
  readonly duid: Uint8Array
  /** Of the next message: one counter for all that this machine asks. */
  #xid: number
  readonly startedAt: number
  router: { readonly address: string; readonly told: RouterAdvertisement } | undefined
  #solicitations = 0
  #nextRouterAt: number
  #hasProbed = false
  #isUp = false
  /** Whether it configures itself by what routers say; the boot drivers switch that off for their own address. */
  #isAutomatic = true
  #own:
    { readonly state: 'soliciting' | 'requesting' | 'asking'; readonly xid: number; readonly iaid: number } | undefined
  #ownBinding: Binding6 | undefined
  #ownAddress: string | undefined
  #bootAddress: string | undefined

  constructor(client: ClientContext) {
    this.client = client
    this.linkLocal = addressOfMac(client.mac)
    // Of type 4, as EDK2 makes it where the machine has a UUID (RFC 6355).
    this.duid = concatBytes([Uint8Array.of(0, 4), client.uuid])
    this.#xid = client.randomU32() & 0xff_ffff
    this.startedAt = client.now
    this.#nextRouterAt = client.now + solicitsRouterAt
    // It hears routers while it still makes sure that nobody else has its address.
    client.configure6({ linkLocal: this.linkLocal, others: [], router: undefined })
  }

  nextXid(): number {
    this.#xid = (this.#xid + 1) & 0xff_ffff
    return this.#xid
  }

  /** Waits for an input of the boot until a time; what is the stack's own business it does meanwhile. */
  *wait(until: number): Step<ClientInput | undefined> {
    for (;;) {
      this.#tick()
      if (this.client.now >= until) return undefined
      const input = yield Math.min(until, this.#nextAt())
      if (!input) continue
      if (input.kind === 'icmp6') this.#icmp6(input.source, input.payload)
      else if (!this.#isOwnReply(input)) return input
    }
  }

  *sleep(ms: number): Step<void> {
    const until = this.client.now + ms
    while (this.client.now < until) yield* this.wait(until)
  }

  /** A DHCPv6 answer in that transaction; undefined for everything else. */
  answerIn(input: ClientInput | undefined, xid: number, port = documentedClient6Port): Heard6 | undefined {
    return answerOf(input, xid, this.duid, port)
  }

  /** Sends a message to every server; its options begin with who asks. */
  send(type: number, xid: number, options: readonly EncodableOption6[]): void {
    const identifier = { code: dhcp6OptionCodes.clientIdentifier, data: this.duid }
    const payload = encodeDhcp6({ type, xid, options: [identifier, ...options] })
    this.client.send(documentedClient6Port, everyServer6, payload)
  }

  /** Whether something leads to that address: its wire as a router told it, or a router. */
  hasRouteTo(address: string): boolean {
    const told = this.router?.told
    return (
      told !== undefined && (told.lifetimeSeconds > 0 || told.prefixes.some((one) => isInPrefix6(address, one.text)))
    )
  }

  /** It no longer goes by what routers say, and gives back what it has of its own: the boot brings an address. */
  giveUpOwn(): void {
    this.#isAutomatic = false
    if (this.#ownBinding) this.release(this.#ownBinding)
    this.#ownBinding = this.#ownAddress = this.#own = undefined
  }

  takeForBoot(address: string): void {
    this.#bootAddress = address
    this.#probe(address)
  }

  /** The address is nobody else's: it can be used. */
  use(): void {
    this.#configure()
  }

  /** The boot is over: its address is given up, and the stack goes by what routers say once more. */
  leave(): void {
    if (this.#isAutomatic) return
    this.#bootAddress = undefined
    this.#isAutomatic = true
    this.#solicitations = 0
    this.#nextRouterAt = this.client.now + routerMs / 4
    this.#configure()
  }

  /** RFC 8415 section 18.2.7. */
  release({ iaid, server, given }: Binding6): void {
    const { address, preferredSeconds, validSeconds } = given
    this.send(dhcp6Types.release, this.nextXid(), [
      { code: dhcp6OptionCodes.serverIdentifier, data: server },
      elapsed(0),
      iaOption({ iaid, t1: infinity, t2: infinity, options: [iaAddressOption(address, preferredSeconds, validSeconds)] }),
    ]) // prettier-ignore
  }

  /** The binding that a reply confirms; undefined where it gives no address. */
  bindingIn({ message }: Heard6, iaid: number): Binding6 | undefined {
    const [given] = addressesOf(message)
    const server = findDhcp6Option(message, dhcp6OptionCodes.serverIdentifier)?.data
    return given && server && !failedStatusOf(message) ? { iaid, server, given, reply: message } : undefined
  }

  #configure(): void {
    const { told, address: router } = this.router ?? {}
    const address = this.#bootAddress ?? this.#ownAddress
    // An address that was set by hand or by DHCPv6 counts as one of a wire of 64 bits, as EDK2 takes it.
    const others = address === undefined ? [] : [{ address, prefixLength: 64 }]
    this.client.configure6({
      linkLocal: this.linkLocal,
      others,
      router: told && told.lifetimeSeconds > 0 ? router : undefined,
    })
  }

  #nextAt(): number {
    const { client } = this
    if (!this.#hasProbed) return Math.min(this.startedAt + probesAddressAt, this.#nextRouterAt)
    if (!this.#isUp) return Math.min(this.startedAt + hasAddressAt, this.#nextRouterAt)
    return this.#solicitations === 0 || (this.router === undefined && this.#solicitations < mostRouterSolicitations)
      ? Math.max(client.now, this.#nextRouterAt)
      : Infinity
  }

  #tick(): void {
    const { now } = this.client
    if (this.#solicitations < mostRouterSolicitations && now >= this.#nextRouterAt) {
      if (this.router === undefined || this.#solicitations === 0) this.#solicitRouter()
      else this.#nextRouterAt = Infinity
    }
    if (!this.#hasProbed && now >= this.startedAt + probesAddressAt) {
      this.#hasProbed = true
      this.#probe(this.linkLocal)
    }
    if (this.#isUp || now < this.startedAt + hasAddressAt) return
    this.#isUp = true
    this.#goByRouter()
  }

  #solicitRouter(): void {
    this.#solicitations++
    this.#nextRouterAt = this.client.now + routerMs
    // Without an address the message names no hardware either (RFC 4861 section 4.1).
    this.client.sendIcmp6('::', 'ff02::2', Uint8Array.of(icmp6Types.routerSolicitation, 0, 0, 0, 0, 0, 0, 0))
  }

  /** Whether anybody has that address (RFC 4862 section 5.4.2). */
  #probe(address: string): void {
    const message = new Uint8Array(24)
    message[0] = icmp6Types.neighbourSolicitation
    message.set(parseIpv6(address)!, 8)
    this.client.sendIcmp6('::', solicitedNode(address), message)
  }

  #icmp6(source: string, payload: Uint8Array): void {
    if (payload[0] !== icmp6Types.routerAdvertisement) return
    const told = readRouterAdvertisement(payload, 0, payload.length)
    if (!told) return
    this.router = { address: source, told }
    if (this.#isUp) this.#goByRouter()
  }

  #goByRouter(): void {
    if (!this.router || !this.#isAutomatic || this.#own || this.#ownBinding || this.#bootAddress !== undefined) return
    const { isManaged, hasOther } = this.router.told
    if (!isManaged && !hasOther) return
    const xid = this.nextXid()
    const iaid = this.client.randomU32()
    this.#own = { state: isManaged ? 'soliciting' : 'asking', xid, iaid }
    if (isManaged)
      this.send(dhcp6Types.solicit, xid, [elapsed(0), emptyIa(iaid), optionRequest(dhcp6OptionCodes.dnsServers)]) // prettier-ignore
    else this.send(dhcp6Types.informationRequest, xid, [elapsed(0), optionRequest(dhcp6OptionCodes.dnsServers)])
  }

  #isOwnReply(input: ClientInput): boolean {
    const own = this.#own
    const heard = own && this.answerIn(input, own.xid)
    if (!heard) return false
    const binding = this.bindingIn(heard, own.iaid)
    if (own.state === 'asking') this.#own = undefined
    else if (binding && own.state === 'soliciting' && heard.message.type === dhcp6Types.advertise) {
      const xid = this.nextXid()
      this.#own = { state: 'requesting', xid, iaid: own.iaid }
      this.send(dhcp6Types.request, xid, [
        elapsed(0),
        { code: dhcp6OptionCodes.serverIdentifier, data: binding.server },
        iaOf(heard.message),
        optionRequest(dhcp6OptionCodes.dnsServers),
      ])
    } else if (binding && own.state === 'requesting') {
      this.#own = undefined
      this.#ownBinding = binding
      this.#ownAddress = binding.given.address
      this.#probe(binding.given.address)
      this.#configure()
    }
    return true
  }
}

/** Time since the exchange began, in hundredths of a second (option 8). */
export const elapsed = (ms: number): EncodableOption6 => ({
  code: dhcp6OptionCodes.elapsedTime,
  data: bytesOfU16(Math.min(0xffff, Math.round(ms / 10))),
})

export const emptyIa = (iaid: number): EncodableOption6 => iaOption({ iaid, t1: infinity, t2: infinity, options: [] })

/** The identity association of an advertisement, as the request repeats it: times and address. */
export function iaOf(message: Dhcp6Message): EncodableOption6 {
  const { data } = findDhcp6Option(message, dhcp6OptionCodes.iaNa)!
  const [given] = addressesOf(message)
  return iaOption({
    iaid: u32At(data, 0),
    t1: u32At(data, 4),
    t2: u32At(data, 8),
    options: given ? [iaAddressOption(given.address, given.preferredSeconds, given.validSeconds)] : [],
  })
}

/** Option 7, 0 where it is not sent. */
export const preferenceOf = (message: Dhcp6Message): number => findDhcp6Option(message, 7)?.data[0] ?? 0
