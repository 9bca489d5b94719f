/** Site files of the planner: read and checked, and those that come with the program. */
import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LabProblem } from '#shared/lab/lab.ts'
import { siteFileSchema, contradictionsIn, type Site } from '#shared/planner/site.ts'
import { readYaml } from './yaml-file.ts'

/** A site is there only where nothing is wrong with its file. */
export function readSite(text: string): { readonly problems: readonly LabProblem[]; readonly site: Site | undefined } {
  const { list, value } = readYaml(text, siteFileSchema, 'a site file')
  for (const { path, message, remedy } of value ? contradictionsIn(value) : []) list.add(path, message, remedy)
  return { problems: list.problems, site: list.problems.length === 0 ? value : undefined }
}

export async function shippedSites(): Promise<{ id: string; title: string; text: string }[]> {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'resources', 'sites')) && dirname(folder) !== folder) folder = dirname(folder)
  const files = (await readdir(join(folder, 'resources', 'sites'))).filter((name) => name.endsWith('.yaml')).sort()
  return Promise.all(
    files.map(async (name) => {
      const text = await readFile(join(folder, 'resources', 'sites', name), 'utf8')
      return { id: name.slice(0, -'.yaml'.length), title: readSite(text).site?.name ?? name, text }
    }),
  )
}
