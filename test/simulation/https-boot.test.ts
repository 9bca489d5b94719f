/** HTTPS boot of firmware that trusts nobody yet: the screens that OVMF 2022.11 showed, and that nothing goes out but DHCP. */
import { expect, test } from 'vitest'
import { scenarioOf, simulated } from '../helpers/simulate.ts'

test('EDK2 in which no authority is enrolled opens no connection', () => {
  const simulation = simulated(
    scenarioOf({
      hosts: {
        boot1: {
          kind: 'linux',
          on: { lan: '192.168.77.1' },
          services: {
            DHCPServer: {
              type: 'DHCPServer',
              options: { 60: 'HTTPClient', 67: 'https://192.168.77.1/x.efi' },
              subnets: [{ subnet: '192.168.77.0/24', start: '192.168.77.100', end: '192.168.77.199' }],
            },
            http: { type: 'http', port: 443 },
          },
          files: { 'x.efi': { program: 'plain', architecture: 'x64-uefi', size: 100, prints: ['it runs'] } },
        },
      } as never,
      clients: { pc: { firmware: 'edk2-http', on: 'lan' } },
    }),
  )
  const [outcome] = simulation.outcomes()
  expect(outcome).toMatchObject({
    state: 'failed',
    because: expect.stringContaining('trusts no certificate authority'),
  })
  expect(outcome!.screen.map((line) => line.trim())).toEqual(
    expect.arrayContaining([
      'URI: https://192.168.77.1/x.efi',
      'Error: Could not retrieve NBP file size from HTTP server.',
      'Error: Remote boot cancelled.',
    ]),
  )
  expect(simulation.transmissions.filter(({ packet }) => packet.kind === 'tcp')).toEqual([])
})
