/** What is shown of IPv6 that our own sockets saw: frames with the headers they travelled with, and one machine for both families. */
import { expect, test } from 'vitest'
import { describeEvent, type LabEvent, type UntimedEvent } from '#shared/contract/events.ts'
import { formatHex, parseIpv4 } from '#shared/wire/bytes.ts'
import { Session } from '#shared/trace/session.ts'
import { ClientBook } from '../../src/main/backend/client-book.ts'
import { LiveFrames } from '../../src/main/observe/live-frames.ts'
import type { NetworkInterface } from '../../src/main/responder/interfaces.ts'
import type { ObservedDatagram } from '../../src/main/responder/observed.ts'
import { Bench6, clientMac, message, pxe6 } from '../helpers/dhcpv6.ts'
import { bytes, icmp6, linkLocal, udp6 } from '../helpers/ipv6.ts'
import { framesIn } from '../helpers/fixtures.ts'

const ownMac = '02:00:00:00:00:01'
const own = linkLocal(ownMac)
const served: NetworkInterface = {
  name: 'eth0', address: parseIpv4('10.0.0.1')!, prefixLength: 24, mtu: 1500, mac: ownMac, isLoopback: false, hasLink: true,
  ipv6: [{ address: 'fd00:77::1', prefixLength: 64 }, { address: own, prefixLength: 64 }], index: 2,
} // prettier-ignore
const client = { address: linkLocal(clientMac), port: 546 }
const payload = message('solicit', pxe6)
const datagram = (more: Partial<ObservedDatagram>): ObservedDatagram => ({
  direction: 'in', interface: served, time: 1000, localPort: 547, remote: client, payload, ...more,
}) // prettier-ignore
function shown(one: ObservedDatagram, dhcp6 = 547): string {
  const frames = new LiveFrames((address) => (address === 'fd00:77::9' ? clientMac : undefined))
  frames.setPorts({ dhcp: 67, tftp: 69, bootServer: 4011, dhcp6 })
  frames.addObserved(one)
  return formatHex(framesIn(frames.read(0, 1e6).pcapng)[0]!.bytes)
}
const group = { destination: 'ff02::1:2', destinationMac: '33:33:00:01:00:02' }

test.each([
  ['a client asks everyone', datagram({}), udp6({ source: client.address, sourceMac: clientMac, ...group }, 546, 547, payload)],
  ['and is answered', datagram({ direction: 'out' }), udp6({ source: own, sourceMac: ownMac, destination: client.address, destinationMac: clientMac }, 547, 546, payload)],
  ['a relay agent is answered where it is', datagram({ direction: 'out', remote: { address: 'fd00:77::9', port: 547 } }), udp6({ source: 'fd00:77::1', sourceMac: ownMac, destination: 'fd00:77::9', destinationMac: clientMac }, 547, 547, payload)],
  ['a file is asked for', datagram({ local: 'fd00:77::1', localPort: 69, remote: { address: 'fd00:77::9', port: 2000 }, payload: bytes(0, 1, 97, 0) }), udp6({ source: 'fd00:77::9', sourceMac: clientMac, destination: 'fd00:77::1', destinationMac: ownMac }, 2000, 69, bytes(0, 1, 97, 0))],
] as const)('frames: %s', (_, seen, frame) => {
  expect(shown(seen)).toBe(formatHex(frame))
}) // prettier-ignore

test('frames: ports that a lab moves are shown where everybody looks for them', () => {
  const moved = datagram({ localPort: 5470, remote: { ...client, port: 5460 } })
  expect(shown(moved, 5470)).toBe(formatHex(udp6({ source: client.address, sourceMac: clientMac, ...group }, 546, 547, payload))) // prettier-ignore
})

test('frames: neighbour discovery has its hop limit, and asks the routers', () => {
  const asked = datagram({ isIcmp6: true, payload: bytes(133, 0, 0, 0, 0, 0, 0, 0), remote: { ...client, port: 0 } })
  const drawn = icmp6({ source: client.address, sourceMac: clientMac, destination: 'ff02::2', destinationMac: '33:33:00:00:00:02' }, 133, 0, bytes(0, 0, 0, 0)) // prettier-ignore
  drawn[21] = 255
  expect(shown(asked)).toBe(formatHex(drawn))
})

test('one machine that asks over both families is one machine, and its files are its own', () => {
  const book = new ClientBook()
  const bench = new Bench6({ boot: { programs: [{ file: 'a.efi' }] } })
  const address6 = bench.lease(pxe6)!
  const events6 = bench.takeEvents().map((event, at) => ({ ...(event as object), time: 100 + at }) as LabEvent)
  const given = events6.find((one) => one.type === 'dhcp-acknowledged') as object // prettier-ignore
  const events4 = (['dhcp-offered', 'dhcp-acknowledged'] as const).map((type, at) => ({ ...given, type, address: '10.0.0.9', time: 1 + at }) as LabEvent) // prettier-ignore
  for (const event of [...events4, ...events6]) book.hear(event)
  const transfer = { id: '1', client: address6, file: 'a.efi', kind: 'read', size: 1, blockSize: 1, windowSize: 1, bytes: 1, retransmissions: 0 } as const // prettier-ignore
  book.hear({ type: 'transfer-started', transfer, time: 200 })
  expect(book.all().map(({ mac, address }) => [mac, address])).toEqual([[clientMac, address6]])
  expect([book.macOf('10.0.0.9'), book.macOf(address6)]).toEqual([clientMac, clientMac])
  expect(book.all()[0]!.boots[0]!.files.map(({ file }) => file)).toEqual(['a.efi'])

  // The frames tell the same: the machine by its hardware address.
  const frames = new LiveFrames(() => undefined)
  frames.addObserved(datagram({}))
  const session = new Session(1 << 20)
  session.push(frames.read(0, 1e6).pcapng)
  expect(session.trace.attempts.map(({ machine }) => machine.name)).toEqual([clientMac])
})

test('the log says of IPv6 what it says of IPv4, with addresses in brackets before a port', () => {
  const text = (event: UntimedEvent): string => describeEvent(event).text
  const port = { service: 'dhcp6', interface: 'eth0', address: own, port: 547 } as const
  expect(text({ type: 'ready', mode: 'dhcp', ports: [port] })).toBe(`ready in mode dhcp: dhcp6 [${own}]:547`)
  const about = { mac: clientMac } as Extract<UntimedEvent, { type: 'answer-not-sent' }>['client']
  expect(text({ type: 'answer-not-sent', client: about, answer: 'dhcp-offered', to: '[fe80::9]:546', reason: 'ENETUNREACH' })).toContain('the ADVERTISE for') // prettier-ignore
  expect(text({ type: 'dhcp-confirmed', client: about, address: own })).toBe(`${clientMac} asked whether ${own} belongs to this network (CONFIRM): it does`) // prettier-ignore
  const advertisement = { isManaged: true, hasOther: true, lifetimeSeconds: 0, prefixes: [{ text: 'fd00::/64', isAutonomous: false }] } // prettier-ignore
  expect(text({ type: 'other-router', interface: 'eth0', address: 'fe80::1', advertisement })).toBe('router fe80::1 advertises on eth0: addresses by DHCPv6 (M) and the rest by DHCPv6 (O); fd00::/64; it is no default router') // prettier-ignore
})
