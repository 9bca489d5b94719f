/** What is known of a code, from every table that knows something: what its page shows and what the documentation lists. */
import { isMessage, type Phrase } from '#messages/message.ts'
import { textOf } from '#messages/text.ts'
import { failures } from '../diagnosis/failures.ts'
import { faultsOfCause, type RowFault } from '../diagnosis/inverse/row-words.ts'
import { evidenceOfCode, scenariosShowing, stateOf } from '../diagnosis/inverse/dialogue.ts'
import type { Setup, Space } from '../diagnosis/inverse/space.ts'
import type { Signature } from '../logs/signature.ts'
import { signatures } from '../logs/signatures.ts'
import { eachCauseOnce } from './cause-topics.ts'
import type { Code } from './code-book.ts'
import { checksFor, doctorChecks, type DoctorCheck } from './doctor-checks.ts'
import { fieldNotes } from './field-notes.ts'

export interface LikelyCause {
  readonly title: string
  /** Its share among the set-ups that show the code, 0 to 1. */
  readonly share: number
  readonly fix: readonly string[]
  readonly commands: readonly string[]
  readonly scenario: string | undefined
  /** Where it is one of the co-hosting matrix. */
  readonly faults: readonly RowFault[]
  /** What the Doctor would find of it. */
  readonly checks: readonly DoctorCheck[]
}

/** How a boot fails that ends with this code, as the diagnosis of captures tells it. */
export interface FailureSeen {
  readonly title: string
  readonly firmware: string
  /** Those that stand nowhere else on the page. */
  readonly causes: readonly string[]
}

export interface CodePage {
  readonly code: Code
  readonly lines: Code['lines']
  /** As the simulator ranks them, the first of them shown; empty where no simulated machine shows the code. */
  readonly causes: readonly LikelyCause[]
  readonly scenarios: readonly Setup[]
  readonly checks: readonly DoctorCheck[]
  readonly failures: readonly FailureSeen[]
  /** Lines of logs and screens that carry it. */
  readonly signatures: readonly Signature[]
  readonly notes: readonly string[]
}

const firmwareNames = { bios: 'BIOS', edk2: 'UEFI', 'edk2-http': 'UEFI HTTP boot', ipxe: 'iPXE' } as const

const failuresShowing = (code: Code): (Omit<FailureSeen, 'causes'> & { readonly causes: readonly Phrase[] })[] =>
  code.family !== 'pxe' && code.family !== 'ipxe'
    ? []
    : Object.values(failures).flatMap(({ title, screen, causes }) => {
        const seen = Object.entries(screen).filter(([, lines]) => lines.some((line) => line.includes(code.code)))
        return seen.length === 0
          ? []
          : [
              {
                title: textOf(title),
                firmware: seen.map(([family]) => firmwareNames[family as keyof typeof firmwareNames]).join(', '),
                causes: causes.map((one) => (isMessage(one) ? one : one.text)),
              },
            ]
      })

const linesIn = (code: Code): Code['lines'] => {
  const found = new Map(code.lines.map((one) => [`${one.firmware} ${one.line}`, one]))
  if (code.family === 'pxe')
    for (const { screen } of Object.values(failures))
      for (const [family, lines] of Object.entries(screen))
        for (const line of lines)
          if (line.startsWith(`${code.code}:`)) {
            const firmware = firmwareNames[family as keyof typeof firmwareNames]
            found.set(`${firmware} ${line}`, { firmware, line })
          }
  return [...found.values()]
}

/** A signature is about a code when its row or its pattern names it. */
function signaturesWith({ code, spellings, family }: Code): Signature[] {
  if (family === 'uefi' || family === 'ipxe') return []
  const digits = code.startsWith('0x') ? code.slice(2) : code
  const isWin32 = /^0x8007[0-9a-f]{4}$/.test(code)
  const small = isWin32 ? spellings.find((one) => /^0x[0-9a-f]{1,4}$/.test(one)) : undefined
  const forms = new RegExp(
    `(?<![0-9a-z])(?:0x)?${digits}(?![0-9a-z])${small === undefined ? '' : `|\\(${small}\\)`}`,
    'i',
  )
  return signatures.filter(({ codes, pattern }) => codes.includes(code) || forms.test(pattern.source.replaceAll(/\(0x\)\?/g, ''))) // prettier-ignore
}

const mostCauses = 8
/** Those that its page shows. */
export const mostCausesShown = 5

/** `space`: the simulated set-ups (resources/ask.json); without it causes and scenarios stay empty. */
export function codePage(code: Code, space: Space | undefined): CodePage {
  const evidence = space && evidenceOfCode(space, code.code)
  const causes: LikelyCause[] =
    !space || !evidence || 'problem' in evidence
      ? []
      : stateOf(space, [evidence])
          .causes.slice(0, mostCauses)
          .map(({ cause, share, setups }) => {
            const scenario = cause.scenario ?? setups.find(({ id }) => !id.startsWith('row:'))?.id
            const { says, commands } = cause.fix
            const faults = faultsOfCause(space, cause)
            return {
              title: textOf(cause.title),
              share,
              fix: says.map((one) => textOf(one)),
              commands,
              scenario,
              faults,
              checks: checksFor(faults, scenario),
            }
          })
  const seen = signaturesWith(code)
  const shown = causes.slice(0, mostCausesShown)
  const isNew = eachCauseOnce(
    shown,
    shown.map(({ title }) => title),
  )
  const failed = failuresShowing(code).map((one) => ({ ...one, causes: one.causes.filter(isNew).map((text) => textOf(text)) })) // prettier-ignore
  const found = new Set(causes.flatMap((one) => one.checks))
  return {
    code,
    lines: linesIn(code),
    causes,
    scenarios: space ? scenariosShowing(space, code.code) : [],
    checks: doctorChecks.filter((one) => found.has(one)),
    failures: failed,
    signatures: seen,
    notes: (fieldNotes[code.code] ?? []).filter(isNew).map((one) => textOf(one)),
  }
}
