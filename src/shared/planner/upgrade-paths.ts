/**
 * What becomes what in place: the systems that Configuration Manager upgrades (Microsoft, "Upgrade Windows to the latest
 * version with Configuration Manager", Upgrade version and Original version), by the ways that Windows itself has
 * (Microsoft, "Overview of Windows Server upgrades", and "Windows 11 FAQ": from Windows 7 and 8.1 there is none).
 */
import { operatingSystems } from './site.ts'

export type OperatingSystem = (typeof operatingSystems)[number]

export const isServer = (one: OperatingSystem): boolean => one.startsWith('Windows Server')

/** In the order of their ages, clients and servers. */
export const upgradeTargets: readonly OperatingSystem[] = ['Windows 10', 'Windows 11', 'Windows Server 2016', 'Windows Server 2019', 'Windows Server 2022', 'Windows Server 2025'] // prettier-ignore

/** From each the later ones that it becomes directly; what is not here cannot be upgraded by Configuration Manager. */
const ways: Readonly<Partial<Record<OperatingSystem, readonly OperatingSystem[]>>> = {
  'Windows 7': ['Windows 10'],
  'Windows 8.1': ['Windows 10'],
  'Windows 10': ['Windows 11'],
  'Windows 11': [],
  'Windows Server 2012': ['Windows Server 2016'],
  'Windows Server 2012 R2': ['Windows Server 2016', 'Windows Server 2019', 'Windows Server 2025'],
  'Windows Server 2016': ['Windows Server 2019', 'Windows Server 2022', 'Windows Server 2025'],
  'Windows Server 2019': ['Windows Server 2022', 'Windows Server 2025'],
  'Windows Server 2022': ['Windows Server 2025'],
  'Windows Server 2025': [],
}

export interface UpgradePath {
  /** `later-build` where both are the same and the target has to be of a later build. */
  readonly verdict: 'can' | 'later-build' | 'cannot'
  readonly why: string
}

const serverUpgrades = '"Overview of Windows Server upgrades"'
const inPlace = '"Upgrade Windows to the latest version"'

/** The ways from one to the other with one stop between them. */
const stopsBetween = (source: OperatingSystem, target: OperatingSystem): OperatingSystem[] =>
  (ways[source] ?? []).filter((one) => ways[one]?.includes(target))

/** Without a target: whether there is any. */
export function upgradePath(source: OperatingSystem, target: OperatingSystem | undefined): UpgradePath {
  const cannot = (why: string): UpgradePath => ({ verdict: 'cannot', why })
  const direct = ways[source]
  if (!direct) return cannot(`${source} cannot be upgraded in place.`)
  if (target === undefined) return { verdict: 'can', why: `${source} can be upgraded in place.` }
  if (isServer(source) !== isServer(target)) return cannot(`${source} does not become ${target}.`)
  if (!upgradeTargets.includes(target)) return cannot(`${target} is no target of an in-place upgrade.`)
  if (source === target)
    return {
      verdict: 'later-build',
      why: `From an earlier build of ${source} to a later one${isServer(source) && source !== 'Windows Server 2025' ? `: ${inPlace} has this, ${serverUpgrades} has not` : ''}.`,
    }
  if (direct.includes(target)) return { verdict: 'can', why: `From ${source} to ${target}.` }
  if (operatingSystems.indexOf(source) > operatingSystems.indexOf(target))
    return cannot(`${source} is newer than ${target}.`)
  const stops = stopsBetween(source, target)
  const by = stops.length > 0 ? `; by ${stops.join(' or ')} it does` : ''
  // Configuration Manager names the source and the target; whether one becomes the other is a matter of Windows.
  const reason = isServer(source) ? `${inPlace} has both, ${serverUpgrades} has no way from one to the other` : 'Windows 11 is reached from Windows 10' // prettier-ignore
  return cannot(`${source} does not become ${target} directly${by}. ${reason}.`)
}

/** Every source by every target, clients or servers. */
export const upgradeMatrix = (kind: 'client' | 'server') => {
  const ofKind = (one: OperatingSystem): boolean => isServer(one) === (kind === 'server')
  const targets = upgradeTargets.filter(ofKind)
  return {
    targets,
    rows: operatingSystems
      .filter(ofKind)
      .map((source) => ({ source, cells: targets.map((target) => upgradePath(source, target)) })),
  }
}
