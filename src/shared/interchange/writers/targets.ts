/** The DHCP servers that a plan can be written for, and the words in which differences are told. */
import { say, type Phrase } from '#messages/message.ts'
import { writeDhcpd } from './dhcpd.ts'
import { writeDnsmasq } from './dnsmasq.ts'
import { keaVersions, writeKea, type KeaVersion } from './kea.ts'
import { writeNetsh } from './netsh.ts'
import type { Exported, NoteKind, ServicePlan } from './plan.ts'
import { writePowershell } from './powershell.ts'

export const exportTargets = ['kea', 'dnsmasq', 'dhcpd', 'powershell', 'netsh'] as const
export type ExportTarget = (typeof exportTargets)[number]

export const targetTitles: Readonly<Record<ExportTarget, string>> = {
  kea: 'Kea',
  dnsmasq: 'dnsmasq',
  dhcpd: 'ISC dhcpd',
  powershell: 'Windows DHCP (PowerShell)',
  netsh: 'Windows DHCP (netsh)',
}

/** Versions whose files differ, and the one that is written where nobody names one. */
export const targetVersions: Readonly<Partial<Record<ExportTarget, readonly string[]>>> = { kea: keaVersions }
export const usualVersion = '2.6'

export interface TargetOptions {
  readonly to: ExportTarget
  /** One of `targetVersions`. */
  readonly engineVersion?: string | undefined
  /** A folder that dnsmasq itself serves over TFTP. */
  readonly tftpRoot?: string | undefined
}

export function writePlan(plan: ServicePlan, { to, engineVersion, tftpRoot }: TargetOptions): Exported {
  switch (to) {
    case 'kea':
      return writeKea(plan, { version: (engineVersion ?? usualVersion) as KeaVersion })
    case 'dhcpd':
      return writeDhcpd(plan)
    case 'powershell':
      return writePowershell(plan)
    case 'netsh':
      return writeNetsh(plan)
    case 'dnsmasq':
      return writeDnsmasq(plan, tftpRoot === undefined ? {} : { tftpRoot })
  }
}

export const noteTitles: Readonly<Record<NoteKind, Phrase>> = {
  'keep-beside': say('interchange.keep-beside'),
  'left-out': say('interchange.left-out'),
  differs: say('interchange.differs'),
  'to-set': say('interchange.to-set'),
}
