/** A clone of the project on `C:`, with its packages as `npm ci` lays them out on Windows. */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { projectFiles, projectRoot } from './source-files.ts'
import { windowsModules } from './windows-packages.ts'
import type { Windows } from './wine.ts'

/** Links each package where it lies, so that what is written into node_modules stays in the clone. */
function linkPackages(from: string, to: string): void {
  for (const name of readdirSync(from).filter((one) => !one.startsWith('.'))) {
    if (!name.startsWith('@')) symlinkSync(join(from, name), join(to, name))
    else {
      mkdirSync(join(to, name), { recursive: true })
      for (const part of readdirSync(join(from, name))) symlinkSync(join(from, name, part), join(to, name, part))
    }
  }
}

/** Gives the folder of Linux; `isInstalled` false leaves out the mark that the packages are as the lock file says. */
export function cloneInto(windows: Windows, name: string): { folder: string; markInstalled: () => void } {
  const folder = join(windows.drive, name)
  const modules = join(folder, 'node_modules')
  for (const file of [...projectFiles(), 'package-lock.json', 'test/fixtures', 'resources']) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(projectRoot, file), join(folder, file), { recursive: true })
  }
  mkdirSync(modules)
  linkPackages(join(projectRoot, 'node_modules'), modules)
  linkPackages(windowsModules, modules)
  return {
    folder,
    markInstalled: () =>
      writeFileSync(
        join(modules, '.pxe-lab-installed'),
        createHash('sha256').update(readFileSync(join(folder, 'package-lock.json'))).digest('hex'),
      ), // prettier-ignore
  }
}
