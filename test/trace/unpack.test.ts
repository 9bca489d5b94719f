/** Compressed captures in the window: in pieces of any size, of several members, damaged and cut off. */
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unpackerOf } from '../../src/renderer/flows/unpack.ts'

async function unpacked(file: Uint8Array, pieceBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  const unpacker = unpackerOf('gzip', (bytes) => void pieces.push(Uint8Array.from(bytes)))
  for (let at = 0; at < file.length; at += pieceBytes)
    await unpacker.push(Uint8Array.from(file.subarray(at, at + pieceBytes)))
  await unpacker.end()
  return Buffer.concat(pieces)
}

test('a gzip file of several members is all of them, whatever the pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 400 }),
      async (members, pieceBytes) => {
        const file = Buffer.concat(members.map((one) => gzipSync(one)))
        expect(await unpacked(file, pieceBytes)).toEqual(Buffer.concat(members))
      },
    ),
  )
})

test('a large file in the pieces that the window reads', async () => {
  const whole = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * index) & 0xff))
  const file = Buffer.concat([gzipSync(whole.subarray(0, 1_000_000)), gzipSync(whole.subarray(1_000_000))])
  expect((await unpacked(file, 4096)).equals(whole)).toBe(true)
})

test.each([1, 2, 3])('damage in the checksum of member %i of 3 is told', async (member) => {
  const members = ['one', 'two', 'three'].map((one) => Buffer.from(gzipSync(one.repeat(200))))
  const damaged = members[member - 1]!
  damaged[damaged.length - 8]! ^= 1
  await expect(unpacked(Buffer.concat(members), 64)).rejects.toThrow('checksum')
})

test('a file that is cut off anywhere is told', async () => {
  const file = Buffer.concat([gzipSync('one'.repeat(50)), gzipSync('two'.repeat(50))])
  const first = gzipSync('one'.repeat(50)).length
  for (let end = 1; end < file.length; end++)
    if (end !== first) await expect(unpacked(file.subarray(0, end), 16), `${end} bytes`).rejects.toThrow()
})
