/** The system's dialogs, each over the window and each with what it is for. */
import { dialog, type BrowserWindow } from 'electron'
import { t } from '#messages/text.ts'

const labFiles = () => ({ name: t('desktop.lab-files'), extensions: ['yaml', 'yml', 'json', 'pxelab'] })
const captureFiles = () => ({
  name: t('desktop.captures'),
  extensions: ['pcap', 'pcapng', 'cap', 'gz', 'zst', 'lz4', 'snoop', 'erf', 'txt'],
})
const allFiles = () => ({ name: t('desktop.all-files'), extensions: ['*'] })

/** Each of these yields undefined where it was cancelled. */
export async function chooseLab(window: BrowserWindow, folder: string): Promise<string | undefined> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: t('shell.open-lab'),
    defaultPath: folder,
    properties: ['openFile'],
    filters: [labFiles(), allFiles()],
  })
  return filePaths[0]
}

export async function chooseCaptures(window: BrowserWindow): Promise<readonly string[]> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: t('desktop.open-capture-title'),
    properties: ['openFile', 'multiSelections'],
    filters: [captureFiles(), allFiles()],
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
    filters: [labFiles()],
    properties: ['showOverwriteConfirmation', 'createDirectory'],
  })
  return canceled || filePath === '' ? undefined : filePath
}

/** Whether the responder may be stopped for another lab. */
export async function confirmStop(window: BrowserWindow, file: string): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: t('desktop.stop-and-open-question', { file }),
    detail: t('desktop.stop-and-open-detail'),
    buttons: [t('desktop.stop-and-open'), t('common.cancel')],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  })
  return response === 0
}
