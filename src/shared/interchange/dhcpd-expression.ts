/**
 * Expressions of ISC dhcpd (dhcp-eval(5)) as conditions and values.
 *
 * dhcpd 4.4 knows a third verdict, null: an `and` whose left side is false has it, a `not` hands it on, and an `if` takes it
 * for false. A verdict is therefore kept with the condition under which it is one. Operators of one rank are taken from the
 * left, but what stands behind a comparison on the right of another operator belongs to that side as a whole.
 */
import { say, type Phrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { optionCode } from './option-codes.ts'
import type { Condition, Value } from './model.ts'
import type { Token, Tokens } from './dhcpd-tokens.ts'

/** What an option's name stands for. */
export interface OptionName {
  /** undefined for an option of the client itself. */
  readonly space?: string
  readonly code: number
}

/** Options that the file defines, by name, with the spaces that are sent inside an option. */
export interface Definitions {
  readonly options: ReadonlyMap<string, OptionName>
  readonly spaces: ReadonlyMap<string, number>
}

interface Verdict {
  readonly is: 'verdict'
  readonly holds: Condition
  /** When it is not null. */
  readonly isKnown: Condition
}
interface Data {
  readonly is: 'data'
  readonly value: Value
  readonly isThere: Condition
  /** How many octets a number is taken from. */
  readonly width?: number
  /** What it is where a number is wanted. */
  readonly number?: number
}
interface Count {
  readonly is: 'number'
  readonly number: number
}
export type Term = Verdict | Data | Count

/** Why an expression is not understood. */
export class DhcpdExpressionError extends Error {
  readonly why: Phrase

  constructor(why: Phrase) {
    super(inEnglish(why))
    this.why = why
  }
}
const fail = (why: Phrase): never => {
  throw new DhcpdExpressionError(why)
}

const always: Condition = { is: 'all', of: [] }
const never: Condition = { is: 'any', of: [] }
const isAlways = (one: Condition): boolean => one.is === 'all' && one.of.length === 0
const parts = (is: 'all' | 'any', one: Condition): readonly Condition[] => (one.is === is ? one.of : [one])
const both = (a: Condition, b: Condition): Condition =>
  isAlways(a) ? b : isAlways(b) ? a : { is: 'all', of: [...parts('all', a), ...parts('all', b)] }
const either = (a: Condition, b: Condition): Condition =>
  isAlways(a) || isAlways(b) ? always : { is: 'any', of: [...parts('any', a), ...parts('any', b)] }
const not = (of: Condition): Condition => (isAlways(of) ? never : { is: 'not', of })

const octets = (text: string): Data => ({ is: 'data', value: { is: 'octets', octets: text }, isThere: always })
const unknownData = (text: string): Data => ({ is: 'data', value: { is: 'unknown', text }, isThere: always })
const verdict = (holds: Condition): Verdict => ({ is: 'verdict', holds, isKnown: always })

/** Comparisons in a row and brackets: enough for a list of machines, and not for the stack. */
const deepest = 1000
const ranks = { and: 1, or: 1, '=': 2, '!=': 2, '~=': 2, '~~': 2 } as const
type Operator = keyof typeof ranks
const operatorOf = ({ is, text }: Token): Operator | undefined =>
  is !== 'string' && Object.hasOwn(ranks, text.toLowerCase()) ? (text.toLowerCase() as Operator) : undefined

/** The option that tokens name, such as `arch`, `ipxe.http` or `agent.circuit-id`. */
export function readOptionName(
  tokens: Tokens,
  definitions: Definitions,
): { readonly text: string; readonly option?: OptionName } {
  let text = tokens.next().text
  while (tokens.takes('.')) text += `.${tokens.next().text}`
  const defined = definitions.options.get(text)
  if (defined) return { text, option: defined }
  const agent = /^agent\.(circuit-id|remote-id|link-selection|subscriber-id|server-id-override)$/.exec(text)?.[1]
  if (agent !== undefined) return { text, option: { space: 'agent', code: { 'circuit-id': 1, 'remote-id': 2, 'link-selection': 5, 'subscriber-id': 6 }[agent] ?? 11 } } // prettier-ignore
  const code = optionCode(/^(?:unknown|option)-(\d{1,3})$/.exec(text.replace(/^dhcp\./, ''))?.[1] ?? text.replace(/^dhcp\./, '')) // prettier-ignore
  return code === undefined ? { text } : { text, option: { code } }
}

function optionValue({ space, code }: OptionName, { spaces }: Definitions): Value {
  if (space === undefined) return { is: 'option', code }
  if (space === 'agent') return { is: 'relay-option', code }
  const option = spaces.get(space)
  return option === undefined ? { is: 'unknown', text: `${space}.${code}` } : { is: 'sub-option', option, code }
}

const numberOf = (text: string): number => (/^(0x[0-9a-f]+|-?\d+)$/i.test(text) ? Number(/^0\d/.test(text) ? `0o${text.slice(1)}` : text) : Number.NaN) // prettier-ignore
const bigEndian = (number: number, width: number): string =>
  Array.from({ length: width }, (_, at) =>
    String.fromCharCode(Math.floor(number / 256 ** (width - 1 - at)) & 255),
  ).join('')

/** An expression that is a verdict, as the condition under which dhcpd takes it for true. Throws {@link DhcpdExpressionError}. */
export function readDhcpdCondition(tokens: Tokens, definitions: Definitions): Condition {
  const found = readExpression(tokens, definitions, 0)
  return found.is === 'verdict' ? found.holds : fail(say('interchange.comparison-missing'))
}

/** An expression that is data. Throws {@link DhcpdExpressionError}. */
export function readDhcpdValue(tokens: Tokens, definitions: Definitions): Value {
  const found = readExpression(tokens, definitions, 0)
  return found.is === 'data' ? found.value : fail(say('interchange.data'))
}

/** An expression of a switch or a case. Throws {@link DhcpdExpressionError}. */
export const readDhcpdTerm = (tokens: Tokens, definitions: Definitions): Term => readExpression(tokens, definitions, 0)

function readExpression(tokens: Tokens, definitions: Definitions, depth: number, left?: Term, by?: Operator): Term {
  if (depth > deepest) fail(say('interchange.nested-more-than-deep', { deepest }))
  let before = left
  let operator = by
  for (;;) {
    let term = readTerm(tokens, definitions, depth + 1)
    const next = operatorOf(tokens.peek())
    if (before === undefined || operator === undefined) {
      if (next === undefined) return term
      tokens.next()
      before = term
      operator = next
      continue
    }
    const isTighter = next !== undefined && ranks[next] > ranks[operator]
    if (isTighter) {
      tokens.next()
      term = readExpression(tokens, definitions, depth + 1, term, next)
    }
    before = combined(operator, before, term)
    if (isTighter || next === undefined) return before
    tokens.next()
    operator = next
  }
}

function combined(operator: Operator, left: Term, right: Term): Term {
  if (operator === 'and' || operator === 'or') {
    if (left.is !== 'verdict' || right.is !== 'verdict')
      return fail(say('interchange.comparison-missing-beside', { operator }))
    // A false left side ends an `and` with null.
    return operator === 'and'
      ? { is: 'verdict', holds: both(left.holds, right.holds), isKnown: both(left.holds, right.isKnown) }
      : { is: 'verdict', holds: either(left.holds, right.holds), isKnown: either(left.isKnown, right.isKnown) }
  }
  if (operator === '~=' || operator === '~~') return verdict(matching(left, right, operator === '~~'))
  const equal = equality(left, right)
  return verdict(operator === '=' ? equal : not(equal))
}

/** When two are the same. Throws {@link DhcpdExpressionError} where they cannot be compared. */
export function equality(left: Term, right: Term): Condition {
  if (left.is === 'verdict' || right.is === 'verdict') return fail(say('interchange.two-verdicts-compared'))
  if (left.is === 'number') return right.is === 'number' ? (left.number === right.number ? always : never) : equality(right, left) // prettier-ignore
  if (right.is === 'data' && left.width !== undefined && right.number !== undefined) return equality(left, { is: 'number', number: right.number }) // prettier-ignore
  if (right.is === 'number') {
    const { width } = left
    if (width === undefined) return fail(say('interchange.data-compared-number'))
    const wanted: Value = { is: 'octets', octets: bigEndian(right.number, width) }
    return { is: 'equal', left: { is: 'substring', of: left.value, start: 0, length: width }, right: wanted }
  }
  const equal: Condition = { is: 'equal', left: left.value, right: right.value }
  // Two that are missing are equal; one that is missing is equal to nothing.
  const [a, b] = [left.isThere, right.isThere]
  if (isAlways(a) && isAlways(b)) return equal
  return either(both(both(a, b), equal), isAlways(a) || isAlways(b) ? never : both(not(a), not(b)))
}

/** A regular expression as far as it is text, with or without anchors; another one is left open. */
function matching(left: Term, right: Term, ignoresCase: boolean): Condition {
  if (left.is !== 'data' || right.is !== 'data' || right.value.is !== 'octets') return fail(say('interchange.regular-expression-text')) // prettier-ignore
  const pattern = right.value.octets
  const plain = pattern.replace(/^\^/, '').replace(/(?<!\\)\$$/, '').replace(/^\.\*/, (all) => (pattern.startsWith('^') ? '' : all)) // prettier-ignore
  const text = plain.replaceAll(/\\([.\\/()[\]])/g, '$1')
  if (/[*+?()[\]{}|^$.]/.test(plain.replaceAll(/\\./g, ''))) return fail(say('interchange.regular-expression-played'))
  const of: Value = ignoresCase ? { is: 'lower-case', of: left.value } : left.value
  const wanted = ignoresCase ? text.toLowerCase() : text
  const begins = /^\^(?!\.\*)/.test(pattern)
  const ends = /(?<!\\)\$$/.test(pattern)
  const literal: Value = { is: 'octets', octets: wanted }
  if (wanted === '') return { is: 'not', of: { is: 'equal', left: of, right: literal } }
  if (begins && ends) return { is: 'equal', left: of, right: literal }
  if (begins) return { is: 'equal', left: { is: 'substring', of, start: 0, length: wanted.length }, right: literal }
  if (ends) return { is: 'equal', left: { is: 'substring', of, start: -wanted.length, length: wanted.length }, right: literal } // prettier-ignore
  return { is: 'contains', in: of, octets: wanted, step: 1 }
}

/** Octets of the message that conditions are made on (RFC 2131 section 2). */
const fields: readonly { readonly from: number; readonly to: number; readonly value: Value }[] = [
  { from: 1, to: 2, value: { is: 'octets', octets: '\u0001' } },
  { from: 2, to: 3, value: { is: 'octets', octets: '\u0006' } },
  { from: 24, to: 28, value: { is: 'relay' } },
  { from: 28, to: 34, value: { is: 'mac' } },
]

function readTerm(tokens: Tokens, definitions: Definitions, depth: number): Term {
  if (depth > deepest) fail(say('interchange.nested-more-than-deep', { deepest }))
  const token = tokens.peek()
  const expression = (): Term => readExpression(tokens, definitions, depth + 1)
  const expect = (sign: string): void => {
    if (!tokens.takes(sign))
      fail(say('interchange.missing-before', { sign, stringify: JSON.stringify(tokens.peek().text) }))
  }
  const data = (): Data => {
    const found = expression()
    return found.is === 'data' ? found : fail(say('interchange.data-missing'))
  }
  const number = (): number => {
    const found = tokens.next().text
    const value = numberOf(found)
    return Number.isSafeInteger(value) ? value : fail(say('interchange.number', { stringify: JSON.stringify(found) }))
  }
  if (token.is === 'string') {
    tokens.next()
    return octets(token.text)
  }
  if (token.text === '(') {
    tokens.next()
    const found = expression()
    expect(')')
    return found
  }
  if (token.is !== 'word')
    return fail(say('interchange.value-missing-before', { stringify: JSON.stringify(token.text) }))
  // Hexadecimal octets between colons; a single one needs none.
  if (/^[0-9a-f]{1,2}$/i.test(token.text) || /^0x[0-9a-f]+$/i.test(token.text)) return readHex(tokens)
  tokens.next()
  switch (token.text.toLowerCase()) {
    case 'not': {
      const of = readTerm(tokens, definitions, depth + 1)
      return of.is === 'verdict' ? { is: 'verdict', holds: both(of.isKnown, not(of.holds)), isKnown: of.isKnown } : fail(say('interchange.comparison-missing-behind-write')) // prettier-ignore
    }
    case 'exists': {
      const { text, option } = readOptionName(tokens, definitions)
      return option ? verdict({ is: 'present', value: optionValue(option, definitions) }) : fail(say('interchange.option-known-defined-here', { text })) // prettier-ignore
    }
    case 'known':
      return verdict({ is: 'member', name: 'KNOWN' })
    case 'static':
      return verdict({ is: 'member', name: 'STATIC' })
    case 'check': {
      const name = tokens.next().text
      return verdict({ is: 'member', name })
    }
    case 'option': {
      const { text, option } = readOptionName(tokens, definitions)
      if (!option) return fail(say('interchange.option-known-defined-here', { text }))
      const value = optionValue(option, definitions)
      return { is: 'data', value, isThere: { is: 'present', value } }
    }
    case 'hardware':
      return { is: 'data', value: { is: 'joined', of: [{ is: 'octets', octets: '\u0001' }, { is: 'mac' }] }, isThere: always } // prettier-ignore
    case 'packet': {
      expect('(')
      const [start, length] = [number(), (expect(','), number())]
      expect(')')
      const field = fields.find(({ from, to }) => start >= from && start + length <= to)
      if (!field) return unknownData(`packet(${start}, ${length})`)
      return { is: 'data', value: { is: 'substring', of: field.value, start: start - field.from, length }, isThere: always } // prettier-ignore
    }
    case 'substring': {
      expect('(')
      const of = data()
      expect(',')
      const start = number()
      expect(',')
      const length = number()
      expect(')')
      return { is: 'data', value: { is: 'substring', of: of.value, start, length }, isThere: of.isThere }
    }
    case 'suffix': {
      expect('(')
      const of = data()
      expect(',')
      const length = number()
      expect(')')
      return { is: 'data', value: { is: 'suffix', of: of.value, length }, isThere: of.isThere }
    }
    case 'lcase':
    case 'ucase': {
      expect('(')
      const of = data()
      expect(')')
      return { is: 'data', value: { is: token.text.toLowerCase() === 'lcase' ? 'lower-case' : 'upper-case', of: of.value }, isThere: of.isThere } // prettier-ignore
    }
    case 'concat':
    case 'pick':
    case 'pick-first-value': {
      expect('(')
      const of = [data()]
      while (tokens.takes(',')) of.push(data())
      expect(')')
      const isJoined = token.text.toLowerCase() === 'concat'
      const isThere = of.map((one) => one.isThere).reduce(isJoined ? both : either)
      return { is: 'data', value: { is: isJoined ? 'joined' : 'first', of: of.map(({ value }) => value) }, isThere }
    }
    case 'binary-to-ascii': {
      expect('(')
      const base = number()
      expect(',')
      const width = number() / 8
      expect(',')
      const separator = data()
      expect(',')
      const of = data()
      expect(')')
      if (![8, 10, 16].includes(base) || ![1, 2, 4].includes(width) || separator.value.is !== 'octets') fail('binary-to-ascii takes a base of 8, 10 or 16 and 8, 16 or 32 bits') // prettier-ignore
      const separated = separator.value.is === 'octets' ? separator.value.octets : ''
      return { is: 'data', value: { is: 'digits', of: of.value, base, width, separator: separated }, isThere: of.isThere } // prettier-ignore
    }
    case 'extract-int': {
      expect('(')
      const of = data()
      expect(',')
      const width = number() / 8
      expect(')')
      if (![1, 2, 4].includes(width)) fail('extract-int takes 8, 16 or 32 bits')
      return { ...of, width }
    }
    case 'encode-int': {
      expect('(')
      const value = number()
      expect(',')
      const width = number() / 8
      expect(')')
      return [1, 2, 4].includes(width) ? octets(bigEndian(value, width)) : fail('encode-int takes 8, 16 or 32 bits')
    }
    case 'leased-address':
    case 'host-decl-name':
    case 'gethostname':
    case 'config-option':
    case 'lease-time':
    case 'client-state': {
      if (token.text === 'config-option') readOptionName(tokens, definitions)
      if (tokens.takes('(')) expect(')')
      return unknownData(token.text)
    }
    default: {
      const value = numberOf(token.text)
      if (Number.isSafeInteger(value)) return { is: 'number', number: value }
      return fail(say('interchange.read-2', { stringify: JSON.stringify(token.text) }))
    }
  }
}

function readHex(tokens: Tokens): Term {
  const number = numberOf(tokens.peek().text)
  const found: string[] = []
  do {
    const { text } = tokens.next()
    const digits = text.replace(/^0x/i, '')
    if (!/^[0-9a-f]{1,8}$/i.test(digits))
      return fail(say('interchange.hexadecimal-octet', { stringify: JSON.stringify(text) }))
    found.push(digits)
    // Behind a colon that ends a case there are no more of them.
  } while (tokens.peek().text === ':' && /^[0-9a-f]{1,2}$/i.test(tokens.peek(1).text) && tokens.takes(':'))
  const read = octets(found.map((one) => String.fromCharCode(Number.parseInt(one, 16) & 255)).join(''))
  return found.length === 1 && Number.isSafeInteger(number) ? { ...read, number } : read
}
