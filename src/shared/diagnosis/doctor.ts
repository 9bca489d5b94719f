/**
 * Judges facts: which set-up this is, what is wrong with it, what each kind of machine will show because of it, and the
 * commands that repair it. Touches nothing; what is not known is told as unknown and never assumed.
 */
import { firewallRulesFor, letsIn, wdsDataPorts, type Facts } from '../lab/facts.ts'
import { dpKey, smsSecurityKey, wdsKey, wdsParametersKey, wdsTftpKey, wdsUnattendKey } from '../lab/registry-keys.ts'
import type { Change } from '../lab/repair.ts'
import { isLetThrough } from '../machines/read-filter.ts'
import { commandText, commandTexts, docs, powershell, sharedByTool } from './commands.ts'
import { keyOfRow, matrixClients, type MatrixClient, type MatrixRow } from './co-hosting.ts'
import { givenTo, optionsForAll, plainOptions, type OptionFact } from './scope-options.ts'
import {
  bootFilesMissing,
  certificateExpired,
  dhcpSilent,
  failoverPartner,
  handsFree,
  issuingListMissing,
  macIgnoreList,
  restartPending,
  signedBy2011,
  whyNotStarted,
} from './server-rules.ts'
import {
  askers,
  clientTitle,
  dnsOnTransferPorts,
  isBoundToNothing,
  isFailing,
  isNotListening,
  isTransferBlocked,
  othersOn,
  predict,
  servedInterfaces,
  strangersOn,
  wdsTransferPorts,
  type Prediction,
  type ScopePrediction,
} from './twin.ts'

export type Severity = 'error' | 'warning' | 'note'

export interface Evidence {
  /** The fact in words. */
  readonly says: string
  /** Name of its source, and the line it stands in where that was found. */
  readonly source: string
  readonly raw: string | undefined
}

export interface Remedy {
  readonly says: string
  readonly commands: readonly string[]
  /** What brings back what was before. */
  readonly undo: readonly string[]
  /** The same as changes that can be made here and taken back; empty where it is done by hand. */
  readonly changes: readonly Change[]
}

export const findingIds = [
  'both-want-67',
  'dhcp-stopped',
  'scope-inactive',
  'option-60-missing',
  'option-60-left-over',
  'option-60-wrong',
  'use-dhcp-ports-left-at-0',
  'pxe-service-stopped',
  'pxe-service-not-listening',
  'responder-takes-67',
  'boot-file-options',
  'dhcp-not-authorised',
  'firewall-closed',
  'dns-holds-tftp-ports',
  'tftp-port-range',
  'tftp-read-filter',
  'bind-policy',
  'tftp-blocks-too-large',
  'two-pxe-services',
  'foreign-owner',
  'ports-need-rights',
  'dhcp-silent',
  'boot-files-missing',
  'boot-programs-signed-2011',
  'certificate-expired',
  'dhcp-failover',
  'hands-free',
  'issuing-list-missing',
  'mac-ignore-list',
  'restart-pending',
  'clients-do-not-boot',
] as const
export type FindingId = (typeof findingIds)[number]

export interface Finding {
  readonly id: FindingId
  readonly severity: Severity
  readonly title: string
  readonly says: string
  readonly reference: string
  readonly evidence: readonly Evidence[]
  readonly remedy: Remedy | undefined
}

export const checkStates = ['passed', 'failed', 'not-applicable', 'unknown'] as const
export interface Check {
  readonly title: string
  readonly state: (typeof checkStates)[number]
  readonly detail: string
}

export interface Diagnosis {
  readonly verdict: string
  readonly health: 'healthy' | 'findings' | 'unknown'
  readonly findings: readonly Finding[]
  readonly checks: readonly Check[]
  /** The row of the co-hosting matrix; undefined where the facts do not tell. */
  readonly row: MatrixRow | undefined
  /** What each kind of machine does in each scope: the facts, simulated. */
  readonly prediction: Prediction | undefined
  /** What would have to be known for more. */
  readonly unknown: readonly string[]
}

const serviceNames = { WDSServer: 'WDS', SccmPxe: 'the ConfigMgr PXE responder' } as const

/** Services of other systems that give addresses or files. */
const otherServers = /^(dnsmasq|kea-dhcp4-server|isc-dhcp-server|tftpd-hpa|atftpd)$/

type ServiceState = 'running' | 'stopped' | 'absent' | 'unknown'

/** Questions to the facts, with unknown as an answer. */
class Known {
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

const listed = (values: readonly (string | number)[]): string =>
  values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} and ${values.at(-1)}`

/** The set-up in the terms of the matrix; undefined where a fact that decides is missing. */
function rowOf(known: Known): MatrixRow | undefined {
  const dhcp = known.service('DHCPServer')
  const wds = known.service('WDSServer')
  const sccm = known.service('SccmPxe')
  if (dhcp === 'unknown' || wds === 'unknown' || sccm === 'unknown') return undefined
  const pxe =
    sccm === 'running' || (sccm === 'stopped' && wds !== 'running') ? 'SccmPxe' : wds === 'absent' ? 'none' : 'WDS'
  const value =
    pxe === 'SccmPxe' ? known.registry(dpKey, 'DoNotListenOnDhcpPort') : known.registry(wdsKey, 'UseDHCPPorts')
  if (pxe !== 'none' && value === undefined) return undefined
  const option60 = known.options(60)
  const hasDhcp = dhcp === 'running'
  // What another server's options are, facts of this machine do not tell.
  if (hasDhcp && option60 === undefined) return undefined
  const files = hasDhcp ? [...(known.options(66) ?? []), ...(known.options(67) ?? [])] : []
  const order = startsFirst(known, pxe)
  return {
    dhcp: hasDhcp ? 'this' : 'other',
    pxe,
    listen: value === 0 ? '0' : value === 1 ? '1' : 'default',
    option60:
      !hasDhcp || !option60 || option60.length === 0
        ? 'unset'
        : option60.some((one) => one.level === 'server')
          ? 'server'
          : 'left-over',
    files: files.length > 0 ? 'set' : 'unset',
    service: (pxe === 'SccmPxe' ? sccm : wds) === 'running' ? 'running' : 'stopped',
    starts: order,
  }
}

/** Whoever holds port 67 now has started first; without that, what Windows usually does. */
function startsFirst(known: Known, pxe: MatrixRow['pxe']): MatrixRow['starts'] {
  const holder = known.owners(67)?.flatMap((one) => one.services) ?? []
  const name = pxe === 'SccmPxe' ? 'SccmPxe' : 'WDSServer'
  return holder.includes(name) ? 'first' : 'second'
}

interface Context {
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

export type Rule = (context: Context) => Finding | undefined

const repair = ({ facts }: Known, says: string, changes: readonly Change[]): Remedy => ({
  says,
  ...commandTexts(changes, facts.system, facts),
  changes,
})
const byHand = (says: string, commands: readonly string[], undo: readonly string[]): Remedy => ({
  says,
  commands,
  undo,
  changes: [],
})
const elevated = (script: string): string => commandText(powershell(script), 'windows')

const optionAtServer: Change = { kind: 'dhcp-option', option: 60, level: 'server', at: '', value: 'PXEClient' }
const restart = (name: string): Change => ({ kind: 'restart', name })
type PortFact = NonNullable<Facts['udp']>['value'][number]
const optionChange = ({ option, level, at, scope, userClass }: OptionFact, value: string | null): Change[] =>
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
function announced(known: Known, scopes: readonly string[] = activeScopes(known)): Change[] {
  const { facts } = known
  const given = (scopes.length > 0 ? scopes : ['']).flatMap((scope) =>
    matrixClients.map((client) => givenTo(facts, scope, askers[client], 60)),
  )
  const otherwise = new Set(given.flatMap((one) => (!one || one.value.startsWith('PXEClient') ? [] : one.from)))
  return [
    ...(given.includes(undefined) ? [optionAtServer] : []),
    ...[...otherwise].flatMap((one) => optionChange(one, 'PXEClient')),
  ]
}

const bothWant67: Rule = ({ known, dhcp, wds }) => {
  const value = known.registry(wdsKey, 'UseDHCPPorts')
  if (dhcp !== 'running' || (wds !== 'running' && wds !== 'stopped') || value === undefined || value === 0)
    return undefined
  const holders = known.owners(67)?.flatMap((one) => one.services) ?? []
  const who = holders.includes('WDSServer')
    ? 'WDS has it now, and DHCP hears nothing'
    : 'DHCP has it now, and WDS does not serve'
  return {
    id: 'both-want-67',
    severity: 'error',
    title: 'WDS and DHCP both want UDP port 67',
    says: `Both services run on this server, and UseDHCPPorts is ${value === null ? 'not set, which means 1' : String(value)}. Port 67 belongs to one service alone${holders.length > 0 ? `: ${who}` : ''}. After a restart it may be the other way round.`,
    reference: docs.startup,
    evidence: [
      known.serviceEvidence('DHCPServer'),
      known.serviceEvidence('WDSServer'),
      known.registryEvidence(wdsKey, 'UseDHCPPorts'),
      ...known.portEvidence(67),
    ],
    remedy: repair(known, `WDS leaves port 67 to DHCP, and option 60 sends the clients to port 4011. ${sharedByTool}`, [
      { kind: 'registry', key: wdsKey, name: 'UseDHCPPorts', data: 0 },
      ...announced(known),
      restart('WDSServer'),
    ]),
  }
}

/** A scope, or one machine of it, as people know it. */
const placeName = ({ scope, name, reservation }: ScopePrediction): string =>
  reservation !== ''
    ? `the reservation ${reservation}`
    : scope === ''
      ? 'the network of the server'
      : `scope ${scope}${name === '' ? '' : ` (${name})`}`

/** So many names are read; the others are counted. */
const mostNames = 5
const fewer = (names: readonly string[]): string =>
  listed(names.length > mostNames ? [...names.slice(0, mostNames - 1), `${names.length - mostNames + 1} more`] : names)

/** Kinds of clients in the fewest words. */
function kindsOf(clients: readonly MatrixClient[]): string {
  if (clients.length === matrixClients.length) return 'every client'
  const families = new Map<string, MatrixClient[]>([
    ['BIOS clients', ['bios']],
    ['iPXE', ['ipxe']],
    ['UEFI x64 clients', ['edk2', 'edk2-2016']],
  ])
  return listed(
    [...families].flatMap(([name, members]) =>
      members.every((one) => clients.includes(one))
        ? [name]
        : members.filter((one) => clients.includes(one)).map(clientTitle),
    ),
  )
}

/** Whether the PXE service waits on port 4011 for those whom the DHCP server of this host sends there. */
const leavesPort67 = (known: Known, wds: ServiceState, sccm: ServiceState): boolean =>
  (wds !== 'absent' && known.registry(wdsKey, 'UseDHCPPorts') === 0) ||
  (sccm !== 'absent' && known.registry(dpKey, 'DoNotListenOnDhcpPort') === 1)

const option60Missing: Rule = ({ known, dhcp, prediction, wdsServes, sccmServes }) => {
  if (dhcp !== 'running' || !known.facts.dhcpOptions || !prediction) return undefined
  const isWds = wdsServes && known.registry(wdsKey, 'UseDHCPPorts') === 0
  const isSccm = sccmServes && known.registry(dpKey, 'DoNotListenOnDhcpPort') === 1
  if (!isWds && !isSccm) return undefined
  const places = prediction.scopes.flatMap((place) => {
    const clients = matrixClients.filter((client) => {
      const asker = { ...askers[client], ...(place.reservation === '' ? {} : { reservation: place.reservation }) }
      const given = givenTo(known.facts, place.scope, asker, 60)
      // A value that is wrong is told by itself; a client that is given its program boots without.
      return (given === undefined || given.value.startsWith('HTTPClient')) && isFailing(place.cells[client])
    })
    return clients.length === 0 ? [] : [{ place, clients }]
  })
  if (places.length === 0) return undefined
  const isAll = places.length === prediction.scopes.length && places.every((one) => one.clients.length === matrixClients.length) // prettier-ignore
  const where = fewer(places.map((one) => placeName(one.place)))
  const who = kindsOf(matrixClients.filter((client) => places.some((one) => one.clients.includes(client))))
  const has60 = plainOptions(known.facts, 60)!
  const [key, name] = isSccm ? ([dpKey, 'DoNotListenOnDhcpPort'] as const) : ([wdsKey, 'UseDHCPPorts'] as const)
  return {
    id: 'option-60-missing',
    severity: 'error',
    title: isAll
      ? 'Nobody tells the clients that there is a PXE service'
      : `The DHCP server sends ${who === 'every client' ? '' : `${who} `}no option 60 in ${where}`,
    says: `${isSccm ? serviceNames.SccmPxe : serviceNames.WDSServer} leaves port 67 to the DHCP server of this host, and the DHCP server does not send option 60${isAll ? '' : ` in ${where}${who === 'every client' ? '' : ` to ${who}`}`}: ${isAll ? 'no client ever asks' : 'these clients never ask'} port 4011.`,
    reference: docs.coHosting,
    evidence: [
      known.registryEvidence(key, name),
      ...(has60.length === 0
        ? [known.evidence('option 60 is set at no level', [known.facts.dhcpOptions.source])]
        : known.optionEvidence(60)),
      known.serviceEvidence('DHCPServer'),
    ],
    remedy: repair(
      known,
      'Set option 60 to PXEClient at the server level, and wherever it says otherwise.',
      announced(known),
    ),
  }
}

const dhcpStopped: Rule = ({ known, dhcp }) =>
  dhcp !== 'stopped'
    ? undefined
    : {
        id: 'dhcp-stopped',
        severity: 'error',
        title: 'The DHCP server is installed and does not run',
        says: 'It gives no addresses. Where another host gives them, this service should be disabled, and the PXE service told so.',
        reference: docs.coHosting,
        evidence: [known.serviceEvidence('DHCPServer')],
        remedy: repair(known, 'Start it, and look into the event log for why it stopped.', [
          { kind: 'service', name: 'DHCPServer', state: 'running' },
        ]),
      }

const scopeInactive: Rule = ({ known, dhcp, wds, sccm }) => {
  const scopes = known.facts.dhcpScopes?.value
  if (dhcp !== 'running' || !scopes) return undefined
  const off = scopes.filter((one) => !one.isActive)
  const isNone = off.length === scopes.length
  if (off.length === 0 && scopes.length > 0) return undefined
  const names = listed(off.map((one) => (one.name === '' ? one.scope : `${one.scope} (${one.name})`)))
  return {
    id: 'scope-inactive',
    severity: isNone ? 'error' : 'note',
    title:
      scopes.length === 0
        ? 'The DHCP server has no scope'
        : isNone
          ? `The DHCP server has no active scope: ${names} ${off.length === 1 ? 'is' : 'are'} inactive`
          : `Scope ${names} ${off.length === 1 ? 'is' : 'are'} inactive`,
    says: isNone
      ? 'The service runs and gives no address to anybody: a scope has to be there, and has to be activated.'
      : 'Its clients get no address from this server. That is as it should be where the scope is not in use.',
    reference: docs.prerequisites,
    evidence:
      off.length === 0
        ? [known.evidence('the dump of the DHCP server has no scope', [known.facts.dhcpScopes!.source])]
        : off.map((one) =>
            known.evidence(`scope ${one.scope} is inactive`, [known.facts.dhcpScopes!.source], one.scope, 'set state'),
          ),
    remedy:
      scopes.length === 0
        ? undefined
        : repair(known, isNone ? 'Activate the scope.' : 'Activate it where clients are to get addresses there.', [
            ...off.map((one): Change => ({ kind: 'dhcp-scope', scope: one.scope, isActive: true })),
            // Its clients need what those of the other scopes need.
            ...(leavesPort67(known, wds, sccm)
              ? announced(
                  known,
                  off.map((one) => one.scope),
                )
              : []),
          ]),
  }
}

const option60LeftOver: Rule = ({ known, dhcp, wds, sccm }) => {
  const options = plainOptions(known.facts, 60)?.filter((one) => one.value[0]?.startsWith('PXEClient')) ?? []
  if (dhcp !== 'running' || options.length === 0 || wds !== 'absent' || sccm !== 'absent') return undefined
  // Something of another make may answer on port 4011 here.
  const onBootPort = known.owners(4011)
  if (onBootPort === undefined || onBootPort.length > 0) return undefined
  return {
    id: 'option-60-left-over',
    severity: 'error',
    title: 'Option 60 promises a PXE service that is not here',
    says: `The DHCP server of this host tells ${options.some((one) => one.level === 'server' && one.userClass === undefined) ? 'every client' : `the clients of ${listed([...new Set(options.map((one) => `${one.level} ${one.at}`.trim()))])}`} to ask port 4011 of this host, where nothing listens. A PXE service on another host is not even asked.`,
    reference: docs.coHosting,
    evidence: [
      ...known.optionEvidence(60),
      known.serviceEvidence('WDSServer'),
      known.evidence('nobody holds UDP port 4011', [known.facts.udp?.source]),
    ],
    remedy: repair(
      known,
      'Delete option 60 at every level where it is set.',
      options.flatMap((one) => optionChange(one, null)),
    ),
  }
}

const option60Wrong: Rule = ({ known, dhcp, prediction }) => {
  // Nine octets are compared by EDK2 and iPXE, and ten by HTTP boot: what stands behind them does no harm.
  const reached = new Set(
    (prediction?.scopes ?? []).flatMap(({ scope, reservation }) =>
      matrixClients.map((client) => givenTo(known.facts, scope, { ...askers[client], ...(reservation === '' ? {} : { reservation }) }, 60)?.from),
    ),
  ) // prettier-ignore
  const wrong = (plainOptions(known.facts, 60) ?? []).filter(
    (one) => !/^(PXEClient|HTTPClient)/.test(one.value.join(' ')) && (one.userClass === undefined || reached.has(one)),
  )
  if (dhcp !== 'running' || wrong.length === 0) return undefined
  return {
    id: 'option-60-wrong',
    severity: 'error',
    title: 'Option 60 has a value that no firmware understands',
    says: `Clients look for PXEClient at the beginning, in these letters; ${wrong.map((one) => `"${one.value.join(' ')}" at ${one.level} level`).join(' and ')} is something else.`,
    reference: 'PXE 2.1 section 2.2',
    evidence: known.optionEvidence(60),
    remedy: repair(
      known,
      'Write PXEClient.',
      wrong.flatMap((one) => optionChange(one, 'PXEClient')),
    ),
  }
}

const leftAt0: Rule = ({ known, dhcp, wdsServes, sccmServes }) => {
  if (dhcp !== 'absent') return undefined
  const isWds = wdsServes && known.registry(wdsKey, 'UseDHCPPorts') === 0
  const isSccm = sccmServes && known.registry(dpKey, 'DoNotListenOnDhcpPort') === 1
  if (!isWds && !isSccm) return undefined
  const service = isWds ? 'WDSServer' : 'SccmPxe'
  const [key, name, now, then] = isWds
    ? ([wdsKey, 'UseDHCPPorts', 0, 1] as const)
    : ([dpKey, 'DoNotListenOnDhcpPort', 1, 0] as const)
  return {
    id: 'use-dhcp-ports-left-at-0',
    severity: 'error',
    title: `${isWds ? 'WDS' : 'The ConfigMgr PXE responder'} leaves port 67 to a DHCP server that is not here`,
    says: `${name} is ${now}, as beside a DHCP server on the same host. There is none here: ${service} does not hear a single DISCOVER.`,
    reference: isWds ? docs.coHosting : docs.responder,
    evidence: [known.registryEvidence(key, name), known.serviceEvidence('DHCPServer')],
    remedy: repair(known, `Set ${name} to ${then}.`, [{ kind: 'registry', key, name, data: then }, restart(service)]),
  }
}

const serviceStopped: Rule = ({ known, wds, sccm, dhcp }) => {
  if (wds === 'running' || sccm === 'running') return undefined
  const name = sccm === 'stopped' ? 'SccmPxe' : wds === 'stopped' ? 'WDSServer' : undefined
  if (name === undefined) return undefined
  // With the ports in conflict a service that is down is the consequence.
  if (name === 'WDSServer' && dhcp === 'running' && known.registry(wdsKey, 'UseDHCPPorts') !== 0) return undefined
  const has60 = dhcp === 'running' && (known.options(60)?.length ?? 0) > 0
  const why = name === 'WDSServer' ? whyNotStarted(known.facts) : undefined
  return {
    id: 'pxe-service-stopped',
    severity: 'error',
    title: `${name} is stopped`,
    says: `${name === 'SccmPxe' ? 'The ConfigMgr PXE responder' : 'WDS'} does not run${has60 ? ', and option 60 goes on sending clients to it' : ''}.${why ? ` ${why.says}` : ''}`,
    reference: docs.coHosting,
    evidence: [known.serviceEvidence(name), ...(has60 ? known.optionEvidence(60) : []), ...(why?.evidence ?? [])],
    remedy: repair(known, 'Start it, and look into the event log for why it stopped.', [
      { kind: 'service', name, state: 'running' },
    ]),
  }
}

const notListening: Rule = ({ known, wds, sccm }) => {
  const name = sccm === 'running' ? 'SccmPxe' : wds === 'running' ? 'WDSServer' : undefined
  if (name === undefined || !isNotListening(known.facts, name)) return undefined
  const why = name === 'WDSServer' ? whyNotStarted(known.facts) : undefined
  return {
    id: 'pxe-service-not-listening',
    severity: 'error',
    title: `${name} runs and listens on neither UDP 69 nor 4011`,
    says: `Nobody holds these ports. ${name === 'WDSServer' ? 'WDS was not initialised, or its PXE provider did not load.' : 'The responder did not come up: SMSPXE.log says why.'}${why ? ` ${why.says}` : ''}`,
    reference: docs.coHosting,
    evidence: [
      known.serviceEvidence(name),
      known.evidence('nobody holds UDP port 69 or 4011', [known.facts.udp?.source]),
      ...(why?.evidence ?? []),
    ],
    remedy: repair(
      known,
      `Start it again, and look at its log.${name === 'WDSServer' ? ' A server that was never initialised needs wdsutil /Initialize-Server /REMINST:FOLDER first.' : ''}`,
      [restart(name)],
    ),
  }
}

const responderTakes67: Rule = ({ known, dhcp, sccm }) => {
  const value = known.registry(dpKey, 'DoNotListenOnDhcpPort')
  if (dhcp !== 'running' || (sccm !== 'running' && sccm !== 'stopped') || value === undefined || value === 1)
    return undefined
  return {
    id: 'responder-takes-67',
    severity: 'error',
    title: 'The ConfigMgr PXE responder and DHCP both want UDP port 67',
    says: `SccmPxe shares this server with DHCP, and DoNotListenOnDhcpPort is ${value === null ? 'not set' : String(value)}. Whichever starts second does not serve.`,
    reference: docs.responder,
    evidence: [
      known.serviceEvidence('SccmPxe'),
      known.serviceEvidence('DHCPServer'),
      known.registryEvidence(dpKey, 'DoNotListenOnDhcpPort'),
      ...known.portEvidence(67),
    ],
    remedy: repair(known, 'Set DoNotListenOnDhcpPort to 1 and option 60 to PXEClient, from version 1902 on.', [
      { kind: 'registry', key: dpKey, name: 'DoNotListenOnDhcpPort', data: 1 },
      ...announced(known),
      restart('SccmPxe'),
      restart('DHCPServer'),
    ]),
  }
}

const bootFileOptions: Rule = ({ known, dhcp, prediction, wdsServes, sccmServes }) => {
  const set = [...(known.options(66) ?? []), ...(known.options(67) ?? [])]
  if (dhcp !== 'running' || set.length === 0) return undefined
  const plain = set.filter((one) => one.level !== 'policy')
  const files = (list: readonly OptionFact[]): string =>
    list.filter((one) => one.option === 67).map((one) => one.value.join(' ')).join(', ') || list.map((one) => one.value.join(' ')).join(', ') // prettier-ignore
  const isBesidePxe = wdsServes || sccmServes
  const failing = (prediction?.scopes ?? []).flatMap((place) => {
    const clients = matrixClients.filter((client) => {
      const asker = { ...askers[client], ...(place.reservation === '' ? {} : { reservation: place.reservation }) }
      const file = givenTo(known.facts, place.scope, asker, 67)
      return file !== undefined && isFailing(place.cells[client])
    })
    return clients.length === 0 ? [] : [`${kindsOf(clients)} in ${placeName(place)}`]
  })
  const byPolicy = set.filter((one) => one.level === 'policy')
  return {
    id: 'boot-file-options',
    severity: failing.length > 0 ? 'error' : isBesidePxe && plain.length > 0 ? 'warning' : 'note',
    title:
      failing.length > 0
        ? 'Options 66 and 67 send clients a boot file that does not start there'
        : plain.length > 0
          ? 'One boot file for every kind of machine'
          : 'DHCP policies name the boot files',
    says: `${
      plain.length > 0
        ? `Options 66 and 67 name ${files(plain)}: every client ${byPolicy.length > 0 ? 'without a policy of its own ' : ''}of ${plain.some((one) => one.level === 'server') ? 'this server' : listed([...new Set(plain.map((one) => `${one.level} ${one.at}`))])} is told that, whatever it is${isBesidePxe ? ', and the PXE service has no say' : ''}. A BIOS program does not start on UEFI, and the other way round.`
        : `The policies ${listed([...new Set(byPolicy.map((one) => one.at))])} name ${files(byPolicy)} for the machines for which they hold. Microsoft supports IP helpers and the PXE service instead, which chooses the program by itself.`
    }${failing.length > 0 ? ` It fails for ${fewer(failing)}.` : ''}`,
    reference: docs.helpers,
    evidence: [...known.optionEvidence(66), ...known.optionEvidence(67)],
    remedy:
      isBesidePxe && (plain.length > 0 || failing.length > 0)
        ? repair(
            known,
            'Remove both options; across routers add the PXE server as an IP helper.',
            (plain.length > 0 ? plain : set).flatMap((one) => optionChange(one, null)),
          )
        : undefined,
  }
}

const notAuthorised: Rule = ({ known, dhcp }) =>
  dhcp !== 'running' || known.facts.dhcpAuthorised?.value !== false
    ? undefined
    : {
        id: 'dhcp-not-authorised',
        severity: 'error',
        title: 'The DHCP server is not authorised in Active Directory',
        says: 'The service runs and answers nobody.',
        reference: docs.authorise,
        evidence: [
          known.evidence('this server is not among the authorised DHCP servers', [known.facts.dhcpAuthorised?.source]),
          known.serviceEvidence('DHCPServer'),
        ],
        remedy: byHand(
          'Authorise it, as a member of Enterprise Admins.',
          [elevated('Add-DhcpServerInDC')],
          [elevated('Remove-DhcpServerInDC')],
        ),
      }

/** Ports that the services of this host need open. */
function neededPorts({ known, dhcp, wdsServes, sccmServes }: Context): number[] {
  const listens =
    (wdsServes && known.registry(wdsKey, 'UseDHCPPorts') !== 0) ||
    (sccmServes && known.registry(dpKey, 'DoNotListenOnDhcpPort') !== 1)
  // What asks Active Directory who may give addresses is answered at port 68.
  const needs68 = (dhcp === 'running' || listens) && known.facts.domain !== undefined && known.facts.domain.value !== ''
  // Elsewhere whoever holds a port wants to hear something there.
  if (known.facts.system !== 'windows')
    return [67, 69, 4011].filter((port) => known.owners(port)?.some((one) => !/^(127\.|::1$)/.test(one.address)))
  return [
    ...(dhcp === 'running' || listens ? [67] : []),
    ...(needs68 ? [68] : []),
    ...(wdsServes || sccmServes ? [69, 4011] : []),
  ]
}

/** Ports of transfers that are taken where nobody bounds them (Linux: net.ipv4.ip_local_port_range). */
const anyTransferPort: readonly [number, number] = [32_768, 60_999]

/**
 * Every transfer has a port of its own, at which the client answers: a firewall that tracks no connections drops these answers
 * even where port 69 is open.
 */
function transfersClosed({ known }: Context): Finding | undefined {
  const firewall = known.facts.firewall?.value
  const serves = known.owners(69)?.some((one) => !/^(127\.|::1$)/.test(one.address))
  if (!serves || firewall?.letsAnswersIn !== false) return undefined
  const { transferPorts } = known.facts
  const [first, last] = transferPorts ?? anyTransferPort
  if (letsIn(firewall, first) && letsIn(firewall, last)) return undefined
  const ports = first === last ? String(first) : `${first} to ${last}`
  return {
    id: 'firewall-closed',
    severity: 'error',
    title: `The firewall drops what clients answer to TFTP transfers (UDP ${ports})`,
    says: `Every file is sent from a UDP port of its own, ${transferPorts ? `which this lab takes from ${ports}` : `any from ${ports}`}, and the client acknowledges it there. No rule lets these ports in, nor answers to what this machine sent (ct state established): every transfer ends after its first block.`,
    reference: docs.coHosting,
    evidence: [
      known.evidence(
        `${firewall.rules.length} enabled rules let UDP in or block it, none of them answers`,
        [known.facts.firewall?.source],
        '"hook": "input"',
      ),
    ],
    remedy: byHand(
      'Accept answers in the input chain, or bound the ports with tftp.ports in the lab file and let these in, or set tftp.singlePort: true, which needs port 69 alone.',
      [],
      [],
    ),
  }
}

/** Windows lets in what answers, at whatever port; a rule that blocks the ports of transfers is another matter. */
function transfersBlocked({ known, wdsServes, sccmServes }: Context): Finding | undefined {
  const { facts } = known
  if ((!wdsServes && !sccmServes) || !isTransferBlocked(facts)) return undefined
  const range = wdsTransferPorts(facts)
  const blocking = facts.firewall!.value.rules.filter((one) => one.action === 'block' && one.ports.length > 0)
  return {
    id: 'firewall-closed',
    severity: 'error',
    title: `The firewall blocks the ports of TFTP transfers${range ? ` (UDP ${range[0]} to ${range[1]})` : ''}`,
    says: 'Every file is sent from a UDP port of its own, and the client acknowledges it there: with these ports blocked a transfer ends after its first block.',
    reference: docs.dns,
    evidence: blocking.map((one) => known.evidence(`rule "${one.name}" blocks`, [facts.firewall?.source], `|Name=${one.name}|`)), // prettier-ignore
    remedy: byHand(
      'Switch the rule off, if it is not there for a reason.',
      blocking.map((one) => `netsh advfirewall firewall set rule name="${one.name}" new enable=no`),
      blocking.map((one) => `netsh advfirewall firewall set rule name="${one.name}" new enable=yes`),
    ),
  }
}

const firewallClosed: Rule = (context) => {
  const { known } = context
  const firewall = known.facts.firewall?.value
  if (!firewall?.isOn) return undefined
  const closed = neededPorts(context).filter((port) => !letsIn(firewall, port))
  if (closed.length === 0)
    return known.facts.system === 'windows' ? transfersBlocked(context) : transfersClosed(context)
  const blocking = firewall.rules.filter(
    (one) => one.action === 'block' && closed.some((port) => firewallRulesFor(firewall, port).includes(one)),
  )
  const is68Alone = closed.every((port) => port === 68)
  return {
    id: 'firewall-closed',
    severity: is68Alone ? 'warning' : 'error',
    title: `The firewall does not let UDP ${listed(closed)} in`,
    says: `The services of this server need UDP ${listed(neededPorts(context))}; no enabled rule lets ${listed(closed)} in.${closed.includes(68) ? ' In a domain DHCP has to be authorised, and UDP 68 has to be open for that.' : ''}`,
    reference: docs.coHosting,
    evidence: [
      known.evidence(
        `${firewall.rules.length} enabled rules let UDP in or block it`,
        [known.facts.firewall?.source],
        ...(known.facts.system === 'windows' ? [] : ['"hook": "input"']),
      ),
      ...blocking.map((one) =>
        known.evidence(`rule "${one.name}" blocks`, [known.facts.firewall?.source], `|Name=${one.name}|`),
      ),
    ],
    remedy:
      blocking.length > 0
        ? byHand(
            'A rule that blocks wins over every rule that allows: switch it off, if it is not there for a reason.',
            blocking.map((one) => `netsh advfirewall firewall set rule name="${one.name}" new enable=no`),
            blocking.map((one) => `netsh advfirewall firewall set rule name="${one.name}" new enable=yes`),
          )
        : repair(
            known,
            known.facts.system === 'windows'
              ? 'Allow these ports.'
              : 'Allow these ports, until the firewall is loaded anew; add them to its configuration as well.',
            closed.map((port) => ({ kind: 'firewall', port })),
          ),
  }
}

const portsNeedRights: Rule = ({ known }) =>
  known.facts.lowPorts?.value !== false
    ? undefined
    : {
        id: 'ports-need-rights',
        severity: 'note',
        title: 'PXE Lab may not open ports 67 and 69 here',
        says: 'Ports below 1024 need rights that this program does not have: it can simulate, read captures and diagnose, and cannot answer machines.',
        reference: 'capabilities(7), CAP_NET_BIND_SERVICE',
        evidence: [known.evidence('CAP_NET_BIND_SERVICE is not in effect', [known.facts.lowPorts.source], 'CapEff')],
        remedy: repair(known, 'Give the program these two rights, and start it again.', [{ kind: 'low-ports' }]),
      }

/** Fewer machines than this at once are no deployment. */
const fewestPorts = 50

const narrowRange: Rule = ({ known, wdsServes }) => {
  const range = wdsTransferPorts(known.facts)
  if (!wdsServes || !range) return undefined
  const [start, end] = range
  const count = end - start + 1
  if (count >= fewestPorts) return undefined
  const [first, last] = wdsDataPorts
  return {
    id: 'tftp-port-range',
    severity: count <= 0 ? 'error' : 'warning',
    title: count <= 0 ? 'WDS has no ports to send its files from' : `WDS sends its files from ${count} ports only`,
    says:
      count <= 0
        ? `The range begins at ${start} and ends at ${end}: TFTP requests arrive, and no data leaves.`
        : `Each transfer takes a port of its own: no more than ${count} at a time; others wait and time out.`,
    reference: docs.registry,
    evidence: [
      known.registryEvidence(wdsParametersKey, 'UdpStartPort'),
      known.registryEvidence(wdsParametersKey, 'UdpEndPort'),
    ],
    remedy: repair(known, 'Take the range that WDS is installed with.', [
      { kind: 'registry', key: wdsParametersKey, name: 'UdpStartPort', data: first },
      { kind: 'registry', key: wdsParametersKey, name: 'UdpEndPort', data: last },
      restart('WDSServer'),
    ]),
  }
}

/** Folders that a PXE service of Windows sends files from, and what stands for them in ReadFilter. */
const bootFolders = { wds: ['boot', 'tmp'], distributionPoint: ['SMSBoot', 'SMSTemp', 'SMSImages'] } as const

const readFilter: Rule = ({ known, wdsServes }) => {
  const patterns = known.registry(wdsTftpKey, 'ReadFilter')
  const isDistributionPoint = known.facts.distributionPoint?.value === true
  const folders = isDistributionPoint ? bootFolders.distributionPoint : bootFolders.wds
  if (!wdsServes || !Array.isArray(patterns)) return undefined
  const told = patterns as readonly string[]
  const names = folders.flatMap((folder) => [`${folder}\\x64\\a`, `\\${folder}\\x64\\a`])
  const refused = names.filter((name) => !isLetThrough(told, name))
  if (refused.length === 0) return undefined
  const forms = folders.flatMap((folder) => [`\\${folder}\\*`, `${folder}\\*`, `/${folder}/*`, `${folder}/*`])
  const wanted = [...new Set([...told, ...forms])]
  return {
    id: 'tftp-read-filter',
    severity: 'error',
    title: 'WDS refuses to send its boot files',
    says: `${isDistributionPoint ? `The distribution point sends its files from ${listed(folders)}. ` : ''}The read filter does not let ${listed(refused.map((name) => name.replace(/x64\\a$/, '*')))} through: clients show PXE-T04, PXE-E3C or PXE-E23, an access violation.`,
    reference: docs.registry,
    evidence: [known.registryEvidence(wdsTftpKey, 'ReadFilter')],
    remedy: byHand(
      'Add the folders of the boot files, with either kind of slash.',
      [`reg add ${wdsTftpKey} /v ReadFilter /t REG_MULTI_SZ /d "${wanted.join('\\0')}" /f`, 'net stop WDSServer', 'net start WDSServer'],
      [`reg add ${wdsTftpKey} /v ReadFilter /t REG_MULTI_SZ /d "${told.join('\\0')}" /f`, 'net stop WDSServer', 'net start WDSServer'],
    ), // prettier-ignore
  }
}

const dnsHoldsPorts: Rule = ({ known, wdsServes }) => {
  const range = wdsTransferPorts(known.facts)
  const held = dnsOnTransferPorts(known.facts)
  if (!wdsServes || !range || held === undefined) return undefined
  const [first, last] = range
  return {
    id: 'dns-holds-tftp-ports',
    severity: 'error',
    title: 'DNS sits on the ports that WDS sends its files from',
    says: `${held} of the ${last - first + 1} ports from ${first} to ${last} are held by the DNS server: TFTP requests arrive, and no data leaves.`,
    reference: docs.dns,
    evidence: [
      known.evidence(`DNS holds ${held} UDP ports of the range`, [known.facts.udp?.source], 'DNS'),
      known.registryEvidence(wdsParametersKey, 'UdpPortPolicy'),
    ],
    remedy: repair(known, 'Let Windows choose the ports.', [
      { kind: 'registry', key: wdsParametersKey, name: 'UdpPortPolicy', data: 0 },
      restart('WDSServer'),
    ]),
  }
}

const bindPolicy: Rule = ({ known, wdsServes }) => {
  const policy = known.registry(wdsKey, 'BindPolicy')
  const listed = known.registry(wdsKey, 'BindInterfaces')
  const interfaces = known.facts.interfaces?.value
  if (!wdsServes || !Array.isArray(listed) || listed.length === 0 || !interfaces) return undefined
  const entries = listed as readonly string[]
  const served = servedInterfaces(known.facts)
  if (served.length === interfaces.length) return undefined
  const addresses = (list: typeof interfaces): string => list.map((one) => one.address).join(', ')
  const [first] = interfaces
  const isDeaf = isBoundToNothing(known.facts)
  return {
    id: 'bind-policy',
    severity: isDeaf ? 'error' : 'note',
    title: isDeaf
      ? 'WDS is bound to interfaces that this server does not have'
      : `WDS answers on ${addresses(served)} only`,
    says: isDeaf
      ? `The bind policy ${policy === 1 ? 'includes only' : 'excludes'} ${entries.join(', ')}; the server has ${addresses(interfaces)}.`
      : `Machines in the network of ${addresses(interfaces.filter((one) => !served.includes(one)))} are not heard, for the bind policy leaves it out.`,
    reference: docs.registry,
    evidence: [known.registryEvidence(wdsKey, 'BindPolicy'), known.registryEvidence(wdsKey, 'BindInterfaces')],
    remedy:
      isDeaf && first
        ? byHand(
            'Bind it to an address of the server.',
            [`wdsutil /Set-Server /BindPolicy /Add /Address:${first.address} /AddressType:IP`],
            [`wdsutil /Set-Server /BindPolicy /Remove /Address:${first.address} /AddressType:IP`],
          )
        : undefined,
  }
}

const blocksTooLarge: Rule = ({ known, wdsServes, sccmServes }) => {
  const both = [
    { key: dpKey, name: 'RamDiskTFTPBlockSize' },
    { key: wdsTftpKey, name: 'MaximumBlockSize' },
  ] as const
  const candidates = both.filter(({ key, name }) => {
    const data = known.registry(key, name)
    // 4096 is what a distribution point comes with (Microsoft, Customize the RamDisk TFTP block size and window size).
    return typeof data === 'number' && data > (key === dpKey ? 4096 : 1456)
  })
  if ((!wdsServes && !sccmServes) || candidates.length === 0) return undefined
  const { key, name } = candidates[0]!
  const data = known.registry(key, name)
  const window = known.registry(dpKey, 'RamDiskTFTPWindowSize')
  const mtu = Math.min(...(known.facts.interfaces?.value.map((one) => one.mtu ?? 1500) ?? [1500]))
  if (typeof data === 'number' && data + 32 <= mtu) return undefined
  return {
    id: 'tftp-blocks-too-large',
    severity: 'warning',
    title: 'TFTP blocks are larger than a frame',
    says: `${name} is ${String(data)}: with ${mtu} bytes a packet each block travels in fragments.${typeof window === 'number' && window > 1 ? ` With ${window} blocks at a time a single lost fragment repeats ${Math.round((window * Number(data)) / 1024)} KiB.` : ''} Where fragments are dropped (tunnels, firewalls) the boot image stops with 0xc0000001.`,
    reference: docs.responder,
    evidence: [known.registryEvidence(key, name)],
    remedy: repair(known, 'Write 1456, and raise the window instead.', [{ kind: 'registry', key, name, data: 1456 }]),
  }
}

const twoServices: Rule = ({ known, wds, sccm }) =>
  wds !== 'running' || sccm !== 'running'
    ? undefined
    : {
        id: 'two-pxe-services',
        severity: 'error',
        title: 'WDS and the ConfigMgr PXE responder both run',
        says: 'Both want ports 69 and 4011; whichever started second does not serve.',
        reference: docs.responder,
        evidence: [
          known.serviceEvidence('WDSServer'),
          known.serviceEvidence('SccmPxe'),
          ...known.portEvidence(4011),
          ...known.portEvidence(69),
        ],
        remedy: repair(known, 'Keep one: the responder, or WDS where multicast is needed.', [
          { kind: 'service', name: 'WDSServer', state: 'stopped', start: 'disabled' },
        ]),
      }

/** Why somebody commonly is on a port, by service or process; and the Windows service that would have to stop. */
const strangers: readonly (readonly [RegExp, string, string])[] = [
  [/SharedAccess/i, 'Internet Connection Sharing gives addresses by itself', 'SharedAccess'],
  [/vmms|vmnat|hns/i, 'Hyper-V serves its default switch', ''],
  [/VMnetDHCP/i, 'VMware serves its virtual networks', 'VMnetDHCP'],
  [/dnsmasq/i, 'dnsmasq gives addresses, often for libvirt or LXD', ''],
  [/systemd-network/i, 'systemd-networkd has DHCPServer=yes on an interface', ''],
  [/kea|dhcpd/i, 'a DHCP server of another make', ''],
  [/pxe-lab|tftpd|serva/i, 'another boot server', ''],
]

const residents: readonly (readonly [RegExp, string])[] = [
  [/^DHCPServer$/i, 'gives addresses on 67; on 4011 only where it was told to'],
  [/^WDSServer$/i, 'boots Windows clients: 69 and 4011, and 67 unless UseDHCPPorts is 0'],
  [/^SccmPxe$/i, 'boots ConfigMgr clients without WDS: 69 and 4011, and 67 unless DoNotListenOnDhcpPort is 1'],
  [/^Dhcp$|dhclient|NetworkManager|dhcpcd/i, 'asks for the address of this machine itself'],
  [/^DNS$|^dns\.exe$/i, 'takes 2,500 ports for its questions (KB977512)'],
]

/** Why somebody commonly holds a boot port; empty for whom nothing is known. */
export function whyHeld({ services, process, isOwn }: PortFact): string {
  if (isOwn) return 'this lab itself'
  const names = [...services, ...(process === undefined ? [] : [process])]
  const known = [...residents, ...strangers].find(([pattern]) => names.some((name) => pattern.test(name)))
  return known?.[1] ?? ''
}

function stopRemedy(known: Known, { services, pid }: PortFact, service: string): Remedy | undefined {
  const says = 'Stop it, if this machine is to boot others.'
  if (known.facts.system === 'windows')
    return service === '' ? undefined : repair(known, says, [{ kind: 'service', name: service, state: 'stopped' }])
  const [unit] = services
  if (unit !== undefined && known.facts.system === 'linux')
    return repair(known, `${says} It does not come back with the next start of the machine.`, [
      { kind: 'service', name: unit, state: 'stopped', start: 'manual' },
    ])
  return pid === undefined ? undefined : byHand(says, [`sudo kill ${pid}`], [])
}

const foreignOwner: Rule = ({ known, dhcp, wds, sccm }) => {
  const isWindows = known.facts.system === 'windows'
  // On a machine without any of the services a stranger is who serves there, and no fault.
  const isServer = [dhcp, wds, sccm].some((one) => one === 'running' || one === 'stopped')
  const found = isWindows && !isServer ? [] : [67, 69, 4011].flatMap((port) => othersOn(known.facts, port))
  const isInTheWay = [67, 69, 4011].some((port) => strangersOn(known.facts, port).length > 0)
  const [first] = found
  if (!first) return undefined
  const name = first.services.join(', ') || first.process || 'A process of another user'
  const why = strangers.find(([pattern]) => pattern.test(name))
  const ports = [...new Set(found.map(({ port }) => port))]
  return {
    id: 'foreign-owner',
    severity: isServer ? (isInTheWay ? 'error' : 'warning') : 'note',
    title: `${name} holds UDP port ${listed(ports)}`,
    says: `${why ? `${why[1]}. ` : ''}${isServer ? (isInTheWay ? 'The boot services of this server cannot have the port.' : 'A boot service of this server has it too, at another address.') : 'A responder on this machine cannot have the port.'}`,
    reference: isWindows ? docs.coHosting : 'RFC 2131 section 4.1; PXE 2.1 section 2.2',
    evidence: found
      .flatMap((one) => known.portEvidence(one.port))
      .filter((one, index, list) => list.findIndex((other) => other.says === one.says) === index),
    remedy: stopRemedy(known, first, why?.[2] ?? ''),
  }
}

/** Where a check concerns a machine: options of a DHCP server that is not here need not be known, and are not said to be right. */
type Concern = (context: Context) => boolean
const hasDhcp: Concern = ({ dhcp }) => dhcp !== 'absent'
const hasPxe: Concern = ({ wds, sccm }) => wds !== 'absent' || sccm !== 'absent'
const hasWds: Concern = ({ wds }) => wds !== 'absent'
const hasSccm: Concern = ({ sccm }) => sccm !== 'absent'
const both =
  (...all: readonly Concern[]): Concern =>
  (context) =>
    all.every((one) => one(context))
const isWindows: Concern = ({ known }) => known.facts.system === 'windows'
const isDistributionPoint: Concern = ({ known, sccm }) =>
  sccm !== 'absent' || known.facts.distributionPoint?.value === true
const isInDomain: Concern = ({ known }) => known.facts.domain?.value !== ''
const setsBootFiles: Concern = ({ known }) =>
  known.facts.dhcpOptions?.value.some((one) => one.level === 'policy') !== false

const rules: readonly (readonly [title: string, needs: readonly (keyof Facts)[], concerns: Concern, rule: Rule])[] = [
  ['Port 67 is wanted once', ['services', 'registry'], both(hasDhcp, hasWds), bothWant67],
  ['The responder leaves port 67 to DHCP', ['services', 'registry'], both(hasDhcp, hasSccm), responderTakes67],
  ['The DHCP server runs', ['services'], hasDhcp, dhcpStopped],
  ['The DHCP server has an active scope', ['services', 'dhcpScopes'], hasDhcp, scopeInactive],
  ['Option 60 is set where it is needed', ['services', 'registry', 'dhcpOptions'], both(hasDhcp, hasPxe), option60Missing],
  ['Option 60 is not set where nobody is', ['services', 'dhcpOptions', 'udp'], hasDhcp, option60LeftOver],
  ['Option 60 says PXEClient', ['services', 'dhcpOptions'], hasDhcp, option60Wrong],
  ['The PXE service listens on port 67 where it has to', ['services', 'registry'], hasPxe, leftAt0],
  ['The PXE service runs', ['services'], hasPxe, serviceStopped],
  ['The PXE service listens on UDP 69 and 4011', ['services', 'registry', 'udp'], hasPxe, notListening],
  ['One PXE service runs, not two', ['services'], hasPxe, twoServices],
  ['DHCP names no boot file for all machines', ['services', 'dhcpOptions'], hasDhcp, bootFileOptions],
  ['The conditions of DHCP policies are known', ['services', 'dhcpPolicies'], both(hasDhcp, setsBootFiles), () => undefined],
  ['The DHCP server is authorised', ['services', 'dhcpAuthorised'], both(hasDhcp, isInDomain), notAuthorised],
  ['The firewall lets the boot ports in', ['services', 'firewall'], (context) => neededPorts(context).length > 0, firewallClosed],
  ['The ports of TFTP data are free', ['services', 'udp'], hasWds, dnsHoldsPorts],
  ['WDS has enough ports for TFTP data', ['services', 'registry'], hasWds, narrowRange],
  ['WDS may send its boot files', ['services', 'registry'], hasWds, readFilter],
  ['WDS is bound to interfaces that are here', ['services', 'registry', 'interfaces'], hasWds, bindPolicy],
  ['TFTP blocks fit into a frame', ['services', 'registry'], hasPxe, blocksTooLarge],
  ['The DHCP server says that it serves clients', ['services', 'events'], hasDhcp, dhcpSilent],
  ['The server has boot programs for BIOS and UEFI x64', ['services', 'bootFiles'], hasPxe, bootFilesMissing],
  ['The boot programs are signed by Windows UEFI CA 2023', ['services', 'bootFiles'], hasPxe, signedBy2011],
  ['The certificate of the distribution point is valid', ['services', 'certificates'], isDistributionPoint, certificateExpired],
  ['The failover partner has a PXE service where option 60 needs one', ['services', 'dhcpFailover', 'dhcpOptions'], both(hasDhcp, hasPxe), failoverPartner],
  ['Hands-free deployment is off', ['services', 'registry'], (context) => hasWds(context) && !isDistributionPoint(context), handsFree],
  ['The list of issuing certificates is there', ['services', 'registry'], isDistributionPoint, issuingListMissing],
  ['No machine is ignored on purpose', ['services', 'registry'], isDistributionPoint, macIgnoreList],
  ['No restart is pending', ['restartPending'], (context) => hasDhcp(context) || hasPxe(context), restartPending],
  ['Nobody else holds the boot ports', ['services', 'udp'], () => true, foreignOwner],
  ['PXE Lab may open the boot ports', ['lowPorts'], ({ known }) => known.facts.system === 'linux', portsNeedRights],
] // prettier-ignore

/** Checks of one value of the registry. */
const singleValues: ReadonlyMap<Rule, readonly [key: string, name: string]> = new Map([
  [handsFree, [wdsUnattendKey, 'AllowHandsFreeFunctionality']],
  [issuingListMissing, [smsSecurityKey, 'IssuingCertificateList']],
  [macIgnoreList, [dpKey, 'MACIgnoreListFile']],
])

/** What facts of version 1 were not asked for. */
const sinceVersion2: readonly Rule[] = [dhcpSilent, bootFilesMissing, signedBy2011, certificateExpired, failoverPartner, handsFree, issuingListMissing, macIgnoreList, restartPending] // prettier-ignore

/** Checks that are about more than the services of Windows. */
const everywhere: readonly Rule[] = [firewallClosed, foreignOwner, portsNeedRights]

const factNames: Partial<Record<keyof Facts, string>> = {
  services: 'the services of this machine',
  registry: 'the registry values of WDS and ConfigMgr',
  dhcpOptions: 'the options of the DHCP server',
  dhcpScopes: 'the scopes of the DHCP server',
  dhcpPolicies: 'the policies of the DHCP server and their conditions',
  dhcpAuthorised: 'whether Active Directory lists the DHCP server',
  firewall: 'the rules of the firewall',
  udp: 'who holds the UDP ports',
  interfaces: 'the network interfaces',
  events: 'the event logs of WDS and DHCP',
  bootFiles: 'the boot files of the server',
  certificates: 'the certificates of the distribution point',
  dhcpFailover: 'the failover partners of the DHCP server',
  restartPending: 'whether a restart is pending',
  lowPorts: 'whether this program may open ports below 1024',
}

const severities: readonly Severity[] = ['error', 'warning', 'note']

/** Whether of a fact that is there the part that decides is not: a key that may not be read, a process that is not told. */
function isPartial(name: keyof Facts, rule: Rule, { known, wds, sccm }: Context): boolean {
  const own = singleValues.get(rule)
  if (name === 'registry' && own) return known.registry(...own) === undefined
  if (name === 'registry')
    return (
      (wds !== 'absent' && known.registry(wdsKey, 'UseDHCPPorts') === undefined) ||
      (sccm !== 'absent' && known.registry(dpKey, 'DoNotListenOnDhcpPort') === undefined)
    )
  return (
    name === 'udp' &&
    rule === foreignOwner &&
    known.facts.system === 'windows' &&
    [67, 69, 4011].some((port) => known.owners(port)?.some((one) => one.process === undefined))
  )
}

/** Who fails where and why, in words, the same failure once. */
function failures({ scopes }: Prediction): string[] {
  return scopes.flatMap((place) => {
    const failing = matrixClients.filter((client) => isFailing(place.cells[client]))
    const reasons = [...new Set(failing.map((client) => place.cells[client].because))]
    return reasons.map((because) => `${kindsOf(failing.filter((client) => place.cells[client].because === because))} in ${placeName(place)}: ${because}`) // prettier-ignore
  })
}

/** Findings and prediction say the same: a fault is one that clients fail of, and what fails is a fault. */
function reconciled(findings: readonly Finding[], prediction: Prediction | undefined, known: Known): Finding[] {
  if (!prediction) return [...findings]
  const failing = failures(prediction)
  if (failing.length === 0)
    return findings.map((one) => (one.severity === 'error' ? { ...one, severity: 'warning' as const } : one))
  if (findings.some((one) => one.severity === 'error')) return [...findings]
  const [first] = failing
  return [
    {
      id: 'clients-do-not-boot',
      severity: 'error',
      title: 'These settings boot not every client',
      says: `Simulated with the settings of this server: ${fewer(failing)}.`,
      reference: docs.coHosting,
      evidence: [known.evidence(first!, [known.facts.services?.source])],
      remedy: undefined,
    },
    ...findings,
  ]
}

export function diagnose(facts: Facts): Diagnosis {
  const known = new Known(facts)
  const others = facts.services?.value.filter((one) => otherServers.test(one.name) && one.state === 'running') ?? []
  const row = rowOf(known)
  const prediction = row && row.pxe !== 'none' ? predict(facts, row) : undefined
  const [dhcp, wds, sccm] = ['DHCPServer', 'WDSServer', 'SccmPxe'].map((name) => known.service(name)) as [ServiceState, ServiceState, ServiceState] // prettier-ignore
  const context: Context = {
    known,
    dhcp,
    wds,
    sccm,
    wdsServes: wds === 'running' || (wds === 'stopped' && sccm !== 'running'),
    sccmServes: sccm === 'running' || (sccm === 'stopped' && wds !== 'running'),
    prediction,
  }
  const found: Finding[] = []
  const checks: (Check & { readonly id: string | undefined; readonly isAboutNotes?: boolean })[] = []
  const unknown = new Set<string>()
  for (const [title, needs, concerns, rule] of rules) {
    if (!(everywhere.includes(rule) || isWindows(context)) || !concerns(context)) {
      checks.push({ id: undefined, title, state: 'not-applicable', detail: 'Nothing here that it is about.' })
      continue
    }
    const missing = needs.filter((name) => facts[name] === undefined || isPartial(name, rule, context))
    if (missing.length > 0 && facts.version === 1 && sinceVersion2.includes(rule)) {
      checks.push({ id: undefined, title, state: 'unknown', detail: 'Not asked: these facts are of version 1. Collect them again.' }) // prettier-ignore
      continue
    }
    if (missing.length > 0) {
      const names = missing.map((name) => factNames[name] ?? name)
      for (const name of names) unknown.add(name)
      checks.push({ id: undefined, title, state: 'unknown', detail: `Not known: ${names.join(', ')}.` })
      continue
    }
    const finding = rule(context)
    if (finding) found.push(finding)
    checks.push({
      id: finding?.id,
      isAboutNotes: sinceVersion2.includes(rule),
      title,
      state: 'passed',
      detail: finding?.title ?? 'As it should be.',
    })
  }
  const findings = reconciled(found, prediction, known).toSorted(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity),
  )
  const isFault = ({ severity }: Finding): boolean => severity !== 'note'
  if (prediction) {
    const doubts = new Set(prediction.scopes.flatMap((one) => matrixClients.map((client) => one.cells[client])).filter((one) => one.state === 'unknown').map((one) => one.because)) // prettier-ignore
    for (const doubt of doubts) unknown.add(doubt.replace(/\.$/, ''))
    checks.push({
      id: undefined,
      title: 'Every kind of client boots in every scope',
      state: findings.some((one) => one.severity === 'error') ? 'failed' : doubts.size > 0 ? 'unknown' : 'passed',
      detail: [...failures(prediction), ...doubts].join('; ') || 'Simulated with these settings.',
    })
  }
  const worst = findings.find(isFault)
  const serves = [
    ...(facts.udp?.value.some((one) => one.isOwn && [67, 69, 4011].includes(one.port)) ? ['this lab'] : []),
    ...others.map((one) => one.name),
    ...(context.dhcp === 'running' ? ['DHCP'] : []),
    ...(context.wds === 'running' ? ['WDS'] : []),
    ...(context.sccm === 'running' ? ['the ConfigMgr PXE responder'] : []),
  ]
  const asked = checks.filter((one) => one.state !== 'not-applicable')
  const isBlind = asked.every((one) => one.state === 'unknown') || (facts.system === 'windows' && row === undefined)
  const health = worst ? 'findings' : isBlind || unknown.size > 0 ? 'unknown' : 'healthy'
  const verdict = worst
    ? `${worst.title}.`
    : isBlind
      ? `Too little is known of ${facts.host} to judge it.`
      : health === 'unknown'
        ? `No fault was found on ${facts.host}, but not everything is known: ${[...unknown].join('; ')}.`
        : serves.length === 0
          ? `Nothing is wrong on ${facts.host}: no boot service runs here.`
          : `Nothing is wrong on ${facts.host}: ${serves.join(' and ')} ${serves.length === 1 ? 'runs' : 'run'} as ${serves.length === 1 ? 'it' : 'they'} should.`
  return {
    verdict,
    health,
    findings,
    checks: checks.map(({ id, isAboutNotes, ...check }) => ({
      ...check,
      state: findings.some((one) => one.id === id && (isAboutNotes || isFault(one))) ? 'failed' : check.state,
    })),
    row,
    prediction,
    unknown: [...unknown],
  }
}

/** The scenario of the Simulator that plays a diagnosed set-up. */
export const scenarioKeyOf = (row: MatrixRow): string => `row:${keyOfRow(row)}`
