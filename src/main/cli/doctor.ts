/** `pxe-lab doctor`: what is wrong with the boot services of a machine, from its facts. */
import type { Phrase } from '#messages/message.ts'
import { forPrograms } from '#messages/json.ts'
import { t, textOf } from '#messages/text.ts'
import { diagnose } from '#shared/diagnosis/doctor.ts'
import type { Diagnosis, Finding } from '#shared/diagnosis/doctor/finding.ts'
import { whyHeld } from '#shared/diagnosis/doctor/port-rules.ts'
import { alikeScopes, scopesTitle, type Prediction } from '#shared/diagnosis/twin.ts'
import { bootPorts, type Facts } from '#shared/lab/facts.ts'
import { labFactsOf } from '#shared/lab/lab.ts'
import { firmwareText } from '#shared/machines/pxe-client/firmwares.ts'
import { collectFacts } from '../inspect/facts.ts'
import { formatDateTime } from '#shared/wire/time.ts'
import { padColumns } from '#shared/wire/columns.ts'
import { printable } from '#shared/wire/printable.ts'
import { withoutNative } from '../responder/without-native.ts'
import { exitCodes } from './exit-codes.ts'
import { factsOf } from './facts-input.ts'
import { labOf } from './lab-input.ts'
import { UsageError } from './usage-error.ts'

export interface DoctorOptions {
  readonly json?: boolean
  readonly facts?: string
  readonly collect?: boolean
  readonly lab?: string
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)

/** Names in a sentence may hold what a terminal would obey. */
const shown = (text: Phrase): string => printable(textOf(text))

const tellProgress = (text: string): void => complain(t('cli.waiting-press-ctrl-c-cancel', { text }))

/** 0 healthy, 1 findings, 2 it cannot be told or a file cannot be read. */
export async function doctor(options: DoctorOptions): Promise<number> {
  if (options.collect && options.facts !== undefined) {
    complain(t('cli.collect-writes-facts-machine-facts'))
    throw new UsageError('--collect with --facts')
  }
  const given = options.lab === undefined ? undefined : await labOf(options.lab, '--lab')
  if (options.lab !== undefined && !given) return exitCodes.badFile
  const found =
    options.facts === undefined ? await collectFacts({ onProgress: tellProgress }) : await factsOf(options.facts)
  if (!found) return exitCodes.badFile
  const facts: Facts = given ? { ...found, ...labFactsOf(given.lab) } : found
  if (options.collect) {
    tell(JSON.stringify(facts, undefined, 2))
    return exitCodes.ok
  }
  const diagnosis = diagnose(facts)
  // About this program on this machine: a report of another one says nothing of it.
  const remark = options.facts === undefined ? withoutNative() : undefined
  const { host, collectedAt } = facts
  if (options.json)
    tell(JSON.stringify(forPrograms({ version: 1, host, collectedAt, ...diagnosis, remarks: [remark ?? []].flat() })))
  else print(facts, diagnosis)
  if (remark !== undefined && !options.json) tell(`\n${t('cli.itself', { remark })}`)
  return diagnosis.health === 'healthy'
    ? exitCodes.ok
    : diagnosis.health === 'findings'
      ? exitCodes.failed
      : exitCodes.unknown
}

function print(facts: Facts, diagnosis: Diagnosis): void {
  tell(textOf(diagnosis.verdict))
  const held = facts.udp?.value.filter(({ port }) => bootPorts.includes(port))
  tell(`\n${t('cli.ports')}`)
  if (held === undefined) tell(`  ${t('cli.ports-not-known')}`)
  else if (held.length === 0) tell(`  ${t('cli.ports-free')}`)
  for (const one of held ?? []) {
    const { address, port, process, pid, services, since, namespace } = one
    const who = process === undefined ? t('cli.process-unknown-run-administrator-see') : `${process} (${pid})`
    tell(
      `  ${`UDP ${address}:${port}`.padEnd(26)} ${who}${services.length > 0 ? `, ${services.join(', ')}` : ''}${since === undefined ? '' : `, ${t('cli.since', { time: formatDateTime(Date.parse(since)) })}`}${namespace === undefined ? '' : `, ${t('cli.in-namespace', { namespace })}`}`,
    )
    const why = textOf(whyHeld(one))
    if (why !== '') tell(`  ${''.padEnd(26)} ${why}`)
  }
  for (const finding of diagnosis.findings) printFinding(finding)
  if (diagnosis.prediction) printPrediction(diagnosis.prediction)
  tell(`\n${t('cli.checked')}`)
  const marks = { passed: t('cli.mark-ok'), failed: t('cli.mark-no'), unknown: '??' }
  const left = diagnosis.checks.filter(({ state }) => state === 'not-applicable').length
  for (const { title, state, detail } of diagnosis.checks)
    if (state !== 'not-applicable')
      tell(`  ${marks[state]}  ${textOf(title)}${state === 'unknown' ? `. ${shown(detail)}` : ''}`)
  if (left > 0) tell(`  ${t('cli.more-checks-do-not-apply', { left })}`)
}

function printPrediction(prediction: Prediction): void {
  tell(`\n${t('cli.clients-do-simulated-these-settings')}`)
  for (const { scopes, cells } of alikeScopes(prediction)) {
    tell(`  ${shown(scopesTitle(scopes))}`)
    for (const client of prediction.clients) {
      const { state, line, because } = cells[client]!
      tell(`    ${padColumns(firmwareText(client), 42)} ${state === 'booted' ? t('cli.boots') : state === 'unknown' ? t('cli.boots-not-known', { because: shown(because) }) : line || state}`) // prettier-ignore
    }
  }
  for (const one of prediction.assumes) tell(`  ${t('cli.assumed', { what: shown(one) })}`)
}

const severities = {
  error: 'cli.severity-error',
  warning: 'cli.severity-warning',
  note: 'cli.severity-note',
} as const satisfies Record<Finding['severity'], string>

function printFinding({ severity, title, says, evidence, reference, remedy }: Finding): void {
  tell(`\n${t(severities[severity])}: ${textOf(title)}\n  ${textOf(says)}`)
  for (const { says: fact, raw } of evidence)
    tell(`  - ${shown(fact)}${raw === undefined ? '' : `\n      | ${printable(raw)}`}`)
  if (remedy) {
    tell(`  ${t('cli.remedy', { says: remedy.says })}`)
    for (const command of remedy.commands) tell(`      ${command}`)
    tell(`  ${t('cli.to-undo-it')}`)
    for (const command of remedy.undo) tell(`      ${command}`)
  }
  tell(`  ${reference}`)
}
