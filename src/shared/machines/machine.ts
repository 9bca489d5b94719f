/**
 * The shape of every protocol participant. A machine owns no socket, no timer, no file, no clock and no randomness:
 * `handle` takes what came and the time, the three polls hand out what is to be sent, told and waited for until they have
 * nothing more. Poll after every `handle`; time, in milliseconds, only goes forward.
 */
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
  /** Whether it was sent to us alone; a driver that cannot tell says undefined. */
  readonly isUnicast?: boolean
  readonly payload: Uint8Array
}

export interface OutgoingDatagram {
  readonly interface: string
  readonly sourcePort: number
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
  /** Our address there. */
  readonly address: number
  readonly prefixLength: number
  readonly mtu: number
}

export const limitedBroadcast: number = 0xffffffff

/** The ports of the services; a lab may move them all away from the documented ones to run without rights. */
export interface ServicePorts {
  readonly dhcp: number
  readonly bootServer: number
}

export const documentedDhcpPort = 67
export const documentedClientPort = 68
