// `npm run package -- [--win|--linux|--mac] [--x64|--arm64] [--dir] ...`: builds, stages, and hands the rest to electron-builder.
import { join, resolve } from 'node:path'
import { must } from './modules.mjs'
import { root } from './node24.mjs'
import { stage } from './packaging/stage.mjs'

must(process.execPath, [join(root, 'scripts/with-modules.mjs'), 'build'])
stage(resolve(root, process.env.PXE_LAB_DIST ?? 'dist', 'app'))

// A variable without a value, as a CI sets it for a secret it does not have, is none.
const environment = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''))
// A certificate that happens to be in a keychain is not used.
if (!('CSC_LINK' in environment || 'CSC_NAME' in environment)) environment.CSC_IDENTITY_AUTO_DISCOVERY = 'false'

const { node24 } = await import(`./node24.mjs?${Date.now()}`)
must(
  node24,
  [
    join(root, 'node_modules/electron-builder/cli.js'),
    '--config',
    'electron-builder.config.mjs',
    ...process.argv.slice(2),
  ],
  { shell: false, env: environment },
)
