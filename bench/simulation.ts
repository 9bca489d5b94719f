/**
 * The simulator in one thread: plain boots a second, and a storm of ten thousand machines against one server as network,
 * block size and window vary. No peer simulates firmware; the numbers stand beside their aims.
 */
import { scenarioSchema, type ScenarioInput } from '#shared/simulation/scenario.ts'
import { Simulation } from '#shared/simulation/simulation.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const programBytes = 64 * 1024
const secondsOfMeasuring = 4

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

/** Boots of one machine after another, each in a simulation of its own. */
function boots(): void {
  const scenario = scenarioSchema.parse(plainBoot(1))
  const run = (): void => {
    const simulation = new Simulation(scenario, { record: false })
    simulation.run()
    if (simulation.outcomes()[0]?.state !== 'booted') throw new Error('the plain boot does not boot')
  }
  for (let warm = 0; warm < 500; warm++) run()
  let count = 0
  const begun = performance.now()
  while (performance.now() - begun < secondsOfMeasuring * 1000) {
    run()
    count++
  }
  const rate = (count / (performance.now() - begun)) * 1000
  say(`plain boots, file of ${programBytes / 1024} KiB counted: ${Math.round(rate)} boots/s (aim 2000)`)
}

const machines = 10_000

interface Storm {
  readonly name: string
  readonly bandwidthMbit: number
  readonly blockSize: number
  readonly windowSize: number
  readonly firmware: 'bios' | 'edk2'
}

const storms: readonly Storm[] = [
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

/** Ten thousand machines are switched on within four seconds and load 32 KiB each from one server. */
function storm({ name, bandwidthMbit, blockSize, windowSize, firmware }: Storm): void {
  const fileBytes = 32 * 1024
  const scenario = scenarioSchema.parse({
    ...plainBoot(7),
    endSeconds: 900,
    hosts: {
      boot1: {
        kind: 'linux',
        on: { lan: '10.0.0.1' },
        link: { bandwidthMbit },
        services: {
          DHCPServer: {
            nextServer: '10.0.0.1',
            policies: { bios: { 67: 'boot.0' }, 'x64-uefi': { 67: 'boot.efi' } },
            subnets: [{ subnet: '10.0.0.0/16', start: '10.0.1.0', end: '10.0.250.0' }],
          },
          tftp: { maxBlockSize: blockSize, maxWindowSize: windowSize },
        },
        files: {
          'boot.0': { program: 'plain', architecture: 'bios', size: fileBytes },
          'boot.efi': { program: 'plain', architecture: 'x64-uefi', size: fileBytes },
        },
      },
    },
    clients: { pc: { firmware, on: 'lan', count: machines, spreadSeconds: 4 } },
  })
  const begun = performance.now()
  const simulation = new Simulation(scenario, { record: false })
  simulation.run()
  const seconds = (performance.now() - begun) / 1000
  const outcomes = simulation.outcomes()
  const booted = outcomes.filter((one) => one.state === 'booted')
  const times = booted.map((one) => one.seconds).sort((a, b) => a - b)
  const at = (share: number): string => (times[Math.floor((times.length - 1) * share)] ?? NaN).toFixed(1)
  const codes = [...new Set(outcomes.filter((one) => one.state !== 'booted').map((one) => one.code || one.state))]
  say(
    `storm of ${machines}, ${name}: computed in ${seconds.toFixed(1)} s (aim 10); ${booted.length} boot, median ${at(0.5)} s, slowest ${at(1)} s, last at ${(simulation.clock.now / 1000).toFixed(0)} s${codes.length > 0 ? `, others ${codes.join(' ')}` : ''}; ${Math.round(simulation.queuePeak('boot1') / 1024)} KiB in the server's queue at most, ${simulation.dropped} frames dropped, ${simulation.counters.retransmissions} blocks and ${simulation.counters.repeatedDiscovers} DISCOVERs repeated`,
  )
}

export function benchSimulation(): void {
  boots()
  for (const one of storms) storm(one)
}
