/**
 * A DHCP relay agent (RFC 1542 section 4.1, RFC 3046): what clients broadcast goes to every helper with the address of
 * the interface it came in on, and what servers answer goes back to the client.
 */
import { isInNetwork, maskOf } from '../wire/bytes.ts'
import {
  broadcastFlag,
  decodeDhcp,
  encodeDhcp,
  findOptionData,
  hardwareAddressOf,
  ops,
  type DhcpMessage,
} from '../wire/dhcp/message.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import {
  documentedClientPort,
  documentedDhcpPort,
  limitedBroadcast,
  type IncomingDatagram,
  type Machine,
  type OutgoingDatagram,
  type ServedInterface,
  type Timeout,
} from './machine.ts'
import { Queue } from './queue.ts'

export interface RelayConfiguration {
  readonly interfaces: readonly ServedInterface[]
  /** Interfaces whose clients are served, with the servers that get their messages. */
  readonly helpers: ReadonlyMap<string, readonly number[]>
  /** Hops after which a message is dropped (RFC 1542 section 4.1.1). */
  readonly maximumHops: number
  /** Circuit identifier added as option 82; undefined adds none. */
  readonly circuitId: Uint8Array | undefined
}

/** A datagram that goes to a hardware address whose owner has no IP address yet. */
export interface RelayTransmit extends OutgoingDatagram {
  readonly hardware?: Uint8Array
}

export type RelayEvent =
  | { readonly type: 'relayed'; readonly mac: string; readonly to: number; readonly giaddr: number }
  | { readonly type: 'returned'; readonly mac: string; readonly from: number }
  | { readonly type: 'relay-dropped'; readonly mac: string; readonly reason: string }

export class RelayAgent implements Machine<IncomingDatagram | Timeout, RelayTransmit, RelayEvent> {
  readonly #configuration: RelayConfiguration
  readonly #transmits = new Queue<RelayTransmit>()
  readonly #events = new Queue<RelayEvent>()

  constructor(configuration: RelayConfiguration) {
    this.#configuration = configuration
  }

  handle(input: IncomingDatagram | Timeout): void {
    if (input.kind !== 'datagram') return
    const { message, hasCookie } = decodeDhcp(input.payload)
    if (!hasCookie) return
    if (message.op === ops.request) this.#forward(input, message)
    else if (message.op === ops.reply) this.#return(input, message)
  }

  pollTransmit(): RelayTransmit | undefined {
    return this.#transmits.shift()
  }

  pollEvent(): RelayEvent | undefined {
    return this.#events.shift()
  }

  pollTimeout(): undefined {
    return undefined
  }

  #forward(datagram: IncomingDatagram, message: DhcpMessage): void {
    const { interfaces, helpers, maximumHops, circuitId } = this.#configuration
    const incoming = interfaces.find((one) => one.name === datagram.interface)
    const servers = helpers.get(datagram.interface)
    if (!incoming || !servers || servers.length === 0) return
    const mac = hardwareAddressOf(message)
    if (message.hops >= maximumHops) {
      this.#events.push({ type: 'relay-dropped', mac, reason: `it has passed ${message.hops} relays` })
      return
    }
    const giaddr = message.giaddr || incoming.address
    const options =
      circuitId && message.giaddr === 0
        ? [
            ...message.options,
            {
              code: optionCodes.relayAgentInformation,
              data: Uint8Array.of(1, circuitId.length, ...circuitId),
            },
          ]
        : message.options
    const payload = encodeDhcp({ ...message, hops: message.hops + 1, giaddr, options })
    for (const server of servers) {
      const outgoing =
        interfaces.find((one) => isInNetwork(server, { address: networkOf(one), prefixLength: one.prefixLength })) ??
        incoming
      this.#transmits.push({
        interface: outgoing.name,
        sourcePort: documentedDhcpPort,
        destination: { address: server, port: documentedDhcpPort },
        payload,
      })
      this.#events.push({ type: 'relayed', mac, to: server, giaddr })
    }
  }

  #return(datagram: IncomingDatagram, message: DhcpMessage): void {
    const outgoing = this.#configuration.interfaces.find((one) => one.address === message.giaddr)
    // A reply to another relay is no business of ours.
    if (!outgoing) return
    const own = findOptionData(message, optionCodes.relayAgentInformation)
    const options = own
      ? message.options.filter((one) => one.code !== optionCodes.relayAgentInformation)
      : message.options
    // An offer without an address, and a client that asked for it, can be reached by broadcast only.
    const isBroadcast = (message.flags & broadcastFlag) !== 0 || message.yiaddr === 0
    this.#transmits.push({
      interface: outgoing.name,
      sourcePort: documentedDhcpPort,
      destination: { address: isBroadcast ? limitedBroadcast : message.yiaddr, port: documentedClientPort },
      payload: encodeDhcp({ ...message, options }),
      ...(isBroadcast ? {} : { hardware: message.chaddr.subarray(0, 6) }),
    })
    this.#events.push({ type: 'returned', mac: hardwareAddressOf(message), from: datagram.source.address })
  }
}

const networkOf = ({ address, prefixLength }: ServedInterface): number => (address & maskOf(prefixLength)) >>> 0
