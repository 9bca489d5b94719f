/** Who a lease belongs to, from boot ROM to operating system, and what is told where that is unclear. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesOfU32, formatIpv4, parseHex, u32At } from '#shared/wire/bytes.ts'
import { blankMessage, decodeDhcp, encodeDhcp, findOptionData, messageTypeOf } from '#shared/wire/dhcp/message.ts'
import type { DhcpMessage } from '#shared/wire/dhcp/message.ts'
import { unwrapUdp } from '#shared/wire/frame.ts'
import { describeEvent } from '#shared/contract/events.ts'
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { dhcpConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { identityOf } from '#shared/machines/client-identity.ts'
import type { Lease } from '#shared/machines/dhcp-server/leases.ts'
import { DhcpServer, type DhcpAnswer } from '#shared/machines/dhcp-server/server.ts'
import type { IncomingDatagram } from '#shared/machines/machine.ts'
import { arriving, ip, pxe, request, type ClientRequest } from '../helpers/dhcp.ts'
import { fixture, framesIn } from '../helpers/fixtures.ts'

const identities = ['mac', 'client-id'] as const
type Identity = (typeof identities)[number]
type Subnets = NonNullable<NonNullable<LabInput['dhcp']>['subnets']>
type Reservations = NonNullable<Subnets[number]['reservations']>

const self = '10.66.0.1'
const ack = 5
const nak = 6

/** A server with a lease database that a restart reads again. */
class Bench {
  now = 1_000_000
  readonly #input: LabInput
  readonly stored = new Map<number, Lease>()
  readonly told: string[] = []
  server: DhcpServer

  constructor(dhcp: LabInput['dhcp'], leases: readonly Lease[] = []) {
    this.#input = { interface: 'fS', mode: 'dhcp', dhcp }
    for (const lease of leases) this.stored.set(lease.address, lease)
    this.server = this.#start()
  }

  #start(): DhcpServer {
    const served = { name: 'fS', address: ip(self), prefixLength: 24, mtu: 1500 }
    // As the store hands them out.
    const leases = [...this.stored.values()].sort((a, b) => a.since - b.since || a.address - b.address)
    return new DhcpServer(dhcpConfigurationOf(labSchema.parse(this.#input), [served]), leases)
  }

  restart(): void {
    this.server = this.#start()
  }

  hear(datagram: IncomingDatagram): DhcpAnswer | undefined {
    this.now++
    this.server.handle({ ...datagram, interface: 'fS' }, this.now)
    return this.#drain()
  }

  wait(seconds: number): void {
    this.now += seconds * 1000
    this.server.handle({ kind: 'timeout' }, this.now)
    this.#drain()
  }

  #drain(): DhcpAnswer | undefined {
    for (let one = this.server.pollChange(); one; one = this.server.pollChange())
      this.stored.set(one.lease.address, one.lease)
    for (let event = this.server.pollEvent(); event; event = this.server.pollEvent())
      if (describeEvent(event).level !== 'info') this.told.push(describeEvent(event).text)
    return this.server.pollTransmit()
  }

  say(one: ClientRequest): DhcpMessage | undefined {
    const answer = this.hear(arriving(request(one)))
    return answer && decodeDhcp(answer.payload).message
  }

  /** DISCOVER to ACK; the address, or undefined where the pool has none. */
  lease(one: Omit<ClientRequest, 'type'>): string | undefined {
    const offer = this.say({ type: 'discover', ...one })
    if (!offer) return undefined
    const requested = formatIpv4(offer.yiaddr)
    const reply = this.say({ type: 'request', requested, server: self, ...one })
    expect(reply && messageTypeOf(reply)).toBe(ack)
    return requested
  }
}

/** The requests of a capture, each answered; addresses by answer. */
function replay(bench: Bench, capture: string): { readonly mac: string; readonly address: string }[] {
  const given: { mac: string; address: string }[] = []
  for (const { bytes } of framesIn(readFileSync(fixture(`wire/${capture}`)))) {
    const udp = unwrapUdp(bytes)
    if (!udp || udp.payload[0] !== 1) continue
    const message = decodeDhcp(udp.payload).message
    const requested = findOptionData(message, 50)
    // It asks for what it was offered in the capture; here for what this server offered.
    const last = given.at(-1)
    const payload =
      requested && last
        ? encodeDhcp({
            ...message,
            options: message.options.map((one) =>
              one.code === 50 ? { code: 50, data: bytesOfU32(ip(last.address)) } : one,
            ),
          })
        : udp.payload
    const answer = bench.hear({
      kind: 'datagram',
      interface: 'fS',
      source: { address: udp.sourceAddress, port: udp.sourcePort },
      destinationPort: udp.destinationPort,
      payload: payload.slice(),
    })
    const reply = decodeDhcp(answer!.payload).message
    expect(messageTypeOf(reply)).toBe(requested ? ack : 2)
    given.push({ mac: findOptionData(message, 61) ? 'id' : 'none', address: formatIpv4(reply.yiaddr) })
  }
  return given
}

const oneSubnet = (reservations: Reservations = [], end = 119): { subnets: Subnets } => ({
  subnets: [{ subnet: '10.66.0.0/24', pools: [{ start: '10.66.0.100', end: `10.66.0.${end}` }], reservations }],
})

const machineId = '00112233445566778899aabbccddeeff'
const rom = { clientId: `00${machineId}`, ...pxe(7) }
const ipxe = (mac: string): Omit<ClientRequest, 'type'> => ({
  ...pxe(7),
  clientId: `01${mac.replaceAll(':', '')}`,
  userClass: 'iPXE',
})
const system = { clientId: `ff000000010004${machineId}` }
const m1 = '02:bb:00:00:00:01'
const m2 = '02:bb:00:00:00:02'

describe.each(identities)('identity: %s', (identity) => {
  test('a reservation by MAC holds for firmware, iPXE and two operating systems, whatever they say in option 61', () => {
    const bench = new Bench({ identity, ...oneSubnet([{ mac: m1, address: '10.66.0.50', hostname: 'rack1' }]) })
    const given = replay(bench, 'one-mac-four-identifiers.pcap')
    expect(given.map((one) => one.address)).toEqual(Array.from({ length: 8 }, () => '10.66.0.50'))
    expect(bench.told).toEqual([])
  })

  test('a reservation by UUID or identifier stays with the machine that has it, while its next program says neither', () => {
    for (const name of [{ uuid: pxe(7).uuid! }, { clientId: `00${machineId}` }]) {
      const bench = new Bench({ identity, ...oneSubnet([{ ...name, address: '10.66.0.51' }]) })
      expect(bench.lease({ mac: m1, ...rom })).toBe('10.66.0.51')
      if (identity === 'client-id') continue
      for (const program of [{ clientId: undefined }, system, rom, {}])
        expect(bench.lease({ mac: m1, ...(program as object) })).toBe('10.66.0.51')
    }
  })

  test('two machines with one identifier have two addresses and keep them, and it is told once', () => {
    const bench = new Bench({ identity, ...oneSubnet() })
    const given = replay(bench, 'one-identifier-two-macs.pcap')
    expect(given.map((one) => one.address)).toEqual(['10.66.0.100', '10.66.0.100', '10.66.0.101', '10.66.0.101'])
    const zeros = `00${'0'.repeat(32)}`
    for (let round = 0; round < 10; round++) {
      if (round === 5) bench.restart()
      for (const [mac, ciaddr] of [
        ['02:aa:00:00:00:04', '10.66.0.100'],
        ['02:aa:00:00:00:05', '10.66.0.101'],
      ] as const) {
        expect(bench.say({ type: 'request', mac, ciaddr, clientId: zeros })).toMatchObject({ yiaddr: ip(ciaddr) })
        expect(bench.lease({ mac, clientId: zeros })).toBe(ciaddr)
      }
    }
    // Once more after the restart, which forgets what was told.
    expect(bench.told).toHaveLength(2)
    expect(bench.told[0]).toContain('02:aa:00:00:00:05 sends the client identifier 00000000000000000000000000000000')
    expect(bench.told[0]).toContain('of 02:aa:00:00:00:04: their firmware has no UUID')
  })

  test('one hardware address with two UUIDs is told once, with the names that are known', () => {
    const bench = new Bench({ identity, ...oneSubnet() })
    const uuids = [pxe(7).uuid!, '4c4c4544-0042-3510-8052-b4c04f4d3332']
    bench.lease({ mac: m1, ...pxe(7), uuid: uuids[0]! })
    bench.lease({ mac: m1, options: [{ code: 12, data: new TextEncoder().encode('desk7') }] })
    // The same UUID with the first three fields the other way round is no other machine, and neither is none at all.
    bench.lease({ mac: m1, ...pxe(7), uuid: '2162616c-0000-0040-8000-525400770003' })
    bench.lease({ mac: m1, ...pxe(7), uuid: '00000000-0000-0000-0000-000000000000' })
    expect(bench.told.filter((text) => text.includes('now belongs'))).toEqual([])
    bench.restart()
    for (let round = 0; round < 4; round++) bench.lease({ mac: m1, ...pxe(7), uuid: uuids[(round + 1) % 2]! })
    const told = bench.told.filter((text) => text.includes('now belongs'))
    expect(told).toHaveLength(1)
    expect(told[0]).toContain(`${m1} now belongs to machine ${uuids[1]}`)
    expect(told[0]).toContain('(desk7)')
  })

  test('an InfiniBand client is known by option 61, has a name, and is answered by broadcast (RFC 4390)', () => {
    const bench = new Bench({ identity, ...oneSubnet() })
    const say = (clientId: string | undefined, guid: number): DhcpAnswer | undefined =>
      bench.hear(
        arriving({
          ...blankMessage,
          htype: 32,
          hlen: 0,
          flags: 0x8000,
          xid: guid,
          options: [
            { code: 53, data: Uint8Array.of(1) },
            ...(clientId === undefined ? [] : [{ code: 61, data: parseHex(clientId)! }]),
          ],
        }),
      )
    const first = say('ff00000000000200000200248a070300aabbcc', 1)!
    const second = say('ff00000000000200000200248a070300aabbdd', 2)!
    expect(first.destination.address).toBe(0xffffffff)
    const replies = [first, second].map(({ payload }) => decodeDhcp(payload).message)
    expect(replies.map((one) => [one.htype, one.hlen, formatIpv4(one.yiaddr)])).toEqual([
      [32, 0, '10.66.0.100'],
      [32, 0, '10.66.0.101'],
    ])
    expect(describeEvent(first.event).text).toMatch(/^id ff:00:00:00:00:00:02:.*:aa:bb:cc is offered 10\.66\.0\.100/)
    expect(say(undefined, 3)).toBeUndefined()
    const nobody = identityOf({ ...blankMessage, htype: 32, hlen: 0 })
    expect(describeEvent({ type: 'dhcp-ignored', client: nobody, reason: 'so', awaitsNoAnswer: false }).text).toBe(
      'a client without a hardware address is not answered: so',
    )
  })

  test('a database of either rule is taken over: who has an address keeps it, and nobody else gets it', () => {
    const old = new Bench({ identity: identity === 'mac' ? 'client-id' : 'mac', ...oneSubnet() })
    const has = [
      [m1, rom, old.lease({ mac: m1, ...rom })],
      [m1, system, old.lease({ mac: m1, ...system })],
      [m2, {}, old.lease({ mac: m2 })],
    ] as const
    const bench = new Bench({ identity, ...oneSubnet([], 103) }, [...old.stored.values()])
    // Four addresses in the pool: strangers get those that are left.
    const strangers = [1, 2, 3, 4].map((one) => bench.lease({ mac: `02:cc:00:00:00:0${one}` }))
    // Under identity mac one address went from program to program: the last has it.
    for (const [mac, program, address] of has.slice(identity === 'mac' ? 0 : 1)) {
      expect(strangers).not.toContain(address)
      expect(bench.say({ type: 'request', mac, ...program, ciaddr: address! })).toMatchObject({ yiaddr: ip(address!) })
    }
    expect(bench.lease({ mac: m2 })).toBe(has[2][2])
  })
})

describe('one machine from ROM to operating system', () => {
  const chain = (bench: Bench): (string | undefined)[] =>
    [rom, ipxe(m1), system, {}].map((program) => bench.lease({ mac: m1, ...program }))

  test('identity mac: one address, and nothing to tell', () => {
    const bench = new Bench(oneSubnet())
    expect(new Set([...chain(bench), ...chain(bench)])).toEqual(new Set(['10.66.0.100']))
    expect(bench.told).toEqual([])
  })

  test('identity client-id: an address for each identifier, told once with the key that changes it', () => {
    const bench = new Bench({ identity: 'client-id', ...oneSubnet() })
    const first = chain(bench)
    // An identifier that repeats the hardware address is as good as none.
    expect(first).toEqual(['10.66.0.100', '10.66.0.101', '10.66.0.102', '10.66.0.101'])
    expect(chain(bench)).toEqual(first)
    expect(bench.told).toHaveLength(1)
    expect(bench.told[0]).toContain('holds several leases, ')
    expect(bench.told[0]).toContain('dhcp.identity: mac')
  })

  test('identity client-id: a board that is exchanged keeps the address of its identifier once the old lease is over', () => {
    const bench = new Bench({ identity: 'client-id', leaseSeconds: 600, ...oneSubnet() })
    expect(bench.lease({ mac: m1, ...system })).toBe('10.66.0.100')
    expect(bench.lease({ mac: m2, ...system })).toBe('10.66.0.101')
    bench.wait(601)
    expect(bench.lease({ mac: '02:bb:00:00:00:03', ...system })).toMatch(/10\.66\.0\.10[01]/)
  })
})

describe('what comes back as it came', () => {
  const subnets: Subnets = [
    { subnet: '10.66.0.0/24', pools: [{ start: '10.66.0.100', end: '10.66.0.119' }] },
    { subnet: '10.77.0.0/24', pools: [{ start: '10.77.0.100', end: '10.77.0.119' }] },
  ]

  test('option 118 is returned in OFFER, ACK and NAK, however little room the client leaves (RFC 3011)', () => {
    const bench = new Bench({ subnets })
    const answers = framesIn(readFileSync(fixture('wire/option-118-through-relay.pcap'))).flatMap(({ bytes }) => {
      const udp = unwrapUdp(bytes)!
      if (udp.payload[0] !== 1) return []
      const source = { address: udp.sourceAddress, port: udp.sourcePort }
      return bench.hear({ kind: 'datagram', interface: 'fS', source, destinationPort: 67, payload: udp.payload }) ?? []
    })
    expect(answers).toHaveLength(1)
    const offer = decodeDhcp(answers[0]!.payload).message
    expect(formatIpv4(u32At(findOptionData(offer, 118)!, 0))).toBe('10.77.0.0')
    expect(formatIpv4(offer.yiaddr)).toBe('10.77.0.100')
    expect(answers[0]!.destination).toEqual({ address: ip('10.66.0.2'), port: 67 })

    const chosen = { code: 118, data: bytesOfU32(ip('10.77.0.0')) }
    const acknowledged = bench.say({ type: 'request', server: self, requested: '10.77.0.105', options: [chosen] })!
    expect([messageTypeOf(acknowledged), findOptionData(acknowledged, 118)]).toEqual([ack, chosen.data])
    const refused = bench.say({ type: 'request', server: self, requested: '10.66.0.105', options: [chosen] })!
    expect([messageTypeOf(refused), findOptionData(refused, 118)]).toEqual([nak, chosen.data])
  })

  test('option 82 is returned byte for byte, the last of all, wherever it stood', () => {
    // Circuit id, remote id, link selection and a vendor's sub-option that nobody knows.
    const agent = { code: 82, data: parseHex('0104656e30310206aabbccddeeff05040a4d000097020102')! }
    const others = [
      { code: 53, data: Uint8Array.of(1) },
      { code: 55, data: Uint8Array.of(1, 3, 66, 67) },
      { code: 57, data: Uint8Array.of(2, 64) },
      { code: 61, data: parseHex(`00${machineId}`)! },
    ]
    for (let at = 0; at <= others.length; at++) {
      const options = others.toSpliced(at, 0, agent)
      const answer = new Bench({ subnets }).hear(arriving({ ...blankMessage, giaddr: ip('10.66.0.2'), options }))!
      const reply = decodeDhcp(answer.payload).message
      expect(reply.options.at(-1)).toEqual(agent)
      expect(formatIpv4(reply.yiaddr)).toBe('10.77.0.100')
    }
    // In `file`, where a relay that was short of room put it (option 52).
    const file = new Uint8Array(128)
    file.set([82, agent.data.length, ...agent.data, 255])
    const overloaded = { ...blankMessage, giaddr: ip('10.66.0.2'), file, options: [...others, { code: 52, data: Uint8Array.of(1) }] } // prettier-ignore
    const reply = decodeDhcp(new Bench({ subnets }).hear(arriving(overloaded))!.payload).message
    expect(reply.options.at(-1)).toEqual(agent)
  })

  test('a relay is answered on port 67, whatever port its message came from but for RFC 8357', () => {
    const frames = framesIn(readFileSync(fixture('wire/relay-answered-on-port-68.pcap')))
    const bench = new Bench({ subnets: [{ subnet: '198.51.100.0/24', pools: [{ start: '198.51.100.50', end: '198.51.100.60' }] }] }) // prettier-ignore
    let answered = 0
    for (const { bytes } of frames) {
      const udp = unwrapUdp(bytes)
      if (!udp || udp.payload[0] !== 1 || decodeDhcp(udp.payload).message.giaddr === 0) continue
      for (const port of [67, 68, 1067]) {
        const source = { address: udp.sourceAddress, port }
        const answer = bench.hear({ kind: 'datagram', interface: 'fS', source, destinationPort: 67, payload: udp.payload }) // prettier-ignore
        expect(answer!.destination).toEqual({ address: ip('198.51.100.1'), port: 67 })
        answered++
      }
    }
    expect(answered).toBe(12)
  })
})

test('a name is no longer than an option: of a longer one nothing is kept', () => {
  // Options of one code are joined (RFC 3396), so that these are one identifier of 1,200 octets and one name of 400.
  const clientId = 'ab'.repeat(1200)
  const options = [{ code: 12, data: new Uint8Array(400).fill(0x68) }]
  for (const identity of identities) {
    const bench = new Bench({ identity, ...oneSubnet() })
    bench.hear(arriving(request({ type: 'discover', mac: '52:54:00:00:00:01', clientId, options })))
    expect(bench.server.leases()).toMatchObject([
      { mac: '52:54:00:00:00:01', key: '1-525400000001', hostname: 'h'.repeat(255) },
    ])
    // Without a hardware address it is nobody.
    const nameless = { ...request({ type: 'discover', clientId }), hlen: 0 }
    expect(bench.hear(arriving(nameless))).toBeUndefined()
    expect(bench.server.leases()).toHaveLength(1)
  }
})

describe('sequences of ROM, iPXE and operating system of machines with any identifiers', () => {
  const identifiers = [undefined, `00${'0'.repeat(32)}`, `00${machineId}`, 'ff0000000100030001aabb', '0102bb00000001']
  const uuids = [undefined, pxe(7).uuid, '4c4c4544-0042-3510-8052-b4c04f4d3332']
  const machineOf = fc.record({
    programs: fc.array(fc.record({ clientId: fc.constantFrom(...identifiers), uuid: fc.constantFrom(...uuids) }), {
      minLength: 1,
      maxLength: 3,
    }),
  })
  const stepOf = fc.record({
    machine: fc.nat(5),
    action: fc.constantFrom('boot', 'boot', 'renew', 'reboot', 'release', 'wait', 'discover' as const),
    seconds: fc.constantFrom(1, 40, 700, 4000),
    restarts: fc.boolean(),
  })
  const macOf = (machine: number): string => `02:dd:00:00:00:0${machine}`
  const reservations: Reservations = [
    { mac: macOf(0), address: '10.66.0.50' },
    { mac: macOf(1), address: '10.66.0.51' },
    { uuid: uuids[1]!, address: '10.66.0.52' },
    { clientId: identifiers[3]!, address: '10.66.0.53' },
  ]

  interface Machine {
    readonly mac: string
    readonly programs: readonly { readonly clientId: string | undefined; readonly uuid: string | undefined }[]
    running: number
    address: string | undefined
    until: number
  }

  const asked = ({ mac, programs, running }: Machine): Omit<ClientRequest, 'type'> => {
    const { clientId, uuid } = programs[running]!
    return { mac, ...(clientId === undefined ? {} : { clientId }), ...(uuid === undefined ? {} : { uuid }) }
  }

  /** Runs the steps; the answers, and the server as it is in the end. */
  function run(
    identity: Identity,
    all: readonly { readonly programs: Machine['programs'] }[],
    steps: readonly { machine: number; action: string; seconds: number; restarts: boolean }[],
    withRestarts: boolean,
  ): string[] {
    const bench = new Bench({ identity, leaseSeconds: 3600, ...oneSubnet(reservations, 140) })
    const machines = all.map(({ programs }, index): Machine => ({ mac: macOf(index), programs, running: 0, address: undefined, until: 0 })) // prettier-ignore
    const answers: string[] = []
    const gets = (machine: Machine, address: string | undefined): void => {
      machine.address = address
      machine.until = bench.now + 3_600_000
      answers.push(`${machine.mac} ${address}`)
      if (address === undefined) return
      const index = machines.indexOf(machine)
      if (index < 2) expect(address).toBe(reservations[index]!.address)
      else expect(['10.66.0.50', '10.66.0.51']).not.toContain(address)
    }
    for (const { machine: index, action, seconds, restarts } of steps) {
      const machine = machines[index % machines.length]!
      if (withRestarts && restarts) bench.restart()
      if (machine.until <= bench.now) machine.address = undefined
      if (action === 'wait') bench.wait(seconds)
      else if (action === 'discover') bench.say({ type: 'discover', ...asked(machine) })
      else if (action === 'boot')
        // Each program begins without an address.
        for (machine.running = 0; ; machine.running++) {
          machine.address = undefined
          gets(machine, bench.lease(asked(machine)))
          if (machine.running === machine.programs.length - 1) break
        }
      else if (machine.address === undefined) continue
      else if (action === 'release') {
        bench.say({ type: 'release', ...asked(machine), ciaddr: machine.address })
        machine.address = undefined
      } else {
        const renewal = action === 'renew' ? { ciaddr: machine.address } : { requested: machine.address }
        const reply = bench.say({ type: 'request', ...asked(machine), ...renewal })
        if (reply && messageTypeOf(reply) === ack) gets(machine, formatIpv4(reply.yiaddr))
        else {
          // One refusal at most: what DISCOVER then gets is renewed.
          gets(machine, bench.lease(asked(machine)))
          const again = bench.say({ type: 'request', ...asked(machine), ciaddr: machine.address })
          expect(again && messageTypeOf(again)).toBe(ack)
        }
      }
      const live = machines.filter(({ address, until }) => address !== undefined && until > bench.now)
      expect(new Set(live.map(({ address }) => address)).size).toBe(live.length)
    }
    return answers
  }

  const machines = fc.array(machineOf, { minLength: 1, maxLength: 6 })

  test.each(identities)(
    '%s: no address is live on two machines, reservations hold, nobody bounces, restarts included',
    (identity) => {
      fc.assert(
        fc.property(machines, fc.array(stepOf, { maxLength: 40 }), (all, steps) => {
          run(identity, all, steps, true)
        }),
        { numRuns: 200 },
      )
    },
  )

  test.each(identities)('%s: a restart between two exchanges changes no answer', (identity) => {
    fc.assert(
      fc.property(machines, fc.array(stepOf, { maxLength: 40 }), (all, steps) => {
        // An offer that waits for its REQUEST is in memory alone.
        const whole = steps.filter(({ action }) => action !== 'discover')
        expect(run(identity, all, whole, true)).toEqual(run(identity, all, whole, false))
      }),
      { numRuns: 200 },
    )
  })
})
