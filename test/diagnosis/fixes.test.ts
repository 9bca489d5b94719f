import { expect, test } from 'vitest'
import { failures, type FailureKind } from '#shared/diagnosis/failures.ts'
import { fixes as told } from '#shared/diagnosis/fixes.ts'
import { spoken } from '../helpers/spoken.ts'

const fixes = spoken(told)

test.each(Object.keys(failures) as FailureKind[])('%s has a fix that says what to do', (kind) => {
  expect(fixes[kind].length).toBeGreaterThan(0)
  expect(new Set(fixes[kind]).size).toBe(fixes[kind].length)
  for (const fix of fixes[kind]) {
    // An order, or the condition of one: no statement of what is.
    expect(fix).toMatch(/^[A-Z][A-Za-z]+.*[.)]$/)
    expect(fix).not.toMatch(/^(The|A|An|There|It) /)
  }
})
