/**
 * A DHCPv6 relay agent (RFC 8415 section 19): what clients send to the group of their wire goes to every server in a message of its
 * own, with our address there, the wire it came in on and the hardware address that sent it (RFC 6939); answers go back that way.
 */
import { concatBytes, encodeText, formatMac } from '../wire/bytes.ts'
import { encodeDhcp6, type EncodableOption6 } from '../wire/dhcpv6/encode.ts'
import { decodeDhcp6, dhcp6Types, findDhcp6Option, type Dhcp6Message } from '../wire/dhcpv6/message.ts'
import { dhcp6OptionCodes } from '../wire/dhcpv6/options.ts'
import { hardwareOfLinkLocal } from '../wire/ip-address.ts'
import {
  addressFor6,
  documentedClient6Port,
  documentedDhcp6Port,
  type Incoming6,
  type Machine,
  type Outgoing6,
  type ServedInterface6,
  type Timeout,
} from './machine.ts'
import { Queue } from './queue.ts'

export interface Relay6Configuration {
  readonly interfaces: readonly ServedInterface6[]
  /** Interfaces whose clients are served, with the servers, or groups of them, that get their messages. */
  readonly servers: ReadonlyMap<string, readonly string[]>
  /** Where servers are reached from. */
  readonly upstream: (server: string) => string | undefined
  /** Whether it says which interface a client is on (option 18). */
  readonly interfaceId: boolean
}

export type Relay6Event =
  | { readonly type: 'relayed'; readonly peer: string; readonly to: string; readonly linkAddress: string }
  | { readonly type: 'returned'; readonly peer: string; readonly from: string }
  | { readonly type: 'relay-dropped'; readonly peer: string; readonly reason: string }

/** HOP_COUNT_LIMIT of RFC 8415 section 7.6. */
const mostHops = 8

export class RelayAgent6 implements Machine<Incoming6 | Timeout, Outgoing6, Relay6Event> {
  readonly #configuration: Relay6Configuration
  readonly #transmits = new Queue<Outgoing6>()
  readonly #events = new Queue<Relay6Event>()

  constructor(configuration: Relay6Configuration) {
    this.#configuration = configuration
  }

  handle(input: Incoming6 | Timeout): void {
    if (input.kind !== 'datagram') return
    const { message } = decodeDhcp6(input.payload)
    if (message.type === dhcp6Types.relayReply) this.#return(input, message)
    else if (message.type !== dhcp6Types.advertise && message.type !== dhcp6Types.reply) this.#forward(input, message)
  }

  pollTransmit(): Outgoing6 | undefined {
    return this.#transmits.shift()
  }

  pollEvent(): Relay6Event | undefined {
    return this.#events.shift()
  }

  pollTimeout(): undefined {
    return undefined
  }

  #forward({ interface: name, source, payload }: Incoming6, message: Dhcp6Message): void {
    const { interfaces, servers, upstream, interfaceId } = this.#configuration
    const served = interfaces.find((one) => one.name === name)
    const targets = servers.get(name) ?? []
    if (!served || targets.length === 0) return
    const peer = source.address
    const hops = message.relay ? message.relay.hops + 1 : 0
    if (hops >= mostHops) {
      this.#events.push({ type: 'relay-dropped', peer, reason: `it has passed ${hops} relay agents` })
      return
    }
    // Of a message that another agent relayed the wire is known already (section 19.1.2).
    const linkAddress = message.relay ? '::' : addressFor6({ ...served, linkLocal: undefined }, peer)
    if (linkAddress === undefined) {
      this.#events.push({ type: 'relay-dropped', peer, reason: `${name} has no address that servers could know it by` })
      return
    }
    const hardware = message.relay ? undefined : hardwareOfLinkLocal(peer)
    const options: EncodableOption6[] = [
      ...(hardware
        ? [{ code: dhcp6OptionCodes.linkLayerAddress, data: concatBytes([Uint8Array.of(0, 1), hardware]) }]
        : []),
      ...(interfaceId ? [{ code: dhcp6OptionCodes.interfaceId, data: encodeText(name) }] : []),
      { code: dhcp6OptionCodes.relayMessage, data: payload },
    ]
    const relayed = encodeDhcp6({
      type: dhcp6Types.relayForward,
      xid: 0,
      relay: { hops, linkAddress, peerAddress: peer },
      options,
    })
    for (const to of targets) {
      this.#transmits.push({
        interface: upstream(to) ?? name,
        sourcePort: documentedDhcp6Port,
        destination: { address: to, port: documentedDhcp6Port },
        payload: relayed,
      })
      this.#events.push({ type: 'relayed', peer, to, linkAddress })
    }
  }

  #return({ source }: Incoming6, message: Dhcp6Message): void {
    const { interfaces } = this.#configuration
    const { relay } = message
    const inner = findDhcp6Option(message, dhcp6OptionCodes.relayMessage)
    if (!relay || !inner) return
    const named = findDhcp6Option(message, dhcp6OptionCodes.interfaceId)?.data
    const served = interfaces.find((one) =>
      named
        ? String.fromCharCode(...named) === one.name
        : one.addresses.some(({ address }) => address === relay.linkAddress),
    )
    // A reply for the wire of another agent is no business of ours.
    if (!served) return
    const isForAgent = inner.message?.type === dhcp6Types.relayReply
    this.#transmits.push({
      interface: served.name,
      sourcePort: documentedDhcp6Port,
      destination: { address: relay.peerAddress, port: isForAgent ? documentedDhcp6Port : documentedClient6Port },
      payload: inner.data,
    })
    this.#events.push({ type: 'returned', peer: relay.peerAddress, from: source.address })
  }
}

/** How an agent's log names a client: by its hardware address where its own address tells it. */
export function peerName(peer: string): string {
  const hardware = hardwareOfLinkLocal(peer)
  return hardware ? formatMac(hardware) : peer
}
