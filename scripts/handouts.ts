// Exercises of the simulator on paper: `npm run handouts -- [SCENARIO ...]`, without names those that have a repair, as a course. Writes
// out/handouts.html, and out/handouts.pdf where there is a browser to print it (PXE_LAB_BROWSER names one).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { handoutHtml } from '../src/shared/diagnosis/handout.ts'
import { scenarioGroups } from '../src/shared/simulation/scenario.ts'
import { readScenarioText } from '../src/shared/simulation/scenario-text.ts'
import { galleryIds } from './documents/gallery.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const out = join(root, 'out')
const known = galleryIds()
const wanted = process.argv.slice(2)

function complain(text: string): never {
  process.stderr.write(`handouts: ${text}\n`)
  process.exit(2)
}

const unknown = wanted.find((id) => !known.includes(id))
if (unknown !== undefined) complain(`${unknown} is no scenario. \`pxe-lab simulate --list\` names them.`)

const scenarios = (wanted.length > 0 ? wanted : known).map((id) => {
  const read = readScenarioText(readFileSync(join(root, `resources/scenarios/${id}.yaml`), 'utf8'))
  if (!read.ok) complain(`${id} cannot be read.`)
  return read
})
const course =
  wanted.length > 0
    ? scenarios
    : scenarioGroups.flatMap((group) =>
        scenarios.filter(({ scenario }) => scenario.group === group && scenario.repairs.some((one) => one.isAccepted)),
      )

const html = handoutHtml(
  course.map(({ input }) => ({ input, changes: [] })),
  (done) => process.stdout.isTTY && process.stdout.write(`\rExercise ${done} of ${course.length} `),
)
mkdirSync(out, { recursive: true })
writeFileSync(join(out, 'handouts.html'), html)
process.stdout.write(`\nout/handouts.html: ${course.length} exercises\n`)

const browser = process.env['PXE_LAB_BROWSER'] ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path)) // prettier-ignore
const channel = process.platform === 'win32' ? 'msedge' : 'chrome'
try {
  // A root user has no sandbox to give.
  const isRoot = process.getuid?.() === 0
  const opened = await chromium.launch({
    ...(browser === undefined ? { channel } : { executablePath: browser }),
    args: isRoot ? ['--no-sandbox'] : [],
  })
  const page = await opened.newPage()
  await page.setContent(html)
  await page.pdf({ path: join(out, 'handouts.pdf'), preferCSSPageSize: true, printBackground: true })
  await opened.close()
  process.stdout.write('out/handouts.pdf\n')
} catch (error) {
  complain(
    `no PDF was made (${String(error).split('\n')[0]}). Set PXE_LAB_BROWSER to Chromium, Chrome or Edge, or print out/handouts.html from a browser.`,
  )
}
