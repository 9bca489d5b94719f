/**
 * Images of discs that lie in the boot folder and act as folders there. What is known of one belongs to that content of the file:
 * another version of it is another image.
 */
import type { FileHandle } from 'node:fs/promises'
import { findInIso, IsoFolder, openIsoImage, type IsoImage, type ListFolder } from '#shared/wire/iso/image.ts'
import type { IsoNode, ReadAt } from '#shared/wire/iso/node.ts'

/** What may be an image, by its name: others are not looked into for each name that does not exist. */
export const imageName = /\.(iso|img)$/i

const mostImages = 16
/** Names and pieces of files that are kept of all images together. */
const mostNames = 262_144

export const readerOf =
  (handle: FileHandle): ReadAt =>
  async (offset, length) => {
    const bytes = Buffer.allocUnsafe(length)
    const { bytesRead } = await handle.read(bytes, 0, length, offset)
    return bytes.subarray(0, bytesRead)
  }

export interface OpenImage {
  readonly image: IsoImage
  readonly read: ReadAt
  readonly list: ListFolder
  find(segments: readonly string[]): Promise<IsoNode | undefined>
}

interface Known {
  readonly image: Promise<IsoImage | undefined>
  readonly folders: Map<number, Promise<IsoFolder>>
  names: number
}

export class DiscImages {
  /** By version of the file, the one that was used last at the end. */
  readonly #known = new Map<string, Known>()

  /** The image that is open; undefined where it is none. Throws an IsoError, or what the system says. */
  async open(handle: FileHandle, bytes: number, version: string): Promise<OpenImage | undefined> {
    const read = readerOf(handle)
    const known = this.#known.get(version) ?? { image: openIsoImage(bytes, read), folders: new Map(), names: 0 }
    this.#known.delete(version)
    this.#known.set(version, known)
    this.#makeRoom(known)
    const image = await known.image.catch((error: unknown) => {
      this.#known.delete(version)
      throw error
    })
    if (!image) return undefined
    const list: ListFolder = (folder) => this.#list(known, image, folder, read)
    return { image, read, list, find: (segments) => findInIso(image.tree.root, segments, list) }
  }

  async #list(known: Known, image: IsoImage, folder: IsoNode, read: ReadAt): Promise<IsoFolder> {
    const key = folder.extents[0]?.offset ?? -1
    const there = known.folders.get(key)
    if (there) return there
    const listing = image.tree.list(folder, read).then((nodes) => {
      // A small image can say of each of its files that it is in a thousand pieces.
      known.names += nodes.reduce((sum, { extents }) => sum + 1 + extents.length, 1)
      this.#makeRoom(known)
      return new IsoFolder(nodes)
    })
    known.folders.set(key, listing)
    listing.catch(() => known.folders.delete(key))
    return listing
  }

  /** Forgets images, and of the one in use its folders, until there is room. */
  #makeRoom(inUse: Known): void {
    const count = (): number => [...this.#known.values()].reduce((sum, { names }) => sum + names, 0)
    for (const [version, one] of this.#known) {
      if (one === inUse || (this.#known.size <= mostImages && count() <= mostNames)) break
      this.#known.delete(version)
    }
    if (inUse.names <= mostNames) return
    inUse.folders.clear()
    inUse.names = 0
  }
}
