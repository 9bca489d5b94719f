/**
 * Names that clients ask for, and the files they mean: both slashes, leading separators and any letter case, as Windows
 * programs send them; never anything outside the folder, by no spelling, link or device name.
 */
import { constants } from 'node:fs'
import { open, readdir, realpath, stat, type FileHandle } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

export type BootFile =
  | { readonly ok: true; readonly handle: FileHandle; readonly size: number; readonly name: string }
  | { readonly ok: false; readonly code: 'not-found' | 'forbidden' | 'folder'; readonly reason: string }

/**
 * CON, NUL, COM1 and their like are devices on Windows whatever extension or stream follows, spaces before it included:
 * "Naming Files, Paths, and Namespaces" of the Windows documentation.
 */
const deviceName = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$) *([.:]|$)/i

/** What no file name on Windows has: a colon begins a stream or follows a drive, and dots and spaces at the end are dropped. */
// oxlint-disable-next-line no-control-regex
const noWindowsName = /[\x01-\x1f:*?"<>|]|[. ]$/

/** A requested name as path segments; a text says why it is none that can be served. */
export function segmentsOf(
  requested: string,
  platform: NodeJS.Platform = process.platform,
): readonly string[] | string {
  if (requested.includes('\0')) return 'the name contains a zero byte'
  if (/^[a-z]:/i.test(requested)) return 'the name begins with a drive letter'
  if (/^[\\/]{2}[.?]/.test(requested)) return 'the name begins with a device prefix'
  const segments = requested.split(/[\\/]+/).filter((segment) => segment !== '' && segment !== '.')
  if (segments.length === 0) return 'the name names no file'
  if (requested.length > 1024) return 'the name is longer than 1024 characters'
  for (const segment of segments) {
    if (segment === '..') return 'the name leads out of the folder'
    if (deviceName.test(segment)) return `"${segment}" is a device name`
    if (platform === 'win32' && noWindowsName.test(segment)) return `"${segment}" is no file name`
  }
  return segments
}

async function caseInsensitiveMatch(folder: string, name: string): Promise<string | undefined> {
  const wanted = name.toLowerCase()
  const matches = (await readdir(folder)).filter((entry) => entry.toLowerCase() === wanted).sort()
  return matches[0]
}

export class BootFolder {
  readonly #root: string
  /** Spellings that led to a file before, so that a storm of clients does not read the folders again and again. */
  readonly #known = new Map<string, string>()

  private constructor(root: string) {
    this.#root = root
  }

  /** Throws where the folder does not exist or is none. */
  static async open(folder: string): Promise<BootFolder> {
    const root = await realpath(folder)
    if (!(await stat(root)).isDirectory()) throw new Error(`${folder} is not a folder`)
    return new BootFolder(root)
  }

  get root(): string {
    return this.#root
  }

  /** Opens what the name means. The caller closes the handle. */
  async openFile(requested: string): Promise<BootFile> {
    const segments = segmentsOf(requested)
    if (typeof segments === 'string') return { ok: false, code: 'forbidden', reason: segments }
    const spelling = segments.join('/')
    const path = await this.#find(spelling, segments)
    if (path === undefined) {
      this.#known.delete(spelling)
      return { ok: false, code: 'not-found', reason: 'there is no such file' }
    }
    try {
      // The path is real, links and all resolved; O_NOFOLLOW keeps it so between the check and the opening.
      const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
      const status = await handle.stat()
      if (!status.isFile()) {
        await handle.close()
        return status.isDirectory()
          ? { ok: false, code: 'folder', reason: 'it is a folder' }
          : { ok: false, code: 'forbidden', reason: 'it is no ordinary file' }
      }
      return { ok: true, handle, size: status.size, name: relative(this.#root, path).split(sep).join('/') }
    } catch (error) {
      this.#known.delete(spelling)
      const code = (error as NodeJS.ErrnoException).code
      if (code === 'ENOENT') return { ok: false, code: 'not-found', reason: 'there is no such file' }
      return { ok: false, code: 'forbidden', reason: `it cannot be opened (${code})` }
    }
  }

  async #find(spelling: string, segments: readonly string[]): Promise<string | undefined> {
    const known = this.#known.get(spelling)
    const inside = async (path: string): Promise<string | undefined> => {
      const real = await realpath(path)
      return real === this.#root || real.startsWith(this.#root + sep) ? real : undefined
    }
    try {
      return await inside(known ?? join(this.#root, ...segments))
    } catch {
      // Not under that spelling: look for it without regard to case, folder by folder.
    }
    try {
      let path = this.#root
      for (const segment of segments) {
        const match = await caseInsensitiveMatch(path, segment)
        if (match === undefined) return undefined
        path = join(path, match)
        const real = await inside(path)
        if (real === undefined) return undefined
        path = real
      }
      if (this.#known.size > 4096) this.#known.clear()
      this.#known.set(spelling, path)
      return path
    } catch {
      return undefined
    }
  }
}
