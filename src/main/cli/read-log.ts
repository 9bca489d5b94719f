/** `pxe-lab read-log`: what is known of what logs of Configuration Manager and of Windows Setup say. */
import type { LogLine } from '#shared/planner/log-lines.ts'
import { readLog } from '#shared/planner/logs.ts'
import { rules } from '#shared/planner/plan.ts'
import { readTextFile } from '../files/text-file.ts'
import { printable } from '#shared/wire/printable.ts'
import { exitCodes } from './exit-codes.ts'

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)
const marks = { failure: 'NO', hint: '??', good: 'ok' } as const
const shown = ({ line, time, component, text }: LogLine): string =>
  printable(`      ${[`${line}:`, time, component, text.replace(/\s*\n\s*/g, ' ')].filter(Boolean).join(' ')}`)

/** 0 no known failure, 1 one or more, 2 a file cannot be read. */
export async function readLogs(files: readonly string[], { json }: { readonly json?: boolean }): Promise<number> {
  let code: number = exitCodes.ok
  for (const file of files) {
    let text: string
    try {
      ;({ text } = await readTextFile(file))
    } catch (error) {
      complain(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}). Name a log file.`)
      return exitCodes.badFile
    }
    const { lines, findings, strange, strangeCount } = readLog(text)
    if (findings.some((one) => one.signature.kind === 'failure')) code = exitCodes.failed
    if (json) {
      const told = findings.map(({ signature, ...rest }) => ({
        ...signature,
        pattern: signature.pattern.source,
        ...rest,
      }))
      tell(JSON.stringify({ version: 1, file, lines, findings: told, strange, strangeCount }))
      continue
    }
    tell(`${file}: ${lines} lines`)
    for (const { signature, first, count } of findings) {
      tell(`${marks[signature.kind]}  ${signature.title}${count > 1 ? `, ${count} times` : ''}`)
      tell(shown(first))
      if (signature.kind === 'good') continue
      tell(`      ${signature.means}\n      ${signature.remedy}`)
      for (const id of signature.rules) tell(`      ${id} ${rules.find((one) => one.id === id)?.title}`)
      tell(`      ${signature.source}`)
    }
    if (strangeCount > 0) tell(`??  ${strangeCount} errors that nothing here knows`)
    for (const one of strange.slice(0, 10)) tell(shown(one))
  }
  return code
}
