/**
 * Versions of Windows with their builds, and the first version of Configuration Manager that supports each as a client and
 * so for deployment (Microsoft, "Windows 10 release information", "Windows 11 release information", "Windows Server release
 * information"; "Support for Windows 10", "Support for Windows 11" and "Supported OS versions for clients and devices for
 * Configuration Manager").
 */
import type { operatingSystems } from './site.ts'
import { orderOf } from './versions.ts'

export type OperatingSystem = (typeof operatingSystems)[number]

export interface WindowsVersion {
  readonly operatingSystem: OperatingSystem
  /** As Microsoft calls it: 24H2; a server has one. */
  readonly release: string
  readonly build: number
  /** A version of Configuration Manager that is documented to support it; undefined where none was found. */
  readonly since?: string
  /** Whether the version before that is documented not to. */
  readonly isFirst?: boolean
  /** The version in whose table it is no longer, for its own support had ended. */
  readonly until?: string
  /** A long-term edition of this build is supported for longer. */
  readonly hasLongTerm?: boolean
}

const last = { until: '2509' } as const
const first = { isFirst: true } as const
const longTerm = { hasLongTerm: true } as const
const rows: readonly (readonly [OperatingSystem, string, number, Omit<WindowsVersion, 'operatingSystem' | 'release' | 'build'>])[] = [
  ['Windows 10', '1507', 10_240, last],
  ['Windows 10', '1511', 10_586, last],
  ['Windows 10', '1607', 14_393, longTerm],
  ['Windows 10', '1703', 15_063, last],
  ['Windows 10', '1709', 16_299, { since: '1806', ...last }],
  ['Windows 10', '1803', 17_134, { since: '1806', ...last }],
  ['Windows 10', '1809', 17_763, { since: '1806', ...longTerm }],
  ['Windows 10', '1903', 18_362, { since: '1902', ...first, ...last }],
  ['Windows 10', '1909', 18_363, { since: '1906', ...first, ...last }],
  ['Windows 10', '2004', 19_041, last],
  ['Windows 10', '20H2', 19_042, last],
  ['Windows 10', '21H1', 19_043, last],
  ['Windows 10', '21H2', 19_044, { since: '2107', ...first, ...longTerm }],
  ['Windows 10', '22H2', 19_045, { since: '2207', ...first }],
  ['Windows 11', '21H2', 22_000, { since: '2107', ...first, ...last }],
  ['Windows 11', '22H2', 22_621, { since: '2309', ...last }],
  ['Windows 11', '23H2', 22_631, { since: '2309' }],
  ['Windows 11', '24H2', 26_100, { since: '2309' }],
  ['Windows 11', '25H2', 26_200, { since: '2509', ...first }],
  ['Windows Server 2016', '2016', 14_393, { since: '2107' }],
  ['Windows Server 2019', '2019', 17_763, { since: '2107' }],
  ['Windows Server 2022', '2022', 20_348, { since: '2107', ...first }],
  ['Windows Server 2025', '2025', 26_100, { since: '2409', ...first }],
] // prettier-ignore
export const windowsVersions: readonly WindowsVersion[] = rows.map(([operatingSystem, release, build, more]) => ({
  operatingSystem,
  release,
  build,
  ...more,
}))

/** What a site file says of a Windows. */
interface Stated {
  readonly operatingSystem?: OperatingSystem | undefined
  readonly release?: string | undefined
  readonly build?: number | undefined
}

const rowOf = ({ operatingSystem, release, build }: Stated): WindowsVersion | undefined => {
  const own = windowsVersions.filter((one) => one.operatingSystem === operatingSystem)
  // A server has one version; of a client it has to be known which.
  return own.length === 1
    ? own[0]
    : (own.find((one) => one.build === build) ??
        own.find((one) => one.release.toLowerCase() === release?.toLowerCase()))
}

/** The build that is stated, or that of the release that is. */
export const windowsBuild = (stated: Stated): number | undefined =>
  stated.build ?? (stated.release === undefined ? undefined : rowOf(stated)?.build)

/** What is past its own support, and from which version on no table has it; updates of the extended kind change nothing. */
const ended: Readonly<Partial<Record<OperatingSystem, string>>> = {
  'Windows XP': '2107',
  'Windows Vista': '2107',
  'Windows 7': '2303',
  'Windows 8': '2107',
  'Windows 8.1': '2303',
  'Windows Server 2008 R2': '2303',
  'Windows Server 2012': '2409',
  'Windows Server 2012 R2': '2409',
}

/** Whether a version of Configuration Manager supports it as a client; undefined where no table that was read tells. */
export function isSupportedClient(stated: Stated, version: string | undefined): boolean | undefined {
  const { operatingSystem } = stated
  if (operatingSystem === undefined || version === undefined) return undefined
  const order = orderOf(version)
  const end = ended[operatingSystem]
  if (end !== undefined) return order >= orderOf(end) ? false : undefined
  const row = rowOf(stated)
  if (!row) return undefined
  if (row.until !== undefined && order >= orderOf(row.until)) return false
  if (row.since === undefined || (row.hasLongTerm && order >= 2509)) return undefined
  return order >= orderOf(row.since) ? true : row.isFirst ? false : undefined
}
