/** A step of the Markdown renderer: terms become <dfn> elements with their definition, each where it comes first. */
import { textOf } from '#messages/text.ts'
import { withTerms } from '#shared/knowledge/glossary.ts'

interface Node {
  readonly type: string
  readonly tagName?: string
  readonly value?: string
  readonly properties?: Readonly<Record<string, string>>
  children?: Node[]
}

/** Where a definition would be in the way. */
const apart = new Set(['a', 'code', 'pre', 'h1', 'h2', 'h3', 'h4', 'th'])

function mark(node: Node, seen: Set<string>): void {
  if (!node.children || apart.has(node.tagName ?? '')) return
  node.children = node.children.flatMap((child): Node[] => {
    if (child.type !== 'text') {
      mark(child, seen)
      return [child]
    }
    return withTerms(child.value ?? '', seen).map((piece) =>
      typeof piece === 'string'
        ? { type: 'text', value: piece }
        : {
            type: 'element',
            tagName: 'dfn',
            properties: { title: textOf(piece.term.means) },
            children: [{ type: 'text', value: piece.text }],
          },
    )
  })
}

export const markTerms = () => (tree: Node) => mark(tree, new Set())
