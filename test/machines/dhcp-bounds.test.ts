import { describe, expect, test } from 'vitest'
import { formatIpv4, parseIpv4Network } from '#shared/wire/bytes.ts'
import { dhcpConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { labSchema } from '#shared/lab/lab.ts'
import type { SubnetConfiguration } from '#shared/machines/dhcp-server/configuration.ts'
import { LeaseTable, mostLeases, mostOffers, type Lease, type Lessee } from '#shared/machines/dhcp-server/leases.ts'
import { DhcpServer, type DhcpAnswer, type LeaseChange } from '#shared/machines/dhcp-server/server.ts'
import { arriving, ip, request } from '../helpers/dhcp.ts'

const network = parseIpv4Network('10.0.0.0/8')!
const subnet: SubnetConfiguration = {
  network,
  pools: [{ start: ip('10.1.0.0'), end: ip('10.200.255.255') }],
  reservations: [],
  options: [],
  leaseSeconds: undefined,
}
const lease = (client: number, address: number, more: Partial<Lease> = {}): Lease => ({
  address,
  key: `1-${client}`,
  mac: `52:54:00:${[client >> 16, (client >> 8) & 255, client & 255].map((one) => one.toString(16).padStart(2, '0')).join(':')}`,
  uuid: undefined,
  hostname: undefined,
  architecture: undefined,
  state: 'bound',
  since: client,
  until: Infinity,
  ...more,
})

const lessee = (client: number): Lessee => ({ ...lease(client, 0), rule: 'client-id' })

describe('the lease table is bounded', () => {
  const table = (limits?: { leases: number; offers: number }): LeaseTable =>
    new LeaseTable([subnet], [], () => subnet, limits)

  test('300,000 clients that come and go leave no more behind than the bound', () => {
    const small = table()
    for (let client = 0; client < 300_000; client++) {
      const address = small.allocate(subnet)!
      small.put(lease(client, address, { state: 'offered', until: client + 30_000 }))
      small.put(lease(client, address))
      small.put(lease(client, address, { state: 'expired' }))
    }
    expect(small.size).toEqual({ records: mostLeases, offers: 0, clients: mostLeases, vacant: 0 })
    expect(small.usage(subnet)).toMatchObject({ leased: 0, offered: 0, declined: 0 })
  })

  test('300,000 DISCOVERs at once leave no more than the bound of offers', () => {
    const small = table()
    for (let client = 0; client < 300_000; client++)
      small.put(lease(client, small.allocate(subnet)!, { state: 'offered', until: 30_000 }))
    expect(small.size).toEqual({ records: 0, offers: mostOffers, clients: mostOffers, vacant: 1 })
    // What was dropped is offered again before anything that was never offered: the bound is all that was ever offered.
    const offered = small.all().map((one) => one.address)
    expect(Math.max(...offered) - ip('10.1.0.0')).toBeLessThanOrEqual(mostOffers)
  })

  test('offers of addresses that clients chose leave nothing behind when they lapse', () => {
    const small = table()
    const [first] = subnet.pools
    for (let client = 0; client < 300_000; client++) {
      // Anywhere in thirteen million.
      const address = first!.start + ((client * 7919) % (first!.end - first!.start))
      small.put(lease(client, address, { state: 'offered', until: 30_000 }))
      small.dropOffer(address)
    }
    expect(small.size).toEqual({ records: 0, offers: 0, clients: 0, vacant: 0 })
  })

  test('an address whose offer lapsed is given out all the same, wherever the next one is', () => {
    const few = { ...subnet, pools: [{ start: ip('10.1.0.1'), end: ip('10.1.0.6') }] }
    const small = new LeaseTable([few], [], () => few)
    const offer = (client: number, address: number): void =>
      small.put(lease(client, address, { state: 'offered', until: 30_000 }))
    offer(1, ip('10.1.0.4'))
    offer(2, small.allocate(few)!)
    offer(3, small.allocate(few)!)
    for (const last of [1, 2, 4]) small.dropOffer(ip('10.1.0.0') + last)
    const given = new Set<string>()
    for (let client = 10; client < 16; client++) {
      const address = small.allocate(few)!
      offer(client, address)
      given.add(formatIpv4(address))
    }
    expect([...given].sort()).toEqual([1, 2, 3, 4, 5, 6].map((last) => `10.1.0.${last}`))
    expect(small.allocate(few)).toBeUndefined()
  })

  test('at the bound the client that has been gone for longest is forgotten; where all are there, nothing is given', () => {
    const small = table({ leases: 3, offers: 3 })
    for (const client of [1, 2, 3]) small.put(lease(client, ip('10.1.0.0') + client))
    expect(small.allocate(subnet)).toBeUndefined()
    expect(small.hasRoomFor(ip('10.1.0.9'))).toBe(false)
    small.put(lease(2, ip('10.1.0.2'), { state: 'released' }))
    expect(formatIpv4(small.allocate(subnet)!)).toBe('10.1.0.2')
    small.put(lease(4, ip('10.1.0.2')))
    expect(small.of(lessee(2), subnet)).toBeUndefined()
    expect(small.size).toMatchObject({ records: 3, clients: 3 })
  })

  test('an offer that lapses leaves what was known of the address before', () => {
    const small = table()
    small.put(lease(1, ip('10.1.0.5'), { state: 'expired' }))
    small.put(lease(2, ip('10.1.0.5'), { state: 'offered', until: 30_000 }))
    expect(small.of(lessee(1), subnet)).toBeUndefined()
    small.dropOffer(ip('10.1.0.5'))
    expect(small.of(lessee(1), subnet)).toMatchObject({ key: '1-1', state: 'expired' })
    expect(small.of(lessee(2), subnet)).toBeUndefined()
    expect(small.nextDue()).toBeUndefined()
  })
})

describe('what cannot be stored', () => {
  const lab = labSchema.parse({
    interface: 'eth0',
    mode: 'dhcp',
    dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.101' }] }] },
  })
  const newServer = (): DhcpServer =>
    new DhcpServer(
      dhcpConfigurationOf(lab, [{ name: 'eth0', address: ip('192.168.77.1'), prefixLength: 24, mtu: 1500 }]),
    )
  const drain = (server: DhcpServer): { changes: LeaseChange[]; answers: DhcpAnswer[] } => {
    const changes: LeaseChange[] = []
    const answers: DhcpAnswer[] = []
    for (let one = server.pollChange(); one; one = server.pollChange()) changes.push(one)
    for (let one = server.pollTransmit(); one; one = server.pollTransmit()) answers.push(one)
    while (server.pollEvent());
    return { changes, answers }
  }
  const asks = (mac: string, requested: string) =>
    arriving(request({ type: 'request', mac, requested, server: '192.168.77.1' }))

  test('is taken back: nobody has it, and the next client may', () => {
    const server = newServer()
    server.handle(asks('52:54:00:00:00:01', '192.168.77.100'), 1000)
    const { changes, answers } = drain(server)
    expect(answers).toMatchObject([{ needsLease: true, event: { type: 'dhcp-acknowledged' } }])
    server.takeBack(changes)
    expect(server.leases()).toEqual([])
    server.handle(asks('52:54:00:00:00:02', '192.168.77.100'), 1001)
    expect(drain(server).answers).toMatchObject([{ event: { type: 'dhcp-acknowledged', address: '192.168.77.100' } }])
  })

  test('leaves the lease that was there before, and the one that was given up for it', () => {
    const server = newServer()
    server.handle(asks('52:54:00:00:00:01', '192.168.77.100'), 1000)
    drain(server)
    const before = server.leases()
    server.handle(asks('52:54:00:00:00:01', '192.168.77.100'), 2000)
    server.takeBack(drain(server).changes)
    expect(server.leases()).toEqual(before)
  })

  test('does not bring back what has run out or was released', () => {
    const server = newServer()
    server.handle(asks('52:54:00:00:00:01', '192.168.77.100'), 1000)
    drain(server)
    server.handle(arriving(request({ type: 'release', mac: '52:54:00:00:00:01', ciaddr: '192.168.77.100' })), 2000)
    server.takeBack(drain(server).changes)
    expect(server.leases()).toMatchObject([{ state: 'released' }])
    expect(server.pollTimeout()).toBeUndefined()
  })

  test('an offer and a NAK need no store', () => {
    const server = newServer()
    server.handle(arriving(request({ type: 'discover' })), 1000)
    server.handle(asks('52:54:00:00:00:09', '10.0.0.1'), 1000)
    expect(drain(server).answers.map((one) => [one.event.type, one.needsLease])).toEqual([
      ['dhcp-offered', false],
      ['dhcp-refused', false],
    ])
  })
})
