/** The course: every lesson is played from its start to a verified end, and through every wrong turn, with several seeds. */
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  act,
  beginLesson,
  changesBefore,
  eventsOf,
  openLesson,
  problemsOf,
  reportOf,
  restored,
  resultOf,
  viewOf,
  type LessonState,
  type OpenedLesson,
} from '#shared/lessons/engine.ts'
import { readLesson, type Lesson } from '#shared/lessons/lesson.ts'
import { changeScenario } from '#shared/simulation/changes.ts'
import { textOf } from '#messages/text.ts'

const folder = new URL('../../resources/', import.meta.url)
const ids = readdirSync(new URL('lessons/', folder)).flatMap((name) =>
  /^[^.]+\.yaml$/.test(name) ? [name.slice(0, -5)] : [],
)

const scenarioOf = ({ scenario }: Lesson): unknown =>
  typeof scenario === 'string' ? parse(readFileSync(new URL(`scenarios/${scenario}.yaml`, folder), 'utf8')) : scenario

const lessons = new Map<string, Lesson>(
  ids.map((id) => {
    const read = readLesson(readFileSync(new URL(`lessons/${id}.yaml`, folder), 'utf8'))
    if (!read.ok) throw new Error(`${id}: ${JSON.stringify(read.problems, undefined, 1)}`)
    return [id, read.lesson]
  }),
)

const known = new Map<string, OpenedLesson>()
/** Boots that were computed are computed once for all tests. */
function open(id: string, seed: number, isBlind = false): OpenedLesson {
  const key = `${id} ${seed} ${isBlind}`
  const lesson = lessons.get(id)!
  if (!known.has(key)) known.set(key, openLesson(id, lesson, scenarioOf(lesson), seed, isBlind))
  return known.get(key)!
}

/** Seeds that bring every fault of a lesson, and at least two networks. */
const seedsOf = (id: string): readonly number[] => {
  const faults = lessons.get(id)!.steps.map((one) => (one.kind === 'break' ? one.oneOf.length : 0))
  return Array.from({ length: Math.max(2, ...faults) }, (_, index) => index + 1)
}

/** The right answer, as the engine shows it to whoever gives up. */
const rightOf = (opened: OpenedLesson, state: LessonState): string => {
  const { id } = opened.lesson.steps[state.at]!
  return act(opened, state, { do: 'reveal' }).records[id]!.answer!
}

test('the course has an order, and starts with the basics', () => {
  const inOrder = [...lessons.values()].sort((a, b) => a.order - b.order)
  expect(inOrder.map(({ order }) => order)).toEqual(inOrder.map((_, index) => index + 1))
  const ranks = inOrder.map(({ level }) => ['basics', 'practice', 'advanced'].indexOf(level))
  expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
  expect(new Set(inOrder.map(({ blindTitle }) => blindTitle)).size).toBe(inOrder.length)
})

describe.each(ids)('%s', (id) => {
  test.each(seedsOf(id))('seed %i: right answers lead to a verified end with every point', (seed) => {
    const opened = open(id, seed)
    expect(problemsOf(opened).map(({ message, remedy }) => `${message}: ${remedy}`)).toEqual([])
    let state = beginLesson(opened)
    const places: (string | undefined)[] = []
    for (let turn = 0; turn < 100 && state.at < opened.lesson.steps.length; turn++) {
      const view = viewOf(opened, state)!
      expect(view.text).not.toMatch(/[{}]/)
      const before = state
      if (view.options.length > 0 || view.isTyped) {
        expect(act(opened, state, { do: 'next' }), `${view.id} cannot be passed without an answer`).toEqual(state)
        state = act(opened, state, { do: 'answer', answer: rightOf(opened, state) }, 1000)
        expect(state.records[view.id], view.id).toMatchObject({ done: 'right', wrong: [] })
        expect(textOf(viewOf(opened, state)!.because ?? '')).not.toMatch(/[{}]/)
      }
      state = act(opened, state, { do: 'next' }, 500)
      expect(state.at).toBe(before.at + 1)
      places.push(...eventsOf(opened, before, state).flatMap((one) => (one.type === 'at-step' ? [one.step] : [])))
    }
    const { score, of, isComplete, ms, lines } = resultOf(opened, state)
    expect({ score, isComplete }).toEqual({ score: of, isComplete: true })
    expect(of).toBeGreaterThanOrEqual(40)
    expect(ms).toBe(lines.length * 1000 + opened.lesson.steps.length * 500)
    expect(places).toEqual([...opened.lesson.steps.slice(1).map((one) => one.id), undefined])
    const last = opened.lesson.steps.at(-1)!
    expect(last.kind, 'a lesson ends with a check').toBe('check')
  })

  test.each(seedsOf(id))('seed %i: every wrong turn costs, is told, and does not lead on', (seed) => {
    const opened = open(id, seed)
    let state = beginLesson(opened)
    let turns = 0
    for (let at = 0; at < opened.lesson.steps.length; at++) {
      const view = viewOf(opened, state)!
      const step = opened.lesson.steps[at]!
      if (view.options.length > 0 || view.isTyped) {
        const right = rightOf(opened, state)
        const wrong = view.isTyped
          ? ['nonsense', '999']
          : view.options.map(({ key }) => key).filter((key) => key !== right)
        let worth = view.worth
        let stays = state
        for (const answer of wrong) {
          const after = act(opened, state, { do: 'answer', answer })
          // Of several answers that are right one is shown; a repair that a later check refuses is sent back by it.
          if (after.records[step.id]!.done === 'right') {
            if (step.kind !== 'fix') continue
            const back = act(opened, after, { do: 'next' })
            const checked = act(opened, back, { do: 'next' })
            if (checked.at > at + 1) continue
            expect(checked.at, `${step.id} ${answer}`).toBe(at)
            expect(checked.records[step.id]!.wrong).toContain(answer)
            continue
          }
          turns++
          expect(after.at).toBe(state.at)
          expect(act(opened, after, { do: 'next' }).at).toBe(at)
          stays = act(opened, stays, { do: 'answer', answer })
          const told = viewOf(opened, stays)!
          expect(told.worth).toBeLessThanOrEqual(Math.max(0, worth))
          expect(told.worth === 0 || told.worth < worth, step.id).toBe(true)
          worth = told.worth
          if (step.kind === 'fix') expect(told.refused !== undefined || told.compared!.after.some(({ state }) => state !== 'booted')).toBe(true) // prettier-ignore
          // The same wrong answer again costs nothing more.
          expect(viewOf(opened, act(opened, stays, { do: 'answer', answer }))!.worth).toBe(worth)
        }
        for (const _ of view.hints.length < view.hintsLeft ? Array.from({ length: view.hintsLeft }) : [])
          stays = act(opened, stays, { do: 'hint' })
        expect(viewOf(opened, stays)!.hintsLeft).toBe(0)
        for (const hint of viewOf(opened, stays)!.hints) expect(hint).not.toMatch(/[{}]/)
        state = act(opened, stays, { do: 'reveal' })
        expect(state.records[step.id]!.done).toBe('shown')
      }
      state = act(opened, state, { do: 'next' })
      expect(state.at, step.id).toBe(at + 1)
    }
    expect(turns).toBeGreaterThan(5)
    const result = resultOf(opened, state)
    expect(result).toMatchObject({ score: 0, isComplete: true })
    expect(result.lines.every(({ wrong, done }) => done === 'shown' && wrong.every((one) => textOf(one) !== ''))).toBe(
      true,
    )
    expect(reportOf(opened, state)).toMatchObject({ percent: 0, place: undefined, seed })
    expect(reportOf(opened, state).state.length).toBeLessThan(4096)
    expect(restored(opened, reportOf(opened, state).state)).toEqual(state)
  })

  test('neighbours have another network, other names, and another fault where there are several', () => {
    const [one, two] = [open(id, 1), open(id, 2)]
    expect(JSON.stringify(one.input)).not.toBe(JSON.stringify({ ...two.input, seed: 1 }))
    expect(one.lesson.set).not.toEqual(two.lesson.set)
    for (const opened of [one, two]) expect(changeScenario(opened.input, opened.lesson.set)).toMatchObject({ ok: true })
  })

  test('blind mode names neither the subject nor the fault', () => {
    const opened = open(id, 1, true)
    const { title, blindTitle } = lessons.get(id)!
    expect(opened.title).toBe(blindTitle)
    expect(blindTitle).not.toBe(title)
    expect(Object.keys(opened.input)).not.toContain('goesWrong')
    expect(opened.input['repairs']).toBeUndefined()
    expect(JSON.stringify(opened.input)).not.toContain(title)
    expect(opened.lesson.steps.some((one) => one.kind === 'say' && one.spoils)).toBe(false)
    expect(viewOf(opened, beginLesson(opened))!.at).toBe(0)
  })
})

test('the seeds of a lesson bring each of its faults', () => {
  for (const id of ids) {
    const breaking = lessons.get(id)!.steps.find((one) => one.kind === 'break')
    if (breaking?.kind !== 'break') continue
    const broken = seedsOf(id).map((seed) => {
      const lesson = open(id, seed)
      const after = act(lesson, beginLesson(lesson), {
        do: 'go',
        to: lesson.lesson.steps.indexOf(lesson.lesson.steps.find((one) => one.kind === 'break')!) + 1,
      })
      const fault = changesBefore(lesson, after, after.at).filter(({ path }) => !path.endsWith('.title'))
      return JSON.stringify(fault.map(({ path, value }) => [path, value])).replaceAll(/\d+\.\d+\.\d+\./g, '')
    })
    expect(new Set(broken).size, id).toBe(breaking.oneOf.length)
  }
})
