/** A site judged by every rule, and how ready it is for what it is to do. */
import { say, type Phrase } from '#messages/message.ts'
import { gateRules } from './gate-rules.ts'
import { hierarchyRules } from './hierarchy-rules.ts'
import { imageRules } from './image-rules.ts'
import { infrastructureRules } from './infrastructure-rules.ts'
import { byState, judge, worstFirst, type Item, type Judged, type Rule } from './rule.ts'
import type { Site } from './site.ts'
import { upgradeRules } from './upgrade-rules.ts'
import { wayOut, type Standing } from './way-out.ts'
import { wayRules } from './way-rules.ts'

export const rules: readonly Rule[] = [
  ...infrastructureRules,
  ...imageRules,
  ...hierarchyRules,
  ...upgradeRules,
  ...gateRules,
  ...wayRules,
]

export interface Readiness {
  /** What the site is to do; `deployment` for what every deployment needs. */
  readonly capability: 'deployment' | keyof NonNullable<Site['wants']>
  /** Of the rules that apply and are no notes, in percent; what is unknown is not met. */
  readonly percent: number
  /** Rules that stand in the way, errors first. */
  readonly blocking: readonly string[]
  /** All that counts, in the same order as what one server has: what stands in the way first. */
  readonly checks: readonly Judged[]
}

/** What one server has of what its roles want. */
export interface ServerReadiness {
  readonly server: string
  /** Undefined where no rule is about it. */
  readonly percent: number | undefined
  /** What stands in the way first, then what is unknown. */
  readonly checks: readonly (Item & { readonly rule: string; readonly title: Phrase; readonly remedy: Phrase })[]
}

/** What a site has that is not as it should be: its servers, its collections, its task sequences. */
export interface SiteState {
  readonly code: string
  readonly violated: number
  readonly unknown: number
  readonly met: number
}

export interface Plan {
  readonly rules: readonly Judged[]
  readonly readiness: readonly Readiness[]
  readonly servers: readonly ServerReadiness[]
  readonly sites: readonly SiteState[]
  /** What depends on WDS or MDT, and what takes its place. */
  readonly wayOut: readonly Standing[]
}

/** What is planned for, as it is called. */
export const capabilityNames: Readonly<Record<Readiness['capability'], Phrase>> = {
  deployment: say('planner.capability-deployment'),
  pxe: 'PXE',
  multicast: say('planner.capability-multicast'),
  userState: say('planner.capability-user-state'),
  updates: say('planner.capability-updates'),
  reports: say('planner.capability-reports'),
}

function readinessOf(capability: Readiness['capability'], judged: readonly Judged[]): Readiness | undefined {
  const relevant = judged.filter(
    (one) =>
      (one.capability ?? 'deployment') === capability && one.severity !== 'note' && one.state !== 'not-applicable',
  )
  if (relevant.length === 0) return undefined
  const met = relevant.filter((one) => one.state === 'met').length
  const checks = byState(relevant)
  return {
    capability,
    percent: Math.floor((100 * met) / relevant.length),
    blocking: checks.filter((one) => one.state === 'violated').map((one) => one.id),
    checks,
  }
}

/** Rules that are about servers, each by its name. */
const aboutServers = /^(OSD-|VER-03|VER-1[3-6]|GATE-1)/

function serversOf(site: Site, judged: readonly Judged[]): ServerReadiness[] {
  const checks = new Map((site.servers ?? []).map(({ name }) => [name, [] as ServerReadiness['checks'][number][]]))
  for (const { id, title, remedy, severity, items } of judged)
    if (severity !== 'note' && aboutServers.test(id))
      for (const one of items) checks.get(one.subject)?.push({ ...one, rule: id, title, remedy })
  return [...checks].map(([server, list]) => ({
    server,
    percent:
      list.length === 0
        ? undefined
        : Math.floor((100 * list.filter((one) => one.state === 'met').length) / list.length),
    checks: worstFirst.flatMap((state) => list.filter((one) => one.state === state)),
  }))
}

function sitesOf(site: Site, judged: readonly Judged[]): SiteState[] {
  const counts = new Map<string, Record<Item['state'], number>>()
  for (const { severity, items } of judged)
    if (severity !== 'note')
      for (const { subject, state } of items) {
        const count = counts.get(subject) ?? { violated: 0, unknown: 0, met: 0 }
        counts.set(subject, count)
        count[state]++
      }
  return (site.sites ?? []).map(({ code }) => {
    const names = [...(site.servers ?? []), ...(site.collections ?? []), ...(site.taskSequences ?? [])]
      .filter((one) => one.site === code)
      .map((one) => one.name)
    const own = [...new Set(names)].flatMap((name) => counts.get(name) ?? [])
    const sum = (state: Item['state']): number => own.reduce((total, one) => total + one[state], 0)
    return { code, violated: sum('violated'), unknown: sum('unknown'), met: sum('met') }
  })
}

export function plan(site: Site): Plan {
  const judged = rules.map((one) => judge(one, site))
  // How ready it is for what nobody has said that it is to do is no question.
  const wanted = (['pxe', 'multicast', 'userState', 'updates', 'reports'] as const).filter((one) => site.wants?.[one])
  const capabilities = ['deployment', ...wanted] as const
  return {
    rules: judged,
    readiness: capabilities.flatMap((one) => readinessOf(one, judged) ?? []),
    servers: serversOf(site, judged),
    sites: sitesOf(site, judged),
    wayOut: wayOut(site),
  }
}
