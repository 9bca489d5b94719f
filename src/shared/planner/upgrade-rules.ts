/**
 * In-place upgrades, their task sequences, and feature updates (Microsoft, "Upgrade Windows to the latest version",
 * "Create a task sequence to upgrade an OS").
 */
import { say, together, type Phrase } from '#messages/message.ts'
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

export const deploymentNames: Readonly<Record<(typeof deploymentMethods)[number], Phrase>> = {
  'software-center': 'Software Center',
  'stand-alone media': say('planner.stand-alone-media'),
  internet: say('planner.internet-through-cloud-management-gateway'),
  phased: say('planner.phased-deployment'),
}

/** Statements that are not about what is stated, said of every upgrade. */
const remark = (says: Phrase): Rule['judge'] => eachUpgrade((tell, { name }) => tell.met(name, says))

export const upgradeRules: readonly Rule[] = [
  entry(
    'IPU-01',
    'error',
    `${upgrade}, Upgrade version`,
    say('planner.ipu-01-title'),
    say('planner.ipu-01-remedy'),
    eachUpgrade((tell, one, path, site) => {
      const target = targetOf(site, one)
      tell.decide(one.name, target && upgradeTargets.includes(target), {
        yes: say('planner.it-is-3', { target }),
        no: say('planner.it-is-3', { target }),
        needs: targetNeeds(site, one, path),
      })
    }),
  ),
  entry(
    'IPU-02',
    'error',
    `${upgrade}, Original version; Overview of Windows Server upgrades, Which version of Windows Server should I upgrade to?`,
    say('planner.ipu-02-title'),
    say('planner.ipu-02-remedy'),
    eachUpgrade((tell, one, path, site) => {
      const target = targetOf(site, one)
      const clients = clientsOf(site, one)
      const source = clients?.operatingSystem
      if (source === undefined) return tell.unknown(one.name, clientNeeds(site, one, path, 'operatingSystem'))
      // What cannot be upgraded at all is known without its target.
      const way = upgradePath(source, target)
      if (way.verdict === 'cannot') return tell.violated(one.name, way.why)
      if (target === undefined) return tell.unknown(one.name, targetNeeds(site, one, path))
      if (way.verdict === 'can') return tell.met(one.name, say('planner.from-to', { source, target }))
      const aim = packageOf(site, one) ?? updateOf(site, one)
      const [from, to] = [clients && windowsBuild(clients), aim && windowsBuild(aim)]
      tell.decide(one.name, from === undefined || to === undefined ? undefined : from < to, {
        yes: say('planner.build-build', { from, to }),
        no: say('planner.build-later-than-build', { to, from }),
        needs: from === undefined ? clientNeeds(site, one, path, 'build') : targetNeeds(site, one, path, 'build'), // prettier-ignore
      })
    }),
  ),
  entry(
    'IPU-03',
    'error',
    `${upgrade}, Prepare the OS upgrade package`,
    say('planner.ipu-03-title'),
    say('planner.ipu-03-remedy'),
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
      else tell.met(one.name, say('planner.package-matches'))
    }),
  ),
  entry(
    'IPU-04',
    'note',
    `${upgrade}, Original version, note`,
    say('planner.ipu-04-title'),
    say('planner.ipu-04-remedy'),
    (tell, site) => {
      // Any deployment of an operating system needs the same version as one by an upgrade package.
      each(
        (all) => all.taskSequences,
        'taskSequences',
        (own, one, path) => {
          if (one.kind !== 'install' || clientsOf(site, one)?.architecture !== 'arm64') return
          own.decide(one.name, since(versionOf(site, one.site), 2403), {
            yes: say('planner.site-2', { version: versionOf(site, one.site) }),
            no: say('planner.site-before-2403', { version: versionOf(site, one.site) }),
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
          yes: say('planner.site-2', { version: versionOf(site, one.site) }),
          no: say('planner.site-before', { version: versionOf(site, one.site), least }),
          needs: versionNeeds(site, one.site, path),
        })
      })(tell, site)
    },
  ),
  entry(
    'IPU-05',
    'note',
    `${upgrade}, Introduction`,
    say('planner.ipu-05-title'),
    say('planner.int-cli-01-remedy'),
    remark(say('planner.they-kept')),
  ),
  entry(
    'IPU-06',
    'error',
    `${upgrade}, Infrastructure requirements`,
    say('planner.ipu-06-title'),
    say('planner.ipu-06-remedy'),
    (tell, site) => {
      eachUpgrade((own, sequence, path) => {
        if (sequence.featureUpdate !== undefined) return
        if (sequence.upgradePackage === undefined)
          return own.unknown(sequence.name, `${path}.upgradePackage`, `${path}.featureUpdate`)
        own.decide(sequence.name, packageOf(site, sequence)?.distributed, {
          yes: say('planner.distribution-point-package'),
          no: say('planner.distribution-point-package-2'),
          needs: placeOf(site, 'upgradePackages', sequence.upgradePackage, 'distributed'),
        })
      })(tell, site)
      if (!site.taskSequences?.some((one) => one.kind === 'upgrade')) return
      if (site.servers?.some((one) => one.roles?.includes('distribution-point')))
        tell.met('the site', say('planner.distribution-point-2'))
      else if (!site.servers) tell.unknown('the site', 'servers')
      else {
        const open = site.servers.flatMap((one, index) => (one.roles === undefined ? [`servers[${index}].roles`] : []))
        if (open.length > 0) tell.unknown('the site', ...open)
        else tell.violated('the site', say('planner.distribution-point-3'))
      }
    },
  ),
  ...(['IPU-07', 'FU-01'] as const).map((id) =>
    entry(
      id,
      'error',
      id === 'FU-01' ? `${sequence}, Requirements for a feature update` : `${upgrade}, Infrastructure requirements`,
      say('planner.feature-update-software-update-point'),
      say('planner.select-classification-upgrades-synchronise'),
      eachFeatureUpdate((tell, one, _, site) =>
        tell.decide(one.name, site.syncsUpgrades, {
          yes: say('planner.upgrades-synchronised'),
          no: say('planner.upgrades-not-synchronised'),
          needs: 'syncsUpgrades',
        }),
      ),
    ),
  ),
  entry(
    'IPU-08',
    'error',
    `${upgrade}, Task sequence requirements and limitations`,
    say('planner.ipu-08-title'),
    say('planner.ipu-08-remedy'),
    eachUpgrade((tell, one, path) =>
      tell.decide(one.name, one.changes === undefined ? undefined : one.changes.length === 0, {
        yes: say('planner.changes-nothing'),
        no: say('planner.changes', { changes: one.changes?.join(', ') }),
        needs: `${path}.changes`,
      }),
    ),
  ),
  entry(
    'IPU-09',
    'warning',
    `${upgrade}, Task sequence requirements and limitations`,
    say('planner.ipu-09-title'),
    say('planner.ipu-09-remedy'),
    eachUpgrade((tell, one, path) =>
      tell.decide(one.name, one.coreStepsOnly, {
        yes: say('planner.only-those'),
        no: say('planner.others'),
        needs: `${path}.coreStepsOnly`,
      }),
    ),
  ),
  entry(
    'IPU-10',
    'warning',
    `${upgrade}, Task sequence requirements and limitations`,
    say('planner.ipu-10-title'),
    say('planner.ipu-10-remedy'),
    eachUpgrade((tell, one, path) =>
      tell.decide(one.name, one.reviewed, {
        yes: say('planner.they-were'),
        no: say('planner.they-were-2'),
        needs: `${path}.reviewed`,
      }),
    ),
  ),
  entry(
    'IPU-11',
    'error',
    `${upgrade}, Create a task sequence to upgrade the OS, note`,
    say('planner.ipu-11-title'),
    say('planner.ipu-11-remedy'),
    eachUpgrade((tell, one, path) => {
      if (!one.steps) return tell.unknown(one.name, `${path}.steps`)
      const at = one.steps.findLastIndex(isUpgradeStep)
      const behind = one.steps.slice(at + 1)
      if (at < 0) tell.violated(one.name, say('planner.step-upgrade-operating-system'))
      else if (!behind.some(isRestart))
        tell.violated(one.name, say('planner.steps-behind', { step: one.steps[at]!, behind, count: behind.length }))
      else
        tell.decide(one.name, one.restartTo && one.restartTo === 'installed', {
          yes: say('planner.restart-follows'),
          no: say('planner.restarts-windows-pe'),
          needs: `${path}.restartTo`,
        })
    }),
  ),
  entry(
    'IPU-12',
    'error',
    `${upgrade}, Next steps`,
    say('planner.ipu-12-title'),
    say('planner.ipu-12-remedy'),
    eachUpgrade((tell, one, path) => {
      if (!tell.applies(one.name, onMedia(one), `${path}.standAloneMedia`)) return
      tell.decide(one.name, one.bootImage ?? (one.usesBootImage === undefined ? undefined : true), {
        yes: say('planner.boot-image-selected'),
        no: say('planner.none-2'),
        needs: `${path}.bootImage`,
      })
    }),
  ),
  entry(
    'IPU-13',
    'note',
    `${upgrade}, Next steps`,
    say('planner.ipu-13-title'),
    say('planner.ipu-13-remedy'),
    eachUpgrade((tell, one, path) =>
      tell.decide(one.name, one.deployment && true, {
        yes: say('planner.deployed-by', { method: deploymentNames[one.deployment!] }),
        no: '',
        needs: `${path}.deployment`,
      }),
    ),
  ),
  entry(
    'IPU-14',
    'error',
    `${upgrade}, Introduction, note; Deploy a task sequence over the internet, Deploy Windows in-place upgrade via CMG`,
    say('planner.ipu-14-title'),
    say('planner.ipu-14-remedy'),
    eachUpgrade((tell, one, path) => {
      if (!tell.applies(one.name, one.deployment && one.deployment === 'internet', `${path}.deployment`)) return
      const wrong = [
        ...(one.allowInternet === false ? [say('planner.allowed-run-clients-internet')] : []),
        ...(one.gatewayContent === false ? [say('planner.gateway-does-all-content')] : []),
      ]
      const open = [
        ...(one.allowInternet === undefined ? [`${path}.allowInternet`] : []),
        ...(one.gatewayContent === undefined ? [`${path}.gatewayContent`] : []),
      ]
      if (wrong.length > 0) tell.violated(one.name, together(wrong))
      else if (open.length > 0) tell.unknown(one.name, ...open)
      else tell.met(one.name, say('planner.allowed-content'))
    }),
  ),
  entry(
    'TS-01',
    'error',
    `${sequence}, Required`,
    say('planner.ts-01-title'),
    say('planner.ts-01-remedy'),
    eachUpgrade((tell, one, path, site) => {
      if (one.upgradePackage !== undefined)
        return tell.met(one.name, say('planner.takes', { upgradePackage: one.upgradePackage }))
      if (one.featureUpdate === undefined)
        return tell.unknown(one.name, `${path}.upgradePackage`, `${path}.featureUpdate`)
      tell.decide(one.name, since(versionOf(site, one.site), 2103), {
        yes: say('planner.takes-2', { featureUpdate: one.featureUpdate }),
        no: say('planner.site-knows-feature-updates-task', { version: versionOf(site, one.site) }),
        needs: versionNeeds(site, one.site, path),
      })
    }),
  ),
  entry(
    'TS-02',
    'error',
    `${sequence}, Required; Process`,
    say('planner.ts-02-title'),
    say('planner.ts-02-remedy'),
    eachUpgrade((tell, one, path, site) => {
      const target = targetOf(site, one)
      if (!tell.applies(one.name, target && isServer(target), targetNeeds(site, one, path))) return
      tell.decide(one.name, one.ignoreMessages, {
        yes: say('planner.option-selected'),
        no: say('planner.option-not-selected'),
        needs: `${path}.ignoreMessages`,
      })
    }),
  ),
  entry(
    'TS-03',
    'error',
    `${sequence}, Required (if used)`,
    say('planner.ts-03-title'),
    say('planner.ts-03-remedy'),
    eachUpgrade((tell, one, path, site) => {
      const missing = one.applications?.filter((name) => site.catalogue && !site.catalogue.includes(name)) ?? []
      const wantsUpdates = one.updates === undefined ? undefined : one.updates !== 'none'
      if (wantsUpdates === true && site.syncsUpdates === false)
        return tell.violated(one.name, say('planner.updates-synchronised'))
      if (missing.length > 0) return tell.violated(one.name, say('planner.console', { missing: missing.join(', ') }))
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
      else tell.met(one.name, say('planner.content-in-console'))
    }),
  ),
  entry(
    'TS-04',
    'note',
    `${sequence}, Introduction`,
    say('planner.ts-04-title'),
    say('planner.see-ipu-01'),
    remark(say('planner.see-ipu-01')),
  ),
  entry(
    'TS-05',
    'note',
    `${sequence}, Process`,
    say('planner.ts-05-title'),
    say('planner.ts-05-remedy'),
    remark(say('planner.way')),
  ),
  entry(
    'TS-06',
    'error',
    `${sequence}, Process`,
    say('planner.ts-06-title'),
    say('planner.ts-06-remedy'),
    eachUpgrade((tell, one, path, site) => {
      // A feature update has one edition, and asks for no key.
      if (one.featureUpdate !== undefined) return
      const editions = packageOf(site, one)?.editions
      const key = one.productKey
      // The wizard selects the first index where none is chosen.
      const index = one.editionIndex ?? 1
      if (key && looksStandard(key) && !productKey.test(key))
        tell.violated(one.name, say('planner.product-key-key-five-groups'))
      else if (editions && index > editions.length)
        tell.violated(one.name, say('planner.edition-index-but-package', { index, length: editions.length }))
      else if (key === undefined) tell.unknown(one.name, `${path}.productKey`)
      else
        tell.met(
          one.name,
          say('planner.edition-and-key', {
            index,
            edition: editions?.[index - 1] ?? '',
            isNamed: editions ? 'yes' : 'no',
            key: key === '' ? 'none' : looksStandard(key) ? 'standard' : 'volume',
          }),
        )
    }),
  ),
  entry(
    'TS-07',
    'note',
    `${sequence}, Process, important`,
    say('planner.ts-07-title'),
    say('planner.ts-07-remedy'),
    remark(say('planner.they-hold-nothing-sensitive')),
  ),
  entry(
    'FU-02',
    'error',
    `${sequence}, Requirements for a feature update`,
    say('planner.fu-02-title'),
    say('planner.fu-02-remedy'),
    eachFeatureUpdate((tell, one, _, site) => {
      const content = updateOf(site, one)?.content
      tell.decide(one.name, content && content !== 'missing', {
        yes: content === 'no-package' ? say('planner.comes-peers-cloud') : say('planner.content-on-distribution-point'),
        no: say('planner.content-not-on-distribution-point'),
        needs: placeOf(site, 'featureUpdates', one.featureUpdate!, 'content'),
      })
    }),
  ),
  entry(
    'FU-03',
    'note',
    `${sequence}, Requirements for a feature update, note`,
    say('planner.fu-03-title'),
    say('planner.fu-03-remedy'),
    eachFeatureUpdate((tell, { name, preCache }) => {
      if (preCache) tell.violated(name, say('planner.selected-clients-download-feature-update'))
      else tell.met(name, say('planner.does-apply'))
    }),
  ),
  entry(
    'FU-04',
    'warning',
    `${sequence}, Requirements for a feature update`,
    say('planner.fu-04-title'),
    say('planner.fu-04-remedy'),
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
          say('planner.thread-priority-delta-content', {
            threadPriority: threadPriority ?? say('planner.not-stated'),
            deltaContent: deltaContent === undefined ? say('planner.not-stated') : String(deltaContent),
          }),
        )
      else if (open.length > 0) tell.unknown(one.name, ...open)
      else
        tell.met(
          one.name,
          dynamicUpdate
            ? say('planner.they-dynamic-update-clients-need')
            : say('planner.they-without-dynamic-update-setup'),
        )
    }),
  ),
  entry(
    'FU-05',
    'error',
    `${sequence}, Known issues`,
    say('planner.fu-05-title'),
    say('planner.fu-05-remedy'),
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
        yes: say('planner.licence-accepted'),
        no: say('planner.licence-not-accepted'),
        needs: placeOf(site, 'featureUpdates', one.featureUpdate!, 'licenceAccepted'),
      })
    }),
  ),
  entry(
    'FU-06',
    'error',
    `${sequence}, Create a new task sequence`,
    say('planner.fu-06-title'),
    say('planner.fu-06-remedy'),
    eachFeatureUpdate((tell, one, path, site) => {
      if (!tell.applies(one.name, one.isNew, `${path}.isNew`)) return
      tell.decide(one.name, since(versionOf(site, one.site), 2107), {
        yes: say('planner.site-2', { version: versionOf(site, one.site) }),
        no: say('planner.site-wizard-wants-upgrade-package', { version: versionOf(site, one.site) }),
        needs: versionNeeds(site, one.site, path),
      })
    }),
  ),
  entry(
    'FU-07',
    'warning',
    `${sequence}, Export, import, and migrate`,
    say('planner.fu-07-title'),
    say('planner.fu-07-remedy'),
    eachFeatureUpdate((tell, one, path) => {
      if (one.imported === false) return tell.met(one.name, say('planner.imported'))
      if (one.imported === undefined && one.stepAddedAgain !== true) return tell.unknown(one.name, `${path}.imported`)
      tell.decide(one.name, one.stepAddedAgain, {
        yes: say('planner.step-added-again'),
        no: say('planner.imported-lost-feature-update'),
        needs: `${path}.stepAddedAgain`,
      })
    }),
  ),
  entry(
    'FU-08',
    'error',
    `${sequence}, Create prestaged content file`,
    say('planner.fu-08-title'),
    say('planner.fu-08-remedy'),
    eachFeatureUpdate((tell, one, path) =>
      tell.decide(one.name, one.prestaged === undefined ? undefined : !one.prestaged, {
        yes: say('planner.none-3'),
        no: say('planner.cannot-made'),
        needs: `${path}.prestaged`,
      }),
    ),
  ),
  entry(
    'FU-09',
    'error',
    `${sequence}, Create standalone media`,
    say('planner.fu-09-title'),
    say('planner.fu-09-remedy'),
    eachFeatureUpdate((tell, one, path) =>
      tell.decide(one.name, onMedia(one) === undefined ? undefined : !onMedia(one), {
        yes: say('planner.not-on-media'),
        no: say('planner.createtsmedia-fails-0x80070490'),
        needs: `${path}.standAloneMedia`,
      }),
    ),
  ),
  entry(
    'FU-10',
    'error',
    `${sequence}, Introduction`,
    say('planner.fu-10-title'),
    say('planner.fu-10-remedy'),
    eachFeatureUpdate((tell, one, path, site) =>
      tell.decide(one.name, since(versionOf(site, one.site), 2103), {
        yes: say('planner.site-2', { version: versionOf(site, one.site) }),
        no: say('planner.site-2', { version: versionOf(site, one.site) }),
        needs: versionNeeds(site, one.site, path),
      }),
    ),
  ),
]
