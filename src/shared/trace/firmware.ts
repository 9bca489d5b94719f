/**
 * Which firmware or program is speaking, told from what it sends, and when it sends again if nobody answers. The clocks
 * are PXE 2.1 section 2.2.4 for ROMs and EDK2, and what the other programs were measured to do.
 */
import {
  architectureCodeOf,
  findOptionData,
  isHttpClass,
  isPxeClass,
  userClassesOf,
  vendorClassOf,
  type DhcpMessage,
} from '../wire/dhcp/message.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { architectureName, architectureOf } from '../wire/iana/architecture.ts'

export const firmwareKinds = [
  'bios-rom',
  'edk2',
  'edk2-http',
  'ipxe',
  'wds',
  'windows-pe',
  'u-boot',
  'grub',
  'linux',
  'other',
] as const
export type FirmwareKind = (typeof firmwareKinds)[number]

export interface Firmware {
  readonly kind: FirmwareKind
  /** As people call it: `UEFI firmware (EDK2)`. */
  readonly name: string
  /** Option 93, undefined where it does not say. */
  readonly architecture: number | undefined
  /** What it was told by, in words. */
  readonly evidence: string
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
  grub: { discover: seconds(0.2, 0.4, 0.8, 1.6), bootServer: [], tftp: seconds(0.2, 0.4, 0.8, 1.6, 3.2) },
  linux: { ...pxeClock, tftp: seconds(5, 5, 5) },
  other: pxeClock,
}

const inWords = (architecture: number | undefined): string =>
  architecture === undefined ? '' : `, ${architectureName(architecture)}`

/** Whose DISCOVER or REQUEST this is. */
export function recogniseFirmware(message: DhcpMessage): Firmware {
  const vendorClass = vendorClassOf(message)
  const architecture = architectureCodeOf(message)
  const told = (kind: FirmwareKind, name: string, evidence: string): Firmware => ({
    kind,
    name: name + inWords(architecture),
    architecture,
    evidence,
  })
  const userClass = userClassesOf(message).find((one) => one === 'iPXE' || one === 'gPXE')
  if (userClass !== undefined || findOptionData(message, optionCodes.ipxe) !== undefined) {
    const name = userClass === 'gPXE' ? 'gPXE' : 'iPXE'
    return told('ipxe', name, userClass === undefined ? 'option 175' : `user class "${userClass}"`)
  }
  if (findOptionData(message, 250) !== undefined)
    return told('wds', 'Windows boot program (wdsnbp or wdsmgfw)', 'option 250')
  if (/^U-Boot/i.test(vendorClass)) return told('u-boot', 'U-Boot', `option 60 "${vendorClass}"`)
  if (isHttpClass(vendorClass)) return told('edk2-http', 'UEFI HTTP boot', `option 60 "${vendorClass}"`)
  if (isPxeClass(vendorClass)) {
    const boot = architecture === undefined ? undefined : architectureOf(architecture)?.boot
    if (boot === 'uefi' && findOptionData(message, optionCodes.machineIdentifier) === undefined)
      return told('u-boot', 'U-Boot', `option 60 "${vendorClass}" without option 97`)
    return boot === 'uefi'
      ? told('edk2', 'UEFI firmware (EDK2)', `option 60 "${vendorClass}"`)
      : told('bios-rom', 'BIOS boot ROM', `option 60 "${vendorClass}"`)
  }
  if (vendorClass.startsWith('MSFT')) return told('windows-pe', 'Windows or Windows PE', `option 60 "${vendorClass}"`)
  if (/^(udhcp|dhcpcd|Linux|anaconda|d-i)/i.test(vendorClass))
    return told('linux', 'Linux', `option 60 "${vendorClass}"`)
  if (vendorClass === '' && findOptionData(message, optionCodes.parameterRequestList) === undefined)
    return told('grub', 'GRUB', 'neither option 60 nor option 55')
  return told('other', 'DHCP client', vendorClass === '' ? 'no option 60' : `option 60 "${vendorClass}"`)
}

/** Whether it is the machine's own firmware, rather than something that was loaded. */
export const isFirmware = ({ kind }: Firmware): boolean =>
  kind === 'bios-rom' || kind === 'edk2' || kind === 'edk2-http' || kind === 'ipxe' || kind === 'u-boot'

/** Whether its failures carry the names of the UEFI dictionary. */
export const isUefi = ({ kind, architecture }: Firmware): boolean =>
  kind === 'edk2' ||
  kind === 'edk2-http' ||
  (architecture !== undefined && architectureOf(architecture)?.boot === 'uefi')
