/** The log of the back end's process: what its event list tells, and how it ended where it did not end by itself. */
import type { LogLine } from '#shared/contract/calls.ts'
import type { Backend } from '../backend/backend.ts'
import { RotatingLog } from '../workspace/rotating-log.ts'

/** By this the shell tells the processes it starts where logs go. */
export const logFolderVariable = 'PXE_LAB_LOG_FOLDER'

const textOf = ({ level, mac, text }: LogLine): string =>
  `${level === 'good' ? 'info' : level}: ${mac === null || text.includes(mac) ? '' : `${mac}: `}${text}`

export function keepBackEndLog(backend: Backend): void {
  const folder = process.env[logFolderVariable]
  if (folder === undefined) return
  const log = new RotatingLog({ folder, name: 'back-end' })
  log.write([`The back end starts as process ${process.pid}`])
  process.on('uncaughtExceptionMonitor', (error) =>
    log.write([`Uncaught in the back end: ${error.stack ?? String(error)}`]),
  )
  process.on('exit', (code) => log.write([`The back end ends with code ${code}`]))
  backend.connect((message) => {
    const { push, value } = message as { push?: string; value?: unknown }
    if (push === 'log') log.write((value as readonly LogLine[]).map(textOf))
  })
}
