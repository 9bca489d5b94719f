/**
 * What stops working while sites run different versions (Microsoft, "Plan for OS deployment interoperability" and
 * "Interoperability between different versions of Configuration Manager").
 */
import { say, type Phrase } from '#messages/message.ts'
import { each, entry as rule, type Rule, type Teller } from './rule.ts'
import {
  isSecondary,
  named,
  placeOf,
  present,
  roleNeeds,
  versionNeeds,
  versionOf,
  type Server,
  type Site,
} from './site.ts'
import { buildOf, isOld, orderOf, orderOfBuild } from './versions.ts'

const mixed = 'Plan for OS deployment interoperability'
const versions = 'Interoperability between different versions'

/** Whether sites have different versions; undefined where that depends on one that is not stated. */
export function isMixed(site: Site): boolean | undefined {
  if (!site.sites) return undefined
  const stated = new Set(site.sites.flatMap((one) => (one.version === undefined ? [] : [orderOf(one.version)])))
  if (stated.size > 1) return true
  return site.sites.length < 2 || site.sites.every((one) => one.version !== undefined) ? false : undefined
}
const versionPaths = (site: Site): string[] =>
  site.sites ? site.sites.flatMap((one, index) => (one.version === undefined ? [`sites[${index}].version`] : [])) : ['sites'] // prettier-ignore

/** Goes on only while sites have different versions. */
function whileMixed(tell: Teller, site: Site, judge: () => void): void {
  const value = isMixed(site)
  if (value === undefined) tell.unknown('the hierarchy', ...versionPaths(site))
  else if (value) judge()
}

type Console = Exclude<Server['console'], 'none' | undefined>
type Client = Exclude<Server['client'], 'none' | undefined>

function eachConsole(tell: Teller, site: Site, judge: (server: Server, own: Console, path: string) => void): void {
  for (const [index, server] of (site.servers ?? []).entries()) {
    const own = present(server.console)
    if (own) judge(server, own, `servers[${index}]`)
    else if (own === undefined) tell.unknown(server.name, `servers[${index}].console`)
  }
}

/** Whether something of a site runs on a server; `roles` does not name the site server and the SMS Provider. */
function isSiteSystem({ roles, isSiteServer, hasProvider }: Server): boolean | undefined {
  if (isSiteServer === true || hasProvider === true || (roles && roles.length > 0)) return true
  return roles && isSiteServer === false ? false : undefined
}

/** Site systems with a client beside their roles. */
function eachSystemClient(
  tell: Teller,
  site: Site,
  judge: (server: Server, client: Client, path: string) => void,
): void {
  for (const [index, server] of (site.servers ?? []).entries()) {
    const client = present(server.client)
    const isSystem = isSiteSystem(server)
    if (client === null || isSystem === false) continue
    if (client === undefined) tell.unknown(server.name, `servers[${index}].client`)
    else if (isSystem === undefined)
      tell.unknown(server.name, `servers[${index}].${server.roles === undefined ? 'roles' : 'isSiteServer'}`)
    else judge(server, client, `servers[${index}]`)
  }
}

type TaskSequence = NonNullable<Site['taskSequences']>[number]

/** An upgrade in place keeps the client that is there, unless a package is stated. */
const keepsClient = ({ kind, clientPackage }: TaskSequence): boolean =>
  kind === 'upgrade' && clientPackage === undefined

/** The newest version that a site of the file is known to have. */
const newestOrder = (site: Site): number =>
  Math.max(...(site.sites ?? []).flatMap((one) => (one.version === undefined ? [] : [orderOf(one.version)])))

/** The version of the site that the clients of a task sequence are at; without a collection that of its own site. */
const versionOfClients = (site: Site, { collection, site: code }: TaskSequence): string | undefined => {
  const target = named(site.collections, collection)
  return (target?.site !== undefined ? versionOf(site, target.site) : undefined) ?? versionOf(site, code)
}

/** Whether those clients are at a site that is older than another; undefined where that is not known. */
function isForOlderSite(site: Site, sequence: TaskSequence): boolean | undefined {
  const version = versionOfClients(site, sequence)
  if (version === undefined) return undefined
  if (orderOf(version) < newestOrder(site)) return true
  return isMixed(site) === undefined ? undefined : false
}
/** The facts that would tell. */
function olderNeeds(site: Site, sequence: TaskSequence, path: string): readonly string[] {
  if (versionOfClients(site, sequence) !== undefined) return versionPaths(site)
  const target = named(site.collections, sequence.collection)
  return sequence.collection !== undefined && target?.site === undefined
    ? [placeOf(site, 'collections', sequence.collection, 'site')]
    : [versionNeeds(site, target?.site ?? sequence.site, path)]
}

/** The kind of the boot image of a task sequence: of the named one, or what all that are listed have in common. */
function bootImageKind(site: Site, { usesBootImage }: TaskSequence): 'default' | 'custom' | undefined {
  if (usesBootImage !== undefined) return named(site.bootImages, usesBootImage)?.kind
  const kinds = new Set((site.bootImages ?? []).map((one) => one.kind))
  return kinds.size === 1 ? [...kinds][0] : undefined
}

const notBelow = (
  tell: Teller,
  name: string,
  version: string | undefined,
  least: string | undefined,
  says: { readonly needs: readonly string[]; readonly yes: Phrase; readonly no: Phrase },
): void => {
  if (version === undefined || least === undefined) tell.unknown(name, ...says.needs)
  else if (orderOf(version) >= orderOf(least)) tell.met(name, says.yes)
  else tell.violated(name, says.no)
}

export const hierarchyRules: readonly Rule[] = [
  rule(
    'INT-CLI-01',
    'note',
    `${mixed}, Client installation package`,
    say('planner.int-cli-01-title'),
    say('planner.int-cli-01-remedy'),
    (tell, site) => whileMixed(tell, site, () => tell.met('the hierarchy', say('planner.upgraded-top-level-site'))),
  ),
  rule(
    'INT-CLI-02',
    'error',
    `${mixed}, Client installation package`,
    say('planner.int-cli-02-title'),
    say('planner.int-cli-02-remedy'),
    each(
      (site) => site.collections,
      'collections',
      (tell, { name, site: code, clientVersion }, path, site) => {
        const version = versionOf(site, code)
        notBelow(tell, name, version, clientVersion, {
          needs: clientVersion === undefined ? [`${path}.clientVersion`] : [versionNeeds(site, code, path)],
          yes: say('planner.clients-site', { clientVersion, version }),
          no: say('planner.clients-refused-site', { clientVersion, version }),
        })
      },
    ),
  ),
  rule(
    'INT-BOOT-01',
    'note',
    `${mixed}, Boot images`,
    say('planner.int-boot-01-title'),
    say('planner.int-cli-01-remedy'),
    each(
      (site) => site.bootImages,
      'bootImages',
      (tell, { name, kind }, path) => {
        if (tell.applies(name, kind && kind === 'default', `${path}.kind`)) tell.met(name, say('planner.default-image'))
      },
    ),
  ),
  rule(
    'INT-BOOT-02',
    'warning',
    `${mixed}, Boot images`,
    say('planner.int-boot-02-title'),
    say('planner.int-boot-02-remedy'),
    each(
      (site) => site.bootImages,
      'bootImages',
      (tell, { name, kind, updated, peVersion }, path, site) => {
        if (!tell.applies(name, kind && kind === 'custom', `${path}.kind`)) return
        const newest = Math.max(0, ...(site.servers ?? []).map((one) => buildOf(present(one.adk)?.version) ?? 0))
        const own = buildOf(peVersion)
        if (own !== undefined && own < newest)
          return tell.violated(name, say('planner.holds-windows-pe-adk-build', { peVersion, newest }))
        tell.decide(name, updated, {
          yes: say('planner.updated'),
          no: say('planner.still-holds-old-client'),
          needs: `${path}.updated`,
        })
      },
    ),
  ),
  rule(
    'INT-BOOT-03',
    'warning',
    `${mixed}, Boot images`,
    say('planner.int-boot-03-title'),
    say('planner.int-boot-03-remedy'),
    (tell, site) =>
      whileMixed(tell, site, () => {
        // Capture and stand-alone media ask no management point, and so are neither.
        for (const [index, { name, kind, dynamic }] of (site.media ?? []).entries())
          if (kind !== 'capture' && kind !== 'stand-alone')
            tell.decide(name, dynamic === undefined ? undefined : !dynamic, {
              yes: say('planner.site-based'),
              no: say('planner.dynamic'),
              needs: `media[${index}].dynamic`,
            })
      }),
  ),
  rule(
    'INT-BOOT-04',
    'warning',
    `${mixed}, Boot images`,
    say('planner.int-boot-04-title'),
    say('planner.int-boot-04-remedy'),
    each(
      (site) => site.bootImages,
      'bootImages',
      (tell, { name, isCurrent }, path) =>
        tell.decide(name, isCurrent, {
          yes: say('planner.should'),
          no: say('planner.lacks-added-all-distribution-points'),
          needs: `${path}.isCurrent`,
        }),
    ),
  ),
  rule(
    'INT-USMT-01',
    'warning',
    `${mixed}, User State Migration Tool (USMT)`,
    say('planner.int-usmt-01-title'),
    say('planner.int-usmt-01-remedy'),
    each(
      (site) => site.usmtPackages,
      'usmtPackages',
      (tell, { name, kind, updated }, path) => {
        if (!tell.applies(name, kind && kind === 'custom', `${path}.kind`)) return
        tell.decide(name, updated, {
          yes: say('planner.package-updated'),
          no: say('planner.old'),
          needs: `${path}.updated`,
        })
      },
    ),
  ),
  rule(
    'INT-TS-01',
    'error',
    `${mixed}, New task sequence steps`,
    say('planner.int-ts-01-title'),
    say('planner.int-ts-01-remedy'),
    each(
      (site) => site.taskSequences,
      'taskSequences',
      (tell, { name, newestStep, collection }, path, site) => {
        const target = named(site.collections, collection)
        notBelow(tell, name, target?.clientVersion, newestStep, {
          needs: [
            newestStep === undefined
              ? `${path}.newestStep`
              : collection === undefined
                ? `${path}.collection`
                : placeOf(site, 'collections', collection, 'clientVersion'),
          ],
          yes: say('planner.steps-clients', { newestStep, clientVersion: target?.clientVersion }),
          no: say('planner.step-fails-clients', { newestStep, clientVersion: target?.clientVersion }),
        })
      },
    ),
  ),
  rule(
    'INT-MEDIA-01',
    'warning',
    `${mixed}, OS deployment media`,
    say('planner.int-media-01-title'),
    say('planner.int-media-01-remedy'),
    each(
      (site) => site.media,
      'media',
      (tell, { name, rebuilt }, path) =>
        tell.decide(name, rebuilt, {
          yes: say('planner.it-was'),
          no: say('planner.carries-old-client'),
          needs: `${path}.rebuilt`,
        }),
    ),
  ),
  rule(
    'INT-EXT-01',
    'warning',
    `${mixed}, Third-party extensions to OS deployment`,
    say('planner.int-ext-01-title'),
    say('planner.int-ext-01-remedy'),
    (tell, site) => {
      if (!site.extensions) return
      // Clients of another version than the sites are enough.
      const versions = [...(site.sites ?? []), ...(site.collections ?? []).map((one) => ({ version: one.clientVersion }))] // prettier-ignore
      const stated = new Set(versions.flatMap(({ version }) => (version === undefined ? [] : [orderOf(version)])))
      const open = [
        ...versionPaths(site),
        ...(site.collections ?? []).flatMap((one, index) =>
          one.clientVersion === undefined ? [`collections[${index}].clientVersion`] : [],
        ),
      ]
      if (stated.size < 2 && open.length > 0) return tell.unknown('the hierarchy', ...open)
      if (stated.size > 1)
        for (const [index, { name, testedMixed }] of (site.extensions ?? []).entries())
          tell.decide(name, testedMixed, {
            yes: say('planner.it-is'),
            no: say('planner.it-is-not'),
            needs: `extensions[${index}].testedMixed`,
          })
    },
  ),
  rule(
    'INT-PKG-01',
    'note',
    `${mixed}, Latest version of Configuration Manager sites in a mixed hierarchy`,
    say('planner.int-pkg-01-title'),
    say('planner.int-cli-01-remedy'),
    each(
      (site) => site.taskSequences,
      'taskSequences',
      (tell, sequence, path) => {
        const { name, clientPackage } = sequence
        if (keepsClient(sequence)) return
        if (tell.applies(name, clientPackage && clientPackage === 'default', `${path}.clientPackage`))
          tell.met(name, say('planner.uses-default-client-package'))
      },
    ),
  ),
  rule(
    'INT-PKG-02',
    'warning',
    `${mixed}, Latest version of Configuration Manager sites in a mixed hierarchy`,
    say('planner.int-pkg-02-title'),
    say('planner.int-pkg-02-remedy'),
    each(
      (site) => site.taskSequences,
      'taskSequences',
      (tell, sequence, path, site) => {
        const { name, clientPackage, clientPackageCurrent } = sequence
        if (keepsClient(sequence)) return
        if (!tell.applies(name, clientPackage && clientPackage === 'custom', `${path}.clientPackage`)) return
        if (clientPackageCurrent === true) return tell.met(name, say('planner.does'))
        // At a site that is not upgraded yet the older client is the right one (INT-PKG-03 and 04).
        const isOlder = isForOlderSite(site, sequence)
        if (isOlder === true)
          return tell.met(name, say('planner.clients-site-2', { versionOfClients: versionOfClients(site, sequence)! }))
        if (clientPackageCurrent === undefined) tell.unknown(name, `${path}.clientPackageCurrent`)
        else if (isOlder === undefined && site.sites && site.sites.length > 1)
          tell.unknown(name, ...olderNeeds(site, sequence, path))
        else tell.violated(name, say('planner.holds-old-client'))
      },
    ),
  ),
  rule(
    'INT-PKG-03',
    'error',
    `${mixed}, Latest version of Configuration Manager sites in a mixed hierarchy, important`,
    say('planner.int-pkg-03-title'),
    say('planner.int-pkg-03-remedy'),
    each(
      (site) => site.taskSequences,
      'taskSequences',
      (tell, sequence, path, site) => {
        const { name, clientPackage, clientPackageCurrent } = sequence
        if (keepsClient(sequence)) return
        const isLatest =
          clientPackage === 'default' ? true : clientPackage === undefined ? undefined : clientPackageCurrent
        const needs = clientPackage === undefined ? 'clientPackage' : 'clientPackageCurrent'
        if (!tell.applies(name, isLatest, `${path}.${needs}`)) return
        const isOlder = isForOlderSite(site, sequence)
        if (isOlder === undefined) return tell.unknown(name, ...olderNeeds(site, sequence, path))
        const told = say('planner.clients-site-3', { versionOfClients: versionOfClients(site, sequence)! })
        if (isOlder) tell.violated(name, say('planner.latest', { told }))
        else tell.met(name, say('planner.none-newer', { told }))
      },
    ),
  ),
  rule(
    'INT-PKG-04',
    'warning',
    `${mixed}, Older versions of Configuration Manager in a mixed hierarchy`,
    say('planner.int-pkg-04-title'),
    say('planner.int-pkg-04-remedy'),
    each(
      (site) => site.taskSequences,
      'taskSequences',
      (tell, sequence, path, site) => {
        const { name, clientPackage, clientPackageCurrent } = sequence
        if (keepsClient(sequence)) return
        const isOlder = isForOlderSite(site, sequence)
        if (isOlder === undefined) return tell.unknown(name, ...olderNeeds(site, sequence, path))
        if (!isOlder) return
        if (clientPackage === 'default') tell.violated(name, say('planner.takes-newest-client'))
        else if (clientPackage === undefined) tell.unknown(name, `${path}.clientPackage`)
        else
          tell.decide(name, clientPackageCurrent === undefined ? undefined : !clientPackageCurrent, {
            yes: say('planner.package-older-client'),
            no: say('planner.own-package-holds-newest-client'),
            needs: `${path}.clientPackageCurrent`,
          })
      },
    ),
  ),
  rule(
    'VER-01',
    'error',
    `${versions}, Current branch and earlier versions`,
    say('planner.ver-01-title'),
    say('planner.ver-01-remedy'),
    (tell, site) =>
      whileMixed(tell, site, () => {
        const { upgrade } = site
        const stated = (site.sites ?? []).flatMap((one) => (one.version === undefined ? [] : [one.version]))
        const old = stated.filter(isOld)
        if (upgrade === undefined) tell.unknown('the hierarchy', 'upgrade')
        else if (upgrade === 'none') tell.violated('the hierarchy', say('planner.upgrade-under-way'))
        else if (upgrade === 'in-console' && old.length > 0)
          tell.violated('the hierarchy', say('planner.update-console-does-explain-site', { old: old[0] }))
        else if (upgrade === 'from-2012' && old.length === 0 && versionPaths(site).length === 0)
          tell.violated('the hierarchy', say('planner.site-2012-so-upgrade-2012'))
        else
          tell.met(
            'the hierarchy',
            upgrade === 'from-2012' ? say('planner.being-upgraded-2012') : say('planner.being-updated-console'),
          )
      }),
  ),
  rule(
    'VER-02',
    'warning',
    `${versions}, Client site assignment considerations`,
    say('planner.ver-02-title'),
    say('planner.ver-02-remedy'),
    (tell, site) => {
      if (!tell.applies('the hierarchy', site.overlapsOtherHierarchy, 'overlapsOtherHierarchy')) return
      tell.decide('the hierarchy', site.automaticAssignment === undefined ? undefined : !site.automaticAssignment, {
        yes: say('planner.they'),
        no: say('planner.assignment-automatic'),
        needs: 'automaticAssignment',
      })
    },
  ),
  rule(
    'VER-03',
    'error',
    `${versions}, Current branch and earlier versions`,
    say('planner.ver-03-title'),
    say('planner.ver-03-remedy'),
    (tell, site) =>
      eachSystemClient(tell, site, ({ name, site: code }, client, path) => {
        const there = versionOf(site, code)
        const isSame = client.version === undefined || there === undefined ? undefined : isOld(client.version) === isOld(there) // prettier-ignore
        tell.decide(name, isSame, {
          yes: say('planner.they-belong-together'),
          no: say('planner.client-beside-roles', { version: client.version, there }),
          needs: client.version === undefined ? `${path}.client.version` : versionNeeds(site, code, path), // prettier-ignore
        })
      }),
  ),
  rule(
    'VER-04',
    'error',
    `${versions}, Current branch and earlier versions`,
    say('planner.ver-04-title'),
    say('planner.ver-04-remedy'),
    each(
      (site) => site.collections,
      'collections',
      (tell, { name, kind, clientVersion }, path) => {
        if (kind === 'windows-ce' || kind === 'device-manager-vpn')
          tell.violated(name, say('planner.supported', { kind }))
        else if (clientVersion !== undefined && isOld(clientVersion))
          tell.violated(name, say('planner.clients-supported', { clientVersion }))
        else if (kind === undefined || clientVersion === undefined)
          tell.unknown(name, kind === undefined ? `${path}.kind` : `${path}.clientVersion`)
        else tell.met(name, say('planner.client-supported'))
      },
    ),
  ),
  rule(
    'VER-05',
    'warning',
    `${versions}, Client site assignment considerations`,
    say('planner.ver-05-title'),
    say('planner.ver-05-remedy'),
    (tell, site) => {
      if (!tell.applies('the hierarchy', site.automaticAssignment, 'automaticAssignment')) return
      for (const [index, { name, groups }] of (site.boundaries ?? []).entries()) {
        if (!groups) {
          tell.unknown(name, `boundaries[${index}].groups`)
          continue
        }
        const sites = groups.map((group) => named(site.boundaryGroups, group)?.site)
        const stated = new Set(sites.filter((one) => one !== undefined))
        if (stated.size > 1) tell.violated(name, say('planner.groups-lead', { sites: [...stated] }))
        else if (new Set(groups).size > 1 && sites.includes(undefined))
          tell.unknown(
            name,
            ...groups.flatMap((group, at) => (sites[at] === undefined ? [placeOf(site, 'boundaryGroups', group, 'site')] : [])), // prettier-ignore
          )
        else tell.met(name, say('planner.leads-one-site'))
      }
    },
  ),
  rule(
    'VER-06',
    'error',
    `${versions}, Client site assignment considerations`,
    say('planner.ver-06-title'),
    say('planner.ver-06-remedy'),
    each(
      (site) => site.collections,
      'collections',
      (tell, { name, site: code, clientVersion }, path, site) => {
        if (
          !tell.applies(name, clientVersion === undefined ? undefined : !isOld(clientVersion), `${path}.clientVersion`)
        )
          return
        notBelow(tell, name, versionOf(site, code), clientVersion, {
          needs: [versionNeeds(site, code, path)],
          yes: say('planner.site-older'),
          no: say('planner.client-site-assigned', { clientVersion, version: versionOf(site, code) }),
        })
      },
    ),
  ),
  rule(
    'VER-07',
    'note',
    `${versions}, Network access account`,
    say('planner.ver-07-title'),
    say('planner.int-cli-01-remedy'),
    (tell, site) => whileMixed(tell, site, () => tell.met('the hierarchy', say('planner.older-sites-they-show-after'))),
  ),
  rule(
    'VER-08',
    'error',
    `${versions}, Boot images for OS deployment`,
    say('planner.ver-08-title'),
    say('planner.ver-08-remedy'),
    (tell, site) => {
      if (!tell.applies('the hierarchy', site.upgrade && site.upgrade === 'from-2012', 'upgrade')) return
      for (const [index, sequence] of (site.taskSequences ?? []).entries()) {
        const { name, bootImage } = sequence
        const path = `taskSequences[${index}]`
        const version = versionOfClients(site, sequence)
        const kind = bootImageKind(site, sequence)
        const hasOne = bootImage ?? (sequence.usesBootImage === undefined ? undefined : true)
        if (version !== undefined && !isOld(version)) tell.met(name, say('planner.clients-site-current-branch'))
        else if (hasOne === false) tell.met(name, say('planner.boot-image'))
        else if (hasOne && kind === 'custom') tell.met(name, say('planner.boot-image-own'))
        else if (version === undefined) tell.unknown(name, ...olderNeeds(site, sequence, path))
        else if (hasOne && kind === 'default') tell.violated(name, say('planner.site-2012-boot-image-default'))
        else tell.unknown(name, `${path}.${hasOne ? 'usesBootImage' : 'bootImage'}`)
      }
    },
  ),
  rule(
    'VER-09',
    'error',
    `${versions}, New task sequence steps`,
    say('planner.ver-09-title'),
    say('planner.ver-09-remedy'),
    each(
      (site) => site.taskSequences,
      'taskSequences',
      (tell, { name, newestStep, site: code }, path, site) =>
        notBelow(tell, name, versionOf(site, code), newestStep, {
          needs: [newestStep === undefined ? `${path}.newestStep` : versionNeeds(site, code, path)],
          yes: say('planner.site-knows-them'),
          no: say('planner.step-cannot-edited-site', { newestStep, version: versionOf(site, code) }),
        }),
    ),
  ),
  rule(
    'VER-10',
    'note',
    `${versions}, Client to down-level management point communications`,
    say('planner.ver-10-title'),
    say('planner.int-cli-01-remedy'),
    (tell, site) =>
      whileMixed(tell, site, () => tell.met('the hierarchy', say('planner.features-come-upgrade-management-point'))),
  ),
  rule(
    'VER-11',
    'error',
    `${versions}, Package and task sequence deployments to legacy clients`,
    say('planner.ver-11-title'),
    say('planner.ver-11-remedy'),
    each(
      (site) => site.collections,
      'collections',
      (tell, { name, clientVersion }, path) =>
        tell.decide(name, clientVersion === undefined ? undefined : orderOf(clientVersion) > orderOfBuild(7730), {
          yes: say('planner.they-2', { clientVersion }),
          no: say('planner.clients-get-packages-task-sequences', { clientVersion }),
          needs: `${path}.clientVersion`,
        }),
    ),
  ),
  rule(
    'VER-12',
    'error',
    `${versions}, Orchestration groups`,
    say('planner.ver-12-title'),
    say('planner.ver-12-remedy'),
    (tell, site) =>
      whileMixed(tell, site, () =>
        tell.decide('the hierarchy', site.orchestrationGroups === undefined ? undefined : !site.orchestrationGroups, {
          yes: say('planner.they-3'),
          no: say('planner.they-used'),
          needs: 'orchestrationGroups',
        }),
      ),
  ),
  rule(
    'VER-13',
    'error',
    `${versions}, Assign site systems as clients to the same site`,
    say('planner.ver-13-title'),
    say('planner.ver-13-remedy'),
    (tell, site) =>
      eachSystemClient(tell, site, ({ name, site: code }, client, path) => {
        const there = versionOf(site, code)
        if (client.version !== undefined && there !== undefined && orderOf(client.version) !== orderOf(there))
          return tell.violated(name, say('planner.system-client', { there, version: client.version }))
        const open = [
          ...(client.version === undefined ? [`${path}.client.version`] : []),
          ...(there === undefined ? [versionNeeds(site, code, path)] : []),
          ...(client.site === undefined ? [`${path}.client.site`] : []),
          ...(code === undefined ? [`${path}.site`] : []),
        ]
        const own = site.sites?.find((one) => one.code === code)
        // Clients belong to primary sites: at a secondary site to the one above it, at a central one to any.
        const isBelow = isSecondary(site, code)
        if (client.site !== undefined && code !== undefined && own?.role !== 'central') {
          const isSame = client.site === code
          if (isBelow === undefined && !isSame) open.push(roleNeeds(site, code, path))
          else if (isBelow && own?.parent === undefined && !isSame)
            open.push(`sites[${site.sites!.indexOf(own!)}].parent`)
          else if (isBelow ? client.site !== own?.parent : !isSame)
            return tell.violated(
              name,
              isBelow && isSame
                ? say('planner.secondary-site-clients-assigned-primary', { code })
                : say('planner.system-client-2', { code, site: client.site }),
            )
        }
        if (open.length > 0) tell.unknown(name, ...new Set(open))
        else tell.met(name, say('planner.site-system-client-matches'))
      }),
  ),
  rule(
    'VER-17',
    'error',
    `${versions}, Client site assignment considerations`,
    say('planner.ver-17-title'),
    say('planner.ver-17-remedy'),
    each(
      (site) => site.collections,
      'collections',
      (tell, { name, site: code }, path, site) => {
        if (code === undefined) return tell.unknown(name, `${path}.site`)
        const own = site.sites?.find((one) => one.code === code)
        if (!own) return tell.unknown(name, 'sites')
        const isCentral = own.role === 'central'
        const above = site.sites?.find((one) => one.code === own.parent)?.role
        if (isCentral || isSecondary(site, code))
          tell.violated(name, `${code} is a ${isCentral ? 'central administration' : 'secondary'} site.`)
        else if (own.role === 'primary' || site.sites?.length === 1 || above === 'central')
          tell.met(name, say('planner.primary-site', { code }))
        else tell.unknown(name, roleNeeds(site, code, path))
      },
    ),
  ),
  rule(
    'VER-14',
    'error',
    `${versions}, An environment with multiple versions of Configuration Manager`,
    say('planner.ver-14-title'),
    say('planner.ver-14-remedy'),
    (tell, site) =>
      eachConsole(tell, site, ({ name, site: code }, own, path) => {
        const there = versionOf(site, code)
        const isGood = own.version === undefined || there === undefined ? undefined : orderOf(own.version) === orderOf(there) // prettier-ignore
        tell.decide(name, isGood, {
          yes: say('planner.console-and-site', { version: own.version, there }),
          no: say('planner.console-site-supported-data-may', { version: own.version, there }),
          needs: own.version === undefined ? `${path}.console.version` : versionNeeds(site, code, path),
        })
      }),
  ),
  rule(
    'VER-15',
    'error',
    `${versions}, Configuration Manager console`,
    say('planner.ver-15-title'),
    say('planner.ver-15-remedy'),
    (tell, site) =>
      eachConsole(tell, site, ({ name }, own, path) =>
        tell.decide(name, own.also === undefined ? undefined : own.also.length === 0, {
          yes: say('planner.one'),
          no: say('planner.another', { also: own.also?.join(', ') }),
          needs: `${path}.console.also`,
        }),
      ),
  ),
  rule(
    'VER-16',
    'warning',
    `${versions}, An environment with multiple versions of Configuration Manager`,
    say('planner.ver-16-title'),
    say('planner.ver-16-remedy'),
    (tell, site) =>
      eachConsole(tell, site, ({ name }, { version }, path) => {
        if (version === undefined) return tell.unknown(name, `${path}.console.version`)
        const older = site.sites?.find((one) => one.version !== undefined && orderOf(one.version) < orderOf(version))
        if (older)
          tell.violated(name, say('planner.console-shows-possible-recommended', { version, code: older.code, version2: older.version })) // prettier-ignore
        else if (versionPaths(site).length > 0) tell.unknown(name, ...versionPaths(site))
        else tell.met(name, say('planner.site-older-than-console', { version }))
      }),
  ),
]
