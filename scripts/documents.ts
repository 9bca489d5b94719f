// Writes the JSON Schemas in resources/ from the schemas of the contract, the space of set-ups that `pxe-lab ask` knows from the
// simulator, and what is made of tables in docs/.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { openApiDocument } from '../src/shared/contract/api.ts'
import {
  askSchema,
  checkSchema,
  decodedFrameSchema,
  doctorSchema,
  explainedCaptureSchema,
  imageSchema,
  planSchema,
  probeSchema,
  readLogSchema,
  scaleSchema,
  secureBootSchema,
  simulatedSchema,
} from '../src/shared/contract/documents.ts'
import { expectationsSchema } from '../src/shared/lab/expectations.ts'
import { factsSchema } from '../src/shared/lab/facts.ts'
import { labSchema } from '../src/shared/lab/lab.ts'
import { asSentence } from '../src/shared/lab/phrase.ts'
import { buildSpace } from '../src/shared/diagnosis/inverse/build-space.ts'
import { spaceText, writeSpace } from '../src/shared/diagnosis/inverse/space.ts'
import { lessonSchema } from '../src/shared/lessons/lesson.ts'
import { signatureList } from '../src/shared/logs/signature-list.ts'
import { rules } from '../src/shared/planner/plan.ts'
import { ruleList } from '../src/shared/planner/rule-list.ts'
import { siteFileSchema } from '../src/shared/planner/site.ts'
import { scenarioSchema } from '../src/shared/simulation/scenario.ts'
import { generatedDocuments } from './documents/generated.ts'

const schemas = {
  lab: labSchema,
  scenario: scenarioSchema,
  lesson: lessonSchema,
  decode: decodedFrameSchema,
  explain: explainedCaptureSchema,
  simulate: simulatedSchema,
  facts: factsSchema,
  doctor: doctorSchema,
  probe: probeSchema,
  expectations: expectationsSchema,
  site: siteFileSchema,
  ask: askSchema,
  scale: scaleSchema,
  'secure-boot': secureBootSchema,
  image: imageSchema,
  plan: planSchema,
  'read-log': readLogSchema,
  check: checkSchema,
}
for (const [name, schema] of Object.entries(schemas)) {
  const document = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override: asSentence })
  writeFileSync(new URL(`../resources/${name}.schema.json`, import.meta.url), `${JSON.stringify(document, null, 2)}\n`)
}
writeFileSync(
  new URL('../resources/openapi.json', import.meta.url),
  `${JSON.stringify(openApiDocument('0'), null, 2)}\n`,
)
writeFileSync(new URL('../docs/planner-rules.md', import.meta.url), ruleList(rules))

const folder = new URL('../resources/scenarios/', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml')).sort() // prettier-ignore
const scenarios = new Map(
  names.map((name) => [name.slice(0, -'.yaml'.length), parse(readFileSync(new URL(name, folder), 'utf8')) as unknown]),
)
writeFileSync(new URL('../resources/ask.json', import.meta.url), spaceText(writeSpace(buildSpace(scenarios))))
writeFileSync(new URL('../docs/log-signatures.md', import.meta.url), signatureList())
for (const [path, text] of generatedDocuments()) {
  const file = new URL(`../docs/${path}`, import.meta.url)
  mkdirSync(new URL('.', file), { recursive: true })
  writeFileSync(file, text)
}
