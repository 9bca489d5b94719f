/** For which architectures the folder of a PXE service has a boot program. */
import type { Facts } from '../lab/facts.ts'

export type BootFolder = 'Boot' | 'SMSBoot'
export const bootArchitectures = ['bios', 'x64-uefi', 'arm64-uefi', 'x86-uefi'] as const
export type BootArchitecture = (typeof bootArchitectures)[number]

/** The folder that the PXE service of this server sends from: that of ConfigMgr, through WDS or its responder, or of WDS. */
export function bootFolder(facts: Facts): BootFolder {
  const stateOf = (name: string) => {
    const found = facts.services?.value.find((one) => one.name.toLowerCase() === name.toLowerCase())
    return found && (found.state === 'running' || found.start !== 'disabled') ? found.state : undefined
  }
  const responder = stateOf('SccmPxe')
  return facts.distributionPoint?.value === true || responder === 'running' || (responder !== undefined && stateOf('WDSServer') !== 'running') ? 'SMSBoot' : 'Boot' // prettier-ignore
}

const biosPrograms = /\\(wdsnbp\.com|pxeboot\.com|pxeboot\.n12)$/i
const efiPrograms = /\\(wdsmgfw|bootmgfw)(_ex)?\.efi$/i
const efiFolders = { 'x64-uefi': /\\x64\\/i, 'arm64-uefi': /\\arm64\\/i, 'x86-uefi': /\\x86\\/i } as const

/** The architectures whose first boot program is there and not empty; undefined where the files were not looked at. */
export function bootableArchitectures(facts: Facts, folder: BootFolder): readonly BootArchitecture[] | undefined {
  const files = facts.bootFiles?.value.filter((one) => one.size > 0 && one.path.toLowerCase().startsWith(`${folder.toLowerCase()}\\`)) // prettier-ignore
  // A folder that is not there at all, or may not be read, tells nothing.
  if (!files || files.length === 0) return undefined
  return bootArchitectures.filter(
    (one) =>
    files.some(({ path }) => one === 'bios' ? biosPrograms.test(path) : efiPrograms.test(path) && efiFolders[one].test(path)), // prettier-ignore
  )
}
