/** A lesson as a package of SCORM 1.2, in an open player (scorm-again) that checks what is told it, in Chromium. */
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { strFromU8, unzipSync } from 'fflate'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPage } from '../helpers/browser.ts'
import { labInBrowser } from '../helpers/lab-browser.ts'
import { describeWith } from '../helpers/requirements.ts'

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
const player = readFileSync(
  fileURLToPath(new URL('../../node_modules/scorm-again/dist/scorm12.min.js', import.meta.url)),
)

/** A platform as a page: the player, what it kept before, and the package in a frame. */
const platformPage = (query: string): string => `<!doctype html><title>Platform</title>
<script src="/player.js"></script>
<script>
  window.told = []
  window.API = new Scorm12API({ autocommit: false, logLevel: 5 })
  const kept = JSON.parse(sessionStorage.getItem('kept') ?? 'null')
  API.loadFromJSON({ core: { student_id: 'anna', entry: kept ? 'resume' : 'ab-initio', lesson_status: kept?.status ?? 'not attempted' }, suspend_data: kept?.data ?? '' }, 'cmi')
  const set = API.LMSSetValue.bind(API)
  API.LMSSetValue = (name, value) => { const done = set(name, value); told.push([name, value, String(done), API.LMSGetLastError()]); return done }
  API.on('LMSFinish', () => window.told.push(['finish']))
</script>
<iframe src="/package/scorm.html${query}" style="width:1000px;height:700px"></iframe>`

describeWith(['chromium'], 'a package for a learning platform', () => {
  const lab = labInBrowser()
  let server: Server
  let browser: Browser
  let address: string
  let files: Record<string, Uint8Array>
  const complaints: string[] = []

  beforeAll(async () => {
    const window = await lab.newPage()
    await window.addInitScript(
      "window.print = () => console.log('printed ' + document.querySelectorAll('section').length)",
    )
    await window.goto(`${lab.address()}#/simulator/lessons`)
    // The course on paper: twelve lessons, and their answers.
    const printing = window.waitForEvent('console', (message) => message.text().startsWith('printed '))
    await window.getByRole('button', { name: 'Print a handout' }).click()
    expect((await printing).text()).toBe('printed 13')
    const saving = window.waitForEvent('download')
    await window.getByRole('button', { name: 'Export for a learning platform' }).click()
    const saved = await saving
    expect(saved.suggestedFilename()).toBe('pxe-lab-course-scorm.zip')
    files = unzipSync(readFileSync(await saved.path()))
    await window.close()
    server = createServer(({ url = '' }, response) => {
      const { pathname, search } = new URL(url, 'http://x')
      const file = files[pathname.replace(/^\/package\//, '')]
      const body = pathname === '/platform' ? platformPage(search) : pathname === '/player.js' ? player : file
      response.writeHead(body ? 200 : pathname === '/favicon.ico' ? 204 : 404, { 'content-type': pathname === '/platform' ? 'text/html' : (types[extname(pathname)] ?? 'application/octet-stream') }) // prettier-ignore
      response.end(body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = lab.browser()
  })
  afterAll(async () => {
    await new Promise((resolve) => server?.close(resolve))
  })

  test('the manifest names every lesson and every file of the package, and nothing that is not there', () => {
    const manifest = strFromU8(files['imsmanifest.xml']!)
    expect(manifest).toContain('<schemaversion>1.2</schemaversion>')
    const named = [...manifest.matchAll(/<file href="([^"]+)"/g)].map(([, path]) => path!)
    expect(named).toEqual(
      Object.keys(files)
        .filter((path) => path !== 'imsmanifest.xml')
        .toSorted(),
    )
    expect([...manifest.matchAll(/parameters="\?lesson=([\w-]+)"/g)].length).toBe(12)
    // The window of the lab is not in it.
    expect(named).not.toContain('index.html')
  })

  const told = (page: Page): Promise<string[][]> => page.evaluate<string[][]>('window.told')
  const value = async (page: Page, name: string): Promise<string | undefined> =>
    (await told(page)).findLast(([one]) => one === name)?.[1]

  test('a lesson tells score, time, place and state, goes on where it was left, and ends completed', async () => {
    const page = await openPage(browser, complaints)
    await page.goto(`${address}/platform?lesson=what-is-dhcp`)
    const lesson = page.frameLocator('iframe')
    await lesson.getByRole('heading', { name: /^Step 1 of 9/ }).waitFor()
    await lesson.getByRole('button', { name: 'Next' }).click()
    await lesson.getByRole('button', { name: 'Next' }).click()
    await lesson.getByRole('heading', { name: 'Step 3 of 9: Prediction' }).waitFor()
    await lesson.getByRole('radio', { name: /^OFFER/ }).check()
    await lesson.getByRole('button', { name: 'Answer', exact: true }).click()
    await lesson.getByText(/^Correct: 10 points/).waitFor()
    await expect.poll(() => value(page, 'cmi.core.score.raw')).toBe('17')
    expect(await value(page, 'cmi.core.lesson_status')).toBe('incomplete')
    expect(await value(page, 'cmi.core.session_time')).toMatch(/^\d{4}:\d\d:\d\d\.\d\d$/)
    const variant = await lesson.getByText(/^Variant/).innerText()

    // The learner goes, and comes back in another browser: the platform alone remembers.
    const kept = { status: 'incomplete', data: await value(page, 'cmi.suspend_data') }
    expect(kept.data!.length).toBeLessThan(1000)
    await page.evaluate(`document.querySelector('iframe').remove()`)
    await expect.poll(async () => (await told(page)).at(-1)).toEqual(['finish'])
    // The player took every value.
    expect((await told(page)).filter(([, , done, error]) => done === 'false' || (error !== undefined && error !== '0'))).toEqual([]) // prettier-ignore
    await page.close()

    const later = await openPage(browser, complaints)
    await later.goto(`${address}/player.js`)
    await later.evaluate(`sessionStorage.setItem('kept', ${JSON.stringify(JSON.stringify(kept))})`)
    await later.goto(`${address}/platform?lesson=what-is-dhcp`)
    const again = later.frameLocator('iframe')
    await again.getByRole('heading', { name: 'Step 3 of 9: Prediction' }).waitFor()
    await again.getByText(variant, { exact: true }).waitFor()
    await again.getByText('10 of 60 points').waitFor()
    for (let turn = 0; turn < 12 && !(await again.getByRole('heading', { name: /^Finished/ }).isVisible()); turn++) {
      const step = await again.getByRole('heading', { level: 2 }).first().innerText()
      const reveal = again.getByRole('button', { name: 'Show the answer' })
      if (await reveal.isVisible()) {
        await reveal.click()
        await again.getByText(/^The answer is/).waitFor()
      }
      await again.getByRole('button', { name: /^(Next|Check)$/ }).click()
      await expect.poll(() => again.getByRole('heading', { level: 2 }).first().innerText()).not.toBe(step)
    }
    await expect.poll(() => value(later, 'cmi.core.lesson_status')).toBe('completed')
    expect(await value(later, 'cmi.core.score.raw')).toBe('17')
    await later.close()
    expect(complaints).toEqual([])
  })
})
