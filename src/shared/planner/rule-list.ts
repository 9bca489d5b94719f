/** The rules as a document, generated from their entries. */
import type { Phrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { versionGates } from './gate-rules.ts'
import { topicOf, topics, type Rule } from './rule.ts'

const inCell = (text: Phrase): string => inEnglish(text).replaceAll('|', '\\|')

export function ruleList(rules: readonly Rule[]): string {
  const lines = [
    '# Rules of the planner',
    '',
    `${rules.length} rules, after documents of Microsoft that the last column names. This file is generated: \`node scripts/documents.ts\`.`,
  ]
  for (const topic of topics) {
    const own = rules.filter((one) => topicOf(one.id) === topic)
    if (own.length === 0) continue
    lines.push(
      '',
      `## ${inEnglish(topic)}`,
      '',
      '| Rule | Severity | Requirement | Remedy | Source |',
      '| --- | --- | --- | --- | --- |',
    )
    for (const one of own)
      lines.push(`| ${[one.id, one.severity, one.title, one.remedy, one.source].map(inCell).join(' | ')} |`)
  }
  lines.push('', '## Version gates', '', '| From | What | Rule |', '| --- | --- | --- |')
  for (const one of versionGates) lines.push(`| ${[one.since, one.opens, one.rule].map(inCell).join(' | ')} |`)
  return `${lines.join('\n')}\n`
}
