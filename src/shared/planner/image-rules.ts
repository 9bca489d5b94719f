/** Who may change images, and which disks they are captured from and go to (the same document). */
import { say, type Phrase } from '#messages/message.ts'
import type { Rule, Severity } from './rule.ts'
import type { Site } from './site.ts'

const document = 'Infrastructure requirements for OS deployment'
const disks = `${document}, Supported disk configurations`
const permissions = `${document}, Security permissions for OS deployments`
const builtIn = 'Operating System Deployment Manager'

const folderRights = ['Create', 'Delete', 'Modify', 'Modify Folder', 'Move Object', 'Read']
/** What the built-in role may do with what. */
export const objectRights: Readonly<Record<string, readonly string[]>> = {
  'Boot Image Package': [...folderRights, 'Set Security Scope'],
  'Device Drivers': [...folderRights, 'Modify Report', 'Run Report'],
  'Driver Package': [...folderRights, 'Set Security Scope'],
  'Operating System Image': [...folderRights, 'Set Security Scope'],
  'Operating System Upgrade Package': [...folderRights, 'Set Security Scope'],
  'Task Sequence Package': [
    ...folderRights,
    'Create Task Sequence Media',
    'Modify Report',
    'Run Report',
    'Set Security Scope',
  ],
}

/** What of the rights of the built-in role one does not have; nothing where its permissions are not stated. */
const missingRights = ({ permissions: own }: NonNullable<Site['securityRoles']>[number]): string[] =>
  own === undefined
    ? []
    : Object.entries(objectRights).flatMap(([thing, rights]) =>
        rights.filter((one) => !own[thing]?.includes(one)).map((one) => `${thing}: ${one}`),
      )

type Disk = NonNullable<NonNullable<NonNullable<Site['deployments']>[number]>['reference']>
const raid = ['spanned', 'striped', 'mirrored', 'parity'] as const
/** A basic disk has partitions, which are simple; of a dynamic one it has to be stated. */
const volumeOf = (disk: Disk | undefined): Disk['volume'] =>
  disk?.volume ?? (disk?.type === 'basic' ? 'simple' : undefined)
const isRaid = (disk: Disk | undefined): boolean | undefined => {
  const volume = volumeOf(disk)
  return volume && (raid as readonly string[]).includes(volume)
}
const shown = (disk: Disk | undefined): string =>
  [disk?.volume, disk?.type].filter(Boolean).join(' on ') || 'not stated'

/** The disks of the computers that a task sequence captures or installs, where it names a collection. */
function eachCollectionDisk(
  tell: Parameters<Rule['judge']>[0],
  site: Site,
  kinds: readonly ('capture' | 'install')[],
  judge: (name: string, path: string, disk: Disk | undefined) => void,
): void {
  for (const [index, { name, kind, collection }] of (site.taskSequences ?? []).entries()) {
    const path = `taskSequences[${index}]`
    if (!tell.applies(name, kind && (kinds as readonly string[]).includes(kind), `${path}.kind`)) continue
    const at = site.collections?.findIndex((one) => one.name === collection) ?? -1
    if (at < 0) tell.unknown(name, collection === undefined ? `${path}.collection` : 'collections')
    else judge(`${name} on ${collection}`, `collections[${at}].disk`, site.collections![at]!.disk)
  }
}

const diskRule = (
  id: string,
  title: Phrase,
  remedy: Phrase,
  judge: (tell: Parameters<Rule['judge']>[0], name: string, path: string, from?: Disk, to?: Disk) => void,
  judgeCollections?: Rule['judge'],
): Rule => ({
  id,
  severity: 'error' satisfies Severity,
  title,
  remedy,
  source: disks,
  judge: (tell, site) => {
    for (const [index, { name, reference, destination }] of (site.deployments ?? []).entries())
      judge(tell, name, `deployments[${index}]`, reference, destination)
    judgeCollections?.(tell, site)
  },
})

export const imageRules: readonly Rule[] = [
  diskRule(
    'DISK-01',
    say('planner.disk-01-title'),
    say('planner.disk-01-remedy'),
    (tell, name, path, from) =>
      tell.decide(name, volumeOf(from) && volumeOf(from) === 'simple', {
        yes: say('planner.volume-simple'),
        no: say('planner.volume', { volume: from?.volume }),
        needs: `${path}.reference.volume`,
      }),
    (tell, site) =>
      eachCollectionDisk(tell, site, ['capture'], (name, path, disk) =>
        tell.decide(name, volumeOf(disk) && volumeOf(disk) === 'simple', {
          yes: say('planner.volume-simple'),
          no: say('planner.volume', { volume: disk?.volume }),
          needs: `${path}.volume`,
        }),
      ),
  ),
  diskRule('DISK-02', say('planner.disk-02-title'), say('planner.disk-02-remedy'), (tell, name, path, from, to) => {
    const told = say('planner.from-to', { source: shown(from), target: shown(to) })
    if (from?.type && to?.type && from.type !== to.type) return tell.violated(name, told)
    if (from?.type === 'dynamic' || to?.type === 'dynamic')
      for (const disk of [from, to]) if (disk?.volume && disk.volume !== 'simple') return tell.violated(name, told)
    if (!from?.type || !to?.type)
        return tell.unknown(name, ...(from?.type ? [] : [`${path}.reference.type`]), ...(to?.type ? [] : [`${path}.destination.type`])) // prettier-ignore
    if (from.type === 'dynamic' && (!from.volume || !to.volume))
        return tell.unknown(name, ...(from.volume ? [] : [`${path}.reference.volume`]), ...(to.volume ? [] : [`${path}.destination.volume`])) // prettier-ignore
    tell.met(name, told)
  }),
  diskRule(
    'DISK-03',
    say('planner.disk-03-title'),
    say('planner.disk-03-remedy'),
    (tell, name, path, from, to) => {
      const states = [isRaid(from), isRaid(to)]
      tell.decide(name, states.includes(true) ? false : states.includes(undefined) ? undefined : true, {
        yes: say('planner.neither'),
        no: say('planner.from-to', { source: shown(from), target: shown(to) }),
        needs: `${path}.${volumeOf(from) === undefined ? 'reference' : 'destination'}.volume`,
      })
    },
    (tell, site) =>
      eachCollectionDisk(tell, site, ['capture', 'install'], (name, path, disk) => {
        const isBad = isRaid(disk)
        tell.decide(name, isBad === undefined ? undefined : !isBad, {
          yes: say('planner.disk-simple'),
          no: say('planner.it-is-2', { shown: shown(disk) }),
          needs: `${path}.volume`,
        })
      }),
  ),
  diskRule('DISK-04', say('planner.disk-04-title'), say('planner.disk-04-remedy'), (tell, name, path, from, to) => {
    if (!tell.applies(name, from?.type && from.type === 'basic', `${path}.reference.type`)) return
    tell.decide(name, to?.type && to.type === 'basic', {
      yes: say('planner.destination-basic'),
      no: say('planner.destination-dynamic'),
      needs: `${path}.destination.type`,
    })
  }),
  {
    id: 'SEC-01',
    severity: 'note',
    title: say('planner.sec-01-title'),
    remedy: say('planner.sec-01-remedy', { builtIn }),
    source: permissions,
    judge: (tell, { securityRoles }) => {
      if (!securityRoles) return tell.unknown('the site', 'securityRoles')
      for (const [index, role] of securityRoles.entries()) {
        const { name, copiedFrom } = role
        if (name === builtIn) {
          if (missingRights(role).length > 0) tell.violated(name, say('planner.stated-without-some-permissions-cannot'))
        } else
          tell.decide(name, copiedFrom === undefined ? undefined : copiedFrom === builtIn, {
            yes: say('planner.copy-built-role'),
            no: say('planner.copy', { copiedFrom }),
            needs: `securityRoles[${index}].copiedFrom`,
          })
      }
    },
  },
  {
    id: 'SEC-02',
    severity: 'warning',
    title: say('planner.sec-02-title'),
    remedy: say('planner.sec-02-remedy'),
    source: permissions,
    judge: (tell, { securityRoles }) => {
      if (!securityRoles) return tell.unknown('the site', 'securityRoles')
      for (const [index, role] of securityRoles.entries()) {
        const isOurs =
          role.name === builtIn || (role.copiedFrom === undefined ? undefined : role.copiedFrom === builtIn)
        if (!tell.applies(role.name, isOurs, `securityRoles[${index}].copiedFrom`)) continue
        if (!role.permissions) {
          tell.unknown(role.name, `securityRoles[${index}].permissions`)
          continue
        }
        const missing = missingRights(role)
        if (missing.length > 0) tell.violated(role.name, say('planner.may', { missing: missing.join('; ') }))
        else tell.met(role.name, say('planner.may-2'))
      }
    },
  },
  {
    id: 'SEC-03',
    severity: 'note',
    title: say('planner.sec-03-title'),
    remedy: say('planner.sec-03-remedy'),
    source: `${document}, Security scopes for OS deployments`,
    judge: (tell, site) =>
      tell.decide('the site', site.securityScopes, {
        yes: say('planner.restricted-by-scopes'),
        no: say('planner.they-every-administrator-sees-all'),
        needs: 'securityScopes',
      }),
  },
]
