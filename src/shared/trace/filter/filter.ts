/** A filter as a test of frames, and what may come next while one is written. */
import { isMessage } from '#messages/message.ts'
import { inEnglish, spokenLanguage, textOf } from '#messages/text.ts'
import { formatIpv6, isInNetwork, parseIpv4, parseIpv4Network, parseIpv6 } from '../../wire/bytes.ts'
import { isInPrefix6 } from '../../wire/ip-address.ts'
import type { Session } from '../session.ts'
import { allFilterFields, findFilterField, FrameView, macPrefix, type FieldKind, type FilterField } from './fields.ts'
import { FilterError, operators, parseFilter, tokenize, type FilterNode, type Operator } from './syntax.ts'
import { holdsBytes, layerAt, protocolLayers, wantedBytes } from './wireshark.ts'

export type FrameTest = (frame: number) => boolean

type Test = (view: FrameView) => boolean
type Compare = (value: string | number) => boolean

const parseNumber = (text: string): number | undefined => {
  // As Wireshark writes what is so or not.
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true' ? 1 : 0
  const value = /^0x[0-9a-f]+$/i.test(text) ? parseInt(text, 16) : /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN
  return Number.isNaN(value) ? undefined : value
}

const ordered: Partial<Readonly<Record<Operator, (a: number, b: number) => boolean>>> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
}

/** How a value is equal to what was written, by the kind of field. */
function equality(kind: FieldKind, wanted: string): Compare | undefined {
  const lower = wanted.toLowerCase()
  if (kind === 'number') {
    const number = parseNumber(wanted)
    return number === undefined ? undefined : (value) => value === number
  }
  if (kind === 'mac') {
    const prefix = macPrefix(wanted)
    return prefix === undefined ? (value) => String(value).toLowerCase() === lower : (value) => String(value).startsWith(prefix) // prettier-ignore
  }
  if (kind === 'address') {
    const network = wanted.includes('/') ? parseIpv4Network(wanted) : undefined
    if (network) return (value) => isInNetwork(parseIpv4(String(value)) ?? 0, network)
    if (parseIpv4(wanted) !== undefined) return (value) => value === wanted
    const [host = '', length] = wanted.split('/')
    const address = parseIpv6(host)
    if (!address) return undefined
    const own = formatIpv6(address)
    if (length === undefined) return (value) => value === own
    return isInPrefix6(own, wanted) ? (value) => isInPrefix6(String(value), wanted) : undefined
  }
  const number = parseNumber(wanted)
  return (value) =>
    String(value).toLowerCase() === lower ||
    (number !== undefined && typeof value === 'number' && value === number) ||
    (number !== undefined && parseNumber(String(value)) === number)
}

const examples: Readonly<Record<FieldKind, string>> = {
  number: 'a number such as 4011 or 0x1f',
  address: 'an address such as 192.168.77.1 or fe80::1, or a network such as 192.168.77.0/24 or 2001:db8::/64',
  mac: 'a hardware address such as 52:54:00:77:00:01, or its beginning',
  text: 'a text',
}

type Comparison = Extract<FilterNode, { kind: 'compare' }>

const unequal = ({ valueAt, valueLength }: Comparison, field: FilterField, wanted: string): FilterError =>
  new FilterError({ at: valueAt, length: valueLength, message: `${field.name} cannot be "${wanted}"`, remedy: `Write ${examples[field.kind]}.` }) // prettier-ignore

/** One of the values between braces: a value, or a range of numbers such as 67..69. */
function member(field: FilterField, node: Comparison, wanted: string): Compare {
  const [low, high] = wanted.split('..').map((one) => parseNumber(one.trim()))
  if (wanted.includes('..') && low !== undefined && high !== undefined)
    return (value) => Number(value) >= low && Number(value) <= high
  const equal = equality(field.kind, wanted)
  if (!equal) throw unequal(node, field, wanted)
  return equal
}

function comparison(field: FilterField, node: Comparison): Test {
  const { operator, value: wanted, valueAt, valueLength } = node
  const refuse = (message: string, remedy: string): FilterError =>
    new FilterError({ at: valueAt, length: valueLength, message, remedy })
  if (operator === 'contains') {
    const lower = wanted.toLowerCase()
    return (view) => field.read(view).some((value) => String(value).toLowerCase().includes(lower))
  }
  if (operator === 'matches') {
    let pattern: RegExp
    try {
      pattern = new RegExp(wanted, 'i')
    } catch (error) {
      throw refuse((error as Error).message, 'Correct the regular expression, or use contains.')
    }
    return (view) => field.read(view).some((value) => pattern.test(String(value)))
  }
  if (operator === 'in') {
    const parts = wanted.match(/"[^"]*"|[^\s,]+/g)?.map((one) => one.replace(/^"(.*)"$/, '$1')) ?? []
    if (parts.length === 0)
      throw refuse(`${field.name} in {} takes no packet`, 'Write values between the braces: {67, 68}.')
    const members = parts.map((part) => member(field, node, part))
    return (view) => field.read(view).some((value) => members.some((equal) => equal(value)))
  }
  const order = ordered[operator]
  if (order) {
    const number = parseNumber(wanted)
    if (number === undefined)
      throw refuse(`${field.name} ${operator} "${wanted}" compares with no number`, 'Write a number.')
    return (view) => field.read(view).some((value) => order(Number(value), number))
  }
  const equal = equality(field.kind, wanted)
  if (!equal) throw unequal(node, field, wanted)
  if (operator !== '!=') return (view) => field.read(view).some(equal)
  // As in Wireshark since 4.0: the field is there, and no value of it is equal. What lacks the field is taken by !(a == b) only.
  return (view) => {
    const values = field.read(view)
    return values.length > 0 && !values.some(equal)
  }
}

const bareFields = new Set(['error', 'malformed'])

function compile(node: FilterNode): Test {
  switch (node.kind) {
    case 'and': {
      const parts = node.parts.map(compile)
      return (view) => parts.every((part) => part(view))
    }
    case 'or': {
      const parts = node.parts.map(compile)
      return (view) => parts.some((part) => part(view))
    }
    case 'not': {
      const inner = compile(node.inner)
      return (view) => !inner(view)
    }
    case 'word': {
      const lower = node.text.toLowerCase()
      const layer = node.isQuoted ? undefined : protocolLayers[lower]
      if (layer !== undefined) return (view) => layerAt(view, layer) >= 0
      const field =
        !node.isQuoted && (bareFields.has(lower) || lower.includes('.')) ? findFilterField(lower) : undefined
      // A field by its name alone asks whether it is there; those of yes and no ask for yes.
      if (field)
        return bareFields.has(lower) ? (view) => field.read(view)[0] === 'yes' : (view) => field.read(view).length > 0
      return (view) => {
        const { protocol, source, destination, summary } = view.summary
        const client = view.session.trace.machineOf(view.frame)?.name ?? ''
        const holds = (told: string): boolean => `${protocol} ${source} ${destination} ${told} ${client}`.toLowerCase().includes(lower) // prettier-ignore
        if (holds(textOf(summary))) return true
        // The words of the field are English, whatever is shown.
        return isMessage(summary) && spokenLanguage() !== 'en' && holds(inEnglish(summary))
      }
    }
    case 'compare': {
      const layer = node.operator === 'contains' ? protocolLayers[node.field] : undefined
      if (layer !== undefined) {
        const wanted = wantedBytes(node.value)
        return (view) => {
          const at = layerAt(view, layer)
          return at >= 0 && holdsBytes(view.bytes, at, wanted)
        }
      }
      const field = findFilterField(node.field)
      if (field) return comparison(field, node)
      throw unknownField(node)
    }
  }
}

function unknownField({ field, at }: Comparison): FilterError {
  const fail = (message: string, remedy: string): FilterError =>
    new FilterError({ at, length: field.length, message, remedy })
  if (field.includes('['))
    return fail(`${field} takes a part of a field, which is not read here`, 'Compare the whole: of eth.addr the first octets are enough.') // prettier-ignore
  const family = field.slice(0, field.lastIndexOf('.') + 1)
  const near =
    allFilterFields.find(({ name }) => name.startsWith(field.slice(0, -1)) || name.endsWith(`.${field}`)) ??
    allFilterFields.find(({ name }) => family !== '' && name.startsWith(family + field.slice(family.length, family.length + 3))) // prettier-ignore
  return fail(`there is no field ${field}`, near ? `Perhaps ${near.name} is meant.` : 'The list below the filter names the fields.') // prettier-ignore
}

/** A test for the frames of a session; undefined for an empty filter. Throws a FilterError for one that makes no sense. */
export function compileFilter(text: string, session: Session): FrameTest | undefined {
  const tree = parseFilter(text)
  if (!tree) return undefined
  const test = compile(tree)
  const view = new FrameView(session)
  return (frame) => {
    view.look(frame)
    return test(view)
  }
}

export interface Completion {
  /** What to put in the place of `from` to `to`. */
  readonly text: string
  readonly description: string
  readonly from: number
  readonly to: number
}

const operatorMeanings: Readonly<Record<Operator, string>> = {
  '==': 'is equal (eq)',
  '!=': 'is there and not equal (ne)',
  '>': 'is greater (gt)',
  '>=': 'is greater or equal (ge)',
  '<': 'is less (lt)',
  '<=': 'is less or equal (le)',
  contains: 'holds the text',
  matches: 'fits the regular expression (~)',
  in: 'is one of {67, 68} or of {67..69}',
}

/** What may be written at the cursor: fields, operators, values. `clients` are offered where one is asked for. */
export function completeFilter(text: string, cursor: number, clients: readonly string[] = []): Completion[] {
  const before = tokenize(text.slice(0, cursor))
  const last = before.at(-1)
  const isInWord =
    last !== undefined && last.at + last.length === cursor && (last.kind === 'word' || last.kind === 'quoted')
  const typed = isInWord ? last.text.toLowerCase() : ''
  const from = isInWord ? last.at : cursor
  const context = isInWord ? before.slice(0, -1) : before
  const previous = context.at(-1)
  const offer = (options: readonly (readonly [string, string])[]): Completion[] =>
    options
      .filter(([one]) => one.toLowerCase().includes(typed) && one.toLowerCase() !== typed)
      .sort(([a], [b]) => Number(b.toLowerCase().startsWith(typed)) - Number(a.toLowerCase().startsWith(typed)))
      .slice(0, 12)
      .map(([one, description]) => ({ text: one, description, from, to: cursor }))
  if (previous?.kind === 'operator') {
    const field = findFilterField(context.at(-2)?.text.toLowerCase() ?? '')
    const values = field?.name === 'client' ? clients : (field?.values ?? [])
    return offer(values.map((value) => [value, field?.description ?? '']))
  }
  if (previous?.kind === 'word' && !isInWord && findFilterField(previous.text.toLowerCase()))
    return offer(operators.map((operator) => [operator, operatorMeanings[operator]]))
  return offer(allFilterFields.map((field) => [field.name, field.description]))
}
