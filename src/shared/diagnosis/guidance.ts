/**
 * The documented ways out of one port and two services: what to set where, when to choose which, how to take it back, and
 * which rows of the co-hosting matrix show it before and after.
 */
import { dpKey, wdsKey, type Facts } from '../lab/facts.ts'
import type { MatrixRow } from './co-hosting.ts'
import {
  deleteOption60,
  docs,
  regBack,
  regSet,
  restartResponder,
  restartWds,
  setOption60,
  shareServer,
} from './commands.ts'

interface RegistryChange {
  readonly key: string
  readonly name: string
  /** REG_DWORD. */
  readonly value: number
}

export interface Procedure {
  readonly id: 'together' | 'moved' | 'responder' | 'apart'
  readonly title: string
  /** When to choose it. */
  readonly when: string
  readonly registry: RegistryChange
  readonly option60: 'set' | 'deleted'
  /** What does all of it where there is a tool for it. */
  readonly tool: string | undefined
  readonly restart: readonly string[]
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
    registry: { key: wdsKey, name: 'UseDHCPPorts', value: 0 },
    option60: 'set',
    tool: shareServer,
    restart: restartWds,
    reference: docs.coHosting,
    before: row({}),
    after: row({ listen: '0', option60: 'server' }),
  },
  {
    id: 'apart',
    title: 'DHCP or WDS moves to a server of its own',
    when: 'The cleanest: each has port 67 to itself, and no option is needed. Across routers both are IP helpers.',
    registry: { key: wdsKey, name: 'UseDHCPPorts', value: 1 },
    option60: 'deleted',
    tool: undefined,
    restart: restartWds,
    reference: docs.helpers,
    before: row({}),
    after: row({ dhcp: 'other', listen: '1' }),
  },
  {
    id: 'responder',
    title: 'The ConfigMgr PXE responder without WDS, beside DHCP',
    when: 'A distribution point from version 1902 on that needs no multicast. WDS is not needed any more.',
    registry: { key: dpKey, name: 'DoNotListenOnDhcpPort', value: 1 },
    option60: 'set',
    tool: undefined,
    restart: restartResponder,
    reference: docs.responder,
    before: row({ pxe: 'SccmPxe' }),
    after: row({ pxe: 'SccmPxe', listen: '1', option60: 'server' }),
  },
  {
    id: 'moved',
    title: 'DHCP has moved away: the way back',
    when: 'WDS was told to leave port 67 to DHCP, and DHCP is gone from this server: WDS hears nothing until it is told to listen again.',
    registry: { key: wdsKey, name: 'UseDHCPPorts', value: 1 },
    option60: 'deleted',
    tool: undefined,
    restart: restartWds,
    reference: docs.coHosting,
    before: row({ dhcp: 'other', listen: '0' }),
    after: row({ dhcp: 'other', listen: '1' }),
  },
]

interface Commands {
  readonly apply: readonly string[]
  readonly undo: readonly string[]
}

/** What the server has now, of what a procedure changes; undefined where it is not known, null where it is absent. */
export const valueNow = (facts: Facts | undefined, { key, name }: RegistryChange): number | null | undefined => {
  const data = facts?.registry?.value.find((one) => one.key === key && one.name === name)?.data
  return typeof data === 'number' || data === null ? data : undefined
}

/** Undo brings back what the facts tell; of a server that is not known, what Windows comes with: nothing. */
export function commandsOf(procedure: Procedure, facts: Facts | undefined): Commands {
  const { registry, option60, tool, restart } = procedure
  const had60 = facts?.dhcpOptions?.value.some((one) => one.option === 60 && one.level === 'server') ?? false
  return {
    apply: [
      ...(tool === undefined
        ? [regSet(registry.key, registry.name, registry.value), ...(option60 === 'set' ? setOption60 : deleteOption60)]
        : [tool]),
      ...restart,
    ],
    undo: [
      regBack(registry.key, registry.name, valueNow(facts, registry)),
      ...(had60 ? (option60 === 'deleted' ? setOption60 : []) : option60 === 'set' ? deleteOption60 : []),
      ...restart,
    ],
  }
}

export const exportFormats = ['reg', 'cmd', 'ps1'] as const
export type ExportFormat = (typeof exportFormats)[number]

const wholeKey = (key: string): string => key.replace(/^HKLM\\/, 'HKEY_LOCAL_MACHINE\\')

/** A file that does it, or takes it back. A `.reg` file carries the registry value alone. Lines end as Windows wants. */
export function exportText(
  procedure: Procedure,
  facts: Facts | undefined,
  format: ExportFormat,
  what: 'apply' | 'undo',
): string {
  const commands = commandsOf(procedure, facts)[what]
  const title = `${what === 'apply' ? procedure.title : `Undo: ${procedure.title}`}. ${procedure.reference}`
  const lines = (): readonly string[] => {
    const { registry } = procedure
    switch (format) {
      case 'reg': {
        const value = what === 'apply' ? registry.value : valueNow(facts, registry)
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
