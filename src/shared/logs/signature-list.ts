/** The signatures as a document, generated from their rows. */
import { families, type Family } from './family.ts'
import { inEnglish } from '#messages/text.ts'
import { signatures } from './signatures.ts'

const titles: Readonly<Record<Family, string>> = {
  pxe: 'SMSPXE.log',
  sequence: 'smsts.log',
  setup: 'setupact.log, setuperr.log',
  event: 'Windows events',
  server: 'Smsdpprov.log, Distmgr.log, PXESetup.log, CertMgr.log, SMSProv.log',
  media: 'CreateTSMedia.log',
  screen: 'Screens',
  linux: 'DHCP and boot servers of Linux and OpenWrt',
}
const kinds = { failure: 'failure', effect: 'consequence', hint: 'hint', good: 'good', harmless: 'harmless' } as const
const inCell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** Markdown with one table for each log. */
export function signatureList(): string {
  const lines = [
    '# What is known of log lines',
    '',
    `${signatures.length} signatures. An entry means what the row of its log says; a code alone decides nothing. Rows marked * were written after documents and reports that do not show the line word for word. This file is generated: \`node scripts/documents.ts\`.`,
  ]
  for (const family of families) {
    const own = signatures.filter((one) => one.families[0] === family)
    lines.push('', `## ${titles[family]}`, '', '| What | Kind | Means | Fix | Rules | Source |', '| --- | --- | --- | --- | --- | --- |') // prettier-ignore
    for (const one of own) {
      const places = Object.fromEntries(one.captures.map((name) => [name, `{${name}}`]))
      const [means = '', fix = ''] = [one.means, one.fix].map((told) => told && inEnglish(told()))
      lines.push(
        `| ${[`${inEnglish(one.title(places))}${one.isConfirmed ? '' : ' *'}`, kinds[one.kind], means, fix, one.rules.join(', '), one.source].map((cell) => (cell === '' ? '–' : inCell(cell))).join(' | ')} |`,
      )
    }
  }
  return `${lines.join('\n')}\n`
}
