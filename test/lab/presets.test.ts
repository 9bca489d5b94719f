import { inEnglish } from '#messages/text.ts'
import { describe, expect, test } from 'vitest'
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { isApplied, missingFor, presets, type LabPreset } from '#shared/lab/presets.ts'
import { scenarioOfLab } from '#shared/simulation/lab-scenario.ts'
import { scenarioSchema } from '#shared/simulation/scenario.ts'
import { Simulation } from '#shared/simulation/simulation.ts'
import { changeLabText, parseLab } from '../../src/main/workspace/lab-file.ts'

const base = `# my lab
interface: eth0
mode: dhcp
dhcp:
  subnets:
    - subnet: 192.168.77.0/24
      pools: [{ start: 192.168.77.100, end: 192.168.77.199 }]
boot:
  files: ./boot
  programs:
    - { architecture: bios, file: old.0 } # a word
`

const applied = (preset: LabPreset, text = base): string =>
  changeLabText(
    text,
    preset.changes.map(({ path, value }) => ({ path: [...path], value })),
  )

const labOf = (text: string) => {
  const parsed = parseLab(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.lab
}

/** How the machines of that lab end, with its scripts in the boot folder and every other file as its rule says. */
function outcomes(preset: LabPreset, mode: 'dhcp' | 'proxy-dhcp'): Record<string, string> {
  const lab = labOf(applied(preset, base.replace('mode: dhcp', `mode: ${mode}`)))
  const scenario = scenarioOfLab(lab, inEnglish(preset.title))
  const host = scenario.hosts!['lab']!
  const files = host.files as Record<string, object>
  for (const { file, text } of preset.scripts) files[file] = { text }
  for (const name of Object.keys(files))
    if (/^(undionly|ipxe)/.test(name)) files[name] = { ...files[name], program: 'ipxe' }
  // What its needs name in folders.
  if (preset.id === 'u-boot')
    for (const name of ['u-boot/Image', 'u-boot/initrd.img']) files[name] = { size: 3_000_000 }
  if (preset.id === 'secure-boot-netboot-xyz')
    for (const machine of ['x86_64', 'arm64'])
      files[`secureboot-${machine}/autoexec.ipxe`] = { text: '#!ipxe\nshell\n' }
  // A BIOS takes everything for a program, UEFI what is one: wimboot is both.
  if (preset.id === 'windows-pe') {
    files['wimboot'] = { size: 90_000, architecture: 'x64-uefi' }
    files['boot.wim'] = { size: 300_000 }
  }
  const simulation = new Simulation(scenarioSchema.parse(scenario), { record: false })
  simulation.run()
  return Object.fromEntries(simulation.outcomes().map(({ name, state, because }) => [name, state === 'booted' ? state : `${state}: ${inEnglish(because)}`])) // prettier-ignore
}

describe('lab presets', () => {
  test.each(presets)('$id makes a lab that is valid, and keeps what is not its own', (preset) => {
    const text = applied(preset)
    const lab = labOf(text)
    expect(text).toContain('# my lab')
    expect(lab.dhcp.subnets).toHaveLength(1)
    expect(isApplied(preset, lab)).toBe(true)
    expect(isApplied(preset, labOf(base))).toBe(false)
  })

  test('one after another leave nothing of the one before', () => {
    for (const first of presets)
      for (const second of presets) {
        const lab = labOf(applied(second, applied(first)))
        expect(isApplied(second, lab), `${second.id} after ${first.id}`).toBe(true)
        if (first !== second) expect(isApplied(first, lab), `${first.id} under ${second.id}`).toBe(false)
      }
  })

  const machines: Readonly<Record<string, readonly string[]>> = {
    ipxe: ['bios-pc', 'ipxe-pc'],
    'netboot-xyz': ['bios-pc', 'edk2-pc', 'edk2-arm64-pc'],
    'secure-boot-netboot-xyz': ['edk2-pc', 'edk2-arm64-pc'],
    'raspberry-pi': ['raspberry-pi-3', 'raspberry-pi-4', 'raspberry-pi-5'],
    'u-boot': ['u-boot-pxe', 'edk2-arm64-pc'],
    'arm-servers': ['edk2-arm64-pc', 'edk2-arm64-http-pc'],
    'windows-pe': ['bios-pc', 'edk2-pc', 'ipxe-pc', 'edk2-http-pc'],
    'http-boot': ['edk2-pc', 'edk2-http-pc'],
  }
  test.each(
    Object.keys(machines).flatMap((id) => (['dhcp', 'proxy-dhcp'] as const).map((mode) => [id, mode] as const)),
  )('%s boots its machines in mode %s', (id, mode) => {
    const ends: Record<string, string> = outcomes(
      presets.find((one) => one.id === id)!,
      mode,
    )
    // As its remark says: U-Boot knows no proxyDHCP, and the DHCP server beside the lab does not name it.
    if (id === 'u-boot' && mode === 'proxy-dhcp') {
      expect(ends['u-boot-pxe']).toContain('siaddr is 0 in the ACK')
      ends['u-boot-pxe'] = 'booted'
    }
    expect(Object.fromEntries(machines[id]!.map((name) => [name, ends[name]]))).toEqual(
      Object.fromEntries(machines[id]!.map((name) => [name, 'booted'])),
    )
  })

  test('the menu of iPXE gives UEFI machines back to their firmware, which goes on to the disk', () => {
    expect(outcomes(presets[0]!, 'dhcp')['edk2-pc']).toBe('failed: ipxe.efi ended by itself')
  })

  test('say what is still missing, folders too', () => {
    const [pi, wds] = ['raspberry-pi', 'wds'].map((id) => presets.find((one) => one.id === id)!)
    expect(missingFor(pi!, ['bootcode.bin']).map(({ file }) => file)).toEqual(['pi'])
    expect(missingFor(pi!, ['BOOTCODE.BIN', 'pi/start.elf'])).toEqual([])
    expect(missingFor(wds!, ['bootx64.efi']).map(({ file }) => file)).toEqual(['boot'])
  })

  test('set only what a lab file knows', () => {
    for (const preset of presets) {
      const input: LabInput = { interface: 'eth0' }
      for (const { path, value } of preset.changes) {
        let here = input as Record<string, unknown>
        for (const key of path.slice(0, -1)) here = (here[key] ??= {}) as Record<string, unknown>
        here[path.at(-1)!] = value
      }
      expect(labSchema.safeParse(input).error).toBeUndefined()
    }
  })
})
