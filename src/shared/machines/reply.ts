/** What the replies of every server have in common: the header, what is sent back as it came, where they go. */
import { blankMessage, findOptionData, ops, type DhcpMessage, type DhcpOption } from '../wire/dhcp/message.ts'
import { documentedClientPort, documentedDhcpPort, limitedBroadcast, type Endpoint } from './machine.ts'

export interface ReplyCircumstances {
  readonly request: DhcpMessage
  readonly source: Endpoint
  /** Our own DHCP port: a lab away from port 67 answers where the request came from. */
  readonly dhcpPort: number
  readonly isNak: boolean
  /** The port a relay asked to be answered on (RFC 8357); undefined means 67. */
  readonly relayPort?: number | undefined
}

/**
 * To the relay; else to the address the client has; else to everyone. A client without an address and without the
 * broadcast flag could be reached by unicast only with help from ARP, which no ordinary socket gives: broadcasting to it
 * is what the RFC allows in that case, and what every client accepts.
 */
export function destinationOf({ request, source, dhcpPort, isNak, relayPort }: ReplyCircumstances): Endpoint {
  const isDocumented = dhcpPort === documentedDhcpPort
  if (request.giaddr !== 0)
    return { address: request.giaddr, port: relayPort ?? (isDocumented ? documentedDhcpPort : source.port) }
  const clientPort = isDocumented ? documentedClientPort : source.port
  if (request.ciaddr !== 0 && !isNak) return { address: request.ciaddr, port: clientPort }
  if (!isDocumented && source.address !== 0) return source
  return { address: limitedBroadcast, port: clientPort }
}

/** The fixed fields of RFC 951 section 3 without the vendor area. */
const bootpFieldsLength = 236

/**
 * Whether a request without a message type is one of BOOTP (RFC 1534 section 2), and no stray datagram: it has the fixed
 * fields and a hardware address. Its vendor area may be anything, a magic cookie included or not (RFC 951 section 7.1).
 */
export const isBootp = (payload: Uint8Array, request: DhcpMessage): boolean =>
  payload.length >= bootpFieldsLength &&
  request.hlen > 0 &&
  request.hlen <= 16 &&
  request.chaddr.some((octet) => octet !== 0)

/** A reply with the fields that are the request's (RFC 2131 table 3) and nothing else yet. */
export const replyTo = (request: DhcpMessage): DhcpMessage => ({
  ...blankMessage,
  op: ops.reply,
  htype: request.htype,
  hlen: request.hlen,
  xid: request.xid,
  flags: request.flags,
  giaddr: request.giaddr,
  chaddr: request.chaddr,
})

/** The client's own options of these codes, as it sent them; one that is absent or empty is left out. */
export function echoed(request: DhcpMessage, codes: readonly number[]): DhcpOption[] {
  const options: DhcpOption[] = []
  for (const code of codes) {
    const data = findOptionData(request, code)
    if (data && data.length > 0) options.push({ code, data })
  }
  return options
}
