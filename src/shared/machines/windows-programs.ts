/** Where Windows deployment servers keep what they send: paths below the remote installation folder. */
import { ruleArchitectures } from './boot-policy.ts'
import type { WdsPrograms } from './wds-server.ts'

export const windowsArchitectures = ['bios', 'x64-uefi', 'x86-uefi', 'arm64-uefi'] as const

export const folderOf = (architecture: string): string =>
  architecture === 'bios' || architecture === 'x64-uefi' ? 'x64' : architecture === 'arm64-uefi' ? 'arm64' : 'x86'

export const bcdPath = (architecture: string, prefix: 'Boot' | 'SMSBoot'): string =>
  prefix === 'Boot'
    ? `\\Tmp\\${architecture === 'bios' ? 'x64' : `${folderOf(architecture)}uefi`}{00000000-0000-0000-0000-000000000000}.bcd`
    : `\\SMSTemp\\2026.11.21.09.00.00.0001.{${architecture === 'bios' ? 'B105' : 'EF17'}0000-0000-0000-0000-000000000000}.boot.bcd`

/** What a Windows server sends to each architecture from a folder such as Boot or SMSBoot; `bcdOf` names the boot configuration of option 252. */
export function windowsPrograms<Key extends string>(
  architectures: readonly Key[],
  folder: string,
  bcdOf: (architecture: Key) => string | undefined,
): Map<number, WdsPrograms> {
  const programs = new Map<number, WdsPrograms>()
  for (const key of architectures) {
    const path = (below: string, name: string): string => `${folder.toLowerCase()}\\${below}\\${name}`
    const uefi = folderOf(key)
    for (const code of ruleArchitectures(key))
      programs.set(
        code,
        key === 'bios'
          ? {
              first: path('x86', 'wdsnbp.com'),
              next: { optIn: path('x64', 'pxeboot.com'), noPrompt: path('x64', 'pxeboot.n12') },
              next32: { optIn: path('x86', 'pxeboot.com'), noPrompt: path('x86', 'pxeboot.n12') },
              abort: path('x64', 'abortpxe.com'),
              bcd: bcdOf(key),
            }
          : {
              first: path(uefi, 'wdsmgfw.efi'),
              next: { optIn: path(uefi, 'bootmgfw.efi'), noPrompt: path(uefi, 'bootmgfw.efi') },
              bcd: bcdOf(key),
            },
      )
  }
  return programs
}
