/**
 * A bounded share of the fuzzing of sockets and streams in every run: a seed that never changes, and the day's, which is
 * printed with a failure. `npm run fuzz -- --target sockets --minutes 60` runs longer.
 */
import { expect, test } from 'vitest'
import { fuzzSockets, socketTargetNames } from '../helpers/fuzz-sockets.ts'

const fixedSeed = 1
const seedOfToday = Math.floor(Date.now() / 86_400_000)
const [least, most, shareMs] = [24, 300, 2000]

test.each(socketTargetNames.flatMap((target) => [fixedSeed, seedOfToday].map((seed) => [target, seed] as const)))(
  '%s outlives what comes under seed %i',
  async (target, seed) => {
    // Enough conversations to mean something even where the machine is slow, and no more time than it is worth.
    const first = await fuzzSockets(target, seed, 0, least)
    const told = first.failure ?? (await fuzzSockets(target, seed, least, most, shareMs)).failure
    expect(
      told,
      told && `npm run fuzz -- --target ${target} --seed ${seed} --from ${told.index} --count 6`,
    ).toBeUndefined()
    expect(first.inputs).toBe(least)
  },
)
