/** The text of a site file: read and checked, and changed at one place with its comments and its order kept. */
import { say } from '#messages/message.ts'
import { isAlias, isCollection, isMap, isSeq, parseDocument, visit, type Alias, type Document } from 'yaml'
import type { LabProblem } from '../lab/lab.ts'
import { readYaml } from '../lab/yaml-file.ts'
import { contradictionsIn, siteFileSchema, type Path, type Site } from './site.ts'

export interface ReadSite {
  readonly problems: readonly LabProblem[]
  /** There only where nothing is wrong with the file. */
  readonly site: Site | undefined
  /** What the text says, of whatever shape; undefined where it is no YAML. */
  readonly stated: unknown
}

export function readSite(text: string): ReadSite {
  const { list, input, value } = readYaml(text, siteFileSchema, say('schema.a-site-file'))
  for (const { path, message, remedy } of value ? contradictionsIn(value) : []) list.add(path, message, remedy)
  const problems = list.problems.toSorted((a, b) => a.line - b.line)
  return { problems, site: problems.length === 0 ? value : undefined, stated: input }
}

const options = { lineWidth: 110, flowCollectionPadding: true } as const

function documentOf(text: string): Document | undefined {
  const document = parseDocument(text, { prettyErrors: false })
  return document.errors.length > 0 ? undefined : document
}

/** Writes a value at a path, or takes it away where it is undefined; the text as it was where it is no YAML. */
export function withValue(text: string, path: Path, value: unknown): string {
  const document = documentOf(text)
  if (!document || path.length === 0) return text
  const copies = aliasesOf(document)
  if (value === undefined) {
    remove(document, path)
    const { contents, commentBefore } = document
    if (contents !== null && !(isCollection(contents) && contents.items.length === 0)) return textOf(document, copies)
    return [commentBefore, contents?.commentBefore]
      .flatMap((one) => one?.split('\n') ?? [])
      .map((one) => `#${one}\n`)
      .join('')
  }
  // What is missing on the way is made: a list where a number follows, a map where a name does.
  for (let length = 0; length < path.length; length++) {
    const at = path.slice(0, length)
    const node = length === 0 ? document.contents : document.getIn(at, true)
    if (isMap(node) || isSeq(node)) continue
    // What stands for something written elsewhere becomes a copy, so that the other stays as it is.
    const copied: unknown = isAlias(node) ? node.toJS(document) : undefined
    const made = document.createNode(copied ?? (typeof path[length] === 'number' ? [] : {}))
    if (length === 0) document.contents = made as typeof document.contents
    else document.setIn(at, made)
  }
  document.setIn(path, document.createNode(value))
  return textOf(document, copies)
}

/** What each alias stands for. */
function aliasesOf(document: Document): ReadonlyMap<Alias, unknown> {
  const copies = new Map<Alias, unknown>()
  visit(document, { Alias: (_, alias) => void copies.set(alias, alias.toJS(document)) })
  return copies
}

/** An alias of what is no longer there becomes a copy of what it was. */
function textOf(document: Document, copies: ReadonlyMap<Alias, unknown>): string {
  if (copies.size > 0)
    visit(document, {
      Alias: (_, alias) => (alias.resolve(document) === undefined ? document.createNode(copies.get(alias)) : undefined),
    })
  return document.toString(options)
}

/** A list of which nothing is left goes as well; what is left of a map stays: it may say that something is there. */
function remove(document: Document, path: Path): void {
  if (!document.hasIn(path)) return
  document.deleteIn(path)
  const above = path.slice(0, -1)
  const node = above.length === 0 ? undefined : document.getIn(above, true)
  if (isSeq(node) && node.items.length === 0) remove(document, above)
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const without = (stated: unknown, key: string | number): unknown =>
  Array.isArray(stated)
    ? stated.toSpliced(Number(key), 1)
    : Object.fromEntries(Object.entries(stated as object).filter(([name]) => name !== String(key)))

/** What a text will say once `withValue` has written the same into it, which a long text takes seconds for. */
export function statedWith(stated: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  const own = Array.isArray(stated) || isPlain(stated) ? stated : undefined
  const inner = (own as Readonly<Record<string | number, unknown>> | undefined)?.[key]
  if (value === undefined) {
    if (inner === undefined) return stated
    const left = rest.length === 0 ? undefined : statedWith(inner, rest, undefined)
    if (left === inner) return stated
    if (left === undefined || (Array.isArray(left) && left.length === 0)) return without(own, key)
    return put(own, key, left)
  }
  return put(own ?? (typeof key === 'number' ? [] : {}), key, statedWith(inner, rest, value))
}

const put = (stated: unknown, key: string | number, value: unknown): unknown =>
  Array.isArray(stated)
    ? Object.assign([...(stated as unknown[])], { [key]: value })
    : { ...(stated as object), [key]: value }
