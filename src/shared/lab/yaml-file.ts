/** YAML files under a schema: every problem with its line, field, value and remedy. */
import { say, type Phrase } from '#messages/message.ts'
import {
  Document,
  LineCounter,
  isAlias,
  isCollection,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  stringify,
  visit,
} from 'yaml'
import type { z } from 'zod'
import type { LabProblem } from './lab.ts'
import { explainIssues, mostProblems, shownValue, type Path } from './schema-problems.ts'

export class ProblemList {
  readonly problems: LabProblem[] = []
  readonly #document: Document
  readonly #lines: LineCounter

  constructor(document: Document, lines: LineCounter) {
    this.#document = document
    this.#lines = lines
  }

  get isFull(): boolean {
    return this.problems.length >= mostProblems
  }

  add(path: Path, message: Phrase, remedy: Phrase, value?: unknown): void {
    if (this.isFull) return
    this.problems.push({
      ...this.#place(path),
      field: this.#fieldName(path),
      value: shownValue(value === undefined ? this.#valueAt(path) : value),
      message,
      remedy,
    })
  }

  /** A problem of the text itself, at an offset in it. */
  addText(offset: number, value: string, message: Phrase, remedy: Phrase): void {
    if (this.isFull) return
    const { line, col } = this.#lines.linePos(offset)
    this.problems.push({ line, column: col, field: 'the file', value: shownValue(value), message, remedy })
  }

  /** `dhcp.subnets[0].options.42`: positions in brackets, keys after a dot, numbers or not. */
  #fieldName(path: Path): string {
    const name = path.reduce<string>((text, key, at) => {
      if (isSeq(this.#nodeAt(path.slice(0, at)))) return `${text}[${String(key)}]`
      return text === '' ? String(key) : `${text}.${String(key)}`
    }, '')
    return name === '' ? 'the file' : name
  }

  /** The node at a path. The keys of a value are text where those of the file may be numbers: `42: [10.0.0.1]`. */
  #nodeAt(path: Path): unknown {
    return path.reduce<unknown>(
      (node, key) => (isCollection(node) ? (node.get(key, true) ?? node.get(Number(key), true)) : undefined),
      this.#document.contents,
    )
  }

  #valueAt(path: Path): unknown {
    const node = this.#nodeAt(path)
    return isNode(node) ? (node.toJS(this.#document) as unknown) : node
  }

  /** The line of the value, or of the nearest thing around it that is there. */
  #place(path: Path): { line: number; column: number } {
    for (let length = path.length; length >= 0; length--) {
      const node = this.#nodeAt(path.slice(0, length))
      const at = isNode(node) ? node.range?.[0] : undefined
      if (at === undefined) continue
      const { line, col } = this.#lines.linePos(at)
      return { line, column: col }
    }
    return { line: 0, column: 0 }
  }
}

const tooDeep = [say('schema.nested-too-deeply'), say('schema.write-fewer-levels')] as const

/** What a call yields, or why the file is beyond it. */
function tried<T>(call: () => T): {
  readonly value?: T
  readonly complaint?: readonly [message: Phrase, remedy: Phrase]
} {
  try {
    return { value: call() }
  } catch (error) {
    // The reader descends by recursion, and a file may be deeper than the call stack.
    if (error instanceof RangeError) return { complaint: tooDeep }
    // Too many aliases of aliases ("billion laughs"), or one without its anchor.
    if (error instanceof ReferenceError)
      return {
        complaint: [
          say('schema.cannot-expanded', { message: error.message }),
          say('schema.write-values-out-instead-using'),
        ],
      }
    throw error
  }
}

/** Nobody who writes by hand repeats more than this. */
const mostAliases = 200

/**
 * Aliases that cannot be expanded, and keys that are none of a file's: lists and maps, and those that stand twice in one map. The reader's own check compares each
 * with each, which a long file takes minutes for.
 */
function addWrongKeys(document: Document, list: ProblemList): void {
  let aliases = 0
  visit(document, {
    Alias(_, alias, path) {
      const at = alias.range?.[0] ?? 0
      const name = `*${alias.source}`
      // Each is looked for among all anchors before it, which many take minutes for.
      if (++aliases > mostAliases) {
        list.addText(
          at,
          name,
          say('schema.too-many-aliases', { most: mostAliases }),
          say('schema.write-values-out-instead-using'),
        )
        return visit.BREAK
      }
      if (path.some((one) => isCollection(one) && one.anchor === alias.source))
        list.addText(at, name, say('schema.part-of-itself'), say('schema.write-value-out-instead-using'))
      return undefined
    },
    Map(_, map) {
      const seen = new Set<unknown>()
      for (const { key } of map.items) {
        if (isCollection(key) || isAlias(key)) {
          // The reader writes it out as text, and what is in it again at each level: a thousand braces take it hours.
          list.addText(key.range?.[0] ?? 0, '{', say('schema.no-key-text'), say('schema.write-text'))
          return visit.BREAK
        }
        if (!isScalar(key)) continue
        if (seen.has(key.value) && key.value !== '<<')
          list.addText(
            key.range?.[0] ?? 0,
            String(key.value),
            say('schema.stands-twice-same-map'),
            say('schema.remove-one'),
          )
        seen.add(key.value)
      }
      return undefined
    },
  })
}

/** Reads YAML (or JSON) under a schema. `list` holds what is wrong; a value is there only where nothing is. */
export function readYaml<S extends z.ZodType>(
  text: string,
  schema: S,
  noun: Phrase,
): {
  readonly document: Document
  readonly list: ProblemList
  readonly input: unknown
  readonly value: z.infer<S> | undefined
} {
  const lines = new LineCounter()
  const parsed = tried(() =>
    parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: 'error' }),
  )
  const document = parsed.value ?? new Document()
  const list = new ProblemList(document, lines)
  for (const { pos, message } of document.errors.slice(0, mostProblems)) {
    const near = text
      .slice(text.lastIndexOf('\n', pos[0] - 1) + 1, pos[0] + 200)
      .split('\n')[0]!
      .trim()
    // The reader turns its own overflow of the call stack into an error of the file.
    const [said, remedy] = message.includes('call stack')
      ? tooDeep
      : message.includes('multiple documents')
        ? [say('schema.second-document'), say('schema.one-document')]
        : [say('schema.not-yaml', { message }), say('schema.check-line')]
    list.addText(pos[0], near, said, remedy)
  }
  const wrongKeys = tried(() => addWrongKeys(document, list))
  // What is wrong already is not expanded: that may cost any time.
  const expanded = list.problems.length > 0 ? {} : tried(() => (document.toJS() ?? {}) as unknown)
  const complaint = parsed.complaint ?? wrongKeys.complaint ?? expanded.complaint
  if (complaint) list.addText(0, text.slice(0, 80), ...complaint)
  if (list.problems.length > 0) return { document, list, input: undefined, value: undefined }
  const input = expanded.value
  const result = schema.safeParse(input, { reportInput: true })
  if (!result.success) explainIssues(schema, noun, result.error, (...told) => list.add(...told))
  return { document, list, input, value: result.success ? result.data : undefined }
}

/** A value as people read it in a file. */
export const yamlText = (value: unknown): string => stringify(value, { lineWidth: 120 })
