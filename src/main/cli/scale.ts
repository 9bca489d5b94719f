/** `pxe-lab scale`: what a boot storm of so many machines needs, tried option by option in the simulator. */
import { t } from '#messages/text.ts'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { tellBytes } from '#shared/contract/amounts.ts'
import { probeSchema } from '#shared/contract/documents.ts'
import type { MeasuredRate } from '#shared/diagnosis/scale-image.ts'
import { planScale, type ScaleGoal, type ScalePlan } from '#shared/diagnosis/scale.ts'
import { adviceText, calculatedText, oneServerText, optionText, progressText, settingsSay, simulatedText, trialLines } from '#shared/knowledge/scale-text.ts' // prettier-ignore
import { readTextFile } from '../files/text-file.ts'
import { whyUnread } from '../files/unreadable.ts'
import { onStop } from '../stop.ts'
import { exitCodes } from './exit-codes.ts'
import { UsageError } from './usage-error.ts'

export interface ScaleOptions {
  readonly machines: string
  readonly minutes: string
  readonly within: string
  readonly spread: boolean
  readonly bandwidth: string
  readonly latency: string
  readonly loss: string
  readonly mtu: string
  readonly program: string
  readonly image?: string
  readonly firmware: string
  readonly block: string
  readonly window: string
  readonly measured?: string
  readonly seed: string
  readonly json?: boolean
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)
const wrong = (text: string): never => {
  complain(text)
  throw new UsageError(text)
}

/** Which numbers an option takes. */
interface Bounds {
  readonly low: number
  readonly high: number
  readonly unit: string
  readonly isWhole?: boolean
}

function numberOf(option: string, text: string, { low, high, unit, isWhole }: Bounds): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN
  if (value >= low && value <= high && (!isWhole || Number.isInteger(value))) return value
  const range = { option, text, low, high, unit: unit === '' ? '' : ` ${unit}` }
  return wrong(isWhole ? t('cli.not-valid-whole-number', range) : t('cli.not-valid-number', range))
}

const sizeUnits = ['', 'K', 'M', 'G', 'T']
/** The largest file that is counted: 1 TiB. */
const mostBytes = 2 ** 40

function sizeOf(option: string, text: string, most = mostBytes): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text) ?? []
  const bytes = Math.round(Number(number) * 1024 ** sizeUnits.indexOf(unit.toUpperCase()))
  if (number !== '' && bytes >= 1 && bytes <= most) return bytes
  return wrong(t('cli.not-size-write-bytes-number', { option, text, most: tellBytes(most) })) // prettier-ignore
}

function goalOf(options: ScaleOptions): Omit<ScaleGoal, 'measured'> {
  const { firmware } = options
  if (firmware !== 'edk2' && firmware !== 'bios') return wrong(t('cli.firmware-edk2-bios', { firmware }))
  const minutes = numberOf('minutes', options.minutes, { low: 0.1, high: 1440, unit: 'min' })
  const withinSeconds = numberOf('within', options.within, { low: 0, high: 3600, unit: 's' })
  if (withinSeconds >= minutes * 60)
    wrong(t('cli.within-leaves-no-time-goal', { within: options.within, minutes: options.minutes, value: minutes * 60 })) // prettier-ignore
  return {
    machines: numberOf('machines', options.machines, { low: 1, high: 100_000, unit: '', isWhole: true }),
    minutes,
    withinSeconds,
    canSpread: options.spread,
    bandwidthMbit: numberOf('bandwidth', options.bandwidth, { low: 0.1, high: 1_000_000, unit: 'Mbit/s' }),
    latencyMs: numberOf('latency', options.latency, { low: 0, high: 10_000, unit: 'ms' }),
    loss: numberOf('loss', options.loss, { low: 0, high: 50, unit: '%' }) / 100,
    mtu: numberOf('mtu', options.mtu, { low: 576, high: 9216, unit: 'B', isWhole: true }),
    programBytes: sizeOf('program', options.program, 0xffff_ffff),
    imageBytes: options.image === undefined ? undefined : sizeOf('image', options.image),
    firmware,
    blockSize: numberOf('block', options.block, { low: 512, high: 65_464, unit: 'B', isWhole: true }),
    windowSize: numberOf('window', options.window, { low: 1, high: 65_535, unit: '', isWhole: true }),
    seed: numberOf('seed', options.seed, { low: 0, high: 0xffff_ffff, unit: '', isWhole: true }),
  }
}

/** Rates of one machine by the block and window it was granted, the fastest of each; undefined where they cannot be read, which has been told. */
async function measuredOf(file: string): Promise<readonly MeasuredRate[] | undefined> {
  let text: string
  try {
    ;({ text } = await readTextFile(file))
  } catch (error) {
    complain(t('cli.measured-name-output-pxe-lab', { file, whyUnread: whyUnread(error) }))
    return undefined
  }
  let stated: unknown
  try {
    stated = JSON.parse(text)
  } catch (error) {
    complain(t('cli.measured-not-json-write-pxe', { file, message: (error as Error).message })) // prettier-ignore
    return undefined
  }
  const read = probeSchema.safeParse(stated)
  if (!read.success) {
    const [issue] = read.error.issues
    complain(t('cli.measured-not-output', { file, place: issue!.path.join('.') || t('cli.the-file'), message: issue!.message })) // prettier-ignore
    return undefined
  }
  const rates = new Map<string, MeasuredRate>()
  for (const { agreedBlockSize, agreedWindowSize, bytesPerSecond } of (read.data.rehearsals ?? []).flatMap(
    ({ sweep }) => sweep,
  )) {
    // prettier-ignore
    if (!bytesPerSecond) continue
    const key = `${agreedBlockSize} ${agreedWindowSize}`
    if (bytesPerSecond > (rates.get(key)?.bytesPerSecond ?? 0))
      rates.set(key, { blockSize: agreedBlockSize, windowSize: agreedWindowSize, bytesPerSecond })
  }
  if (rates.size === 0) {
    complain(t('cli.measured-holds-no-measured-rates', { file })) // prettier-ignore
    return undefined
  }
  return [...rates.values()]
}

function print(goal: ScaleGoal, plan: ScalePlan): void {
  for (const [index, one] of plan.tried.entries()) {
    tell(`${index + 1}. ${t(one.meetsGoal ? 'cli.mark-ok' : 'cli.mark-no')}  ${optionText(one)}`)
    for (const line of trialLines(one)) tell(`       ${line}`)
  }
  for (const one of plan.notTried) tell(`-  ${t('cli.not-tried', { what: one })}`)
  const { advice } = plan
  tell(`\n${adviceText(goal, plan)}`)
  if (advice?.step === 'settings') tell(`  ${settingsSay(advice)}`)
  if (!advice || advice.servers > 1) tell(`  ${oneServerText(plan)}`)
  tell(`\n${t('cli.simulated', { what: simulatedText })}`)
  if (goal.imageBytes !== undefined) tell(t('cli.calculated', { what: calculatedText }))
}

const progressMs = 1000

/** 0 a way was found, 1 none meets the goal, 2 cancelled or a file cannot be read. */
export async function scale(options: ScaleOptions): Promise<number> {
  const stated = goalOf(options)
  const measured = options.measured === undefined ? [] : await measuredOf(options.measured)
  if (!measured) return exitCodes.badFile
  const goal: ScaleGoal = { ...stated, measured }
  const stop = new AbortController()
  onStop(() => stop.abort())
  const planning = planScale(goal)
  let told = performance.now()
  let step = planning.next()
  for (; !step.done; step = planning.next()) {
    if (stop.signal.aborted) {
      complain(t('cli.cancelled'))
      return exitCodes.unknown
    }
    if (performance.now() - told > progressMs && !options.json) {
      told = performance.now()
      process.stderr.write(`${t('cli.press-ctrl-c-cancel', { value: progressText(step.value) })}\n`)
    }
    await nextTurn()
  }
  const plan = step.value
  const { measured: _, ...asked } = goal
  if (options.json)
    tell(JSON.stringify({ version: 1, goal: asked, advice: plan.advice ?? null, tried: plan.tried, notTried: plan.notTried, oneServerMbit: plan.oneServerMbit, simulated: simulatedText, calculated: calculatedText })) // prettier-ignore
  else print(goal, plan)
  return plan.advice ? exitCodes.ok : exitCodes.failed
}
