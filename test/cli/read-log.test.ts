/** `pxe-lab read-log`: what it ends with, of which files, in which part of them. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LogReport } from '#shared/logs/reading.ts'
import { cli } from '../helpers/lab.ts'
import { tagged } from '../helpers/told-log.ts'

const mac = '00:15:5D:00:19:CA'
const files: Readonly<Record<string, string | Uint8Array>> = {
  'good.log': tagged('Task Sequence Engine succeeded! Execution History:', 'TSManager'),
  'bad.log': tagged('Failed to run the action: Install Office. Fatal error. (Error: 80070643; Source: Windows)', 'TSManager', 3),
  'odd.log': tagged('The frobnicator failed (0x80dd1234)', 'TSManager', 3),
  'SMSPXE.log': tagged(`${mac}, 32E5B71A-B626-4A4B-902E-7F94AD38B5B3: no advertisements found`),
  'packed.log.gz': gzipSync(tagged('Task Sequence Engine succeeded! Execution History:', 'TSManager')),
  'cut.log.gz': gzipSync(tagged('Task Sequence Engine succeeded!', 'TSManager').repeat(9)).subarray(0, 60),
  'picture.log': Uint8Array.from({ length: 4096 }, (_, at) => (at * 167 + (at >> 8) * 13) & 255),
} // prettier-ignore

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-'))
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  mkdirSync(join(folder, 'empty'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (...values: string[]) => spawnSync(process.execPath, [cli, 'read-log', ...values], { encoding: 'utf8', cwd: folder }) // prettier-ignore

test.each([
  [0, ['good.log'], ''],
  [0, ['packed.log.gz'], ''],
  [1, ['bad.log'], ''],
  [1, ['good.log', 'odd.log', 'bad.log'], ''],
  [2, ['cut.log.gz'], 'cut.log.gz is damaged or truncated'],
  [2, ['picture.log'], 'picture.log is not a text file'],
  [2, ['empty'], 'contains no log files'],
  [3, ['good.log', 'odd.log'], ''],
  [64, ['bad.log', '--machine', 'pc1'], '--machine pc1 is not a MAC address'],
  [64, ['bad.log', '--from', '2026-11-25', '--to', '2026-11-24'], '--from 2026-11-25 is later'],
  [64, ['bad.log', '--from', '2026-11-24T09:00:00Z'], 'without a time zone'],
] as const)('ends with %i: %j', (code, values, complaint) => {
  const { status, stderr } = run(...values)
  expect([status, stderr.includes(complaint)]).toEqual([code, true])
})

test('what another program prints is read from the standard input', () => {
  const input =
    'WDSServer 257 An error occurred while trying to start the Windows Deployment Services server. Error Information: 0x5\n'
  const { status, stdout } = spawnSync(process.execPath, [cli, 'read-log', '-'], { encoding: 'utf8', input })
  expect([status, stdout.split('\n')[0]]).toEqual([1, 'standard input: 1 line, 1 entry'])
  expect(stdout).toContain('WDS did not start: access denied (0x5)')
})

test('a file that cannot be read keeps none of the others from being read; a folder is its logs, a file named twice is one', () => {
  const mixed = run('missing.log', 'bad.log')
  expect([mixed.status, mixed.stderr.includes('missing.log does not exist'), mixed.stdout.includes('Install Office')]).toEqual([2, true, true]) // prettier-ignore
  const whole = run('--json', '.')
  const names = whole.stdout.trim().split('\n').flatMap((line) => (JSON.parse(line) as LogReport).files) // prettier-ignore
  expect(names).toEqual(['SMSPXE.log', 'bad.log', 'good.log', 'odd.log', 'packed.log.gz'])
  expect(whole.stderr).toContain('picture.log is not a text file')
  expect(whole.stderr).toContain('cut.log.gz is damaged or truncated')
  expect((JSON.parse(run('--json', 'bad.log', 'bad.log').stdout) as LogReport).entries).toBe(1)
})

test('a day is all of it; a part of a machine is enough', () => {
  expect(run('bad.log', '--from', '2026-11-24', '--to', '2026-11-24').status).toBe(1)
  expect(run('bad.log', '--to', '2026-11-23').status).toBe(0)
  expect(run('SMSPXE.log', '--machine', '5d-00-19').status).toBe(1)
  expect(run('SMSPXE.log', '--machine', 'AA:BB').stdout).toContain('Machine AA:BB is not in this log.')
})
