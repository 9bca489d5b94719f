/** The scenario library: each fails as it says, its accepted repairs verify, and its distractors do not. */
import { inEnglish } from '#messages/text.ts'
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { changeScenario } from '#shared/simulation/changes.ts'
import { scenarioGroups, type Change, type Scenario } from '#shared/simulation/scenario.ts'
import { Simulation, type ClientOutcome } from '#shared/simulation/simulation.ts'

const folder = new URL('../../resources/scenarios/', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

function scenarioAfter(input: unknown, changes: readonly Change[]): Scenario {
  const checked = changeScenario(input, changes)
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  return checked.scenario
}

function outcomesOf(scenario: Scenario): ClientOutcome[] {
  const simulation = new Simulation(scenario, { record: false })
  simulation.run()
  return simulation.outcomes()
}

test('there are at least thirty, of every group', () => {
  const groups = new Set(names.map((name) => (parse(readFileSync(new URL(name, folder), 'utf8')) as Scenario).group))
  expect(names.length).toBeGreaterThanOrEqual(30)
  expect([...groups].sort()).toEqual([...scenarioGroups].sort())
})

describe.each(names)('%s', (name) => {
  const input = parse(readFileSync(new URL(name, folder), 'utf8')) as unknown
  const scenario = scenarioAfter(input, [])

  test('ends as it says', () => {
    expect(Object.keys(scenario.expect).sort()).toEqual(Object.keys(scenario.clients).sort())
    for (const outcome of outcomesOf(scenario)) {
      const { outcome: state, code } = scenario.expect[outcome.name]!
      expect({ state: outcome.state, code: outcome.code }, `${outcome.name}: ${inEnglish(outcome.because)}`).toEqual({
        state,
        code: code ?? outcome.code,
      })
    }
  })

  test('its repairs do what they say', () => {
    const isBroken = Object.values(scenario.expect).some((one) => one.outcome === 'failed')
    if (isBroken) {
      expect(scenario.repairs.some((one) => one.isAccepted)).toBe(true)
      expect(scenario.repairs.some((one) => !one.isAccepted)).toBe(true)
      expect(scenario.hints.length).toBeGreaterThan(0)
    }
    for (const repair of scenario.repairs) {
      const after = outcomesOf(scenarioAfter(input, repair.set))
      expect(
        after.every((one) => one.state === 'booted'),
        `${repair.title}: ${after.map((one) => `${one.name} ${one.state} ${inEnglish(one.because)}`).join('; ')}`,
      ).toBe(repair.isAccepted)
    }
  })
})
