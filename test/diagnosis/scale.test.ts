/** The planner for boot storms: its advice must repair the storm that it was asked about. */
import { describe, expect, test } from 'vitest'
import { bestImagePhase, goodput, imagePhase } from '#shared/diagnosis/scale-image.ts'
import { runStorm, type StormResult } from '#shared/diagnosis/scale-storm.ts'
import { planScale, type ScaleGoal, type ScalePlan } from '#shared/diagnosis/scale.ts'

/** The storm of bench/simulation.ts on 100 Mbit/s, scaled down: as many bytes for each Mbit/s, over the same four seconds. */
const storm: ScaleGoal = {
  machines: 400,
  minutes: 15,
  withinSeconds: 4,
  canSpread: true,
  bandwidthMbit: 4,
  latencyMs: 0.05,
  loss: 0,
  mtu: 1500,
  programBytes: 32 * 1024,
  imageBytes: undefined,
  firmware: 'edk2',
  blockSize: 1468,
  windowSize: 4,
  measured: [],
  seed: 7,
}

function finish<T>(running: Generator<unknown, T>): { readonly value: T; readonly reports: number } {
  let reports = 0
  let step = running.next()
  for (; !step.done; step = running.next()) reports++
  return { value: step.value, reports }
}
const plan = (changes: Partial<ScaleGoal> = {}): ScalePlan => finish(planScale({ ...storm, ...changes })).value

/** The advice once more, by itself and with another seed: it must not have been luck. */
const again = (goal: ScaleGoal, { advice }: ScalePlan, seed: number): StormResult =>
  finish(
    runStorm({
      ...goal,
      ...advice!,
      firmware: advice!.transport === 'http' ? 'edk2-http' : goal.firmware,
      blockSize: advice!.blockSize ?? goal.blockSize,
      windowSize: advice!.windowSize ?? goal.windowSize,
      endSeconds: goal.minutes * 60,
      seed,
    }),
  ).value

test('the storm that loses machines today is repaired by settings alone', () => {
  const { value: made, reports } = finish(planScale(storm))
  const [today] = made.tried
  expect(today).toMatchObject({ step: 'today', blockSize: 1468, windowSize: 4, meetsGoal: false })
  expect(today!.storm!.booted).toBeLessThan(storm.machines)
  expect(today!.storm!.failures.map(({ code }) => code)).toContain('PXE-E18')
  expect(today!.storm!.droppedFrames).toBeGreaterThan(0)
  expect(made.advice).toMatchObject({ step: 'settings', transport: 'tftp', servers: 1, meetsGoal: true })
  expect(made.advice).toBe(made.tried.at(-1))
  expect(again(storm, made, 8)).toMatchObject({ booted: storm.machines, failures: [] })
  // It can be shown and stopped on its way.
  expect(reports).toBeGreaterThan(1)
})

describe('a storm that no settings repair, as that of ten thousand machines on 100 Mbit/s', () => {
  const goal = { ...storm, machines: 300, programBytes: 2048, bandwidthMbit: 0.2 }

  test('is repaired by a slower switch-on', () => {
    const { tried, advice } = plan(goal)
    expect(tried.filter(({ withinSeconds }) => withinSeconds === 4).map(({ meetsGoal }) => meetsGoal)).not.toContain(true) // prettier-ignore
    expect(advice).toMatchObject({ step: 'spread', servers: 1, storm: { booted: 300, failures: [] } })
    expect(advice!.withinSeconds).toBeGreaterThan(goal.withinSeconds)
  })

  test('else by more servers', () => {
    const { tried, advice, notTried } = plan({ ...goal, canSpread: false })
    expect(tried.map(({ step }) => step)).not.toContain('spread')
    expect(notTried.join()).toContain('--no-spread')
    expect(advice).toMatchObject({ step: 'servers', meetsGoal: true })
    expect(advice!.servers).toBeGreaterThan(1)
    expect(advice!.storm!.booted).toBe(advice!.machines)
  })
})

describe('options come in the order of their cost', () => {
  test('one server that is fast enough is left as it is', () => {
    const { tried, advice } = plan({ machines: 50, bandwidthMbit: 1000 })
    expect(tried).toHaveLength(1)
    expect(advice).toMatchObject({ step: 'today', servers: 1 })
  })

  test('where the link is too slow for the bytes, servers share the machines, and none too many', () => {
    const goal = { ...storm, machines: 120, bandwidthMbit: 1, minutes: 0.5 }
    const { tried, advice, notTried } = plan(goal)
    expect(tried[0]).toMatchObject({ step: 'today', meetsGoal: false })
    expect(tried[0]!.storm).toBeUndefined()
    expect(notTried.join()).toContain('A slower switch-on')
    expect(advice!.step).toBe('servers')
    expect(advice!.storm!.booted).toBe(advice!.machines)
    expect(advice!.servers * advice!.machines).toBeGreaterThanOrEqual(goal.machines)
    const oneFewer = tried.filter(({ step, servers }) => step === 'servers' && servers === advice!.servers - 1)
    expect(oneFewer.every(({ meetsGoal }) => !meetsGoal)).toBe(true)
    // By the bytes: 120 x 32 KiB in 30 s.
    expect(plan(goal).oneServerMbit).toBeCloseTo((120 * 32 * 1024 * 8) / 30 / 1e6 / (1468 / 1538), 3)
  })

  test('a share of the machines still has the last of all in it', () => {
    // 3.8 s of firmware after 3.6 s of switching on: no number of servers makes that six seconds.
    const { tried, advice } = plan({ machines: 10, bandwidthMbit: 1000, minutes: 0.1 })
    expect(tried.at(-1)).toMatchObject({ servers: 10, machines: 1, meetsGoal: false })
    expect(advice).toBeUndefined()
  })

  test('a BIOS boot ROM is not sent to HTTP', () => {
    const { tried, notTried } = plan({ firmware: 'bios', machines: 60, bandwidthMbit: 1, minutes: 0.2 })
    expect(tried.map(({ transport }) => transport)).not.toContain('http')
    expect(notTried.join()).toContain('no HTTP boot')
  })

  test('what no number of servers can do has no advice', () => {
    const { advice, notTried } = plan({ machines: 10, imageBytes: 1e9, minutes: 1, latencyMs: 100 })
    expect(advice).toBeUndefined()
    expect(notTried.join()).toContain('More servers')
  })
})

describe('the image', () => {
  const path = { bandwidthMbit: 1000, latencyMs: 0.45, loss: 0, mtu: 1500 }
  const tftp = (blockSize: number, windowSize: number) => ({ transport: 'tftp', blockSize, windowSize }) as const

  test('a link carries less with smaller blocks', () => {
    // 1468 of 1538 bytes on the wire: preamble, Ethernet, IPv4, UDP, TFTP, check sequence, gap.
    expect(goodput(tftp(1468, 1), path)).toBeCloseTo((125e6 * 1468) / 1538)
    expect(goodput(tftp(512, 1), path)).toBeCloseTo((125e6 * 512) / 582)
    // Two fragments have two headers.
    expect(goodput(tftp(2936, 1), path)).toBeCloseTo((125e6 * 2936) / (2936 + 12 + 2 * 58))
  })

  test('one machine waits a round trip for each window, many share the link', () => {
    const alone = imagePhase(tftp(1468, 1), path, 1, 100e6, [])
    expect(alone.clientBytesPerSecond).toBeCloseTo(1468 / (0.001 + 1538 / 125e6))
    expect(alone.seconds).toBeCloseTo(100e6 / alone.clientBytesPerSecond)
    const many = imagePhase(tftp(1468, 64), path, 1000, 100e6, [])
    expect(many.seconds).toBeCloseTo(1000 * 100e6 / many.serverBytesPerSecond) // prettier-ignore
  })

  test('a loss costs a window its wait, and TCP its rate', () => {
    const lossy = { ...path, loss: 0.01 }
    expect(imagePhase(tftp(1468, 4), lossy, 1, 1e6, []).clientBytesPerSecond).toBeLessThan(150_000)
    const web = { transport: 'http', blockSize: 1460, windowSize: 1 } as const
    expect(imagePhase(web, lossy, 1, 1e6, []).clientBytesPerSecond).toBeCloseTo((1460 / 0.001) * 12.2)
  })

  test('the smallest window that is in time; measured rates replace calculated ones', () => {
    expect(bestImagePhase('tftp', path, 1, 100e6, [], 100).windowSize).toBe(1)
    expect(bestImagePhase('tftp', path, 1, 100e6, [], 10).windowSize).toBe(8)
    const measured = [
      { blockSize: 1456, windowSize: 4, bytesPerSecond: 2e6 },
      { blockSize: 1456, windowSize: 8, bytesPerSecond: 3e6 },
    ]
    expect(bestImagePhase('tftp', path, 1, 100e6, measured, 60)).toMatchObject({ windowSize: 4, seconds: 50, isMeasured: true }) // prettier-ignore
    expect(bestImagePhase('tftp', path, 1, 100e6, measured, 10)).toMatchObject({ windowSize: 8, clientBytesPerSecond: 3e6 }) // prettier-ignore
  })
})
