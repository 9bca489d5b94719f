/** A lab that plays a Windows server in the simulator, and servers of scenarios as labs. */
import { inEnglish } from '#messages/text.ts'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkBoot } from '#shared/lab/boot-check.ts'
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { labOfScenario, scenarioOfLab } from '#shared/simulation/lab-scenario.ts'
import { scenarioSchema } from '#shared/simulation/scenario.ts'
import type { Simulation } from '#shared/simulation/simulation.ts'
import { parseLab } from '../../src/main/workspace/lab-file.ts'
import { scenarioFrom, scenarioOf, simulated } from '../helpers/simulate.ts'

const subnets = [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }] }]
const labOf = (more: Partial<LabInput>) => labSchema.parse({ interface: 'eth0', dhcp: { subnets }, ...more })
const played = (more: Partial<LabInput>): Simulation =>
  simulated(scenarioSchema.parse(scenarioOfLab(labOf(more), 'my lab')))
const states = (one: Simulation): string[] => one.outcomes().map(({ state }) => state)

describe.each(['dhcp', 'proxy-dhcp', 'boot-server'] as const)('mode %s', (mode) => {
  test('WDS boots BIOS and UEFI machines', () => {
    expect(states(played({ mode, role: 'wds' }))).toEqual(['booted', 'booted'])
  })

  test('Configuration Manager boots unknown machines that have a deployment, from a boot image of their own', () => {
    const deployments = [{ to: 'unknown', kind: 'required' as const, bootImage: 'PS100007' }]
    expect(states(played({ mode, role: 'configmgr', configmgr: { unknown: true, deployments } }))).toEqual(['booted', 'booted']) // prettier-ignore
    expect(states(played({ mode, role: 'configmgr', configmgr: { unknown: true } }))).not.toContain('booted')
  })

  test('an unknown machine waits where it has to be approved', () => {
    expect(states(played({ mode, role: 'wds', wds: { approve: true } }))).toEqual(['waiting', 'waiting'])
  })
})

test('in mode listen a role answers nobody', () => {
  expect(states(played({ mode: 'listen', role: 'wds' }))).toEqual(['failed', 'failed'])
})

test('the WDS server of a scenario as a lab: it waits for approval as the server did', () => {
  const scenario = scenarioFrom(new URL('../../resources/scenarios/wds-approval.yaml', import.meta.url))
  const host = Object.keys(scenario.hosts).find((name) => 'WDSServer' in scenario.hosts[name]!.services)!
  const { lab, left } = labOfScenario(scenario, host)
  expect(labSchema.parse(lab)).toMatchObject({ role: 'wds', wds: { approve: true } })
  expect(left).toHaveLength(1)
})

test.each([
  ['none', []],
  ['available', ['available', 'available']],
])('the deployment %s of a scenario', (deployment, kinds) => {
  const scenario = scenarioOf({
    hosts: { cm: { on: { lan: '192.168.77.10' }, services: { SccmPxe: { deployment } } } },
    clients: { pc: { firmware: 'bios', on: 'lan' } },
  })
  const parsed = labSchema.parse(labOfScenario(scenario, 'cm').lab)
  expect(parsed).toMatchObject({ role: 'configmgr', mode: 'proxy-dhcp', configmgr: { unknown: true } })
  expect(parsed.configmgr.deployments.map(({ kind }) => kind)).toEqual(kinds)
})

test('files that are missing in the boot folder are told with where they come from', () => {
  const lab = labOf({ mode: 'dhcp', role: 'configmgr', configmgr: { architectures: ['x64-uefi'] } })
  const notices = checkBoot(lab, { exists: true, files: new Map() })
  expect(notices.map(({ text }) => text)).toEqual([
    'UEFI x64 machines cannot boot: smsboot\\x64\\wdsmgfw.efi cannot be loaded, there is no such file',
    'UEFI x64 machines cannot boot: smsboot\\x64\\bootmgfw.efi cannot be loaded, there is no such file',
  ])
  expect(inEnglish(notices[0]!.remedy)).toBe(
    'Copy it from the RemoteInstall folder of a distribution point into ./boot.',
  )
  expect(checkBoot(lab, { exists: false, files: new Map() }).map(({ code }) => code)).toEqual(['folder-missing'])
  const off = labOf({ mode: 'dhcp', role: 'wds', tftp: { enabled: false } })
  expect(checkBoot(off, { exists: true, files: new Map() }).map(({ code }) => code)).toEqual(['no-tftp'])
})

test.each([
  ['configmgr:\n  devices: [{ mac: 52:54:00:00:00:01, name: pc1 }]\n  deployments: [{ to: pc2, kind: required }]', 'configmgr.deployments[0].to', 'names none of configmgr.devices'],
  ['wds:\n  devices: [{ name: pc1 }]', 'wds.devices[0]', 'names no machine: write mac or uuid'],
  ['role: dhcp', 'role', 'is none of what may stand here'],
  [`wds: { message: ${'é'.repeat(101)} }`, 'wds.message', 'is longer than 200 bytes'],
])('%s', (text, field, message) => {
  const parsed = parseLab(`interface: eth0\n${text}\n`)
  expect(parsed.ok ? [] : parsed.problems).toMatchObject([{ field, message }])
}) // prettier-ignore

test.each(['PC1', '52-54-00-00-00-01', '{11111111-2222-3333-4444-555555555555}'])('a deployment to %s', (to) => {
  const devices = [{ mac: '52:54:00:00:00:01', uuid: '11111111-2222-3333-4444-555555555555', name: 'pc1' }]
  const deployments = [{ to, kind: 'required' }]
  expect(parseLab(JSON.stringify({ interface: 'eth0', configmgr: { devices, deployments } })).ok).toBe(true)
})

test.each(['wds', 'configmgr'])('the example docs/labs/%s.yaml is a lab of that role', (role) => {
  const text = readFileSync(new URL(`../../docs/labs/${role}.yaml`, import.meta.url), 'utf8')
  expect(parseLab(text)).toMatchObject({ ok: true, lab: { role } })
})
