/** Site files that come with the program. */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readSite } from '#shared/planner/site-text.ts'
import { readTextFile } from '../files/text-file.ts'

export async function shippedSites(): Promise<{ id: string; title: string; text: string }[]> {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'resources', 'sites')) && dirname(folder) !== folder) folder = dirname(folder)
  const files = (await readdir(join(folder, 'resources', 'sites'))).filter((name) => name.endsWith('.yaml')).sort()
  return Promise.all(
    files.map(async (name) => {
      const { text } = await readTextFile(join(folder, 'resources', 'sites', name))
      return { id: name.slice(0, -'.yaml'.length), title: readSite(text).site?.name ?? name, text }
    }),
  )
}
