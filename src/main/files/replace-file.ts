/**
 * Files that are replaced in one step: whole, before or after, whatever ends the program or the power. Everything else that
 * writes appends to a file of its own.
 */
import { say, type Message } from '#messages/message.ts'
import { textOf } from '#messages/text.ts'
import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { lstat, open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { realPath } from './real-path.ts'

/** Windows: somebody (an editor, a scanner, a backup, OneDrive) has the file open, mostly for a moment. */
const heldCodes: readonly unknown[] = ['EPERM', 'EBUSY', 'EACCES']
const isWindows = process.platform === 'win32'
/** Waits between attempts: two seconds in all. */
const waitsMs: readonly number[] = isWindows ? [10, 20, 40, 80, 150, 300, 600, 800] : []

const isHeld = (error: unknown): boolean => heldCodes.includes((error as NodeJS.ErrnoException).code)

/** `rename` over a file that others may have open. */
async function renameOver(from: string, to: string): Promise<void> {
  for (const waitMs of waitsMs) {
    try {
      await rename(from, to)
      return
    } catch (error) {
      if (!isHeld(error)) throw error
    }
    await delay(waitMs)
  }
  await rename(from, to)
}

/** The same where nothing may happen in between; for the shorter of the waits, since everything waits with it. */
export function renameOverSync(from: string, to: string): void {
  const never = new Int32Array(new SharedArrayBuffer(4))
  for (const waitMs of waitsMs.slice(0, 4)) {
    try {
      renameSync(from, to)
      return
    } catch (error) {
      if (!isHeld(error)) throw error
    }
    Atomics.wait(never, 0, 0, waitMs)
  }
  renameSync(from, to)
}

export interface ReplaceOptions {
  /** Permissions of a new file; one that is there keeps its own. */
  readonly mode?: number
  /**
   * For folders that somebody else may write to: what is in place of the file is refused where it is no file, not followed,
   * and gives nothing to the new one, which is `mode` and belongs to the owner of the folder.
   */
  readonly refusesLinks?: boolean
}

const refused = (code: string, path: string, why: string): Error =>
  Object.assign(new Error(`${code}: ${why}, '${path}'`), { code, path })

/** The file behind a link, which stays one. */
async function behindLinks(path: string): Promise<string> {
  const found = await lstat(path).catch(() => undefined)
  if (!found?.isSymbolicLink()) return path
  // Where a link leads nowhere yet, the file is made there by whoever made the link.
  return realPath(path)
}

const draftOf = (path: string): string =>
  join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID().slice(0, 8)}.part`)

/** Writes a file whole and durably; rejects with the error of the system, and nothing has changed then. */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  options: ReplaceOptions = {},
): Promise<void> {
  const { refusesLinks = false } = options
  const target = refusesLinks ? path : await behindLinks(path)
  const found = await (refusesLinks ? lstat : stat)(target).catch(() => undefined)
  if (found?.isDirectory()) throw refused('EISDIR', path, 'it is a folder')
  if (found?.isSymbolicLink()) throw refused('ELOOP', path, 'it is a link')
  if (found && !found.isFile()) {
    if (refusesLinks) throw refused('EINVAL', path, 'it is no file')
    // A device or a pipe, such as /dev/stdout, is written to, not replaced.
    return writeFile(target, content)
  }
  const before = refusesLinks ? undefined : found
  const folder = dirname(target)
  const draft = draftOf(target)
  const file = await open(draft, 'wx', before ? before.mode & 0o7777 : (options.mode ?? 0o666))
  try {
    try {
      await file.writeFile(content)
      if (before && !isWindows) await file.chmod(before.mode & 0o7777)
      // What an administrator writes for somebody stays theirs.
      const owner = before ?? (await stat(folder))
      if (process.geteuid?.() === 0 && owner.uid !== 0) await file.chown(owner.uid, owner.gid)
      await file.sync()
    } finally {
      await file.close()
    }
    await renameOver(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** The same at once, for a small file of our own: no link and no owner to keep. */
export function replaceFileSync(path: string, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const draft = draftOf(path)
  try {
    const file = openSync(draft, 'wx', 0o600)
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameOverSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/** The new name is durable too; Windows cannot open a folder, and needs no such help. */
async function syncFolder(folder: string): Promise<void> {
  if (isWindows) return
  const opened = await open(folder).catch(() => undefined)
  await opened?.sync().catch(() => {})
  await opened?.close()
}

/** `writeHelp` in the language of this process. */
export const writeRemedy = (error: unknown): string => textOf(writeHelp(error))

/** What helps where a file could not be written: for errors of the system. */
export function writeHelp(error: unknown): Message {
  const { code } = error as NodeJS.ErrnoException
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return say('room.free-space')
    case 'EIO':
      return say('room.check-disk')
    case 'EMFILE':
    case 'ENFILE':
      return say('room.too-many-open')
    case 'EBUSY':
      return say('room.file-busy')
    case 'EPERM':
    case 'EACCES':
    case 'EROFS':
      return isWindows ? say('room.close-or-choose-folder') : say('room.choose-writable-folder')
    case 'ELOOP':
      return say('room.file-not-link')
    default:
      return say('room.folder-that-exists')
  }
}
