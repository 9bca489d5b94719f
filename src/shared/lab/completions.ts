/**
 * What may be written next in a YAML file that a JSON schema describes: keys that are not there yet, and the values of a
 * key. It goes by lines and indentation, since a text is no YAML while somebody types it.
 */

export interface SchemaNode {
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: SchemaNode | boolean
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
  readonly oneOf?: readonly SchemaNode[]
}

export interface Proposed {
  readonly label: string
  /** What it means, one line. */
  readonly detail: string
  /** The text that takes the place of what was begun. */
  readonly text: string
}

export interface Proposals {
  /** Offset of what was begun. */
  readonly from: number
  readonly proposed: readonly Proposed[]
}

const item: unique symbol = Symbol('item')
type Step = string | typeof item

/** Every way in which a value may be shaped. */
const shapesOf = (node: SchemaNode): readonly SchemaNode[] =>
  [...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap(shapesOf).concat(node.anyOf || node.oneOf ? [] : [node])

function below(nodes: readonly SchemaNode[], step: Step): readonly SchemaNode[] {
  return nodes.flatMap(shapesOf).flatMap((node) => {
    if (step === item) return node.items ?? []
    const { additionalProperties: rest } = node
    return (node.properties && Object.hasOwn(node.properties, step) ? node.properties[step] : undefined) ?? (typeof rest === 'object' ? rest : []) // prettier-ignore
  })
}

interface Line {
  /** Of its key or value, dashes counted as blanks. */
  readonly indent: number
  /** Columns of its dashes. */
  readonly dashes: readonly number[]
  readonly key: string | undefined
}

const keyPattern = /^(?:"([^"]*)"|'([^']*)'|([^\s"'#:{}[\],&*!|>%@`][^:{}[\],]*?))\s*:(?=\s|$)/

function lineOf(text: string): Line | undefined {
  const dashes: number[] = []
  let at = /^ */.exec(text)![0].length
  for (let dash = /^-(?: +|$)/.exec(text.slice(at)); dash; dash = /^-(?: +|$)/.exec(text.slice(at))) {
    dashes.push(at)
    at += dash[0].length
  }
  const rest = text.slice(at)
  if (rest.startsWith('#') || (rest.trim() === '' && dashes.length === 0)) return undefined
  const match = keyPattern.exec(rest)
  return { indent: at, dashes, key: match ? (match[1] ?? match[2] ?? match[3]) : undefined }
}

/** Keys and items that the line at `indent` is in, and the keys that stand beside it. */
function surroundings(lines: readonly string[], at: number, own: Line): { path: Step[]; siblings: Set<string> } {
  const path: Step[] = []
  const siblings = new Set<string>()
  /** What encloses the line begins left of this column. */
  let left = own.indent
  let isBeside = true
  const enter = (dashes: readonly number[]): void => {
    // A dash left of what follows it makes that an item.
    for (const dash of dashes.toReversed())
      if (dash < left) {
        path.unshift(item)
        left = dash
        isBeside = false
      }
  }
  enter(own.dashes)
  for (let above = at - 1; above >= 0 && (left > 0 || isBeside); above--) {
    const line = lineOf(lines[above]!)
    if (!line) continue
    if (isBeside && line.indent === left && line.key !== undefined) siblings.add(line.key)
    if (line.indent < left && line.key !== undefined) {
      path.unshift(line.key)
      left = line.indent
      isBeside = false
      enter(line.dashes)
    } else if (line.indent === left && !isBeside && line.key !== undefined && path[0] === item) {
      // A list may stand as far left as its key.
      path.unshift(line.key)
      enter(line.dashes)
    } else if (line.indent === left && path[0] !== item) enter(line.dashes)
  }
  for (let beneath = at + 1; beneath < lines.length; beneath++) {
    const line = lineOf(lines[beneath]!)
    if (!line) continue
    if (line.dashes.length > 0 || line.indent < own.indent) break
    if (line.indent === own.indent && line.key !== undefined) siblings.add(line.key)
  }
  return { path, siblings }
}

/** The innermost map in braces that is open at the end of this text; undefined where none is. */
function openBraces(
  text: string,
): { readonly before: string; readonly inside: string; readonly isList: boolean } | undefined {
  const open: number[] = []
  for (let at = 0, quote = ''; at < text.length; at++) {
    const character = text[at]!
    if (quote) quote = character === quote ? '' : quote
    else if ((character === '"' || character === "'") && /[\s{[,:]/.test(text[at - 1] ?? ' ')) quote = character
    else if (character === '{' || character === '[') open.push(at)
    else if (character === '}' || character === ']') open.pop()
  }
  const last = open.at(-1)
  if (last === undefined) return undefined
  return { before: text.slice(0, last), inside: text.slice(last + 1), isList: text[last] === '[' }
}

const scalar = (value: unknown): string =>
  typeof value === 'string' ? (/^(none|null|true|false|~|on|off|yes|no|[\d.+-].*)?$/i.test(value) && value !== 'none' ? JSON.stringify(value) : value) : String(value) // prettier-ignore

const hasType = ({ type }: SchemaNode, wanted: string): boolean => [type].flat().includes(wanted)

function valuesOf(nodes: readonly SchemaNode[]): Proposed[] {
  const found = new Map<string, Proposed>()
  const add = (value: unknown, detail: string): void => {
    if (typeof value === 'object' && value !== null) return
    const text = scalar(value)
    if (!found.has(text)) found.set(text, { label: text, detail, text })
  }
  for (const outer of nodes)
    for (const node of shapesOf(outer)) {
      const detail = node.description ?? outer.description ?? ''
      for (const value of node.enum ?? []) add(value, detail)
      if (node.const !== undefined) add(node.const, detail)
      if (hasType(node, 'boolean')) [true, false].forEach((value) => add(value, detail))
      if (hasType(node, 'null')) add(null, detail)
      if (node.default !== undefined) add(node.default, detail)
      if (outer.default !== undefined) add(outer.default, detail)
    }
  return [...found.values()]
}

const isObject = (node: SchemaNode): boolean =>
  shapesOf(node).some((shape) => hasType(shape, 'object') || shape.properties !== undefined)
const isArray = (node: SchemaNode): boolean => shapesOf(node).some((shape) => hasType(shape, 'array'))

function keysOf(
  nodes: readonly SchemaNode[],
  taken: ReadonlySet<string>,
  after: (node: SchemaNode) => string,
): Proposed[] {
  const found = new Map<string, Proposed>()
  for (const node of nodes.flatMap(shapesOf))
    for (const [key, value] of Object.entries(node.properties ?? {}))
      if (!taken.has(key) && !found.has(key))
        found.set(key, { label: key, detail: value.description ?? '', text: key + after(value) })
  return [...found.values()]
}

/** What may be written at `offset` of the text. */
export function proposeYaml(text: string, offset: number, schema: SchemaNode): Proposals {
  const lines = text.split('\n')
  const at = text.slice(0, offset).split('\n').length - 1
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const before = text.slice(start, offset).replace(/\r$/, '')
  const nothing: Proposals = { from: offset, proposed: [] }
  if (/(^|\s)#/.test(before)) return nothing
  const braces = openBraces(before)
  if (braces) return insideBraces(lines, at, offset, braces, schema)
  const own = lineOf(before) ?? { indent: before.length, dashes: [], key: undefined }
  const { path, siblings } = surroundings(lines, at, own)
  const here = path.reduce<readonly SchemaNode[]>(below, [schema])
  const begun = before.slice(own.indent)
  if (own.key === undefined) {
    if (/\s/.test(begun.trimStart())) return nothing
    const pad = ' '.repeat(own.indent)
    const keys = keysOf(here, siblings, (node) =>
      isObject(node) ? `:\n${pad}  ` : isArray(node) ? `:\n${pad}  - ` : ': ',
    )
    // An item of a list may be a value itself.
    const values = path.at(-1) === item && own.dashes.length > 0 ? valuesOf(here) : []
    return { from: offset - begun.length, proposed: [...keys, ...values] }
  }
  const value = begun.slice(begun.indexOf(':') + 1)
  if (value === '') return nothing
  return { from: offset - value.trimStart().length, proposed: valuesOf(below(here, own.key)) }
}

function insideBraces(
  lines: readonly string[],
  at: number,
  offset: number,
  { before, inside, isList }: NonNullable<ReturnType<typeof openBraces>>,
  schema: SchemaNode,
): Proposals {
  const path = pathBefore(before)
  const own = lineOf(path.rest) ?? { indent: path.rest.length, dashes: [], key: undefined }
  const around = surroundings(lines, at, own).path
  const nodes = [...around, ...(own.key === undefined ? [] : [own.key]), ...path.steps].reduce<readonly SchemaNode[]>(below, [schema]) // prettier-ignore
  const last = inside.slice(inside.lastIndexOf(',') + 1)
  const begun = last.trimStart()
  if (isList) return { from: offset - begun.length, proposed: valuesOf(below(nodes, item)) }
  const colon = /^("[^"]*"|'[^']*'|[^:\s]+)\s*:\s+/.exec(begun)
  if (colon) {
    const key = colon[1]!.replaceAll(/["']/g, '')
    return { from: offset - (begun.length - colon[0].length), proposed: valuesOf(below(nodes, key)) }
  }
  const taken = new Set([...inside.matchAll(/(?:^|,)\s*([\w-]+)\s*:/g)].map((match) => match[1]!))
  return { from: offset - begun.length, proposed: keysOf(nodes, taken, () => ': ') }
}

/** Steps through the braces that are open around the innermost ones, and the text of the line before the first of them. */
function pathBefore(before: string): { readonly rest: string; readonly steps: readonly Step[] } {
  const outer = openBraces(before)
  if (!outer) return { rest: before, steps: [] }
  const { rest, steps } = pathBefore(outer.before)
  const last = outer.inside.slice(outer.inside.lastIndexOf(',') + 1).trim()
  const key = /^("[^"]*"|'[^']*'|[^:\s]+)\s*:/.exec(last)?.[1]?.replaceAll(/["']/g, '')
  const own: Step[] = outer.isList ? [item] : []
  return { rest, steps: [...steps, ...own, ...(key === undefined ? [] : [key])] }
}
