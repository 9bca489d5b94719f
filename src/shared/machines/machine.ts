/**
 * The shape of every protocol participant. A machine owns no socket, no timer, no file, no clock and no randomness:
 * `handle` takes what came and the time, the three polls hand out what is to be sent, told and waited for until they have
 * nothing more. Poll after every `handle`; time, in milliseconds, only goes forward.
 */
import { maskOf } from '../wire/bytes.ts'

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
  /** Our address there, the first where there are several. */
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
export const ownAddresses = (served: ServedInterface): readonly OwnAddress[] => [served, ...(served.others ?? [])]

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

export const limitedBroadcast: number = 0xffffffff

/** The ports of the services; a lab may move them all away from the documented ones to run without rights. */
export interface ServicePorts {
  readonly dhcp: number
  readonly bootServer: number
}

export const documentedDhcpPort = 67
export const documentedClientPort = 68
