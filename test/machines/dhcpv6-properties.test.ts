/** The DHCPv6 server under random conversations, random bytes and clients that mean harm. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesOfU16, bytesOfU32, concatBytes, formatHex } from '#shared/wire/bytes.ts'
import { addressesOf, decodeDhcp6, findDhcp6Option } from '#shared/wire/dhcpv6/message.ts'
import { ipv6Number, ipv6Text } from '#shared/wire/ip-address.ts'
import { LeaseTable6, type Lease6 } from '#shared/machines/dhcpv6-server/leases.ts'
import type { Subnet6Configuration } from '#shared/machines/dhcpv6-server/configuration.ts'
import { Bench6, duidUuid, message, pxe6, relayed, served6, serverDuid, type Asked6, type Kind6 } from '../helpers/dhcpv6.ts' // prettier-ignore
import { bytes, duidLl, iaNa, linkLocal, message6, option6 } from '../helpers/ipv6.ts'

const macs = ['52:54:00:77:00:01', '52:54:00:77:00:02', '52:54:00:77:00:03'] as const
const pool = ['fd00:77::100', 'fd00:77::101', 'fd00:77::102', 'fd00:77::103']
const lab = {
  ipv6: { leaseSeconds: 600, subnets: [{ subnet: 'fd00:77::/64', pools: [{ start: pool[0]!, end: pool[3]! }] }] },
  boot: { files: '.', programs: [{ file: 'a.efi' }] },
}

const kinds: readonly Kind6[] = ['solicit', 'request', 'confirm', 'renew', 'rebind', 'release', 'decline', 'information-request'] // prettier-ignore
const step = fc.record({
  kind: fc.constantFrom(...kinds),
  client: fc.nat(2),
  iaid: fc.integer({ min: 1, max: 2 }),
  // What it was told last, what somebody may have, what nobody gives.
  addresses: fc.oneof(fc.constant('own' as const), fc.subarray([...pool, 'fd00:77::9', 'fd00:99::1'], { maxLength: 2 })), // prettier-ignore
  isRapid: fc.boolean(),
  isRelayed: fc.boolean(),
  server: fc.constantFrom('right' as const, 'right' as const, 'right' as const, 'other' as const, 'none' as const),
  isUnicast: fc.constantFrom(false, false, false, true),
  restarts: fc.constantFrom(...Array<boolean>(12).fill(false), true),
  seconds: fc.constantFrom(0, 1, 40, 300, 700),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const needsServer = new Set<Kind6>(['request', 'renew', 'release', 'decline'])
const forbidsServer = new Set<Kind6>(['solicit', 'confirm', 'rebind'])

/** What RFC 8415 section 16 says of it. */
function isDiscarded({ kind, server, isUnicast, isRelayed }: Step): boolean {
  if (needsServer.has(kind) && server !== 'right') return true
  if (forbidsServer.has(kind) && server !== 'none') return true
  if (kind === 'information-request' && server === 'other') return true
  return isUnicast && !isRelayed && !needsServer.has(kind)
}

test('no address is two associations’ at once, every reply is well-formed, and what must be discarded is', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      let bench = new Bench6(lab)
      /** Who believes to have an address, until when. */
      const held = new Map<string, { who: string; until: number }>()
      const own = new Map<string, string>()
      for (const one of steps) {
        const mac = macs[one.client]!
        const who = `${mac} ${one.iaid}`
        bench.now += one.seconds * 1000
        if (one.restarts) {
          const { now } = bench
          bench = new Bench6(lab, [served6], bench.server.records())
          bench.now = now
        }
        const server = one.server === 'none' ? null : one.server === 'right' ? serverDuid : duidLl('02:00:00:00:00:99')
        const asked: Asked6 = {
          ...pxe6,
          mac,
          iaid: one.iaid,
          server,
          addresses: one.addresses === 'own' ? [own.get(who) ?? pool[0]!] : one.addresses,
          options: one.isRapid ? [option6(14)] : [],
        }
        const plain = message(one.kind, asked)
        const told = one.isRelayed
          ? bench.hear(relayed(plain, 'fd00:77::2', linkLocal(mac), [option6(18, bytes(7))]), { source: { address: 'fd00:77::2', port: 547 }, destinationAddress: 'fd00:77::1', isMulticast: false })
          : bench.hear(plain, { source: { address: linkLocal(mac), port: 546 }, ...(one.isUnicast ? { isMulticast: false, destinationAddress: 'fd00:77::1' } : {}) })
        expect(told.length).toBeLessThanOrEqual(1)
        if (isDiscarded(one)) expect(told).toEqual([])
        const [reply] = told
        if (!reply) continue
        expect(reply.message.xid).toBe(0x123456)
        expect([1, 2].map((code) => formatHex(reply.option(code)!))).toEqual([formatHex(duidLl(mac)), formatHex(serverDuid)])
        const isGivingUp = one.kind === 'release' || one.kind === 'decline'
        if (isGivingUp && (!one.isUnicast || one.isRelayed)) for (const address of asked.addresses!) if (held.get(address)?.who === who) held.delete(address)
        if (reply.type !== 'REPLY' || one.kind === 'confirm' || isGivingUp) continue
        for (const { address, validSeconds } of addressesOf(reply.message)) {
          if (validSeconds === 0) continue
          expect(pool).toContain(address)
          const holder = held.get(address)
          if (holder && holder.until > bench.now) expect(holder.who).toBe(who)
          // A client uses what it was given last.
          for (const [other, { who: owner }] of held) if (owner === who && other !== address) held.delete(other)
          held.set(address, { who, until: bench.now + validSeconds * 1000 })
          own.set(who, address)
        }
      }
    }),
    { numRuns: 400 },
  )
}) // prettier-ignore

describe('bytes of any kind', () => {
  const roles = [lab, { ...lab, mode: 'proxy-dhcp' as const }, { ...lab, ipv6: { mode: 'stateless' as const } }]
  const ports = [547, 4011]

  test('never make it throw, nor say what cannot be read', () => {
    const noise = fc.uint8Array({ maxLength: 300 })
    const option = fc.record({ code: fc.oneof(fc.constantFrom(1, 2, 3, 4, 5, 6, 9, 14, 15, 16, 18, 25, 39, 59, 61, 79, 135), fc.nat(0xffff)), data: fc.uint8Array({ maxLength: 40 }) }) // prettier-ignore
    const shaped = fc.tuple(fc.nat(40), fc.array(option, { maxLength: 12 })).map(([type, list]) => message6(type, 9, list)) // prettier-ignore
    const known = fc
      .tuple(fc.constantFrom(...kinds), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }))
      .map(([kind, changes]) => {
        const whole = message(kind, { ...pxe6, addresses: ['fd00:77::100'] }).slice()
        for (const [at, value] of changes) if (at < whole.length) whole[at] = value
        return whole
      })
    const any = fc.oneof(noise, shaped, known)
    const wrapped = fc.tuple(any, fc.nat(12)).map(([inner, depth]) => {
      let payload = inner
      for (let hop = 0; hop < depth; hop++) payload = relayed(payload, 'fd00:77::2', 'fe80::5', [], hop)
      return payload
    })
    fc.assert(
      fc.property(fc.oneof(any, wrapped), fc.nat(2), fc.nat(1), (payload, role, port) => {
        // Replies are decoded by the bench, which throws where one is not whole.
        new Bench6(roles[role]).hear(payload, { destinationPort: ports[port]! })
      }),
      { numRuns: 1500 },
    )
  })

  test('an empty value of every option that the server looks at', () => {
    for (const code of [3, 4, 5, 6, 9, 14, 15, 16, 25, 39, 61, 79])
      for (const length of [0, 1, 2, 3, 4, 11])
        new Bench6(lab).hear(message6(1, 1, [option6(1, duidLl(macs[0])), option6(code, new Uint8Array(length))]))
  })

  test('a message of thousands of associations gets no more than a packet', () => {
    const many = Array.from({ length: 2000 }, (_, index) => iaNa(index))
    const [told] = new Bench6({ ipv6: {} }).hear(message6(1, 1, [option6(1, duidLl(macs[0])), ...many]))
    expect(told!.answer.payload.length).toBeLessThan(1232)
    const refusals = Array.from({ length: 2000 }, (_, index) => option6(25, bytesOfU32(index), new Uint8Array(8)))
    const [reply] = new Bench6({ ipv6: {} }).hear(message6(1, 1, [option6(1, duidLl(macs[0])), ...refusals]))
    expect(reply!.answer.payload.length).toBeLessThan(4000)
  })
})

describe('memory', () => {
  const subnet: Subnet6Configuration = {
    network: { address: 'fd00::', prefixLength: 64 },
    pools: [{ start: 'fd00::1:0', end: 'fd00::ffff:ffff:ffff:ffff' }],
    reservations: [],
    options: [],
    leaseSeconds: undefined,
  }
  const lease = (address: string, index: number, state: Lease6['state'], until: number): Lease6 => ({
    address, duid: index.toString(16), iaid: 1, mac: '', uuid: undefined, hostname: undefined, architecture: undefined, state, since: 0, until,
  }) // prettier-ignore
  const table = (limits: { leases: number; offers: number }): LeaseTable6 =>
    new LeaseTable6([subnet], [], () => subnet, limits)

  test('is bounded however many clients a network of 2^64 addresses has', () => {
    const leases = table({ leases: 100, offers: 10 })
    for (let index = 0; index < 1000; index++) {
      const address = leases.allocate(subnet)
      if (address !== undefined) leases.put(lease(address, index, 'offered', 1000))
    }
    expect(leases.size).toMatchObject({ records: 0, offers: 10 })
    expect(leases.size.vacant).toBeLessThanOrEqual(10)
    let given = 0
    for (let index = 0; index < 1000; index++) {
      const address = leases.allocate(subnet)
      if (address === undefined || !leases.hasRoomFor(address)) continue
      leases.put(lease(address, index, 'bound', 1000))
      given++
    }
    expect(given).toBe(100)
    expect(leases.isFull).toBe(true)
    // What runs out first is what is given next.
    for (let due = leases.takeDue(2000); due; due = leases.takeDue(2000))
      if (due.state === 'offered') leases.dropOffer(due.address)
      else leases.put({ ...due, state: 'expired' })
    const next = leases.allocate(subnet)!
    expect(leases.recordAt(next)!.state).toBe('expired')
    leases.put(lease(next, 5000, 'bound', 9000))
    expect(leases.size.records).toBe(100)
    expect(leases.size.clients).toBeLessThanOrEqual(100)
  })

  test('a client that names addresses far away leaves nothing but its leases', () => {
    const leases = table({ leases: 50, offers: 10 })
    for (let index = 0; index < 500; index++) {
      const address = ipv6Text(ipv6Number('fd00::1:0') + BigInt(index) * 0x1_0000_0000n)
      leases.put(lease(address, index, 'offered', 1000))
      leases.dropOffer(address)
    }
    expect(leases.size).toEqual({ records: 0, offers: 0, clients: 0, vacant: 0 })
    expect(leases.allocate(subnet)).toBe('fd00::1:0')
  })

  test('of the server, with thousands of clients that never come back', () => {
    const bench = new Bench6({ ipv6: { subnets: [{ subnet: 'fd00:77::/64', pools: [{ start: 'fd00:77::1:0', end: 'fd00:77::ffff:ffff' }] }] } }) // prettier-ignore
    for (let index = 0; index < 20_000; index++) {
      bench.hear(message('solicit', { duid: concatBytes([bytes(0, 4), bytesOfU32(index), new Uint8Array(12)]) }))
      bench.events.length = 0
    }
    expect(bench.server.size.offers).toBe(16_384)
    expect(bench.server.size.records).toBe(0)
    bench.now += 31_000
    bench.timeout()
    expect(bench.server.size).toMatchObject({ offers: 0, records: 0, clients: 0 })
  })
})

test('a message within a message counts for what is inside alone: a relay cannot speak for the server', () => {
  const bench = new Bench6(lab)
  const inner = message('solicit', { duid: duidUuid('6c616221-0000-4000-8000-525400770003') })
  const [told] = bench.hear(relayed(inner, 'fd00:77::2', 'fe80::5', [option6(59, bytes(65)), option6(16, bytesOfU16(1))])) // prettier-ignore
  const { message: outer } = decodeDhcp6(told!.answer.payload)
  expect(outer.options.map(({ code }) => code)).toEqual([9])
  expect(findDhcp6Option(outer, 9)!.message!.type).toBe(2)
})
