import { say } from '#messages/message.ts'
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
  expect(outcome).toMatchObject({
    state: 'booted',
    because: say('pxe-client.file-runs', { file: '10000003/kernel8.img' }),
  })
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
  expect(outcome).toMatchObject({ state: 'booted', because: say('pxe-client.file-runs', { file: 'kernel8.img' }) })
})

test('a server that does not say Raspberry Pi Boot is not taken', () => {
  const programs = [{ architecture: 'bios', file: 'bootcode.bin', raspberryPi: false }]
  const { outcome } = boot('pi3', { path: 'hosts.boot1.services.responder.lab.boot', value: { programs } })
  expect(outcome).toMatchObject({ state: 'failed', because: expect.stringMatching(/text "Raspberry Pi Boot" in option 43/) }) // prettier-ignore
})

const pi5 = { firmware: 'raspberry-pi-5', on: 'lan', mac: '2c:cf:67:00:00:05' }
const files5 = {
  'config.txt': { text: '' }, 'bcm2712-rpi-5-b.dtb': { size: 70_000 }, 'kernel_2712.img': { size: 9_000_000 }, 'cmdline.txt': { text: 'console=tty1' },
} // prettier-ignore
/** A Pi 5 with these files in its folder, or in another. */
const boot5 = (folder: string, files: Readonly<Record<string, unknown>> = files5, ...changes: readonly Change[]) =>
  boot(
    'pi5',
    { path: 'clients.pi5', value: pi5 },
    ...Object.entries(files).map(([name, value]) => ({ path: `hosts.boot1.files["${folder}${name}"]`, value })),
    ...changes,
  )

test('a Pi 5 asks for config.txt at once, needs its device tree, and loads what a real one does', () => {
  const { stages, outcome } = boot5('10000005/')
  expect(outcome).toMatchObject({
    state: 'booted',
    because: say('pxe-client.file-runs', { file: '10000005/kernel_2712.img' }),
  })
  expect(stages.slice(stages.indexOf('address') + 1)).toEqual([
    ...['config.txt', 'pieeprom.sig', 'bcm2712-rpi-5-b.dtb', 'kernel_2712.img', 'initramfs_2712', 'overlays/overlay_map.dtb',
    'overlays/bcm2712d0.dtbo', 'cmdline.txt', 'armstub8-2712.bin'].map((name) => `10000005/${name}`), 'running',
  ]) // prettier-ignore
  // Without a folder of its own it asks in the top folder, as the same Pi did.
  const above = boot5('')
  expect(above.outcome).toMatchObject({
    state: 'booted',
    because: say('pxe-client.file-runs', { file: 'kernel_2712.img' }),
  })
  const asked = above.stages.slice(above.stages.indexOf('address') + 1)
  expect(asked.slice(0, 4)).toEqual(['10000005/config.txt', 'config.txt', 'pieeprom.sig', 'bcm2712-rpi-5-b.dtb'])
})

test.each([
  [{ 'config.txt': null }, /no config\.txt, neither in the folder 10000005, its serial number, nor in the top folder/],
  [{ 'bcm2712-rpi-5-b.dtb': null }, /no bcm2712-rpi-5-b\.dtb in the top folder, which shows that the system is for it/],
  [
    { 'config.txt': { text: '[pi4]\nkernel=other\n[pi5]\nkernel=vmlinuz # Ubuntu\n' } },
    /no kernel in the top folder \(vmlinuz\)/,
  ],
  [{ 'config.txt': { text: 'boot_ramdisk=1' } }, /boot_ramdisk=1, and there is no boot\.img/],
] as const)('a Pi 5 with %j', (change, because) => {
  expect(boot5('', { ...files5, ...change }).outcome).toMatchObject({ state: 'failed', because: expect.stringMatching(because) }) // prettier-ignore
})

test('an EEPROM takes the server of option 66 where nobody says its text, and the ROM does not', () => {
  const plain = [
    { path: 'hosts.boot1.services.responder.lab.boot', value: { programs: [{ architecture: 'bios', file: 'bootcode.bin', raspberryPi: false }] } },
    { path: 'hosts.boot1.services.responder.lab.dhcp.options', value: { 66: '192.168.77.1' } },
  ] // prettier-ignore
  expect(boot('pi4', ...plain).outcome.state).toBe('booted')
  expect(boot('pi3', ...plain).outcome).toMatchObject({ state: 'failed', because: expect.stringMatching(/option 43, without which/) }) // prettier-ignore
})

test('Pis without a folder of their own share the one of the lab', () => {
  const shared = Object.entries(files5).map(([name, value]) => ({ path: `hosts.boot1.files["pi/${name}"]`, value }))
  const { outcome } = boot5('unused/', {}, ...shared, { path: 'hosts.boot1.services.responder.lab.boot.raspberryPi', value: 'pi' }) // prettier-ignore
  expect(outcome).toMatchObject({
    state: 'booted',
    because: say('pxe-client.file-runs', { file: '10000005/kernel_2712.img' }),
  })
})
