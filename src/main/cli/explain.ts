/** `pxe-lab explain` and `pxe-lab report`: what happened in the boots of a capture file. */
import { forPrograms } from '#messages/json.ts'
import { t } from '#messages/text.ts'
import { basename } from 'node:path'
import { explainAttempt } from '#shared/diagnosis/explain/explain.ts'
import { attemptJson, explanationVersion } from '#shared/diagnosis/explain/explanation-json.ts'
import { explainedLadder, htmlReport } from '#shared/diagnosis/report.ts'
import { named } from '#shared/diagnosis/explain/named.ts'
import type { Explanation, Outcome } from '#shared/diagnosis/explain/explanation.ts'
import type { Attempt, Machine } from '#shared/trace/events.ts'
import { laneName, machineNames, nameAddresses, type MachineNames } from '#shared/trace/name-addresses.ts'
import { ladderText } from '#shared/trace/ladder-text.ts'
import { Session } from '#shared/trace/session.ts'
import { unreadFrames } from '#shared/trace/unread.ts'
import { printable } from '#shared/wire/printable.ts'
import { version } from '../version.ts'
import { Output, readCapture } from './capture-input.ts'
import { replaceFile, writeRemedy } from '../files/replace-file.ts'
import { exitCodes } from './exit-codes.ts'

export interface ExplainCommandOptions {
  readonly json?: boolean
  readonly ladder?: boolean
  readonly client?: string
}

async function read(file: string): Promise<{ session: Session; code: number }> {
  const session = new Session()
  const code = await readCapture(
    file,
    session,
    async () => {},
    () => session.store.last,
    true,
  )
  return { session, code }
}

const marks = { good: '+', plain: ' ', benign: '~', warning: '!', bad: 'x' } as const

interface Telling {
  readonly names: MachineNames
  readonly withLadder: boolean
}

function toldAttempt(session: Session, attempt: Attempt, found: Explanation, { names, withLadder }: Telling): string {
  const explanation = named(found, names, attempt.machine.name)
  const { headline, outcome, sentences, missing, causes, tells, startNs, firmware } = explanation
  const at = (ns: number): string => `${((ns - startNs) / 1e9).toFixed(3)} s`
  const lines = [
    t('cli.attempt-headline', {
      machine: nameAddresses(attempt.machine.name, names),
      attempt: attempt.ordinal,
      headline,
    }),
    ...(firmware && outcome !== 'check'
      ? [`  ${t('cli.told', { name: firmware.name, evidence: firmware.evidence })}`]
      : []),
    ...sentences.map(({ text, tone, frames }) => {
      const shown = frames.filter((frame) => frame > 0)
      return ` ${marks[tone]} ${text}${shown.length > 0 ? ` [${shown.slice(0, 10).join(' ')}${shown.length > 10 ? ' ...' : ''}]` : ''}`
    }),
    ...missingLines(missing, at),
    ...(causes.length > 0 ? [`  ${t('cli.likely-causes')}`, ...causes.map((one) => `   - ${one}`)] : []),
    ...(tells.length > 0 ? [`  ${t('cli.would-tell-them-apart')}`, ...tells.map((one) => `   - ${one}`)] : []),
  ].map(printable)
  if (withLadder)
    lines.push(
      '',
      ladderText(explainedLadder(session, attempt, explanation), (lane) => laneName(lane, names)),
    )
  return lines.join('\n')
}

/** Packets that did not come, each label once: a storm misses the same one ten thousand times. */
function missingLines(missing: Explanation<string>['missing'], at: (ns: number) => string): string[] {
  const byLabel = new Map<string, Explanation<string>['missing'][number][]>()
  for (const one of missing) {
    const key = `${one.label} ${one.isOverdue}`
    const known = byLabel.get(key)
    if (known) known.push(one)
    else byLabel.set(key, [one])
  }
  return [...byLabel.values()].map((same) => {
    const [first] = same
    const late = first!.isOverdue ? 'yes' : 'no'
    const label = first!.label
    return same.length === 1
      ? ` ? ${t('cli.missing-packet', { label, at: at(first!.dueNs), late })}`
      : ` ? ${t('cli.missing-packets', { label, count: same.length, from: at(first!.dueNs), to: at(same.at(-1)!.dueNs), late })}`
  })
}

/** How a capture ends: by what became of each machine at last, for a boot that failed and was repeated with success did boot. */
function exitCodeOf(last: Iterable<Outcome>): number {
  const outcomes = new Set(last)
  if (outcomes.has('failed')) return exitCodes.failed
  return outcomes.has('unknown') || outcomes.has('waiting') ? exitCodes.undetermined : exitCodes.ok
}

/** 0 where every boot succeeded or there was none, 1 where one failed, 2 where the file cannot be read, 3 where it does not tell. */
export async function explain(file: string, options: ExplainCommandOptions): Promise<number> {
  const { session, code } = await read(file)
  const wanted = options.client?.toLowerCase()
  const attempts = session.trace.attempts.filter((one) => wanted === undefined || one.machine.name === wanted)
  const out = new Output()
  const head = JSON.stringify({ version: explanationVersion, file: basename(file), frames: session.store.count })
  if (options.json) out.text(`${head.slice(0, -1)},"attempts":[`)
  const last = new Map<Machine, Outcome>()
  const telling = { names: machineNames(session.trace.machines), withLadder: options.ladder === true }
  for (const [index, attempt] of attempts.entries()) {
    const explanation = explainAttempt(session.store, attempt, { nowNs: session.endNs })
    if (!hasOnlyBegun(explanation)) keepOutcome(last, attempt.machine, explanation.outcome)
    if (options.json)
      out.text(`${index > 0 ? ',' : ''}${JSON.stringify(forPrograms(attemptJson(session, attempt, explanation)))}`)
    else {
      if (index > 0) out.line('')
      out.line(toldAttempt(session, attempt, explanation, telling))
    }
    await out.drained()
  }
  if (options.json) out.line(']}')
  await out.flush()
  if (code !== exitCodes.ok) return code
  if (session.trace.attempts.length === 0) {
    const unread = unreadFrames(session.store)
    if (unread.length > 0) {
      process.stderr.write(`${t('cli.pxe-lab-shows-no-boot', { file, unread: unread.join('; ') })}\n`)
      return exitCodes.undetermined
    }
  }
  if (attempts.length === 0) {
    process.stderr.write(
      wanted === undefined
        ? `${t('cli.pxe-lab-holds-frames-no', { file, count: session.store.count })}\n`
        : `${t('cli.pxe-lab-holds-no-boot', { file, wanted, value: session.trace.machines.map((one) => one.name).join(', ') || t('cli.none') })}\n`,
    )
    return exitCodes.ok
  }
  return last.size === 0 ? exitCodes.undetermined : exitCodeOf(last.values())
}

/** Whether the capture ends just as a client begins: it says nothing about that boot, good or bad. */
const hasOnlyBegun = ({ outcome, stages, missing }: Explanation): boolean =>
  outcome === 'waiting' && stages.every((one) => one.name === 'discover') && missing.every((one) => !one.isOverdue)

/** What a machine does when it has booted, and DHCP that boots nothing, take nothing back. */
function keepOutcome(last: Map<Machine, Outcome>, machine: Machine, outcome: Outcome): void {
  const before = last.get(machine)
  if ((outcome === 'idle' || outcome === 'address') && before !== undefined) return
  // A failure is made good by a boot alone, not by a try whose end is not seen.
  if (before === 'failed' && outcome !== 'started' && outcome !== 'loaded') return
  last.set(machine, outcome)
}

export interface ReportCommandOptions {
  readonly output: string
  readonly mask?: boolean
}

export async function report(file: string, options: ReportCommandOptions): Promise<number> {
  const { session, code } = await read(file)
  if (code !== exitCodes.ok && session.store.count === 0) return code
  const html = htmlReport(session, {
    title: basename(file),
    attempts: session.trace.attempts,
    isMasked: options.mask === true,
    madeAt: Date.now(),
    version,
  })
  try {
    await replaceFile(options.output, html)
  } catch (error) {
    process.stderr.write(
      `${t('cli.pxe-lab-output-cannot-written', { output: options.output, code: (error as NodeJS.ErrnoException).code, writeRemedy: writeRemedy(error) })}\n`,
    )
    return exitCodes.badFile
  }
  process.stderr.write(
    `${t('cli.report-written', { file: options.output, count: session.trace.attempts.length, size: html.length })}\n`,
  )
  return code
}
