/** Scenarios as the YAML text that people write, save and play. */
import { say } from '#messages/message.ts'
import type { LabProblem } from '../lab/lab.ts'
import { readYaml } from '../lab/yaml-file.ts'
import { checkScenario } from './changes.ts'
import { scenarioSchema, type Scenario } from './scenario.ts'

export type ReadScenarioText =
  | { readonly ok: true; readonly input: unknown; readonly scenario: Scenario }
  | { readonly ok: false; readonly problems: readonly LabProblem[] }

/** Reads a scenario; each problem names its line, field, value and remedy. */
export function readScenarioText(text: string): ReadScenarioText {
  const { list, input, value } = readYaml(text, scenarioSchema, say('schema.a-scenario'))
  if (!value) return { ok: false, problems: list.problems }
  checkScenario(value, (...told) => list.add(...told))
  return list.problems.length > 0 ? { ok: false, problems: list.problems } : { ok: true, input, scenario: value }
}
