/**
 * Memory under a storm of clients that are all different: `npm run bench storm`, a minute, or as many as
 * `PXE_LAB_STORM_MINUTES` says. An hour at 300 clients a second is more than a million. A time series, not a ratio: what
 * grows without end is a fault whoever else has it.
 */
import { growthAnHour, storm, type StormSample } from '../test/helpers/storm.ts'

const minutes = Number(process.env['PXE_LAB_STORM_MINUTES'] ?? 1)
const [clientsASecond, readsASecond, everySeconds] = [320, 10, 5]
/** Megabytes an hour that a heap may wander. */
const mostAnHour = 10

const row = ({ seconds, backEnd, responder, count }: StormSample): string =>
  `storm ${String(seconds).padStart(5)} s: back end ${backEnd.toFixed(0)} MB, responder ${responder.toFixed(0)} MB; ${count.clients} clients, ${count.acks} leases, ${count.finished} of ${count.reads} files (${Math.round(count.bytes / 1e6)} MB)\n`

export async function benchStorm(): Promise<void> {
  let told = -Infinity
  const samples = await storm({
    seconds: minutes * 60,
    clientsASecond,
    readsASecond,
    everySeconds,
    onSample(sample) {
      if (sample.seconds - told < 60) return
      told = sample.seconds
      process.stdout.write(row(sample))
    },
  })
  process.stdout.write(row(samples.at(-1)!))
  for (const [name, key] of [
    ['back end', 'backEnd'],
    ['responder', 'responder'],
  ] as const) {
    const grown = growthAnHour(samples, key)
    const verdict = minutes < 10 ? 'too short to tell' : grown <= mostAnHour ? 'flat' : 'GROWS'
    process.stdout.write(`storm, ${name}: ${grown.toFixed(1)} MB an hour over the later half (${verdict}, at most ${mostAnHour})\n`) // prettier-ignore
  }
}
