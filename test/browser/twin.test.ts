import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FileChooser } from 'playwright-core'
import { expect, test } from 'vitest'
import { labInBrowser } from '../helpers/lab-browser.ts'
import { describeWith } from '../helpers/requirements.ts'

const { address, newPage } = labInBrowser()
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/interchange/${name}`, import.meta.url))

describeWith(['chromium', 'built'], 'your network', () => {
  test('configurations become a map; a cell tells its line and is played; a changed file is compared', async () => {
    const page = await newPage()
    page.setDefaultTimeout(60_000)
    await page.goto(`${address()}#/simulator`)
    await page.getByRole('link', { name: 'Your network' }).click()
    const give = async (label: string, files: Parameters<FileChooser['setFiles']>[0]): Promise<void> => {
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: label }).click()])
      await chooser.setFiles(files)
    }
    await give('Choose configuration files', [fixture('kea-classes.conf'), fixture('dnsmasq-chain.conf')])
    await page.getByText('4 rows, 4 with machines that do not boot').waitFor()
    const row = page.getByRole('row', { name: /172\.18\.4\.0/ })
    await row.getByRole('button', { name: 'if files' }).first().click()
    const detail = page.getByRole('region', { name: 'The selected machine' })
    await detail.getByRole('heading', { name: 'Boots if 172.18.4.3 has undionly.kpxe and menu.ipxe' }).waitFor()
    await detail.getByText('Decided by dnsmasq-chain.conf, line 13').waitFor()
    await page.getByText('Not understood: 2').click()
    await page.getByText('no-such-word is not evaluated.').waitFor()
    // A file of the same name stands for the one before, and is compared with it.
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Compare with the files added next' }).click()
    await page.getByText('Differences from before: 0').waitFor()
    const changed = readFileSync(fixture('dnsmasq-chain.conf'), 'utf8').replace('ipxe.efi', 'undionly.0')
    await give('Add files', { name: 'dnsmasq-chain.conf', mimeType: 'text/plain', buffer: Buffer.from(changed) })
    await page.getByText('Differences from before: 1').waitFor()
    await page.getByText(/No longer boots: UEFI x64 in 172\.18\.4\.0\/24/).waitFor()
    await row.getByRole('button', { name: 'if files' }).first().click()
    await detail.getByRole('button', { name: 'Play this boot' }).click()
    await page.getByRole('heading', { level: 1, name: '172.18.4.0/24: BIOS' }).waitFor()
    await page.keyboard.press('End')
    await page.getByLabel('Screen of BIOS').getByText('This script was not given').waitFor()
    // The way back leads to the map as it was.
    await page.goBack()
    await page.getByText('Differences from before: 1').waitFor()
    expect(await page.getByRole('row').count()).toBe(5)
  }, 180_000) // prettier-ignore
})
