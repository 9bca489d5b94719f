/**
 * Which firmware or program is speaking, told from what it sends, and when it sends again if nobody answers. The clocks
 * are PXE 2.1 section 2.2.4 for ROMs and EDK2, and what the other programs were measured to do.
 */
import {
  architecture6Of,
  bootClassOf,
  findDhcp6Option,
  userClasses6Of,
  vendorClassesOf,
  type Dhcp6Message,
} from '../wire/dhcpv6/message.ts'
import { dhcp6OptionCodes } from '../wire/dhcpv6/options.ts'
import {
  architectureCodeOf,
  findOptionData,
  hardwareAddressOf,
  isHttpClass,
  isPxeClass,
  userClassesOf,
  vendorClassOf,
  type DhcpMessage,
} from '../wire/dhcp/message.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { raspberryPiPrefixes } from '../wire/dhcp/raspberry-pi.ts'
import { architectureName, architectureOf } from '../wire/iana/architecture.ts'

export const firmwareKinds = [
  'bios-rom',
  'edk2',
  'edk2-http',
  'ipxe',
  'wds',
  'windows-pe',
  'u-boot',
  'raspberry-pi',
  'soc-rom',
  'grub',
  'linux',
  'other',
] as const
export type FirmwareKind = (typeof firmwareKinds)[number]

export interface Firmware {
  readonly kind: FirmwareKind
  /** As people call it: `UEFI x64 (EDK2)`. */
  readonly name: string
  /** Option 93, undefined where it does not say. */
  readonly architecture: number | undefined
  /** What it was told by, in words. */
  readonly evidence: string
  /** Whether it asks for something to boot; any other client of DHCP wants an address and no more. */
  readonly asksToBoot: boolean
}

/** Milliseconds that a firmware waits after each try, until it tries again or gives up. */
export interface FirmwareClock {
  readonly discover: readonly number[]
  readonly bootServer: readonly number[]
  readonly tftp: readonly number[]
}

const seconds = (...values: readonly number[]): readonly number[] => values.map((value) => value * 1000)

const pxeClock: FirmwareClock = {
  discover: seconds(4, 8, 16, 32),
  bootServer: seconds(1, 2, 3, 4),
  tftp: seconds(4, 4, 4, 4, 4, 4),
}

export const firmwareClocks: Readonly<Record<FirmwareKind, FirmwareClock>> = {
  'bios-rom': pxeClock,
  edk2: pxeClock,
  'edk2-http': pxeClock,
  ipxe: {
    discover: seconds(1, 2, 4.1, 8.1),
    bootServer: seconds(0.25, 0.55, 1, 2.1),
    tftp: seconds(0.25, 0.55, 1, 2.1, 4, 8.1),
  },
  wds: pxeClock,
  'windows-pe': { ...pxeClock, tftp: seconds(1, 1, 1, 1, 1) },
  'u-boot': { discover: seconds(3, 3, 3, 3), bootServer: [], tftp: seconds(...Array<number>(11).fill(5)) },
  'raspberry-pi': { discover: seconds(5, 5, 5, 5), bootServer: [], tftp: seconds(5, 5, 5, 5) },
  'soc-rom': pxeClock,
  grub: { discover: seconds(0.2, 0.4, 0.8, 1.6), bootServer: [], tftp: seconds(0.2, 0.4, 0.8, 1.6, 3.2) },
  linux: { ...pxeClock, tftp: seconds(5, 5, 5) },
  other: pxeClock,
}

/** What a kind of firmware is called where its own request tells no more. */
const plainNames: Readonly<Partial<Record<FirmwareKind, string>>> = {
  'bios-rom': 'BIOS boot ROM',
  ipxe: 'iPXE',
  'u-boot': 'U-Boot',
  wds: 'Windows boot program (wdsnbp or wdsmgfw)',
  'windows-pe': 'Windows or Windows PE',
  'raspberry-pi': 'Raspberry Pi boot loader',
  'soc-rom': 'Boot ROM of a system on a chip',
  linux: 'Linux',
  other: 'DHCP client',
}

/** A firmware or program as people call it, everywhere: `UEFI x64 (EDK2)`, `UEFI x64 HTTP boot`, `iPXE, BIOS`. */
export function firmwareName(
  kind: FirmwareKind,
  architecture: number | undefined,
  name = plainNames[kind] ?? '',
): string {
  const known = architecture === undefined ? undefined : architectureName(architecture)
  if (kind === 'edk2') return `${known ?? 'UEFI'} (EDK2)`
  if (kind === 'edk2-http') return `${(known ?? 'UEFI').replace(httpBoot, '')}${httpBoot}`
  // Their name says it already.
  const isSaid =
    known === undefined ||
    known.startsWith(name) ||
    kind === 'raspberry-pi' ||
    (kind === 'bios-rom' && architecture === 0)
  if (isSaid) return known?.startsWith(name) ? known : name
  return `${name}, ${known}`
}
const httpBoot = ' HTTP boot'

/** "RPi" behind the type octet of option 97, as the boot loaders of Raspberry Pi 4 and 5 send it. */
const raspberryMark = [0, 0x52, 0x50, 0x69]

/** What shows that a message with class PXEClient comes from the boot loader of a Raspberry Pi, which calls itself an x86 BIOS. */
function raspberrySign(message: DhcpMessage, architecture: number | undefined): string | undefined {
  if (architecture !== undefined && architecture !== 0) return undefined
  const identifier = findOptionData(message, optionCodes.machineIdentifier)
  if (identifier && raspberryMark.every((value, index) => identifier[index] === value)) return '"RPi" in option 97'
  // The ROM of the Pi 3.
  if (identifier?.length === 17 && identifier.subarray(1).every((value) => value === 0x44))
    return 'option 97 is 44 throughout'
  const prefix = hardwareAddressOf(message).slice(0, 8)
  return raspberryPiPrefixes.includes(prefix.replaceAll(':', '')) ? `MAC address ${prefix}` : undefined
}

/** The word by which an offer tells a Raspberry Pi that it may boot from this server, in option 43. */
export const raspberryPiBoot = 'Raspberry Pi Boot'

/** Whether options 93, 94 or 97 are there, which only network boot has (RFC 4578 section 2). */
const hasBootOptions = (message: DhcpMessage): boolean =>
  [optionCodes.architecture, optionCodes.networkInterface, optionCodes.machineIdentifier].some(
    (code) => findOptionData(message, code) !== undefined,
  )

/** Whether a request shows nothing of its sender, as those of GRUB do: neither class, nor list of options, nor identifier. */
export const showsNothing = (message: DhcpMessage): boolean =>
  [optionCodes.vendorClass, optionCodes.parameterRequestList, optionCodes.clientIdentifier].every(
    (code) => findOptionData(message, code) === undefined,
  )

/** Whose request this is. */
export function recogniseFirmware(message: DhcpMessage): Firmware {
  const vendorClass = vendorClassOf(message)
  const architecture = architectureCodeOf(message)
  const isBootp = findOptionData(message, optionCodes.messageType) === undefined
  const asksFile = message.op === 1 && isBootp && message.file[0] !== 0
  const told = (kind: FirmwareKind, name: string | undefined, evidence: string, asksToBoot: boolean): Firmware => ({
    kind,
    name: firmwareName(kind, architecture, name),
    architecture,
    evidence,
    asksToBoot: asksToBoot || asksFile || hasBootOptions(message),
  })
  const byClass = `option 60 "${vendorClass}"`
  const userClass = userClassesOf(message).find((one) => one === 'iPXE' || one === 'gPXE')
  if (userClass !== undefined || findOptionData(message, optionCodes.ipxe) !== undefined) {
    const name = userClass === 'gPXE' ? 'gPXE' : 'iPXE'
    return told('ipxe', name, userClass === undefined ? 'option 175' : `user class "${userClass}"`, true)
  }
  // Codes 224 to 254 belong to each site (RFC 3942): without Microsoft's client around it 250 says nothing.
  if ((vendorClass === '' || isPxeClass(vendorClass)) && findOptionData(message, 250) !== undefined)
    return told('wds', undefined, 'option 250', true)
  if (/^U-Boot/i.test(vendorClass)) return told('u-boot', undefined, byClass, true)
  if (isHttpClass(vendorClass)) return told('edk2-http', undefined, byClass, true)
  if (isPxeClass(vendorClass)) {
    const sign = raspberrySign(message, architecture)
    if (sign !== undefined) return told('raspberry-pi', undefined, `${byClass}, ${sign}`, true)
    const boot = architecture === undefined ? undefined : architectureOf(architecture)?.boot
    if (boot === 'uefi' && findOptionData(message, optionCodes.machineIdentifier) === undefined)
      return told('u-boot', undefined, `${byClass} without option 97`, true)
    return boot === 'uefi' ? told('edk2', undefined, byClass, true) : told('bios-rom', undefined, byClass, true)
  }
  // The boot ROMs of systems on a chip name themselves so, "AM335x ROM" for one, and speak BOOTP.
  if (/\bROM\b/i.test(vendorClass)) return told('soc-rom', undefined, byClass, true)
  if (vendorClass.startsWith('MSFT')) return told('windows-pe', undefined, byClass, false)
  if (/^(udhcp|dhcpcd|Linux|anaconda|d-i)/i.test(vendorClass)) return told('linux', undefined, byClass, false)
  if (vendorClass !== '') return told('other', undefined, byClass, false)
  if (isBootp) return told('other', 'BOOTP client', 'no option 53', false)
  return findOptionData(message, optionCodes.parameterRequestList) === undefined
    ? told('other', 'unknown client', 'neither option 60 nor option 55', false)
    : told('other', undefined, 'no option 60', false)
}

/** Whose DHCPv6 message this is: what only network boot has is the architecture, the network interface and the class (RFC 5970). */
export function recogniseFirmware6(message: Dhcp6Message): Firmware {
  const architecture = architecture6Of(message)
  const bootClass = bootClassOf(message)
  const hasBootOptions = [dhcp6OptionCodes.architecture, dhcp6OptionCodes.networkInterface].some((code) => findDhcp6Option(message, code) !== undefined) // prettier-ignore
  const told = (
    kind: FirmwareKind,
    name: string | undefined,
    evidence: string,
    asksToBoot = hasBootOptions,
  ): Firmware => ({
    kind,
    name: firmwareName(kind, architecture, name),
    architecture,
    evidence,
    asksToBoot,
  })
  const userClass = userClasses6Of(message).find((one) => one === 'iPXE' || one === 'gPXE')
  if (userClass !== undefined) return told('ipxe', userClass, `user class "${userClass}"`, true)
  if (isHttpClass(bootClass)) return told('edk2-http', undefined, `vendor class "${bootClass}"`, true)
  const boot = architecture === undefined ? undefined : architectureOf(architecture)?.boot
  if (isPxeClass(bootClass))
    return boot === 'bios'
      ? told('bios-rom', undefined, `vendor class "${bootClass}"`, true)
      : told('edk2', undefined, `vendor class "${bootClass}"`, true)
  const [vendor] = vendorClassesOf(message).flatMap((one) => one.classes)
  const byClass = `vendor class "${vendor}"`
  if (vendor?.startsWith('MSFT')) return told('windows-pe', undefined, byClass)
  if (vendor !== undefined && /^(dhcpcd|udhcp|Linux)/i.test(vendor)) return told('linux', undefined, byClass)
  return told('other', 'DHCPv6 client', vendor === undefined ? 'no vendor class' : byClass)
}

/** Whether it is the machine's own firmware, rather than something that was loaded. */
export const isFirmware = ({ kind }: Firmware): boolean =>
  kind === 'bios-rom' || kind === 'edk2' || kind === 'edk2-http' || kind === 'ipxe' || kind === 'u-boot' || kind === 'raspberry-pi' || kind === 'soc-rom' // prettier-ignore

/** Whether its failures carry the names of the UEFI dictionary. */
export const isUefi = ({ kind, architecture }: Firmware): boolean =>
  kind === 'edk2' ||
  kind === 'edk2-http' ||
  (architecture !== undefined && architectureOf(architecture)?.boot === 'uefi')
