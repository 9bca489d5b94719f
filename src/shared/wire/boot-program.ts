/**
 * What a file in the boot folder is, told from its first bytes: PE/COFF programs for UEFI name their machine (Microsoft
 * PE format, section 3.3), everything else a BIOS can run is raw code without one.
 */
import type { Architecture } from './iana/architecture.ts'
import { decodeText } from './bytes.ts'

/** How many bytes from the start `inspectBootProgram` wants to see. */
export const bootProgramHeadBytes = 4096

export const bootProgramKinds = [
  'uefi', 'bios', 'linux', 'script', 'windows-image', 'disc-image', 'boot-configuration', 'configuration', 'other', 'empty',
] as const // prettier-ignore

export interface BootProgram {
  readonly kind: (typeof bootProgramKinds)[number]
  /** In words, for the file list. */
  readonly description: string
  /** The PE machine field; absent for what is no PE program. */
  readonly peMachine?: number
  /** Whether its name says that it is an image of a disc or disk, which HTTP boot of UEFI starts from memory. */
  readonly isDisk?: true
}

const machines: Readonly<Record<number, string>> = {
  0x14c: 'x86',
  0x8664: 'x64',
  0x1c0: 'ARM32',
  0x1c2: 'ARM32',
  0xaa64: 'ARM64',
  0x200: 'Itanium',
  0xebc: 'EFI byte code',
  0x5032: 'RISC-V 32',
  0x5064: 'RISC-V 64',
  0x6232: 'LoongArch 32',
  0x6264: 'LoongArch 64',
}

/** What people mistake for a boot program, by its first bytes. */
const foreign: readonly (readonly [begins: string, description: string])[] = [
  ['PK\x03\x04', 'ZIP archive'],
  ['\x1f\x8b', 'gzip archive'],
  ['\x7fELF', 'ELF file'],
]
/** What a web server sends in place of a file that it does not have. */
const webPage = /^(\xef\xbb\xbf)?\s*<(!doctype html|html|head)\b/i

/** A file of which all that is seen is ASCII text; a few bytes may be anything. */
const isText = (head: Uint8Array): boolean =>
  head.length >= 8 && head.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13)

const u16Little = (head: Uint8Array, at: number): number => (head[at] ?? 0) | ((head[at + 1] ?? 0) << 8)

export function inspectBootProgram(head: Uint8Array, name: string): BootProgram {
  if (head.length === 0) return { kind: 'empty', description: 'empty file' }
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  const peAt = u16Little(head, 0x3c) | (u16Little(head, 0x3e) << 16)
  const isMz = head[0] === 0x4d && head[1] === 0x5a
  if (isMz && peAt >= 0x40 && peAt + 26 <= head.length && decodeText(head.subarray(peAt, peAt + 2)) === 'PE') {
    const peMachine = u16Little(head, peAt + 4)
    const machine = machines[peMachine] ?? `machine 0x${peMachine.toString(16)}`
    const subsystemAt = peAt + 24 + 68
    const isEfi = subsystemAt + 2 > head.length || [10, 11, 12, 13].includes(u16Little(head, subsystemAt))
    // A Linux kernel with an EFI stub is both; the boot sector magic tells it apart.
    const isKernel = decodeText(head.subarray(0x202, 0x206)) === 'HdrS'
    if (isKernel) return { kind: 'linux', description: `Linux kernel with EFI stub, ${machine}`, peMachine }
    return isEfi
      ? { kind: 'uefi', description: `UEFI program, ${machine}`, peMachine }
      : { kind: 'other', description: `Windows program, ${machine}`, peMachine }
  }
  if (decodeText(head.subarray(0x202, 0x206)) === 'HdrS') return { kind: 'linux', description: 'Linux kernel' }
  if (decodeText(head.subarray(0, 5)) === 'MSWIM') return { kind: 'windows-image', description: 'Windows image (WIM)' }
  if (decodeText(head.subarray(0, 5)) === '#!ipx') return { kind: 'script', description: 'iPXE script' }
  if (decodeText(head.subarray(0, 4)) === 'regf')
    return { kind: 'boot-configuration', description: 'boot configuration data (BCD)' }
  const begin = String.fromCharCode(...head.subarray(0, 64))
  if (webPage.test(begin)) return { kind: 'other', description: 'web page (HTML)' }
  const known = foreign.find(([begins]) => begin.startsWith(begins))
  if (known) return { kind: 'other', description: known[1] }
  if (['cfg', 'conf', 'ipxe', 'txt', 'ini', 'lst'].includes(extension))
    return { kind: 'configuration', description: 'configuration text' }
  if (isText(head)) return { kind: 'other', description: 'text file' }
  if (extension === 'iso') return { kind: 'other', description: 'disc image', isDisk: true }
  if (extension === 'img') return { kind: 'other', description: 'disk image', isDisk: true }
  if (['0', 'com', 'n12', 'pxe', 'kpxe', 'kkpxe', 'kkkpxe', 'bin', 'lkrn'].includes(extension))
    return { kind: 'bios', description: 'BIOS boot program' }
  return { kind: 'other', description: 'file' }
}

/** Content that is recognised by nothing: code for a BIOS, for one. */
const isUnknown = ({ kind, description }: BootProgram): boolean => kind === 'other' && description === 'file'

/** Whether what it is says that no firmware starts it; where it is not recognised, that is not known. */
export const isNoProgram = (program: BootProgram): boolean =>
  !['uefi', 'bios', 'linux'].includes(program.kind) && !isUnknown(program)

/** Whether its bytes alone tell what it is. Text and what is not recognised may stand for content that a capture was cleared of. */
export const isRecognised = (program: BootProgram): boolean =>
  !isUnknown(program) && program.description !== 'text file' && program.isDisk !== true

/** Why this program cannot start on that architecture; undefined where nothing speaks against it. */
export function mismatchOf(program: BootProgram, architecture: Architecture): string | undefined {
  if (program.kind === 'empty') return 'the file is empty'
  if (architecture.boot === 'uefi') {
    // Loaded over HTTP it becomes a RAM disk (UEFI 2.10, HTTP Boot; EDK2 HttpBootCheckImageType); what is in it is not seen here.
    if (program.isDisk && architecture.isHttp) return undefined
    if (isUnknown(program)) return 'not a UEFI program: it has no PE header'
    if (isNoProgram(program)) return `${program.description}, not a UEFI program`
    if (program.peMachine === undefined) return `${program.description}: UEFI firmware starts only PE programs`
    if (architecture.peMachine !== undefined && architecture.peMachine !== program.peMachine)
      return `${program.description} cannot start on ${architecture.name}`
  }
  if (architecture.boot === 'bios') {
    if (program.kind === 'uefi')
      return `${program.description} cannot start on ${architecture.name}: it hangs without a word`
    if (isNoProgram(program) && !program.isDisk) return `${program.description}, not a BIOS program`
  }
  return undefined
}
