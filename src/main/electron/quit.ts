/** How the application ends: asked about where something still runs, then in order, then by force. */
import { app, dialog } from 'electron'
import type { CaptureState, RivalInfo, Status } from '#shared/contract/calls.ts'
import type { Desktop } from './desktop.ts'
import { onWindow } from './on-window.ts'

/** What ends with the application, as a person would say it. */
export function runningNow(
  status: Status | undefined,
  capture: CaptureState | undefined,
  rival: RivalInfo | undefined,
): string[] {
  const all: string[] = []
  if (status?.state === 'responding') all.push('The responder answers machines')
  else if (status?.state === 'listening') all.push('The responder listens')
  else if (status?.state === 'starting') all.push('The responder is starting')
  if (capture && capture.interface !== null) all.push(`A capture runs on ${capture.interface}`)
  if (rival?.isRunning) all.push(`The second DHCP server of the demonstration runs on ${rival.interface}`)
  return all
}

/** Guards every window and the application; returns how to end it without asking, as the system or a parent wants it. */
export function guardQuit(desktop: Desktop, log: (line: string) => void): () => void {
  const { backEnd } = desktop
  let status: Status | undefined
  let capture: CaptureState | undefined
  let rival: RivalInfo | undefined
  backEnd.client.on('status', (pushed) => (status = pushed))
  backEnd.client.on('capture', (pushed) => (capture = pushed))
  backEnd.client.on('rival', (pushed) => (rival = pushed))
  // Whatever ran in a process that has ended runs no more.
  desktop.onBackEnd(() => {
    status = undefined
    capture = undefined
    rival = undefined
  })

  let state: 'open' | 'asking' | 'ending' | 'ended' = 'open'

  const end = async (): Promise<void> => {
    state = 'ending'
    const result = await backEnd.stop()
    if (result !== 'ended') log(`The back end did not end in time (${result})`)
    state = 'ended'
    app.quit()
  }

  const ask = async (running: readonly string[]): Promise<void> => {
    state = 'asking'
    desktop.show()
    const { response } = await dialog.showMessageBox(desktop.window(), {
      type: 'question',
      buttons: ['Stop and quit', 'Cancel'],
      defaultId: 1,
      cancelId: 1,
      noLink: true,
      message: 'Stop and quit PXE Lab?',
      detail: `${running.join('. ')}. Quitting ends it; machines that are booting get no further answer.`,
    })
    // A signal, or the end of the session, may have decided while the question was open.
    if (state !== 'asking') return
    if (response === 0) await end()
    else state = 'open'
  }

  const quit = (isAsked: boolean): void => {
    if (state === 'ending' || state === 'ended' || (state === 'asking' && isAsked)) return
    const running = runningNow(status, capture, rival)
    void (isAsked && running.length > 0 ? ask(running) : end())
  }

  app.on('before-quit', (event) => {
    if (state === 'ended') return
    event.preventDefault()
    quit(true)
  })

  onWindow((window) => {
    window.on('close', (event) => {
      if (state === 'ended') return
      event.preventDefault()
      quit(true)
    })
    // Windows ends the session of this person and waits for nobody.
    window.on('session-end', () => quit(false))
  })
  return () => quit(false)
}
