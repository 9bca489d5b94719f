/** One step with administrator rights: the same program once more, started by what the system has for that. */
import { hostname } from 'node:os'
import { randomUUID } from 'node:crypto'
import { chmod, mkdir, open, realpath, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { powershellLiteral } from '#shared/diagnosis/commands.ts'
import { recordName, remedyRecordSchema, remedySchema, type RemedyRecord } from '#shared/lab/repair.ts'
import { readOwnFile } from '../files/own-file.ts'
import { replaceFile, writeRemedy } from '../files/replace-file.ts'
import { isElevatedGroups } from '../inspect/windows-facts.ts'
import { hostSystem, type System } from '../system/program-paths.ts'
import { runTool } from '../system/programs.ts'
import { RemedyEngine } from './engine.ts'
import { RemedyError } from './kinds.ts'

export const requestSchema = z.discriminatedUnion('verb', [
  remedySchema.extend({ verb: z.literal('apply') }),
  z.strictObject({ verb: z.literal('undo'), id: z.string().regex(recordName) }),
  z.strictObject({ verb: z.literal('finish'), id: z.string().regex(recordName) }),
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
  new RemedyEngine(
    folder,
    { system: hostSystem(), run: runTool, program: process.execPath, host: hostname() },
    onChange,
  )

export const perform = (engine: RemedyEngine, request: Request, signal?: AbortSignal): Promise<RemedyRecord> =>
  request.verb === 'apply'
    ? engine.apply(request.title, request.changes, signal)
    : request.verb === 'undo'
      ? engine.undo(request.id)
      : engine.finish(request.id)

/** What the shell tells its back end: its own program and the arguments that start it, as JSON. */
export const shellProgramVariable = 'PXE_LAB_SHELL_PROGRAM'

/** The command that answers a request, a file in the folder of the journal, as a process of this program with other rights. */
export function answeringCommand(name: string, folder: string, system: System): readonly string[] {
  const shell = process.env[shellProgramVariable]
  if (shell !== undefined)
    return [
      ...(JSON.parse(shell) as readonly string[]),
      // Chromium refuses its sandbox to root, who has no display either.
      ...(system === 'linux' ? ['--no-sandbox', '--ozone-platform=headless'] : []),
      `--answer-remedy=${name}`,
      `--journal=${folder}`,
    ]
  const cli = new URL(import.meta.url.endsWith('.ts') ? '../cli/run.ts' : './cli.js', import.meta.url)
  return [process.execPath, fileURLToPath(cli), 'remedy', 'answer', name, '--journal', folder]
}

/** How a system starts a command with administrator rights after asking for them. */
export function elevated(system: System, command: readonly string[]): [string, ...string[]] {
  const [program = '', ...values] = command
  switch (system) {
    case 'windows': {
      const list = values.map((one) => `"${one}"`).join(' ')
      const script = `Start-Process -FilePath ${powershellLiteral(program)} -ArgumentList ${powershellLiteral(list)} -Verb RunAs -Wait -WindowStyle Hidden`
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

const requestName = /^[\da-f-]{36}\.request$/
const answerName = (name: string): string => `${name}.answer`
/** Windows gives a process with other rights a console of its own: what it prints comes to nobody. */
const answersByFile = process.platform === 'win32'
/** One line among whatever else is printed, and no letter in it that a tool on the way would change. */
const answerLine = (name: string, text: string): string =>
  `pxe-lab-answer ${name} ${Buffer.from(text).toString('base64')}`

/** The user on whose behalf an administrator's process runs, as pkexec(1) tells it; undefined where nobody does. */
function toldAsker(): number | undefined {
  const told = process.env['PKEXEC_UID']
  return told !== undefined && /^\d+$/.test(told) ? Number(told) : undefined
}

const untrusted = (what: string, remedy: string): RemedyError => new RemedyError(`${what}; nothing was changed`, remedy)

/**
 * Makes the folder of the journal the current one, so that whatever its user puts in the place of any part of its path
 * from now on, this process stays in the folder that it has judged. Returns whose it is.
 */
async function enter(folder: string): Promise<number> {
  // A folder that is somebody's current one cannot be moved on Windows, nor any above it, and the real path has no links.
  process.chdir(answersByFile ? await realpath(folder) : folder)
  const { uid, mode } = await stat('.')
  if (answersByFile) return uid
  const asker = toldAsker()
  if (asker !== undefined && uid !== asker)
    throw untrusted(
      `${folder} belongs to user ${uid} and not to user ${asker}, who asks`,
      'Name a folder of your own in state.',
    )
  if ((mode & 0o022) !== 0) throw untrusted(`others may write to ${folder}`, `Run: chmod go-w ${folder}`)
  return uid
}

/** `name` in the current folder, whose owner is `asker`. */
async function readRequest(name: string, folder: string, asker: number): Promise<Request> {
  const { text, uid } = await readOwnFile(name)
  if (!answersByFile && uid !== asker)
    throw untrusted(
      `${join(folder, name)} belongs to user ${uid} and not to user ${asker}, whose folder it is in`,
      'Ask again.',
    )
  return requestSchema.parse(JSON.parse(text))
}

async function handOver(name: string, answer: z.infer<typeof answerSchema>): Promise<void> {
  const text = JSON.stringify(answer)
  if (answersByFile) {
    // Made here and now, or not at all: what is there already is not ours to write to.
    const file = await open(answerName(name), 'wx', 0o600)
    await file.appendFile(text)
    await file.close()
    return
  }
  await new Promise<void>((done, fail) =>
    process.stdout.write(`\n${answerLine(name, text)}\n`, (error) => (error ? fail(error) : done())),
  )
}

/**
 * Answers the request `name` in `folder` that another process of this program has written down. The folder is its user's,
 * who may exchange anything in it and above it at any moment: nothing outside of it is read or written for that.
 */
export async function answerRequest(name: string, folder: string): Promise<void> {
  if (!requestName.test(name)) throw new Error(`${name} is no name of a request`)
  let answer: z.infer<typeof answerSchema>
  try {
    const request = await readRequest(name, folder, await enter(folder))
    answer = { record: await perform(engineIn('.'), request) }
  } catch (error) {
    if (!(error instanceof RemedyError)) throw error
    answer = { message: error.message, remedy: error.remedy }
  }
  await handOver(name, answer)
}

/** What came back on standard output or in the file; undefined where nothing did. */
async function takeAnswer(name: string, folder: string, output: string): Promise<string | undefined> {
  if (answersByFile) return (await readOwnFile(join(folder, answerName(name))).catch(() => undefined))?.text
  const start = answerLine(name, '')
  // AppleScript ends lines with a carriage return.
  const line = output.split(/[\r\n]+/).find((one) => one.startsWith(start))
  return line === undefined ? undefined : Buffer.from(line.slice(start.length), 'base64').toString()
}

/** Has a request performed with administrator rights; the system asks its user. */
export async function performElevated(
  state: string,
  request: Request,
  wrap: typeof elevated = elevated,
): Promise<RemedyRecord> {
  // The other process begins in a folder of its own.
  const folder = resolve(state)
  const name = `${randomUUID()}.request`
  const file = join(folder, name)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
    await replaceFile(file, JSON.stringify(request), { mode: 0o600, refusesLinks: true })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new RemedyError(
      `the request cannot be written in ${folder} (${code ?? message}); nothing was changed`,
      writeRemedy(error),
    )
  }
  try {
    const system = hostSystem()
    const [program, ...values] = wrap(system, answeringCommand(name, folder, system))
    const { output, problem } = await runTool(program, values, { timeoutMs: 0 })
    const failure = problem && (output.trim() || problem)
    const text = await takeAnswer(name, folder, output)
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
    if (answersByFile) await rm(join(folder, answerName(name)), { force: true })
  }
}
