/** A folder that root gives to the user it will run as: never through a link, and nothing that is also known elsewhere. */
import { closeSync, constants, fchownSync, fstatSync, mkdirSync, openSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { actAs, type User } from '../system/rights.ts'

/**
 * Makes the folder where it is missing, as the user where they may; then it belongs to them, and so do the files in it
 * whose names match. Throws the error of the system.
 */
export function giveFolder(folder: string, user: User, names: RegExp): void {
  try {
    actAs(user, () => mkdirSync(folder, { recursive: true, mode: 0o700 }))
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!['EACCES', 'EPERM', 'EROFS'].includes(code)) throw error
    mkdirSync(dirname(folder), { recursive: true })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }
  give(folder, user, constants.O_DIRECTORY)
  for (const name of readdirSync(folder)) if (names.test(name)) give(join(folder, name), user, 0)
}

function give(path: string, { uid, gid }: User, kind: number): void {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | kind
  let descriptor: number
  try {
    descriptor = openSync(path, flags)
  } catch (error) {
    // A link stays whose it is; what reads it as that user says whether it will do.
    if (['ELOOP', 'ENOTDIR', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return
    throw error
  }
  try {
    const status = fstatSync(descriptor)
    // A second name of a file may lie where it is root's alone.
    if (status.isDirectory() || (status.isFile() && status.nlink === 1)) fchownSync(descriptor, uid, gid)
  } finally {
    closeSync(descriptor)
  }
}
