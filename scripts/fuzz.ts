/**
 * `npm run fuzz [-- --target captures --seed 7 --from 0 --count 1000000 --minutes 10 --keep]`: mutated inputs for everything
 * that reads what others wrote (`test/helpers/fuzz.ts`). Ends with 1 at the first input that throws, hangs or lets a
 * control character through, and tells how to make it again; `--keep` adds it to the corpus.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fuzz, fuzzTargetNames, type FuzzTarget } from '../test/helpers/fuzz.ts'

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    from: { type: 'string', default: '0' },
    count: { type: 'string', default: '10000' },
    minutes: { type: 'string', default: '60' },
    keep: { type: 'boolean', default: false },
  },
})
const [seed, from, count, minutes] = [values.seed, values.from, values.count, values.minutes].map(Number) as [number, number, number, number] // prettier-ignore
if ([seed, from, count, minutes].some((one) => !Number.isFinite(one) || one < 0))
  throw new Error('--seed, --from, --count and --minutes are numbers of 0 and more.')
const unknown = values.target !== undefined && !(fuzzTargetNames as readonly string[]).includes(values.target)
if (unknown) throw new Error(`There is no target ${values.target}: name one of ${fuzzTargetNames.join(', ')}.`)
const targets = values.target === undefined ? fuzzTargetNames : [values.target as FuzzTarget]
const corpus = fileURLToPath(new URL('../test/fixtures/fuzz', import.meta.url))

let all = 0
let allMs = 0
for (const target of targets) {
  const { inputs, ms, failure } = fuzz(target, seed, from, count, (minutes * 60_000) / targets.length)
  all += inputs
  allMs += ms
  process.stdout.write(`${target}: ${inputs} inputs, ${Math.round((inputs * 1000) / Math.max(1, ms))} a second\n`)
  if (!failure) continue
  process.exitCode = 1
  process.stdout.write(`FAILED: ${failure.message}\nAgain: npm run fuzz -- --target ${target} --seed ${seed} --from ${failure.index} --count 1\n`) // prettier-ignore
  if (!values.keep) continue
  mkdirSync(corpus, { recursive: true })
  writeFileSync(`${corpus}/${target}-${seed}-${failure.index}`, failure.input)
}
process.stdout.write(`${all} inputs under seed ${seed} in ${Math.round(allMs / 1000)} s\n`)
