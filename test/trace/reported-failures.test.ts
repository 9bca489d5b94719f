/** Failures as people report them, made by hand: what is told is true, is the cause, and accuses nobody who is innocent. */
import { describe, expect, test } from 'vitest'
import type { DhcpOption } from '#shared/wire/dhcp/message.ts'
import { explain, wordsOf } from '../helpers/explained.ts'
import { address, bytes, text, Wire } from '../helpers/wire.ts'

const chaddr = (last: number): Uint8Array => Uint8Array.of(0x52, 0x54, 0, 0xaa, 0, last, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
const rrq = (wire: Wire, seconds: number, filename = 'boot.efi', client = 2000, options: readonly { name: string; value: string }[] = []): number =>
  wire.tftp(seconds, { kind: 'rrq', filename, mode: 'octet', options: [...options] }, true, client) // prettier-ignore

describe('two DHCP servers', () => {
  test('the client took the one that names nothing, and the other one is not called silent', () => {
    const wire = new Wire('ipxe')
    wire.asks(0, 1)
    wire.answers(0.01, 2, '10.0.0.200', '10.0.0.150')
    wire.answers(0.3, 2, '10.0.0.1', '10.0.0.50', [], 'undionly.kpxe')
    wire.asks(1, 3, [address(50, '10.0.0.150'), address(54, '10.0.0.200')])
    wire.answers(1.1, 5, '10.0.0.200', '10.0.0.150')
    wire.silence(60)
    const [told] = explain(wire.session)
    expect(told).toMatchObject({ failure: 'no-boot-information' })
    expect(told!.headline).toBe('The client accepted the offer of 10.0.0.200, which names nothing to boot; 10.0.0.1 names undionly.kpxe.') // prettier-ignore
    expect(told!.causes).toHaveLength(1)
    expect(wordsOf(told!)).not.toMatch(/No PXE server received|WDS/)
  })

  test('a NAK of the one that was not asked names both', () => {
    const wire = new Wire('uefi')
    for (const [index, at] of [0, 5, 10, 15].entries()) {
      wire.xid = 0x50 + index
      wire.asks(at, 1)
      wire.answers(at + 0.1, 2, '10.0.0.1', '10.0.0.50', [], 'x.efi')
      wire.asks(at + 3.8, 3, [address(50, '10.0.0.50'), address(54, '10.0.0.1')])
      wire.answers(at + 3.9, 6, '10.0.0.2', '')
    }
    wire.silence(60)
    const told = explain(wire.session).filter((one) => one.outcome === 'failed')
    expect(told).toHaveLength(1)
    expect(told[0]!.headline).toMatch(/^Another DHCP server \(10\.0\.0\.2\) refused the address that 10\.0\.0\.1 had offered/) // prettier-ignore
  })
})

describe('an address that was refused is no failed boot where the client then boots', () => {
  test.each([
    ['NAK', 6],
    ['DECLINE', 4],
  ] as const)('%s, and a new transaction', (name, type) => {
    const wire = new Wire('uefi')
    wire.asks(0, 1)
    wire.answers(0.1, 2, '10.0.0.1', '10.0.0.49', [], 'boot.efi')
    wire.asks(3.8, 3, [address(50, '10.0.0.49'), address(54, '10.0.0.1')])
    if (name === 'NAK') wire.answers(3.9, type, '10.0.0.1', '')
    else {
      wire.answers(3.9, 5, '10.0.0.1', '10.0.0.49', [], 'boot.efi')
      wire.asks(4, type, [address(50, '10.0.0.49'), address(54, '10.0.0.1')])
    }
    wire.xid = 0x99
    wire.getsAddress(14.5, [], 'boot.efi')
    wire.loads(15, 'boot.efi', [new Uint8Array(100)])
    wire.silence(90)
    const [told, ...more] = explain(wire.session).filter((one) => one.outcome !== 'idle')
    expect(more).toEqual([])
    expect(told).toMatchObject({ outcome: 'loaded' })
    expect(wordsOf(told!)).not.toMatch(/loaded program sends|program runs/)
  })
})

describe('TFTP', () => {
  test('answers that do not reach the client: it asks again instead of going on', () => {
    const wire = new Wire('uefi')
    wire.getsAddress(0, [], 'boot.efi')
    for (const [index, at] of [1, 5, 9].entries()) {
      rrq(wire, at)
      for (const later of [0.01, 1, 3])
        wire.tftp(at + later, { kind: 'oack', options: [{ name: 'tsize', value: '900000' }] }, false, 2000, 40_000 + index) // prettier-ignore
    }
    wire.silence(60)
    const [told] = explain(wire.session)
    expect(told).toMatchObject({ outcome: 'failed', failure: 'tftp-unheard' })
    expect(wordsOf(told!)).toMatch(/10\.0\.0\.1 answered: the client asks again/)
    expect(wordsOf(told!)).not.toMatch(/did not come|The server stopped|reduce the block size/)
  })

  test('a server that grants a larger block than was asked', () => {
    const wire = new Wire('bios')
    wire.getsAddress(0, [], 'boot.0')
    rrq(wire, 1, 'boot.0', 2000, [{ name: 'blksize', value: '1456' }])
    wire.tftp(1.01, { kind: 'oack', options: [{ name: 'blksize', value: '8192' }] }, false)
    wire.tftp(1.02, { kind: 'error', code: 8, message: 'no' }, true, 2000)
    wire.silence(60)
    const [told] = explain(wire.session)
    expect(told).toMatchObject({ failure: 'tftp-options-refused' })
    expect(wordsOf(told!)).toMatch(/blksize=8192.*asked for blksize=1456/)
  })
})

describe('who keeps silent', () => {
  test('a DHCP server that answered the machine before is not said to be down', () => {
    const wire = new Wire('bios')
    wire.getsAddress(0)
    wire.xid = 0x77
    wire.as('uefi')
    for (const at of [61, 65, 73, 89]) wire.asks(at, 1)
    wire.silence(150)
    const told = explain(wire.session).find((one) => one.failure === 'no-offer')
    expect(told!.causes[0]).toMatch(/^The DHCP server that answered this machine before/)
    expect(told!.causes.join()).not.toMatch(/does not run/)
  })

  test('a port that waits for IEEE 802.1X is told', () => {
    const wire = new Wire('uefi')
    const eap = (at: number, code: number): void => {
      const frame = new Uint8Array(60)
      frame.set([1, 0x80, 0xc2, 0, 0, 3, 2, 0, 0, 0, 0, 9, 0x88, 0x8e, 1, 0, 0, 5, code, 1, 0, 5, 1])
      wire.frame(at, frame)
    }
    for (const at of [0, 30]) eap(at, 1)
    for (const at of [1, 5, 13, 29.5]) wire.asks(at, 1)
    wire.silence(90)
    expect(wordsOf(explain(wire.session)[0]!)).toMatch(
      /switch requests IEEE 802\.1X authentication \(EAP request\), and no client answers/,
    )
    eap(91, 2)
    expect(wordsOf(explain(wire.session)[0]!)).not.toMatch(/802\.1X/)
  })

  test('offers in another VLAN than the requests do not reach the client', () => {
    const wire = new Wire('uefi')
    const tagged = (frame: number, vlan: number, at: number): void => {
      const plain = wire.session.store.bytesOf(frame)
      const whole = new Uint8Array(plain.length + 4)
      whole.set(plain.subarray(0, 12))
      whole.set([0x81, 0, 0, vlan], 12)
      whole.set(plain.subarray(12), 16)
      both.frame(at, whole)
    }
    const both = new Wire('uefi')
    for (const at of [0, 4, 12, 28]) {
      tagged(wire.asks(at, 1), 20, at)
      tagged(wire.answers(at + 0.1, 2, '10.0.0.1', '10.0.0.50', [], 'x.efi'), 30, at + 0.1)
    }
    both.silence(90)
    const [told] = explain(both.session)
    expect(told).toMatchObject({ failure: 'offers-dropped' })
    expect(told!.headline).toMatch(/VLAN tag 30, and the DISCOVER has 20/)
  })
})

test('a boot program of Windows that asks port 4011 runs, and what the server told it is told', () => {
  const wire = new Wire('uefi')
  wire.getsAddress(0, [], 'wdsmgfw.efi')
  wire.loads(1, 'wdsmgfw.efi', [new Uint8Array(100)])
  const ends = { from: '10.0.0.50', to: '10.0.0.1', sourcePort: 68, destinationPort: 4011 }
  const question = wire.session.store.bytesOf(1).subarray(42)
  const probe = new Wire('uefi')
  const answer = probe.session.store
    .bytesOf(probe.answers(0, 5, '10.0.0.1', '', [bytes(250, 2, 1, 1, 255)]))
    .subarray(42)
  for (const at of [2, 7, 12]) {
    wire.udp(at, ends, question, true)
    wire.udp(at + 0.05, { from: '10.0.0.1', to: '10.0.0.50', sourcePort: 4011, destinationPort: 68 }, answer, false)
  }
  wire.silence(60)
  const [told] = explain(wire.session)
  expect(told).toMatchObject({ outcome: 'started', headline: 'wdsmgfw.efi runs, and the boot server told it: approval pending.' }) // prettier-ignore
  expect(wordsOf(told!)).toMatch(/loaded program asked 10\.0\.0\.1 3 times on port 4011, and got 3 answers/)
  expect(wordsOf(told!)).not.toMatch(/requested nothing since/)
})

describe('by what machines call themselves', () => {
  const identifier = (value: number): DhcpOption => bytes(61, 0, ...Array.from({ length: 16 }, () => value))
  const leases = (wire: Wire, at: number, last: number, options: readonly DhcpOption[], given = '10.0.0.50'): void => {
    const header = { chaddr: chaddr(last) }
    wire.xid += 1
    wire.asks(at, 1, options, header)
    wire.answers(at + 0.1, 2, '10.0.0.1', given, [], 'boot.efi', header)
    wire.asks(at + 0.2, 3, [...options, address(50, given), address(54, '10.0.0.1')], header)
    wire.answers(at + 0.3, 5, '10.0.0.1', given, [bytes(51, 0, 0, 14, 16)], 'boot.efi', header)
  }

  test('two machines with one client identifier get one address: why is told', () => {
    const wire = new Wire('uefi')
    leases(wire, 0, 4, [identifier(0)])
    leases(wire, 2, 5, [identifier(0)])
    const [first, second] = explain(wire.session)
    expect(wordsOf(first!)).not.toMatch(/client identifier/)
    expect(wordsOf(second!)).toMatch(/two machines have one address/)
    expect(wordsOf(second!)).toMatch(/52:54:00:aa:00:04 has the same client identifier \(option 61: 0{34}\)/)
  })

  test('machines that differ in it are not compared', () => {
    const wire = new Wire('linux')
    leases(wire, 0, 4, [identifier(1)])
    leases(wire, 2, 5, [identifier(2)], '10.0.0.51')
    for (const told of explain(wire.session)) expect(wordsOf(told)).not.toMatch(/same client identifier/)
  })

  test('a UUID that two machines share accuses neither', () => {
    const wire = new Wire('uefi')
    leases(wire, 0, 4, [])
    leases(wire, 2, 5, [], '10.0.0.51')
    const [, second] = explain(wire.session)
    expect(second!.outcome).not.toBe('failed')
    expect(wordsOf(second!)).toMatch(/same UUID \(option 97: 0+\): one machine with two network adapters, or two/)
  })

  test('one machine with several leases and identifiers, as firmware and system take them', () => {
    const wire = new Wire('uefi')
    leases(wire, 0, 1, [identifier(1)])
    wire.loads(1, 'boot.efi', [new Uint8Array(100)])
    wire.as('linux')
    leases(wire, 20, 1, [identifier(2), text(12, 'pc')], '10.0.0.60')
    const [told] = explain(wire.session)
    expect(told!.outcome).toBe('started')
    expect(wordsOf(told!)).toMatch(
      /given 2 addresses: 10\.0\.0\.50 and 10\.0\.0\.60.*different client identifiers \(option 61\)/,
    )
  })
})
