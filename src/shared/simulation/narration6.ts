/** What is said of the packets that only a boot over IPv6 has: DHCPv6, and what routers advertise. */
import { say } from '#messages/message.ts'
import {
  addressesOf,
  bootClassOf,
  bootUrlOf,
  dhcp6Types,
  failedStatusOf,
  unwrapRelays,
  type Dhcp6Message,
} from '../wire/dhcpv6/message.ts'
import { statusNames } from '../wire/dhcpv6/layouts.ts'
import { icmp6Types, readRouterAdvertisement } from '../wire/icmpv6.ts'
import type { Narration } from './narration.ts'
import type { Icmp6Packet, UdpPacket } from './packet.ts'

export const isDhcp6 = ({ destination, destinationPort, sourcePort }: UdpPacket): boolean =>
  typeof destination === 'string' && [destinationPort, sourcePort].some((port) => port === 546 || port === 547)

export interface Cast6 {
  readonly from: string
  readonly to: string
  /** Whom the message is about, also where relay agents carry it. */
  readonly client: string
  /** How often the client has sent this message, from 1. */
  readonly turn: number
}

/** What an ADVERTISE or a REPLY brings: an address, none and why, or settings; and what to boot. */
function brings(message: Dhcp6Message): {
  readonly brings: 'address' | 'refusal' | 'settings'
  readonly address: string
  readonly status: string
  readonly boot: 'web' | 'file' | 'none'
  readonly url: string
} {
  const url = bootUrlOf(message)
  const [given] = addressesOf(message)
  const status = failedStatusOf(message)
  return {
    brings: given ? 'address' : status ? 'refusal' : 'settings',
    address: given?.address ?? '',
    status: status ? (statusNames[status.code] ?? `status ${status.code}`) : '',
    boot: url === '' ? 'none' : bootClassOf(message).startsWith('HTTPClient') ? 'web' : 'file',
    url,
  }
}

/** The same as of DHCP over IPv4, in its words. */
export function narrateDhcp6(message: Dhcp6Message, cast: Cast6): Narration {
  const { relays, inner } = unwrapRelays(message)
  const { from, to, client, turn } = cast
  const tone = 'dhcp'
  if (relays.length > 0)
    return message.type === dhcp6Types.relayForward
      ? {
          tone,
          label: say('narration.relayed6'),
          sentence: say('narration.relays6', { from, client, to }),
        }
      : { tone, label: say('narration.returned'), sentence: say('narration.answers-relay6', { from, client }) }
  switch (inner.type) {
    case dhcp6Types.solicit:
      return {
        tone,
        label: turn > 1 ? say('narration.message-again', { message: 'SOLICIT', turn }) : 'SOLICIT',
        sentence:
          turn > 1
            ? say('narration.solicits-again', { from })
            : bootClassOf(inner) === ''
              ? say('narration.solicits-address', { from })
              : say('narration.solicits', { from }),
      }
    case dhcp6Types.advertise:
      return {
        tone,
        label: addressesOf(inner)[0]
          ? `ADVERTISE ${addressesOf(inner)[0]!.address}`
          : say('narration.advertise-no-address'),
        sentence: say('narration.advertises', { from, ...brings(inner) }),
      }
    case dhcp6Types.request:
      return {
        tone,
        label: 'REQUEST',
        sentence: say('narration.requests6', { from }),
      }
    case dhcp6Types.reply: {
      const [given] = addressesOf(inner)
      return given
        ? {
            tone,
            label: `REPLY ${given.address}`,
            sentence: say('narration.confirms6', { from, to, ...brings(inner) }),
          }
        : { tone, label: 'REPLY', sentence: say('narration.replies', { from, to, ...brings(inner) }) }
    }
    case dhcp6Types.informationRequest:
      return {
        tone,
        label: 'INFORMATION-REQUEST',
        sentence: say('narration.asks-settings6', { from }),
      }
    case dhcp6Types.release:
      return { tone, label: 'RELEASE', sentence: say('narration.releases6', { from }) }
    default:
      return { tone, label: 'DHCPv6', sentence: say('narration.sends-dhcpv6', { from, to }) }
  }
}

/** Of neighbour discovery only what routers say is worth a sentence; and ports that are closed. */
export function narrateIcmp6({ payload, about }: Icmp6Packet, from: string): Narration | undefined {
  const tone = 'other'
  const type = payload[0]
  if (type === icmp6Types.unreachable && about)
    return {
      tone,
      label: say('narration.icmpv6-port-unreachable'),
      sentence: say('narration.port-unreachable', { host: from, port: about.destinationPort }),
    }
  if (type === icmp6Types.routerSolicitation)
    return { tone, label: say('narration.router-solicitation'), sentence: say('narration.asks-router', { from }) }
  const told = type === icmp6Types.routerAdvertisement ? readRouterAdvertisement(payload, 0, payload.length) : undefined
  if (!told) return undefined
  const own = told.prefixes.filter((one) => one.isAutonomous).map((one) => one.text)
  return {
    tone,
    label: say('narration.router-advertisement'),
    sentence: say('narration.router-says', {
      from,
      how: told.isManaged ? 'managed' : told.hasOther ? 'other' : 'none',
      makesAddresses: own.length > 0 ? 'yes' : 'no',
      prefixes: own,
    }),
  }
}
