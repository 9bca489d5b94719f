/** Changing settings of a scenario by their path, and checking what a schema cannot: names and networks that fit together. */
import { textOf, inEnglish } from '#messages/text.ts'
import { say, type Phrase } from '#messages/message.ts'
import { isInPrefix6, plainIpv6 } from '../wire/ip-address.ts'
import { broadcastOf, isInNetwork, parseIpv4, parseIpv4Network } from '../wire/bytes.ts'
import { OptionValueError, type OptionValue } from '../wire/dhcp/kinds.ts'
import { findOption, kindOf } from '../wire/dhcp/options.ts'
import { explainIssues, shownValue, valueAt, type AddProblem, type Path } from '../lab/schema-problems.ts'
import { scenarioSchema, type Change, type Scenario } from './scenario.ts'

export interface ScenarioProblem {
  readonly field: string
  readonly value: string
  readonly message: Phrase
  readonly remedy: Phrase
}

/** `hosts.wds1.services.WDSServer.options["60"]` as keys; undefined where the text is no path. */
export function parsePath(text: string): string[] | undefined {
  const keys: string[] = []
  const pattern = /(?:^|\.)([^.[\]"]+)|\[(\d+)\]|\["([^"]*)"\]/gy
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (!match) return undefined
    keys.push(match[1] ?? match[2] ?? match[3]!)
  }
  return keys.length > 0 ? keys : undefined
}

type Plain = Record<string, unknown>

/** The deepest setting of a scenario has less than half as many keys above it. */
const mostKeys = 32

/** A place in a list that is neither one of its own nor the next free one. */
class NoPlace extends Error {
  readonly says: Phrase
  constructor(says: Phrase) {
    super(inEnglish(says))
    this.says = says
  }
}

/**
 * A copy of the value with one setting changed; null removes it. Objects on the way are made where they are missing.
 * Throws a NoPlace.
 */
function changed(value: unknown, keys: readonly string[], to: unknown): unknown {
  const [key, ...rest] = keys
  if (key === undefined) return to
  if (Array.isArray(value)) {
    const copy = [...(value as unknown[])]
    const index = /^\d+$/.test(key) ? Number(key) : -1
    // A list grows at its end alone: a place far behind it would cost as much memory as all that come before.
    if (index < 0 || index > copy.length)
      throw new NoPlace(say('simulation.no-place', { key: shownValue(key), length: copy.length }))
    if (rest.length === 0 && to === null) copy.splice(index, 1)
    else copy[index] = changed(copy[index], rest, to)
    return copy
  }
  const copy: Plain = { ...(value as Plain | null | undefined) }
  if (rest.length === 0 && to === null) delete copy[key]
  else copy[key] = changed(copy[key], rest, to)
  return copy
}

export type CheckedScenario =
  | { readonly ok: true; readonly scenario: Scenario; readonly input: unknown }
  | { readonly ok: false; readonly problems: readonly ScenarioProblem[] }

/** Options whose values cannot be encoded. */
function checkOptions(options: Readonly<Record<string, unknown>>, path: Path, add: AddProblem): void {
  for (const [name, value] of Object.entries(options)) {
    const definition = findOption(name)
    if (!definition || value === null) continue
    try {
      kindOf(definition).encode(value as OptionValue)
    } catch (error) {
      if (!(error instanceof OptionValueError)) throw error
      add(
        [...path, name],
        say('simulation.option-refused', { code: definition.code, name: definition.name, why: error.message }),
        say('schema.write', { what: kindOf(definition).wants }),
        value,
      )
    }
  }
}

/** What the schema cannot see. */
export function checkScenario(scenario: Scenario, add: AddProblem): void {
  const segments = Object.keys(scenario.segments)
  const isSegment = (name: string, path: Path): boolean => {
    if (segments.includes(name)) return true
    add(path, say('simulation.no-segment'), say('simulation.write-one-of', { names: segments.join(', ') }), name)
    return false
  }
  const owners = new Map<string, string>()
  for (const [name, host] of Object.entries(scenario.hosts)) {
    for (const [segment, address] of Object.entries(host.on)) {
      const path = ['hosts', name, 'on', segment]
      if (!isSegment(segment, path)) continue
      const network = parseIpv4Network(scenario.segments[segment]!.network)!
      const number = parseIpv4(address)!
      if (!isInNetwork(number, network) || number === network.address || number === broadcastOf(network))
        add(
          path,
          say('simulation.no-address-of', { network: scenario.segments[segment]!.network }),
          say('simulation.write-address-of-network'),
          address,
        )
      const owner = owners.get(address)
      if (owner !== undefined)
        add(
          path,
          say('simulation.address-taken', { host: scenario.hosts[owner]!.title ?? owner }),
          say('simulation.own-address'),
          address,
        )
      owners.set(address, name)
    }
    for (const [segment, address] of Object.entries(host.on6)) {
      const path = ['hosts', name, 'on6', segment]
      if (!isSegment(segment, path)) continue
      const network = scenario.segments[segment]!.network6
      if (host.on[segment] === undefined)
        add(
          path,
          say('simulation.on6-without-on', { segment, host: name }),
          say('simulation.write-on-too', { host: name, segment }),
          address,
        )
      else if (network === undefined)
        add(path, say('simulation.no-ipv6', { segment }), say('simulation.write-network6', { segment }), address)
      else if (!isInPrefix6(address, network))
        add(path, say('simulation.no-address-of', { network }), say('simulation.write-address-of-network'), address)
      const own = plainIpv6(address)!
      const owner = owners.get(own)
      if (owner !== undefined)
        add(path, say('simulation.address-taken', { host: scenario.hosts[owner]!.title ?? owner }), say('simulation.own-address'), address) // prettier-ignore
      owners.set(own, name)
    }
    for (const [service, one] of Object.entries(host.services)) {
      const path = ['hosts', name, 'services', service]
      if (one.type === 'relay')
        for (const segment of Object.keys(one.helpers)) isSegment(segment, [...path, 'helpers', segment])
      if (one.type === 'relay')
        for (const segment of Object.keys(one.servers6)) isSegment(segment, [...path, 'servers6', segment])
      if (one.type === 'DHCPv6Server')
        for (const [index, { subnet, start, end }] of one.subnets.entries())
          for (const [key, value] of Object.entries({ start, end })) {
            const at = [...path, 'subnets', String(index), key]
            if (value !== undefined && !isInPrefix6(value, subnet))
              add(at, say('simulation.lies-outside', { subnet }), say('simulation.write-address-of-it'), value)
            if ((start === undefined) !== (end === undefined) && value === undefined)
              add(at, say('simulation.half-pool'), say('simulation.both-or-neither'), null)
          }
      if (one.type !== 'DHCPServer') continue
      checkOptions(one.options, [...path, 'options'], add)
      for (const [key, level] of Object.entries(one.policies)) checkOptions(level, [...path, 'policies', key], add)
      for (const [key, level] of Object.entries(one.userClasses))
        checkOptions(level, [...path, 'userClasses', key], add)
      for (const [index, subnet] of one.subnets.entries()) {
        checkOptions(subnet.options ?? {}, [...path, 'subnets', String(index), 'options'], add)
        const network = parseIpv4Network(subnet.subnet)!
        for (const key of ['start', 'end'] as const)
          if (!isInNetwork(parseIpv4(subnet[key])!, network))
            add(
              [...path, 'subnets', String(index), key],
              say('simulation.lies-outside', { subnet: subnet.subnet }),
              say('simulation.write-address-of-it'),
              subnet[key],
            )
        if (parseIpv4(subnet.start)! > parseIpv4(subnet.end)!)
          add(
            [...path, 'subnets', String(index), 'end'],
            say('simulation.before-start'),
            say('simulation.higher-address'),
            subnet.end,
          )
      }
    }
  }
  for (const [name, client] of Object.entries(scenario.clients)) isSegment(client.on, ['clients', name, 'on'])
  for (const name of Object.keys(scenario.expect))
    if (!scenario.clients[name])
      add(
        ['expect', name],
        say('simulation.no-client'),
        say('simulation.write-one-of', { names: Object.keys(scenario.clients).join(', ') }),
        name,
      )
  for (const [index, repair] of scenario.repairs.entries())
    for (const [at, change] of repair.set.entries())
      if (!parsePath(change.path))
        add(
          ['repairs', String(index), 'set', String(at), 'path'],
          say('simulation.no-path'),
          say('simulation.write-path'),
          change.path,
        )
}

/** Changes settings of an unparsed scenario and checks the whole again: all of them or none. */
export function changeScenario(input: unknown, changes: readonly Change[]): CheckedScenario {
  const problems: ScenarioProblem[] = []
  let value = input
  const fieldOf = (path: Path): string =>
    path.length === 0 ? textOf(say('simulation.the-scenario')) : path.map(String).join('.')
  for (const { path, value: to } of changes) {
    const refuse = (message: Phrase, remedy: Phrase): void =>
      void problems.push({ field: path.slice(0, 200), value: shownValue(to), message, remedy })
    const keys = parsePath(path)
    if (!keys || keys.length > mostKeys) {
      refuse(say('simulation.no-path'), say('simulation.write-path-such-as'))
      continue
    }
    try {
      value = changed(value, keys, to)
    } catch (error) {
      if (!(error instanceof NoPlace)) throw error
      refuse(error.says, say('simulation.places-from-0'))
    }
  }
  const add: AddProblem = (path, message, remedy, told) =>
    void problems.push({ field: fieldOf(path), value: shownValue(told ?? valueAt(value, path)), message, remedy })
  const result = scenarioSchema.safeParse(value, { reportInput: true })
  if (!result.success) explainIssues(scenarioSchema, say('schema.a-scenario'), result.error, add)
  else checkScenario(result.data, add)
  return problems.length > 0 || !result.success
    ? { ok: false, problems }
    : { ok: true, scenario: result.data, input: value }
}

export const describeScenarioProblem = ({ field, value, message, remedy }: ScenarioProblem): Phrase =>
  say('simulation.problem', { field, message, value, remedy })
