/** `pxe-lab remedy`: what the doctor advises, made on this machine and taken back. */
import { inEnglish, t, textOf } from '#messages/text.ts'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { diagnose } from '#shared/diagnosis/doctor.ts'
import type { Finding } from '#shared/diagnosis/doctor/finding.ts'
import { describeEvent } from '#shared/contract/events.ts'
import { canApply, type RemedyRecord } from '#shared/lab/repair.ts'
import { collectFacts } from '../inspect/facts.ts'
import { answerRequest, engineIn, isElevated, perform, performElevated, type Request } from '../remedy/elevation.ts'
import { RemedyError } from '../remedy/kinds.ts'
import { LabFile, parseLab } from '../workspace/lab-file.ts'
import { placeOfState } from '../workspace/state-folder.ts'
import { meansYes, yesNoQuestion } from './answers.ts'
import { exitCodes } from './exit-codes.ts'
import { UsageError } from './usage-error.ts'

export interface RemedyOptions {
  readonly state?: string
  readonly yes?: boolean
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)

async function journalOf(state: string | undefined): Promise<string> {
  if (state !== undefined) return join(state, 'remedies')
  const file = new LabFile('lab.yaml')
  const parsed = parseLab(await file.readText().catch(() => ''))
  const { folder, told } = await placeOfState(file, parsed.ok ? parsed.lab : undefined)
  for (const event of told) process.stderr.write(`pxe-lab: ${describeEvent(event).text}\n`)
  return join(folder, 'remedies')
}

const isRepairable = ({ remedy }: Finding): boolean =>
  remedy !== undefined && remedy.changes.length > 0 && remedy.changes.every(canApply)

async function told(work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof RemedyError)) throw error
    complain(`${error.message}. ${error.remedy}`)
    return exitCodes.failed
  }
}

function printRecord({ title, phase, problem, id }: RemedyRecord): number {
  tell(
    `${title}: ${problem === undefined ? t('cli.remedy-phase', { phase, id }) : t('cli.remedy-phase-problem', { phase, problem, id })}`,
  )
  return problem === undefined ? exitCodes.ok : exitCodes.failed
}

async function carryOut(state: string | undefined, request: Request): Promise<RemedyRecord> {
  const journal = await journalOf(state)
  return (await isElevated()) ? perform(engineIn(journal), request) : performElevated(journal, request)
}

/** What can be repaired here, and what has been. */
export async function list({ state }: RemedyOptions): Promise<number> {
  const { findings } = diagnose(await collectFacts())
  const open = findings.filter(isRepairable)
  tell(open.length === 0 ? t('cli.no-fixes-apply-machine') : t('cli.available-fixes-apply-pxe-lab'))
  for (const { id, title, remedy } of open) tell(`  ${id.padEnd(26)} ${textOf(title)}. ${textOf(remedy!.says)}`)
  const records = await engineIn(await journalOf(state)).list()
  if (records.length > 0) tell(`\n${t('cli.applied-fixes-undo-pxe-lab')}`)
  for (const one of records)
    tell(
      `  ${one.id}  ${one.isInterrupted ? t('cli.interrupted-while', { phase: one.phase }) : one.phase}  ${one.title}`,
    )
  return exitCodes.ok
}

export async function apply(name: string, { state, yes }: RemedyOptions): Promise<number> {
  const { findings } = diagnose(await collectFacts())
  const finding = findings.find((one) => one.id === name)
  if (!finding) {
    complain(findings.length === 0 ? t('cli.not-finding-machine-none', { name }) : t('cli.not-finding-machine-choose-one', { name, findings: findings.map((one) => one.id).join(', ') })) // prettier-ignore
    throw new UsageError('finding')
  }
  if (!isRepairable(finding)) {
    complain(t('cli.cannot-fixed-automatically-pxe-lab', { name }))
    return exitCodes.failed
  }
  const { changes } = finding.remedy!
  return told(async () => {
    const { steps } = await engineIn(await journalOf(state)).preview(changes)
    tell(`${textOf(finding.title)}. ${textOf(finding.remedy!.says)}`)
    for (const { what, now, wanted, commands } of steps) {
      tell(`  ${what}: ${now} -> ${wanted}`)
      for (const command of commands) tell(`      ${command}`)
    }
    if (!yes && !(await confirmed())) return exitCodes.failed
    const record = await carryOut(state, { verb: 'apply', title: inEnglish(finding.title), changes: [...changes] })
    const code = printRecord(record)
    const after = diagnose(await collectFacts())
    tell(textOf(after.verdict))
    return code
  })
}

async function confirmed(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    complain(t('cli.no-terminal-confirm-these-changes'))
    throw new UsageError('--yes')
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await lines.question(yesNoQuestion(t('cli.make-these-changes-current-values')))
  lines.close()
  return meansYes(answer)
}

/** Takes the newest back, or that one; finishes what was interrupted. */
export async function goOn(verb: 'undo' | 'finish', id: string | undefined, { state }: RemedyOptions): Promise<number> {
  return told(async () => {
    const records = await engineIn(await journalOf(state)).list()
    const record =
      id === undefined
        ? records.find((one) => (verb === 'undo' ? one.phase !== 'undone' : one.isInterrupted))
        : records.find((one) => one.id === id)
    if (!record) {
      complain(
        id === undefined
          ? t(verb === 'undo' ? 'cli.nothing-to-undo' : 'cli.nothing-to-finish')
          : t('cli.no-applied-fix-pxe-lab', { id }),
      )
      throw new UsageError('id')
    }
    return printRecord(await carryOut(state, { verb, id: record.id }))
  })
}

/** The elevated half of a window or a command without administrator rights. */
export async function answer(name: string, journal: string): Promise<number> {
  await answerRequest(name, journal)
  return exitCodes.ok
}
