/** What a machine starts from a disc: the boot catalogue ("El Torito" Bootable CD-ROM Format Specification 1.0; UEFI section 13.3.2.1). */
import { ascii, sectorBytes, u16, u32, type ReadAt } from './node.ts'

export interface DiscBoot {
  readonly platform: 'BIOS' | 'UEFI' | 'PowerPC' | 'Mac' | 'unknown'
  /** `none`: the program is loaded as it is. */
  readonly emulation: 'none' | 'floppy' | 'hard disk'
  /** In bytes from the beginning of the image. */
  readonly offset: number
  /** As the catalogue says, in bytes; firmware of UEFI reads a file system that may be larger. */
  readonly bytes: number
}

const platforms: Readonly<Record<number, DiscBoot['platform']>> = { 0: 'BIOS', 1: 'PowerPC', 2: 'Mac', 0xef: 'UEFI' }

/** None where the image has no catalogue, or one whose checksum does not hold. */
export async function discBoots(descriptors: readonly Uint8Array[], read: ReadAt): Promise<readonly DiscBoot[]> {
  const record = descriptors.find((one) => one[0] === 0 && ascii(one, 7, 23) === 'EL TORITO SPECIFICATION')
  if (!record) return []
  const catalogue = await read(u32(record, 71) * sectorBytes, sectorBytes)
  let sum = 0
  for (let at = 0; at < 32; at += 2) sum += u16(catalogue, at)
  if (catalogue.length < 64 || catalogue[0] !== 1 || (sum & 0xffff) !== 0) return []
  const boots: DiscBoot[] = []
  let platform = catalogue[1]!
  for (let at = 32; at + 32 <= catalogue.length; at += 32) {
    const head = catalogue[at]!
    if (head === 0x90 || head === 0x91) platform = catalogue[at + 1]!
    if (head !== 0x88) {
      if (head === 0 && at > 32) break
      continue
    }
    const media = catalogue[at + 1]! & 15
    boots.push({
      platform: platforms[platform] ?? 'unknown',
      emulation: media === 0 ? 'none' : media === 4 ? 'hard disk' : 'floppy',
      offset: u32(catalogue, at + 8) * sectorBytes,
      bytes: u16(catalogue, at + 6) * 512,
    })
  }
  return boots
}
