/**
 * What a program keeps for its user alone: files 0600, folders 0700. Older versions, copies and other programs leave wider
 * modes behind, so they are narrowed where a folder is opened. Windows has that by where its profile lies.
 */
import { closeSync, constants, fchmodSync, fstatSync, openSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** No link is followed, no pipe waited for, and a file that has a second name elsewhere stays as it is. */
function narrow(path: string): 'folder' | 'file' | 'other' {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    // A link, a socket, or somebody else's: none of ours.
    return 'other'
  }
  try {
    const status = fstatSync(descriptor)
    const isFolder = status.isDirectory()
    if (status.uid !== process.geteuid!() || (!isFolder && !(status.isFile() && status.nlink === 1))) return 'other'
    const mode = isFolder ? 0o700 : 0o600
    if ((status.mode & 0o777) !== mode) fchmodSync(descriptor, mode)
    return isFolder ? 'folder' : 'file'
  } finally {
    closeSync(descriptor)
  }
}

/** Whether somebody else could exchange what lies in a folder while we work in it. */
function isOpenToOthers(folder: string): boolean {
  const { uid, mode } = statSync(folder)
  return uid !== process.geteuid!() || (mode & 0o022) !== 0
}

/**
 * Closes a folder and all in it whose name at the top matches; where it holds anything else the folder itself stays as it
 * is. From the top, so that nobody can exchange what is below. Throws the error of the system.
 */
export function closeToOthers(folder: string, names = /./): void {
  if (process.platform === 'win32') return
  const found = readdirSync(folder)
  const own = found.filter((name) => names.test(name))
  if (own.length === 0) return
  if (own.length === found.length ? narrow(folder) !== 'folder' : isOpenToOthers(folder)) return
  for (const name of own) {
    const path = join(folder, name)
    if (narrow(path) === 'folder') closeToOthers(path)
  }
}
