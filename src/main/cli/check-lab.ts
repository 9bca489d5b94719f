/** `pxe-lab check --config`: a lab file and what lies in its boot folder, without starting anything. */
import { englishOf } from '#messages/json.ts'
import { t, textOf } from '#messages/text.ts'
import { basename } from 'node:path'
import { noticeText } from '#shared/lab/boot-check.ts'
import { linesOf } from '#shared/lab/lab-lines.ts'
import { noticesOf } from '../inspect/lab-notices.ts'
import { exitCodes } from './exit-codes.ts'
import { labOf } from './lab-input.ts'

/** 0 nothing found, 1 something is wrong, 2 the lab file cannot be used. What may be meant so changes no exit code. */
export async function checkLab(path: string, form: 'text' | 'json'): Promise<number> {
  const read = await labOf(path, '--config')
  if (!read) return exitCodes.badLabFile
  const lineOf = linesOf(await read.file.readText())
  const notices = (await noticesOf(read.lab, read.file.resolve(read.lab.boot.files)))
    .map((one) => ({ ...one, line: lineOf(one.field) }))
    .toSorted((a, b) => a.line - b.line)
  const isSilent = read.lab.mode === 'listen'
  const wrong = notices.filter(({ level }) => level === 'warning').length
  if (form === 'json') process.stdout.write(`${JSON.stringify(englishOf({ version: 1, file: path, notices }))}\n`)
  else {
    if (isSilent) process.stdout.write(`${t('cli.note-mode-listen-lab-answers', { path, line: lineOf('mode') })}\n`) // prettier-ignore
    for (const one of notices) {
      const place = one.line === 0 ? path : `${path}:${one.line}`
      process.stdout.write(`${place}: ${one.level === 'info' ? 'note: ' : ''}${textOf(noticeText(one))}\n`)
    }
    const notes = notices.length - wrong
    const found = [wrong === 1 ? '1 problem' : `${wrong} problems`, ...(notes === 0 ? [] : [notes === 1 ? '1 note' : `${notes} notes`])] // prettier-ignore
    process.stdout.write(
      `${basename(path)}: ${isSilent ? 'valid' : notices.length === 0 ? 'nothing found' : found.join(', ')}.\n`,
    )
  }
  return wrong === 0 ? exitCodes.ok : exitCodes.failed
}
