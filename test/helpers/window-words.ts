/** Finds English in the code of the window that is no message, so that nobody would translate it. */
import { parseAst } from 'vite'

interface Found {
  readonly line: number
  readonly text: string
}

interface Node {
  readonly type: string
  readonly start: number
  readonly [field: string]: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

/** Attributes, properties and columns whose text somebody reads, however short it is. */
const read = new Set([
  'about', 'action', 'alt', 'answer', 'aria-description', 'aria-label', 'aria-roledescription', 'aria-valuetext', 'ariaLabel',
  'because', 'caption', 'confirm', 'description', 'detail', 'error', 'group', 'head', 'header', 'heading', 'hint', 'label',
  'legend', 'message', 'note', 'nothingFound', 'nothingFoundMessage', 'placeholder', 'prefix', 'question', 'reason', 'remedy',
  'says', 'suffix', 'summary', 'text', 'thumbLabel', 'tip', 'title', 'tooltip', 'unit', 'what', 'word',
]) // prettier-ignore

/** What a program reads although it may look like words. */
const calm = new Set([
  'accept', 'backgroundColor', 'border', 'borderRight', 'className', 'classNames', 'd', 'filter', 'fontFamily',
  'fontFamilyMonospace', 'gridTemplateColumns', 'href', 'id', 'key', 'outline', 'points', 'preserveAspectRatio', 'rel', 'role',
  'style', 'styles', 'target', 'transform', 'type', 'viewBox',
]) // prettier-ignore

/** Calls whose texts are compared, taken apart or given to a program. */
const calls = new Set([
  'Set',
  'endsWith',
  'includes',
  'match',
  'printPage',
  'replace',
  'replaceAll',
  'split',
  'startsWith',
  // Of the console.
  'warn',
])

/** A capital and small letters, or words one after the other: what reads like a label or a sentence wherever it stands. */
const reads = (text: string): boolean =>
  /(?:^|[\s(“"])[A-Z][a-z]+(?:$|[\s,.:;…)?’])/.test(text) || /[a-z]{2,} [a-z]{2,}/.test(text)

/** A value with a word beside it, as `${count} addresses`. */
const isGlued = (node: Node): boolean =>
  node.type === 'TemplateLiteral' &&
  (node.expressions as unknown[]).length > 0 &&
  (node.quasis as { readonly value: { readonly cooked: string } }[]).some(({ value }) => /(?:^| )[a-z]{3,}(?: |[,.:;)]? ?$)/.test(value.cooked) && value.cooked.includes(' ')) // prettier-ignore

const hasWord = (text: string): boolean => /\p{L}{2,}/u.test(text.replaceAll(/&\w+;/g, ' '))

/** The literal parts of a string or template. */
function literalOf(node: Node): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined
  return (node.quasis as { readonly value: { readonly cooked: string } }[]).map(({ value }) => value.cooked).join('…')
}

function nameOf(node: unknown): string {
  if (!isNode(node)) return ''
  if (node.type === 'MemberExpression') return nameOf(node.property)
  return typeof node.name === 'string' ? node.name : typeof node.value === 'string' ? node.value : ''
}

/** English of one file; `file` tells whether it has elements. */
export function englishIn(code: string, file: string): Found[] {
  const found: Found[] = []
  const tell = (node: Node, text: string): void => {
    const line = code.slice(0, node.start).split('\n').length
    found.push({ line, text: text.replaceAll(/\s+/g, ' ').trim() })
  }
  /** `isRead`: the value of this expression is shown to somebody. */
  const walk = (node: unknown, isRead: boolean): void => {
    if (Array.isArray(node)) {
      for (const one of node) walk(one, isRead)
      return
    }
    if (!isNode(node)) return
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'ImportExpression':
      case 'TSTypeAliasDeclaration':
      case 'TSInterfaceDeclaration':
      case 'TSTypeAnnotation':
      case 'TSTypeParameterInstantiation':
        return
      case 'JSXText':
        if (hasWord(node.value as string)) tell(node, node.value as string)
        return
      case 'JSXElement':
        walk(node.openingElement, false)
        walk(node.children, true)
        return
      case 'JSXFragment':
        walk(node.children, true)
        return
      case 'JSXAttribute':
        if (!calm.has(nameOf(node.name))) walk(node.value, read.has(nameOf(node.name)))
        return
      case 'Property':
        if (node.computed === true) walk(node.key, false)
        if (!calm.has(nameOf(node.key))) walk(node.value, read.has(nameOf(node.key)))
        return
      case 'BinaryExpression':
        if (/^(?:[!=]==?|in)$/.test(node.operator as string)) return
        walk(node.left, isRead)
        walk(node.right, isRead)
        return
      case 'ConditionalExpression':
        walk(node.test, false)
        walk([node.consequent, node.alternate], isRead)
        return
      case 'LogicalExpression':
        walk(node.left, node.operator !== '&&' && isRead)
        walk(node.right, isRead)
        return
      case 'MemberExpression':
        walk(node.object, false)
        if (node.computed === true) walk(node.property, false)
        return
      case 'SwitchCase':
        walk(node.consequent, false)
        return
      case 'CallExpression':
      case 'NewExpression': {
        const name = nameOf(node.callee)
        walk(node.callee, false)
        // The first of a message is its name, and the values may be evidence; the first of `attempt` is the head of what failed.
        if (!calls.has(name))
          (node.arguments as unknown[]).forEach((one, at) => walk(one, at === 0 && name === 'attempt'))
        return
      }
      case 'Literal':
      case 'TemplateLiteral': {
        const text = literalOf(node)
        if (text !== undefined && (isRead ? hasWord(text) : reads(text) || isGlued(node))) tell(node, text)
        if (node.type === 'TemplateLiteral') walk(node.expressions, isRead)
        return
      }
      case 'ArrowFunctionExpression':
        walk(node.params, false)
        walk(node.body, node.expression === true && isRead)
        return
      case 'JSXExpressionContainer':
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
      case 'TSNonNullExpression':
        walk(node.expression, isRead)
        return
      default:
        for (const [field, value] of Object.entries(node)) if (field !== 'type') walk(value, false)
    }
  }
  walk(parseAst(code, { lang: file.endsWith('x') ? 'tsx' : 'ts' }, file).body, false)
  return found
}
