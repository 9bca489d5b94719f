/** A folder that moves to another place, perhaps on another disk: there whole, or here as it was. */
import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Rejects with the error of the system; `from` is as it was then. `to` must not be there. */
export async function moveFolder(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 })
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    await copyAcross(from, to)
  }
}

/** The copy gets its name when it is whole, so that what was interrupted is never taken for it. */
async function copyAcross(from: string, to: string): Promise<void> {
  const draftName = `.${basename(to)}.part`
  const draft = join(dirname(to), draftName)
  await rm(draft, { recursive: true, force: true })
  try {
    await cp(from, draft, { recursive: true, errorOnExist: true, preserveTimestamps: true, verbatimSymlinks: true })
    await rename(draft, to)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
  await rm(from, { recursive: true, force: true })
}
