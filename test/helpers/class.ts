/** Students of a class, each in a browser of their own. */
import type { Browser, BrowserContext, Page } from 'playwright-core'

/** Opens the page of a class as somebody who has never been there, and comes in; what its console complains of is added to the list. */
export async function joinClass(
  browser: Browser,
  address: string,
  code: string,
  name: string,
  complaints: string[],
): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
  // prettier-ignore
  const context = await browser.newContext({ viewport: { width: 1024, height: 768 } })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(address)
  await page.getByRole('textbox', { name: 'Code' }).fill(code.toLowerCase())
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await page.getByRole('button', { name: 'Join' }).click()
  await page.getByText(new RegExp(`^\\d+\\. ${name}$`)).waitFor()
  return { context, page }
}
