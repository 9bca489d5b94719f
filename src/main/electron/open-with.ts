/** Files named from outside: arguments of this or a second start, files the system opens with us, files that were dropped. */
import { extname, isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OpenedFile } from '#shared/contract/shell.ts'

const kinds: Readonly<Record<string, OpenedFile['kind']>> = {
  '.pcap': 'capture',
  '.pcapng': 'capture',
  '.cap': 'capture',
  '.gz': 'capture',
  '.zst': 'capture',
  '.lz4': 'capture',
  '.snoop': 'capture',
  '.erf': 'capture',
  '.yaml': 'lab',
  '.yml': 'lab',
  '.json': 'lab',
  '.pxelab': 'lab',
}

/** What a file is by its name; undefined for what is not opened. */
export const kindOf = (path: string): OpenedFile['kind'] | undefined => kinds[extname(path).toLowerCase()]

/** The path that one argument names, as a path or a file URL; undefined for a switch and for another scheme. */
function pathOf(argument: string, folder: string): string | undefined {
  if (argument === '' || argument.startsWith('-')) return undefined
  if (/^file:/i.test(argument)) {
    try {
      return fileURLToPath(argument)
    } catch {
      return undefined
    }
  }
  // Two letters at least: `C:` is a drive.
  if (/^[a-z][a-z0-9+.-]+:/i.test(argument)) return undefined
  return isAbsolute(argument) ? argument : resolve(folder, argument)
}

/**
 * The files among a process's arguments, in their order. `argv` is whole: its program, and in an application that is not
 * packaged also the folder of the application, are passed over. Relative names count from `folder`.
 */
export function filesIn(argv: readonly string[], folder: string, isPackaged: boolean): OpenedFile[] {
  return argv.slice(isPackaged ? 1 : 2).flatMap((argument) => {
    const path = pathOf(argument, folder)
    const kind = path === undefined ? undefined : kindOf(path)
    return path === undefined || kind === undefined ? [] : [{ kind, path }]
  })
}
