// `npm run package -- [--win|--linux|--mac] [--x64|--arm64] [--dir] ...`: builds, stages, and hands the rest to electron-builder.
import { join, resolve } from 'node:path'
import { must } from './modules.mjs'
import { root } from './node24.mjs'
import { stage } from './packaging/stage.mjs'

must(process.execPath, [join(root, 'scripts/with-modules.mjs'), 'build'], { shell: false })
stage(resolve(root, process.env.PXE_LAB_DIST ?? 'dist', 'app'))

const isSet = (name) => (process.env[name] ?? '') !== ''
const { node24 } = await import(`./node24.mjs?${Date.now()}`)
must(
  node24,
  [
    join(root, 'node_modules/electron-builder/cli.js'),
    '--config',
    'electron-builder.config.mjs',
    ...process.argv.slice(2),
  ],
  {
    shell: false,
    // A certificate that happens to be in a keychain is not used.
    env: {
      ...process.env,
      ...(isSet('CSC_LINK') || isSet('CSC_NAME') ? {} : { CSC_IDENTITY_AUTO_DISCOVERY: 'false' }),
    },
  },
)
