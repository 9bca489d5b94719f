/** Where lessons are kept: learning platforms that answer badly, and lessons of one's own that take each other's place. */
import { afterEach, expect, test, vi } from 'vitest'
import { keyOf, takeOwn, useOwn, useProgress } from '../../src/renderer/lessons/progress.ts'
import { findPlatform } from '../../src/renderer/scorm/platform.ts'

const host = window as unknown as { API?: unknown }
afterEach(() => {
  delete host.API
  vi.restoreAllMocks()
})

const told = { percent: 50, isComplete: false, place: 'offer', state: '[1,1,0]', ms: 1000 }
const broken = (): never => {
  throw new Error('The session has ended')
}

test('a platform that has nothing to say of the student and of the state', () => {
  host.API = { LMSInitialize: () => true, LMSGetValue: () => null, LMSSetValue: () => 'false', LMSCommit: () => 'false', LMSFinish: () => 'false' } // prettier-ignore
  expect(findPlatform()).toMatchObject({ student: '', kept: '' })
})

test('a platform that throws is none; one that begins to throw leaves the lesson playable', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  host.API = { LMSInitialize: broken }
  expect(findPlatform()).toBeUndefined()
  host.API = { LMSInitialize: () => 'true', LMSGetValue: broken, LMSSetValue: broken, LMSCommit: broken, LMSFinish: broken } // prettier-ignore
  const platform = findPlatform()!
  expect(platform).toMatchObject({ student: '', kept: '' })
  platform.tell(told)
  platform.finish()
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('learning platform'), expect.any(Error))
})

test('a lesson that takes the place of another is not played on where that was; the same one is', () => {
  const place = { id: 'own', seed: 3, isBlind: false }
  const shipped = { id: 'what-is-dhcp', seed: 3, isBlind: false }
  const state = { lesson: 'own', seed: 3, isBlind: false, at: 2, ms: 0, records: {} }
  takeOwn('title: One')
  useProgress.setState({ states: { [keyOf(place)]: state, [keyOf(shipped)]: state } })
  takeOwn('title: One')
  expect(Object.keys(useProgress.getState().states)).toEqual(['own 3', 'what-is-dhcp 3'])
  takeOwn('title: Another')
  expect(Object.keys(useProgress.getState().states)).toEqual(['what-is-dhcp 3'])
  expect(useOwn.getState().text).toBe('title: Another')
})
