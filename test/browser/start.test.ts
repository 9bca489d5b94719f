/** Start, search, the page of a code, help: one life of a page. */
import type { Page } from 'playwright-core'
import { beforeAll, test } from 'vitest'
import { labInBrowser } from '../helpers/lab-browser.ts'
import { describeWith } from '../helpers/requirements.ts'

let page: Page
const { open, browser, address } = labInBrowser()

describeWith(['chromium', 'built'], 'start, search and help', () => {
  beforeAll(async () => {
    page = await open('')
  })

  test('from the start page by a line off the screen to its code, and by F1 to its article', async () => {
    for (const door of ['Boot machines', 'Find out why a boot fails', 'Teach or plan'])
      await page.getByRole('region', { name: door }).waitFor()
    const search = page.getByRole('textbox', { name: 'Search', exact: true })
    await search.fill('proxydhcp servce did not reply on port 4011')
    await page.getByRole('option', { name: /^PXE-E55/ }).waitFor()
    await search.press('Enter')
    await page.waitForURL(({ hash }) => decodeURIComponent(hash) === '#/doctor/ask?code=PXE-E55')
    await page.getByRole('region', { name: 'PXE-E55', exact: true }).getByText('The proxyDHCP service did not answer on port 4011.').waitFor()
    // A code that no simulated machine shows has its page as well.
    await page.keyboard.press('Control+k')
    const palette = page.getByLabel('Search everything')
    await palette.fill('-2147023728')
    await page.getByRole('dialog').getByRole('button', { name: /^0x80070490/ }).waitFor()
    await palette.press('Enter')
    await page.getByRole('region', { name: '0x80070490', exact: true }).getByText('Element not found').first().waitFor()
    await page.keyboard.press('F1')
    const help = page.getByRole('complementary', { name: 'Help' })
    await help.getByRole('heading', { name: 'Find the cause' }).waitFor()
    await help.getByRole('link', { name: 'Capture the boot' }).click()
    await help.getByRole('heading', { name: 'Capture a boot' }).waitFor()
    await page.reload()
    await help.getByRole('heading', { name: 'Capture a boot' }).waitFor()
    await help.getByRole('button', { name: 'Close help' }).click()
    await help.waitFor({ state: 'detached' })
    await page.evaluate("location.hash = '#/help/guide/relays.md#what-else-stands-between'")
    await help.getByRole('heading', { name: 'What else stands between' }).waitFor()
    await page.getByRole('region', { name: 'Boot machines' }).waitFor()
  }) // prettier-ignore

  test.each([
    ['de-DE', 'Startdateien', /fragt alle im eigenen Segment/],
    ['ja-JP', 'ブート ファイル', /が回線上の全員に問い合わせます/],
  ])('speaks to who reads %s, and so does the simulator in its worker', async (locale, files, narration) => {
    const own = await browser().newPage({ locale })
    await own.goto(`${address()}#/simulator/plain-dhcp`)
    await own.getByRole('link', { name: files }).waitFor()
    await own.getByText(narration).waitFor()
    await own.close()
  })
})
