/**
 * What becomes what in place: the systems that Configuration Manager upgrades (Microsoft, "Upgrade Windows to the latest
 * version with Configuration Manager", Upgrade version and Original version), by the ways that Windows itself has
 * (Microsoft, "Overview of Windows Server upgrades", and "Windows 11 FAQ": from Windows 7 and 8.1 there is none).
 */
import { say, type Phrase } from '#messages/message.ts'
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
  readonly why: Phrase
}

const serverUpgrades = '"Overview of Windows Server upgrades"'
const inPlace = '"Upgrade Windows to the latest version"'

/** The ways from one to the other with one stop between them. */
const stopsBetween = (source: OperatingSystem, target: OperatingSystem): OperatingSystem[] =>
  (ways[source] ?? []).filter((one) => ways[one]?.includes(target))

/** Without a target: whether there is any. */
export function upgradePath(source: OperatingSystem, target: OperatingSystem | undefined): UpgradePath {
  const cannot = (why: Phrase): UpgradePath => ({ verdict: 'cannot', why })
  const direct = ways[source]
  if (!direct) return cannot(say('planner.cannot-upgraded-place', { source }))
  if (target === undefined) return { verdict: 'can', why: say('planner.can-upgraded-place', { source }) }
  if (isServer(source) !== isServer(target)) return cannot(say('planner.does-become', { source, target }))
  if (!upgradeTargets.includes(target)) return cannot(say('planner.target-place-upgrade', { target }))
  if (source === target)
    return {
      verdict: 'later-build',
      why:
        isServer(source) && source !== 'Windows Server 2025'
          ? say('planner.earlier-build-later-one', { source, inPlace, serverUpgrades })
          : say('planner.earlier-build-later-one-2', { source }),
    }
  if (direct.includes(target)) return { verdict: 'can', why: say('planner.from-to', { source, target }) }
  if (operatingSystems.indexOf(source) > operatingSystems.indexOf(target))
    return cannot(say('planner.newer-than', { source, target }))
  const stops = stopsBetween(source, target)
  // Configuration Manager names the source and the target; whether one becomes the other is a matter of Windows.
  const reason = isServer(source) ? say('planner.both-way-one-other', { inPlace, serverUpgrades }) : say('planner.windows-11-reached-windows-10') // prettier-ignore
  return cannot(
    stops.length > 0
      ? say('planner.does-become-through', { source, target, reason, stops })
      : say('planner.does-become-directly', { source, target, reason }),
  )
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
