/**
 * JSON as Kea reads it (Kea ARM 4.1: comments of #, // and C, commas before a closing bracket, includes), each value with
 * its file and line. Total: what cannot be read ends the reading with a line and a reason.
 */
import { say, type Phrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import type { Source, SourceFile } from './model.ts'

export interface JsonNode extends Source {
  readonly value: string | number | boolean | null | readonly JsonNode[] | ReadonlyMap<string, JsonNode>
  /** As it is written, on one line and cut off where it is long. */
  readonly text: string
}

export interface JsonReading {
  readonly root?: JsonNode
  /** Files that `<?include "..."?>` names and that are not there, or that are read already. */
  readonly missing: readonly (Source & { readonly name: string })[]
  /** Keys that stand a second time in one pair of brackets. */
  readonly repeated: readonly (Source & { readonly name: string })[]
  /** Files that were included. */
  readonly included: readonly string[]
  readonly problem?: Source & { readonly why: Phrase }
}

/** Deeper than any configuration, and not deep enough for a stack to run over. */
const deepest = 64
/** More files than any configuration includes. */
const mostIncluded = 1000
const shownLength = 120

class Unreadable extends Error {
  readonly why: Phrase

  constructor(why: Phrase) {
    super(inEnglish(why))
    this.why = why
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

/** Reads JSON text, with the files that it includes where they stand; throws nothing. */
export function readJson(main: SourceFile, find: (name: string) => SourceFile | undefined): JsonReading {
  let { name: file, text } = main
  let at = 0
  let line = 1
  /** Where reading goes on behind what is included. */
  const outer: { readonly file: string; readonly text: string; readonly at: number; readonly line: number }[] = []
  const missing: (Source & { name: string })[] = []
  const repeated: (Source & { name: string })[] = []
  const included: string[] = []
  /** A file that is missing here: its values are too. */
  let lacks = false

  const fail = (why: Phrase): never => {
    throw new Unreadable(why)
  }
  const advance = (count: number): void => {
    for (const end = Math.min(at + count, text.length); at < end; at++) if (text[at] === '\n') line++
  }
  const skipTo = (end: string, otherwise: Phrase): void => {
    const found = text.indexOf(end, at)
    if (found < 0) fail(otherwise)
    advance(found + end.length - at)
  }
  const toLineEnd = (): void => {
    const found = text.indexOf('\n', at)
    at = found < 0 ? text.length : found
  }
  function skipSpace(): void {
    for (;;) {
      const one = text[at]
      if (one === undefined) {
        const before = outer.pop()
        if (!before) return
        ;({ file, text, at, line } = before)
      } else if (one === ' ' || one === '\t' || one === '\r' || one === '\n' || one === '\uFEFF') advance(1)
      else if (one === '#' || text.startsWith('//', at)) toLineEnd()
      else if (text.startsWith('/*', at)) skipTo('*/', say('interchange.comment-end-write'))
      else if (text.startsWith('<?include', at)) {
        const from = at
        const begins = line
        skipTo('?>', say('interchange.include-end-write'))
        const name = /"([^"]*)"/.exec(text.slice(from, Math.min(at, from + 4096)))?.[1] ?? ''
        const found = included.length < mostIncluded ? find(name) : undefined
        if (!found || found.name === file || outer.some((before) => before.file === found.name)) {
          missing.push({ file, line: begins, name })
          lacks = true
        } else {
          included.push(found.name)
          outer.push({ file, text, at, line })
          ;({ name: file, text } = found)
          at = 0
          line = 1
        }
      } else return
    }
  }
  function readString(): string {
    let found = ''
    at++
    for (;;) {
      const one = text[at]
      if (one === undefined || one === '\n') return fail(say('interchange.string-closing-quotation-mark'))
      at++
      if (one === '"') return found
      if (one !== '\\') {
        found += one
        continue
      }
      const escaped = text[at] ?? ''
      at++
      if (escaped === 'u') {
        found += String.fromCharCode(Number.parseInt(text.slice(at, at + 4), 16) || 0)
        at += 4
      } else found += escapes[escaped] ?? escaped
    }
  }
  /** What stands between brackets: each part once, a comma between them and perhaps behind the last. */
  function readParts(close: string, readPart: () => void): void {
    at++
    for (;;) {
      lacks = false
      skipSpace()
      if (text[at] === close) return void at++
      if (at >= text.length) fail(say('interchange.missing-end', { close }))
      if (!(lacks && text[at] === ',')) readPart()
      lacks = false
      skipSpace()
      if (text[at] === ',' || (lacks && text[at] !== close)) at += text[at] === ',' ? 1 : 0
      else if (text[at] !== close)
        fail(say('interchange.comma-missing-before', { close, stringify: JSON.stringify(text.slice(at, at + 12)) }))
    }
  }
  function readValue(depth: number): JsonNode {
    lacks = false
    skipSpace()
    if (depth > deepest) fail(say('interchange.nested-more-than-deep', { deepest }))
    const begins = { file, line }
    const [from, of] = [at, text]
    const node = (value: JsonNode['value']): JsonNode => {
      // A value that ends in another file is shown as far as its own goes.
      const to = Math.min(of === text ? at : of.length, from + shownLength)
      return { ...begins, value, text: of.slice(from, to).replaceAll(/\s+/g, ' ') }
    }
    if (lacks && /^[,}\]]?$/.test(text[at] ?? '')) return node(null)
    if (text[at] === '"') return node(readString())
    if (text[at] === '[') {
      const list: JsonNode[] = []
      readParts(']', () => list.push(readValue(depth + 1)))
      return node(list)
    }
    if (text[at] === '{') {
      const map = new Map<string, JsonNode>()
      readParts('}', () => {
        if (text[at] !== '"')
          fail(
            say('interchange.key-quotation-marks-missing-before', {
              stringify: JSON.stringify(text.slice(at, at + 12)),
            }),
          )
        const key = readString()
        skipSpace()
        if (text[at] !== ':') fail(say('interchange.colon-missing-behind', { key }))
        at++
        const value = readValue(depth + 1)
        if (map.has(key)) repeated.push({ file: value.file, line: value.line, name: key })
        map.set(key, value)
      })
      return node(map)
    }
    const word = /^[-+.\w]{1,64}/.exec(text.slice(at, at + 64))?.[0]
    if (word === undefined)
      return fail(say('interchange.value-missing-before', { stringify: JSON.stringify(text.slice(at, at + 12)) }))
    at += word.length
    if (word === 'true' || word === 'false') return node(word === 'true')
    if (word === 'null') return node(null)
    const number = Number(word)
    return Number.isFinite(number)
      ? node(number)
      : fail(say('interchange.value-strings-stand-quotation-marks', { word }))
  }

  try {
    const root = readValue(0)
    skipSpace()
    const more = at < text.length ? { problem: { file, line, why: say('interchange.more-text-behind-closing-bracket') } } : {} // prettier-ignore
    return { root, missing, repeated, included, ...more }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return { missing, repeated, included, problem: { file, line, why: error.why } }
  }
}
