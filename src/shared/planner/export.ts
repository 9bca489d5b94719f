/** A plan as a document: Markdown for a ticket, CSV for a sheet, HTML for whoever has neither. */
import { say, type Phrase } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { capabilityNames, type Plan } from './plan.ts'
import { byState, severityNames, subjectText, type Judged, type State } from './rule.ts'
import { standingNames } from './way-out.ts'

export const planFormats = ['md', 'csv', 'html'] as const
export type PlanFormat = (typeof planFormats)[number]

export const stateNames: Readonly<Record<State, Phrase>> = {
  violated: say('planner.violated'),
  unknown: say('planner.unknown'),
  met: say('planner.met'),
  'not-applicable': say('planner.not-applicable'),
}
const reasonOf = ({ items, state }: Judged): string =>
  items
    .filter((one) => one.state === state)
    .map((one) => `${textOf(subjectText(one.subject))}: ${textOf(one.says)}`)
    .join(' ')

const inCell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const inCsv = (text: string): string => {
  // A sheet takes what begins like this for a formula.
  const plain = /^[=+\-@]/.test(text) ? `'${text}` : text
  return `"${plain.replaceAll('"', '""')}"`
}
const inHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const columns = (): readonly string[] => [
  t('planner.rule'),
  t('planner.state'),
  t('planner.severity'),
  t('planner.requirement'),
  t('planner.found'),
  t('planner.remedy'),
  t('planner.source'),
]
const rowOf = (one: Judged): readonly string[] => [
  one.id,
  textOf(stateNames[one.state]),
  textOf(severityNames[one.severity]),
  textOf(one.title),
  reasonOf(one),
  one.state === 'violated' ? textOf(one.remedy) : '',
  one.source,
]

/** What each thing that depends on WDS or MDT is, and what takes its place, as lines with their depth. */
const wayLines = (plan: Plan): readonly (readonly [depth: number, text: string])[] =>
  plan.wayOut.flatMap(({ subject, have, state, says, replacements }) => [
    [0, t('planner.standing', { subject: subjectText(subject), have, state: standingNames[state], says })] as const,
    ...replacements.flatMap(({ title, steps, lab }) => [
      [1, textOf(title)] as const,
      ...steps.map((one) => [2, textOf(one)] as const),
      ...lab.map((one) => [2, t('planner.lab', { says: one.says, command: one.command })] as const),
    ]),
  ])

export function exportPlan(plan: Plan, title: string, format: PlanFormat): string {
  const { rules, readiness } = plan
  const way = wayLines(plan)
  const rows = byState(rules).map(rowOf)
  const ready = readiness.map(({ capability, percent, blocking }) =>
    blocking.length > 0
      ? t('planner.ready-blocked', { capability: capabilityNames[capability], percent, rules: blocking.join(', ') })
      : t('planner.ready', { capability: capabilityNames[capability], percent }),
  )
  switch (format) {
    case 'md':
      return [
        `# ${title}`,
        '',
        ...ready.map((one) => `- ${one}`),
        '',
        `| ${columns().join(' | ')} |`,
        `|${columns()
          .map(() => '---')
          .join('|')}|`,
        ...rows.map((row) => `| ${row.map(inCell).join(' | ')} |`),
        '',
        ...(way.length > 0
          ? [
              `## ${t('planner.leaving-wds-and-mdt')}`,
              '',
              ...way.map(([depth, text]) => `${'  '.repeat(depth)}- ${text}`),
              '',
            ]
          : []),
      ].join('\n')
    case 'csv':
      return [columns(), ...rows].map((row) => `${row.map(inCsv).join(',')}\r\n`).join('')
    case 'html':
      return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${inHtml(title)}</title><style>body{font:14px sans-serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:4px 8px;text-align:left;vertical-align:top}</style><h1>${inHtml(title)}</h1><ul>${ready.map((one) => `<li>${inHtml(one)}</li>`).join('')}</ul><table><tr>${columns()
        .map((one) => `<th>${one}</th>`)
        .join(
          '',
        )}</tr>${rows.map((row) => `<tr>${row.map((one) => `<td>${inHtml(one)}</td>`).join('')}</tr>`).join('')}</table>${way.length > 0 ? `<h2>${t('planner.leaving-wds-and-mdt')}</h2>${way.map(([depth, text]) => `<p style="margin:2px 0 2px ${depth * 2}em">${inHtml(text)}</p>`).join('')}` : ''}</html>\n`
  }
}
