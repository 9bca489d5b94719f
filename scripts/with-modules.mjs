// `npm run build`, `npm run build:site` and `npm run check`; `install` installs what is missing and does no more.
import { join } from 'node:path'
import { installMissing, must } from './modules.mjs'
import { root } from './node24.mjs'

installMissing()
const { node24 } = await import(`./node24.mjs?${Date.now()}`)
const run = (script, ...values) => must(node24, [join(root, 'node_modules', script), ...values])

// What the code says is compiled before the code.
run('../scripts/messages.ts')

const tasks = {
  install() {},
  build() {
    process.stdout.write('Building (less than a minute) ...\n')
    // Imports across the layers end the build before it begins. What a test says when all is well would only puzzle here.
    const layers = ['run', '--project', 'rules', '--reporter', 'minimal', 'layers']
    must(node24, [join(root, 'node_modules/vitest/vitest.mjs'), ...layers], { stdio: 'pipe' })
    run('electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn')
  },
  /** The simulator as files for a web server, in out/simulator-site. */
  site() {
    run('vite/bin/vite.js', 'build', '--config', 'vite.site.config.ts', '--logLevel', 'warn')
  },
  check() {
    run('typescript/bin/tsc', '-b')
    run('oxlint/bin/oxlint', '--quiet', '.')
    run('knip/bin/knip.js')
    run('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')
    run('vitest/vitest.mjs', 'run', '--project', 'rules', '--reporter', 'minimal')
  },
}
tasks[process.argv[2]]()
