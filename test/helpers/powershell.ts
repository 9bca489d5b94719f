/**
 * PowerShell where there is none: scripts are parsed with the grammar of tree-sitter-powershell, and the part of
 * the language that exported scripts are written in is run. Whatever else a script says is an error, so that nothing passes
 * unread. Cmdlets are functions of the test.
 */
import { createRequire } from 'node:module'
import { Language, Parser, type TreeCursor } from 'web-tree-sitter'

const require = createRequire(import.meta.url)
await Parser.init()
const language = await Language.load(require.resolve('tree-sitter-powershell/tree-sitter-powershell.wasm'))

const parser = new Parser().setLanguage(language)

/** A node of the syntax tree as plain data, which is walked many times. */
interface Node {
  readonly type: string
  readonly text: string
  readonly isNamed: boolean
  readonly isWrong: boolean
  readonly field: string | null
  readonly row: number
  readonly startIndex: number
  readonly endIndex: number
  readonly children: readonly Node[]
  readonly namedChildren: readonly Node[]
}

export function parsePowershell(text: string): Node {
  const tree = parser.parse(text)!
  const cursor = tree.walk()
  const root = nodeAt(cursor, text)
  cursor.delete()
  tree.delete()
  return root
}

function nodeAt(cursor: TreeCursor, whole: string): Node {
  const { nodeType: type, startIndex, endIndex, nodeIsNamed: isNamed, currentFieldName: field } = cursor
  const children: Node[] = []
  const row = cursor.startPosition.row
  const isWrong = type === 'ERROR' || cursor.nodeIsMissing
  if (cursor.gotoFirstChild()) {
    do children.push(nodeAt(cursor, whole))
    while (cursor.gotoNextSibling())
    cursor.gotoParent()
  }
  return { type, text: whole.slice(startIndex, endIndex), isNamed, isWrong, field, row, startIndex, endIndex, children, namedChildren: children.filter((one) => one.isNamed) } // prettier-ignore
}

const below = (node: Node, type: string): Node[] =>
  node.children.flatMap((one) => (one.type === type ? [one, ...below(one, type)] : below(one, type)))

/** Lines that are no PowerShell. */
export const syntaxErrors = (node: Node): string[] => [
  ...(node.isWrong ? [`${node.row + 1}: ${node.text}`] : []),
  ...node.children.flatMap(syntaxErrors),
]

export type Hashtable = Map<string, Value>
/** An object of a cmdlet. */
export interface Item {
  readonly [property: string]: Value
}
export type Value = null | string | number | boolean | Hashtable | readonly Value[] | Item | ScriptBlock
class ScriptBlock {
  readonly body: Node
  constructor(body: Node) {
    this.body = body
  }
}

/** Parameters by name in lower case, what stands without a name, and the pipeline's input. */
export interface Call {
  readonly named: ReadonlyMap<string, Value>
  readonly positional: readonly Value[]
}
export type Cmdlet = (call: Call) => readonly Value[]

/** An error that a cmdlet or `throw` made. */
export class PowershellError extends Error {}

class Return {
  readonly values: readonly Value[]
  constructor(values: readonly Value[]) {
    this.values = values
  }
}

type Scope = Map<string, Value>

export function textOf(value: Value): string {
  if (Array.isArray(value)) return value.map((one) => textOf(one as Value)).join(' ')
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  if (value === null) return ''
  throw new Error('an object is no text')
}
const isTrue = (value: Value): boolean =>
  Array.isArray(value) ? (value.length === 1 ? isTrue(value[0] as Value) : value.length > 1) : value !== null && value !== '' && value !== 0 && value !== false // prettier-ignore
const listOf = (value: Value): readonly Value[] => (Array.isArray(value) ? value : value === null ? [] : [value])
const oneOf = (values: readonly Value[]): Value => (values.length === 0 ? null : values.length === 1 ? values[0]! : values) // prettier-ignore

export class Powershell {
  readonly #cmdlets: Readonly<Record<string, Cmdlet>>
  readonly #functions = new Map<string, Node>()
  readonly warnings: string[] = []
  #scopes: Scope[]

  /** `cmdlets` by name in lower case; `variables` such as PSScriptRoot. */
  constructor(cmdlets: Readonly<Record<string, Cmdlet>>, variables: Readonly<Record<string, Value>>) {
    this.#cmdlets = cmdlets
    this.#scopes = [new Map(Object.entries(variables).map(([name, value]) => [name.toLowerCase(), value]))]
  }

  run(text: string): readonly Value[] {
    const root = parsePowershell(text)
    const errors = syntaxErrors(root)
    if (errors.length > 0) throw new Error(`no PowerShell: ${errors.join('; ')}`)
    return this.#block(root)
  }

  #variable(name: string): Value {
    const key = name.replace(/^[$@]/, '').toLowerCase()
    if (key === 'true' || key === 'false') return key === 'true'
    if (key === 'null') return null
    for (const scope of this.#scopes.toReversed()) if (scope.has(key)) return scope.get(key)!
    // Set-StrictMode 2.0: a variable that nobody set is an error.
    throw new PowershellError(`$${key} is not set`)
  }

  #block(node: Node): readonly Value[] {
    return node.namedChildren.flatMap((child) => this.#statement(child))
  }

  #statement(node: Node): readonly Value[] {
    switch (node.type) {
      case 'comment':
        return []
      case 'statement_list':
      case 'statement_block':
      case 'script_block':
      case 'script_block_body':
        return this.#block(node)
      case 'function_statement':
        this.#functions.set(part(node, 'function_name').text.toLowerCase(), node)
        return []
      case 'if_statement': {
        if (isTrue(this.#value(node.children.find(({ field }) => field === 'condition')!))) return this.#statement(part(node, 'statement_block')) // prettier-ignore
        const otherwise = node.namedChildren.find((one) => one.type === 'else_clause')
        if (node.namedChildren.some((one) => one.type === 'elseif_clauses')) throw unread(node)
        return otherwise ? this.#statement(part(otherwise, 'statement_block')) : []
      }
      case 'foreach_statement': {
        const [variable, over, body] = node.namedChildren as [Node, Node, Node]
        return listOf(this.#value(over)).flatMap((one) => {
          this.#assign(variable.text, one)
          return this.#statement(body)
        })
      }
      case 'try_statement': {
        try {
          return this.#statement(part(node, 'statement_block'))
        } catch (error) {
          if (!(error instanceof PowershellError)) throw error
          const clause = part(part(node, 'catch_clauses'), 'catch_clause')
          this.#assign('$_', error.message)
          try {
            return this.#statement(part(clause, 'statement_block'))
          } catch (again) {
            throw again instanceof PowershellError && again.message === '' ? error : again
          }
        }
      }
      case 'flow_control_statement': {
        const word = node.children[0]!.text.toLowerCase()
        const value = node.namedChildren[0] ? this.#pipeline(node.namedChildren[0]) : []
        if (word === 'return') throw new Return(value)
        if (word === 'throw') throw new PowershellError(textOf(oneOf(value)))
        throw unread(node)
      }
      case 'pipeline':
        return this.#pipeline(node)
      default:
        throw unread(node)
    }
  }

  #pipeline(node: Node): readonly Value[] {
    if (node.type === 'pipeline' || node.type === 'pipeline_chain') {
      const [first, ...rest] = node.namedChildren.filter((one) => one.type !== 'comment') as [Node, ...Node[]]
      if (first.type === 'assignment_expression') {
        const value = this.#value(first.children.find(({ field }) => field === 'value')!)
        this.#assignTo(inner(first.namedChildren[0]!), value)
        return []
      }
      let values = this.#pipeline(first)
      for (const next of rest) {
        const { name, named, positional } = this.#call(next)
        const block = positional[0]
        if (name !== 'where-object' || !(block instanceof ScriptBlock) || named.size > 0) throw unread(next)
        values = values.filter((one) => {
          this.#assign('$_', one)
          return isTrue(oneOf(this.#block(block.body)))
        })
      }
      return values
    }
    if (node.type === 'command') return this.#command(node)
    const expression = inner(node)
    if (expression.type === 'post_increment_expression' && expression.children[1]!.text === '++') {
      const target = inner(expression.namedChildren[0]!)
      this.#assignTo(target, Number(this.#value(target)) + 1)
      return []
    }
    if (expression.type === 'invokation_expression') {
      const value = this.#value(expression)
      return value === null ? [] : [value]
    }
    return listOf(this.#value(node))
  }

  #assign(name: string, value: Value): void {
    this.#scopes.at(-1)!.set(name.replace(/^\$/, '').toLowerCase(), value)
  }

  #assignTo(target: Node, value: Value): void {
    if (target.type === 'variable') return this.#assign(target.text, value)
    if (target.type !== 'element_access') throw unread(target)
    const [of, at] = target.namedChildren as [Node, Node]
    const table = this.#value(of)
    if (!(table instanceof Map)) throw unread(target)
    table.set(textOf(this.#value(at)), value)
  }

  #call(node: Node): Call & { readonly name: string } {
    const isInvoked = node.namedChildren[0]!.type === 'command_invokation_operator'
    const head = node.namedChildren[isInvoked ? 1 : 0]!
    const name = (isInvoked ? textOf(this.#variable(head.text)) : head.text).toLowerCase()
    const named = new Map<string, Value>()
    const positional: Value[] = []
    const elements = node.namedChildren.find((one) => one.type === 'command_elements')
    const parts = (elements?.namedChildren ?? []).filter((one) => one.type !== 'command_argument_sep' || one.text.trim() !== '') // prettier-ignore
    let waiting: string | undefined
    const flush = (): void => {
      if (waiting !== undefined) named.set(waiting, true)
      waiting = undefined
    }
    for (const part of parts) {
      if (part.type === 'command_argument_sep') continue
      if (part.type === 'command_parameter') {
        flush()
        waiting = part.text.slice(1).toLowerCase()
        continue
      }
      const expression = inner(part)
      if (expression.type === 'variable' && expression.text.startsWith('@')) {
        flush()
        const table = this.#variable(expression.text)
        if (!(table instanceof Map)) throw unread(part)
        for (const [key, value] of table) named.set(key.toLowerCase(), value)
        continue
      }
      const value = part.type === 'generic_token' || expression.type === 'generic_token' ? expression.text : this.#value(part) // prettier-ignore
      if (waiting === undefined) positional.push(value)
      else {
        named.set(waiting, value)
        waiting = undefined
      }
    }
    flush()
    return { name, named, positional }
  }

  #command(node: Node): readonly Value[] {
    const { name, named, positional } = this.#call(node)
    const own = this.#functions.get(name)
    if (own) return this.#invoke(own, { named, positional })
    if (name === 'write-warning') {
      this.warnings.push(textOf(positional[0]!))
      return []
    }
    if (name === 'write-output' || name === 'set-strictmode') return []
    if (name === 'new-object' && positional[0] === 'System.Collections.ArrayList') return [new List()] // prettier-ignore
    const cmdlet = this.#cmdlets[name]
    if (!cmdlet) throw new Error(`${name} is no cmdlet of the test`)
    const isSilent = textOf(named.get('erroraction') ?? '') === 'SilentlyContinue'
    const rest = new Map([...named].filter(([key]) => key !== 'erroraction'))
    try {
      return cmdlet({ named: rest, positional })
    } catch (error) {
      if (error instanceof PowershellError && isSilent) return []
      throw error
    }
  }

  #invoke(node: Node, { named, positional }: Call): readonly Value[] {
    const declared = below(node, 'script_parameter').map((one) => ({
      name: part(one, 'variable').text.slice(1).toLowerCase(),
      type: /^\[(.*)\]\$/.exec(one.text)![1]!.toLowerCase(),
    }))
    if (positional.length > declared.length) throw unread(node)
    const scope: Scope = new Map()
    for (const [at, { name, type }] of declared.entries()) {
      const value = named.get(name) ?? positional[at] ?? null
      scope.set(name, cast(type, value))
    }
    this.#scopes.push(scope)
    try {
      return this.#block(part(node, 'script_block'))
    } catch (error) {
      if (error instanceof Return) return error.values
      throw error
    } finally {
      this.#scopes.pop()
    }
  }

  /** What a node comes to, as one value. */
  #value(outer: Node): Value {
    const node = inner(outer)
    switch (node.type) {
      case 'pipeline':
      case 'pipeline_chain':
      case 'command':
        return oneOf(this.#pipeline(node))
      case 'variable':
        return this.#variable(node.text)
      case 'verbatim_string_characters':
        return node.text.slice(1, -1).replaceAll("''", "'")
      case 'expandable_string_literal':
        return this.#expanded(node)
      case 'decimal_integer_literal':
        return Number(node.text)
      case 'parenthesized_expression':
        return oneOf(node.namedChildren.flatMap((one) => this.#pipeline(one)))
      case 'array_expression':
        return node.namedChildren.flatMap((one) => this.#statement(one))
      case 'array_literal_expression':
        return node.namedChildren.map((one) => this.#value(one))
      case 'script_block_expression':
        return new ScriptBlock(part(node, 'script_block'))
      case 'hash_literal_expression':
        return new Map((node.namedChildren.find(({ type }) => type === 'hash_literal_body')?.namedChildren ?? []).map((one) => [one.namedChildren[0]!.text, this.#value(one.namedChildren[1]!)])) // prettier-ignore
      case 'member_access':
        return this.#member(this.#value(node.namedChildren[0]!), node.namedChildren[1]!.text)
      case 'element_access': {
        const of = this.#value(node.namedChildren[0]!)
        const at = this.#value(node.namedChildren[1]!)
        return of instanceof Map ? (of.get(textOf(at)) ?? null) : (listOf(of)[Number(at)] ?? null)
      }
      case 'cast_expression':
        return cast(node.namedChildren[0]!.text.slice(1, -1).toLowerCase(), this.#value(node.namedChildren[1]!)) // prettier-ignore
      case 'expression_with_unary_operator': {
        if (!/^(-not|!)$/i.test(node.children[0]!.text)) throw unread(node)
        return !isTrue(this.#value(node.namedChildren.at(-1)!))
      }
      case 'invokation_expression':
        return this.#invocation(node)
      case 'additive_expression':
      case 'comparison_expression':
        return this.#binary(node)
      default:
        throw unread(node)
    }
  }

  #binary(node: Node): Value {
    const [left, operator, right] = node.children as [Node, Node, Node]
    const [a, b] = [this.#value(left), this.#value(right)]
    switch (operator.text.toLowerCase()) {
      case '+':
        return a instanceof Map && b instanceof Map ? new Map([...a, ...b]) : typeof a === 'number' ? a + Number(b) : textOf(a) + textOf(b) // prettier-ignore
      case '-eq':
        return textOf(a).toLowerCase() === textOf(b).toLowerCase()
      case '-ne':
        return textOf(a).toLowerCase() !== textOf(b).toLowerCase()
      case '-ceq':
        return textOf(a) === textOf(b)
      case '-gt':
        return Number(a) > Number(b)
      case '-contains':
        return listOf(a).some((one) => textOf(one).toLowerCase() === textOf(b).toLowerCase())
      case '-notcontains':
        return !listOf(a).some((one) => textOf(one).toLowerCase() === textOf(b).toLowerCase())
      case '-replace':
        return textOf(a).replaceAll(new RegExp(textOf(b), 'gi'), '')
      default:
        throw unread(node)
    }
  }

  #member(of: Value, name: string): Value {
    if (of instanceof Map) return name.toLowerCase() === 'keys' && !of.has('Keys') ? [...of.keys()] : (of.get(name) ?? null) // prettier-ignore
    if (name.toLowerCase() === 'count' && Array.isArray(of)) return of.length
    if (of === null || typeof of !== 'object' || !(name in of))
      throw new PowershellError(`there is no property ${name}`)
    return (of as Item)[name]!
  }

  #invocation(node: Node): Value {
    const [of, member, list] = node.namedChildren as [Node, Node, Node]
    const values = below(list, 'argument_expression_list')[0]?.namedChildren.map((one) => this.#value(one)) ?? list.namedChildren.map((one) => this.#value(one)) // prettier-ignore
    if (of.type === 'type_literal' && node.text.startsWith('[TimeSpan]::FromSeconds(')) return Number(values[0])
    const target = this.#value(of)
    if (!(target instanceof List) || member.text !== 'Insert') throw unread(node)
    target.splice(Number(values[0]), 0, values[1]!)
    return null
  }

  /** Text in double quotes: variables and expressions in it are expanded, and a backtick is not used. */
  #expanded(node: Node): string {
    let text = ''
    let at = node.startIndex + 1
    const whole = (from: number, to: number): string => node.text.slice(from - node.startIndex, to - node.startIndex)
    for (const child of node.namedChildren) {
      text += whole(at, child.startIndex)
      text += textOf(child.type === 'variable' ? this.#variable(child.text) : oneOf(child.namedChildren.flatMap((one) => this.#statement(one)))) // prettier-ignore
      at = child.endIndex
    }
    text += whole(at, node.endIndex - 1)
    if (text.includes('`')) throw unread(node)
    return text
  }
}

/** System.Collections.ArrayList. */
class List extends Array<Value> {}

function cast(type: string, value: Value): Value {
  switch (type) {
    case 'char':
      return String.fromCharCode(Number(value))
    case 'string':
      return textOf(value)
    case 'string[]':
      return listOf(value).map(textOf)
    case 'uint32': {
      const number = Number(value)
      if (!Number.isInteger(number) || number < 0 || number > 0xffffffff) throw new PowershellError(`${textOf(value)} is no UInt32`) // prettier-ignore
      return number
    }
    case 'bool':
      return isTrue(value)
    case 'hashtable':
      if (!(value instanceof Map)) throw new PowershellError(`${textOf(value)} is no hashtable`)
      return value
    default:
      throw new Error(`[${type}] is not read`)
  }
}

const unread = (node: Node): Error => new Error(`not read: ${node.type} ${node.text.slice(0, 200)}`)

function part(node: Node, type: string): Node {
  const found = node.namedChildren.find((one) => one.type === type)
  if (!found) throw new Error(`there is no ${type} in ${node.type} ${node.text.slice(0, 100)}`)
  return found
}

/** The node that says something, below those that only hold one other. */
function inner(node: Node): Node {
  let at = node
  while (/^argument_expression$|_argument_expression$|^expression_with_unary_operator$|^(logical|bitwise|comparison|additive|multiplicative|format|range|array_literal|unary|left_assignment|key)_expression$|^(pipeline|pipeline_chain|string_literal|integer_literal)$/.test(at.type) && at.children.length === 1) at = at.children[0]! // prettier-ignore
  return at
}
