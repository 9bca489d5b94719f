/** Which texts of the files that come with the program people read; `texts.ts` has what they are in other languages. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { withTexts, type Places } from '../../src/messages/local-texts.ts'
import { lessonTexts } from '../../src/shared/lessons/lesson.ts'
import { scenarioGroups, scenarioTexts } from '../../src/shared/simulation/scenario.ts'

/** Every text, in English, without white space around it. */
export function textsOfFiles(): ReadonlySet<string> {
  const found = new Set<string>(scenarioGroups)
  const take = (text: string): string => {
    found.add(text.trim())
    return text
  }
  const inFolder = (name: string, places: Places): void => {
    const folder = fileURLToPath(new URL(`../../resources/${name}/`, import.meta.url))
    for (const file of readdirSync(folder).filter((one) => one.endsWith('.yaml')))
      withTexts(parse(readFileSync(join(folder, file), 'utf8')) as unknown, places, take)
  }
  inFolder('scenarios', scenarioTexts)
  inFolder('lessons', lessonTexts)
  return found
}
