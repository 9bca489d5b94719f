/**
 * What no page may do, whatever it holds: leave, open windows, attach views, ask for permissions. The items are those of
 * Electron's security check list; SECURITY.md says where each is held.
 */
import { app, session } from 'electron'
import { openLink } from './external-links.ts'
import { isOwnPage } from './pages.ts'

/** What our own pages may have of what Chromium asks about: writing text to the clipboard, after a click. */
const allowedPermissions: readonly string[] = ['clipboard-sanitized-write']

export function lockDown(): void {
  app.on('web-contents-created', (_event, contents) => {
    // The shell loads the pages by itself, which asks none of these.
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-frame-navigate', (event) => event.preventDefault())
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      openLink(url)
      return { action: 'deny' }
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
