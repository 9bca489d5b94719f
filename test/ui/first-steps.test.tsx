/** The first steps are ticked by what happens. */
import { expect, test } from 'vitest'
import type { Boot } from '#shared/contract/calls.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { steps, stepsDone, stepsSeen } from '../../src/renderer/start/first-steps.ts'

const client = (stage: Boot['stage'], outcome: Boot['outcome'] = 'unknown') => ({ boots: [{ stage, outcome }] })
const lab = labSchema.parse({ interface: 'eth0' })

test('each step by what shows it', () => {
  expect(stepsSeen(undefined, undefined, [], false)).toEqual([])
  expect(stepsSeen({ exists: false, lab: null }, { state: 'stopped' }, [], false)).toEqual([])
  expect(stepsSeen({ exists: true, lab }, { state: 'problem' }, [], true)).toEqual(['lab', 'files'])
  expect(stepsSeen({ exists: true, lab }, { state: 'listening' }, [client('loading')], false)).toEqual(['lab', 'started', 'asked'])
  expect(stepsSeen({ exists: true, lab }, { state: 'responding' }, [client('seen'), client('started')], true)).toEqual(['lab', 'files', 'started', 'asked', 'booted'])
}) // prettier-ignore

test('of an invalid lab nothing is chosen, and what was ticked before does not hold', () => {
  expect(stepsSeen({ exists: true, lab: null }, { state: 'problem' }, [], false)).toEqual([])
  const all = new Set(steps.map(({ id }) => id))
  expect(stepsDone(all, { exists: true, lab })).toEqual(all)
  expect([...all].filter((one) => !stepsDone(all, { exists: true, lab: null }).has(one))).toEqual(['lab'])
})

test('neither a question of PXE Lab itself nor a phone asks to boot', () => {
  const others = [client('seen', 'check'), client('address', 'idle')]
  expect(stepsSeen({ exists: true, lab }, { state: 'responding' }, others, false)).toEqual(['lab', 'started'])
})
