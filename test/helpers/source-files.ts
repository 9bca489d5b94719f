/** The files of the project, for the house rules: by walking, for a clone unpacked from an archive has no git, as many a Windows machine. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url))

/** The lines of .gitignore, which are names of folders and `*.extension`, and nothing finer. */
const ignored = readFileSync(join(projectRoot, '.gitignore'), 'utf8').split(/\r?\n/).filter(Boolean)
const isIgnored = (name: string): boolean =>
  name === '.git' ||
  ignored.some((line) => (line.startsWith('*') ? name.endsWith(line.slice(1)) : name === line.replace(/\/$/, '')))

function walk(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { withFileTypes: true })
    .filter((entry) => !isIgnored(entry.name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      return entry.isDirectory() ? walk(path) : [path]
    })
}

/** Paths from the root of the project with slashes, on every system; without fixtures, pictures and the lock file. */
export const projectFiles = (): string[] =>
  walk('').filter(
    (file) => !file.startsWith('test/fixtures/') && !file.endsWith('.png') && file !== 'package-lock.json',
  )

export const readProjectFile = (file: string): string => readFileSync(join(projectRoot, file), 'utf8')
