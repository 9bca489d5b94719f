/** Where a path leads, on every file system that Windows can have. */
import { realpath as realpathWithCallback } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { promisify } from 'node:util'

const linkByLink = promisify(realpathWithCallback)

/** What GetFinalPathNameByHandle says of a volume that the mount manager does not know: a RAM disk, a container. */
const cannotTell = new Set(['EISDIR', 'UNKNOWN'])

/**
 * The absolute path without links. Asks the system, and on Windows, where it cannot tell, follows the links one by one.
 * Throws what the system says.
 */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (process.platform !== 'win32' || code === undefined || !cannotTell.has(code)) throw error
    return linkByLink(path).catch(() => {
      throw error
    })
  }
}
