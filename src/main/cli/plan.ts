/** `pxe-lab plan`: whether a site is ready for operating-system deployments, from a file that describes it. */
import { readFile } from 'node:fs/promises'
import { plan as planSite, rules } from '#shared/planner/plan.ts'
import type { State } from '#shared/planner/rule.ts'
import { readSite } from '../workspace/site-file.ts'
import { exitCodes } from './exit-codes.ts'
import { UsageError } from './usage-error.ts'

export interface PlanOptions {
  readonly json?: boolean
  readonly only?: readonly string[]
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)
const marks: Readonly<Record<State, string>> = { violated: 'NO', unknown: '??', met: 'ok', 'not-applicable': '--' }

/** 0 everything that applies is met, 1 something is violated, 2 something is unknown or the file cannot be read. */
export async function plan(file: string, { json, only }: PlanOptions): Promise<number> {
  const stranger = only?.find((id) => !rules.some((one) => one.id === id))
  if (stranger !== undefined) {
    complain(`--only ${stranger} is no rule. There are: ${rules.map((one) => one.id).join(', ')}.`)
    throw new UsageError('--only')
  }
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    complain(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}). Name a site file.`)
    return exitCodes.badFile
  }
  const { problems, site } = readSite(text)
  for (const { line, field, value: shown, message, remedy } of problems)
    complain(`${file}:${line}: ${field} ${message} (it is ${shown}). ${remedy}`)
  if (!site) return exitCodes.badFile
  const { rules: judged, readiness } = planSite(site)
  const shown = judged.filter((one) => only === undefined || only.includes(one.id))
  if (json) tell(JSON.stringify({ version: 1, readiness, rules: shown }))
  else {
    if (only === undefined)
      for (const { capability, percent, blocking } of readiness)
        tell(`${`${capability} `.padEnd(14, '.')} ${percent} %${blocking.length > 0 ? `, blocked by ${blocking.join(', ')}` : ''}`) // prettier-ignore
    for (const { id, title, severity, state, items, remedy, source } of shown) {
      if (state === 'not-applicable' && only === undefined) continue
      tell(`${marks[state]}  ${id.padEnd(14)} ${title}${state === 'violated' ? ` (${severity})` : ''}`)
      for (const item of items) if (item.state !== 'met') tell(`      ${item.subject}: ${item.says}`)
      if (state === 'violated') tell(`      ${remedy}\n      ${source}`)
    }
  }
  const states = shown.map((one) => one.state)
  return states.includes('violated') ? exitCodes.failed : states.includes('unknown') ? exitCodes.unknown : exitCodes.ok
}
