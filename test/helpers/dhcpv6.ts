/** A DHCPv6 server on a bench: messages as clients and relay agents send them, and what it says to them. */
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { dhcp6ConfigurationOf } from '#shared/lab/machine-configuration6.ts'
import type { Lease6, LeaseChange6 } from '#shared/machines/dhcpv6-server/leases.ts'
import { Dhcp6Server, type Dhcp6Answer, type Dhcp6ServerEvent } from '#shared/machines/dhcpv6-server/server.ts'
import type { Incoming6, ServedInterface6 } from '#shared/machines/machine.ts'
import { bytesOfU16, bytesOfU32, parseUuid } from '#shared/wire/bytes.ts'
import { addressesOf, bootUrlOf, decodeDhcp6, dhcp6TypeNames, failedStatusOf, findDhcp6Option, unwrapRelays, vendorClassesOf, type Dhcp6Message } from '#shared/wire/dhcpv6/message.ts' // prettier-ignore
import {
  bytes,
  counted,
  duidLl,
  iaAddress,
  iaNa,
  join,
  linkLocal,
  message6,
  option6,
  relay6,
  type Made6,
} from './ipv6.ts'

export const serverMac = '02:00:00:00:77:01'
export const served6: ServedInterface6 = {
  name: 'eth0',
  mac: serverMac,
  linkLocal: linkLocal(serverMac),
  addresses: [{ address: 'fd00:77::1', prefixLength: 64 }],
  mtu: 1500,
}
export const serverDuid = duidLl(serverMac)
export const duidUuid = (uuid: string): Uint8Array => join(bytes(0, 4), parseUuid(uuid)!)

export type Kind6 =
  'solicit' | 'request' | 'confirm' | 'renew' | 'rebind' | 'release' | 'decline' | 'information-request'
const typeOf: Readonly<Record<Kind6, number>> = { solicit: 1, request: 3, confirm: 4, renew: 5, rebind: 6, release: 8, decline: 9, 'information-request': 11 } // prettier-ignore

export interface Asked6 {
  readonly mac?: string
  /** One of the hardware address where absent; null for none. */
  readonly duid?: Uint8Array | null
  readonly iaid?: number
  readonly addresses?: readonly string[]
  /** The server identifier; absent goes by the kind of message, null for none. */
  readonly server?: Uint8Array | null
  readonly wants?: readonly number[]
  readonly architecture?: number
  readonly vendorClass?: string
  readonly userClass?: string
  readonly noAssociation?: boolean
  readonly options?: readonly Made6[]
  readonly xid?: number
}

export const clientMac = '52:54:00:77:00:01'

export function message(kind: Kind6, asked: Asked6 = {}): Uint8Array {
  const duid = asked.duid === undefined ? duidLl(asked.mac ?? clientMac) : asked.duid
  const needsServer = ['request', 'renew', 'release', 'decline'].includes(kind)
  const server = asked.server === undefined ? (needsServer ? serverDuid : null) : asked.server
  const { wants, architecture, vendorClass, userClass } = asked
  return message6(typeOf[kind], asked.xid ?? 0x123456, [
    ...(duid ? [option6(1, duid)] : []),
    ...(server ? [option6(2, server)] : []),
    ...(kind === 'information-request' || asked.noAssociation
      ? []
      : [iaNa(asked.iaid ?? 1, (asked.addresses ?? []).map((one) => iaAddress(one)))]),
    ...(wants ? [option6(6, ...wants.map(bytesOfU16))] : []),
    option6(8, bytes(0, 0)),
    ...(userClass === undefined ? [] : [option6(15, counted(userClass))]),
    ...(vendorClass === undefined ? [] : [option6(16, bytesOfU32(343), counted(vendorClass))]),
    ...(architecture === undefined ? [] : [option6(61, bytesOfU16(architecture)), option6(62, bytes(1, 3, 16))]),
    ...(asked.options ?? []),
  ]) // prettier-ignore
}

/** UEFI x64 over PXE, as EDK2 asks. */
export const pxe6: Asked6 = { architecture: 7, vendorClass: 'PXEClient:Arch:00007:UNDI:003016', wants: [59, 60] }
export const http6: Asked6 = { architecture: 16, vendorClass: 'HTTPClient:Arch:00016:UNDI:003016', wants: [59, 60, 23, 16] } // prettier-ignore

export interface Told6 {
  readonly answer: Dhcp6Answer
  readonly type: string
  readonly message: Dhcp6Message
  readonly addresses: readonly string[]
  readonly url: string
  /** Name of the first status that is no success. */
  readonly status: number | undefined
  readonly classes: readonly string[]
  readonly option: (code: number) => Uint8Array | undefined
}

export class Bench6 {
  readonly server: Dhcp6Server
  readonly changes: LeaseChange6[] = []
  events: Dhcp6ServerEvent[] = []
  now = 1_700_000_000_000

  constructor(lab: Partial<LabInput> = {}, interfaces: readonly ServedInterface6[] = [served6], leases: Iterable<Lease6> = []) {
    const whole = labSchema.parse({ interface: 'eth0', mode: 'dhcp', ...lab, ipv6: { enabled: true, ...lab.ipv6 } })
    this.server = new Dhcp6Server(dhcp6ConfigurationOf(whole, interfaces)!, leases)
  } // prettier-ignore

  /** Hands the server a datagram; every reply is decoded and held to be whole. */
  hear(payload: Uint8Array, from: Partial<Incoming6> = {}): Told6[] {
    this.server.handle(
      {
        kind: 'datagram',
        interface: 'eth0',
        source: { address: linkLocal(clientMac), port: 546 },
        destinationPort: 547,
        destinationAddress: 'ff02::1:2',
        isMulticast: true,
        payload,
        ...from,
      },
      this.now,
    )
    const told: Told6[] = []
    for (let answer = this.server.pollTransmit(); answer; answer = this.server.pollTransmit()) {
      const { message: outer, problems } = decodeDhcp6(answer.payload)
      if (problems.length > 0) throw new Error(`the reply is not well-formed: ${JSON.stringify(problems)}`)
      const { inner } = unwrapRelays(outer)
      told.push({
        answer,
        message: inner,
        type: dhcp6TypeNames[inner.type]!,
        addresses: addressesOf(inner).filter(({ validSeconds }) => validSeconds > 0).map(({ address }) => address),
        url: bootUrlOf(inner),
        status: failedStatusOf(inner)?.code,
        classes: vendorClassesOf(inner).flatMap(({ classes }) => classes),
        option: (code) => findDhcp6Option(inner, code)?.data,
      })
    } // prettier-ignore
    for (let change = this.server.pollChange(); change; change = this.server.pollChange()) this.changes.push(change)
    for (let event = this.server.pollEvent(); event; event = this.server.pollEvent()) this.events.push(event)
    // What is told once an answer has been sent.
    this.events.push(...told.flatMap(({ answer }) => answer.event ?? []))
    return told
  }

  ask(kind: Kind6, asked: Asked6 = {}, from: Partial<Incoming6> = {}): Told6 | undefined {
    const mac = asked.mac ?? clientMac
    const told = this.hear(message(kind, asked), { source: { address: linkLocal(mac), port: 546 }, ...from })
    if (told.length > 1) throw new Error('more than one reply')
    return told[0]
  }

  /** SOLICIT and REQUEST; the address that it got. */
  lease(asked: Asked6 = {}): string | undefined {
    const offer = this.ask('solicit', asked)
    const [address] = offer?.addresses ?? []
    return address === undefined ? undefined : this.ask('request', { ...asked, addresses: [address] })?.addresses[0]
  }

  timeout(): void {
    this.server.handle({ kind: 'timeout' }, this.now)
    for (let event = this.server.pollEvent(); event; event = this.server.pollEvent()) this.events.push(event)
    while (this.server.pollChange());
  }

  takeEvents(): Dhcp6ServerEvent[] {
    const { events } = this
    this.events = []
    return events
  }
}

/** A message as a relay agent passes it on. */
export const relayed = (payload: Uint8Array, link: string, peer: string, options: readonly Made6[] = [], hops = 0): Uint8Array => relay6(12, hops, link, peer, [option6(9, payload), ...options]) // prettier-ignore
