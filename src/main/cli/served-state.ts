import { t } from '#messages/text.ts'
import { describeEvent } from '#shared/contract/events.ts'
import { whyUnread } from '../files/unreadable.ts'
import { LabFile, parseLab } from '../workspace/lab-file.ts'
import { placeOfState } from '../workspace/state-folder.ts'
import { UsageError } from './usage-error.ts'

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)

/** State folder of the `pxe-lab serve` that uses a lab file. A file that cannot be read is told, and rejects with a UsageError. */
export async function servedState(config: string, option: string): Promise<string> {
  const file = new LabFile(config)
  let text: string
  try {
    text = await file.readText()
  } catch (error) {
    complain(option === '--config' ? t('cli.name-lab-file-pxe-lab', { option, config, whyUnread: whyUnread(error) }) : t('cli.name-lab-file-pxe-lab-2', { option, config, whyUnread: whyUnread(error) })) // prettier-ignore
    throw new UsageError('config')
  }
  const parsed = parseLab(text)
  const { folder, told } = await placeOfState(file, parsed.ok ? parsed.lab : undefined)
  for (const event of told) complain(describeEvent(event).text)
  return folder
}
