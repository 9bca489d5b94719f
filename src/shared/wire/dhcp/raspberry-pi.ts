/**
 * The Raspberry Pi's own network boot: the ROM of Pi 2 and 3, the EEPROM of Pi 4 and 5. It calls itself PXEClient of
 * architecture 0 like a PC with a BIOS, and boots nothing unless option 43 holds a text ("Network booting" in the
 * Raspberry Pi documentation).
 */
import { encodeText, formatHex } from '../bytes.ts'
import { architectureByKey } from '../iana/architecture.ts'
import { encodePxeVendorOptions, discoveryControl } from './spaces.ts'

export const raspberryPiArchitecture: number = architectureByKey('arm-rpiboot')!.code

/** Registered to Raspberry Pi (IEEE MA-L). */
export const raspberryPiPrefixes: readonly string[] = [
  '28cdc1',
  '2ccf67',
  '3a3541',
  '88a29e',
  'b827eb',
  'd83add',
  'dca632',
  'e45f01',
]

const rpi = encodeText('RPi')

/**
 * Whether the machine itself is asking rather than what it has loaded. The class alone says nothing: iPXE on BIOS sends the
 * same. The ROM of the Pi 3B names the UUID 44444444-4444-..., a Pi 4 or 5 one that begins with "RPi4" or "RPi5".
 */
export function isRaspberryPiBoot(
  vendorClass: string,
  chaddr: Uint8Array,
  announced: readonly number[],
  machineIdentifier: Uint8Array | undefined,
): boolean {
  if (announced.includes(raspberryPiArchitecture)) return true
  if (!vendorClass.startsWith('PXEClient:Arch:00000:UNDI:002001')) return false
  if (raspberryPiPrefixes.includes(formatHex(chaddr.subarray(0, 3)))) return true
  if (machineIdentifier?.length !== 17) return false
  const named = machineIdentifier.subarray(1)
  return named.every((octet) => octet === 0x44) || rpi.every((octet, at) => named[at] === octet)
}

/** What the firmware looks for. The ROM of the Pi 3B measures it three characters too short, hence the spaces. */
export const raspberryPiText = 'Raspberry Pi Boot   '

/** Option 43 as dnsmasq makes it from `pxe-service=0,"Raspberry Pi Boot   "`: a menu of one line, taken at once. */
export const raspberryPiVendorOptions = (): Uint8Array =>
  encodePxeVendorOptions({
    discoveryControl: discoveryControl.noBroadcast | discoveryControl.noMulticast,
    menuPrompt: { timeoutSeconds: 0, text: 'PXE' },
    bootMenu: [{ type: 0, text: raspberryPiText }],
  })
