/**
 * A task sequence that upgrades in place, as the wizard asks for it and as it is checked (Microsoft, "Create a task sequence
 * to upgrade an OS", Process).
 */
import { judge, type Judged } from './rule.ts'
import { named, versionOf, type Site } from './site.ts'
import { deploymentNames, isRestart, isUpgradeStep, upgradeRules } from './upgrade-rules.ts'
import { orderOf } from './versions.ts'

export type TaskSequence = NonNullable<Site['taskSequences']>[number]
type Field = keyof TaskSequence

/** What a custom task sequence needs, in this order. */
export const neededSteps = ['Upgrade Operating System', 'Restart Computer'] as const

export const isNeededStep = (step: string): boolean => isUpgradeStep(step) || isRestart(step)

/** The field that a rule is about; the others are about the site. */
const fieldsOfRules: Readonly<Record<string, Field>> = {
  'IPU-01': 'upgradePackage',
  'IPU-02': 'collection',
  'IPU-03': 'upgradePackage',
  'IPU-08': 'changes',
  'IPU-09': 'coreStepsOnly',
  'IPU-10': 'reviewed',
  'IPU-12': 'bootImage',
  'IPU-13': 'deployment',
  'IPU-14': 'allowInternet',
  'TS-01': 'upgradePackage',
  'TS-02': 'ignoreMessages',
  'TS-03': 'applications',
  'TS-06': 'productKey',
  'FU-02': 'featureUpdate',
  'FU-03': 'preCache',
  'FU-05': 'featureUpdate',
  'FU-06': 'isNew',
  'FU-07': 'stepAddedAgain',
  'FU-08': 'prestaged',
  'FU-09': 'standAloneMedia',
  'FU-10': 'featureUpdate',
}

/** What the wizard lets choose: from version 2103 on feature updates, for a new one alone from 2107 on. */
export function sourcesFor(
  site: Site,
  sequence: TaskSequence,
): {
  readonly featureUpdates: boolean | undefined
  readonly packageNeeded: boolean | undefined
} {
  const version = versionOf(site, sequence.site)
  if (version === undefined) return { featureUpdates: undefined, packageNeeded: undefined }
  const order = orderOf(version)
  return { featureUpdates: order >= 2103, packageNeeded: order < 2107 }
}

export interface SequenceCheck {
  /** What is wrong with a field, to be shown at it. */
  readonly fields: Readonly<Partial<Record<Field, string>>>
  /** Rules that are violated or need more information. */
  readonly open: readonly Judged[]
  readonly met: number
}

/** One task sequence by every rule about upgrades. `at` is its place among those of the site. */
export function checkSequence(site: Site, sequence: TaskSequence, at: number): SequenceCheck {
  // What is not stated is named by its place in the file, and so the sequence stands at its place.
  const asked: Site = {
    ...site,
    taskSequences: [
      ...Array.from({ length: at }, (_, index) => ({ name: `${index}`, kind: 'install' as const })),
      sequence,
    ],
  }
  const judged = upgradeRules.map((one) => judge(one, asked))
  const fields: Partial<Record<Field, string>> = {}
  if (sequence.name.trim() === '') fields.name = 'The wizard wants a name.'
  else if (site.taskSequences?.some((one, index) => index !== at && one.name === sequence.name))
    fields.name = 'Another task sequence has this name.'
  for (const { id, title, state, items, remedy } of judged) {
    const field = id === 'IPU-11' ? (sequence.restartTo === 'windows-pe' ? 'restartTo' : 'steps') : fieldsOfRules[id]
    if (state !== 'violated' || field === undefined || fields[field] !== undefined) continue
    const says = items.find((one) => one.state === 'violated')?.says ?? ''
    const named = id === 'TS-06' && says.startsWith('Edition') ? 'editionIndex' : field
    fields[named] = `${title}? ${says} ${remedy}`
  }
  return {
    fields,
    open: judged.filter((one) => one.severity !== 'note' && (one.state === 'violated' || one.state === 'unknown')),
    met: judged.filter((one) => one.severity !== 'note' && one.state === 'met').length,
  }
}

const updatesNames = { required: 'Required updates', all: 'All updates', none: 'No updates' } as const
const open = 'not stated'
const yesNo = (value: boolean | undefined): string => (value === undefined ? open : value ? 'yes' : 'no')

/** What the sequence will do, page by page of the wizard. */
export function summaryOf(site: Site, one: TaskSequence): readonly (readonly [label: string, value: string])[] {
  const own = named(site.upgradePackages, one.upgradePackage)
  const edition = one.editionIndex === undefined ? undefined : own?.editions?.[one.editionIndex - 1]
  return [
    ['Name', one.name || open],
    ...(one.description ? [['Description', one.description] as const] : []),
    ['For', one.collection ?? open],
    ['Upgrades by', one.upgradePackage !== undefined ? `package ${one.upgradePackage}` : one.featureUpdate !== undefined ? `feature update ${one.featureUpdate}` : open],
    ...(one.featureUpdate === undefined
      ? [
          ['Edition index', one.editionIndex === undefined ? open : `${one.editionIndex}${edition ? ` (${edition})` : ''}`] as const,
          ['Product key', one.productKey === undefined ? open : one.productKey === '' ? 'none (volume licence)' : `${one.productKey.slice(0, 5)}-…`] as const,
        ]
      : []),
    ['Ignore dismissable compatibility messages', yesNo(one.ignoreMessages)],
    ['Updates', one.updates === undefined ? open : `${updatesNames[one.updates]}${one.updates === 'none' ? '' : ', of those targeted to the collections of the device'}`],
    ['Applications', one.applications === undefined ? open : one.applications.length === 0 ? 'none' : `${one.applications.join(', then ')}${one.applications.length > 1 ? ` (where one fails: ${one.continueOnFailure === undefined ? open : one.continueOnFailure ? 'the next one' : 'stop'})` : ''}`],
    ['Steps', one.steps === undefined ? open : one.steps.join(', ') || 'none'],
    ['Restarts to', one.restartTo === undefined ? open : one.restartTo === 'installed' ? 'the currently installed default operating system' : 'Windows PE'],
    ['Deployed by', one.deployment === undefined ? open : deploymentNames[one.deployment]],
  ] // prettier-ignore
}

/** A sequence as the wizard makes it: these steps, this restart. */
export const newSequence = (name: string): TaskSequence => ({
  name,
  kind: 'upgrade',
  isNew: true,
  imported: false,
  prestaged: false,
  standAloneMedia: false,
  editionIndex: 1,
  coreStepsOnly: true,
  changes: [],
  steps: [...neededSteps],
  restartTo: 'installed',
})
