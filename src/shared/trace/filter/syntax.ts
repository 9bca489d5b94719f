/**
 * The filter language as text and as a tree. Comparisons (`dhcp.type == offer`), `&&`, `||`, `!`, parentheses and words;
 * what stands side by side must all hold.
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

export const operators = ['==', '!=', '>=', '<=', '>', '<', 'contains'] as const
export type Operator = (typeof operators)[number]

export type FilterNode =
  | { readonly kind: 'and' | 'or'; readonly left: FilterNode; readonly right: FilterNode }
  | { readonly kind: 'not'; readonly inner: FilterNode }
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  | { readonly kind: 'compare'; readonly field: string; readonly operator: Operator; readonly value: string; readonly at: number; readonly valueAt: number } // prettier-ignore

export interface Token {
  readonly kind: 'word' | 'quoted' | 'operator' | 'and' | 'or' | 'not' | 'open' | 'close'
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
  ['!', 'not'],
  ['(', 'open'],
  [')', 'close'],
]
const wordKinds: Readonly<Record<string, Token['kind']>> = { and: 'and', or: 'or', not: 'not', contains: 'operator' }

/** The tokens of a text, also of one that is not finished: an open quotation ends with the text. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const rest = text.slice(at)
    const space = /^\s+/.exec(rest)
    if (space) {
      at += space[0].length
      continue
    }
    const quoted = /^"((?:[^"\\]|\\.)*)("|$)/.exec(rest)
    if (quoted) {
      tokens.push({ kind: 'quoted', text: quoted[1]!.replace(/\\(.)/g, '$1'), at, length: quoted[0].length })
      at += quoted[0].length
      continue
    }
    const symbol = symbols.find(([one]) => rest.startsWith(one))
    if (symbol) {
      tokens.push({ kind: symbol[1], text: symbol[0] === '=' ? '==' : symbol[0], at, length: symbol[0].length })
      at += symbol[0].length
      continue
    }
    // A word may hold an exclamation mark, as file names do; it only ends at what is an operator everywhere.
    const word = /^(?:[^\s"()&|=<>!]|&(?!&)|\|(?!\|)|!(?!=))+/.exec(rest)
    const found = word ? word[0] : rest[0]!
    tokens.push({ kind: wordKinds[found.toLowerCase()] ?? 'word', text: found, at, length: found.length })
    at += found.length
  }
  return tokens
}

const wrong = (at: number, length: number, message: string, remedy: string): FilterError =>
  new FilterError({ at, length, message, remedy })

class Parser {
  readonly #tokens: readonly Token[]
  readonly #end: number
  #next = 0

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
    let left = this.#and()
    while (this.#peek()?.kind === 'or') {
      this.#next++
      left = { kind: 'or', left, right: this.#and() }
    }
    return left
  }

  #and(): FilterNode {
    let left = this.#not()
    for (;;) {
      const token = this.#peek()
      if (!token || token.kind === 'or' || token.kind === 'close') return left
      if (token.kind === 'and') this.#next++
      left = { kind: 'and', left, right: this.#not() }
    }
  }

  #not(): FilterNode {
    const token = this.#peek()
    if (!token) throw wrong(this.#end, 0, 'the filter ends here', 'Write what comes next, or remove the last word.')
    this.#next++
    switch (token.kind) {
      case 'not':
        return { kind: 'not', inner: this.#not() }
      case 'open': {
        const inner = this.#or()
        if (this.#peek()?.kind !== 'close')
          throw wrong(token.at, token.length, 'the parenthesis is not closed', 'Write ) at its end.')
        this.#next++
        return inner
      }
      case 'word':
        return this.#comparison(token)
      case 'quoted':
        return { kind: 'word', text: token.text, at: token.at }
      default:
        throw wrong(token.at, token.length, `"${token.text}" stands alone`, 'Write a field or a word before it.')
    }
  }

  #comparison(field: Token): FilterNode {
    const operator = this.#peek()
    if (operator?.kind !== 'operator') return { kind: 'word', text: field.text, at: field.at }
    this.#next++
    const value = this.#peek()
    if (value?.kind !== 'word' && value?.kind !== 'quoted')
      throw wrong(
        operator.at,
        operator.length,
        `${field.text} ${operator.text} has no value`,
        'Write the value behind it.',
      )
    this.#next++
    return {
      kind: 'compare',
      field: field.text.toLowerCase(),
      operator: operator.text.toLowerCase() as Operator,
      value: value.text,
      at: field.at,
      valueAt: value.at,
    }
  }
}

/** The tree of a filter, undefined for an empty one; throws a FilterError that says where and what. */
export const parseFilter = (text: string): FilterNode | undefined => new Parser(text).parse()
