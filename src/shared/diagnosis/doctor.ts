/**
 * Judges facts: which set-up this is, what is wrong with it, what each kind of machine will show because of it, and the
 * commands that repair it. Touches nothing; what is not known is told as unknown and never assumed.
 */
import { firewallRulesFor, letsIn, wdsDataPorts, type Facts } from '../lab/facts.ts'
import { dpKey, wdsKey, wdsParametersKey, wdsTftpKey } from '../lab/registry-keys.ts'
import type { Change } from '../lab/repair.ts'
import { commandText, commandTexts, docs, powershell, shareServer } from './commands.ts'
import { computeEntry, keyOfRow, type MatrixEntry, type MatrixRow } from './co-hosting.ts'

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
  'option-60-missing',
  'option-60-left-over',
  'option-60-wrong',
  'use-dhcp-ports-left-at-0',
  'pxe-service-stopped',
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

export interface Check {
  readonly title: string
  readonly state: 'good' | 'finding' | 'unknown'
  readonly detail: string
}

export interface Diagnosis {
  readonly verdict: string
  readonly health: 'healthy' | 'findings' | 'unknown'
  readonly findings: readonly Finding[]
  readonly checks: readonly Check[]
  /** The row of the co-hosting matrix; undefined where the facts do not tell. */
  readonly row: MatrixRow | undefined
  /** What each kind of machine does in that row, simulated. */
  readonly prediction: MatrixEntry | undefined
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

  options(code: number): NonNullable<Facts['dhcpOptions']>['value'] | undefined {
    return this.facts.dhcpOptions?.value.filter((one) => one.option === code)
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
    return (this.options(code) ?? []).map((one) =>
      this.evidence(
        `option ${code} at ${one.level} level${one.at === '' ? '' : ` ${one.at}`} is ${one.value.join(', ')}`,
        [this.facts.dhcpOptions?.source],
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
}

type Rule = (context: Context) => Finding | undefined

const repair = ({ facts }: Known, says: string, changes: readonly Change[], tool?: string): Remedy => ({
  says,
  ...commandTexts(changes, facts.system, facts, tool),
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
type OptionFact = NonNullable<Facts['dhcpOptions']>['value'][number]
const optionChange = ({ option, level, at }: OptionFact, value: string | null): Change[] =>
  option === 60 || option === 66 || option === 67 ? [{ kind: 'dhcp-option', option, level, at, value }] : []

const bothWant67: Rule = ({ known, dhcp, wds }) => {
  const value = known.registry(wdsKey, 'UseDHCPPorts')
  if (dhcp !== 'running' || (wds !== 'running' && wds !== 'stopped') || value === undefined || value === 0)
    return undefined
  const holders = known.owners(67)?.flatMap((one) => one.services) ?? []
  const who = holders.includes('WDSServer')
    ? 'WDS has it now, and DHCP hears nothing'
    : 'DHCP has it now, and WDS does not serve'
  const has60 = (known.options(60)?.length ?? 0) > 0
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
    remedy: repair(
      known,
      'WDS leaves port 67 to DHCP, and option 60 sends the clients to port 4011.',
      [
        { kind: 'registry', key: wdsKey, name: 'UseDHCPPorts', data: 0 },
        ...(has60 ? [] : [optionAtServer]),
        restart('WDSServer'),
      ],
      has60 ? undefined : shareServer,
    ),
  }
}

const option60Missing: Rule = ({ known, dhcp, wds, sccm }) => {
  const options = known.options(60)
  if (dhcp !== 'running' || !options || options.length > 0) return undefined
  const isWds = wds === 'running' && known.registry(wdsKey, 'UseDHCPPorts') === 0
  const isSccm = sccm === 'running' && known.registry(dpKey, 'DoNotListenOnDhcpPort') === 1
  if (!isWds && !isSccm) return undefined
  const [key, name] = isSccm ? ([dpKey, 'DoNotListenOnDhcpPort'] as const) : ([wdsKey, 'UseDHCPPorts'] as const)
  return {
    id: 'option-60-missing',
    severity: 'error',
    title: 'Nobody tells the clients that there is a PXE service',
    says: `${isSccm ? serviceNames.SccmPxe : serviceNames.WDSServer} leaves port 67 to the DHCP server of this host, and the DHCP server does not send option 60: no client ever asks port 4011.`,
    reference: docs.coHosting,
    evidence: [
      known.registryEvidence(key, name),
      known.evidence('option 60 is set at no level', [known.facts.dhcpOptions?.source]),
      known.serviceEvidence('DHCPServer'),
    ],
    remedy: repair(known, 'Set option 60 to PXEClient at the server level.', [optionAtServer]),
  }
}

const option60LeftOver: Rule = ({ known, dhcp, wds, sccm }) => {
  const options = known.options(60) ?? []
  if (dhcp !== 'running' || options.length === 0 || wds !== 'absent' || sccm !== 'absent') return undefined
  // Something of another make may answer on port 4011 here.
  const onBootPort = known.owners(4011)
  if (onBootPort === undefined || onBootPort.length > 0) return undefined
  return {
    id: 'option-60-left-over',
    severity: 'error',
    title: 'Option 60 promises a PXE service that is not here',
    says: 'The DHCP server of this host tells every client to ask port 4011 of this host, where nothing listens. A PXE service on another host is not even asked.',
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

const option60Wrong: Rule = ({ known, dhcp }) => {
  const wrong = (known.options(60) ?? []).filter((one) => !/^(PXEClient|HTTPClient)$/.test(one.value[0] ?? ''))
  if (dhcp !== 'running' || wrong.length === 0) return undefined
  return {
    id: 'option-60-wrong',
    severity: 'error',
    title: 'Option 60 has a value that no firmware understands',
    says: `Clients look for exactly PXEClient; ${wrong.map((one) => `"${one.value.join(' ')}" at ${one.level} level`).join(' and ')} is something else.`,
    reference: 'PXE 2.1 section 2.2',
    evidence: known.optionEvidence(60),
    remedy: repair(
      known,
      'Write PXEClient.',
      wrong.flatMap((one) => optionChange(one, 'PXEClient')),
    ),
  }
}

const leftAt0: Rule = ({ known, dhcp, wds, sccm }) => {
  if (dhcp !== 'absent') return undefined
  const isWds = wds === 'running' && known.registry(wdsKey, 'UseDHCPPorts') === 0
  const isSccm = sccm === 'running' && known.registry(dpKey, 'DoNotListenOnDhcpPort') === 1
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
  return {
    id: 'pxe-service-stopped',
    severity: 'error',
    title: `${name} is stopped`,
    says: `${name === 'SccmPxe' ? 'The ConfigMgr PXE responder' : 'WDS'} does not run${has60 ? ', and option 60 goes on sending clients to it' : ''}.`,
    reference: docs.coHosting,
    evidence: [known.serviceEvidence(name), ...(has60 ? known.optionEvidence(60) : [])],
    remedy: repair(known, 'Start it, and look into the event log for why it stopped.', [
      { kind: 'service', name, state: 'running' },
    ]),
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
      ...((known.options(60)?.length ?? 0) > 0 ? [] : [optionAtServer]),
      restart('SccmPxe'),
    ]),
  }
}

const bootFileOptions: Rule = ({ known, dhcp, wds, sccm }) => {
  const set = [...(known.options(66) ?? []), ...(known.options(67) ?? [])]
  if (dhcp !== 'running' || set.length === 0) return undefined
  const plain = (known.options(67) ?? []).filter((one) => one.level !== 'policy')
  const isBesidePxe = wds === 'running' || sccm === 'running'
  return {
    id: 'boot-file-options',
    severity: isBesidePxe ? 'warning' : 'note',
    title: plain.length > 0 ? 'One boot file for every kind of machine' : 'Boot files are set in DHCP policies',
    says: `Options 66 and 67 name ${plain.map((one) => one.value[0]).join(', ') || 'files by policy'}: every client loads that, whatever it is${isBesidePxe ? ', and the PXE service has no say' : ''}. A BIOS program does not start on UEFI, and the other way round.`,
    reference: docs.helpers,
    evidence: [...known.optionEvidence(66), ...known.optionEvidence(67)],
    remedy: isBesidePxe
      ? repair(
          known,
          'Remove both options; across routers add the PXE server as an IP helper.',
          set.flatMap((one) => optionChange(one, null)),
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
function neededPorts({ known, dhcp, wds, sccm }: Context): number[] {
  const listens =
    (wds === 'running' && known.registry(wdsKey, 'UseDHCPPorts') !== 0) ||
    (sccm === 'running' && known.registry(dpKey, 'DoNotListenOnDhcpPort') !== 1)
  // Elsewhere whoever holds a port wants to hear something there.
  if (known.facts.system !== 'windows')
    return [67, 69, 4011].filter((port) => known.owners(port)?.some((one) => !/^(127\.|::1$)/.test(one.address)))
  return [
    ...(dhcp === 'running' || listens ? [67] : []),
    ...(wds === 'running' || sccm === 'running' ? [69, 4011] : []),
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

const firewallClosed: Rule = (context) => {
  const { known } = context
  const firewall = known.facts.firewall?.value
  if (!firewall?.isOn) return undefined
  const closed = neededPorts(context).filter((port) => !letsIn(firewall, port))
  if (closed.length === 0) return transfersClosed(context)
  const blocking = firewall.rules.filter(
    (one) => one.action === 'block' && closed.some((port) => firewallRulesFor(firewall, port).includes(one)),
  )
  return {
    id: 'firewall-closed',
    severity: 'error',
    title: `The firewall does not let UDP ${listed(closed)} in`,
    says: `The services of this server need UDP ${listed(neededPorts(context))}; no enabled rule lets ${listed(closed)} in.`,
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

/** Where WDS sends its files from. */
function tftpRange(known: Known): readonly [number, number] {
  const [first, last] = wdsDataPorts
  const start = known.registry(wdsParametersKey, 'UdpStartPort')
  const end = known.registry(wdsParametersKey, 'UdpEndPort')
  return [typeof start === 'number' ? start : first, typeof end === 'number' ? end : last]
}

/** Fewer machines than this at once are no deployment. */
const fewestPorts = 50

const narrowRange: Rule = ({ known, wds }) => {
  const [start, end] = tftpRange(known)
  const count = end - start + 1
  if (wds !== 'running' || known.registry(wdsParametersKey, 'UdpPortPolicy') === 0 || count >= fewestPorts)
    return undefined
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

/** Whether one of the patterns lets a name through; `*` stands for anything. */
const isLetThrough = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) =>
    new RegExp(`^${pattern.split('*').map((part) => part.replaceAll(/[^\w]/g, '\\$&')).join('.*')}$`, 'i').test(name),
  ) // prettier-ignore

const readFilter: Rule = ({ known, wds }) => {
  const patterns = known.registry(wdsTftpKey, 'ReadFilter')
  const names = ['boot\\x64\\wdsmgfw.efi', '\\boot\\x64\\wdsmgfw.efi']
  if (wds !== 'running' || !Array.isArray(patterns)) return undefined
  const refused = names.filter((name) => !isLetThrough(patterns as readonly string[], name))
  if (refused.length === 0) return undefined
  const wanted = [...new Set([...(patterns as readonly string[]), '\\boot\\*', 'boot\\*', '/boot/*', 'boot/*'])]
  return {
    id: 'tftp-read-filter',
    severity: 'error',
    title: 'WDS refuses to send its boot files',
    says: `The read filter lets ${refused.join(' and ')} not through: clients show PXE-E3C or PXE-E23, an access violation.`,
    reference: docs.registry,
    evidence: [known.registryEvidence(wdsTftpKey, 'ReadFilter')],
    remedy: byHand(
      'Add the folder of the boot files, with either kind of slash.',
      [`reg add ${wdsTftpKey} /v ReadFilter /t REG_MULTI_SZ /d "${wanted.join('\\0')}" /f`, 'net stop WDSServer', 'net start WDSServer'],
      [`reg add ${wdsTftpKey} /v ReadFilter /t REG_MULTI_SZ /d "${patterns.join('\\0')}" /f`, 'net stop WDSServer', 'net start WDSServer'],
    ), // prettier-ignore
  }
}

const dnsHoldsPorts: Rule = ({ known, wds }) => {
  if (wds !== 'running' || known.registry(wdsParametersKey, 'UdpPortPolicy') === 0) return undefined
  const [first, last] = tftpRange(known)
  const held = known.facts.udp?.value.filter(
    ({ port, services, process }) =>
      port >= first && port <= last && (services.includes('DNS') || process === 'dns.exe'),
  )
  // A socket pool of 2,500 leaves next to nothing of a range of a thousand.
  if (!held || held.length === 0 || held.length < Math.min(200, (last - first + 1) / 2)) return undefined
  return {
    id: 'dns-holds-tftp-ports',
    severity: 'error',
    title: 'DNS sits on the ports that WDS sends its files from',
    says: `${held.length} of the ${last - first + 1} ports from ${first} to ${last} are held by the DNS server: TFTP requests arrive, and no data leaves.`,
    reference: docs.dns,
    evidence: [
      known.evidence(`DNS holds ${held.length} UDP ports of the range`, [known.facts.udp?.source], 'DNS'),
      known.registryEvidence(wdsParametersKey, 'UdpPortPolicy'),
    ],
    remedy: repair(known, 'Let Windows choose the ports.', [
      { kind: 'registry', key: wdsParametersKey, name: 'UdpPortPolicy', data: 0 },
      restart('WDSServer'),
    ]),
  }
}

const macDigits = (text: string): string => text.replaceAll(/[^0-9a-f]/gi, '').toLowerCase()

const bindPolicy: Rule = ({ known, wds }) => {
  const policy = known.registry(wdsKey, 'BindPolicy')
  const listed = known.registry(wdsKey, 'BindInterfaces')
  const interfaces = known.facts.interfaces?.value
  if (wds !== 'running' || !Array.isArray(listed) || listed.length === 0 || !interfaces) return undefined
  const entries = listed as readonly string[]
  const isListed = ({ address, mac }: (typeof interfaces)[number]): boolean =>
    entries.some(
      (text) =>
        text.split(/[^\d.]+/).includes(address) ||
        (mac !== undefined && macDigits(mac).length === 12 && macDigits(text).endsWith(macDigits(mac))),
    )
  // 1: the listed ones alone; otherwise all but those (cc733103).
  const served = interfaces.filter((one) => isListed(one) === (policy === 1))
  if (served.length === interfaces.length) return undefined
  const addresses = (list: typeof interfaces): string => list.map((one) => one.address).join(', ')
  const [first] = interfaces
  const isDeaf = served.length === 0
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

const blocksTooLarge: Rule = ({ known, wds, sccm }) => {
  const both = [
    { key: dpKey, name: 'RamDiskTFTPBlockSize' },
    { key: wdsTftpKey, name: 'MaximumBlockSize' },
  ] as const
  const candidates = both.filter(({ key, name }) => {
    const data = known.registry(key, name)
    return typeof data === 'number' && data > 1456
  })
  if ((wds !== 'running' && sccm !== 'running') || candidates.length === 0) return undefined
  const { key, name } = candidates[0]!
  const data = known.registry(key, name)
  const window = known.registry(dpKey, 'RamDiskTFTPWindowSize')
  const mtu = Math.min(...(known.facts.interfaces?.value.map((one) => one.mtu ?? 1500) ?? [1500]))
  if (typeof data === 'number' && data + 32 <= mtu) return undefined
  return {
    id: 'tftp-blocks-too-large',
    severity: 'warning',
    title: 'TFTP blocks are larger than a frame',
    says: `${name} is ${String(data)}: with ${mtu} bytes a packet each block travels in fragments. ${typeof window === 'number' && window > 1 ? ` With ${window} blocks at a time a single lost fragment repeats ${Math.round((window * Number(data)) / 1024)} KiB.` : ''} Where fragments are dropped (tunnels, firewalls) the boot image stops with 0xc0000001.`,
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

const expected = /^(DHCPServer|WDSServer|SccmPxe)$/i

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
  const found = (known.facts.udp?.value ?? []).filter(
    ({ port, services, address, namespace, isOwn }) =>
      [67, 69, 4011].includes(port) &&
      namespace === undefined &&
      isOwn !== true &&
      !address.startsWith('127.') &&
      !services.some((one) => expected.test(one)) &&
      !(isWindows && !isServer),
  )
  const [first] = found
  if (!first) return undefined
  const name = first.services.join(', ') || first.process || 'A process of another user'
  const why = strangers.find(([pattern]) => pattern.test(name))
  const ports = [...new Set(found.map(({ port }) => port))]
  return {
    id: 'foreign-owner',
    severity: isServer ? 'error' : 'note',
    title: `${name} holds UDP port ${listed(ports)}`,
    says: `${why ? `${why[1]}. ` : ''}${isServer ? 'The boot services of this server' : 'A responder on this machine'} cannot have the port.`,
    reference: isWindows ? docs.coHosting : 'RFC 2131 section 4.1; PXE 2.1 section 2.2',
    evidence: found
      .flatMap((one) => known.portEvidence(one.port))
      .filter((one, index, list) => list.findIndex((other) => other.says === one.says) === index),
    remedy: stopRemedy(known, first, why?.[2] ?? ''),
  }
}

const rules: readonly (readonly [title: string, needs: readonly (keyof Facts)[], rule: Rule])[] = [
  ['Port 67 is wanted once', ['services', 'registry'], bothWant67],
  ['The responder leaves port 67 to DHCP', ['services', 'registry'], responderTakes67],
  ['Option 60 is set where it is needed', ['services', 'registry', 'dhcpOptions'], option60Missing],
  ['Option 60 is not set where nobody is', ['services', 'dhcpOptions', 'udp'], option60LeftOver],
  ['Option 60 says PXEClient', ['services', 'dhcpOptions'], option60Wrong],
  ['The PXE service listens on port 67 where it has to', ['services', 'registry'], leftAt0],
  ['The PXE service runs', ['services'], serviceStopped],
  ['One PXE service runs, not two', ['services'], twoServices],
  ['DHCP names no boot file for all machines', ['services', 'dhcpOptions'], bootFileOptions],
  ['The DHCP server is authorised', ['services', 'dhcpAuthorised'], notAuthorised],
  ['The firewall lets the boot ports in', ['services', 'firewall'], firewallClosed],
  ['The ports of TFTP data are free', ['services', 'udp'], dnsHoldsPorts],
  ['WDS has enough ports for TFTP data', ['services', 'registry'], narrowRange],
  ['WDS may send its boot files', ['services', 'registry'], readFilter],
  ['WDS is bound to interfaces that are here', ['services', 'registry', 'interfaces'], bindPolicy],
  ['TFTP blocks fit into a frame', ['services', 'registry'], blocksTooLarge],
  ['Nobody else holds the boot ports', ['services', 'udp'], foreignOwner],
  ['PXE Lab may open the boot ports', ['lowPorts'], portsNeedRights],
]

const factNames: Partial<Record<keyof Facts, string>> = {
  services: 'the services of this machine',
  registry: 'the registry values of WDS and ConfigMgr',
  dhcpOptions: 'the options of the DHCP server',
  dhcpAuthorised: 'whether Active Directory lists the DHCP server',
  firewall: 'the rules of the firewall',
  udp: 'who holds the UDP ports',
  interfaces: 'the network interfaces',
  lowPorts: 'whether this program may open ports below 1024',
}

const severities: readonly Severity[] = ['error', 'warning', 'note']

/** Whether a check concerns this machine at all: options of a DHCP server that is not here need not be known. */
function concerns(rule: Rule, needs: readonly (keyof Facts)[], context: Context): boolean {
  const { known, dhcp, wds, sccm } = context
  // Most are about services of Windows.
  if (known.facts.system === 'linux')
    return (
      rule === foreignOwner || rule === portsNeedRights || (rule === firewallClosed && neededPorts(context).length > 0)
    )
  if (known.facts.system !== 'windows') return rule === foreignOwner
  if (rule === portsNeedRights) return false
  if (needs.includes('dhcpOptions') || needs.includes('dhcpAuthorised')) return dhcp !== 'absent'
  if (needs.includes('registry')) return wds !== 'absent' || sccm !== 'absent'
  return true
}

/** Whether of a fact that is there the part that decides is not: a key that may not be read, a process that is not told. */
function isPartial(name: keyof Facts, rule: Rule, { known, wds, sccm }: Context): boolean {
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

export function diagnose(facts: Facts): Diagnosis {
  const known = new Known(facts)
  const others = facts.services?.value.filter((one) => otherServers.test(one.name) && one.state === 'running') ?? []
  const context: Context = {
    known,
    dhcp: known.service('DHCPServer'),
    wds: known.service('WDSServer'),
    sccm: known.service('SccmPxe'),
  }
  const findings: Finding[] = []
  const checks: Check[] = []
  const unknown = new Set<string>()
  for (const [title, needs, rule] of rules) {
    if (!concerns(rule, needs, context)) continue
    const missing = needs.filter((name) => facts[name] === undefined || isPartial(name, rule, context))
    if (missing.length > 0) {
      const names = missing.map((name) => factNames[name] ?? name)
      for (const name of names) unknown.add(name)
      checks.push({ title, state: 'unknown', detail: `Not known: ${names.join(', ')}.` })
      continue
    }
    const finding = rule(context)
    if (finding) findings.push(finding)
    checks.push({
      title,
      state: finding && finding.severity !== 'note' ? 'finding' : 'good',
      detail: finding?.title ?? 'As it should be.',
    })
  }
  findings.sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
  const row = rowOf(known)
  const prediction = row && row.pxe !== 'none' ? computeEntry(row) : undefined
  const worst = findings.find((one) => one.severity !== 'note')
  const serves = [
    ...(facts.udp?.value.some((one) => one.isOwn && [67, 69, 4011].includes(one.port)) ? ['this lab'] : []),
    ...others.map((one) => one.name),
    ...(context.dhcp === 'running' ? ['DHCP'] : []),
    ...(context.wds === 'running' ? ['WDS'] : []),
    ...(context.sccm === 'running' ? ['the ConfigMgr PXE responder'] : []),
  ]
  const isBlind = checks.every((one) => one.state === 'unknown')
  const health = worst
    ? 'findings'
    : isBlind || (facts.system === 'windows' && row === undefined)
      ? 'unknown'
      : 'healthy'
  const verdict = worst
    ? `${worst.title}.`
    : health === 'unknown'
      ? `Too little is known of ${facts.host} to judge it.`
      : serves.length === 0
        ? `Nothing is wrong on ${facts.host}: no boot service runs here.`
        : `Nothing is wrong on ${facts.host}: ${serves.join(' and ')} ${serves.length === 1 ? 'runs' : 'run'} as ${serves.length === 1 ? 'it' : 'they'} should.`
  return { verdict, health, findings, checks, row, prediction, unknown: [...unknown] }
}

/** The scenario of the Simulator that plays a diagnosed set-up. */
export const scenarioKeyOf = (row: MatrixRow): string => `row:${keyOfRow(row)}`
