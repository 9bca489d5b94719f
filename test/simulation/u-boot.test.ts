import { say } from '#messages/message.ts'
/** U-Boot with `pxe` before `dhcp` in its boot order, in what captures of the real one do not show (`fidelity.test.ts`). */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { changeScenario } from '#shared/simulation/changes.ts'
import { scenarioSchema } from '#shared/simulation/scenario.ts'
import { fixture } from '../helpers/fixtures.ts'
import { simulated } from '../helpers/simulate.ts'

const scenario = scenarioSchema.parse(JSON.parse(readFileSync(fixture('fidelity/u-boot-pxe-aa64.json'), 'utf8')))
const configuration = 'arm/pxelinux.cfg/default-arm'

function boot(files: Readonly<Record<string, unknown>>, ...changes: readonly { path: string; value: unknown }[]) {
  const named = Object.entries(files).map(([name, value]) => ({ path: `hosts.boot1.files["${name}"]`, value }))
  const checked = changeScenario(scenario, [...named, ...changes])
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  return simulated(checked.scenario).outcomes()[0]!
}

test('prints what the real one printed', () => {
  const { screen, because } = boot({})
  const lines = screen.map((line) => line.trim())
  expect(because).toEqual(say('pxe-client.file-runs', { file: 'arm/kernel' }))
  for (const line of [
    'missing environment variable: pxeuuid',
    'Retrieving file: arm/pxelinux.cfg/01-52-52-52-52-52-52',
    "Config file 'arm/boot.scr.uimg' found",
    '1:\tlinux',
    'Retrieving file: arm/initrd.img',
    'append: console=ttyAMA0 quiet',
    'Starting kernel ...',
  ])
    expect(lines).toContain(line)
})

test('its own file comes before that for all, and a label that lacks a file is left for the next', () => {
  const own =
    'LABEL first\n  KERNEL /gone\nLABEL second\n  LINUX kernel\n  FDT board.dtb\nLABEL third\n  KERNEL kernel\n'
  const { screen, because, state } = boot({ 'arm/pxelinux.cfg/01-52-52-52-52-52-52': { text: own } })
  expect([state, because]).toEqual(['booted', say('pxe-client.file-runs', { file: 'arm/kernel' })])
  const lines = screen.map((line) => line.trim())
  // The folder stands before a name that begins with a slash, too.
  expect(lines).toContain('Retrieving file: arm//gone')
  expect(lines).toContain('Skipping first for failure retrieving kernel')
  expect(lines).toContain('Skipping second for failure retrieving FDT')
})

test('a configuration that includes itself ends', () => {
  expect(
    boot({ [configuration]: { text: 'INCLUDE pxelinux.cfg/default-arm\nLABEL a\n  KERNEL kernel\n' } }).state,
  ).toBe('booted')
})

test('without a server in the ACK it asks nobody for a file', () => {
  const programs = { path: 'hosts.boot1.services.responder.lab.boot.programs', value: [] }
  expect(boot({}, programs)).toMatchObject({ state: 'failed', because: expect.stringMatching(/siaddr is 0 in the ACK/) }) // prettier-ignore
})

test('localboot of the default goes on to the local disk', () => {
  expect(boot({ [configuration]: { text: 'LABEL a\n  LOCALBOOT 0\n' } }).state).toBe('local')
})
