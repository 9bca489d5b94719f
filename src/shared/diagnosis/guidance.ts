/**
 * The documented ways out of one port and two services: what to set where, when to choose which, how to take it back, and
 * which rows of the co-hosting matrix show it before and after.
 */
import { say, type Message } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import type { Facts } from '../lab/facts.ts'
import { letsIn } from '../lab/firewall.ts'
import { dpKey, wdsKey } from '../lab/registry-keys.ts'
import type { MatrixRow } from './co-hosting.ts'
import type { Check } from './doctor/finding.ts'
import type { Change, ChangeOf } from '../lab/repair.ts'
import { commandTexts, docs, sharedByTool } from './commands.ts'

type RegistryChange = Omit<ChangeOf<'registry'>, 'kind'>

export interface Procedure {
  readonly id: 'together' | 'moved' | 'responder' | 'apart'
  readonly title: Message
  /** When to choose it. */
  readonly when: Message
  readonly registry: RegistryChange
  readonly option60: 'set' | 'deleted'
  /** The service whose settings these are. */
  readonly service: 'WDSServer' | 'SccmPxe'
  /** What the document says beside the values. */
  readonly notes: readonly Message[]
  readonly reference: string
  readonly before: MatrixRow
  readonly after: MatrixRow
}

const restartNote = say('doctor.wds-reads-these-values-when')

const row = (values: Partial<MatrixRow>): MatrixRow => ({
  dhcp: 'this',
  pxe: 'WDS',
  listen: 'default',
  option60: 'unset',
  files: 'unset',
  service: 'running',
  starts: 'second',
  ...values,
})

export const procedures: readonly Procedure[] = [
  {
    id: 'together',
    title: say('doctor.together-title'),
    when: say('doctor.together-when'),
    registry: { key: wdsKey, name: 'UseDHCPPorts', data: 0 },
    option60: 'set',
    service: 'WDSServer',
    notes: [sharedByTool, restartNote],
    reference: docs.coHosting,
    before: row({}),
    after: row({ listen: '0', option60: 'server' }),
  },
  {
    id: 'apart',
    title: say('doctor.apart-title'),
    when: say('doctor.apart-when'),
    registry: { key: wdsKey, name: 'UseDHCPPorts', data: 1 },
    option60: 'deleted',
    service: 'WDSServer',
    notes: [restartNote],
    reference: docs.helpers,
    before: row({}),
    after: row({ dhcp: 'other', listen: '1' }),
  },
  {
    id: 'responder',
    title: say('doctor.responder-title'),
    when: say('doctor.responder-when'),
    registry: { key: dpKey, name: 'DoNotListenOnDhcpPort', data: 1 },
    option60: 'set',
    service: 'SccmPxe',
    notes: [say('doctor.both-services-started-again-responder')],
    reference: docs.responder,
    before: row({ pxe: 'SccmPxe' }),
    after: row({ pxe: 'SccmPxe', listen: '1', option60: 'server' }),
  },
  {
    id: 'moved',
    title: say('doctor.moved-title'),
    when: say('doctor.moved-when'),
    registry: { key: wdsKey, name: 'UseDHCPPorts', data: 1 },
    option60: 'deleted',
    service: 'WDSServer',
    notes: [restartNote],
    reference: docs.coHosting,
    before: row({ dhcp: 'other', listen: '0' }),
    after: row({ dhcp: 'other', listen: '1' }),
  },
]

/** What the server has now, of what a procedure changes; undefined where it is not known, null where it is absent. */
export const valueNow = (facts: Facts | undefined, { key, name }: RegistryChange): number | null | undefined => {
  const data = facts?.registry?.value.find((one) => one.key === key && one.name === name)?.data
  return typeof data === 'number' || data === null ? data : undefined
}

export const changesOf = ({ registry, option60, service }: Procedure): readonly Change[] => [
  { kind: 'registry', ...registry },
  { kind: 'dhcp-option', option: 60, level: 'server', at: '', value: option60 === 'set' ? 'PXEClient' : null },
  { kind: 'restart', name: service },
  // Documented for the responder beside DHCP.
  ...(service === 'SccmPxe' ? ([{ kind: 'restart', name: 'DHCPServer' }] as const) : []),
]

/** Undo brings back what the facts tell; of a server that is not known, what Windows comes with: nothing. */
export const commandsOf = (
  procedure: Procedure,
  facts: Facts | undefined,
): { readonly commands: readonly string[]; readonly undo: readonly string[] } =>
  commandTexts(changesOf(procedure), 'windows', facts)

export const exportFormats = ['reg', 'cmd', 'ps1'] as const
export type ExportFormat = (typeof exportFormats)[number]

const wholeKey = (key: string): string => key.replace(/^HKLM\\/, 'HKEY_LOCAL_MACHINE\\')

/** A file that does it, or takes it back. A `.reg` file carries the registry value alone. Lines end as Windows wants. */
export function exportText(
  procedure: Procedure,
  facts: Facts | undefined,
  format: ExportFormat,
  what: 'commands' | 'undo',
): string {
  const commands = commandsOf(procedure, facts)[what]
  // A script is the same everywhere, and read by programs that take it for ASCII.
  const name = inEnglish(procedure.title)
  const title = `${what === 'commands' ? name : `Undo: ${name}`}. ${procedure.reference}`
  const lines = (): readonly string[] => {
    const { registry } = procedure
    switch (format) {
      case 'reg': {
        const value = what === 'commands' ? registry.data : valueNow(facts, registry)
        return [
          'Windows Registry Editor Version 5.00',
          '',
          `; ${title}`,
          `[${wholeKey(registry.key)}]`,
          typeof value === 'number'
            ? `"${registry.name}"=dword:${value.toString(16).padStart(8, '0')}`
            : `"${registry.name}"=-`,
        ]
      }
      case 'cmd':
        return ['@echo off', `rem ${title}`, ...commands]
      case 'ps1':
        return ['#Requires -RunAsAdministrator', `# ${title}`, ...commands]
    }
  }
  return `${lines().join('\r\n')}\r\n`
}

export type Requirement = Check

const passed = (isGood: boolean | undefined): Check['state'] =>
  isGood === undefined ? 'unknown' : isGood ? 'passed' : 'failed'

/**
 * What WDS wants of its server and of the network around it (Microsoft, Windows Deployment Services: installation
 * requirements; Infrastructure requirements for operating system deployment).
 */
export function requirementsOf(facts: Facts | undefined): Requirement[] {
  const services = facts?.services?.value
  const isRunning = (name: string): boolean =>
    services?.some((one) => one.name === name && one.state === 'running') ?? false
  const holders = facts?.udp?.value.filter((one) => one.port === 68)
  const strangers = holders?.filter(
    ({ services: names, process }) =>
      process !== undefined && !names.some((name) => /^(Dhcp|DHCPServer|WDSServer|SccmPxe)$/i.test(name)),
  )
  const domain = facts?.domain?.value
  const nameServers = facts?.nameServers?.value
  const authorised = facts?.dhcpAuthorised?.value
  const scopes = facts?.dhcpScopes?.value
  const hasDhcp = isRunning('DHCPServer')
  const isOpen68 = facts && letsIn(facts, 68)
  const isStandalone = domain === ''
  const standalone = say('doctor.no-domain-server-2012-r2')
  return [
    {
      title: say('doctor.you-member-local-administrators-group'),
      state: facts?.isElevated === undefined ? 'unknown' : facts.isElevated ? 'passed' : 'unknown',
      detail: facts?.isElevated
        ? say('doctor.these-facts-were-collected-administrator')
        : say('doctor.installing-wds-changing-settings-needs'),
    },
    {
      title: say('doctor.wds-installed-runs'),
      state: services ? passed(isRunning('WDSServer') || isRunning('SccmPxe')) : 'unknown',
      detail: services
        ? isRunning('WDSServer')
          ? say('doctor.wdsserver-runs')
          : isRunning('SccmPxe')
            ? say('doctor.configmgr-pxe-responder-runs-place')
            : say('doctor.wdsserver-does-not-run')
        : say('doctor.services-not-known'),
    },
    {
      title: say('doctor.dhcp-server-gives-addresses-network'),
      state: hasDhcp ? 'passed' : 'unknown',
      detail: hasDhcp
        ? say('doctor.runs-server')
        : say('doctor.none-runs-server-who-gives'),
    },
    {
      title: say('doctor.check-scope-active'),
      state: hasDhcp ? passed(scopes?.some((one) => one.isActive)) : services ? 'not-applicable' : 'unknown',
      detail: !hasDhcp
        ? say('doctor.matter-dhcp-server-not-here')
        : scopes === undefined
          ? say('doctor.scopes-not-known')
          : scopes.some((one) => one.isActive)
            ? say('doctor.active-scopes', { scopes: scopes.filter((one) => one.isActive).map((one) => one.scope) })
            : say('doctor.none-active-nobody-gets-address'),
    },
    {
      title: say('doctor.active-directory-lists-dhcp-server'),
      state: isStandalone || (services && !hasDhcp) ? 'not-applicable' : passed(authorised),
      detail: isStandalone
        ? standalone
        : authorised === undefined
          ? say('doctor.not-known-takes-dhcp-server')
          : authorised
            ? say('doctor.lists-server')
            : say('doctor.does-not-list-server-then'),
    },
    {
      title: say('doctor.udp-68-open-dhcp-authorised'),
      state: isStandalone ? 'not-applicable' : isOpen68 === false ? 'failed' : passed(strangers && isOpen68 ? strangers.length === 0 : undefined),
      detail: isStandalone
        ? standalone
        : isOpen68 === false
          ? say('doctor.firewall-does-not-let-open')
          : strangers && strangers.length > 0
            ? say('doctor.held-so-answers-active-directory', { holders: strangers.flatMap((one) => one.process ?? []) })
            : strangers && isOpen68
              ? say('doctor.let-nobody-else-holds')
              : say('doctor.not-known'),
    },
    {
      title: say('doctor.server-member-active-directory-domain'),
      state: domain === undefined ? 'unknown' : isStandalone ? 'not-applicable' : 'passed',
      detail: domain === undefined ? say('doctor.not-known') : isStandalone ? standalone : say('doctor.it-is-in', { domain }),
    },
    {
      title: say('doctor.dns-server-set'),
      state: passed(nameServers && nameServers.length > 0),
      detail: nameServers
        ? nameServers.length > 0
          ? say('doctor.asks', { servers: nameServers })
          : say('doctor.none-set-wds-does-not')
        : say('doctor.not-known'),
    },
  ] // prettier-ignore
}
