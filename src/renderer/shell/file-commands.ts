/**
 * Opening and saving files. The desktop shell shows the system's dialogs and knows paths; a browser has its own file
 * chooser and knows only contents, so there a lab is read into the file that the server works with.
 */
import { notifications } from '@mantine/notifications'
import { t } from '#messages/text.ts'
import { CallFailure } from '#shared/contract/channel.ts'
import { call } from '../connection.ts'
import { writeLab } from '../files/change-lab.ts'
import { openFile } from '../flows/sources.ts'
import { show as showStep } from '../simulator/place.ts'
import { stepFileEnding, stepOfFile, takeShared } from '../simulator/shared-step.ts'
import { download } from '../parts/download.ts'
import { shellBridge } from '../shell-bridge.ts'
import { attempt, useStore } from '../store.ts'

export const captureEndings = ['.pcap', '.pcapng', '.cap', '.gz', '.zst', '.lz4', '.snoop', '.erf', '.txt']
const labEndings = ['.yaml', '.yml', '.json', '.pxelab']
const largestLabBytes = 1_000_000

const endsWith = (name: string, endings: readonly string[]): boolean =>
  endings.some((ending) => name.toLowerCase().endsWith(ending))

/** The browser's file chooser; it yields nothing where it was cancelled. */
function choose(endings: readonly string[]): Promise<File | undefined> {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = endings.join(',')
  const chosen = new Promise<File | undefined>((resolve) => {
    input.addEventListener('change', () => resolve(input.files?.[0]))
    input.addEventListener('cancel', () => resolve(undefined))
  })
  input.click()
  return chosen
}

const baseName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path

/** Puts the text of a chosen file in the place of the server's lab, which can be undone. */
const replaceLab = (file: File): Promise<unknown> =>
  attempt(t('shell.open-lab'), async () => {
    if (file.size > largestLabBytes)
      throw new CallFailure(t('shell.lab-too-large', { file: file.name }), t('shell.lab-too-large-remedy'))
    const text = await file.text()
    const { lab } = useStore.getState()
    const replaced = t('shell.lab-replaced', { before: baseName(lab?.path ?? ''), file: file.name })
    const { needsRestart } = await writeLab(replaced, text)
    if (needsRestart) notifications.show({ message: t('shell.restart-needed') })
    else if (!lab?.exists) notifications.show({ message: t('shell.lab-in-place', { file: file.name }) })
  })

export const hasShell = shellBridge !== undefined

export function openLab(): void {
  if (shellBridge) shellBridge.ask({ type: 'open-lab' })
  else void choose(labEndings).then((file) => file && replaceLab(file))
}

export function openCapture(): void {
  if (shellBridge) shellBridge.ask({ type: 'open-capture' })
  else void choose(captureEndings).then((file) => file && openFile(file))
}

export function saveLabAs(): void {
  if (shellBridge) shellBridge.ask({ type: 'save-lab-as' })
  else
    void attempt(t('shell.save-lab-as'), async () => {
      // The page may not have heard of the newest change yet.
      const lab = await call('lab.read', {})
      if (lab.exists) download(baseName(lab.path), lab.text, 'text/yaml')
    })
}

/** Opens a step of the simulator that somebody sent. */
export const openStep = (file: File): Promise<unknown> =>
  attempt(t('share.open'), async () => showStep(takeShared(stepOfFile(await file.text()))))

/** A file that was dropped on the page and that no part of it took. */
export function takeDropped(file: File): void {
  if (endsWith(file.name, [stepFileEnding])) return void openStep(file)
  if (endsWith(file.name, labEndings)) {
    if (shellBridge) shellBridge.openDropped(file)
    else void replaceLab(file)
  } else openFile(file)
}
