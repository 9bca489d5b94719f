/** XML as Windows exports it (elements and text, no namespaces), each element with its line. Total. */

export interface XmlNode {
  readonly name: string
  readonly line: number
  readonly children: readonly XmlNode[]
  readonly text: string
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const plain = (text: string): string =>
  text.replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]+);/gi, (all, name: string) => {
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : name.startsWith('#') ? Number(name.slice(1)) : Number.NaN // prettier-ignore
    return code <= 0x10ffff
      ? String.fromCodePoint(code)
      : Object.hasOwn(entities, name.toLowerCase())
        ? entities[name.toLowerCase()]!
        : all
  })

interface Open {
  readonly name: string
  readonly line: number
  readonly children: XmlNode[]
  text: string
}

/** The elements of a document below a root without a name; what is not closed ends with the file. */
export function readXml(text: string): {
  readonly root: XmlNode
  readonly problem?: { readonly line: number; readonly why: string }
} {
  const root: Open = { name: '', line: 1, children: [], text: '' }
  const stack = [root]
  let line = 1
  let at = 0
  let problem: { line: number; why: string } | undefined
  const count = (part: string): void => {
    for (let found = part.indexOf('\n'); found >= 0; found = part.indexOf('\n', found + 1)) line++
  }
  const close = (): void => {
    const { name, line: from, children, text: inner } = stack.pop()!
    stack.at(-1)!.children.push({ name, line: from, children, text: plain(inner).trim() })
  }
  while (at < text.length) {
    const open = text.indexOf('<', at)
    const before = text.slice(at, open < 0 ? text.length : open)
    stack.at(-1)!.text += before
    count(before)
    if (open < 0) break
    const isComment = text.startsWith('<!--', open)
    const end = text.indexOf(isComment ? '-->' : '>', open)
    if (end < 0) {
      problem ??= { line, why: 'an element has no end' }
      break
    }
    const tag = text.slice(open, end + 1)
    const [, slash, name = '', isEmpty] = /^<(\/?)([\w:.-]+)[^>]*?(\/?)>$/s.exec(tag) ?? []
    const local = name.slice(name.lastIndexOf(':') + 1)
    if (name !== '' && slash === '' && stack.length < 60) {
      stack.push({ name: local, line, children: [], text: '' })
      if (isEmpty === '/') close()
    } else if (name !== '' && slash === '/') {
      const depth = stack.findLastIndex((one) => one.name === local)
      if (depth > 0) while (stack.length > depth) close()
    }
    count(tag)
    at = end + (isComment ? 3 : 1)
  }
  if (stack.length > 1) problem ??= { line: stack.at(-1)!.line, why: `${stack.at(-1)!.name} is not closed` }
  while (stack.length > 1) close()
  return { root: { ...root, text: '' }, ...(problem ? { problem } : {}) }
}
