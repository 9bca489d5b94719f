/** What a person named when they started the application, or dropped on its icon. */
import { join, resolve } from 'node:path'
import { app } from 'electron'

/** The arguments after those that start the application itself: one when packed, two from a checkout. */
const ownArguments = (argv: readonly string[]): readonly string[] =>
  argv.slice(app.isPackaged ? 1 : 2).filter((one) => !one.startsWith('-'))

const isLabFile = (path: string): boolean => /\.(ya?ml|json)$/i.test(path)
const isCapture = (path: string): boolean => /\.(pcap|pcapng|cap)(\.gz)?$/i.test(path)

export interface NamedFiles {
  readonly lab: string | undefined
  readonly capture: string | undefined
}

/** The lab file and the capture that a command line names, as absolute paths. */
export function namedFiles(argv: readonly string[], folder: string): NamedFiles {
  const own = ownArguments(argv)
  const absolute = (path: string | undefined): string | undefined => path && resolve(folder, path)
  return { lab: absolute(own.find(isLabFile)), capture: absolute(own.find(isCapture)) }
}

/** The lab that opens where none is named. */
export const usualLab = (): string => join(app.getPath('documents'), 'PXE Lab', 'lab.yaml')
