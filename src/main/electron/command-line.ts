/** What a person named when they started the application, or dropped on its icon. */
import { join } from 'node:path'
import { app } from 'electron'
import type { OpenedFile } from '#shared/contract/shell.ts'
import { filesIn } from './open-with.ts'

/** The files that a command line names, as absolute paths. */
export const namedFiles = (argv: readonly string[], folder: string): OpenedFile[] =>
  filesIn(argv, folder, app.isPackaged)

/** The lab that opens where none is named. */
export const usualLab = (): string => join(app.getPath('documents'), 'PXE Lab', 'lab.yaml')
