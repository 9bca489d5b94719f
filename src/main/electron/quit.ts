/** How the application ends: asked about where something still runs, then in order, then by force. */
import { app, dialog } from 'electron'
import { t } from '#messages/text.ts'
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
  if (status?.state === 'responding') all.push(t('desktop.running-responding'))
  else if (status?.state === 'listening') all.push(t('desktop.running-listening'))
  else if (status?.state === 'starting') all.push(t('desktop.running-starting'))
  if (capture && capture.interface !== null) all.push(t('desktop.running-capture', { interface: capture.interface }))
  if (rival?.isRunning) all.push(t('desktop.running-rival', { interface: rival.interface }))
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
      buttons: [t('desktop.stop-and-quit'), t('common.cancel')],
      defaultId: 1,
      cancelId: 1,
      noLink: true,
      message: t('desktop.stop-and-quit-question'),
      detail: [...running, t('desktop.quitting-ends')].join(' '),
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
