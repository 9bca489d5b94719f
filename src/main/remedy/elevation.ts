/** One step with administrator rights: the same program once more, started by what the system has for that. */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { remedyRecordSchema, remedySchema, type RemedyRecord } from '#shared/lab/repair.ts'
import { replaceFile } from '../files/replace-file.ts'
import { isElevatedGroups } from '../inspect/windows-facts.ts'
import { hostSystem, type System } from '../system/program-paths.ts'
import { runTool } from '../system/programs.ts'
import { RemedyEngine } from './engine.ts'
import { RemedyError } from './kinds.ts'

export const requestSchema = z.discriminatedUnion('verb', [
  remedySchema.extend({ verb: z.literal('apply') }),
  z.strictObject({ verb: z.literal('undo'), id: z.string() }),
  z.strictObject({ verb: z.literal('finish'), id: z.string() }),
])
export type Request = z.infer<typeof requestSchema>

const answerSchema = z.union([
  z.strictObject({ record: remedyRecordSchema }),
  z.strictObject({ message: z.string(), remedy: z.string() }),
])

export async function isElevated(): Promise<boolean> {
  if (hostSystem() !== 'windows') return process.getuid?.() === 0
  return isElevatedGroups((await runTool('whoami.exe', ['/groups'])).output)
}

export const engineIn = (folder: string, onChange?: (record: RemedyRecord) => void): RemedyEngine =>
  new RemedyEngine(folder, { system: hostSystem(), run: runTool, program: process.execPath }, onChange)

export const perform = (engine: RemedyEngine, request: Request, signal?: AbortSignal): Promise<RemedyRecord> =>
  request.verb === 'apply'
    ? engine.apply(request.title, request.changes, signal)
    : request.verb === 'undo'
      ? engine.undo(request.id)
      : engine.finish(request.id)

/** What the shell tells its back end: its own program and the arguments that start it, as JSON. */
export const shellProgramVariable = 'PXE_LAB_SHELL_PROGRAM'

/** The command that answers a request, as a process of this program with other rights. */
export function answeringCommand(file: string, folder: string, system: System): readonly string[] {
  const shell = process.env[shellProgramVariable]
  if (shell !== undefined)
    return [
      ...(JSON.parse(shell) as readonly string[]),
      // Chromium refuses its sandbox to root, who has no display either.
      ...(system === 'linux' ? ['--no-sandbox', '--ozone-platform=headless'] : []),
      `--answer-remedy=${file}`,
      `--journal=${folder}`,
    ]
  const cli = new URL(import.meta.url.endsWith('.ts') ? '../cli/index.ts' : './cli.js', import.meta.url)
  return [process.execPath, fileURLToPath(cli), 'remedy', 'answer', file, '--journal', folder]
}

const inSingleQuotes = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** How a system starts a command with administrator rights after asking for them. */
export function elevated(system: System, command: readonly string[]): [string, ...string[]] {
  const [program = '', ...values] = command
  switch (system) {
    case 'windows': {
      const list = values.map((one) => `"${one}"`).join(' ')
      const script = `Start-Process -FilePath ${inSingleQuotes(program)} -ArgumentList ${inSingleQuotes(list)} -Verb RunAs -Wait -WindowStyle Hidden`
      return ['powershell', '-NoProfile', '-NonInteractive', '-Command', script]
    }
    case 'macos': {
      const line = command.map((one) => `'${one.replaceAll("'", String.raw`'\''`)}'`).join(' ')
      return [
        'osascript',
        '-e',
        `do shell script ${JSON.stringify(`/usr/bin/env ${line}`)} with administrator privileges`,
      ]
    }
    case 'linux':
      return ['pkexec', '/usr/bin/env', ...command]
  }
}

/** Answers a request that another process of this program has written down. */
export async function answerRequest(file: string, folder: string): Promise<void> {
  const request = requestSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  let answer: z.infer<typeof answerSchema>
  try {
    answer = { record: await perform(engineIn(folder), request) }
  } catch (error) {
    if (!(error instanceof RemedyError)) throw error
    answer = { message: error.message, remedy: error.remedy }
  }
  await replaceFile(`${file}.answer`, JSON.stringify(answer), { mode: 0o600, refusesLinks: true })
}

/** Has a request performed with administrator rights; the system asks its user. */
export async function performElevated(
  folder: string,
  request: Request,
  wrap: typeof elevated = elevated,
): Promise<RemedyRecord> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, `${randomUUID()}.request`)
  await replaceFile(file, JSON.stringify(request), { mode: 0o600, refusesLinks: true })
  try {
    const system = hostSystem()
    const [program, ...values] = wrap(system, answeringCommand(file, folder, system))
    const { output, problem } = await runTool(program, values, { timeoutMs: 0 })
    const failure = problem && (output.trim() || problem)
    const text = await readFile(`${file}.answer`, 'utf8').catch(() => undefined)
    if (text === undefined)
      throw new RemedyError(
        `administrator rights were not given${failure === undefined ? '' : ` (${failure.slice(0, 200)})`}; nothing was changed`,
        'Confirm the question of the system, or start PXE Lab with administrator rights.',
      )
    const answer = answerSchema.parse(JSON.parse(text))
    if ('record' in answer) return answer.record
    throw new RemedyError(answer.message, answer.remedy)
  } finally {
    await rm(file, { force: true })
    await rm(`${file}.answer`, { force: true })
  }
}
