/** The firmwares that can be simulated, by the word a scenario uses. */
import { say, type Phrase } from '#messages/message.ts'
import { textOf } from '#messages/text.ts'
import type { Firmware } from './client.ts'
import { biosRom } from './bios-rom.ts'
import { edk2Firmware, type NextOption } from './edk2.ts'
import { edk2Over6 } from './edk2-ipv6.ts'
import { edk2Before2017 } from './edk2-2016.ts'
import { edk2HttpFirmware } from './edk2-http.ts'
import { ipxeDisguised, ipxeOnUefi, ipxeRom } from './ipxe.ts'
import { raspberryPi3, raspberryPi4, raspberryPi5 } from './raspberry-pi.ts'
import { uBoot, uBootPxe } from './u-boot.ts'
import { uefiSingleOffer } from './uefi-single-offer.ts'

export interface FirmwareEntry {
  readonly name: Phrase
  /** Number of option 93. */
  readonly architecture: number
  readonly family: 'bios' | 'edk2' | 'edk2-http' | 'ipxe' | 'u-boot' | 'raspberry-pi'
  readonly firmware: Firmware
}

const edk2 = (architecture: number, next: readonly NextOption[] = []): Firmware =>
  edk2Firmware({ architecture, keepsProxy: 'all', next })

export const firmwares = {
  bios: { name: say('simulation.firmware-bios'), architecture: 0, family: 'bios', firmware: biosRom },
  edk2: { name: 'UEFI x64 (EDK2)', architecture: 7, family: 'edk2', firmware: edk2(7) },
  'edk2-then-http': {
    name: say('simulation.firmware-then-http', { name: 'UEFI x64 (EDK2)' }),
    architecture: 7,
    family: 'edk2',
    firmware: edk2(7, ['http']),
  },
  'edk2-arm64': { name: 'UEFI ARM64 (EDK2)', architecture: 11, family: 'edk2', firmware: edk2(11) },
  'edk2-arm64-then-http': {
    name: say('simulation.firmware-then-http', { name: 'UEFI ARM64 (EDK2)' }),
    architecture: 11,
    family: 'edk2',
    // As Debian and the machines of today have it: PXE over IPv6 comes between the two.
    firmware: edk2(11, ['ipv6', 'http']),
  },
  'edk2-arm64-http': {
    name: say('simulation.firmware-http', { architecture: 'UEFI ARM64' }),
    architecture: 19,
    family: 'edk2-http',
    firmware: edk2HttpFirmware(19),
  },
  'edk2-x86': { name: 'UEFI x86 (EDK2)', architecture: 6, family: 'edk2', firmware: edk2(6) },
  'edk2-x86-then-http': {
    name: say('simulation.firmware-then-http', { name: 'UEFI x86 (EDK2)' }),
    architecture: 6,
    family: 'edk2',
    firmware: edk2(6, ['http']),
  },
  'edk2-2016': {
    name: say('simulation.firmware-before-2017'),
    architecture: 7,
    family: 'edk2',
    firmware: edk2Before2017(7),
  },
  'uefi-single-offer': {
    name: say('simulation.firmware-single-offer'),
    architecture: 7,
    family: 'edk2',
    firmware: uefiSingleOffer(7),
  },
  'edk2-http': {
    name: say('simulation.firmware-http', { architecture: 'UEFI x64' }),
    architecture: 16,
    family: 'edk2-http',
    firmware: edk2HttpFirmware(16),
  },
  'edk2-then-ipv6': {
    name: say('simulation.firmware-then-ipv6'),
    architecture: 7,
    family: 'edk2',
    // The boot order of a machine of today.
    firmware: edk2(7, ['ipv6', 'http', 'http6']),
  },
  'edk2-ipv6': {
    name: say('simulation.firmware-ipv6'),
    architecture: 7,
    family: 'edk2',
    firmware: edk2Over6(['pxe'], 7),
  },
  'edk2-ipv6-then-http': {
    name: say('simulation.firmware-ipv6-then-http'),
    architecture: 7,
    family: 'edk2',
    firmware: edk2Over6(['pxe', 'http'], 7),
  },
  'edk2-http-ipv6': {
    name: say('simulation.firmware-http-ipv6'),
    architecture: 16,
    family: 'edk2-http',
    firmware: edk2Over6(['http'], 7),
  },
  'u-boot': { name: 'U-Boot (ARM64)', architecture: 11, family: 'u-boot', firmware: uBoot },
  'u-boot-pxe': {
    name: say('simulation.firmware-u-boot-pxe'),
    architecture: 11,
    family: 'u-boot',
    firmware: uBootPxe,
  },
  'raspberry-pi-3': {
    name: say('simulation.firmware-raspberry-3'),
    architecture: 0,
    family: 'raspberry-pi',
    firmware: raspberryPi3,
  },
  'raspberry-pi-4': {
    name: 'Raspberry Pi 4 (EEPROM)',
    architecture: 0,
    family: 'raspberry-pi',
    firmware: raspberryPi4,
  },
  'raspberry-pi-5': {
    name: 'Raspberry Pi 5 (EEPROM)',
    architecture: 0,
    family: 'raspberry-pi',
    firmware: raspberryPi5,
  },
  ipxe: { name: 'iPXE ROM (BIOS)', architecture: 0, family: 'ipxe', firmware: ipxeRom },
  'ipxe-uefi': {
    name: say('simulation.firmware-ipxe-uefi'),
    architecture: 7,
    family: 'ipxe',
    firmware: ipxeOnUefi,
  },
  'ipxe-disguised': {
    name: say('simulation.firmware-ipxe-disguised'),
    architecture: 0,
    family: 'ipxe',
    firmware: ipxeDisguised,
  },
} as const satisfies Record<string, FirmwareEntry>

export type FirmwareName = keyof typeof firmwares
export const firmwareNames = Object.keys(firmwares) as readonly FirmwareName[]
/** A firmware as it is shown: `UEFI x64 (EDK2), IPv6 after IPv4`. */
export const firmwareText = (name: FirmwareName): string => textOf(firmwares[name].name)
export const firmwareEntry = (name: FirmwareName): FirmwareEntry => firmwares[name]
