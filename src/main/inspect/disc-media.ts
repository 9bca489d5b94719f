/** What an image of a disc on this machine is; see `shared/lab/disc-media.ts`. */
import { say, type Phrase } from '#messages/message.ts'
import { open, type FileHandle } from 'node:fs/promises'
import type { DiscImage } from '#shared/contract/documents.ts'
import { describeDisc, type DiscFiles } from '#shared/lab/disc-media.ts'
import { IsoError, readNode } from '#shared/wire/iso/node.ts'
import { DiscImages, type OpenImage } from '../responder/disc-images.ts'
import { versionOf } from '../responder/boot-folder.ts'

function filesOf({ image, read, list, find }: OpenImage, bytes: number): DiscFiles {
  const nodeAt = async (path: string) => {
    const node = await find(path.split('/'))
    return node?.problem === undefined ? node : undefined
  }
  return {
    label: image.tree.label,
    bytes,
    find: nodeAt,
    list: async (path) => {
      const folder = await nodeAt(path)
      return folder?.kind === 'folder' ? (await list(folder)).nodes : []
    },
    read: async (path, from, to) => {
      const node = await nodeAt(path)
      return node?.kind === 'file' ? readNode(node, from, to, read) : new Uint8Array(0)
    },
  }
}

/** Undefined where the file that is open is no image. Throws as `readDiscImage` does. */
export async function describeImage(handle: FileHandle, bytes: number): Promise<DiscImage | undefined> {
  const opened = await new DiscImages().open(handle, bytes, await versionOf(handle))
  if (!opened) return undefined
  const { tree, formats, boots, problems } = opened.image
  return { ...(await describeDisc(filesOf(opened, bytes))), bytes, label: tree.label, formats, boots, problems }
}

/** Undefined where the file is no image of a disc. Throws an IsoError where it is one that cannot be read, and what reading throws. */
export async function readDiscImage(path: string): Promise<DiscImage | undefined> {
  const handle = await open(path, 'r')
  try {
    return await describeImage(handle, (await handle.stat()).size)
  } finally {
    await handle.close()
  }
}

/** What lists say of images, by version of the file: looking into each again would cost more than the list. */
const listed = new Map<string, ListedImage | undefined>()
const mostListed = 256

export interface ListedImage {
  readonly description: Phrase
  /** Why nothing can be read of it; empty where nothing speaks against it. */
  readonly problem: Phrase
}

/** For a list of files; undefined where the file is no image. Throws what reading throws. */
export async function listedImage(path: string): Promise<ListedImage | undefined> {
  const handle = await open(path, 'r')
  try {
    const version = await versionOf(handle)
    if (listed.has(version)) return listed.get(version)
    const image = await describeImage(handle, (await handle.stat()).size).then(
      (found) => found && { description: say('disc.disc-image-named', { name: found.name }), problem: '' },
      (error: unknown) => {
        if (!(error instanceof IsoError)) throw error
        return { description: say('disc.disc-image'), problem: say('disc.damaged', { why: error.message }) }
      },
    )
    if (listed.size >= mostListed) listed.clear()
    listed.set(version, image)
    return image
  } finally {
    await handle.close()
  }
}
