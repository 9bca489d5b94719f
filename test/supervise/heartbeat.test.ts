import { expect, test } from 'vitest'
import { Heartbeat } from '#shared/contract/heartbeat.ts'
import { Clock } from '#shared/simulation/clock.ts'

/** A heartbeat over virtual time; whoever is asked answers after `answersAfterMs`, or does not. */
function beat(answersAfterMs: number | undefined) {
  const clock = new Clock()
  const told: [number, string, number][] = []
  const asked: number[] = []
  const peer = { answersAfterMs, heldUpMs: 0 }
  const tell = (what: string) => (silentMs: number) => void told.push([clock.now, what, silentMs])
  const heartbeat: Heartbeat = new Heartbeat({
    clock: {
      now: () => clock.now,
      after(ms, work) {
        let isWanted = true
        clock.at(clock.now + ms + peer.heldUpMs, () => isWanted && work())
        return () => (isWanted = false)
      },
    },
    limits: { everyMs: 1000, silentMs: 5000, giveUpMs: 30_000 },
    ask: () => {
      asked.push(clock.now)
      if (peer.answersAfterMs !== undefined) clock.at(clock.now + peer.answersAfterMs, () => heartbeat.heard())
    },
    onSilent: tell('silent'),
    onAnswer: tell('answers'),
    onGiveUp: tell('gives up'),
  })
  const runTo = (time: number): void => {
    while (clock.nextAt !== undefined && clock.nextAt <= time) clock.step()
    clock.at(time, () => {})
    clock.step()
  }
  return { heartbeat, told, asked, peer, runTo, clock }
}

test('whoever answers is asked every second, and nothing is told', () => {
  const { heartbeat, told, asked, runTo } = beat(3)
  heartbeat.start()
  runTo(4500)
  expect(asked).toEqual([1000, 2000, 3000, 4000])
  expect(told).toEqual([])
})

test('silence is told once at its limit, and given up once at the other; one question waits, not thirty', () => {
  const { heartbeat, told, asked, runTo } = beat(undefined)
  heartbeat.start()
  runTo(4999)
  expect(told).toEqual([])
  runTo(90_000)
  expect(told).toEqual([
    [5000, 'silent', 5000],
    [30_000, 'gives up', 30_000],
  ])
  expect(asked).toEqual([1000])
})

test('an answer that comes late is told, and the next silence is another one', () => {
  const { heartbeat, told, asked, peer, runTo } = beat(undefined)
  heartbeat.start()
  runTo(7500)
  heartbeat.heard()
  expect(told.at(-1)).toEqual([7500, 'answers', 7500])
  // What comes without a silence before it is told to nobody.
  heartbeat.heard()
  expect(told).toHaveLength(2)
  runTo(20_000)
  expect(told.slice(2)).toEqual([[13_000, 'silent', 5500]])
  expect(asked).toEqual([1000, 8000])
  peer.answersAfterMs = 1
  runTo(36_999)
  expect(told).toHaveLength(3)
  runTo(38_000)
  expect(told.at(-1)).toEqual([38_000, 'gives up', 30_500])
  heartbeat.heard()
  expect(told.at(-1)).toEqual([38_000, 'answers', 30_500])
})

test('whoever was held up itself for an hour takes that hour for nobody’s silence', () => {
  const { heartbeat, told, peer, runTo } = beat(undefined)
  heartbeat.start()
  peer.heldUpMs = 3_600_000
  runTo(1000)
  peer.heldUpMs = 0
  runTo(3_602_000)
  expect(told).toEqual([])
  runTo(3_610_000)
  expect(told).toEqual([[3_605_000, 'silent', 5000]])
})

test('a second late is late, a little more is held up', () => {
  for (const [heldUpMs, silentAt] of [
    [1000, 5000],
    [1001, 6001],
  ] as const) {
    // prettier-ignore
    const { heartbeat, told, peer, runTo } = beat(undefined)
    peer.heldUpMs = heldUpMs
    heartbeat.start()
    peer.heldUpMs = 0
    runTo(20_000)
    expect(told[0]![0]).toBe(silentAt)
  }
})

test('stopped, it asks and tells nothing; started again it begins anew', () => {
  const { heartbeat, told, asked, runTo } = beat(undefined)
  heartbeat.heard()
  heartbeat.start()
  runTo(6000)
  heartbeat.stop()
  heartbeat.heard()
  runTo(60_000)
  expect(told).toEqual([[5000, 'silent', 5000]])
  expect(asked).toEqual([1000])
  heartbeat.start()
  runTo(64_999)
  expect(told).toHaveLength(1)
  runTo(65_000)
  expect(told.at(-1)).toEqual([65_000, 'silent', 5000])
  expect(asked).toEqual([1000, 61_000])
  // Starting what runs is starting it anew, and not twice.
  heartbeat.start()
  runTo(69_500)
  expect(told).toHaveLength(2)
  expect(asked).toEqual([1000, 61_000, 66_000])
})
