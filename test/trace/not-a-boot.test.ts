/** A machine that does not boot: what it does on the web is not told, and what cannot be read is nobody's silence. */
import { describe, expect, test } from 'vitest'
import { peProgram } from '../helpers/boot-programs.ts'
import { explain, wordsOf } from '../helpers/explained.ts'
import { text, Wire } from '../helpers/wire.ts'

const flags = { syn: 2, synAck: 18, ack: 16, push: 24, reset: 20 } as const

/** A TCP segment between the client (10.0.0.50) and 10.0.0.1. */
function segment(wire: Wire, seconds: number, isUp: boolean, flag: number, carried = '', port = 443): void {
  const payload = new TextEncoder().encode(carried)
  const frame = new Uint8Array(54 + payload.length)
  const client = [0x52, 0x54, 0, 0xaa, 0, 1]
  const server = [2, 0, 0, 0, 0, 1]
  const [from, to] = isUp ? [client, server] : [server, client]
  const length = 40 + payload.length
  frame.set([...to, ...from, 8, 0, 0x45, 0, length >> 8, length & 255, 0, Math.round(seconds * 100) & 255, 0, 0, 64, 6, 0, 0])
  frame.set(isUp ? [10, 0, 0, 50, 10, 0, 0, 1] : [10, 0, 0, 1, 10, 0, 0, 50], 26)
  const [source, destination] = isUp ? [50_000, port] : [port, 50_000]
  frame.set([source >> 8, source & 255, destination >> 8, destination & 255, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, flag, 255, 255, 0, 0, 0, 0], 34)
  frame.set(payload, 54)
  wire.frame(seconds, frame)
} // prettier-ignore

function connects(wire: Wire, at: number, carried: string, port = 443): void {
  segment(wire, at, true, flags.syn, '', port)
  segment(wire, at + 0.01, false, flags.synAck, '', port)
  segment(wire, at + 0.02, true, flags.ack, '', port)
  segment(wire, at + 0.03, true, flags.push, carried, port)
  segment(wire, at + 0.05, false, flags.ack, '', port)
  segment(wire, at + 0.06, false, flags.push, carried, port)
}

const hello = '\u0016\u0003\u0001\u0000\u0020'

describe('the web of a phone', () => {
  test.each([
    ['HTTPS', hello, 443],
    ['HTTP', 'GET /generate_204 HTTP/1.1\r\n\r\n', 80],
  ] as const)('%s is not told', (_, carried, port) => {
    const wire = new Wire('linux')
    wire.getsAddress(0)
    connects(wire, 2, carried, port)
    wire.silence(60)
    const [told] = explain(wire.session)
    expect(told).toMatchObject({ outcome: 'address', headline: 'Linux has 10.0.0.50.' })
    expect(wordsOf(told!)).not.toMatch(/:443|:80|did not answer|generate_204/)
  })
})

test('HTTPS of a machine that boots is told as what cannot be read, and no server is called silent', () => {
  const wire = new Wire('ipxe')
  wire.getsAddress(0, [], 'https://10.0.0.1/boot.ipxe')
  connects(wire, 2, hello)
  wire.silence(60)
  const [told] = explain(wire.session)
  expect(told).toMatchObject({ outcome: 'unknown', headline: 'Its connections cannot be read, so the capture does not show whether it loaded its files.' }) // prettier-ignore
  expect(wordsOf(told!)).toMatch(/exchanged packets with 10\.0\.0\.1:443 whose content cannot be read/)
})

test('a web server that refuses the connection of a boot is still told', () => {
  const wire = new Wire('ipxe')
  wire.getsAddress(0, [], 'http://10.0.0.1/boot.ipxe')
  segment(wire, 2, true, flags.syn, '', 80)
  segment(wire, 2.01, false, flags.reset, '', 80)
  wire.silence(60)
  expect(explain(wire.session)[0]).toMatchObject({ outcome: 'failed', failure: 'http-closed' })
})

test('a file that was asked for once, and of which nothing more is seen, is not called loaded', () => {
  const wire = new Wire('linux')
  wire.tftp(0, { kind: 'rrq', filename: 'sysman.lis', mode: 'octet', options: [] }, true)
  wire.silence(60)
  expect(explain(wire.session)[0]).toMatchObject({ outcome: 'unknown', headline: 'Requested sysman.lis; the capture does not show the result.' }) // prettier-ignore
})

test('a request without a name is told as that', () => {
  const wire = new Wire('linux')
  wire.getsAddress(0, [text(12, 'x')])
  wire.tftp(1, { kind: 'rrq', filename: '', mode: 'octet', options: [] }, true)
  wire.silence(60)
  expect(wordsOf(explain(wire.session)[0]!)).toMatch(/requested a file without a name from 10\.0\.0\.1/)
})

test('who loads one boot program again and again, as a measurement does, is not called booted', () => {
  const wire = new Wire('uefi')
  wire.getsAddress(0, [], 'boot.efi')
  for (const [index, client] of [2000, 2001, 2002].entries())
    wire.loads(1 + index, 'boot.efi', [peProgram(0x8664, 400)], client)
  wire.silence(120)
  const [told] = explain(wire.session)
  expect(told).toMatchObject({ outcome: 'loaded', headline: 'Loaded boot.efi.' })
  expect(wordsOf(told!)).toMatch(/has requested nothing else since/)
})
