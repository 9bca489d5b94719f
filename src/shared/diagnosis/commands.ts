/**
 * The commands that make a change and take it back, as they are shown and as they are run, for an elevated prompt,
 * whether cmd, PowerShell or a shell; and the references they come from.
 */
import { say, type Message, type Phrase } from '#messages/message.ts'
import type { Facts } from '../lab/facts.ts'
import type { Change, ChangeOf, Saved } from '../lab/repair.ts'

export type System = Facts['system']
/** Program and arguments. */
export type Command = readonly [program: string, ...values: string[]]

export const docs = {
  coHosting: 'Microsoft, Advanced troubleshooting for PXE boot issues (KB 4491871)',
  startup: 'Microsoft, WDS server may not start (KB 954410)',
  responder: 'Microsoft, Use PXE to deploy Windows over the network',
  helpers: 'Microsoft, Boot from a PXE server on a different network (KB 4471003)',
  dhcpEvents: 'Microsoft, DHCP server events',
  dns: 'Microsoft KB 977512',
  authorise: 'Microsoft, Add-DhcpServerInDC',
  registry: 'Microsoft, WDS registry entries (cc733103)',
  excluded: 'Microsoft, netsh interface ipv4 show excludedportrange',
  prerequisites: 'Microsoft, Windows Deployment Services: installation requirements',
} as const

/** The documented command with which WDS leaves port 67 to DHCP on the same server, and DHCP points to it. */
export const shareServer = 'wdsutil /Set-Server /UseDHCPPorts:No /DHCPOption60:Yes'
/** Why its two values are set one by one here. */
export const sharedByTool = say('doctor.documented-sets-same-two-single', { command: shareServer })

export const powershell = (script: string): Command => ['powershell', '-NoProfile', '-Command', script]

/** Text as PowerShell's literal: to it the typographic single quotes U+2018 to U+201B end one as well. */
export const powershellLiteral = (text: string): string => `'${text.replaceAll(/['\u2018-\u201b]/g, '$&$&')}'`

/** Names of policies come from outside. */
const quoted = (text: string): string => powershellLiteral(text.replaceAll('"', ''))

/** Readable in cmd, PowerShell and a shell alike. */
const quotedValue = (text: string): string => (/^[^\s"&|<>;]+$/.test(text) ? text : `"${text}"`)
export const commandText = (command: Command, system: System): string =>
  [...(system === 'windows' ? [] : ['sudo']), ...command.map(quotedValue)].join(' ')

/** A server is named as the documented commands name it, so that a command does nothing where it was not meant for. */
const onServer = (host: string | undefined): readonly string[] =>
  host === undefined || !/^[\w.-]+$/.test(host) ? [] : [`\\\\${host}`]

const optionPath = ({ level, at }: ChangeOf<'dhcp-option'>): readonly string[] =>
  level === 'scope' ? ['scope', at] : []

const optionClass = ({ userClass }: ChangeOf<'dhcp-option'>): readonly string[] =>
  userClass === undefined ? [] : [`user=${userClass.replaceAll('"', '')}`]

/** Where PowerShell keeps what netsh does not know. */
const optionTarget = ({ level, at, scope }: ChangeOf<'dhcp-option'>): string | undefined =>
  level === 'policy'
    ? `-PolicyName ${quoted(at)}${scope === undefined || scope === '' ? '' : ` -ScopeId ${scope}`}`
    : level === 'reservation'
      ? `-ReservedIP ${at}`
      : undefined

function optionSet(change: ChangeOf<'dhcp-option'>, value: string, host: string | undefined): Command[] {
  const target = optionTarget(change)
  if (target !== undefined)
    return [powershell(`Set-DhcpServerv4OptionValue ${target} -OptionId ${change.option} -Value ${quoted(value)}`)]
  return [
    // Windows knows options 66 and 67 by itself.
    ...(change.option === 60
      ? ([
          [
            'netsh',
            'dhcp',
            'server',
            ...onServer(host),
            'add',
            'optiondef',
            '60',
            'PXEClient',
            'STRING',
            '0',
            'comment=PXE',
          ],
        ] as const)
      : []),
    [
      'netsh',
      'dhcp',
      'server',
      ...onServer(host),
      ...optionPath(change),
      'set',
      'optionvalue',
      String(change.option),
      'STRING',
      ...optionClass(change),
      value,
    ],
  ]
}

function optionDelete(change: ChangeOf<'dhcp-option'>, host: string | undefined): Command {
  const target = optionTarget(change)
  return target === undefined
    ? [
        'netsh',
        'dhcp',
        'server',
        ...onServer(host),
        ...optionPath(change),
        'delete',
        'optionvalue',
        String(change.option),
        ...optionClass(change),
      ]
    : powershell(`Remove-DhcpServerv4OptionValue ${target} -OptionId ${change.option}`)
}

/** A line of `netsh dhcp server dump` is a command. */
const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, inside, bare]) => inside ?? bare ?? '')

export const firewallRule = (port: number): string => `PXE-UDP-${port}`

const startWords = { auto: 'auto', 'delayed-auto': 'delayed-auto', manual: 'demand', disabled: 'disabled' } as const
const isStart = (text: string | null | undefined): text is keyof typeof startWords =>
  text !== null && text !== undefined && text in startWords

/** How a service is to start, and whether it is to run. */
function serviceCommands(name: string, state: string | null, start: string | null, system: System): Command[] {
  if (system === 'windows')
    return [
      ...(isStart(start) && start !== 'disabled' ? [['sc.exe', 'config', name, 'start=', startWords[start]] as const] : []),
      state === 'running' ? ['net', 'start', name] : ['net', 'stop', name],
      ...(start === 'disabled' ? [['sc.exe', 'config', name, 'start=', 'disabled'] as const] : []),
    ] // prettier-ignore
  return [
    ['systemctl', state === 'running' ? 'start' : 'stop', name],
    ...(start === null ? [] : [['systemctl', start === 'auto' ? 'enable' : 'disable', name] as const]),
  ]
}

const restarted = (name: string, system: System): Command[] =>
  system === 'windows'
    ? [
        ['net', 'stop', name],
        ['net', 'start', name],
      ]
    : [['systemctl', 'restart', name]]

/** A chain of nftables, as `family table chain`, and the handle of our rule in it. */
interface Chain {
  readonly path: string
  readonly handle: string | undefined
}
const defaultChain = 'inet filter input'

/** As `savedChains` wrote them; the usual one where nothing is known. */
export function chainsOf(saved: Saved): Chain[] {
  const handles = (saved['rule'] ?? '').split(',')
  return (saved['chain'] ?? defaultChain).split(',').map((path, at) => ({ path, handle: handles[at] || undefined }))
}

/** Every chain that closes a port, in `chain`, and beside each its handle in `rule`; null where none has one. */
export const savedChains = (chains: readonly Chain[]): Saved => ({
  chain: chains.map((one) => one.path).join(),
  rule: chains.some((one) => one.handle !== undefined) ? chains.map((one) => one.handle ?? '').join() : null,
})

const scopeState = (scope: string, state: string, host: string | undefined): Command => ['netsh', 'dhcp', 'server', ...onServer(host), 'scope', scope, 'set', 'state', state] // prettier-ignore

/** The commands that make a change. `now` tells what of it depends on what is there, `host` the DHCP server. */
export function applyCommands(change: Change, system: System, now: Saved = {}, host?: string): Command[] {
  switch (change.kind) {
    case 'registry':
      return [['reg', 'add', change.key, '/v', change.name, '/t', 'REG_DWORD', '/d', String(change.data), '/f']]
    case 'dhcp-option':
      return change.value === null ? [optionDelete(change, host)] : optionSet(change, change.value, host)
    case 'dhcp-scope':
      return [scopeState(change.scope, change.isActive ? '1' : '0', host)]
    case 'service':
      return serviceCommands(change.name, change.state, change.start ?? null, system)
    case 'restart':
      return restarted(change.name, system)
    case 'firewall':
      return system === 'windows'
        ? [
            ['netsh', 'advfirewall', 'firewall', 'add', 'rule', `name=${firewallRule(change.port)}`, 'dir=in', 'action=allow', 'protocol=UDP', `localport=${change.port}`],
          ] // prettier-ignore
        : chainsOf(now).flatMap(({ path, handle }): Command[] =>
            handle === undefined ? [['nft', 'insert', 'rule', ...path.split(' '), 'udp', 'dport', String(change.port), 'accept', 'comment', firewallRule(change.port)]] : [],
          ) // prettier-ignore
    case 'low-ports':
      return [['setcap', 'cap_net_bind_service,cap_net_raw=+ep', now['program'] ?? 'node']]
  }
}

/** The chains that have our rule now and had none before; in texts, where the handles are not known, those it is put into. */
function addedChains(saved: Saved, now: Saved): Chain[] {
  const before = new Set(chainsOf(saved).flatMap(({ path, handle }) => (handle === undefined ? [] : path)))
  return chainsOf(now).filter(
    ({ path, handle }) => !before.has(path) && (handle !== undefined || now['rule'] === undefined),
  )
}

/** The commands that bring back what was saved; none where it is as it was. `now` is what is there. */
export function restoreCommands(
  change: Change,
  saved: Saved,
  system: System,
  now: Saved = {},
  host?: string,
): Command[] {
  switch (change.kind) {
    case 'registry': {
      const { type, data, missingKey } = saved
      if (type !== null && type !== undefined)
        return [['reg', 'add', change.key, '/v', change.name, '/t', type, ...(data ? ['/d', data] : []), '/f']]
      return missingKey === null || missingKey === undefined
        ? [['reg', 'delete', change.key, '/v', change.name, '/f']]
        : [['reg', 'delete', missingKey, '/f']]
    }
    case 'dhcp-option': {
      const { line, definition } = saved
      if (line !== null && line !== undefined)
        return optionTarget(change) === undefined ? [['netsh', ...words(line)]] : optionSet(change, line, host)
      return [
        optionDelete(change, host),
        ...(definition === null && change.option === 60 && optionTarget(change) === undefined
          ? ([['netsh', 'dhcp', 'server', ...onServer(host), 'delete', 'optiondef', '60', 'PXEClient']] as const)
          : []),
      ]
    }
    case 'dhcp-scope':
      return [scopeState(change.scope, saved['state'] ?? '0', host)]
    case 'service':
      return serviceCommands(
        change.name,
        saved['state'] ?? null,
        change.start ? (saved['start'] ?? null) : null,
        system,
      )
    case 'restart':
      return saved['state'] === 'stopped'
        ? serviceCommands(change.name, 'stopped', null, system)
        : restarted(change.name, system)
    case 'firewall':
      return system === 'windows'
        ? [['netsh', 'advfirewall', 'firewall', 'delete', 'rule', `name=${firewallRule(change.port)}`]]
        : addedChains(saved, now).map(({ path, handle }): Command => ['nft', 'delete', 'rule', ...path.split(' '), 'handle', handle ?? '']) // prettier-ignore
    case 'low-ports':
      return saved['capabilities']
        ? [['setcap', saved['capabilities'], now['program'] ?? 'node']]
        : [['setcap', '-r', now['program'] ?? 'node']]
  }
}

type RegistryData = number | string | readonly string[] | null | undefined

/** Whether the dump of the DHCP server defines an option. */
const isOptionDefined = (facts: Facts | undefined, option: number): boolean =>
  new RegExp(`add optiondef ${option} `, 'i').test(facts?.sources['dhcp-options']?.output ?? '')

/** What facts tell of what was there before; of what they do not tell, what a system comes with. */
function savedBy(change: Change, facts: Facts | undefined): Saved {
  switch (change.kind) {
    case 'registry': {
      const data: RegistryData = facts?.registry?.value.find(
        (one) => one.key === change.key && one.name === change.name,
      )?.data
      return typeof data === 'number' ? { type: 'REG_DWORD', data: String(data) } : { type: null, data: null }
    }
    case 'dhcp-option': {
      const options = facts?.dhcpOptions?.value.filter((one) => one.option === change.option) ?? []
      const found = options.find(
        (one) => one.level === change.level && one.at === change.at && one.userClass === change.userClass,
      )
      const value = found?.value.join(' ')
      return {
        line:
          value === undefined
            ? null
            : optionTarget(change) === undefined
              ? ['dhcp', 'server', ...onServer(facts?.host), ...optionPath(change), 'set', 'optionvalue', change.option, 'STRING', ...optionClass(change).map((one) => `"${one}"`), `"${value}"`].join(' ')
              : value, // prettier-ignore
        // One that exists stays, whether a level has a value for it or not.
        definition: facts === undefined || options.length > 0 || isOptionDefined(facts, change.option) ? '' : null,
      }
    }
    case 'dhcp-scope':
      return { state: facts?.dhcpScopes?.value.find((one) => one.scope === change.scope)?.isActive ? '1' : '0' }
    case 'service':
    case 'restart': {
      const found = facts?.services?.value.find((one) => one.name === change.name)
      return {
        state: found ? (found.state === 'stopped' ? 'stopped' : 'running') : 'running',
        start: found && found.start !== 'unknown' ? found.start : 'auto',
      }
    }
    case 'firewall': {
      const chain = change.family === 'ipv6' ? facts?.firewall?.value.ipv6?.chain : undefined
      return chain === undefined ? {} : { chain }
    }
    case 'low-ports':
      return {}
  }
}

const isRestart = (change: Change): boolean => change.kind === 'restart'
/** The order in which changes are taken back: the last first, and services read their settings again at the end. */
export const undoOrder = <T>(steps: readonly T[], changeOf: (step: T) => Change): T[] => {
  const back = steps.toReversed()
  return [...back.filter((one) => !isRestart(changeOf(one))), ...back.filter((one) => isRestart(changeOf(one)))]
}

/** For people to copy: what makes the changes, which is what is run, and what takes them back. */
export function commandTexts(
  changes: readonly Change[],
  system: System,
  facts: Facts | undefined,
): { readonly commands: readonly string[]; readonly undo: readonly string[] } {
  const text = (command: Command): string => commandText(command, system)
  const placeOf = (change: Change): Saved => (change.kind === 'firewall' ? savedBy(change, facts) : {})
  // One definition serves every level.
  const unique = (list: readonly string[]): string[] => list.filter((one, index) => list.indexOf(one) === index)
  return {
    commands: unique(changes.flatMap((one) => applyCommands(one, system, placeOf(one), facts?.host).map(text))),
    undo: unique(
      undoOrder(changes, (one) => one).flatMap((one) =>
        restoreCommands(one, savedBy(one, facts), system, placeOf(one), facts?.host).map(text),
      ),
    ),
  }
}

const explanations: readonly (readonly [RegExp, Message])[] = [
  [/^wdsutil \/Set-Server \/UseDHCPPorts:No/i, say('doctor.tells-wds-leave-port-67')],
  [/ scope \S+ set state /i, say('doctor.activates-scope-deactivates-whether-clients')],
  [/^wdsutil .*\/Authorize/i, say('doctor.writes-server-into-list-active')],
  [/^wdsutil .*\/AnswerClients/i, say('doctor.says-machines-wds-answers')],
  [/^wdsutil .*\/BindPolicy/i, say('doctor.says-interfaces-wds-answers')],
  [/^reg add .*UseDHCPPorts.*\/d 0 /i, say('doctor.wds-does-not-open-port')],
  [/^reg add .*UseDHCPPorts.*\/d 1 /i, say('doctor.wds-opens-port-67-when')],
  [/^reg add .*DoNotListenOnDhcpPort.*\/d 1 /i, say('doctor.pxe-responder-does-not-open')],
  [/^reg add .*DoNotListenOnDhcpPort.*\/d 0 /i, say('doctor.pxe-responder-opens-port-67')],
  [/^reg delete .*\/v /i, say('doctor.takes-value-away-so-service')],
  [/^reg delete /i, say('doctor.takes-away-keys-were-made')],
  [/^reg add .*UdpPortPolicy/i, say('doctor.lets-windows-choose-ports-files')],
  [/^reg add .*BlockSize/i, say('doctor.how-many-bytes-file-go')],
  [/^reg add .*Udp(Start|End)Port/i, say('doctor.one-end-range-ports-files')],
  [/^reg add .*ReadFilter/i, say('doctor.files-wds-sends-whoever-asks')],
  [/ add optiondef 60 /i, say('doctor.makes-option-60-known-dhcp')],
  [/ delete optiondef 60 /i, say('doctor.takes-option-60-out-list')],
  [/ set optionvalue 60 /i, say('doctor.every-answer-dhcp-server-now')],
  [/ delete optionvalue 60/i, say('doctor.dhcp-server-no-longer-says')],
  [/ delete optionvalue 6[67]/i, say('doctor.dhcp-server-no-longer-names')],
  [/^net stop /i, say('doctor.stops-service-machines-loading-now')],
  [/^net start /i, say('doctor.starts-service-reads-settings')],
  [/^sc\.exe config .*disabled/i, say('doctor.service-does-not-come-back')],
  [/^sc\.exe config /i, say('doctor.how-service-starts-server')],
  [/advfirewall firewall add rule/i, say('doctor.lets-port-everywhere')],
  [/advfirewall firewall (delete|set) rule/i, say('doctor.takes-rule-out-effect')],
  [/^netsh interface ipv4 (add|delete) excludedportrange/i, say('doctor.keeps-port-whoever-asks-number')],
  [/^netsh advfirewall set .*profile firewallpolicy/i, say('doctor.how-profile-firewall-treats-comes')],
  [/DhcpServerInDC/i, say('doctor.writes-server-into-list-active')],
  [/systemctl (stop|start|restart) /i, say('doctor.stops-starts-service-now')],
  [/systemctl (disable|enable) /i, say('doctor.whether-service-starts-machine')],
  [/^sudo kill /i, say('doctor.ends-process')],
  [/^sudo nft insert /i, say('doctor.lets-port-until-firewall-loaded')],
  [/^sudo nft delete /i, say('doctor.takes-rule-away')],
  [/^sudo setcap -r /i, say('doctor.takes-rights-program-away')],
  [/^sudo setcap /i, say('doctor.lets-program-no-other-open')],
]

/** What a command does, in a sentence; empty where it speaks for itself. */
export const explanationOf = (command: string): Phrase =>
  explanations.find(([pattern]) => pattern.test(command))?.[1] ?? ''
