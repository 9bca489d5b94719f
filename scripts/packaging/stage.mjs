// The folder that the desktop packages are made of: the built files, the resources, and the modules of one system.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../node24.mjs'

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))
const writeJson = (path, value) => writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`)

/** What a package.json needs at run time. */
const kept = [
  'name',
  'productName',
  'version',
  'description',
  'license',
  'author',
  'homepage',
  'repository',
  'bugs',
  'releases',
]

/**
 * Empties `folder` and puts everything into it that a package holds, except modules. With their lock file the modules can
 * be installed there without the development dependencies, to the same versions.
 */
export function stage(folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const from = readJson(join(root, 'package.json'))
  const manifest = {
    ...Object.fromEntries(kept.filter((key) => key in from).map((key) => [key, from[key]])),
    type: from.type,
    main: from.main,
    dependencies: from.dependencies,
  }
  writeJson(join(folder, 'package.json'), manifest)

  const lock = readJson(join(root, 'package-lock.json'))
  const production = Object.entries(lock.packages).filter(([path, one]) => path !== '' && !one.dev && !one.devOptional)
  const { name, version, license, dependencies } = manifest
  writeJson(join(folder, 'package-lock.json'), {
    ...lock,
    packages: { '': { name, version, license, dependencies }, ...Object.fromEntries(production) },
  })

  // Beside what runs, `out` has the documentation and the simulator as a site, where they were built.
  const built = from.files.filter((one) => one.startsWith('out/'))
  for (const one of [...built, 'resources', 'LICENSE']) cpSync(join(root, one), join(folder, one), { recursive: true })
  // For the server form, and for those who build.
  for (const one of ['systemd', 'winget']) rmSync(join(folder, 'resources', one), { recursive: true, force: true })
}

/** Installs the production modules in `folder` for a system and processor, by Node's names, which need not be this one's. */
export async function installProductionModules(folder, platform, processor) {
  rmSync(join(folder, 'node_modules'), { recursive: true, force: true })
  const { status, stderr, error } = spawnSync(
    'npm',
    [
      'ci',
      '--omit=dev',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      `--os=${platform}`,
      `--cpu=${processor}`,
    ],
    { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' },
  )
  if (status !== 0)
    throw new Error(
      `npm could not install the modules for ${platform} ${processor}: ${error?.message ?? stderr.trim()}. ` +
        'Check the network and package-lock.json, then run the command again.',
    )
}
