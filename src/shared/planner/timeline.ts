/**
 * The upgrade of a hierarchy in its order, and what is safe at each step: the rules, asked about the hierarchy as it will be
 * then (Microsoft, "Plan for OS deployment interoperability" and "Interoperability between different versions").
 */
import { say, type Phrase } from '#messages/message.ts'
import { hierarchyRules, isMixed } from './hierarchy-rules.ts'
import { judge, worstFirst, type State } from './rule.ts'
import { present, type Site } from './site.ts'
import { orderOf } from './versions.ts'

/** What an upgrade touches, and the rules about it. */
export const upgradeAreas = [
  { name: say('planner.area-media'), rules: ['INT-BOOT-03', 'INT-MEDIA-01'] },
  { name: say('planner.boot-images'), rules: ['INT-BOOT-02', 'INT-BOOT-04', 'VER-08'] },
  { name: say('planner.client-packages'), rules: ['INT-PKG-02', 'INT-PKG-03', 'INT-PKG-04', 'INT-USMT-01'] },
  { name: say('planner.area-steps'), rules: ['INT-TS-01', 'VER-09'] },
  { name: say('planner.area-consoles'), rules: ['VER-14', 'VER-15', 'VER-16'] },
  { name: say('planner.orchestration-groups'), rules: ['VER-12'] },
  { name: say('planner.area-clients'), rules: ['INT-CLI-02', 'VER-03', 'VER-04', 'VER-06', 'VER-13'] },
] as const

export interface Unsafe {
  readonly rule: string
  readonly subject: string
  readonly says: Phrase
  readonly remedy: Phrase
  /** Title of the step after which it is safe again; undefined where none of these steps helps. */
  readonly until: Phrase | undefined
}

export interface AreaState {
  readonly area: Phrase
  readonly state: State
  readonly unsafe: readonly Unsafe[]
  /** Places in the site file that would tell. */
  readonly needs: readonly string[]
}

export interface Step {
  readonly title: Phrase
  /** What is to be done, one sentence each; none for what stands now. */
  readonly tasks: readonly Phrase[]
  readonly isMixed: boolean | undefined
  readonly areas: readonly AreaState[]
}

export interface Timeline {
  /** The version that all sites are to have; undefined where none is stated. */
  readonly target: string | undefined
  /** What is wrong with the order so far. */
  readonly warnings: readonly Phrase[]
  readonly steps: readonly Step[]
}

type One = NonNullable<Site['sites']>[number]

/** How far below the top a site is; one in a circle of parents is at the top. */
export function depthOf(sites: readonly One[], one: One): number {
  const seen = new Set([one.code])
  let depth = 0
  for (let at = one; ; depth++) {
    const parent = sites.find(({ code }) => code === at.parent)
    if (!parent || seen.has(parent.code)) return depth
    seen.add(parent.code)
    at = parent
  }
}

/** The top-level site first, and each site after that above it. */
const inOrder = (sites: readonly One[]): One[] => sites.toSorted((a, b) => depthOf(sites, a) - depthOf(sites, b))

const listed = (names: readonly string[]): Phrase =>
  names.length > 5 ? `${names.slice(0, 4).join(', ')} and ${names.length - 4} more` : names.join(', ')

/** The hierarchy after a site has been upgraded: what others have to follow is behind from then on. */
function withSiteUpgraded(site: Site, code: string, target: string, isTop: boolean): Site {
  return {
    ...site,
    upgrade: site.upgrade === 'from-2012' ? 'from-2012' : 'in-console',
    sites: site.sites?.map((one) => (one.code === code ? { ...one, version: target } : one)),
    ...(isTop && {
      bootImages: site.bootImages?.map((one) => ({ ...one, isCurrent: false, updated: one.kind && one.kind === 'default' })), // prettier-ignore
      usmtPackages: site.usmtPackages?.map((one) => ({ ...one, updated: one.kind && one.kind === 'default' })),
      media: site.media?.map((one) => ({ ...one, rebuilt: false })),
      taskSequences: site.taskSequences?.map((one) =>
        one.clientPackage === 'custom' ? { ...one, clientPackageCurrent: false } : one,
      ),
    }),
  }
}

const hasConsole = (site: Site, code: string, target: string): string[] =>
  (site.servers ?? []).flatMap((one) => {
    const own = present(one.console)
    return own && one.site === code && own.version !== target ? [one.name] : []
  })

const withConsoles = (site: Site, code: string, target: string): Site => ({
  ...site,
  servers: site.servers?.map((one) => {
    const own = present(one.console)
    return own && one.site === code ? { ...one, console: { ...own, version: target } } : one
  }),
})

/** Collections and site systems whose clients belong to a site and are not of the version. */
const hasClients = (site: Site, code: string, target: string): string[] => [
  ...(site.collections ?? []).flatMap((one) => (one.site === code && one.clientVersion !== target ? [one.name] : [])),
  ...(site.servers ?? []).flatMap((one) => {
    const client = present(one.client)
    return client && client.site === code && client.version !== target ? [one.name] : []
  }),
]

const withClients = (site: Site, code: string, target: string): Site => ({
  ...site,
  collections: site.collections?.map((one) => (one.site === code ? { ...one, clientVersion: target } : one)),
  servers: site.servers?.map((one) => {
    const client = present(one.client)
    return client && client.site === code ? { ...one, client: { ...client, version: target } } : one
  }),
})

/** What is left to do by hand when all sites have one version. */
function withFollowUp(site: Site): { readonly site: Site; readonly tasks: Phrase[] } {
  const custom = site.taskSequences?.filter((one) => one.clientPackage === 'custom' && !one.clientPackageCurrent) ?? []
  const tasks = [
    ['planner.update-boot-images-new-client', site.bootImages?.filter((one) => !one.isCurrent || (one.kind === 'custom' && !one.updated))],
    ['planner.make-media-again', site.media?.filter((one) => !one.rebuilt)],
    ['planner.update-custom-usmt-packages', site.usmtPackages?.filter((one) => one.kind === 'custom' && !one.updated)],
    ['planner.put-new-client-into-custom', custom],
  ] as const // prettier-ignore
  return {
    tasks: tasks.flatMap(([id, list]) =>
      list && list.length > 0 ? [say(id, { names: listed(list.map((one) => one.name)) })] : [],
    ),
    site: {
      ...site,
      upgrade: 'none',
      bootImages: site.bootImages?.map((one) => ({ ...one, isCurrent: true, updated: true })),
      usmtPackages: site.usmtPackages?.map((one) => ({ ...one, updated: true })),
      media: site.media?.map((one) => ({ ...one, rebuilt: true })),
      taskSequences: site.taskSequences?.map((one) =>
        one.clientPackage === 'custom' ? { ...one, clientPackageCurrent: true } : one,
      ),
    },
  }
}

/** @param target the version to upgrade to; without it the newest that a site has */
export function upgradeTimeline(site: Site, target?: string): Timeline {
  const sites = site.sites ?? []
  const stated = sites.flatMap((one) => (one.version === undefined ? [] : [one.version]))
  const newest = stated.toSorted((a, b) => orderOf(b) - orderOf(a))[0]
  const wanted = target ?? newest
  const warnings = sites.flatMap((one) => {
    const parent = sites.find(({ code }) => code === one.parent)
    return one.version !== undefined && parent?.version !== undefined && orderOf(one.version) > orderOf(parent.version)
      ? [say('planner.newer-than-above-top-level', { code: one.code, version: one.version, code2: parent.code, version2: parent.version })]
      : []
  }) // prettier-ignore
  for (const one of sites)
    if (wanted !== undefined && one.version !== undefined && orderOf(one.version) > orderOf(wanted))
      warnings.push(say('planner.already-site-does-go-back', { code: one.code, version: one.version, wanted }))

  const states: { title: Phrase; tasks: readonly Phrase[]; site: Site }[] = [
    { title: say('planner.now'), tasks: [], site },
  ]
  const go = (title: Phrase, tasks: readonly Phrase[], next: Site): void =>
    void states.push({ title, tasks, site: next })
  let at = site
  if (wanted !== undefined) {
    const top = inOrder(sites)[0]
    for (const one of inOrder(sites)) {
      if (one.version === undefined || orderOf(one.version) < orderOf(wanted)) {
        at = withSiteUpgraded(at, one.code, wanted, one.code === top?.code)
        go(
          say('planner.site-to-version', { site: one.code, version: wanted }),
          [
            one.role === 'secondary'
              ? say('planner.upgrade-secondary-site-console-site', { code: one.code })
              : one.version === undefined
                ? say('planner.update-site', { code: one.code, wanted })
                : say('planner.update-site-2', { code: one.code, version: one.version, wanted }),
          ],
          at,
        )
      }
      if (one.version !== undefined && orderOf(one.version) > orderOf(wanted)) continue
      const consoles = hasConsole(at, one.code, wanted)
      if (consoles.length > 0) {
        at = withConsoles(at, one.code, wanted)
        go(
          say('planner.consoles', { code: one.code }),
          [say('planner.install-console', { wanted, listed: listed(consoles) })],
          at,
        )
      }
      const clients = hasClients(at, one.code, wanted)
      if (clients.length > 0) {
        at = withClients(at, one.code, wanted)
        go(
          say('planner.clients', { code: one.code }),
          [say('planner.upgrade-clients', { listed: listed(clients) })],
          at,
        )
      }
    }
    const follow = withFollowUp(at)
    if (follow.tasks.length > 0) go(say('planner.hand'), follow.tasks, follow.site)
  }

  const rules = hierarchyRules.filter(({ id }) =>
    upgradeAreas.some((one) => (one.rules as readonly string[]).includes(id)),
  )
  // From the last step to the first: what is unsafe at one is safe again where it is unsafe no longer.
  const areas: AreaState[][] = []
  let later = new Map<string, Phrase | undefined>()
  for (const [step, state] of [...states.entries()].toReversed()) {
    const safeAgain = new Map<string, Phrase | undefined>()
    const judged = rules.map((rule) => judge(rule, state.site))
    areas[step] = upgradeAreas.map(({ name, rules: ids }) => {
      const own = judged.filter(({ id }) => (ids as readonly string[]).includes(id))
      const unsafe: Unsafe[] = []
      const needs = new Set<string>()
      for (const { id: rule, remedy, items } of own)
        for (const { subject, says, state: found, needs: asked } of items) {
          for (const one of asked) needs.add(one)
          if (found !== 'violated') continue
          const key = `${rule} ${subject}`
          const until = later.has(key) ? later.get(key) : states[step + 1]?.title
          safeAgain.set(key, until)
          unsafe.push({ rule, subject, says, remedy, until })
        }
      const worst = worstFirst.find((one) => own.some((rule) => rule.state === one))
      return { area: name, state: worst ?? 'not-applicable', unsafe, needs: [...needs] }
    })
    later = safeAgain
  }
  return {
    target: wanted,
    warnings,
    steps: states.map(({ title, tasks, site: then }, step) => ({
      title,
      tasks,
      isMixed: isMixed(then),
      areas: areas[step]!,
    })),
  }
}
