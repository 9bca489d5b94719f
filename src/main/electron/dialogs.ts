/** The system's dialogs, each over the window and each with what it is for. */
import { dialog, type BrowserWindow } from 'electron'

const labFiles = { name: 'Lab files', extensions: ['yaml', 'yml', 'json', 'pxelab'] }
const captureFiles = {
  name: 'Captures',
  extensions: ['pcap', 'pcapng', 'cap', 'gz', 'zst', 'lz4', 'snoop', 'erf', 'txt'],
}
const allFiles = { name: 'All files', extensions: ['*'] }

/** Each of these yields undefined where it was cancelled. */
export async function chooseLab(window: BrowserWindow, folder: string): Promise<string | undefined> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: 'Open lab',
    defaultPath: folder,
    properties: ['openFile'],
    filters: [labFiles, allFiles],
  })
  return filePaths[0]
}

export async function chooseCaptures(window: BrowserWindow): Promise<readonly string[]> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: 'Open capture',
    properties: ['openFile', 'multiSelections'],
    filters: [captureFiles, allFiles],
  })
  return filePaths
}

export async function chooseLabToWrite(
  window: BrowserWindow,
  title: string,
  proposed: string,
): Promise<string | undefined> {
  const { filePath, canceled } = await dialog.showSaveDialog(window, {
    title,
    defaultPath: proposed,
    filters: [labFiles],
    properties: ['showOverwriteConfirmation', 'createDirectory'],
  })
  return canceled || filePath === '' ? undefined : filePath
}

/** Whether the responder may be stopped for another lab. */
export async function confirmStop(window: BrowserWindow, file: string): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: `Stop the responder and open ${file}?`,
    detail: 'The responder is running with the current lab. Machines that are booting from it will fail.',
    buttons: ['Stop and open', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  })
  return response === 0
}
