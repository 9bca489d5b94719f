/** What `--json` makes of messages: the sentence, and its code and values beside it. */
import { expect, test } from 'vitest'
import { forPrograms } from '#messages/json.ts'
import { say } from '#messages/message.ts'

test('a message becomes its sentence, with code and values beside it', () => {
  expect(forPrograms({ name: 'a', says: say('planner.by-mdt', { target: 'Windows 11' }) })).toStrictEqual({
    name: 'a',
    says: 'Windows 11 by MDT',
    messages: { says: { code: 'planner.by-mdt', values: { target: 'Windows 11' } } },
  })
})

test('lists, inner objects, messages in messages; what has a form of its own keeps it', () => {
  const when = new Date(0)
  expect(forPrograms([{ steps: ['a', say('planner.nothing')], inner: { when, none: null } }])).toStrictEqual([
    {
      steps: ['a', 'none'],
      inner: { when, none: null },
      messages: { steps: [null, { code: 'planner.nothing' }] },
    },
  ])
  expect(forPrograms({ says: say('planner.by-mdt', { target: say('planner.nothing') }) })).toMatchObject({
    messages: { says: { values: { target: { code: 'planner.nothing' } } } },
  })
})
