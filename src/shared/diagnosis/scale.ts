/**
 * Plans a boot storm: the cheapest change with which so many machines run their boot program, and their image, in time.
 * Options come in the order of their cost (settings, HTTP, a slower switch-on, more servers), each is simulated, and the
 * first that meets the goal is the advice. What cannot fit by the bytes alone is told by that sum and not simulated.
 */
import {
  bestImagePhase,
  goodput,
  httpSettings,
  largestBlock,
  type ImagePhase,
  type MeasuredRate,
} from './scale-image.ts'
import { firmwareAsks, runStorm, type StormProgress, type StormResult } from './scale-storm.ts'

export interface ScaleGoal {
  readonly machines: number
  /** From the first machine that is switched on to the last that has its boot program and image. */
  readonly minutes: number
  readonly withinSeconds: number
  /** Whether the machines can be switched on more slowly than that. */
  readonly canSpread: boolean
  /** The link of one server. */
  readonly bandwidthMbit: number
  /** One way, in milliseconds. */
  readonly latencyMs: number
  /** Share of frames, 0 to 1. */
  readonly loss: number
  readonly mtu: number
  readonly programBytes: number
  /** Undefined where only the boot program counts. */
  readonly imageBytes: number | undefined
  readonly firmware: 'bios' | 'edk2'
  /** What the TFTP server grants today: bytes of a block, blocks of a window. */
  readonly blockSize: number
  readonly windowSize: number
  /** Rates of one machine by block and window, from `pxe-lab probe --rehearse --json`; they replace calculated ones. */
  readonly measured: readonly MeasuredRate[]
  readonly seed: number
}

export type ScaleStep = 'today' | 'settings' | 'http' | 'spread' | 'servers'

export interface ScaleOption {
  readonly step: ScaleStep
  readonly transport: 'tftp' | 'http'
  /** What is agreed on for the boot program over TFTP; undefined with HTTP. */
  readonly blockSize: number | undefined
  readonly windowSize: number | undefined
  readonly withinSeconds: number
  readonly servers: number
  /** The share of one server, which is what is simulated. */
  readonly machines: number
}

export interface ScaleTrial extends ScaleOption {
  /** Undefined where the bytes alone take longer than there is. */
  readonly storm: StormResult | undefined
  readonly image: ImagePhase | undefined
  /** When everything is done: simulated for the boot program, then calculated for the image. */
  readonly totalSeconds: number
  readonly meetsGoal: boolean
}

export interface ScalePlan {
  readonly tried: readonly ScaleTrial[]
  /** The cheapest that meets the goal; undefined where nothing does. */
  readonly advice: ScaleTrial | undefined
  /** Steps that were left out, and why. */
  readonly notTried: readonly string[]
  /** The link with which one server could do it by the bytes, in Mbit/s. */
  readonly oneServerMbit: number
}

export interface ScaleProgress extends StormProgress {
  readonly option: ScaleOption
}

/** A server's link has the whole horizon; steps of servers grow by a quarter, and so often at most. */
const serverGrowth = 4
const mostServerTrials = 24
const spreadFactors = [1.1, 1.5, 2, 4]
/** What a machine needs besides its share of the link: a spread that leaves it no time is not tried. */
const spareSeconds = 10
/** What the simulator takes. */
const longestSpreadSeconds = 3600

function imageOf(goal: ScaleGoal, option: ScaleOption, secondsLeft: number): ImagePhase | undefined {
  const { imageBytes, measured } = goal
  return imageBytes === undefined
    ? undefined
    : bestImagePhase(option.transport, goal, option.machines, imageBytes, measured, secondsLeft)
}

/** Seconds that the bytes of the boot program take on the link of a server, whatever else happens. */
function programSeconds(goal: ScaleGoal, { transport, blockSize, windowSize, machines }: ScaleOption): number {
  const settings =
    transport === 'http'
      ? httpSettings(goal.mtu)
      : { transport, blockSize: blockSize ?? goal.blockSize, windowSize: windowSize ?? goal.windowSize }
  return (machines * goal.programBytes) / goodput(settings, goal)
}

/** What the bytes alone take at least, with the fastest settings of the image. */
const leastSeconds = (goal: ScaleGoal, option: ScaleOption): number =>
  programSeconds(goal, option) + (imageOf(goal, option, 0)?.seconds ?? 0)

function* tryOption(goal: ScaleGoal, option: ScaleOption): Generator<ScaleProgress, ScaleTrial> {
  const endSeconds = goal.minutes * 60
  const least = leastSeconds(goal, option)
  if (least > endSeconds)
    return { ...option, storm: undefined, image: imageOf(goal, option, 0), totalSeconds: least, meetsGoal: false }
  const running = runStorm({
    ...goal,
    ...option,
    firmware: option.transport === 'http' ? 'edk2-http' : goal.firmware,
    blockSize: option.blockSize ?? goal.blockSize,
    windowSize: option.windowSize ?? goal.windowSize,
    // The last machine of all is in this share: fewer machines over the same time would otherwise end earlier.
    startSeconds: option.withinSeconds * (1 / option.machines - 1 / goal.machines),
    endSeconds,
  })
  let step = running.next()
  for (; !step.done; step = running.next()) yield { option, ...step.value }
  const storm = step.value
  const image = imageOf(goal, option, endSeconds - storm.lastSeconds)
  const totalSeconds = storm.lastSeconds + (image?.seconds ?? 0)
  return {
    ...option,
    storm,
    image,
    totalSeconds,
    meetsGoal: storm.booted === option.machines && totalSeconds <= endSeconds,
  }
}

type Settings = Pick<ScaleOption, 'transport' | 'blockSize' | 'windowSize'>

const isSame = (a: Settings, b: Settings): boolean =>
  a.transport === b.transport && a.blockSize === b.blockSize && a.windowSize === b.windowSize

/** What is agreed on today, then other windows with the largest block that is not fragmented, then the smallest block. */
function settingsToTry({ firmware, mtu, blockSize, windowSize }: ScaleGoal): readonly Settings[] {
  const asks = firmwareAsks[firmware]
  const largest = Math.min(asks.blockSize, largestBlock(mtu))
  const tftp = (block: number, window: number): Settings => ({
    transport: 'tftp',
    blockSize: block,
    windowSize: window,
  })
  const all = [
    tftp(Math.min(blockSize, largest), Math.min(windowSize, asks.windowSize)),
    ...[4, 2, 1].filter((window) => window <= asks.windowSize).map((window) => tftp(largest, window)),
    tftp(512, 1),
  ]
  return all.filter((one, index) => all.findIndex((other) => isSame(one, other)) === index)
}

/** The better of two that miss the goal: more machines boot, or the same number sooner. */
const better = (a: ScaleTrial, b: ScaleTrial): ScaleTrial => {
  const booted = (one: ScaleTrial): number => (one.storm ? one.storm.booted / one.machines : -1)
  return booted(a) !== booted(b) ? (booted(a) > booted(b) ? a : b) : a.totalSeconds <= b.totalSeconds ? a : b
}

/** What more servers are tried with: the best over TFTP, one block at a time where nothing was simulated, and HTTP. */
function contendersOf(goal: ScaleGoal, tried: readonly ScaleTrial[]): readonly Settings[] {
  const [first, ...rest] = tried.filter((one) => one.transport === 'tftp' && one.servers === 1 && one.step !== 'spread')
  const best = rest.reduce(better, first!)
  const gentle = best.storm ? [] : settingsToTry(goal).filter((one) => one.windowSize === 1).slice(0, 1) // prettier-ignore
  const web = tried.filter((one) => one.step === 'http')
  return [best, ...gentle.filter((one) => !isSame(one, best)), ...web]
}

/** Runs the search; each `next` does a few tenths of a second of it. The same goal gives the same plan. */
export function* planScale(goal: ScaleGoal): Generator<ScaleProgress, ScalePlan> {
  const endSeconds = goal.minutes * 60
  const tried: ScaleTrial[] = []
  const notTried: string[] = []
  const today = settingsToTry(goal)[0]!
  const whole = { withinSeconds: goal.withinSeconds, servers: 1, machines: goal.machines }
  const imageBytes = goal.imageBytes ?? 0
  const settings = { transport: 'tftp', blockSize: today.blockSize!, windowSize: today.windowSize! } as const
  const done = (advice: ScaleTrial | undefined): ScalePlan => ({
    tried,
    advice,
    notTried,
    oneServerMbit:
      (goal.machines * (goal.programBytes + imageBytes) * goal.bandwidthMbit) / (goodput(settings, goal) * endSeconds),
  })
  function* attempt(option: ScaleOption): Generator<ScaleProgress, ScaleTrial> {
    const trial = yield* tryOption(goal, option)
    tried.push(trial)
    return trial
  }

  for (const one of settingsToTry(goal)) {
    const trial = yield* attempt({ step: isSame(one, today) ? 'today' : 'settings', ...one, ...whole })
    if (trial.meetsGoal) return done(trial)
  }
  if (goal.firmware === 'bios') notTried.push('HTTP: a BIOS boot ROM has no HTTP boot.')
  else {
    const trial = yield* attempt({ step: 'http', transport: 'http', blockSize: undefined, windowSize: undefined, ...whole }) // prettier-ignore
    if (trial.meetsGoal) return done(trial)
  }
  const best = tried.reduce(better)
  const { transport, blockSize, windowSize } = best
  if (!goal.canSpread) notTried.push('A slower switch-on: --no-spread rules it out.')
  else if (best.storm === undefined)
    notTried.push('A slower switch-on: the bytes alone take longer on the link of one server than there is time.')
  else {
    const load = programSeconds(goal, best)
    const spreads = [...spreadFactors.map((one) => one * load), 2 * goal.withinSeconds, 4 * goal.withinSeconds]
      .map((one) => Math.ceil(one))
      .filter(
        (one) =>
          one > Math.max(load, goal.withinSeconds) && one <= Math.min(endSeconds - spareSeconds, longestSpreadSeconds),
      )
      .sort((a, b) => a - b)
    for (const withinSeconds of new Set(spreads)) {
      const trial = yield* attempt({ step: 'spread', transport, blockSize, windowSize, ...whole, withinSeconds })
      if (trial.meetsGoal) return done(trial)
    }
  }

  const contenders = contendersOf(goal, tried)
  const withServers = (servers: number, one: Settings): ScaleOption => ({
    step: 'servers',
    transport: one.transport,
    blockSize: one.blockSize,
    windowSize: one.windowSize,
    withinSeconds: goal.withinSeconds,
    servers,
    machines: Math.ceil(goal.machines / servers),
  })
  const fits = (servers: number): boolean =>
    contenders.some((one) => leastSeconds(goal, withServers(servers, one)) <= endSeconds)
  if (!fits(goal.machines)) {
    notTried.push(
      'More servers: by the rate that one machine gets, even a machine alone takes longer than there is time.',
    )
    return done(undefined)
  }
  let low = 1
  let high = goal.machines
  // By the bytes alone: the simulation begins where they fit.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle)) high = middle
    else low = middle
  }
  function* attemptServers(servers: number): Generator<ScaleProgress, ScaleTrial | undefined> {
    for (const one of contenders) {
      const trial = yield* attempt(withServers(servers, one))
      if (trial.meetsGoal) return trial
    }
    return undefined
  }
  let servers = Math.min(Math.max(high, 2), goal.machines)
  let failed = servers - 1
  let found: ScaleTrial | undefined
  for (let count = 0; count < mostServerTrials && servers > failed; count++) {
    found = yield* attemptServers(servers)
    if (found) break
    failed = servers
    servers = Math.min(goal.machines, servers + Math.max(1, Math.floor(servers / serverGrowth)))
  }
  while (found && found.servers - failed > 1) {
    const middle = Math.floor((found.servers + failed) / 2)
    const trial = yield* attemptServers(middle)
    if (trial) found = trial
    else failed = middle
  }
  return done(found)
}
