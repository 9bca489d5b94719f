/** YAML files under a schema: every problem with its line, field, value and remedy. */
import { LineCounter, isNode, isSeq, parseDocument, type Document, type Node } from 'yaml'
import type { z } from 'zod'
import type { LabProblem } from './lab.ts'
import { explainIssues, shownValue, type Path } from './schema-problems.ts'

export class ProblemList {
  readonly problems: LabProblem[] = []
  readonly #document: Document
  readonly #lines: LineCounter

  constructor(document: Document, lines: LineCounter) {
    this.#document = document
    this.#lines = lines
  }

  add(path: Path, message: string, remedy: string, value: unknown = this.#valueAt(path)): void {
    this.problems.push({
      ...this.#place(path),
      field: this.#fieldName(path),
      value: shownValue(value),
      message,
      remedy,
    })
  }

  /** `dhcp.subnets[0].options.42`: positions in brackets, keys after a dot, numbers or not. */
  #fieldName(path: Path): string {
    const name = path.reduce<string>((text, key, at) => {
      if (isSeq(this.#document.getIn(path.slice(0, at) as unknown[], true))) return `${text}[${String(key)}]`
      return text === '' ? String(key) : `${text}.${String(key)}`
    }, '')
    return name === '' ? 'the file' : name
  }

  #valueAt(path: Path): unknown {
    const node = this.#document.getIn(path as unknown[], true)
    return isNode(node) ? (node.toJS(this.#document) as unknown) : node
  }

  /** The line of the value, or of the nearest thing around it that is there. */
  #place(path: Path): { line: number; column: number } {
    for (let length = path.length; length >= 0; length--) {
      const node =
        length === 0
          ? this.#document.contents
          : (this.#document.getIn(path.slice(0, length) as unknown[], true) as Node | undefined)
      const at = isNode(node) ? node.range?.[0] : undefined
      if (at === undefined) continue
      const { line, col } = this.#lines.linePos(at)
      return { line, column: col }
    }
    return { line: 0, column: 0 }
  }
}

/** Reads YAML (or JSON) under a schema. `list` holds what is wrong; a value is there only where nothing is. */
export function readYaml<S extends z.ZodType>(
  text: string,
  schema: S,
  noun: string,
): {
  readonly document: Document
  readonly list: ProblemList
  readonly input: unknown
  readonly value: z.infer<S> | undefined
} {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const list = new ProblemList(document, lines)
  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0])
    const near = text.split('\n')[line - 1]?.trim() ?? ''
    list.problems.push({
      line,
      column: col,
      field: 'the file',
      value: shownValue(near),
      message: `is not YAML: ${error.message}`,
      remedy: 'Check indentation, colons and brackets around this line.',
    })
  }
  if (list.problems.length > 0) return { document, list, input: undefined, value: undefined }
  const input: unknown = document.toJS() ?? {}
  const result = schema.safeParse(input, { reportInput: true })
  if (!result.success) explainIssues(schema, noun, result.error, (...told) => list.add(...told))
  return { document, list, input, value: result.success ? result.data : undefined }
}
