/** The lessons that come with the program, or one that somebody wrote, as a package for a learning platform. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CallFailure } from '#shared/contract/channel.ts'
import { LessonError, openLesson, problemsOf } from '#shared/lessons/engine.ts'
import { readLesson, type Lesson } from '#shared/lessons/lesson.ts'
import { readLessons } from '#shared/lessons/library.ts'
import type { Args, Reply } from '#shared/contract/calls.ts'
import { say } from '#messages/message.ts'
import { localText, t } from '#messages/text.ts'
import { readTextFile } from '../files/text-file.ts'
import { pagesFolder } from '../web/pages-folder.ts'
import { shippedPath } from '../workspace/resources.ts'
import { scormPackage, type ScormPackage } from './scorm-package.ts'

/** Lessons by name, in their order and in the language of this process. */
export async function shippedLessons(): Promise<ReadonlyMap<string, Lesson>> {
  const folder = shippedPath('lessons')
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml'))
  const texts = await Promise.all(names.map(async (name) => [name, (await readTextFile(join(folder, name))).text] as const)) // prettier-ignore
  return readLessons(new Map(texts), localText)
}

export interface Exported {
  /** For a file that holds it. */
  readonly name: string
  readonly count: number
  readonly bytes: Uint8Array
}

export const noLesson = (name: string, names: readonly string[]): CallFailure =>
  new CallFailure(say('scorm.no-lesson', { name }), say('scorm.no-lesson-remedy', { names: names.join(', ') }))

export const noScenario = (name: string): CallFailure =>
  new CallFailure(say('scorm.no-scenario', { name }), say('scorm.no-scenario-remedy'))

/** A lesson that somebody wrote, as the text of its file. @throws {CallFailure} telling the first thing that is wrong */
export function readOwn(text: string): Lesson {
  const read = readLesson(text)
  if (read.ok) return read.lesson
  const [{ line, field, message, remedy }] = read.problems as [(typeof read.problems)[number]]
  throw new CallFailure(say('scorm.not-lesson', { line, field, message }), remedy)
}

async function packed(name: string, wanted: ScormPackage): Promise<Exported> {
  const pages = pagesFolder()
  if (pages === undefined) throw new CallFailure(say('class.no-pages'), say('class.no-pages-remedy'))
  return { name: `pxe-lab-${name}-scorm.zip`, count: wanted.lessons.length, bytes: await scormPackage(pages, wanted) }
}

/** The whole course, or one lesson of it. @throws {CallFailure} */
export async function exportShipped(id: string | undefined, isBlind: boolean): Promise<Exported> {
  const all = await shippedLessons()
  const chosen = id === undefined ? [...all] : [...all].filter(([name]) => name === id)
  const told = chosen.map(([name, { title, blindTitle }]) => ({ id: name, title: isBlind ? blindTitle : title }))
  if (told.length === 0) throw noLesson(id!, [...all.keys()])
  const title = id === undefined ? t('scorm.course') : told[0]!.title
  return packed(id ?? 'course', { title, lessons: told, isBlind })
}

/** What only a boot can tell is told here, and not to those who learn. @throws {CallFailure} */
function playedOnce(lesson: Lesson, scenario: unknown, isBlind: boolean): void {
  try {
    const [problem] = problemsOf(openLesson('own', lesson, scenario, 1, isBlind))
    if (problem) throw problem
  } catch (error) {
    throw error instanceof LessonError ? new CallFailure(error.message, error.remedy.replace(/\.$/, '')) : error
  }
}

/** A lesson that somebody wrote, as the text of its file. `scenarioOf` is a scenario by its name. @throws {CallFailure} */
export async function exportOwn(
  text: string,
  isBlind: boolean,
  scenarioOf: (name: string) => Promise<unknown>,
): Promise<Exported> {
  const lesson = readOwn(text)
  const named = typeof lesson.scenario === 'string' ? lesson.scenario : undefined
  const scenario = named === undefined ? lesson.scenario : await scenarioOf(named)
  if (scenario === undefined) throw noScenario(named!)
  playedOnce(lesson, scenario, isBlind)
  const title = isBlind ? lesson.blindTitle : lesson.title
  const own = JSON.stringify({ ...lesson, scenario })
  return packed('lesson', { title, lessons: [{ id: 'own', title }], isBlind, own })
}

/** What a window asks for. A lesson that somebody wrote comes with its scenario. @throws {CallFailure} */
export async function exportForWindow({
  lesson,
  text,
  isBlind,
}: Args<'lessons.export'>): Promise<Reply<'lessons.export'>> {
  const { name, bytes } =
    text === undefined
      ? await exportShipped(lesson, isBlind)
      : await exportOwn(text, isBlind, () => Promise.resolve(undefined))
  return { name, base64: Buffer.from(bytes).toString('base64') }
}
