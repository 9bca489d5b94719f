/** The tokens of dhcpd.conf(5), each with its file and line, and a cursor over them that follows `include`. Total. */
import { findIncluded } from './included.ts'
import type { Source, SourceFile } from './model.ts'

export interface Token extends Source {
  readonly is: 'word' | 'string' | 'sign' | 'end'
  /** Octets of a string without its quotation marks; what stands in the file otherwise. */
  readonly text: string
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b' }

/** A string from behind its quotation mark, and where it ends. */
function stringAt(text: string, from: number): { readonly text: string; readonly to: number } {
  const parts: string[] = []
  let at = from
  while (at < text.length && text[at] !== '"') {
    const one = text[at]!
    if (one !== '\\') {
      parts.push(one)
      at++
      continue
    }
    const octal = /^[0-3][0-7]{0,2}/.exec(text.slice(at + 1, at + 4))?.[0]
    const hex = /^x([0-9a-f]{1,2})/i.exec(text.slice(at + 1, at + 4))
    if (octal !== undefined) parts.push(String.fromCharCode(Number.parseInt(octal, 8)))
    else if (hex) parts.push(String.fromCharCode(Number.parseInt(hex[1]!, 16)))
    else parts.push(escapes[text[at + 1] ?? ''] ?? text[at + 1] ?? '')
    at += 1 + (octal?.length ?? hex?.[0].length ?? 1)
  }
  return { text: parts.join(''), to: at + 1 }
}

/** Words, strings and signs of a file; the last one is the end. */
export function dhcpdTokens({ name: file, text }: SourceFile): Token[] {
  const tokens: Token[] = []
  let line = 1
  let at = 0
  const word = /[\w-]+/y
  while (at < text.length) {
    const one = text[at]!
    if (one === '\n') line++
    if (/[\s\uFEFF]/.test(one)) at++
    else if (one === '#') {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
    } else if (one === '"') {
      const found = stringAt(text, at + 1)
      tokens.push({ is: 'string', text: found.text, file, line })
      for (; at < found.to && at < text.length; at++) if (text[at] === '\n') line++
    } else {
      word.lastIndex = at
      const found = word.exec(text)?.[0]
      const sign = found === undefined ? (/^(!=|~=|~~)/.exec(text.slice(at, at + 2))?.[0] ?? one) : ''
      tokens.push({ is: found === undefined ? 'sign' : 'word', text: found ?? sign, file, line })
      at += (found ?? sign).length
    }
  }
  tokens.push({ is: 'end', text: '', file, line })
  return tokens
}

/** Tokens one after the other; those of an included file stand where its statement stood. */
export class Tokens {
  readonly files: string[]
  #stack: { readonly tokens: readonly Token[]; at: number }[]
  readonly #others: readonly SourceFile[]

  constructor(file: SourceFile, others: readonly SourceFile[]) {
    this.files = [file.name]
    this.#others = others
    this.#stack = [{ tokens: dhcpdTokens(file), at: 0 }]
  }

  /** The token so many places ahead, within its file. */
  peek(ahead = 0): Token {
    for (;;) {
      const top = this.#stack.at(-1)!
      const found = top.tokens[Math.min(top.at + ahead, top.tokens.length - 1)]!
      // What was included ends without a word.
      if (found.is !== 'end' || ahead > 0 || this.#stack.length === 1) return found
      this.#stack.pop()
    }
  }

  next(): Token {
    const found = this.peek()
    if (found.is !== 'end') this.#stack.at(-1)!.at++
    return found
  }

  /** Takes the next token if it is the one. */
  takes(text: string): boolean {
    const one = this.peek()
    if (one.is === 'string' || one.is === 'end' || one.text.toLowerCase() !== text) return false
    this.next()
    return true
  }

  /** Goes on in the file of this name; false where it was not given or was read before. */
  include(name: string): boolean {
    const found = findIncluded(name, this.#others)
    if (!found || this.files.includes(found.name)) return false
    this.files.push(found.name)
    this.#stack.push({ tokens: dhcpdTokens(found), at: 0 })
    return true
  }

  /** Takes what is left of a statement: to its semicolon, or its brackets with what is in them. */
  restOfStatement(): Token[] {
    const found: Token[] = []
    let depth = 0
    for (;;) {
      const one = this.peek()
      if (one.is === 'end' || (one.is === 'sign' && one.text === '}' && depth === 0)) return found
      this.next()
      const sign = one.is === 'sign' ? one.text : ''
      if (sign === ';' && depth === 0) return found
      found.push(one)
      if (sign === '{') depth++
      if (sign === '}' && --depth === 0) {
        this.takes(';')
        return found
      }
    }
  }
}

/** Tokens as somebody would write them on one line. */
export const shownTokens = (tokens: readonly Token[]): string =>
  tokens
    .slice(0, 60)
    .map(({ is, text }) => (is === 'string' ? JSON.stringify(text) : text))
    .join(' ')
    .replaceAll(/ ?([.:/]) ?/g, '$1')
    .replaceAll(/ ([,;)])/g, '$1')
    .replaceAll('( ', '(')
    .slice(0, 200)
