/** What a person freed can be given back by the server that takes the place of the one that freed it, over either family. */
import { expect, test } from 'vitest'
import { labSchema } from '#shared/lab/lab.ts'
import { dhcpConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { dhcp6ConfigurationOf } from '#shared/lab/machine-configuration6.ts'
import { isHeld } from '#shared/machines/dhcp-server/leases.ts'
import { DhcpServer } from '#shared/machines/dhcp-server/server.ts'
import { Dhcp6Server } from '#shared/machines/dhcpv6-server/server.ts'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import { served6 } from '../helpers/dhcpv6.ts'

const ip = (text: string): number => parseIpv4(text)!
const lab = labSchema.parse({
  interface: 'eth0',
  mode: 'dhcp',
  dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }] }] },
  ipv6: { enabled: true },
})
const served = { name: 'eth0', address: ip('192.168.77.1'), prefixLength: 24, mtu: 1500 }
const [now, until] = [1_700_000_000_000, 1_700_000_600_000]
const about = { mac: '52:54:00:00:00:01', uuid: undefined, hostname: undefined, architecture: 7, since: now, until } as const // prettier-ignore
const lease4 = { ...about, key: about.mac, address: ip('192.168.77.100'), state: 'bound' } as const
const lease6 = { ...about, duid: '00030001525400000001', iaid: 1, address: 'fd00:77::1:0', state: 'bound' } as const

test('over IPv4, and only once', () => {
  const configuration = dhcpConfigurationOf(lab, [served])
  const before = new DhcpServer(configuration, [lease4])
  expect(before.forget(lease4.address, now + 1)).toBe(true)
  expect(before.leases().some(({ state }) => isHeld(state))).toBe(false)
  const after = new DhcpServer(configuration, before.leases(), before.freed)
  expect(after.restore(lease4.address, now + 2)).toBe('restored')
  expect(after.leases()).toEqual([lease4])
  expect(after.restore(lease4.address, now + 3)).toBe('unknown')
  expect(new DhcpServer(configuration, before.leases()).restore(lease4.address, now + 2)).toBe('unknown')
})

test('over IPv6, and only once', () => {
  const configuration = dhcp6ConfigurationOf(lab, [served6])!
  const before = new Dhcp6Server(configuration, [lease6])
  expect(before.forget(lease6.address, now + 1)).toBe(true)
  expect(before.leases().some(({ state }) => isHeld(state))).toBe(false)
  const after = new Dhcp6Server(configuration, before.leases(), before.freed)
  expect(after.restore(lease6.address, now + 2)).toBe('restored')
  expect(after.leases()).toEqual([lease6])
  expect(after.restore(lease6.address, now + 3)).toBe('unknown')
  expect(new Dhcp6Server(configuration, before.leases()).restore(lease6.address, now + 2)).toBe('unknown')
})

test('what an open offer lies over is handed on with it, and is there when the offer lapses', () => {
  const over = { mac: '52:54:00:00:00:02', since: now, until: now + 5000, state: 'offered' } as const
  const configuration = dhcpConfigurationOf(lab, [served])
  const gone4 = { ...lease4, state: 'released' } as const
  const after = new DhcpServer(
    configuration,
    new DhcpServer(configuration, [gone4, { ...lease4, ...over, key: over.mac }]).handedOver(),
  )
  expect(after.leases().map(({ mac, state }) => [mac, state])).toEqual([[over.mac, 'offered']])
  after.handle({ kind: 'timeout' }, now + 6000)
  expect(after.leases()).toEqual([gone4])

  const configuration6 = dhcp6ConfigurationOf(lab, [served6])!
  const gone6 = { ...lease6, state: 'released' } as const
  const after6 = new Dhcp6Server(
    configuration6,
    new Dhcp6Server(configuration6, [gone6, { ...lease6, ...over, duid: '00030001525400000002' }]).handedOver(),
  )
  expect(after6.leases().map(({ mac, state }) => [mac, state])).toEqual([[over.mac, 'offered']])
  after6.handle({ kind: 'timeout' }, now + 6000)
  expect(after6.leases()).toEqual([gone6])
})
