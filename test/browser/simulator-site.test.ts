/** The simulator as files of a plain web server: a link made there opens the same step in the browser of somebody else. */
import { execFileSync } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findingsOf } from '../helpers/axe.ts'
import { openBrowser, openPage } from '../helpers/browser.ts'
import { describeWith } from '../helpers/requirements.ts'

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
const root = fileURLToPath(new URL('../..', import.meta.url))

describeWith(['chromium'], 'the simulator as a site', () => {
  let folder: string
  let server: Server
  let browser: Browser
  let address: string
  const complaints: string[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pxe-lab-site-'))
    const vite = join(root, 'node_modules/vite/bin/vite.js')
    const values = ['build', '--config', 'vite.site.config.ts', '--outDir', join(folder, 'site'), '--logLevel', 'error']
    execFileSync(process.execPath, [vite, ...values], { cwd: root, stdio: 'ignore' })
    // Below a path, as most people can publish it.
    server = createServer(({ url = '' }, response) => {
      const file = join(folder, 'site', url.replace(/^\/training\/pxe\/|[?#].*$/g, '') || 'index.html')
      if (url.startsWith('/training/pxe/') && existsSync(file)) {
        response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' })
        createReadStream(file).pipe(response)
      } else response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/training/pxe/`
    browser = await openBrowser(folder)
  })
  afterAll(async () => {
    await browser?.close()
    await new Promise((resolve) => server?.close(resolve))
    rmSync(folder, { recursive: true, force: true })
  })
  afterEach(() => expect(complaints.splice(0)).toEqual([]))

  const shownStep = (page: Page): Promise<string> => page.locator('.narration').innerText()

  test('a boot is played, changed, kept, and opens elsewhere by a link and by a file', async () => {
    const page = await openPage(browser, complaints)
    await page.goto(address)
    await page.getByRole('link', { name: /^One DHCP server names the boot file/ }).click()
    await page.locator('.narration').waitFor()
    const first = await shownStep(page)
    for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowRight')
    await expect.poll(() => page.url()).toContain('step%3D3')
    const told = await shownStep(page)
    expect(told).not.toBe(first)

    // The notes of a presenter need no server.
    await page.getByRole('button', { name: 'Present' }).click()
    const opening = page.context().waitForEvent('page')
    await page.getByRole('button', { name: 'Presenter notes' }).click()
    const notes = await opening
    await notes.getByRole('region', { name: 'Now' }).getByText(told).waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => notes.isClosed()).toBe(true)

    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Share this step' }).click()
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download file' }).click()
    const file = readFileSync(await (await downloading).path(), 'utf8')
    await page.getByRole('button', { name: 'Copy link' }).click()
    await page.getByText('Copied the link to this step').waitFor()
    const link = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/training\/pxe\/#\/simulator\/link%3Fz%3D[\w-]+$/)
    await page.close()

    // Somebody else, who has never been there.
    const context = await browser.newContext()
    const other = await context.newPage()
    await other.goto(link)
    await other.getByRole('heading', { level: 1, name: 'One DHCP server names the boot file' }).waitFor()
    await expect.poll(() => shownStep(other)).toBe(told)
    await other.reload()
    await expect.poll(() => shownStep(other)).toBe(told)
    expect(other.url()).toContain('#/simulator/shared')

    await other.goto(link.slice(0, -30))
    await other.getByRole('alert').getByText('This is not a complete link or file of a simulator step').waitFor()
    const dropped = `new File([${JSON.stringify(file)}], 'boot.pxelab-step')`
    await other.evaluate(`{
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(${dropped})
      window.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
    }`)
    await expect.poll(() => shownStep(other)).toBe(told)

    await other.getByRole('button', { name: 'More' }).click()
    await other.getByRole('menuitem', { name: 'Save as my scenario' }).click()
    await other.getByRole('textbox', { name: 'Name' }).fill('For monday')
    await other.getByRole('button', { name: 'Save', exact: true }).click()
    await expect.poll(() => other.url()).toContain('#/simulator/for-monday')
    await other.goto(`${address}#/flows`)
    await other.getByText('This page requires PXE Lab').waitFor()
    await context.close()
  })

  test('a lesson is played by keyboard from its start to its result, a wrong answer costs, and a reload keeps it', async () => {
    const page = await openPage(browser, complaints)
    await page.setViewportSize({ width: 1024, height: 768 })
    await page.goto(`${address}#/simulator`)
    await page.getByRole('link', { name: 'Lessons' }).click()
    await page.getByRole('link', { name: /^1\. What DHCP does/ }).waitFor()
    expect(await findingsOf(page)).toEqual([])
    await page.getByRole('switch', { name: 'Blind mode' }).focus()
    await page.keyboard.press('Space')
    await page.getByRole('link', { name: /^1\. The first seconds of a boot/ }).waitFor()
    await page.keyboard.press('Space')
    await page.getByRole('link', { name: /^1\. What DHCP does/ }).click()

    const step = (at: number) => page.getByRole('heading', { level: 2, name: `Step ${at} of 9` })
    const heard = (): Promise<string[]> => page.evaluate('window.heard')
    await step(1).waitFor()
    await page.evaluate(`
      window.heard = []
      window.addEventListener('pxe-lab-lesson', ({ detail }) => window.heard.push(detail.event.type + ' ' + detail.event.step + ' ' + detail.report.score))
    `)
    const press = async (name: string): Promise<void> => {
      await page.getByRole('button', { name, exact: true }).focus()
      await page.keyboard.press('Enter')
    }
    await press('Next')
    await step(2).waitFor()
    await press('Next')
    await step(3).waitFor()
    // The first answer that is not an OFFER is wrong.
    const wrong = page.getByRole('radio', { name: /^(?!OFFER)/ }).first()
    await wrong.focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page
      .getByRole('status')
      .getByText(/^Not correct/)
      .waitFor()
    expect(await page.locator('input[type=radio]:disabled').count()).toBe(1)
    await page.getByText('Worth 5 points').waitFor()
    expect(await findingsOf(page)).toEqual([])
    await page.reload()
    await page.getByText('Worth 5 points').waitFor()
    await page.getByRole('radio', { name: /^OFFER/ }).focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('Correct: 5 points').waitFor()
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Next')
    await page.keyboard.press('Enter')

    await step(4).waitFor()
    await page.getByRole('textbox', { name: 'Your answer' }).fill('1')
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('Correct: 10 points').waitFor()
    await page.evaluate(`
      window.heard = []
      window.addEventListener('pxe-lab-lesson', ({ detail }) => window.heard.push(detail.event.type + ' ' + detail.event.step + ' ' + detail.report.score))
      window.dispatchEvent(new CustomEvent('pxe-lab-lesson-do', { detail: { do: 'go', to: 7 } }))
    `)
    await step(8).waitFor()
    await expect.poll(heard).toEqual(['at-step who 15'])
    await press('Show the answer')
    await page
      .getByRole('status')
      .getByText(/^The answer is/)
      .waitFor()
    await press('Next')
    await step(9).waitFor()
    await press('Back')
    await step(8).waitFor()
    expect(page.url()).toContain('step%3Dwho')
    await press('Next')
    await step(9).waitFor()
    await press('Check')
    await page.getByRole('heading', { level: 2, name: 'Finished: 15 of 60 points' }).waitFor()
    expect(await page.getByRole('cell', { name: 'Correct after 1 wrong answer' }).count()).toBe(1)
    expect(await page.getByRole('cell', { name: 'Skipped' }).count()).toBe(3)
    expect(await findingsOf(page)).toEqual([])
    await page.getByRole('link', { name: 'All lessons' }).last().click()
    await page.getByRole('link', { name: /^1\. What DHCP does.*15 of 60 points/ }).waitFor()

    // Somebody else's lesson: what is wrong in it is told with line, field and remedy.
    const own = { name: 'own.yaml', mimeType: 'text/yaml' }
    await page.locator('input[type=file]').setInputFiles({ ...own, buffer: Buffer.from('title: Mine\norder: zero\n') })
    await page
      .getByRole('alert')
      .getByText(/^Line 2: order is not a(?: whole)? number/)
      .waitFor()
    const text = readFileSync(join(root, 'resources/lessons/what-is-dhcp.yaml'), 'utf8').replace(
      /^title: .*/m,
      'title: Mine',
    )
    await page.locator('input[type=file]').setInputFiles({ ...own, buffer: Buffer.from(text) })
    await page.getByRole('heading', { level: 1, name: 'Mine' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Mine' }).waitFor()
    await page.close()
  })
})
