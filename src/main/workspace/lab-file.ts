/**
 * Reading, checking and changing lab files. A problem names its line, field, value and remedy; a change keeps comments,
 * order and everything it does not concern.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Document, LineCounter, isCollection, isNode, isSeq, parseDocument, type Node } from 'yaml'
import { z } from 'zod'
import { labSchema, type Lab, type LabInput, type LabProblem } from '#shared/lab/lab.ts'
import { broadcastOf, formatIpv4, isInNetwork, parseIpv4, parseIpv4Network } from '#shared/wire/bytes.ts'
import { OptionValueError, type OptionValue } from '#shared/wire/dhcp/kinds.ts'
import { findOption, kindOf } from '#shared/wire/dhcp/options.ts'

type Path = readonly PropertyKey[]

export type ParsedLab =
  | { readonly ok: true; readonly lab: Lab; readonly document: Document }
  | { readonly ok: false; readonly problems: readonly LabProblem[] }

const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** The schema at a path, through defaults, optionals, unions and records. */
function schemaAt(path: Path): z.ZodType | undefined {
  let schema: z.ZodType | undefined = labSchema
  for (const key of path) {
    const inner = unwrap(schema)
    if (inner instanceof z.ZodObject) schema = (inner.shape as Record<string, z.ZodType | undefined>)[String(key)]
    else if (inner instanceof z.ZodArray) schema = inner.element as z.ZodType
    else if (inner instanceof z.ZodRecord) schema = inner.valueType as z.ZodType
    else return undefined
    if (!schema) return undefined
  }
  return schema
}

function unwrap(schema: z.ZodType | undefined): z.ZodType | undefined {
  let current = schema
  while (current instanceof z.ZodDefault || current instanceof z.ZodPrefault || current instanceof z.ZodOptional)
    current = current.def.innerType as z.ZodType
  return current
}

function descriptionAt(path: Path): string | undefined {
  let current = schemaAt(path)
  while (current) {
    if (current.description !== undefined) return current.description
    const inner = unwrap(current)
    if (inner === current) return undefined
    current = inner
  }
  return undefined
}

function knownKeys(path: Path): readonly string[] {
  const schema = unwrap(schemaAt(path))
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

/** The known key that looks most like a wrong one, for "did you mean". */
function nearest(wrong: string, known: readonly string[]): string | undefined {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, at) => at)
    for (let i = 1; i <= a.length; i++) {
      const next = [i]
      for (let j = 1; j <= b.length; j++)
        next.push(
          Math.min(
            row[j]! + 1,
            next[j - 1]! + 1,
            row[j - 1]! + (a[i - 1]!.toLowerCase() === b[j - 1]!.toLowerCase() ? 0 : 1),
          ),
        )
      row = next
    }
    return row[b.length]!
  }
  const best = known.map((key) => ({ key, far: distance(wrong, key) })).sort((a, b) => a.far - b.far)[0]
  return best && best.far <= Math.max(2, wrong.length / 3) ? best.key : undefined
}

class ProblemList {
  readonly problems: LabProblem[] = []
  readonly #document: Document
  readonly #lines: LineCounter

  constructor(document: Document, lines: LineCounter) {
    this.#document = document
    this.#lines = lines
  }

  add(path: Path, message: string, remedy: string, value: unknown = this.#valueAt(path)): void {
    this.problems.push({ ...this.#place(path), field: this.#fieldName(path), value: shown(value), message, remedy })
  }

  /** `dhcp.subnets[0].options.42`: positions in brackets, keys after a dot, numbers or not. */
  #fieldName(path: Path): string {
    const name = path.reduce<string>((text, key, at) => {
      if (isSeq(this.#document.getIn(path.slice(0, at) as unknown[], true))) return `${text}[${String(key)}]`
      return text === '' ? String(key) : `${text}.${String(key)}`
    }, '')
    return name === '' ? 'the file' : name
  }

  #valueAt(path: Path): unknown {
    const node = this.#document.getIn(path as unknown[], true)
    return isNode(node) ? (node.toJS(this.#document) as unknown) : node
  }

  /** The line of the value, or of the nearest thing around it that is there. */
  #place(path: Path): { line: number; column: number } {
    for (let length = path.length; length >= 0; length--) {
      const node =
        length === 0
          ? this.#document.contents
          : (this.#document.getIn(path.slice(0, length) as unknown[], true) as Node | undefined)
      const at = isNode(node) ? node.range?.[0] : undefined
      if (at === undefined) continue
      const { line, col } = this.#lines.linePos(at)
      return { line, column: col }
    }
    return { line: 0, column: 0 }
  }
}

function explainIssue(issue: z.core.$ZodIssue, list: ProblemList): void {
  const { path } = issue
  const what = descriptionAt(path)
  const remedy = what ? `Write ${what}.` : 'Correct or remove it.'
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) {
        const known = knownKeys(path)
        const meant = nearest(key, known)
        list.add(
          [...path, key],
          'is no key of a lab file',
          meant ? `Did you mean ${meant}?` : `Known here: ${known.join(', ')}.`,
        )
      }
      return
    case 'invalid_type':
      return list.add(
        path,
        issue.input === undefined && !('received' in issue)
          ? 'is missing or of the wrong kind'
          : `is not ${issue.expected}`,
        remedy,
      )
    case 'too_small':
      return list.add(path, `is below ${String(issue.minimum)}`, remedy)
    case 'too_big':
      return list.add(path, `is above ${String(issue.maximum)}`, remedy)
    case 'invalid_value':
      return list.add(path, `is none of ${issue.values.map(String).join(', ')}`, remedy)
    case 'invalid_union':
      return list.add(path, 'is none of what may stand here', remedy)
    case 'invalid_key':
      return list.add(path, issue.issues[0]?.message ?? 'is no key that may stand here', remedy)
    default:
      return list.add(path, issue.message, remedy)
  }
}

/** Options whose value cannot be encoded as their kind demands. */
function checkOptions(options: Readonly<Record<string, unknown>> | undefined, path: Path, list: ProblemList): void {
  for (const [name, value] of Object.entries(options ?? {})) {
    const definition = findOption(name)
    if (!definition) continue
    // A number as key is a number in the document.
    const key = /^\d+$/.test(name) ? Number(name) : name
    if ([0, 50, 52, 53, 54, 55, 57, 61, 82, 255].includes(definition.code)) {
      list.add(
        [...path, key],
        `option ${definition.code} (${definition.name}) is made by the server`,
        'Remove it.',
        value,
      )
      continue
    }
    try {
      kindOf(definition).encode(value as OptionValue)
    } catch (error) {
      if (!(error instanceof OptionValueError)) throw error
      list.add(
        [...path, key],
        `option ${definition.code} (${definition.name}): ${error.message}`,
        `Write ${kindOf(definition).wants}.`,
        value,
      )
    }
  }
}

function checkDhcp(lab: Lab, list: ProblemList): void {
  checkOptions(lab.dhcp.options, ['dhcp', 'options'], list)
  for (const [name, level] of Object.entries(lab.dhcp.architectures ?? {}))
    checkOptions(level.options, ['dhcp', 'architectures', /^\d+$/.test(name) ? Number(name) : name, 'options'], list)
  if (lab.mode === 'dhcp' && lab.dhcp.subnets.length === 0)
    list.add(
      ['dhcp', 'subnets'],
      'is empty, so mode dhcp has no address to give',
      'Add a subnet with a pool, or choose another mode.',
    )
  for (const [index, subnet] of lab.dhcp.subnets.entries()) {
    const path = ['dhcp', 'subnets', index]
    const network = parseIpv4Network(subnet.subnet)!
    const last = broadcastOf(network)
    const range = `${formatIpv4(network.address + 1)} to ${formatIpv4(last - 1)}`
    checkOptions(subnet.options, [...path, 'options'], list)
    for (let other = 0; other < index; other++) {
      const theirs = parseIpv4Network(lab.dhcp.subnets[other]!.subnet)!
      if (isInNetwork(theirs.address, network) || isInNetwork(network.address, theirs))
        list.add([...path, 'subnet'], `overlaps ${lab.dhcp.subnets[other]!.subnet}`, 'Keep one of the two.')
    }
    if (subnet.router !== undefined && !isInNetwork(parseIpv4(subnet.router)!, network))
      list.add([...path, 'router'], `lies outside ${subnet.subnet}`, `Write a router from ${range}.`)
    for (const [at, pool] of subnet.pools.entries()) {
      const place = [...path, 'pools', at]
      const start = parseIpv4(pool.start)!
      const end = parseIpv4(pool.end)!
      for (const [key, address] of [
        ['start', start],
        ['end', end],
      ] as const) {
        if (!isInNetwork(address, network))
          list.add([...place, key], `lies outside ${subnet.subnet}`, `Write an address from ${range}.`)
        else if (network.prefixLength < 31 && (address === network.address || address === last))
          list.add(
            [...place, key],
            `is the ${address === last ? 'broadcast' : 'network'} address of ${subnet.subnet}`,
            `Write an address from ${range}.`,
          )
      }
      if (start > end)
        list.add([...place, 'end'], `comes before the pool's start ${pool.start}`, 'Write the higher address as end.')
      if (subnet.router !== undefined && parseIpv4(subnet.router)! >= start && parseIpv4(subnet.router)! <= end)
        list.add(
          place,
          `contains the router ${subnet.router}`,
          'Let the pool begin after the router, or end before it.',
        )
      for (const [before, other] of subnet.pools.slice(0, at).entries())
        if (parseIpv4(other.start)! <= end && start <= parseIpv4(other.end)!)
          list.add(
            place,
            `overlaps pool ${before + 1}, ${other.start} to ${other.end}`,
            'Keep the pools apart, or join them.',
          )
    }
    const owners = new Map<string, number>()
    for (const [at, reservation] of subnet.reservations.entries()) {
      const place = [...path, 'reservations', at]
      checkOptions(reservation.options, [...place, 'options'], list)
      if (!isInNetwork(parseIpv4(reservation.address)!, network))
        list.add([...place, 'address'], `lies outside ${subnet.subnet}`, `Write an address from ${range}.`)
      const before = owners.get(reservation.address)
      if (before !== undefined)
        list.add(
          [...place, 'address'],
          `is reserved by reservation ${before + 1} already`,
          'Give each reservation its own address.',
        )
      owners.set(reservation.address, at)
    }
  }
}

export function parseLab(text: string): ParsedLab {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const list = new ProblemList(document, lines)
  if (document.errors.length > 0) {
    for (const error of document.errors) {
      const { line, col } = lines.linePos(error.pos[0])
      const near = text.split('\n')[line - 1]?.trim() ?? ''
      list.problems.push({
        line,
        column: col,
        field: 'the file',
        value: shown(near),
        message: `is not YAML: ${error.message}`,
        remedy: 'Check indentation, colons and brackets around this line.',
      })
    }
    return { ok: false, problems: list.problems }
  }
  const result = labSchema.safeParse(document.toJS() ?? {}, { reportInput: true })
  if (!result.success) {
    for (const issue of result.error.issues) explainIssue(issue, list)
    return { ok: false, problems: list.problems }
  }
  checkDhcp(result.data, list)
  if (lab67Conflict(result.data))
    list.add(['ports', 'bootServer'], 'is the same port as another service', 'Give each service its own port.')
  return list.problems.length > 0 ? { ok: false, problems: list.problems } : { ok: true, lab: result.data, document }
}

const lab67Conflict = (lab: Lab): boolean => new Set(Object.values(lab.ports)).size < 3

/** One line a problem, as compilers print them. */
export const describeProblem = (file: string, problem: LabProblem): string =>
  `${file}${problem.line > 0 ? `:${problem.line}:${problem.column}` : ''}: ${problem.field} ${problem.message} (it is ${problem.value}). ${problem.remedy}`

export interface LabChange {
  /** Keys and positions from the top, such as ['dhcp', 'subnets', 0, 'router']. */
  readonly path: readonly (string | number)[]
  /** Undefined removes the key. */
  readonly value: unknown
}

/** The text with these changes made; comments and everything else stay as they are. */
export function changeLabText(text: string, changes: readonly LabChange[]): string {
  const document = parseDocument(text)
  if (!isCollection(document.contents)) document.contents = document.createNode({}) as never
  for (const change of changes) {
    if (change.value === undefined) document.deleteIn(change.path)
    else document.setIn(change.path, document.createNode(change.value))
  }
  return document.toString({ lineWidth: 120, flowCollectionPadding: true })
}

/** A new lab file with a comment to each part. */
export function newLabText(lab: LabInput): string {
  const document = new Document(lab)
  document.commentBefore = ' A PXE Lab file. Every key is described in the README and in resources/lab.schema.json.'
  return document.toString({ lineWidth: 120 })
}

export class LabFile {
  readonly path: string

  constructor(path: string) {
    this.path = resolve(path)
  }

  /** Paths in a lab file count from the folder it is in. */
  resolve(path: string): string {
    return resolve(dirname(this.path), path)
  }

  readText(): Promise<string> {
    return readFile(this.path, 'utf8')
  }

  /** All or nothing: the new text replaces the old in one step. */
  async write(text: string): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true })
    const partial = `${this.path}.part`
    await writeFile(partial, text)
    await rename(partial, this.path)
  }
}
