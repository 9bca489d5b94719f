/** Captures that were deleted, kept aside for a while so that deleting them can be undone. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { emptyAside, moveAside } from '../files/aside.ts'
import { renameOverSync } from '../files/replace-file.ts'

const asideOf = (folder: string): string => join(folder, 'deleted')

/** Takes a capture out of its folder. */
export const putAside = (folder: string, name: string, now?: number): void =>
  moveAside(join(folder, name), asideOf(folder), name, now)

/** Puts a deleted capture back; false where it is not there any more, or another has its name. */
export function takeBack(folder: string, name: string): boolean {
  const [from, to] = [join(asideOf(folder), name), join(folder, name)]
  if (!existsSync(from) || existsSync(to)) return false
  renameOverSync(from, to)
  return true
}

/** Deletes for good what has been aside too long. */
export const emptyDeleted = (folder: string): void => emptyAside(asideOf(folder))
