/** A page whose process ended is loaded again, and one that hangs can be; the back end has gone on meanwhile. */
import { app, dialog, type BrowserWindow } from 'electron'
import { say, type Message } from '#messages/message.ts'
import { t } from '#messages/text.ts'
import type { Desktop } from './desktop.ts'
import { onWindow } from './on-window.ts'

/** So many crashes within the time are loaded again without asking. */
const mostReloads = 3
const withinMs = 60_000

export const reloadAfterCrash = (desktop: Desktop): void => onWindow((window) => watch(window, desktop))

function watch(window: BrowserWindow, desktop: Desktop): void {
  const contents = window.webContents
  let crashes: number[] = []
  let asking: AbortController | undefined

  const tellOnceLoaded = (message: Message): void => {
    contents.once('did-finish-load', () =>
      desktop.tellPage({ type: 'complaint', message, remedy: say('desktop.not-interrupted') }),
    )
  }

  async function offerReload(): Promise<void> {
    const { response } = await dialog.showMessageBox(window, {
      type: 'error',
      buttons: [t('desktop.load-again'), t('desktop.quit')],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
      message: t('desktop.page-crashed-repeatedly'),
      detail: t('desktop.page-crashed-detail'),
    })
    if (response === 1) return app.quit()
    crashes = []
    contents.reload()
  }

  contents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return
    asking?.abort()
    const now = performance.now()
    crashes = [...crashes.filter((time) => now - time < withinMs), now]
    if (crashes.length > mostReloads) return void offerReload()
    tellOnceLoaded(say('desktop.page-crashed'))
    contents.reload()
  })

  window.on('unresponsive', () => {
    if (asking) return
    const controller = new AbortController()
    asking = controller
    void dialog
      .showMessageBox(window, {
        type: 'warning',
        buttons: [t('desktop.wait'), t('desktop.load-again')],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
        signal: controller.signal,
        message: t('desktop.page-silent'),
        detail: t('desktop.page-silent-detail'),
      })
      .then(({ response }) => {
        asking = undefined
        if (response !== 1 || controller.signal.aborted) return
        // A process that hangs does not hear of a reload; one that is gone is loaded again by the handler above.
        contents.forcefullyCrashRenderer()
      })
  })
  window.on('responsive', () => {
    asking?.abort()
    asking = undefined
  })
}
