/** What the parts of the desktop application (menu, dialogs, tray, notifications) may ask of it. */
import type { BrowserWindow } from 'electron'
import type { ShellMessage } from '#shared/contract/shell.ts'
import type { BackEnd } from './back-end.ts'

export interface Desktop {
  /** The contract with the back end, for whoever needs its state or wants it to do something. */
  readonly backEnd: BackEnd
  /** The window, opened anew where it was closed. */
  window(): BrowserWindow
  /** Opens the lab file of that absolute path; refused with the back end's reason while a responder runs. */
  openLab(path: string): Promise<void>
  /** Shows the capture file of that absolute path in the page Flows. */
  openCapture(path: string): void
  /** Says something to the page, at once or when it has loaded. */
  tellPage(message: ShellMessage): void
}
