/** A boot storm: many machines switched on at once load one boot program from one server, run by the simulator without a record. */
import type { Phrase } from '#messages/message.ts'
import { firmwareEntry } from '../machines/pxe-client/firmwares.ts'
import { scenarioSchema, type ScenarioInput } from '../simulation/scenario.ts'
import { Simulation } from '../simulation/simulation.ts'

export type StormFirmware = 'bios' | 'edk2' | 'edk2-http'

export interface Storm {
  readonly machines: number
  readonly withinSeconds: number
  /** When the first of them is switched on; 0 where it is left out. */
  readonly startSeconds?: number
  readonly firmware: StormFirmware
  /** The link of the server. */
  readonly bandwidthMbit: number
  /** One way, in milliseconds. */
  readonly latencyMs?: number
  /** Share of frames, 0 to 1. */
  readonly loss?: number
  readonly mtu?: number
  readonly programBytes: number
  /** What the TFTP server grants at most: bytes of a block, blocks of a window. */
  readonly blockSize: number
  readonly windowSize: number
  /** When the simulation ends at the latest. */
  readonly endSeconds: number
  readonly seed: number
}

export interface StormProgress {
  /** Simulated time. */
  readonly seconds: number
  /** Machines that have ended, whichever way. */
  readonly ended: number
}

export interface StormResult {
  readonly booted: number
  /** Machines that did not boot, by the code on their screen; `waiting` where the time was over first. */
  readonly failures: readonly { readonly code: string; readonly machines: number }[]
  /** From being switched on to its boot program, the median and the slowest machine. */
  readonly medianSeconds: number
  readonly slowestSeconds: number
  /** When the last machine ran its boot program, in simulated time. */
  readonly lastSeconds: number
  /** The most that waited at the server's link. */
  readonly queuePeakBytes: number
  /** Frames that full queues dropped. */
  readonly droppedFrames: number
  /** TFTP blocks and DISCOVERs that were sent again. */
  readonly repeatedBlocks: number
  readonly repeatedDiscovers: number
}

/** Steps of the simulation between two reports of progress: a few tenths of a second of work. */
const stepsAtOnce = 20_000
const server = '10.0.0.1'

export function stormScenario(storm: Storm): ScenarioInput {
  const { bandwidthMbit, latencyMs, loss, mtu, programBytes: size } = storm
  return {
    title: 'boot storm',
    group: 'Normal boots',
    summary: 'Many machines are switched on at once and load from one server.',
    seed: storm.seed,
    endSeconds: storm.endSeconds,
    segments: { lan: { network: '10.0.0.0/14' } },
    hosts: {
      boot1: {
        kind: 'linux',
        on: { lan: server },
        link: { bandwidthMbit, latencyMs, loss, mtu },
        services: {
          DHCPServer: {
            nextServer: server,
            policies: {
              bios: { 67: 'boot.0' },
              'x64-uefi': { 67: 'boot.efi' },
              'x64-uefi-http': { 60: 'HTTPClient', 67: `http://${server}/boot.efi` },
            },
            subnets: [{ subnet: '10.0.0.0/14', start: '10.0.1.0', end: '10.3.250.0' }],
          },
          tftp: { maxBlockSize: storm.blockSize, maxWindowSize: storm.windowSize },
          http: {},
        },
        files: {
          'boot.0': { program: 'plain', architecture: 'bios', size },
          'boot.efi': { program: 'plain', architecture: 'x64-uefi', size },
        },
      },
    },
    clients: {
      pc: {
        firmware: storm.firmware,
        on: 'lan',
        count: storm.machines,
        spreadSeconds: storm.withinSeconds,
        startSeconds: storm.startSeconds,
      },
    },
  }
}

/** Runs a storm in portions, so that whoever drives it can tell how far it is, and stop. */
export function* runStorm(storm: Storm): Generator<StormProgress, StormResult> {
  const simulation = new Simulation(scenarioSchema.parse(stormScenario(storm)), { record: false })
  while (!simulation.run(stepsAtOnce))
    yield {
      seconds: simulation.clock.now / 1000,
      ended: simulation.clients.filter(({ result }) => result !== undefined).length,
    }
  const failures = new Map<string, number>()
  const seconds: number[] = []
  for (const { state, code, seconds: taken } of simulation.outcomes())
    if (state === 'booted') seconds.push(taken)
    else failures.set(code || state, (failures.get(code || state) ?? 0) + 1)
  seconds.sort((a, b) => a - b)
  const ends = simulation.clients.map(({ result, endedAt }) => (result?.state === 'booted' ? endedAt! : 0))
  return {
    booted: seconds.length,
    failures: [...failures].map(([code, machines]) => ({ code, machines })).sort((a, b) => b.machines - a.machines),
    medianSeconds: seconds[Math.floor((seconds.length - 1) / 2)] ?? 0,
    slowestSeconds: seconds.at(-1) ?? 0,
    lastSeconds: ends.reduce((last, one) => Math.max(last, one), 0) / 1000,
    queuePeakBytes: simulation.queuePeak('boot1'),
    droppedFrames: simulation.dropped,
    repeatedBlocks: simulation.counters.retransmissions,
    repeatedDiscovers: simulation.counters.repeatedDiscovers,
  }
}

/** What firmware asks for in its read request: a server grants less, never more (RFC 2348, RFC 7440). */
export const firmwareAsks: Readonly<
  Record<'bios' | 'edk2', { readonly blockSize: number; readonly windowSize: number; readonly name: Phrase }>
> = {
  bios: { blockSize: 1456, windowSize: 1, name: firmwareEntry('bios').name },
  edk2: { blockSize: 1468, windowSize: 4, name: firmwareEntry('edk2').name },
}
