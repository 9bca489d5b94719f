/**
 * What stops working while sites run different versions (Microsoft, "Plan for OS deployment interoperability" and
 * "Interoperability between different versions of Configuration Manager").
 */
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
  says: { readonly needs: readonly string[]; readonly yes: string; readonly no: string },
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
    'The default client package is upgraded on every distribution point, at older sites as well',
    'No action needed.',
    (tell, site) => whileMixed(tell, site, () => tell.met('the hierarchy', 'It is upgraded with the top-level site.')),
  ),
  rule(
    'INT-CLI-02',
    'error',
    `${mixed}, Client installation package`,
    'No client is newer than the site that it is assigned to',
    'Assign it to a site of its version, or upgrade the site.',
    each(
      (site) => site.collections,
      'collections',
      (tell, { name, site: code, clientVersion }, path, site) => {
        const version = versionOf(site, code)
        notBelow(tell, name, version, clientVersion, {
          needs: clientVersion === undefined ? [`${path}.clientVersion`] : [versionNeeds(site, code, path)],
          yes: `Clients of ${clientVersion} are at a site of ${version}.`,
          no: `Clients of ${clientVersion} are refused by a site of ${version}.`,
        })
      },
    ),
  ),
  rule(
    'INT-BOOT-01',
    'note',
    `${mixed}, Boot images`,
    'The default boot images are updated with the top-level site',
    'No action needed.',
    each(
      (site) => site.bootImages,
      'bootImages',
      (tell, { name, kind }, path) => {
        if (tell.applies(name, kind && kind === 'default', `${path}.kind`)) tell.met(name, 'It is a default image.')
      },
    ),
  ),
  rule(
    'INT-BOOT-02',
    'warning',
    `${mixed}, Boot images`,
    'Custom boot images are updated by hand after an upgrade',
    'Update it with the new client and Windows PE.',
    each(
      (site) => site.bootImages,
      'bootImages',
      (tell, { name, kind, updated, peVersion }, path, site) => {
        if (!tell.applies(name, kind && kind === 'custom', `${path}.kind`)) return
        const newest = Math.max(0, ...(site.servers ?? []).map((one) => buildOf(present(one.adk)?.version) ?? 0))
        const own = buildOf(peVersion)
        if (own !== undefined && own < newest)
          return tell.violated(name, `It holds Windows PE ${peVersion}, the ADK is of build ${newest}.`)
        tell.decide(name, updated, {
          yes: 'It was updated.',
          no: 'It still holds the old client.',
          needs: `${path}.updated`,
        })
      },
    ),
  ),
  rule(
    'INT-BOOT-03',
    'warning',
    `${mixed}, Boot images`,
    'No dynamic media is used while sites have different versions',
    'Make site-based media that asks a certain management point.',
    (tell, site) =>
      whileMixed(tell, site, () => {
        // Capture and stand-alone media ask no management point, and so are neither.
        for (const [index, { name, kind, dynamic }] of (site.media ?? []).entries())
          if (kind !== 'capture' && kind !== 'stand-alone')
            tell.decide(name, dynamic === undefined ? undefined : !dynamic, {
              yes: 'It is site-based.',
              no: 'It is dynamic.',
              needs: `media[${index}].dynamic`,
            })
      }),
  ),
  rule(
    'INT-BOOT-04',
    'warning',
    `${mixed}, Boot images`,
    'Boot images hold what was added to them, and are on the distribution points of upgraded sites',
    'Check the image, then update all distribution points.',
    each(
      (site) => site.bootImages,
      'bootImages',
      (tell, { name, isCurrent }, path) =>
        tell.decide(name, isCurrent, {
          yes: 'It is as it should be.',
          no: 'It lacks what was added to it, or is not on all distribution points.',
          needs: `${path}.isCurrent`,
        }),
    ),
  ),
  rule(
    'INT-USMT-01',
    'warning',
    `${mixed}, User State Migration Tool (USMT)`,
    'Custom USMT packages are updated by hand',
    'Update the package from the USMT folder of the ADK.',
    each(
      (site) => site.usmtPackages,
      'usmtPackages',
      (tell, { name, kind, updated }, path) => {
        if (!tell.applies(name, kind && kind === 'custom', `${path}.kind`)) return
        tell.decide(name, updated, { yes: 'It was updated.', no: 'It is old.', needs: `${path}.updated` })
      },
    ),
  ),
  rule(
    'INT-TS-01',
    'error',
    `${mixed}, New task sequence steps`,
    'No step is newer than the clients that run it',
    'Upgrade the clients of the collection first.',
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
          yes: `Its steps are of ${newestStep}, the clients of ${target?.clientVersion}.`,
          no: `A step of ${newestStep} fails on clients of ${target?.clientVersion}.`,
        })
      },
    ),
  ),
  rule(
    'INT-MEDIA-01',
    'warning',
    `${mixed}, OS deployment media`,
    'Media was rebuilt after the upgrade',
    'Make it again with the new client package.',
    each(
      (site) => site.media,
      'media',
      (tell, { name, rebuilt }, path) =>
        tell.decide(name, rebuilt, { yes: 'It was.', no: 'It carries the old client.', needs: `${path}.rebuilt` }),
    ),
  ),
  rule(
    'INT-EXT-01',
    'warning',
    `${mixed}, Third-party extensions to OS deployment`,
    'Third-party extensions are tested with sites or clients of different versions',
    'Ask their makers, and test them.',
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
          tell.decide(name, testedMixed, { yes: 'It is.', no: 'It is not.', needs: `extensions[${index}].testedMixed` })
    },
  ),
  rule(
    'INT-PKG-01',
    'note',
    `${mixed}, Latest version of Configuration Manager sites in a mixed hierarchy`,
    'A task sequence with the default client package installs the newest client',
    'No action needed.',
    each(
      (site) => site.taskSequences,
      'taskSequences',
      (tell, sequence, path) => {
        const { name, clientPackage } = sequence
        if (keepsClient(sequence)) return
        if (tell.applies(name, clientPackage && clientPackage === 'default', `${path}.clientPackage`))
          tell.met(name, 'It uses the default client package.')
      },
    ),
  ),
  rule(
    'INT-PKG-02',
    'warning',
    `${mixed}, Latest version of Configuration Manager sites in a mixed hierarchy`,
    'A custom client package for sites of the latest version holds the latest client',
    'Point the step to the latest package, or refresh the source of the package.',
    each(
      (site) => site.taskSequences,
      'taskSequences',
      (tell, sequence, path, site) => {
        const { name, clientPackage, clientPackageCurrent } = sequence
        if (keepsClient(sequence)) return
        if (!tell.applies(name, clientPackage && clientPackage === 'custom', `${path}.clientPackage`)) return
        if (clientPackageCurrent === true) return tell.met(name, 'It does.')
        // At a site that is not upgraded yet the older client is the right one (INT-PKG-03 and 04).
        const isOlder = isForOlderSite(site, sequence)
        if (isOlder === true)
          return tell.met(name, `Its clients are at a site of ${versionOfClients(site, sequence)!}.`)
        if (clientPackageCurrent === undefined) tell.unknown(name, `${path}.clientPackageCurrent`)
        else if (isOlder === undefined && site.sites && site.sites.length > 1)
          tell.unknown(name, ...olderNeeds(site, sequence, path))
        else tell.violated(name, 'It holds an old client.')
      },
    ),
  ),
  rule(
    'INT-PKG-03',
    'error',
    `${mixed}, Latest version of Configuration Manager sites in a mixed hierarchy, important`,
    'The latest client is not deployed to clients of an older site',
    'Deploy a copy with the older client there; a refused client is unmanaged until it is assigned anew.',
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
        const told = `Its clients are at a site of ${versionOfClients(site, sequence)!}`
        if (isOlder) tell.violated(name, `${told}, which is not the latest.`)
        else tell.met(name, `${told}, and none is newer.`)
      },
    ),
  ),
  rule(
    'INT-PKG-04',
    'warning',
    `${mixed}, Older versions of Configuration Manager in a mixed hierarchy`,
    'Older sites have a copy of the task sequence with a package of the older client',
    'Copy the task sequence and refer to a custom package with the older source.',
    each(
      (site) => site.taskSequences,
      'taskSequences',
      (tell, sequence, path, site) => {
        const { name, clientPackage, clientPackageCurrent } = sequence
        if (keepsClient(sequence)) return
        const isOlder = isForOlderSite(site, sequence)
        if (isOlder === undefined) return tell.unknown(name, ...olderNeeds(site, sequence, path))
        if (!isOlder) return
        if (clientPackage === 'default') tell.violated(name, 'It takes the newest client.')
        else if (clientPackage === undefined) tell.unknown(name, `${path}.clientPackage`)
        else
          tell.decide(name, clientPackageCurrent === undefined ? undefined : !clientPackageCurrent, {
            yes: 'It has a package with the older client.',
            no: 'Its own package holds the newest client.',
            needs: `${path}.clientPackageCurrent`,
          })
      },
    ),
  ),
  rule(
    'VER-01',
    'error',
    `${versions}, Current branch and earlier versions`,
    'Sites have different versions only during an upgrade',
    'Upgrade the other sites, or separate the hierarchies.',
    (tell, site) =>
      whileMixed(tell, site, () => {
        const { upgrade } = site
        const stated = (site.sites ?? []).flatMap((one) => (one.version === undefined ? [] : [one.version]))
        const old = stated.filter(isOld)
        if (upgrade === undefined) tell.unknown('the hierarchy', 'upgrade')
        else if (upgrade === 'none') tell.violated('the hierarchy', 'No upgrade is under way.')
        else if (upgrade === 'in-console' && old.length > 0)
          tell.violated('the hierarchy', `An update in the console does not explain a site of ${old[0]}.`)
        else if (upgrade === 'from-2012' && old.length === 0 && versionPaths(site).length === 0)
          tell.violated('the hierarchy', 'No site is of 2012, so that the upgrade from 2012 has ended.')
        else
          tell.met(
            'the hierarchy',
            upgrade === 'from-2012' ? 'It is being upgraded from 2012.' : 'It is being updated in the console.',
          )
      }),
  ),
  rule(
    'VER-02',
    'warning',
    `${versions}, Client site assignment considerations`,
    'Where hierarchies overlap, clients are assigned to a certain site',
    'Switch automatic assignment off.',
    (tell, site) => {
      if (!tell.applies('the hierarchy', site.overlapsOtherHierarchy, 'overlapsOtherHierarchy')) return
      tell.decide('the hierarchy', site.automaticAssignment === undefined ? undefined : !site.automaticAssignment, {
        yes: 'They are.',
        no: 'Assignment is automatic.',
        needs: 'automaticAssignment',
      })
    },
  ),
  rule(
    'VER-03',
    'error',
    `${versions}, Current branch and earlier versions`,
    'Client and roles of one host are both 2012 or both current branch',
    'Remove the older one.',
    (tell, site) =>
      eachSystemClient(tell, site, ({ name, site: code }, client, path) => {
        const there = versionOf(site, code)
        const isSame = client.version === undefined || there === undefined ? undefined : isOld(client.version) === isOld(there) // prettier-ignore
        tell.decide(name, isSame, {
          yes: 'They belong together.',
          no: `A client of ${client.version} beside roles of ${there}.`,
          needs: client.version === undefined ? `${path}.client.version` : versionNeeds(site, code, path), // prettier-ignore
        })
      }),
  ),
  rule(
    'VER-04',
    'error',
    `${versions}, Current branch and earlier versions`,
    'Every client is of a kind that is supported',
    'Upgrade it, or take it out of the hierarchy.',
    each(
      (site) => site.collections,
      'collections',
      (tell, { name, kind, clientVersion }, path) => {
        if (kind === 'windows-ce' || kind === 'device-manager-vpn') tell.violated(name, `${kind} is not supported.`)
        else if (clientVersion !== undefined && isOld(clientVersion))
          tell.violated(name, `Clients of ${clientVersion} are not supported.`)
        else if (kind === undefined || clientVersion === undefined)
          tell.unknown(name, kind === undefined ? `${path}.kind` : `${path}.clientVersion`)
        else tell.met(name, 'It is.')
      },
    ),
  ),
  rule(
    'VER-05',
    'warning',
    `${versions}, Client site assignment considerations`,
    'Automatic assignment leads to one site for every boundary',
    'Give the groups of a boundary one site, or switch automatic assignment off.',
    (tell, site) => {
      if (!tell.applies('the hierarchy', site.automaticAssignment, 'automaticAssignment')) return
      for (const [index, { name, groups }] of (site.boundaries ?? []).entries()) {
        if (!groups) {
          tell.unknown(name, `boundaries[${index}].groups`)
          continue
        }
        const sites = groups.map((group) => named(site.boundaryGroups, group)?.site)
        const stated = new Set(sites.filter((one) => one !== undefined))
        if (stated.size > 1) tell.violated(name, `Its groups lead to ${[...stated].join(' and ')}.`)
        else if (new Set(groups).size > 1 && sites.includes(undefined))
          tell.unknown(
            name,
            ...groups.flatMap((group, at) => (sites[at] === undefined ? [placeOf(site, 'boundaryGroups', group, 'site')] : [])), // prettier-ignore
          )
        else tell.met(name, 'It leads to one site.')
      }
    },
  ),
  rule(
    'VER-06',
    'error',
    `${versions}, Client site assignment considerations`,
    'No current-branch client is assigned to an older site',
    'Assign it to a site of its version or later.',
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
          yes: 'Its site is not older.',
          no: `The client is of ${clientVersion}, its site of ${versionOf(site, code)}: it is not assigned.`,
        })
      },
    ),
  ),
  rule(
    'VER-07',
    'note',
    `${versions}, Network access account`,
    'Details of the network access account show for upgraded sites only',
    'No action needed.',
    (tell, site) =>
      whileMixed(tell, site, () => tell.met('the hierarchy', 'For older sites they show after their upgrade.')),
  ),
  rule(
    'VER-08',
    'error',
    `${versions}, Boot images for OS deployment`,
    'After an upgrade from 2012 the default boot images are used at current-branch sites only',
    'Give the task sequences of older sites boot images of their own.',
    (tell, site) => {
      if (!tell.applies('the hierarchy', site.upgrade && site.upgrade === 'from-2012', 'upgrade')) return
      for (const [index, sequence] of (site.taskSequences ?? []).entries()) {
        const { name, bootImage } = sequence
        const path = `taskSequences[${index}]`
        const version = versionOfClients(site, sequence)
        const kind = bootImageKind(site, sequence)
        const hasOne = bootImage ?? (sequence.usesBootImage === undefined ? undefined : true)
        if (version !== undefined && !isOld(version)) tell.met(name, 'Its clients are at a site of current branch.')
        else if (hasOne === false) tell.met(name, 'It has no boot image.')
        else if (hasOne && kind === 'custom') tell.met(name, 'It has a boot image of its own.')
        else if (version === undefined) tell.unknown(name, ...olderNeeds(site, sequence, path))
        else if (hasOne && kind === 'default') tell.violated(name, 'Its site is of 2012, its boot image a default one.')
        else tell.unknown(name, `${path}.${hasOne ? 'usesBootImage' : 'bootImage'}`)
      }
    },
  ),
  rule(
    'VER-09',
    'error',
    `${versions}, New task sequence steps`,
    'A task sequence is edited at sites that know its steps',
    'Edit it at a site of the newer version.',
    each(
      (site) => site.taskSequences,
      'taskSequences',
      (tell, { name, newestStep, site: code }, path, site) =>
        notBelow(tell, name, versionOf(site, code), newestStep, {
          needs: [newestStep === undefined ? `${path}.newestStep` : versionNeeds(site, code, path)],
          yes: 'Its site knows them.',
          no: `A step of ${newestStep} cannot be edited at a site of ${versionOf(site, code)}.`,
        }),
    ),
  ),
  rule(
    'VER-10',
    'note',
    `${versions}, Client to down-level management point communications`,
    'A client with an older management point has the features of that point only',
    'No action needed.',
    (tell, site) =>
      whileMixed(tell, site, () =>
        tell.met('the hierarchy', 'Features come with the upgrade of the management point.'),
      ),
  ),
  rule(
    'VER-11',
    'error',
    `${versions}, Package and task sequence deployments to legacy clients`,
    'Clients are newer than 5.7730',
    'Upgrade the client.',
    each(
      (site) => site.collections,
      'collections',
      (tell, { name, clientVersion }, path) =>
        tell.decide(name, clientVersion === undefined ? undefined : orderOf(clientVersion) > orderOfBuild(7730), {
          yes: `They are of ${clientVersion}.`,
          no: `Clients of ${clientVersion} get no packages and task sequences.`,
          needs: `${path}.clientVersion`,
        }),
    ),
  ),
  rule(
    'VER-12',
    'error',
    `${versions}, Orchestration groups`,
    'Orchestration groups are not used while sites have different versions',
    'Upgrade all sites first.',
    (tell, site) =>
      whileMixed(tell, site, () =>
        tell.decide('the hierarchy', site.orchestrationGroups === undefined ? undefined : !site.orchestrationGroups, {
          yes: 'They are not.',
          no: 'They are used.',
          needs: 'orchestrationGroups',
        }),
      ),
  ),
  rule(
    'VER-13',
    'error',
    `${versions}, Assign site systems as clients to the same site`,
    'The client of a site system is assigned to the site of that system, and of the same version',
    'Assign it to the same site, and upgrade it with the site.',
    (tell, site) =>
      eachSystemClient(tell, site, ({ name, site: code }, client, path) => {
        const there = versionOf(site, code)
        if (client.version !== undefined && there !== undefined && orderOf(client.version) !== orderOf(there))
          return tell.violated(name, `The system is of ${there}, its client of ${client.version}.`)
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
                ? `${code} is a secondary site, and clients are assigned to primary ones.`
                : `The system is of ${code}, its client of ${client.site}.`,
            )
        }
        if (open.length > 0) tell.unknown(name, ...new Set(open))
        else tell.met(name, 'It is.')
      }),
  ),
  rule(
    'VER-17',
    'error',
    `${versions}, Client site assignment considerations`,
    'Clients are assigned to a primary site',
    'Assign them to the primary site above.',
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
          tell.met(name, `${code} is a primary site.`)
        else tell.unknown(name, roleNeeds(site, code, path))
      },
    ),
  ),
  rule(
    'VER-14',
    'error',
    `${versions}, An environment with multiple versions of Configuration Manager`,
    'A console has the version of its site',
    'Install the console of the version of the site.',
    (tell, site) =>
      eachConsole(tell, site, ({ name, site: code }, own, path) => {
        const there = versionOf(site, code)
        const isGood = own.version === undefined || there === undefined ? undefined : orderOf(own.version) === orderOf(there) // prettier-ignore
        tell.decide(name, isGood, {
          yes: `Console ${own.version}, site ${there}.`,
          no: `Console ${own.version}, site ${there}: not supported, and data may be lost.`,
          needs: own.version === undefined ? `${path}.console.version` : versionNeeds(site, code, path),
        })
      }),
  ),
  rule(
    'VER-15',
    'error',
    `${versions}, Configuration Manager console`,
    'A computer has one console',
    'Remove the other one.',
    (tell, site) =>
      eachConsole(tell, site, ({ name }, own, path) =>
        tell.decide(name, own.also === undefined ? undefined : own.also.length === 0, {
          yes: 'It has one.',
          no: `It has another of ${own.also?.join(', ')}.`,
          needs: `${path}.console.also`,
        }),
      ),
  ),
  rule(
    'VER-16',
    'warning',
    `${versions}, An environment with multiple versions of Configuration Manager`,
    'A console is not newer than any site that it shows',
    'Update the other sites of the hierarchy, and leave them alone in this console until then.',
    (tell, site) =>
      eachConsole(tell, site, ({ name }, { version }, path) => {
        if (version === undefined) return tell.unknown(name, `${path}.console.version`)
        const older = site.sites?.find((one) => one.version !== undefined && orderOf(one.version) < orderOf(version))
        if (older)
          tell.violated(name, `Console ${version} shows ${older.code} of ${older.version}: possible, and not recommended.`) // prettier-ignore
        else if (versionPaths(site).length > 0) tell.unknown(name, ...versionPaths(site))
        else tell.met(name, `No site is older than console ${version}.`)
      }),
  ),
]
