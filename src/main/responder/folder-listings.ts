/**
 * Names in folders without regard to letter case. Boot programs ask for a dozen names that do not exist before the one that
 * does, and so can anybody else: a folder with many files is read once, not for each of them.
 */
import { readdir, stat } from 'node:fs/promises'

interface Listing {
  readonly readAt: number
  readonly tookMs: number
  /** When the folder changed last, as the system tells it; undefined where it may change again within the same tick. */
  readonly changedNs: bigint | undefined
  /** By their lower-case form. */
  readonly names: ReadonlyMap<string, string>
}

/** Not every disk tells when a folder changed (FAT does not): so long a listing is good for at most, */
const longestMs = 5000
/** or for so many times what it took to read. */
const readingShare = 100
/** Times of folders are as coarse as that on some disks (FAT). */
const tickMs = 2000
/** Names that are kept in all; the folder that was read first is forgotten first. */
const mostNames = 262_144

export class FolderListings {
  readonly #listings = new Map<string, Listing>()
  readonly #reading = new Map<string, Promise<Listing>>()
  #size = 0

  /** The entry of the folder that is spelt so in any letter case, the first of several. Throws what the system says. */
  async find(folder: string, name: string): Promise<string | undefined> {
    const { names } = await this.#listingOf(folder)
    return names.get(name.toLowerCase())
  }

  async #listingOf(folder: string): Promise<Listing> {
    const known = this.#listings.get(folder)
    if (known) {
      const { mtimeNs } = await stat(folder, { bigint: true })
      const goodMs = Math.max(longestMs, readingShare * known.tookMs)
      if (mtimeNs === known.changedNs && performance.now() - known.readAt < goodMs) return known
    }
    const reading = this.#reading.get(folder) ?? this.#read(folder).finally(() => this.#reading.delete(folder))
    this.#reading.set(folder, reading)
    return reading
  }

  async #read(folder: string): Promise<Listing> {
    const readAt = performance.now()
    const { mtimeNs, mtimeMs } = await stat(folder, { bigint: true })
    const isSettled = Date.now() - Number(mtimeMs) > tickMs
    const names = new Map<string, string>()
    for (const name of await readdir(folder)) {
      const key = name.toLowerCase()
      const other = names.get(key)
      if (other === undefined || name < other) names.set(key, name)
    }
    const tookMs = performance.now() - readAt
    const listing = { readAt, tookMs, changedNs: isSettled ? mtimeNs : undefined, names }
    this.#forget(folder)
    this.#listings.set(folder, listing)
    // One more for the folder itself: there may be many without a name in them.
    this.#size += names.size + 1
    for (const oldest of this.#listings.keys()) {
      if (this.#size <= mostNames || oldest === folder) break
      this.#forget(oldest)
    }
    return listing
  }

  #forget(folder: string): void {
    const listing = this.#listings.get(folder)
    if (!listing) return
    this.#listings.delete(folder)
    this.#size -= listing.names.size + 1
  }
}
