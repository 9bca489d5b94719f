// `npm start`: installs what is missing, builds, opens the lab in a window, or as a page where there is no Electron.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { installMissing, must } from './modules.mjs'
import { root } from './node24.mjs'

installMissing()
must(process.execPath, [join(root, 'scripts/with-modules.mjs'), 'build'], { shell: false })

/** Path of the Electron binary, or why there is none. */
function electron() {
  const folder = join(root, 'node_modules/electron')
  const pathFile = join(folder, 'path.txt')
  if (!existsSync(pathFile)) return { missing: 'its binary is not installed (npx install-electron fetches it)' }
  const binary = join(folder, 'dist', readFileSync(pathFile, 'utf8'))
  if (!existsSync(binary)) return { missing: 'its binary is not installed (npx install-electron fetches it)' }
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return { missing: 'there is no display' }
  if (process.platform === 'linux' && process.getuid?.() === 0) return { missing: 'it does not run sandboxed as root' }
  return { binary }
}

const found = electron()
const rest = process.argv.slice(2)
const command = found.binary
  ? [found.binary, [root, ...rest]]
  : [process.execPath, [join(root, 'bin/pxe-lab.js'), 'serve', '--open', ...rest]]
if (!found.binary)
  process.stdout.write(
    `The desktop window needs Electron, and ${found.missing}.\nOpening the same lab as a local web page instead; Ctrl-C ends it.\n`,
  )
const child = spawn(command[0], command[1], { cwd: root, stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code) => process.exit(code ?? 1))
