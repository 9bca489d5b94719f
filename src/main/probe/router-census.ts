/**
 * Who says on a wire that it is a router, and what that means for a boot over IPv6: firmware learns its network from router
 * advertisements (RFC 4861 section 6.3.4), and iPXE whether it is to ask for an address at all (flags M and O).
 */
import { icmp6Types, readRouterAdvertisement, type RouterAdvertisement } from '#shared/wire/icmpv6.ts'
import { isInPrefix6 } from '#shared/wire/ip-address.ts'
import type { NetworkInterface } from '../responder/interfaces.ts'
import { nativeSockets } from '../responder/native-sockets.ts'
import type { Icmp6Socket } from '../responder/socket-calls.ts'
import { askedAt } from './ask-wire.ts'

export interface CensusRouter {
  /** Its link-local address. */
  readonly address: string
  /** Flag M: addresses by DHCPv6. */
  readonly isManaged: boolean
  /** Flag O: the rest by DHCPv6. */
  readonly hasOther: boolean
  /** Seconds for which it is a default router; 0: it is none. */
  readonly lifetimeSeconds: number
  readonly prefixes: RouterAdvertisement['prefixes']
}

export interface RouterCensus {
  readonly routers: readonly CensusRouter[]
  /** Why nobody could be heard; undefined where it was listened. */
  readonly complaint: string | undefined
}

const allNodes = 'ff02::1'
const allRouters = 'ff02::2'
/** A router waits up to half a second, and says the same to everyone once in three (RFC 4861 section 6.2.6). */
const askAt = [0, 1000, 2000]
const lookEveryMs = 50
/** More are no network, but somebody who makes up addresses. */
const mostRouters = 64

/** Asks for routers and listens for about four seconds. What this machine itself advertises is not heard. */
export async function takeRouterCensus(
  served: NetworkInterface,
  own: string,
  signal: AbortSignal,
): Promise<RouterCensus> {
  if (!nativeSockets?.openIcmp6 || served.index === undefined)
    return { routers: [], complaint: 'this program hears router advertisements on Linux alone' }
  let socket: Icmp6Socket
  try {
    socket = nativeSockets.openIcmp6({ device: served.name, scope: served.index, hears: [icmp6Types.routerAdvertisement], group: allNodes }) // prettier-ignore
  } catch (error) {
    return {
      routers: [],
      complaint: `a raw socket needs root or CAP_NET_RAW (${(error as NodeJS.ErrnoException).code})`,
    }
  }
  const found = new Map<string, CensusRouter>()
  const hear = (): void => {
    for (let come = socket.receive(); come; come = socket.receive()) {
      const { source, hopLimit, payload } = come
      const told = readRouterAdvertisement(payload, 0, payload.length)
      // What crossed a router is no neighbour's (RFC 4861 section 6.1.2).
      if (!told || hopLimit !== 255 || source === own) continue
      if (found.has(source) || found.size < mostRouters) found.set(source, { address: source, ...told })
    }
  }
  const timer = setInterval(hear, lookEveryMs)
  let complaint: string | undefined
  try {
    const ask = (): void => {
      try {
        socket.send(Uint8Array.of(icmp6Types.routerSolicitation, 0, 0, 0, 0, 0, 0, 0), own, allRouters)
      } catch (error) {
        complaint = `the question could not be sent (${(error as NodeJS.ErrnoException).code})`
      }
    }
    await askedAt(askAt, ask, signal)
    hear()
  } finally {
    clearInterval(timer)
    socket.close()
  }
  return { routers: [...found.values()], complaint: found.size > 0 ? undefined : complaint }
}

/** What routers and the addresses that are offered mean for a boot over IPv6, in sentences; `offered` are addresses of ADVERTISEs. */
export function routerNotes({ routers, complaint }: RouterCensus, offered: readonly string[]): string[] {
  if (complaint !== undefined) return []
  if (routers.length === 0)
    return [
      `No other machine sends router advertisements: UEFI firmware does not learn its network, and iPXE asks for nothing over IPv6.${offered.length > 0 ? '' : ' Nobody boots over IPv6 here.'} On a bench without a router, write ipv6.routerAdvertisements: {} in the lab file.`,
    ]
  const notes: string[] = []
  const managed = routers.filter((one) => one.isManaged)
  if (managed.length > 0 && managed.length < routers.length)
    notes.push(`Routers disagree: ${managed.map((one) => one.address).join(', ')} has flag M (addresses by DHCPv6), ${routers.filter((one) => !one.isManaged).map((one) => one.address).join(', ')} has not.`) // prettier-ignore
  if (managed.length === 0 && offered.length > 0)
    notes.push(`A DHCPv6 server offers addresses, and no router has flag M: UEFI firmware asks for one all the same, iPXE does not${routers.some((one) => one.hasOther) ? ' (flag O: it asks for the rest alone)' : ''}.`) // prettier-ignore
  if (managed.length > 0 && offered.length === 0)
    notes.push('A router says that addresses come from a DHCPv6 server (flag M), and none offered one: machines wait for it in vain.') // prettier-ignore
  const networks = routers.flatMap((one) => one.prefixes)
  const outside = [...new Set(offered)].filter((address) => !networks.some(({ text }) => isInPrefix6(address, text)))
  if (outside.length > 0)
    notes.push(`${outside.join(', ')} is offered and lies in no network that a router advertises: machines reach nobody on this wire with it but through a router${routers.some((one) => one.lifetimeSeconds > 0) ? '' : ', and none of them is a default router'}.`) // prettier-ignore
  return notes
}
