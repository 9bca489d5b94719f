/** The diagnosis backwards in the window: from a code, question by question, to a fix that was tried; and from a capture. */
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { fixture } from '../helpers/fixtures.ts'
import { labInBrowser } from '../helpers/lab-browser.ts'
import { describeWith } from '../helpers/requirements.ts'

let page: Page
const { open } = labInBrowser()

describeWith(['chromium', 'built'], 'find the cause', () => {
  const causes = (count: number | RegExp) =>
    page.getByRole('heading', {
      name: typeof count === 'number' ? `${count} possible cause${count === 1 ? '' : 's'}` : count,
    })
  const answer = (name: RegExp) => page.getByRole('group', { name: 'Answers' }).getByRole('button', { name }).click()

  test('from a code by four answers to a fix; back and reload keep the place', async () => {
    page = await open('#/doctor/ask')
    await page.getByRole('region', { name: 'Question' }).getByRole('heading', { name: 'What does the screen show last?' }).waitFor()
    await page.getByRole('combobox', { name: 'Code on the screen' }).fill('e55')
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'PXE-E55' }).getByText('The proxyDHCP service did not answer on port 4011.').waitFor()
    await causes(/^5\d possible causes$/).waitFor()
    await page.getByRole('button', { name: 'Copy cmd /c "sc query DHCPServer & sc query WDSServer & sc query SccmPxe"' }).waitFor()
    await answer(/^WDS is stopped on the DHCP server/)
    await answer(/events 513/)
    await answer(/PXEClient in the server options/)
    await answer(/It does not set it/)
    const cause = page.getByRole('region', { name: 'Cause', exact: true })
    await cause.getByRole('heading', { name: 'WDS and DHCP on one server both claim UDP port 67 (UseDHCPPorts)' }).waitFor()
    await cause.getByText('Simulated: with this change, every machine boots.').waitFor()
    await page.reload()
    await cause.waitFor()
    await page.goBack()
    await page.getByRole('region', { name: 'Question' }).getByRole('heading', { name: /boot file/ }).waitFor()
    await page.goForward()
    // The repaired set-up plays, and boots.
    await cause.getByRole('link', { name: /^Play .* with the fix$/ }).first().click()
    await page.getByLabel('More').waitFor()
    expect(page.url()).toContain('#/simulator/row%3Athis.WDS.0.server')
  }) // prettier-ignore

  test('a contradiction is taken back, what nobody knows narrows nothing, a code that no screen shows is told', async () => {
    const item = 'ask?code=PXE-E55&answer=services%3Dnone'
    page = await open(`#/doctor/${encodeURIComponent(item)}`)
    const conflict = page.getByRole('status', { name: 'No cause found' })
    await conflict.getByText('Which DHCP and PXE services').getByRole('button', { name: 'Take back' }).click()
    const before = await causes(/possible causes$/).textContent()
    await page.getByRole('button', { name: 'I do not know' }).click()
    await page.getByText('1 question answered with “I do not know”').waitFor()
    expect(await causes(/possible causes$/).textContent()).toBe(before)
    await page.getByRole('combobox', { name: 'Code on the screen' }).fill('E61')
    await page.getByRole('button', { name: 'Find causes' }).click()
    // Its page says what it means all the same.
    await page
      .getByRole('region', { name: 'PXE-E61', exact: true })
      .getByText('Media test failure, check cable.')
      .waitFor()
    await page.getByText('No simulated machine shows this code').waitFor()
  })

  test('from a failed boot of a capture', async () => {
    page = await open('#/flows')
    await page.setInputFiles('input[type=file]', fileURLToPath(fixture('captures/fail-nofile-uefi-x64.pcap')))
    await page.getByRole('link', { name: 'Find the cause' }).click()
    const cause = page.getByRole('region', { name: 'Cause', exact: true })
    await cause.getByRole('heading', { name: 'The boot file does not exist' }).waitFor()
    await page.getByRole('region', { name: 'Known' }).getByText(/^The capture: What answers its TFTP read request/).waitFor()
  }) // prettier-ignore
})
