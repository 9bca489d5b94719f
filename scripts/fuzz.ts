/**
 * `npm run fuzz [-- --target captures --seed 7 --from 0 --count 1000000 --minutes 10 --keep]`: mutated inputs for everything
 * that reads what others wrote (`test/helpers/fuzz.ts`), and misbehaviour on sockets (`test/helpers/fuzz-sockets.ts`). The targets take turns until there were
 * `--count` inputs together or the minutes are over. Ends with 1 at the first input that throws, hangs or lets a control character
 * through, and tells how to make it again; `--keep` adds it to the corpus.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  fuzz,
  fuzzTargetNames,
  fuzzTargets,
  type FuzzFailure,
  type FuzzRun,
  type FuzzTarget,
} from '../test/helpers/fuzz.ts'
import { fuzzSockets, socketTargetNames, type SocketTarget } from '../test/helpers/fuzz-sockets.ts'

type AnyTarget = FuzzTarget | SocketTarget

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    from: { type: 'string', default: '0' },
    count: { type: 'string', default: '1000000' },
    minutes: { type: 'string', default: '60' },
    keep: { type: 'boolean', default: false },
  },
})
const [seed, from, count, minutes] = [values.seed, values.from, values.count, values.minutes].map(Number) as [number, number, number, number] // prettier-ignore
if ([seed, from, count, minutes].some((one) => !Number.isFinite(one) || one < 0))
  throw new Error('--seed, --from, --count and --minutes are numbers of 0 and more.')
const all: readonly AnyTarget[] = [...fuzzTargetNames, ...socketTargetNames]
/** The inputs that no socket carries are a kind of their own: there are a thousand times as many a second. */
const kinds: Readonly<Record<string, readonly AnyTarget[]>> = { readers: fuzzTargetNames, sockets: socketTargetNames }
const wanted = values.target ?? 'all'
const targets = wanted === 'all' ? all : (kinds[wanted] ?? all.filter((one) => one === wanted))
if (targets.length === 0)
  throw new Error(`There is no target ${wanted}: name one of ${[...Object.keys(kinds), ...all].join(', ')}.`)
const run = (
  target: AnyTarget,
  ...rest: [number, number, number, number]
): FuzzRun<AnyTarget> | Promise<FuzzRun<AnyTarget>> =>
  // prettier-ignore
  (socketTargetNames as readonly string[]).includes(target)
    ? fuzzSockets(target as SocketTarget, ...rest)
    : fuzz(target as FuzzTarget, ...rest)
const corpus = fileURLToPath(new URL('../test/fixtures/fuzz', import.meta.url))
/** Where an input takes long, many more of them take too long. */
const turnMs = 10_000
const slowTurnMs = 2500
const isSlow = ({ inputs, ms }: { readonly inputs: number; readonly ms: number }): boolean => inputs < ms * 5

const done = new Map(targets.map((target) => [target, { inputs: 0, ms: 1 }]))
let sum = 0
let failure: FuzzFailure<AnyTarget> | undefined
const started = performance.now()
const leftMs = (): number => minutes * 60_000 - (performance.now() - started)
for (let turn = 0; !failure && sum < count && leftMs() > 0; turn++) {
  const target = targets[turn % targets.length]!
  const own = done.get(target)!
  const most = Math.min(isSlow(own) ? slowTurnMs : turnMs, leftMs(), (minutes * 60_000) / targets.length)
  const told = await run(target, seed, from + own.inputs, count - sum, most)
  own.inputs += told.inputs
  own.ms += told.ms
  sum += told.inputs
  failure = told.failure
  if (turn % (2 * targets.length) === 0) process.stderr.write(`${sum} inputs so far\n`)
}
for (const [target, { inputs, ms }] of done)
  process.stdout.write(`${target}: ${inputs} inputs, ${Math.round((inputs * 1000) / Math.max(1, ms))} a second\n`)
if (failure) {
  const { target, index, input, message } = failure
  const again = target in fuzzTargets ? 1 : 6
  process.exitCode = 1
  process.stdout.write(`FAILED: ${message}\nAgain: npm run fuzz -- --target ${target} --seed ${seed} --from ${index} --count ${again}\n`) // prettier-ignore
  if (values.keep && input !== '') {
    mkdirSync(corpus, { recursive: true })
    writeFileSync(`${corpus}/${target}-${seed}-${index}`, input)
  }
}
process.stdout.write(`${sum} inputs under seed ${seed} in ${Math.round((performance.now() - started) / 1000)} s\n`)
