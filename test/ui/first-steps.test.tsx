/** The first steps are ticked by what happens. */
import { expect, test } from 'vitest'
import type { Boot } from '#shared/contract/calls.ts'
import { stepsSeen } from '../../src/renderer/start/first-steps.ts'

const client = (stage: Boot['stage']) => ({ boots: [{ stage }] })

test('each step by what shows it', () => {
  expect(stepsSeen(undefined, undefined, [], false)).toEqual([])
  expect(stepsSeen({ exists: false }, { state: 'stopped' }, [], false)).toEqual([])
  expect(stepsSeen({ exists: true }, { state: 'problem' }, [], true)).toEqual(['lab', 'files'])
  expect(stepsSeen({ exists: true }, { state: 'listening' }, [client('loading')], false)).toEqual(['lab', 'started', 'asked'])
  expect(stepsSeen({ exists: true }, { state: 'responding' }, [client('seen'), client('started')], true)).toEqual(['lab', 'files', 'started', 'asked', 'booted'])
}) // prettier-ignore
