/** What ICMP says of a packet of a boot is told as what it is: a closed port, a firewall, a path that is too narrow, no way at all. */
import { expect, test } from 'vitest'
import { explain, wordsOf } from '../helpers/explained.ts'
import { text, Wire } from '../helpers/wire.ts'

/** An ICMP error about a packet, from an address of its own. */
function icmp(wire: Wire, seconds: number, source: readonly number[], type: number, code: number, about: number): void {
  const quoted = wire.session.store.bytesOf(about)
  const frame = new Uint8Array(14 + 20 + 8 + 28)
  frame.set([0x52, 0x54, 0, 0xaa, 0, 1, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 56, 0, seconds & 255, 0, 0, 64, 1, 0, 0, ...source, 10, 0, 0, 50, type, code])
  frame.set(quoted.subarray(14, 42), 42)
  wire.frame(seconds, frame)
} // prettier-ignore

const rrq = (wire: Wire, seconds: number): number =>
  wire.tftp(seconds, { kind: 'rrq', filename: 'boot.0', mode: 'octet', options: [] }, true)

const router = [10, 0, 0, 254]

test.each([
  [3, 3, [10, 0, 0, 1], 'tftp-closed', /10\.0\.0\.1 answered that the port is closed \(ICMP port unreachable\)/],
  [3, 13, router, 'firewall-refuses', /10\.0\.0\.254 answered that a firewall blocks it \(ICMP administratively prohibited\)/],
  [3, 10, [10, 0, 0, 1], 'firewall-refuses', /10\.0\.0\.1 answered that a firewall/],
  [3, 1, router, 'server-unreachable', /10\.0\.0\.254 answered that it cannot be delivered \(ICMP host unreachable\)/],
  [3, 0, router, 'server-unreachable', /ICMP network unreachable/],
  [11, 0, router, 'server-unreachable', /ICMP time exceeded/],
] as const)('type %i code %i to the request for the file', (type, code, source, failure, says) => {
  const wire = new Wire('bios')
  wire.getsAddress(0, [], 'boot.0')
  for (const at of [1, 5, 9]) icmp(wire, at + 0.01, source, type, code, rrq(wire, at))
  wire.silence(40)
  const [told] = explain(wire.session)
  expect(told).toMatchObject({ outcome: 'failed', failure })
  expect(wordsOf(told!)).toMatch(says)
  if (failure !== 'tftp-closed') expect(wordsOf(told!)).not.toMatch(/port is closed/)
}) // prettier-ignore

test.each([
  [3, 'boot-server-closed', /port is closed/],
  [10, 'firewall-refuses', /firewall blocks it/],
  [1, 'server-unreachable', /cannot be delivered/],
] as const)('code %i to the question on port 4011', (code, failure, says) => {
  const wire = new Wire('bios')
  wire.getsAddress(0, [text(60, 'PXEClient')])
  const payload = wire.session.store.bytesOf(3).subarray(42)
  for (const at of [1, 2, 4, 7]) {
    const about = wire.udp(at, { from: '10.0.0.50', to: '10.0.0.1', sourcePort: 68, destinationPort: 4011 }, payload, true)
    icmp(wire, at + 0.01, [10, 0, 0, 1], 3, code, about)
  }
  wire.silence(40)
  const [told] = explain(wire.session)
  expect(told).toMatchObject({ outcome: 'failed', failure })
  expect(wordsOf(told!)).toMatch(says)
}) // prettier-ignore

test('a router that knows no way at first accuses nobody whose file came then', () => {
  const wire = new Wire('bios')
  wire.getsAddress(0, [], 'boot.0')
  icmp(wire, 1.01, router, 3, 1, rrq(wire, 1))
  wire.loads(5, 'boot.0', [new Uint8Array(512), new Uint8Array(100)])
  wire.silence(40)
  expect(explain(wire.session)[0]!.outcome).toBe('loaded')
})

test('a redirect is no error', () => {
  const wire = new Wire('bios')
  wire.getsAddress(0, [], 'boot.0')
  icmp(wire, 1.01, router, 5, 1, rrq(wire, 1))
  wire.tftp(1.02, { kind: 'data', block: 1, data: new Uint8Array(20) }, false)
  wire.tftp(1.03, { kind: 'ack', block: 1 }, true)
  wire.silence(40)
  expect(explain(wire.session)[0]!.outcome).toBe('loaded')
})

test('blocks that the path does not carry are told as that, by the router that says so', () => {
  const wire = new Wire('bios')
  wire.getsAddress(0, [], 'boot.0')
  rrq(wire, 1)
  wire.tftp(1.01, { kind: 'oack', options: [{ name: 'blksize', value: '1468' }] }, false)
  wire.tftp(1.02, { kind: 'ack', block: 0 }, true)
  for (const at of [1.03, 2, 4]) icmp(wire, at + 0.01, router, 3, 4, wire.tftp(at, { kind: 'data', block: 1, data: new Uint8Array(1468) }, false)) // prettier-ignore
  wire.silence(40)
  const [told] = explain(wire.session)
  expect(told).toMatchObject({ outcome: 'failed', failure: 'transfer-stalled' })
  expect(wordsOf(told!)).toMatch(/10\.0\.0\.254 answered that the packet is too large for the path/)
  expect(wordsOf(told!)).not.toMatch(/closed/)
})
