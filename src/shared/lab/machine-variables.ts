/** From a lab file to the variables of its machines, its templates and its groups. */
import { formatUuid, parseMac, parseUuid } from '../wire/bytes.ts'
import { ruleArchitectures, type RuleConditions } from '../machines/boot-policy.ts'
import { matchesMac } from '../machines/client-identity.ts'
import {
  builtInVariables,
  fillName,
  knownVariables,
  mayHave,
  variablesOf,
  type FilledName,
  type MachineEntry,
  type MachineVariables,
} from '../machines/variables/machines.ts'
import { variablesIn, type Value } from '../machines/variables/template.ts'
import type { Lab } from './lab.ts'

const plainUuid = (text: string): string => formatUuid(parseUuid(text)!)

const valuesOf = (variables: Lab['variables']): ReadonlyMap<string, Value> =>
  new Map(
    Object.entries(variables).map(([name, value]) => [
      name,
      typeof value === 'object' ? { text: value.secret, isSecret: true } : { text: String(value), isSecret: false },
    ]),
  )

/** Entries of `machines`, and behind them the reservations that name a machine. */
export function machineVariablesOf(lab: Lab): MachineVariables {
  const entries = lab.machines.map((one, index): MachineEntry => ({
    ...one,
    mac: one.mac === undefined ? undefined : parseMac(one.mac),
    uuid: one.uuid === undefined ? undefined : plainUuid(one.uuid),
    variables: valuesOf(one.variables),
    field: `machines[${index}]`,
  }))
  const reserved = lab.dhcp.subnets.flatMap(({ reservations }, at) =>
    reservations.flatMap(({ mac, uuid, hostname }, index): MachineEntry[] =>
      hostname === undefined || (mac === undefined && uuid === undefined)
        ? []
        : [
            {
              mac: mac === undefined ? undefined : parseMac(mac),
              uuid: uuid === undefined ? undefined : plainUuid(uuid),
              hostname,
              variables: new Map(),
              field: `dhcp.subnets[${at}].reservations[${index}]`,
            },
          ],
    ),
  )
  return { defaults: valuesOf(lab.variables), entries: [...entries, ...reserved] }
}

/** Whether a file of the boot folder is a template, by its path with slashes; in any letter case, as names of boot files are. */
export function templateTest(patterns: readonly string[]): (name: string) => boolean {
  const tests = patterns.map((pattern) => {
    const plain = pattern.replaceAll('\\', '/')
    const body = plain
      .split(/(\*\*\/|\*\*|\*)/)
      .map((part) =>
        part === '**/'
          ? '(?:.*/)?'
          : part === '**'
            ? '.*'
            : part === '*'
              ? '[^/]*'
              : part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'),
      ) // prettier-ignore
      .join('')
    return new RegExp(`^${plain.includes('/') ? '' : '(?:.*/)?'}${body}$`, 'i')
  })
  return (name) => tests.some((test) => test.test(name))
}

/** Most machines that a name is tried with: as many as somebody reads about. */
const mostTried = 200

/** A machine that a name with placeholders is for, and what it becomes. */
export interface TriedName {
  readonly who: string
  readonly name: FilledName
  /** The variable of the name that only other machines have; undefined where there is none. */
  readonly lacks: string | undefined
}

/** Of a rule, what says which machines it is for. */
export type NameConditions = { readonly [key in 'mac' | 'uuid' | 'architecture']?: RuleConditions[key] | undefined }

/** What a name with placeholders becomes for each machine that the lab file names, as far as the file says enough of it. */
export function namesForMachines(
  lab: Lab,
  file: string,
  rule: NameConditions = {},
  only?: string,
): readonly TriedName[] {
  const variables = machineVariablesOf(lab)
  const architecture = rule.architecture === undefined ? undefined : ruleArchitectures(rule.architecture)[0]
  return variables.entries
    .filter(({ mac, field }) => mac !== undefined && (only === undefined || field === only))
    .filter(
      ({ mac, uuid }) =>
        (rule.mac === undefined || matchesMac(mac!, [rule.mac])) &&
        (rule.uuid === undefined || (uuid !== undefined && uuid === plainUuid(rule.uuid))),
    ) // prettier-ignore
    .slice(0, mostTried)
    .map((entry): TriedName => {
      const of = typeof entry.architecture === 'string' ? ruleArchitectures(entry.architecture)[0] : undefined
      const facts = { mac: entry.mac!, uuid: entry.uuid, serial: entry.serial, asset: entry.asset, architecture: architecture ?? of } // prettier-ignore
      const all = variablesOf(variables, facts, 0, { withSecrets: true })
      return {
        who: entry.hostname === undefined ? entry.mac! : `${entry.hostname} (${entry.mac})`,
        name: fillName(file, variablesOf(variables, facts, 0, { withSecrets: false })),
        lacks: variablesIn(file).find((one) => {
          const value = Object.hasOwn(builtInVariables, one) || mayHave(variables, one) ? undefined : all(one)
          return value !== undefined && 'why' in value
        }),
      }
    })
}

/** Names of variables in a text that mean nothing in this lab. */
export function unknownVariables(lab: Lab, text: string): readonly string[] {
  const known = new Set(knownVariables(machineVariablesOf(lab)))
  return variablesIn(text).filter((name) => !known.has(name))
}
