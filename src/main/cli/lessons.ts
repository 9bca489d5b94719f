/** `pxe-lab lessons`: the course, and packages of it for learning platforms. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CallFailure } from '#shared/contract/channel.ts'
import { t } from '#messages/text.ts'
import { replaceFile } from '../files/replace-file.ts'
import { readTextFile } from '../files/text-file.ts'
import { exportOwn, exportShipped, shippedLessons, type Exported } from '../lessons/export-lessons.ts'
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

/** `lesson` is one of the course or a file; without one it is the whole course. */
export async function exportLessons(
  lesson: string | undefined,
  { out, blind = false }: ExportLessonsOptions,
): Promise<number> {
  // prettier-ignore
  const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
  const isFile = lesson !== undefined && /\.(ya?ml|json)$/i.test(lesson)
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
  const file = resolve(out ?? made.name)
  try {
    await replaceFile(file, made.bytes)
  } catch (error) {
    complain(t('scorm.cannot-write', { file, message: (error as Error).message }))
    return exitCodes.failed
  }
  process.stdout.write(`${t('scorm.exported', { file, count: made.count, size: made.bytes.length })}\n`)
  return exitCodes.ok
}
