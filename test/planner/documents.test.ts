/** The table of the documents and the rules: each rule has its statement, each statement its rule or a reason. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rules } from '#shared/planner/plan.ts'

interface Row {
  readonly document: string
  readonly section: string
  readonly statement: string
  readonly verdict: string
}

const text = readFileSync(new URL('../../docs/planner-documents.md', import.meta.url), 'utf8')
const rows: Row[] = []
let heading = ''
for (const line of text.split('\n')) {
  if (line.startsWith('## ')) heading = line.slice(3)
  const cells = line.startsWith('|') ? line.split('|').slice(1, -1).map((one) => one.trim()) : [] // prettier-ignore
  const [section, statement, verdict] = cells
  if (verdict === undefined || section === 'Section' || section?.startsWith('---')) continue
  rows.push({ document: heading, section: section!, statement: statement!, verdict })
}
const documents = [...new Set(rows.map((one) => one.document))]
const idsOf = ({ verdict }: Row): string[] => (verdict.startsWith('None: ') ? [] : verdict.split(', '))
const known = new Map(rules.map((one) => [one.id, one] as const))

test('the five documents come first, each statement once', () => {
  expect(documents.slice(0, 5)).toEqual([
    'Infrastructure requirements for OS deployment',
    'Plan for OS deployment interoperability',
    'Interoperability between different versions',
    'Upgrade Windows to the latest version',
    'Create a task sequence to upgrade an OS',
  ])
  const statements = rows.map((one) => `${one.document}: ${one.section}: ${one.statement}`)
  expect(new Set(statements).size).toBe(statements.length)
})

test.each(rows.map((one) => [`${one.document}, ${one.section}: ${one.statement}`, one] as const))('%s', (_, row) => {
  for (const id of idsOf(row)) expect(known.has(id), `${id} is a rule`).toBe(true)
  // A statement without a rule says why, in a sentence.
  if (idsOf(row).length === 0) expect(row.verdict).toMatch(/^None: .{12,}\.$/)
})

test.each(rules.map((one) => [one.id, one.source] as const))('%s stands in every document that it names: %s', (id, source) => {
  const own = rows.filter((one) => idsOf(one).includes(id))
  // "Document, Section; Section; Document, Section": a part without a document belongs to the one before.
  let document: string | undefined
  let isFound = false
  for (const part of source.split('; ')) {
    const named = documents.find((one) => part === one || part.startsWith(`${one}, `))
    document = named ?? document
    expect(document, `${part} names a document of the table`).toBeDefined()
    const section = named === undefined ? part : part.slice(named.length + 2)
    const here = own.filter((one) => one.document === document)
    const isThere = here.some((one) => (section === '' ? one.section === 'Introduction' : section === one.section || section.startsWith(`${one.section}, `)))
    expect({ document, section, isThere }).toEqual({ document, section, isThere: true })
    isFound ||= isThere
  }
  expect(isFound).toBe(true)
}) // prettier-ignore
