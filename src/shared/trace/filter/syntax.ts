/**
 * The filter language as text and as a tree. Comparisons (`dhcp.type == offer`), sets (`udp.port in {67, 68}`), `&&`, `||`, `!`,
 * parentheses and words; what stands side by side must all hold. Wireshark's spellings of operators are taken as well.
 */
export interface FilterProblem {
  /** Offset and length in the text. */
  readonly at: number
  readonly length: number
  readonly message: string
  readonly remedy: string
}

export class FilterError extends Error {
  readonly problem: FilterProblem
  constructor(problem: FilterProblem) {
    super(problem.message)
    this.problem = problem
  }
}

export const operators = ['==', '!=', '>=', '<=', '>', '<', 'contains', 'matches', 'in'] as const
export type Operator = (typeof operators)[number]

export type FilterNode =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly FilterNode[] }
  | { readonly kind: 'not'; readonly inner: FilterNode }
  | { readonly kind: 'word'; readonly text: string; readonly at: number; readonly isQuoted: boolean }
  | { readonly kind: 'compare'; readonly field: string; readonly operator: Operator; readonly value: string; readonly at: number; readonly valueAt: number; readonly valueLength: number } // prettier-ignore

export interface Token {
  readonly kind: 'word' | 'quoted' | 'operator' | 'and' | 'or' | 'not' | 'open' | 'close' | 'set'
  readonly text: string
  readonly at: number
  readonly length: number
}

const symbols: readonly (readonly [string, Token['kind']])[] = [
  ['&&', 'and'],
  ['||', 'or'],
  ['==', 'operator'],
  ['!=', 'operator'],
  ['>=', 'operator'],
  ['<=', 'operator'],
  ['>', 'operator'],
  ['<', 'operator'],
  ['=', 'operator'],
  ['~', 'operator'],
  ['!', 'not'],
  ['(', 'open'],
  [')', 'close'],
]
const wordKinds: Readonly<Record<string, Token['kind']>> = { and: 'and', or: 'or', not: 'not', contains: 'operator' }
/** Operators by other names. Those that are words are so between a field and a value only. */
const spellings: Readonly<Record<string, Operator>> = { '=': '==', '~': 'matches' }
const wordOperators: Readonly<Record<string, Operator>> = { eq: '==', ne: '!=', gt: '>', lt: '<', ge: '>=', le: '<=', matches: 'matches', in: 'in' } // prettier-ignore

const space = /\s+/y
const quoted = /"((?:[^"\\]|\\.)*)("|$)/y
const set = /\{([^}]*)(\}|$)/y
// A word may hold an exclamation mark, as file names do; it only ends at what is an operator everywhere.
const word = /(?:[^\s"()&|=<>!]|&(?!&)|\|(?!\|)|!(?!=))+/y

/** The tokens of a text, also of one that is not finished: an open quotation ends with the text. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const found = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(text)
  }
  const add = (kind: Token['kind'], length: number, value: string): void => {
    tokens.push({ kind, text: value, at, length })
    at += length
  }
  while (at < text.length) {
    const gap = found(space)
    if (gap) {
      at += gap[0].length
      continue
    }
    const before = tokens.at(-1)
    const values = before?.text.toLowerCase() === 'in' ? found(set) : null
    if (values) {
      add('set', values[0].length, values[1]!)
      continue
    }
    const quotation = found(quoted)
    const symbol = symbols.find(([one]) => text.startsWith(one, at))
    if (quotation) add('quoted', quotation[0].length, quotation[1]!.replace(/\\(.)/g, '$1'))
    else if (symbol) add(symbol[1], symbol[0].length, spellings[symbol[0]] ?? symbol[0])
    else {
      const one = found(word)?.[0] ?? text[at]!
      const name = one.toLowerCase()
      add(Object.hasOwn(wordKinds, name) ? wordKinds[name]! : 'word', one.length, one)
    }
  }
  return tokens
}

const wrong = (at: number, length: number, message: string, remedy: string): FilterError =>
  new FilterError({ at, length, message, remedy })

/** Parentheses and negations inside each other: more than anybody writes, far fewer than the call stack holds. */
const deepest = 100

class Parser {
  readonly #tokens: readonly Token[]
  readonly #end: number
  #next = 0
  #depth = 0

  constructor(text: string) {
    this.#tokens = tokenize(text)
    this.#end = text.length
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next]
  }

  parse(): FilterNode | undefined {
    if (this.#tokens.length === 0) return undefined
    const tree = this.#or()
    const left = this.#peek()
    if (left) throw wrong(left.at, left.length, `"${left.text}" has no beginning`, 'Remove it, or open a parenthesis.')
    return tree
  }

  #or(): FilterNode {
    const parts = [this.#and()]
    while (this.#peek()?.kind === 'or') {
      this.#next++
      parts.push(this.#and())
    }
    return parts.length === 1 ? parts[0]! : { kind: 'or', parts }
  }

  #and(): FilterNode {
    const parts = [this.#not()]
    for (;;) {
      const token = this.#peek()
      if (!token || token.kind === 'or' || token.kind === 'close')
        return parts.length === 1 ? parts[0]! : { kind: 'and', parts }
      if (token.kind === 'and') this.#next++
      parts.push(this.#not())
    }
  }

  /** Reads what stands inside `token`, one level deeper. */
  #inside(token: Token, read: () => FilterNode): FilterNode {
    if (++this.#depth > deepest)
      throw wrong(token.at, token.length, `more than ${deepest} levels of ( and ! are nested here`, 'Write it flatter.')
    const inner = read()
    this.#depth--
    return inner
  }

  #not(): FilterNode {
    const token = this.#peek()
    if (!token) throw wrong(this.#end, 0, 'the filter ends here', 'Write what comes next, or remove the last word.')
    this.#next++
    switch (token.kind) {
      case 'not':
        return { kind: 'not', inner: this.#inside(token, () => this.#not()) }
      case 'open': {
        const inner = this.#inside(token, () => this.#or())
        if (this.#peek()?.kind !== 'close')
          throw wrong(token.at, token.length, 'the parenthesis is not closed', 'Write ) at its end.')
        this.#next++
        return inner
      }
      case 'word':
        return this.#comparison(token)
      case 'quoted':
        return { kind: 'word', text: token.text, at: token.at, isQuoted: true }
      default:
        throw wrong(token.at, token.length, `"${token.text}" stands alone`, 'Write a field or a word before it.')
    }
  }

  /** The operator that comes next, if one does: a word such as `eq` is one where a value follows it. */
  #operator(): Operator | undefined {
    const token = this.#peek()
    if (token?.kind === 'operator') return token.text.toLowerCase() as Operator
    const following = this.#tokens[this.#next + 1]?.kind
    const spelled = token?.kind === 'word' ? wordOperators[token.text.toLowerCase()] : undefined
    if (spelled === 'in') return following === 'set' ? spelled : undefined
    return following === 'word' || following === 'quoted' ? spelled : undefined
  }

  #comparison(field: Token): FilterNode {
    const operator = this.#operator()
    if (operator === undefined) return { kind: 'word', text: field.text, at: field.at, isQuoted: false }
    const sign = this.#peek()!
    this.#next++
    const value = this.#peek()
    if (value?.kind !== 'word' && value?.kind !== 'quoted' && value?.kind !== 'set')
      throw wrong(sign.at, sign.length, `${field.text} ${sign.text} has no value`, 'Write the value behind it.')
    this.#next++
    return {
      kind: 'compare',
      field: field.text.toLowerCase(),
      operator,
      value: value.text,
      at: field.at,
      valueAt: value.at,
      valueLength: value.length,
    }
  }
}

/** The tree of a filter, undefined for an empty one; throws a FilterError that says where and what. */
export const parseFilter = (text: string): FilterNode | undefined => new Parser(text).parse()
