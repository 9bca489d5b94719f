/** `pxe-lab plan`: whether a site is ready for operating-system deployments, from a file that describes it. */
import { t } from '#messages/text.ts'
import { textOf } from '#messages/text.ts'
import { fillFrom, serverFrom } from '#shared/planner/from-facts.ts'
import { collectionUpgrades } from '#shared/planner/in-place.ts'
import { plan as planSite, rules } from '#shared/planner/plan.ts'
import { byState, subjectText, type State } from '#shared/planner/rule.ts'
import { nameOf, type Site } from '#shared/planner/site.ts'
import { readSite, withValue } from '#shared/planner/site-text.ts'
import { upgradeTimeline } from '#shared/planner/timeline.ts'
import { standingNames, type Standing } from '#shared/planner/way-out.ts'
import { versionPattern } from '#shared/planner/versions.ts'
import { readTextFile } from '../files/text-file.ts'
import { forPrograms } from '#messages/json.ts'
import { exitCodes } from './exit-codes.ts'
import { factsOf } from './facts-input.ts'
import { UsageError } from './usage-error.ts'
import { whyUnread } from '../files/unreadable.ts'

export interface PlanOptions {
  readonly json?: boolean
  readonly only?: readonly string[]
  readonly facts?: readonly string[]
  readonly upgradeTo?: string
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)
const marks: Readonly<Record<State, string>> = {
  violated: t('cli.mark-no'),
  unknown: '??',
  met: t('cli.mark-ok'),
  'not-applicable': '--',
}

/** What is to be done first, then what is to be stated. */

/** What the Doctor found on servers goes where the file leaves something open. */
async function withFacts(site: Site, files: readonly string[]): Promise<Site | undefined> {
  let filled = JSON.parse(JSON.stringify(site)) as Site
  for (const file of files) {
    const facts = await factsOf(file)
    if (!facts) return undefined
    const { fill, differing } = fillFrom(filled, serverFrom(facts))
    for (const { path, stated, found } of differing)
      complain(t('cli.site-file-file-counts', { name: nameOf(path), stringify: JSON.stringify(stated), stringify2: JSON.stringify(found), host: facts.host })) // prettier-ignore
    const text = fill.reduce((now, { path, value }) => withValue(now, path, value), JSON.stringify(filled))
    filled = readSite(text).site ?? filled
  }
  return filled
}

const isFacts = (stated: unknown): boolean =>
  typeof stated === 'object' && stated !== null && 'collectedAt' in stated && 'sources' in stated

function tellUpgrade(site: Site, target: string | undefined): void {
  const timeline = upgradeTimeline(site, target)
  for (const one of timeline.warnings) complain(textOf(one))
  tell(`\n${timeline.target === undefined ? t('cli.upgrade') : t('cli.upgrade-to', { version: timeline.target })}`)
  for (const [index, { title, tasks, areas }] of timeline.steps.entries()) {
    tell(`${index === 0 ? '-' : `${index}.`} ${textOf(title)}`)
    for (const task of tasks) tell(`      ${textOf(task)}`)
    for (const { area, unsafe } of areas)
      for (const { rule, subject, says, until } of unsafe)
        tell(
          `  ${marks.violated}  ${textOf(area)}, ${textOf(subjectText(subject))}: ${textOf(says)} (${rule}${until === undefined ? '' : t('cli.safe-again-after', { text: textOf(until) })})`,
        )
  }
}

function tellWayOut(standings: readonly Standing[]): void {
  if (standings.length === 0) return
  const told = new Set<string>()
  tell(`\n${t('cli.leaving-wds-mdt')}`)
  for (const { subject, have, state, says, needs, replacements } of standings) {
    tell(`- ${textOf(subjectText(subject))}: ${textOf(have)}\n      ${textOf(standingNames[state])}: ${textOf(says)}`)
    if (needs.length > 0) tell(`      ${t('cli.not-stated', { needs: needs.join(', ') })}`)
    for (const replacement of replacements) {
      const { title, steps, lab } = replacement
      // Many things have the same way out, which is written once.
      const isTold = told.has(JSON.stringify(replacement))
      tell(`    ${textOf(title)}${isTold ? ` ${t('cli.as-above')}` : ''}`)
      if (isTold) continue
      told.add(JSON.stringify(replacement))
      for (const one of steps) tell(`      - ${textOf(one)}`)
      for (const one of lab) tell(`      ${one.command}: ${textOf(one.says)}`)
    }
  }
}

/** 0 everything that applies is met, 1 something is violated, 2 something is unknown or the file cannot be read. */
export async function plan(file: string, { json, only, facts, upgradeTo }: PlanOptions): Promise<number> {
  if (upgradeTo !== undefined && !versionPattern.test(upgradeTo)) {
    complain(t('cli.upgrade-no-version-write-one', { upgradeTo }))
    throw new UsageError('--upgrade-to')
  }
  const stranger = only?.find((id) => !rules.some((one) => one.id === id))
  if (stranger !== undefined) {
    const group = stranger.toUpperCase().split('-')[0]!
    const near = rules.filter((one) => one.id.startsWith(`${group}-`)).map((one) => one.id)
    complain(
      near.length > 0
        ? t('cli.only-no-rule-rules-docs', { stranger, group, near: near.join(', ') })
        : t('cli.only-no-rule-groups-rules', {
            stranger,
            value: [...new Set(rules.map((one) => one.id.split('-')[0]!))].join(', '),
          }),
    )
    throw new UsageError('--only')
  }
  let text: string
  try {
    ;({ text } = await readTextFile(file))
  } catch (error) {
    complain(t('cli.name-site-file', { file, whyUnread: whyUnread(error) }))
    return exitCodes.badFile
  }
  const { problems, site: read, stated } = readSite(text)
  if (isFacts(stated)) {
    complain(t('cli.file-facts-doctor-collects-no', { file })) // prettier-ignore
    return exitCodes.badFile
  }
  for (const { line, field, value: shown, message, remedy } of problems)
    complain(t('cli.it-is', { file, line, field, message, shown, remedy }))
  const site = read && (await withFacts(read, facts ?? []))
  if (!site) return exitCodes.badFile
  const { rules: judged, readiness, servers, sites, wayOut } = planSite(site)
  const shown = judged.filter((one) => only === undefined || only.includes(one.id))
  if (json)
    tell(
      JSON.stringify(
        forPrograms({
          version: 1,
          readiness: readiness.map(({ checks, ...one }) => ({ ...one, rules: checks.map(({ id }) => id) })),
          servers,
          sites,
          rules: shown,
          upgrade: upgradeTimeline(site, upgradeTo),
          collections: collectionUpgrades(site),
          wayOut,
        }),
      ),
    )
  else {
    if (only === undefined)
      for (const { capability, percent, blocking } of readiness)
        tell(`${`${capability} `.padEnd(14, '.')} ${percent} %${blocking.length > 0 ? t('cli.blocked', { blocking: blocking.join(', ') }) : ''}`) // prettier-ignore
    for (const { id, title, severity, state, items, remedy, source } of [
      ...byState(shown),
      ...shown.filter((one) => one.state === 'not-applicable'),
    ]) {
      // prettier-ignore
      if (state === 'not-applicable' && only === undefined) continue
      tell(`${marks[state]}  ${id.padEnd(14)} ${textOf(title)}${state === 'violated' ? ` (${severity})` : ''}`)
      for (const item of items)
        if (item.state !== 'met') tell(`      ${textOf(subjectText(item.subject))}: ${textOf(item.says)}`)
      if (state === 'violated') tell(`      ${textOf(remedy)}\n      ${source}`)
    }
    if (upgradeTo !== undefined) tellUpgrade(site, upgradeTo)
    if (only === undefined) tellWayOut(wayOut)
  }
  const states = shown.map((one) => one.state)
  return states.includes('violated') ? exitCodes.failed : states.includes('unknown') ? exitCodes.unknown : exitCodes.ok
}
