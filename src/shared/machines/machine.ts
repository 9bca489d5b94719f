/**
 * The shape of every protocol participant. A machine owns no socket, no timer, no file, no clock and no randomness:
 * `handle` takes what came and the time, the three polls hand out what is to be sent, told and waited for until they have
 * nothing more. Poll after every `handle`; time, in milliseconds, only goes forward.
 */
import { maskOf } from '../wire/bytes.ts'
import { isInPrefix6, type IpAddress } from '../wire/ip-address.ts'

export interface Machine<Input, Transmit, Event> {
  handle(input: Input, now: number): void
  pollTransmit(): Transmit | undefined
  pollEvent(): Event | undefined
  /** When `handle({ kind: 'timeout' })` is wanted next; undefined where nothing is waited for. */
  pollTimeout(): number | undefined
}

export interface Endpoint {
  /** IPv4 address as an unsigned 32-bit number. */
  readonly address: number
  readonly port: number
}

/** An end of a conversation of either family; see `IpAddress`. */
export interface IpEndpoint {
  readonly address: IpAddress
  readonly port: number
}

/** An end of a conversation over IPv6: the address as RFC 5952 writes it, without a zone, which the interface tells. */
export interface Endpoint6 {
  readonly address: string
  readonly port: number
}

export interface IncomingDatagram {
  readonly kind: 'datagram'
  /** Name of the network interface it came in on. */
  readonly interface: string
  readonly source: Endpoint
  readonly destinationPort: number
  /** Our address that it was sent to; undefined for broadcasts and where a driver cannot tell. */
  readonly destinationAddress?: number | undefined
  /** Whether it was sent to us alone; a driver that cannot tell says undefined. */
  readonly isUnicast?: boolean
  readonly payload: Uint8Array
}

export interface OutgoingDatagram {
  readonly interface: string
  readonly sourcePort: number
  /** Our address that it leaves from; any where absent or gone. */
  readonly sourceAddress?: number | undefined
  readonly destination: Endpoint
  readonly payload: Uint8Array
  /** How long the driver holds it back; at once where absent. */
  readonly delayMs?: number
}

/** A datagram over IPv6. */
export interface Incoming6 {
  readonly kind: 'datagram'
  /** Name of the network interface it came in on. */
  readonly interface: string
  readonly source: Endpoint6
  readonly destinationPort: number
  /** Our address, or the group, that it was sent to; undefined where a driver cannot tell. */
  readonly destinationAddress?: string | undefined
  /** Whether it was sent to a group; undefined where a driver cannot tell. */
  readonly isMulticast?: boolean | undefined
  readonly payload: Uint8Array
}

export interface Outgoing6 {
  readonly interface: string
  readonly sourcePort: number
  /** Our address that it leaves from; the one that the system chooses where absent. */
  readonly sourceAddress?: string | undefined
  readonly destination: Endpoint6
  readonly payload: Uint8Array
  /** How long the driver holds it back; at once where absent. */
  readonly delayMs?: number
}

/** A message of ICMPv6, from its type on. */
export interface IncomingIcmp6 {
  readonly kind: 'icmp6'
  readonly interface: string
  readonly source: string
  readonly destination?: string | undefined
  /** Undefined where a driver cannot tell. */
  readonly hopLimit?: number | undefined
  readonly payload: Uint8Array
}

export interface OutgoingIcmp6 {
  readonly interface: string
  readonly sourceAddress: string
  /** One host, or a group such as ff02::1. */
  readonly destination: string
  readonly hopLimit: number
  /** From the type on, its checksum made for these addresses. */
  readonly payload: Uint8Array
}

/** An answer over IPv6 with what is to be told of it once it has been sent. */
export interface Answer6<Event> extends Outgoing6 {
  readonly event: Event
}

/** An answer with what is to be told of it: once it has been sent, and not where it could not be. */
export interface Answer<Event> extends OutgoingDatagram {
  readonly event: Event
}

export interface Timeout {
  readonly kind: 'timeout'
}

/** A network interface as a machine sees it. */
export interface ServedInterface {
  readonly name: string
  /** Our address there, the first where there are several; 0 where it has none and serves IPv6 alone. */
  readonly address: number
  readonly prefixLength: number
  /** Our other addresses there. */
  readonly others?: readonly OwnAddress[]
  readonly mtu: number
}

export interface OwnAddress {
  readonly address: number
  readonly prefixLength: number
}

/** Every address we have on an interface, the first one first. */
export const ownAddresses = (served: ServedInterface): readonly OwnAddress[] =>
  served.address === 0 ? [] : [served, ...(served.others ?? [])]

/** An interface with that one of its addresses as ours. */
export function withAddress<Interface extends ServedInterface>(served: Interface, own: OwnAddress): Interface {
  if (own.address === served.address) return served
  const { address, prefixLength } = served
  const rest = (served.others ?? []).filter((one) => one.address !== own.address)
  return {
    ...served,
    address: own.address,
    prefixLength: own.prefixLength,
    others: [{ address, prefixLength }, ...rest],
  }
}

/**
 * An interface as the host with that address sees it: we have the address that it `asked`, else the one that is in its
 * network, else our first one.
 */
export function seenFrom<Interface extends ServedInterface>(
  served: Interface,
  host: number,
  asked?: number,
): Interface {
  if (served.others === undefined) return served
  const own = asked === undefined ? undefined : ownAddresses(served).find(({ address }) => address === asked)
  if (own) return withAddress(served, own)
  if (host === 0) return served
  const near = ownAddresses(served).find(({ address, prefixLength }) => {
    const mask = maskOf(prefixLength)
    return (address & mask) === (host & mask)
  })
  return near ? withAddress(served, near) : served
}

/** A network interface as a machine sees it that speaks IPv6. */
export interface ServedInterface6 {
  readonly name: string
  /** Its hardware address; undefined where it has none. */
  readonly mac: string | undefined
  /** Its address in `fe80::/10`; undefined while it has none. */
  readonly linkLocal: string | undefined
  /** Its other addresses, global and unique local, those that stay before those that change. */
  readonly addresses: readonly OwnAddress6[]
  readonly mtu: number
}

export interface OwnAddress6 {
  readonly address: string
  readonly prefixLength: number
}

/** Every IPv6 address we have on an interface. */
export const ownAddresses6 = ({ addresses, linkLocal }: ServedInterface6): readonly string[] => [
  ...addresses.map(({ address }) => address),
  ...(linkLocal === undefined ? [] : [linkLocal]),
]

/**
 * Our address that a host with that address, or of that network, is told: the one in its network, else any that is not of one
 * link alone, else the link-local one; undefined where the interface has none at all.
 */
export function addressFor6(served: ServedInterface6, host: string): string | undefined {
  const near = served.addresses.find(({ address, prefixLength }) => isInPrefix6(host, `${address}/${prefixLength}`))
  return (near ?? served.addresses[0])?.address ?? served.linkLocal
}

export const limitedBroadcast: number = 0xffffffff

/** The ports of the services; a lab may move them all away from the documented ones to run without rights. */
export interface ServicePorts {
  readonly dhcp: number
  readonly bootServer: number
}

export const documentedDhcpPort = 67
export const documentedClientPort = 68
export const documentedDhcp6Port = 547
export const documentedClient6Port = 546
/** All DHCPv6 servers and relay agents of a link (RFC 8415 section 7.1), and all servers of a site, which relay agents ask. */
export const dhcp6Groups: readonly string[] = ['ff02::1:2', 'ff05::1:3']
