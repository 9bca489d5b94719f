/**
 * Where the files of a Raspberry Pi without a folder of its own are. A Pi asks in the folder that is named after it, and does
 * without that folder, for all of its files, where its firmware is not there (TFTP_PREFIX of the bootloader configuration in
 * the Raspberry Pi documentation): a server that finds the firmware for it has to find the rest as well.
 */

/** The lower half of its serial number, or its MAC address. */
const ownFolder = /^([0-9a-f]{8}|([0-9a-f]{2}-){5}[0-9a-f]{2})$/i
/** What the ROM of a Raspberry Pi 3 asks for before it knows of such a folder. */
const firstOfRaspberryPi = /^boot(code|sig)\.bin$/i

export const isRaspberryPiFolder = (name: string): boolean => ownFolder.test(name)

/**
 * The place of a file that is not there, in the common folder; undefined where it belongs to no Raspberry Pi, or may belong
 * to one whose own folder is there. Both are names of folders and files, from the boot folder on.
 */
export function raspberryPiPlace(
  asked: readonly string[],
  common: readonly string[],
): { readonly ownFolder: string | undefined; readonly place: readonly string[] } | undefined {
  const [first = '', ...rest] = asked
  if (rest.length === 0)
    return firstOfRaspberryPi.test(first) ? { ownFolder: undefined, place: [...common, first] } : undefined
  return ownFolder.test(first) ? { ownFolder: first, place: [...common, ...rest] } : undefined
}
