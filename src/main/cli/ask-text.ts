/** What is left of the causes, and how to go on, as text. */
import type { Evidence, Question, Remaining, State } from '#shared/diagnosis/inverse/dialogue.ts'
import { observation } from '#shared/diagnosis/inverse/observations.ts'
import { codeMeaning, limits, percent } from '#shared/diagnosis/inverse/report.ts'
import type { Verification } from '#shared/diagnosis/inverse/verify.ts'

/** Causes that are listed; the others are counted. */
const mostCauses = 8

export const causeLines = (causes: readonly Remaining[]): string[] => [
  ...causes.slice(0, mostCauses).map(({ cause, share }) => `  ${percent(share).padStart(5)}  ${cause.title}`),
  ...(causes.length > mostCauses ? [`         and ${causes.length - mostCauses} more`] : []),
]

export function questionLines({ id }: Question): string[] {
  const { asks, how } = observation(id)
  return [
    asks,
    ...how.flatMap(({ says, command }) => [`  ${says}`, ...(command === undefined ? [] : [`    ${command}`])]),
  ]
}

const quoted = (text: string): string => (/^[\w.+-]+$/.test(text) ? text : `"${text}"`)

export const leaves = (count: number): string => (count === 1 ? 'leaves 1 cause' : `leaves ${count} causes`)

function tried({ tried: runs, left, boots }: Verification): string[] {
  const machines = runs.flatMap((one) => one.machines)
  return [
    boots
      ? `Tried in the simulator: with this change ${machines.length === 1 ? 'the machine boots' : `all ${machines.length} machines boot`} in ${runs.length === 1 ? 'this set-up' : `${runs.length} set-ups`}.`
      : 'Tried in the simulator: this change alone does not make every machine boot.',
    ...runs.map(({ title, machines: own }) => {
      const each = own.map(({ firmware, before, after }) => `${firmware} ${before} -> ${after}`).join(', ')
      return `  ${title}: ${each}`
    }),
    ...(left > 0 ? [`  ${left} more set-ups have the same cause and were not tried.`] : []),
  ]
}

export function fixLines({ cause, setups }: Remaining, verification: Verification | undefined): string[] {
  return [
    `Cause: ${cause.title}.`,
    ...(cause.why === '' ? [] : [`  ${cause.why}`]),
    ...(setups.length > 1 ? [`  ${setups.length} set-ups show this; the same change repairs them.`] : []),
    'Fix:',
    ...cause.fix.says.map((one) => `  ${one}`),
    ...cause.fix.commands.map((one) => `    ${one}`),
    ...(verification ? tried(verification) : []),
    ...(cause.scenario === undefined ? [] : [`To watch it fail: pxe-lab simulate ${cause.scenario} --ladder`]),
  ]
}

/** That nothing shows this, and what could be taken back. */
export const conflictLines = (conflicts: readonly Evidence[], common: readonly string[]): string[] => [
  'No simulated set-up shows all of this. Either yours is none of them, or something of it is not so.',
  ...(conflicts.length === 0
    ? ['  No single answer, taken back, leaves a set-up.']
    : ['Without any one of these something is left:', ...conflicts.map(({ says }) => `  - ${says}`)]),
  ...(common.length === 0
    ? []
    : ['What commonly causes what the capture shows:', ...common.map((one) => `  - ${one}`)]),
]

export const alikeLines = [
  'No further question tells these apart. Apply the fix of the first, and boot: if the machine boots, that was it; if not, undo it and try the next.',
]

export const meaningLines = (evidence: readonly Evidence[]): string[] =>
  evidence.flatMap(({ source, says }) => (source === 'code' ? [codeMeaning(says.split(' ').at(-1)!) ?? []].flat() : []))

export interface AskContext {
  readonly remarks: readonly string[]
  readonly common: readonly string[]
  /** The command that led here. */
  readonly command: string
}

export function askText(
  state: State,
  setups: number,
  verification: Verification | undefined,
  { remarks, common, command }: AskContext,
): string {
  const { kind, causes, questions, evidence, conflicts } = state
  const known = evidence.map(({ says, source }) => `  - ${says}${source === 'assumed' ? ' (assumed)' : ''}`)
  const [question] = questions
  const lines = [...meaningLines(evidence), ...remarks, 'Known:', ...known, '']
  if (kind === 'none') lines.push(...conflictLines(conflicts, common))
  if (kind === 'one') lines.push(...fixLines(causes[0]!, verification))
  if (kind === 'several' || kind === 'alike') lines.push(`${causes.length} causes fit:`, ...causeLines(causes), '')
  if (kind === 'alike') lines.push(...alikeLines)
  if (kind === 'several' && question) {
    lines.push('Best question:', ...questionLines(question).map((one) => `  ${one}`), 'Answer it with one of:')
    for (const { answer, says, leaves: count } of question.choices)
      lines.push(`  --answer ${`${question.id}=${quoted(answer)}`.padEnd(34)} ${says} (${leaves(count)})`)
    lines.push(
      `  --answer ${`${question.id}=?`.padEnd(34)} I do not know`,
      '',
      `For example: ${command} --answer ${question.id}=${quoted(question.choices[0]!.answer)}`,
    )
  }
  return [...lines, '', limits(setups)].join('\n')
}
