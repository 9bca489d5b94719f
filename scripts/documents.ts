// Writes the JSON Schemas in resources/ from the schemas of the contract, and the list of rules in docs/.
import { writeFileSync } from 'node:fs'
import { z } from 'zod'
import {
  decodedFrameSchema,
  doctorSchema,
  explainedCaptureSchema,
  probeSchema,
  simulatedSchema,
} from '../src/shared/contract/documents.ts'
import { expectationsSchema } from '../src/shared/lab/expectations.ts'
import { factsSchema } from '../src/shared/lab/facts.ts'
import { labSchema } from '../src/shared/lab/lab.ts'
import { rules } from '../src/shared/planner/plan.ts'
import { ruleList } from '../src/shared/planner/rule-list.ts'
import { siteFileSchema } from '../src/shared/planner/site.ts'
import { scenarioSchema } from '../src/shared/simulation/scenario.ts'

const schemas = {
  lab: labSchema,
  scenario: scenarioSchema,
  decode: decodedFrameSchema,
  explain: explainedCaptureSchema,
  simulate: simulatedSchema,
  facts: factsSchema,
  doctor: doctorSchema,
  probe: probeSchema,
  expectations: expectationsSchema,
  site: siteFileSchema,
}
for (const [name, schema] of Object.entries(schemas)) {
  const document = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  writeFileSync(new URL(`../resources/${name}.schema.json`, import.meta.url), `${JSON.stringify(document, null, 2)}\n`)
}
writeFileSync(new URL('../docs/planner-rules.md', import.meta.url), ruleList(rules))
