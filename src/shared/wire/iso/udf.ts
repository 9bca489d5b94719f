/**
 * The tree of a UDF volume (ECMA-167, OSTA UDF 1.02 to 2.60) with sectors of 2048 octets, as images of optical discs have them. Virtual and
 * sparable partitions, which packet writing makes, are told as not known rather than read wrong.
 */
import { decodeUtf16 } from '../bytes.ts'
import {
  ascii,
  IsoError,
  mostExtents,
  mostFolderExtents,
  pieceAt,
  problemOf,
  readAhead,
  readFolder,
  readNode,
  sectorBytes,
  u16,
  u32,
  u64,
  type Extent,
  type IsoNode,
  type IsoTree,
  type ReadAt,
} from './node.ts'

/** ECMA-167 3/7.2.1 and 4/7.2.1. */
const tags = {
  anchor: 2,
  pointer: 3,
  partition: 5,
  logicalVolume: 6,
  end: 8,
  fileSet: 256,
  fileIdentifier: 257,
  extentContinues: 258,
  fileEntry: 261,
  extendedFileEntry: 266,
} as const

const mostVolumeDescriptors = 256
const mostPartitions = 8

/** A descriptor's tag is what it should be, and its checksum holds (3/7.2). */
function hasTag(bytes: Uint8Array, at: number, ...wanted: readonly number[]): boolean {
  if (at + 16 > bytes.length || !wanted.includes(u16(bytes, at))) return false
  let sum = 0
  for (let index = 0; index < 16; index++) if (index !== 4) sum += bytes[at + index]!
  return (sum & 255) === bytes[at + 4]
}

/** OSTA CS0: one octet says how many each character has (UDF section 2.1.1). */
function text(bytes: Uint8Array): string {
  if (bytes[0] === 8 || bytes[0] === 254) return Array.from(bytes.subarray(1), (one) => String.fromCharCode(one)).join('') // prettier-ignore
  if (bytes[0] !== 16 && bytes[0] !== 255) return ''
  const swapped = Uint8Array.from({ length: (bytes.length - 1) & ~1 }, (_, at) => bytes[1 + (at ^ 1)]!)
  return decodeUtf16(swapped)
}

/** A fixed field, whose last octet is the length used (UDF section 2.1.3). */
const fixedText = (field: Uint8Array): string => text(field.subarray(0, Math.min(field.at(-1) ?? 0, field.length - 1)))

/** Makes a block of a partition a place in the image; undefined outside. */
type Place = (block: number) => number | undefined

interface Volume {
  readonly partitions: readonly (Place | string)[]
  readonly imageBytes: number
}

interface Address {
  readonly partition: number
  readonly block: number
}

function placeOf({ partitions }: Volume, { partition, block }: Address): number {
  const place = partitions[partition]
  if (typeof place === 'string') throw new IsoError(place)
  const offset = place?.(block)
  if (offset === undefined) throw new IsoError('a block that its UDF names is in no partition')
  return offset
}

const longAddress = (bytes: Uint8Array, at: number): Address => ({ block: u32(bytes, at + 4), partition: u16(bytes, at + 8) }) // prettier-ignore

/** Octets of each kind of allocation descriptor, by the flags of the ICB tag (4/14.6.8). */
const descriptorBytes = [8, 16, 20] as const
/** In the upper two bits of a length (4/14.14.1.1). */
const extentKinds = { recorded: 0, continues: 3 } as const

/** Where the content of an entry is. */
async function extentsOf(entry: Uint8Array, at: number, own: Address, size: number, volume: Volume, read: ReadAt): Promise<readonly Extent[]> {
  const isExtended = u16(entry, 0) === tags.extendedFileEntry
  const attributeBytes = u32(entry, isExtended ? 208 : 168)
  let length = u32(entry, isExtended ? 212 : 172)
  let begins = (isExtended ? 216 : 176) + attributeBytes
  let bytes = entry
  const kind = u16(entry, 34) & 7
  // Within the entry itself.
  if (kind === 3) return [{ offset: at + begins, bytes: Math.min(size, length) }]
  const step = descriptorBytes[kind]
  if (step === undefined) throw new IsoError('a file in it has allocation descriptors of an unknown kind')
  const extents: Extent[] = []
  let left = size
  let pieces = 0
  for (let where = begins; left > 0 && where + step <= Math.min(begins + length, bytes.length); where += step) {
    if (++pieces > mostExtents) throw new IsoError('a file in it is in too many pieces')
    const word = u32(bytes, where)
    const count = word & 0x3fff_ffff
    if (count === 0) break
    const address = kind === 0 ? { block: u32(bytes, where + 4), partition: own.partition } : kind === 1 ? longAddress(bytes, where) : longAddress(bytes, where + 8) // prettier-ignore
    if (word >>> 30 === extentKinds.continues) {
      bytes = await read(placeOf(volume, address), sectorBytes)
      if (!hasTag(bytes, 0, tags.extentContinues)) throw new IsoError('a file in it goes on where nothing is')
      length = u32(bytes, 20)
      begins = 24
      where = begins - step
      continue
    }
    const used = Math.min(count, left)
    extents.push({ offset: word >>> 30 === extentKinds.recorded ? placeOf(volume, address) : -1, bytes: used })
    left -= used
  }
  // Beyond what was allocated a file is zeros.
  if (left > 0) extents.push({ offset: -1, bytes: left })
  return extents
} // prettier-ignore

const kindOf: Readonly<Record<number, IsoNode['kind']>> = { 0: 'file', 4: 'folder', 5: 'file', 12: 'link', 249: 'file' }

/** Components of a path (4/14.16.1). */
function targetOf(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let at = 0; at + 4 <= bytes.length; at += 4 + bytes[at + 1]!) {
    const kind = bytes[at]!
    if (kind === 1 || kind === 2) parts.splice(0, parts.length, '')
    else if (kind === 3) parts.push('..')
    else if (kind === 5) parts.push(text(bytes.subarray(at + 4, at + 4 + bytes[at + 1]!)))
  }
  return parts.join('/') || '/'
}

async function nodeAt(name: string, address: Address, volume: Volume, read: ReadAt): Promise<IsoNode> {
  const at = placeOf(volume, address)
  const entry = await read(at, sectorBytes)
  if (!hasTag(entry, 0, tags.fileEntry, tags.extendedFileEntry))
    throw new IsoError(`${name === '' ? 'its root folder' : name} is not where its UDF says`)
  const size = u64(entry, 56)
  const kind = kindOf[entry[27]!] ?? 'other'
  if (size > Number.MAX_SAFE_INTEGER) return { name, kind, size: 0, extents: [], problem: 'its size is impossible' }
  const node = { name, kind, size, extents: await extentsOf(entry, at, address, size, volume, read) }
  const content = kind === 'link' && size <= sectorBytes ? await readNode(node, 0, size, read) : undefined
  return { ...node, ...(content ? { target: targetOf(content) } : {}), ...problemOf(node.extents, volume.imageBytes) }
}

const isDeleted = 0x04
const isParent = 0x08

async function list(folder: IsoNode, volume: Volume, read: ReadAt): Promise<readonly IsoNode[]> {
  const bytes = await readFolder(folder, read)
  const near = readAhead(read)
  const nodes: IsoNode[] = []
  let pieces = 0
  for (let at = 0; at + 38 <= bytes.length;) {
    if (!hasTag(bytes, at, tags.fileIdentifier)) throw new IsoError('a folder in its UDF is damaged')
    const [flags, nameBytes, useBytes] = [bytes[at + 18]!, bytes[at + 19]!, u16(bytes, at + 36)]
    const nameAt = at + 38 + useBytes
    const name = text(bytes.subarray(nameAt, nameAt + nameBytes))
    const address = longAddress(bytes, at + 20)
    at = (nameAt + nameBytes + 3) & ~3
    if ((flags & (isDeleted | isParent)) !== 0 || name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) continue // prettier-ignore
    const node = await nodeAt(name, address, volume, near).catch((error: unknown): IsoNode => {
      if (!(error instanceof IsoError)) throw error
      return { name, kind: 'other', size: 0, extents: [], problem: error.message }
    })
    pieces += node.extents.length
    if (pieces > mostFolderExtents) throw new IsoError('the files of a folder in it are in too many pieces')
    nodes.push(node)
  }
  return nodes
}

/** The descriptors of the volume: the partitions by number, and the logical volume. */
async function describe(from: number, bytes: number, read: ReadAt): Promise<{ readonly starts: ReadonlyMap<number, readonly [start: number, blocks: number]>; readonly logical: Uint8Array | undefined }> {
  const starts = new Map<number, readonly [number, number]>()
  let logical: Uint8Array | undefined
  let [at, left] = [from, Math.floor(bytes / sectorBytes)]
  for (let count = 0; left > 0 && count < mostVolumeDescriptors; count++, at++, left--) {
    const descriptor = await read(at * sectorBytes, sectorBytes)
    if (hasTag(descriptor, 0, tags.end)) break
    // They go on elsewhere.
    if (hasTag(descriptor, 0, tags.pointer)) [left, at] = [Math.floor(u32(descriptor, 20) / sectorBytes) + 1, u32(descriptor, 24) - 1]
    if (hasTag(descriptor, 0, tags.partition)) starts.set(u16(descriptor, 22), [u32(descriptor, 188), u32(descriptor, 192)])
    // Of several the one that was written last counts (3/8.4.3).
    if (hasTag(descriptor, 0, tags.logicalVolume) && (!logical || u32(descriptor, 16) >= u32(logical, 16))) logical = descriptor
  }
  return { starts, logical }
} // prettier-ignore

/** Partitions as the logical volume numbers them (UDF section 2.2.4). */
async function partitionsOf(logical: Uint8Array, starts: ReadonlyMap<number, readonly [number, number]>, imageBytes: number, read: ReadAt): Promise<(Place | string)[]> {
  const partitions: (Place | string)[] = []
  const physical = (number: number): Place => {
    const [start, blocks] = starts.get(number) ?? [0, 0]
    return (block) => (block < blocks ? (start + block) * sectorBytes : undefined)
  }
  const end = Math.min(440 + u32(logical, 264), logical.length)
  for (let at = 440, count = u32(logical, 268); count > 0 && at + 6 <= end && partitions.length < mostPartitions; count--) {
    const [kind, length] = [logical[at]!, logical[at + 1]!]
    if (length < 6) break
    const name = ascii(logical, at + 5, 23).replace(/\0.*$/s, '')
    if (kind === 1) partitions.push(physical(u16(logical, at + 4)))
    else if (kind === 2 && length >= 64 && name === '*UDF Metadata Partition') {
      const under: Volume = { partitions: [physical(u16(logical, at + 38))], imageBytes }
      const main = await nodeAt('metadata', { partition: 0, block: u32(logical, at + 40) }, under, read).catch(() => undefined)
      // The mirror is there for when the first one cannot be read.
      const file = main ?? (await nodeAt('metadata', { partition: 0, block: u32(logical, at + 44) }, under, read))
      partitions.push((block) => {
        const { offset = -1 } = pieceAt(file.extents, block * sectorBytes) ?? {}
        return offset < 0 ? undefined : offset
      })
    } else partitions.push(`its UDF has a partition of a kind that is not known here (${name || kind})`)
    at += length
  }
  return partitions
} // prettier-ignore

/** Whether the sequence of volume descriptors says that there is a UDF (ECMA-167 2/9). */
async function isAnnounced(read: ReadAt): Promise<boolean> {
  for (let at = 16; at < 80; at++) {
    const name = ascii(await read(at * sectorBytes, 6), 1, 5)
    if (name === 'NSR02' || name === 'NSR03') return true
    if (!['CD001', 'BEA01', 'BOOT2', 'CDW02'].includes(name)) return false
  }
  return false
}

/** Undefined where the image has no UDF. Throws an IsoError where it has one that cannot be read. */
export async function udfTree(imageBytes: number, read: ReadAt): Promise<IsoTree | undefined> {
  if (!(await isAnnounced(read))) return undefined
  const sectors = Math.floor(imageBytes / sectorBytes)
  for (const at of [256, sectors - 1, sectors - 257]) {
    if (at < 0) continue
    const anchor = await read(at * sectorBytes, sectorBytes)
    if (!hasTag(anchor, 0, tags.anchor)) continue
    for (const extent of [16, 24]) {
      const { starts, logical } = await describe(u32(anchor, extent + 4), u32(anchor, extent), read)
      if (!logical) continue
      if (u32(logical, 212) !== sectorBytes) throw new IsoError(`its UDF has blocks of ${u32(logical, 212)} bytes, which is not known here`) // prettier-ignore
      const volume = { partitions: await partitionsOf(logical, starts, imageBytes, read), imageBytes }
      const set = await read(placeOf(volume, longAddress(logical, 248)), sectorBytes)
      if (!hasTag(set, 0, tags.fileSet)) throw new IsoError('its UDF has no file set')
      const root = await nodeAt('', longAddress(set, 400), volume, read)
      return { format: 'UDF', label: fixedText(logical.subarray(84, 212)), root, list: (folder, again) => list(folder, volume, again) } // prettier-ignore
    }
  }
  throw new IsoError('its UDF has no anchor: it was not copied whole')
}
