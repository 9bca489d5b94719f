import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, FileChooser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, openPage, serveLab } from '../helpers/browser.ts'
import { fixture } from '../helpers/fixtures.ts'
import { LabFolder } from '../helpers/lab.ts'
import { describeWith } from '../helpers/requirements.ts'

const other = '# another bench\ninterface: 127.0.0.1\nmode: listen\n'

describeWith(['chromium', 'built'], 'files in a browser, where no shell is', () => {
  const folder = new LabFolder()
  let served: ChildProcess
  let browser: Browser
  let page: Page
  const consoleProblems: string[] = []
  beforeAll(async () => {
    folder.write({ interface: '127.0.0.1', mode: 'proxy-dhcp' })
    const { served: process, address } = await serveLab(folder.root)
    served = process
    browser = await openBrowser(folder.root)
    page = await openPage(browser, consoleProblems)
    await page.goto(address())
    await page.getByTestId('state').first().waitFor()
  })
  afterAll(async () => {
    await browser.close()
    served.kill('SIGTERM')
    folder.remove()
  })

  /** The file chooser that an action of the palette opens. */
  async function chooserOf(action: string): Promise<FileChooser> {
    await page.keyboard.press('Control+k')
    const search = page.getByLabel('Search everything')
    await search.fill(action)
    await page.getByRole('dialog').getByRole('button', { name: action }).first().waitFor()
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), search.press('Enter')])
    return chooser
  }

  test('a chosen lab replaces that of the server, after a question', async () => {
    const before = readFileSync(folder.file, 'utf8')
    const choose = async (): Promise<void> =>
      (await chooserOf('Open lab')).setFiles({ name: 'other.yaml', mimeType: 'text/yaml', buffer: Buffer.from(other) })
    await choose()
    const question = page.getByRole('dialog', { name: 'Replace lab.yaml with other.yaml?' })
    await question.getByRole('button', { name: 'Cancel' }).click()
    await question.waitFor({ state: 'hidden' })
    expect(readFileSync(folder.file, 'utf8')).toBe(before)
    await choose()
    await question.getByRole('button', { name: 'Replace' }).click()
    await page.getByText('other.yaml is in place').waitFor()
    expect(readFileSync(folder.file, 'utf8')).toBe(other)
  })

  test('Save lab as downloads it', async () => {
    await page.keyboard.press('Control+k')
    const search = page.getByLabel('Search everything')
    await search.fill('Save lab as')
    await page.getByRole('dialog').getByRole('button', { name: 'Save lab as' }).first().waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), search.press('Enter')])
    expect(download.suggestedFilename()).toBe('lab.yaml')
    expect(readFileSync(await download.path(), 'utf8')).toBe(other)
  })

  test('a chosen capture opens in Flows', async () => {
    await (await chooserOf('Open capture')).setFiles(fileURLToPath(fixture('captures/full-pxelinux.pcap')))
    await page.getByRole('button', { name: 'What is shown' }).filter({ hasText: 'full-pxelinux.pcap' }).waitFor()
  })

  test('the title names the lab, and About what runs', async () => {
    expect(await page.title()).toBe('lab.yaml - PXE Lab')
    await page
      .getByRole('contentinfo')
      .getByRole('button', { name: /^PXE Lab \d/ })
      .click()
    const about = page.getByRole('dialog', { name: 'About PXE Lab' })
    expect(await about.innerText()).toMatch(/Browser\s+Mozilla/)
    await about.getByRole('button', { name: 'Close' }).last().click()
    expect(consoleProblems).toEqual([])
  })
})
