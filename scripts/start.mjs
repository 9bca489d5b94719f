// `npm start`: installs what is missing, builds, opens the lab in a window, or as a page where there is no Electron.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { findElectron } from './electron.mjs'
import { installMissing, must } from './modules.mjs'
import { root } from './node24.mjs'
import { passStopOn } from './stop.mjs'

installMissing()
must(process.execPath, [join(root, 'scripts/with-modules.mjs'), 'build'])

const found = findElectron()
const rest = process.argv.slice(2)
const command = found.binary
  ? [found.binary, [root, ...rest]]
  : [process.execPath, [join(root, 'bin/pxe-lab.js'), 'serve', '--open', ...rest]]
if (!found.binary)
  process.stdout.write(`${found.missing}\nThe lab opens as a local web page instead. Press Ctrl+C to stop it.\n`)
passStopOn(spawn(command[0], command[1], { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] }))
