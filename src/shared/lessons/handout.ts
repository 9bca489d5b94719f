/** Lessons on paper: what is read, seen and asked with room for answers, and the answers behind all lessons. */
import { t, textOf } from '#messages/text.ts'
import { picturesOf } from '../diagnosis/boot-picture.ts'
import { figure, line, networkTable, paperDocument, paperHead, text } from '../diagnosis/paper.ts'
import { act, beginLesson, LessonError, viewOf, type Look, type OpenedLesson, type StepView } from './engine.ts'

/** Rows of a ladder that have room on a page. */
const mostRows = 30

const code = (words: string): string => text(words).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
const paragraphs = (words: string): string =>
  words
    .trim()
    .split(/\n\s*\n/)
    .map((one) => `<p>${code(one)}</p>`)
    .join('')

/** What of a boot is on the paper so far. */
interface Shown {
  readonly steps: number
  readonly screen: string
}

/** Packets of a machine and its screen, where they were not on the paper before. */
function lookHtml({ name, steps, screen }: Look, shown: Shown | undefined): string {
  const rows = steps.slice(shown?.steps).map(({ at, what }) => `<tr><td>${text(t('lesson.at', { seconds: at / 1000 }))}</td><td>${text(textOf(what))}</td></tr>`) // prettier-ignore
  const packets =
    rows.length === 0 ? '' : `<h3>${text(t('lesson.packets-of', { name }))}</h3><table>${rows.join('')}</table>`
  const lines = screen.join('\n')
  return lines.trim() === '' || lines === shown?.screen ? packets : `${packets}<pre>${text(lines)}</pre>`
}

const roomFor = ({ options, isTyped }: StepView): string =>
  isTyped
    ? line
    : options.length === 0
      ? ''
      : `<ul class="choice">${options.map((one) => `<li>${code(textOf(one.text))}</li>`).join('')}</ul>`

interface LessonPaper {
  readonly title: string
  readonly exercise: string
  readonly answer: string
}

/** @throws {LessonError} where the lesson cannot be played as it is written */
function paperOf(opened: OpenedLesson, number: number): LessonPaper {
  const { lesson, title } = opened
  const heading = t('lesson.numbered', { number, title })
  const asked: string[] = []
  const answers: string[] = []
  const shown = new Map<string, Shown>()
  let last: Look | undefined
  let state = beginLesson(opened)
  for (let view = viewOf(opened, state); view; view = viewOf(opened, state)) {
    const { look, kind } = view
    let looked = ''
    if (look) {
      last = look
      const key = JSON.stringify([look.client, look.changes])
      const before = shown.get(key)
      looked = lookHtml(look, before)
      shown.set(key, { steps: Math.max(before?.steps ?? 0, look.steps.length), screen: look.screen.join('\n') })
    }
    const isAsked = view.isTyped || view.options.length > 0
    const name = isAsked ? `${answers.length + 1}. ${t(`lesson.kind-${kind}`)}` : t(`lesson.kind-${kind}`)
    asked.push(`<div class="question"><h3>${text(name)}</h3>${paragraphs(view.text)}${roomFor(view)}</div>${looked}`)
    if (isAsked) {
      state = act(opened, state, { do: 'reveal' })
      const { answer, because } = viewOf(opened, state)!
      answers.push(`<li><b>${code(textOf(answer ?? ''))}</b>${because === undefined ? '' : paragraphs(because)}</li>`)
    }
    const next = act(opened, state, { do: 'next' })
    // A check sends back to the repair before it: with the one that is shown it would do so for ever.
    if (next.at <= state.at)
      throw new LessonError(view.id, 'does not hold after the first repair that fits', 'Correct the condition, or the condition until of the fix before it.') // prettier-ignore
    state = next
  }
  return {
    title,
    exercise: [
      `<section>${paperHead(heading)}`,
      opened.isBlind ? '' : `<p>${text(lesson.summary)}</p>`,
      `<h2>${text(t('handout.network'))}</h2>${networkTable(picturesOf(opened.input, lesson.set).scenario)}`,
      ...asked,
      '</section>',
    ].join('\n'),
    answer: [
      `<article><h2>${text(t('handout.answer', { number, title: lesson.title }))}</h2><ol>${answers.join('')}</ol>`,
      last ? ladderOf(last) : '',
      '</article>',
    ].join('\n'),
  }
}

/** The whole boot that a lesson looked at last. */
function ladderOf({ input, changes, client, name }: Look): string {
  const run = picturesOf(input, changes)
  const ladder = run.boots.find((one) => one.outcome.name === client)?.ladder
  if (!ladder) return ''
  const rows = ladder.rows.length
  const cut = rows > mostRows ? `<p class="quiet">${text(t('handout.first-rows', { shown: mostRows, rows }))}</p>` : ''
  const shown = { ...ladder, rows: ladder.rows.slice(0, mostRows) }
  return `<h3>${text(t('lesson.look', { name }))}</h3>${figure(shown, run)}${cut}`
}

/**
 * A document for A4: each lesson on pages of its own, all answers behind them.
 * @param numbers of the lessons in their course, from 1
 * @throws {LessonError} where a lesson cannot be played as it is written
 */
export function lessonsHtml(lessons: readonly OpenedLesson[], numbers = lessons.map((_, at) => at + 1)): string {
  const papers = lessons.map((one, at) => paperOf(one, numbers[at]!))
  return paperDocument(
    papers.length === 1 ? t('handout.title', { title: papers[0]!.title }) : t('lesson.course'),
    papers.map(({ exercise }) => exercise),
    papers.map(({ answer }) => answer),
  )
}
