/** Which collection can become what in place, and what has to be deployed the traditional way. */
import { distinct, type Phrase } from '#messages/message.ts'
import { judge, type State } from './rule.ts'
import type { Site } from './site.ts'
import { upgradeRules } from './upgrade-rules.ts'

type TaskSequence = NonNullable<Site['taskSequences']>[number]

/** Rules that the target decides, and not the task sequence. */
const aboutTargets = new Set(['IPU-01', 'IPU-02', 'IPU-03', 'IPU-04'])
const aboutSequences = new Set(['IPU-08', 'IPU-09'])

export interface UpgradeVerdict {
  /** Name of an upgrade package, of a feature update, or of a task sequence. */
  readonly name: string
  readonly kind: 'package' | 'feature update' | 'task sequence'
  readonly state: Exclude<State, 'not-applicable'>
  readonly reasons: readonly Phrase[]
  readonly needs: readonly string[]
}

export interface CollectionUpgrades {
  readonly collection: string
  readonly operatingSystem: string | undefined
  readonly targets: readonly UpgradeVerdict[]
  /** Task sequences of this collection that do what an upgrade cannot do. */
  readonly traditional: readonly UpgradeVerdict[]
}

function verdict(
  site: Site,
  sequence: TaskSequence,
  ids: ReadonlySet<string>,
): Pick<UpgradeVerdict, 'state' | 'reasons' | 'needs'> {
  const asked: Site = { ...site, taskSequences: [sequence] }
  const items = upgradeRules.filter(({ id }) => ids.has(id)).flatMap((rule) => judge(rule, asked).items)
  const violated = items.filter((one) => one.state === 'violated')
  const needs = [...new Set(items.flatMap((one) => one.needs))]
  return violated.length > 0
    ? { state: 'violated', reasons: distinct(violated.map((one) => one.says)), needs: [] }
    : { state: needs.length > 0 ? 'unknown' : 'met', reasons: [], needs }
}

export function collectionUpgrades(site: Site): CollectionUpgrades[] {
  return (site.collections ?? []).map(({ name: collection, site: code, operatingSystem }) => {
    const asked = {
      name: 'upgrade',
      kind: 'upgrade' as const,
      collection,
      ...(code === undefined ? {} : { site: code }),
    }
    const targets = [
      ...(site.upgradePackages ?? []).map(({ name }): UpgradeVerdict => ({
        name,
        kind: 'package',
        ...verdict(site, { ...asked, upgradePackage: name }, aboutTargets),
      })),
      ...(site.featureUpdates ?? []).map(({ name }): UpgradeVerdict => ({
        name,
        kind: 'feature update',
        ...verdict(site, { ...asked, featureUpdate: name }, aboutTargets),
      })),
    ]
    const traditional = (site.taskSequences ?? [])
      .filter((one) => one.kind === 'upgrade' && one.collection === collection)
      .map((one): UpgradeVerdict => ({ name: one.name, kind: 'task sequence', ...verdict(site, one, aboutSequences) }))
      .filter((one) => one.state === 'violated')
    return { collection, operatingSystem, targets, traditional }
  })
}
