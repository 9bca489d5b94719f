/** What is said of the packets that only a boot over IPv6 has: DHCPv6, and what routers advertise. */
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

/** What an ADVERTISE or a REPLY brings, as the end of a sentence. */
function brings(message: Dhcp6Message): string {
  const url = bootUrlOf(message)
  const [given] = addressesOf(message)
  const status = failedStatusOf(message)
  const isHttp = bootClassOf(message).startsWith('HTTPClient')
  const boot = url === '' ? '' : isHttp ? `the web address ${url} to boot from` : `the boot file ${url}`
  if (status && !given) {
    const why = `no address (${statusNames[status.code] ?? `status ${status.code}`})`
    return boot === '' ? why : `${why}, and ${boot}`
  }
  if (!given) return boot === '' ? 'settings, and says nothing of booting' : boot
  return boot === '' ? `${given.address}, and says nothing of booting` : `${given.address}, and ${boot}`
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
          label: 'relayed to a server',
          sentence: `The relay agent ${from} passes what ${client} said on to ${to}, and says on whose wire it is.`,
        }
      : { tone, label: 'back to the relay', sentence: `${from} answers to the relay agent, for ${client}.` }
  switch (inner.type) {
    case dhcp6Types.solicit:
      return {
        tone,
        label: turn > 1 ? `SOLICIT, ${turn}. time` : 'SOLICIT',
        sentence:
          turn > 1
            ? `${from} heard nothing it could use, and asks all DHCPv6 servers again.`
            : bootClassOf(inner) === ''
              ? `${from} asks all DHCPv6 servers for an address of its own: a router told it to. This is no part of the boot.`
              : `${from} asks all DHCPv6 servers on its wire: who gives me an address, and who tells me what to boot?`,
      }
    case dhcp6Types.advertise:
      return {
        tone,
        label: `ADVERTISE ${addressesOf(inner)[0]?.address ?? 'without an address'}`,
        sentence: `${from} offers ${brings(inner)}.`,
      }
    case dhcp6Types.request:
      return {
        tone,
        label: 'REQUEST',
        sentence: `${from} tells all DHCPv6 servers which one it takes the address from.`,
      }
    case dhcp6Types.reply: {
      const [given] = addressesOf(inner)
      return given
        ? { tone, label: `REPLY ${given.address}`, sentence: `${from} confirms: ${to} has ${brings(inner)}.` }
        : { tone, label: 'REPLY', sentence: `${from} answers ${to} with ${brings(inner)}.` }
    }
    case dhcp6Types.informationRequest:
      return {
        tone,
        label: 'INFORMATION-REQUEST',
        sentence: `${from} has an address and asks all DHCPv6 servers for the other settings.`,
      }
    case dhcp6Types.release:
      return { tone, label: 'RELEASE', sentence: `${from} gives its address back.` }
    default:
      return { tone, label: 'DHCPv6', sentence: `${from} sends a DHCPv6 message to ${to}.` }
  }
}

/** Of neighbour discovery only what routers say is worth a sentence; and ports that are closed. */
export function narrateIcmp6({ payload, about }: Icmp6Packet, from: string): Narration | undefined {
  const tone = 'other'
  const type = payload[0]
  if (type === icmp6Types.unreachable && about)
    return {
      tone,
      label: 'ICMPv6 port unreachable',
      sentence: `${from} says: nothing listens on port ${about.destinationPort} here.`,
    }
  if (type === icmp6Types.routerSolicitation)
    return { tone, label: 'router solicitation', sentence: `${from} asks whether there is a router.` }
  const told = type === icmp6Types.routerAdvertisement ? readRouterAdvertisement(payload, 0, payload.length) : undefined
  if (!told) return undefined
  const how = told.isManaged
    ? 'addresses are to be had by DHCPv6 (M)'
    : told.hasOther
      ? 'DHCPv6 has other settings, not addresses (O)'
      : 'DHCPv6 is not needed (neither M nor O)'
  const own = told.prefixes.filter((one) => one.isAutonomous).map((one) => one.text)
  const made = own.length > 0 ? `, and machines make addresses of ${own.join(' and ')} themselves (A)` : ''
  return { tone, label: 'router advertisement', sentence: `The router ${from} says: ${how}${made}.` }
}
