/** The window and the back end together, as the parts of the desktop application (menu, dialogs, tray, notifications) use them. */
import type { BrowserWindow } from 'electron'
import type { ShellMessage } from '#shared/contract/shell.ts'
import { BackEnd } from './back-end.ts'
import type { KeptState } from './kept-state.ts'
import { openWindow } from './window.ts'

export interface Desktop {
  /** The contract with the back end, for whoever needs its state or wants it to do something. */
  readonly backEnd: BackEnd
  /** The window, opened anew where it was closed. */
  window(): BrowserWindow
  /** Brings the window to the front. */
  show(): void
  /** Whether a person has the window before them. */
  isInFront(): boolean
  /** Says something to the page, at once or when it has loaded. */
  tellPage(message: ShellMessage): void
  /** Calls this whenever a page has loaded, and at once where one is there. */
  onPage(hear: () => void): void
  /** Calls this whenever a back end was started, and at once where one runs. */
  onBackEnd(hear: () => void): void
}

export function startDesktop(labPath: string, kept: KeptState): Desktop {
  let window: BrowserWindow | undefined
  let isLoaded = false
  /** What was said to the page before it could hear. */
  let waiting: ShellMessage[] = []
  const onPage = new Set<() => void>()
  const onBackEnd = new Set<() => void>()

  const backEnd = new BackEnd(labPath, () => {
    if (window && isLoaded) backEnd.connect(window.webContents)
    for (const hear of onBackEnd) hear()
  })

  const desktop: Desktop = {
    backEnd,
    window() {
      if (window) return window
      const opened = openWindow(kept)
      window = opened
      opened.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
        if (isMainFrame && !isSameDocument) isLoaded = false
      })
      opened.webContents.on('did-finish-load', () => {
        isLoaded = true
        backEnd.connect(opened.webContents)
        for (const hear of onPage) hear()
        for (const message of waiting.splice(0)) opened.webContents.send('shell', message)
      })
      opened.on('closed', () => {
        window = undefined
        isLoaded = false
      })
      return opened
    },
    show() {
      const shown = desktop.window()
      if (shown.isMinimized()) shown.restore()
      shown.show()
      shown.focus()
    },
    isInFront: () => window?.isFocused() ?? false,
    tellPage(message) {
      if (window && isLoaded) window.webContents.send('shell', message)
      else waiting.push(message)
    },
    onPage(hear) {
      onPage.add(hear)
      if (isLoaded) hear()
    },
    onBackEnd(hear) {
      onBackEnd.add(hear)
      hear()
    },
  }
  backEnd.start()
  desktop.window()
  return desktop
}
