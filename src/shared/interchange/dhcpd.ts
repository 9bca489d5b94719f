/**
 * A configuration of ISC dhcpd 4.4 (dhcpd.conf(5), dhcp-eval(5), dhcp-options(5)) as the model. Total: what is not
 * understood is listed.
 */
import { say, type Phrase } from '#messages/message.ts'
import { formatIpv4, maskOf, parseIpv4, parseIpv4Network, parseMac } from '../wire/bytes.ts'
import { DhcpdExpressionError, equality, readDhcpdCondition, readDhcpdTerm, readDhcpdValue, readOptionName, type OptionName } from './dhcpd-expression.ts' // prettier-ignore
import { optionFormat, optionOctets } from './dhcpd-option-format.ts'
import { shownTokens, Tokens, type Token } from './dhcpd-tokens.ts'
import type { AbsentFile, ClientClass, Condition, Configuration, NotUnderstood, Pool, Reservation, Setting, Source, SourceFile, Statement, Subnet, Value } from './model.ts' // prettier-ignore

/** Statements that decide no boot: storage, names, updates, logs, what runs when a lease changes. */
const immaterial =
  /^(ddns-.*|min-lease-time|lease-.*|pid-file-name|local-(port|address)|remote-port|omapi-.*|log(-.*)?|ping-.*|update-.*|get-lease-hostnames|always-.*|one-lease-per-client|db-time-format|do-forward-updates|key|zone|on|set|unset|define|execute|eval|bind-.*|release-on-roam|abandon-lease-time|adaptive-lease-.*|delayed-ack|max-ack-delay|dont-use-fsync|echo-client-id|fqdn-reply|infinite-is-reserved|limit-.*|prefix-length-mode|server-duid|server-id-check|stash-.*|use-eui-64|check-secs-byte-order|ignore-client-uids|persist-.*|use-lease-addr-for-default-route|dynamic-bootp-.*|adandon-.*|interface|min-lease-.*|preferred-lifetime|primary|secondary|authoritative|deleted|dynamic)$/

type ScopeKind = 'global' | 'group' | 'network' | 'subnet' | 'pool' | 'host' | 'class'

/** What stands between a pair of brackets. */
interface Scope {
  readonly kind: ScopeKind
  readonly source: Source
  readonly name: string
  readonly outer: Scope | undefined
  readonly statements: Statement[]
  /** Of a pool or a subnet. */
  readonly ranges: { readonly source: Source; readonly start: string; readonly end: string }[]
  readonly permitted: Condition[]
  readonly prohibited: Condition[]
  /** Of a host. */
  readonly identity: { readonly test: Condition; readonly who: string }[]
  readonly addresses: string[]
  /** Of a class: what it matches, or what its subclasses are found by. */
  match?: Condition
  by?: Value
}

const always: Condition = { is: 'all', of: [] }
const never: Condition = { is: 'any', of: [] }
/** Deeper than any configuration, and not deep enough for a stack to run over. */
const deepest = 60
const longestChain = 1000

const octetsOf = (text: string): string =>
  text.split(':').map((one) => String.fromCharCode(Number.parseInt(one, 16) & 255)).join('') // prettier-ignore

const onlyString = (tokens: readonly Token[]): string | undefined =>
  tokens.length === 1 && tokens[0]!.is === 'string' ? tokens[0]!.text : undefined

/** Values as they are written: addresses and numbers with commas, strings without quotation marks. */
function valueText(tokens: readonly Token[]): string {
  let text = ''
  for (const [at, one] of tokens.entries()) {
    const before = tokens[at - 1]
    const joins = one.is === 'sign' || before === undefined || before.is === 'sign' || one.text === ''
    text += one.text === ',' && one.is === 'sign' ? ', ' : joins ? one.text : ` ${one.text}`
  }
  return text.trim()
}

/** Reads dhcpd.conf with what it includes; throws nothing. */
export function readDhcpd(file: SourceFile, others: readonly SourceFile[] = []): Configuration {
  const tokens = new Tokens(file, others)
  const notUnderstood: NotUnderstood[] = []
  const asides: NotUnderstood[] = []
  const absent: AbsentFile[] = []
  const definitions = { options: new Map<string, OptionName>(), spaces: new Map<string, number>() }
  const formats = new Map<string, NonNullable<ReturnType<typeof optionFormat>>>()
  const subnets: Scope[] = []
  const pools: Scope[] = []
  const hosts: Scope[] = []
  const classes: Scope[] = []
  const subclasses = new Map<string, { readonly octets: string; readonly scope: Scope }[]>()
  /** What subclasses are found by, by the name of their class. */
  const keys = new Map<string, Value>()
  let authoritative = false
  let namesHosts = false

  const sourceOf = ({ file, line }: Source): Source => ({ file, line })
  const tell = (at: Source, text: string, why: Phrase): void =>
    void notUnderstood.push({ ...sourceOf(at), text: text.slice(0, 200), why })
  const scopeOf = (kind: ScopeKind, source: Source, name: string, outer: Scope | undefined): Scope => ({ kind, source: sourceOf(source), name, outer, statements: [], ranges: [], permitted: [], prohibited: [], identity: [], addresses: [] }) // prettier-ignore
  /** Skips to the end of the statement and lists it. */
  const skip = (first: Token, why: Phrase): void => tell(first, shownTokens([first, ...tokens.restOfStatement()]), why)
  const guarded = (test: Condition): { readonly test?: Condition } => (test === always ? {} : { test })
  const both = (a: Condition, b: Condition): Condition => (a === always ? b : b === always ? a : { is: 'all', of: [a, b] }) // prettier-ignore

  /** An expression; where it is not understood it is listed and nobody can say. */
  function expression<T>(first: Source, read: () => T, otherwise: (text: string) => T): T {
    const from = tokens.peek()
    try {
      return read()
    } catch (error) {
      if (!(error instanceof DhcpdExpressionError)) throw error
      tell(
        from.is === 'end' ? first : from,
        shownTokens([from]),
        say('interchange.expression-understood', { message: error.why }),
      )
      return otherwise(error.message)
    }
  }
  const unknown = (text: string): Condition => ({ is: 'unknown', text })
  const condition = (first: Source): Condition => expression(first, () => readDhcpdCondition(tokens, definitions), unknown) // prettier-ignore
  const value = (first: Source): Value =>
    expression(first, () => readDhcpdValue(tokens, definitions), (text): Value => ({ is: 'unknown', text })) // prettier-ignore
  /** What is left before the semicolon or the bracket of a statement that was read. */
  function endOf(first: Token): void {
    if (tokens.takes(';')) return
    const rest = tokens.restOfStatement()
    if (rest.length > 0) tell(first, shownTokens([first, ...rest]), say('interchange.semicolon-missing-before', { stringify: JSON.stringify(rest[0]!.text) })) // prettier-ignore
  }
  /** To the opening bracket of a block; what stands before it is listed. */
  function opens(first: Token): boolean {
    const before: Token[] = []
    for (let one = tokens.peek(); one.is !== 'end' && one.text !== '{'; one = tokens.peek()) {
      if (one.is === 'sign' && (one.text === ';' || one.text === '}')) {
        tell(first, shownTokens([first, ...before]), say('interchange.opening-bracket-missing'))
        tokens.takes(';')
        return false
      }
      before.push(tokens.next())
    }
    if (before.length > 0) tell(before[0]!, shownTokens(before), say('interchange.before-opening-bracket-nothing-more')) // prettier-ignore
    return tokens.takes('{')
  }

  /** Statements up to the closing bracket. */
  function readBlock(scope: Scope, test: Condition, depth: number): void {
    while (tokens.peek().is !== 'end' && !tokens.takes('}')) readStatement(scope, test, depth + 1)
  }
  const add = (scope: Scope, source: Source, test: Condition, set: Setting): void =>
    void scope.statements.push({ source: sourceOf(source), ...guarded(test), set })

  function readOption(first: Token, scope: Scope, test: Condition): void {
    if (tokens.takes('space')) {
      // The widths of codes and lengths are those of DHCP unless somebody writes otherwise.
      const [name, rest] = [tokens.next(), tokens.restOfStatement()]
      if (rest.some(({ text }, at) => text === 'width' && rest[at + 1]?.text !== '1')) tell(first, `option space ${name.text} ${shownTokens(rest)}`, say('interchange.only-spaces-codes-lengths-one')) // prettier-ignore
      return
    }
    const { text, option } = readOptionName(tokens, definitions)
    if (tokens.takes('code')) {
      const rest = tokens.restOfStatement()
      const code = Number(rest[0]?.text)
      const dot = text.lastIndexOf('.')
      const space = dot < 0 ? undefined : text.slice(0, dot).replace(/^dhcp$/, '')
      if (!Number.isInteger(code) || code < 1 || code > 254) return tell(first, `option ${text} code ${shownTokens(rest)}`, say('interchange.code-option-1-254')) // prettier-ignore
      definitions.options.set(text, space ? { space, code } : { code })
      const format = optionFormat(rest.slice(rest.findIndex((one) => one.text === '=') + 1))
      if (format) formats.set(text, format)
      const encapsulates = rest.findIndex((one) => one.text === 'encapsulate')
      const inner = rest[encapsulates + 1]?.text
      if (encapsulates > 0 && inner !== undefined && !space) definitions.spaces.set(inner, code)
      return
    }
    const isExpression = tokens.takes('=')
    const made = isExpression ? value(first) : undefined
    const rest = tokens.restOfStatement()
    const whole = `option ${text}${isExpression ? ' = ...' : ''} ${shownTokens(rest)}`
    if (!option) return tell(first, whole, say('interchange.option-known-defined-before-line', { text }))
    if (scope.kind === 'host' && option.space === undefined && option.code === 61) {
      const octets = isExpression ? (made?.is === 'octets' ? made.octets : undefined) : literal(rest)
      if (octets === undefined) return tell(first, whole, say('interchange.identifier-host-data'))
      scope.identity.push({ test: equal({ is: 'option', code: 61 }, octets), who: valueText(rest) })
      return
    }
    if (made && rest.length > 0)
      tell(first, whole, say('interchange.semicolon-missing-before', { stringify: JSON.stringify(rest[0]!.text) }))
    const written = made?.is === 'octets' ? made.octets : valueText(rest)
    const format = formats.get(text)
    const octets = made ? (made.is === 'octets' ? made.octets : undefined) : format ? optionOctets(format, rest) : onlyString(rest) // prettier-ignore
    const exact = octets === undefined ? {} : { octets }
    if (option.space === undefined) return add(scope, first, test, { is: 'option', code: option.code, text: written, ...exact, ...(made && made.is !== 'octets' ? { value: made } : {}) }) // prettier-ignore
    if (option.space === 'agent' || made?.is === 'unknown') return tell(first, whole, say('interchange.option-sent-configuration')) // prettier-ignore
    add(scope, first, test, { is: 'sub-option', space: option.space, code: option.code, text: written, ...exact })
  }
  const equal = (left: Value, octets: string): Condition => ({ is: 'equal', left, right: { is: 'octets', octets } })
  /** Data of one string or of hexadecimal octets. */
  function literal(rest: readonly Token[]): string | undefined {
    if (rest.length === 1 && rest[0]!.is === 'string') return rest[0]!.text
    const text = rest.map((one) => one.text).join('')
    return /^[0-9a-f]{1,2}(:[0-9a-f]{1,2})*$/i.test(text) ? octetsOf(text) : undefined
  }

  function readIf(first: Token, scope: Scope, test: Condition, depth: number): void {
    let before: Condition = test
    let length = 0
    let one = first
    for (;;) {
      // Brackets around the whole of it belong to the if: dhcpd takes no operator behind them.
      const isBracketed = tokens.takes('(')
      const here = condition(one)
      if (isBracketed) tokens.takes(')')
      if (++length > longestChain) return skip(one, say('interchange.if-more-than-branches', { longestChain }))
      if (!opens(one)) return
      readBlock(scope, both(before, here), depth)
      before = { is: 'all', of: [before, { is: 'not', of: here }] }
      one = tokens.peek()
      if (tokens.takes('elsif')) continue
      if (!tokens.takes('else')) return
      if (tokens.takes('if')) continue
      if (opens(one)) readBlock(scope, before, depth)
      return
    }
  }

  /** Cases one after the other until a break, from the one that is equal or from the default. */
  function readSwitch(first: Token, scope: Scope, test: Condition, depth: number): void {
    const of = expression(first, () => readDhcpdTerm(tokens, definitions), () => undefined) // prettier-ignore
    if (!opens(first)) return
    const cases: Condition[] = []
    /** Statements with what leads to them; that of the default is known at the end. */
    const inner = scopeOf(scope.kind, first, '', scope)
    const parts: { readonly from: number; readonly entry: Condition[]; readonly isDefault: boolean }[] = []
    let entry: Condition[] = []
    let isDefault = false
    const begin = (): void => void parts.push({ from: inner.statements.length, entry: [...entry], isDefault })
    begin()
    while (tokens.peek().is !== 'end' && !tokens.takes('}')) {
      const one = tokens.peek()
      if (tokens.takes('case')) {
        const is = expression(one, () => (of ? equality(of, readDhcpdTerm(tokens, definitions)) : unknown('its switch')), unknown) // prettier-ignore
        tokens.takes(':')
        cases.push(is)
        entry.push(is)
        begin()
      } else if (tokens.takes('default') && tokens.takes(':')) {
        isDefault = true
        begin()
      } else if (tokens.takes('break')) {
        tokens.takes(';')
        entry = []
        isDefault = false
        begin()
      } else readStatement(inner, always, depth + 1)
      if (cases.length > longestChain) return skip(one, say('interchange.switch-more-than-cases', { longestChain }))
    }
    const otherwise: Condition = { is: 'not', of: { is: 'any', of: cases } }
    for (const [at, part] of parts.entries()) {
      const leads: Condition = { is: 'any', of: part.isDefault ? [...part.entry, otherwise] : part.entry }
      for (const one of inner.statements.slice(part.from, parts[at + 1]?.from)) scope.statements.push({ ...one, test: both(both(test, leads), one.test ?? always) }) // prettier-ignore
    }
  }

  function readPermission(first: Token, scope: Scope): void {
    const rest = tokens.restOfStatement()
    const words = rest.map(({ text }) => text.toLowerCase())
    const isAllowed = first.text.toLowerCase() === 'allow'
    const list = isAllowed ? scope.permitted : scope.prohibited
    const member = (name: string): Condition => ({ is: 'member', name })
    const phrase = words.slice(0, 2).join(' ')
    if (scope.kind === 'pool') {
      const known: Condition | undefined = { 'unknown-clients': member('UNKNOWN'), 'known-clients': member('KNOWN'), 'unknown clients': member('UNKNOWN'), 'known clients': member('KNOWN'), 'all clients': always }[rest.length === 1 ? words[0]! : phrase] // prettier-ignore
      if (known) return void list.push(known)
      if (phrase === 'members of' && rest[2]) return void list.push(member(rest[2].text))
      if (phrase === 'dynamic bootp') return isAllowed ? void list.push(never) : undefined
    }
    const isYes = isAllowed
    if (words[0] === 'unknown-clients') return add(scope, first, always, { is: 'answers', to: 'unknown-clients', isAllowed: isYes }) // prettier-ignore
    if (words[0] === 'booting') return add(scope, first, always, { is: 'answers', to: 'everybody', isAllowed: isYes })
    if (/^(bootp|client-updates|duplicates|declines|leasequery)$/.test(words[0] ?? '')) return
    tell(first, shownTokens([first, ...rest]), say('interchange.who-meant-understood'))
  }

  function readHost(first: Token, scope: Scope, test: Condition, word: string): boolean {
    if (word === 'hardware') {
      const rest = tokens.restOfStatement()
      const mac = parseMac(rest.slice(1).map(({ text }) => text.padStart(/^[0-9a-f]$/i.test(text) ? 2 : 0, '0')).join('')) // prettier-ignore
      if (rest[0]?.text !== 'ethernet' || mac === undefined)
        tell(first, shownTokens([first, ...rest]), say('interchange.only-addresses-ethernet-read')) // prettier-ignore
      else scope.identity.push({ test: equal({ is: 'mac' }, octetsOf(mac)), who: mac })
      return true
    }
    if (word === 'fixed-address') {
      const rest = tokens.restOfStatement()
      for (const one of valueText(rest).split(/\s*,\s*/)) {
        if (parseIpv4(one) !== undefined) scope.addresses.push(one)
        else tell(first, shownTokens([first, ...rest]), say('interchange.name-stands-known-here', { stringify: JSON.stringify(one) })) // prettier-ignore
      }
      return true
    }
    if (word !== 'host-identifier' || test !== always) return false
    const isOption = tokens.takes('option')
    const { text, option } = readOptionName(tokens, definitions)
    const rest = tokens.restOfStatement()
    const octets = literal(rest)
    if (!isOption || !option || octets === undefined) tell(first, `host-identifier ${text} ${shownTokens(rest)}`, say('interchange.whom-host-understood')) // prettier-ignore
    else scope.identity.push({ test: equal(option.space === 'agent' ? { is: 'relay-option', code: option.code } : { is: 'option', code: option.code }, octets), who: valueText(rest) }) // prettier-ignore
    return true
  }

  function readSubclass(first: Token, scope: Scope, depth: number): void {
    const of = tokens.next()
    const from = tokens.peek()
    const by = keys.get(of.text)
    const data = value(first)
    const inner = scopeOf('class', first, of.text, scope)
    if (tokens.peek().text === '{') {
      tokens.next()
      readBlock(inner, always, depth)
      tokens.takes(';')
    } else endOf(first)
    if (data.is !== 'octets') return tell(from, `subclass ${of.text}`, say('interchange.clients-known-understood')) // prettier-ignore
    if (!by) return tell(first, `subclass ${JSON.stringify(of.text)}`, say('interchange.class-declared-before-matches-nothing')) // prettier-ignore
    const list = subclasses.get(of.text)
    if (list) list.push({ octets: data.octets, scope: inner })
    else subclasses.set(of.text, [{ octets: data.octets, scope: inner }])
  }

  function readMatch(first: Token, scope: Scope): void {
    if (tokens.takes('if')) scope.match = condition(first)
    else keys.set(scope.name, (scope.by = value(first)))
    endOf(first)
  }

  /** A declaration with statements in brackets. */
  function readDeclaration(first: Token, scope: Scope, word: string, depth: number): boolean {
    const kind = ({ group: 'group', 'shared-network': 'network', subnet: 'subnet', pool: 'pool', host: 'host', class: 'class' } as const)[word] // prettier-ignore
    if (kind === undefined) return false
    const head: Token[] = []
    while (tokens.peek().is !== 'end' && !(tokens.peek().is === 'sign' && /^[{};]$/.test(tokens.peek().text))) head.push(tokens.next()) // prettier-ignore
    const text = valueText(head)
    const [, address = '', mask = ''] = /^([\d.]+) netmask ([\d.]+)$/.exec(text) ?? []
    const network = kind === 'subnet' ? networkText(address, mask) : text
    if (!tokens.takes('{')) {
      tell(first, shownTokens([first, ...head]), say('interchange.opening-bracket-missing'))
      tokens.takes(';')
      return true
    }
    const inner = scopeOf(kind, first, network ?? text, scope)
    if (network === undefined) tell(first, shownTokens([first, ...head]), say('interchange.subnet-ipv4'))
    else if (kind !== 'group' && kind !== 'network') ({ subnet: subnets, pool: pools, host: hosts, class: classes })[kind].push(inner) // prettier-ignore
    readBlock(inner, always, depth)
    tokens.takes(';')
    return true
  }

  function readStatement(scope: Scope, test: Condition, depth: number): void {
    const first = tokens.next()
    const word = first.text.toLowerCase()
    if (first.is === 'sign' && first.text === ';') return
    if (first.is !== 'word') return skip(first, say('interchange.statement-begins-so'))
    if (depth > deepest) return skip(first, say('interchange.nested-more-than-deep-2', { deepest }))
    if (word === 'include') {
      const name = tokens.next().text
      tokens.takes(';')
      if (tokens.include(name)) return
      absent.push({ name, isFolder: false })
      tell(first, `include ${JSON.stringify(name)}`, say('interchange.included-file-given-read-before')) // prettier-ignore
      return
    }
    if (word === 'if') return readIf(first, scope, test, depth)
    if (word === 'switch') return readSwitch(first, scope, test, depth)
    if (word === 'option' || (word === 'supersede' && tokens.peek().is === 'word'))
      return readOption(first, scope, test)
    if (scope.kind === 'host' && readHost(first, scope, test, word)) return
    if (word === 'subclass') return readSubclass(first, scope, depth)
    if (scope.kind === 'class' && word === 'match') return readMatch(first, scope)
    if (readDeclaration(first, scope, word, depth)) return
    switch (word) {
      case 'filename':
      case 'server-name':
      case 'next-server': {
        const is = ({ filename: 'boot-file', 'server-name': 'server-name', 'next-server': 'next-server' } as const)[
          word
        ]
        const isExpression = tokens.takes('=') || /^(concat|pick-first-value|pick|substring|lcase|binary-to-ascii|suffix)$/i.test(tokens.peek().text) // prettier-ignore
        const made = isExpression ? value(first) : undefined
        const rest = tokens.restOfStatement()
        if (made && rest.length > 0) tell(first, shownTokens([first, ...rest]), say('interchange.semicolon-missing-before', { stringify: JSON.stringify(rest[0]!.text) })) // prettier-ignore
        return add(scope, first, test, { is, text: made?.is === 'octets' ? made.octets : valueText(rest), ...(made && made.is !== 'octets' ? { value: made } : {}) }) // prettier-ignore
      }
      case 'default-lease-time':
      case 'max-lease-time': {
        const rest = tokens.restOfStatement()
        const seconds = Number(rest[0]?.text)
        return Number.isInteger(seconds) && seconds >= 0 ? add(scope, first, test, { is: word === 'max-lease-time' ? 'longest-lease-seconds' : 'lease-seconds', seconds }) : tell(first, shownTokens([first, ...rest]), say('interchange.number-seconds-missing')) // prettier-ignore
      }
      case 'server-identifier':
        return add(scope, first, test, { is: 'option', code: 54, text: valueText(tokens.restOfStatement()) })
      case 'vendor-option-space':
        return add(scope, first, test, { is: 'vendor-space', text: valueText(tokens.restOfStatement()) })
      case 'boot-unknown-clients':
        return add(scope, first, test, { is: 'answers', to: 'unknown-clients', isAllowed: /^(on|true)$/i.test(valueText(tokens.restOfStatement())) }) // prettier-ignore
      case 'use-host-decl-names':
        namesHosts ||= /^(on|true)$/i.test(valueText(tokens.restOfStatement()))
        return
      case 'authoritative':
        authoritative = true
        return void tokens.restOfStatement()
      case 'not':
        // "not authoritative"
        return void tokens.restOfStatement()
      case 'allow':
      case 'deny':
      case 'ignore':
        return readPermission(first, scope)
      case 'range': {
        const rest = tokens.restOfStatement()
        const [start = '', end = start] = valueText(rest)
          .replace(/^dynamic-bootp /, '')
          .split(' ')
        if (parseIpv4(start) === undefined || parseIpv4(end) === undefined) return tell(first, shownTokens([first, ...rest]), say('interchange.range-first-last-address')) // prettier-ignore
        const [low, high] = parseIpv4(start)! <= parseIpv4(end)! ? [start, end] : [end, start]
        return void scope.ranges.push({ source: sourceOf(first), start: low, end: high })
      }
      case 'failover':
        return void asides.push({ ...sourceOf(first), text: shownTokens([first, ...tokens.restOfStatement()]), why: say('interchange.failover-shares-addresses-pool-between') }) // prettier-ignore
      case 'min-secs':
        return skip(first, say('interchange.client-tried-so-long-answered')) // prettier-ignore
      case 'default':
      case 'append':
      case 'prepend':
        return skip(first, say('interchange.does-option-another-statement-sets', { word }))
      case 'subnet6':
      case 'pool6':
      case 'range6':
      case 'prefix6':
        return skip(first, say('interchange.dhcpv6-read-pxe-over-ipv4'))
      case 'site-option-space':
        return skip(first, say('interchange.options-224-space-their-own'))
      case 'lease':
      case 'spawn':
      case 'add':
        return skip(first, say('interchange.classes-whose-members-follow-leases'))
      default:
        if (immaterial.test(word)) return void tokens.restOfStatement()
        return skip(first, say('interchange.read-3', { word }))
    }
  }

  const root = scopeOf('global', { file: file.name, line: 1 }, '', undefined)
  while (tokens.peek().is !== 'end') {
    const one = tokens.peek()
    if (one.is === 'sign' && one.text === '}') tell(tokens.next(), '}', say('interchange.bracket-closed-opened'))
    else readStatement(root, always, 0)
  }

  return {
    engine: 'dhcpd',
    files: tokens.files,
    authoritative,
    statements: root.statements,
    classes: classes.flatMap((one) => classesOf(one, subclasses.get(one.name) ?? [])),
    subnets: subnetsOf(subnets, pools, tell),
    reservations: hosts.flatMap((one) => reservationOf(one, namesHosts, tell)),
    ignored: [],
    pxeServices: [],
    spaces: definitions.spaces,
    notUnderstood,
    absent,
    asides,
  }
}

function networkText(address: string, mask: string): string | undefined {
  const [number, bits] = [parseIpv4(address), parseIpv4(mask)]
  if (number === undefined || bits === undefined) return undefined
  const hosts = ~bits >>> 0
  if ((hosts & (hosts + 1)) !== 0) return undefined
  return `${formatIpv4((number & bits) >>> 0)}/${32 - Math.log2(hosts + 1)}`
}

/** Scopes from the outermost to this one. */
function chainOf(scope: Scope): Scope[] {
  const chain: Scope[] = []
  for (let one: Scope | undefined = scope; one; one = one.outer) chain.push(one)
  return chain.reverse()
}
const outerOf = (scope: Scope, kind: ScopeKind): Scope | undefined => chainOf(scope).find((one) => one.kind === kind)

/** A class and its subclasses, whose statements stand over its own. */
function classesOf(
  scope: Scope,
  subclasses: readonly { readonly octets: string; readonly scope: Scope }[],
): ClientClass[] {
  const { name, source, by, match } = scope
  const one = (test: Condition, { statements, source }: Scope): ClientClass => ({ name, source, test, statements, isOnDemand: false }) // prettier-ignore
  const within: Condition[] = by === undefined ? [] : subclasses.map(({ octets }) => ({ is: 'equal', left: by, right: { is: 'octets', octets } })) // prettier-ignore
  return [
    ...subclasses.flatMap((sub, at) => (sub.scope.statements.length === 0 ? [] : [one(within[at]!, sub.scope)])),
    { name, source, test: match ?? { is: 'any', of: within }, statements: scope.statements, isOnDemand: false },
  ]
}

type Tell = (at: Source, text: string, why: Phrase) => void

/** Who may have an address of a pool: nobody of whom it is denied, and where it is allowed for some, only they. */
function permission({ permitted, prohibited }: Scope): { readonly test?: Condition } {
  const of: Condition[] = [
    ...prohibited.map((one): Condition => ({ is: 'not', of: one })),
    ...(permitted.length === 0 ? [] : [{ is: 'any', of: permitted } as const]),
  ]
  return of.length === 0 ? {} : { test: of.length === 1 ? of[0]! : { is: 'all', of } }
}

function subnetsOf(subnets: readonly Scope[], pools: readonly Scope[], tell: Tell): Subnet[] {
  const found = subnets.map((scope): Subnet & { readonly pools: Pool[] } => {
    const chain = chainOf(scope)
    const network = outerOf(scope, 'network')
    return {
      source: scope.source,
      network: scope.name,
      name: '',
      ...(network ? { sharedNetwork: network.name } : {}),
      classes: [],
      additionalClasses: [],
      pools: scope.ranges.map((range) => ({ ...range, statements: [] })),
      reservations: [],
      statements: scope.statements,
      networkStatements: chain.slice(1, -1).flatMap((one) => one.statements),
      isProxy: false,
    }
  })
  const byNetwork = new Map(found.map((one) => [one.network, one]))
  const lengths = [...new Set(found.map(({ network }) => parseIpv4Network(network)!.prefixLength))]
  const holderOf = (address: number): (typeof found)[number] | undefined => {
    for (const length of lengths) {
      const holder = byNetwork.get(`${formatIpv4((address & maskOf(length)) >>> 0)}/${length}`)
      if (holder) return holder
    }
    return undefined
  }
  for (const scope of pools)
    for (const range of scope.ranges) {
      const holder = holderOf(parseIpv4(range.start)!)
      if (!holder) tell(range.source, `range ${range.start} ${range.end}`, say('interchange.subnet-holds-range'))
      else holder.pools.push({ ...range, ...permission(scope), statements: scope.statements })
    }
  return found
}

function reservationOf(scope: Scope, hasName: boolean, tell: Tell): Reservation[] {
  const { source, name, identity, addresses } = scope
  if (identity.length === 0) {
    tell(source, `host ${name}`, say('interchange.nothing-says-machine'))
    return []
  }
  const network = outerOf(scope, 'subnet')
  const shared = outerOf(scope, 'network')
  const chain = chainOf(scope)
  const inner = chain.slice(1 + chain.findLastIndex(({ kind }) => kind === 'subnet' || kind === 'network' || kind === 'global')) // prettier-ignore
  const base: Omit<Reservation, 'address'> = {
    source,
    test: identity.length === 1 ? identity[0]!.test : { is: 'any', of: identity.map(({ test }) => test) },
    who: identity[0]!.who,
    ...(hasName ? { hostname: name } : {}),
    isIgnored: false,
    classes: [],
    statements: inner.flatMap((one) => one.statements),
    ...(network || shared ? { declaredIn: { ...(network ? { network: network.name } : {}), ...(shared ? { sharedNetwork: shared.name } : {}) } } : {}), // prettier-ignore
  }
  return addresses.length === 0 ? [base] : addresses.map((address) => ({ ...base, address }))
}
