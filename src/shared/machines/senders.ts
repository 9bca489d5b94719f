/**
 * Who may be answered. Addresses and ports from the wire are checked where they come in: nothing is sent to a group, to
 * everyone, to ourselves or to port 0 because a packet says so (RFC 1122 section 3.2.1.3).
 */
import { broadcastOf, formatIpv4, isInNetwork, maskOf } from '../wire/bytes.ts'
import type { DhcpMessage } from '../wire/dhcp/message.ts'
import { isMulticast } from '../wire/ip-address.ts'
import type { Endpoint, Endpoint6 } from './machine.ts'

/** Where something was received: our address there, and its network. */
export interface Receiver {
  readonly address: number
  readonly prefixLength: number
}

const isLoopback = (address: number): boolean => address >>> 24 === 127

/** Why no single host has that address, as a clause; undefined where one may have it. */
function hostProblem(address: number, receiver: Receiver): string | undefined {
  if (address === 0xffffffff) return 'is the broadcast address'
  if (address >>> 28 >= 0xe) return 'is a multicast or reserved address'
  if (isLoopback(address) && !isLoopback(receiver.address)) return 'is a loopback address'
  const { prefixLength } = receiver
  const network = { address: (receiver.address & maskOf(prefixLength)) >>> 0, prefixLength }
  if (prefixLength < 31 && isInNetwork(address, network) && address === broadcastOf(network))
    return `is the broadcast address of ${formatIpv4(network.address)}/${prefixLength}`
  return undefined
}

/** Why a datagram from there is not looked at, as a sentence without its end; undefined where it is. */
export function sourceProblem(source: Endpoint, receiver: Receiver, port: number): string | undefined {
  if (source.port === 0) return 'its source port is 0'
  const problem = hostProblem(source.address, receiver)
  if (problem !== undefined) return `its source ${formatIpv4(source.address)} ${problem}`
  // Our own broadcast that comes back, or somebody who wants us to talk to ourselves.
  if (source.address === receiver.address && source.port === port) return 'its source is this very port'
  return undefined
}

/** The same of a datagram over IPv6 that came to an interface where we have the addresses `own` (RFC 4291 sections 2.5 and 2.7). */
export function sourceProblem6(source: Endpoint6, own: readonly string[], port: number): string | undefined {
  const { address } = source
  if (source.port === 0) return 'its source port is 0'
  if (address === '::') return 'its source is no address'
  if (isMulticast(address)) return `its source ${address} is a multicast address`
  if (address === '::1' && !own.includes('::1')) return `its source ${address} is the loopback address`
  if (source.port === port && own.includes(address)) return 'its source is this very port'
  return undefined
}

/** Why a request cannot be answered where it wants to be: at its relay, or at the address it says it has. */
export function answerProblem(request: DhcpMessage, served: Receiver): string | undefined {
  const { giaddr, ciaddr } = request
  const relay = giaddr === 0 ? undefined : hostProblem(giaddr, served)
  if (relay !== undefined) return `its relay address ${formatIpv4(giaddr)} ${relay}`
  if (giaddr === served.address && !isLoopback(giaddr))
    return `its relay address ${formatIpv4(giaddr)} is this server's own`
  if (giaddr !== 0 && giaddr >>> 24 === 0) return `its relay address ${formatIpv4(giaddr)} is no address`
  const own = ciaddr === 0 ? undefined : hostProblem(ciaddr, served)
  return own === undefined ? undefined : `its client address ${formatIpv4(ciaddr)} ${own}`
}
