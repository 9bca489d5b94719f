/** Lessons as people write them: what is wrong is named, expressions say what they mean, a translation is a second file. */
import { inEnglish } from '#messages/text.ts'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import {
  act,
  beginLesson,
  eventsOf,
  openLesson,
  packedVariant,
  problemsOf,
  reportOf,
  restored,
  viewOf,
} from '#shared/lessons/engine.ts'
import { lessonsHtml } from '#shared/lessons/handout.ts'
import { ExpressionError, complaintOf, evaluate, holds, type Facts } from '#shared/lessons/expression.ts'
import { readLesson, type Lesson } from '#shared/lessons/lesson.ts'

const root = new URL('../../', import.meta.url)
const guide = readFileSync(new URL('docs/guide/lessons.md', root), 'utf8')
const example = /```yaml\n(# yaml-language-server.*?)```/s.exec(guide)![1]!
const scenario = parse(readFileSync(new URL('resources/scenarios/plain-dhcp.yaml', root), 'utf8')) as unknown

function lessonOf(text: string): Lesson {
  const read = readLesson(text)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.lesson
}

/** The example with something changed in it. */
function changed(change: (lesson: { [key: string]: unknown; steps: Record<string, unknown>[] }) => void): string {
  const value = parse(example) as Parameters<typeof change>[0]
  change(value)
  return stringify(value)
}

const complaints = (text: string): string[] => {
  const read = readLesson(text)
  return read.ok
    ? problemsOf(openLesson('mine', read.lesson, scenario, 1)).map(({ message, remedy }) => `${message}. ${remedy}`)
    : read.problems.map(
        ({ line, field, value, message, remedy }) =>
          `${line}: ${field} ${inEnglish(message)} (${value}). ${inEnglish(remedy)}`,
      )
}

test('the example of the guide can be played', () => {
  expect(complaints(example)).toEqual([])
})

test.each<[string, Parameters<typeof changed>[0], RegExp]>([
  ['an unknown kind', ({ steps }) => (steps[0]!['kind'] = 'brake'), /steps\[0\]\.kind.*brake/],
  ['a wrong level', (one) => (one['level'] = 'hard'), /level .*"hard".*basics, practice, advanced/],
  [
    'an id twice',
    ({ steps }) => (steps[1]!['id'] = 'change'),
    /steps\[1\]\.id is the name of an earlier step \("change"\)/,
  ],
  [
    'an expression cut off',
    ({ steps }) => (steps[3]!['that'] = "every(state == 'booted'"),
    /steps\[3\]\.that has no closing bracket/,
  ],
  ['a check of nothing', ({ steps }) => delete steps[3]!['that'], /steps\[3\] checks nothing/],
  [
    'an unknown fact',
    ({ steps }) => (steps[3]!['that'] = 'uefi-pc.sate == 1'),
    /uefi-pc\.sate, which is no fact of it.*state/,
  ],
  [
    'an unknown machine',
    ({ steps }) => (steps[3]!['that'] = 'pc.state == 1'),
    /names pc, which is no host or machine.*uefi-pc/,
  ],
  ['an unknown name in a text', ({ steps }) => (steps[0]!['text'] = 'See {boot9}'), /change names boot9/],
  [
    'a step that never comes',
    ({ steps }) => (steps[1]!['at'] = { client: 'uefi-pc', label: 'NAK' }),
    /looks at NAK, which uefi-pc does not come to.*DISCOVER/,
  ],
  [
    'a fix that mends nothing',
    ({ steps }) => ((steps[2]!['repairs'] as unknown[])[0] = (steps[2]!['repairs'] as unknown[])[1]),
    /repair has no repair after which/,
  ],
  [
    'a setting that does not fit',
    ({ steps }) => (steps[0]!['oneOf'] = [{ name: 'x', set: [{ path: 'hosts.boot1.on.lan', value: '10.0.0.1' }] }]),
    /does not fit the network.*hosts\.boot1\.on\.lan/,
  ],
])('%s is named with its remedy', (_, change, message) => {
  const told = complaints(changed(change))
  expect(told.join('\n')).toMatch(message)
  expect(told.every((one) => /\. \S/.test(one))).toBe(true)
})

test('a title for a host that is not there is refused', () => {
  const lesson = lessonOf(changed((one) => (one['vary'] = { titles: { boot9: ['X'] } })))
  expect(() => openLesson('mine', lesson, scenario, 1)).toThrow(/boot9, which is no host or machine/)
})

describe('expressions', () => {
  const facts: Facts = {
    clients: {
      'a-pc': { state: 'booted', seconds: 4, code: '' },
      b: { state: 'failed', seconds: 60, code: 'PXE-E53' },
    },
    hosts: { dhcp1: { address: '10.0.0.1' } },
  }
  test.each<[string, boolean]>([
    ["a-pc.state == 'booted'", true],
    ["not a-pc.state == 'booted'", false],
    ["every(state == 'booted')", false],
    ["some(state == 'booted' and seconds < 5)", true],
    ["count(code != '') == 1", true],
    ["b.code contains 'E53' and b.seconds >= 60", true],
    ["b.code == 'PXE-E53' or b.code == 'x' and false", true],
    ["(b.code == 'PXE-E53' or true) and false", false],
    ["dhcp1.address == '10.0.0.1'", true],
    ['a-pc.seconds < 4', false],
    ['a-pc.seconds <= 4', true],
    ['a-pc.seconds > 3.5', true],
  ])('%s', (text, value) => expect(holds(text, facts)).toBe(value))

  test.each([
    'a-pc.state ==',
    'a-pc.state = 1',
    'every(state',
    'state',
    'a-pc.seconds',
    "a-pc.state < 'x'",
    "a-pc.constructor == 'x'",
    '__proto__.state == 1',
    `${'('.repeat(60)}true${')'.repeat(60)}`,
    "true or nobody.state == 'x'",
  ])('%s is refused with a remedy', (text) => {
    expect(() => holds(text, facts)).toThrow(ExpressionError)
    if (complaintOf(text)) expect(complaintOf(text)!.remedy).not.toBe('')
  })
  test('a value is a value', () => expect(evaluate('a-pc.seconds', facts)).toBe(4))
})

test('states of another lesson, another variant or damaged ones begin anew', () => {
  const opened = openLesson('mine', lessonOf(example), scenario, 1)
  const state = act(opened, beginLesson(opened), { do: 'next' })
  expect(restored(opened, JSON.stringify(state))).toEqual(state)
  for (const wrong of [
    '',
    '{',
    7,
    { ...state, seed: 2 },
    { ...state, at: 99 },
    { ...state, lesson: 'x' },
    { ...state, ms: -1 },
    { ...state, records: { change: { wrong: 1 } } },
  ])
    expect(restored(opened, wrong)).toBeUndefined()
})

test('a class that goes on together passes over questions, which earn nothing; going back keeps answers', () => {
  const opened = openLesson('mine', lessonOf(example), scenario, 1)
  const state = act(opened, beginLesson(opened), { do: 'go', to: 3 })
  expect(viewOf(opened, state)!.id).toBe('verify')
  expect(state.records).toMatchObject({
    change: { done: 'read' },
    screen: { done: 'skipped' },
    repair: { done: 'skipped' },
  })
  expect(eventsOf(opened, beginLesson(opened), state)).toEqual([
    { type: 'at-step', lesson: 'mine', seed: 1, step: 'verify', at: 3, of: 4 },
  ])
  const back = act(opened, state, { do: 'go', to: 0 })
  expect(back).toMatchObject({ at: 0, records: state.records })
  expect(act(opened, state, { do: 'next' }).at).toBe(4)
})

test('a repair that the check refuses was a wrong answer after all, and cannot be given again', () => {
  const text = changed(({ steps }) => {
    steps[2]!['until'] = "uefi-pc.state == 'booted'"
    const repairs = steps[2]!['repairs'] as unknown[]
    repairs[1] = {
      text: 'One for all',
      set: [
        {
          path: 'hosts.boot1.services.DHCPServer.policies',
          value: { bios: { '67': 'grub/x64.efi' }, 'x64-uefi': { '67': 'grub/x64.efi' } },
        },
      ],
    }
  })
  const opened = openLesson('mine', lessonOf(text), scenario, 1)
  let state = act(opened, beginLesson(opened), { do: 'go', to: 2 })
  state = act(opened, state, { do: 'answer', answer: '1' })
  expect(state.records['repair']!.done).toBe('right')
  state = act(opened, act(opened, state, { do: 'next' }), { do: 'next' })
  expect(state).toMatchObject({ at: 2, records: { repair: { wrong: ['1'], done: undefined } } })
  expect(act(opened, state, { do: 'answer', answer: '1' }).records['repair']!.done).toBeUndefined()
  state = act(opened, act(opened, act(opened, state, { do: 'answer', answer: '0' }), { do: 'next' }), { do: 'next' })
  expect(state.at).toBe(4)
})

test('not denies what stands next to it, and no more', () => {
  const facts: Facts = { clients: { 'a-pc': { state: 'booted', offers: 2 } }, hosts: {} }
  expect(holds("not a-pc.state == 'failed' and a-pc.offers == 3", facts)).toBe(false)
  expect(holds("not a-pc.state == 'booted' or a-pc.offers == 2", facts)).toBe(true)
  expect(holds("not (a-pc.state == 'booted' and a-pc.offers == 3)", facts)).toBe(true)
  expect(holds("not not a-pc.state == 'booted'", facts)).toBe(true)
  expect(complaintOf(`${'not '.repeat(99)}a-pc.offers == 2`)?.message).toMatch(/nested too deeply/)
})

test('networks that change places do so in every text', () => {
  const lesson = lessonOf(
    changed((one) => {
      one['vary'] = { addresses: { '10.1.2': ['10.1.3'], '10.1.3': ['10.1.2'] } }
      one.steps[0]!['text'] = 'From 10.1.2.10 to 10.1.3.20, not 110.1.2.5 and not version 10.1.2'
    }),
  )
  const { text } = openLesson('mine', lesson, scenario, 1).lesson.steps[0]!
  expect(text).toBe('From 10.1.3.10 to 10.1.2.20, not 110.1.2.5 and not version 10.1.2')
})

test('a step may be called as what every object has', () => {
  const lesson = lessonOf(changed(({ steps }) => (steps[2]!['id'] = 'constructor')))
  const opened = openLesson('mine', lesson, scenario, 1)
  expect(problemsOf(opened)).toEqual([])
  const there = act(opened, beginLesson(opened), { do: 'go', to: 2 })
  expect(viewOf(opened, there)).toMatchObject({ id: 'constructor', record: { wrong: [], hints: 0 } })
  expect(restored(opened, reportOf(opened, there).state)).toEqual(there)
})

describe('a state that was kept before the lesson was edited, or came damaged from a learning platform', () => {
  const opened = openLesson('mine', lessonOf(example), scenario, 1)
  const fix = opened.lesson.steps.findIndex(({ kind }) => kind === 'fix')
  const { id } = opened.lesson.steps[fix]!
  const kept = (record: unknown): unknown => ({ ...beginLesson(opened), at: fix + 1, records: { [id]: record } })

  test.each([
    ['a repair that is no longer there', { wrong: [], hints: 0, done: 'right', answer: '7' }],
    ['a repair that is none', { wrong: [], hints: 0, done: 'right', answer: 'x' }],
    ['no repair', { wrong: [], hints: 0, done: 'right' }],
    ['hints that would earn points', { wrong: [], hints: -50, done: 'right', answer: '0' }],
    ['more hints than there are', { wrong: [], hints: 5, done: 'shown', answer: '0' }],
    ['nothing', null],
  ])('%s: it begins anew', (_, record) => {
    expect(restored(opened, kept(record))).toBeUndefined()
  })

  test('one that fits is gone on with', () => {
    const state = restored(opened, kept({ wrong: ['x'], hints: 0, done: 'shown', answer: '0' }))
    expect(viewOf(opened, state!)).toMatchObject({ at: fix + 1 })
  })

  test.each(['[1,0,0]', '[1,-5,0]', '[1,10000,0]', '[1,1e300,0]', '[2,5,0]', 'null', ''])(
    '%s is no variant',
    (text) => {
      expect(packedVariant(text)).toBeUndefined()
    },
  )

  test('a variant of ours is one', () => expect(packedVariant('[1,9999,1]')).toEqual({ seed: 9999, isBlind: true }))
})

test('numbers and names as keyboards elsewhere write them', () => {
  const lesson = lessonOf(
    changed(({ steps }) => {
      steps.splice(1, 0, { kind: 'ask', id: 'count', text: 'How many?', value: '12.5' })
      steps.splice(2, 0, { kind: 'ask', id: 'name', text: 'Which?', value: "'pxelinux.0'" })
    }),
  )
  const opened = openLesson('mine', lesson, scenario, 1)
  const isRight = (at: number, answer: string): boolean => {
    const after = act(opened, act(opened, beginLesson(opened), { do: 'go', to: at }), { do: 'answer', answer })
    return after.records[opened.lesson.steps[at]!.id]?.done === 'right'
  }
  expect(['12.5', '12,5', ' １２．５', '12,50', '12.50 '].filter((one) => !isRight(1, one))).toEqual([])
  expect(['125', '12', '1,25', '12,5,0', ',5', 'x'].filter((one) => isRight(1, one))).toEqual([])
  expect(isRight(2, 'ＰＸＥＬＩＮＵＸ．０')).toBe(true)
})

test('a lesson whose second check never holds is told, and not printed for ever', () => {
  const text = changed(({ steps }) => steps.push({ kind: 'check', id: 'never', text: 'Is it?', that: 'uefi-pc.offers == 99' })) // prettier-ignore
  expect(complaints(text)).toEqual([expect.stringMatching(/^never does not hold after the first repair/)])
  expect(() => lessonsHtml([openLesson('mine', lessonOf(text), scenario, 1)])).toThrow(/never does not hold/)
})
