/** The files of a simulated host: the bytes that matter, and the size of the rest. */
import { encodeText } from '../wire/bytes.ts'
import { architectureOf } from '../wire/iana/architecture.ts'
import { ruleArchitectures } from '../machines/boot-policy.ts'
import { bcdImage } from '../machines/pxe-client/programs/boot-manager.ts'
import {
  everyAuthority,
  programImage,
  programKindByName,
  secondStageByName,
} from '../machines/pxe-client/program-image.ts'
import { bcdPath, folderOf } from '../machines/windows-programs.ts'
import type { FileInput } from './scenario.ts'

export interface VirtualFile {
  readonly size: number
  /** Its beginning; the bytes behind it are counted only. */
  readonly head: Uint8Array
}

/** Slashes of both kinds, doubled or leading, and the case of letters make no difference, as on Windows. */
export const fileKey = (path: string): string =>
  path.replaceAll('\\', '/').replace(/\/+/g, '/').replace(/^\//, '').toLowerCase()

const defaultProgramBytes = 520_192
const isProgramName = (path: string): boolean => /\.(efi|0|com|n12|exe|k*pxe|lkrn)$/i.test(path)

function signaturesOf({ signed, signedBy }: FileInput): readonly (readonly string[])[] {
  if (signed === false) return []
  return signedBy ? signedBy.map((key) => [key]) : everyAuthority
}

export function virtualFile(path: string, input: FileInput): VirtualFile {
  if (input.text !== undefined) {
    const head = encodeText(input.text)
    return { size: Math.max(head.length, input.size ?? 0), head: padded(head, input.size) }
  }
  if (input.program === undefined && !isProgramName(path)) return { size: input.size ?? 0, head: new Uint8Array(0) }
  const codes = ruleArchitectures(input.architecture ?? (/\.(efi)$/i.test(path) ? 'x64-uefi' : 'bios'))
  const architecture = codes[0] === undefined ? undefined : architectureOf(codes[0])
  const head = programImage(
    {
      kind: input.program ?? programKindByName(path),
      prints: input.prints ?? [],
      loads: input.loads ?? [],
      afterwards: input.afterwards ?? [],
      server: input.server,
      asksDhcp: input.asksDhcp ?? false,
      signatures: signaturesOf(input),
      sbat: Object.entries(input.sbat ?? {}).map(([name, generation]) => ({
        name,
        generation,
        vendor: '',
        package: '',
        version: '',
      })),
      builtIn: input.builtIn ?? [],
      secondStage: input.secondStage ?? secondStageByName(path),
    },
    architecture?.boot === 'uefi' ? architecture.peMachine : undefined,
  )
  return { size: Math.max(head.length, input.size ?? defaultProgramBytes), head }
}

/** Text is padded with newlines to the size that was asked for. */
function padded(head: Uint8Array, size: number | undefined): Uint8Array {
  if (size === undefined || size <= head.length) return head
  const whole = new Uint8Array(size).fill(10)
  whole.set(head)
  return whole
}

/** A real boot image has hundreds of megabytes; this is enough for windows and block numbers to matter. */
const imageBytes = 40_000_000

/** What a Windows deployment server has in its remote installation folder; `prefix` is Boot or SMSBoot. */
export function windowsBootFiles(
  architectures: readonly string[],
  prefix: 'Boot' | 'SMSBoot',
  bcd: { readonly blockSize: number; readonly windowSize: number; readonly largestFile: number },
): Map<string, VirtualFile> {
  const files = new Map<string, VirtualFile>()
  const add = (path: string, input: FileInput & { readonly size: number }): void =>
    void files.set(fileKey(path), virtualFile(path, { ...input, size: Math.min(input.size, bcd.largestFile) }))
  add(`${prefix}/Fonts/wgl4_boot.ttf`, { size: 49_264 })
  add(`${prefix}/boot.sdi`, { size: 3_170_304 })
  for (const key of architectures) {
    const folder = folderOf(key)
    const wim = prefix === 'Boot' ? `\\Boot\\${folder}\\Images\\boot.wim` : `\\SMSImages\\PS100005\\boot.PS100005.wim`
    add(wim, { size: imageBytes })
    files.set(fileKey(bcdPath(key, prefix)), {
      size: 16_384,
      head: bcdImage({ sdi: `\\${prefix}\\boot.sdi`, wim, blockSize: bcd.blockSize, windowSize: bcd.windowSize }),
    })
    if (key === 'bios') {
      add(`${prefix}/x86/wdsnbp.com`, { size: 31_124 })
      for (const name of ['pxeboot.com', 'pxeboot.n12', 'abortpxe.com']) add(`${prefix}/x64/${name}`, { size: 25_772 })
      add(`${prefix}/x64/bootmgr.exe`, { size: 803_328 })
    } else {
      add(`${prefix}/${folder}/wdsmgfw.efi`, { size: 1_412_096, architecture: key })
      add(`${prefix}/${folder}/bootmgfw.efi`, { size: 1_552_384, architecture: key })
    }
  }
  return files
}
