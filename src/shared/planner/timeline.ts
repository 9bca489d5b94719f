/**
 * The upgrade of a hierarchy in its order, and what is safe at each step: the rules, asked about the hierarchy as it will be
 * then (Microsoft, "Plan for OS deployment interoperability" and "Interoperability between different versions").
 */
import { hierarchyRules, isMixed } from './hierarchy-rules.ts'
import { judge, worstFirst, type State } from './rule.ts'
import { present, type Site } from './site.ts'
import { orderOf } from './versions.ts'

/** What an upgrade touches, and the rules about it. */
export const upgradeAreas = [
  { name: 'Media', rules: ['INT-BOOT-03', 'INT-MEDIA-01'] },
  { name: 'Boot images', rules: ['INT-BOOT-02', 'INT-BOOT-04', 'VER-08'] },
  { name: 'Client packages', rules: ['INT-PKG-02', 'INT-PKG-03', 'INT-PKG-04', 'INT-USMT-01'] },
  { name: 'Task-sequence steps', rules: ['INT-TS-01', 'VER-09'] },
  { name: 'Consoles', rules: ['VER-14', 'VER-15', 'VER-16'] },
  { name: 'Orchestration groups', rules: ['VER-12'] },
  { name: 'Clients', rules: ['INT-CLI-02', 'VER-03', 'VER-04', 'VER-06', 'VER-13'] },
] as const

export interface Unsafe {
  readonly rule: string
  readonly subject: string
  readonly says: string
  readonly remedy: string
  /** Title of the step after which it is safe again; undefined where none of these steps helps. */
  readonly until: string | undefined
}

export interface AreaState {
  readonly area: string
  readonly state: State
  readonly unsafe: readonly Unsafe[]
  /** Places in the site file that would tell. */
  readonly needs: readonly string[]
}

export interface Step {
  readonly title: string
  /** What is to be done, one sentence each; none for what stands now. */
  readonly tasks: readonly string[]
  readonly isMixed: boolean | undefined
  readonly areas: readonly AreaState[]
}

export interface Timeline {
  /** The version that all sites are to have; undefined where none is stated. */
  readonly target: string | undefined
  /** What is wrong with the order so far. */
  readonly warnings: readonly string[]
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

const listed = (names: readonly string[]): string =>
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
function withFollowUp(site: Site): { readonly site: Site; readonly tasks: string[] } {
  const custom = site.taskSequences?.filter((one) => one.clientPackage === 'custom' && !one.clientPackageCurrent) ?? []
  const tasks = [
    ['Update the boot images with the new client and Windows PE, check what was added to them, and distribute them', site.bootImages?.filter((one) => !one.isCurrent || (one.kind === 'custom' && !one.updated))],
    ['Make the media again', site.media?.filter((one) => !one.rebuilt)],
    ['Update the custom USMT packages', site.usmtPackages?.filter((one) => one.kind === 'custom' && !one.updated)],
    ['Put the new client into the custom client packages of', custom],
  ] as const // prettier-ignore
  return {
    tasks: tasks.flatMap(([text, list]) =>
      list && list.length > 0 ? [`${text}: ${listed(list.map((one) => one.name))}.`] : [],
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
      ? [`${one.code} (${one.version}) is newer than ${parent.code} (${parent.version}) above it: the top-level site goes first.`]
      : []
  }) // prettier-ignore
  for (const one of sites)
    if (wanted !== undefined && one.version !== undefined && orderOf(one.version) > orderOf(wanted))
      warnings.push(`${one.code} has ${one.version} already, and a site does not go back to ${wanted}.`)

  const states: { title: string; tasks: readonly string[]; site: Site }[] = [{ title: 'Now', tasks: [], site }]
  const go = (title: string, tasks: readonly string[], next: Site): void =>
    void states.push({ title, tasks, site: next })
  let at = site
  if (wanted !== undefined) {
    const top = inOrder(sites)[0]
    for (const one of inOrder(sites)) {
      if (one.version === undefined || orderOf(one.version) < orderOf(wanted)) {
        at = withSiteUpgraded(at, one.code, wanted, one.code === top?.code)
        go(
          `${one.code} to ${wanted}`,
          [
            one.role === 'secondary'
              ? `Upgrade the secondary site ${one.code} in the console of the site above it.`
              : `Update the site ${one.code}${one.version === undefined ? '' : ` from ${one.version}`} to ${wanted}.`,
          ],
          at,
        )
      }
      if (one.version !== undefined && orderOf(one.version) > orderOf(wanted)) continue
      const consoles = hasConsole(at, one.code, wanted)
      if (consoles.length > 0) {
        at = withConsoles(at, one.code, wanted)
        go(`Consoles of ${one.code}`, [`Install the console of ${wanted} on: ${listed(consoles)}.`], at)
      }
      const clients = hasClients(at, one.code, wanted)
      if (clients.length > 0) {
        at = withClients(at, one.code, wanted)
        go(`Clients of ${one.code}`, [`Upgrade the clients of: ${listed(clients)}.`], at)
      }
    }
    const follow = withFollowUp(at)
    if (follow.tasks.length > 0) go('By hand', follow.tasks, follow.site)
  }

  const rules = hierarchyRules.filter(({ id }) =>
    upgradeAreas.some((one) => (one.rules as readonly string[]).includes(id)),
  )
  // From the last step to the first: what is unsafe at one is safe again where it is unsafe no longer.
  const areas: AreaState[][] = []
  let later = new Map<string, string | undefined>()
  for (const [step, state] of [...states.entries()].toReversed()) {
    const safeAgain = new Map<string, string | undefined>()
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
