/** The bridge: hands the window the port to the back end, and nothing else. */
import { ipcRenderer } from 'electron'

ipcRenderer.on('back-end', (event) => {
  window.postMessage('pxe-lab:back-end', window.location.origin, [...event.ports])
})
