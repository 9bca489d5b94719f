/** How the cost of images of discs and of boot programs grows: a folder with very many files, of one name as well, a long menu, many signatures. */
import { describeDisc, type DiscFiles } from '#shared/lab/disc-media.ts'
import { findInIso, IsoFolder, openIsoImage } from '#shared/wire/iso/image.ts'
import { readNode } from '#shared/wire/iso/node.ts'
import { readPeImage } from '#shared/wire/pe-image.ts'
import { readSignedProgram } from '#shared/secure-boot/authenticode.ts'
import { secondStageOf } from '#shared/secure-boot/shim.ts'
import { encodeText } from '#shared/wire/bytes.ts'
import { cryptography } from '../src/main/inspect/cryptography.ts'
import { continuedAt, isoImageOf, manySigned, withData } from '../test/helpers/large-programs.ts'

type Make = (size: number) => () => unknown

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
  'image: files in one folder': [5000, (size) => finding(isoImageOf(Array.from({ length: size }, (_, at) => ({ name: `F${at}.;1` }))), `F${size - 1}`)],
  'image: files of one name': [20_000, (size) => finding(isoImageOf([...Array.from({ length: size }, () => ({ name: 'SAME.;1' })), { name: 'Z.;1' }]), 'Z')],
  'image: records of Rock Ridge that go on elsewhere': [10_000, (size) => finding(isoImageOf((block) => [...Array.from({ length: size }, (_, at) => ({ name: `F${at}.;1`, systemUse: continuedAt(block + (at >> 3), 200) })), { name: 'LAST.;1', systemUse: continuedAt(block, 0) }], () => new Uint8Array(size * 256)), 'last')],
  'program: signatures, each of which names a hash': [200, (size) => {
    const program = manySigned(size, size * 5000)
    return () => readSignedProgram(program, cryptography)
  }],
  'program: a shim of backslashes': [500_000, (size) => {
    const program = withData(encodeText('\\\0a\0'.repeat(size / 2)))
    const image = readPeImage(program)!
    return () => secondStageOf('shimx64.efi', program, image)
  }],
  'image: entries of a menu': [1000, (size) => {
    const files = menuOnly(Array.from({ length: size }, (_, at) => `menuentry "e${at}" {\n linux /k${at} a=${at}\n initrd /i${at}\n}`).join('\n'))
    return () => describeDisc(files)
  }],
} // prettier-ignore
