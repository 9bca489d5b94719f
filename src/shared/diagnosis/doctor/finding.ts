/** What the Doctor says: findings with their evidence and remedy, and checks. */
import type { Phrase } from '#messages/message.ts'
import type { Change } from '../../lab/repair.ts'
import type { MatrixRow } from '../co-hosting.ts'
import type { Prediction } from '../twin.ts'

export type Severity = 'error' | 'warning' | 'note'

export interface Evidence {
  /** The fact in words. */
  readonly says: Phrase
  /** Name of its source, and the line it stands in where that was found. */
  readonly source: string
  readonly raw: string | undefined
}

export interface Remedy {
  readonly says: Phrase
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
  'wds-not-authorised',
  'wds-answers-nobody',
  'wds-answers-known',
  'firewall-closed',
  'ports-redirected',
  'ports-excluded',
  'dns-holds-tftp-ports',
  'tftp-port-range',
  'tftp-read-filter',
  'bind-policy',
  'tftp-blocks-too-large',
  'two-pxe-services',
  'foreign-owner',
  'dhcpv6-port-held',
  'dhcpv6-firewall-closed',
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
  readonly title: Phrase
  readonly says: Phrase
  readonly reference: string
  readonly evidence: readonly Evidence[]
  readonly remedy: Remedy | undefined
}

export const checkStates = ['passed', 'failed', 'not-applicable', 'unknown'] as const
export interface Check {
  readonly title: Phrase
  readonly state: (typeof checkStates)[number]
  readonly detail: Phrase
}

export interface Diagnosis {
  readonly verdict: Phrase
  readonly health: 'healthy' | 'findings' | 'unknown'
  readonly findings: readonly Finding[]
  readonly checks: readonly Check[]
  /** The row of the co-hosting matrix; undefined where the facts do not tell. */
  readonly row: MatrixRow | undefined
  /** What each kind of machine does in each scope: the facts, simulated. */
  readonly prediction: Prediction | undefined
  /** What would have to be known for more. */
  readonly unknown: readonly Phrase[]
}
