// `npm test`: installs what is missing, builds, runs every test this machine can, says what it could not run and why.
// With PXE_LAB_SKIP_NOTHING set, a missing requirement is a failure. Ends with the line `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { findElectron } from './electron.mjs'
import { installMissing, must } from './modules.mjs'
import { root } from './node24.mjs'

installMissing()
const { node24 } = await import(`./node24.mjs?${Date.now()}`)
must(process.execPath, [join(root, 'scripts/with-modules.mjs'), 'build'])

const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-test-'))
const report = join(folder, 'report.json')
let passed = 0
let failed = 0
const notRun = new Map()

/** Runs tests; tells the files as the JSON reporter of Vitest has them, none where it did not come to its end. */
function run(values) {
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const program = join(root, 'node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(node24, [program, 'run', ...reporters, ...values], { cwd: root, stdio: 'inherit' })
  return { status, files: existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : [] }
}

const inProject = ({ name }) => relative(root, name).replaceAll(sep, '/')

const failures = ({ status, assertionResults }) => {
  const count = assertionResults.filter((one) => one.status === 'failed').length
  // A file that broke outside its tests counts as one failure.
  return count === 0 && status === 'failed' ? 1 : count
}

const first = run(process.argv.slice(2))
const broken = first.files.filter((file) => failures(file) > 0)

/**
 * What starts programs of the system and firmware shares a machine with them, and one start that is lost fails a test that is
 * right. Such files run once more, if they are few, and those that pass then are named: each is a fault that comes and goes.
 * Everything that only computes must pass at once.
 */
const arePrograms = broken.every((file) =>
  /^test\/(cli|net|firmware|browser|windows|shell|package)\//.test(inProject(file)),
)
const isTriedAgain = broken.length > 0 && broken.length <= 3 && arePrograms
const second = isTriedAgain ? run(broken.map(inProject)) : { status: first.status, files: [] }
const unsteady = second.files.filter((file) => failures(file) === 0 && file.assertionResults.length > 0)
const status = isTriedAgain ? second.status : first.status

for (const file of first.files) {
  const told = second.files.find(({ name }) => name === file.name) ?? file
  failed += failures(told)
  for (const one of told.assertionResults) {
    if (one.status === 'passed') passed++
    else if (one.status !== 'failed') {
      const group = one.ancestorTitles.find((title) => title.includes('(needs ')) ?? one.fullName
      notRun.set(group, (notRun.get(group) ?? 0) + 1)
    }
  }
}
if (first.files.length === 0) failed++
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
if (unsteady.length > 0) {
  process.stdout.write('\nPassed only when run once more, to be looked into:\n')
  for (const file of unsteady) process.stdout.write(`  ${inProject(file)}\n`)
}
const line = `${passed} passed, ${failed} failed`
if (process.env.PXE_LAB_COUNT_FILE) writeFileSync(process.env.PXE_LAB_COUNT_FILE, `${line}\n`)
process.stdout.write(`\n${line}\n`)
process.exit(failed > 0 || status !== 0 ? 1 : 0)
