/** Where a request came from: what rules may ask besides who the client is. */
import { u32At } from '../wire/bytes.ts'
import type { IpAddress } from '../wire/ip-address.ts'
import { addressOption, findOptionData, type DhcpMessage } from '../wire/dhcp/message.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { findSubOption } from '../wire/dhcp/spaces.ts'

export interface Whereabouts {
  /** An address of the client's network. */
  readonly link: IpAddress
  /** The relay it came through; 0 where it came straight. */
  readonly relay: IpAddress
  /**
   * Sub-options 1 and 2 of option 82 (RFC 3046 sections 3.1 and 3.2), as the relay wrote them; over IPv6 options 18 and 37,
   * the latter without its enterprise number (RFC 4649 section 3).
   */
  readonly circuitId: Uint8Array | undefined
  readonly remoteId: Uint8Array | undefined
}

/** The whereabouts of who asks over IPv4. */
export interface Whereabouts4 extends Whereabouts {
  readonly link: number
  readonly relay: number
}

/**
 * An address of the client's network: link selection (RFC 3527), subnet selection (RFC 3011), the relay's address, the
 * client's own, ours on the interface.
 */
export function linkAddressOf(request: DhcpMessage, own: number): number {
  const agent = findOptionData(request, optionCodes.relayAgentInformation)
  const link = agent && (findSubOption('relay', agent, 5) ?? findSubOption('relay', agent, 150))
  if (link?.length === 4) return u32At(link, 0)
  const selected = addressOption(request, optionCodes.subnetSelection)
  if (selected !== undefined) return selected
  // A unicast renewal comes through routers, from any subnet; its own address tells which.
  return request.giaddr || request.ciaddr || own
}

export function whereaboutsOf(request: DhcpMessage, own: number): Whereabouts4 {
  const agent = findOptionData(request, optionCodes.relayAgentInformation)
  return {
    link: linkAddressOf(request, own),
    relay: request.giaddr,
    circuitId: agent && findSubOption('relay', agent, 1),
    remoteId: agent && findSubOption('relay', agent, 2),
  }
}

/** Of more relayed clients than these the longest unheard are forgotten. */
const mostRemembered = 16_384

/**
 * Through which relay clients came: they ask port 4011 themselves, past the relay, and the rules are to say the same there.
 */
export class SeenWhereabouts {
  readonly #relayed = new Map<string, Whereabouts>()

  note(mac: string, where: Whereabouts): void {
    this.#relayed.delete(mac)
    if (where.relay === 0) return
    this.#relayed.set(mac, where)
    if (this.#relayed.size > mostRemembered) this.#relayed.delete(this.#relayed.keys().next().value!)
  }

  of(mac: string): Whereabouts | undefined {
    return this.#relayed.get(mac)
  }
}
