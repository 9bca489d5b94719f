/** Windows deployment servers in the simulator: for each kind of machine the files it asks for, and how large they are said to be. */
import { describe, expect, test } from 'vitest'
import type { FirmwareName } from '#shared/machines/pxe-client/firmwares.ts'
import type { Simulation } from '#shared/simulation/simulation.ts'
import { decodeTftp } from '#shared/wire/tftp.ts'
import { scenarioOf, simulated } from '../helpers/simulate.ts'

const dhcp = { type: 'DHCPServer', subnets: [{ subnet: '192.168.77.0/24', start: '192.168.77.100', end: '192.168.77.199' }] } // prettier-ignore
const every = ['bios', 'x64-uefi', 'x86-uefi', 'arm64-uefi']

function boot(firmware: FirmwareName, service: { readonly type: string }, client: object = {}): Simulation {
  return simulated(
    scenarioOf({
      hosts: {
        dhcp1: { on: { lan: '192.168.77.10' }, services: { DHCPServer: dhcp } },
        wds1: { on: { lan: '192.168.77.20' }, services: { [service.type]: { architectures: every, largestFile: 5_000_000, ...service } } },
      },
      clients: { pc: { firmware, on: 'lan', ...client } },
    }),
  ) // prettier-ignore
}

/** What it read, and the options it asked with and was granted, without the two requests of firmware for the size alone. */
function transfers(simulation: Simulation): string[] {
  const told: string[] = []
  for (const { packet } of simulation.transmissions) {
    if (packet.kind !== 'udp') continue
    const tftp = packet.destinationPort === 69 || packet.destinationPort > 1024 ? decodeTftp(packet.payload).packet : undefined // prettier-ignore
    const options =
      tftp && 'options' in tftp ? tftp.options.map(({ name, value }) => `${name} ${value}`).join(', ') : ''
    if (tftp?.kind === 'rrq') told.push(`${tftp.filename}: ${options}`)
    else if (tftp?.kind === 'oack') told.push(`${told.pop()} -> ${options}`)
    else if (tftp?.kind === 'error' && tftp.code === 8) told.pop()
  }
  return told
}
const names = (simulation: Simulation): string[] => transfers(simulation).map((line) => line.split(': ')[0]!)

describe('the files of each kind of machine', () => {
  const bcd = '{00000000-0000-0000-0000-000000000000}.bcd'
  const [font, sdi] = ['\\Boot\\Fonts\\wgl4_boot.ttf', '\\Boot\\boot.sdi']
  test.each<[FirmwareName, string[]]>([
    ['bios', ['boot\\x86\\wdsnbp.com', 'boot\\x64\\pxeboot.n12', 'boot\\x64\\bootmgr.exe', `\\Tmp\\x64${bcd}`, font, sdi, '\\Boot\\x64\\Images\\boot.wim']],
    ['edk2', ['boot\\x64\\wdsmgfw.efi', 'boot\\x64\\bootmgfw.efi', `\\Tmp\\x64uefi${bcd}`, font, sdi, '\\Boot\\x64\\Images\\boot.wim']],
    ['edk2-x86', ['boot\\x86\\wdsmgfw.efi', 'boot\\x86\\bootmgfw.efi', `\\Tmp\\x86uefi${bcd}`, font, sdi, '\\Boot\\x86\\Images\\boot.wim']],
    ['edk2-arm64', ['boot\\arm64\\wdsmgfw.efi', 'boot\\arm64\\bootmgfw.efi', `\\Tmp\\arm64uefi${bcd}`, font, sdi, '\\Boot\\arm64\\Images\\boot.wim']],
  ])('WDS, %s', (firmware, expected) => {
    const simulation = boot(firmware, { type: 'WDSServer' })
    expect(names(simulation)).toEqual(expected)
    expect(simulation.outcomes()[0]).toMatchObject({ state: 'booted', because: `Windows PE starts from ${expected.at(-1)}` })
  }) // prettier-ignore

  test.each<[FirmwareName, string[]]>([
    ['bios', ['smsboot\\x86\\wdsnbp.com', 'smsboot\\x64\\pxeboot.n12', 'smsboot\\x64\\bootmgr.exe']],
    ['edk2', ['smsboot\\x64\\wdsmgfw.efi', 'smsboot\\x64\\bootmgfw.efi']],
    ['edk2-x86', ['smsboot\\x86\\wdsmgfw.efi', 'smsboot\\x86\\bootmgfw.efi']],
    ['edk2-arm64', ['smsboot\\arm64\\wdsmgfw.efi', 'smsboot\\arm64\\bootmgfw.efi']],
  ])('the responder of Configuration Manager, %s', (firmware, programs) => {
    const simulation = boot(firmware, { type: 'SccmPxe' })
    const found = names(simulation)
    expect(found.slice(0, programs.length)).toEqual(programs)
    expect(found.slice(programs.length)).toEqual([
      `\\SMSTemp\\2026.11.21.09.00.00.0001.{${firmware === 'bios' ? 'B105' : 'EF17'}0000-0000-0000-0000-000000000000}.boot.bcd`,
      // The boot manager asks for the font of WDS, which is not under SMSBoot; that does no harm.
      font,
      '\\SMSBoot\\boot.sdi',
      '\\SMSImages\\PS100005\\boot.PS100005.wim',
    ])
    expect(simulation.outcomes()[0]!.state).toBe('booted')
  })

  test('each with a size of its own, none above the limit, in blocks and windows as the configuration says', () => {
    const simulation = boot('bios', { type: 'WDSServer', blockSize: 8192, windowSize: 3, largestFile: 3_200_000 } as never) // prettier-ignore
    const store = `\\Tmp\\x64${bcd}`
    expect(transfers(simulation).map((line) => line.replace('tsize 0, ', ''))).toEqual([
      // The firmware asked for the size before.
      'boot\\x86\\wdsnbp.com: blksize 1456 -> blksize 1456',
      'boot\\x64\\pxeboot.n12: blksize 1456 -> tsize 25772, blksize 1456',
      'boot\\x64\\bootmgr.exe: blksize 1456 -> tsize 803328, blksize 1456',
      `${store}: blksize 1456 -> tsize 16384, blksize 1456`,
      `${font}: blksize 1456 -> tsize 49264, blksize 1456`,
      // Granted is what an Ethernet frame carries: 1500 bytes without the headers.
      `${sdi}: blksize 8192, windowsize 3 -> tsize 3170304, blksize 1468, windowsize 3`,
      '\\Boot\\x64\\Images\\boot.wim: blksize 8192, windowsize 3 -> tsize 3200000, blksize 1468, windowsize 3',
    ])
  })
})

describe('whom they answer', () => {
  const lines = (simulation: Simulation, service: string): string[] =>
    simulation.log.filter((one) => one.service === service).map((one) => one.text)
  const mac = '02:aa:00:00:00:01'

  test.each([
    ['all', [], true],
    ['none', [mac], false],
    ['known', [], false],
    ['known', [mac], true],
  ])('answer %s, known %j: %s', (answer, known, isServed) => {
    const simulation = boot('edk2', { type: 'WDSServer', answer, known } as never, { mac })
    expect(simulation.outcomes()[0]!.state === 'booted').toBe(isServed)
    expect(lines(simulation, 'WDSServer')[1]).toMatch(
      isServed ? /^WDSPXE: .* is offered this boot server on port 4011$/ : /is not answered/,
    )
  })

  test('a response delay holds back the first messages, by the count of the client', () => {
    const delayed = lines(boot('edk2', { type: 'WDSServer', responseDelaySeconds: 4 } as never), 'WDSServer')
    expect(delayed.filter((line) => line.includes('response delay')).length).toBeGreaterThan(0)
    expect(delayed.filter((line) => /answered|offered/.test(line)).at(-1)).not.toContain('not')
  })

  test.each([
    ['required', 'smsboot\\x64\\pxeboot.n12', 'booted'],
    ['available', 'smsboot\\x64\\pxeboot.com', 'booted'],
    ['none', undefined, 'failed'],
  ])('a deployment that is %s', (deployment, program, state) => {
    const simulation = boot('bios', { type: 'SccmPxe', deployment } as never)
    expect(names(simulation)[1]).toBe(program)
    expect(simulation.outcomes()[0]!.state).toBe(state)
    const said = lines(simulation, 'SccmPxe').slice(1, 2)
    expect(said[0]).toMatch(
      program ? /: device is not in the database \(unconfirmed\)\.$/ : /No boot action\. Aborted\. Not serviced\.$/,
    )
  })

  test('a machine without a boot image is told so', () => {
    const simulation = boot('edk2-arm64', { type: 'WDSServer', architectures: ['bios'] } as never)
    expect(lines(simulation, 'WDSServer')).toContainEqual(
      expect.stringMatching(/is not answered: there is no boot program for architecture 11$/),
    )
  })
})
