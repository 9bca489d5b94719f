import { say } from '#messages/message.ts'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { optionData } from '#shared/interchange/engine-server.ts'
import { scenarioSchema, type ScenarioInput } from '#shared/simulation/scenario.ts'
import { Simulation } from '#shared/simulation/simulation.ts'
import { formatHex } from '#shared/wire/bytes.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/interchange/${name}`, import.meta.url), 'utf8')

/** A wire with the server of a configuration and the machines; what ended how, and what the server said. */
function run(
  network: string,
  own: string,
  file: string,
  clients: ScenarioInput['clients'],
  more: Partial<NonNullable<ScenarioInput['hosts']>[string]> = {},
  hosts: ScenarioInput['hosts'] = {},
) {
  const simulation = new Simulation(
    scenarioSchema.parse({
      title: 'x',
      group: 'Who answers',
      summary: 'x',
      segments: { lan: { network }, ...(hosts?.['five'] ? { far: { network: '10.20.0.0/24' } } : {}) },
      hosts: {
        server: { kind: 'linux', on: { lan: own }, ...more, services: { engine: { type: 'engine', files: { [file]: fixture(file) }, names: { 'boot.branch.example': '10.20.0.5' } }, tftp: { type: 'tftp' } } }, // prettier-ignore
        ...hosts,
      },
      clients,
    } satisfies ScenarioInput),
    { record: true },
  )
  simulation.run()
  return { outcomes: Object.fromEntries(simulation.outcomes().map((one) => [one.name, one])), log: simulation.log.map(({ text }) => text) } // prettier-ignore
}

test('Kea in the simulator gives what its classes say, with the line in its log', () => {
  const { outcomes, log } = run('10.20.1.0/24', '10.20.1.1', 'kea-classes.conf', {
    bios: { firmware: 'bios', on: 'lan' },
    x64: { firmware: 'edk2', on: 'lan' },
    arm: { firmware: 'edk2-arm64', on: 'lan' },
    special: { firmware: 'edk2', on: 'lan', mac: '02:00:5e:20:00:09' },
  }, { kind: 'router', on: { lan: '10.20.1.1', far: '10.20.0.1' } }, {
    five: { kind: 'linux', on: { far: '10.20.0.5' }, gateway: '10.20.0.1', services: { tftp: { type: 'tftp' } }, files: { 'undionly.kpxe': { program: 'plain', size: 40000 } } },
    six: { kind: 'linux', on: { far: '10.20.0.6' }, gateway: '10.20.0.1', services: { tftp: { type: 'tftp' } }, files: { 'x64/shim.efi': { program: 'plain', architecture: 'x64-uefi' }, 'special.efi': { program: 'plain', architecture: 'x64-uefi' } } },
  }) // prettier-ignore
  expect(outcomes['bios']).toMatchObject({ state: 'booted', address: '10.20.1.100' })
  expect(outcomes['x64']).toMatchObject({ state: 'booted', because: say('pxe-client.file-runs', { file: 'x64/shim.efi' }) })
  expect(outcomes['arm']).toMatchObject({ state: 'failed', code: 'PXE-E16' })
  expect(outcomes['special']).toMatchObject({ state: 'booted', because: say('pxe-client.file-runs', { file: 'special.efi' }), address: '10.20.1.9' })
  expect(log).toContainEqual(expect.stringMatching(/offered: 10\.20\.1\.10\d, undionly\.kpxe \(kea-classes\.conf, line 15\)/))
}) // prettier-ignore

test('dnsmasq: the program it gives the ROM leads to the script it gives iPXE', () => {
  const script = { 'menu.ipxe': { text: '#!ipxe\necho here\nshell\n' } }
  const { outcomes } = run('172.18.4.0/24', '172.18.4.1', 'dnsmasq-chain.conf', {
    bios: { firmware: 'bios', on: 'lan' },
    x64: { firmware: 'edk2', on: 'lan' },
    rogue: { firmware: 'edk2', on: 'lan', mac: '02:66:00:00:00:01' },
  }, {}, {
    files: { kind: 'linux', on: { lan: '172.18.4.3' }, services: { tftp: { type: 'tftp' }, http: { type: 'http' } }, files: { 'undionly.kpxe': { program: 'ipxe', size: 90000 }, 'ipxe.efi': { program: 'ipxe', architecture: 'x64-uefi' }, ...script } },
  }) // prettier-ignore
  expect(outcomes['bios']).toMatchObject({ state: 'booted', because: 'the script ends in the iPXE shell' })
  expect(outcomes['x64']).toMatchObject({ state: 'booted', because: 'the script ends in the iPXE shell' })
  expect(outcomes['rogue']).toMatchObject({ state: 'failed', address: '' })
})

test('dnsmasq as proxyDHCP beside a server that gives addresses alone', () => {
  const dhcp = { type: 'DHCPServer' as const, subnets: [{ subnet: '172.18.5.0/24', start: '172.18.5.100', end: '172.18.5.150' }] } // prettier-ignore
  const { outcomes } = run('172.18.5.0/24', '172.18.5.2', 'dnsmasq-proxy.conf', {
    bios: { firmware: 'bios', on: 'lan' },
    x64: { firmware: 'edk2', on: 'lan' },
    x86: { firmware: 'edk2-x86', on: 'lan' },
  }, { files: { 'pxelinux.0': { program: 'plain', size: 40000 }, 'grubx64.efi': { program: 'plain', architecture: 'x64-uefi' } } }, { router: { kind: 'linux', on: { lan: '172.18.5.1' }, services: { DHCPServer: dhcp } } }) // prettier-ignore
  expect(outcomes['bios']).toMatchObject({
    state: 'booted',
    because: say('pxe-client.file-runs', { file: 'pxelinux.0' }),
  })
  expect(outcomes['x64']).toMatchObject({
    state: 'booted',
    because: say('pxe-client.file-runs', { file: 'grubx64.efi' }),
  })
  expect(outcomes['x86']?.state).toBe('failed')
})

test('options of a configuration become the octets that the engine sends', () => {
  const hex = (code: number, text: string): string => formatHex(optionData(code, text))
  expect(hex(3, '10.0.0.1')).toBe('0a000001')
  expect(hex(6, '10.0.0.2, 10.0.0.3')).toBe('0a0000020a000003')
  expect(hex(43, '06:01:08')).toBe('060108')
  expect(hex(43, '\u0006\u0001\u0003')).toBe('060103')
  expect(hex(19, 'true')).toBe('01')
  expect(hex(3, 'no address')).toBe(formatHex(Uint8Array.from('no address', (one) => one.charCodeAt(0))))
})
