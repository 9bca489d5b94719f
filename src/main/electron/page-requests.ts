/** What the page asks of the shell: heard only from our own page, and only what the contract knows. */
import { ipcMain, type BrowserWindow } from 'electron'
import { shellRequestSchema, type ShellRequest } from '#shared/contract/shell.ts'
import { isOwnPage } from './pages.ts'

export function onPageRequest(window: () => BrowserWindow | undefined, hear: (request: ShellRequest) => void): void {
  ipcMain.on('ask', (event, message: unknown) => {
    const frame = event.senderFrame
    // A frame inside the page has a parent; one that is gone already is null.
    if (event.sender !== window()?.webContents || frame?.parent !== null || !isOwnPage(frame.url)) return
    const read = shellRequestSchema.safeParse(message)
    if (read.success) hear(read.data)
  })
}
