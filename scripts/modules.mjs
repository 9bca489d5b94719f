// Installs what is missing, once: `npm start` and `npm test` work in a fresh clone.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './node24.mjs'

const stamp = join(root, 'node_modules/.pxe-lab-installed')
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')

/** Runs a command in the project's folder and ends this process where it fails. With `stdio: 'pipe'` it is shown only then. */
export function must(command, values, options = {}) {
  const result = spawnSync(command, values, {
    cwd: root,
    stdio: 'inherit',
    ...options,
  })
  if (result.error) {
    process.stderr.write(`${command} cannot be started: ${result.error.message}\n`)
    process.exit(1)
  }
  if (result.status !== 0) {
    process.stdout.write(result.stdout ?? '')
    process.stderr.write(result.stderr ?? '')
    process.exit(result.status ?? 1)
  }
}

/** The npm that started this, or the one beside Node: by its full path, for a shell looks in the current folder first. */
function npmCommand() {
  const besideNode = ['node_modules', '../lib/node_modules'].map((folder) =>
    join(dirname(process.execPath), folder, 'npm/bin/npm-cli.js'),
  )
  const found = [process.env.npm_execpath, ...besideNode].find((path) => path?.endsWith('.js') && existsSync(path))
  return found
    ? { command: process.execPath, first: [found], shell: false }
    : { command: 'npm', first: [], shell: true }
}

export function installMissing() {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  process.stdout.write('Installing packages (about a minute, once) ...\n')
  // The packages come as they are; the only install script, of `node`, copies its binary into place. `engines` is about
  // the published package: in a clone an older Node suffices, since that binary is newer.
  const { command, first, shell } = npmCommand()
  const values = [...first, 'ci', '--no-audit', '--no-fund', '--no-engine-strict', '--loglevel=error']
  must(command, values, { shell: shell && process.platform === 'win32' })
  writeFileSync(stamp, wanted)
}
