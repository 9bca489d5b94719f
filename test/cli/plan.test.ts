/** `pxe-lab plan`: the sites that come with the program, and files that are wrong. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Judged } from '#shared/planner/rule.ts'
import { cli } from '../helpers/lab.ts'

const shipped = (name: string): string => fileURLToPath(new URL(`../../resources/sites/${name}.yaml`, import.meta.url))
const run = (...values: string[]) => spawnSync(process.execPath, [cli, 'plan', ...values], { encoding: 'utf8' })

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'pxe-lab-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const written = (text: string): string => {
  const file = join(folder, 'site.yaml')
  writeFileSync(file, text)
  return file
}

test('a site that is ready ends with 0, and with nothing violated or unknown', () => {
  const { status, stdout } = run(shipped('clean-single-site'))
  expect(stdout).not.toMatch(/^(NO|\?\?)/m)
  expect(stdout).toMatch(/^deployment \.\.\. 100 %\npxe \.+ 100 %\n/)
  expect(status).toBe(0)
})

test.each([
  ['hierarchy-upgrade', ['INT-BOOT-02', 'INT-BOOT-03', 'INT-BOOT-04', 'INT-MEDIA-01', 'INT-PKG-03', 'INT-TS-01', 'VER-12', 'VER-14', 'VER-16']],
  ['shared-wds-dhcp', ['OSD-COHOST-01', 'OSD-COHOST-02', 'OSD-COHOST-03', 'OSD-PORT-02']],
  ['windows-11-upgrade', ['FU-05', 'IPU-08']],
] as const)('%s: what is violated, and nothing else', (name, expected) => {
  const { status, stdout } = run(shipped(name), '--json')
  const { rules } = JSON.parse(stdout) as { rules: Judged[] }
  expect(rules.filter((one) => one.state === 'violated').map((one) => one.id).sort()).toEqual(expected)
  expect(status).toBe(1)
}) // prettier-ignore

test('a value that is changed changes the verdict', () => {
  const text = readFileSync(shipped('shared-wds-dhcp'), 'utf8')
  const repaired = text
    .replace('useDhcpPorts: null', 'useDhcpPorts: 0')
    .replace('option60: false', 'option60: true')
    .replace('4011]', '4011, 68]')
  const only = ['--only', 'OSD-COHOST-01', 'OSD-COHOST-02', 'OSD-COHOST-03', 'OSD-PORT-02']
  expect(run(written(text), ...only).status).toBe(1)
  expect(run(written(repaired), ...only)).toMatchObject({ status: 0, stdout: expect.not.stringMatching(/^NO/m) })
})

test('what is not stated ends with 2, and names the places', () => {
  const { status, stdout } = run(written('wants: { pxe: true }\nservers:\n  - name: a\n'), '--only', 'OSD-PXE-02')
  expect(status).toBe(2)
  expect(stdout).toMatch(/^\?\? {2}OSD-PXE-02 .*\n +the site: Not stated: servers\[0\]\.pxe\./)
})

test.each([
  ['sits: []', /site\.yaml:1: sits is no key of a site file.*Did you mean sites\?/],
  ['sites:\n  - code: p1\n', /site\.yaml:2: sites\[0\]\.code is no site code of three letters or digits \(it is "p1"\)/],
  ['sites:\n  - { code: P01 }\nservers:\n  - { name: a, site: P02 }\n', /site\.yaml:4: servers\[0\]\.site names no site of this file \(it is "P02"\)\. Write one of: P01\./],
])('%j is refused with line, field, value and remedy', (text, told) => {
  const { status, stderr } = run(written(text))
  expect(stderr).toMatch(told)
  expect(status).toBe(2)
}) // prettier-ignore

test('a rule that there is not is refused with those that there are', () => {
  const { status, stderr } = run(shipped('clean-single-site'), '--only', 'OSD-X')
  expect(status).toBe(64)
  expect(stderr).toMatch(/^pxe-lab: --only OSD-X is no rule\. There are: OSD-ADK-01, /)
})

test('a reader that ends early is no error', () => {
  const { stdout, stderr } = spawnSync('sh', ['-c', `'${process.execPath}' '${cli}' plan '${shipped('hierarchy-upgrade')}' | head -n 1`], { encoding: 'utf8' }) // prettier-ignore
  expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^deployment/), stderr: '' })
})
