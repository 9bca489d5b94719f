/** Router advertisements: when they are sent, to whom, and what they say (RFC 4861, RFC 4862, RFC 8106). */
import { describe, expect, test } from 'vitest'
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { routerAdvertiserConfigurationOf } from '#shared/lab/machine-configuration6.ts'
import type { OutgoingIcmp6 } from '#shared/machines/machine.ts'
import { RouterAdvertiser, type RouterAdvertiserEvent } from '#shared/machines/router-advertiser.ts'
import { formatHex, formatIpv6, u32At } from '#shared/wire/bytes.ts'
import { readRouterAdvertisement } from '#shared/wire/icmpv6.ts'
import { served6 } from '../helpers/dhcpv6.ts'
import { bytes, join } from '../helpers/ipv6.ts'

class Bench {
  readonly router: RouterAdvertiser
  now = 1_000_000
  constructor(ipv6: LabInput['ipv6'] = {}, lab: Partial<LabInput> = {}) {
    const whole = labSchema.parse({ interface: 'eth0', mode: 'dhcp', ...lab, ipv6: { enabled: true, routerAdvertisements: {}, ...ipv6 } }) // prettier-ignore
    this.router = new RouterAdvertiser(routerAdvertiserConfigurationOf(whole, [served6])!)
  }
  sent(): OutgoingIcmp6[] {
    const all: OutgoingIcmp6[] = []
    for (let one = this.router.pollTransmit(); one; one = this.router.pollTransmit()) all.push(one)
    return all
  }
  events(): RouterAdvertiserEvent[] {
    const all: RouterAdvertiserEvent[] = []
    for (let one = this.router.pollEvent(); one; one = this.router.pollEvent()) all.push(one)
    return all
  }
  tick(): OutgoingIcmp6[] {
    this.router.handle({ kind: 'timeout' }, this.now)
    return this.sent()
  }
  hear(source: string, payload: Uint8Array, hopLimit: number | undefined = 255): OutgoingIcmp6[] {
    this.router.handle({ kind: 'icmp6', interface: 'eth0', source, hopLimit, payload }, this.now)
    return this.sent()
  }
  /** Goes to the next time that it asked for. */
  next(): OutgoingIcmp6[] {
    this.now = this.router.pollTimeout()!
    return this.tick()
  }
}

const solicitation = (...options: Uint8Array[]): Uint8Array => join(bytes(133, 0, 0, 0, 0, 0, 0, 0), ...options)
const sourceAddress = bytes(1, 1, 0x52, 0x54, 0, 0, 0, 1)

test('what it says, octet by octet', () => {
  const [told] = new Bench({ subnets: [{ subnet: 'fd00:77::/64', dns: ['fd00:77::1'] }] }).tick()
  expect(told).toMatchObject({ sourceAddress: served6.linkLocal, destination: 'ff02::1', hopLimit: 255 })
  const { payload } = told!
  expect([payload[0], payload[1]]).toEqual([134, 0])
  expect(formatHex(payload.subarray(4))).toBe(
    // Hop limit 64, M and O, no default router, reachable time and timer not said.
    '40c00000' + '0000000000000000' +
    '0101020000007701' +
    '05010000000005dc' +
    // On this link, no addresses of one's own making; two hours, one hour.
    '03044080' + '00001c20' + '00000e10' + '00000000' + 'fd000077000000000000000000000000' +
    '19030000' + '00000708' + 'fd000077000000000000000000000001',
  ) // prettier-ignore
})

test.each<[LabInput['ipv6'], Partial<LabInput>, { isManaged: boolean; hasOther: boolean; isAutonomous: boolean }]>([
  [{}, {}, { isManaged: true, hasOther: true, isAutonomous: false }],
  [{ mode: 'stateless' }, {}, { isManaged: false, hasOther: true, isAutonomous: true }],
  [{ routerAdvertisements: { autonomous: true } }, {}, { isManaged: true, hasOther: true, isAutonomous: true }],
  [{}, { mode: 'proxy-dhcp' }, { isManaged: true, hasOther: true, isAutonomous: false }],
])('flags of %j %j', (ipv6, lab, { isManaged, hasOther, isAutonomous }) => {
  const { payload } = new Bench(ipv6, lab).tick()[0]!
  expect(readRouterAdvertisement(payload, 0, payload.length)).toEqual({ isManaged, hasOther, lifetimeSeconds: 0, prefixes: [{ text: 'fd00:77::/64', isAutonomous }] }) // prettier-ignore
})

test('a prefix that is not of 64 bits makes no addresses; a listening lab advertises nothing', () => {
  const lab = labSchema.parse({ interface: 'eth0', mode: 'dhcp', ipv6: { enabled: true, mode: 'stateless', routerAdvertisements: {} } }) // prettier-ignore
  const of = (prefixLength: number) => routerAdvertiserConfigurationOf(lab, [{ ...served6, addresses: [{ address: 'fd00:77::1', prefixLength }] }])! // prettier-ignore
  expect(of(80).interfaces[0]!.prefixes[0]!.isAutonomous).toBe(false)
  expect(of(64).interfaces[0]!.prefixes[0]!.isAutonomous).toBe(true)
  expect(routerAdvertiserConfigurationOf({ ...lab, mode: 'listen' }, [served6])).toBeUndefined()
  expect(routerAdvertiserConfigurationOf({ ...lab, ipv6: { ...lab.ipv6, routerAdvertisements: null } }, [served6])).toBeUndefined() // prettier-ignore
  expect(routerAdvertiserConfigurationOf(lab, [{ ...served6, linkLocal: undefined }])!.interfaces).toEqual([])
})

test('everyone is told at once, three times within 16 s each, then at most the interval apart', () => {
  const bench = new Bench()
  expect(bench.tick()).toHaveLength(1)
  const gaps: number[] = []
  for (let count = 0; count < 12; count++) {
    const before = bench.now
    expect(bench.next().map((one) => one.destination)).toEqual(['ff02::1'])
    gaps.push(bench.now - before)
  }
  expect(Math.max(...gaps.slice(0, 2))).toBeLessThanOrEqual(16_000)
  for (const gap of gaps.slice(2)) {
    expect(gap).toBeLessThanOrEqual(600_000)
    expect(gap).toBeGreaterThan(200_000)
  }
  expect(new Set(gaps.slice(2)).size).toBeGreaterThan(2)
})

test('whoever asks is told, alone where it has an address; groups at most every 3 s', () => {
  const bench = new Bench()
  bench.tick()
  expect(bench.hear('fe80::5', solicitation(sourceAddress))).toEqual([])
  expect(bench.next().map((one) => one.destination)).toEqual(['fe80::5'])
  const last = 1_000_000
  for (let count = 0; count < 50; count++) bench.hear('::', solicitation())
  expect(bench.next().map((one) => one.destination)).toEqual(['ff02::1'])
  expect(bench.now - last).toBeGreaterThanOrEqual(3000)
  expect(bench.router.pollTimeout()! - bench.now).toBeGreaterThanOrEqual(3000)
})

test.each<[string, string, Uint8Array, number]>([
  ['came through a router', 'fe80::5', solicitation(), 254],
  ['is too short', 'fe80::5', solicitation().subarray(0, 7), 255],
  ['has a code', 'fe80::5', join(bytes(133, 1), solicitation().subarray(2)), 255],
  ['has an option without a length', 'fe80::5', solicitation(bytes(1, 0, 0, 0, 0, 0, 0, 0)), 255],
  ['has an option that is cut off', 'fe80::5', solicitation(bytes(1, 2, 0, 0, 0, 0, 0, 0)), 255],
  ['tells a hardware address without one of IPv6', '::', solicitation(sourceAddress), 255],
  ['is our own', served6.linkLocal!, solicitation(), 255],
])('a solicitation that %s is dropped (RFC 4861 section 6.1.1)', (_, source, payload, hopLimit) => {
  const bench = new Bench()
  bench.tick()
  const before = bench.router.pollTimeout()
  bench.hear(source, payload, hopLimit)
  expect(bench.router.pollTimeout()).toBe(before)
})

describe('another router', () => {
  const advertisement = (lifetime: number): Uint8Array => join(bytes(134, 0, 0, 0, 64, 0x40, 0, lifetime), new Uint8Array(8)) // prettier-ignore

  test('is told once, and again when it says something else', () => {
    const bench = new Bench()
    bench.tick()
    bench.events()
    for (let count = 0; count < 3; count++) bench.hear('fe80::9', advertisement(30))
    expect(bench.events()).toMatchObject([{ type: 'other-router', address: 'fe80::9', advertisement: { lifetimeSeconds: 30, hasOther: true } }]) // prettier-ignore
    bench.hear('fe80::9', advertisement(31))
    expect(bench.events()).toHaveLength(1)
    // Ourselves, no neighbour, nonsense.
    bench.hear(served6.linkLocal!, advertisement(30))
    bench.hear('fd00::9', advertisement(30))
    bench.hear('fe80::a', advertisement(30).subarray(0, 12))
    bench.hear('fe80::b', advertisement(30), 64)
    expect(bench.events()).toEqual([])
  })

  test('of which there are thousands fills no memory', () => {
    const bench = new Bench()
    for (let index = 0; index < 5000; index++) {
      bench.hear(`fe80::${index.toString(16)}`, advertisement(1))
      bench.hear(`fe80::${index.toString(16)}`, solicitation())
      bench.events()
    }
    expect(bench.next().length).toBeLessThanOrEqual(65)
  })
})

test('who was a default router says goodbye; who was none has nothing to take back', () => {
  const bench = new Bench({ routerAdvertisements: { routerLifetimeSeconds: 1800 } })
  const lifetimeOf = ({ payload }: OutgoingIcmp6): number => readRouterAdvertisement(payload, 0, payload.length)!.lifetimeSeconds // prettier-ignore
  expect(bench.tick().map(lifetimeOf)).toEqual([1800])
  bench.router.cease()
  expect(bench.sent().map(lifetimeOf)).toEqual([0])
  expect(bench.router.pollTimeout()).toBeUndefined()
  bench.now += 1_000_000
  expect(bench.tick()).toEqual([])
  const plain = new Bench()
  plain.tick()
  plain.router.cease()
  expect(plain.sent()).toEqual([])
})

describe('a prefix that the interface has no more', () => {
  const configured = (...networks: string[]) =>
    routerAdvertiserConfigurationOf(
      labSchema.parse({ interface: 'eth0', mode: 'dhcp', ipv6: { enabled: true, routerAdvertisements: {} } }),
      [{ ...served6, addresses: networks.map((network) => ({ address: `${network}::1`, prefixLength: 64 })) }],
    )!
  /** Network, valid and preferred lifetime of each prefix that is told. */
  const toldBy = (router: RouterAdvertiser, now: number): string[] => {
    router.handle({ kind: 'timeout' }, now)
    const { payload } = router.pollTransmit()!
    const told: string[] = []
    for (let at = 16; at < payload.length; at += payload[at + 1]! * 8)
      if (payload[at] === 3)
        told.push([formatIpv6(payload, at + 16), u32At(payload, at + 4), u32At(payload, at + 8)].join(' '))
    return told
  }
  const after = (before: RouterAdvertiser, now: number, ...networks: string[]): RouterAdvertiser => {
    const router = new RouterAdvertiser(configured(...networks))
    router.takeOver(before, now)
    return router
  }

  test('is told to be over for as long as machines may believe in it, beside the one that it has now', () => {
    const first = new RouterAdvertiser(configured('fd00:77'))
    expect(toldBy(first, 0)).toEqual(['fd00:77:: 7200 3600'])
    const second = after(first, 10_000, 'fd00:78')
    expect(toldBy(second, 10_000)).toEqual(['fd00:78:: 7200 3600', 'fd00:77:: 0 0'])
    const third = after(second, 20_000, 'fd00:79')
    expect(toldBy(third, 20_000).toSorted()).toEqual(['fd00:77:: 0 0', 'fd00:78:: 0 0', 'fd00:79:: 7200 3600'])
    expect(toldBy(after(third, 7_215_000, 'fd00:79'), 7_215_000)).toEqual(['fd00:79:: 7200 3600', 'fd00:78:: 0 0'])
    expect(toldBy(third, 7_230_000)).toEqual(['fd00:79:: 7200 3600'])
  })

  test('that comes back is told as it was; what was never told is not taken back', () => {
    const first = new RouterAdvertiser(configured('fd00:77'))
    toldBy(first, 0)
    const without = after(first, 1000)
    expect(toldBy(without, 1000)).toEqual(['fd00:77:: 0 0'])
    expect(toldBy(after(without, 2000, 'fd00:77'), 2000)).toEqual(['fd00:77:: 7200 3600'])
    expect(toldBy(after(new RouterAdvertiser(configured('fd00:77')), 1000), 1000)).toEqual([])
  })
})

describe('storms', () => {
  test('however many hosts ask, few are answered alone, and everyone is told as often as may be', () => {
    const bench = new Bench()
    bench.tick()
    const begun = bench.now
    const sent: { readonly at: number; readonly to: string }[] = []
    const keep = (all: readonly OutgoingIcmp6[]): void => void sent.push(...all.map(({ destination }) => ({ at: bench.now, to: destination }))) // prettier-ignore
    // A made-up host every millisecond.
    for (let at = 0; at < 10_000; at++) {
      bench.now = begun + at
      keep(bench.hear(`fe80::${(at + 1).toString(16)}`, solicitation(sourceAddress)))
      if (at % 100 === 99) keep(bench.tick())
    }
    const toEveryone = sent.filter(({ to }) => to === 'ff02::1')
    expect(toEveryone.map(({ at }) => Math.floor((at - begun) / 3000))).toEqual([1, 2, 3])
    expect(sent.length - toEveryone.length).toBeLessThanOrEqual(4 * 16)
    // The first of those who asked are answered alone, as ever.
    expect(sent[0]).toMatchObject({ to: 'fe80::1' })
    // When it is over, a host is answered alone again.
    bench.now += 4000
    bench.hear('fe80::abcd:1', solicitation(sourceAddress))
    bench.now += 100
    expect(bench.tick().map(({ destination }) => destination)).toContain('fe80::abcd:1')
  })

  test('made-up routers fill no log, and a real one is told of when it says so again', () => {
    const bench = new Bench()
    const advertisement = (lifetime: number): Uint8Array => join(bytes(134, 0, 0, 0, 64, 0x40, 0, lifetime), new Uint8Array(8)) // prettier-ignore
    const told = (): string[] =>
      bench.events().flatMap((event) => (event.type === 'other-router' ? [event.address] : []))
    for (let at = 0; at < 5000; at++) bench.hear(`fe80::${(at + 1).toString(16)}`, advertisement(at & 255))
    expect(told()).toHaveLength(16)
    bench.hear('fe80::f:1', advertisement(30))
    expect(told()).toEqual([])
    bench.now += 61_000
    bench.hear('fe80::f:1', advertisement(30))
    expect(told()).toEqual(['fe80::f:1'])
    bench.hear('fe80::f:1', advertisement(30))
    expect(told()).toEqual([])
    // One that changes what it says with every message is told of no more often.
    for (let at = 0; at < 1000; at++) bench.hear('fe80::f:1', advertisement(at & 1))
    expect(told().length).toBeLessThan(16)
  })
})
