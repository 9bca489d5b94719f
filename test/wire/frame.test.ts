import { describe, expect, test } from 'vitest'
import { inspectBootProgram, mismatchOf } from '#shared/wire/boot-program.ts'
import { unwrapUdp, wrapUdp } from '#shared/wire/frame.ts'
import { architectureByKey } from '#shared/wire/iana/architecture.ts'
import { peProgram } from '../helpers/boot-programs.ts'

describe('frames', () => {
  test('wrapping and unwrapping gives the datagram back, with checksums that add up', () => {
    const udp = {
      sourceMac: Uint8Array.of(2, 0, 0, 0, 0, 1), destinationMac: Uint8Array.of(255, 255, 255, 255, 255, 255),
      sourceAddress: 0xc0a84d01, destinationAddress: 0xffffffff, sourcePort: 67, destinationPort: 68, payload: Uint8Array.from([1, 2, 3]),
    } // prettier-ignore
    const frame = wrapUdp(udp)
    expect(unwrapUdp(frame)).toEqual(udp)
    const sum = (from: number, to: number, start: number): number => {
      let total = start
      for (let at = from; at < to; at += 2) total += (frame[at]! << 8) | (at + 1 < to ? frame[at + 1]! : 0)
      while (total > 0xffff) total = (total & 0xffff) + (total >>> 16)
      return total
    }
    expect(sum(14, 34, 0)).toBe(0xffff)
    expect(sum(26, frame.length, 17 + 11)).toBe(0xffff)
  })
})

describe('boot programs', () => {
  test.each([
    ['x64-uefi', peProgram(0x8664), undefined],
    ['x86-uefi', peProgram(0x8664), 'UEFI program, x64 cannot start on x86 UEFI'],
    ['arm64-uefi', peProgram(0x8664), 'cannot start on ARM 64-bit UEFI'],
    ['bios', peProgram(0x8664), 'it hangs without a word'],
    ['bios', Uint8Array.of(0xea, 5, 0), undefined],
    ['x64-uefi', Uint8Array.of(0xea, 5, 0), 'UEFI firmware starts only PE programs'],
    ['x64-uefi', new Uint8Array(), 'the file is empty'],
  ] as const)('%s', (key, head, complaint) => {
    const found = mismatchOf(inspectBootProgram(head, 'program.0'), architectureByKey(key)!)
    if (complaint === undefined) expect(found).toBeUndefined()
    else expect(found).toContain(complaint)
  })
})
