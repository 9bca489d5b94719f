/** Who loads a file from another address than its lease: whose frame it is, else who was offered the address; never somebody else. */
import { expect, test } from 'vitest'
import { parseHex, parseIpv4 } from '#shared/wire/bytes.ts'
import { wrapTcp, wrapUdp } from '#shared/wire/frame.ts'
import { encodeTftp } from '#shared/wire/tftp.ts'
import { machine, Wire } from '../helpers/wire.ts'

const router = '02:00:00:00:00:fe'
const rrq = encodeTftp({ kind: 'rrq', filename: 'a.efi', mode: 'octet', options: [] })

const requests = (wire: Wire, seconds: number, mac: string, from: string, port = 3000): number =>
  wire.frame(seconds, wrapUdp({ sourceMac: parseHex(mac)!, destinationMac: parseHex('02:00:00:00:00:01')!, sourceAddress: parseIpv4(from)!, destinationAddress: parseIpv4('10.0.0.1')!, sourcePort: port, destinationPort: 69, payload: rrq })) // prettier-ignore
const connects = (wire: Wire, seconds: number, mac: string, from: string): number =>
  wire.frame(seconds, wrapTcp({ sourceMac: parseHex(mac)!, destinationMac: parseHex('02:00:00:00:00:01')!, source: parseIpv4(from)!, destination: parseIpv4('10.0.0.1')!, sourcePort: 4000, destinationPort: 80, payload: new Uint8Array(), payloadLength: 0, sequence: 1, acknowledgement: 0, flags: 2 })) // prettier-ignore
const nameAt = ({ session }: Wire, frame: number): string | undefined => session.trace.machineOf(frame)?.name

function addressed(): Wire {
  const wire = new Wire('uefi')
  wire.getsAddress(0)
  return wire
}

test('by the hardware address of the frame: a file over TFTP, and one over HTTP', () => {
  const wire = addressed()
  expect(nameAt(wire, requests(wire, 1, machine, '10.0.0.77'))).toBe(machine)
  expect(nameAt(wire, connects(wire, 2, machine, '10.0.0.78'))).toBe(machine)
  expect(wire.session.trace.machines).toHaveLength(1)
})

test('by who was offered it, where the ACK went past and a router stands between', () => {
  const wire = new Wire('uefi')
  wire.asks(0, 1)
  wire.answers(0.1, 2, '10.0.0.1', '10.0.0.50')
  expect(nameAt(wire, connects(wire, 1, router, '10.0.0.50'))).toBe(machine)
  expect(nameAt(wire, requests(wire, 2, router, '10.0.0.50'))).toBe(machine)
})

test('what a router forwards is not taken for one machine', () => {
  const wire = addressed()
  // It forwards what the machine sends, and so others too.
  expect(nameAt(wire, requests(wire, 1, router, '10.0.0.50'))).toBe(machine)
  expect(nameAt(wire, requests(wire, 2, router, '10.0.9.1', 3001))).toBe('10.0.9.1')
  expect(nameAt(wire, requests(wire, 3, router, '10.0.9.2', 3002))).toBe('10.0.9.2')
})

test('a connection from an address that nobody has is nobody’s', () => {
  const wire = addressed()
  expect(nameAt(wire, connects(wire, 1, router, '10.0.9.1'))).toBeUndefined()
})
