/** Of this program's processes the responder goes first. */
import { execFileSync } from 'node:child_process'
import { constants } from 'node:os'
import { expect, test } from 'vitest'

const { PRIORITY_BELOW_NORMAL: below, PRIORITY_ABOVE_NORMAL: above } = constants.priority
const precedence = new URL('../../src/main/responder-process/precedence.ts', import.meta.url).href

const asked = (code: string): unknown =>
  JSON.parse(
    execFileSync(
      process.execPath,
      ['--input-type=module', '-e', `import os from 'node:os'; import * as precedence from '${precedence}'; ${code}`],
      { encoding: 'utf8' },
    ),
  )

test('what shows and analyses yields, and the responder that it starts takes precedence where the system lets it', () => {
  const [yielded, may, taken] = asked(
    'precedence.yieldPrecedence(); const one = os.getPriority(); precedence.takePrecedence(); console.log(JSON.stringify([one, precedence.mayTakePrecedence(), os.getPriority()]))',
  ) as [number, boolean, number]
  expect(yielded).toBe(below)
  expect(taken).toBe(may ? above : below)
})
