/** What an element looks like stands in the style sheets: a `style` in the page has only values that are computed, such as a width from data. */
import { parseSync } from 'vite'
import { describe, expect, test } from 'vitest'
import { projectFiles, readProjectFile } from '../helpers/source-files.ts'

interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === 'string'

function* nodesIn(node: Node): Generator<Node> {
  yield node
  for (const value of Object.values(node)) for (const one of [value].flat()) if (isNode(one)) yield* nodesIn(one)
}

/** A value that stands there already when the program is written: a class, or an attribute, serves. */
function isFixed(value: Node): boolean {
  const both = (...names: readonly string[]): boolean => names.every((name) => isFixed(value[name] as Node))
  switch (value.type) {
    case 'Literal':
      return true
    case 'TemplateLiteral':
      return (value['expressions'] as unknown[]).length === 0
    case 'UnaryExpression':
      return both('argument')
    case 'ConditionalExpression':
      return both('consequent', 'alternate')
    default:
      return false
  }
}

/** The fixed properties of every `style` in a text, with the line that each is on. */
function fixedStyles(name: string, text: string): string[] {
  const found: string[] = []
  const { program } = parseSync(name, text)
  for (const node of nodesIn(program as unknown as Node)) {
    const isStyle =
      (node.type === 'JSXAttribute' && (node['name'] as Node)['name'] === 'style') ||
      (node.type === 'Property' && (node['key'] as Node)['name'] === 'style')
    if (!isStyle) continue
    for (const one of nodesIn(node['value'] as Node)) {
      const { key, value, start } = one as unknown as { key: Node; value: Node; start: number }
      if (one.type === 'Property' && isFixed(value))
        found.push(`${name}:${text.slice(0, start).split('\n').length} ${String(key['name'] ?? key['value'])}`)
    }
  }
  return found
}

describe('inline styles', () => {
  test.each([
    ['<a style={{ width: 3 }} />', ['x.tsx:1 width']],
    ["<a style={isBad ? { color: 'red' } : {}} />", ['x.tsx:1 color']],
    ["<a style={{ color: isBad ? 'red' : 'green', left }} />", ['x.tsx:1 color']],
    ['const shared = { style: { flex: 1, top: -1 } }', ['x.tsx:1 flex', 'x.tsx:1 top']],
    ['<a style={{ width, left: place.x, top: `${y}px`, color: looks[state], gridArea: named(1) }} />', []],
    ['<a style={undefined} />', []],
  ])('%s', (text, expected) => {
    expect(fixedStyles('x.tsx', text)).toEqual(expected)
  })

  test('have only what is computed', () => {
    const pages = projectFiles().filter((file) => /^src\/renderer\/.*\.tsx$/.test(file))
    expect(pages.length).toBeGreaterThan(100)
    expect(pages.flatMap((file) => fixedStyles(file, readProjectFile(file))), 'Write a class, or a prop of Mantine.').toEqual([]) // prettier-ignore
  })
})
