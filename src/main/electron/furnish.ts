/** Everything around the window and the back end: menu, dialogs, tray, notifications, and what the page asks for. */
import { app, net, shell } from 'electron'
import { showSigns } from './desktop-signs.ts'
import type { Desktop } from './desktop.ts'
import { askForUpdate, UpdateCheck, type UpdateState } from '../updates/update-check.ts'
import { homepage, version } from '../version.ts'
import { openLink, releasesUrl } from './external-links.ts'
import { createFileActions, type FileActions } from './file-actions.ts'
import { afterCrash } from './graphics.ts'
import type { KeptState } from './kept-state.ts'
import type { Logs } from './logs.ts'
import { onPageRequest } from './page-requests.ts'
import { versions } from './versions.ts'

export interface Furniture {
  readonly desktop: Desktop
  readonly kept: KeptState
  readonly logs: Logs
  /** Empty where this run draws with the graphics processor. */
  readonly unacceleratedBecause: string
}

function describeUpdate(update: UpdateState): string {
  switch (update.state) {
    case 'off':
      return ''
    case 'asking':
      return 'Checking ...'
    case 'newest':
      return `Version ${version} is up to date.`
    case 'newer':
      return `Version ${update.version} is available. This is version ${version}.`
    case 'failed':
      return `${update.reason}.`
  }
}

export function furnish({ desktop, kept, logs, unacceleratedBecause }: Furniture): FileActions {
  const files = createFileActions(desktop, kept)
  showSigns({ desktop, files, kept, logs, openDocumentation: () => openLink(homepage) })
  const updates = new UpdateCheck(
    () => askForUpdate(releasesUrl, version, (url, options) => net.fetch(url, options)),
    () => tellState(),
  )
  const tellState = (): void =>
    desktop.tellPage({
      type: 'state',
      state: {
        preferences: kept.value.preferences,
        unacceleratedBecause,
        versions: versions(),
        logFolder: logs.folder,
        recent: kept.value.recent,
        update: {
          host: URL.canParse(releasesUrl) ? new URL(releasesUrl).host : releasesUrl,
          message: describeUpdate(updates.state),
          isNewer: updates.state.state === 'newer',
        },
      },
    })
  desktop.onPage(tellState)
  updates.turn(kept.value.preferences.looksForUpdates)
  kept.onChange(() => {
    updates.turn(kept.value.preferences.looksForUpdates)
    tellState()
  })
  const tellBackEnd = (): void => desktop.tellPage({ type: 'back-end', ...desktop.backEnd.notice })
  desktop.onPage(tellBackEnd)
  desktop.backEnd.onNotice((notice) => {
    if (notice.message !== '') logs.write(`${notice.message}. ${notice.remedy}`.trim())
    tellBackEnd()
  })
  onPageRequest(
    () => desktop.window(),
    (request) => {
      switch (request.type) {
        case 'new-lab':
          return files.newLab()
        case 'open-lab':
          return files.openLab()
        case 'open-capture':
          return files.openCapture()
        case 'save-lab-as':
          return files.saveLabAs()
        case 'open-file':
          return files.openPath(request.path)
        case 'open-log-folder':
          return void shell.openPath(logs.folder)
        case 'open-release':
          return updates.state.state === 'newer' ? openLink(updates.state.url) : undefined
        case 'start-back-end':
          return desktop.backEnd.start()
        case 'change-preferences':
          return kept.change({ preferences: request.preferences })
      }
    },
  )
  app.on('child-process-gone', (_event, { type, reason }) => {
    if (type !== 'GPU' || reason === 'clean-exit' || reason === 'killed') return
    const wasOn = kept.value.preferences.hardwareAcceleration
    kept.change(afterCrash(kept.value))
    if (wasOn && !kept.value.preferences.hardwareAcceleration)
      desktop.tellPage({
        type: 'complaint',
        message: 'The graphics process crashed repeatedly, so hardware acceleration is off from the next start',
        remedy: 'Restart PXE Lab. After a driver update you can turn it on again in Settings.',
      })
  })
  return files
}
