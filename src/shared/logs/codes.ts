/** Error codes in a message, and what they are in words. A code never decides what happened: its message does. */
import { say, type Message } from '#messages/message.ts'
import { facilities, setupOperations, setupPhases, wholeCodes, win32Codes } from './code-tables.ts'

export interface NamedCode {
  /** `0x80070002`, `0xC1900101 - 0x20017`. */
  readonly code: string
  readonly words: Message
}

const hex = (value: number): string =>
  `0x${(value >>> 0)
    .toString(16)
    .toUpperCase()
    .padStart(value >>> 0 > 0xffff ? 8 : 1, '0')}`

/** Codes of 32 bits with the sign of a failure, as they are written: with and without 0x, and as a decimal number. */
const written =
  /(?<![\da-fA-F-])(?:0x([\da-fA-F]{1,8})|([8cC][\da-fA-F]{7}))(?![\da-fA-F-])(?:\s*-\s*0x([\da-fA-F]{5}))?|(?<![\w.:-])-(\d{9,10})(?!\w|\.\d)|(?<![\w.:-])(2[1-9]\d{8}|3\d{9}|4[0-2]\d{8})(?!\w|[.:-]\d)/g

/** Small numbers that are errors because of what stands before them. */
const small =
  /(?:\bexit code|\breturn(?:ed| code)|\bWin32 ?(?:error)? ?=?|\bErrorCode|\bError Information|\berror code|\brc=)\W{0,3}\s?(0x[\da-f]{1,7}|\d{1,5})(?![\w.])/gi

/** The failing codes in a text, each once, in their order. */
export function codesIn(text: string, limit = 6): NamedCode[] {
  const found = new Map<string, NamedCode>()
  for (const [, prefixed, plain, extend, negative, decimal] of text.matchAll(written)) {
    const value =
      prefixed === undefined && plain === undefined
        ? negative === undefined
          ? Number(decimal)
          : 0x1_0000_0000 - Number(negative)
        : Number.parseInt(prefixed ?? plain!, 16)
    if (value < 0 || value > 0xffff_ffff) continue
    // Small numbers behind 0x are flags and handles as often as errors.
    if (value < 0x8000_0000) continue
    const one = nameOf(value, extend === undefined ? undefined : Number.parseInt(extend, 16))
    if (!found.has(one.code)) found.set(one.code, one)
    if (found.size >= limit) return [...found.values()]
  }
  for (const [, number] of text.matchAll(small)) {
    const value = Number(number)
    const words = value === 0 ? undefined : win32Codes.get(value)
    if (words !== undefined && found.size < limit) found.set(number!, { code: number!, words })
  }
  return [...found.values()]
}

/** An extend code of Windows Setup: where and at what it stopped. */
export const setupPlace = (extend: number): Message =>
  say('codes.setup-place', {
    phase: setupPhases[extend >>> 16] ?? say('codes.phase-number', { number: extend >>> 16 }),
    operation: setupOperations[extend & 0xffff] ?? say('codes.operation-number', { number: hex(extend & 0xffff) }),
  })

/** A code in words; every code has some. */
export function nameOf(value: number, extend?: number): NamedCode {
  const words = wordsOf(value >>> 0)
  return extend === undefined
    ? { code: hex(value), words }
    : {
        code: `${hex(value)} - 0x${extend.toString(16).toUpperCase()}`,
        words: say('codes.stopped-at', { words, place: setupPlace(extend) }),
      }
}

function wordsOf(value: number): Message {
  const known = wholeCodes.get(value)
  if (known !== undefined) return known
  const low = value & 0xffff
  const facility = (value >>> 16) & 0x7ff
  if (value < 0x1_0000) return win32Codes.get(value) ?? say('codes.windows-error', { number: value })
  if (value >>> 16 === 0x8007) return win32Codes.get(low) ?? say('codes.windows-error', { number: low })
  const win32 = win32Codes.get(low)
  if (value >>> 28 === 0xd && win32 !== undefined) return say('codes.as-ntstatus', { words: win32 })
  if (value >>> 16 === 0x87d0 || value >>> 16 === 0x87d1) return say('codes.configmgr-error', { number: hex(low) })
  if (value >>> 16 === 0xc190) return say('codes.setup-error', { number: hex(low) })
  if (value >>> 16 === 0xc142) return say('codes.wim-mounting-error', { number: hex(low) })
  if (value >>> 24 === 0xc1 && facility >= 257 && facility <= 296) return say('codes.wds-error', { number: hex(low) })
  if (value >>> 28 === 0xc && facility === 0) return say('codes.kernel-status', { number: hex(value) })
  return say('codes.error-of-facility', {
    number: low,
    facility: facilities.get(facility) ?? say('codes.facility-number', { number: facility }),
  })
}
