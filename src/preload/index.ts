/** The bridge: tells the page how it reaches the back end, hands it the port, carries what page and shell tell each other. */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { ShellBridge, ShellMessage, ShellRequest } from '#shared/contract/shell.ts'

const ask = (request: ShellRequest): void => ipcRenderer.send('ask', request)

const bridge: ShellBridge = {
  transport: 'message-port',
  ask,
  openDropped: (file) => ask({ type: 'open-file', path: webUtils.getPathForFile(file as File) }),
}
contextBridge.exposeInMainWorld('pxeLabShell', bridge)

ipcRenderer.on('back-end', (event) => {
  window.postMessage('pxe-lab:back-end', window.location.origin, [...event.ports])
})
ipcRenderer.on('shell', (_event, message: ShellMessage) => {
  window.postMessage({ pxeLabShell: message }, window.location.origin)
})
