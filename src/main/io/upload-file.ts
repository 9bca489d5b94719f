/**
 * A file that arrives piece by piece under a name that nobody has yet. It lies beside that name until it is whole and on
 * the disk; the name is then taken in one step that fails where somebody else was faster. The folder is held open, so that
 * no exchange of a folder and a link leads elsewhere.
 */
import { closeSync, constants, fstatSync, fsyncSync, linkSync, openSync, readlinkSync, realpathSync, rmSync, statSync, writeSync } from 'node:fs' // prettier-ignore
import { basename, dirname, join } from 'node:path'
import { renameOverSync } from '../files/replace-file.ts'
import { isInside, OutsideError } from './open-file.ts'

export interface UploadFile {
  /** Throws what the system says. */
  write(data: Uint8Array): void
  /** Gives it its name, durably; throws EEXIST where the name is taken. Nothing is left where it throws. */
  finish(): void
  /** Leaves nothing behind; without effect on a file that has its name. */
  discard(): void
}

/** File systems without hard links say one of these. */
const linkless: ReadonlySet<unknown> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'UNKNOWN'])

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code

/** A folder under `root` that stays the same one whatever happens to its path. */
function holdFolder(
  root: string,
  path: string,
): { readonly file: (name: string) => string; close(sync: boolean): void } {
  if (process.platform !== 'linux') return { file: (name) => join(path, name), close: () => {} }
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  // The kernel's own account of the open folder (proc_pid_fd(5)); names behind it are looked up in that very folder.
  const held = `/proc/self/fd/${descriptor}`
  if (!isInside(root, readlinkSync(held))) {
    closeSync(descriptor)
    throw new OutsideError()
  }
  return {
    file: (name) => join(held, name),
    close(sync) {
      try {
        if (sync) fsyncSync(descriptor)
      } finally {
        closeSync(descriptor)
      }
    },
  }
}

/**
 * Begins a file at `path` under `root`, a real path; `id` makes its name until then its own. Throws an OutsideError, EEXIST
 * where the name is taken already, or what the system says. With `replaces` it takes the place of a file of that name.
 */
export function beginUpload(root: string, path: string, id: string, replaces = false): UploadFile {
  const folder = holdFolder(root, dirname(path))
  const final = folder.file(basename(path))
  const partial = folder.file(`.${basename(path)}.${id}.part`)
  let descriptor: number | undefined
  let isFolderHeld = true
  const letGo = (sync: boolean): void => {
    if (!isFolderHeld) return
    isFolderHeld = false
    folder.close(sync)
  }
  const discard = (): void => {
    if (descriptor === undefined) return
    closeSync(descriptor)
    descriptor = undefined
    rmSync(partial, { force: true })
    letGo(false)
  }
  const takeName = (): void => {
    try {
      linkSync(partial, final)
    } catch (error) {
      if (!linkless.has(codeOf(error))) throw error
      // Nobody else can take the name from here on.
      closeSync(openSync(final, 'wx'))
      renameOverSync(partial, final)
    }
  }
  try {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
    descriptor = openSync(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666)
    if (process.platform !== 'linux') {
      const there = join(realpathSync(dirname(path)), basename(partial))
      const [ours, found] = [fstatSync(descriptor, { bigint: true }), statSync(there, { bigint: true })]
      if (!isInside(root, there) || ours.dev !== found.dev || ours.ino !== found.ino) throw new OutsideError()
    }
  } catch (error) {
    discard()
    letGo(false)
    throw error
  }
  return {
    write(data) {
      for (let at = 0; at < data.length;) at += writeSync(descriptor!, data, at, data.length - at)
    },
    finish() {
      try {
        fsyncSync(descriptor!)
        if (replaces) renameOverSync(partial, final)
        else takeName()
      } catch (error) {
        discard()
        throw error
      }
      closeSync(descriptor!)
      descriptor = undefined
      rmSync(partial, { force: true })
      letGo(true)
    },
    discard,
  }
}
