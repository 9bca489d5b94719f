/** A storm of clients that are all different, for half a minute; `npm run bench storm` takes as long as it is told. */
import { expect, test } from 'vitest'
import { describeWith } from '../helpers/requirements.ts'
import { storm } from '../helpers/storm.ts'

/** What frames, leases, clients and log of either process may fill up to their bounds, and a heap around them. */
const mostMb = 600

describeWith(['root', 'ip', 'ss'], 'a storm of new clients', () => {
  test('is answered, files are read beside it, and neither process outgrows its bounds', { timeout: 180_000 }, async () => {
    const samples = await storm({ seconds: 30, clientsASecond: 400, readsASecond: 10, everySeconds: 5 })
    const { count } = samples.at(-1)!
    expect(count.acks).toBeGreaterThan(1000)
    expect(count.finished).toBeGreaterThan(10)
    for (const { backEnd, responder } of samples) expect(Math.max(backEnd, responder)).toBeLessThan(mostMb)
  }) // prettier-ignore
})
