// Writes the JSON Schemas in resources/ from the schemas of the contract.
import { writeFileSync } from 'node:fs'
import { z } from 'zod'
import { labSchema } from '../src/shared/contract/lab.ts'

const schema = z.toJSONSchema(labSchema, { io: 'input', unrepresentable: 'any' })
writeFileSync(new URL('../resources/lab.schema.json', import.meta.url), `${JSON.stringify(schema, null, 2)}\n`)
