// `npm test`: installs what is missing, builds, runs every test this machine can, says what it could not run and why.
// With PXE_LAB_SKIP_NOTHING set, a missing requirement is a failure. Ends with the line `N passed, N failed`.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { findElectron } from './electron.mjs'
import { installMissing, must } from './modules.mjs'
import { root } from './node24.mjs'

installMissing()
const { node24 } = await import(`./node24.mjs?${Date.now()}`)
must(process.execPath, [join(root, 'scripts/with-modules.mjs'), 'build'])

const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-test-'))
let passed = 0
const failed = []
const notRun = new Map()

/**
 * Runs tests, with its output in a file where one is named; tells the files as the JSON reporter of Vitest has them, none
 * where it did not come to its end, which counts as a failure.
 */
async function run(values, output) {
  const report = join(mkdtempSync(join(folder, 'run-')), 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const program = join(root, 'node_modules/vitest/vitest.mjs')
  const written = output === undefined ? undefined : openSync(output, 'w')
  const child = spawn(node24, [program, 'run', ...reporters, ...values], {
    cwd: root,
    stdio: written === undefined ? 'inherit' : ['ignore', written, written],
    // Each file of tests has a process, which loads the same modules of Vitest.
    env: { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/pxe-lab-compiled'), ...process.env },
  })
  const [status] = await once(child, 'close')
  if (written !== undefined) closeSync(written)
  const files = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : []
  return { status: status ?? 1, files, lost: files.length === 0 ? 1 : 0 }
}

/**
 * Everything: browsers and firmware one file after the other, and beside them what computes and what waits for packets.
 * Alone each leaves half of a machine idle.
 */
async function runAll() {
  const alone = ['browser', 'shell', 'firmware']
  const output = join(folder, 'output')
  const [beside, one] = await Promise.all([
    run(alone.flatMap((name) => ['--project', `!${name}`])),
    run(
      alone.flatMap((name) => ['--project', name]),
      output,
    ),
  ])
  process.stdout.write(readFileSync(output))
  return { status: beside.status || one.status, files: [...beside.files, ...one.files], lost: beside.lost + one.lost }
}

const inProject = ({ name }) => relative(root, name).replaceAll(sep, '/')

/** What failed in a file, a line each. */
const failuresOf = ({ name, status, message, assertionResults }) => {
  const told = (test, text) => `${[inProject({ name }), ...test].join(' > ')}: ${(text ?? '').trim().split('\n')[0]}`
  const failedTests = assertionResults.filter((one) => one.status === 'failed')
  // A file that broke outside its tests counts as one failure.
  if (failedTests.length === 0 && status === 'failed') return [told([], message)]
  return failedTests.map((one) => told([...one.ancestorTitles, one.title], one.failureMessages[0]))
}

const wanted = process.argv.slice(2)
const first = wanted.length === 0 && availableParallelism() > 1 ? await runAll() : await run(wanted)
const broken = first.files.filter((file) => failuresOf(file).length > 0)

/**
 * What starts programs of the system and firmware shares a machine with them, and one start that is lost fails a test that is
 * right. Such files run once more, if they are few, and those that pass then are named: each is a fault that comes and goes.
 * Everything that only computes must pass at once.
 */
const mostTriedAgain = 6
const arePrograms = broken.every((file) =>
  /^test\/(cli|net|firmware|browser|windows|shell|package)\//.test(inProject(file)),
)
const isTriedAgain = broken.length > 0 && broken.length <= mostTriedAgain && arePrograms
const second = isTriedAgain ? await run(broken.map(inProject)) : { status: first.status, files: [] }
const unsteady = second.files.filter((file) => failuresOf(file).length === 0 && file.assertionResults.length > 0)
const status = isTriedAgain ? second.status : first.status

for (const file of first.files) {
  const told = second.files.find(({ name }) => name === file.name) ?? file
  failed.push(...failuresOf(told))
  for (const one of told.assertionResults) {
    if (one.status === 'passed') passed++
    else if (one.status !== 'failed') {
      const group = one.ancestorTitles.find((title) => title.includes('(needs ')) ?? one.fullName
      notRun.set(group, (notRun.get(group) ?? 0) + 1)
    }
  }
}
for (let lost = 0; lost < first.lost; lost++) failed.push('A run of tests did not come to its end.')
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
  failed.push('Electron smoke test: the window did not load within a minute')
  return 'failed'
}

process.stdout.write(`\nElectron smoke test: ${smokeTest()}\n`)
if (notRun.size > 0) {
  process.stdout.write('\nCould not run here:\n')
  for (const [group, count] of notRun) process.stdout.write(`  ${count} of: ${group}\n`)
}
const list = (heading, lines) =>
  lines.length === 0 ? '' : `${heading}\n${lines.map((line) => `  ${line}\n`).join('')}\n`
const result =
  list('Passed only when run once more, to be looked into:', unsteady.map(inProject)) +
  list('Failed:', failed) +
  `${passed} passed, ${failed.length} failed\n`
if (process.env.PXE_LAB_COUNT_FILE) writeFileSync(process.env.PXE_LAB_COUNT_FILE, result)
process.stdout.write(`\n${result}`)
process.exit(failed.length > 0 || status !== 0 ? 1 : 0)
