/** Every command refuses what makes no sense with a sentence and the exit code that its help names. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../helpers/lab.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-codes-'))
  writeFileSync(join(folder, 'site.yaml'), 'version: 1\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (line: string): Promise<{ status: number | null; told: string }> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, ...line.split(' ')], { cwd: folder, timeout: 30_000 }, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode, told: `${stdout}${stderr}` }),
    ) // prettier-ignore
    child.stdin!.end()
  })

const rows: readonly (readonly [string, number, string])[] = [
  ['report none.pcap -o x.html', 2, 'none.pcap does not exist (ENOENT)'],
  ['simulate --list', 0, 'File transfer'],
  ['doctor --facts none', 2, '--facts none does not exist (ENOENT)'],
  ['remedy --state . undo', 64, 'there is nothing to undo'],
  ['remedy --state . finish 1', 64, 'there is no'],
  ['remedy answer bad --journal .', 1, 'bad is no name of a request'],
  ['probe -i none0', 2, 'none0 is not an interface'],
  ['probe -i lo --arch x', 64, '--arch x is not a client'],
  ['scale --machines 10x', 64, '--machines 10x is not valid. Write a whole number of machines from 1 to 100000.'],
  ['scale --machines 10 --program 3X', 64, '--program 3X is not a size'],
  ['scale --machines 10 --within 60 --minutes 1', 64, '--within 60 leaves no time'],
  ['scale --machines 10 --firmware x', 64, 'Write edk2 or bios'],
  ['scale --machines 10 --measured none', 2, '--measured none does not exist (ENOENT)'],
  ['scale --machines 10 --measured site.yaml', 2, 'is not JSON'],
  ['scale --machines 10', 0, 'Advice for 10 machines in 15 min: 1 server, TFTP, block 1468, window 4'],
  ['scale --machines 10 --minutes 0.1', 1, 'Nothing that was tried boots 10 machines'],
  ['plan none', 2, 'none does not exist (ENOENT)'],
  ['plan site.yaml --only none', 64, 'none'],
  ['read-log none', 2, 'none does not exist (ENOENT)'],
  ['rival -i none0 --client 52:54:00:00:00:01', 1, 'no interface of this machine is none0'],
  ['rival -i lo --client x', 64, '--client x is not a MAC address'],
  ['capture -i none0', 1, 'none0'],
  ['approvals --state . approve all', 1, 'no pxe-lab serve uses the state folder'],
  ['approvals --state . name all x', 1, 'no pxe-lab serve uses the state folder'],
]

test.concurrent.each(rows)('pxe-lab %s: %i', { timeout: 60_000 }, async (line, status, told) => {
  const found = await run(line)
  expect(found).toEqual({ status, told: expect.stringContaining(told) })
  // A defect tells where it is in the program, a refusal does not.
  if (status !== 1) expect(found.told).not.toMatch(/\n +at /)
})
