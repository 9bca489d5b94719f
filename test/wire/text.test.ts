/** Text from the wire: UTF-8 (RFC 3629), and what is none. */
import { expect, test } from 'vitest'
import { concatBytes, decodeText, encodeText, formatUuid, parseUuid } from '#shared/wire/bytes.ts'

const bad = '\ufffd'

test.each([
  ['short ASCII', [0x61, 0x62], 'ab'],
  ['up to the first NUL', [0x61, 0, 0x62], 'a'],
  ['two octets', [0xc3, 0xa4], 'ä'],
  ['the smallest of two octets', [0xc2, 0x80], '\u0080'],
  ['three octets', [0xe2, 0x82, 0xac], '€'],
  ['four octets', [0xf0, 0x9f, 0x98, 0x80], '😀'],
  ['the last code point', [0xf4, 0x8f, 0xbf, 0xbf], '\u{10ffff}'],
  ['ASCII after UTF-8', [0xc3, 0xa4, 0x62], 'äb'],
  ['a stray byte between letters', [0x61, 0xff, 0x62], `a${bad}b`],
  ['a stray continuation', [0x80, 0x61], `${bad}a`],
  ['a sequence that the text ends in', [0x61, 0xe2, 0x82], `a${bad}${bad}`],
  ['a sequence that a letter ends', [0xc3, 0x61], `${bad}a`],
  ['an overlong slash', [0xc0, 0xaf], bad + bad],
  ['an overlong slash of three', [0xe0, 0x80, 0xaf], bad + bad + bad],
  ['half of a surrogate pair', [0xed, 0xa0, 0x80], bad + bad + bad],
  ['beyond the last code point', [0xf4, 0x90, 0x80, 0x80], bad + bad + bad + bad],
  ['an octet that no sequence begins with', [0xf5, 0x80, 0x80, 0x80], bad + bad + bad + bad],
])('%s', (_, bytes, text) => {
  expect(decodeText(Uint8Array.from(bytes))).toBe(text)
  // The way of long texts is another one.
  const long = new Uint8Array(2000).fill(0x2d)
  expect(decodeText(concatBytes([long, Uint8Array.from(bytes)]))).toBe('-'.repeat(2000) + text)
})

test.each(['', 'a', 'plain\u007f', 'ä', 'plain and ä', '€ before', 'a😀b', '\u{10ffff}', '\0'])(
  '%j is written as UTF-8',
  (text) => {
    const bytes = encodeText(text)
    expect([...bytes]).toEqual([...Buffer.from(text, 'utf8')])
    // Nothing of the room it was written in is seen beside it.
    expect(bytes.buffer.byteLength).toBe(bytes.length)
  },
)

test('a machine identifier is printed with its first three groups turned', () => {
  const bytes = Uint8Array.from({ length: 16 }, (_, at) => at * 16 + at)
  expect(formatUuid(bytes)).toBe('33221100-5544-7766-8899-aabbccddeeff')
  // A second one is not made of the first.
  expect(formatUuid(new Uint8Array(16))).toBe('00000000-0000-0000-0000-000000000000')
  expect(parseUuid(formatUuid(bytes))).toEqual(bytes)
  // What is cut off counts as zeros.
  expect(formatUuid(bytes.subarray(0, 4))).toBe('33221100-0000-0000-0000-000000000000')
})
