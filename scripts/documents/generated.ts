// What scripts/documents.ts writes into docs/ of the tables and of the help of the commands; a test holds the files to it.
import { readFileSync, readdirSync } from 'node:fs'
import { parse } from 'yaml'
import { readSpace, type SpaceFile } from '../../src/shared/diagnosis/inverse/space.ts'
import { tableDocuments } from '../../src/shared/knowledge/documents.ts'
import { program } from '../../src/main/cli/index.ts'
import { commandLineDocument } from './command-line.ts'

const resources = new URL('../../resources/', import.meta.url)

/** Paths below `docs/` with their texts. */
export function generatedDocuments(): ReadonlyMap<string, string> {
  const space = readSpace(JSON.parse(readFileSync(new URL('ask.json', resources), 'utf8')) as SpaceFile)
  const names = readdirSync(new URL('scenarios/', resources)).filter((name) => name.endsWith('.yaml')).sort() // prettier-ignore
  const scenarios = names.map((name) => ({
    ...(parse(readFileSync(new URL(`scenarios/${name}`, resources), 'utf8')) as Parameters<typeof tableDocuments>[1][number]),
    id: name.slice(0, -'.yaml'.length),
  })) // prettier-ignore
  return new Map([...tableDocuments(space, scenarios), ['reference/command-line.md', commandLineDocument(program)]])
}
