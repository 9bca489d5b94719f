/** What configurations include, read beside them: in the folder of the file that was named and below it, and nowhere else. */
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathParts } from '#shared/interchange/included.ts'
import type { AbsentFile, SourceFile } from '#shared/interchange/model.ts'
import { readConfiguration } from '#shared/interchange/read.ts'
import { readText } from '#shared/lab/text-form.ts'
import { openInside } from '../io/open-file.ts'
import { realPath } from './real-path.ts'

/** Deeper than configurations include each other, and more files than a folder of them has. */
const deepest = 20
const mostFiles = 1000
const mostBytes = 64_000_000

async function textOf(root: string, path: string): Promise<string | undefined> {
  const handle = await openInside(root, path).catch(() => undefined)
  if (!handle) return undefined
  try {
    const about = await handle.stat()
    if (!about.isFile() || about.size > mostBytes) return undefined
    return readText(await handle.readFile(), (encoding, options) => new TextDecoder(encoding, options)).text
  } catch {
    return undefined
  } finally {
    await handle.close()
  }
}

/** `/etc/kea/hosts.json` beside a file in FOLDER is FOLDER/etc/kea/hosts.json, FOLDER/kea/hosts.json or FOLDER/hosts.json. */
async function beside(folder: string, { name, isFolder }: AbsentFile): Promise<SourceFile[]> {
  const root = await realPath(folder).catch(() => undefined)
  if (root === undefined) return []
  const parts = pathParts(name)
  for (let from = 0; from < parts.length; from++) {
    const path = join(...parts.slice(from))
    const names = isFolder ? await readdir(join(root, path)).catch(() => []) : ['']
    const found: SourceFile[] = []
    for (const one of names.toSorted().slice(0, mostFiles)) {
      const text = await textOf(root, join(root, path, one))
      if (text !== undefined) found.push({ name: join(folder, path, one), text })
    }
    if (found.length > 0) return found
  }
  return []
}

/** The files, and behind them those that they include and that lie beside them. */
export async function withIncluded(files: readonly SourceFile[]): Promise<SourceFile[]> {
  const all = [...files]
  const asked = new Set<string>()
  for (const file of files)
    for (let depth = 0; depth < deepest; depth++) {
      const absent = readConfiguration(file, all.filter((one) => one !== file))?.absent ?? [] // prettier-ignore
      const wanted = absent.filter(({ name }) => !asked.has(`${file.name}\n${name}`))
      if (wanted.length === 0) break
      for (const one of wanted) {
        asked.add(`${file.name}\n${one.name}`)
        for (const found of await beside(dirname(file.name), one))
          if (!all.some(({ name }) => join(name) === found.name)) all.push(found)
      }
    }
  return all
}
