/**
 * The questions PXE Lab itself puts on the wire. They look like those of a PXE client, and whoever reads a capture has to
 * know that no machine boots there. This is the one place that knows their hardware addresses.
 */
import { formatMac } from './bytes.ts'

/** Asks who answers before the responder starts. Locally administered, and the letters PXELB. */
export const guardMac: Uint8Array = Uint8Array.of(0x02, 0x50, 0x58, 0x45, 0x4c, 0x42)
/** Takes the census and rehearses a boot. Another one, for the responder of this machine is to be heard as well. */
export const censusMac: Uint8Array = Uint8Array.of(0x02, 0x50, 0x58, 0x45, 0x4c, 0x43)

/** What it is called where machines are listed. */
export const labCheckName = "PXE Lab's check"

const purposes: ReadonlyMap<string, string> = new Map([
  [formatMac(guardMac), 'PXE Lab asked who else answers before it started'],
  [formatMac(censusMac), 'PXE Lab asked who answers on this wire, or rehearsed a boot'],
])

/** What PXE Lab did under this hardware address (`02:50:58:45:4c:42`), in words; undefined where it is a machine's. */
export const labCheckOf = (mac: string): string | undefined => purposes.get(mac)
