/** Files opened lately, the newest first, each once. */
import { basename, dirname } from 'node:path'
import type { OpenedFile } from '#shared/contract/shell.ts'

const most = 10

/** On Windows two spellings that differ in case are one file. */
const sameFile = (a: string, b: string, platform: NodeJS.Platform): boolean =>
  platform === 'win32' ? a.toLowerCase() === b.toLowerCase() : a === b

export const withoutFile = (
  list: readonly OpenedFile[],
  path: string,
  platform: NodeJS.Platform = process.platform,
): OpenedFile[] => list.filter((one) => !sameFile(one.path, path, platform))

export const withFile = (
  list: readonly OpenedFile[],
  file: OpenedFile,
  platform: NodeJS.Platform = process.platform,
): OpenedFile[] => [file, ...withoutFile(list, file.path, platform)].slice(0, most)

/** A menu label: the name, and the folder where two files share their name. */
export function labelOf(file: OpenedFile, list: readonly OpenedFile[]): string {
  const name = basename(file.path)
  const isAlone = list.filter((one) => basename(one.path).toLowerCase() === name.toLowerCase()).length < 2
  return isAlone ? name : `${name} (${dirname(file.path)})`
}
