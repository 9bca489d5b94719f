/** The desktop shell: one window, one back-end process, a message port between them. Everything else is behind the contract. */
import { join } from 'node:path'
import { app } from 'electron'
import { inEnglish } from '#messages/text.ts'
import type { OpenedFile } from '#shared/contract/shell.ts'
import { answersRemedy, tellOwnProgram } from './answer-remedy.ts'
import { namedFiles, usualLab } from './command-line.ts'
import { startDesktop } from './desktop.ts'
import { furnish, speakAs } from './furnish.ts'
import { chooseGraphics } from './graphics.ts'
import { KeptState } from './kept-state.ts'
import { lockDown } from './lock-down.ts'
import { startLogs } from './logs.ts'
import { reloadAfterCrash } from './page-crash.ts'
import { registerPageScheme, servePages } from './pages.ts'
import { guardQuit } from './quit.ts'
import { onStop } from '../stop.ts'

function start(): void {
  // Windows shows notifications under the name that the installer gave this id.
  if (process.platform === 'win32') app.setAppUserModelId('org.pxelab.desktop')
  const logs = startLogs()
  const kept = new KeptState(join(app.getPath('userData'), 'desktop.json'), logs.write)
  const graphics = chooseGraphics(kept.value, app.commandLine.hasSwitch('disable-gpu'))
  if (!graphics.isAccelerated) {
    app.disableHardwareAcceleration()
    logs.write(`Hardware acceleration is off: ${inEnglish(graphics.reason)}`)
  }
  /** macOS names the files to open by events, the first of them before it is ready. */
  const early: OpenedFile[] = []
  let open = (file: OpenedFile): void => void early.push(file)
  app.on('open-file', (event, path) => {
    event.preventDefault()
    for (const file of namedFiles(['', '', path], '/')) open(file)
  })
  void app.whenReady().then(async () => {
    // A window in English is better than none.
    await speakAs(kept).catch((error: unknown) => logs.write(`No catalogue of the language: ${String(error)}`))
    lockDown()
    servePages()
    const named = [...namedFiles(process.argv, process.cwd()), ...early]
    // The lab that is named first is the one to begin with; nothing has to be stopped for it.
    const firstLab = named.find(({ kind }) => kind === 'lab')
    const desktop = startDesktop(firstLab?.path ?? usualLab(), kept)
    const files = furnish({ desktop, kept, logs, unacceleratedBecause: graphics.reason })
    open = (file) => {
      desktop.show()
      files.open(file)
    }
    for (const file of named) if (file !== firstLab) files.open(file)
    app.on('second-instance', (_event, argv, folder) => {
      desktop.show()
      for (const file of namedFiles(argv, folder)) open(file)
    })
    app.on('activate', () => desktop.show())
    app.on('window-all-closed', () => app.quit())
    const quitNow = guardQuit(desktop, logs.write)
    onStop(quitNow)
    reloadAfterCrash(desktop)
    app.on('quit', () => kept.value.graphicsCrashes > 0 && kept.change({ graphicsCrashes: 0 }))
    if (process.env['PXE_LAB_SMOKE_TEST'] !== undefined)
      desktop.window().webContents.once('did-finish-load', () => {
        process.stdout.write('window loaded\n')
        setTimeout(() => app.quit(), 1000)
      })
  })
}

if (!answersRemedy()) {
  registerPageScheme()
  tellOwnProgram()
  if (app.requestSingleInstanceLock()) start()
  else app.quit()
}
