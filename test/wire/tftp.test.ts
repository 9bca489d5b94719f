import { inEnglish } from '#messages/text.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes, encodeText, formatHex } from '#shared/wire/bytes.ts'
import { decodeTftp, describeTftp, encodeTftp, type TftpPacket } from '#shared/wire/tftp.ts'
import { vector } from '../helpers/fixtures.ts'

const rows: readonly [string, TftpPacket, string][] = [
  [
    'rrq',
    {
      kind: 'rrq',
      filename: 'boot\\x64\\wdsmgfw.efi',
      mode: 'octet',
      options: [
        { name: 'tsize', value: '0' },
        { name: 'blksize', value: '1468' },
        { name: 'windowsize', value: '4' },
      ],
    },
    'read "boot\\x64\\wdsmgfw.efi" octet tsize=0 blksize=1468 windowsize=4',
  ],
  [
    'oack',
    {
      kind: 'oack',
      options: [
        { name: 'tsize', value: '1234567' },
        { name: 'blksize', value: '1456' },
      ],
    },
    'OACK tsize=1234567 blksize=1456',
  ],
  [
    'err8',
    { kind: 'error', code: 8, message: 'User aborted the transfer' },
    'ERROR 8 (option refused) "User aborted the transfer"',
  ],
]

describe('TFTP packets', () => {
  test.each(rows)('%s both ways', (name, packet, text) => {
    const bytes = vector(name)
    expect(decodeTftp(bytes)).toEqual({ packet, problems: [] })
    expect(formatHex(encodeTftp(packet))).toBe(formatHex(bytes))
    expect(inEnglish(describeTftp(packet))).toBe(text)
  })

  test("Microsoft's variable window travels in the request and behind the ACK", () => {
    expect(decodeTftp(vector('msft')).packet).toMatchObject({
      options: expect.arrayContaining([{ name: 'msftwindow', value: '31416' }]),
    })
    const ack = encodeTftp({ kind: 'ack', block: 7, nextWindowSize: 12 })
    expect(formatHex(ack)).toBe('000400070c')
    expect(decodeTftp(ack).packet).toEqual({ kind: 'ack', block: 7, nextWindowSize: 12 })
  })

  test('any packet survives a round trip', () => {
    const text = fc.string({ maxLength: 40 }).map((one) => one.replaceAll('\0', ''))
    const named = text.filter((one) => one !== '' && !one.includes('\ufffd'))
    const options = fc.array(fc.record({ name: named, value: text }), { maxLength: 6 })
    const packet: fc.Arbitrary<TftpPacket> = fc.oneof(
      fc.record({ kind: fc.constantFrom('rrq' as const, 'wrq' as const), filename: named, mode: named, options }),
      fc.record({ kind: fc.constant('data' as const), block: fc.nat(65535), data: fc.uint8Array({ maxLength: 600 }) }),
      fc.record({ kind: fc.constant('ack' as const), block: fc.nat(65535) }),
      fc.record({ kind: fc.constant('error' as const), code: fc.nat(65535), message: text }),
      fc.record({ kind: fc.constant('oack' as const), options }),
    )
    fc.assert(
      fc.property(packet, (one) => {
        expect(decodeTftp(encodeTftp(one)).packet).toEqual(one)
      }),
    )
  })

  test('any bytes decode, or it is told why not, at a place inside them', () => {
    const opcode = fc.integer({ min: 0, max: 7 }).map((code) => Uint8Array.of(0, code))
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.tuple(opcode, fc.uint8Array({ maxLength: 40 })).map(concatBytes),
    )
    fc.assert(
      fc.property(bytes, (one) => {
        const { packet, problems } = decodeTftp(one)
        if (!packet) expect(problems.length).toBeGreaterThan(0)
        for (const { at } of problems) expect(at).toBeLessThanOrEqual(one.length)
        // What is whole and without a problem is the same when it is written again.
        if (packet && problems.length === 0) expect(decodeTftp(encodeTftp(packet))).toEqual({ packet, problems: [] })
      }),
      { numRuns: 3000 },
    )
  })

  test('damage is told with its place', () => {
    expect(decodeTftp(Uint8Array.of(0)).problems).toEqual([{ at: 0, field: 'opcode', message: '1 bytes, needs 2' }])
    expect(decodeTftp(Uint8Array.of(0, 9)).problems[0]).toMatchObject({
      field: 'opcode',
      message: 'is 9, 1 to 6 are defined',
    })
    expect(decodeTftp(Uint8Array.of(0, 1, ...encodeText('name'))).problems.map((one) => one.message)).toEqual([
      'its last text has no terminating zero',
      'is missing',
    ])
  })
})
