/** Certificates in the signature table of a program (Microsoft PE format, section 5.9; RFC 2315 section 9.1). */
import { expect, test } from 'vitest'
import { concatBytes } from '#shared/wire/bytes.ts'
import { signatureCertificates } from '#shared/wire/authenticode.ts'
import { peProgram } from '../helpers/boot-programs.ts'

const der = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const body = concatBytes([...parts])
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return concatBytes([Uint8Array.of(tag, ...size), body])
}
const certificate = (length: number): Uint8Array => der(0x30, new Uint8Array(length).fill(length & 255))
const integer = der(2, Uint8Array.of(1))
/** ContentInfo with a SignedData: version, algorithms, content, certificates, signers. */
const signedData = (...certificates: readonly Uint8Array[]): Uint8Array =>
  der(0x30, der(6, Uint8Array.of(42)), der(0xa0, der(0x30, integer, der(0x31), der(0x30), der(0xa0, ...certificates), der(0x31)))) // prettier-ignore

/** A program with this table behind it; entries begin at multiples of eight. */
function signed(entries: readonly { readonly type: number; readonly der: Uint8Array }[], magic = 0x20b): Uint8Array {
  const program = peProgram(0x8664, 512)
  const optionalAt = 0x80 + 24
  const view = new DataView(program.buffer)
  view.setUint16(optionalAt, magic, true)
  const table = concatBytes(
    entries.map((one) => {
      const entry = new Uint8Array(Math.ceil((8 + one.der.length) / 8) * 8)
      const entryView = new DataView(entry.buffer)
      entryView.setUint32(0, 8 + one.der.length, true)
      entryView.setUint16(4, 0x200, true)
      entryView.setUint16(6, one.type, true)
      entry.set(one.der, 8)
      return entry
    }),
  )
  const at = optionalAt + (magic === 0x20b ? 112 : 96) + 4 * 8
  view.setUint32(at, entries.length === 0 ? 0 : program.length, true)
  view.setUint32(at + 4, table.length, true)
  return concatBytes([program, table])
}

const [short, middle, long] = [certificate(5), certificate(200), certificate(700)] as [Uint8Array, Uint8Array, Uint8Array] // prettier-ignore

test.each([
  ['64 bits', signed([{ type: 2, der: signedData(short, middle) }]), [short, middle]],
  ['32 bits', signed([{ type: 2, der: signedData(long) }], 0x10b), [long]],
  ['two signatures', signed([{ type: 2, der: signedData(short) }, { type: 2, der: signedData(long, short) }]), [short, long, short]],
  ['an entry of another type before', signed([{ type: 1, der: middle }, { type: 2, der: signedData(short) }]), [short]],
  ['what is none among the certificates', signed([{ type: 2, der: signedData(integer, short) }]), [short]],
  ['no signature', signed([]), []],
  ['what is no SignedData', signed([{ type: 2, der: integer }]), []],
  ['bytes behind the table', concatBytes([signed([{ type: 2, der: signedData(short) }]), signed([{ type: 2, der: signedData(long) }]).subarray(512)]), [short]],
])('%s', (_, program, expected) => expect(signatureCertificates(program)).toEqual(expected)) // prettier-ignore

test('what is no PE program has none, not even an empty list', () => {
  for (const spoil of [0, 1, 0x80, 0x81, 0x82, 0x80 + 24]) {
    const program = signed([{ type: 2, der: signedData(short) }])
    program[spoil] = 0x77
    expect(signatureCertificates(program), `${spoil}`).toBeUndefined()
  }
})
