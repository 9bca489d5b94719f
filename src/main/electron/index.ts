/** The desktop shell: one window, one back-end process, a message port between them. Everything else is behind the contract. */
import { app, Menu, type BrowserWindow } from 'electron'
import type { ShellMessage } from '#shared/contract/shell.ts'
import { BackEnd } from './back-end.ts'
import { namedFiles, usualLab, type NamedFiles } from './command-line.ts'
import type { Desktop } from './desktop.ts'
import { lockDown } from './lock-down.ts'
import { offerFile } from './opened-files.ts'
import { registerPageScheme, servePages } from './pages.ts'
import { onStop } from '../stop.ts'
import { openWindow } from './window.ts'

registerPageScheme()

function startDesktop(named: NamedFiles): Desktop {
  let window: BrowserWindow | undefined
  let isLoaded = false
  /** What was said to the page before it could hear. */
  let waiting: ShellMessage[] = []

  const backEnd = new BackEnd(named.lab ?? usualLab(), () => {
    if (window && isLoaded) backEnd.connect(window.webContents)
  })

  const desktop: Desktop = {
    backEnd,
    window() {
      if (window) return window
      const opened = openWindow()
      window = opened
      opened.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
        if (isMainFrame && !isSameDocument) isLoaded = false
      })
      opened.webContents.on('did-finish-load', () => {
        isLoaded = true
        backEnd.connect(opened.webContents)
        for (const message of waiting.splice(0)) opened.webContents.send('shell', message)
      })
      opened.on('closed', () => {
        window = undefined
        isLoaded = false
      })
      return opened
    },
    tellPage(message) {
      if (window && isLoaded) window.webContents.send('shell', message)
      else waiting.push(message)
    },
    async openLab(path) {
      await backEnd.client.call('lab.open', { path })
    },
    openCapture(path) {
      desktop.tellPage({ type: 'open-capture', ...offerFile(path) })
    },
  }

  backEnd.start()
  desktop.window()
  if (named.capture !== undefined) desktop.openCapture(named.capture)
  return desktop
}

function showAgain(desktop: Desktop, named: NamedFiles): void {
  const window = desktop.window()
  if (window.isMinimized()) window.restore()
  window.focus()
  if (named.capture !== undefined) desktop.openCapture(named.capture)
  if (named.lab !== undefined)
    desktop.openLab(named.lab).catch((error: Error & { remedy?: string }) => {
      desktop.tellPage({ type: 'complaint', message: error.message, remedy: error.remedy ?? 'Open it again.' })
    })
}

if (!app.requestSingleInstanceLock()) app.quit()
else {
  void app.whenReady().then(() => {
    lockDown()
    servePages()
    Menu.setApplicationMenu(
      Menu.buildFromTemplate([
        ...(process.platform === 'darwin' ? [{ role: 'appMenu' as const }] : []),
        { role: 'fileMenu' },
        { role: 'editMenu' },
        { role: 'viewMenu' },
        { role: 'windowMenu' },
      ]),
    )
    const desktop = startDesktop(namedFiles(process.argv, process.cwd()))
    app.on('second-instance', (_event, argv, folder) => showAgain(desktop, namedFiles(argv, folder)))
    app.on('window-all-closed', () => app.quit())
    onStop(() => app.quit())
    app.on('before-quit', () => desktop.backEnd.stop())
    if (process.env['PXE_LAB_SMOKE_TEST'] !== undefined)
      desktop.window().webContents.once('did-finish-load', () => {
        process.stdout.write('window loaded\n')
        setTimeout(() => app.quit(), 1000)
      })
  })
}
