/** A class in real browsers: three students with their own pages, and a trainer who leads, leaves and comes back. */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findingsOf } from '../helpers/axe.ts'
import { joinClass } from '../helpers/class.ts'
import { labInBrowser } from '../helpers/lab-browser.ts'
import { describeWith } from '../helpers/requirements.ts'

describeWith(['chromium'], 'a class', () => {
  const lab = labInBrowser()
  const contexts: BrowserContext[] = []
  const complaints: string[] = []
  let trainer: Page
  let address: string
  let code: string

  beforeAll(async () => {
    trainer = await lab.open('#/simulator/class')
    await trainer.getByRole('button', { name: 'Open a class' }).waitFor()
    await trainer.getByRole('combobox', { name: 'Address' }).click()
    await trainer.getByRole('option', { name: /^127\.0\.0\.1/ }).click()
    await trainer.getByRole('textbox', { name: 'TCP port' }).fill('0')
    await trainer.getByRole('button', { name: 'Open a class' }).click()
    code = await trainer.locator('.class-code').innerText()
    address = await trainer.locator('.class-address').innerText()
  })
  afterAll(async () => {
    for (const context of contexts) await context.close()
  })

  test('students come in, go where they are taken, see the answer, vote, and come back after a reload', async () => {
    const students: Page[] = []
    for (const name of ['Anna', 'Bo', 'Cy']) {
      const { context, page } = await joinClass(lab.browser(), address, code, name, complaints)
      contexts.push(context)
      students.push(page)
    }
    const [anna, bo, cy] = students as [Page, Page, Page]
    await trainer.getByText('3 of 3 students present').waitFor()

    // Each has a variant of their own: neighbours have other networks.
    await trainer.getByRole('combobox', { name: 'Step' }).click()
    await trainer.getByRole('option', { name: /^3\. Prediction/ }).click()
    await trainer.getByRole('button', { name: 'Take everybody there' }).click()
    for (const [index, page] of students.entries()) {
      await page.getByRole('heading', { name: 'Step 3 of 9: Prediction' }).waitFor()
      await page.getByText(`Variant ${index + 1}`).waitFor()
    }
    await trainer.getByRole('button', { name: 'Show the answer to everybody' }).click()
    for (const page of students) await page.getByText(/^The answer is: OFFER/).waitFor()
    expect(new Set(await Promise.all(students.map((page) => page.getByText(/^The answer is:/).innerText()))).size).toBeGreaterThan(1) // prettier-ignore

    // Bo goes on alone, and is seen to.
    await bo.getByRole('button', { name: 'Next' }).click()
    await trainer.getByText(/^4 of 9: What DHCP does/).waitFor()

    await trainer.getByRole('textbox', { name: 'Question' }).fill('Which server?')
    await trainer.getByRole('textbox', { name: 'Choice 1' }).fill('The first')
    await trainer.getByRole('textbox', { name: 'Choice 2' }).fill('The second')
    await trainer.getByRole('button', { name: 'Ask everybody' }).click()
    await anna.getByRole('button', { name: 'The second' }).click()
    await bo.getByRole('button', { name: 'The second' }).click()
    await anna.getByText('Your vote was counted.').waitFor()
    await trainer.getByText('2 of 3 voted').waitFor()
    expect(await findingsOf(cy)).toEqual([])
    expect(await findingsOf(trainer)).toEqual([])

    // The trainer's window is closed and another opened; a student's page is loaded anew.
    trainer = await lab.open('#/simulator/class')
    await trainer.getByText('2 of 3 voted').waitFor()
    await anna.reload()
    await anna.getByText('Your vote was counted.').waitFor()
    await anna.getByRole('heading', { name: 'Step 3 of 9: Prediction' }).waitFor()
    await trainer.getByRole('button', { name: 'Close the vote' }).click()
    await trainer.getByRole('button', { name: 'Show the result' }).click()
    for (const page of students) await page.getByText('2 (100%)').waitFor()
    await trainer.getByRole('button', { name: 'Remove the question' }).click()
  })

  test('a boot of the simulator is shown to all; who is taken off the list is told, and so is everybody when the class ends', async () => {
    trainer = await lab.open('#/simulator')
    await trainer.getByRole('link', { name: /^One DHCP server names the boot file/ }).click()
    await trainer.locator('.narration').waitFor()
    await trainer.keyboard.press('ArrowRight')
    await trainer.keyboard.press('ArrowRight')
    const shown = await trainer.locator('.narration').innerText()
    await trainer.getByRole('button', { name: 'Take the class here' }).click()
    const [anna, bo] = contexts.map((context) => context.pages()[0]!) as [Page, Page]
    for (const page of [anna, bo]) await expect.poll(() => page.locator('.narration').innerText()).toBe(shown)

    trainer = await lab.open('#/simulator/class')
    await trainer.getByRole('row', { name: /Bo/ }).click({ button: 'right' })
    await trainer.getByRole('menuitem', { name: 'Remove from the list' }).click()
    await bo.getByText('You were removed from the list.').waitFor()
    await trainer.getByText('2 of 2 students present').waitFor()
    await trainer.getByRole('button', { name: 'End the class' }).click()
    await trainer.getByRole('dialog').getByRole('button', { name: 'End the class' }).click()
    await anna.getByText('The class is over.').waitFor()
    await trainer.getByRole('button', { name: 'Open a class' }).waitFor()
    expect(complaints).toEqual([])
  })
})
