/**
 * Names that clients ask for, and the files they mean: both slashes, leading separators and any letter case, as Windows
 * programs send them; never anything outside the folder, by no spelling, link or device name.
 */
import type { BigIntStats } from 'node:fs'
import { stat, type FileHandle } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { isInside, openInside, OutsideError } from '../io/open-file.ts'
import { realPath } from '../files/real-path.ts'
import { raspberryPiPlace } from '#shared/machines/raspberry-pi-folder.ts'
import { IsoError, pieceAt, type Extent } from '#shared/wire/iso/node.ts'
import { DiscImages, imageName } from './disc-images.ts'
import { FolderListings } from './folder-listings.ts'

/** Where a file lies in an image of a disc, which is what is open. */
export interface WithinImage {
  readonly extents: readonly Extent[]
  /** Of the whole image. */
  readonly imageBytes: number
}

export type BootFile =
  | {
      readonly ok: true
      readonly handle: FileHandle
      readonly size: number
      readonly name: string
      /** Tells this content from an earlier or later one under the same name. */
      readonly version: string
      readonly modified: Date
      /** The absolute path as it was asked for, which may be in other letters than the file. */
      readonly asked: string
      /** Read through `readAt`, which heeds it. */
      readonly within?: WithinImage
      /** What is sent in place of what is in the file: a template, filled in for whoever asked. */
      readonly content?: Uint8Array
      /** Whether a password of that machine is in it. */
      readonly isSecret?: boolean
    }
  | {
      readonly ok: false
      /** `busy` passes by itself: the client may ask again. */
      readonly code: 'not-found' | 'forbidden' | 'folder' | 'busy' | 'unreadable'
      readonly reason: string
    }

/** Who asks for a file. */
export interface Asker {
  /** IP addresses of whoever asks, and ours that was asked. */
  readonly client: string
  readonly server: string
  /** What stands behind the question mark of the address. */
  readonly query?: string
}

/** Where files that are asked for come from. */
export interface ServedFolder {
  /** Opens what the name means to that asker. The caller closes the handle. */
  openFile(requested: string, asker: Asker): Promise<BootFile>
}

type Refusal = Extract<BootFile, { ok: false }>
export type FoundFile = Extract<BootFile, { ok: true }>

/** Reads from byte `at` of the file into the buffer. Resolves to how many bytes came: 0 at its end, and otherwise maybe fewer than asked for. */
export async function readAt(
  { handle, within }: Pick<FoundFile, 'handle' | 'within'>,
  buffer: Uint8Array,
  at: number,
): Promise<number> {
  if (!within) return (await handle.read(buffer, 0, buffer.length, at)).bytesRead
  const piece = pieceAt(within.extents, at)
  const length = Math.min(buffer.length, piece?.bytes ?? 0)
  if (piece && piece.offset < 0) buffer.fill(0, 0, length)
  return piece && piece.offset >= 0 ? (await handle.read(buffer, 0, length, piece.offset)).bytesRead : length
}

/** All of it; shorter where it was cut meanwhile. */
export async function readWhole(file: FoundFile): Promise<Buffer> {
  const bytes = Buffer.alloc(file.size)
  for (let at = 0; at < bytes.length;) {
    const count = await readAt(file, bytes.subarray(at), at)
    if (count === 0) return bytes.subarray(0, at)
    at += count
  }
  return bytes
}

const notFound: Refusal = { ok: false, code: 'not-found', reason: 'there is no such file' }

/** The name is there, and what it leads to is not. */
class DeadLink extends Error {}

/** What the system said, as the answer to whoever asked for the file. */
function refusalFor(error: unknown): Refusal {
  if (error instanceof DeadLink) return { ok: false, code: 'not-found', reason: 'it is a link that leads nowhere' }
  if (error instanceof IsoError) return { ok: false, code: 'unreadable', reason: `the image cannot be read: ${error.message}` } // prettier-ignore
  if (error instanceof OutsideError) return { ok: false, code: 'forbidden', reason: error.message }
  const { code = String(error) } = error as NodeJS.ErrnoException
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return notFound
    case 'ENAMETOOLONG':
      return { ok: false, code: 'not-found', reason: 'a part of the name is longer than this disk allows' }
    case 'EMFILE':
    case 'ENFILE':
      return { ok: false, code: 'busy', reason: `too many files are open at once (${code})` }
    case 'ENOMEM':
    case 'EBUSY':
    case 'EAGAIN':
      return { ok: false, code: 'busy', reason: `it cannot be opened just now (${code})` }
    case 'EACCES':
    case 'EPERM':
      return { ok: false, code: 'forbidden', reason: `this program may not read it (${code})` }
    case 'ELOOP':
      return {
        ok: false,
        code: 'forbidden',
        reason: 'its links lead in a circle, or it became a link just now (ELOOP)',
      }
    default:
      return { ok: false, code: 'unreadable', reason: `it cannot be read (${code})` }
  }
}

/** Tells this content from an earlier or later one. */
export const versionIn = ({ dev, ino, size, mtimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs].map((one) => one.toString(36)).join('-')

/** The content that is open now, for comparison. */
export const versionOf = async (handle: FileHandle): Promise<string> => versionIn(await handle.stat({ bigint: true }))

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

export class BootFolder {
  readonly #root: string
  /** Where the files of Raspberry Pis without a folder of their own are. */
  readonly #raspberryPi: readonly string[] | undefined
  /** Spellings that led to a file before, so that a storm of clients does not read the folders again and again. */
  readonly #known = new Map<string, string>()
  readonly #listings = new FolderListings()
  readonly #images = new DiscImages()

  private constructor(root: string, raspberryPi: string | null) {
    this.#root = root
    const segments = raspberryPi === null ? '' : segmentsOf(raspberryPi)
    this.#raspberryPi = typeof segments === 'string' ? undefined : segments
  }

  /** `raspberryPi` as in the lab file. Throws where the folder does not exist or is none. */
  static async open(folder: string, raspberryPi: string | null = null): Promise<BootFolder> {
    const root = await realPath(folder)
    if (!(await stat(root)).isDirectory()) throw new Error(`${folder} is not a folder`)
    return new BootFolder(root, raspberryPi)
  }

  get root(): string {
    return this.#root
  }

  /** Opens what the name means. The caller closes the handle. */
  async openFile(requested: string): Promise<BootFile> {
    const segments = segmentsOf(requested)
    if (typeof segments === 'string') return { ok: false, code: 'forbidden', reason: segments }
    const found = await this.#open(segments)
    if (found !== notFound) return found
    const inside = await this.#inImage(segments)
    if (inside) return inside
    const instead = await this.#forRaspberryPi(segments)
    return instead ? this.#open(instead) : found
  }

  /** A file within an image of a disc that the name goes through; undefined where it goes through none. */
  async #inImage(segments: readonly string[]): Promise<BootFile | undefined> {
    const end = segments.findIndex((one, at) => at < segments.length - 1 && imageName.test(one)) + 1
    if (end === 0) return undefined
    const outer = await this.#open(segments.slice(0, end))
    if (!outer.ok) return undefined
    const { handle, size: imageBytes, version } = outer
    let found: BootFile | undefined
    try {
      const image = await this.#images.open(handle, imageBytes, version)
      const node = await image?.find(segments.slice(end))
      if (!node) found = notFound
      else if (node.kind === 'folder') found = { ok: false, code: 'folder', reason: 'it is a folder' }
      else if (node.problem !== undefined) found = { ok: false, code: 'unreadable', reason: node.problem }
      else if (node.kind !== 'file') found = { ok: false, code: 'forbidden', reason: 'it is no ordinary file' }
      else {
        const name = [outer.name, ...segments.slice(end)].join('/')
        found = { ...outer, name, size: node.size, within: { extents: node.extents, imageBytes } }
      }
    } catch (error) {
      found = refusalFor(error)
    } finally {
      if (!found?.ok) await handle.close()
    }
    return found
  }

  /** Where the file of a Raspberry Pi without a folder of its own is; undefined for others. */
  async #forRaspberryPi(segments: readonly string[]): Promise<readonly string[] | undefined> {
    const found = this.#raspberryPi && raspberryPiPlace(segments, this.#raspberryPi)
    if (!found) return undefined
    const { ownFolder, place } = found
    const own = ownFolder && (await this.#listings.find(this.#root, ownFolder).catch(() => undefined))
    return own === undefined ? place : undefined
  }

  async #open(segments: readonly string[]): Promise<BootFile> {
    const spelling = segments.join('/')
    try {
      const path = await this.#find(spelling, segments)
      if (path === undefined) return notFound
      const handle = await openInside(this.#root, path)
      try {
        const status = await handle.stat({ bigint: true })
        if (status.isFile()) {
          const name = relative(this.#root, path).split(sep).join('/')
          return {
            ok: true,
            handle,
            size: Number(status.size),
            name,
            version: versionIn(status),
            modified: status.mtime,
            asked: join(this.#root, ...segments),
          }
        }
        await handle.close()
        return status.isDirectory()
          ? { ok: false, code: 'folder', reason: 'it is a folder' }
          : { ok: false, code: 'forbidden', reason: 'it is no ordinary file' }
      } catch (error) {
        await handle.close().catch(() => {})
        throw error
      }
    } catch (error) {
      this.#known.delete(spelling)
      return refusalFor(error)
    }
  }

  /** The real path of what is meant; undefined where there is none. Throws what the system says, and an OutsideError. */
  async #find(spelling: string, segments: readonly string[]): Promise<string | undefined> {
    const inside = async (path: string): Promise<string> => {
      const real = await realPath(path)
      if (!isInside(this.#root, real)) throw new OutsideError()
      return real
    }
    const isMissing = (error: unknown): boolean => refusalFor(error) === notFound
    for (const path of [this.#known.get(spelling), join(this.#root, ...segments)])
      try {
        if (path !== undefined) return await inside(path)
      } catch (error) {
        if (!isMissing(error)) throw error
      }
    // Not under that spelling: look for it without regard to case, folder by folder.
    let path = this.#root
    for (const segment of segments) {
      const match = await this.#listings.find(path, segment)
      if (match === undefined) return undefined
      path = await inside(join(path, match)).catch((error: unknown) => {
        throw isMissing(error) ? new DeadLink() : error
      })
    }
    if (this.#known.size > 4096) this.#known.clear()
    this.#known.set(spelling, path)
    return path
  }
}
