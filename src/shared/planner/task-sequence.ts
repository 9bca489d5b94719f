/**
 * A task sequence that upgrades in place, as the wizard asks for it and as it is checked (Microsoft, "Create a task sequence
 * to upgrade an OS", Process).
 */
import { isMessage, say, type Phrase } from '#messages/message.ts'
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
  readonly fields: Readonly<Partial<Record<Field, Phrase>>>
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
  const fields: Partial<Record<Field, Phrase>> = {}
  if (sequence.name.trim() === '') fields.name = say('planner.wizard-wants-name')
  else if (site.taskSequences?.some((one, index) => index !== at && one.name === sequence.name))
    fields.name = say('planner.another-task-sequence-name')
  for (const { id, title, state, items, remedy } of judged) {
    const field = id === 'IPU-11' ? (sequence.restartTo === 'windows-pe' ? 'restartTo' : 'steps') : fieldsOfRules[id]
    if (state !== 'violated' || field === undefined || fields[field] !== undefined) continue
    const says = items.find((one) => one.state === 'violated')?.says ?? ''
    const isEdition = isMessage(says) && says.say === 'planner.edition-index-but-package'
    fields[isEdition ? 'editionIndex' : field] = say('planner.field-violates', { title, says, remedy })
  }
  return {
    fields,
    open: judged.filter((one) => one.severity !== 'note' && (one.state === 'violated' || one.state === 'unknown')),
    met: judged.filter((one) => one.severity !== 'note' && one.state === 'met').length,
  }
}

const updatesNames = {
  required: say('planner.required-updates'),
  all: say('planner.all-updates'),
  none: say('planner.updates'),
} as const
const open = say('planner.not-stated')
const nothing = say('planner.nothing')
const yesNo = (value: boolean | undefined): Phrase =>
  value === undefined ? open : value ? say('common.yes') : say('common.no')

function applicationsOf({ applications, continueOnFailure }: TaskSequence): Phrase {
  if (applications === undefined) return open
  if (applications.length < 2) return applications[0] ?? nothing
  const names = applications.join(' → ')
  if (continueOnFailure === undefined) return say('planner.applications-in-order', { names })
  return continueOnFailure
    ? say('planner.applications-continue', { names })
    : say('planner.applications-stop', { names })
}

/** What the sequence will do, page by page of the wizard. */
export function summaryOf(site: Site, one: TaskSequence): readonly (readonly [label: Phrase, value: Phrase])[] {
  const own = named(site.upgradePackages, one.upgradePackage)
  const edition = one.editionIndex === undefined ? undefined : own?.editions?.[one.editionIndex - 1]
  return [
    [say('planner.name'), one.name || open],
    ...(one.description ? [[say('planner.description'), one.description] as const] : []),
    [say('planner.for'), one.collection ?? open],
    [say('planner.upgrades'), one.upgradePackage !== undefined ? say('planner.package', { name: one.upgradePackage }) : one.featureUpdate !== undefined ? say('planner.feature-update', { featureUpdate: one.featureUpdate }) : open],
    ...(one.featureUpdate === undefined
      ? [
          [say('planner.edition-index'), one.editionIndex === undefined ? open : edition ? say('planner.index-and-edition', { index: one.editionIndex, edition }) : `${one.editionIndex}`] as const,
          [say('planner.product-key'), one.productKey === undefined ? open : one.productKey === '' ? say('planner.no-key') : `${one.productKey.slice(0, 5)}-…`] as const,
        ]
      : []),
    [say('planner.ignore-dismissable-compatibility-messages'), yesNo(one.ignoreMessages)],
    [say('planner.updates-label'), one.updates === undefined ? open : updatesNames[one.updates]],
    [say('planner.applications'), applicationsOf(one)],
    [say('planner.steps'), one.steps === undefined ? open : one.steps.join(', ') || nothing],
    [say('planner.restarts'), one.restartTo === undefined ? open : one.restartTo === 'installed' ? say('planner.currently-installed-default-operating-system') : 'Windows PE'],
    [say('planner.deployed'), one.deployment === undefined ? open : deploymentNames[one.deployment]],
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
