import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { scenarioSchema } from '#shared/simulation/scenario.ts'
import { Simulation } from '#shared/simulation/simulation.ts'

const scenario = scenarioSchema.parse({
  title: 'one machine',
  group: 'Normal boots',
  summary: 'DHCP and TFTP',
  segments: { lan: { network: '10.0.0.0/24' } },
  hosts: {
    server: {
      kind: 'linux',
      on: { lan: '10.0.0.1' },
      services: {
        DHCPServer: {
          nextServer: '10.0.0.1',
          options: { 67: 'boot.0' },
          subnets: [{ subnet: '10.0.0.0/24', start: '10.0.0.10', end: '10.0.0.99' }],
        },
        tftp: {},
      },
      files: { 'boot.0': { program: 'plain', architecture: 'bios', size: 4096 } },
    },
  },
  clients: { pc: { firmware: 'bios', on: 'lan' } },
})

/** Boots machines, and returns how many bytes of each the young generation could not let go of. */
function keptOfEach(count: number, collect: (kind: { readonly type: 'minor' }) => void): number {
  const used = (): number => {
    // What survives twice is promoted.
    for (let turn = 0; turn < 3; turn++) collect({ type: 'minor' })
    return getHeapStatistics().used_heap_size
  }
  const before = used()
  for (let boot = 0; boot < count; boot++) {
    const simulation = new Simulation(scenario, { record: false })
    simulation.run()
    expect(simulation.outcomes()[0]?.state).toBe('booted')
  }
  return (used() - before) / count
}

test('a simulation that has ended goes with the next young collection', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (kind: { readonly type: 'minor' }) => void
  keptOfEach(300, collect)
  // Code that is compiled meanwhile is counted too: the least of several rounds has least of it.
  const rounds = [1, 2, 3].map(() => keptOfEach(100, collect))
  expect(Math.min(...rounds)).toBeLessThan(10_000)
})
