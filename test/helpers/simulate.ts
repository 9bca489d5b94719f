import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { Session } from '#shared/trace/session.ts'
import { scenarioSchema, type Scenario, type ScenarioInput } from '#shared/simulation/scenario.ts'
import { Simulation, type SimulationOptions } from '#shared/simulation/simulation.ts'

export const scenarioFrom = (file: URL): Scenario => scenarioSchema.parse(parse(readFileSync(file, 'utf8')))

export const scenarioOf = (
  input: Omit<ScenarioInput, 'title' | 'group' | 'summary' | 'segments'> & Partial<ScenarioInput>,
): Scenario =>
  scenarioSchema.parse({
    title: 'test',
    group: 'Normal boots',
    summary: 'test',
    segments: { lan: { network: '192.168.77.0/24' } },
    ...input,
  })

/** Runs a scenario to its end. */
export function simulated(scenario: Scenario, options: Partial<SimulationOptions> = {}): Simulation {
  const simulation = new Simulation(scenario, { record: true, ...options })
  simulation.run()
  return simulation
}

/** The frames of a simulation as the analysis sees them. */
export function sessionOfSimulation(simulation: Simulation, segment?: string): Session {
  const session = new Session()
  session.push(simulation.capture(segment))
  session.end()
  return session
}
