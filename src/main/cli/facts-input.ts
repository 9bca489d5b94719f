/** Facts files that are named on the command line. */
import { t } from '#messages/text.ts'
import type { Facts } from '#shared/lab/facts.ts'
import { readTextFile } from '../files/text-file.ts'
import { readFacts } from '../inspect/facts.ts'
import { whyUnread } from '../files/unreadable.ts'

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)

/** The facts of a file; undefined where they cannot be read, which has been told. */
export async function factsOf(file: string): Promise<Facts | undefined> {
  let text: string
  try {
    ;({ text } = await readTextFile(file))
  } catch (error) {
    complain(t('cli.facts-unread', { file, why: whyUnread(error) }))
    return undefined
  }
  const read = readFacts(text)
  if (read.ok) return read.facts
  for (const problem of read.problems) complain(`--facts ${file}: ${problem}`)
  return undefined
}
