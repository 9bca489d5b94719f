/** Set up for every test: what is expected of a message may be written as its English sentence. */
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import { isMessage } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'

expect.addEqualityTesters([
  (a: unknown, b: unknown): boolean | undefined => {
    if (isMessage(a) && typeof b === 'string') return inEnglish(a) === b
    if (isMessage(b) && typeof a === 'string') return inEnglish(b) === a
    return isMessage(a) && isMessage(b) ? isDeepStrictEqual(a, b) : undefined
  },
])

/** `expect.stringMatching` and the like look at the sentence, too. */
for (const matcher of [expect.stringMatching('') as object, expect.stringContaining('') as object]) {
  const prototype = Object.getPrototypeOf(matcher) as { asymmetricMatch: (other: unknown) => boolean }
  const { asymmetricMatch } = prototype
  prototype.asymmetricMatch = function (this: object, other: unknown): boolean {
    return asymmetricMatch.call(this, isMessage(other) ? inEnglish(other) : other)
  }
}
