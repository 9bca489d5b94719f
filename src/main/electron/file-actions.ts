/** Opening and saving: what the menu, the page, the command line and the system ask for ends here. */
import { existsSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { app } from 'electron'
import { say } from '#messages/message.ts'
import { t } from '#messages/text.ts'
import { CallFailure, failureTold } from '#shared/contract/channel.ts'
import type { LabState } from '#shared/contract/calls.ts'
import type { OpenedFile } from '#shared/contract/shell.ts'
import { LabFile } from '../workspace/lab-file.ts'
import type { Desktop } from './desktop.ts'
import { chooseCaptures, chooseLab, chooseLabToWrite, confirmStop } from './dialogs.ts'
import type { KeptState } from './kept-state.ts'
import { labTextFor } from '../workspace/lab-copy.ts'
import { kindOf } from './open-with.ts'
import { offerFile } from './opened-files.ts'
import { withFile, withoutFile } from './recent.ts'

export interface FileActions {
  newLab(): void
  openLab(): void
  openCapture(): void
  saveLabAs(): void
  open(file: OpenedFile): void
  /** A file by its path only; what kind it is follows from its name. */
  openPath(path: string): void
  clearRecent(): void
}

const withEnding = (path: string): string => (extname(path) === '' ? `${path}.yaml` : path)

export function createFileActions(desktop: Desktop, kept: KeptState): FileActions {
  const { client } = desktop.backEnd
  /** Every action may fail, and a failure is told on the page. */
  const attempt = (work: () => Promise<void>): void => {
    work().catch((error: unknown) => {
      desktop.tellPage({
        type: 'complaint',
        message: failureTold(error),
        remedy: error instanceof CallFailure ? error.told.remedy : say('desktop.check-path'),
      })
    })
  }
  const remember = (file: OpenedFile): void => {
    kept.change({ recent: withFile(kept.value.recent, file) })
    app.addRecentDocument(file.path)
  }
  // However a lab was opened, or first written: from then on it is one that was open.
  let remembered = ''
  const rememberLab = ({ path, exists }: Pick<LabState, 'path' | 'exists'>): void => {
    if (!exists || path === remembered) return
    remembered = path
    remember({ kind: 'lab', path })
  }
  client.on('lab', rememberLab)
  // A back end that ended before it answered is followed by another.
  desktop.onBackEnd(() => void client.call('lab.read', {}).then(rememberLab, () => {}))

  async function openLabFile(path: string): Promise<void> {
    const { state } = await client.call('status.read', {})
    if (['responding', 'listening', 'starting', 'silent'].includes(state)) {
      desktop.show()
      if (!(await confirmStop(desktop.window(), basename(path)))) return
      await client.call('responder.stop', {})
    }
    await client.call('lab.open', { path })
    desktop.tellPage({ type: 'go', hash: '#/lab' })
  }

  async function openFile({ kind, path }: OpenedFile): Promise<void> {
    if (kind === 'lab') return openLabFile(path)
    remember({ kind, path })
    desktop.tellPage({ type: 'open-capture', ...offerFile(path) })
  }

  return {
    newLab: () =>
      attempt(async () => {
        const { path } = await client.call('lab.read', {})
        const chosen = await chooseLabToWrite(
          desktop.window(),
          t('desktop.new-lab-title'),
          join(dirname(path), 'new-lab.yaml'),
        )
        if (chosen === undefined) return
        const target = withEnding(chosen)
        // A lab is not thrown away for a new one: somebody has written it.
        if (existsSync(target))
          throw new CallFailure(
            say('desktop.already-exists', { file: basename(target) }),
            say('desktop.choose-another-name'),
          )
        await openLabFile(target)
      }),
    openLab: () =>
      attempt(async () => {
        const { path } = await client.call('lab.read', {})
        const chosen = await chooseLab(desktop.window(), dirname(path))
        if (chosen !== undefined) await openLabFile(chosen)
      }),
    openCapture: () =>
      attempt(async () => {
        for (const path of await chooseCaptures(desktop.window())) await openFile({ kind: 'capture', path })
      }),
    saveLabAs: () =>
      attempt(async () => {
        const { path, text, lab, exists } = await client.call('lab.read', {})
        if (!exists) throw new CallFailure(say('desktop.no-lab-to-save'), say('desktop.set-up-first'))
        const proposed = join(dirname(path), `${basename(path, extname(path))}-copy${extname(path)}`)
        const chosen = await chooseLabToWrite(desktop.window(), t('shell.save-lab-as'), proposed)
        if (chosen === undefined) return
        const target = withEnding(chosen)
        if (target === path) return
        await new LabFile(target).write(labTextFor(text, lab, path, target), path)
        await openLabFile(target)
      }),
    open: (file) =>
      attempt(async () => {
        if (!existsSync(file.path)) {
          kept.change({ recent: withoutFile(kept.value.recent, file.path) })
          throw new CallFailure(say('desktop.does-not-exist', { file: file.path }), say('desktop.choose-another-file'))
        }
        await openFile(file)
      }),
    openPath: (path) =>
      attempt(async () => {
        const kind = kindOf(path)
        if (!kind)
          throw new CallFailure(
            say('desktop.neither-capture-nor-lab', { file: basename(path) }),
            say('desktop.open-such-file'),
          )
        await openFile({ kind, path })
      }),
    clearRecent: () => {
      kept.change({ recent: [] })
      app.clearRecentDocuments()
    },
  }
}
