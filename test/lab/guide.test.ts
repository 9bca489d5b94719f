import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseLab } from '../../src/main/workspace/lab-file.ts'

const guide = join(import.meta.dirname, '../../docs/guide')

/** Excerpts that name an interface and a mode are whole lab files: a reader copies them and starts the lab. */
const wholeLabs = readdirSync(guide)
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) =>
    [...readFileSync(join(guide, name), 'utf8').matchAll(/^```yaml\n(.*?)^```/gms)]
      .map(([, text]) => text!)
      .filter((text) => /^interface:/m.test(text) && /^mode:/m.test(text))
      .map((text, index) => ({ title: `${name}, ${index + 1}`, text })),
  )

test('the guide has whole lab files', () => expect(wholeLabs.length).toBeGreaterThan(4))

test.each(wholeLabs)('a lab file of the guide is valid as printed: $title', ({ text }) => {
  const parsed = parseLab(text)
  expect(parsed.ok ? [] : parsed.problems).toEqual([])
})
