/** `pxe-lab explain` and `pxe-lab report`: what happened in the boots of a capture file. */
import { basename } from 'node:path'
import { explainAttempt } from '#shared/diagnosis/explain/explain.ts'
import { attemptJson, explanationVersion } from '#shared/diagnosis/explain/explanation-json.ts'
import { explainedLadder, htmlReport } from '#shared/diagnosis/report.ts'
import type { Explanation } from '#shared/diagnosis/explain/explanation.ts'
import type { Attempt } from '#shared/trace/events.ts'
import { ladderText } from '#shared/trace/ladder-text.ts'
import { Session } from '#shared/trace/session.ts'
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

function toldAttempt(session: Session, attempt: Attempt, explanation: Explanation, withLadder: boolean): string {
  const { headline, sentences, missing, startNs, firmware } = explanation
  const at = (ns: number): string => `${((ns - startNs) / 1e9).toFixed(3)} s`
  const lines = [
    `${attempt.machine.name}, attempt ${attempt.ordinal}: ${headline}`,
    ...(firmware ? [`  ${firmware.name}, told by ${firmware.evidence}`] : []),
    ...sentences.map(({ text, tone, frames }) => {
      const shown = frames.filter((frame) => frame > 0)
      return ` ${marks[tone]} ${text}${shown.length > 0 ? ` [${shown.slice(0, 10).join(' ')}${shown.length > 10 ? ' ...' : ''}]` : ''}`
    }),
    ...missing.map(
      (one) => ` ? missing: ${one.label}, due at ${at(one.dueNs)}${one.isOverdue ? ', did not come' : ''}`,
    ),
  ].map(printable)
  if (withLadder) lines.push('', ladderText(explainedLadder(session, attempt, explanation)))
  return lines.join('\n')
}

/** 0 where no boot failed, 1 where one did, 2 where the file cannot be read. */
export async function explain(file: string, options: ExplainCommandOptions): Promise<number> {
  const { session, code } = await read(file)
  const wanted = options.client?.toLowerCase()
  const attempts = session.trace.attempts.filter((one) => wanted === undefined || one.machine.name === wanted)
  const out = new Output()
  const head = JSON.stringify({ version: explanationVersion, file: basename(file), frames: session.store.count })
  if (options.json) out.text(`${head.slice(0, -1)},"attempts":[`)
  let hasFailed = false
  for (const [index, attempt] of attempts.entries()) {
    const explanation = explainAttempt(session.store, attempt, { nowNs: session.endNs })
    hasFailed ||= explanation.outcome === 'failed'
    if (options.json) out.text(`${index > 0 ? ',' : ''}${JSON.stringify(attemptJson(session, attempt, explanation))}`)
    else {
      if (index > 0) out.line('')
      out.line(toldAttempt(session, attempt, explanation, options.ladder === true))
    }
    await out.drained()
  }
  if (options.json) out.line(']}')
  await out.flush()
  if (code !== exitCodes.ok) return code
  if (attempts.length === 0) {
    process.stderr.write(
      wanted === undefined
        ? `pxe-lab: ${file} holds ${session.store.count} frames and no boot: neither DHCP nor TFTP.\n`
        : `pxe-lab: ${file} holds no boot of ${wanted}; it has ${session.trace.machines.map((one) => one.name).join(', ') || 'none'}.\n`,
    )
    return exitCodes.ok
  }
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
    await replaceFile(options.output, html)
  } catch (error) {
    process.stderr.write(
      `pxe-lab: --output ${options.output} cannot be written (${(error as NodeJS.ErrnoException).code}). ${writeRemedy(error)}\n`,
    )
    return exitCodes.badFile
  }
  process.stderr.write(`${options.output}: ${session.trace.attempts.length} attempts, ${html.length} characters.\n`)
  return code
}
