/** `pxe-lab explain` and `pxe-lab report`: what happened in the boots of a capture file. */
import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { explainAttempt } from '#shared/diagnosis/explain/explain.ts'
import { explanationJson } from '#shared/diagnosis/explain/explanation-json.ts'
import { explainedLadder, htmlReport } from '#shared/diagnosis/report.ts'
import type { Attempt } from '#shared/trace/events.ts'
import { ladderText } from '#shared/trace/ladder-text.ts'
import { Session } from '#shared/trace/session.ts'
import { version } from '../version.ts'
import { readCapture } from './capture-input.ts'
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

function toldAttempt(session: Session, attempt: Attempt, withLadder: boolean): string {
  const explanation = explainAttempt(session.store, attempt, { nowNs: session.endNs })
  const { headline, sentences, missing, startNs, firmware } = explanation
  const at = (ns: number): string => `${((ns - startNs) / 1e9).toFixed(3)} s`
  return [
    `${attempt.machine.name}, attempt ${attempt.machine.attempts.indexOf(attempt) + 1}: ${headline}`,
    ...(firmware ? [`  ${firmware.name}, told by ${firmware.evidence}`] : []),
    ...sentences.map(({ text, tone, frames }) => {
      const shown = frames.filter((frame) => frame > 0)
      return ` ${marks[tone]} ${text}${shown.length > 0 ? ` [${shown.slice(0, 10).join(' ')}${shown.length > 10 ? ' ...' : ''}]` : ''}`
    }),
    ...missing.map(
      (one) => ` ? missing: ${one.label}, due at ${at(one.dueNs)}${one.isOverdue ? ', did not come' : ''}`,
    ),
    ...(withLadder ? ['', ladderText(explainedLadder(session, attempt, explanation))] : []),
  ].join('\n')
}

/** 0 where no boot failed, 1 where one did, 2 where the file cannot be read. */
export async function explain(file: string, options: ExplainCommandOptions): Promise<number> {
  const { session, code } = await read(file)
  const wanted = options.client?.toLowerCase()
  const attempts = session.trace.attempts.filter((one) => wanted === undefined || one.machine.name === wanted)
  if (options.json) process.stdout.write(`${JSON.stringify(explanationJson(session, attempts, basename(file)))}\n`)
  else if (attempts.length > 0)
    process.stdout.write(`${attempts.map((one) => toldAttempt(session, one, options.ladder === true)).join('\n\n')}\n`)
  if (code !== exitCodes.ok) return code
  if (attempts.length === 0) {
    process.stderr.write(
      wanted === undefined
        ? `pxe-lab: ${file} holds ${session.store.count} frames and no boot: neither DHCP nor TFTP.\n`
        : `pxe-lab: ${file} holds no boot of ${wanted}; it has ${session.trace.machines.map((one) => one.name).join(', ') || 'none'}.\n`,
    )
    return exitCodes.ok
  }
  const hasFailed = attempts.some(
    (one) => explainAttempt(session.store, one, { nowNs: session.endNs }).outcome === 'failed',
  )
  return hasFailed ? exitCodes.failed : exitCodes.ok
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
    await writeFile(options.output, html)
  } catch (error) {
    process.stderr.write(
      `pxe-lab: --output ${options.output} cannot be written (${(error as NodeJS.ErrnoException).code}). Name a file in a folder that exists.\n`,
    )
    return exitCodes.badFile
  }
  process.stderr.write(`${options.output}: ${session.trace.attempts.length} attempts, ${html.length} characters.\n`)
  return code
}
