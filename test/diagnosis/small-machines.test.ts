/**
 * What public reports show of Raspberry Pis and U-Boot, as captures: boots that work are not called failed, whatever they ask
 * for in vain, and those that fail are told by their cause.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { explainAttempt } from '../helpers/told.ts'
import type { Explanation } from '../helpers/told.ts'
import { needOf, programOf } from '#shared/diagnosis/boot-programs.ts'
import { changeScenario } from '#shared/simulation/changes.ts'
import { scenarioSchema, type Scenario } from '#shared/simulation/scenario.ts'
import { fixture } from '../helpers/fixtures.ts'
import { scenarioFrom, sessionOfSimulation, simulated } from '../helpers/simulate.ts'

interface Change {
  readonly path: string
  readonly value: unknown
}
const file = (name: string, value: unknown): Change => ({ path: `hosts.boot1.files["${name}"]`, value })
const lab = (key: string, value: unknown): Change => ({ path: `hosts.boot1.services.responder.lab.${key}`, value })

/** The last thing that is told of that machine. */
function told(scenario: Scenario, client: string, ...changes: readonly Change[]): Explanation {
  const checked = changeScenario(scenario, [...changes])
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  const simulation = simulated(checked.scenario)
  const { mac } = simulation.outcomes().find((one) => one.name === client)!
  const session = sessionOfSimulation(simulation)
  return session.trace.attempts
    .filter((attempt) => attempt.machine.name === mac)
    .map((attempt) => explainAttempt(session.store, attempt, { nowNs: session.endNs + 90e9 }))
    .filter(({ outcome }) => outcome !== 'idle' && outcome !== 'address')
    .at(-1)!
}

const pis = scenarioFrom(new URL('../../resources/scenarios/raspberry-pi.yaml', import.meta.url))
const five: readonly Change[] = [
  { path: 'clients.pi5', value: { firmware: 'raspberry-pi-5', on: 'lan', mac: '2c:cf:67:00:00:05' } },
  file('config.txt', { text: '' }),
  file('bcm2712-rpi-5-b.dtb', { size: 70_000 }),
  file('kernel_2712.img', { size: 9_000_000 }),
]
/** A DHCP server that knows nothing of Raspberry Pis, and names the file server in option 66. */
const option66: readonly Change[] = [
  lab('boot', { programs: [{ architecture: 'bios', file: 'bootcode.bin', raspberryPi: false }] }),
  lab('dhcp.options', { 66: '192.168.77.1' }),
]

const uBoot = scenarioFrom(new URL('../../resources/scenarios/u-boot.yaml', import.meta.url))

describe('U-Boot that starts GRUB', () => {
  const next = { path: 'hosts.boot1.services.DHCPServer.nextServer', value: '192.168.77.1' }
  const grub = file('grub/aa64.efi', { program: 'grub', architecture: 'arm64-uefi', size: 630_784, loads: ['/grub/grub.cfg', '/vmlinuz'] }) // prettier-ignore
  const more = [file('grub/grub.cfg', { text: 'linux /vmlinuz' }), file('vmlinuz', { size: 90_000 })]
  const faults = ({ sentences }: Explanation): string[] => sentences.filter(({ tone }) => tone === 'bad').map(({ text }) => text) // prettier-ignore

  test('its search for a device tree is no fault', () => {
    const story = told(uBoot, 'board', next, grub, ...more)
    expect(story.sentences.map(({ text }) => text).join('\n')).toMatch(/dtb\/ does not exist/)
    expect([story.outcome, ...faults(story)]).toEqual(['started'])
  })

  test('a kernel that GRUB does not find is one', () => {
    const { sentences } = told(uBoot, 'board', next, grub, more[0]!)
    expect(sentences.map(({ text }) => text).join('\n')).toMatch(/refused \/?vmlinuz/)
  })
})

describe('Raspberry Pi', () => {
  test('a Pi 5 without a folder of its own, and without most of what it asks for', () => {
    expect(['started', 'loaded']).toContain(told(pis, 'pi5', ...five).outcome)
  })

  test.each(['pi4', 'pi5'])('%s with the server in option 66 and no text in option 43', (client) => {
    const { outcome, headline } = told(pis, client, ...five, ...option66)
    expect(['started', 'loaded'], headline).toContain(outcome)
  })

  test('a Pi 3 with option 66 alone loads nothing', () => {
    const { outcome, headline } = told(pis, 'pi3', ...option66)
    expect(['started', 'loaded'], headline).not.toContain(outcome)
  })

  test('what the lists of tftpd and dnsmasq in reports have as not found is no fault', () => {
    const running = programOf('bootcode.bin')
    expect(running?.name).toBe('Raspberry Pi boot loader')
    for (const name of [
      'autoboot.txt',
      'recovery.elf',
      'dt-blob.bin',
      'bootcfg.txt',
      'bootsig.bin',
      'armstub8-32.bin',
      'kernel8-32.img',
      'overlays/overlay_map.dtb',
      'pieeprom.sig',
      'pieeprom.upd',
      'armstub8-2712.bin',
      'initramfs_2712',
      'overlays/bcm2712d0.dtbo',
      'bcm2710-rpi-3-b-plus.dtb',
      'tryboot.txt',
    ])
      // prettier-ignore
      expect(needOf(`b66c4c16/${name}`, running), name).not.toBe('required')
  })
})

const boards = scenarioSchema.parse(JSON.parse(readFileSync(fixture('fidelity/u-boot-pxe-aa64.json'), 'utf8')))

describe('U-Boot', () => {
  test('pxe finds its configuration under the tenth name, and boots', () => {
    expect(['started', 'loaded']).toContain(told(boards, 'pc1').outcome)
  })

  test('the file of its rule is not there, and nothing else: the boot failed', () => {
    const nothing = ['arm/pxelinux.cfg/default-arm', 'arm/initrd.img', 'arm/kernel'].map((name) => file(name, null))
    expect(told(boards, 'pc1', ...nothing).outcome).toBe('failed')
  })

  test('a server that is not named', () => {
    const { outcome, headline } = told(boards, 'pc1', lab('boot.programs', []))
    expect(['started', 'loaded'], headline).not.toContain(outcome)
  })
})

test('programs of netboot.xyz 3 and of signed chains are known by their names', () => {
  for (const [name, program] of [
    ['netboot.xyz-arm64-snponly.efi', 'iPXE'],
    ['netboot.xyz-legacy.kpxe', 'iPXE'],
    ['secureboot-x86_64/ipxe-shim.efi', 'shim'],
    ['snponly-shimx64.efi', 'shim'],
    ['shimaa64.efi', 'shim'],
    ['debian-installer/arm64/bootnetaa64.efi', 'shim'],
    ['grubnetaa64.efi.signed', 'GRUB'],
  ] as const)
    // prettier-ignore
    expect(programOf(name)?.name, name).toBe(program)
  // Of the installers of Debian: shim today, GRUB in older releases.
  for (const name of [
    'revocations.efi',
    'debian-installer/amd64/grub/x86_64-efi/command.lst',
    'grub/grub.cfg-01-52-54-00-00-00-01',
  ])
    expect(needOf(name, programOf('bootnetx64.efi')), name).not.toBe('required')
})
