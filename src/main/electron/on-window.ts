import { app, BrowserWindow } from 'electron'

/** Calls this for every window, those that are open already included. */
export function onWindow(hear: (window: BrowserWindow) => void): void {
  BrowserWindow.getAllWindows().forEach(hear)
  app.on('browser-window-created', (_event, window) => hear(window))
}
