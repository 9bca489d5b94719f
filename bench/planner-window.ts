/** What opening a large site file keeps the window's thread from: tasks over 50 ms (Long Tasks API), and when the verdict stands there. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { openBrowser, openPage, serveLab } from '../test/helpers/browser.ts'
import { LabFolder } from '../test/helpers/lab.ts'

const rounds = 5

const watch = `(() => {
  globalThis.longTasks = []
  globalThis.opened = {}
  new PerformanceObserver((list) => { for (const one of list.getEntries()) globalThis.longTasks.push(one.duration) }).observe({ type: 'longtask' })
  addEventListener('change', () => { globalThis.opened.start = performance.now() }, { capture: true, once: true })
  const look = () => {
    if (/violated/.test(document.querySelector('.planner-verdicts h1')?.textContent ?? '')) globalThis.opened.end = performance.now()
    else setTimeout(look, 10)
  }
  look()
})()`

interface Opening {
  readonly longest: number
  readonly blocked: number
  readonly whole: number
}

async function opening(page: Page, file: string): Promise<Opening> {
  await page.evaluate(watch)
  await page.getByRole('button', { name: 'Open…' }).click()
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('menuitem').first().click()])
  await page.waitForTimeout(500)
  await page.evaluate('globalThis.longTasks = []')
  await chooser.setFiles(file)
  while (!(await page.evaluate('globalThis.opened.end !== undefined'))) await page.waitForTimeout(50)
  // What is drawn behind the verdict is a task as well.
  await page.waitForTimeout(1000)
  const { tasks, whole } = await page.evaluate<{ tasks: number[]; whole: number }>('({ tasks: longTasks, whole: opened.end - opened.start })') // prettier-ignore
  return { longest: Math.max(0, ...tasks), blocked: tasks.reduce((sum, one) => sum + one, 0), whole }
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

export async function benchPlannerWindow(text: string): Promise<void> {
  const lab = new LabFolder()
  const { served, address } = await serveLab(lab)
  const browser = await openBrowser(lab.root)
  try {
    const file = join(lab.root, 'site.yaml')
    writeFileSync(file, text)
    const all: Opening[] = []
    for (let round = 0; round < rounds; round++) {
      const page = await openPage(browser, [])
      await page.goto(`${address()}#/planner`)
      await page.getByRole('button', { name: 'Open…' }).waitFor()
      all.push(await opening(page, file))
      await page.close()
    }
    const say = (name: string, of: (one: Opening) => number): string => `${name} ${middle(all.map(of)).toFixed(0)} ms (${all.map((one) => of(one).toFixed(0)).join(' ')})`
    process.stdout.write(`planner, a site file of ${(text.length / 1e6).toFixed(1)} MB opened in the window: ${say('longest task', (one) => one.longest)}, aim 200 ms; ${say('all tasks over 50 ms', (one) => one.blocked)}; ${say('verdict after', (one) => one.whole)}\n`)
  } finally {
    await browser.close()
    await served.stop()
    lab.remove()
  }
} // prettier-ignore
