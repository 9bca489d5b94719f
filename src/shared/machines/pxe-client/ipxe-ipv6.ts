/**
 * IPv6 of iPXE (`ipv6conf` of its ndp.c, and its dhcpv6.c), beside its DHCP: a router is asked first, and what the router says decides.
 * With the flag M it asks for an address, with O alone for the rest, with neither for nothing. It collects no ADVERTISEs and knows no
 * preference: the first that has an address is taken. As Debian's build of 2019; newer ones ask routers for a shorter time.
 */
import { say, type Phrase } from '#messages/message.ts'
import { bytesOfU16, concatBytes, encodeText, parseIpv6 } from '../../wire/bytes.ts'
import {
  encodeDhcp6,
  iaAddressOption,
  iaOption,
  vendorClassOption,
  type EncodableOption6,
} from '../../wire/dhcpv6/encode.ts'
import {
  addressesOf,
  bootUrlOf,
  dhcp6Types,
  failedStatusOf,
  findDhcp6Option,
  type Dhcp6Message,
} from '../../wire/dhcpv6/message.ts'
import { dhcp6OptionCodes } from '../../wire/dhcpv6/options.ts'
import { intelEnterprise } from '../../wire/iana/enterprises.ts'
import {
  icmp6Types,
  ndOptionTypes,
  readRouterAdvertisement,
  readRouterDns,
  type RouterAdvertisement,
} from '../../wire/icmpv6.ts'
import { isInPrefix6, isLinkLocal } from '../../wire/ip-address.ts'
import { documentedClient6Port, type OwnAddress6 } from '../machine.ts'
import type { ClientContext, ClientInput, Step } from './client.ts'
import { addressOfMac, answerOf, elapsed, everyServer6, optionRequest } from './ip6-stack.ts'

/** Its timer: a quarter of a second, each wait twice the last, and the end where one would be longer than ten seconds. */
const waitsMs = [250, 500, 1000, 2000, 4000, 8000]

/** `crc32_le` with nothing before it, which its identity association is called by. */
export function iaidOf(mac: Uint8Array): number {
  let sum = 0
  for (const octet of mac) {
    sum ^= octet
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  }
  return sum >>> 0
}

export interface Ipxe6Options {
  readonly architecture: number
  /** Type, major and minor version of option 62. */
  readonly undi: readonly [number, number, number]
  /** How long its network card hears nothing after its start. */
  readonly deafMs: number
  /** In the order of its text, not in that of SMBIOS, in which EDK2 writes it: the two are other clients to a server. */
  readonly uuid: Uint8Array
}

interface Exchange {
  readonly type: 'solicit' | 'request' | 'informationRequest'
  readonly begun: number
  /** Options 2 and 5 of what it requests. */
  readonly server?: Uint8Array
  readonly address?: string
}

export class Ipxe6 {
  readonly linkLocal: string
  router: { readonly address: string; readonly told: RouterAdvertisement; readonly dns: readonly string[] } | undefined
  leased: string | undefined
  reply: Dhcp6Message | undefined
  /** Why it has no configuration; empty where it has one, and while it is not over. */
  why: Phrase = ''
  isOver = false
  readonly #client: ClientContext
  readonly #options: Ipxe6Options
  readonly #duid: Uint8Array
  readonly #iaid: number
  readonly #xid: number
  readonly #hearsFrom: number
  #waiting: readonly [source: string, told: RouterAdvertisement, dns: readonly string[]] | undefined
  #exchange: Exchange | undefined
  #sent = 0
  #nextAt: number
  /** What the last answer lacked. */
  #lacked: Phrase = ''

  constructor(client: ClientContext, options: Ipxe6Options) {
    this.#client = client
    this.#options = options
    this.linkLocal = addressOfMac(client.mac)
    this.#duid = concatBytes([Uint8Array.of(0, 4), options.uuid])
    this.#iaid = iaidOf(client.mac)
    this.#xid = client.randomU32() & 0xff_ffff
    this.#nextAt = client.now
    this.#hearsFrom = client.now + options.deafMs
    client.configure6({ linkLocal: this.linkLocal, others: [], router: undefined })
  }

  get nextAt(): number {
    return this.isOver ? Infinity : Math.min(this.#nextAt, this.#waiting ? this.#hearsFrom : Infinity)
  }

  /** Boot file URL of the reply; empty without. */
  get url(): string {
    return this.reply ? bootUrlOf(this.reply) : ''
  }

  /** Its addresses, the one that is preferred first, each with the length of the prefix it is in. */
  get addresses(): readonly OwnAddress6[] {
    const { told } = this.router ?? {}
    const own = (told?.prefixes ?? [])
      .filter(({ text, isAutonomous }) => isAutonomous && text.endsWith('/64'))
      .map(({ text }) => ({
        address: addressOfMac(this.#client.mac, parseIpv6(text.split('/')[0]!)),
        prefixLength: 64,
      }))
    const { leased } = this
    if (leased === undefined) return own
    const prefix = told?.prefixes.find(({ text }) => isInPrefix6(leased, text))
    const prefixLength = prefix ? Number(prefix.text.split('/')[1]) : 64
    // One prefix has one address.
    const others = own.filter(({ address }) => !isInPrefix6(address, `${leased}/${prefixLength}`))
    return [{ address: leased, prefixLength }, ...others]
  }

  /** The router of its prefixes; undefined where it is none for other networks. */
  get gateway(): string | undefined {
    const { address, told } = this.router ?? {}
    return told && told.lifetimeSeconds > 0 && told.prefixes.length > 0 ? address : undefined
  }

  /** Whether anything leads to that address. */
  hasRouteTo(address: string): boolean {
    if (isLinkLocal(address)) return true
    const near = this.addresses.some((own) => isInPrefix6(address, `${own.address}/${own.prefixLength}`))
    return near || (this.gateway !== undefined && this.addresses.length > 0)
  }

  /** The lines of `route`. */
  get lines(): readonly string[] {
    const { addresses, gateway } = this
    const told = this.router?.told.prefixes ?? []
    const routed = (network: string): string => {
      const isTold = told.some(({ text }) => isInPrefix6(network, text))
      return gateway === undefined || !isTold ? '' : ` gw ${gateway}`
    }
    const empty = told.filter(({ text }) => !addresses.some((own) => isInPrefix6(own.address, text)))
    return [
      ...addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}${routed(address)}`),
      `${this.linkLocal}/64`,
      ...empty.map(({ text }) => `${text}${routed(text.split('/')[0]!)} (no address)`),
    ]
  }

  /** What is due. */
  tick(): void {
    const { now } = this.#client
    if (this.#waiting && now >= this.#hearsFrom) {
      const [address, told, dns] = this.#waiting
      this.#waiting = undefined
      this.#hearRouter({ address, told, dns })
    }
    if (this.isOver || now < this.#nextAt) return
    const wait = waitsMs[this.#sent]
    if (wait === undefined) return this.#giveUp()
    this.#sent++
    this.#nextAt = now + wait
    if (this.#exchange) this.#ask(this.#exchange)
    else this.#solicitRouter()
  }

  /** Whether an input is its own business. */
  hears(input: ClientInput): boolean {
    if (input.kind === 'icmp6') {
      const told =
        input.payload[0] === icmp6Types.routerAdvertisement
          ? readRouterAdvertisement(input.payload, 0, input.payload.length)
          : undefined
      if (told && !this.router && !this.isOver)
        this.#waiting ??= [input.source, told, readRouterDns(input.payload, 0, input.payload.length)]
      this.tick()
      return true
    }
    if (input.kind !== 'datagram' || input.destinationPort !== documentedClient6Port) return false
    const heard = answerOf(input, this.#xid, this.#duid)
    if (heard && this.#exchange && !this.isOver) this.#hear(heard.message)
    return true
  }

  #hearRouter(router: NonNullable<Ipxe6['router']>): void {
    const { told } = (this.router = router)
    this.#configure()
    if (told.isManaged || told.hasOther)
      this.#begin({ type: told.isManaged ? 'solicit' : 'informationRequest', begun: this.#client.now }) // prettier-ignore
    else this.isOver = true
  }

  #begin(exchange: Exchange): void {
    this.#exchange = exchange
    this.#sent = 0
    this.#nextAt = this.#client.now
    this.tick()
  }

  #hear(message: Dhcp6Message): void {
    const exchange = this.#exchange!
    const server = findDhcp6Option(message, dhcp6OptionCodes.serverIdentifier)!.data
    const isExpected = message.type === (exchange.type === 'solicit' ? dhcp6Types.advertise : dhcp6Types.reply)
    const isOther = exchange.server && (server.length !== exchange.server.length || server.some((octet, at) => octet !== exchange.server![at])) // prettier-ignore
    if (!isExpected || isOther) return
    if (exchange.type === 'informationRequest') return this.#done(message)
    const [given] = addressesOf(message)
    if (failedStatusOf(message) || !given) {
      this.#lacked =
        exchange.type === 'solicit' ? say('pxe-client.advertise-no-address') : say('pxe-client.reply-no-address')
      return
    }
    if (exchange.type === 'request') {
      this.leased = given.address
      return this.#done(message)
    }
    this.#begin({ type: 'request', begun: exchange.begun, server, address: given.address })
  }

  #done(message: Dhcp6Message): void {
    this.reply = message
    this.isOver = true
    this.#configure()
  }

  #giveUp(): void {
    this.isOver = true
    const asked = { solicit: 'SOLICIT', request: 'REQUEST', informationRequest: 'INFORMATION-REQUEST' }
    if (!this.#exchange) this.why = say('pxe-client.no-router-advertises-ipv6-ipxe')
    else if (this.#lacked !== '') this.why = this.#lacked
    else this.why = say('pxe-client.six-were-not-answered', { asked: asked[this.#exchange.type] })
  }

  #configure(): void {
    const { addresses, gateway } = this
    this.#client.configure6({ linkLocal: this.linkLocal, others: addresses, router: gateway })
    if (this.leased !== undefined)
      this.#client.stage('address', say('pxe-client.has-address', { address: this.leased }))
  }

  #solicitRouter(): void {
    const message = concatBytes([
      Uint8Array.of(icmp6Types.routerSolicitation, 0, 0, 0, 0, 0, 0, 0, ndOptionTypes.sourceLinkLayer, 1),
      this.#client.mac,
    ])
    this.#client.sendIcmp6(this.linkLocal, 'ff02::2', message)
  }

  #ask({ type, begun, server, address }: Exchange): void {
    const client = this.#client
    const { architecture, undi } = this.#options
    const [kind, major, minor] = undi
    const number = (value: number, digits: number): string => String(value).padStart(digits, '0')
    client.stage(type === 'request' ? 'request' : 'discover', say('pxe-client.sent-of', { message: { solicit: 'SOLICIT', request: 'REQUEST', informationRequest: 'INFORMATION-REQUEST' }[type], turn: this.#sent, of: waitsMs.length }), this.#sent) // prettier-ignore
    const options: EncodableOption6[] = [
      { code: dhcp6OptionCodes.clientIdentifier, data: this.#duid },
      ...(server ? [{ code: dhcp6OptionCodes.serverIdentifier, data: server }] : []),
      ...(type === 'informationRequest'
        ? []
        : [iaOption({ iaid: this.#iaid, t1: 0, t2: 0, options: address === undefined ? [] : [iaAddressOption(address, 0, 0)] })]),
      optionRequest(dhcp6OptionCodes.dnsServers, dhcp6OptionCodes.searchList, dhcp6OptionCodes.bootFileUrl, dhcp6OptionCodes.bootFileParameters),
      vendorClassOption(intelEnterprise, [`PXEClient:Arch:${number(architecture, 5)}:UNDI:${number(major, 3)}${number(minor, 3)}`]),
      { code: dhcp6OptionCodes.architecture, data: bytesOfU16(architecture) },
      { code: dhcp6OptionCodes.networkInterface, data: Uint8Array.of(kind, major, minor) },
      { code: dhcp6OptionCodes.userClass, data: concatBytes([bytesOfU16(4), encodeText('iPXE')]) },
      elapsed(client.now - begun),
    ] // prettier-ignore
    client.send(documentedClient6Port, everyServer6, encodeDhcp6({ type: dhcp6Types[type], xid: this.#xid, options }))
  }
}

/** Runs a step with IPv6 beside it, and waits until both are over: the slower one decides. */
export function* beside<T>(step: Step<T>, ipv6: Ipxe6 | undefined, client: ClientContext): Step<T> {
  if (!ipv6) return yield* step
  ipv6.tick()
  let { done = false, value } = step.next() as { done?: boolean; value: number | T }
  while (!done || !ipv6.isOver) {
    const until = done ? Infinity : (value as number)
    const input: ClientInput | undefined = yield Math.min(until, ipv6.nextAt)
    ipv6.tick()
    if (done || (input ? ipv6.hears(input) : client.now < until)) continue
    ;({ done = false, value } = step.next(input))
  }
  return value as T
}
