/** Logs as administrators have them, and what is told of each: reviewed texts beside the logs. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { forPrograms } from '#messages/json.ts'
import { readLogSchema } from '#shared/contract/documents.ts'
import { readLog } from '#shared/logs/reading.ts'
import { logReportJson } from '#shared/logs/report-json.ts'
import { textOf, toldLog } from '../helpers/told-log.ts'

const root = fileURLToPath(new URL('../fixtures/logs/', import.meta.url))
const cases = readdirSync(root).flatMap((folder) =>
  readdirSync(`${root}${folder}`)
    .filter((file) => !file.endsWith('.told'))
    .map((file) => [folder, file] as const),
)

test.each(cases)('%s: %s', (folder, file) => {
  const path = `${root}${folder}/${file}`
  const report = readLog(textOf(readFileSync(path)), file)
  readLogSchema.parse(JSON.parse(JSON.stringify(forPrograms(logReportJson(report)))))
  const told = toldLog(report)
  if (process.env.UPDATE_GOLDEN) writeFileSync(`${path}.told`, told)
  expect(told).toBe(readFileSync(`${path}.told`, 'utf8'))
})
