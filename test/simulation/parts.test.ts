/** The pieces under the simulator: paths of settings, the clock, ports, ARP and routes, stories, lab files both ways. */
import { inEnglish } from '#messages/text.ts'
import { describe, expect, test } from 'vitest'
import { labSchema } from '#shared/lab/lab.ts'
import { changeScenario, parsePath } from '#shared/simulation/changes.ts'
import { Alarm, Clock } from '#shared/simulation/clock.ts'
import { labOfScenario, playableHosts, scenarioOfLab } from '#shared/simulation/lab-scenario.ts'
import { randomFor } from '#shared/simulation/random.ts'
import { scenarioSchema } from '#shared/simulation/scenario.ts'
import { decodeTftp } from '#shared/wire/tftp.ts'
import { storyOf } from '#shared/simulation/story.ts'
import { Screen } from '#shared/simulation/simulation.ts'
import { scenarioOf, sessionOfSimulation, simulated } from '../helpers/simulate.ts'
import { spoken } from '../helpers/spoken.ts'

const dhcp = {
  DHCPServer: {
    type: 'DHCPServer',
    nextServer: '192.168.77.1',
    options: { 67: 'a.0' },
    subnets: [{ subnet: '192.168.77.0/24', start: '192.168.77.100', end: '192.168.77.120' }],
  },
}
const server = (more: object = {}): object => ({
  kind: 'linux',
  on: { lan: '192.168.77.1' },
  services: { ...dhcp, tftp: { type: 'tftp' } },
  files: { 'a.0': { program: 'plain', architecture: 'bios', size: 20_000 } },
  ...more,
})
const clients = { pc: { firmware: 'ipxe' as const, on: 'lan' } }

describe('settings by path', () => {
  test.each([
    ['a.b.c', ['a', 'b', 'c']],
    ['hosts.h.files["boot\\x64\\wdsmgfw.efi"].size', ['hosts', 'h', 'files', 'boot\\x64\\wdsmgfw.efi', 'size']],
    ['repairs[0].set[1]', ['repairs', '0', 'set', '1']],
    ['a..b', undefined],
    ['', undefined],
    ['a[', undefined],
  ])('%s', (text, keys) => expect(parsePath(text)).toEqual(keys))

  test('all changes or none, and the original stays as it was', () => {
    const input = scenarioOf({ hosts: { h: server() } as never, clients })
    const before = JSON.stringify(input)
    const done = changeScenario(input, [
      { path: 'hosts.h.services.DHCPServer.options.67', value: null },
      { path: 'clients.second', value: { firmware: 'bios', on: 'lan' } },
    ])
    expect(done.ok && Object.keys(done.scenario.clients)).toEqual(['pc', 'second'])
    expect(done.ok && done.scenario.hosts.h!.services.DHCPServer).toMatchObject({ options: {} })
    const refused = changeScenario(input, [{ path: 'hosts.h.on.lan', value: '10.9.9.9' }])
    expect(refused).toMatchObject({
      ok: false,
      problems: [{ field: 'hosts.h.on.lan', value: '"10.9.9.9"', remedy: 'Write an address of that network.' }],
    })
    expect(JSON.stringify(input)).toBe(before)
  })
})

describe('clock', () => {
  test('equal times keep their order; alarms that are put off ring once', () => {
    const clock = new Clock()
    const heard: string[] = []
    for (const name of ['a', 'b', 'c']) clock.at(5, () => heard.push(name))
    const alarm = new Alarm(clock, () => heard.push(`alarm ${clock.now}`))
    alarm.set(3)
    alarm.set(9)
    alarm.set(7)
    while (clock.step());
    expect(heard).toEqual(['a', 'b', 'c', 'alarm 7'])
  })

  test('randomness depends on seed and name alone', () => {
    const three = (seed: number, name: string): number[] => {
      const random = randomFor(seed, name)
      return [random(), random(), random()]
    }
    expect(three(1, 'x')).toEqual(three(1, 'x'))
    expect(three(1, 'x')).not.toEqual(three(2, 'x'))
    expect(three(1, 'x')).not.toEqual(three(1, 'y'))
  })
})

describe('ports', () => {
  test.each([
    ['DHCPServer', 'WDSServer', /event 513[^]*UDP port 67 is held by DHCPServer/],
    ['WDSServer', 'DHCPServer', /cannot bind UDP port 67: WDSServer has it/],
    ['DHCPServer', 'SccmPxe', /cannot bind UDP port 67, which DHCPServer holds, and stops/],
    ['proxy-dhcp', 'DHCPServer', /cannot bind UDP port 67: proxy-dhcp has it/],
  ])('%s before %s: the second ends as it does in the field, and says so', (first, second, text) => {
    const services = {
      [first]: { type: first, ...(first === 'DHCPServer' ? dhcp.DHCPServer : {}) },
      [second]: { type: second, ...(second === 'DHCPServer' ? dhcp.DHCPServer : {}) },
    }
    const simulation = simulated(scenarioOf({ hosts: { h: { on: { lan: '192.168.77.1' }, services } }, clients }))
    expect(
      simulation.log
        .filter((one) => one.service === second && one.tone === 'bad')
        .map((one) => one.text)
        .join('\n'),
    ).toMatch(text)
    expect(simulation.hosts.get('h')!.bindings.find((one) => one.firstPort === 67)!.service).toBe(first)
  })
})

describe('the lab on a host whose firewall lets only the boot ports in', () => {
  const lab = (tftp: object) => ({
    interface: 'lan',
    mode: 'dhcp',
    dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.110' }] }] },
    boot: { programs: [{ file: 'a.0' }] },
    tftp,
  })
  test.each([
    ['any port', {}, 'failed'],
    ['a range that is let in', { ports: '50000-50010' }, 'booted'],
    ['a range that is not', { ports: '40000-40010' }, 'failed'],
    ['port 69 alone', { singlePort: true }, 'booted'],
  ] as const)('%s', (_, tftp, state) => {
    const closed = [[1024, 4010], [4012, 49_999], [50_011, 65_535]].map((port) => ({ port })) // prettier-ignore
    const host = {
      on: { lan: '192.168.77.1' },
      firewall: closed,
      files: { 'a.0': { size: 20_000, architecture: 'bios' } },
      services: { lab: { type: 'responder', lab: lab(tftp) } },
    }
    const { outcomes } = storyOf(simulated(scenarioOf({ hosts: { h: host } as never, clients })))
    expect(outcomes[0]!.state === 'booted' ? 'booted' : 'failed').toBe(state)
  })
})

test.each([
  [512_000, 'booted', ''],
  [512_001, 'failed', 'PXE-E79'],
])('a BIOS ROM has 500 KiB for a program: one of %i bytes %s', (size, state, code) => {
  const files = { 'a.0': { program: 'plain', architecture: 'bios', size } }
  const bios = { pc: { firmware: 'bios' as const, on: 'lan' } }
  const { dhcp: told, ...rest } = { dhcp: dhcp.DHCPServer, tftp: { type: 'tftp' } }
  const services = { DHCPServer: { ...told, options: { 60: 'PXEClient', 67: 'a.0' } }, 'boot-server': { type: 'boot-server', programs: [{ file: 'a.0' }] }, ...rest }
  const [outcome] = simulated(scenarioOf({ hosts: { h: server({ files, services }) } as never, clients: bios })).outcomes()
  expect(outcome).toMatchObject({ state, code })
}) // prettier-ignore

describe('story', () => {
  test('one step a file, one step a packet on all its hops, and an end', () => {
    const simulation = simulated(scenarioOf({ hosts: { h: server() } as never, clients }))
    const { steps, screens, outcomes } = spoken(storyOf(simulation))
    expect(outcomes[0]!.state).toBe('booted')
    expect(steps.map((one) => one.label)).toEqual([
      'DISCOVER', 'OFFER 192.168.77.100, file', 'DISCOVER, try 2', 'OFFER 192.168.77.100, file', 'REQUEST', 'ACK 192.168.77.100',
      'read a.0', 'OACK', 'a.0, 20 kB', 'booted',
    ]) // prettier-ignore
    expect(steps.every((one) => one.client === 'pc' && one.sentence.length > 5)).toBe(true)
    // Every step of a packet is a frame of the capture.
    const session = sessionOfSimulation(simulation)
    for (const { frame, label } of steps.slice(0, -1)) expect(session.store.has(frame!), label).toBe(true)
    expect(session.summaryOf(steps[0]!.frame!).summary).toMatch(/DISCOVER/)
    expect(screens.pc!.map((one) => one.text).join('')).toMatch(/Filename: a\.0/)
  })

  test('the end of a boot calls hosts by the names of the drawing, as every other step does', () => {
    const noFile = { ...dhcp.DHCPServer, options: { 60: 'PXEClient' } }
    const host = server({ title: 'Old server', services: { DHCPServer: noFile } })
    const machines = { pc: { title: 'Bench', firmware: 'edk2' as const, on: 'lan' } }
    const { steps, addresses } = spoken(
      storyOf(simulated(scenarioOf({ hosts: { h: host } as never, clients: machines }))),
    )
    const last = steps.at(-1)!
    expect(last.sentence).toMatch(
      /^Bench gives up: OFFER of Old server .* and Old server did not answer there\. Its screen shows "PXE-E16/,
    )
    expect(steps.map((one) => one.sentence).join(' ')).not.toContain('192.168.77.1 ')
    expect(addresses).toEqual({
      '192.168.77.1': 'Old server',
      '02:00:5e:00:00:01': 'Old server',
      '02:00:5e:10:00:01': 'Bench',
    })
  })

  test('a screen is a terminal', () => {
    const screen = new Screen()
    screen.print('one\ntwo\rTWO\n50%\r100%')
    expect(screen.lines).toEqual(['one', 'TWO', '100%'])
    screen.print('\fnew')
    expect(screen.lines).toEqual(['new'])
  })
})

describe('lab files', () => {
  const lab = labSchema.parse({
    interface: 'eth0',
    mode: 'dhcp',
    dhcp: {
      subnets: [{ subnet: '10.1.0.0/24', pools: [{ start: '10.1.0.1', end: '10.1.0.99' }], router: '10.1.0.100' }],
    },
    boot: {
      programs: [
        { userClass: 'iPXE', file: 'menu.ipxe' },
        { architecture: 'bios', file: 'undionly.kpxe' },
        { architecture: 'x64-uefi', file: 'ipxe.efi' },
      ],
    },
  })

  test.each(['dhcp', 'proxy-dhcp', 'boot-server'] as const)(
    'mode %s opens as a scenario in which machines boot',
    (mode) => {
      const simulation = simulated(scenarioSchema.parse(scenarioOfLab({ ...lab, mode }, 'my lab')))
      expect(simulation.outcomes().map(({ name, state, because }) => `${name} ${state} ${state === 'failed' ? inEnglish(because) : ''}`.trim())).toEqual([
      'bios-pc booted', 'edk2-pc booted', 'ipxe-pc booted',
    ]) // prettier-ignore
      // The responder's own address is none that a client could get.
      expect(simulation.hosts.get('lab')!.nics[0]!.address).toBeGreaterThan(0x0a010063)
    },
  )

  test('what a lab says of places, servers and menus is what is simulated; what no firmware plays is named', () => {
    const rules = labSchema.parse({
      ...lab,
      boot: {
        programs: [
          { userClass: 'iPXE', file: 'menu.ipxe' },
          { architecture: 'bios', subnet: '10.9.0.0/24', file: 'elsewhere.0' },
          { architecture: 'bios', subnet: '10.1.0.0/24', file: 'undionly.kpxe' },
          { architecture: ['x64-uefi', 'x86-uefi'], file: 'ipxe.efi' },
          { architecture: 'arm64-uefi', file: 'aa64.efi' },
          { vendorClass: 'U-Boot', file: 'boot.scr.uimg' },
          { architecture: 'arm-rpiboot', file: 'bootcode.bin' },
        ],
        menus: [{ architecture: 'bios', timeoutSeconds: 0, items: [{ text: 'Install', file: 'install.0' }] }],
      },
    })
    const scenario = scenarioSchema.parse(scenarioOfLab(rules, 'my lab'))
    expect(scenario.summary).not.toContain('not simulated')
    const old = { ...rules, boot: { ...rules.boot, programs: [{ architecture: 'arm32-uboot', file: 'a.img' }] } }
    expect(scenarioOfLab(labSchema.parse(old), 'old').summary).toContain('U-Boot on ARM32, and its HTTP boot, are answered too, but not simulated.') // prettier-ignore
    expect(Object.keys(scenario.hosts['lab']!.files)).toContain('install.0')
    const outcomes = simulated(scenario).outcomes()
    expect(outcomes.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'bios-pc booted',
      'edk2-pc booted',
      'ipxe-pc booted',
      'edk2-arm64-pc booted',
      'u-boot-pxe booted',
      'raspberry-pi-3 booted',
      'raspberry-pi-4 booted',
      'raspberry-pi-5 booted',
    ])
  })

  test('its file server grants a window and goes on after block 65535, as the product does', () => {
    const told = simulated(scenarioSchema.parse(scenarioOfLab({ ...lab, mode: 'dhcp' }, 'my lab')))
    const granted = told.transmissions.flatMap(({ packet }) => {
      const tftp = packet.kind === 'udp' && packet.sourcePort > 1024 ? decodeTftp(packet.payload).packet : undefined
      return tftp?.kind === 'oack' ? tftp.options.map(({ name, value }) => `${name} ${value}`) : []
    })
    expect(granted).toContain('windowsize 4')
  })

  test('a scenario becomes a lab file, which opens again', () => {
    const scenario = scenarioOf({ hosts: { h: server() } as never, clients })
    expect(playableHosts(scenario)).toEqual(['h'])
    const { lab: written } = labOfScenario(scenario, 'h')
    const parsed = labSchema.parse(written)
    expect(parsed.dhcp.subnets[0]).toMatchObject({ subnet: '192.168.77.0/24' })
    expect(simulated(scenarioSchema.parse(scenarioOfLab(parsed, 'again'))).outcomes().length).toBeGreaterThan(0)
  })
})
