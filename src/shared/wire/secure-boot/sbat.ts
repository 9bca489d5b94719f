/**
 * SBAT: a program says of which components it is made and of which generation each is; a machine refuses components that
 * are older than the generation its variable SbatLevel names (shim, SBAT.md).
 */
import { printable } from '../printable.ts'

export interface SbatComponent {
  readonly name: string
  readonly generation: number
  /** Vendor, package and version, for people. */
  readonly vendor: string
  readonly package: string
  readonly version: string
}

/** A section is text of some hundred bytes. */
const mostBytes = 64 << 10
const columns = 6

/** Undefined where shim could not read it either, and refuses the program: fewer than six columns, a generation that is no number. */
export function parseSbat(section: Uint8Array): SbatComponent[] | undefined {
  if (section.length > mostBytes) return undefined
  const end = section.indexOf(0)
  const text = String.fromCharCode(...section.subarray(0, end < 0 ? section.length : end)).replace(/^\xef\xbb\xbf/, '')
  const found: SbatComponent[] = []
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue
    const [name, generation, vendor, packaged, version, ...more] = line.split(',').map(printable)
    if (!name || !/^\d{1,5}$/.test(generation ?? '') || more.length < columns - 5) return undefined
    found.push({ name, generation: Number(generation), vendor: vendor!, package: packaged!, version: version! })
  }
  return found.length === 0 ? undefined : found
}

/** What a machine asks for: the least generation of each component. */
export interface SbatLevel {
  /** As the variable says it: year, month, day and a count. */
  readonly date: string
  readonly least: Readonly<Record<string, number>>
  /** Of what it is the revocation. */
  readonly about: string
  /** Whether shim ever carried it to machines. */
  readonly isDelivered: boolean
}

/** Where the levels come from, and until when they are known. */
export const sbatSource = {
  address: 'https://github.com/rhboot/shim/blob/main/SbatLevel_Variable.txt',
  /** The last change there, and when it was read. */
  changed: '2025-07-24',
  asOf: '2026-07-27',
} as const

const level = (
  date: string,
  least: Readonly<Record<string, number>>,
  about: string,
  isDelivered = true,
): SbatLevel => ({ date, least, about, isDelivered })

/** Every level that was published, the newest last. */
export const sbatLevels: readonly SbatLevel[] = [
  level('2021030218', {}, 'nothing is revoked'),
  level('2022052400', { grub: 2 }, 'GRUB, CVE-2021-3695 to 3697 and CVE-2022-28733 to 28736'),
  level('2022111500', { shim: 2, grub: 3 }, 'GRUB, CVE-2022-2601 and CVE-2022-3775'),
  level('2023012900', { shim: 2, grub: 3, 'grub.debian': 4 }, 'GRUB of Debian that missed those patches'),
  level('2023012950', { shim: 3, grub: 3, 'grub.debian': 4 }, 'a fault of shim that was not exploitable', false),
  level('2023091900', { shim: 2, grub: 4 }, 'GRUB, CVE-2023-4692 and CVE-2023-4693', false),
  level('2024010900', { shim: 4, grub: 3, 'grub.debian': 4 }, 'shim, CVE-2023-40546 to 40551'),
  level('2024040900', { shim: 4, grub: 4, 'grub.peimage': 2 }, 'shim and GRUB of 2023, and CVE-2024-2312'),
  level('2025021800', { shim: 4, grub: 5 }, 'GRUB, February 2025'),
  level('2025051000', { shim: 4, grub: 5, 'grub.proxmox': 2 }, 'GRUB of Proxmox, July 2025'),
]

export const newestSbatLevel = sbatLevels.at(-1)!

export interface SbatRevocation {
  readonly component: string
  readonly generation: number
  readonly least: number
}

/** The components that this level revokes; none where the program may start. */
export const revokedBy = (program: readonly SbatComponent[], { least }: Pick<SbatLevel, 'least'>): SbatRevocation[] =>
  program.flatMap(({ name, generation }) =>
    Object.hasOwn(least, name) && generation < least[name]!
      ? [{ component: name, generation, least: least[name]! }]
      : [],
  )
