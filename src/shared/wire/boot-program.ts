/**
 * What a file in the boot folder is, told from its first bytes: PE/COFF programs for UEFI name their machine (Microsoft
 * PE format, section 3.3), everything else a BIOS can run is raw code without one.
 */
import { sameText, say, type Phrase } from '#messages/message.ts'
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
  readonly description: Phrase
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
const foreign: readonly (readonly [begins: string, description: Phrase])[] = [
  ['PK\x03\x04', say('boot-program.zip-archive')],
  ['\x1f\x8b', say('boot-program.gzip-archive')],
  ['\x7fELF', say('boot-program.elf-file')],
]
/** What a web server sends in place of a file that it does not have. */
const webPage = /^(\xef\xbb\xbf)?\s*<(!doctype html|html|head)\b/i

/** A file of which all that is seen is ASCII text; a few bytes may be anything. */
const isText = (head: Uint8Array): boolean =>
  head.length >= 8 && head.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13)

const textFile = say('boot-program.text-file')
const unknown = say('boot-program.file')

const u16Little = (head: Uint8Array, at: number): number => (head[at] ?? 0) | ((head[at + 1] ?? 0) << 8)

export function inspectBootProgram(head: Uint8Array, name: string): BootProgram {
  if (head.length === 0) return { kind: 'empty', description: say('boot-program.empty-file') }
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  const peAt = u16Little(head, 0x3c) | (u16Little(head, 0x3e) << 16)
  const isMz = head[0] === 0x4d && head[1] === 0x5a
  if (isMz && peAt >= 0x40 && peAt + 26 <= head.length && decodeText(head.subarray(peAt, peAt + 2)) === 'PE') {
    const peMachine = u16Little(head, peAt + 4)
    const machine = machines[peMachine] ?? say('boot-program.machine', { number: `0x${peMachine.toString(16)}` })
    const subsystemAt = peAt + 24 + 68
    const isEfi = subsystemAt + 2 > head.length || [10, 11, 12, 13].includes(u16Little(head, subsystemAt))
    // A Linux kernel with an EFI stub is both; the boot sector magic tells it apart.
    const isKernel = decodeText(head.subarray(0x202, 0x206)) === 'HdrS'
    if (isKernel)
      return { kind: 'linux', description: say('boot-program.linux-kernel-efi-stub', { machine }), peMachine }
    return isEfi
      ? { kind: 'uefi', description: say('boot-program.uefi-program', { machine }), peMachine }
      : { kind: 'other', description: say('boot-program.windows-program', { machine }), peMachine }
  }
  if (decodeText(head.subarray(0x202, 0x206)) === 'HdrS')
    return { kind: 'linux', description: say('boot-program.linux-kernel') }
  if (decodeText(head.subarray(0, 5)) === 'MSWIM')
    return { kind: 'windows-image', description: say('boot-program.windows-image-wim') }
  if (decodeText(head.subarray(0, 5)) === '#!ipx')
    return { kind: 'script', description: say('boot-program.ipxe-script') }
  if (decodeText(head.subarray(0, 4)) === 'regf')
    return { kind: 'boot-configuration', description: say('boot-program.boot-configuration-data-bcd') }
  const begin = String.fromCharCode(...head.subarray(0, 64))
  if (webPage.test(begin)) return { kind: 'other', description: say('boot-program.web-page-html') }
  const known = foreign.find(([begins]) => begin.startsWith(begins))
  if (known) return { kind: 'other', description: known[1] }
  if (['cfg', 'conf', 'ipxe', 'txt', 'ini', 'lst'].includes(extension))
    return { kind: 'configuration', description: say('boot-program.configuration-text') }
  if (isText(head)) return { kind: 'other', description: textFile }
  if (extension === 'iso') return { kind: 'other', description: say('boot-program.disc-image'), isDisk: true }
  if (extension === 'img') return { kind: 'other', description: say('boot-program.disk-image'), isDisk: true }
  if (['0', 'com', 'n12', 'pxe', 'kpxe', 'kkpxe', 'kkkpxe', 'bin', 'lkrn'].includes(extension))
    return { kind: 'bios', description: say('boot-program.bios-boot-program') }
  return { kind: 'other', description: unknown }
}

/** Content that is recognised by nothing: code for a BIOS, for one. */
const isUnknown = ({ kind, description }: BootProgram): boolean => kind === 'other' && sameText(description, unknown)

/** Whether what it is says that no firmware starts it; where it is not recognised, that is not known. */
export const isNoProgram = (program: BootProgram): boolean =>
  !['uefi', 'bios', 'linux'].includes(program.kind) && !isUnknown(program)

/** Whether its bytes alone tell what it is. Text and what is not recognised may stand for content that a capture was cleared of. */
export const isRecognised = (program: BootProgram): boolean =>
  !isUnknown(program) && !sameText(program.description, textFile) && program.isDisk !== true

/** Why this program cannot start on that architecture; undefined where nothing speaks against it. */
export function mismatchOf(program: BootProgram, architecture: Architecture): Phrase | undefined {
  if (program.kind === 'empty') return say('boot-program.file-empty')
  if (architecture.boot === 'uefi') {
    // Loaded over HTTP it becomes a RAM disk (UEFI 2.10, HTTP Boot; EDK2 HttpBootCheckImageType); what is in it is not seen here.
    if (program.isDisk && architecture.isHttp) return undefined
    if (isUnknown(program)) return say('boot-program.not-uefi-program-no-pe')
    if (isNoProgram(program)) return say('boot-program.no-uefi-program', { description: program.description })
    if (program.peMachine === undefined)
      return say('boot-program.uefi-firmware-starts-only-pe', { description: program.description })
    if (architecture.peMachine !== undefined && architecture.peMachine !== program.peMachine)
      return say('boot-program.cannot-start', { description: program.description, architecture: architecture.name })
  }
  if (architecture.boot === 'bios') {
    if (program.kind === 'uefi')
      return say('boot-program.cannot-start-hangs-without-word', {
        description: program.description,
        architecture: architecture.name,
      })
    if (isNoProgram(program) && !program.isDisk)
      return say('boot-program.no-bios-program', { description: program.description })
  }
  return undefined
}
