/**
 * What stops working while sites run different versions (Microsoft, "OS deployment in mixed-version hierarchies" and
 * "Interoperability between different versions of Configuration Manager").
 */
import { each, entry as rule, type Rule, type Teller } from './rule.ts'
import { named, placeOf, present, versionNeeds, versionOf, type Server, type Site } from './site.ts'

const mixed = 'OS deployment in mixed-version hierarchies'
const versions = 'Interoperability between different versions'

/** 2012 and its successors come before every version of current branch. */
export const orderOf = (version: string): number => (version.startsWith('2012') ? 0 : Number(version))
const isOld = (version: string): boolean => version.startsWith('2012')

/** The build in the version of an ADK or of Windows PE: 22621 of `10.1.22621.1`. */
const buildOf = (version: string | undefined): number | undefined => {
  const build = /^\d+\.\d+\.(\d+)/.exec(version ?? '')?.[1]
  return build === undefined ? undefined : Number(build)
}

/** Whether sites have different versions; undefined where that depends on one that is not stated. */
export function isMixed(site: Site): boolean | undefined {
  if (!site.sites) return undefined
  const stated = new Set(site.sites.flatMap((one) => (one.version === undefined ? [] : [one.version])))
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

/** Servers with a console, or with a client beside roles. */
function eachConsole(tell: Teller, site: Site, judge: (server: Server, own: Console, path: string) => void): void {
  for (const [index, server] of (site.servers ?? []).entries()) {
    const own = present(server.console)
    if (own) judge(server, own, `servers[${index}]`)
    else if (own === undefined) tell.unknown(server.name, `servers[${index}].console`)
  }
}
function eachSystemClient(
  tell: Teller,
  site: Site,
  judge: (server: Server, client: Client, path: string) => void,
): void {
  for (const [index, server] of (site.servers ?? []).entries()) {
    const client = present(server.client)
    if (client === null || server.roles?.length === 0) continue
    if (client === undefined) tell.unknown(server.name, `servers[${index}].client`)
    else if (server.roles === undefined) tell.unknown(server.name, `servers[${index}].roles`)
    else judge(server, client, `servers[${index}]`)
  }
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
    'Nothing has to be done.',
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
    'Nothing has to be done.',
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
        for (const [index, { name, dynamic }] of (site.media ?? []).entries())
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
    `${mixed}, USMT`,
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
    `${mixed}, Third-party extensions`,
    'Extensions of others are tested with sites of different versions',
    'Ask their makers, and test them.',
    (tell, site) =>
      whileMixed(tell, site, () => {
        for (const [index, { name, testedMixed }] of (site.extensions ?? []).entries())
          tell.decide(name, testedMixed, { yes: 'It is.', no: 'It is not.', needs: `extensions[${index}].testedMixed` })
      }),
  ),
  rule(
    'INT-PKG-01',
    'note',
    `${mixed}, Latest version of the client`,
    'A task sequence with the default client package installs the newest client',
    'Nothing has to be done.',
    each(
      (site) => site.taskSequences,
      'taskSequences',
      (tell, { name, clientPackage }, path) => {
        if (tell.applies(name, clientPackage && clientPackage === 'default', `${path}.clientPackage`))
          tell.met(name, 'It uses the default client package.')
      },
    ),
  ),
  rule(
    'INT-PKG-02',
    'warning',
    `${mixed}, Latest version of the client`,
    'A custom client package holds the latest client',
    'Point the step to the latest package, or refresh the source of the package.',
    each(
      (site) => site.taskSequences,
      'taskSequences',
      (tell, { name, clientPackage, clientPackageCurrent }, path) => {
        if (!tell.applies(name, clientPackage && clientPackage === 'custom', `${path}.clientPackage`)) return
        tell.decide(name, clientPackageCurrent, {
          yes: 'It does.',
          no: 'It holds an old client.',
          needs: `${path}.clientPackageCurrent`,
        })
      },
    ),
  ),
  rule(
    'INT-PKG-03',
    'error',
    `${mixed}, Latest version of the client, important`,
    'The latest client is not deployed to clients of an older site',
    'Deploy a copy with the older client there; a refused client is unmanaged until it is assigned anew.',
    each(
      (site) => site.taskSequences,
      'taskSequences',
      (tell, { name, clientPackage, clientPackageCurrent, collection }, path, site) => {
        const isLatest =
          clientPackage === 'default' ? true : clientPackage === undefined ? undefined : clientPackageCurrent
        if (
          !tell.applies(
            name,
            isLatest,
            clientPackage === undefined ? `${path}.clientPackage` : `${path}.clientPackageCurrent`,
          )
        )
          return
        const target = named(site.collections, collection)
        const there = target && versionOf(site, target.site)
        const known = site.sites?.flatMap((one) => (one.version === undefined ? [] : [orderOf(one.version)])) ?? []
        // Older than one that is stated is older than the latest.
        if (there !== undefined && known.some((one) => one > orderOf(there)))
          tell.violated(name, `${target!.name} is at a site of ${there}, which is not the latest.`)
        else if (there === undefined || isMixed(site) === undefined)
          tell.unknown(
            name,
            ...(there !== undefined
              ? versionPaths(site)
              : collection === undefined
                ? [`${path}.collection`]
                : target?.site === undefined
                  ? [placeOf(site, 'collections', collection, 'site')]
                  : [versionNeeds(site, target.site, path)]),
          )
        else tell.met(name, `${target!.name} is at a site of the latest version.`)
      },
    ),
  ),
  rule(
    'INT-PKG-04',
    'warning',
    `${mixed}, Older versions of the client`,
    'Older sites have a copy of the task sequence with a package of the older client',
    'Copy the task sequence and refer to a custom package with the older source.',
    each(
      (site) => site.taskSequences,
      'taskSequences',
      (tell, { name, clientPackage, site: code }, path, site) => {
        const version = versionOf(site, code)
        const known = site.sites?.flatMap((one) => (one.version === undefined ? [] : [orderOf(one.version)])) ?? []
        const isOlder =
          version === undefined
            ? undefined
            : known.some((one) => one > orderOf(version))
              ? true
              : isMixed(site) === undefined
                ? undefined
                : false
        if (
          !tell.applies(name, isOlder, version === undefined ? versionNeeds(site, code, path) : versionPaths(site)[0]!)
        )
          return
        tell.decide(name, clientPackage && clientPackage === 'custom', {
          yes: 'It has a package of its own.',
          no: 'It takes the newest client.',
          needs: `${path}.clientPackage`,
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
      whileMixed(tell, site, () =>
        tell.decide('the hierarchy', site.upgrade && site.upgrade !== 'none', {
          yes: site.upgrade === 'from-2012' ? 'It is being upgraded from 2012.' : 'It is being updated in the console.',
          no: 'No upgrade is under way.',
          needs: 'upgrade',
        }),
      ),
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
        else if (groups.length > 1 && sites.includes(undefined)) tell.unknown(name, 'boundaryGroups.site')
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
    'Nothing has to be done.',
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
      for (const [index, { name, site: code }] of (site.taskSequences ?? []).entries()) {
        const version = versionOf(site, code)
        tell.decide(name, version === undefined ? undefined : !isOld(version), {
          yes: 'Its site is of current branch.',
          no: 'Its site is of 2012.',
          needs: versionNeeds(site, code, `taskSequences[${index}]`),
        })
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
    `${versions}, Client to down-level management point`,
    'A client with an older management point has the features of that point only',
    'Nothing has to be done.',
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
        tell.decide(name, clientVersion === undefined ? undefined : !isOld(clientVersion), {
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
    `${versions}, Assign site systems as clients`,
    'The client of a site system is assigned to the site of that system',
    'Assign it to the same site.',
    (tell, site) =>
      eachSystemClient(tell, site, ({ name, site: code }, client, path) =>
        tell.decide(name, client.site === undefined || code === undefined ? undefined : client.site === code, {
          yes: 'It is.',
          no: `The system is of ${code}, its client of ${client.site}.`,
          needs: client.site === undefined ? `${path}.client.site` : `${path}.site`,
        }),
      ),
  ),
  ...(
    [
      [
        'VER-14',
        'error',
        'A console has the version of its site',
        'not supported, and data may be lost',
        (a: number, b: number) => a === b,
      ],
      [
        'VER-16',
        'warning',
        'A console is not newer than the sites that it shows',
        'possible, and not recommended',
        (a: number, b: number) => a <= b,
      ],
    ] as const
  ).map(([id, severity, title, consequence, test]) =>
    rule(
      id,
      severity,
      `${versions}, An environment with multiple versions`,
      title,
      'Install the console of the version of the site.',
      (tell, site) =>
        eachConsole(tell, site, ({ name, site: code }, own, path) => {
          const there = versionOf(site, code)
          const isGood = own.version === undefined || there === undefined ? undefined : test(orderOf(own.version), orderOf(there)) // prettier-ignore
          tell.decide(name, isGood, {
            yes: `Console ${own.version}, site ${there}.`,
            no: `Console ${own.version}, site ${there}: ${consequence}.`,
            needs: own.version === undefined ? `${path}.console.version` : versionNeeds(site, code, path), // prettier-ignore
          })
        }),
    ),
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
]
