import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FileChooser, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { fixture } from '../helpers/fixtures.ts'
import { LabFolder } from '../helpers/lab.ts'
import { labInBrowser } from '../helpers/lab-browser.ts'
import { describeWith } from '../helpers/requirements.ts'

const other = '# another bench\ninterface: 127.0.0.1\nmode: listen\n'

describeWith(['chromium', 'built'], 'files in a browser, where no shell is', () => {
  let page: Page
  const folder = new LabFolder()
  beforeAll(() => void folder.write({ interface: '127.0.0.1', mode: 'proxy-dhcp' }))
  const { open } = labInBrowser({ folder })

  beforeAll(async () => {
    page = await open('')
    await page.getByTestId('state').first().waitFor()
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

  test('a chosen lab replaces that of the server, which can be undone', async () => {
    const before = readFileSync(folder.file, 'utf8')
    const choose = async (): Promise<void> =>
      (await chooserOf('Open lab')).setFiles({ name: 'other.yaml', mimeType: 'text/yaml', buffer: Buffer.from(other) })
    await choose()
    const file = (): string => readFileSync(folder.file, 'utf8')
    await page.getByText('Replaced lab.yaml with other.yaml', { exact: true }).waitFor()
    expect(file()).toBe(other)
    await page.getByRole('button', { name: 'Undo', exact: true }).click()
    await expect.poll(file).toBe(before)
    await page.getByRole('button', { name: 'Redo', exact: true }).click()
    await expect.poll(file).toBe(other)
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
  })
})
