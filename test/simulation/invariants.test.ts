/**
 * Ten thousand networks with random faults. Whatever is broken: every machine ends, nobody shares an address, and a code on
 * a screen is there only where its condition held on the wire.
 */
import { inEnglish } from '#messages/text.ts'
import { expect, test } from 'vitest'
import { u32At } from '#shared/wire/bytes.ts'
import { bootFileOf, decodeDhcp } from '#shared/wire/dhcp/message.ts'
import { firmwareNames } from '#shared/machines/pxe-client/firmwares.ts'
import { randomFor, type Random } from '#shared/simulation/random.ts'
import type { ScenarioInput } from '#shared/simulation/scenario.ts'
import { Simulation, type ClientOutcome } from '#shared/simulation/simulation.ts'
import { scenarioOf } from '../helpers/simulate.ts'

const schedules = 10_000
/** Nobody answers over IPv6 here: those that try it are some, and leave every other kind its share. */
const overIpv6 = firmwareNames.filter((name) => name.includes('ipv6'))
const overIpv4 = firmwareNames.filter((name) => !name.includes('ipv6'))

function randomScenario(seed: number): Parameters<typeof scenarioOf>[0] {
  const random: Random = randomFor(seed, 'schedule')
  const chance = (share: number): boolean => random() < share
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const isRouted = chance(0.3)
  const serverNetwork = isRouted ? 'servers' : 'lan'
  const net = isRouted ? '10.0.9' : '192.168.77'
  const state = (): 'running' | 'stopped' => (chance(0.08) ? 'stopped' : 'running')
  const link = chance(0.4)
    ? {
        loss: chance(0.5) ? random() * 0.25 : 0,
        duplication: chance(0.3) ? random() * 0.2 : 0,
        reordering: chance(0.3) ? random() * 0.2 : 0,
        ...(chance(0.1) ? { mtu: one([576, 1000, 1400]) } : {}),
      }
    : {}
  const files = {
    'b.0': { program: 'plain', architecture: 'bios', size: 3000 },
    'x.efi': { program: 'plain', architecture: 'x64-uefi', size: 5000 },
  } as const
  const dhcp = {
    type: 'DHCPServer' as const,
    state: state(),
    authorised: !chance(0.03),
    options: chance(0.3) ? { 60: 'PXEClient' } : {},
    ...(chance(0.4)
      ? {
          nextServer: `${net}.20`,
          policies: {
            bios: { 67: chance(0.25) ? 'no.0' : 'b.0' },
            'x64-uefi': { 67: one(['b.0', 'no.efi', 'x.efi', 'x.efi', 'x.efi']) },
          },
        }
      : {}),
    subnets: [
      {
        subnet: '192.168.77.0/24',
        start: '192.168.77.100',
        end: chance(0.1) ? '192.168.77.101' : '192.168.77.150',
        ...(isRouted && !chance(0.1) ? { router: '192.168.77.1' } : {}),
      },
    ],
  }
  const pxe = one(['wds', 'proxy', 'boot-server', 'none'] as const)
  const programs = [
    { architecture: 'bios', file: 'b.0' },
    { architecture: 'x64-uefi', file: 'x.efi' },
  ]
  const services: NonNullable<ScenarioInput['hosts']>[string]['services'] = {
    ...(pxe === 'wds'
      ? {
          WDSServer: {
            type: 'WDSServer',
            state: state(),
            useDhcpPorts: one(['default', 0, 1] as const),
            largestFile: 3000,
            responseDelaySeconds: chance(0.1) ? 8 : 0,
          },
        }
      : {}),
    ...(pxe === 'proxy'
      ? {
          'proxy-dhcp': {
            type: 'proxy-dhcp',
            state: state(),
            programs,
            form: one(['by-firmware', 'with-options', 'without-options'] as const),
            bootServer: !chance(0.2),
          },
        }
      : {}),
    ...(pxe === 'boot-server' ? { 'boot-server': { type: 'boot-server', state: state(), programs } } : {}),
    ...(pxe === 'wds'
      ? {}
      : { tftp: { type: 'tftp', state: state(), grantsWindow: chance(0.5), maxBlockSize: one([512, 1024, 1468]) } }),
  }
  const isTogether = chance(0.4)
  const firewall = chance(0.15)
    ? [{ direction: 'in' as const, port: one([67, 69, 4011]), action: one(['drop', 'reject'] as const) }]
    : []
  const gateway = isRouted ? `${net}.1` : undefined
  const place = (last: number): Pick<NonNullable<ScenarioInput['hosts']>[string], 'on' | 'kind' | 'gateway'> => ({
    on: { [serverNetwork]: `${net}.${last}` },
    kind: one(['windows', 'linux'] as const),
    ...(gateway ? { gateway } : {}),
  })
  return {
    seed,
    endSeconds: 2000,
    segments: {
      lan: { network: '192.168.77.0/24', ...(chance(0.05) && !isRouted ? { dhcpSnooping: ['dhcp1'] } : {}) },
      ...(isRouted ? { servers: { network: '10.0.9.0/24' } } : {}),
    },
    hosts: {
      ...(isTogether
        ? {
            dhcp1: {
              ...place(20),
              firewall,
              files,
              services: chance(0.5)
                ? { DHCPServer: dhcp, ...(services as object) }
                : { ...(services as object), DHCPServer: dhcp },
            },
          }
        : {
            dhcp1: { ...place(10), services: { DHCPServer: dhcp } },
            pxe1: { ...place(20), firewall, files, services, link },
          }),
      ...(isRouted
        ? {
            router1: {
              kind: 'router' as const,
              on: { lan: '192.168.77.1', servers: '10.0.9.1' },
              services: {
                relay: {
                  type: 'relay' as const,
                  helpers: { lan: chance(0.2) ? ['10.0.9.10'] : ['10.0.9.10', '10.0.9.20'] },
                },
              },
            },
          }
        : {}),
    },
    clients: Object.fromEntries(
      Array.from({ length: 1 + Math.floor(random() * 3) }, (_, index) => [
        `pc${index + 1}`,
        {
          firmware: one(chance(0.1) ? overIpv6 : overIpv4),
          on: 'lan',
          startSeconds: chance(0.5) ? 0 : Math.floor(random() * 20),
          link: { ...link, ...(chance(0.05) ? { spanningTreeSeconds: one([6, 30]) } : {}) },
        },
      ]),
    ),
  }
}

/** What the wire brought to one machine. */
interface Evidence {
  readonly offers: number
  readonly proxyOffers: number
  readonly acks: number
  readonly naks: number
  /** Offers and ACKs of a DHCP server that name a file. */
  readonly files: number
  readonly bootServerRequests: number
  readonly bootServerAnswers: number
  readonly reads: number
  /** TFTP errors by code. */
  readonly errors: Readonly<Record<number, number>>
  readonly answers: number
  readonly unreachable: number
  /** SOLICITs it sent and ADVERTISEs that reached it. */
  readonly solicits: number
  readonly advertises: number
  /** Addresses it asked for by ARP, and those it heard of. */
  readonly unresolved: number
}

function evidenceFor(simulation: Simulation, name: string): Evidence {
  const node = simulation.clients.find((one) => one.name === name)!
  const found = {
    offers: 0,
    proxyOffers: 0,
    acks: 0,
    naks: 0,
    files: 0,
    bootServerRequests: 0,
    bootServerAnswers: 0,
    reads: 0,
    errors: {} as Record<number, number>,
    answers: 0,
    unreachable: 0,
    solicits: 0,
    advertises: 0,
  }
  const asked = new Set<number>()
  const heard = new Set<number>()
  const { mac, link } = node.host.nics[0]!
  for (const { packet, from, to } of simulation.transmissions) {
    const isFrom = from === link
    const isTo = to.some((one) => one.link === link)
    if (packet.kind === 'arp') {
      if (isFrom && packet.operation === 'request') asked.add(packet.target)
      if (isTo) heard.add(packet.sender)
    }
    if (packet.kind === 'icmp' && isTo) found.unreachable++
    if (packet.kind !== 'udp') continue
    const { payload } = packet
    if ([546, 547].includes(packet.destinationPort)) {
      if (isFrom && payload[0] === 1) found.solicits++
      if (isTo && payload[0] === 2) found.advertises++
      continue
    }
    const isDhcp = [67, 68, 4011].includes(packet.destinationPort)
    if (isDhcp && isTo && payload[0] === 2) {
      const chaddr = ((payload[28]! << 8) | payload[29]!) * 0x1_0000_0000 + u32At(payload, 30)
      if (chaddr !== mac) continue
      const type = payload[242]
      const isOwn = u32At(payload, 16) !== 0
      if (type === 2 && !isOwn) found.proxyOffers++
      else if (type === 2) found.offers++
      else if (type === 6) found.naks++
      else if (type === 5 && packet.sourcePort === 4011) found.bootServerAnswers++
      else if (type === 5) found.acks++
      if (isOwn && (type === 2 || type === 5)) {
        const { message } = decodeDhcp(payload)
        if (bootFileOf(message) !== '') found.files++
      }
    } else if (isDhcp && isFrom && packet.destinationPort === 4011) found.bootServerRequests++
    else if (!isDhcp && isFrom && payload[1] === 1) found.reads++
    else if (!isDhcp && isTo && payload[1] === 5) found.errors[payload[3]!] = (found.errors[payload[3]!] ?? 0) + 1
    else if (!isDhcp && isTo && (payload[1] === 3 || payload[1] === 6)) found.answers++
  }
  return { ...found, unresolved: [...asked].filter((one) => !heard.has(one)).length }
}

/** Whether the wire shows the condition under which a code stands on a screen (PXE 2.1 section 5, and the texts of EDK2). */
function conditionHolds({ code, firmware }: ClientOutcome, seen: Evidence): boolean {
  const keepsProxies = !['edk2-2016', 'uefi-single-offer'].includes(firmware)
  const noOffer = seen.offers === 0 && (seen.proxyOffers === 0 || !keepsProxies)
  // Nobody has the next address, or there is no way to it: nothing leaves the machine.
  const isCutOff = seen.acks > 0 && (seen.unresolved > 0 || seen.reads + seen.bootServerRequests === 0)
  const notConfirmed = seen.offers > 0 && (seen.acks === 0 || seen.naks > 0)
  switch (code) {
    case 'PXE-E51':
      return noOffer || notConfirmed
    case 'PXE-E52':
      return seen.proxyOffers > 0 && seen.offers === 0
    case 'PXE-E53':
      return seen.offers > 0 && seen.acks > 0 && seen.files === 0
    case 'PXE-E55':
      return seen.bootServerRequests >= 4 && seen.bootServerAnswers === 0
    case 'PXE-E16':
      // Over IPv6 nobody answered (EDK2 sends four SOLICITs).
      if (seen.solicits > 0) return seen.solicits >= 4 && seen.advertises === 0
      return (seen.offers === 0 && seen.proxyOffers > 0) || (seen.offers > 0 && seen.bootServerAnswers === 0)
    case 'PXE-E18':
      return noOffer || notConfirmed || isCutOff || seen.reads > 0
    case 'PXE-E32':
      return seen.reads >= 2
    case 'PXE-E35':
      return seen.reads > 0 && seen.answers > 0
    case 'PXE-E3B':
      return (seen.errors[1] ?? 0) > 0
    case 'PXE-E3C':
    case 'PXE-E36':
      return Object.keys(seen.errors).some((one) => one !== '1')
    case 'PXE-E23':
      return Object.keys(seen.errors).length > 0
    case 'PXE-E99':
      return seen.reads > 0 && (seen.unreachable > 0 || seen.answers > 0)
    case 'PXE-E11':
      return isCutOff
    case '0xc000000f':
    case '0xc0000001':
      return seen.reads > 3
    case 'PXE-E78':
    case 'PXE-E74':
    case 'PXE-E77':
    case 'PXE-E7B':
      return seen.offers > 0 && seen.acks > 0
    default:
      return code === ''
  }
}

test(`${schedules} random fault schedules: every machine ends, no address is shared, every code has its condition`, () => {
  const ends = new Map<string, number>()
  for (let seed = 1; seed <= schedules; seed++) {
    const simulation = new Simulation(scenarioOf(randomScenario(seed)), { record: true })
    simulation.run()
    const outcomes = simulation.outcomes()
    const held = simulation.clients.map(({ address }) => address).filter((address) => address !== 0)
    expect(new Set(held).size, `seed ${seed}: two machines hold one address`).toBe(held.length)
    for (const outcome of outcomes) {
      const what = `seed ${seed}, ${outcome.name} (${outcome.firmware}): ${outcome.state} ${outcome.code} ${inEnglish(outcome.because)}`
      // Nobody waits for ever, and nobody is lost.
      expect(outcome.state, what).not.toBe('waiting')
      expect(outcome.because, what).not.toBe('')
      if (outcome.state !== 'failed') continue
      if (!conditionHolds(outcome, evidenceFor(simulation, outcome.name)))
        expect.fail(`${what}: ${JSON.stringify(evidenceFor(simulation, outcome.name))}`)
      ends.set(outcome.code, (ends.get(outcome.code) ?? 0) + 1)
    }
    ends.set('booted', (ends.get('booted') ?? 0) + outcomes.filter((one) => one.state === 'booted').length)
  }
  // The schedules reach what they are there for.
  for (const code of [
    'booted',
    'PXE-E51',
    'PXE-E52',
    'PXE-E53',
    'PXE-E55',
    'PXE-E16',
    'PXE-E18',
    'PXE-E23',
    'PXE-E3B',
    'PXE-E32',
    '',
  ])
    expect(ends.get(code) ?? 0, code).toBeGreaterThan(10)
}, 300_000)
