/** UEFI firmware that does not join two offers: what is not in the DHCP server's own offer does not exist for it. */
import type { Firmware } from './client.ts'
import { edk2Firmware } from './edk2.ts'

export const uefiSingleOffer = (architecture: number): Firmware =>
  edk2Firmware({ architecture, keepsProxy: 'none', next: [] })
