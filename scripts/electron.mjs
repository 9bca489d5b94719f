// Whether the desktop window can run here.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './node24.mjs'

/** Path of the Electron binary, or why there is no window. */
export function findElectron() {
  const folder = join(root, 'node_modules/electron')
  const pathFile = join(folder, 'path.txt')
  const binary = existsSync(pathFile) ? join(folder, 'dist', readFileSync(pathFile, 'utf8')) : ''
  if (!existsSync(binary)) return { missing: 'The desktop window needs Electron. To download it: npx install-electron' }
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return { missing: 'The desktop window needs a display.' }
  if (process.platform === 'linux' && process.getuid() === 0)
    return { missing: 'The desktop window does not run as root.' }
  return { binary }
}
