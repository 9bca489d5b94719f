/** What a window may send: names of files that the system could not even be asked for are told, with the call and the field. */
import { expect, test, vi } from 'vitest'
import { handleMessage } from '#shared/contract/channel.ts'

test.each([
  ['lab.open', { path: 'a\0.yaml' }, 'path'],
  ['setup.propose', { interface: 'lo', giver: 'nobody', files: '/srv/\0x' }, 'files'],
])('%s with a NUL in a path reaches no handler', async (call, args, field) => {
  const handler = vi.fn()
  const answers: unknown[] = []
  await handleMessage({ [call]: handler } as never, { id: 3, call, args }, (one) => answers.push(one))
  expect(handler).not.toHaveBeenCalled()
  expect(answers).toEqual([
    {
      id: 3,
      error: { message: `${call}: ${field} has a NUL in it, which no file name has`, remedy: 'Correct the value.' },
    },
  ])
})
