/**
 * A plan as a configuration of Kea's DHCPv4 server. Where Kea's order differs from ours (a subnet's options stand over those
 * of classes), classes are evaluated once the subnet is known (Kea Administrator Reference Manual, sections "Client
 * Classification" and "Additional Classification").
 */
import { inEnglish } from '#messages/text.ts'
import { say } from '#messages/message.ts'
import { broadcastOf, bytesOfU32, encodeText, formatHex, formatIpv4, formatMac, maskOf, parseIpv4 } from '../../wire/bytes.ts' // prettier-ignore
import { optionCodes } from '../../wire/dhcp/options.ts'
import { all, any, atomsOf, canHold, not, replaceAtoms, type Atom, type Condition } from './condition.ts'
import { commentText, Notes, type Exported, type PlanOption, type PlanReservation, type PlanSubnet, type ServicePlan } from './plan.ts' // prettier-ignore
import { madeByServer, optionText, readable } from './values.ts'

/** Versions whose configurations differ: classes were renamed in 2.7.4 and 2.7.5, control sockets made a list in 2.7.2. */
export const keaVersions = ['2.2', '2.6', '3.0'] as const
export type KeaVersion = (typeof keaVersions)[number]

/** Options that Kea defines with a format that its configuration takes as text. */
const keaOptions: ReadonlyMap<number, string> = new Map([
  [3, 'routers'], [4, 'time-servers'], [5, 'name-servers'], [6, 'domain-name-servers'], [7, 'log-servers'], [12, 'host-name'],
  [15, 'domain-name'], [17, 'root-path'], [26, 'interface-mtu'], [28, 'broadcast-address'], [40, 'nis-domain'],
  [41, 'nis-servers'], [42, 'ntp-servers'], [44, 'netbios-name-servers'], [60, 'vendor-class-identifier'],
  [66, 'tftp-server-name'], [67, 'boot-file-name'],
]) // prettier-ignore

/** A plain word in single quotes, else its bytes: expressions know no escapes. */
const literal = (text: string): string =>
  /^[\w .:/+-]+$/.test(text) ? `'${text}'` : `0x${formatHex(encodeText(text))}`

const beginsWith = (what: string, bytes: Uint8Array, text?: string): string =>
  `substring(${what},0,${bytes.length}) == ${text ?? `0x${formatHex(bytes)}`}`

/** Kea compares addresses and bytes, and knows no masks: a network that ends within a byte is every value of that byte. */
function inNetwork(what: string, address: number, prefixLength: number): string {
  if (prefixLength === 32) return `${what} == ${formatIpv4(address)}`
  if (prefixLength === 0) return `${what} == ${what}`
  const whole = Math.floor(prefixLength / 8)
  const bytes = bytesOfU32((address & maskOf(prefixLength)) >>> 0)
  const rest = prefixLength % 8
  const head = whole === 0 ? [] : [beginsWith(what, bytes.subarray(0, whole))]
  const values = rest === 0 ? [] : Array.from({ length: 1 << (8 - rest) }, (_, more) => bytes[whole]! + more)
  const tail = values.map((value) => `substring(${what},${whole},1) == 0x${formatHex(Uint8Array.of(value))}`)
  return [...head, ...(tail.length === 0 ? [] : [`(${tail.join(' or ')})`])].join(' and ')
}

function atomText(atom: Atom, memberOf: (programs: readonly number[]) => string): string {
  switch (atom.is) {
    case 'architecture':
      return either(
        atom.codes.map((code) => `substring(option[93].hex,0,2) == 0x${code.toString(16).padStart(4, '0')}`),
      )
    case 'vendor-class':
      return beginsWith('option[60].hex', encodeText(atom.begins), literal(atom.begins))
    case 'user-class': {
      const bytes = encodeText(atom.text)
      return either([`option[77].hex == ${literal(atom.text)}`, beginsWith('option[77].hex', Uint8Array.of(bytes.length, ...bytes))]) // prettier-ignore
    }
    case 'option':
      return `option[${atom.code}].exists`
    case 'mac':
      return beginsWith('pkt4.mac', atom.prefix)
    case 'machine-identifier':
      return beginsWith('option[97].hex', atom.begins)
    case 'relay':
      return inNetwork('pkt4.giaddr', atom.address, atom.prefixLength)
    case 'circuit-id':
      return `relay4[1].hex == 0x${formatHex(atom.data)}`
    case 'remote-id':
      return `relay4[2].hex == 0x${formatHex(atom.data)}`
    case 'program':
      return memberOf(atom.programs)
    case 'named':
      return `member('${atom.name}')`
    case 'subnet':
      throw new Error('a class does not know its subnet: it is resolved before')
  }
}

const either = (parts: readonly string[]): string => (parts.length === 1 ? parts[0]! : `(${parts.join(' or ')})`)

function testText(condition: Condition, memberOf: (programs: readonly number[]) => string): string {
  switch (condition.is) {
    case 'not':
      return `not (${testText(condition.of, memberOf)})`
    case 'all':
      return condition.of.length === 0
        ? "member('ALL')"
        : condition.of.map((one) => (one.is === 'any' ? `(${testText(one, memberOf)})` : testText(one, memberOf))).join(' and ') // prettier-ignore
    case 'any':
      return condition.of.length === 0
        ? "not member('ALL')"
        : condition.of.map((one) => (one.is === 'all' ? `(${testText(one, memberOf)})` : testText(one, memberOf))).join(' or ') // prettier-ignore
    default:
      return atomText(condition, memberOf)
  }
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
export type JsonObject = Record<string, Json>

/** Kea's reader takes a comma for the end of a value and a backslash for an escape. */
const isPlainText = (text: string): boolean => /^[!-+\--[\]-~]([ -+\--[\]-~]*[!-+\--[\]-~])?$/.test(text)

function optionData({ code, data, key }: PlanOption, alwaysSend: boolean): JsonObject {
  const name = keaOptions.get(code)
  const value = readable({ code, data, key })
  const text =
    name === undefined || code === optionCodes.vendorSpecific
      ? undefined
      : value.is === 'addresses' || value.is === 'numbers'
        ? value.values.join(', ')
        : value.is === 'text' && isPlainText(value.value)
          ? value.value
          : undefined
  return {
    ...(name === undefined ? { code } : { name }),
    ...(text === undefined ? { 'csv-format': false, data: formatHex(data) } : { data: text }),
    ...(alwaysSend ? { 'always-send': true } : {}),
  }
}

/** Options of a class, with a definition that lets option 43 be any bytes. */
const classOptions = (options: readonly PlanOption[], alwaysSend = false): JsonObject => ({
  ...(options.some(({ code }) => code === optionCodes.vendorSpecific)
    ? { 'option-def': [{ name: 'vendor-encapsulated-options', code: optionCodes.vendorSpecific, type: 'binary' }] }
    : {}),
  'option-data': options.map((one) => optionData(one, alwaysSend)),
})

interface KeaClass {
  readonly name: string
  readonly test: string
  readonly comment: string
  readonly body: JsonObject
  /** Positions of subnets that ask for it; undefined for every client. */
  readonly subnets?: readonly number[]
}

/** What does not fit into the header field `file`, with its NUL, goes into option 67 alone. */
const fitsHeader = (file: string): boolean => encodeText(file).length < 128

export interface KeaExportOptions {
  readonly version: KeaVersion
}

export function writeKea(plan: ServicePlan, { version }: KeaExportOptions): Exported {
  const { dhcp4, notes } = configure(plan, version)
  return {
    files: [{ name: 'kea-dhcp4.conf', text: `${fileComment(version)}${format({ Dhcp4: dhcp4 })}\n` }],
    notes,
  }
}

/** A class as Kea reads it, with the key of the lab file that it comes from; empty for what only other classes name. */
export interface KeaBootClass {
  readonly key: string
  readonly value: Readonly<Record<string, Json>> & { readonly name: string }
}

export interface KeaBootClasses {
  /** In the order in which they are evaluated. */
  readonly classes: readonly KeaBootClass[]
  /** For each subnet of the plan, the classes that it has evaluated once the subnet is known. */
  readonly ofSubnets: readonly (readonly string[])[]
  readonly notes: Exported['notes']
}

/** Of a plan, the client classes alone, and what its subnets have to name of them. */
export function keaBootClasses(plan: ServicePlan, { version }: KeaExportOptions): KeaBootClasses {
  const { dhcp4, notes } = configure(plan, version)
  const classes = (dhcp4['client-classes'] ?? []) as unknown as readonly Commented[]
  const subnets = dhcp4['subnet4'] as unknown as readonly Commented[]
  return {
    classes: classes.map(({ comment, value }) => ({ key: comment, value: value as KeaBootClass['value'] })),
    ofSubnets: subnets.map(({ value }) => (value[keaClassNames(version).required] ?? []) as readonly string[]),
    notes,
  }
}

/** How a class that is evaluated late is marked, and how a subnet names it (renamed in Kea 2.7.4). */
export const keaClassNames = (version: KeaVersion): { readonly onlyRequired: string; readonly required: string } =>
  version === '3.0'
    ? { onlyRequired: 'only-in-additional-list', required: 'evaluate-additional-classes' }
    : { onlyRequired: 'only-if-required', required: 'require-client-classes' }

function configure(plan: ServicePlan, version: KeaVersion): { dhcp4: JsonObject; notes: Exported['notes'] } {
  const notes = new Notes(plan)
  notes.add('differs', '', say('interchange.kea-does-send-machine-identifier')) // prettier-ignore
  if (plan.isProxy) notes.add('keep-beside', 'mode', say('interchange.kea-proxydhcp-keep-pxe-lab')) // prettier-ignore
  for (const { key } of plan.delays) notes.add('left-out', key, say('interchange.kea-cannot-hold-offer-back')) // prettier-ignore
  const isRenamed = version === '3.0'
  const names = keaClassNames(version)

  const settable = (options: readonly PlanOption[]): PlanOption[] =>
    options.filter(({ code, key }) => {
      if (madeByServer.has(code)) notes.add('left-out', key, say('interchange.kea-makes-option-itself-takes', { code }))
      return !madeByServer.has(code)
    })
  const globals = settable(plan.options)
  const ofSubnets = plan.subnets.map((subnet) => settable(subnet.options))
  const levels = plan.levels.map((level) => ({ ...level, options: settable(level.options) }))

  /** The lab's own value stands over what the server would say of its own accord. */
  const orConfigured = (option: PlanOption): PlanOption => globals.find(({ code }) => code === option.code) ?? option

  // A subnet's options stand over those of classes in Kea, and under those by architecture in the lab.
  const levelCodes = new Set(levels.flatMap(({ options }) => options.map(({ code }) => code)))
  // What is in option 43 can be redefined in a class alone.
  const inClass = ({ code }: PlanOption): boolean => levelCodes.has(code) || code === optionCodes.vendorSpecific
  const knowsSubnet = [...plan.programs, ...plan.forms].some(({ test }) =>
    atomsOf(test).some(({ is }) => is === 'subnet'),
  )
  const isAdditional = knowsSubnet || ofSubnets.some((options) => options.some(inClass))

  const everySubnet = plan.subnets.map((_, index) => index)
  const classes: KeaClass[] = []
  const named = new Map<string, Condition>()
  const namesOf: string[][] = plan.programs.map(() => [])
  const memberOf = (programs: readonly number[]): string =>
    either(programs.flatMap((index) => namesOf[index]!).map((name) => `member('${name}')`))
  const print = (condition: Condition): string => {
    for (const atom of atomsOf(condition))
      if (atom.is === 'named' && !named.has(atom.name)) named.set(atom.name, atom.of)
    return testText(condition, memberOf)
  }

  /** One class, or one for each way in which the subnet decides it. */
  function addClass(
    name: string,
    condition: Condition,
    comment: string,
    body: JsonObject,
    subnets = everySubnet,
  ): string[] {
    const bySubnet = new Map<string, { test: Condition; subnets: number[] }>()
    for (const index of isAdditional ? subnets : [-1]) {
      const test = replaceAtoms(condition, (atom) =>
        atom.is === 'subnet'
          ? atom.subnets.includes(index) ? all() : any()
          : atom.is === 'program' && atom.programs.every((program) => namesOf[program]!.length === 0)
            ? any()
            : atom) // prettier-ignore
      if (!canHold(test)) continue
      const text = print(test)
      const same = bySubnet.get(text)
      if (same) same.subnets.push(index)
      else bySubnet.set(text, { test, subnets: [index] })
    }
    return [...bySubnet].map(([test, { subnets: those }], at) => {
      const own = at === 0 ? name : `${name}-${at + 1}`
      classes.push({ name: own, test, comment, body, ...(isAdditional ? { subnets: those } : {}) })
      return own
    })
  }

  for (const { key } of plan.subnets
    .flatMap(({ reservations }) => reservations)
    .flatMap(({ options }) => options)
    .filter(({ code }) => code === optionCodes.vendorSpecific))
    // prettier-ignore
    notes.add('differs', key, say('interchange.kea-reads-option-43-reservation'))
  for (const { name, test, options, key } of levels)
    if (options.length > 0) addClass(name, test, key, classOptions(options))
  for (const [index, options] of ofSubnets.entries()) {
    const moved = options.filter(inClass)
    if (moved.length > 0)
      addClass(`subnet-${index + 1}-options`, all(), `${plan.subnets[index]!.key}: under the options by architecture`, classOptions(moved), [index]) // prettier-ignore
  }
  for (const [index, program] of plan.programs.entries()) {
    const { name, key, file, server, rootPath, why } = program
    const earlier = plan.programs.slice(0, index).map((_, at) => at)
    const test = all(program.test, ...(earlier.length === 0 ? [] : [not({ is: 'program', programs: earlier })]))
    const option = (code: number, data: Uint8Array, isForced: boolean): JsonObject =>
      optionData(orConfigured({ code, data, key }), isForced)
    const body: JsonObject =
      file === undefined
        ? {}
        : {
            'next-server': formatIpv4(server),
            ...(fitsHeader(file) ? { 'boot-file-name': file } : {}),
            'option-data': [
              option(optionCodes.tftpServerName, encodeText(formatIpv4(server)), false),
              option(optionCodes.bootFileName, encodeText(file), !fitsHeader(file)),
              ...(rootPath === undefined ? [] : [option(optionCodes.rootPath, encodeText(rootPath), true)]),
            ],
          }
    namesOf[index] = addClass(name, test, `${key}${why === '' ? '' : `: ${inEnglish(why)}`}`, body)
  }
  const before: Condition[] = []
  for (const { name, test, options, server } of plan.forms) {
    addClass(name, all(test, ...before.map(not)), 'the form that firmware of this kind takes', {
      ...(server === undefined ? {} : { 'next-server': formatIpv4(server) }),
      ...classOptions(options.map(orConfigured), true),
    })
    before.push(test)
  }
  const vendorSpecific = globals.filter(inClass).filter(({ code }) => code === optionCodes.vendorSpecific)
  if (vendorSpecific.length > 0) addClass('every-client', all(), vendorSpecific[0]!.key, classOptions(vendorSpecific))
  if (plan.vendorClass !== undefined)
    addClass('every-reply', all(), 'dhcp.vendorClass', { 'option-data': [optionData(orConfigured({ code: optionCodes.vendorClass, data: encodeText(plan.vendorClass), key: 'dhcp.vendorClass' }), true)] }) // prettier-ignore

  const hasBoot =
    plan.programs.some(({ file }) => file !== undefined) || plan.forms.some(({ server }) => server !== undefined)
  /** Options 66 and 67 again in the header, where a reply has nothing else there. */
  function header(options: readonly PlanOption[]): JsonObject {
    const server = options.find(({ code }) => code === optionCodes.tftpServerName)
    const address = server && parseIpv4(optionText(server))
    const file = options.find(({ code }) => code === optionCodes.bootFileName)
    return {
      // A name is no address, and hides one of the levels around it.
      ...(server ? { 'next-server': formatIpv4(address ?? plan.nextServer) } : {}),
      ...(file && fitsHeader(optionText(file)) ? { 'boot-file-name': optionText(file) } : {}),
    }
  }
  for (const level of levels) {
    const fields = header(level.options)
    const booted: Condition = { is: 'program', programs: plan.programs.flatMap(({ file }, index) => (file === undefined ? [] : [index])) } // prettier-ignore
    if (fields['next-server'] === formatIpv4(0) && [globals, ...ofSubnets].some((options) => header(options)['next-server'] !== undefined)) notes.add('differs', level.key, say('interchange.option-66-level-name-header')) // prettier-ignore
    if (Object.keys(fields).length > 0) addClass(`${level.name}-header`, all(level.test, not(booted), ...plan.forms.filter(({ server }) => server !== undefined).map((one) => not(one.test))), `${level.key}: for clients without a program`, fields) // prettier-ignore
  }

  const definitions = [...named].map(([name, of]): KeaClass => ({
    name,
    test: testText(of, memberOf),
    comment: '',
    body: {},
  }))
  const filter = filterClass(plan)
  const ordered = [...filter, ...withNeeded(definitions, named), ...classes]
  if (hasBoot)
    for (const { key, options } of plan.subnets.flatMap(({ reservations }) => reservations))
      if (Object.keys(header(options)).length > 0) notes.add('differs', key, say('interchange.options-66-67-reservation-sent')) // prettier-ignore
  const classesOf = (index: number): string[] => classes.filter(({ subnets }) => subnets?.includes(index)).map(({ name }) => name) // prettier-ignore

  const subnets = plan.subnets.map((subnet, index): Commented => {
    const { network } = subnet
    const own = classesOf(index)
    return {
      comment: subnet.key,
      value: {
        id: index + 1,
        subnet: `${formatIpv4(network.address)}/${network.prefixLength}`,
        pools: poolsOf(subnet).map((pool) => ({ pool })),
        ...times(subnet.leaseSeconds),
        ...header(ofSubnets[index]!),
        'option-data': ofSubnets[index]!.filter((one) => !inClass(one)).map((one) => optionData(one, false)),
        ...(own.length === 0 ? {} : { [names.required]: own }),
        reservations: reservationsOf(subnet, notes, settable, hasBoot ? () => ({}) : header),
      },
    }
  })

  const interfaces = plan.interfaces.filter((name) => /^[a-z][\w.@-]{0,14}$/i.test(name))
  if (interfaces.length < plan.interfaces.length)
    notes.add('to-set', 'interface', say('interchange.set-interfaces-config-network-interfaces', { interfaces: plan.interfaces.map(commentText).join(', ') })) // prettier-ignore

  const dhcp4: JsonObject = {
    'interfaces-config': {
      interfaces: interfaces.length === plan.interfaces.length && interfaces.length > 0 ? interfaces : ['*'],
    },
    'lease-database': { type: 'memfile', 'lfc-interval': 3600 },
    ...(isRenamed
      ? { 'control-sockets': [{ 'socket-type': 'unix', 'socket-name': 'kea4-ctrl-socket' }] }
      : { 'control-socket': { 'socket-type': 'unix', 'socket-name': '/run/kea/kea4-ctrl-socket' } }),
    authoritative: plan.authoritative,
    'match-client-id': plan.identity === 'client-id',
    ...times(plan.leaseSeconds),
    // RFC 2131 section 4.4.5: half and seven eighths of the lease.
    'calculate-tee-times': true,
    't1-percent': 0.5,
    't2-percent': 0.875,
    'host-reservation-identifiers': ['hw-address', 'client-id'],
    ...(plan.nextServer === 0 ? {} : { 'next-server': formatIpv4(plan.nextServer) }),
    ...header(globals),
    'option-data': globals.filter((one) => !vendorSpecific.includes(one)).map((one) => optionData(one, false)),
    ...(ordered.length === 0 ? {} : { 'client-classes': ordered.map(({ name, test, comment, body, subnets: those }) => ({ comment, value: { name, test, ...(those ? { [names.onlyRequired]: true } : {}), ...body } })) }), // prettier-ignore
    subnet4: subnets as unknown as Json,
  }
  return { dhcp4, notes: notes.list }
}

/** A value whose line of comment names the lab's key. */
interface Commented {
  readonly comment: string
  readonly value: JsonObject
}

const isCommented = (value: unknown): value is Commented =>
  typeof value === 'object' && value !== null && 'comment' in value && 'value' in value

const fileComment = (version: KeaVersion): string =>
  `// Kea ${version} DHCPv4, written by PXE Lab. Check it with: kea-dhcp4 -t kea-dhcp4.conf\n`

/** JSON with comments, as Kea reads it; short objects and lists on one line. */
function format(value: Json, indent = ''): string {
  const inner = `${indent}  `
  const flat = JSON.stringify(value)
  const hasComments = flat.includes('"comment":')
  if (!hasComments && flat.length + indent.length < 100) return spaced(value)
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((one, index) => {
      const comma = index < value.length - 1 ? ',' : ''
      if (!isCommented(one)) return `${inner}${format(one, inner)}${comma}`
      const comment = one.comment === '' ? '' : `${inner}// ${commentText(one.comment)}\n`
      return `${comment}${inner}${format(one.value, inner)}${comma}`
    })
    return items.length === 0 ? '[]' : `[\n${items.join('\n')}\n${indent}]`
  }
  if (typeof value === 'object' && value !== null) {
    const lines = Object.entries(value).map(([name, one]) => `${inner}${JSON.stringify(name)}: ${format(one, inner)}`)
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`
  }
  return flat
}

function spaced(value: Json): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${(value as readonly Json[]).map(spaced).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${spaced(one)}`)
    return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`
  }
  return JSON.stringify(value)
}

const times = (seconds: number): JsonObject => ({
  'valid-lifetime': seconds,
  // A client may ask for less, as with PXE Lab.
  'min-valid-lifetime': Math.min(60, seconds),
  'max-valid-lifetime': seconds,
})

/** Network and broadcast address belong to nobody. */
function poolsOf({ pools, network }: PlanSubnet): string[] {
  const [first, last] = [network.address, broadcastOf(network)]
  return pools.flatMap(({ start, end }) => {
    const [from, to] =
      network.prefixLength >= 31 ? [start, end] : [start === first ? start + 1 : start, end === last ? end - 1 : end]
    return from > to ? [] : [`${formatIpv4(from)} - ${formatIpv4(to)}`]
  })
}

/** Classes that name others come after them. */
function withNeeded(definitions: readonly KeaClass[], named: ReadonlyMap<string, Condition>): KeaClass[] {
  const needs = (name: string): number => atomsOf(named.get(name)!).filter(({ is }) => is === 'named').length
  return definitions.toSorted((a, b) => needs(a.name) - needs(b.name))
}

/** A client in the class DROP gets no answer (Kea manual, "Built-in Client Classes"). */
function filterClass({ allowed, denied }: ServicePlan): KeaClass[] {
  const is = (prefixes: readonly Uint8Array[]): Condition => any(...prefixes.map((prefix): Condition => ({ is: 'mac', prefix }))) // prettier-ignore
  const test = any(...(denied.length === 0 ? [] : [is(denied)]), ...(allowed.length === 0 ? [] : [not(is(allowed))]))
  return canHold(test) ? [{ name: 'DROP', test: testText(test, () => ''), comment: 'clients.allow, clients.deny', body: {} }] : [] // prettier-ignore
}

function reservationsOf(
  { reservations }: PlanSubnet,
  notes: Notes,
  settable: (options: readonly PlanOption[]) => PlanOption[],
  header: (options: readonly PlanOption[]) => JsonObject,
): Json {
  const taken = new Set<string>()
  return reservations.flatMap((one): Commented[] => {
    const identifier = identifierOf(one)
    if (identifier === undefined) {
      notes.add('left-out', one.key, say('interchange.kea-reserves-addresses-hardware-address', { formatIpv4: formatIpv4(one.address), uuid: one.uuid })) // prettier-ignore
      return []
    }
    const [kind, id] = identifier
    if (taken.has(`${kind} ${id}`) || taken.has(String(one.address))) {
      notes.add('left-out', one.key, say('interchange.kea-takes-one-reservation-client'))
      return []
    }
    taken.add(`${kind} ${id}`).add(String(one.address))
    if ([one.mac, one.uuid, one.clientId].filter((value) => value !== undefined).length > 1)
      notes.add('differs', one.key, kind === 'hw-address' ? say('interchange.kea-knows-client-hardware-address') : say('interchange.kea-knows-client-client-identifier')) // prettier-ignore
    const options = settable(one.options)
    const named = one.hostname === undefined || options.some(({ code }) => code === optionCodes.hostName) ? [] : [{ code: optionCodes.hostName, data: encodeText(one.hostname), key: `${one.key}.hostname` }] // prettier-ignore
    const data = [...named, ...options].map((option) => optionData(option, false))
    return [
      {
        comment: one.key,
        value: {
          [kind]: id,
          'ip-address': formatIpv4(one.address),
          ...header(options),
          ...(data.length === 0 ? {} : { 'option-data': data }),
        },
      },
    ]
  }) as unknown as Json
}

function identifierOf({ mac, clientId }: PlanReservation): readonly [kind: string, id: string] | undefined {
  if (mac !== undefined) return ['hw-address', mac]
  return clientId === undefined ? undefined : ['client-id', formatMac(clientId)]
}
