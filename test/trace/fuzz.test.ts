/**
 * A bounded share of `npm run fuzz` in every run: a seed that never changes, and the day's, which is printed with a failure
 * and makes the same inputs again: `npm run fuzz -- --target T --seed S --from I --count 1`.
 */
import { expect, test } from 'vitest'
import { fuzz, fuzzTargetNames } from '../helpers/fuzz.ts'

const fixedSeed = 1
const seedOfToday = Math.floor(Date.now() / 86_400_000)
const shareMs = 500

test.each(fuzzTargetNames.flatMap((target) => [fixedSeed, seedOfToday].map((seed) => [target, seed] as const)))(
  '%s withstands what is mutated under seed %i',
  (target, seed) => {
    // Enough inputs to mean something even where the machine is slow, and no more time than it is worth.
    const first = fuzz(target, seed, 0, 100)
    const told = first.failure ?? fuzz(target, seed, 100, 20_000, shareMs).failure
    expect(
      told,
      told && `npm run fuzz -- --target ${target} --seed ${seed} --from ${told.index} --count 1`,
    ).toBeUndefined()
    expect(first.inputs).toBe(100)
  },
)
