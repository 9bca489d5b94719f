/** What the desktop shows of a lab beside its window: menu, tray or dock, notifications. All of it follows the back end's pushes. */
import { app, Notification, shell } from 'electron'
import type { LabState, Status } from '#shared/contract/calls.ts'
import { basename } from 'node:path'
import type { Desktop } from './desktop.ts'
import type { FileActions } from './file-actions.ts'
import type { KeptState } from './kept-state.ts'
import type { Logs } from './logs.ts'
import { MenuBar } from './menu-bar.ts'
import { ApprovalNotices, FailureNotices, type Notice } from './notices.ts'
import { TraySign } from './tray.ts'
import { windowIcon } from './icons.ts'

export interface DesktopParts {
  readonly desktop: Desktop
  readonly files: FileActions
  readonly kept: KeptState
  readonly logs: Logs
  readonly openDocumentation: () => void
}

/** Shows the signs, and keeps them true until the application ends; returns how to show them anew, in another language. */
export function showSigns({ desktop, files, kept, logs, openDocumentation }: DesktopParts): () => void {
  const { client } = desktop.backEnd
  let status: Status | undefined
  let lab: LabState | undefined

  const stop = (): void => {
    void client.call('responder.stop', {}).catch((error: unknown) => logs.write(`Stop failed: ${String(error)}`))
  }
  const start = (): void => {
    desktop.tellPage({ type: 'go', hash: '#/lab' })
    // What keeps it from starting stands on the page that was just opened.
    void client.call('responder.start', {}).catch((error: unknown) => logs.write(`Start failed: ${String(error)}`))
  }
  const menu = new MenuBar({
    ...files,
    openRecent: (file) => files.open(file),
    start,
    stop,
    go: (page) => desktop.tellPage({ type: 'go', hash: `#/${page}` }),
    show: (sheet) => desktop.tellPage({ type: 'show', sheet }),
    openDocumentation,
    openLogFolder: () => void shell.openPath(logs.folder),
  })
  const tray = new TraySign({ show: () => desktop.show(), stop, quit: () => app.quit() })
  const notify = ({ title, body }: Notice, hash: string): void => {
    if (!Notification.isSupported()) return
    const notification = new Notification({ title, body, icon: windowIcon })
    notification.on('click', () => {
      desktop.show()
      desktop.tellPage({ type: 'go', hash })
    })
    notification.show()
  }
  const notices = new FailureNotices((notice) =>
    notify(notice, notice.mac === undefined ? '#/clients' : `#/clients/${encodeURIComponent(notice.mac)}`),
  )
  const approvalNotices = new ApprovalNotices((notice) => notify(notice, '#/clients/approvals'))
  const lookForApprovals = (): void =>
    void client.call('approvals.list', {}).then(
      (all) => approvalNotices.hear(all, kept.value.preferences.notifiesApprovals && !desktop.isInFront()),
      // The back end has ended; the next one tells what waits.
      () => {},
    )

  const update = (): void => {
    const isRunning = status?.state === 'responding' || status?.state === 'listening'
    menu.update({
      hasLab: lab?.exists ?? false,
      canStart: lab?.lab != null && (status?.state === 'stopped' || status?.state === 'problem'),
      canStop: isRunning || status?.state === 'starting' || status?.state === 'silent',
      recent: kept.value.recent,
    })
    tray.update(status, lab ? basename(lab.path) : '')
  }
  client.on('status', (pushed) => {
    status = pushed
    update()
  })
  client.on('lab', (pushed) => {
    lab = pushed
    if (process.platform === 'darwin') desktop.window().setRepresentedFilename(lab.exists ? lab.path : '')
    update()
  })
  client.on('clients', (changed) => {
    notices.hear(changed, kept.value.preferences.notifiesFailures && !desktop.isInFront())
  })
  client.on('log', (lines) => {
    if (lines.some(({ type }) => type === 'wds-pending' || type === 'request-decided')) lookForApprovals()
  })
  app.on('browser-window-focus', () => {
    notices.forget()
    approvalNotices.forget()
  })
  kept.onChange(update)
  desktop.onBackEnd(() => {
    Promise.all([client.call('status.read', {}), client.call('lab.read', {})]).then(
      ([nowStatus, nowLab]) => {
        status = nowStatus
        lab = nowLab
        update()
      },
      // It ended before it answered; the next one is asked again.
      () => {},
    )
  })
  update()
  return update
}
