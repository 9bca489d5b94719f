/** Captures that were deleted, kept aside for a while so that deleting them can be undone. */
import { existsSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { makeOwnFolder } from '../files/own-file.ts'
import { renameOverSync } from '../files/replace-file.ts'

const keptMs = 24 * 3600 * 1000
const mostBytes = 1024 ** 3

const asideOf = (folder: string): string => join(folder, 'deleted')

/** Takes a capture out of its folder; what is there too long, or of more than 1 GiB the oldest, is deleted for good. */
export function putAside(folder: string, name: string, now = Date.now()): void {
  const aside = asideOf(folder)
  if (existsSync(join(folder, name))) {
    makeOwnFolder(aside)
    renameOverSync(join(folder, name), join(aside, name))
    // When it was deleted, not when it was written.
    utimesSync(join(aside, name), now / 1000, now / 1000)
  }
  emptyDeleted(folder, now)
}

/** Puts a deleted capture back; false where it is not there any more, or another has its name. */
export function takeBack(folder: string, name: string): boolean {
  const [from, to] = [join(asideOf(folder), name), join(folder, name)]
  if (!existsSync(from) || existsSync(to)) return false
  renameOverSync(from, to)
  return true
}

/** Deletes for good what has been aside for a day, and of more than 1 GiB the oldest; the last that was deleted stays. */
export function emptyDeleted(folder: string, now = Date.now()): void {
  const aside = asideOf(folder)
  if (!existsSync(aside)) return
  const files = readdirSync(aside)
    .map((name) => ({ path: join(aside, name), status: statSync(join(aside, name)) }))
    .sort((a, b) => b.status.mtimeMs - a.status.mtimeMs)
  const oldest = now - keptMs
  let bytes = 0
  for (const [at, { path, status }] of files.entries())
    if (((bytes += status.size) > mostBytes && at > 0) || status.mtimeMs < oldest) rmSync(path, { force: true })
}
