/** What the test that starts the double tells it, in the environment. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

export interface DoubleOptions {
  /** The folder that stands for the home of the person: documents, settings and logs lie below it. */
  readonly home: string
  readonly chromium: string
  readonly flags: readonly string[]
  readonly isPackaged: boolean
}

const given = process.env['PXE_LAB_ELECTRON_DOUBLE']
if (given === undefined) throw new Error('PXE_LAB_ELECTRON_DOUBLE must hold the options of the double as JSON')
export const options = JSON.parse(given) as DoubleOptions

/** A folder below the home, made where it is missing. */
export function folderIn(name: string): string {
  const folder = join(options.home, name)
  mkdirSync(folder, { recursive: true })
  return folder
}
