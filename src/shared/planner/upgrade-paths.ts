/**
 * What becomes what in place (Microsoft, "Upgrade Windows to the latest version", Original version; Upgrade version).
 */
import { operatingSystems } from './site.ts'

export type OperatingSystem = (typeof operatingSystems)[number]

export const isServer = (one: OperatingSystem): boolean => one.startsWith('Windows Server')

/** In the order of their ages, clients and servers. */
export const upgradeTargets: readonly OperatingSystem[] = ['Windows 10', 'Windows 11', 'Windows Server 2016', 'Windows Server 2019', 'Windows Server 2022'] // prettier-ignore
const sources: readonly OperatingSystem[] = ['Windows 7', 'Windows 8.1', 'Windows 10', 'Windows 11', 'Windows Server 2012', 'Windows Server 2012 R2', 'Windows Server 2016', 'Windows Server 2019', 'Windows Server 2022'] // prettier-ignore

export interface UpgradePath {
  /** `later-build` where both are the same and the target has to be of a later build. */
  readonly verdict: 'can' | 'later-build' | 'cannot'
  readonly why: string
}

/** Without a target: whether there is any. */
export function upgradePath(source: OperatingSystem, target: OperatingSystem | undefined): UpgradePath {
  const cannot = (why: string): UpgradePath => ({ verdict: 'cannot', why })
  if (!sources.includes(source)) return cannot(`${source} cannot be upgraded in place.`)
  if (target === undefined) return { verdict: 'can', why: `${source} can be upgraded in place.` }
  if (isServer(source) !== isServer(target)) return cannot(`${source} does not become ${target}.`)
  if (!upgradeTargets.includes(target)) return cannot(`${target} is no target of an in-place upgrade.`)
  if (source === target) return { verdict: 'later-build', why: `From an earlier build of ${source} to a later one.` }
  return operatingSystems.indexOf(source) > operatingSystems.indexOf(target)
    ? cannot(`${source} is newer than ${target}.`)
    : { verdict: 'can', why: `From ${source} to ${target}.` }
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
