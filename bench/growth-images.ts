/** How the cost of images of discs grows: a folder with very many files, of one name as well, and a long menu. */
import { describeDisc, type DiscFiles } from '#shared/lab/disc-media.ts'
import { findInIso, IsoFolder, openIsoImage } from '#shared/wire/iso/image.ts'
import { readNode } from '#shared/wire/iso/node.ts'
import { encodeText } from '#shared/wire/bytes.ts'

type Make = (size: number) => () => Promise<unknown>

const sector = 2048

/** A record of a folder of ISO 9660 (ECMA-119 section 9.1). */
function record(name: Uint8Array, block: number, length: number, flags: number): Buffer {
  const size = 33 + name.length + ((name.length + 1) % 2)
  const bytes = Buffer.alloc(size)
  bytes[0] = size
  bytes.writeUInt32LE(block, 2)
  bytes.writeUInt32BE(block, 6)
  bytes.writeUInt32LE(length, 10)
  bytes.writeUInt32BE(length, 14)
  bytes[25] = flags
  bytes.writeUInt16LE(1, 28)
  bytes[32] = name.length
  bytes.set(name, 33)
  return bytes
}

/** An image whose root holds these records; each content is one sector behind the folder. */
function imageOf(entries: readonly { readonly name: string }[]): Uint8Array {
  const sectors: Buffer[] = []
  let now = Buffer.alloc(0)
  const first = 18
  const add = (one: Buffer): void => {
    if (now.length + one.length > sector) {
      sectors.push(Buffer.concat([now, Buffer.alloc(sector - now.length)]))
      now = Buffer.alloc(0)
    }
    now = Buffer.concat([now, one])
  }
  // As many sectors as the records could take at most; the contents share one behind them.
  const folder = Math.ceil((entries.length + 2) / 30) + 1
  const length = folder * sector
  add(record(Uint8Array.of(0), first, length, 2))
  add(record(Uint8Array.of(1), first, length, 2))
  for (const { name } of entries) add(record(encodeText(name), first + folder, sector, 0))
  sectors.push(Buffer.concat([now, Buffer.alloc(sector - now.length)]))
  const bytes = Buffer.alloc((first + folder + 1) * sector)
  const descriptor = 16 * sector
  bytes[descriptor] = 1
  bytes.write('CD001', descriptor + 1)
  bytes[descriptor + 6] = 1
  bytes.writeUInt32LE(bytes.length / sector, descriptor + 80)
  bytes.writeUInt16LE(sector, descriptor + 128)
  bytes.set(record(Uint8Array.of(0), first, length, 2), descriptor + 156)
  bytes[17 * sector] = 255
  bytes.write('CD001', 17 * sector + 1)
  for (const [at, one] of sectors.entries()) bytes.set(one, (first + at) * sector)
  return bytes
}

/** Opens the image anew, as for each version of a file, and finds its last name. */
function finding(bytes: Uint8Array, name: string): () => Promise<unknown> {
  const read = (offset: number, length: number): Promise<Uint8Array> => Promise.resolve(bytes.subarray(offset, offset + length)) // prettier-ignore
  return async () => {
    const image = (await openIsoImage(bytes.length, read))!
    const found = await findInIso(image.tree.root, [name], async (node) => new IsoFolder(await image.tree.list(node, read)))
    if (!found) throw new Error(`${name} was not found`)
    return readNode(found, Math.max(0, found.size - 10), 10, read)
  }
} // prettier-ignore

const menuOnly = (text: string): DiscFiles => {
  const bytes = encodeText(text)
  const file = { name: 'grub.cfg', kind: 'file', size: bytes.length } as const
  return {
    label: 'bench',
    bytes: bytes.length,
    find: (path) => Promise.resolve(path === 'boot/grub/grub.cfg' ? file : undefined),
    list: () => Promise.resolve([]),
    read: (path, from, to) => Promise.resolve(path === 'boot/grub/grub.cfg' ? bytes.subarray(from, to) : new Uint8Array(0)),
  }
} // prettier-ignore

export const images: Readonly<Record<string, readonly [size: number, make: Make]>> = {
  'image: files in one folder': [5000, (size) => finding(imageOf(Array.from({ length: size }, (_, at) => ({ name: `F${at}.;1` }))), `F${size - 1}`)],
  'image: files of one name': [20_000, (size) => finding(imageOf([...Array.from({ length: size }, () => ({ name: 'SAME.;1' })), { name: 'Z.;1' }]), 'Z')],
  'image: entries of a menu': [1000, (size) => {
    const files = menuOnly(Array.from({ length: size }, (_, at) => `menuentry "e${at}" {\n linux /k${at} a=${at}\n initrd /i${at}\n}`).join('\n'))
    return () => describeDisc(files)
  }],
} // prettier-ignore
