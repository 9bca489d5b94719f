/** The one window: sandboxed, with the pages of app://lab, where it was the last time. */
import { join } from 'node:path'
import { BrowserWindow, screen } from 'electron'
import { windowIcon } from './icons.ts'
import type { KeptState } from './kept-state.ts'
import { homeUrl } from './pages.ts'
import { placeWindow, smallest } from './window-state.ts'

/** A window that is dragged tells of it many times a second. */
const settledMs = 400

function keepPlace(window: BrowserWindow, kept: KeptState): void {
  let timer: NodeJS.Timeout | undefined
  const keep = (): void => {
    clearTimeout(timer)
    if (window.isDestroyed() || window.isMinimized() || window.isFullScreen()) return
    kept.change({ window: { ...window.getNormalBounds(), isMaximized: window.isMaximized() } })
  }
  const soon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(keep, settledMs)
  }
  window.on('resize', soon)
  window.on('move', soon)
  window.on('maximize', soon)
  window.on('unmaximize', soon)
  window.on('close', keep)
  window.on('closed', () => clearTimeout(timer))
}

export function openWindow(kept: KeptState): BrowserWindow {
  const screens = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map(({ workArea }) => workArea)
  const { isMaximized, ...bounds } = placeWindow(kept.value.window, screens)
  const window = new BrowserWindow({
    ...bounds,
    // A screen smaller than this still shows the whole window.
    minWidth: Math.min(smallest.width, bounds.width),
    minHeight: Math.min(smallest.height, bounds.height),
    show: false,
    title: 'PXE Lab',
    icon: windowIcon,
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => {
    if (isMaximized) window.maximize()
    window.show()
  })
  keepPlace(window, kept)
  void window.loadURL(homeUrl)
  return window
}
