/** UEFI firmware before April 2017: its driver forgets every proxyDHCP offer that carries PXE options in option 43. */
import type { Firmware } from './client.ts'
import { edk2Firmware } from './edk2.ts'

export const edk2Before2017 = (architecture: number): Firmware =>
  edk2Firmware({ architecture, keepsProxy: 'without-pxe-options', next: [] })
