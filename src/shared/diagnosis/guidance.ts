/**
 * The documented ways out of one port and two services: what to set where, when to choose which, how to take it back, and
 * which rows of the co-hosting matrix show it before and after.
 */
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
  readonly title: string
  /** When to choose it. */
  readonly when: string
  readonly registry: RegistryChange
  readonly option60: 'set' | 'deleted'
  /** The service whose settings these are. */
  readonly service: 'WDSServer' | 'SccmPxe'
  /** What the document says beside the values. */
  readonly notes: readonly string[]
  readonly reference: string
  readonly before: MatrixRow
  readonly after: MatrixRow
}

const restartNote = 'WDS reads these values when it starts: the WDSServer service has to be started again.'

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
    title: 'DHCP and WDS stay on this server',
    when: 'One server is to do both. DHCP keeps port 67, WDS answers on port 4011, and option 60 sends the clients there.',
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
    title: 'DHCP or WDS moves to a server of its own',
    when: 'The cleanest: each has port 67 to itself, and no option is needed. Across routers both are IP helpers.',
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
    title: 'The ConfigMgr PXE responder without WDS, beside DHCP',
    when: 'A distribution point from version 1902 on that needs no multicast. WDS is not needed any more.',
    registry: { key: dpKey, name: 'DoNotListenOnDhcpPort', data: 1 },
    option60: 'set',
    service: 'SccmPxe',
    notes: ['Both services are started again: the responder and the DHCP server.'],
    reference: docs.responder,
    before: row({ pxe: 'SccmPxe' }),
    after: row({ pxe: 'SccmPxe', listen: '1', option60: 'server' }),
  },
  {
    id: 'moved',
    title: 'DHCP has moved away: the way back',
    when: 'WDS was told to leave port 67 to DHCP, and DHCP is gone from this server: WDS hears nothing until it is told to listen again.',
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
  const title = `${what === 'commands' ? procedure.title : `Undo: ${procedure.title}`}. ${procedure.reference}`
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
  const standalone =
    'It is in no domain. From Server 2012 R2 on WDS runs without: wdsutil /Initialize-Server /Standalone.'
  return [
    {
      title: 'You are a member of the local Administrators group',
      state: facts?.isElevated === undefined ? 'unknown' : facts.isElevated ? 'passed' : 'unknown',
      detail: facts?.isElevated
        ? 'These facts were collected with administrator rights.'
        : 'Installing WDS and changing its settings needs it. To initialise the server in a domain, be a member of Domain Users as well.',
    },
    {
      title: 'WDS is installed and runs',
      state: services ? passed(isRunning('WDSServer') || isRunning('SccmPxe')) : 'unknown',
      detail: services
        ? isRunning('WDSServer')
          ? 'WDSServer runs.'
          : isRunning('SccmPxe')
            ? 'The ConfigMgr PXE responder runs in its place.'
            : 'WDSServer does not run.'
        : 'The services are not known.',
    },
    {
      title: 'A DHCP server gives addresses on the network',
      state: hasDhcp ? 'passed' : 'unknown',
      detail: hasDhcp
        ? 'It runs on this server.'
        : 'None runs on this server; who gives addresses on the wire is asked on the Doctor page.',
    },
    {
      title: 'The DHCP server has an active scope',
      state: hasDhcp ? passed(scopes?.some((one) => one.isActive)) : services ? 'not-applicable' : 'unknown',
      detail: !hasDhcp
        ? 'That is a matter of the DHCP server, which is not here.'
        : scopes === undefined
          ? 'The scopes are not known.'
          : scopes.some((one) => one.isActive)
            ? `Active: ${scopes.filter((one) => one.isActive).map((one) => one.scope).join(', ')}.`
            : 'None is active: nobody gets an address.',
    },
    {
      title: 'Active Directory lists the DHCP server',
      state: isStandalone || (services && !hasDhcp) ? 'not-applicable' : passed(authorised),
      detail: isStandalone
        ? standalone
        : authorised === undefined
          ? 'Not known: it takes a DHCP server here, a domain, and the rights to ask.'
          : authorised
            ? 'It lists this server.'
            : 'It does not list this server, which then answers nobody.',
    },
    {
      title: 'UDP 68 is open where DHCP is authorised',
      state: isStandalone ? 'not-applicable' : isOpen68 === false ? 'failed' : passed(strangers && isOpen68 ? strangers.length === 0 : undefined),
      detail: isStandalone
        ? standalone
        : isOpen68 === false
          ? 'The firewall does not let it in: open UDP 68 inbound.'
          : strangers && strangers.length > 0
            ? `It is held by ${strangers.map((one) => one.process).join(', ')}, so that answers of Active Directory about who may give addresses do not arrive.`
            : strangers && isOpen68
              ? 'It is let in, and nobody else holds it.'
              : 'Not known.',
    },
    {
      title: 'The server is a member of an Active Directory domain, or a domain controller',
      state: domain === undefined ? 'unknown' : isStandalone ? 'not-applicable' : 'passed',
      detail: domain === undefined ? 'Not known.' : isStandalone ? standalone : `It is in ${domain}.`,
    },
    {
      title: 'A DNS server is set',
      state: passed(nameServers && nameServers.length > 0),
      detail: nameServers
        ? nameServers.length > 0
          ? `It asks ${nameServers.join(' and ')}.`
          : 'None is set: WDS does not find its domain controller.'
        : 'Not known.',
    },
  ] // prettier-ignore
}
