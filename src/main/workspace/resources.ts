/** Files that come with the program. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file or folder of `resources`, which is some levels above, built or not. */
export function shippedPath(name: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'resources', name)
    if (existsSync(candidate)) return candidate
    if (dirname(folder) === folder) throw new Error(`resources/${name} is missing from this installation`)
  }
}
