/** Tables name their rows of the catalogue by number and id, which no type checks: here each has one, and none is left over. */
import { describe, expect, test } from 'vitest'
import { english } from '#messages/text.ts'
import { facilities, setupOperations, setupPhases, wholeCodes, win32Codes } from '#shared/logs/code-tables.ts'

describe('numbers of errors', () => {
  test('each has a row, and each row a number', () => {
    const named = [win32Codes, wholeCodes, facilities].flatMap((one) => [...one.values()])
    const told = [...named, ...setupPhases, ...setupOperations].map(({ say }) => say)
    const rows = Object.keys(english).filter((id) => /^codes\.(?:0x|(?:win32|facility|phase|operation)-\d)/.test(id))
    expect(new Set(told).size).toBe(told.length)
    expect([...told].sort()).toEqual(rows.sort())
  })
})
