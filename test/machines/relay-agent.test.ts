/** The way back through a relay agent (RFC 1542 section 4.1.2, RFC 3046 section 2.1). */
import { expect, test } from 'vitest'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import {
  blankMessage,
  broadcastFlag,
  decodeDhcp,
  encodeDhcp,
  ops,
  type DhcpMessage,
} from '#shared/wire/dhcp/message.ts'
import { RelayAgent } from '#shared/machines/relay-agent.ts'

const ip = (text: string): number => parseIpv4(text)!
const hardware = Uint8Array.of(0x52, 0x54, 0, 0xaa, 0, 1)
const chaddr = new Uint8Array(16)
chaddr.set(hardware)

function relayed(message: Partial<DhcpMessage>) {
  const relay = new RelayAgent({
    interfaces: [
      { name: 'lan', address: ip('192.168.77.1'), prefixLength: 24, mtu: 1500 },
      { name: 'servers', address: ip('10.0.9.1'), prefixLength: 24, mtu: 1500 },
    ],
    helpers: new Map([['lan', [ip('10.0.9.10')]]]),
    maximumHops: 4,
    circuitId: undefined,
  })
  const { op = ops.reply } = message
  relay.handle({
    kind: 'datagram',
    interface: op === ops.reply ? 'servers' : 'lan',
    source: { address: ip('10.0.9.10'), port: 67 },
    destinationPort: 67,
    payload: encodeDhcp({ ...blankMessage, op, chaddr, options: [{ code: 53, data: Uint8Array.of(2) }], ...message }),
  })
  return relay.pollTransmit()
}

const reply = { giaddr: ip('192.168.77.1'), yiaddr: ip('192.168.77.100') }

test('a client that asked for broadcast is answered by broadcast', () => {
  const sent = relayed({ ...reply, flags: broadcastFlag })!
  expect(sent).toMatchObject({ interface: 'lan', destination: { address: 0xffffffff, port: 68 } })
  expect(sent.hardware).toBeUndefined()
})

test('a client that did not is answered at its new address, by its hardware address', () => {
  const sent = relayed({ ...reply, flags: 0 })!
  expect(sent).toMatchObject({ interface: 'lan', destination: { address: reply.yiaddr, port: 68 } })
  expect(sent.hardware).toEqual(hardware)
})

test('an answer without an address can only be broadcast', () => {
  expect(relayed({ ...reply, yiaddr: 0, flags: 0 })).toMatchObject({ destination: { address: 0xffffffff, port: 68 } })
})

test('an answer to another relay is left alone', () => {
  expect(relayed({ ...reply, giaddr: ip('192.168.78.1') })).toBeUndefined()
})

test('clients of an interface without a server are not relayed', () => {
  const relay = new RelayAgent({
    interfaces: [{ name: 'lan', address: ip('192.168.77.1'), prefixLength: 24, mtu: 1500 }],
    helpers: new Map(),
    maximumHops: 4,
    circuitId: undefined,
  })
  const payload = encodeDhcp({ ...blankMessage, chaddr, options: [{ code: 53, data: Uint8Array.of(1) }] })
  const source = { address: 0, port: 68 }
  relay.handle({ kind: 'datagram', interface: 'lan', source, destinationPort: 67, payload })
  expect([relay.pollTransmit(), relay.pollEvent()]).toEqual([undefined, undefined])
})

test('a message that has passed as many relays as it may goes no further', () => {
  const request = { op: ops.request, options: [{ code: 53, data: Uint8Array.of(1) }] }
  expect(relayed({ ...request, hops: 4 })).toBeUndefined()
  const sent = relayed({ ...request, hops: 3 })!
  expect(sent).toMatchObject({ interface: 'servers', destination: { address: ip('10.0.9.10'), port: 67 } })
  expect(decodeDhcp(sent.payload).message).toMatchObject({ hops: 4, giaddr: ip('192.168.77.1') })
})
