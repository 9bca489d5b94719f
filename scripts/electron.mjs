// Whether the desktop window can run here.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './node24.mjs'

/** Path of the Electron binary, or why there is no window. */
export function findElectron() {
  const folder = join(root, 'node_modules/electron')
  const pathFile = join(folder, 'path.txt')
  const binary = existsSync(pathFile) ? join(folder, 'dist', readFileSync(pathFile, 'utf8')) : ''
  if (!existsSync(binary)) return { missing: 'its binary is not installed (npx install-electron fetches it)' }
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return { missing: 'there is no display' }
  if (process.platform === 'linux' && process.getuid() === 0) return { missing: 'it does not run sandboxed as root' }
  return { binary }
}
