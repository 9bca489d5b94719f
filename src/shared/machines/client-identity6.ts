/** Who a DHCPv6 client is and what it says of itself, in the words of its IPv4 brother, so that the same rules hold for both. */
import { decodeText, encodeText, formatHex, formatMac, formatUuid, u16At } from '../wire/bytes.ts'
import {
  bootClassOf,
  findDhcp6Option,
  hardwareOfDuid,
  hardwareOfRelay,
  namesIn6,
  userClasses6Of,
  vendorClassesOf,
  type Dhcp6Message,
} from '../wire/dhcpv6/message.ts'
import { dhcp6OptionCodes } from '../wire/dhcpv6/options.ts'
import { architectureOf } from '../wire/iana/architecture.ts'
import { censusMac, isRehearsalDuid } from '../wire/lab-checks.ts'
import { hardwareOfLinkLocal } from '../wire/ip-address.ts'
import { isIpxeClass, type ClientIdentity } from './client-identity.ts'

/** How long a host name may be (RFC 1035 section 2.3.4). */
const longestName = 255
/** How long a DUID may be, in bytes (RFC 8415 section 11.1). */
export const longestDuid = 130
/** Of a class, characters that are looked at, and classes of one client: an option holds up to 64 KiB, and what it says is kept and logged. */
const longestClass = 255
const mostClasses = 16

/** A copy, because a piece of a text keeps the whole of it in memory. */
const shortened = (text: string, most: number): string =>
  text.length <= most ? text : decodeText(encodeText(text.slice(0, most)))

/** Codes of option 6: what the client wants to be told. */
export function requestedCodes6(message: Dhcp6Message): ReadonlySet<number> {
  const data = findDhcp6Option(message, dhcp6OptionCodes.optionRequest)?.data ?? new Uint8Array(0)
  return new Set(Array.from({ length: data.length >>> 1 }, (_, at) => u16At(data, at * 2)))
}

/**
 * The UUID in a DUID of type 4 (RFC 6355): EDK2 copies it from SMBIOS, whose first groups have their lowest octet first, and iPXE writes
 * it in the order of its text (captured from one machine: `f1339b5c 5e2d 7e4f` and `5c9b33f1 2d5e 4f7e`).
 */
function uuidOfDuid(duid: Uint8Array, isIpxe: boolean): string | undefined {
  if (duid.length !== 18 || u16At(duid, 0) !== 4) return undefined
  const octets = duid.subarray(2)
  return isIpxe ? formatHex(octets).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') : formatUuid(octets)
}

/**
 * The hardware address of a client: what the relay agent saw (RFC 6939), what its link-local address is made of, what its DUID is
 * made of, in this order: a DUID may have that of another interface. Undefined where none of them tells.
 */
function hardwareOf(duid: Uint8Array, relays: readonly Dhcp6Message[], peer: string): Uint8Array | undefined {
  for (const relay of relays.toReversed()) {
    const seen = hardwareOfRelay(relay)
    if (seen) return seen
  }
  return hardwareOfLinkLocal(peer) ?? hardwareOfDuid(duid)
}

function architecturesOf(message: Dhcp6Message, bootClass: string): readonly number[] {
  const data = findDhcp6Option(message, dhcp6OptionCodes.architecture)?.data
  if (data && data.length >= 2)
    return [
      ...new Set(Array.from({ length: Math.min(data.length >>> 1, mostClasses) }, (_, at) => u16At(data, at * 2))),
    ]
  const named = /^(?:PXE|HTTP)Client:Arch:(\d{5})/.exec(bootClass)
  return named ? [Number(named[1])] : []
}

/**
 * `relays` are those around the message, outermost first, and `peer` is the address that the client sent from. A client that tells no
 * hardware address is known by its DUID, as `duid 00:04:...`.
 */
export function identity6Of(message: Dhcp6Message, relays: readonly Dhcp6Message[], peer: string): ClientIdentity {
  const duid = findDhcp6Option(message, dhcp6OptionCodes.clientIdentifier)?.data ?? new Uint8Array(0)
  // A rehearsal asks from a computer that does not boot: its card is none of a machine.
  const hardware = isRehearsalDuid(duid) ? censusMac : hardwareOf(duid, relays, peer)
  const bootClass = shortened(bootClassOf(message), longestClass)
  const vendorClass = bootClass || shortened(vendorClassesOf(message)[0]?.classes[0] ?? '', longestClass)
  const userClasses = userClasses6Of(message)
    .slice(0, mostClasses)
    .map((one) => shortened(one, longestClass))
  const isIpxe = userClasses.some(isIpxeClass)
  const architectures = architecturesOf(message, bootClass)
  const [name] = namesIn6(message)
  const asks = requestedCodes6(message).has(dhcp6OptionCodes.bootFileUrl)
  const isHttp =
    bootClass === ''
      ? architectures.length > 0 && architectureOf(architectures[0]!)?.isHttp === true
      : bootClass.startsWith('HTTPClient')
  return {
    mac: hardware ? formatMac(hardware) : duid.length > 0 ? `duid ${formatMac(duid.subarray(0, longestDuid))}` : '',
    uuid: uuidOfDuid(duid, isIpxe),
    architecture: architectures[0],
    architectures,
    vendorClass,
    userClasses,
    isIpxe,
    boot: bootClass === '' && !asks ? 'none' : isHttp ? 'http' : 'pxe',
    isRaspberryPi: false,
    hostName: name === undefined ? undefined : shortened(name, longestName),
  }
}
