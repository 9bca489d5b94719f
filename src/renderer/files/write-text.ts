/** Texts of the boot folder, which other windows and programs write as well. */
import { t } from '#messages/text.ts'
import { CallFailure } from '#shared/contract/channel.ts'
import { call } from '../connection.ts'
import { confirm } from '../shell/sheets.ts'
import { offerUndo } from '../undo.tsx'

/** What the file holds; undefined where there is none that could be read. */
const textOf = (name: string): Promise<string | undefined> =>
  call('files.readText', { name }).then(
    ({ text }) => text,
    () => undefined,
  )

const replace = (name: string, text: string): Promise<unknown> =>
  call('files.writeText', { name, text, replaces: true })

/**
 * Writes a text that was made from `before`, and offers to take it back; asks first where somebody else wrote the file meanwhile. False where
 * it was not written. Throws a CallFailure where it cannot be.
 */
export async function writeBootText(name: string, before: string, text: string, onWritten: () => void): Promise<boolean> {
  const now = (await textOf(name)) ?? before
  const isSure =
    now === before ||
    (await confirm({ title: t('files.replace', { file: name }), text: t('files.changed-since-you-opened-those'), action: t('files.replace-2') }))
  if (!isSure) return false
  await replace(name, text)
  onWritten()
  offerUndo(t('files.saved', { name }), async () => {
    // What somebody else wrote meanwhile is not lost.
    if ((await textOf(name)) !== text) throw new CallFailure(t('files.changed-since', { file: name }), t('files.edit-hand'))
    await replace(name, now)
    onWritten()
  })
  return true
} // prettier-ignore
