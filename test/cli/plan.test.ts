/** `pxe-lab plan`: the sites that come with the program, and files that are wrong. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planSchema, readLogSchema } from '#shared/contract/documents.ts'
import { wdsKey } from '#shared/lab/registry-keys.ts'
import { cli } from '../helpers/lab.ts'
import { windowsServer } from '../helpers/windows-server.ts'

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
  ['hierarchy-upgrade', ['INT-BOOT-02', 'INT-BOOT-03', 'INT-BOOT-04', 'INT-MEDIA-01', 'INT-PKG-03', 'INT-PKG-04', 'INT-TS-01', 'VER-12', 'VER-14', 'VER-16']],
  ['shared-wds-dhcp', ['OSD-COHOST-01', 'OSD-COHOST-02', 'OSD-COHOST-03', 'OSD-PORT-02']],
  ['windows-11-upgrade', ['FU-05', 'IPU-08']],
  ['wds-without-configmgr', ['OSD-DP-01', 'OSD-MP-01', 'WAY-01', 'WAY-02', 'WAY-03', 'WAY-04']],
] as const)('%s: what is violated, and nothing else', (name, expected) => {
  const { status, stdout } = run(shipped(name), '--json')
  const { rules } = planSchema.parse(JSON.parse(stdout))
  expect(rules.filter((one) => one.state === 'violated').map((one) => one.id).sort()).toEqual(expected)
  expect(status).toBe(1)
}) // prettier-ignore

test('what is violated comes first, then what is not stated', () => {
  const marks = run(shipped('shared-wds-dhcp')).stdout.match(/^(NO|\?\?|ok)(?= )/gm)!
  expect(new Set(marks)).toEqual(new Set(['NO', '??', 'ok']))
  expect(marks).toEqual(marks.toSorted((a, b) => ['NO', '??', 'ok'].indexOf(a) - ['NO', '??', 'ok'].indexOf(b)))
})

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
  ['taskSequences:\n  - name: t\n    upgradePackage: p\n    featureUpdate: f\n', /site\.yaml:4: taskSequences\[0\]\.featureUpdate stands beside an upgrade package .*take the other away/],
])('%j is refused with line, field, value and remedy', (text, told) => {
  const { status, stderr } = run(written(text))
  expect(stderr).toMatch(told)
  expect(status).toBe(2)
}) // prettier-ignore

test('a rule that there is not is refused with those that there are', () => {
  const { status, stderr } = run(shipped('clean-single-site'), '--only', 'OSD-X')
  expect(status).toBe(64)
  expect(stderr).toMatch(/^pxe-lab: --only OSD-X is not a rule\. Rules of OSD: OSD-ADK-01, /)
})

test('a reader that ends early is no error', () => {
  const { stdout, stderr } = spawnSync('sh', ['-c', `'${process.execPath}' '${cli}' plan '${shipped('hierarchy-upgrade')}' | head -n 1`], { encoding: 'utf8' }) // prettier-ignore
  expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^deployment/), stderr: '' })
})

test('the steps of an upgrade, and what is unsafe meanwhile', () => {
  const { stdout, status } = run(shipped('hierarchy-upgrade'), '--only', 'VER-12', '--upgrade-to', '2503')
  expect(stdout).toContain('Upgrade to 2503\n- Now\n')
  expect(stdout).toMatch(/1\. CAS to 2503\n {6}Update the site CAS from 2409 to 2503\.\n/)
  expect(stdout).toMatch(
    / {2}NO {2}Orchestration groups, the hierarchy: Orchestration groups are used\. \(VER-12, safe again after "P01 to 2503"\)/,
  )
  expect(status).toBe(1)
})

test('a way out of WDS and MDT, with what replaces each and what the lab shows of it', () => {
  const { stdout } = run(shipped('wds-without-configmgr'))
  expect(stdout).toContain('\nLeaving WDS and MDT\n- Windows 11 from its installation media: ')
  expect(stdout).toMatch(/\n {6}Ends: This combination is blocked: .*\n {4}Keep WDS, and boot a Windows PE of your own\n {6}- Create a boot image/)
  expect(stdout).toContain('\n      pxe-lab simulate http-boot: ')
  const { wayOut } = JSON.parse(run(shipped('wds-without-configmgr'), '--json').stdout) as { wayOut: { state: string }[] }
  expect(wayOut.map((one) => one.state)).toEqual(['ends', 'deprecated', 'ends', 'goes on', 'ends'])
  expect(run(shipped('wds-without-configmgr'), '--only', 'VER-12').stdout).not.toContain('Leaving')
}) // prettier-ignore

test('a version that is none is refused', () => {
  const { status, stderr } = run(shipped('hierarchy-upgrade'), '--upgrade-to', 'newest')
  expect([status, stderr]).toEqual([64, 'pxe-lab: --upgrade-to newest is not a version. Use one such as 2403.\n'])
})

test('as JSON with servers, upgrade and collections', () => {
  const told = planSchema.parse(JSON.parse(run(shipped('windows-11-upgrade'), '--json').stdout))
  expect(told).toMatchObject({
    version: 1,
    servers: [{ server: 'cm1.corp.example' }],
    upgrade: { target: '2403', steps: [{ title: 'Now' }] },
    collections: [{ collection: 'Office', targets: [{ name: 'Windows 11 23H2', state: 'met' }] }],
  })
})

test('facts of a server decide what the site file leaves open, and the file counts where they differ', () => {
  const facts = join(folder, 'facts.json')
  writeFileSync(facts, JSON.stringify({ ...windowsServer({ services: { DHCPServer: 'running', WDSServer: 'running' }, registry: { [wdsKey]: { UseDHCPPorts: 0 } } }), host: 'A' })) // prettier-ignore
  const site = written('wants: { pxe: true }\nservers: [{ name: a.corp.example }]\n')
  expect(run(site, '--only', 'OSD-COHOST-01').status).toBe(2)
  expect(run(site, '--only', 'OSD-COHOST-01', '--facts', facts)).toMatchObject({ status: 0, stderr: '' })
  const stated = written('wants: { pxe: true }\nservers: [{ name: a, wds: { useDhcpPorts: 1 } }]\n')
  expect(run(stated, '--only', 'OSD-COHOST-01', '--facts', facts)).toMatchObject({
    status: 1,
    stderr: 'pxe-lab: servers[0].wds.useDhcpPorts is 1 in the site file and 0 on A; the value in the file is used.\n',
  })
  expect(run(site, '--facts', join(folder, 'none.json'))).toMatchObject({ status: 2, stderr: expect.stringContaining('does not exist (ENOENT)') }) // prettier-ignore
})

describe('read-log', () => {
  const read = (...values: string[]) => spawnSync(process.execPath, [cli, 'read-log', ...values], { encoding: 'utf8' })
  const log = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }

  test('a failure with its rule, in UTF-16 as well; 0 where nothing failed, 2 for what cannot be read, 3 for what is not known', () => {
    const media = read(log('CreateTSMedia.log', 'CreateTsMedia failed with error 0x80070490, details=""\n'))
    expect(media.stdout).toMatch(/1 line, 1 entry\nx Task sequence media: failed\n {2}x A feature update cannot be put on stand-alone media.*\n {6}1: CreateTsMedia failed.*\n[^]*Planner rule FU-09: A task sequence[^]*\n1 failure\.\n$/) // prettier-ignore
    expect(media.status).toBe(1)
    const wide = Buffer.from('\uFEFF2026-01-31 12:00:00, Error                 MOUPG  0xC1900208\r\n', 'utf16le')
    expect(read(log('setuperr.log', wide)).stdout).toContain(
      'x An application or driver blocks the upgrade (0xC1900208)',
    )
    expect(read(log('fine.log', 'all is well\n'))).toMatchObject({ status: 0, stdout: expect.stringContaining('it may be truncated') }) // prettier-ignore
    expect(read(log('odd.log', 'The frobnicator failed: 0x80dd1234\n'))).toMatchObject({ status: 3, stdout: expect.stringMatching(/\? 1 entry tells of an error that is not known\n {6}1: The frobnicator failed/) }) // prettier-ignore
    expect(read(join(folder, 'none.log'))).toMatchObject({ status: 2, stderr: expect.stringContaining('Give a log file.') }) // prettier-ignore
    expect(read(log('app.evtx', 'ElfFile\0'))).toMatchObject({ status: 2, stderr: expect.stringContaining('wevtutil qe') }) // prettier-ignore
    expect(read('x.log', '--from', 'yesterday')).toMatchObject({ status: 64, stderr: expect.stringContaining('--from yesterday is not a time') }) // prettier-ignore
  })

  test('a rolled log is one, filtered by machine and by time, as JSON too', () => {
    const line = (second: number, text: string): string => `<![LOG[${text}]LOG]!><time="09:00:0${second}.000-060" date="11-24-2026" component="SMSPXE" context="" type="1" thread="1" file="a">\n` // prettier-ignore
    const now = log('SMSPXE.log', line(3, '52:54:00:AA:BB:01, X: No boot action. Aborted.') + line(4, '52:54:00:AA:BB:02, X: no advertisements found')) // prettier-ignore
    const before = log('SMSPXE.lo_', line(1, '52:54:00:AA:BB:01, X: device is in the database.') + line(2, '52:54:00:AA:BB:01, X: no advertisements found')) // prettier-ignore
    const { stdout, status } = read(now, before, '--machine', '525400aabb01')
    expect(status).toBe(1)
    expect(stdout).toContain('SMSPXE.lo_ + ')
    expect(stdout).toMatch(/4 entries\nx 52:54:00:AA:BB:01: failed\n {2}x The machine is known to the site, and no task sequence is deployed to it \(2 entries\)/) // prettier-ignore
    expect(stdout).not.toContain('AA:BB:02')
    expect(read(now, before, '--machine', 'ffff').stdout).toContain('Machine ffff is not in this log.')
    const [told] = read(now, before, '--json', '--from', '2026-11-24 09:00:04').stdout.trim().split('\n')
    expect(readLogSchema.parse(JSON.parse(told!))).toMatchObject({ version: 2, left: 3, stories: [{ mac: '52:54:00:AA:BB:02', failures: [{ id: 'no-deployment' }] }] }) // prettier-ignore
  })

  test('beside a capture: both on one time line, and none where no machine is in both', () => {
    const capture = fileURLToPath(new URL('../fixtures/field/pxe-good.pcap', import.meta.url))
    const { stdout, status } = read(log('SMSPXE.log', '52:54:00:FF:FF:01, X: no advertisements found\n'), '--capture', capture) // prettier-ignore
    expect([status, stdout]).toEqual([1, expect.stringContaining('No machine in this log is in the capture')])
    const line = (time: string, type: string): string => `<![LOG[ Operation: BootRequest (1)  Addr type: 1 Addr Len: 6 Hop Count: 0 ID: 00001001\n Addr: 52:54:00:00:00:01:\n Type=53 Msg Type: ${type}]LOG]!><time="${time}+000" date="11-14-2023" component="SMSPXE" context="" type="1" thread="1" file="a">\n` // prettier-ignore
    const both = log('SMSPXE.log', line('22:13:22.500', '1=Discover') + line('22:13:26.400', '3=Request'))
    expect(read(both, '--capture', capture).stdout).toMatch(/The clock of the log is 2\.500 s ahead of that of the capture \(2 packets are in both\)\.\n52:54:00:00:00:01, by the clock of the capture:\n {6}0\.000 s {2}wire {2}DHCPDISCOVER \(frame 1\)\n {6}0\.000 s {2}log {3}Operation: BootRequest/) // prettier-ignore
    expect(readLogSchema.parse(JSON.parse(read(both, '--capture', capture, '--json').stdout))).toMatchObject({ timeLine: { offsetMs: 2500, matches: 2, isByPacket: true } }) // prettier-ignore
  })
})

test('a file of facts in the place of a site file is told as that', () => {
  const { status, stderr } = run(fileURLToPath(new URL('../fixtures/facts/w32-scope-inactive.json', import.meta.url)))
  expect([status, stderr.split('\n').length]).toEqual([2, 2])
  expect(stderr).toContain('is a report from the Doctor, not a site file')
})
