/** Services of IPv6 on virtual hosts: a router that advertises itself, and a DHCPv6 server as foreign products are. */
import { bytesOfU16, bytesOfU32, concatBytes, formatHex, formatMac, parseIpv6, u16At, u32At } from '../../wire/bytes.ts'
import {
  encodeDhcp6,
  encodeOptionValue6,
  iaAddressOption,
  iaOption,
  statusOption,
  vendorClassOption,
  duidOfMac,
  type EncodableOption6,
} from '../../wire/dhcpv6/encode.ts'
import {
  architecture6Of,
  bootClassOf,
  decodeDhcp6,
  dhcp6Types,
  findDhcp6Option,
  hardwareOfDuid,
  unwrapRelays,
  userClasses6Of,
  type Dhcp6Message,
} from '../../wire/dhcpv6/message.ts'
import { dhcp6OptionCodes, findDhcp6OptionDefinition } from '../../wire/dhcpv6/options.ts'
import { icmp6Types, ndOptionTypes } from '../../wire/icmpv6.ts'
import { intelEnterprise } from '../../wire/iana/enterprises.ts'
import { ipv6Number, ipv6Text, isInPrefix6, networkOf6 } from '../../wire/ip-address.ts'
import { ruleArchitectures } from '../../machines/boot-policy.ts'
import type { Nic } from '../host.ts'
import { macBytes, type UdpPacket } from '../packet.ts'
import type { Options6, ServiceOf } from '../scenario.ts'
import { bindAlone } from './dhcp-services.ts'
import type { Service, ServiceContext } from './service.ts'

const allNodes = 'ff02::1'
/** When a router says first that it is there, in milliseconds after its start. */
const firstAdvertisementMs = 900

/** Router advertisements (RFC 4861 section 6.2): at the start, from time to time, and to everyone when somebody asks. */
export class RouterService implements Service {
  readonly #context: ServiceContext
  readonly #configuration: ServiceOf<'router-advertisement'>
  #isRunning = false

  constructor(context: ServiceContext, configuration: ServiceOf<'router-advertisement'>) {
    this.#context = context
    this.#configuration = configuration
  }

  start(): void {
    const { host } = this.#context
    this.#isRunning = true
    host.onIcmp6.push((packet, nic) => {
      if (packet.payload[0] === icmp6Types.routerSolicitation) this.#advertise(nic)
    })
    for (const nic of host.nics) {
      const again = (): void => {
        if (!this.#isRunning) return
        this.#advertise(nic)
        host.clock.at(host.clock.now + this.#configuration.intervalSeconds * 1000, again)
      }
      host.clock.at(host.clock.now + firstAdvertisementMs, again)
    }
  }

  stop(): void {
    this.#isRunning = false
  }

  #advertise(nic: Nic): void {
    const [own] = nic.addresses6
    if (!this.#isRunning || !own || nic.linkLocal === undefined) return
    const { managed, other, autonomous, lifetimeSeconds, dns, intervalSeconds } = this.#configuration
    const prefix = networkOf6(own.address, own.prefixLength)
    const message = concatBytes([
      Uint8Array.of(icmp6Types.routerAdvertisement, 0, 0, 0, 64, (managed ? 0x80 : 0) | (other ? 0x40 : 0)),
      bytesOfU16(lifetimeSeconds),
      new Uint8Array(8),
      // On the link (L), and with A machines make addresses of it themselves (section 4.6.2).
      Uint8Array.of(ndOptionTypes.prefix, 4, prefix.prefixLength, 0x80 | (autonomous ? 0x40 : 0)),
      bytesOfU32(7200),
      bytesOfU32(3600),
      new Uint8Array(4),
      parseIpv6(prefix.address)!,
      Uint8Array.of(ndOptionTypes.mtu, 1, 0, 0),
      bytesOfU32(nic.link.properties.mtu),
      Uint8Array.of(ndOptionTypes.sourceLinkLayer, 1),
      macBytes(nic.mac),
      ...(dns.length === 0
        ? []
        : [
            Uint8Array.of(ndOptionTypes.dnsServers, 1 + 2 * dns.length, 0, 0),
            // RFC 8106 section 5.1: three intervals by default.
            bytesOfU32(3 * intervalSeconds),
            ...dns.map((address) => parseIpv6(address)!),
          ]),
    ])
    this.#context.host.sendIcmp6(nic, nic.linkLocal, allNodes, message)
  }
}

const encoded = (options: Options6): EncodableOption6[] =>
  Object.entries(options).flatMap(([name, value]) => {
    if (value === null) return []
    const definition = findDhcp6OptionDefinition(name)!
    return [{ code: definition.code, data: encodeOptionValue6(definition, value) }]
  })

/** Later options stand over earlier ones of the same code. */
const merged = (...lists: readonly EncodableOption6[][]): EncodableOption6[] => [
  ...new Map(lists.flat().map((one) => [one.code, one])).values(),
]

type Subnet6 = ServiceOf<'DHCPv6Server'>['subnets'][number]

/** A DHCPv6 server of others (RFC 8415): it gives addresses and the options it was told, whether they suffice to boot or not. */
export class Dhcp6Service implements Service {
  readonly #context: ServiceContext
  readonly #configuration: ServiceOf<'DHCPv6Server'>
  readonly #duid: Uint8Array
  /** Addresses by client and identity association. */
  readonly #leases = new Map<string, string>()
  readonly #taken = new Set<string>()

  constructor(context: ServiceContext, configuration: ServiceOf<'DHCPv6Server'>) {
    this.#context = context
    this.#configuration = configuration
    this.#duid = duidOfMac(formatMac(macBytes(context.host.nics[0]!.mac)))
  }

  start(): void {
    const holder = bindAlone(this.#context, 547, (packet, nic) => this.#receive(packet, nic))
    if (holder !== undefined)
      this.#context.log(`UDP port 547 is held by ${holder}: the DHCPv6 service serves no client.`, 'bad') // prettier-ignore
    else this.#context.log('The DHCPv6 service is servicing clients.')
  }

  stop(): void {
    this.#context.host.unbind(this.#context.name)
  }

  #receive(packet: UdpPacket, nic: Nic): void {
    if (typeof packet.source !== 'string') return
    const { relays, inner } = unwrapRelays(decodeDhcp6(packet.payload).message)
    if (inner.relay) return
    const link = relays.at(-1)?.relay?.linkAddress
    const reply = this.#answer(inner, link ?? nic.addresses6[0]?.address)
    if (!reply) return
    // Back the same way: each relay agent gets its own message with what is inside (RFC 8415 section 19.3).
    const payload = relays.reduceRight<Uint8Array>((content, one) => {
      const interfaceId = findDhcp6Option(one, dhcp6OptionCodes.interfaceId)
      return encodeDhcp6({
        type: dhcp6Types.relayReply,
        xid: 0,
        relay: one.relay,
        options: [
          ...(interfaceId ? [{ code: interfaceId.code, data: interfaceId.data }] : []),
          { code: dhcp6OptionCodes.relayMessage, data: content },
        ],
      })
    }, reply)
    const destination = { address: packet.source, port: relays.length > 0 ? 547 : packet.sourcePort }
    this.#context.host.sendUdp(nic, 547, destination, payload, payload.length)
  }

  #answer(message: Dhcp6Message, link: string | undefined): Uint8Array | undefined {
    const { log } = this.#context
    const clientId = findDhcp6Option(message, dhcp6OptionCodes.clientIdentifier)?.data
    const asked = findDhcp6Option(message, dhcp6OptionCodes.serverIdentifier)?.data
    const who = formatHex(hardwareOfDuid(clientId) ?? clientId ?? new Uint8Array(0), ':')
    if (asked && formatHex(asked) !== formatHex(this.#duid)) return undefined
    const isSolicit = message.type === dhcp6Types.solicit
    const type = isSolicit ? dhcp6Types.advertise : dhcp6Types.reply
    if (!clientId && message.type !== dhcp6Types.informationRequest) return undefined
    const subnet = this.#configuration.subnets.find((one) => link !== undefined && isInPrefix6(link, one.subnet))
    const options: EncodableOption6[] = [
      ...(clientId ? [{ code: dhcp6OptionCodes.clientIdentifier, data: clientId }] : []),
      { code: dhcp6OptionCodes.serverIdentifier, data: this.#duid },
    ]
    switch (message.type) {
      case dhcp6Types.informationRequest:
        log(`Settings for ${who}`)
        break
      case dhcp6Types.release:
        for (const { data } of message.options.filter((one) => one.code === dhcp6OptionCodes.iaNa))
          this.#free(`${formatHex(clientId!)} ${u32At(data, 0)}`)
        log(`${who} releases its address`)
        options.push(statusOption(0, 'Success'))
        return encodeDhcp6({ type, xid: message.xid, options })
      case dhcp6Types.solicit:
      case dhcp6Types.request:
      case dhcp6Types.renew:
      case dhcp6Types.rebind: {
        const { leaseSeconds, preference } = this.#configuration
        for (const { data } of message.options.filter((one) => one.code === dhcp6OptionCodes.iaNa)) {
          const iaid = u32At(data, 0)
          const address = this.#addressFor(subnet, `${formatHex(clientId!)} ${iaid}`)
          if (address === undefined) log(`No address is left for ${who}`, 'bad')
          else if (isSolicit) log(`ADVERTISE ${address} to ${who}`)
          else log(`Assign ${address} to ${who}`, 'good')
          options.push(
            address === undefined
              ? iaOption({ iaid, t1: 0, t2: 0, options: [statusOption(2, 'no addresses available')] })
              : iaOption({
                  iaid,
                  t1: leaseSeconds / 2,
                  t2: leaseSeconds * 0.875,
                  options: [iaAddressOption(address, leaseSeconds, leaseSeconds)],
                }),
          )
        }
        if (isSolicit && preference > 0) options.push({ code: 7, data: Uint8Array.of(preference) })
        break
      }
      default:
        return undefined
    }
    options.push(...this.#settings(message, subnet))
    return encodeDhcp6({ type, xid: message.xid, options })
  }

  /** What it was told to say to this client, of what the client asks for. */
  #settings(message: Dhcp6Message, subnet: Subnet6 | undefined): EncodableOption6[] {
    const { options, policies, userClasses, httpClass } = this.#configuration
    const architecture = architecture6Of(message)
    const own = userClasses6Of(message)
    const all = merged(
      encoded(options),
      encoded(subnet?.options ?? {}),
      ...Object.entries(policies).map(([key, one]) =>
        architecture !== undefined && ruleArchitectures(key).includes(architecture) ? encoded(one) : [],
      ),
      ...Object.entries(userClasses).map(([key, one]) => (own.includes(key) ? encoded(one) : [])),
    )
    const list = findDhcp6Option(message, dhcp6OptionCodes.optionRequest)?.data ?? new Uint8Array(0)
    const wanted = new Set(Array.from({ length: list.length >> 1 }, (_, at) => u16At(list, at * 2)))
    const isHttp = httpClass && bootClassOf(message).startsWith('HTTPClient')
    return [
      ...all.filter(({ code }) => wanted.has(code)),
      ...(isHttp ? [vendorClassOption(intelEnterprise, ['HTTPClient'])] : []),
    ]
  }

  #addressFor(subnet: Subnet6 | undefined, key: string): string | undefined {
    const known = this.#leases.get(key)
    if (known !== undefined) return known
    if (subnet?.start === undefined || subnet.end === undefined) return undefined
    const last = ipv6Number(subnet.end)
    for (let number = ipv6Number(subnet.start); number <= last; number++) {
      const address = ipv6Text(number)
      if (this.#taken.has(address)) continue
      this.#taken.add(address)
      this.#leases.set(key, address)
      return address
    }
    return undefined
  }

  #free(key: string): void {
    const address = this.#leases.get(key)
    if (address === undefined) return
    this.#leases.delete(key)
    this.#taken.delete(address)
  }
}
