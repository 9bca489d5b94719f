/** Lists of EFI signatures, as a dbx is handed around, and the hashes that are published. */
import { describe, expect, test } from 'vitest'
import { concatBytes, formatHex, parseHex } from '#shared/wire/bytes.ts'
import { isHashRevoked } from '#shared/wire/secure-boot/revoked-hashes.ts'
import { readSignatureLists } from '#shared/wire/secure-boot/signature-lists.ts'

const u32 = (value: number): Uint8Array => Uint8Array.of(value, value >> 8, value >> 16, value >> 24)
const list = (type: string, ...entries: Uint8Array[]): Uint8Array => {
  const each = 16 + entries[0]!.length
  return concatBytes([
    parseHex(type)!, u32(28 + each * entries.length), u32(0), u32(each),
    ...entries.flatMap((one) => [new Uint8Array(16).fill(7), one]),
  ]) // prettier-ignore
}
const hashes = [1, 2].map((value) => new Uint8Array(32).fill(value))
const certificate = new Uint8Array(50).fill(9)
// EFI_CERT_SHA256_GUID, EFI_CERT_X509_GUID and EFI_CERT_X509_SHA256_GUID.
const lists = concatBytes([
  list('2616c4c14c509240aca941f936934328', ...hashes),
  list('a159c0a5e494a74a87b5ab155c2bf072', certificate),
  list('92a4d23bc0967940b420fcf98ef103ed', new Uint8Array(48)),
])
const read = { certificates: [certificate], hashes: hashes.map((one) => formatHex(one)), others: 1 }
const signed = concatBytes([new Uint8Array(16), u32(24 + 5), Uint8Array.of(0, 2, 0xf1, 0x0e), new Uint8Array(21), lists]) // prettier-ignore

describe('signature lists', () => {
  test.each([
    ['alone', lists],
    ['as a file of efivarfs', concatBytes([u32(0x27), lists])],
    ['signed by their authority', signed],
  ])('%s', (_, bytes) => expect(readSignatureLists(bytes)).toEqual(read))

  test('cut off anywhere they are none, except behind a list', () => {
    const whole: number[] = []
    for (let length = 0; length < lists.length; length++)
      if (readSignatureLists(lists.subarray(0, length))) whole.push(length)
    expect(whole).toEqual([28 + 2 * 48, 28 + 2 * 48 + 28 + 66])
  })

  test.each([
    ['nothing', new Uint8Array(0)],
    ['a program', new Uint8Array(500).fill(0x4d)],
    ['zeros', new Uint8Array(100)],
  ])('%s is none', (_, bytes) => expect(readSignatureLists(bytes)).toBeUndefined())
})

test('hashes that are published are known, others are not', () => {
  // A shim of 2018 and a GRUB of 2020.
  expect(isHashRevoked('80b4d96931bf0d02fd91a61e19d14f1da452e66db2408ca8604d411f92659f0a')).toBe(true)
  expect(isHashRevoked('7eac80a915c84cd4afec638904d94eb168a8557951a4d539b0713028552b6b8c')).toBe(true)
  expect(isHashRevoked('0'.repeat(64))).toBe(false)
})
