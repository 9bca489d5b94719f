/**
 * In-place upgrades, their task sequences, and feature updates (Microsoft, "Upgrade Windows to the latest version",
 * "Create a task sequence to upgrade an OS").
 */
import { each, entry, type Rule, type Teller } from './rule.ts'
import { named, placeOf, versionNeeds, versionOf, type deploymentMethods, type Site } from './site.ts'
import { isServer, upgradePath, upgradeTargets, type OperatingSystem } from './upgrade-paths.ts'
import { orderOf } from './versions.ts'
import { windowsBuild } from './windows-versions.ts'

const upgrade = 'Upgrade Windows to the latest version'
const sequence = 'Create a task sequence to upgrade an OS'

type TaskSequence = NonNullable<Site['taskSequences']>[number]

/** Task sequences that upgrade in place. */
const eachUpgrade = (judge: (tell: Teller, one: TaskSequence, path: string, site: Site) => void): Rule['judge'] =>
  each(
    (site) => site.taskSequences,
    'taskSequences',
    (tell, one, path, site) => {
      if (tell.applies(one.name, one.kind && one.kind === 'upgrade', `${path}.kind`)) judge(tell, one, path, site)
    },
  )

/** Those that name a feature update. */
const eachFeatureUpdate = (judge: (tell: Teller, one: TaskSequence, path: string, site: Site) => void): Rule['judge'] =>
  eachUpgrade((tell, one, path, site) => {
    // A package in its place says that there is none.
    if (one.featureUpdate === undefined && one.upgradePackage === undefined)
      tell.unknown(one.name, `${path}.upgradePackage`, `${path}.featureUpdate`)
    else if (one.featureUpdate !== undefined) judge(tell, one, path, site)
  })

const packageOf = (site: Site, one: TaskSequence) => named(site.upgradePackages, one.upgradePackage)
const updateOf = (site: Site, one: TaskSequence) => named(site.featureUpdates, one.featureUpdate)
const targetOf = (site: Site, one: TaskSequence): OperatingSystem | undefined =>
  packageOf(site, one)?.operatingSystem ?? updateOf(site, one)?.operatingSystem
/** Where the package or the feature update states something. */
const targetNeeds = (site: Site, one: TaskSequence, path: string, field = 'operatingSystem'): string =>
  one.upgradePackage !== undefined
    ? placeOf(site, 'upgradePackages', one.upgradePackage, field)
    : one.featureUpdate !== undefined
      ? placeOf(site, 'featureUpdates', one.featureUpdate, field)
      : `${path}.upgradePackage`
const clientsOf = (site: Site, one: TaskSequence) => named(site.collections, one.collection)
const clientNeeds = (site: Site, one: TaskSequence, path: string, field: string): string =>
  one.collection === undefined ? `${path}.collection` : placeOf(site, 'collections', one.collection, field)

const since = (version: string | undefined, least: number): boolean | undefined =>
  version === undefined ? undefined : orderOf(version) >= least
const productKey = /^([A-Z0-9]{5}-){4}[A-Z0-9]{5}$/i
/** What is meant as a standard key; an encoded one of a volume licence is longer, or has other characters. */
const looksStandard = (key: string): boolean => /^[A-Z0-9-]{1,29}$/i.test(key)

/** Whether it goes on stand-alone media: it is said to, or it is deployed by such media. */
const onMedia = ({ standAloneMedia, deployment }: TaskSequence): boolean | undefined =>
  deployment === 'stand-alone media' ? true : standAloneMedia
/** The step that upgrades, by the name of its type or by the one that people shorten it to. */
export const isUpgradeStep = (step: string): boolean => /^upgrade (the )?(os|operating system)\b/i.test(step)
export const isRestart = (step: string): boolean => /^restart computer\b/i.test(step)

/** The edition that is installed: by the index that is chosen among those of the package, or of the package. */
const editionOf = ({ edition, editions }: NonNullable<ReturnType<typeof packageOf>>, { editionIndex }: TaskSequence) =>
  (editionIndex === undefined ? undefined : editions?.[editionIndex - 1]) ?? edition

export const deploymentNames: Readonly<Record<(typeof deploymentMethods)[number], string>> = {
  'software-center': 'Software Center',
  'stand-alone media': 'stand-alone media',
  internet: 'the internet, through a cloud management gateway',
  phased: 'a phased deployment',
}

/** Statements that are not about what is stated, said of every upgrade. */
const remark = (says: string): Rule['judge'] => eachUpgrade((tell, { name }) => tell.met(name, says))

export const upgradeRules: readonly Rule[] = [
  entry(
    'IPU-01',
    'error',
    `${upgrade}, Upgrade version`,
    'The target is Windows 10, Windows 11, or Server 2016, 2019, 2022 or 2025',
    'Choose one of these, or deploy the traditional way.',
    eachUpgrade((tell, one, path, site) => {
      const target = targetOf(site, one)
      tell.decide(one.name, target && upgradeTargets.includes(target), {
        yes: `It is ${target}.`,
        no: `It is ${target}.`,
        needs: targetNeeds(site, one, path),
      })
    }),
  ),
  entry(
    'IPU-02',
    'error',
    `${upgrade}, Original version; Overview of Windows Server upgrades, Which version of Windows Server should I upgrade to?`,
    'What runs now can be upgraded to the target directly',
    'Upgrade by a version between the two, or deploy the traditional way.',
    eachUpgrade((tell, one, path, site) => {
      const target = targetOf(site, one)
      const clients = clientsOf(site, one)
      const source = clients?.operatingSystem
      if (source === undefined) return tell.unknown(one.name, clientNeeds(site, one, path, 'operatingSystem'))
      // What cannot be upgraded at all is known without its target.
      const way = upgradePath(source, target)
      if (way.verdict === 'cannot') return tell.violated(one.name, way.why)
      if (target === undefined) return tell.unknown(one.name, targetNeeds(site, one, path))
      if (way.verdict === 'can') return tell.met(one.name, `From ${source} to ${target}.`)
      const aim = packageOf(site, one) ?? updateOf(site, one)
      const [from, to] = [clients && windowsBuild(clients), aim && windowsBuild(aim)]
      tell.decide(one.name, from === undefined || to === undefined ? undefined : from < to, {
        yes: `From build ${from} to build ${to}.`,
        no: `Build ${to} is not later than build ${from}.`,
        needs: from === undefined ? clientNeeds(site, one, path, 'build') : targetNeeds(site, one, path, 'build'), // prettier-ignore
      })
    }),
  ),
  entry(
    'IPU-03',
    'error',
    `${upgrade}, Prepare the OS upgrade package`,
    'Edition, architecture and language of the package are those of the clients',
    'Use a package that is the same, or deploy the traditional way.',
    eachUpgrade((tell, one, path, site) => {
      if (one.upgradePackage === undefined) {
        if (one.featureUpdate === undefined) tell.unknown(one.name, `${path}.upgradePackage`)
        return
      }
      const from = clientsOf(site, one)
      const own = packageOf(site, one)
      const to = own && { edition: editionOf(own, one), architecture: own.architecture, language: own.language }
      const fields = ['edition', 'architecture', 'language'] as const
      const differing = fields.filter(
        (field) =>
          from?.[field] !== undefined &&
          to?.[field] !== undefined &&
          from[field].toLowerCase() !== to[field].toLowerCase(),
      )
      const open = fields.flatMap((field) => [
        ...(from?.[field] === undefined ? [clientNeeds(site, one, path, field)] : []),
        ...(to?.[field] === undefined ? [placeOf(site, 'upgradePackages', one.upgradePackage!, field)] : []),
      ])
      // Whatever is said of the edition has to be that of the clients: of the package, of its list, of the chosen index.
      if (own && from?.edition !== undefined) {
        const edition = from.edition.toLowerCase()
        const said = [own.edition && [own.edition], own.editions].filter((list) => list !== undefined && list !== '')
        const other = said.find((list) => !list.some((one) => one.toLowerCase() === edition))
        if (other) return tell.violated(one.name, `edition: clients ${from.edition}, package ${other.join(', ')}`)
      }
      if (differing.length > 0)
        tell.violated(
          one.name,
          differing.map((field) => `${field}: clients ${from![field]}, package ${to![field]}`).join('; '),
        )
      else if (open.length > 0) tell.unknown(one.name, ...open)
      else tell.met(one.name, 'They are.')
    }),
  ),
  entry(
    'IPU-04',
    'note',
    `${upgrade}, Original version, note`,
    'ARM64 devices are deployed from version 2403 on, with a feature update from 2103 on',
    'Upgrade the site first.',
    (tell, site) => {
      // Any deployment of an operating system needs the same version as one by an upgrade package.
      each(
        (all) => all.taskSequences,
        'taskSequences',
        (own, one, path) => {
          if (one.kind !== 'install' || clientsOf(site, one)?.architecture !== 'arm64') return
          own.decide(one.name, since(versionOf(site, one.site), 2403), {
            yes: `The site is of ${versionOf(site, one.site)}.`,
            no: `The site is of ${versionOf(site, one.site)}, before 2403.`,
            needs: versionNeeds(site, one.site, path),
          })
        },
      )(tell, site)
      eachUpgrade((own, one, path) => {
        const isArm = clientsOf(site, one)?.architecture
        if (!own.applies(one.name, isArm && isArm === 'arm64', clientNeeds(site, one, path, 'architecture'))) return
        const least = one.featureUpdate !== undefined ? 2103 : one.upgradePackage !== undefined ? 2403 : undefined
        if (least === undefined) return own.unknown(one.name, `${path}.upgradePackage`)
        own.decide(one.name, since(versionOf(site, one.site), least), {
          yes: `The site is of ${versionOf(site, one.site)}.`,
          no: `The site is of ${versionOf(site, one.site)}, before ${least}.`,
          needs: versionNeeds(site, one.site, path),
        })
      })(tell, site)
    },
  ),
  entry(
    'IPU-05',
    'note',
    `${upgrade}, Introduction`,
    'Applications, settings and data are kept; the ADK is not needed; it works over a cloud management gateway',
    'No action needed.',
    remark('They are kept.'),
  ),
  entry(
    'IPU-06',
    'error',
    `${upgrade}, Infrastructure requirements`,
    'A distribution point has the content',
    'Distribute the package.',
    (tell, site) => {
      eachUpgrade((own, sequence, path) => {
        if (sequence.featureUpdate !== undefined) return
        if (sequence.upgradePackage === undefined)
          return own.unknown(sequence.name, `${path}.upgradePackage`, `${path}.featureUpdate`)
        own.decide(sequence.name, packageOf(site, sequence)?.distributed, {
          yes: 'A distribution point has its package.',
          no: 'No distribution point has its package.',
          needs: placeOf(site, 'upgradePackages', sequence.upgradePackage, 'distributed'),
        })
      })(tell, site)
      if (!site.taskSequences?.some((one) => one.kind === 'upgrade')) return
      if (site.servers?.some((one) => one.roles?.includes('distribution-point')))
        tell.met('the site', 'There is a distribution point.')
      else if (!site.servers) tell.unknown('the site', 'servers')
      else {
        const open = site.servers.flatMap((one, index) => (one.roles === undefined ? [`servers[${index}].roles`] : []))
        if (open.length > 0) tell.unknown('the site', ...open)
        else tell.violated('the site', 'There is no distribution point.')
      }
    },
  ),
  ...(['IPU-07', 'FU-01'] as const).map((id) =>
    entry(
      id,
      'error',
      id === 'FU-01' ? `${sequence}, Requirements for a feature update` : `${upgrade}, Infrastructure requirements`,
      'For a feature update the software update point synchronises "Upgrades"',
      'Select the classification Upgrades and synchronise.',
      eachFeatureUpdate((tell, one, _, site) =>
        tell.decide(one.name, site.syncsUpgrades, { yes: 'It does.', no: 'It does not.', needs: 'syncsUpgrades' }),
      ),
    ),
  ),
  entry(
    'IPU-08',
    'error',
    `${upgrade}, Task sequence requirements and limitations`,
    'The task sequence changes nothing that an upgrade cannot change',
    'Deploy the traditional way, or do it before or after.',
    eachUpgrade((tell, one, path) =>
      tell.decide(one.name, one.changes === undefined ? undefined : one.changes.length === 0, {
        yes: 'It does not.',
        no: `It changes: ${one.changes?.join(', ')}.`,
        needs: `${path}.changes`,
      }),
    ),
  ),
  entry(
    'IPU-09',
    'warning',
    `${upgrade}, Task sequence requirements and limitations`,
    'Only core steps: packages, applications, updates, command lines, PowerShell, dynamic variables',
    'Take the other steps out.',
    eachUpgrade((tell, one, path) =>
      tell.decide(one.name, one.coreStepsOnly, {
        yes: 'Only those.',
        no: 'There are others.',
        needs: `${path}.coreStepsOnly`,
      }),
    ),
  ),
  entry(
    'IPU-10',
    'warning',
    `${upgrade}, Task sequence requirements and limitations`,
    'Drivers and applications were reviewed for the target version',
    'Review them.',
    eachUpgrade((tell, one, path) =>
      tell.decide(one.name, one.reviewed, { yes: 'They were.', no: 'They were not.', needs: `${path}.reviewed` }),
    ),
  ),
  entry(
    'IPU-11',
    'error',
    `${upgrade}, Create a task sequence to upgrade the OS, note`,
    'After "Upgrade Operating System" comes "Restart Computer" to the installed default operating system',
    'Add the step behind Upgrade Operating System, and do not restart to Windows PE.',
    eachUpgrade((tell, one, path) => {
      if (!one.steps) return tell.unknown(one.name, `${path}.steps`)
      const at = one.steps.findLastIndex(isUpgradeStep)
      const behind = one.steps.slice(at + 1)
      if (at < 0) tell.violated(one.name, 'It has no step Upgrade Operating System.')
      else if (!behind.some(isRestart))
        tell.violated(one.name, `Behind ${one.steps[at]!} comes ${behind.join(', ') || 'nothing'}.`)
      else
        tell.decide(one.name, one.restartTo && one.restartTo === 'installed', {
          yes: 'It does.',
          no: 'It restarts to Windows PE.',
          needs: `${path}.restartTo`,
        })
    }),
  ),
  entry(
    'IPU-12',
    'error',
    `${upgrade}, Next steps`,
    'A task sequence for stand-alone media has a boot image',
    'Select a boot image in its properties: the wizard for media does not offer it otherwise.',
    eachUpgrade((tell, one, path) => {
      if (!tell.applies(one.name, onMedia(one), `${path}.standAloneMedia`)) return
      tell.decide(one.name, one.bootImage ?? (one.usesBootImage === undefined ? undefined : true), {
        yes: 'It has one.',
        no: 'It has none.',
        needs: `${path}.bootImage`,
      })
    }),
  ),
  entry(
    'IPU-13',
    'note',
    `${upgrade}, Next steps`,
    'It is deployed by Software Center, stand-alone media, over the internet or in phases',
    'Choose one of them.',
    eachUpgrade((tell, one, path) =>
      tell.decide(one.name, one.deployment && true, {
        yes: `By ${deploymentNames[one.deployment!]}.`,
        no: '',
        needs: `${path}.deployment`,
      }),
    ),
  ),
  entry(
    'IPU-14',
    'error',
    `${upgrade}, Introduction, note; Deploy a task sequence over the internet, Deploy Windows in-place upgrade via CMG`,
    'Over the internet it is allowed to run there, and a content-enabled management gateway has all of its content',
    'Allow it on the page User Experience of the deployment, and distribute its content to the gateway.',
    eachUpgrade((tell, one, path) => {
      if (!tell.applies(one.name, one.deployment && one.deployment === 'internet', `${path}.deployment`)) return
      const wrong = [
        ...(one.allowInternet === false ? ['It is not allowed to run for clients on the internet.'] : []),
        ...(one.gatewayContent === false ? ['A gateway does not have all of its content.'] : []),
      ]
      const open = [
        ...(one.allowInternet === undefined ? [`${path}.allowInternet`] : []),
        ...(one.gatewayContent === undefined ? [`${path}.gatewayContent`] : []),
      ]
      if (wrong.length > 0) tell.violated(one.name, wrong.join(' '))
      else if (open.length > 0) tell.unknown(one.name, ...open)
      else tell.met(one.name, 'It is allowed, and its content is there.')
    }),
  ),
  entry(
    'TS-01',
    'error',
    `${sequence}, Required`,
    'There is an upgrade package, or from version 2103 on a feature update',
    'Add an OS upgrade package, or take a feature update.',
    eachUpgrade((tell, one, path, site) => {
      if (one.upgradePackage !== undefined) return tell.met(one.name, `It takes ${one.upgradePackage}.`)
      if (one.featureUpdate === undefined)
        return tell.unknown(one.name, `${path}.upgradePackage`, `${path}.featureUpdate`)
      tell.decide(one.name, since(versionOf(site, one.site), 2103), {
        yes: `It takes ${one.featureUpdate}.`,
        no: `A site of ${versionOf(site, one.site)} knows no feature updates in task sequences.`,
        needs: versionNeeds(site, one.site, path),
      })
    }),
  ),
  entry(
    'TS-02',
    'error',
    `${sequence}, Required; Process`,
    'To Server 2016 or later "Ignore any dismissable compatibility messages" is selected',
    'Select it in the step Upgrade OS: Setup waits for somebody to confirm otherwise.',
    eachUpgrade((tell, one, path, site) => {
      const target = targetOf(site, one)
      if (!tell.applies(one.name, target && isServer(target), targetNeeds(site, one, path))) return
      tell.decide(one.name, one.ignoreMessages, { yes: 'It is.', no: 'It is not.', needs: `${path}.ignoreMessages` })
    }),
  ),
  entry(
    'TS-03',
    'error',
    `${sequence}, Required (if used)`,
    'Updates that it installs are synchronised, applications that it installs are in the console',
    'Synchronise the updates, add the applications.',
    eachUpgrade((tell, one, path, site) => {
      const missing = one.applications?.filter((name) => site.catalogue && !site.catalogue.includes(name)) ?? []
      const wantsUpdates = one.updates === undefined ? undefined : one.updates !== 'none'
      if (wantsUpdates === true && site.syncsUpdates === false)
        return tell.violated(one.name, 'Updates are not synchronised.')
      if (missing.length > 0) return tell.violated(one.name, `Not in the console: ${missing.join(', ')}.`)
      const open = [
        ...(wantsUpdates === undefined
          ? [`${path}.updates`]
          : wantsUpdates && site.syncsUpdates === undefined
            ? ['syncsUpdates']
            : []),
        ...(one.applications === undefined
          ? [`${path}.applications`]
          : one.applications.length > 0 && !site.catalogue
            ? ['catalogue']
            : []),
      ]
      if (open.length > 0) tell.unknown(one.name, ...open)
      else tell.met(one.name, 'They are.')
    }),
  ),
  entry(
    'TS-04',
    'note',
    `${sequence}, Introduction`,
    'Windows 7 and later become Windows 10 and later, Server 2012 and later become Server 2016 and later',
    'See IPU-01 and IPU-02.',
    remark('See IPU-01 and IPU-02.'),
  ),
  entry(
    'TS-05',
    'note',
    `${sequence}, Process`,
    'It is made in Software Library > Operating Systems > Task Sequences > Create Task Sequence > Upgrade an operating system from an upgrade package',
    'Go this way in the console.',
    remark('This is the way.'),
  ),
  entry(
    'TS-06',
    'error',
    `${sequence}, Process`,
    'Name, edition index and product key are as the wizard wants them',
    'A standard key has five groups of five letters and digits; for volume licences it may be empty.',
    eachUpgrade((tell, one, path, site) => {
      // A feature update has one edition, and asks for no key.
      if (one.featureUpdate !== undefined) return
      const editions = packageOf(site, one)?.editions
      const key = one.productKey
      // The wizard selects the first index where none is chosen.
      const index = one.editionIndex ?? 1
      if (key && looksStandard(key) && !productKey.test(key))
        tell.violated(one.name, 'The product key is no key of five groups of five.')
      else if (editions && index > editions.length)
        tell.violated(one.name, `Edition index ${index}, but the package has ${editions.length}.`)
      else if (key === undefined) tell.unknown(one.name, `${path}.productKey`)
      else
        tell.met(
          one.name,
          `Edition index ${index}${editions ? ` (${editions[index - 1]})` : ''}, ${key === '' ? 'no product key' : looksStandard(key) ? 'a product key of the right form' : 'an encoded volume licence key'}.`,
        )
    }),
  ),
  entry(
    'TS-07',
    'note',
    `${sequence}, Process, important`,
    'Scripts that the client makes stay until the restart',
    'Nothing has to be done: they hold nothing sensitive.',
    remark('They hold nothing sensitive.'),
  ),
  entry(
    'FU-02',
    'error',
    `${sequence}, Requirements for a feature update`,
    'The feature update is on a distribution point, or needs no package',
    'Download it to a deployment package and distribute it, or choose "No deployment package".',
    eachFeatureUpdate((tell, one, _, site) => {
      const content = updateOf(site, one)?.content
      tell.decide(one.name, content && content !== 'missing', {
        yes: content === 'no-package' ? 'It comes from peers or the cloud.' : 'It is.',
        no: 'It is not.',
        needs: placeOf(site, 'featureUpdates', one.featureUpdate!, 'content'),
      })
    }),
  ),
  entry(
    'FU-03',
    'note',
    `${sequence}, Requirements for a feature update, note`,
    '"Pre-download content for this task sequence" does not apply to feature updates',
    'Clear it, or use an upgrade package where content has to be there before.',
    eachFeatureUpdate((tell, { name, preCache }) => {
      if (preCache)
        tell.violated(name, 'It is selected, and clients download the feature update only when they run it.')
      else tell.met(name, 'It does not apply.')
    }),
  ),
  entry(
    'FU-04',
    'warning',
    `${sequence}, Requirements for a feature update`,
    'Client settings: thread priority Normal, Dynamic Update decided on, delta content allowed',
    'Review the group Software Updates of the client settings.',
    eachFeatureUpdate((tell, one, _, site) => {
      const { threadPriority, dynamicUpdate, deltaContent } = site.clientSettings ?? {}
      const open = [
        ...(threadPriority === undefined ? ['clientSettings.threadPriority'] : []),
        ...(dynamicUpdate === undefined ? ['clientSettings.dynamicUpdate'] : []),
        ...(deltaContent === undefined ? ['clientSettings.deltaContent'] : []),
      ]
      if (threadPriority === 'other' || deltaContent === false)
        tell.violated(
          one.name,
          `Thread priority ${threadPriority ?? 'not stated'}, delta content ${deltaContent ?? 'not stated'}.`,
        )
      else if (open.length > 0) tell.unknown(one.name, ...open)
      else
        tell.met(
          one.name,
          dynamicUpdate
            ? 'They are; for Dynamic Update clients need the internet.'
            : 'They are; without Dynamic Update Setup adds no language packs, features, drivers and updates.',
        )
    }),
  ),
  entry(
    'FU-05',
    'error',
    `${sequence}, Known issues`,
    'The licence terms of a Windows 11 feature update are accepted',
    'Choose Review License and accept it: the wizard does not show the update otherwise.',
    eachFeatureUpdate((tell, one, _, site) => {
      const update = updateOf(site, one)
      if (
        !tell.applies(
          one.name,
          update?.operatingSystem && update.operatingSystem === 'Windows 11',
          placeOf(site, 'featureUpdates', one.featureUpdate!, 'operatingSystem'),
        )
      )
        return
      tell.decide(one.name, update?.licenceAccepted, {
        yes: 'They are.',
        no: 'They are not.',
        needs: placeOf(site, 'featureUpdates', one.featureUpdate!, 'licenceAccepted'),
      })
    }),
  ),
  entry(
    'FU-06',
    'error',
    `${sequence}, Create a new task sequence`,
    'A new task sequence from a feature update alone is made from version 2107 on',
    'In 2103 edit or copy one that exists.',
    eachFeatureUpdate((tell, one, path, site) => {
      if (!tell.applies(one.name, one.isNew, `${path}.isNew`)) return
      tell.decide(one.name, since(versionOf(site, one.site), 2107), {
        yes: `The site is of ${versionOf(site, one.site)}.`,
        no: `The site is of ${versionOf(site, one.site)}: the wizard wants an upgrade package.`,
        needs: versionNeeds(site, one.site, path),
      })
    }),
  ),
  entry(
    'FU-07',
    'warning',
    `${sequence}, Export, import, and migrate`,
    'In a task sequence that was imported or migrated the step Upgrade OS was added again',
    'Add the step Upgrade OS with the feature update again.',
    eachFeatureUpdate((tell, one, path) => {
      if (one.imported === false) return tell.met(one.name, 'It was not imported.')
      if (one.imported === undefined && one.stepAddedAgain !== true) return tell.unknown(one.name, `${path}.imported`)
      tell.decide(one.name, one.stepAddedAgain, {
        yes: 'The step was added again.',
        no: 'It was imported, and has lost its feature update.',
        needs: `${path}.stepAddedAgain`,
      })
    }),
  ),
  entry(
    'FU-08',
    'error',
    `${sequence}, Create prestaged content file`,
    'No prestaged content file is made of a feature update',
    'Distribute it in another way.',
    eachFeatureUpdate((tell, one, path) =>
      tell.decide(one.name, one.prestaged === undefined ? undefined : !one.prestaged, {
        yes: 'None is.',
        no: 'It cannot be made.',
        needs: `${path}.prestaged`,
      }),
    ),
  ),
  entry(
    'FU-09',
    'error',
    `${sequence}, Create standalone media`,
    'A task sequence with a feature update is not put on stand-alone media',
    'Use an upgrade package for media; CreateTsMedia fails with 0x80070490.',
    eachFeatureUpdate((tell, one, path) =>
      tell.decide(one.name, onMedia(one) === undefined ? undefined : !onMedia(one), {
        yes: 'It is not.',
        no: 'It is: CreateTsMedia fails with 0x80070490.',
        needs: `${path}.standAloneMedia`,
      }),
    ),
  ),
  entry(
    'FU-10',
    'error',
    `${sequence}, Introduction`,
    'Feature updates in task sequences want version 2103 or later',
    'Upgrade the site, or use an upgrade package.',
    eachFeatureUpdate((tell, one, path, site) =>
      tell.decide(one.name, since(versionOf(site, one.site), 2103), {
        yes: `The site is of ${versionOf(site, one.site)}.`,
        no: `The site is of ${versionOf(site, one.site)}.`,
        needs: versionNeeds(site, one.site, path),
      }),
    ),
  ),
]
