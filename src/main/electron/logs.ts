/** Where logs and crash dumps lie, and the log of the shell itself. Nothing is sent anywhere. */
import { join } from 'node:path'
import { app, crashReporter } from 'electron'
import { RotatingLog } from '../workspace/rotating-log.ts'
import { version } from '../version.ts'
import { logFolderVariable } from './back-end-log.ts'
import { versions } from './versions.ts'

export interface Logs {
  readonly folder: string
  /** Appends to the log of the shell. */
  write(line: string): void
}

/** Must be called before the application is ready: only then do crashes of its first moments leave a dump. */
export function startLogs(): Logs {
  app.setAppLogsPath()
  const folder = app.getPath('logs')
  // Inherited by the back end's process.
  process.env[logFolderVariable] = folder
  app.setPath('crashDumps', join(folder, 'crash-dumps'))
  crashReporter.start({ uploadToServer: false })
  const log = new RotatingLog({ folder, name: 'pxe-lab' })
  const write = (line: string): void => log.write([line])
  write(`PXE Lab ${version} starts: ${versions().map((one) => `${one.name} ${one.version}`).join(', ')}`) // prettier-ignore
  process.on('uncaughtExceptionMonitor', (error) => write(`Uncaught in the shell: ${error.stack ?? String(error)}`))
  app.on('render-process-gone', (_event, _contents, { reason, exitCode }) =>
    write(`The page's process ended: ${reason}, exit code ${exitCode}`),
  )
  app.on('child-process-gone', (_event, { type, name, reason, exitCode }) =>
    write(`A ${name ?? type} process ended: ${reason}, exit code ${exitCode}`),
  )
  app.on('quit', (_event, code) => write(`PXE Lab ends with code ${code}`))
  return { folder, write }
}
