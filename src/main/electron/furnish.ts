/** Everything around the window and the back end: menu, dialogs, tray, notifications, and what the page asks for. */
import { app, net, shell } from 'electron'
import { speakBest } from '#messages/speak.ts'
import { say, type Phrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { warnOfWords } from '../language.ts'
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
  readonly unacceleratedBecause: Phrase
}

/** As somebody chose in the window, else as the system. To be awaited before anything that says something is shown. */
export const speakAs = (kept: KeptState): Promise<unknown> =>
  speakBest(app.getPreferredSystemLanguages(), kept.value.language ?? process.env['PXE_LAB_LANGUAGE'], warnOfWords)

function describeUpdate(update: UpdateState): Phrase {
  switch (update.state) {
    case 'off':
      return ''
    case 'asking':
      return say('desktop.checking')
    case 'newest':
      return say('desktop.up-to-date', { version })
    case 'newer':
      return say('desktop.newer', { newer: update.version, version })
    case 'failed':
      return say('desktop.failed-because', { reason: update.reason })
  }
}

export function furnish({ desktop, kept, logs, unacceleratedBecause }: Furniture): FileActions {
  const files = createFileActions(desktop, kept)
  const retellSigns = showSigns({ desktop, files, kept, logs, openDocumentation: () => openLink(homepage) })
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
    if (notice.message !== '') logs.write(`${inEnglish(notice.message)}. ${inEnglish(notice.remedy)}`.trim())
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
        case 'speak':
          if (request.language === kept.value.language) return undefined
          kept.change({ language: request.language })
          return void speakAs(kept).then(retellSigns)
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
        message: say('desktop.graphics-crashed'),
        remedy: say('desktop.graphics-crashed-remedy'),
      })
  })
  return files
}
