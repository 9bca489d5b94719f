/**
 * What a lesson asks of a boot, as a text that people write: `uefi-pc.state == 'booted' and not some(code == 'PXE-E55')`. Names are
 * keys of the scenario; within `every`, `some` and `count` a bare name is a fact of each machine in turn. Nothing else can be called.
 */
export type FactValue = string | number | boolean

/** What is known of a finished boot: facts of each machine and of each host, by their keys. */
export interface Facts {
  readonly clients: Readonly<Record<string, Readonly<Record<string, FactValue>>>>
  readonly hosts: Readonly<Record<string, Readonly<Record<string, FactValue>>>>
}

/** An expression that cannot be read, or names what is not there. `remedy` says what can be written. */
export class ExpressionError extends Error {
  readonly remedy: string
  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

type Node =
  | { readonly kind: 'value'; readonly value: FactValue }
  | { readonly kind: 'path'; readonly keys: readonly string[] }
  | { readonly kind: 'each'; readonly name: Quantifier; readonly inner: Node }
  | { readonly kind: 'not'; readonly inner: Node }
  | { readonly kind: 'two'; readonly operator: string; readonly left: Node; readonly right: Node }

const quantifiers = ['every', 'some', 'count'] as const
type Quantifier = (typeof quantifiers)[number]
const comparisons = ['==', '!=', '<=', '>=', '<', '>', 'contains']
/** Deeper than anybody writes, far from the end of a call stack. */
const mostDepth = 40

const tokensOf = (text: string): string[] => {
  const pattern =
    /\s*('[^']*'|\d+(?:\.\d+)?(?![\w-])|[A-Za-z0-9_][\w-]*(?:\.[A-Za-z0-9_][\w-]*)?|==|!=|<=|>=|<|>|\(|\))/gy
  const tokens: string[] = []
  while (text.slice(pattern.lastIndex).trim() !== '') {
    const at = pattern.lastIndex
    const match = pattern.exec(text)
    if (!match)
      throw new ExpressionError(
        `cannot be read at ${JSON.stringify(text.slice(at).trim().slice(0, 20))}`,
        'Write names such as uefi-pc.state, texts in single quotes, and ==, !=, <, >, contains, and, or, not, every(), some(), count().',
      )
    tokens.push(match[1]!)
  }
  return tokens
}

class Parser {
  readonly #tokens: readonly string[]
  #at = 0

  constructor(text: string) {
    this.#tokens = tokensOf(text)
  }

  whole(): Node {
    const node = this.#either(0)
    if (this.#at < this.#tokens.length)
      throw new ExpressionError(`has ${this.#tokens[this.#at]} where it should end`, 'Join conditions with and, or.')
    return node
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false
    this.#at++
    return true
  }

  #close(): void {
    if (!this.#take(')')) throw new ExpressionError('has no closing bracket', 'Write one ) for each (.')
  }

  #either(depth: number): Node {
    if (depth > mostDepth) throw new ExpressionError('is nested too deeply', 'Write it with fewer brackets.')
    let left = this.#both(depth)
    while (this.#take('or')) left = { kind: 'two', operator: 'or', left, right: this.#both(depth) }
    return left
  }

  #both(depth: number): Node {
    let left = this.#negated(depth)
    while (this.#take('and')) left = { kind: 'two', operator: 'and', left, right: this.#negated(depth) }
    return left
  }

  #negated(depth: number): Node {
    if (depth > mostDepth) throw new ExpressionError('is nested too deeply', 'Write it with fewer brackets.')
    // It denies the comparison behind it and no more: `not a == b and c` is `(not a == b) and c`.
    if (this.#take('not')) return { kind: 'not', inner: this.#negated(depth + 1) }
    const left = this.#single(depth)
    const operator = this.#tokens[this.#at]
    if (operator === undefined || !comparisons.includes(operator)) return left
    this.#at++
    return { kind: 'two', operator, left, right: this.#single(depth) }
  }

  #single(depth: number): Node {
    const token = this.#tokens[this.#at++]
    if (token === undefined || /^(\)|and|or|==|!=|<=|>=|<|>)$/.test(token))
      throw new ExpressionError('is not complete', 'Write a name such as uefi-pc.state, a number or a text in quotes.')
    if (token === '(') {
      const inner = this.#either(depth + 1)
      this.#close()
      return inner
    }
    if (token.startsWith("'")) return { kind: 'value', value: token.slice(1, -1) }
    if (/^\d+(\.\d+)?$/.test(token)) return { kind: 'value', value: Number(token) }
    if (token === 'true' || token === 'false') return { kind: 'value', value: token === 'true' }
    const quantifier = quantifiers.find((one) => one === token)
    if (quantifier && this.#take('(')) {
      const inner = this.#either(depth + 1)
      this.#close()
      return { kind: 'each', name: quantifier, inner }
    }
    return { kind: 'path', keys: token.split('.') }
  }
}

type Own = Readonly<Record<string, FactValue>>

const listed = (record: object): string => Object.keys(record).join(', ')

function lookUp(keys: readonly string[], facts: Facts, own: Own | undefined): FactValue {
  const [first = '', second] = keys
  if (second === undefined) {
    if (own && Object.hasOwn(own, first)) return own[first]!
    throw new ExpressionError(
      `names ${first}, which is ${own ? 'no fact of a machine' : 'not said of what'}`,
      own ? `Write one of: ${listed(own)}.` : 'Write the machine or host before it, such as uefi-pc.state.',
    )
  }
  const all = { ...facts.hosts, ...facts.clients }
  const record = Object.hasOwn(all, first) ? all[first] : undefined
  if (!record) throw new ExpressionError(`names ${first}, which is no host or machine`, `Write one of: ${listed(all)}.`)
  if (!Object.hasOwn(record, second))
    throw new ExpressionError(`names ${first}.${second}, which is no fact of it`, `Write one of: ${listed(record)}.`)
  return record[second]!
}

function compare(operator: string, left: FactValue, right: FactValue): boolean {
  switch (operator) {
    case '==':
      return left === right
    case '!=':
      return left !== right
    case 'contains':
      return String(left).includes(String(right))
    default:
      if (typeof left !== 'number' || typeof right !== 'number')
        throw new ExpressionError(`compares with ${operator} what are not two numbers`, 'Use == or != for texts.')
  }
  if (operator === '<') return left < right
  if (operator === '<=') return left <= right
  return operator === '>' ? left > right : left >= right
}

const truth = (value: FactValue): boolean => {
  if (typeof value === 'boolean') return value
  throw new ExpressionError(
    `has ${JSON.stringify(value)} where a condition belongs`,
    "Compare it, as in uefi-pc.state == 'booted'.",
  )
}

function valueOf(node: Node, facts: Facts, own: Own | undefined): FactValue {
  switch (node.kind) {
    case 'value':
      return node.value
    case 'path':
      return lookUp(node.keys, facts, own)
    case 'not':
      return !truth(valueOf(node.inner, facts, own))
    case 'each': {
      const found = Object.values(facts.clients).map((one) => truth(valueOf(node.inner, facts, one)))
      if (node.name === 'count') return found.filter(Boolean).length
      return node.name === 'every' ? found.every(Boolean) : found.some(Boolean)
    }
    case 'two': {
      // Both sides are looked at, so that a name that is not there is found whatever the other side is.
      const [left, right] = [valueOf(node.left, facts, own), valueOf(node.right, facts, own)]
      if (node.operator === 'and') return truth(left) && truth(right)
      if (node.operator === 'or') return truth(left) || truth(right)
      return compare(node.operator, left, right)
    }
  }
}

/** The value of an expression. @throws {ExpressionError} */
export const evaluate = (text: string, facts: Facts): FactValue => valueOf(new Parser(text).whole(), facts, undefined)

/** Whether a condition holds. @throws {ExpressionError} where it is none */
export const holds = (text: string, facts: Facts): boolean => truth(evaluate(text, facts))

/** What is wrong with the text itself; names are looked at when there is a boot to look at. */
export function complaintOf(text: string): ExpressionError | undefined {
  try {
    new Parser(text).whole()
    return undefined
  } catch (error) {
    if (error instanceof ExpressionError) return error
    throw error
  }
}
