/** The desktop shell around this page, where there is one. */
import { shellEnvelopeSchema, type ShellBridge, type ShellMessage } from '#shared/contract/shell.ts'

/** What the preload script left; absent in a browser. */
export const shellBridge = (globalThis as { pxeLabShell?: ShellBridge }).pxeLabShell

export function onShellMessage(hear: (message: ShellMessage) => void): void {
  if (!shellBridge) return
  window.addEventListener('message', (event) => {
    if (event.source !== window) return
    const read = shellEnvelopeSchema.safeParse(event.data)
    if (read.success) hear(read.data.pxeLabShell)
  })
}
