/** A site judged by every rule, and how ready it is for what it is to do. */
import { gateRules } from './gate-rules.ts'
import { hierarchyRules } from './hierarchy-rules.ts'
import { imageRules } from './image-rules.ts'
import { infrastructureRules } from './infrastructure-rules.ts'
import { judge, severities, type Judged, type Rule } from './rule.ts'
import type { Site } from './site.ts'
import { upgradeRules } from './upgrade-rules.ts'

export const rules: readonly Rule[] = [
  ...infrastructureRules,
  ...imageRules,
  ...hierarchyRules,
  ...upgradeRules,
  ...gateRules,
]

export interface Readiness {
  /** What the site is to do; `deployment` for what every deployment needs. */
  readonly capability: 'deployment' | keyof NonNullable<Site['wants']>
  /** Of the rules that apply and are no notes, in percent; what is unknown is not met. */
  readonly percent: number
  /** Rules that stand in the way, errors first. */
  readonly blocking: readonly string[]
}

export interface Plan {
  readonly rules: readonly Judged[]
  readonly readiness: readonly Readiness[]
}

function readinessOf(capability: Readiness['capability'], judged: readonly Judged[]): Readiness | undefined {
  const relevant = judged.filter(
    (one) =>
      (one.capability ?? 'deployment') === capability && one.severity !== 'note' && one.state !== 'not-applicable',
  )
  if (relevant.length === 0) return undefined
  const met = relevant.filter((one) => one.state === 'met').length
  return {
    capability,
    percent: Math.floor((100 * met) / relevant.length),
    blocking: relevant
      .filter((one) => one.state === 'violated')
      .toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
      .map((one) => one.id),
  }
}

export function plan(site: Site): Plan {
  const judged = rules.map((one) => judge(one, site))
  // How ready it is for what nobody has said that it is to do is no question.
  const wanted = (['pxe', 'multicast', 'userState', 'updates', 'reports'] as const).filter((one) => site.wants?.[one])
  const capabilities = ['deployment', ...wanted] as const
  return { rules: judged, readiness: capabilities.flatMap((one) => readinessOf(one, judged) ?? []) }
}
