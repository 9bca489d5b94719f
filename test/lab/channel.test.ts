/** What a window may send: names of files that the system could not even be asked for are told, with the call and the field. */
import { expect, test, vi } from 'vitest'
import { say } from '#messages/message.ts'
import { speakBest } from '#messages/speak.ts'
import { CallFailure, createClient, handleMessage } from '#shared/contract/channel.ts'

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

test('a failure crosses with its code, and is said where it is read in the language there', async () => {
  const failing = vi.fn(() => {
    throw new CallFailure(
      say('room.reserved-for', { address: '10.0.0.9', client: 'bench-1' }),
      say('room.other-address'),
    )
  })
  const handlers = { 'status.read': failing } as never
  const client = createClient((message) => void handleMessage(handlers, message, (reply) => client.receive(structuredClone(reply)))) // prettier-ignore
  await expect(client.call('status.read', {})).rejects.toMatchObject({
    message: '10.0.0.9 is reserved for bench-1',
    remedy: 'Choose another address.',
  })
  await speakBest([], 'de')
  try {
    await expect(client.call('status.read', {})).rejects.toMatchObject({
      message: '10.0.0.9 ist für bench-1 reserviert',
      remedy: 'Wählen Sie eine andere Adresse.',
      told: { message: say('room.reserved-for', { address: '10.0.0.9', client: 'bench-1' }) },
    })
  } finally {
    await speakBest(['en'])
  }
})
