import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bytesOfU32,
  decodeText,
  encodeText,
  formatIpv4,
  parseHex,
  parseIpv4Network,
  u32At,
} from '#shared/wire/bytes.ts'
import { bootFileOf, decodeDhcp, findOptionData, messageTypeOf, type DhcpMessage } from '#shared/wire/dhcp/message.ts'
import type { BootConfiguration } from '#shared/machines/boot-answer.ts'
import type { DhcpServerConfiguration, SubnetConfiguration } from '#shared/machines/dhcp-server/configuration.ts'
import type { Lease } from '#shared/machines/dhcp-server/leases.ts'
import { DhcpServer, type DhcpServerEvent } from '#shared/machines/dhcp-server/server.ts'
import type { IncomingDatagram, OutgoingDatagram } from '#shared/machines/machine.ts'
import { arriving, ip, pxe, request, type ClientRequest } from '../helpers/dhcp.ts'

const subnet = (one: Partial<SubnetConfiguration> & { readonly net?: string } = {}): SubnetConfiguration => ({
  network: parseIpv4Network(one.net ?? '192.168.77.0/24')!,
  pools: [{ start: ip('192.168.77.100'), end: ip('192.168.77.199') }],
  reservations: [],
  options: [{ code: 3, data: bytesOfU32(ip('192.168.77.1')) }],
  leaseSeconds: undefined,
  ...one,
})

const configuration = (one: Partial<DhcpServerConfiguration> = {}): DhcpServerConfiguration => ({
  interfaces: [{ name: 'eth0', address: ip('192.168.77.1'), prefixLength: 24, mtu: 1500 }],
  ports: { dhcp: 67, bootServer: 4011 },
  filter: { allow: [], deny: [] },
  identity: 'client-id',
  subnets: [subnet()],
  options: [],
  architectureOptions: new Map(),
  leaseSeconds: 3600,
  authoritative: true,
  offerSeconds: 30,
  declineSeconds: 600,
  vendorClass: undefined,
  boot: {
    programs: [
      { architecture: 'bios', file: 'undionly.kpxe' },
      { architecture: 'x64-uefi', file: 'grubx64.efi' },
    ],
    nextServer: undefined,
    menus: [],
    httpPort: undefined,
  },
  ...one,
})

interface Answer {
  readonly reply: DhcpMessage | undefined
  readonly sent: OutgoingDatagram | undefined
  readonly events: readonly DhcpServerEvent[]
  readonly changes: readonly Lease[]
}

/** A server with a clock in the test's hand. */
class Bench {
  now = 1_000_000
  readonly server: DhcpServer
  constructor(one: Partial<DhcpServerConfiguration> = {}, leases: Lease[] = []) {
    this.server = new DhcpServer(configuration(one), leases)
  }

  say(one: ClientRequest, from: Partial<IncomingDatagram> = {}): Answer {
    this.server.handle(arriving(request(one), from), this.now)
    return this.drain()
  }

  wait(seconds: number): Answer {
    this.now += seconds * 1000
    this.server.handle({ kind: 'timeout' }, this.now)
    return this.drain()
  }

  drain(): Answer {
    const changes: Lease[] = []
    for (let one = this.server.pollChange(); one; one = this.server.pollChange()) changes.push(one.lease)
    const events: DhcpServerEvent[] = []
    for (let one = this.server.pollEvent(); one; one = this.server.pollEvent()) events.push(one)
    const sent = this.server.pollTransmit()
    expect(this.server.pollTransmit()).toBeUndefined()
    if (sent) events.push(sent.event)
    return { reply: sent && decodeDhcp(sent.payload).message, sent, events, changes }
  }

  /** Four messages; the address. */
  lease(one: Omit<ClientRequest, 'type'> = {}): string {
    const offer = this.say({ type: 'discover', ...one })
    const address = formatIpv4(offer.reply!.yiaddr)
    const ack = this.say({ type: 'request', requested: address, server: '192.168.77.1', ...one })
    expect(messageTypeOf(ack.reply!)).toBe(5)
    return address
  }
}

const mac = (number: number): string =>
  `52:54:00:00:${(number >> 8).toString(16).padStart(2, '0')}:${(number & 255).toString(16).padStart(2, '0')}`

describe('an interface with several addresses', () => {
  const own = (text: string) => ({ address: ip(text), prefixLength: 24 })
  const several = (first: string, ...others: string[]): Partial<DhcpServerConfiguration> => ({
    interfaces: [{ name: 'eth0', ...own(first), others: others.map(own), mtu: 1500 }],
  })
  const serverOf = ({ reply }: Answer): (string | undefined)[] => [
    formatIpv4(u32At(findOptionData(reply!, 54)!, 0)),
    formatIpv4(reply!.siaddr),
  ]

  test('the server is who the client sees: the address in its own subnet, whichever comes first', () => {
    const bench = new Bench(several('10.0.0.1', '192.168.77.1'))
    const offer = bench.say({ type: 'discover', ...pxe(7) })
    expect(serverOf(offer)).toEqual(['192.168.77.1', '192.168.77.1'])
    expect(formatIpv4(offer.reply!.yiaddr)).toBe('192.168.77.100')
  })

  test('a client that names any of them has chosen this server', () => {
    const bench = new Bench(several('192.168.77.1', '192.168.77.2'))
    const requested = formatIpv4(bench.say({ type: 'discover' }).reply!.yiaddr)
    for (const server of ['192.168.77.2', '192.168.77.1'])
      expect(messageTypeOf(bench.say({ type: 'request', requested, server }).reply!)).toBe(5)
  })

  test('none of them is given out', () => {
    const bench = new Bench(several('192.168.77.1', '192.168.77.100', '192.168.77.101'))
    expect(formatIpv4(bench.say({ type: 'discover' }).reply!.yiaddr)).toBe('192.168.77.102')
  })

  test('behind a relay of a network we are not in it is the first', () => {
    const bench = new Bench({
      ...several('192.168.77.1', '10.0.0.1'),
      subnets: [
        subnet(),
        subnet({ net: '192.168.78.0/24', pools: [{ start: ip('192.168.78.5'), end: ip('192.168.78.9') }] }),
      ],
    })
    expect(serverOf(bench.say({ type: 'discover', giaddr: '192.168.78.1', ...pxe(7) }))[0]).toBe('192.168.77.1')
  })
})

describe('the four messages', () => {
  test('an OFFER carries what it must and nothing it must not (RFC 2131 table 3)', () => {
    const { reply, sent } = new Bench().say({ type: 'discover', xid: 0xabcd, ...pxe(7) })
    expect(reply).toMatchObject({
      op: 2,
      xid: 0xabcd,
      hops: 0,
      secs: 0,
      ciaddr: 0,
      yiaddr: ip('192.168.77.100'),
      siaddr: ip('192.168.77.1'),
    })
    const codes = reply!.options.map((one) => one.code)
    expect(codes.slice(0, 6)).toEqual([53, 54, 51, 58, 59, 1])
    for (const code of [50, 55, 57]) expect(codes).not.toContain(code)
    expect(sent!.payload.length).toBeGreaterThanOrEqual(300)
    expect(sent!.destination).toEqual({ address: 0xffffffff, port: 68 })
  })

  test('T1 and T2 are half and seven eighths of the lease', () => {
    const { reply } = new Bench().say({ type: 'discover' })
    const times = [51, 58, 59].map((code) => u32At(findOptionData(reply!, code)!, 0))
    expect(times).toEqual([3600, 1800, 3150])
  })

  test('a lease is handed out for storing before its ACK, an offer is not', () => {
    const bench = new Bench()
    expect(bench.say({ type: 'discover' }).changes).toEqual([])
    const { changes, reply } = bench.say({ type: 'request', requested: '192.168.77.100', server: '192.168.77.1' })
    expect(messageTypeOf(reply!)).toBe(5)
    expect(changes).toMatchObject([{ address: ip('192.168.77.100'), state: 'bound', until: bench.now + 3_600_000 }])
  })

  test('a client may ask for a shorter lease, never for a longer one', () => {
    const option = (seconds: number): ClientRequest => ({
      type: 'discover',
      options: [{ code: 51, data: bytesOfU32(seconds) }],
    })
    expect(u32At(findOptionData(new Bench().say(option(600)).reply!, 51)!, 0)).toBe(600)
    expect(u32At(findOptionData(new Bench().say(option(90_000)).reply!, 51)!, 0)).toBe(3600)
  })

  test('options come in the order they are asked for, and only those', () => {
    const bench = new Bench({
      options: [
        { code: 42, data: bytesOfU32(1) },
        { code: 15, data: encodeText('lab.test') },
        { code: 26, data: Uint8Array.of(5, 220) },
      ],
    })
    const { reply } = bench.say({ type: 'discover', options: [{ code: 55, data: Uint8Array.of(15, 3, 42) }] })
    expect(reply!.options.map((one) => one.code)).toEqual([53, 54, 51, 58, 59, 1, 15, 3, 42])
  })

  test('the nearest level of options wins: lab, subnet, architecture, reservation', () => {
    const level = (text: string) => [{ code: 15, data: encodeText(text) }]
    const all = {
      options: level('lab'),
      subnets: [
        subnet({
          options: level('subnet'),
          reservations: [
            {
              mac: mac(1),
              uuid: undefined,
              clientId: undefined,
              address: ip('192.168.77.50'),
              hostname: undefined,
              options: level('reservation'),
            },
          ],
        }),
      ],
      architectureOptions: new Map([[7, level('architecture')]]),
    }
    const domain = (one: ClientRequest, settings: Partial<DhcpServerConfiguration>): string =>
      decodeText(findOptionData(new Bench(settings).say(one).reply!, 15)!)
    expect(domain({ type: 'discover' }, { options: level('lab') })).toBe('lab')
    expect(domain({ type: 'discover', mac: mac(2) }, all)).toBe('subnet')
    expect(domain({ type: 'discover', mac: mac(2), ...pxe(7) }, all)).toBe('architecture')
    expect(domain({ type: 'discover', mac: mac(1), ...pxe(7) }, all)).toBe('reservation')
  })

  test('the limit of option 57 is kept', () => {
    const big = [
      { code: 17, data: new Uint8Array(250).fill(65) },
      { code: 15, data: new Uint8Array(250).fill(66) },
      { code: 40, data: new Uint8Array(250).fill(67) },
    ]
    const { sent, events } = new Bench({ options: big }).say({
      type: 'discover',
      ...pxe(7),
      options: [{ code: 57, data: Uint8Array.of(2, 64) }],
    })
    expect(sent!.payload.length).toBeLessThanOrEqual(576 - 28)
    expect(events[0]).toMatchObject({ type: 'dhcp-offered', droppedOptions: expect.arrayContaining([40]) })
    expect(decodeDhcp(sent!.payload).problems).toEqual([])
  })
})

describe('who gets which address', () => {
  test('a client gets its last address again, even after its lease ran out', () => {
    const bench = new Bench()
    const first = bench.lease({ mac: mac(1) })
    bench.lease({ mac: mac(2) })
    bench.wait(4000)
    expect(bench.lease({ mac: mac(1) })).toBe(first)
  })

  test('addresses never used go first, then the one that is free for longest', () => {
    const bench = new Bench({
      subnets: [subnet({ pools: [{ start: ip('192.168.77.10'), end: ip('192.168.77.12') }] })],
    })
    const [a, b, c] = [1, 2, 3].map((number) => bench.lease({ mac: mac(number) }))
    expect([a, b, c]).toEqual(['192.168.77.10', '192.168.77.11', '192.168.77.12'])
    bench.say({ type: 'release', mac: mac(2), ciaddr: b!, server: '192.168.77.1' })
    bench.now += 1000
    bench.say({ type: 'release', mac: mac(1), ciaddr: a!, server: '192.168.77.1' })
    expect(bench.lease({ mac: mac(4) })).toBe(b)
    expect(bench.lease({ mac: mac(5) })).toBe(a)
  })

  test('the wanted address is given where it is free', () => {
    expect(formatIpv4(new Bench().say({ type: 'discover', requested: '192.168.77.150' }).reply!.yiaddr)).toBe(
      '192.168.77.150',
    )
  })

  test('our own address and reserved ones are never given out', () => {
    const bench = new Bench({
      subnets: [
        subnet({
          pools: [{ start: ip('192.168.77.1'), end: ip('192.168.77.3') }],
          reservations: [
            {
              mac: mac(9),
              uuid: undefined,
              clientId: undefined,
              address: ip('192.168.77.2'),
              hostname: 'bench1',
              options: [],
            },
          ],
        }),
      ],
    })
    expect(bench.lease({ mac: mac(1) })).toBe('192.168.77.3')
    expect(bench.say({ type: 'discover', mac: mac(2) }).events).toMatchObject([
      { type: 'pool-exhausted', subnet: '192.168.77.0/24', pools: ['192.168.77.1 - 192.168.77.3'] },
    ])
    const { reply } = bench.say({ type: 'discover', mac: mac(9) })
    expect(formatIpv4(reply!.yiaddr)).toBe('192.168.77.2')
    expect(decodeText(findOptionData(reply!, 12)!)).toBe('bench1')
  })

  test('a reservation is found by UUID and by option 61 too', () => {
    const bench = new Bench({
      subnets: [
        subnet({
          reservations: [
            {
              mac: undefined,
              uuid: '6c616221-0000-4000-8000-525400770003',
              clientId: undefined,
              address: ip('192.168.77.20'),
              hostname: undefined,
              options: [],
            },
            {
              mac: undefined,
              uuid: undefined,
              clientId: 'ff0011',
              address: ip('192.168.77.21'),
              hostname: undefined,
              options: [],
            },
          ],
        }),
      ],
    })
    expect(bench.lease({ mac: mac(3), ...pxe(7) })).toBe('192.168.77.20')
    expect(bench.lease({ mac: mac(4), clientId: 'ff0011' })).toBe('192.168.77.21')
  })

  test('an offer is held for its client and lapses', () => {
    const bench = new Bench({
      subnets: [subnet({ pools: [{ start: ip('192.168.77.10'), end: ip('192.168.77.10') }] })],
    })
    bench.say({ type: 'discover', mac: mac(1) })
    expect(bench.say({ type: 'discover', mac: mac(2) }).events[0]?.type).toBe('pool-exhausted')
    bench.wait(31)
    expect(formatIpv4(bench.say({ type: 'discover', mac: mac(2) }).reply!.yiaddr)).toBe('192.168.77.10')
  })

  test('an offer of ours that lost is free at once', () => {
    const bench = new Bench({
      subnets: [subnet({ pools: [{ start: ip('192.168.77.10'), end: ip('192.168.77.10') }] })],
    })
    bench.say({ type: 'discover', mac: mac(1) })
    expect(
      bench.say({ type: 'request', mac: mac(1), requested: '192.168.77.10', server: '192.168.77.2' }),
    ).toMatchObject({ sent: undefined, events: [{ type: 'dhcp-ignored' }] })
    expect(bench.say({ type: 'discover', mac: mac(2) }).reply).toBeDefined()
  })

  test('a declined address is left alone for its time, then given again', () => {
    const bench = new Bench({
      subnets: [subnet({ pools: [{ start: ip('192.168.77.10'), end: ip('192.168.77.10') }] })],
    })
    const address = bench.lease({ mac: mac(1) })
    const { events, changes } = bench.say({ type: 'decline', mac: mac(1), requested: address, server: '192.168.77.1' })
    expect(events).toMatchObject([{ type: 'address-declined', address, quarantineSeconds: 60, declines: 1 }])
    expect(changes).toMatchObject([{ state: 'declined', until: bench.now + 60_000 }])
    expect(bench.say({ type: 'discover', mac: mac(1) }).events[0]).toMatchObject({
      type: 'pool-exhausted',
      usage: { leased: 0, offered: 0, declined: 1, size: 1 },
    })
    bench.wait(61)
    expect(bench.say({ type: 'discover', mac: mac(1) }).reply).toBeDefined()
  })

  test('an address is left alone twice as long each time it is declined, up to the bound', () => {
    const bench = new Bench({
      subnets: [subnet({ pools: [{ start: ip('192.168.77.10'), end: ip('192.168.77.10') }] })],
    })
    const seconds = [1, 2, 3, 4, 5, 6].map((client) => {
      const address = bench.lease({ mac: mac(client) })
      const { events } = bench.say({ type: 'decline', mac: mac(client), requested: address, server: '192.168.77.1' })
      const [event] = events
      bench.wait(601)
      return event?.type === 'address-declined' ? event.quarantineSeconds : undefined
    })
    expect(seconds).toEqual([60, 120, 240, 480, 600, 600])
  })

  test('an address that somebody used to the end of its lease is trusted again', () => {
    const bench = new Bench({
      subnets: [subnet({ pools: [{ start: ip('192.168.77.10'), end: ip('192.168.77.10') }] })],
    })
    const decline = (client: number): unknown =>
      bench.say({
        type: 'decline',
        mac: mac(client),
        requested: bench.lease({ mac: mac(client) }),
        server: '192.168.77.1',
      }).events[0]
    expect(decline(1)).toMatchObject({ quarantineSeconds: 60 })
    bench.wait(61)
    bench.lease({ mac: mac(2) })
    bench.wait(3601)
    expect(decline(3)).toMatchObject({ quarantineSeconds: 60 })
  })

  test('no client empties a pool by declining it, and the last declined address is tried before it is called exhausted', () => {
    const bench = new Bench()
    const declines: unknown[] = []
    for (let round = 0; round < 198; round++) {
      const address = bench.lease({ mac: mac(1) })
      declines.push(bench.say({ type: 'decline', mac: mac(1), requested: address, server: '192.168.77.1' }).events[0])
    }
    expect(declines[2]).toMatchObject({ quarantineSeconds: 60, declines: 3 })
    expect(declines[197]).toMatchObject({ quarantineSeconds: 0, declines: 198 })
    expect(bench.server.usage()).toMatchObject([{ used: 8, size: 100 }])
    // As many clients as addresses: each declines one.
    for (let client = 100; client < 192; client++) {
      const address = bench.lease({ mac: mac(client) })
      bench.say({ type: 'decline', mac: mac(client), requested: address, server: '192.168.77.1' })
    }
    expect(bench.server.usage()).toMatchObject([{ used: 100, size: 100 }])
    const { reply, events } = bench.say({ type: 'discover', mac: mac(300) })
    expect(reply).toBeDefined()
    expect(events[0]).toMatchObject({ type: 'declined-address-offered', address: formatIpv4(reply!.yiaddr) })
    expect(bench.lease({ mac: mac(300) })).toBe(formatIpv4(reply!.yiaddr))
  })

  test('a DECLINE counts only from the link the address is on, and only for a lease', () => {
    const two = {
      interfaces: [
        { name: 'eth0', address: ip('192.168.77.1'), prefixLength: 24, mtu: 1500 },
        { name: 'eth1', address: ip('10.1.1.1'), prefixLength: 24, mtu: 1500 },
      ],
      subnets: [subnet(), subnet({ net: '10.1.1.0/24', pools: [] })],
    }
    const bench = new Bench(two)
    const address = bench.lease({ mac: mac(1) })
    const decline = { type: 'decline', mac: mac(1), requested: address, server: '10.1.1.1' } as const
    expect(bench.say(decline, { interface: 'eth1' })).toMatchObject({
      changes: [],
      events: [
        {
          type: 'dhcp-ignored',
          reason: `its DECLINE of ${address} came in on eth1, which is another network`,
        },
      ],
    })
    const byRelay = { ...decline, server: '192.168.77.1', giaddr: '10.9.9.9' }
    expect(bench.say(byRelay).events).toMatchObject([
      { type: 'dhcp-ignored', reason: `its DECLINE of ${address} came through the relay 10.9.9.9 of another network` },
    ])
    // With an address of its own it could choose where it seems to be.
    expect(bench.say({ ...decline, ciaddr: address }, { interface: 'eth1' }).changes).toEqual([])
    bench.say({ type: 'discover', mac: mac(2) })
    expect(
      bench.say({ type: 'decline', mac: mac(2), requested: '192.168.77.101', server: '192.168.77.1' }).events,
    ).toMatchObject([{ type: 'dhcp-ignored', reason: 'its DECLINE names 192.168.77.101, which it does not have' }])
    expect(bench.say({ ...decline, server: '192.168.77.1' }).changes).toMatchObject([{ state: 'declined' }])
  })

  test('a RELEASE counts only from the address it gives back', () => {
    const bench = new Bench()
    const address = bench.lease({ mac: mac(1) })
    const release = { type: 'release', mac: mac(1), ciaddr: address, server: '192.168.77.1' } as const
    for (const source of ['192.168.77.66', '0.0.0.0'])
      expect(bench.say(release, { source: { address: ip(source), port: 68 } })).toMatchObject({
        changes: [],
        events: [{ type: 'dhcp-ignored', reason: `its RELEASE of ${address} came from ${source}` }],
      })
    expect(bench.say({ ...release, giaddr: '10.9.9.9' }).changes).toEqual([])
    expect(bench.say(release).changes).toMatchObject([{ state: 'released' }])
  })

  test('nobody declines or releases what is not his', () => {
    const bench = new Bench()
    const address = bench.lease({ mac: mac(1) })
    expect(bench.say({ type: 'decline', mac: mac(2), requested: address, server: '192.168.77.1' }).changes).toEqual([])
    expect(bench.say({ type: 'release', mac: mac(2), ciaddr: address }).changes).toEqual([])
    // It is still that of its lessee, who may give it back.
    expect(messageTypeOf(bench.say({ type: 'request', mac: mac(1), ciaddr: address }).reply!)).toBe(5)
    expect(bench.say({ type: 'release', mac: mac(1), ciaddr: address }).changes).not.toEqual([])
  })

  test('leases of a store are known again; a client keeps its address over a restart', () => {
    const before = new Bench()
    const address = before.lease({ mac: mac(7) })
    const after = new Bench({}, before.server.leases())
    const { reply } = after.say({ type: 'request', mac: mac(7), requested: address })
    expect(messageTypeOf(reply!)).toBe(5)
  })

  test('no two clients ever hold one address', () => {
    const step = fc.record({
      client: fc.integer({ min: 1, max: 6 }),
      action: fc.constantFrom('lease', 'discover', 'release', 'renew', 'decline', 'wait' as const),
      wanted: fc.integer({ min: 8, max: 14 }),
      seconds: fc.constantFrom(1, 40, 700, 4000),
    })
    let confirmed = 0
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const bench = new Bench({
          subnets: [subnet({ pools: [{ start: ip('192.168.77.10'), end: ip('192.168.77.13') }] })],
        })
        const has = new Map<number, { address: string; until: number }>()
        for (const { client, action, wanted, seconds } of steps) {
          const who = { mac: mac(client) }
          const mine = has.get(client)
          if (action === 'wait') bench.wait(seconds)
          else if (action === 'discover') bench.say({ type: 'discover', ...who, requested: `192.168.77.${wanted}` })
          else if (action === 'release' && mine) {
            bench.say({ type: 'release', ...who, ciaddr: mine.address })
            has.delete(client)
          } else if (action === 'decline' && mine) {
            bench.say({ type: 'decline', ...who, requested: mine.address, server: '192.168.77.1' })
            has.delete(client)
          } else {
            const asked: ClientRequest =
              action === 'renew' && mine
                ? { type: 'request', ...who, ciaddr: mine.address }
                : { type: 'request', ...who, server: '192.168.77.1', requested: `192.168.77.${wanted}` }
            const { reply } = bench.say(asked)
            const isConfirmed = reply !== undefined && messageTypeOf(reply) === 5
            if (isConfirmed) confirmed++
            // Whoever has an address keeps it when asking in time.
            if (action === 'renew' && mine && mine.until > bench.now) expect(isConfirmed).toBe(true)
            if (isConfirmed) has.set(client, { address: formatIpv4(reply.yiaddr), until: bench.now + 3_600_000 })
            else has.delete(client)
          }
          const held = [...has.values()].filter((one) => one.until > bench.now).map((one) => one.address)
          expect(new Set(held).size).toBe(held.length)
        }
      }),
      { numRuns: 300 },
    )
    // A server that refuses everybody gives no address twice either.
    expect(confirmed).toBeGreaterThan(300)
  })
})

describe('what a person frees', () => {
  const freed = (seconds = 10): { bench: Bench; address: number; before: Lease } => {
    const bench = new Bench()
    const address = ip(bench.lease({ mac: mac(1) }))
    bench.wait(seconds)
    const [before] = bench.server.leases()
    expect(bench.server.forget(address, bench.now)).toBe(true)
    return { bench, address, before: before! }
  }

  test('is given back as it was, stored, once', () => {
    const { bench, address, before } = freed()
    expect(bench.drain().changes.map(({ state }) => state)).toEqual(['released'])
    expect(bench.server.restore(address, bench.now)).toBe('restored')
    expect([bench.server.leases(), bench.drain().changes]).toEqual([[before], [before]])
    expect(bench.server.restore(address, bench.now)).toBe('unknown')
    expect(bench.server.restore(address + 1, bench.now)).toBe('unknown')
    expect(bench.wait(3600).events).toMatchObject([{ type: 'lease-expired' }])
  })

  test('is not given back where another machine has the address or is offered it', () => {
    for (const isBound of [false, true]) {
      const { bench, address } = freed()
      const asked = { mac: mac(2), requested: formatIpv4(address) }
      if (isBound) expect(bench.lease(asked)).toBe(asked.requested)
      else bench.say({ type: 'discover', ...asked })
      expect(bench.server.restore(address, bench.now)).toBe('taken')
      expect(bench.server.leases()).toMatchObject([{ mac: mac(2) }])
    }
  })

  test('is there already where the machine took it again, and not given back where it has another, or its time is over', () => {
    const same = freed()
    same.bench.lease({ mac: mac(1) })
    expect(same.bench.server.restore(same.address, same.bench.now)).toBe('restored')
    const moved = freed()
    moved.bench.lease({ mac: mac(2), requested: formatIpv4(moved.address) })
    moved.bench.lease({ mac: mac(1) })
    moved.bench.say({ type: 'release', mac: mac(2), ciaddr: formatIpv4(moved.address), server: '192.168.77.1' })
    expect(moved.bench.server.restore(moved.address, moved.bench.now)).toBe('moved')
    const late = freed()
    expect(late.bench.server.restore(late.address, late.before.until)).toBe('ended')
    expect(late.bench.server.restore(late.address, late.before.until - 1)).toBe('restored')
  })

  test('keeps its time when the clock is set', () => {
    const { bench, address, before } = freed()
    const move = (lease: Lease): Lease => ({ ...lease, since: lease.since + 5000, until: lease.until + 5000 })
    bench.server.moveTimes(move)
    bench.server.restore(address, bench.now)
    expect(bench.server.leases()).toEqual([move(before)])
  })
})

describe('REQUEST in its four states (RFC 2131 section 4.3.2)', () => {
  test('SELECTING: what was offered is acknowledged, anything taken is refused', () => {
    const bench = new Bench()
    const address = bench.lease({ mac: mac(1) })
    const { reply, sent } = bench.say({ type: 'request', mac: mac(2), requested: address, server: '192.168.77.1' })
    expect(messageTypeOf(reply!)).toBe(6)
    expect(reply).toMatchObject({ yiaddr: 0, siaddr: 0, ciaddr: 0 })
    expect(decodeText(findOptionData(reply!, 56)!)).toContain('belongs to')
    expect(sent!.destination).toEqual({ address: 0xffffffff, port: 68 })
  })

  test('SELECTING without an address, as some firmware does it: what was offered is meant', () => {
    const bench = new Bench()
    const offered = bench.say({ type: 'discover', mac: mac(1) }).reply!.yiaddr
    const { reply } = bench.say({ type: 'request', mac: mac(1), server: '192.168.77.1' })
    expect([messageTypeOf(reply!), reply!.yiaddr]).toEqual([5, offered])
    expect(bench.say({ type: 'request', mac: mac(2), server: '192.168.77.1' })).toMatchObject({
      reply: undefined,
      events: [{ type: 'dhcp-ignored', reason: 'its request names no address' }],
    })
  })

  test('INIT-REBOOT: the right address is confirmed, a wrong one refused, an unknown client left to others', () => {
    const bench = new Bench()
    const address = bench.lease({ mac: mac(1) })
    expect(messageTypeOf(bench.say({ type: 'request', mac: mac(1), requested: address }).reply!)).toBe(5)
    expect(messageTypeOf(bench.say({ type: 'request', mac: mac(1), requested: '192.168.77.180' }).reply!)).toBe(6)
    expect(messageTypeOf(bench.say({ type: 'request', mac: mac(2), requested: '10.9.9.9' }).reply!)).toBe(6)
    expect(bench.say({ type: 'request', mac: mac(3), requested: '192.168.77.181' })).toMatchObject({
      reply: undefined,
      events: [{ type: 'dhcp-ignored', reason: expect.stringContaining('no record') }],
    })
  })

  test('RENEWING: unicast to the client, who is trusted where the address is free', () => {
    const bench = new Bench()
    const address = bench.lease({ mac: mac(1) })
    const source = { address: ip(address), port: 68 }
    const { reply, sent } = bench.say({ type: 'request', mac: mac(1), ciaddr: address, flags: 0 }, { source })
    expect(messageTypeOf(reply!)).toBe(5)
    expect(reply!.ciaddr).toBe(ip(address))
    expect(sent!.destination).toEqual(source)
    expect(messageTypeOf(bench.say({ type: 'request', mac: mac(2), ciaddr: '192.168.77.190' }).reply!)).toBe(5)
    expect(messageTypeOf(bench.say({ type: 'request', mac: mac(3), ciaddr: address }).reply!)).toBe(6)
  })

  test('a server that is not authoritative stays silent instead of refusing', () => {
    const bench = new Bench({ authoritative: false })
    expect(bench.say({ type: 'request', mac: mac(2), requested: '10.9.9.9' }).reply).toBeUndefined()
    bench.lease({ mac: mac(1) })
    expect(bench.say({ type: 'request', mac: mac(2), ciaddr: '192.168.77.100' }).reply).toBeUndefined()
  })

  test('INFORM gets options, no address and no times', () => {
    const { reply, sent, changes } = new Bench().say({ type: 'inform', ciaddr: '192.168.77.5' })
    expect(messageTypeOf(reply!)).toBe(5)
    expect(reply!.yiaddr).toBe(0)
    expect(reply!.options.map((one) => one.code)).not.toContain(51)
    expect(sent!.destination).toEqual({ address: ip('192.168.77.5'), port: 68 })
    expect(changes).toEqual([])
  })
})

describe('relays and several subnets', () => {
  const far = subnet({
    net: '192.168.78.0/24',
    pools: [{ start: ip('192.168.78.100'), end: ip('192.168.78.110') }],
    options: [{ code: 3, data: bytesOfU32(ip('192.168.78.1')) }],
  })
  const subnets = [subnet(), far]

  test('giaddr chooses the subnet, the reply goes to the relay with option 82 as it came, last', () => {
    const agent = parseHex('010465746831')!
    const { reply, sent } = new Bench({ subnets }).say({
      type: 'discover',
      giaddr: '192.168.78.1',
      options: [{ code: 82, data: agent }],
    })
    expect(formatIpv4(reply!.yiaddr)).toBe('192.168.78.100')
    expect(reply!.options.at(-1)).toEqual({ code: 82, data: agent })
    expect(sent!.destination).toEqual({ address: ip('192.168.78.1'), port: 67 })
  })

  test('link selection stands over giaddr (RFC 3527), and so does subnet selection (RFC 3011)', () => {
    const link = { code: 82, data: Uint8Array.from([5, 4, 192, 168, 78, 0]) }
    expect(
      formatIpv4(
        new Bench({ subnets }).say({ type: 'discover', giaddr: '192.168.77.2', options: [link] }).reply!.yiaddr,
      ),
    ).toBe('192.168.78.100')
    const selected = { code: 118, data: bytesOfU32(ip('192.168.78.0')) }
    expect(formatIpv4(new Bench({ subnets }).say({ type: 'discover', options: [selected] }).reply!.yiaddr)).toBe(
      '192.168.78.100',
    )
  })

  test('the relay may stand in as server identifier (RFC 5107) and ask for its own port (RFC 8357)', () => {
    const agent = { code: 82, data: Uint8Array.from([11, 4, 192, 168, 78, 1, 19, 2, 0, 0]) }
    const { reply, sent } = new Bench({ subnets }).say(
      { type: 'discover', giaddr: '192.168.78.1', options: [agent] },
      { source: { address: ip('192.168.78.1'), port: 1067 } },
    )
    expect(formatIpv4(u32At(findOptionData(reply!, 54)!, 0))).toBe('192.168.78.1')
    expect(sent!.destination.port).toBe(1067)
  })

  test('a NAK behind a relay makes the relay broadcast', () => {
    const { reply } = new Bench({ subnets }).say({
      type: 'request',
      giaddr: '192.168.78.1',
      requested: '192.168.77.100',
      flags: 0,
    })
    expect(messageTypeOf(reply!)).toBe(6)
    expect(reply!.flags).toBe(0x8000)
  })

  test('a relay of no subnet is told of', () => {
    expect(new Bench().say({ type: 'discover', giaddr: '10.1.1.1' })).toMatchObject({
      reply: undefined,
      events: [{ type: 'dhcp-ignored', reason: 'no subnet of the lab contains the relay 10.1.1.1' }],
    })
  })

  test.each([
    [{ options: [{ code: 118, data: bytesOfU32(ip('10.2.2.2')) }] }, '10.2.2.2, which it selects'],
    [
      { giaddr: '192.168.77.2', options: [{ code: 118, data: bytesOfU32(ip('10.2.2.2')) }] },
      '10.2.2.2, which it selects',
    ],
    [
      { giaddr: '192.168.77.2', options: [{ code: 82, data: Uint8Array.of(5, 4, 10, 3, 3, 3) }] },
      '10.3.3.3, which it selects',
    ],
    [{ ciaddr: '10.4.4.4' }, 'its address 10.4.4.4'],
  ])('what no subnet contains is named: %j', (asked, named) => {
    const { events } = new Bench().say({ type: 'discover', ...asked })
    expect(events).toEqual([expect.objectContaining({ reason: expect.stringContaining(named) })])
  })

  test('an address longer than its field is told of, not dropped', () => {
    const bench = new Bench()
    const message = { ...request({ type: 'discover' }), hlen: 255 }
    bench.server.handle(arriving(message), bench.now)
    const { reply, events } = bench.drain()
    expect(reply).toBeUndefined()
    expect(events).toEqual([
      expect.objectContaining({ type: 'dhcp-ignored', reason: expect.stringContaining('hlen is 255') }),
    ])
  })
})

describe('boot information', () => {
  test('a PXE client gets the form that serves every firmware: 60, 43 {6:8}, file and siaddr', () => {
    const { reply } = new Bench().say({
      type: 'discover',
      ...pxe(7),
      options: [{ code: 55, data: Uint8Array.of(1, 66, 67) }],
    })
    expect(decodeText(findOptionData(reply!, 60)!)).toBe('PXEClient')
    expect([...findOptionData(reply!, 43)!]).toEqual([6, 1, 8, 255])
    expect(decodeText(reply!.file)).toBe('grubx64.efi')
    expect(bootFileOf(reply!)).toBe('grubx64.efi')
    expect(decodeText(findOptionData(reply!, 66)!)).toBe('192.168.77.1')
    expect(findOptionData(reply!, 97)).toHaveLength(17)
  })

  test('PXELINUX finds its options in the reply to the boot ROM, which did not ask for them (RFC 5071)', () => {
    const bench = new Bench({ options: [{ code: 210, data: encodeText('http://192.168.77.1/syslinux/') }] })
    const asked = [{ code: 55, data: Uint8Array.of(1, 3) }]
    const { reply } = bench.say({ type: 'discover', ...pxe(0), options: asked })
    expect(reply!.options.filter((one) => one.code === 210)).toHaveLength(1)
    const own = bench.say({ type: 'discover', ...pxe(0), options: [{ code: 55, data: Uint8Array.of(210, 3) }] })
    expect(own.reply!.options.filter((one) => one.code === 210)).toHaveLength(1)
    // A system that is installed reads none of them.
    expect(findOptionData(bench.say({ type: 'discover', mac: mac(2), options: asked }).reply!, 210)).toBeUndefined()
  })

  test('an ordinary client gets none of it', () => {
    const { reply } = new Bench().say({ type: 'discover' })
    expect(findOptionData(reply!, 60)).toBeUndefined()
    expect(findOptionData(reply!, 43)).toBeUndefined()
    expect(reply!.siaddr).toBe(0)
  })

  test("vendorClass 'PXEClient' goes into every reply, as a co-hosted boot service needs it", () => {
    const bench = new Bench({ vendorClass: 'PXEClient', boot: undefined })
    expect(decodeText(findOptionData(bench.say({ type: 'discover' }).reply!, 60)!)).toBe('PXEClient')
    const { reply } = bench.say({ type: 'discover', mac: mac(2), ...pxe(7) })
    expect(decodeText(findOptionData(reply!, 60)!)).toBe('PXEClient')
    expect(findOptionData(reply!, 43)).toBeUndefined()
  })

  test('an HTTP client gets its class back and an address to load from', () => {
    const boot = {
      programs: [{ architecture: 'x64-uefi-http', file: 'efi/x.efi' }],
      nextServer: undefined,
      menus: [],
      httpPort: 8080,
    }
    const { reply } = new Bench({ boot }).say({
      type: 'discover',
      architecture: 16,
      vendorClass: 'HTTPClient:Arch:00016:UNDI:003000',
    })
    expect(decodeText(findOptionData(reply!, 60)!)).toBe('HTTPClient')
    expect(bootFileOf(reply!)).toBe('http://192.168.77.1:8080/efi/x.efi')
  })

  test('the address is one of HTTPS where HTTP is off, or a rule says so', () => {
    const address = (
      rule: { protocol?: 'http' | 'https'; nextServer?: string },
      served: Pick<BootConfiguration, 'httpPort' | 'https'>,
    ): string => {
      const boot = { programs: [{ file: 'x.efi', ...rule }], nextServer: undefined, menus: [], ...served }
      const { reply } = new Bench({ boot }).say({ type: 'discover', architecture: 16, vendorClass: 'HTTPClient' })
      return reply ? bootFileOf(reply) : ''
    }
    const https = { port: 443, host: undefined }
    expect(address({}, { httpPort: undefined, https })).toBe('https://192.168.77.1/x.efi')
    expect(address({}, { httpPort: 80, https })).toBe('http://192.168.77.1/x.efi')
    expect(address({ protocol: 'https' }, { httpPort: 80, https: { port: 8443, host: 'boot.lab.test' } })).toBe('https://boot.lab.test:8443/x.efi') // prettier-ignore
    expect(address({ protocol: 'http' }, { httpPort: undefined, https })).toBe('')
    expect(address({ protocol: 'https' }, { httpPort: 80 })).toBe('')
    // Another server has its own ports.
    expect(address({ protocol: 'https', nextServer: '192.168.77.9' }, { httpPort: 80 })).toBe(
      'https://192.168.77.9/x.efi',
    )
  })

  test('a file name too long for the header field goes into option 67 alone', () => {
    const file = `${'a'.repeat(150)}.efi`
    const boot = { programs: [{ file }], nextServer: undefined, menus: [], httpPort: undefined }
    const { reply } = new Bench({ boot }).say({
      type: 'discover',
      ...pxe(7),
      options: [{ code: 57, data: Uint8Array.of(5, 0xc0) }],
    })
    expect(decodeText(reply!.file)).toBe('')
    expect(bootFileOf(reply!)).toBe(file)
  })

  test('a client on the deny list is not answered, and the event says why', () => {
    expect(new Bench({ filter: { allow: [], deny: ['52:54:00'] } }).say({ type: 'discover' })).toMatchObject({
      reply: undefined,
      events: [{ reason: 'its address is on the deny list' }],
    })
  })
})

describe('what is no request', () => {
  test('replies, unknown interfaces and rubbish are passed over; what has no message type is BOOTP', () => {
    const bench = new Bench()
    const reply = { ...request({ type: 'discover' }), op: 2 }
    bench.server.handle(arriving(reply), bench.now)
    bench.server.handle(arriving(request({ type: 'discover' }), { interface: 'eth9' }), bench.now)
    expect(bench.drain()).toEqual({ reply: undefined, sent: undefined, events: [], changes: [] })
    bench.server.handle(arriving({ ...request({ type: 'discover' }), options: [] }), bench.now)
    expect(bench.drain()).toMatchObject({ reply: undefined, events: [{ reason: expect.stringContaining('BOOTP') }] })
  })

  test('whatever bytes come, what it answers is whole, and the next client is served', () => {
    const bench = new Bench()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (bytes, hasHeader) => {
        const payload = hasHeader
          ? Uint8Array.from([...arriving(request({ type: 'discover' })).payload.subarray(0, 240), ...bytes])
          : bytes
        bench.server.handle(
          { kind: 'datagram', interface: 'eth0', source: { address: 0, port: 68 }, destinationPort: 67, payload },
          bench.now,
        )
        const { reply } = bench.drain()
        expect(reply === undefined || reply.op === 2).toBe(true)
        // The octets of the address that says who it is for come back as they came.
        if (reply) expect([...reply.chaddr]).toEqual([...payload.subarray(28, 44)])
      }),
      { numRuns: 2000 },
    )
    expect(bench.lease({ mac: mac(9) })).toMatch(/^192\.168\.77\.\d+$/)
  })
})
