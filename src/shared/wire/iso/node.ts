/** What the trees of an optical image have in common, whichever standard describes them. */

/** Bytes of the image from `offset` on; fewer at its end. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>

export interface Extent {
  /** In bytes from the beginning of the image; -1 where nothing is recorded and zeros are read. */
  readonly offset: number
  readonly bytes: number
}

export interface IsoNode {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  /** In bytes. */
  readonly size: number
  /** Together as long as `size`. */
  readonly extents: readonly Extent[]
  /** Where a link leads, with slashes. */
  readonly target?: string
  /** Why its content cannot be read; a clause. */
  readonly problem?: string
}

export interface IsoTree {
  readonly format: 'ISO 9660' | 'Rock Ridge' | 'Joliet' | 'UDF'
  readonly label: string
  readonly root: IsoNode
  /** What is in a folder, in the order of the image. Throws an IsoError. */
  list(folder: IsoNode, read: ReadAt): Promise<readonly IsoNode[]>
}

/** The image does not hold what its own descriptors say. */
export class IsoError extends Error {}

export const sectorBytes = 2048
/** A folder of a quarter of a million names; what is larger is not a folder that somebody made. */
const mostFolderBytes = 32 << 20
/** Pieces of one file; a terabyte in pieces of the largest size that UDF has. */
export const mostExtents = 1024
/** Pieces of all files of a folder together. */
export const mostFolderExtents = 1 << 20

export const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
export const u32 = (bytes: Uint8Array, at: number): number => (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0
/** Imprecise beyond what an image can have, which is compared with its size. */
export const u64 = (bytes: Uint8Array, at: number): number => u32(bytes, at) + u32(bytes, at + 4) * 2 ** 32
export const ascii = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length))

const aheadBytes = 64 * 1024

/** Descriptors lie beside each other: many short reads become few long ones. */
export function readAhead(read: ReadAt): ReadAt {
  let from = 0
  let piece: Uint8Array = new Uint8Array(0)
  return async (offset, length) => {
    if (length > aheadBytes) return read(offset, length)
    if (offset < from || offset + length > from + piece.length) {
      piece = await read(offset, aheadBytes)
      from = offset
    }
    return piece.subarray(offset - from, offset - from + length)
  }
}

/** Bytes `from` to `to` of a file, in one piece. Shorter where the image ends. */
export async function readNode(node: IsoNode, from: number, to: number, read: ReadAt): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, Math.min(to, node.size) - from))
  let start = 0
  for (const { offset, bytes: length } of node.extents) {
    const begin = Math.max(from, start)
    const end = Math.min(from + bytes.length, start + length)
    if (begin < end && offset >= 0) {
      const piece = await read(offset + begin - start, end - begin)
      bytes.set(piece, begin - from)
      if (piece.length < end - begin) return bytes.subarray(0, begin - from + piece.length)
    }
    start += length
  }
  return bytes
}

/** Where byte `at` of a file is, and how many follow it there; undefined behind its end. */
export function pieceAt(extents: readonly Extent[], at: number): Extent | undefined {
  let start = 0
  for (const { offset, bytes } of extents) {
    if (at < start + bytes) return { offset: offset < 0 ? -1 : offset + at - start, bytes: start + bytes - at }
    start += bytes
  }
  return undefined
}

/** All of a folder's own bytes. */
export async function readFolder(folder: IsoNode, read: ReadAt): Promise<Uint8Array> {
  if (folder.size > mostFolderBytes) throw new IsoError(`a folder in it claims to have ${folder.size} bytes of names`)
  const bytes = await readNode(folder, 0, folder.size, read)
  if (bytes.length < folder.size) throw new IsoError('it ends within a folder: it was not copied whole')
  return bytes
}

/** Why a file cannot be read, by where it lies. */
export const problemOf = (extents: readonly Extent[], imageBytes: number): { problem?: string } =>
  extents.some(({ offset, bytes }) => offset + bytes > imageBytes)
    ? { problem: 'it lies beyond the end of the image, which was not copied whole' }
    : {}
