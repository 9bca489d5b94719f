/** The menu of option 43 (PXE 2.1 section 2.4) in front of a person: what stands on the screen, in which order, and what is asked for. */
import { describe, expect, test } from 'vitest'
import { formatIpv4 } from '#shared/wire/bytes.ts'
import { decodeDhcp, findOptionData } from '#shared/wire/dhcp/message.ts'
import { readBootItem } from '#shared/wire/dhcp/spaces.ts'
import type { FirmwareName } from '#shared/machines/pxe-client/firmwares.ts'
import { spoken } from '../helpers/spoken.ts'
import { scenarioOf, simulated } from '../helpers/simulate.ts'

interface Asked {
  readonly seconds: number
  readonly to: string
  readonly item: number | undefined
}

function choose(
  firmware: FirmwareName,
  menu: object,
  menuLine?: number,
  proxy: object = {},
): {
  readonly screen: readonly string[]
  readonly asked: Asked[]
  readonly outcome: { readonly state: string; readonly code: string; readonly because: string }
} {
  const simulation = simulated(
    scenarioOf({
      hosts: {
        dhcp1: { on: { lan: '192.168.77.2' }, services: { DHCPServer: { type: 'DHCPServer', subnets: [{ subnet: '192.168.77.0/24', start: '192.168.77.100', end: '192.168.77.199' }] } } },
        boot1: {
          kind: 'linux',
          on: { lan: '192.168.77.1' },
          services: {
            'proxy-dhcp': {
              type: 'proxy-dhcp',
              programs: [{ architecture: 'bios', file: 'b.0' }, { architecture: 'x64-uefi', file: 'x.efi' }],
              menu: { prompt: 'Choose now', items: [{ text: 'Install' }, { text: 'Rescue', type: 0x8005 }, { text: 'Local disk', type: 0 }], ...menu },
              ...proxy,
            },
            tftp: { type: 'tftp' },
          },
          files: { 'b.0': { program: 'plain', size: 100, prints: ['it runs'] }, 'x.efi': { program: 'plain', architecture: 'x64-uefi', size: 100, prints: ['it runs'] } },
        },
      } as never,
      clients: { pc: { firmware, on: 'lan', ...(menuLine === undefined ? {} : { menuLine }) } },
    }),
  ) // prettier-ignore
  const asked: Asked[] = []
  let acknowledgedAt = 0
  for (const { packet, sentAt } of simulation.transmissions) {
    if (packet.kind !== 'udp' || packet.payload.length < 240) continue
    const { message } = decodeDhcp(packet.payload)
    if (packet.sourcePort === 67 && findOptionData(message, 53)?.[0] === 5) acknowledgedAt = sentAt
    if (packet.destinationPort !== 4011 || message.op !== 1) continue
    const item = readBootItem(findOptionData(message, 43))
    asked.push({
      seconds: Math.round((sentAt - acknowledgedAt) / 1000),
      to: formatIpv4(packet.destination as number),
      item: item?.type,
    })
  }
  const [outcome] = simulation.outcomes()
  return { screen: outcome!.screen.map((line) => line.trim()), asked, outcome: spoken(outcome!) }
}

describe('EDK2', () => {
  const before = ['>>Start PXE over IPv4.', 'Station IP address is 192.168.77.100']
  test.each<[string, number, number | undefined, string[], number | undefined, number]>([
    ['a menu without a prompt: the first line at once', 0, undefined, [], 0x8000, 0],
    ['nobody there: the first line after its time', 5, undefined, ['Choose now'], 0x8000, 5],
    ['somebody opens it and takes the second', 5, 1, ['Choose now', 'Install', 'Rescue', 'Local disk'], 0x8005, 2],
    ['a line that is not there is the last', 5, 9, ['Choose now', 'Install', 'Rescue', 'Local disk'], undefined, 2],
  ])('%s', (_, timeoutSeconds, menuLine, lines, item, seconds) => {
    const { screen, asked, outcome } = choose('edk2', { timeoutSeconds }, menuLine)
    expect(screen.slice(0, before.length + lines.length)).toEqual([...before, ...lines])
    if (item === undefined) {
      expect(asked).toEqual([])
      expect(outcome).toMatchObject({ state: 'failed', code: 'PXE-E21' })
      expect(screen).toContain('PXE-E21: Remote boot cancelled.')
    } else {
      expect(asked[0]).toMatchObject({ item, seconds })
      expect(screen.slice(before.length + lines.length, before.length + lines.length + 2)).toEqual([
        'Server IP address is 192.168.77.1',
        'NBP filename is x.efi',
      ])
      expect(outcome.state).toBe('booted')
    }
  })

  test('255 seconds wait for somebody', () => {
    const { outcome, asked } = choose('edk2', { timeoutSeconds: 255 })
    expect(outcome).toMatchObject({ state: 'failed', code: '', because: 'the menu waits for somebody' })
    expect(asked).toEqual([])
  })

  test('without an answer it asks four times, and says which line nobody serves', () => {
    const { outcome, asked, screen } = choose('edk2', { timeoutSeconds: 0 }, undefined, { bootServer: false })
    expect(asked.filter((one) => one.to === '192.168.77.1').map((one) => one.seconds)).toEqual([0, 1, 3, 6])
    expect(outcome).toMatchObject({ code: 'PXE-E18', because: 'no boot server of type 32768 answered' })
    expect(screen).toContain('PXE-E18: Server response timeout.')
  })
})

test('a BIOS ROM shows the same, and boots from the local disk where that was taken', () => {
  const { screen, outcome } = choose('bios', { timeoutSeconds: 5 }, 2)
  expect(outcome.state).toBe('local')
  expect(screen).toEqual(expect.arrayContaining(['Choose now', 'Install', 'Rescue', 'Local disk']))
  expect(choose('bios', { timeoutSeconds: 5 }, 1)).toMatchObject({ outcome: { state: 'booted' }, asked: [{ item: 0x8005 }] }) // prettier-ignore
})
