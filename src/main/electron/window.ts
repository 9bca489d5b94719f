/** The one window: sandboxed, with the pages of app://lab, and a port to the back end. */
import { join } from 'node:path'
import { BrowserWindow } from 'electron'
import { homeUrl } from './pages.ts'

export function openWindow(): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 1024,
    minHeight: 640,
    show: false,
    title: 'PXE Lab',
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => window.show())
  void window.loadURL(homeUrl)
  return window
}
