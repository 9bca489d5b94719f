/** What is left of the causes, and how to go on, as text. */
import { t, textOf } from '#messages/text.ts'
import type { Evidence, Question, Remaining, State } from '#shared/diagnosis/inverse/dialogue.ts'
import { observation } from '#shared/diagnosis/inverse/observations.ts'
import { codeMeaning, limits, percent } from '#shared/diagnosis/inverse/report.ts'
import type { Verification } from '#shared/diagnosis/inverse/verify.ts'

/** Causes that are listed; the others are counted. */
const mostCauses = 8

export const causeLines = (causes: readonly Remaining[]): string[] => [
  ...causes.slice(0, mostCauses).map(({ cause, share }) => `  ${percent(share).padStart(5)}  ${textOf(cause.title)}`),
  ...(causes.length > mostCauses ? [`         ${t('cli.and-more', { count: causes.length - mostCauses })}`] : []),
]

export function questionLines({ id }: Question): string[] {
  const { asks, how } = observation(id)
  return [
    textOf(asks),
    ...how.flatMap(({ says, command }) => [`  ${textOf(says)}`, ...(command === undefined ? [] : [`    ${command}`])]),
  ]
}

const quoted = (text: string): string => (/^[\w.+-]+$/.test(text) ? text : `"${text}"`)

export const leaves = (count: number): string => t('cli.leaves-causes', { count })

function tried({ tried: runs, left, boots }: Verification): string[] {
  const machines = runs.flatMap((one) => one.machines)
  return [
    boots
      ? t('cli.tried-boots', { machines: machines.length, runs: runs.length })
      : t('cli.tried-simulator-change-alone-does'),
    ...runs.map(({ title, machines: own }) => {
      const each = own.map(({ firmware, before, after }) => `${firmware} ${before} -> ${after}`).join(', ')
      return `  ${textOf(title)}: ${each}`
    }),
    ...(left > 0 ? [`  ${t('cli.more-set-ups-same-cause', { left })}`] : []),
  ]
}

export function fixLines({ cause, setups }: Remaining, verification: Verification | undefined): string[] {
  return [
    t('cli.cause', { title: cause.title }),
    ...(cause.why === '' ? [] : [`  ${cause.why}`]),
    ...(setups.length > 1 ? [`  ${t('cli.set-ups-show-same-change', { length: setups.length })}`] : []),
    t('cli.fix'),
    ...cause.fix.says.map((one) => `  ${textOf(one)}`),
    ...cause.fix.commands.map((one) => `    ${one}`),
    ...(verification ? tried(verification) : []),
    ...(cause.scenario === undefined ? [] : [t('cli.watch-fail-pxe-lab-simulate', { scenario: cause.scenario })]),
  ]
}

/** That nothing shows this, and what could be taken back. */
export const conflictLines = (conflicts: readonly Evidence[], common: readonly string[]): string[] => [
  t('cli.no-simulated-setup-shows'),
  ...(conflicts.length === 0
    ? [`  ${t('cli.no-single-answer')}`]
    : [t('cli.without-any-one-these-something'), ...conflicts.map(({ says }) => `  - ${textOf(says)}`)]),
  ...(common.length === 0 ? [] : [t('cli.commonly-causes-capture-shows'), ...common.map((one) => `  - ${one}`)]),
]

export const alikeLines = (): string[] => [t('cli.no-further-question-tells-these')]

export const meaningLines = (evidence: readonly Evidence[]): string[] =>
  evidence.flatMap(({ code }) => textOf(code === undefined ? undefined : codeMeaning(code)) ?? [])

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
  const known = evidence.map(
    ({ says, source }) => `  - ${textOf(says)}${source === 'assumed' ? ` ${t('cli.assumed-answer')}` : ''}`,
  )
  const [question] = questions
  const lines = [...meaningLines(evidence), ...remarks, t('cli.known'), ...known, '']
  if (kind === 'none') lines.push(...conflictLines(conflicts, common))
  if (kind === 'one') lines.push(...fixLines(causes[0]!, verification))
  if (kind === 'several' || kind === 'alike')
    lines.push(t('cli.causes-fit', { length: causes.length }), ...causeLines(causes), '')
  if (kind === 'alike') lines.push(...alikeLines())
  if (kind === 'several' && question) {
    lines.push(t('cli.best-question'), ...questionLines(question).map((one) => `  ${one}`), t('cli.answer-one'))
    for (const { answer, says, leaves: count } of question.choices)
      lines.push(`  --answer ${`${question.id}=${quoted(answer)}`.padEnd(34)} ${textOf(says)} (${leaves(count)})`)
    lines.push(
      `  --answer ${`${question.id}=?`.padEnd(34)} ${t('cli.do-not-know')}`,
      '',
      t('cli.example-answer', { command, id: question.id, quoted: quoted(question.choices[0]!.answer) }),
    )
  }
  return [...lines, '', textOf(limits(setups))].join('\n')
}
