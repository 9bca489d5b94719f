/** Small files of our own in a folder that somebody else may write to: no link is followed, no pipe waited for. */
import { constants, lstatSync, mkdirSync } from 'node:fs'
import { open } from 'node:fs/promises'

const mostBytes = 16 << 20

/**
 * Makes a folder for files of our own where it is missing. Root goes through no link of another user's, who could lead it
 * anywhere. Throws what the system says, ELOOP for such a link.
 */
export function makeOwnFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  if (found.isSymbolicLink() && process.geteuid?.() === 0 && found.uid !== 0)
    throw Object.assign(new Error(`ELOOP: it is a link of another user, '${folder}'`), { code: 'ELOOP' })
}

/** The text of a file and who it belongs to. Throws what the system says, ELOOP for a link, EINVAL for what is no file. */
export async function readOwnFile(path: string): Promise<{ readonly text: string; readonly uid: number }> {
  // Windows has neither.
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  try {
    const found = await file.stat()
    const refuse = (code: string, why: string): Error =>
      Object.assign(new Error(`${code}: ${why}, '${path}'`), { code })
    if (!found.isFile()) throw refuse('EINVAL', 'it is no file')
    if (found.size > mostBytes) throw refuse('EFBIG', `it has more than ${mostBytes} bytes`)
    return { text: await file.readFile('utf8'), uid: found.uid }
  } finally {
    await file.close()
  }
}
