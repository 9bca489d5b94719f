// Writes the JSON Schemas in resources/ from the schemas of the contract.
import { writeFileSync } from 'node:fs'
import { z } from 'zod'
import { decodedFrameSchema, explainedCaptureSchema } from '../src/shared/contract/documents.ts'
import { labSchema } from '../src/shared/lab/lab.ts'

const schemas = { lab: labSchema, decode: decodedFrameSchema, explain: explainedCaptureSchema }
for (const [name, schema] of Object.entries(schemas)) {
  const document = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  writeFileSync(new URL(`../resources/${name}.schema.json`, import.meta.url), `${JSON.stringify(document, null, 2)}\n`)
}
