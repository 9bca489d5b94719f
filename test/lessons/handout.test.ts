/** Lessons on paper: every question has its room, its answer stands behind, and what is not known yet is not on the page. */
import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { act, beginLesson, openLesson, viewOf, type OpenedLesson, type StepView } from '#shared/lessons/engine.ts'
import { lessonsHtml } from '#shared/lessons/handout.ts'
import type { Lesson } from '#shared/lessons/lesson.ts'
import { readLessons } from '#shared/lessons/library.ts'
import { escapeXml } from '#shared/trace/ladder-svg.ts'
import { textOf } from '#messages/text.ts'

const folder = new URL('../../resources/', import.meta.url)
const lessons = readLessons(
  new Map(readdirSync(new URL('lessons/', folder)).map((name) => [name, readFileSync(new URL(`lessons/${name}`, folder), 'utf8')])),
  (text) => text,
) // prettier-ignore
const scenarioOf = ({ scenario }: Lesson): unknown =>
  typeof scenario === 'string' ? parse(readFileSync(new URL(`scenarios/${scenario}.yaml`, folder), 'utf8')) : scenario
const open = (id: string, seed = 3, isBlind = false): OpenedLesson =>
  openLesson(id, lessons.get(id)!, scenarioOf(lessons.get(id)!), seed, isBlind)
const parts = (html: string): readonly [exercises: string, answers: string] => {
  const at = html.indexOf('<section class="answers">')
  return [html.slice(html.indexOf('<body>'), at), html.slice(at)]
}
const plain = (html: string): string => html.replaceAll(/<\/?code>/g, '`')

/** Steps as they are played, each with its right answer. */
function stepsOf(opened: OpenedLesson): { readonly asked: StepView; readonly done: StepView }[] {
  const steps = []
  let state = beginLesson(opened)
  for (let asked = viewOf(opened, state); asked; asked = viewOf(opened, state)) {
    state = act(opened, state, { do: 'reveal' })
    steps.push({ asked, done: viewOf(opened, state)! })
    state = act(opened, state, { do: 'next' })
  }
  return steps
}

test.each([...lessons.keys()])('%s: each step is on the page, and each answer behind it alone', (id) => {
  const opened = open(id)
  const [exercise, answers] = parts(plain(lessonsHtml([opened])))
  const steps = stepsOf(opened)
  const told = (text: string): string => escapeXml(text.trim().split(/\n\s*\n/)[0]!)
  for (const { asked, done } of steps) {
    expect(exercise).toContain(told(asked.text))
    for (const option of asked.options) expect(exercise).toContain(`<li>${escapeXml(textOf(option.text))}</li>`)
    if (asked.options.length === 0 && !asked.isTyped) continue
    expect(answers).toContain(`<b>${escapeXml(textOf(done.answer!))}</b>`)
    if (done.because === undefined) continue
    expect(exercise).not.toContain(told(done.because))
    expect(answers).toContain(told(done.because))
  }
  expect(exercise.match(/<ul class="choice">|<div class="line">/g)).toHaveLength(steps.filter(({ asked }) => asked.options.length > 0 || asked.isTyped).length)
  expect(answers).toContain('<svg')
}) // prettier-ignore

test('a packet that is to be predicted is not there before its question', () => {
  const html = lessonsHtml([open('what-is-dhcp')])
  const question = html.indexOf('What is the next packet of this boot?')
  expect(html.slice(0, question)).toMatch(/DISCOVER.*to all/)
  expect(html.slice(0, question)).not.toMatch(/OFFER.*:.* to /)
})

test('neighbours get other papers by their seed, and blind mode tells no title but behind the questions', () => {
  expect(lessonsHtml([open('missing-boot-file', 1)])).not.toBe(lessonsHtml([open('missing-boot-file', 2)]))
  const [exercise, answers] = parts(lessonsHtml([open('missing-boot-file', 1, true)]))
  const { title, blindTitle, summary } = lessons.get('missing-boot-file')!
  expect(exercise).toContain(blindTitle)
  for (const text of [title, summary]) expect(exercise).not.toContain(text)
  expect(answers).toContain(title)
})

test('the course has its lessons by number, and all answers behind the last', () => {
  const html = lessonsHtml([open('what-is-dhcp'), open('from-offer-to-file')])
  expect(html.match(/<h1>\d+\./g)).toEqual(['<h1>1.', '<h1>2.'])
  expect(html.lastIndexOf('<h1>2.')).toBeLessThan(html.indexOf('<section class="answers">'))
  expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)[^1]/)
})
