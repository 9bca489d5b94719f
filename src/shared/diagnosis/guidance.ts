/**
 * The documented ways out of one port and two services: what to set where, when to choose which, how to take it back, and
 * which rows of the co-hosting matrix show it before and after.
 */
import { type Facts } from '../lab/facts.ts'
import { dpKey, wdsKey } from '../lab/registry-keys.ts'
import type { MatrixRow } from './co-hosting.ts'
import type { Change, ChangeOf } from '../lab/repair.ts'
import { commandTexts, docs, shareServer } from './commands.ts'

type RegistryChange = Omit<ChangeOf<'registry'>, 'kind'>

export interface Procedure {
  readonly id: 'together' | 'moved' | 'responder' | 'apart'
  readonly title: string
  /** When to choose it. */
  readonly when: string
  readonly registry: RegistryChange
  readonly option60: 'set' | 'deleted'
  /** What does all of it where there is a tool for it. */
  readonly tool: string | undefined
  /** The service that has to read its settings again. */
  readonly service: 'WDSServer' | 'SccmPxe'
  readonly reference: string
  readonly before: MatrixRow
  readonly after: MatrixRow
}

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
    tool: shareServer,
    service: 'WDSServer',
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
    tool: undefined,
    service: 'WDSServer',
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
    tool: undefined,
    service: 'SccmPxe',
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
    tool: undefined,
    service: 'WDSServer',
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
]

/** Undo brings back what the facts tell; of a server that is not known, what Windows comes with: nothing. */
export const commandsOf = (
  procedure: Procedure,
  facts: Facts | undefined,
): { readonly commands: readonly string[]; readonly undo: readonly string[] } =>
  commandTexts(changesOf(procedure), 'windows', facts, procedure.tool)

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

export interface Requirement {
  readonly title: string
  readonly state: 'good' | 'finding' | 'unknown'
  readonly detail: string
}

/** What WDS wants of its server and of the network around it (Microsoft, Windows Deployment Services: prerequisites). */
export function requirementsOf(facts: Facts | undefined): Requirement[] {
  const services = facts?.services?.value
  const isRunning = (name: string): boolean =>
    services?.some((one) => one.name === name && one.state === 'running') ?? false
  const stateOf = (isGood: boolean | undefined): Requirement['state'] =>
    isGood === undefined ? 'unknown' : isGood ? 'good' : 'finding'
  const holders = facts?.udp?.value.filter((one) => one.port === 68)
  const strangers = holders?.filter(
    ({ services: names, process }) =>
      process !== undefined && !names.some((name) => /^(Dhcp|DHCPServer|WDSServer|SccmPxe)$/i.test(name)),
  )
  const domain = facts?.domain?.value
  const nameServers = facts?.nameServers?.value
  const authorised = facts?.dhcpAuthorised?.value
  return [
    {
      title: 'WDS is installed and runs',
      state: services ? stateOf(isRunning('WDSServer') || isRunning('SccmPxe')) : 'unknown',
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
      state: isRunning('DHCPServer') ? 'good' : 'unknown',
      detail: isRunning('DHCPServer')
        ? 'It runs on this server.'
        : 'None runs on this server; who gives addresses on the wire is asked on the Doctor page.',
    },
    {
      title: 'UDP port 68 is free for asking Active Directory who may answer',
      state: stateOf(strangers && strangers.length === 0),
      detail: !strangers
        ? 'Who holds the ports is not known.'
        : strangers.length === 0
          ? `${holders?.length === 0 ? 'Nobody holds it' : 'Its own DHCP client or a boot service holds it'}: authorisation can be asked for.`
          : `${strangers[0]!.process} holds it: WDS and DHCP cannot ask whether they are authorised.`,
    },
    {
      title: 'The DHCP server is authorised',
      state: stateOf(authorised),
      detail:
        authorised === undefined
          ? 'Not known: it takes a DHCP server here, a domain, and the rights to ask.'
          : authorised
            ? 'Active Directory lists this server.'
            : 'Active Directory does not list this server.',
    },
    {
      title: 'The server is a member of a domain',
      state: domain === undefined ? 'unknown' : domain === '' ? 'unknown' : 'good',
      detail:
        domain === undefined
          ? 'Not known.'
          : domain === ''
            ? 'It is in none. From Server 2012 R2 on WDS runs without: wdsutil /Initialize-Server /Standalone.'
            : `It is in ${domain}.`,
    },
    {
      title: 'A DNS server is set',
      state: stateOf(nameServers && nameServers.length > 0),
      detail: nameServers
        ? nameServers.length > 0
          ? `It asks ${nameServers.join(' and ')}.`
          : 'None is set: WDS does not find its domain controller.'
        : 'Not known.',
    },
  ]
}
