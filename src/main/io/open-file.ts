/**
 * Files that are opened for somebody else: whichever way a path leads, what was opened lies under the folder. The path is
 * judged after the opening, by the descriptor, so that no exchange of a folder and a link in between leads out.
 */
import { constants } from 'node:fs'
import { open, readlink, stat, type FileHandle } from 'node:fs/promises'
import { sep } from 'node:path'
import { realPath } from '../files/real-path.ts'

export const isInside = (root: string, path: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)

/** What is open is not under the folder. */
export class OutsideError extends Error {
  readonly code = 'OUTSIDE'
  constructor() {
    super('a link on its path leads out of the folder')
  }
}

/** Where a descriptor's file lies now; undefined where the system does not tell. */
async function pathOf(handle: FileHandle): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  // The kernel's own account of the open file (proc_pid_fd(5)).
  return readlink(`/proc/self/fd/${handle.fd}`).catch(() => undefined)
}

async function isReallyInside(handle: FileHandle, root: string, path: string): Promise<boolean> {
  const real = await pathOf(handle)
  if (real !== undefined) return isInside(root, real)
  // Elsewhere: the path must lead inside, and to the very file that is open.
  const now = await realPath(path)
  if (!isInside(root, now)) return false
  const [open, there] = await Promise.all([handle.stat({ bigint: true }), stat(now, { bigint: true })])
  return open.dev === there.dev && open.ino === there.ino
}

/**
 * Opens a file under `root`, which is a real path. Throws an OutsideError or what the system says. `flags` are those of
 * open(2); a link as the last part of the path is never followed.
 */
export async function openInside(
  root: string,
  path: string,
  flags = constants.O_RDONLY,
  mode?: number,
): Promise<FileHandle> {
  // Opening a pipe would otherwise wait for its other end.
  const handle = await open(path, flags | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0), mode)
  try {
    if (!(await isReallyInside(handle, root, path))) throw new OutsideError()
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}
