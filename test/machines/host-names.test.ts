/** The host names of the lab file, as machines are told them: option 12, and option 39 of DHCPv6. */
import { expect, test } from 'vitest'
import { decodeText } from '#shared/wire/bytes.ts'
import { decodeDhcp, findOptionData } from '#shared/wire/dhcp/message.ts'
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { dhcpConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { DhcpServer } from '#shared/machines/dhcp-server/server.ts'
import { arriving, ip, request, type ClientRequest } from '../helpers/dhcp.ts'
import { Bench6, clientMac, pxe6 } from '../helpers/dhcpv6.ts'
import { bytes, option6 } from '../helpers/ipv6.ts'

const mac = '52:54:00:00:00:01'

/** Option 12 of the offer; undefined where it has none. */
function told(lab: Partial<LabInput>, asked: Partial<ClientRequest> = {}, known?: Parameters<typeof dhcpConfigurationOf>[2]): string | undefined {
  const served = { name: 'fS', address: ip('10.66.0.1'), prefixLength: 24, mtu: 1500 }
  const dhcp = { subnets: [{ subnet: '10.66.0.0/24', pools: [{ start: '10.66.0.100', end: '10.66.0.199' }] }] }
  const server = new DhcpServer(dhcpConfigurationOf(labSchema.parse({ interface: 'fS', mode: 'dhcp', dhcp, ...lab }), [served], known))
  server.handle({ ...arriving(request({ type: 'discover', mac, options: [{ code: 55, data: bytes(1, 12) }], ...asked })), interface: 'fS' }, 0)
  const data = findOptionData(decodeDhcp(server.pollTransmit()!.payload).message, 12)
  return data && decodeText(data)
} // prettier-ignore

test('a machine that asks for option 12 is told what machines calls it', () => {
  const machines = [{ architecture: 'bios' }, { mac, hostname: 'node1' }, { mac, hostname: 'second' }]
  expect(told({ machines })).toBe('node1')
  expect(told({ machines }, { options: [{ code: 55, data: bytes(1, 3) }] })).toBeUndefined()
  // A client without option 55 is told what there is.
  expect(told({ machines }, { options: [] })).toBe('node1')
  expect(told({ machines }, { mac: '52:54:00:00:00:02' })).toBeUndefined()
  expect(told({ machines: [{ mac, hostname: 'node1.example.com' }] })).toBe('node1.example.com')
  // What it calls itself is not told back to it.
  expect(told({}, { options: [{ code: 12, data: new TextEncoder().encode('own') }] })).toBeUndefined()
})

test('by its serial number, once it has told it', () => {
  const machines = [{ serial: 'PF1A2B3C', hostname: 'laptop7' }]
  expect(told({ machines })).toBeUndefined()
  expect(told({ machines }, {}, { told: () => ({ serial: 'PF1A2B3C' }), nextBoot: () => undefined })).toBe('laptop7')
})

test('machines comes before a reservation, and option 12 of a reservation before both', () => {
  const reserved = (more: object): LabInput['dhcp'] => ({
    options: { 12: 'everybody' },
    subnets: [{ subnet: '10.66.0.0/24', pools: [], reservations: [{ mac, address: '10.66.0.50', ...more }] }],
  })
  const machines = [{ mac, hostname: 'node1' }]
  expect(told({ dhcp: reserved({}) })).toBe('everybody')
  const elsewhere = {
    subnet: '10.67.0.0/24',
    pools: [],
    reservations: [{ mac, address: '10.67.0.50', hostname: 'there' }],
  }
  const here = { subnet: '10.66.0.0/24', pools: [{ start: '10.66.0.100', end: '10.66.0.199' }] }
  expect(told({ dhcp: { subnets: [here, elsewhere] } })).toBeUndefined()
  expect(told({ dhcp: reserved({ hostname: 'rack1' }) })).toBe('rack1')
  expect(told({ machines, dhcp: reserved({ hostname: 'rack1' }) })).toBe('node1')
  expect(told({ machines, dhcp: reserved({ options: { 12: 'as-written' } }) })).toBe('as-written')
})

test('over DHCPv6 in option 39, to a client that sends it and requests it (RFC 4704 section 6)', () => {
  const named = (hostname: string): Bench6 => new Bench6({ machines: [{ mac: clientMac, hostname }] })
  const own = (flags: number) => option6(39, bytes(flags, 3), bytes(...new TextEncoder().encode('own')))
  const ask = (bench: Bench6, wants: number[], options = [own(1)]) =>
    bench.ask('solicit', { ...pxe6, wants: [59, ...wants], options })!.option(39)
  // A client that wants the server to update DNS is told that the server does not: flags N and O.
  expect([...ask(named('node1'), [39])!]).toEqual([0x06, 5, ...new TextEncoder().encode('node1')])
  expect([...ask(named('node1'), [39], [own(0)])!][0]).toBe(0x04)
  expect([...ask(named('a.bc'), [39])!]).toEqual([0x06, 1, 97, 2, 98, 99, 0])
  expect(ask(named('node1'), [])).toBeUndefined()
  expect(ask(named('node1'), [39], [])).toBeUndefined()
  expect(ask(new Bench6(), [39])).toBeUndefined()
})
