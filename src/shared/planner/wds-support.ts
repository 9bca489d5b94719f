/**
 * What WDS still deploys by itself with the boot.wim of installation media (Microsoft, "Windows Deployment Services (WDS)
 * boot.wim support", Deployment scenarios affected and Summary). PXE by WDS, and boot images of one's own, are not affected.
 */
import type { OperatingSystem } from './upgrade-paths.ts'

/** `deprecated`: it works after a notice; `blocked`: Setup refuses. */
export type WdsSupport = 'supported' | 'deprecated' | 'not supported' | 'blocked'

const sources = ['Windows 10', 'Windows Server 2016', 'Windows Server 2019', 'Windows Server 2022', 'Windows 11'] as const // prettier-ignore
const marks = { y: 'supported', d: 'deprecated', n: 'not supported', b: 'blocked' } as const
/** By the Windows that is deployed: a letter for each that the boot.wim may come from. */
const support: Readonly<Partial<Record<OperatingSystem, string>>> = {
  'Windows 10': 'yyynn',
  'Windows Server 2016': 'yynnn',
  'Windows Server 2019': 'yyynn',
  'Windows Server 2022': 'ddddn',
  'Windows 11': 'bbbbb',
  'Windows Server 2025': 'nnnnn',
}
/** Setup of these knows nothing of the change; what it deploys is its own age or older. */
const before: readonly OperatingSystem[] = ['Windows 7', 'Windows Server 2008 R2', 'Windows 8', 'Windows Server 2012', 'Windows 8.1', 'Windows Server 2012 R2'] // prettier-ignore

/** Undefined where one of the two is not stated, or the table has not the two together. */
export function wdsSupport(
  boot: OperatingSystem | undefined,
  target: OperatingSystem | undefined,
): WdsSupport | undefined {
  if (boot === undefined || target === undefined) return undefined
  // Summary: whatever relies on the boot.wim of a Windows Server after 2022 is blocked; the table has no column of it.
  if (boot === 'Windows Server 2025') return 'blocked'
  // What came before Windows 10 is deployed by all that deploy that.
  const row = support[before.includes(target) ? 'Windows 10' : target]
  if (row === undefined) return undefined
  if (before.includes(boot)) return before.includes(target) ? 'supported' : row.startsWith('b') ? 'blocked' : 'not supported' // prettier-ignore
  return marks[row[sources.findIndex((one) => one === boot)] as keyof typeof marks]
}
