/** A plan as a document. */
import { expect, test } from 'vitest'
import { exportPlan } from '#shared/planner/export.ts'
import { plan } from '#shared/planner/plan.ts'

const judged = plan({
  images: [{ name: '=cmd|"<b>', file: 'install.esd' }],
  deployments: [{ name: 'a|b', reference: { type: 'basic' }, destination: { type: 'dynamic' } }],
})

test('Markdown keeps its columns whatever a name holds, violated first', () => {
  const lines = exportPlan(judged, 'Lab', 'md').split('\n')
  expect(lines[0]).toBe('# Lab')
  const rows = lines.filter((one) => one.startsWith('| '))
  expect(rows[1]).toMatch(/^\| [A-Z-]+-\d\d \| violated \|/)
  for (const row of rows) expect(row.replaceAll('\\|', '').split('|').length).toBe(9)
})

test('CSV quotes, and no cell is a formula', () => {
  const text = exportPlan(judged, 'Lab', 'csv')
  expect(text).toMatch(/^"Rule","State"/)
  expect(text).toMatch(/""<b>/)
  expect(text).not.toMatch(/(^|,)"[=+@-]/m)
})

test('HTML shows what a name holds and runs none of it', () => {
  const text = exportPlan(judged, '<Lab>', 'html')
  expect(text).toMatch(/<title>&lt;Lab&gt;<\/title>/)
  expect(text).not.toMatch(/<b>/)
})
