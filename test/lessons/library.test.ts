/** Lessons in other languages, and states in the room that SCORM 1.2 gives them. */
import { readFileSync, readdirSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  act,
  beginLesson,
  mostPacked,
  openLesson,
  packedVariant,
  reportOf,
  restored,
  resultOf,
  viewOf,
  type LessonState,
  type OpenedLesson,
} from '#shared/lessons/engine.ts'
import { lessonSchema, readLesson, type Lesson } from '#shared/lessons/lesson.ts'
import { readLessons } from '#shared/lessons/library.ts'
import { pseudoOf } from '#messages/pseudo.ts'
import { english as englishCatalogue, speak, textOf } from '#messages/text.ts'

const folder = new URL('../../resources/', import.meta.url)
const files = new Map(
  readdirSync(new URL('lessons/', folder)).map((name) => [name, readFileSync(new URL(`lessons/${name}`, folder), 'utf8')]), // prettier-ignore
)
const shipped = readLessons(files, (text) => text)
const scenarioOf = ({ scenario }: Lesson): unknown =>
  typeof scenario === 'string' ? parse(readFileSync(new URL(`scenarios/${scenario}.yaml`, folder), 'utf8')) : scenario
const open = (id: string, lesson: Lesson): OpenedLesson => openLesson(id, lesson, scenarioOf(lesson), 3)

/** Every answer right, to the end; what was seen on the way. */
function played(opened: OpenedLesson): { readonly state: LessonState; readonly texts: string[] } {
  const texts: string[] = []
  let state = beginLesson(opened)
  for (let turn = 0; turn < 100 && state.at < opened.lesson.steps.length; turn++) {
    const view = viewOf(opened, state)!
    texts.push(view.text, ...view.options.map((one) => textOf(one.text)))
    if (view.options.length > 0 || view.isTyped) {
      const { answer } = act(opened, state, { do: 'reveal' }).records[view.id]!
      state = act(opened, state, { do: 'answer', answer: answer! })
    }
    state = act(opened, state, { do: 'next' })
  }
  return { state, texts }
}

describe('a lesson in another language', () => {
  afterEach(() => speak(englishCatalogue, 'en'))
  const marked = (text: string): string => `«${text}»`

  test.each([...shipped.keys()])('%s plays as in English though every label and text is another', (id) => {
    const english = shipped.get(id)!
    const lesson = readLessons(files, marked).get(id)!
    for (const text of [lesson.title, lesson.blindTitle, lesson.summary, ...lesson.steps.map((one) => one.text)])
      expect(text).toMatch(/^«/)
    // What the simulation says is another language as well: steps are found all the same.
    const before = played(open(id, english))
    speak(pseudoOf(englishCatalogue), 'en-XA')
    const { state, texts } = played(open(id, lesson))
    expect(state.records).toEqual(before.state.records)
    expect(resultOf(open(id, lesson), state)).toMatchObject({ isComplete: true, score: resultOf(open(id, english), before.state).of }) // prettier-ignore
    expect(texts.some((text) => text.startsWith('«'))).toBe(true)
  })

  test('a damaged lesson is left out', () => {
    const names = [...readLessons(new Map([...files, ['broken.yaml', '[']]), (text) => text).keys()]
    expect(names).toEqual([...shipped.keys()])
  })
})

describe('a state that a learning platform keeps', () => {
  test('of a long lesson with long answers is 4,096 characters at most, and has the same points', () => {
    const steps = Array.from({ length: 60 }, (_, index) => ({
      id: `question-with-a-long-name-${index}`.padEnd(40, 'x'),
      kind: 'ask',
      text: 'What?',
      value: "'right'",
      hints: ['One', 'Two'],
    }))
    const read = readLesson(JSON.stringify({ title: 'T', blindTitle: 'B', summary: 'S', order: 1, level: 'basics', minutes: 1, scenario: 'plain-dhcp', steps })) // prettier-ignore
    if (!read.ok) throw new Error(JSON.stringify(read.problems))
    const opened = open('own', lessonSchema.parse(read.lesson))
    const answer = fc.oneof(
      fc.string({ maxLength: 300, unit: 'binary' }),
      fc.constant('right'),
      fc.constant('"\\'.repeat(99)),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(answer, fc.nat(9)), { minLength: 60, maxLength: 200 }), (turns) => {
        let state = beginLesson(opened)
        for (const [text, more] of turns) {
          if (more === 0) state = act(opened, state, { do: 'hint' })
          state = act(opened, state, { do: 'answer', answer: text }, 1234)
          if (more > 5) state = act(opened, state, { do: 'reveal' })
          state = act(opened, state, { do: 'next' })
        }
        const { state: text, score } = reportOf(opened, state)
        expect(text.length).toBeLessThanOrEqual(mostPacked)
        expect(packedVariant(text)).toEqual({ seed: 3, isBlind: false })
        const again = restored(opened, text)!
        expect(again).toMatchObject({ at: state.at, ms: state.ms })
        expect(reportOf(opened, again).score).toBe(score)
        // What is packed is packed as it was.
        expect(reportOf(opened, again).state).toBe(text)
      }),
      { numRuns: 60 },
    )
  })

  test('damaged, cut off, or of another lesson begins anew', () => {
    const id = 'what-is-dhcp'
    const opened = open(id, shipped.get(id)!)
    const text = reportOf(opened, played(opened).state).state
    expect(restored(opened, text)).toBeDefined()
    for (let at = 0; at < text.length; at += 7) expect(restored(opened, text.slice(0, at))).toBeUndefined()
    for (const wrong of ['[]', '[2,3,0,1,0,[]]', '[1,4,0,1,0,[]]', '[1,3,0,99,0,[]]', text.replace('[1,3,', '[1,4,')])
      expect(restored(opened, wrong), wrong).toBeUndefined()
    expect(restored(open('proxy-dhcp', shipped.get('proxy-dhcp')!), text)).toBeUndefined()
    expect(packedVariant('x')).toBeUndefined()
  })
})
