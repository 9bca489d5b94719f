/** A boot file that nobody provided: what it is by its name, and a stand-in with which a machine goes on. */
import type { FileInput } from '../simulation/scenario.ts'
import type { MachineKind } from './machine-kinds.ts'

/** Architecture that a name tells: `bios`, a UEFI one, `uefi` for any of them, undefined where it tells nothing. */
export function runsOnByName(path: string): string | undefined {
  const name = path.toLowerCase().replaceAll('\\', '/')
  if (/\.efi(\.signed)?$/.test(name)) {
    if (/aa64|arm64|aarch64/.test(name)) return 'arm64-uefi'
    if (/x64|amd64|x86[_-]64/.test(name)) return 'x64-uefi'
    if (/ia32|i386|(^|[/_-])x86([/_.-])|32\.efi/.test(name)) return 'x86-uefi'
    return 'uefi'
  }
  return /\.(0|com|n12|k?k?pxe|lkrn)$/.test(name) ? 'bios' : undefined
}

/** Whether what is loaded is an iPXE, which asks again and gets what its user class is given. */
export const isIpxeByName = (path: string): boolean => /(undionly|snponly|snp|ipxe)[^\\/]*\.(k*pxe|efi|lkrn|0)$/i.test(path) // prettier-ignore

/** Whether iPXE takes it for a script. */
const isScriptByName = (path: string): boolean => !/\.(efi|0|com|n12|k*pxe|lkrn|img|iso|bin|wim)$/i.test(path)

/**
 * The file as it is taken to be: of the architecture its name tells, else of the machine that loads it. It runs and ends
 * there, for what it does next is not in the configuration; iPXE alone goes on.
 */
export function standIn(path: string, kind: MachineKind, isForIpxe: boolean): FileInput {
  if (isForIpxe && isScriptByName(path)) return { text: '#!ipxe\necho This script was not given\nshell\n' }
  const told = runsOnByName(path)
  const architecture = told === undefined || (told === 'uefi' && kind.runs !== 'bios') ? kind.runs : told === 'uefi' ? 'x64-uefi' : told // prettier-ignore
  return { program: isIpxeByName(path) ? 'ipxe' : 'plain', architecture, size: 30_000 }
}
