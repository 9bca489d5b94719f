/**
 * What no page may do, whatever it holds: leave, open windows (but for one, empty, for notes), attach views, ask for permissions. The items are those of
 * Electron's security check list; SECURITY.md says where each is held.
 */
import { app, session, type BrowserWindowConstructorOptions } from 'electron'
import { notesWindowName } from '#shared/contract/shell.ts'
import { openLink } from './external-links.ts'
import { windowIcon } from './icons.ts'
import { isOwnPage } from './pages.ts'

/** What our own pages may have of what Chromium asks about: writing text to the clipboard, after a click. */
const allowedPermissions: readonly string[] = ['clipboard-sanitized-write']

const notesWindow = {
  title: 'PXE Lab',
  icon: windowIcon,
  autoHideMenuBar: true,
} as const satisfies BrowserWindowConstructorOptions

export function lockDown(): void {
  app.on('web-contents-created', (_event, contents) => {
    // The shell loads the pages by itself, which asks none of these.
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-frame-navigate', (event) => event.preventDefault())
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url, frameName }) => {
      // Without an address it holds what our own page writes into it. It has the page's preferences, which Electron copies for such a
      // window (docs/api/window-open.md), and the shell hears nobody there: page-requests.ts.
      if (frameName === notesWindowName && (url === '' || url === 'about:blank') && isOwnPage(contents.getURL()))
        return { action: 'allow', overrideBrowserWindowOptions: notesWindow }
      openLink(url)
      return { action: 'deny' }
    })
    // What was opened beside a page ends with it.
    contents.on('did-create-window', (beside) => {
      const close = (): void => void (beside.isDestroyed() || beside.destroy())
      contents.once('destroyed', close)
      contents.once('render-process-gone', close)
    })
  })
  session.defaultSession.setPermissionRequestHandler((_contents, permission, decide, { requestingUrl, isMainFrame }) =>
    decide(isMainFrame && isOwnPage(requestingUrl) && allowedPermissions.includes(permission)),
  )
  session.defaultSession.setPermissionCheckHandler(
    (_contents, permission, origin) => isOwnPage(origin) && allowedPermissions.includes(permission),
  )
  session.defaultSession.setDevicePermissionHandler(() => false)
}
