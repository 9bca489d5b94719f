/** Where a key of a lab file stands in its text. */
import { isCollection, isNode, LineCounter, parseDocument } from 'yaml'

/** Line of a key such as dhcp.subnets[0].options.42, or of the nearest key around it; 0 where nothing of it is there. */
export function linesOf(text: string): (key: string) => number {
  const lines = new LineCounter()
  const { contents } = parseDocument(text, { lineCounter: lines })
  return (key) => {
    let line = 0
    let node: unknown = contents
    // Names may hold dots themselves: x64.efi is no key of ours, though an option may be named so.
    for (const part of key.split(/\.|\[(\d+)\]/).filter(Boolean)) {
      if (!isCollection(node)) break
      node = node.get(part, true) ?? node.get(Number(part), true)
      if (!isNode(node) || !node.range) break
      line = lines.linePos(node.range[0]).line
    }
    return line
  }
}
