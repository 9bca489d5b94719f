/**
 * The questions PXE Lab itself puts on the wire. They look like those of a PXE client, and whoever reads a capture has to
 * know that no machine boots there. This is the one place that knows their hardware addresses.
 */
import { formatHex, formatMac, parseUuid } from './bytes.ts'

/** Asks who answers before the responder starts. Locally administered, and the letters PXELB. */
export const guardMac: Uint8Array = Uint8Array.of(0x02, 0x50, 0x58, 0x45, 0x4c, 0x42)
/** Takes the census and rehearses a boot. Another one, for the responder of this machine is to be heard as well. */
export const censusMac: Uint8Array = Uint8Array.of(0x02, 0x50, 0x58, 0x45, 0x4c, 0x43)

/** What it calls itself over IPv6, where the frame shows the card of the computer that asks: an identifier of no machine. */
export const rehearsalUuid: Uint8Array = parseUuid('50584c41-4200-4000-8000-025058454c43')!

/** The DUID that a firmware of the simulator makes of it (type 4, RFC 6355). */
const rehearsalDuid = `0004${formatHex(rehearsalUuid)}`

/** Whether a DUID is that of a rehearsal, on whichever computer. */
export const isRehearsalDuid = (duid: Uint8Array | undefined): boolean =>
  duid?.length === rehearsalUuid.length + 2 && formatHex(duid) === rehearsalDuid

/** What it is called where machines are listed. */
export const labCheckName = "PXE Lab's check"

const purposes: ReadonlyMap<string, string> = new Map([
  [formatMac(guardMac), 'PXE Lab asked who else answers before it started'],
  [formatMac(censusMac), 'PXE Lab asked who answers on this wire, or rehearsed a boot'],
])

/** What PXE Lab did under this hardware address (`02:50:58:45:4c:42`), in words; undefined where it is a machine's. */
export const labCheckOf = (mac: string): string | undefined => purposes.get(mac)
