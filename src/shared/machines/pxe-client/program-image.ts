/**
 * Boot programs of a simulation. The bytes of a file are what firmware looks at (a PE header for its machine, or none); a
 * description behind it says how the program behaves once it runs. Real programs carry no such description: they are
 * told by their names.
 */
import { authorityIds } from '../../wire/secure-boot/authorities.ts'
import type { SbatComponent } from '../../wire/secure-boot/sbat.ts'
import { concatBytes, decodeText, encodeText } from '../../wire/bytes.ts'

export const programKinds = [
  'plain',
  'grub',
  'pxelinux',
  'ipxe',
  'wdsnbp',
  'wdsmgfw',
  'pxeboot',
  'abortpxe',
  'bootmgr',
  'shim',
] as const
export type ProgramKind = (typeof programKinds)[number]

export interface ProgramDescription {
  readonly kind: ProgramKind
  /** Lines it prints when it runs. */
  readonly prints: readonly string[]
  /** Files it loads, in order, by the names it asks for. */
  readonly loads: readonly string[]
  /** Lines it prints when they are loaded. */
  readonly afterwards: readonly string[]
  /** An address built into it; otherwise it takes its server from the firmware. */
  readonly server: string | undefined
  /** Asks DHCP anew, as GRUB does where the firmware names no server. */
  readonly asksDhcp: boolean
  /** Who signed it, and its generations, as Secure Boot judges them (`wire/secure-boot/trust.ts`). */
  readonly signatures: readonly (readonly string[])[]
  readonly sbat: readonly SbatComponent[]
  /** Of shim: the keys built in, and the name of what it loads. */
  readonly builtIn: readonly string[]
  readonly secondStage: string
}

const descriptionAt = 0x100
const marker = 'PXELAB-PROGRAM '

/** The beginning of a program file; `peMachine` of a UEFI program (Microsoft PE format, section 3.3.1). */
export function programImage(description: ProgramDescription, peMachine: number | undefined): Uint8Array {
  const header = new Uint8Array(descriptionAt)
  if (peMachine === undefined) header.set([0xeb, 0x3c])
  else {
    const peAt = 0x80
    header.set([0x4d, 0x5a])
    header[0x3c] = peAt
    header.set([0x50, 0x45, 0, 0, peMachine & 255, peMachine >> 8], peAt)
    // Subsystem of the optional header: EFI application.
    header[peAt + 24 + 68] = 10
  }
  return concatBytes([header, encodeText(marker + JSON.stringify(description)), Uint8Array.of(0)])
}

const byName: readonly (readonly [RegExp, ProgramKind])[] = [
  // Before iPXE: its shim is called ipxe-shimx64.efi.
  [/shim[^\\/]*\.efi(\.signed)?$/i, 'shim'],
  [/wdsnbp[^\\/]*$/i, 'wdsnbp'],
  [/wdsmgfw[^\\/]*$/i, 'wdsmgfw'],
  [/abortpxe[^\\/]*$/i, 'abortpxe'],
  [/pxeboot[^\\/]*$/i, 'pxeboot'],
  [/bootmg(fw|r)[^\\/]*$/i, 'bootmgr'],
  [/(l?pxelinux\.0|syslinux[^\\/]*\.efi)$/i, 'pxelinux'],
  [/(undionly|snponly|snp|ipxe)[^\\/]*\.(k*pxe|efi|lkrn|0)$/i, 'ipxe'],
  [/(grub|core\.0)[^\\/]*$/i, 'grub'],
]

/** What a shim loads by the name that it has: GRUB of its architecture, and that of iPXE its own name without itself. */
export function secondStageByName(name: string): string {
  const [, derived, architecture = 'x64'] =
    /(?:^|[\\/])(?:([^\\/]+)-)?shim(x64|aa64|ia32|riscv64)?[^\\/]*$/i.exec(name) ?? []
  return derived === undefined ? `grub${architecture.toLowerCase()}.efi` : `${derived}.efi`
}

/** Where the second stage of a program that is called shim usually lies; undefined of other programs. */
export const secondStageBeside = (path: string): string | undefined =>
  programKindByName(path) === 'shim' ? `${/^.*[/\\]/.exec(path)?.[0] ?? ''}${secondStageByName(path)}` : undefined

/** What is not said to be signed otherwise is signed by everybody: Secure Boot is then no question. */
export const everyAuthority: readonly (readonly string[])[] = authorityIds.map((id) => [id])

const blank: ProgramDescription = {
  kind: 'plain',
  prints: [],
  loads: [],
  afterwards: [],
  server: undefined,
  asksDhcp: false,
  signatures: everyAuthority,
  sbat: [],
  builtIn: [],
  secondStage: 'grubx64.efi',
}

/** What a file does when it runs. */
export function programIn(head: Uint8Array, name: string): ProgramDescription {
  const text = decodeText(head.subarray(descriptionAt))
  if (text.startsWith(marker)) return { ...blank, ...(JSON.parse(text.slice(marker.length)) as ProgramDescription) }
  return { ...blank, kind: programKindByName(name), secondStage: secondStageByName(name) }
}

export const programKindByName = (name: string): ProgramKind =>
  byName.find(([pattern]) => pattern.test(name))?.[1] ?? 'plain'
