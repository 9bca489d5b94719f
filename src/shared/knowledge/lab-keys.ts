/** The keys of the lab file with what may be written there: read from its schema, for the search and the documentation. */
import type { Phrase } from '#messages/message.ts'
import { z } from 'zod'
import { labSchema } from '../lab/lab.ts'

export interface LabKey {
  /** `tftp.maxBlockSize`, `boot.programs[].file`. */
  readonly path: string
  readonly says: Phrase
  /** The default as JSON; undefined where the key has none or is a group. */
  readonly standard: string | undefined
  readonly isGroup: boolean
}

interface Node {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly anyOf?: readonly Node[]
}

function keysOf(node: Node, path: string): LabKey[] {
  const inner = [node, node.items, ...(node.anyOf ?? []), ...(node.anyOf ?? []).map((one) => one.items)]
  return inner.flatMap((one) =>
    Object.entries(one?.properties ?? {}).flatMap(([name, child]) => {
      const isList = (one !== node && one === node.items) || (node.anyOf ?? []).some((other) => other.items === one)
      const own = `${path}${isList ? '[]' : ''}${path === '' ? '' : '.'}${name}`
      const below = keysOf(child, own)
      const isPlain = child.default !== undefined && JSON.stringify(child.default) !== '{}'
      return [
        {
          path: own,
          says: child.description ?? '',
          standard: isPlain ? JSON.stringify(child.default) : undefined,
          isGroup: below.length > 0,
        },
        ...below,
      ]
    }),
  )
}

/** In the order of the schema. */
export const labKeys = (): LabKey[] =>
  keysOf(z.toJSONSchema(labSchema, { io: 'input', unrepresentable: 'any' }) as Node, '')
