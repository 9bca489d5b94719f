/** From the finding to the repair and back, in Chromium, on a machine whose tools are those of a double Windows server. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import type { RemedyRecord } from '#shared/lab/repair.ts'
import { labInBrowser } from '../helpers/lab-browser.ts'
import { describeWith } from '../helpers/requirements.ts'
import { windowsTools, type WindowsTools } from '../helpers/windows-tools.ts'

let tools: WindowsTools
let page: Page
const { folder, open } = labInBrowser({
  environment: ({ root }) => {
    tools = windowsTools(root, { services: { DHCPServer: 'running', WDSServer: 'running' } })
    return { ...tools.environment, XDG_STATE_HOME: root }
  },
})

describeWith(['chromium', 'built'], 'remedy', () => {
  beforeEach(async () => {
    page = await open('#/doctor')
    // The double starts a process for each question, some forty a look.
    page.setDefaultTimeout(240_000)
  })

  test('read the finding, play it, apply it, see it healthy, undo it', async () => {
    const before = tools.state()
    await page.getByRole('heading', { level: 1, name: 'WDS and DHCP both claim UDP port 67.' }).waitFor()
    const finding = page.getByRole('article', { name: 'WDS and DHCP both claim UDP port 67' })
    await finding.getByText('UseDHCPPorts is not set, which means 1').waitFor()
    await page.getByRole('link', { name: 'Play it in the Simulator' }).click()
    await page.getByRole('button', { name: /^bios/ }).first().waitFor()
    await page.goBack()
    await finding.getByRole('button', { name: 'Apply fix on this machine…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('row', { name: /UseDHCPPorts.*absent.*REG_DWORD 0x0/s }).waitFor()
    await dialog.getByText('comment=PXE').waitFor()
    expect(tools.state()).toEqual(before)
    await dialog.getByRole('button', { name: 'Apply fix' }).click()
    await dialog.getByText(/Checked again: Nothing is wrong on /).waitFor()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await page
      .getByRole('heading', { level: 1, name: /^Nothing is wrong on .*: DHCP and WDS run as they should\./ })
      .waitFor()
    expect(tools.state()).not.toEqual(before)
    // What changed stands in the history.
    await page.getByRole('region', { name: 'Previous checks' }).getByText('+ UseDHCPPorts is 0').waitFor()
    await page.getByRole('region', { name: 'Changes made by PXE Lab' }).getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('heading', { level: 1, name: 'WDS and DHCP both claim UDP port 67.' }).waitFor()
    expect(tools.state()).toEqual(before)
    await page.getByText(/, undone$/).waitFor()
  })

  test('left alone nothing is changed; what was interrupted is told, and undone', async () => {
    const before = tools.state()
    await page.getByRole('button', { name: 'Apply fix on this machine…' }).first().click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    expect(tools.state()).toEqual(before)
    // As a power cut leaves it: the journal of before, half way.
    const labs = join(folder.root, 'pxe-lab/labs')
    const journal = join(labs, readdirSync(labs)[0]!, 'remedies')
    const [name] = readdirSync(journal).filter((one) => one.endsWith('.json'))
    const record = JSON.parse(readFileSync(join(journal, name!), 'utf8')) as RemedyRecord
    const half: RemedyRecord = {
      ...record,
      phase: 'applying',
      steps: record.steps.map((one, index) => ({ ...one, state: index === 0 ? 'started' : 'waiting' })),
    }
    writeFileSync(join(journal, name!), JSON.stringify(half))
    await page.reload()
    await page.getByText('"WDS and DHCP both claim UDP port 67" was interrupted').waitFor()
    await page.getByRole('button', { name: 'Finish' }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText(/, undone/).waitFor()
    expect(tools.state()).toEqual(before)
  })

  test('a change that fails is undone, and the reason is told', async () => {
    const file = join(folder.root, 'server.json')
    const before = tools.state()
    // WDS will not start again.
    const broken = structuredClone(before)
    broken.registry[String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\WDSServer`]!['Start'] = {
      type: 'REG_DWORD',
      data: '0x4',
    }
    writeFileSync(file, JSON.stringify(broken))
    await page.reload()
    await page.getByRole('button', { name: 'Apply fix on this machine…' }).first().click()
    await page.getByRole('dialog').getByRole('button', { name: 'Apply fix' }).click()
    await page
      .getByText(/service WDSServer is stopped/)
      .first()
      .waitFor()
    writeFileSync(file, JSON.stringify(before))
  })
})
