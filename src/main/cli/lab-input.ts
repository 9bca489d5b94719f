/** The lab file that a command is given. */
import { t } from '#messages/text.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { describeProblem, LabFile, parseLab } from '../workspace/lab-file.ts'
import { whyUnread } from '../files/unreadable.ts'

/** Undefined where it cannot be read or has problems, which have been told; `option` is what names it. */
export async function labOf(
  path: string,
  option: string,
): Promise<{ readonly file: LabFile; readonly lab: Lab } | undefined> {
  const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
  const file = new LabFile(path)
  let text: string
  try {
    text = await file.readText()
  } catch (error) {
    complain(t('cli.name-lab-file', { path, whyUnread: whyUnread(error), option }))
    return undefined
  }
  const parsed = parseLab(text)
  if (parsed.ok) return { file, lab: parsed.lab }
  for (const problem of parsed.problems) complain(describeProblem(path, problem))
  return undefined
}
