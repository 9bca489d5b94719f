/** Simulated Raspberry Pis: what they ask for, where they look, and how they end. */
import { expect, test } from 'vitest'
import { changeScenario } from '#shared/simulation/changes.ts'
import { scenarioFrom, simulated } from '../helpers/simulate.ts'

type Change = { readonly path: string; readonly value: unknown }
const scenario = scenarioFrom(new URL('../../resources/scenarios/raspberry-pi.yaml', import.meta.url))

function boot(client: string, ...changes: readonly Change[]) {
  const checked = changeScenario(scenario, [...changes])
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  const run = simulated(checked.scenario)
  const stages = run.moments.flatMap(
    (one) =>
    one.client === client && one.event.type === 'stage' ? [one.event.stage === 'file' ? one.event.text : one.event.stage] : [], // prettier-ignore
  )
  return { stages, outcome: run.outcomes().find((one) => one.name === client)! }
}
const without = (name: string): Change => ({ path: `hosts.boot1.files["${name}"]`, value: null })

test('a Pi 3 takes the offer without a request, and loads what the log of a real one shows', () => {
  const { stages, outcome } = boot('pi3')
  expect(outcome).toMatchObject({ state: 'booted', because: '10000003/kernel8.img runs' })
  expect(stages).not.toContain('request')
  expect(stages.slice(stages.indexOf('bootcode.bin'))).toEqual([
    'bootcode.bin', 'bootsig.bin', 'program', '10000003/start.elf', '10000003/autoboot.txt', '10000003/config.txt', '10000003/recovery.elf',
    '10000003/fixup.dat', '10000003/recovery.elf', '10000003/config.txt', '10000003/dt-blob.bin', '10000003/bootcfg.txt', '10000003/cmdline.txt',
    '10000003/kernel8.img', 'running',
  ]) // prettier-ignore
})

test('a Pi 4 asks for its address, and for start4.elf at once', () => {
  const { stages, outcome } = boot('pi4')
  expect(outcome.state).toBe('booted')
  expect(stages).toContain('request')
  expect(stages[stages.indexOf('address') + 1]).toBe('10000004/start4.elf')
})

test.each([
  ['pi3', 'bootcode.bin', /has no bootcode\.bin/],
  ['pi3', '10000003/start.elf', /no start\.elf, neither in the folder 10000003.*flashes four times/],
  ['pi4', '10000004/start4.elf', /no start4\.elf, neither in the folder 10000004/],
  ['pi3', '10000003/kernel8.img', /no kernel in 10000003\/ .*flashes seven times/],
] as const)('%s without %s', (client, file, because) => {
  expect(boot(client, without(file)).outcome).toMatchObject({ state: 'failed', because: expect.stringMatching(because) }) // prettier-ignore
})

test('without its folder it looks in the top folder', () => {
  const moved = ['start4.elf', 'kernel8.img'].map((name) => ({ path: `hosts.boot1.files["${name}"]`, value: { size: 2000 } })) // prettier-ignore
  const { outcome } = boot('pi4', without('10000004/start4.elf'), ...moved)
  expect(outcome).toMatchObject({ state: 'booted', because: 'kernel8.img runs' })
})

test('a server that does not say Raspberry Pi Boot is not taken', () => {
  const programs = [{ architecture: 'bios', file: 'bootcode.bin', raspberryPi: false }]
  const { outcome } = boot('pi3', { path: 'hosts.boot1.services.responder.lab.boot', value: { programs } })
  expect(outcome).toMatchObject({ state: 'failed', because: expect.stringMatching(/text "Raspberry Pi Boot" in option 43/) }) // prettier-ignore
})
