/** Every code that a screen, a log or a console shows, as one list: made of the tables, and nothing beside them. */
import { t, textOf } from '#messages/text.ts'
import { say, type Phrase } from '#messages/message.ts'
import { readCode } from '../diagnosis/inverse/codes.ts'
import { pxeErrors, uefiMeaning } from '../diagnosis/pxe-errors.ts'
import { wholeCodes, win32Codes } from '../logs/code-tables.ts'
import { nameOf } from '../logs/codes.ts'
import { statusMeaning } from '../logs/signatures/screens.ts'
import { bootManagerLines } from './boot-manager-lines.ts'
import { ipxeErrorOf, ipxeErrors, spellingsOf, type IpxeError } from './ipxe-errors.ts'
import { pxeLines, romMessages, tftpErrors } from './pxe-lines.ts'
import { uefiStatusCode, uefiStatuses } from './uefi-status.ts'

export const codeFamilies = ['pxe', 'uefi', 'ipxe', 'boot-manager', 'configmgr', 'setup', 'windows'] as const
export type CodeFamily = (typeof codeFamilies)[number]

export const familyTitles: Readonly<Record<CodeFamily, Phrase>> = {
  pxe: say('knowledge.family-pxe'),
  uefi: say('knowledge.family-uefi'),
  ipxe: say('knowledge.family-ipxe'),
  'boot-manager': say('knowledge.windows-boot-manager-kernel-status'),
  configmgr: say('knowledge.family-configmgr'),
  setup: say('knowledge.family-setup'),
  windows: say('knowledge.windows-error'),
}

export interface Code {
  /** Canonical: `PXE-E55`, `0xc000000f`, `0x80070490`, `2d03e13b`. */
  readonly code: string
  readonly family: CodeFamily
  /** What it means, as one clause. */
  readonly title: string
  /** PXE codes: the meaning by firmware, where the firmware uses it. */
  readonly bios?: string | undefined
  readonly uefi?: string | undefined
  readonly look?: string | undefined
  /** The lines as firmware shows them. */
  readonly lines: readonly { readonly firmware: string; readonly line: string }[]
  /** Other ways to write it: `1168`, `-2147023728`, `EFI_NOT_FOUND`. */
  readonly spellings: readonly string[]
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

/** As it stands behind a colon. */
const inSentence = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`.replace(/\.$/, '')

const linesFor = (code: string): Code['lines'] => pxeLines.filter((one) => one.code === code)

const pxeCodes = (): Code[] => [
  ...pxeErrors.map((error): Code => {
    const { code } = error
    const bios = textOf(error.bios)
    const uefi = textOf(uefiMeaning(error))
    return {
      code,
      family: 'pxe',
      title: capital(
        bios === undefined || uefi === undefined || bios === uefi
          ? (bios ?? uefi ?? '')
          : t('knowledge.bios-and-uefi', { bios, uefi }),
      ),
      bios,
      uefi,
      look: textOf(error.look),
      lines: linesFor(code),
      spellings: [code.slice(4)],
    }
  }),
  ...[...tftpErrors, ...romMessages].map(({ code, means, look }): Code => ({
    code,
    family: 'pxe',
    title: capital(textOf(means)),
    bios: textOf(means),
    uefi: undefined,
    look: textOf(look),
    lines: linesFor(code),
    spellings: [code.slice(4)],
  })),
]

const uefiCodes = (): Code[] =>
  uefiStatuses.map((status) => ({
    code: uefiStatusCode(status),
    family: 'uefi',
    title: textOf(status.means),
    uefi: inSentence(textOf(status.means)),
    look: textOf(status.look),
    lines: [
      { firmware: 'UEFI', line: status.text },
      ...(['Not Found', 'Access Denied', 'Load Error', 'Unsupported', 'Time out', 'No Response', 'Aborted', 'Security Violation', 'TFTP Error', 'HTTP Error'].includes(status.text)
        ? [{ firmware: 'UEFI', line: `BdsDxe: failed to load Boot0001 "UEFI PXEv4": ${status.text}` }]
        : []),
    ], // prettier-ignore
    spellings: [
      status.name,
      status.name.replaceAll('_', ' '),
      `EFI status ${status.number}`,
      `800000000000000${status.number.toString(16)}`.slice(-16),
      ...(status.pxe ? [status.pxe] : []),
    ],
  }))

/** Codes of 32 bits that belong to nothing narrower are Windows errors. */
export function familyOf(value: number): CodeFamily {
  if (value >>> 16 === 0x87d0 || value >>> 16 === 0x87d1) return 'configmgr'
  if (value >>> 16 === 0xc190) return 'setup'
  if (value >>> 28 === 0xc && ((value >>> 16) & 0xfff) === 0) return 'boot-manager'
  return 'windows'
}

const hex8 = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, '0')}`

/** A code of 32 bits in words; every one has some. Win32 errors stand as the HRESULT that logs show. */
function windowsCode(given: number): Code {
  const value = given >>> 0 < 0x1_0000 ? (0x8007_0000 | given) >>> 0 : given >>> 0
  const { words } = nameOf(value)
  const code = hex8(value)
  const shown = statusMeaning(code)
  const isWin32 = value >>> 16 === 0x8007
  const low = value & 0xffff
  return {
    code,
    family: familyOf(value),
    title: shown === undefined ? capital(textOf(words)) : t('knowledge.status-windows', { shown, words }),
    lines: bootManagerLines
      .filter((one) => one.code === code)
      .map(({ line }) => ({ firmware: t('knowledge.windows-boot-manager'), line })),
    spellings: [
      value.toString(16).padStart(8, '0'),
      String(value | 0),
      String(value),
      ...(isWin32 ? [String(low), `0x${low.toString(16)}`] : []),
    ],
  }
}

const windowsCodes = (): Code[] => {
  const values = new Set<number>()
  for (const low of win32Codes.keys()) if (low !== 0) values.add((0x8007_0000 | low) >>> 0)
  for (const value of wholeCodes.keys()) if (value > 0xffff) values.add(value)
  // A small number that is whole is a Win32 error too.
  for (const value of wholeCodes.keys()) if (value > 0 && value <= 0xffff) values.add((0x8007_0000 | value) >>> 0)
  return [...values].sort((a, b) => a - b).map(windowsCode)
}

const ipxeCode = (error: IpxeError): Code => ({
  code: error.number,
  family: 'ipxe',
  title: textOf(error.means),
  look: textOf(error.look),
  lines: [{ firmware: 'iPXE', line: `${error.text} (http://ipxe.org/${error.number})` }],
  spellings: spellingsOf(error),
})

/** Every code of the tables, in the language that is spoken. */
export const allCodes = (): Code[] => [...pxeCodes(), ...uefiCodes(), ...ipxeErrors.map(ipxeCode), ...windowsCodes()]
export const codes: readonly Code[] = allCodes()

const bySpelling = new Map<string, Code>()
for (const one of [...codes].reverse())
  for (const spelling of [...one.spellings, one.code])
    if (!/^(EFI |PXE-)/.test(spelling) || spelling === one.code) bySpelling.set(spelling.toLowerCase(), one)

/**
 * A code in any common spelling: `PXE-E55`, `e55`, `0xC000000F`, `80070490`, `-2147023728`, `1168`, `EFI_NOT_FOUND`. A failing code of 32
 * bits that no table has is still one; undefined for what has the form of none.
 */
export function findCode(text: string): Code | undefined {
  const trimmed = text
    .trim()
    .toLowerCase()
    .replace(/^(?:error|exit|return|status|code|win32|windows|hresult|efi status|\s|[:=#])+/, '')
  const exact = bySpelling.get(trimmed) ?? bySpelling.get(trimmed.replace(/^0x0*(?=[\da-f])/, '0x'))
  if (exact) return exact
  const [, site, number] = /^(?:https?:\/\/)?(ipxe\.org\/(?:err\/)?|ipxe\s+)?([0-7][\da-f]{7})$/.exec(trimmed) ?? []
  const error = number === undefined ? undefined : ipxeErrorOf(number, site !== undefined)
  if (error) return bySpelling.get(error.number) ?? ipxeCode(error)
  const written = /^(?:0x)?([8-9a-d][\da-f]{7})(?![\da-f])/i.exec(trimmed)
  if (written && (trimmed.startsWith('0x') || /^[8cd]/i.test(trimmed))) return windowsCode(Number.parseInt(written[1]!, 16)) // prettier-ignore
  // One zero too few or too many of a code that is known.
  const [, digits] = /^0x([8c][\da-f]{6}|[8c][\da-f]{8})$/i.exec(trimmed) ?? []
  if (digits !== undefined) {
    const near = digits.length === 7 ? `${digits[0]}0${digits.slice(1)}` : digits.replace('0', '')
    const meant = bySpelling.get(`0x${near}`)
    if (meant) return meant
  }
  const negative = /^-(\d{9,10})$/.exec(trimmed)
  if (negative) return windowsCode(0x1_0000_0000 - Number(negative[1]))
  const read = readCode(text)
  return read === undefined ? undefined : bySpelling.get(read.toLowerCase())
}
