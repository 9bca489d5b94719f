/**
 * The blocks of files that are being sent, shared by all transfers of a worker: ten machines that boot the same image
 * read it from the disk once, and the memory stays bounded however large the file and however many the clients.
 */
import { fstatSync, readSync, type Stats } from 'node:fs'
import { NetasciiSource, netasciiStarts } from '#shared/machines/tftp-server/netascii.ts'
import { pieceAt } from '#shared/wire/iso/node.ts'
import type { WithinImage } from '../boot-folder.ts'
import type { BlockSource } from '#shared/machines/tftp-server/read-transfer.ts'

const chunkBytes = 64 * 1024
const cacheBytes = 48 * 1024 * 1024
/** Texts whose line ends have been counted. */
const mostTexts = 64

/** Files of one image differ by where they begin; an empty one has no content to mistake. */
const versionOf = ({ dev, ino, mtimeMs }: Stats, size: number, within: WithinImage | undefined): string =>
  `${dev}:${ino}:${mtimeMs}:${size}${within ? `:${within.extents[0]?.offset}` : ''}`

/** Bytes that are in memory. */
export const bytesSource = (content: Uint8Array): BlockSource => ({
  size: content.length,
  read(offset, target) {
    const part = content.subarray(offset, offset + target.length)
    target.set(part)
    return part.length
  },
})

export class FileCache {
  /** In order of last use, the oldest first. */
  readonly #chunks = new Map<string, Buffer>()

  readonly #texts = new Map<string, readonly number[]>()

  /** The same in netascii; where the file cannot be read the source says so. */
  openNetascii(descriptor: number, size: number, within?: WithinImage): BlockSource {
    const source = this.open(descriptor, size, within)
    const version = versionOf(fstatSync(descriptor), size, within)
    const starts = this.#texts.get(version) ?? netasciiStarts(source)
    if (!starts) return source
    this.#texts.delete(version)
    this.#texts.set(version, starts)
    if (this.#texts.size > mostTexts) this.#texts.delete(this.#texts.keys().next().value!)
    return new NetasciiSource(source, starts)
  }

  /** A source over an open file; reading fails once the file is no longer the one that was opened. */
  open(descriptor: number, size: number, within?: WithinImage): BlockSource {
    const opened = fstatSync(descriptor)
    const version = versionOf(opened, size, within)
    const wholeBytes = within?.imageBytes ?? size
    let chunk: Buffer | undefined
    let chunkIndex = -1
    let problem: string | undefined
    const load = (index: number): Buffer | undefined => {
      try {
        return loadOrThrow(index)
      } catch (error) {
        problem = `the file cannot be read any further (${(error as NodeJS.ErrnoException).code ?? String(error)})`
        return undefined
      }
    }
    const loadOrThrow = (index: number): Buffer | undefined => {
      const key = `${version}:${index}`
      const cached = this.#chunks.get(key)
      if (cached) {
        this.#chunks.delete(key)
        this.#chunks.set(key, cached)
        return cached
      }
      const now = fstatSync(descriptor)
      if (now.mtimeMs !== opened.mtimeMs || now.size !== wholeBytes) return undefined
      const bytes = Buffer.allocUnsafeSlow(Math.min(chunkBytes, size - index * chunkBytes))
      for (let at = 0; at < bytes.length;) {
        const from = index * chunkBytes + at
        const piece = within ? pieceAt(within.extents, from) : { offset: from, bytes: size - from }
        const wanted = Math.min(bytes.length - at, piece?.bytes ?? 0)
        const isHole = piece !== undefined && piece.offset < 0
        if (isHole) bytes.fill(0, at, at + wanted)
        const length = isHole || wanted === 0 ? wanted : readSync(descriptor, bytes, at, wanted, piece!.offset)
        if (length === 0) return undefined
        at += length
      }
      this.#chunks.set(key, bytes)
      if (this.#chunks.size > cacheBytes / chunkBytes) this.#chunks.delete(this.#chunks.keys().next().value!)
      return bytes
    }
    return {
      size,
      get problem() {
        return problem
      },
      read(offset, target) {
        for (let at = 0; at < target.length;) {
          const index = Math.floor((offset + at) / chunkBytes)
          if (index !== chunkIndex) {
            chunk = load(index)
            chunkIndex = chunk ? index : -1
          }
          if (!chunk) return undefined
          const from = offset + at - index * chunkBytes
          const length = Math.min(target.length - at, chunk.length - from)
          target.set(chunk.subarray(from, from + length), at)
          at += length
        }
        return target.length
      },
    }
  }
}
