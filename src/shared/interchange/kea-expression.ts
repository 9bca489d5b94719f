/** Test expressions of Kea's client classes (Kea ARM 14.4) as conditions. Total: one that is not understood is told with why. */
import { say, type Phrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { parseHex, parseIpv4, parseIpv6 } from '../wire/bytes.ts'
import { optionCode } from './option-codes.ts'
import type { Condition, Value } from './model.ts'

class NoExpression extends Error {
  readonly why: Phrase

  constructor(why: Phrase) {
    super(inEnglish(why))
    this.why = why
  }
}

const token = /\s*(?:('[^']*')|(0[xX][0-9a-fA-F]+)|(==|!=|[()[\].,+])|([\w:*-][\w:-]*(?:\.\d+){3}|[\w:*-]+))/y
const octetsOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes)
const deepest = 64
const longest = 16_384

/** Splits and reads an expression; `why` says what of it is not understood, in which case the condition is `unknown`. */
export function readKeaExpression(
  text: string,
  custom: ReadonlyMap<string, number> = new Map(),
): { readonly condition: Condition; readonly why?: Phrase } {
  const tokens: string[] = []
  token.lastIndex = 0
  let end = 0
  if (text.length > longest) return { condition: { is: 'unknown', text: text.slice(0, 200) }, why: say('interchange.expression-too-long') } // prettier-ignore
  for (let match; (match = token.exec(text)); end = token.lastIndex) tokens.push(match[1] ?? match[2] ?? match[3] ?? match[4]!) // prettier-ignore
  if (text.slice(end).trim() !== '') return unknown(text, say('interchange.part-expression', { stringify: JSON.stringify(text.slice(end).trim().slice(0, 20)) })) // prettier-ignore
  let at = 0
  let depth = 0
  const fail = (why: Phrase): never => {
    throw new NoExpression(why)
  }
  const peek = (): string | undefined => tokens[at]
  const next = (): string => tokens[at++] ?? fail(say('interchange.expression-ends-early'))
  const expect = (wanted: string): void => {
    const found = next()
    if (found !== wanted) fail(say('interchange.missing-before-2', { wanted, found }))
  }
  const code = (name: string): number =>
    optionCode(name) ?? custom.get(name) ?? fail(say('interchange.option', { name }))
  const bracketed = (): string => {
    expect('[')
    const name = next()
    expect(']')
    return name
  }

  function either(): Condition {
    if (++depth > deepest) fail(say('interchange.nested-more-than-deep', { deepest }))
    const of = [both()]
    while (peek() === 'or') {
      at++
      of.push(both())
    }
    depth--
    return of.length === 1 ? of[0]! : { is: 'any', of }
  }
  function both(): Condition {
    const of = [one()]
    while (peek() === 'and') {
      at++
      of.push(one())
    }
    return of.length === 1 ? of[0]! : { is: 'all', of }
  }
  function one(): Condition {
    if (peek() === 'not') {
      at++
      if (++depth > deepest) fail(say('interchange.nested-more-than-deep', { deepest }))
      const of = one()
      depth--
      return { is: 'not', of }
    }
    if (peek() === '(') {
      at++
      const of = either()
      expect(')')
      return of
    }
    if (peek() === 'member') {
      at++
      expect('(')
      const name = next()
      expect(')')
      return { is: 'member', name: name.replaceAll("'", '') }
    }
    const left = sum()
    if (peek() === '.') {
      at++
      const what = next()
      return what === 'exists' ? { is: 'present', value: left } : fail(say('interchange.condition', { what }))
    }
    const operator = next()
    if (operator !== '==' && operator !== '!=') fail(say('interchange.missing-before-3', { operator }))
    const equal: Condition = { is: 'equal', left, right: sum() }
    return operator === '==' ? equal : { is: 'not', of: equal }
  }
  function sum(): Value {
    const of = [value()]
    while (peek() === '+') {
      at++
      of.push(value())
    }
    return of.length === 1 ? of[0]! : { is: 'joined', of }
  }
  /** `.hex` or `.text`; `.exists` is left to the condition. */
  function shown(found: Value): Value {
    if (peek() !== '.' || tokens[at + 1] === 'exists') return found
    at++
    const form = next()
    if (form === 'option')
      return shown(fail(say('interchange.sub-options-option-read', { stringify: JSON.stringify(found) })))
    return form === 'hex' || form === 'text' ? found : fail(say('interchange.form-option', { form }))
  }
  function value(): Value {
    if (++depth > deepest) fail(say('interchange.nested-more-than-deep', { deepest }))
    const found = plainValue()
    depth--
    return found
  }
  function plainValue(): Value {
    const word = next()
    if (word.startsWith("'")) return { is: 'octets', octets: word.slice(1, -1) }
    if (/^0x/i.test(word)) {
      const digits = word.slice(2)
      return { is: 'octets', octets: octetsOf(parseHex(digits.length % 2 === 0 ? digits : `0${digits}`)!) }
    }
    const address = parseIpv4(word)
    if (address !== undefined) return { is: 'octets', octets: octetsOf(Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address)) } // prettier-ignore
    const address6 = word.includes(':') ? parseIpv6(word) : undefined
    if (address6) return { is: 'octets', octets: octetsOf(address6) }
    if (word === '(') {
      const found = sum()
      expect(')')
      return found
    }
    if (word === 'option') {
      const number = code(bracketed())
      if (number === 82 && peek() === '.' && tokens[at + 1] === 'option') {
        at += 2
        return shown({ is: 'relay-option', code: Number(bracketed()) })
      }
      return shown({ is: 'option', code: number })
    }
    if (word === 'relay4') return shown({ is: 'relay-option', code: Number(bracketed()) || fail('relay4 needs a number') }) // prettier-ignore
    if (word === 'pkt4' || word === 'pkt' || word === 'vendor' || word === 'vendor-class') {
      if (peek() === '[') return fail(say('interchange.read-7', { word }))
      expect('.')
      const field = next()
      if (word === 'pkt4' && field === 'mac') return { is: 'mac' }
      if (word === 'pkt4' && field === 'giaddr') return { is: 'relay' }
      if (word === 'pkt4' && field === 'htype') return { is: 'octets', octets: '\0\0\0\x01' }
      if (word === 'pkt4' && field === 'hlen') return { is: 'octets', octets: '\0\0\0\x06' }
      return { is: 'unknown', text: `${word}.${field}` }
    }
    const call = (): void => expect('(')
    if (word === 'substring') {
      call()
      const of = sum()
      expect(',')
      const start = Number(next())
      expect(',')
      const length = next()
      expect(')')
      if (!Number.isInteger(start) || (length !== 'all' && !Number.isInteger(Number(length)))) fail(say('interchange.substring-needs-two-numbers')) // prettier-ignore
      return { is: 'substring', of, start, length: length === 'all' ? undefined : Number(length) }
    }
    if (word === 'concat') {
      call()
      const of = [sum()]
      while (peek() === ',') {
        at++
        of.push(sum())
      }
      expect(')')
      return { is: 'joined', of }
    }
    if (word === 'hexstring') {
      call()
      const of = sum()
      expect(',')
      const separator = next().replaceAll("'", '')
      expect(')')
      return { is: 'hexadecimal', of, separator }
    }
    if (word === 'lcase') {
      call()
      const of = sum()
      expect(')')
      return { is: 'lower-case', of }
    }
    return fail(say('interchange.read-8', { word }))
  }

  try {
    const condition = either()
    if (at < tokens.length) fail(say('interchange.expected-here', { tokens: tokens[at] }))
    return { condition }
  } catch (error) {
    if (!(error instanceof NoExpression)) throw error
    return unknown(text, error.why)
  }
}

const unknown = (text: string, why: Phrase): { condition: Condition; why: Phrase } => ({
  condition: { is: 'unknown', text: text.slice(0, 200) },
  why,
})
