/** `pxe-lab lessons`: the course, and packages of it for learning platforms. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CallFailure } from '#shared/contract/channel.ts'
import { withTexts } from '#messages/local-texts.ts'
import { localText, t } from '#messages/text.ts'
import { scenarioTexts } from '#shared/simulation/scenario.ts'
import { replaceFile } from '../files/replace-file.ts'
import { readTextFile } from '../files/text-file.ts'
import {
  exportOwn,
  exportShipped,
  noLesson,
  noScenario,
  readOwn,
  shippedLessons,
  type Exported,
} from '../lessons/export-lessons.ts'
import { shippedPath } from '../workspace/resources.ts'
import { parse } from 'yaml'
import { exitCodes } from './exit-codes.ts'

export interface ExportLessonsOptions {
  readonly out?: string
  readonly blind?: boolean
}

export async function listLessons(): Promise<number> {
  const all = [...(await shippedLessons())]
  const width = Math.max(...all.map(([id]) => id.length))
  for (const [id, { title }] of all) process.stdout.write(`${id.padEnd(width)}  ${title}\n`)
  return exitCodes.ok
}

/** A scenario that comes with the program: nothing else is known without a lab. */
async function shippedScenario(name: string): Promise<unknown> {
  const file = join(shippedPath('scenarios'), `${name}.yaml`)
  return /^[a-z0-9-]+$/.test(name) && existsSync(file) ? parse((await readTextFile(file)).text) : undefined
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const isLessonFile = (name: string | undefined): name is string => name !== undefined && /\.(ya?ml|json)$/i.test(name)

async function write(file: string, count: number, bytes: Uint8Array): Promise<number> {
  try {
    await replaceFile(file, bytes)
  } catch (error) {
    complain(t('scorm.cannot-write', { file, message: (error as Error).message }))
    return exitCodes.failed
  }
  process.stdout.write(`${t('scorm.exported', { file, count, size: bytes.length })}\n`)
  return exitCodes.ok
}

/** `lesson` is one of the course or a file; without one it is the whole course. */
export async function exportLessons(
  lesson: string | undefined,
  { out, blind = false }: ExportLessonsOptions,
): Promise<number> {
  const isFile = isLessonFile(lesson)
  let made: Exported
  try {
    made = isFile
      ? await exportOwn((await readTextFile(lesson)).text, blind, shippedScenario)
      : await exportShipped(lesson, blind)
  } catch (error) {
    if (error instanceof CallFailure) {
      complain(`${isFile ? `${lesson}: ` : ''}${error.message}. ${error.remedy}`)
      return isFile ? exitCodes.badFile : exitCodes.usage
    }
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    complain(`${lesson}: ${message}`)
    return exitCodes.badFile
  }
  return write(resolve(out ?? made.name), made.count, made.bytes)
}

export interface PrintLessonsOptions {
  readonly out?: string
  readonly seed: string
  readonly blind?: boolean
}

/** The course, one lesson of it, or that of a file, as a page to print. */
export async function printLessons(
  lesson: string | undefined,
  { out, seed, blind = false }: PrintLessonsOptions,
): Promise<number> {
  if (!/^[1-9]\d{0,8}$/.test(seed)) {
    complain(t('cli.seed-no-whole-number', { seed }))
    return exitCodes.usage
  }
  const { LessonError, openLesson } = await import('#shared/lessons/engine.ts')
  const { lessonsHtml } = await import('#shared/lessons/handout.ts')
  try {
    const course = [...(await shippedLessons())].map(([id, one], at) => ({ id, lesson: one, number: at + 1 }))
    const chosen = isLessonFile(lesson)
      ? [{ id: 'own', lesson: readOwn((await readTextFile(lesson)).text), number: 1 }]
      : course.filter(({ id }) => lesson === undefined || id === lesson)
    if (chosen.length === 0) throw noLesson(lesson!, course.map(({ id }) => id)) // prettier-ignore
    const opened = await Promise.all(
      chosen.map(async ({ id, lesson: one }) => {
        const named = typeof one.scenario === 'string' ? one.scenario : undefined
        const input = named === undefined ? one.scenario : await shippedScenario(named)
        if (input === undefined) throw noScenario(named!)
        return openLesson(id, one, withTexts(input, scenarioTexts, localText), Number(seed), blind)
      }),
    )
    const html = lessonsHtml(opened, chosen.map(({ number }) => number)) // prettier-ignore
    return write(
      resolve(out ?? `pxe-lab-${lesson === undefined ? 'course' : opened[0]!.id}.html`),
      opened.length,
      Buffer.from(html),
    )
  } catch (error) {
    const file = isLessonFile(lesson) ? `${lesson}: ` : ''
    const { code, message } = error as NodeJS.ErrnoException
    if (error instanceof CallFailure || error instanceof LessonError) complain(`${file}${message}. ${error.remedy}`)
    else if (code !== undefined) complain(`${file}${message}`)
    else throw error
    return isLessonFile(lesson) ? exitCodes.badFile : exitCodes.usage
  }
}
