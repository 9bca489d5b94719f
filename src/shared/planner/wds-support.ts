/**
 * What WDS still deploys by itself with the boot.wim of installation media (Microsoft, "Windows Deployment Services (WDS)
 * boot.wim support", Deployment scenarios affected and Summary). PXE by WDS, and boot images of one's own, are not affected.
 */
import type { OperatingSystem } from './upgrade-paths.ts'

/** `deprecated`: it works after a notice; `blocked`: Setup refuses. */
export type WdsSupport = 'supported' | 'deprecated' | 'not supported' | 'blocked'

const deployed = ['Windows 10', 'Windows Server 2016', 'Windows Server 2019', 'Windows Server 2022', 'Windows 11', 'Windows Server 2025'] as const // prettier-ignore
const marks = { y: 'supported', d: 'deprecated', n: 'not supported', b: 'blocked' } as const
/** By the Windows that the boot.wim comes from: a letter for each that is deployed. */
const support: Readonly<Partial<Record<OperatingSystem, string>>> = {
  'Windows 10': 'yyynnb',
  'Windows Server 2016': 'yynnnb',
  'Windows Server 2019': 'yyynnb',
  'Windows Server 2022': 'ddddnb',
  'Windows 11': 'bbbbbb',
  'Windows Server 2025': 'bbbbbb',
}
/** Setup of these knows nothing of the change; what it deploys is its own age or older. */
const before: readonly OperatingSystem[] = ['Windows 7', 'Windows Server 2008 R2', 'Windows 8', 'Windows Server 2012', 'Windows 8.1', 'Windows Server 2012 R2'] // prettier-ignore

/** Undefined where one of the two is not stated, or the table has not the two together. */
export function wdsSupport(
  boot: OperatingSystem | undefined,
  target: OperatingSystem | undefined,
): WdsSupport | undefined {
  if (boot === undefined || target === undefined) return undefined
  // What came before Windows 10 is deployed by all that deploy that.
  if (before.includes(target)) return marks[(before.includes(boot) ? 'y' : support[boot]?.[0]) as keyof typeof marks]
  const at = deployed.findIndex((one) => one === target)
  if (at < 0) return undefined
  return before.includes(boot) ? 'not supported' : marks[support[boot]?.[at] as keyof typeof marks]
}
