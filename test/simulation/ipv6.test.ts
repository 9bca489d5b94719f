/** Boots over IPv6 on the simulated network: every frame of it, what the firmware takes, and what stands on its screen. */
import { inEnglish } from '#messages/text.ts'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dissect } from '#shared/wire/dissect/dissect.ts'
import { linkTypes } from '#shared/wire/capture-file.ts'
import type { FirmwareName } from '#shared/machines/pxe-client/firmwares.ts'
import { encodeText, parseIpv6 } from '#shared/wire/bytes.ts'
import { encodeDhcp6, type EncodableOption6 } from '#shared/wire/dhcpv6/encode.ts'
import { decodeDhcp6, dhcp6Types } from '#shared/wire/dhcpv6/message.ts'
import { dhcp6OptionCodes } from '#shared/wire/dhcpv6/options.ts'
import { choiceOver6, readTftpUrl } from '#shared/machines/pxe-client/edk2-ipv6.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { scenarioOfLab } from '#shared/simulation/lab-scenario.ts'
import { scenarioSchema } from '#shared/simulation/scenario.ts'
import type { Simulation } from '#shared/simulation/simulation.ts'
import { storyOf } from '#shared/simulation/story.ts'
import { iaAddress, iaNa } from '../helpers/ipv6.ts'
import { describeWith } from '../helpers/requirements.ts'
import { scenarioOf, sessionOfSimulation, simulated } from '../helpers/simulate.ts'
import { spoken } from '../helpers/spoken.ts'

const segments = { lan: { network: '192.168.77.0/24', network6: '2001:db8:77::/64' } }
const subnets = [{ subnet: '2001:db8:77::/64', start: '2001:db8:77::100', end: '2001:db8:77::1ff' }]
const tftpUrl = 'tftp://[2001:db8:77::1]/boot.efi'
const httpUrl = 'http://[2001:db8:77::1]/boot.efi'
const files = { 'boot.efi': { architecture: 'x64-uefi', size: 20_000 } }

interface Wanted {
  readonly firmware?: FirmwareName
  readonly dhcp6?: object
  readonly router?: object | null
  readonly services?: object
  readonly more?: object
}

/** One server with everything, unless it is told otherwise, and one machine. */
function boot({ firmware = 'edk2-ipv6', dhcp6 = {}, router = {}, services = { tftp: {}, http: {} }, more = {} }: Wanted): Simulation {
  return simulated(
    scenarioOf({
      segments,
      hosts: {
        boot1: {
          kind: 'linux',
          on: { lan: '192.168.77.1' },
          on6: { lan: '2001:db8:77::1' },
          services: {
            DHCPv6Server: { subnets, options: { 59: tftpUrl }, ...dhcp6 },
            ...(router ? { 'router-advertisement': router } : {}),
            ...services,
          },
          files,
        },
        ...more,
      } as never,
      clients: { pc1: { firmware, on: 'lan' } },
    }),
  )
} // prettier-ignore

const outcomeOf = (simulation: Simulation): { state: string; line: string; because: string; seconds: number } => {
  const { state, line, because, seconds } = simulation.outcomes()[0]!
  return { state, line, because: inEnglish(because), seconds }
}

const http = { firmware: 'edk2-http-ipv6', dhcp6: { options: { 59: httpUrl } } } as const
const relayed = {
  segments: {
    clients: { network: '192.168.77.0/24', network6: '2001:db8:77::/64' },
    servers: { network: '10.0.0.0/24', network6: '2001:db8:1::/64' },
  },
  hosts: {
    router: {
      kind: 'router',
      on: { clients: '192.168.77.1', servers: '10.0.0.1' },
      on6: { clients: '2001:db8:77::1', servers: '2001:db8:1::1' },
      services: { relay: { servers6: { clients: ['2001:db8:1::10'] } }, 'router-advertisement': {} },
    },
    boot1: {
      kind: 'linux',
      on: { servers: '10.0.0.10' },
      on6: { servers: '2001:db8:1::10' },
      gateway6: '2001:db8:1::1',
      services: { DHCPv6Server: { subnets, options: { 59: 'tftp://[2001:db8:1::10]/boot.efi' } }, tftp: {} },
      files,
    },
  },
  clients: { pc1: { firmware: 'edk2-ipv6', on: 'clients' } },
} as const

describe('frames', () => {
  const captures: [string, () => Simulation, string | undefined][] = [
    ['PXE', () => boot({}), undefined],
    ['HTTP', () => boot(http), undefined],
    ['a closed port', () => boot({ services: {} }), undefined],
    ['a relay agent', () => simulated(scenarioOf(relayed)), 'servers'],
  ]

  test.each(captures)('%s: nothing is wrong with any of them', (_, run, segment) => {
    const { store } = sessionOfSimulation(run(), segment)
    expect(store.count).toBeGreaterThan(15)
    for (let at = 1; at <= store.count; at++)
      expect(
        dissect(store.contentOf(at), { linkType: linkTypes.ethernet, originalLength: store.originalLengthOf(at) })
          .problems,
        `frame ${at}`,
      ).toEqual([])
  })

  describeWith(['tshark'], 'as tshark reads them', () => {
    test.each(captures)('%s: no warning, and every checksum is right', (_, run, segment) => {
      const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-ipv6-'))
      try {
        const file = join(folder, 'simulated.pcapng')
        writeFileSync(file, run().capture(segment))
        const asked = ['-o', 'udp.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE']
        const fields = [
          'frame.number',
          'frame.cap_len',
          'frame.len',
          '_ws.expert.severity',
          'udp.checksum.status',
          'tcp.checksum.status',
          'icmpv6.checksum.status',
          'tcp.flags.reset',
        ]
        const rows = execFileSync(
          'tshark',
          ['-r', file, ...asked, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])],
          { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
        )
          .trim()
          .split('\n')
          .map((row) => row.split('\t'))
        expect(rows.length).toBeGreaterThan(15)
        // File data is counted and not carried, so that such a frame ends before its checksum could be made.
        const whole = rows.filter(([, carried, length]) => carried === length)
        expect(whole.length).toBeGreaterThan(15)
        const sums = whole.flatMap((row) =>
          row
            .slice(4, 7)
            .flatMap((one) => one.split(','))
            .filter((one) => one !== ''),
        )
        expect(new Set(sums)).toEqual(new Set(['1']))
        // 0x600000 and above: warnings and errors; a reset, which ends each connection here, is one to tshark.
        const warned = whole.filter(
          (row) => row[7] !== '1' && row[3]!.split(',').some((one) => Number(one) >= 0x60_0000),
        )
        expect(warned).toEqual([])
      } finally {
        rmSync(folder, { recursive: true })
      }
    })
  })
})

describe('PXE of EDK2', () => {
  test('boots, and shows addresses as it does', () => {
    const simulation = boot({})
    const { state, screen, address } = simulation.outcomes()[0]!
    expect([state, address]).toEqual(['booted', '2001:db8:77::101'])
    expect(screen.slice(0, 5)).toEqual([
      '>>Start PXE over IPv6.',
      '  Station IP address is 2001:DB8:77:0:0:0:0:101',
      '  Server IP address is 2001:DB8:77:0:0:0:0:1',
      '  NBP filename is boot.efi',
      '  NBP filesize is 20000 Bytes',
    ])
  })

  test('without router advertisements it looks ten seconds longer for a route, and boots', () => {
    const [with_, without] = [outcomeOf(boot({})), outcomeOf(boot({ router: null }))]
    expect([with_.state, without.state]).toEqual(['booted', 'booted'])
    expect(without.seconds - with_.seconds).toBeCloseTo(10, 0)
  })

  test('flag M matters to the machine itself, not to its boot', () => {
    const asks = (simulation: Simulation): number =>
      simulation.transmissions.filter(({ packet }) => packet.kind === 'udp' && packet.destinationPort === 547).length
    const [managed, plain] = [boot({}), boot({ router: { managed: false } })]
    expect(outcomeOf(plain).state).toBe('booted')
    // SOLICIT and REQUEST for its own address, and its RELEASE.
    expect(asks(managed) - asks(plain)).toBe(3)
  })

  test.each([
    ['a URL of HTTP', { options: { 59: httpUrl } }, 'PXE-E53: No boot filename received.'],
    ['a server by its name', { options: { 59: 'tftp://boot.example/boot.efi' } }, 'PXE-E99: Unexpected network error.'],
    ['no URL', { options: {} }, 'PXE-E21: Remote boot cancelled.'],
    ['no pool', { subnets: [{ subnet: '2001:db8:77::/64' }] }, 'PXE-E16: No valid offer received.'],
    // EDK2 takes the first of them for the size, in blocks.
    ['parameters', { options: { 59: tftpUrl, 60: ['quiet'] } }, 'PXE-E53: No boot filename received.'],
    ['the class PXEClient', { options: { 59: tftpUrl, 16: '0x000001570009505845436c69656e74' } }, 'PXE-E16: No valid offer received.'],
    ['a file that is not there', { options: { 59: 'tftp://[2001:db8:77::1]/none.efi' } }, 'PXE-E23: Client received TFTP error from server.'],
    ['a server that is not there', { options: { 59: 'tftp://[2001:db8:77::99]/boot.efi' } }, 'PXE-E18: Server response timeout.'],
  ])('%s', (_, dhcp6, line) => expect(outcomeOf(boot({ dhcp6 }))).toMatchObject({ state: 'failed', line })) // prettier-ignore

  test('a size in option 60 spares the question for it', () => {
    const simulation = boot({ dhcp6: { options: { 59: tftpUrl, 60: [40] } } })
    expect(outcomeOf(simulation).state).toBe('booted')
    expect(simulation.outcomes()[0]!.screen).toContain('  NBP filesize is 20480 Bytes')
  })

  test('a TFTP server on IPv4 alone refuses it', () => {
    expect(outcomeOf(boot({ services: { tftp: { over6: false } } }))).toMatchObject({ line: 'PXE-E99: Unexpected network error.' }) // prettier-ignore
  })

  test('preference 255 is taken at once, and the higher of two is none to it', () => {
    const { seconds } = outcomeOf(boot({ dhcp6: { preference: 255 } }))
    expect(outcomeOf(boot({})).seconds - seconds).toBeGreaterThan(4)
  })

  test('a server by its name: it is asked of the DNS server of option 23, and without one the boot ends', () => {
    const advertise = (...dns: EncodableOption6[]): readonly string[] => {
      const payload = encodeDhcp6({
        type: dhcp6Types.advertise,
        xid: 1,
        options: [
          { code: dhcp6OptionCodes.iaNa, data: iaNa(1, [iaAddress('2001:db8::100')]).data },
          { code: dhcp6OptionCodes.bootFileUrl, data: encodeText('tftp://boot.example/boot.efi') },
          ...dns,
        ],
      })
      return choiceOver6('PXEClient', [
        { message: decodeDhcp6(payload).message, source: 'fe80::1' },
      ] as never).reasons.map(inEnglish)
    }
    expect(advertise({ code: dhcp6OptionCodes.dnsServers, data: parseIpv6('2001:db8::53')! })).toEqual([
      'Accepted. It asks the DNS server of option 23 for the address of boot.example before it loads anything.',
    ])
    expect(advertise()).toEqual([
      'Accepted, and the boot ends: boot.example is a name, and the answer gives no DNS server (option 23).',
    ])
    const { because } = outcomeOf(boot({ dhcp6: { options: { 59: 'tftp://boot.example/boot.efi' } } }))
    expect(because).toBe('boot.example is a name, and the DHCPv6 server gives no DNS server (option 23)')
  })

  test('an address without brackets is told as that, whoever tells it', () => {
    const payload = encodeDhcp6({
      type: dhcp6Types.advertise,
      xid: 1,
      options: [
        { code: dhcp6OptionCodes.iaNa, data: iaNa(1, [iaAddress('2001:db8::100')]).data },
        { code: dhcp6OptionCodes.bootFileUrl, data: encodeText('tftp://2001:db8::1/boot.efi') },
      ],
    })
    expect(choiceOver6('PXEClient', [{ message: decodeDhcp6(payload).message, source: 'fe80::1' }] as never).reasons).toEqual([
      'Accepted, and the boot ends: 2001:db8::1 is an IPv6 address without brackets, which the firmware takes for a host name.',
    ])
    expect(outcomeOf(boot({ dhcp6: { options: { 59: 'tftp://2001:db8::1/boot.efi' } } })).because).toBe(
      '2001:db8::1 is an IPv6 address without brackets, which the firmware takes for a host name, and the DHCPv6 server gives no DNS server (option 23)',
    )
  }) // prettier-ignore

  test('URLs as it reads them', () => {
    expect(readTftpUrl('tftp://[2001:db8::1]/a%20b/x.efi;mode=octet')).toEqual({ server: '2001:db8::1', isName: false, isBare: false, file: 'a b/x.efi' }) // prettier-ignore
    expect(readTftpUrl('tftp://[2001:db8::1]/x;mode=netascii')).toMatchObject({ code: 'PXE-E99' })
    expect(readTftpUrl('tftp://[2001:db8::1]x')).toMatchObject({ code: 'PXE-E99' })
    expect(readTftpUrl('tftp://boot.example/a/x.efi;mode=octet')).toEqual({ server: 'boot.example', isName: true, isBare: false, file: 'a/x.efi' }) // prettier-ignore
    expect(readTftpUrl('tftp://boot.example')).toMatchObject({ code: 'PXE-E99' })
    expect(readTftpUrl('tftp://[2001:db8::1/x')).toMatchObject({ code: 'PXE-E99' })
    expect(readTftpUrl('TFTP://[2001:db8::1]/x')).toMatchObject({ code: 'PXE-E53' })
  })
})

describe('HTTP boot of EDK2', () => {
  test('boots', () => {
    const { state, screen } = boot(http).outcomes()[0]!
    expect(state).toBe('booted')
    expect(screen).toContain('  Station IPv6 address is 2001:DB8:77:0:0:0:0:101')
    expect(screen).toContain(`  URI: ${httpUrl}`)
  })

  test.each([
    ['without the class HTTPClient', { options: { 59: httpUrl }, httpClass: false }, 'Error: Remote boot cancelled.'],
    ['without a URL', { options: {} }, 'Error: Remote boot cancelled.'],
    ['with an address to nobody', { options: { 59: 'http://[2001:db8:77::99]/boot.efi' } }, 'Error: Server response timeout.'],
    ['without an address', { subnets: [], options: { 59: httpUrl } }, 'Error: Unexpected network error.'],
  ])('%s', (_, dhcp6, line) => expect(outcomeOf(boot({ firmware: 'edk2-http-ipv6', dhcp6 }))).toMatchObject({ state: 'failed', line })) // prettier-ignore
})

describe('a relay agent', () => {
  test('carries it both ways, and the server is loaded from through the router', () => {
    const simulation = simulated(scenarioOf(relayed))
    expect(simulation.outcomes()[0]).toMatchObject({ state: 'booted' })
    const sentences = spoken(storyOf(simulation)).steps.map((one) => one.sentence)
    expect(sentences).toContain(
      'The relay agent router forwards the message of pc1 to boot1, and states which network it came from.',
    )
    expect(sentences.some((one) => one.startsWith('boot1 answers to the relay agent, for pc1.'))).toBe(true)
  })
})

test('the story is told in the words of IPv4', () => {
  const sentences = storyOf(boot({})).steps.map((one) => one.sentence)
  expect(sentences).toEqual(
    expect.arrayContaining([
      'pc1 asks whether there is a router.',
      'The router boot1 announces that addresses are available by DHCPv6 (M).',
      'pc1 asks all DHCPv6 servers on its network: who assigns me an address, and who tells me what to boot?',
      `boot1 offers 2001:db8:77::101, and the boot file ${tftpUrl}.`,
      `boot1 confirms: pc1 has 2001:db8:77::101, and the boot file ${tftpUrl}.`,
      'pc1 asks boot1 for the file boot.efi.',
    ]),
  )
})

describe('this product', () => {
  const lab = (more: object): object => ({
    responder: {
      lab: {
        interface: 'lan',
        mode: 'dhcp',
        ipv6: { enabled: true, routerAdvertisements: {} },
        dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }] }] },
        boot: { programs: [{ file: 'boot.efi' }] },
        http: { enabled: true },
        ...more,
      },
    },
  })
  const served = (services: object, firmware: FirmwareName, more: object = {}): Simulation =>
    simulated(
      scenarioOf({
        segments,
        hosts: {
          lab: { kind: 'linux', on: { lan: '192.168.77.1' }, on6: { lan: '2001:db8:77::1' }, services, files },
          ...more,
        } as never,
        clients: { pc1: { firmware, on: 'lan' } },
      }),
    )

  test.each([
    ['edk2-ipv6', {}],
    ['edk2-http-ipv6', { boot: { programs: [{ file: 'boot.efi', protocol: 'http' }] } }],
    ['edk2-then-ipv6', {}],
  ] as const)('%s', (firmware, more) => {
    expect(served(lab(more), firmware).outcomes()[0]).toMatchObject({ state: 'booted' })
  })

  test('as proxy beside a DHCPv6 server that knows nothing of booting', () => {
    const dhcp1 = {
      dhcp1: {
        kind: 'linux',
        on: { lan: '192.168.77.2' },
        on6: { lan: '2001:db8:77::2' },
        services: { DHCPv6Server: { subnets }, 'router-advertisement': {} },
      },
    }
    const simulation = served(lab({ mode: 'proxy-dhcp' }), 'edk2-ipv6', dhcp1)
    expect(simulation.outcomes()[0]).toMatchObject({ state: 'booted' })
    expect(simulation.transmissions.some(({ packet }) => packet.kind === 'udp' && packet.destinationPort === 4011)).toBe(true) // prettier-ignore
  })
})

test('a lab that answers over IPv6 opens as a network with IPv6, in every mode', () => {
  for (const mode of ['dhcp', 'proxy-dhcp'] as const) {
    const lab = labSchema.parse({
      interface: 'eth0',
      mode,
      ipv6: { enabled: true },
      boot: { programs: [{ architecture: 'x64-uefi', file: 'boot.efi' }] },
      dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }] }] },
    })
    const scenario = scenarioSchema.parse(scenarioOfLab(lab, 'lab'))
    const outcome = simulated(scenario)
      .outcomes()
      .find((one) => one.firmware === 'edk2-ipv6')
    expect(outcome, mode).toMatchObject({ state: 'booted', address: expect.stringMatching(/^fd00:77::/) })
  }
})
