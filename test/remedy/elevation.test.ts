/** The step with administrator rights as this process sees it: what it starts on each system, and what it makes of the answer. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RemedyRecord } from '#shared/lab/repair.ts'
import { answeringCommand, elevated, performElevated, requestSchema, shellProgramVariable } from '../../src/main/remedy/elevation.ts' // prettier-ignore

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pxe-lab-elevated-'))))
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const awkward = [`/opt/it's "here"/node`, 'a b', '$(id)', '`id`', '\\', '--x=ä;']

test.skipIf(process.platform === 'win32')(
  'macOS: every word of the command arrives as it is, whatever is in it',
  () => {
    const [program, flag, script = ''] = elevated('macos', ['printf', '%s\\n', ...awkward])
    expect([program, flag]).toEqual(['osascript', '-e'])
    const [, line] = /^do shell script (".*") with administrator privileges$/s.exec(script)!
    // AppleScript's text has the escapes of JSON for what occurs here; do shell script hands it to sh.
    expect(execFileSync('/bin/sh', ['-c', JSON.parse(line!) as string], { encoding: 'utf8' })).toBe(awkward.join('\n') + '\n') // prettier-ignore
  },
)

test('Linux: pkexec gets the words apart', () => {
  expect(elevated('linux', ['node', ...awkward])).toEqual(['pkexec', '/usr/bin/env', 'node', ...awkward])
})

test("Windows: one script for PowerShell, in which a quote cannot end the program's name", () => {
  const [program, ...values] = elevated('windows', ["C:\\it's here\\node.exe", 'remedy', 'C:\\a b'])
  expect([program, values.slice(0, -1)]).toEqual(['powershell', ['-NoProfile', '-NonInteractive', '-Command']])
  expect(values.at(-1)).toBe(
    `Start-Process -FilePath 'C:\\it''s here\\node.exe' -ArgumentList '"remedy" "C:\\a b"' -Verb RunAs -Wait -WindowStyle Hidden`,
  )
})

test('the desktop starts itself, without a display and without a sandbox where root would have one', () => {
  const cli = answeringCommand('n', '/f', 'linux')
  expect(cli).toEqual([process.execPath, expect.stringMatching(/cli[\\/]run\.ts$/), 'remedy', 'answer', 'n', '--journal', '/f']) // prettier-ignore
  vi.stubEnv(shellProgramVariable, JSON.stringify(['/opt/pxe-lab', '/opt/app']))
  const own = ['/opt/pxe-lab', '/opt/app']
  const rest = ['--answer-remedy=n', '--journal=/f']
  expect(answeringCommand('n', '/f', 'windows')).toEqual([...own, ...rest])
  expect(answeringCommand('n', '/f', 'macos')).toEqual([...own, ...rest])
  expect(answeringCommand('n', '/f', 'linux')).toEqual([...own, '--no-sandbox', '--ozone-platform=headless', ...rest])
})

test.each([
  [{ verb: 'undo', id: '../../etc/passwd' }],
  [{ verb: 'finish', id: '' }],
  [{ verb: 'run', id: 'x' }],
  [{ verb: 'apply', title: 't', changes: [{ kind: 'command', line: 'id' }] }],
])('a request is nothing but a change, or the name of one: %j', (request) => {
  expect(requestSchema.safeParse(request).success).toBe(false)
})

describe.skipIf(process.platform === 'win32')('the answer', () => {
  const record: RemedyRecord = { version: 1, id: '20260101-000000-000-aaaa', title: 't', phase: 'applied', createdAt: '2026-01-01T00:00:00Z', steps: [] } as never // prettier-ignore
  const request = { verb: 'undo', id: record.id } as const
  /** The other process, as a script that has the name of the request and its folder. */
  const answering = (script: string) =>
    performElevated(folder, request, (_system, command) => {
      const name = command[command.indexOf('answer') + 1]!
      const file = join(folder, 'other.mjs')
      writeFileSync(file, `const name = ${JSON.stringify(name)}; const answer = (value, as = name) => process.stdout.write('pxe-lab-answer ' + as + ' ' + Buffer.from(JSON.stringify(value)).toString('base64')); ${script}`) // prettier-ignore
      return [process.execPath, file]
    })
  const left = (): string[] => readdirSync(folder).filter((one) => one !== 'other.mjs')

  test('is found among whatever else is printed, with the line ends of AppleScript too', async () => {
    await expect(answering(`answer({ message: 'of another', remedy: '' }, 'x'); process.stdout.write('\\rnoise\\r'); answer({ message: 'no', remedy: 'do' }); process.stdout.write('\\rnoise')`)).rejects.toMatchObject({ message: 'no', remedy: 'do' }) // prettier-ignore
    expect(left()).toEqual([])
  })

  test('comes to a request that its owner alone can read, and that is gone afterwards', async () => {
    let seen: unknown
    await performElevated(folder, request, (_system, command) => {
      const path = join(folder, command[command.indexOf('answer') + 1]!)
      seen = [statSync(path).mode & 0o777, statSync(folder).mode & 0o777, JSON.parse(readFileSync(path, 'utf8'))]
      return [process.execPath, '-e', '0']
    }).catch(() => {})
    expect([seen, left()]).toEqual([[0o600, 0o700, request], []])
  })

  test.each([
    ['no answer at all', `process.stdout.write('hello')`, 'administrator rights were not given; nothing was changed'],
    ['a person who says no', `process.stderr.write('dismissed'); process.exitCode = 126`, 'administrator rights were not given (dismissed); nothing was changed'],
    ['a program that says much', `process.stderr.write('x'.repeat(5000)); process.exitCode = 1`, `administrator rights were not given (${'x'.repeat(200)}); nothing was changed`],
  ])('%s is told, and nothing stays', async (_, script, message) => {
    await expect(answering(script)).rejects.toMatchObject({ name: 'Error', message })
    expect(left()).toEqual([])
  }) // prettier-ignore

  test('of another form is a defect of ours, and nothing stays', async () => {
    await expect(answering(`answer({ record: 'made up' })`)).rejects.toThrow(/record/)
    expect(left()).toEqual([])
  })
})

test('a request that cannot be written changes nothing, with the cause and what helps', async () => {
  writeFileSync(join(folder, 'file'), '')
  const start = vi.fn()
  await expect(performElevated(join(folder, 'file'), { verb: 'undo', id: '1' }, start)).rejects.toMatchObject({
    message: expect.stringMatching(/^the request cannot be written in .*file \(E[A-Z]+\); nothing was changed$/),
    remedy: expect.stringMatching(/./),
  })
  expect(start).not.toHaveBeenCalled()
})
