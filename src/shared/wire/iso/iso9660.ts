/** The tree of an ISO 9660 volume (ECMA-119), with the names of Rock Ridge or of Joliet where it has them. */
import { decodeText } from '../bytes.ts'
import {
  ascii,
  IsoError,
  mostExtents,
  problemOf,
  readAhead,
  readFolder,
  sectorBytes,
  u16,
  u32,
  type Extent,
  type IsoNode,
  type IsoTree,
  type ReadAt,
} from './node.ts'
import { readRockRidge, systemUseSkip } from './rock-ridge.ts'

/** Where the volume descriptors begin (ECMA-119 section 6.2.1). */
export const firstDescriptor = 16
const mostDescriptors = 64

const isFolder = 0x02
const isAssociated = 0x04
const hasMore = 0x80

/** Every volume descriptor of the image, without what follows them. */
export async function volumeDescriptors(read: ReadAt): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = []
  for (let at = firstDescriptor; at < firstDescriptor + mostDescriptors; at++) {
    const descriptor = await read(at * sectorBytes, sectorBytes)
    if (descriptor.length < sectorBytes || ascii(descriptor, 1, 5) !== 'CD001' || descriptor[0] === 255) break
    found.push(descriptor)
  }
  return found
}

/** UCS-2 in big-endian order, as Joliet has it. */
const ucs2 = (bytes: Uint8Array): string =>
  Array.from({ length: bytes.length >> 1 }, (_, at) => String.fromCharCode((bytes[at * 2]! << 8) | bytes[at * 2 + 1]!)).join('') // prettier-ignore

/** Level 1 to 3 of UCS-2 (Joliet specification, "SVD escape sequences field"). */
const isJoliet = (descriptor: Uint8Array): boolean =>
  descriptor[0] === 2 &&
  descriptor[88] === 0x25 &&
  descriptor[89] === 0x2f &&
  [0x40, 0x43, 0x45].includes(descriptor[90]!)

/** A name without its version number, and without the dot of an empty extension. */
const withoutVersion = (name: string): string => name.replace(/;\d*$/, '').replace(/\.$/, '')

interface Volume {
  readonly blockBytes: number
  readonly imageBytes: number
  readonly isJoliet: boolean
  /** Bytes to leave out of each system use area; undefined without Rock Ridge. */
  readonly skip: number | undefined
}

interface DirectoryRecord {
  readonly flags: number
  readonly identifier: Uint8Array
  readonly systemUse: Uint8Array
  readonly extent: Extent
  readonly isInterleaved: boolean
}

/** Undefined where no record begins there. */
function recordAt(bytes: Uint8Array, at: number, blockBytes: number): DirectoryRecord | undefined {
  const length = bytes[at] ?? 0
  const nameLength = bytes[at + 32] ?? 0
  if (length < 34 || at + length > bytes.length || 33 + nameLength > length) return undefined
  const afterName = 33 + nameLength + (nameLength % 2 === 0 ? 1 : 0)
  return {
    flags: bytes[at + 25]!,
    identifier: bytes.subarray(at + 33, at + 33 + nameLength),
    systemUse: bytes.subarray(Math.min(at + afterName, at + length), at + length),
    // What comes before the content are its extended attributes.
    extent: { offset: (u32(bytes, at + 2) + bytes[at + 1]!) * blockBytes, bytes: u32(bytes, at + 10) },
    isInterleaved: bytes[at + 26] !== 0,
  }
}

const isSelf = ({ identifier }: DirectoryRecord): boolean => identifier.length === 1 && identifier[0]! < 2

/** The folder at a block, whose size only its own first record tells. */
async function folderAt(
  name: string,
  block: number,
  { blockBytes, imageBytes }: Volume,
  read: ReadAt,
): Promise<IsoNode> {
  const self = recordAt(await read(block * blockBytes, sectorBytes), 0, blockBytes)
  const extents = self && isSelf(self) ? [{ offset: block * blockBytes, bytes: self.extent.bytes }] : []
  return {
    name,
    kind: 'folder',
    size: extents[0]?.bytes ?? 0,
    extents,
    ...(self ? problemOf(extents, imageBytes) : { problem: 'it is not where the image says' }),
  }
}

const kinds: Readonly<Record<number, IsoNode['kind']>> = { 0o4: 'folder', 0o10: 'file', 0o12: 'link' }

async function nodeOf(
  record: DirectoryRecord,
  extents: readonly Extent[],
  volume: Volume,
  read: ReadAt,
): Promise<IsoNode | undefined> {
  const plain = withoutVersion(volume.isJoliet ? ucs2(record.identifier) : decodeText(record.identifier))
  const rock = volume.skip === undefined ? undefined : await readRockRidge(record.systemUse.subarray(volume.skip), volume.blockBytes, read) // prettier-ignore
  if (rock?.isMoved) return undefined
  // As systems show it that know no other name: ISO 9660 itself has capitals alone.
  const name = rock?.name ?? (volume.isJoliet ? plain : plain.toLowerCase())
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) return undefined
  if (rock?.child !== undefined) return folderAt(name, rock.child, volume, read)
  const kind = (record.flags & isFolder) !== 0 ? 'folder' : rock?.mode === undefined ? 'file' : (kinds[rock.mode >> 12] ?? 'other') // prettier-ignore
  const problem =
    rock?.storedAs !== undefined
      ? `the image holds it ${rock.storedAs}`
      : record.isInterleaved
        ? 'the image holds it interleaved with another file'
        : extents.length > mostExtents
          ? 'it is in too many pieces'
          : undefined
  return {
    name,
    kind,
    size: extents.reduce((sum, { bytes }) => sum + bytes, 0),
    extents,
    ...(rock?.target === undefined ? {} : { target: rock.target }),
    ...(problem === undefined ? problemOf(extents, volume.imageBytes) : { problem }),
  }
}

const recordsInTurn = 4096
/** What the records of a folder may refer to together, as so many times their own size, and what must be read for that. */
const mostElsewhere = 8
const mostRead = 32
const leastElsewhere = 1 << 20

/** Records that go on elsewhere all point to the same large area, or each to a far one, in an image that somebody made to be slow. */
function bounded(folderBytes: number, read: ReadAt): ReadAt {
  const refuse = (): never => {
    throw new IsoError('the records of a folder in it go on in too many places')
  }
  const left = {
    asked: leastElsewhere + folderBytes * mostElsewhere,
    read: leastElsewhere * 64 + folderBytes * mostRead,
  }
  const near = readAhead((offset, length) => ((left.read -= length) < 0 ? refuse() : read(offset, length)))
  return (offset, length) => ((left.asked -= length) < 0 ? refuse() : near(offset, length))
}

async function list(folder: IsoNode, volume: Volume, read: ReadAt): Promise<readonly IsoNode[]> {
  const bytes = await readFolder(folder, read)
  const near = bounded(bytes.length, read)
  const nodes: IsoNode[] = []
  /** Of a file in several pieces, those so far. */
  let extents: Extent[] = []
  let count = 0
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] === 0) {
      // No record goes on in the next sector.
      at = (Math.floor(at / volume.blockBytes) + 1) * volume.blockBytes
      continue
    }
    const record = recordAt(bytes, at, volume.blockBytes)
    if (!record) throw new IsoError('a folder in it is damaged')
    // Nothing else has its turn until something is read.
    if (++count % recordsInTurn === 0) await read(volume.blockBytes * firstDescriptor, 1)
    at += bytes[at]!
    if (isSelf(record) || (record.flags & isAssociated) !== 0) continue
    if (extents.length <= mostExtents) extents.push(record.extent)
    if ((record.flags & hasMore) !== 0) continue
    const node = await nodeOf(record, extents, volume, near)
    extents = []
    if (node) nodes.push(node)
  }
  return nodes
}

async function treeOf(descriptor: Uint8Array, imageBytes: number, read: ReadAt): Promise<IsoTree | undefined> {
  const blockBytes = u16(descriptor, 128)
  const record = recordAt(descriptor, 156, blockBytes)
  if (![512, 1024, 2048].includes(blockBytes) || !record) return undefined
  const first = recordAt(await read(record.extent.offset, sectorBytes), 0, blockBytes)
  const joliet = isJoliet(descriptor)
  const skip = joliet || !first ? undefined : systemUseSkip(first.systemUse)
  const volume: Volume = { blockBytes, imageBytes, isJoliet: joliet, skip }
  const label = descriptor.subarray(40, 72)
  return {
    format: joliet ? 'Joliet' : skip === undefined ? 'ISO 9660' : 'Rock Ridge',
    label: (joliet ? ucs2(label) : decodeText(label)).trim(),
    root: { name: '', kind: 'folder', size: record.extent.bytes, extents: [record.extent] },
    list: (folder, again) => list(folder, volume, again),
  }
}

/** The trees of an image by its volume descriptors: with Rock Ridge first, then Joliet, then plain. */
export async function isoTrees(
  descriptors: readonly Uint8Array[],
  imageBytes: number,
  read: ReadAt,
): Promise<readonly IsoTree[]> {
  const wanted = descriptors.filter((one) => one[0] === 1 || isJoliet(one))
  const found = await Promise.all(wanted.map((one) => treeOf(one, imageBytes, read)))
  const order: readonly IsoTree['format'][] = ['Rock Ridge', 'Joliet', 'ISO 9660']
  return order.flatMap((format) => found.find((one) => one?.format === format) ?? [])
}
