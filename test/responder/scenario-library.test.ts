/** Scenarios that a person keeps beside those that come with the program, and what a command line finds by name. */
import { inEnglish } from '#messages/text.ts'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { Simulation } from '#shared/simulation/simulation.ts'
import { findScenario, labFileText, ScenarioLibrary } from '../../src/main/workspace/scenario-library.ts'
import { peProgram } from '../helpers/boot-programs.ts'

let root: string
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'pxe-lab-scenarios-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))
const put = (name: string, text: string | Uint8Array): string => {
  const path = join(root, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return path
}

test('a saved one is listed after those of the program, for its owner alone, until it is deleted', async () => {
  const folder = join(root, 'state/scenarios')
  const library = new ScenarioLibrary(folder)
  const shipped = await library.list()
  expect(shipped.length).toBeGreaterThan(5)
  expect(new Set(shipped.map((one) => one.origin))).toEqual(new Set(['shipped']))
  const { input } = shipped[0]!
  expect(await library.save('mine', input)).toEqual([])
  put('state/scenarios/broken.yaml', 'segments: 1')
  put('state/scenarios/notes.txt', 'hello')
  const listed = await library.list()
  expect(listed.slice(0, -1)).toEqual(shipped)
  expect(listed.at(-1)).toMatchObject({ id: 'mine', origin: 'saved', input })
  if (process.platform !== 'win32') expect(statSync(join(folder, 'mine.yaml')).mode & 0o777).toBe(0o600)
  expect(await new ScenarioLibrary().list()).toEqual(shipped)
  await library.delete(shipped[0]!.id)
  await library.delete('mine')
  expect(await library.list()).toEqual(shipped)
})

test('one that is none is told field by field, and nothing is written', async () => {
  const folder = join(root, 'scenarios')
  const library = new ScenarioLibrary(folder)
  const problems = await library.save('mine', { ...((await library.list())[0]!.input as object), seed: 'much' })
  expect(problems).toEqual([expect.stringMatching(/^seed .*\. [A-Z].*\.$/)])
  expect(existsSync(folder)).toBe(false)
  expect(await new ScenarioLibrary().save('mine', {})).toEqual(['There is no folder to save in.'])
})

test('a name of the library, a scenario file and a lab file are found; a lab file with what its machines will miss', async () => {
  const [first] = await new ScenarioLibrary().list()
  expect(await findScenario(first!.id)).toMatchObject({ ok: true, id: first!.id, notices: [] })
  const own = put('two.yaml', stringify(first!.input))
  expect(await findScenario(own)).toMatchObject({ ok: true, id: 'two', input: first!.input, notices: [] })
  const lab = put('lab.yaml', 'interface: 192.168.77.1\nmode: proxy-dhcp\nboot:\n  files: files\n  programs: [{ architecture: x64-uefi, file: x.efi }]\n') // prettier-ignore
  const codes = async (): Promise<unknown> => {
    const found = await findScenario(lab)
    return found.ok && [found.id, ...found.notices.map(({ code }) => code)]
  }
  expect(await codes()).toEqual(['lab', 'folder-missing', 'kind-without-rule'])
  // The files beside the lab file are those that its machines get.
  put('files/x.efi', peProgram(0x8664))
  expect(await codes()).toEqual(['lab', 'kind-without-rule'])
})

test('what cannot be found or read is told', async () => {
  expect(await findScenario('no-such')).toMatchObject({ ok: false, problems: undefined, message: expect.stringMatching(/^no-such is neither a file nor a scenario\./) }) // prettier-ignore
  expect(await findScenario(put('bad.yaml', 'segments: 1'))).toMatchObject({ ok: false, problems: expect.arrayContaining([expect.objectContaining({ field: 'segments', line: 1 })]) }) // prettier-ignore
  expect(await findScenario(put('lab.yaml', 'interface: eth0\nmode: router'))).toMatchObject({ ok: false, problems: [{ field: 'mode', value: '"router"' }] }) // prettier-ignore
})

test('the text of a lab file is of a lab in any case', () => {
  expect(labFileText({ interface: '10.0.0.1', mode: 'listen' })).toBe('interface: 10.0.0.1\nmode: listen\n')
  expect(labFileText({ mode: 'router' })).toBe('{}\n')
})

const outcomesOf = async (programs: readonly object[], files: Readonly<Record<string, string>>, more: object = {}) => {
  const file = put(
    'lab.yaml',
    stringify({
      interface: 'eth0',
      mode: 'dhcp',
      dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }] }] },
      boot: { files: './boot', programs, ...more },
    }),
  )
  for (const [name, text] of Object.entries(files)) put(`boot/${name}`, text)
  const found = await findScenario(file)
  if (!found.ok) throw new Error(JSON.stringify(found))
  const simulation = new Simulation(found.scenario, { record: false })
  simulation.run()
  return {
    notices: found.notices.filter((one) => one.code === 'program-missing').map((one) => one.text),
    outcomes: Object.fromEntries(simulation.outcomes().map((one) => [one.name, one.because])),
  }
}
const kernel = 'x'.repeat(2000)

test('Raspberry Pis of a lab boot in the simulator with the files of the folder, whoever they belong to', async () => {
  const rule = [{ architecture: 'arm-rpiboot', file: 'bootcode.bin' }]
  // A Pi 5 alone, with a folder of its own: nobody misses bootcode.bin.
  const five = await outcomesOf(rule, {
    '0a1b2c3d/config.txt': '[pi5]\nkernel=vmlinuz\n',
    '0a1b2c3d/bcm2712-rpi-5-b.dtb': kernel,
    '0a1b2c3d/vmlinuz': kernel,
  })
  expect(five.notices).toEqual([])
  expect(inEnglish(five.outcomes['raspberry-pi-5'] ?? '')).toBe('10000005/vmlinuz runs')
  expect(inEnglish(five.outcomes['raspberry-pi-4'] ?? '')).toMatch(/no start4\.elf/)
  expect(inEnglish(five.outcomes['raspberry-pi-3'] ?? '')).toMatch(/has no bootcode\.bin/)
  // Those without one share the folder of the lab.
  const four = await outcomesOf(rule, { 'pi/start4.elf': kernel, 'pi/kernel8.img': kernel }, { raspberryPi: 'pi' })
  expect(inEnglish(four.outcomes['raspberry-pi-4'] ?? '')).toBe('10000004/kernel8.img runs')
})

test('U-Boot of a lab finds its configuration beside the name of its rule, which need not be a file', async () => {
  const rule = [{ vendorClass: 'U-Boot', file: 'arm/boot.scr.uimg' }]
  const nothing = await outcomesOf(rule, { 'other.txt': kernel })
  expect(nothing.notices).toEqual([expect.stringMatching(/vendor class U-Boot get nothing to boot: arm\/boot\.scr\.uimg/)]) // prettier-ignore
  const own = await outcomesOf(rule, {
    'arm/pxelinux.cfg/01-52-54-00-12-34-56': 'LABEL a\n  LINUX vmlinuz\n  INITRD initrd.img\n',
    'arm/vmlinuz': kernel,
    'arm/initrd.img': kernel,
  })
  expect(own.notices).toEqual([])
  expect(inEnglish(own.outcomes['u-boot-pxe'] ?? '')).toBe('arm/vmlinuz runs')
})
