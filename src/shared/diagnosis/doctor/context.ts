/** What rules are asked with: the facts as questions with unknown as an answer, and the pieces remedies are made of. */
import { say, type Message, type Phrase } from '#messages/message.ts'
import type { Facts } from '../../lab/facts.ts'
import type { Change } from '../../lab/repair.ts'
import { commandText, commandTexts, powershell } from '../commands.ts'
import { givenTo, optionsForAll, plainOptions, type OptionFact } from '../scope-options.ts'
import { askers, clientsOf } from '../twin-clients.ts'
import type { Prediction } from '../twin.ts'
import type { Evidence, Finding, Remedy } from './finding.ts'

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
  evidence(says: Phrase, sources: readonly (string | undefined)[], ...words: readonly string[]): Evidence {
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
    const value = `${key}\\${name}`
    const says = data === null ? say('doctor.value-absent', { value }) : say('doctor.value-is', { value, data: Array.isArray(data) ? data.join(', ') : String(data) }) // prettier-ignore
    const sources = Object.keys(this.facts.sources).filter((one) => one.startsWith('registry'))
    return this.evidence(says, [...sources, this.facts.registry?.source], `${name}    REG_`)
  }

  serviceEvidence(name: string): Evidence {
    const found = this.facts.services?.value.find((one) => one.name.toLowerCase() === name.toLowerCase())
    return this.evidence(
      found
        ? say('doctor.service-is', { name, state: found.state, start: found.start })
        : say('doctor.service-absent', { name }),
      [`service-${name}`, this.facts.services?.source],
      found ? (found.state === 'running' ? 'RUNNING' : 'STOPPED') : '1060',
    )
  }

  optionEvidence(code: number): Evidence[] {
    const said = ({ level, at, userClass, value: values }: OptionFact): Phrase => {
      const told = { code, level, at, value: values.join(', ') }
      return userClass === undefined ? say('doctor.option-is', told) : say('doctor.option-is-of-class', { ...told, userClass }) // prettier-ignore
    }
    return (plainOptions(this.facts, code) ?? []).map((one) =>
      this.evidence(
        said(one),
        [this.facts.dhcpOptions?.source],
        ...(one.level === 'policy' ? [] : [`optionvalue ${one.level === 'reservation' ? `${one.at} ` : ''}${code} `]),
        ...(one.level === 'scope' ? [` ${one.at} `] : []),
        one.value[0] ?? '',
      ),
    )
  }

  portEvidence(port: number): Evidence[] {
    const said = ({ address, services, process, pid }: PortFact): Phrase => {
      const told = { address, port, who: services.join(', ') || process || say('doctor.unknown-process') }
      return pid === undefined ? say('doctor.port-held', told) : say('doctor.port-held-by-process', { ...told, pid })
    }
    return (this.owners(port) ?? []).map((one) => this.evidence(said(one), [this.facts.udp?.source], `:${port} `))
  }
}

/** Numbers of ports, as they stand in a list. */
export const numbers = (ports: readonly number[]): string[] => ports.map(String)

/** Where an option is set, in the words of a sentence. */
export const optionPlace = ({ level, at }: OptionFact): Message => say('doctor.option-place', { level, at })

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
  readonly doubt: Phrase
}
export type Rule = (context: Context) => Finding | Doubt | undefined

export const repair = ({ facts }: Known, says: Phrase, changes: readonly Change[]): Remedy => ({
  says,
  ...commandTexts(changes, facts.system, facts),
  changes,
})
export const byHand = (says: Phrase, commands: readonly string[], undo: readonly string[]): Remedy => ({
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
