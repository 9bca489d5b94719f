/** What `pxe-lab scale` and the Planner say of a plan for a boot storm. */
import { formatBytes } from '../contract/format.ts'
import type { ScaleGoal, ScaleOption, ScalePlan, ScaleProgress, ScaleTrial } from '../diagnosis/scale.ts'

const counted = new Intl.NumberFormat('en')
export const machinesText = (count: number): string =>
  `${counted.format(count)} ${count === 1 ? 'machine' : 'machines'}`
const rate = (bytesPerSecond: number): string => `${(bytesPerSecond / 1e6).toPrecision(3)} MB/s`
export const secondsText = (value: number): string =>
  value < 600 ? `${value.toFixed(1)} s` : value < 36_000 ? `${(value / 60).toFixed(1)} min` : `${(value / 3600).toFixed(1)} h` // prettier-ignore

export function optionText({
  transport,
  blockSize,
  windowSize,
  withinSeconds,
  servers,
  machines,
  step,
}: ScaleOption): string {
  const file = transport === 'http' ? 'HTTP boot' : `TFTP, block ${blockSize}, window ${windowSize}`
  const spread = step === 'spread' ? `, switched on over ${withinSeconds} s` : ''
  return `${servers === 1 ? '1 server' : `${counted.format(servers)} servers with ${machinesText(machines)} each`}, ${file}${spread}${step === 'today' ? ' (as it is)' : ''}` // prettier-ignore
}

export function trialLines({ machines, storm, image, totalSeconds }: ScaleTrial): string[] {
  const lines: string[] = []
  if (!storm) lines.push(`not simulated: the bytes alone take ${secondsText(totalSeconds)} on the link of one server`)
  else {
    const failed = storm.failures.map(({ code, machines: count }) => `${counted.format(count)} ${code === 'waiting' ? 'not done in time' : code}`) // prettier-ignore
    lines.push(
      `simulated: ${counted.format(storm.booted)} of ${machinesText(machines)} boot${failed.length > 0 ? ` (${failed.join(', ')})` : ''}; slowest ${secondsText(storm.slowestSeconds)}, last at ${secondsText(storm.lastSeconds)}`,
      `queue at the server ${formatBytes(storm.queuePeakBytes)} at most, ${counted.format(storm.droppedFrames)} frames dropped, ${counted.format(storm.repeatedBlocks)} blocks and ${counted.format(storm.repeatedDiscovers)} DISCOVERs repeated`,
    )
  }
  if (image)
    lines.push(
      `image calculated: ${secondsText(image.seconds)} by ${image.transport === 'http' ? 'HTTP' : `TFTP, block ${image.blockSize}, window ${image.windowSize}`}; the server's link carries ${rate(image.serverBytesPerSecond)}, one machine gets at most ${rate(image.clientBytesPerSecond)}${image.isMeasured ? ' (measured)' : ''}`,
    )
  return lines
}

export const simulatedText =
  'The boot program: DHCP, TFTP or HTTP of every machine of one server, its link, queues, losses, timeouts and repeats. Several servers are alike: the share of one is simulated behind its own link.'
export const calculatedText =
  "The image, as if all machines began when the last one runs its boot program: its bytes over what the server's link carries with the block size, at least the time of one machine, which gets window x block for each round trip (pxe-lab scale --measured replaces that rate). Queues and repeats of the image phase are not in it."

/** The advice in a sentence, or that there is none. */
export function adviceText(
  { machines, minutes }: Pick<ScaleGoal, 'machines' | 'minutes'>,
  { advice }: ScalePlan,
): string {
  const what = `${machinesText(machines)} in ${minutes} min`
  return advice
    ? `Advice for ${what}: ${optionText(advice)}. Everything is done after ${secondsText(advice.totalSeconds)}.`
    : `Nothing that was tried boots ${what}. Allow more minutes, a faster link or a smaller image.`
}

export const oneServerText = ({ oneServerMbit }: ScalePlan): string =>
  `By the bytes alone, one server would need a link of ${counted.format(Math.ceil(oneServerMbit))} Mbit/s.`

export const settingsSay = ({ blockSize, windowSize }: ScaleTrial): string =>
  `In a lab file: tftp.maxBlockSize: ${blockSize} and tftp.maxWindowSize: ${windowSize}.`

export const progressText = ({ option, ended, seconds }: ScaleProgress): string =>
  `${optionText(option)}: ${counted.format(ended)} of ${machinesText(option.machines)} done at ${secondsText(seconds)}`
