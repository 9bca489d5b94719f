/** A filter as a test of frames, and what may come next while one is written. */
import { formatIpv6, isInNetwork, parseIpv4, parseIpv4Network, parseIpv6 } from '../../wire/bytes.ts'
import { isInPrefix6 } from '../../wire/ip-address.ts'
import type { Session } from '../session.ts'
import { filterFields, findFilterField, FrameView, macPrefix, type FieldKind, type FilterField } from './fields.ts'
import { FilterError, operators, parseFilter, tokenize, type FilterNode, type Operator } from './syntax.ts'

export type FrameTest = (frame: number) => boolean

type Test = (view: FrameView) => boolean
type Compare = (value: string | number) => boolean

const parseNumber = (text: string): number | undefined => {
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
    String(value).toLowerCase() === lower || (number !== undefined && parseNumber(String(value)) === number)
}

const examples: Readonly<Record<FieldKind, string>> = {
  number: 'a number such as 4011 or 0x1f',
  address: 'an address such as 192.168.77.1 or fe80::1, or a network such as 192.168.77.0/24 or 2001:db8::/64',
  mac: 'a hardware address such as 52:54:00:77:00:01, or its beginning',
  text: 'a text',
}

function comparison(field: FilterField, node: Extract<FilterNode, { kind: 'compare' }>): Test {
  const { operator, value: wanted, valueAt } = node
  if (operator === 'contains') {
    const lower = wanted.toLowerCase()
    return (view) => field.read(view).some((value) => String(value).toLowerCase().includes(lower))
  }
  const order = ordered[operator]
  if (order) {
    const number = parseNumber(wanted)
    if (number === undefined)
      throw new FilterError({ at: valueAt, length: wanted.length, message: `${field.name} ${operator} "${wanted}" compares with no number`, remedy: 'Write a number.' }) // prettier-ignore
    return (view) => field.read(view).some((value) => order(Number(value), number))
  }
  const equal = equality(field.kind, wanted)
  if (!equal)
    throw new FilterError({ at: valueAt, length: wanted.length, message: `${field.name} cannot be "${wanted}"`, remedy: `Write ${examples[field.kind]}.` }) // prettier-ignore
  // "Not equal" is what a person means by it: no value of the frame is.
  return operator === '!=' ? (view) => !field.read(view).some(equal) : (view) => field.read(view).some(equal)
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
      const field = bareFields.has(lower) || lower.includes('.') ? findFilterField(lower) : undefined
      // A field by its name alone asks whether it is there; those of yes and no ask for yes.
      if (field)
        return bareFields.has(lower) ? (view) => field.read(view)[0] === 'yes' : (view) => field.read(view).length > 0
      return (view) => {
        const { protocol, source, destination, summary } = view.summary
        const client = view.session.trace.machineOf(view.frame)?.name ?? ''
        return `${protocol} ${source} ${destination} ${summary} ${client}`.toLowerCase().includes(lower)
      }
    }
    case 'compare': {
      const field = findFilterField(node.field)
      if (field) return comparison(field, node)
      const near = filterFields.find(
        (one) => one.name.startsWith(node.field.slice(0, -1)) || one.name.endsWith(`.${node.field}`),
      )
      throw new FilterError({ at: node.at, length: node.field.length, message: `there is no field ${node.field}`, remedy: near ? `Perhaps ${near.name} is meant.` : 'The list below the filter names the fields.' }) // prettier-ignore
    }
  }
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
    return offer(operators.map((operator) => [operator, operator === 'contains' ? 'holds the text' : 'compares']))
  return offer(filterFields.map((field) => [field.name, field.description]))
}
