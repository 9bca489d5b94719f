/** Who a DHCP or PXE client is and what it says of itself, read once per message. */
import { decodeText, formatHex, parseMacPrefix } from '../wire/bytes.ts'
import {
  architectureCodesOf,
  findOptionData,
  hardwareAddressOf,
  identifierName,
  isClientName,
  isHttpClass,
  isPxeClass,
  longestName,
  userClassesOf,
  uuidOf,
  vendorClassOf,
  type DhcpMessage,
} from '../wire/dhcp/message.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { isRaspberryPiBoot, raspberryPiArchitecture } from '../wire/dhcp/raspberry-pi.ts'

export interface ClientIdentity {
  /** Its hardware address; `id` and option 61 where the link has none that fits (InfiniBand, RFC 4390); else empty. */
  readonly mac: string
  readonly uuid: string | undefined
  /** The first of `architectures`; undefined where the client does not say. */
  readonly architecture: number | undefined
  /** Numbers of the IANA table, as the client prefers them; a Raspberry Pi is one before it is the BIOS machine it says it is. */
  readonly architectures: readonly number[]
  readonly vendorClass: string
  readonly userClasses: readonly string[]
  /** Whether iPXE is speaking: its option 175 or its user class. */
  readonly isIpxe: boolean
  readonly boot: 'pxe' | 'http' | 'none'
  /** Whether a Raspberry Pi is booting, by its own ROM or EEPROM. */
  readonly isRaspberryPi: boolean
  readonly hostName: string | undefined
}

/** iPXE and its forerunner, as builds spell it. */
export const isIpxeClass = (userClass: string): boolean => /^[ig]pxe$/i.test(userClass)

export function identityOf(message: DhcpMessage): ClientIdentity {
  const vendorClass = vendorClassOf(message)
  const userClasses = userClassesOf(message)
  const hostName = findOptionData(message, optionCodes.hostName)
  const announced = architectureCodesOf(message)
  const isIpxe = findOptionData(message, optionCodes.ipxe) !== undefined || userClasses.some(isIpxeClass)
  const isRaspberryPi =
    !isIpxe &&
    isRaspberryPiBoot(vendorClass, message.chaddr, announced, findOptionData(message, optionCodes.machineIdentifier))
  const architectures = isRaspberryPi ? [...new Set([raspberryPiArchitecture, ...announced])] : announced
  return {
    mac: hardwareAddressOf(message) || identifierName(findOptionData(message, optionCodes.clientIdentifier)),
    uuid: uuidOf(message),
    architecture: architectures[0],
    architectures,
    vendorClass,
    userClasses,
    isIpxe,
    boot: isPxeClass(vendorClass) ? 'pxe' : isHttpClass(vendorClass) ? 'http' : 'none',
    isRaspberryPi,
    hostName: hostName && hostName.length > 0 ? decodeText(hostName.subarray(0, longestName)) : undefined,
  }
}

/** Whether a lease key is an option 61 that says more than the hardware address. */
export const namesItself = (key: string): boolean => key.startsWith('id-')

/**
 * The key a lease belongs to: option 61 where the client sends one, else its hardware address (RFC 2131 section 2.1).
 * An option 61 that only repeats the hardware address counts as that address: a boot ROM without the option and the iPXE
 * it loads are one machine and keep one address.
 */
export function leaseKeyOf(message: DhcpMessage): string {
  const hardware = `${message.htype}-${formatHex(message.chaddr.subarray(0, Math.min(message.hlen, 16)))}`
  const identifier = findOptionData(message, optionCodes.clientIdentifier)
  if (!isClientName(identifier)) return hardware
  const named = `${identifier[0]}-${formatHex(identifier.subarray(1))}`
  return named === hardware ? hardware : `id-${formatHex(identifier)}`
}

/** Whether a hardware address is one of the given addresses or begins with one of the given prefixes. */
export function matchesMac(mac: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const prefix = parseMacPrefix(pattern)
    return prefix !== undefined && mac.replaceAll(':', '').startsWith(formatHex(prefix))
  })
}

export interface ClientFilter {
  /** Hardware addresses or prefixes; an empty list allows every client that `deny` does not name. */
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

/** Why a client is not served; undefined where it is. */
export function refusalOf(filter: ClientFilter, mac: string): string | undefined {
  if (filter.deny.length > 0 && matchesMac(mac, filter.deny)) return 'its address is on the deny list'
  if (filter.allow.length > 0 && !matchesMac(mac, filter.allow)) return 'its address is not on the allow list'
  return undefined
}
