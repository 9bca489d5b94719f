/** Capture files of every kind hold the frames that the plain one holds. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes, encodeText } from '#shared/wire/bytes.ts'
import { CaptureReader, timeNsOf, type CapturedFrame } from '#shared/wire/capture-file.ts'
import { compressionOf } from '#shared/wire/compression.ts'
import { Lz4Reader } from '#shared/wire/lz4.ts'
import { utcSeconds } from '#shared/wire/time.ts'
import { fixture } from '../helpers/fixtures.ts'

const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(fixture(name)))

interface Read {
  readonly frames: readonly CapturedFrame[]
  readonly linkTypes: readonly number[]
  readonly damage: string | undefined
}

function read(file: Uint8Array, chunkBytes = file.length || 1): Read {
  const frames: CapturedFrame[] = []
  const linkTypes: number[] = []
  const reader = new CaptureReader({
    onInterface: ({ linkType }) => linkTypes.push(linkType),
    onFrame: (frame) => frames.push({ ...frame, bytes: new Uint8Array(frame.bytes) }),
  })
  for (let at = 0; at < file.length; at += chunkBytes) reader.push(file.subarray(at, at + chunkBytes))
  reader.end()
  return { frames, linkTypes, damage: reader.damage?.message }
}

const good = read(bytesOf('field/pxe-good.pcap'))
const contents = (frames: readonly CapturedFrame[]): string[] =>
  frames.map(({ bytes }) => Buffer.from(bytes).toString('hex'))
/** Microseconds, to the nearest ten: some writers lose one in the arithmetic of their floating point. */
const sinceFirst = (frames: readonly CapturedFrame[]): number[] =>
  frames.map((one) => Math.round(Number(timeNsOf(one) - timeNsOf(frames[0]!)) / 10_000) * 10)

describe('the frames of the plain capture', () => {
  test.each([
    'modified-a1b2cd34.pcap',
    'nanosecond.pcap',
    'obsolete-packet-block.pcapng',
    'if-tsoffset.pcapng',
    'solaris.snoop',
    'network-monitor-2.cap',
  ])('with their times: %s, however it comes in pieces', (name) => {
    const file = bytesOf(`formats/${name}`)
    for (const chunkBytes of [file.length, 1, 7, 100, 1000]) {
      const { frames, damage, linkTypes } = read(file, chunkBytes)
      expect(damage).toBeUndefined()
      expect(linkTypes).toEqual([1])
      expect(contents(frames)).toEqual(contents(good.frames))
      expect(sinceFirst(frames)).toEqual(sinceFirst(good.frames))
    }
  })

  test('the offset of an interface is added to its times', () => {
    expect(timeNsOf(read(bytesOf('formats/if-tsoffset.pcapng')).frames[0]!)).toBe(timeNsOf(good.frames[0]!))
    expect(timeNsOf(read(bytesOf('formats/network-monitor-2.cap')).frames[0]!)).toBe(timeNsOf(good.frames[0]!))
  })

  test.each(['tshark-x.txt', 'tcpdump-xx.txt'])('in hexadecimal: %s', (name) => {
    const { frames, damage, linkTypes } = read(bytesOf(`formats/${name}`), 1000)
    expect(damage).toBeUndefined()
    expect(linkTypes).toEqual([1])
    expect(contents(frames)).toEqual(contents(good.frames))
    if (name.startsWith('tcpdump')) expect(sinceFirst(frames)).toEqual(sinceFirst(good.frames))
  })

  test('in hexadecimal without their Ethernet', () => {
    const { frames, linkTypes } = read(bytesOf('formats/tcpdump-x.txt'))
    expect(linkTypes).toEqual([101])
    const packets = good.frames.filter(({ bytes }) => bytes[12] === 8 && bytes[13] === 0)
    expect(contents(frames)).toEqual(packets.map(({ bytes }) => Buffer.from(bytes.subarray(14)).toString('hex')))
  })

  test('a column of characters that look like digits is not taken for octets', () => {
    const text = '000000 61 62 63 64 65 66 20 61  62 20 63 64 20 65 66 20   abcdef ab cd ef \n000010 61 62   ab\n'
    expect(contents(read(encodeText(text)).frames)).toEqual(['616263646566206162206364206566206162'])
  })

  test('in ERF, behind an extension header, and IPv4 alone', () => {
    const record = (type: number, extension: readonly number[], frame: Uint8Array): Uint8Array => {
      const head = new Uint8Array(16)
      const view = new DataView(head.buffer)
      const pad = (type & 0x7f) === 2 ? 2 : 0
      view.setUint32(0, 0x8000_0000, true)
      view.setUint32(4, 1_700_000_000, true)
      head[8] = type
      view.setUint16(10, 16 + extension.length + pad + frame.length)
      view.setUint16(14, frame.length)
      return concatBytes([head, Uint8Array.from(extension), new Uint8Array(pad), frame])
    }
    const [first, second] = good.frames
    const file = concatBytes([
      record(2, [], first!.bytes),
      record(0x82, [0x83, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0], second!.bytes),
      record(22, [], first!.bytes.subarray(14)),
    ])
    for (const chunkBytes of [file.length, 9]) {
      const { frames, damage, linkTypes } = read(file, chunkBytes)
      expect(damage).toBeUndefined()
      expect(linkTypes).toEqual([1, 228])
      expect(contents(frames)).toEqual(contents([first!, second!, { ...first!, bytes: first!.bytes.subarray(14) }]))
      expect(timeNsOf(frames[0]!)).toBe(1_700_000_000_500_000_000n)
    }
  })
})

describe('LZ4', () => {
  function unpacked(file: Uint8Array, chunkBytes: number): Uint8Array {
    const parts: Uint8Array[] = []
    const reader = new Lz4Reader((bytes) => parts.push(bytes))
    for (let at = 0; at < file.length; at += chunkBytes) reader.push(file.subarray(at, at + chunkBytes))
    reader.end()
    return concatBytes(parts)
  }

  test.each(['pxe-good.pcap.lz4', 'pxe-good-linked.pcap.lz4'])('%s', (name) => {
    const file = bytesOf(`formats/${name}`)
    expect(compressionOf(file)).toBe('lz4')
    for (const chunkBytes of [1, 100, file.length])
      expect(unpacked(file, chunkBytes)).toEqual(bytesOf('field/pxe-good.pcap'))
    expect(() => unpacked(file.subarray(0, 200), 50)).toThrow('unexpected end of file')
  })

  test('a block refers to the block before it, and runs over itself', () => {
    const head = [4, 0x22, 0x4d, 0x18, 0x40, 0x40, 0]
    // Four literals; then ten octets from four back; then five literals.
    const first = [0x40, 97, 98, 99, 100]
    const second = [0x06, 4, 0, 0x50, 1, 2, 3, 4, 5]
    const file = [...head, 5, 0, 0, 0, ...first, 9, 0, 0, 0, ...second, 0, 0, 0, 0]
    expect(Buffer.from(unpacked(Uint8Array.from(file), 3)).toString('latin1')).toBe(
      'abcdabcdabcdab\x01\x02\x03\x04\x05',
    )
  })

  test('garbage ends with an error or with bytes, never in a loop', () => {
    const file = bytesOf('formats/pxe-good.pcap.lz4')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const damaged = new Uint8Array(file)
          for (const [at, value] of changes) damaged[at] = value
          try {
            unpacked(damaged, 300)
          } catch (error) {
            expect(error).toBeInstanceOf(Error)
          }
        },
      ),
    )
  })
})

describe('what is no capture is named', () => {
  const eventTrace = new Uint8Array(4096)
  eventTrace.set([0, 0, 1, 0])
  eventTrace.set([2, 0, 2, 0xc0], 72)
  test.each<[string, Uint8Array, string]>([
    ['text', encodeText('Nov 25 10:00:00 host dhcpd: DHCPDISCOVER\nmore\n'), 'it is text, "Nov 25 10:00:00 host dhcpd: DHCPDISCOVER"'],
    ['a PDF', encodeText('%PDF-1.7 and so on and so on'), 'it is a PDF document'],
    ['a ZIP', Uint8Array.from([0x50, 0x4b, 3, 4, ...new Uint8Array(300)]), 'it is a ZIP archive: unpack it first'],
    ['a cabinet', Uint8Array.from([0x4d, 0x53, 0x43, 0x46, ...new Uint8Array(300)]), 'expand FILE -F:* FOLDER'],
    ['an event trace', eventTrace, 'pktmon etl2pcap FILE --out capture.pcapng'],
    ['xz', Uint8Array.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, ...new Uint8Array(300)]), 'unxz FILE'],
    ['a picture', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, ...new Uint8Array(20)]), 'it is a PNG picture'],
    ['anything', Uint8Array.from([1, 2, 3, 4, ...new Uint8Array(300)]), 'it is no capture file'],
    ['a long log', encodeText('2026-11-25 10:00:00 nothing of a dump is here\n'.repeat(4000)), 'it is text, "2026-11-25 10:00:00 nothing'],
  ])('%s', (_name, file, words) => {
    for (const chunkBytes of [file.length, 100])
      expect(read(file, chunkBytes)).toMatchObject({ frames: [], damage: expect.stringContaining(words) })
    expect(read(file).damage).toMatch(/^it is no capture file/)
  }) // prettier-ignore

  test('Network Monitor, cut off or with a table that lies', () => {
    const file = bytesOf('formats/network-monitor-2.cap')
    expect(read(file.subarray(0, 2000)).damage).toBe('its table of frames is cut off')
    expect(read(file.subarray(0, 100)).damage).toBe('its header is cut off')
    const lying = new Uint8Array(file)
    const tableAt = new DataView(lying.buffer).getUint32(24, true)
    lying.fill(0xff, tableAt + 8, tableAt + 12)
    expect(read(lying)).toMatchObject({ damage: 'frame 3 of its table is not in it' })
    expect(read(lying).frames).toHaveLength(2)
  })
})

test('damaged files of every kind end, with the frames before the damage', () => {
  const files = ['modified-a1b2cd34.pcap', 'solaris.snoop', 'network-monitor-2.cap', 'obsolete-packet-block.pcapng', 'tshark-x.txt', 'tcpdump-x.txt'].map((name) => bytesOf(`formats/${name}`)) // prettier-ignore
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      fc.array(fc.tuple(fc.nat(2600), fc.nat(255)), { maxLength: 6 }),
      fc.nat(3000),
      (file, changes, length) => {
        const damaged = new Uint8Array(file).subarray(0, length)
        for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value
        const whole = read(damaged)
        const pieces = read(damaged, 97)
        expect(contents(pieces.frames)).toEqual(contents(whole.frames))
        expect(pieces.damage).toBe(whole.damage)
      },
    ),
    { numRuns: 800 },
  )
})

test('a date is the same seconds that the platform counts', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }), (date) => {
      const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
      const seconds = utcSeconds(year, month, day, date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds())
      expect(seconds).toBe(Math.floor(date.getTime() / 1000))
    }),
  )
})
