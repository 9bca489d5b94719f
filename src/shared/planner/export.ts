/** A plan as a document: Markdown for a ticket, CSV for a sheet, HTML for whoever has neither. */
import type { Plan } from './plan.ts'
import { byState, type Judged, type State } from './rule.ts'

export const planFormats = ['md', 'csv', 'html'] as const
export type PlanFormat = (typeof planFormats)[number]

export const stateNames: Readonly<Record<State, string>> = {
  violated: 'violated',
  unknown: 'unknown',
  met: 'met',
  'not-applicable': 'not applicable',
}
const reasonOf = ({ items, state }: Judged): string =>
  items
    .filter((one) => one.state === state)
    .map((one) => `${one.subject}: ${one.says}`)
    .join(' ')

const inCell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const inCsv = (text: string): string => {
  // A sheet takes what begins like this for a formula.
  const plain = /^[=+\-@]/.test(text) ? `'${text}` : text
  return `"${plain.replaceAll('"', '""')}"`
}
const inHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const columns = ['Rule', 'State', 'Severity', 'What', 'Why', 'Remedy', 'Source'] as const
const rowOf = (one: Judged): readonly string[] => [
  one.id,
  stateNames[one.state],
  one.severity,
  one.title,
  reasonOf(one),
  one.state === 'violated' ? one.remedy : '',
  one.source,
]

const wayTitle = 'Leaving WDS and MDT'
/** What each thing that depends on WDS or MDT is, and what takes its place, as lines with their depth. */
const wayLines = (plan: Plan): readonly (readonly [depth: number, text: string])[] =>
  plan.wayOut.flatMap(({ subject, have, state, says, replacements }) => [
    [0, `${subject}: ${have}. ${state[0]!.toUpperCase()}${state.slice(1)}. ${says}`] as const,
    ...replacements.flatMap(({ title, steps, lab }) => [
      [1, title] as const,
      ...steps.map((one) => [2, one] as const),
      ...lab.map((one) => [2, `In the lab: ${one.says}: ${one.command}`] as const),
    ]),
  ])

export function exportPlan(plan: Plan, title: string, format: PlanFormat): string {
  const { rules, readiness } = plan
  const way = wayLines(plan)
  const rows = byState(rules).map(rowOf)
  const ready = readiness.map(
    ({ capability, percent, blocking }) =>
      `${capability}: ${percent} %${blocking.length > 0 ? `, blocked by ${blocking.join(', ')}` : ''}`,
  )
  switch (format) {
    case 'md':
      return [
        `# ${title}`,
        '',
        ...ready.map((one) => `- ${one}`),
        '',
        `| ${columns.join(' | ')} |`,
        `|${columns.map(() => '---').join('|')}|`,
        ...rows.map((row) => `| ${row.map(inCell).join(' | ')} |`),
        '',
        ...(way.length > 0
          ? [`## ${wayTitle}`, '', ...way.map(([depth, text]) => `${'  '.repeat(depth)}- ${text}`), '']
          : []),
      ].join('\n')
    case 'csv':
      return [columns, ...rows].map((row) => `${row.map(inCsv).join(',')}\r\n`).join('')
    case 'html':
      return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${inHtml(title)}</title><style>body{font:14px sans-serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:4px 8px;text-align:left;vertical-align:top}</style><h1>${inHtml(title)}</h1><ul>${ready.map((one) => `<li>${inHtml(one)}</li>`).join('')}</ul><table><tr>${columns.map((one) => `<th>${one}</th>`).join('')}</tr>${rows.map((row) => `<tr>${row.map((one) => `<td>${inHtml(one)}</td>`).join('')}</tr>`).join('')}</table>${way.length > 0 ? `<h2>${wayTitle}</h2>${way.map(([depth, text]) => `<p style="margin:2px 0 2px ${depth * 2}em">${inHtml(text)}</p>`).join('')}` : ''}</html>\n`
  }
}
