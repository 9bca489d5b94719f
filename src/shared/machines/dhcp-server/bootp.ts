/**
 * Replies to BOOTP (RFC 951), whose requests have no message type: 300 octets, a vendor area of 64 with the options that fit,
 * and none of those that make a DHCP message (RFC 1534 section 2). The magic cookie is always written: GRUB before 2.04 sends
 * none and reads the options all the same.
 */
import { runLength, type DhcpOption } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'

/** RFC 951 section 3: 64 octets, of which the cookie and END take five. */
const vendorRoom = 64 - 4 - 1

/** Nothing that only DHCP knows: times, types, identities of servers, sizes of messages. */
const dhcpOnly: ReadonlySet<number> = new Set<number>([
  optionCodes.requestedAddress,
  optionCodes.leaseTime,
  optionCodes.overload,
  optionCodes.messageType,
  optionCodes.serverIdentifier,
  optionCodes.parameterRequestList,
  optionCodes.message,
  optionCodes.maximumMessageSize,
  optionCodes.renewalTime,
  optionCodes.rebindingTime,
  optionCodes.vendorClass,
  optionCodes.clientIdentifier,
  // Both are header fields to BOOTP.
  optionCodes.tftpServerName,
  optionCodes.bootFileName,
])

/** What goes first where room is short; the rest follows as it was configured. */
const first: readonly number[] = [
  optionCodes.subnetMask,
  optionCodes.router,
  optionCodes.domainNameServer,
  optionCodes.hostName,
  optionCodes.rootPath,
]

export interface BootpOptions {
  readonly options: readonly DhcpOption[]
  /** Codes for which the vendor area had no room. */
  readonly dropped: readonly number[]
}

/** Option 82 goes back to the relay that wrote it, wherever it has to go (RFC 3046 section 2.2): relays drop replies without. */
export function fitBootp(wanted: readonly DhcpOption[], agent: readonly DhcpOption[]): BootpOptions {
  const rank = ({ code }: DhcpOption): number => (first.includes(code) ? first.indexOf(code) : first.length)
  const options: DhcpOption[] = []
  const dropped: number[] = []
  let room = vendorRoom
  for (const option of wanted.filter(({ code }) => !dhcpOnly.has(code)).toSorted((a, b) => rank(a) - rank(b))) {
    const length = runLength(option.data.length)
    if (length > room) dropped.push(option.code)
    else {
      options.push(option)
      room -= length
    }
  }
  return { options: [...options, ...agent], dropped }
}
