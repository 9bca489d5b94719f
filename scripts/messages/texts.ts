/**
 * Translations of the texts in files that come with the program (resources/scenarios, resources/lessons): src/messages/texts has one file for
 * each language, a list of English texts and what they are in that language.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { CatalogueError, sourceFolder } from './catalogue.ts'

const schema = z.array(z.strictObject({ en: z.string().trim().min(1), told: z.string().trim().min(1) }))

export const textsFile = (tag: string): string => join(sourceFolder, 'texts', `${tag.toLowerCase()}.yaml`)

/** What texts are in a language, by their English. @throws {CatalogueError} */
export function readTexts(tag: string): ReadonlyMap<string, string> {
  const file = textsFile(tag)
  if (!existsSync(file)) return new Map()
  const read = schema.safeParse(parse(readFileSync(file, 'utf8')))
  if (!read.success) throw new CatalogueError(`${file}: ${z.prettifyError(read.error)}`)
  return new Map(read.data.map(({ en, told }) => [en, told]))
}
