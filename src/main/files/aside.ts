/** Files that were deleted or replaced, kept aside for a while so that it can be undone. */
import { randomUUID } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { link, lstat, open, rm, statfs, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { makeOwnFolder } from './own-file.ts'
import { renameOverSync } from './replace-file.ts'

const keptMs = 24 * 3600 * 1000
const mostBytes = 1024 ** 3

/** Moves a file into the folder `aside` on the same disk. What has been there too long, and of more than 1 GiB the oldest, goes. */
export function moveAside(path: string, aside: string, name: string, now = Date.now()): void {
  if (existsSync(path)) {
    makeOwnFolder(aside)
    renameOverSync(path, join(aside, name))
    // When it was deleted, not when it was written.
    utimesSync(join(aside, name), now / 1000, now / 1000)
  }
  emptyAside(aside, now)
}

/**
 * Keeps what the file that is open at `path` holds; it stays where it is until another takes its place. The name under which
 * it is kept; null where it cannot be: it is no plain file, larger than 1 GiB, or the disk has no room for a copy.
 */
export async function keepAside(
  handle: FileHandle,
  path: string,
  aside: string,
  now = Date.now(),
): Promise<string | null> {
  const found = await handle.stat()
  if (!found.isFile() || found.size > mostBytes) return null
  makeOwnFolder(aside)
  const name = `${now}-${randomUUID()}`
  const kept = join(aside, name)
  if (!(await hasSecondName(handle, path, kept))) {
    const { bavail, bsize } = await statfs(aside)
    if (found.size > bavail * bsize) return null
    try {
      const copy = await open(kept, 'wx', 0o600)
      try {
        await eachPiece(handle, (piece) => copy.write(piece))
      } finally {
        await copy.close()
      }
    } catch (error) {
      await rm(kept, { force: true })
      throw error
    }
  }
  emptyAside(aside, now)
  return name
}

/** Hands over what an open file holds, a piece after the other. */
export async function eachPiece(handle: FileHandle, take: (piece: Uint8Array) => unknown): Promise<void> {
  const buffer = Buffer.alloc(1024 * 1024)
  for (let at = 0; ;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) return
    await take(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
}

/** A second name for what is open costs nothing; false on another disk, on one without links, and where the path leads elsewhere. */
async function hasSecondName(handle: FileHandle, path: string, name: string): Promise<boolean> {
  try {
    await link(path, name)
  } catch {
    return false
  }
  const [open, named] = await Promise.all([handle.stat({ bigint: true }), lstat(name, { bigint: true })])
  if (open.dev === named.dev && open.ino === named.ino) return true
  await rm(name, { force: true })
  return false
}

/**
 * Deletes for good what has been aside for a day, and of more than 1 GiB the oldest; the last that was put there stays. A
 * folder is none of ours. It hinders nothing: what cannot be read or deleted now is tried again the next time.
 */
export function emptyAside(aside: string, now = Date.now()): void {
  const files = namesIn(aside)
    .flatMap((name) => {
      const path = join(aside, name)
      // It may have gone meanwhile.
      const status = lstatSync(path, { throwIfNoEntry: false })
      // What has two names keeps the time of when it was written.
      const since = Number(/^(\d{13})-/.exec(name)?.[1] ?? status?.mtimeMs)
      return status && !status.isDirectory() ? [{ path, since, size: status.size }] : []
    })
    .sort((a, b) => b.since - a.since)
  let bytes = 0
  for (const [at, { path, since, size }] of files.entries())
    if (((bytes += size) > mostBytes && at > 0) || since < now - keptMs) discard(path)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // Windows refuses while somebody has it open.
  }
}
