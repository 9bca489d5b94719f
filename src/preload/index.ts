/** The bridge: tells the page how it reaches the back end, hands it the port, passes on what the shell says. */
import { contextBridge, ipcRenderer } from 'electron'
import type { ShellBridge, ShellMessage } from '#shared/contract/shell.ts'

const bridge: ShellBridge = { transport: 'message-port' }
contextBridge.exposeInMainWorld('pxeLabShell', bridge)

ipcRenderer.on('back-end', (event) => {
  window.postMessage('pxe-lab:back-end', window.location.origin, [...event.ports])
})
ipcRenderer.on('shell', (_event, message: ShellMessage) => {
  window.postMessage({ pxeLabShell: message }, window.location.origin)
})
