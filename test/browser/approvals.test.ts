/** Approval on the Clients page: the lab and Chromium in one namespace, a firmware of the simulator on real sockets in another. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, openPage } from '../helpers/browser.ts'
import { cli, LabFolder } from '../helpers/lab.ts'
import { Network, type Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const wireBoot = fileURLToPath(new URL('../helpers/wire-boot.ts', import.meta.url))
const folder = new LabFolder()
let network: Network
let there: string
let browser: Browser
let page: Page
const consoleProblems: string[] = []

const boot = (mac: string): Running => network.start(there, process.execPath, [wireBoot, 'cli0', mac, 'bios'])

describeWith(['root', 'ip', 'chromium', 'built'], 'approvals', () => {
  beforeAll(async () => {
    network = new Network()
    const here = network.namespace('s')
    there = network.namespace('c')
    network.cable({ in: here, name: 'srv0', addresses: ['10.77.0.1/16'] }, { in: there, name: 'cli0', addresses: ['10.77.0.2/16'] }) // prettier-ignore
    folder.put('boot/x86/wdsnbp.com', new Uint8Array(2000))
    folder.write({
      interface: 'srv0',
      mode: 'dhcp',
      allowOtherServers: true,
      role: 'wds',
      wds: { approve: true, pollSeconds: 1 },
      dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.1', end: '10.77.1.99' }] }] },
    })
    const served = network.start(here, process.execPath, [cli, 'serve', '--config', folder.file])
    const [url] = await served.sees(/http:\/\/\S+/, 30)
    browser = await openBrowser(folder.root, here)
    page = await openPage(browser, consoleProblems)
    await page.goto(`${url}#/clients`)
    await page
      .getByRole('button', { name: /^Start/ })
      .first()
      .click()
  })
  afterAll(async () => {
    await browser?.close()
    await network.close()
    folder.remove()
  })

  test('machines that wait are told and listed; one is approved by name and remembered, another refused, a third goes on waiting', async () => {
    await page.getByText('Approvals', { exact: true }).click()
    await page.getByText('No pending devices').waitFor()
    const first = boot('52:54:00:77:00:01')
    await page.getByText('52:54:00:77:00:01 waits for approval, pending request ID 1').waitFor({ timeout: 60_000 })
    const row = page.getByRole('row', { name: 'Request 1' })
    await row.getByLabel('Name of request 1').fill('pc1')
    await row.getByRole('button', { name: 'Approve' }).click()
    await row.getByText('approved', { exact: true }).waitFor()
    expect(await row.getByText('pc1').count()).toBe(1)
    await first.sees(/TFTP Download: boot\\\\x64\\\\pxeboot\.n12/, 30)
    await first.stop()
    const second = boot('52:54:00:77:00:02')
    const refused = page.getByRole('row', { name: 'Request 2' })
    await refused.getByRole('checkbox', { name: 'Remember' }).uncheck({ timeout: 60_000 })
    // Pending ones come first.
    expect(await page.getByRole('grid', { name: 'Pending devices' }).getByRole('row').nth(1).getAttribute('aria-label')).toBe('Request 2') // prettier-ignore
    await refused.getByRole('button', { name: 'Refuse' }).click()
    await refused.getByText('refused, for this boot').waitFor()
    await second.sees(/PXE Boot aborted/, 30)
    await second.stop()
    const third = boot('52:54:00:77:00:03')
    await page
      .getByRole('row', { name: 'Request 3' })
      .getByRole('button', { name: 'Approve' })
      .waitFor({ timeout: 60_000 })
    await third.stop()
    await row.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await row.waitFor({ state: 'detached' })
    expect(readFileSync(join(folder.root, 'state', 'approvals.json'), 'utf8')).not.toContain('pc1')
    expect(consoleProblems).toEqual([])
  }, 240_000)
})
