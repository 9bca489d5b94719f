// `npm test`: installs what is missing, builds, runs every test this machine can, says what it could not run and why.
// With PXE_LAB_SKIP_NOTHING set, a missing requirement is a failure. Ends with the line `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findElectron } from './electron.mjs'
import { installMissing, must } from './modules.mjs'
import { root } from './node24.mjs'

installMissing()
const { node24 } = await import(`./node24.mjs?${Date.now()}`)
must(process.execPath, [join(root, 'scripts/with-modules.mjs'), 'build'])

const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-test-'))
const report = join(folder, 'report.json')
const tests = spawnSync(
  node24,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
)

let passed = 0
let failed = 0
const notRun = new Map()
if (existsSync(report)) {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  for (const file of testResults) {
    // A file that broke before its first test counts as one failure.
    if (file.status === 'failed' && file.assertionResults.length === 0) failed++
    for (const one of file.assertionResults) {
      if (one.status === 'passed') passed++
      else if (one.status === 'failed') failed++
      else {
        const group = one.ancestorTitles.find((title) => title.includes('(needs ')) ?? one.fullName
        notRun.set(group, (notRun.get(group) ?? 0) + 1)
      }
    }
  }
} else failed++
rmSync(folder, { recursive: true, force: true })

/** The desktop shell starts, loads its window and ends; only where Electron and a display are. */
function smokeTest() {
  const { binary, missing } = findElectron()
  if (!binary) return `not run: Electron: ${missing}`
  const { stdout } = spawnSync(binary, [root], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, PXE_LAB_SMOKE_TEST: '1' },
  })
  if (stdout?.includes('window loaded')) {
    passed++
    return 'passed'
  }
  failed++
  return 'failed: the window did not load within a minute'
}

process.stdout.write(`\nElectron smoke test: ${smokeTest()}\n`)
if (notRun.size > 0) {
  process.stdout.write('\nCould not run here:\n')
  for (const [group, count] of notRun) process.stdout.write(`  ${count} of: ${group}\n`)
}
const line = `${passed} passed, ${failed} failed`
if (process.env.PXE_LAB_COUNT_FILE) writeFileSync(process.env.PXE_LAB_COUNT_FILE, `${line}\n`)
process.stdout.write(`\n${line}\n`)
process.exit(failed > 0 || tests.status !== 0 ? 1 : 0)
