/** Facts of which a tool told nothing, or something else: what is not known accuses nobody, and clears nobody. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { diagnose as judge } from '#shared/diagnosis/doctor.ts'
import { readFacts } from '../../src/main/inspect/facts.ts'
import { spoken } from '../helpers/spoken.ts'

const diagnose = (...given: Parameters<typeof judge>) => spoken(judge(...given))

const root = fileURLToPath(new URL('../fixtures/facts/', import.meta.url))
type Source = { readonly command: string; readonly output: string; readonly problem?: string }
type Told = { readonly sources: Readonly<Record<string, Source>> }

const diagnosed = (facts: unknown) => {
  const read = readFacts(JSON.stringify(facts))
  expect(read).toMatchObject({ ok: true })
  return diagnose((read as Extract<typeof read, { ok: true }>).facts)
}
/** What became of a tool; undefined takes what it told away. */
const ways: Readonly<Record<string, (source: Source) => Source | undefined>> = {
  gone: () => undefined,
  failed: (source) => ({ ...source, output: '', problem: 'ended with 5' }),
  empty: (source) => ({ ...source, output: '' }),
  garbled: (source) => ({ ...source, output: '\u00c4\u00e9 |||| %%% [] {} 12345 \0\r\n'.repeat(5) }),
}
/** A key that cannot be read is one that is not there, and options of policies are nowhere else. */
const meansSomething: Readonly<Record<string, readonly string[]>> = { 'registry-dp': ['failed'], 'dhcp-policies': Object.keys(ways) } // prettier-ignore

test.each(readdirSync(root))('%s', (file) => {
  const told = JSON.parse(readFileSync(`${root}${file}`, 'utf8')) as Told
  const whole = diagnosed(told)
  const errors = whole.findings.filter((one) => one.severity === 'error')
  const passed = whole.checks.find((one) => one.title.startsWith('Every kind of client'))!.state === 'passed'
  const wrong: unknown[] = []
  for (const [name, source] of Object.entries(told.sources))
    for (const [way, change] of Object.entries(ways)) {
      if (meansSomething[name]?.includes(way)) continue
      const { [name]: _, ...others } = told.sources
      const changed = change(source)
      const half = diagnosed({ ...told, sources: changed ? { ...others, [name]: changed } : others })
      const accused = half.findings.filter((one) => one.severity === 'error' && errors.length === 0)
      const boots = half.checks.find((one) => one.title.startsWith('Every kind of client'))?.state === 'passed'
      if (accused.length > 0 || (half.health === 'healthy' && whole.health !== 'healthy') || (boots && !passed))
        wrong.push([name, way, half.health, accused.map((one) => one.id), boots])
    }
  expect(wrong).toEqual([])
})
