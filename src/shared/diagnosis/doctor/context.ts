/** What rules are asked with: the facts as questions with unknown as an answer, and the pieces remedies are made of. */
import type { Facts } from '../../lab/facts.ts'
import type { Change } from '../../lab/repair.ts'
import { commandText, commandTexts, powershell } from '../commands.ts'
import { givenTo, optionsForAll, plainOptions, type OptionFact } from '../scope-options.ts'
import { askers, clientsOf } from '../twin-clients.ts'
import type { Prediction } from '../twin.ts'
import type { Evidence, Finding, Remedy } from './finding.ts'

export const serviceNames = { WDSServer: 'WDS', SccmPxe: 'the ConfigMgr PXE responder' } as const

/** Services of other systems that give addresses or files. */
export const otherServers = /^(dnsmasq|kea-dhcp4-server|kea-dhcp6-server|isc-dhcp-server|tftpd-hpa|atftpd)$/

export type ServiceState = 'running' | 'stopped' | 'absent' | 'unknown'

/** Questions to the facts, with unknown as an answer. */
export class Known {
  readonly facts: Facts
  constructor(facts: Facts) {
    this.facts = facts
  }

  service(name: string): ServiceState {
    const list = this.facts.services?.value
    if (!list) return 'unknown'
    const found = list.find((one) => one.name.toLowerCase() === name.toLowerCase())
    if (found === undefined) return 'absent'
    // What is disabled does not come back by itself: as good as not installed.
    return found.state === 'running' ? 'running' : found.start === 'disabled' ? 'absent' : 'stopped'
  }

  /** Undefined where it was not looked for; null where it is absent. */
  registry(key: string, name: string): number | string | readonly string[] | null | undefined {
    return this.facts.registry?.value.find(
      (one) => one.key.toLowerCase() === key.toLowerCase() && one.name.toLowerCase() === name.toLowerCase(),
    )?.data
  }

  /** Options that reach clients of no class of their own; of policies and reservations, those that these hold for. */
  options(code: number): OptionFact[] | undefined {
    return optionsForAll(this.facts, code)
  }

  owners(port: number): NonNullable<Facts['udp']>['value'] | undefined {
    // In a namespace of its own a container disturbs nobody.
    return this.facts.udp?.value.filter((one) => one.port === port && one.namespace === undefined)
  }

  /** A fact, and the line of its sources that contains the words. */
  evidence(says: string, sources: readonly (string | undefined)[], ...words: readonly string[]): Evidence {
    for (const source of sources) {
      const output = source === undefined ? undefined : this.facts.sources[source]?.output
      const raw = output
        ?.split(/\r?\n/)
        .find((line) => words.every((word) => line.toLowerCase().includes(word.toLowerCase())))
        ?.trim()
      if (source !== undefined && raw !== undefined && raw !== '') return { says, source, raw }
    }
    return { says, source: sources.find((one) => one !== undefined) ?? '', raw: undefined }
  }

  registryEvidence(key: string, name: string): Evidence {
    const data = this.registry(key, name)
    const text = data === null ? 'absent' : Array.isArray(data) ? data.join(', ') : String(data)
    const sources = Object.keys(this.facts.sources).filter((one) => one.startsWith('registry'))
    return this.evidence(`${key}\\${name} is ${text}`, [...sources, this.facts.registry?.source], `${name}    REG_`)
  }

  serviceEvidence(name: string): Evidence {
    const found = this.facts.services?.value.find((one) => one.name.toLowerCase() === name.toLowerCase())
    return this.evidence(
      found ? `${name} is ${found.state}, start type ${found.start}` : `${name} is not installed`,
      [`service-${name}`, this.facts.services?.source],
      found ? (found.state === 'running' ? 'RUNNING' : 'STOPPED') : '1060',
    )
  }

  optionEvidence(code: number): Evidence[] {
    return (plainOptions(this.facts, code) ?? []).map((one) =>
      this.evidence(
        `option ${code} at ${one.level} level${one.at === '' ? '' : ` ${one.at}`}${one.userClass === undefined ? '' : `, user class ${one.userClass},`} is ${one.value.join(', ')}`,
        [this.facts.dhcpOptions?.source],
        ...(one.level === 'policy' ? [] : [`optionvalue ${one.level === 'reservation' ? `${one.at} ` : ''}${code} `]),
        ...(one.level === 'scope' ? [` ${one.at} `] : []),
        one.value[0] ?? '',
      ),
    )
  }

  portEvidence(port: number): Evidence[] {
    return (this.owners(port) ?? []).map((one) =>
      this.evidence(
        `UDP ${one.address}:${port} is held by ${one.services.join(', ') || one.process || 'an unknown process'}${one.pid === undefined ? '' : ` (process ${one.pid})`}`,
        [this.facts.udp?.source],
        `:${port} `,
      ),
    )
  }
}

export const listed = (values: readonly (string | number)[]): string =>
  values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} and ${values.at(-1)}`

export interface Context {
  readonly known: Known
  readonly dhcp: ServiceState
  readonly wds: ServiceState
  readonly sccm: ServiceState
  /** Whether it answers, or would if it were started: of two the one that runs. */
  readonly wdsServes: boolean
  readonly sccmServes: boolean
  /** Undefined where the facts do not tell the set-up, or no PXE service is here. */
  readonly prediction: Prediction | undefined
}

/** What a rule has to leave open, in words that end `Not known: ...`. */
export interface Doubt {
  readonly doubt: string
}
export type Rule = (context: Context) => Finding | Doubt | undefined

export const repair = ({ facts }: Known, says: string, changes: readonly Change[]): Remedy => ({
  says,
  ...commandTexts(changes, facts.system, facts),
  changes,
})
export const byHand = (says: string, commands: readonly string[], undo: readonly string[]): Remedy => ({
  says,
  commands,
  undo,
  changes: [],
})
export const elevated = (script: string): string => commandText(powershell(script), 'windows')

const optionAtServer: Change = { kind: 'dhcp-option', option: 60, level: 'server', at: '', value: 'PXEClient' }
export const restart = (name: string): Change => ({ kind: 'restart', name })
export type PortFact = NonNullable<Facts['udp']>['value'][number]
export const optionChange = ({ option, level, at, scope, userClass }: OptionFact, value: string | null): Change[] =>
  option === 60 || option === 66 || option === 67
    ? [
        {
          kind: 'dhcp-option',
          option,
          level,
          at,
          value,
          ...(level === 'policy' && scope ? { scope } : {}),
          ...(userClass === undefined ? {} : { userClass }),
        },
      ]
    : []

const activeScopes = ({ facts }: Known): string[] =>
  facts.dhcpScopes?.value.filter((one) => one.isActive).map((one) => one.scope) ?? []

/** What makes option 60 PXEClient for every client of these scopes: at the server level, and wherever it says otherwise. */
export function announced(known: Known, scopes: readonly string[] = activeScopes(known)): Change[] {
  const { facts } = known
  const kept = [...new Set(facts.dhcpOptions?.value.flatMap((one) => (one.level === 'reservation' ? one.at : [])))]
  const given = (scopes.length > 0 ? scopes : ['']).flatMap((scope) =>
    [undefined, ...kept].flatMap(
      (reservation) =>
      clientsOf(facts).map((client) => givenTo(facts, scope, { ...askers[client], ...(reservation === undefined ? {} : { reservation }) }, 60)), // prettier-ignore
    ),
  )
  const otherwise = new Set(given.flatMap((one) => (!one || one.value.startsWith('PXEClient') ? [] : one.from)))
  return [
    ...(given.includes(undefined) ? [optionAtServer] : []),
    ...[...otherwise].flatMap((one) => optionChange(one, 'PXEClient')),
  ]
}
