/** Images in memory or on disk, read the way the responder reads them. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { IsoFolder, openIsoImage, type IsoImage, type ListFolder } from '#shared/wire/iso/image.ts'
import { readNode, type IsoNode, type ReadAt } from '#shared/wire/iso/node.ts'

export const readBytes =
  (bytes: Uint8Array): ReadAt =>
  (offset, length) =>
    Promise.resolve(bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + length, bytes.length)))

export interface OpenedIso {
  readonly image: IsoImage
  readonly read: ReadAt
  readonly list: ListFolder
}

export async function isoOf(size: number, read: ReadAt): Promise<OpenedIso | undefined> {
  const image = await openIsoImage(size, read)
  return image && { image, read, list: async (folder) => new IsoFolder(await image.tree.list(folder, read)) }
}

/** An image on disk, open while `work` runs. */
export async function withIso<T>(file: string, work: (iso: OpenedIso) => Promise<T>): Promise<T> {
  const descriptor = openSync(file, 'r')
  try {
    const read: ReadAt = (offset, length) => {
      const bytes = new Uint8Array(length)
      return Promise.resolve(bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset)))
    }
    return await work((await isoOf(fstatSync(descriptor).size, read))!)
  } finally {
    closeSync(descriptor)
  }
}

/** Everything in it by path; at most so many entries, for an image may have itself inside. */
export async function everything({ image, read }: OpenedIso, most = 10_000): Promise<Map<string, IsoNode>> {
  const found = new Map<string, IsoNode>()
  const waiting: [string, IsoNode][] = [['', image.tree.root]]
  for (let next = waiting.pop(); next && found.size < most; next = waiting.pop())
    for (const node of await image.tree.list(next[1], read)) {
      const path = `${next[0]}/${node.name}`
      found.set(path, node)
      if (node.kind === 'folder' && node.problem === undefined) waiting.push([path, node])
    }
  return found
}

export const contentOf = (node: IsoNode, read: ReadAt): Promise<Uint8Array> => readNode(node, 0, node.size, read)
