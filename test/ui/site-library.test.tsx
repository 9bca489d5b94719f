/** What the simulator answers itself where no lab is behind it: its scenarios, and reasons where it cannot. */
import { beforeEach, expect, test } from 'vitest'
import { handlers } from '../../src/renderer/site/library.ts'

beforeEach(() => localStorage.clear())

test('scenarios come with it, and those of somebody stay in the browser until they are deleted', async () => {
  const shipped = await handlers['scenarios.list']({})
  expect(shipped.length).toBeGreaterThan(50)
  const { input } = shipped[0]!
  await handlers['scenarios.save']({ id: 'mine', input })
  expect((await handlers['scenarios.list']({})).at(-1)).toEqual({ id: 'mine', origin: 'saved', input })
  await handlers['scenarios.delete']({ id: 'mine' })
  expect(await handlers['scenarios.list']({})).toHaveLength(shipped.length)
})

test('a scenario that does not hold is to be corrected, and what needs a lab says so', () => {
  expect(() =>
    handlers['scenarios.save']({ id: 'mine', input: { title: 'Nothing', group: 'Network', summary: 'No network.' } }),
  ).toThrow(
    expect.objectContaining({ message: expect.stringContaining('segments'), remedy: 'Correct it and save again.' }),
  )
  expect(() => handlers['responder.start']({})).toThrow(
    expect.objectContaining({ remedy: expect.stringMatching(/^Install PXE Lab/) }),
  )
})
