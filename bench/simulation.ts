/**
 * The simulator in one thread: plain boots a second, and a storm of ten thousand machines against one server as network,
 * block size and window vary. No peer simulates firmware; the numbers stand beside their aims.
 */
import { PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { planScale } from '#shared/diagnosis/scale.ts'
import { runStorm, type StormResult } from '#shared/diagnosis/scale-storm.ts'
import { scenarioSchema, type ScenarioInput } from '#shared/simulation/scenario.ts'
import { Simulation } from '#shared/simulation/simulation.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const programBytes = 64 * 1024
const secondsOfMeasuring = 4
const bootsOfSlice = 40
/** While the engine still compiles what is run: told apart from the steady rate. */
const coldBoots = 1000
const warmingBoots = 4000

function plainBoot(seed: number): ScenarioInput {
  return {
    title: 'plain boot',
    group: 'Normal boots',
    summary: 'DHCP, TFTP and one machine',
    seed,
    segments: { lan: { network: '10.0.0.0/16' } },
    hosts: {
      boot1: {
        kind: 'linux',
        on: { lan: '10.0.0.1' },
        services: {
          DHCPServer: {
            nextServer: '10.0.0.1',
            options: { 67: 'boot.0' },
            subnets: [{ subnet: '10.0.0.0/16', start: '10.0.1.0', end: '10.0.250.0' }],
          },
          tftp: {},
        },
        files: { 'boot.0': { program: 'plain', architecture: 'bios', size: programBytes } },
      },
    },
    clients: { pc: { firmware: 'bios', on: 'lan' } },
  }
}

/** Boots of one machine after another, each in a simulation of its own: those of a process that has just begun, then steadily. */
async function boots(): Promise<void> {
  const scenario = scenarioSchema.parse(plainBoot(1))
  const run = (): void => {
    const simulation = new Simulation(scenario, { record: false })
    simulation.run()
    if (simulation.outcomes()[0]?.state !== 'booted') throw new Error('the plain boot does not boot')
  }
  const coldBegun = performance.now()
  for (let boot = 0; boot < coldBoots; boot++) run()
  const coldRate = (coldBoots / (performance.now() - coldBegun)) * 1000
  for (let boot = 0; boot < warmingBoots; boot++) run()
  let collectedMs = 0
  const collections = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collectedMs += duration
  })
  collections.observe({ entryTypes: ['gc'] })
  const slices: number[] = []
  let count = 0
  const begun = performance.now()
  while (performance.now() - begun < secondsOfMeasuring * 1000) {
    const before = process.threadCpuUsage()
    for (let boot = 0; boot < bootsOfSlice; boot++) run()
    const { user, system } = process.threadCpuUsage(before)
    slices.push((user + system) / bootsOfSlice)
    count += bootsOfSlice
  }
  const spentMs = performance.now() - begun
  const rate = (count / spentMs) * 1000
  // What was collected is told when the thread is free.
  await delay(100)
  collections.disconnect()
  // What else this machine does costs a thread its caches: the quickest slices were left alone.
  const inOrder = slices.toSorted((a, b) => a - b)
  const thread = (share: number): string => {
    const microseconds = inOrder[Math.floor(inOrder.length * share)]!
    return `${Math.round(microseconds)} us (${Math.round(1e6 / microseconds)} a second)`
  }
  say(
    `plain boots, file of ${programBytes / 1024} KiB counted: ${Math.round(rate)} boots/s (aim 4000), the first ${coldBoots} of a process at ${Math.round(coldRate)}; of a thread's time ${thread(0.05)} undisturbed, ${thread(0.5)} in the middle; collecting took ${((collectedMs / spentMs) * 100).toFixed(1)} %`,
  )
}

const machines = 10_000

interface BenchStorm {
  readonly name: string
  readonly bandwidthMbit: number
  readonly blockSize: number
  readonly windowSize: number
  readonly firmware: 'bios' | 'edk2'
}

const storms: readonly BenchStorm[] = [
  {
    name: '1 Gbit/s, UEFI, block 1468, window 1',
    bandwidthMbit: 1000,
    blockSize: 1468,
    windowSize: 1,
    firmware: 'edk2',
  },
  {
    name: '1 Gbit/s, UEFI, block 1468, window 4',
    bandwidthMbit: 1000,
    blockSize: 1468,
    windowSize: 4,
    firmware: 'edk2',
  },
  {
    name: '10 Gbit/s, UEFI, block 1468, window 4',
    bandwidthMbit: 10_000,
    blockSize: 1468,
    windowSize: 4,
    firmware: 'edk2',
  },
  { name: '1 Gbit/s, UEFI, block 512, window 1', bandwidthMbit: 1000, blockSize: 512, windowSize: 1, firmware: 'edk2' },
  {
    name: '100 Mbit/s, UEFI, block 1468, window 4',
    bandwidthMbit: 100,
    blockSize: 1468,
    windowSize: 4,
    firmware: 'edk2',
  },
]

const goal = {
  machines,
  withinSeconds: 4,
  canSpread: true,
  minutes: 15,
  endSeconds: 900,
  programBytes: 32 * 1024,
  latencyMs: 0.05,
  loss: 0,
  mtu: 1500,
  seed: 7,
}

const numbers = (result: StormResult): string =>
  `${result.booted} boot, median ${result.medianSeconds.toFixed(1)} s, slowest ${result.slowestSeconds.toFixed(1)} s, last at ${result.lastSeconds.toFixed(0)} s${result.failures.length > 0 ? `, others ${result.failures.map(({ code, machines: count }) => `${count} ${code}`).join(', ')}` : ''}; ${Math.round(result.queuePeakBytes / 1024)} KiB in the server's queue at most, ${result.droppedFrames} frames dropped, ${result.repeatedBlocks} blocks and ${result.repeatedDiscovers} DISCOVERs repeated`

function finish<T>(running: Generator<unknown, T>): T {
  for (;;) {
    const step = running.next()
    if (step.done) return step.value
  }
}

/** Ten thousand machines are switched on within four seconds and load 32 KiB each from one server. */
function storm({ name, ...one }: BenchStorm): void {
  const begun = performance.now()
  const result = finish(runStorm({ ...goal, ...one }))
  const seconds = (performance.now() - begun) / 1000
  say(`storm of ${machines}, ${name}: computed in ${seconds.toFixed(1)} s (aim 10); ${numbers(result)}`)
}

/** The storm that loses machines on 100 Mbit/s, repaired by the planner's advice. */
function advise(): void {
  const begun = performance.now()
  const plan = finish(planScale({ ...goal, ...storms.at(-1)!, firmware: 'edk2', imageBytes: undefined, measured: [] }))
  const { advice, tried } = plan
  if (!advice) throw new Error('no advice repairs the storm on 100 Mbit/s')
  say(
    `advice for the storm on 100 Mbit/s after ${tried.length} simulations in ${((performance.now() - begun) / 1000).toFixed(1)} s: ${advice.servers} server, ${advice.transport}, block ${advice.blockSize}, window ${advice.windowSize}, switched on within ${advice.withinSeconds} s; ${numbers(advice.storm!)}`,
  )
}

export async function benchSimulation(): Promise<void> {
  await boots()
  for (const one of storms) storm(one)
  advise()
}
