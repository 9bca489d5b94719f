/**
 * JSON as Kea reads it (Kea ARM 4.1: comments of #, // and C, commas before a closing bracket, includes), each value with
 * its line. Total: what cannot be read ends the reading with a line and a reason.
 */

export interface JsonNode {
  readonly line: number
  readonly value: string | number | boolean | null | readonly JsonNode[] | ReadonlyMap<string, JsonNode>
  /** Where in the text it stands, first and behind last. */
  readonly from: number
  readonly to: number
}

export interface JsonReading {
  readonly root?: JsonNode
  /** Files that `<?include "..."?>` names. */
  readonly includes: readonly { readonly line: number; readonly name: string }[]
  readonly problem?: { readonly line: number; readonly why: string }
}

/** Deeper than any configuration, and not deep enough for a stack to run over. */
const deepest = 64

class Unreadable extends Error {}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

/** Reads JSON text; throws nothing. */
export function readJson(text: string): JsonReading {
  let at = 0
  let line = 1
  const includes: { line: number; name: string }[] = []

  const fail = (why: string): never => {
    throw new Unreadable(why)
  }
  const advance = (count: number): void => {
    for (const end = Math.min(at + count, text.length); at < end; at++) if (text[at] === '\n') line++
  }
  const skipTo = (end: string, otherwise: string): void => {
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
      if (one === undefined) return
      if (one === ' ' || one === '\t' || one === '\r' || one === '\n' || one === '\uFEFF') advance(1)
      else if (one === '#' || text.startsWith('//', at)) toLineEnd()
      else if (text.startsWith('/*', at)) skipTo('*/', 'the comment has no end: write */')
      else if (text.startsWith('<?include', at)) {
        const from = at
        const begins = line
        skipTo('?>', 'the include has no end: write ?>')
        const name = /"([^"]*)"/.exec(text.slice(from, Math.min(at, from + 4096)))?.[1]
        includes.push({ line: begins, name: name ?? '' })
      } else return
    }
  }
  function readString(): string {
    let found = ''
    at++
    for (;;) {
      const one = text[at]
      if (one === undefined || one === '\n') return fail('the string has no closing quotation mark')
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
      skipSpace()
      if (text[at] === close) return void at++
      if (at >= text.length) fail(`${close} is missing at the end`)
      readPart()
      skipSpace()
      if (text[at] === ',') at++
      else if (text[at] !== close)
        fail(`a comma or ${close} is missing before ${JSON.stringify(text.slice(at, at + 12))}`)
    }
  }
  function readValue(depth: number): JsonNode {
    skipSpace()
    if (depth > deepest) fail(`it is nested more than ${deepest} deep`)
    const [begins, from] = [line, at]
    const node = (value: JsonNode['value']): JsonNode => ({ line: begins, value, from, to: at })
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
          fail(`a key in quotation marks is missing before ${JSON.stringify(text.slice(at, at + 12))}`)
        const key = readString()
        skipSpace()
        if (text[at] !== ':') fail(`a colon is missing behind "${key}"`)
        at++
        map.set(key, readValue(depth + 1))
      })
      return node(map)
    }
    const word = /^[-+.\w]{1,64}/.exec(text.slice(at, at + 64))?.[0]
    if (word === undefined) return fail(`a value is missing before ${JSON.stringify(text.slice(at, at + 12))}`)
    at += word.length
    if (word === 'true' || word === 'false') return node(word === 'true')
    if (word === 'null') return node(null)
    const number = Number(word)
    return Number.isFinite(number) ? node(number) : fail(`${word} is no value: strings stand in quotation marks`)
  }

  try {
    const root = readValue(0)
    skipSpace()
    if (at < text.length)
      return { root, includes, problem: { line, why: 'there is more text behind the closing bracket' } }
    return { root, includes }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return { includes, problem: { line, why: error.message } }
  }
}
