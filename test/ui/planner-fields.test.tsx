/** Every field of a site file has a label of the catalogue. */
import { expect, test } from 'vitest'
import { siteJsonSchema } from '#shared/planner/site.ts'
import { labelOf } from '../../src/renderer/planner/site-schema.ts'

const keys = new Set<string>()
const collect = (value: unknown): void => {
  if (typeof value !== 'object' || value === null) return
  if ('properties' in value) for (const key of Object.keys(value.properties as object)) keys.add(key)
  for (const one of Object.values(value)) collect(one)
}
collect(siteJsonSchema())

test('each is called otherwise than in the file', () => {
  expect(keys.size).toBeGreaterThan(100)
  expect([...keys].filter((key) => labelOf(key) === key)).toEqual([])
})
