import { describe, expect, test } from 'vitest'
import { explainAttempt } from '../helpers/told.ts'
import type { Explanation } from '../helpers/told.ts'
import { failures } from '#shared/diagnosis/failures.ts'
import { findPxeError, pxeErrors } from '#shared/diagnosis/pxe-errors.ts'
import { address, bytes, machine, text, Wire } from '../helpers/wire.ts'

const explained = ({ session }: Wire, index = 0): Explanation => {
  const attempt = session.trace.attempts.filter((one) => one.machine.name === machine)[index]!
  return explainAttempt(session.store, attempt, { nowNs: session.endNs })
}
const block = (length: number): Uint8Array => new Uint8Array(length)
const pxe = text(60, 'PXEClient')
const bootNow = bytes(43, 6, 1, 8, 255)

describe('how a boot fails', () => {
  test('BIOS names an unanswered port 4011 PXE-E55, UEFI the same PXE-E16', () => {
    for (const [kind, code] of [['bios', 'PXE-E55'], ['uefi', 'PXE-E16']] as const) {
      const wire = new Wire(kind)
      wire.getsAddress(0, [pxe])
      const boot = { from: '10.0.0.50', to: '10.0.0.1', sourcePort: 4011, destinationPort: 4011 }
      const payload = wire.session.store.bytesOf(3).subarray(42)
      for (const at of [1, 2, 4, 7]) wire.udp(at, boot, payload, true)
      wire.silence(30)
      const told = explained(wire)
      expect(told.failure).toBe('boot-server-mute')
      expect(told.code?.code).toBe(code)
      expect(told.missing.map((one) => [one.label, one.isOverdue])).toEqual(Array.from({ length: 4 }, () => ['ACK from port 4011', true]))
      // The wait after the last try is the firmware's own: four seconds.
      expect(told.missing.at(-1)!.dueNs - told.missing.at(-1)!.afterNs).toBe(4e9)
    }
  }) // prettier-ignore

  test('only a proxyDHCP answers', () => {
    const wire = new Wire('bios')
    for (const at of [0, 4, 12, 28]) {
      wire.asks(at, 1)
      wire.answers(at + 0.1, 2, '10.0.0.2', '', [pxe], 'boot.0')
    }
    wire.silence(70)
    expect(explained(wire)).toMatchObject({ failure: 'proxy-only', code: { code: 'PXE-E52' }, offers: [{ role: 'proxyDHCP', taken: 'no' }, {}, {}, {}] }) // prettier-ignore
  })

  test('a NAK is told with the reason of the server', () => {
    const wire = new Wire('uefi')
    wire.asks(0, 1)
    wire.answers(0.1, 2, '10.0.0.1', '10.0.0.50', [], 'x.efi')
    wire.asks(4, 3, [address(54, '10.0.0.1')])
    wire.answers(4.1, 6, '10.0.0.1', '', [text(56, 'address in use')])
    expect(explained(wire).outcome, 'it may begin anew').toBe('waiting')
    wire.silence(20)
    const told = explained(wire)
    expect(told.failure).toBe('nak')
    expect(told.sentences.some((one) => one.text.includes('"address in use"'))).toBe(true)
  })

  test('a REQUEST without ACK waits first, and is a failure when the time is over', () => {
    const wire = new Wire('uefi')
    wire.asks(0, 1)
    wire.answers(0.1, 2, '10.0.0.1', '10.0.0.50', [], 'x.efi')
    wire.asks(4, 3, [address(54, '10.0.0.1'), address(50, '10.0.0.50')])
    expect(explained(wire)).toMatchObject({ outcome: 'waiting', missing: [{ label: 'ACK', isOverdue: false }] })
    wire.silence(9)
    expect(explained(wire)).toMatchObject({ failure: 'no-ack', missing: [{ label: 'ACK', isOverdue: true }] })
  })

  test('a server that does not answer ARP', () => {
    const wire = new Wire('bios')
    wire.getsAddress(0, [], 'boot.0')
    const arp = new Uint8Array(42)
    arp.set([255, 255, 255, 255, 255, 255, 0x52, 0x54, 0, 0xaa, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 0x52, 0x54, 0, 0xaa, 0, 1, 10, 0, 0, 50, 0, 0, 0, 0, 0, 0, 10, 0, 0, 77]) // prettier-ignore
    for (const at of [1, 2, 3, 4]) wire.frame(at, arp)
    wire.silence(20)
    expect(explained(wire)).toMatchObject({ failure: 'no-arp', code: { code: 'PXE-E11' }, missing: [{ label: 'ARP answer of 10.0.0.77' }] }) // prettier-ignore
  })

  test('a transfer that stops in the middle says which block did not come', () => {
    const wire = new Wire('bios')
    wire.getsAddress(0, [], 'boot.0')
    wire.loads(1, 'boot.0', [block(512), block(512)])
    wire.silence(30)
    expect(explained(wire)).toMatchObject({ failure: 'transfer-stalled', code: { code: 'PXE-E35' }, missing: [{ label: 'DATA 3' }] }) // prettier-ignore
  })

  test('a server that refuses the file after its name was right', () => {
    const wire = new Wire('bios')
    wire.getsAddress(0, [], 'boot.0')
    wire.tftp(1, { kind: 'rrq', filename: 'boot.0', mode: 'octet', options: [] }, true)
    wire.tftp(1.1, { kind: 'error', code: 2, message: 'Access violation' }, false)
    expect(explained(wire)).toMatchObject({ failure: 'file-refused', code: { code: 'PXE-E3C' } })
  })

  test('a client that never asks for what it was told', () => {
    const wire = new Wire('uefi')
    wire.getsAddress(0, [pxe, bootNow], 'x.efi')
    wire.silence(3)
    expect(explained(wire)).toMatchObject({ outcome: 'waiting' })
    // The request may have gone past the place of the capture, as long as the machine does not come back.
    wire.silence(20)
    expect(explained(wire)).toMatchObject({ outcome: 'unknown', failure: undefined })
    wire.xid++
    wire.asks(40, 1)
    expect(explained(wire)).toMatchObject({ failure: 'file-not-asked', screen: [] })
  })

  test('an answer late enough turns a failure into a boot', () => {
    const wire = new Wire('uefi')
    for (const at of [0, 4, 12]) wire.asks(at, 1)
    wire.silence(20)
    expect(explained(wire)).toMatchObject({ outcome: 'failed', failure: 'no-offer' })
    wire.getsAddress(28, [pxe, bootNow], 'x.efi')
    wire.loads(33, 'x.efi', [block(100)])
    expect(explained(wire)).toMatchObject({ failure: undefined, outcome: 'loaded' })
  })

  test('iPXE that loads iPXE is a loop', () => {
    const wire = new Wire('ipxe')
    for (let turn = 0; turn < 3; turn++) {
      wire.xid++
      wire.getsAddress(turn * 3, [], 'undionly.kpxe')
      wire.loads(turn * 3 + 1, 'undionly.kpxe', [block(10)], 3000 + turn)
    }
    expect(explained(wire)).toMatchObject({ failure: 'boot-loop' })
    expect(wire.session.trace.attempts).toHaveLength(1)
  })
})

describe('a boot file that is not requested', () => {
  const mask = address(1, '255.255.255.0')
  test.each([
    ['in the network of the client', '10.0.0.9', [mask], 'file-not-asked'],
    ['in another, without a router', '10.0.1.9', [mask], 'no-router'],
    ['in another, behind a router', '10.0.1.9', [mask, address(3, '10.0.0.254')], 'file-not-asked'],
    ['in another, without a mask', '10.0.1.9', [], 'file-not-asked'],
  ] as const)('on a server %s', (_, server, options, failure) => {
    const wire = new Wire('uefi')
    wire.asks(0, 1)
    const header = { siaddr: server.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) }
    wire.answers(0.1, 2, '10.0.0.1', '10.0.0.50', [...options], 'x.efi', header)
    wire.asks(3.8, 3, [address(54, '10.0.0.1'), address(50, '10.0.0.50')])
    wire.answers(3.9, 5, '10.0.0.1', '10.0.0.50', [...options], 'x.efi', header)
    wire.silence(30)
    wire.xid++
    wire.asks(40, 1)
    expect(explained(wire).failure).toBe(failure)
  })
})

test('of more files than anybody reads the first are told one by one, and how many more came', () => {
  const wire = new Wire('bios')
  wire.getsAddress(0, [], 'pxelinux.0')
  for (let at = 0; at < 63; at++) wire.loads(1 + at, at === 0 ? 'pxelinux.0' : `file${at}.c32`, [block(100)], 3000 + at)
  const texts = explained(wire).sentences.map((one) => one.text)
  expect(texts.filter((text) => text.startsWith('It loaded '))).toHaveLength(60)
  expect(texts).toContain('3 more files were loaded (300 bytes).')
})

describe('what does not boot is told as what it is', () => {
  test('a client that asks twice for an address has one, and no system was started', () => {
    const wire = new Wire('linux')
    wire.getsAddress(0)
    wire.xid++
    wire.getsAddress(30)
    const told = explained(wire)
    expect(told).toMatchObject({ outcome: 'address', failure: undefined })
    expect(told.sentences.map((one) => one.text).join(' ')).not.toContain('started system')
  })

  test.each([
    ['without boot information', [], 'idle'],
    ['with boot information', [pxe], 'unknown'],
  ] as const)('offers alone, %s', (_, options, outcome) => {
    const wire = new Wire('linux')
    wire.answers(0, 2, '10.0.0.1', '10.0.0.50', options)
    wire.silence(30)
    expect(explained(wire)).toMatchObject({ outcome, headline: expect.stringContaining('none of its requests') })
  })

  test('a DECLINE that names no address names none in words either', () => {
    const wire = new Wire('linux')
    wire.asks(0, 4)
    expect(explained(wire).headline).toBe('Another machine uses the address that was offered.')
  })
})

describe('which offer is taken, and why', () => {
  const offers = (wire: Wire, list: readonly (() => void)[], server = '10.0.0.1'): Explanation['offers'] => {
    wire.asks(0, 1)
    for (const offer of list) offer()
    const before = explained(wire).offers
    expect(
      before.every((one) => one.taken === 'acceptable' || one.taken === 'no'),
      'nothing is taken before a REQUEST',
    ).toBe(true)
    wire.asks(3.8, 3, [address(54, server), address(50, '10.0.0.50')])
    return explained(wire).offers
  }

  test('UEFI joins a plain offer and a proxyDHCP, and asks port 4011 without option 43', () => {
    const wire = new Wire('uefi')
    const told = offers(wire, [
      () => wire.answers(0.1, 2, '10.0.0.1', '10.0.0.50'),
      () => wire.answers(0.2, 2, '10.0.0.2', '', [pxe], 'x.efi'),
    ])
    expect(told.map((one) => one.taken)).toEqual(['address', 'boot'])
    expect(told[1]!.why).toContain('port 4011')
  })

  test('UEFI prefers address and PXE options in one offer to everything else', () => {
    const wire = new Wire('uefi')
    const told = offers(
      wire,
      [
        () => wire.answers(0.1, 2, '10.0.0.1', '10.0.0.50', [], 'plain.efi'),
        () => wire.answers(0.2, 2, '10.0.0.2', '', [pxe, bootNow], 'proxy.efi'),
        () => wire.answers(0.3, 2, '10.0.0.3', '10.0.0.60', [pxe, bootNow], 'pxe.efi'),
      ],
      '10.0.0.3',
    )
    expect(told.map((one) => one.taken)).toEqual(['no', 'no', 'whole'])
    expect(told[0]!.why).toContain('ranks higher')
  })

  test('UEFI ignores the file of an offer with option 60 alone', () => {
    const [told] = offers(new Wire('uefi'), [])
    expect(told).toBeUndefined()
    const wire = new Wire('uefi')
    const [offer] = offers(wire, [() => wire.answers(0.1, 2, '10.0.0.1', '10.0.0.50', [pxe], 'x.efi')])
    expect(offer!.why).toContain('a file in the offer is ignored')
  })

  test('a plain client takes the first', () => {
    const wire = new Wire('linux')
    const told = offers(wire, [
      () => wire.answers(0.1, 2, '10.0.0.1', '10.0.0.50'),
      () => wire.answers(0.2, 2, '10.0.0.2', '10.0.0.60', [pxe], 'x.efi'),
    ])
    expect(told.map((one) => one.taken)).toEqual(['whole', 'no'])
  })

  test('what the REQUEST shows is right where the ranking says otherwise', () => {
    const wire = new Wire('linux')
    wire.asks(0, 1)
    wire.answers(0.1, 2, '10.0.0.1', '10.0.0.50')
    wire.answers(0.2, 2, '10.0.0.2', '10.0.0.60')
    wire.asks(0.3, 3, [address(54, '10.0.0.2'), address(50, '10.0.0.60')])
    wire.answers(0.4, 5, '10.0.0.2', '10.0.0.60')
    const told = explained(wire)
    expect(told.offers.map((one) => one.taken)).toEqual(['no', 'whole'])
    expect(told.outcome).toBe('address')
  })
})

test('every failure has a title and causes; every code has a meaning for some firmware', () => {
  for (const [name, failure] of Object.entries(failures)) {
    expect(failure.title, name).not.toBe('')
    expect(failure.causes.length, name).toBeGreaterThan(0)
    for (const line of Object.values(failure.screen).flat()) {
      const code = /PXE-E\w\w/.exec(line)?.[0]
      if (code) expect(findPxeError(code), line).toBeDefined()
    }
  }
  for (const error of pxeErrors) expect(error.bios ?? error.uefi, error.code).toBeDefined()
  expect(findPxeError('e55')?.code).toBe('PXE-E55')
  expect(findPxeError('PXE-E9Z')).toBeUndefined()
})
