/** An image of an optical disc, opened where it lies: its trees, and the way from a name to a file. */
import { discBoots, type DiscBoot } from './el-torito.ts'
import { isoTrees, volumeDescriptors } from './iso9660.ts'
import { IsoError, readAhead, readNode, type IsoNode, type IsoTree, type ReadAt } from './node.ts'
import { udfTree } from './udf.ts'

export interface IsoImage {
  /** The one that has most of the files and of their names. */
  readonly tree: IsoTree
  /** Everything the image has, the chosen one included. */
  readonly formats: readonly IsoTree['format'][]
  readonly boots: readonly DiscBoot[]
  /** What of it could not be read; clauses. */
  readonly problems: readonly string[]
}

/**
 * Undefined where the file is no such image. Rock Ridge counts first, for it has all names and links; then UDF, beside which Windows media
 * have no more than a note in ISO 9660, and which alone has files of 4 GiB and more there.
 */
export async function openIsoImage(imageBytes: number, read: ReadAt): Promise<IsoImage | undefined> {
  const near = readAhead(read)
  const descriptors = await volumeDescriptors(near)
  const trees = [...(await isoTrees(descriptors, imageBytes, read))]
  const problems: string[] = []
  const udf = await udfTree(imageBytes, near).catch((error: unknown) => {
    if (!(error instanceof IsoError)) throw error
    problems.push(error.message)
    return undefined
  })
  if (udf) trees.splice(trees[0]?.format === 'Rock Ridge' ? 1 : 0, 0, udf)
  const [tree] = trees
  if (!tree) {
    if (problems.length > 0) throw new IsoError(problems[0])
    return undefined
  }
  return { tree, formats: trees.map(({ format }) => format), boots: await discBoots(descriptors, read), problems }
}

/** Names of one folder, by what clients write. */
export class IsoFolder {
  readonly #exact = new Map<string, IsoNode>()
  readonly #anyCase = new Map<string, IsoNode>()
  readonly nodes: readonly IsoNode[]

  constructor(nodes: readonly IsoNode[]) {
    this.nodes = nodes
    for (const node of nodes) {
      if (!this.#exact.has(node.name)) this.#exact.set(node.name, node)
      const key = node.name.toLowerCase()
      if (!this.#anyCase.has(key)) this.#anyCase.set(key, node)
    }
  }

  find(name: string): IsoNode | undefined {
    return this.#exact.get(name) ?? this.#anyCase.get(name.toLowerCase())
  }
}

/** Lists a folder; whoever keeps lists hands in a function that does. */
export type ListFolder = (folder: IsoNode) => Promise<IsoFolder>

const mostLinks = 32

/** What a name means within the image; links never lead out of it. Undefined where there is none. Throws an IsoError. */
export async function findInIso(
  root: IsoNode,
  segments: readonly string[],
  list: ListFolder,
): Promise<IsoNode | undefined> {
  const path: IsoNode[] = [root]
  const waiting = [...segments].reverse()
  let links = 0
  for (let segment = waiting.pop(); segment !== undefined; segment = waiting.pop()) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') {
      if (path.length > 1) path.pop()
      continue
    }
    const folder = path.at(-1)!
    if (folder.kind !== 'folder') return undefined
    if (folder.problem !== undefined) throw new IsoError(folder.problem)
    const node = (await list(folder)).find(segment)
    if (!node) return undefined
    if (node.kind !== 'link') {
      path.push(node)
      continue
    }
    if (++links > mostLinks) throw new IsoError('its links lead in a circle')
    const target = node.target ?? ''
    if (target.startsWith('/')) path.length = 1
    waiting.push(...target.split('/').reverse())
  }
  return path.at(-1)
}

/** A short file as bytes; undefined where there is none, or where it is longer than `most`. */
export async function readIsoFile(
  root: IsoNode,
  path: string,
  most: number,
  list: ListFolder,
  read: ReadAt,
): Promise<Uint8Array | undefined> {
  const node = await findInIso(root, path.split('/'), list)
  if (node?.kind !== 'file' || node.problem !== undefined || node.size > most) return undefined
  return readNode(node, 0, node.size, read)
}
