/** Approval on the Clients page: the lab and Chromium in one namespace, a firmware of the simulator on real sockets in another. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { findingsOf } from '../helpers/axe.ts'
import type { Running } from '../helpers/network.ts'
import { labWireForAllTests } from '../helpers/lab-wire.ts'
import { labInBrowser } from '../helpers/lab-browser.ts'
import { describeWith } from '../helpers/requirements.ts'

const wireBoot = fileURLToPath(new URL('../helpers/wire-boot.ts', import.meta.url))
const { network, folder, here, there } = labWireForAllTests()
let page: Page
beforeAll(() => {
  folder.put('boot/x86/wdsnbp.com', new Uint8Array(2000))
  folder.write({
    interface: 'srv0',
    mode: 'dhcp',
    allowOtherServers: true,
    role: 'wds',
    wds: { approve: true, pollSeconds: 1 },
    dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.1', end: '10.77.1.99' }] }] },
  })
})
const { open } = labInBrowser({ folder, space: { network, namespace: here } })

const boot = (mac: string): Running => network.start(there, process.execPath, [wireBoot, 'cli0', mac, 'bios'])

describeWith(['root', 'ip', 'chromium', 'built'], 'approvals', () => {
  beforeAll(async () => {
    page = await open('#/clients')
    await page
      .getByRole('button', { name: /^Start/ })
      .first()
      .click()
  })

  test('machines that wait are told and listed; one is approved by name and remembered, another refused, a third goes on waiting', async () => {
    await page.getByText('Approvals', { exact: true }).click()
    await page.getByText('No pending devices').waitFor()
    const first = boot('52:54:00:77:00:01')
    await page.getByText('52:54:00:77:00:01 waits for approval, pending request ID 1').waitFor()
    const row = page.getByRole('row', { name: 'Request 1' })
    await row.getByLabel('Name of request 1').fill('pc1')
    await row.getByRole('button', { name: 'Approve' }).click()
    await row.getByText('approved', { exact: true }).waitFor()
    expect(await row.getByText('pc1').count()).toBe(1)
    await first.sees(/TFTP Download: boot\\\\x64\\\\pxeboot\.n12/)
    await first.stop()
    const second = boot('52:54:00:77:00:02')
    const refused = page.getByRole('row', { name: 'Request 2' })
    await refused.getByRole('checkbox', { name: 'Remember' }).uncheck()
    // Pending ones come first.
    expect(await page.getByRole('grid', { name: 'Pending devices' }).getByRole('row').nth(1).getAttribute('aria-label')).toBe('Request 2') // prettier-ignore
    await refused.getByRole('button', { name: 'Refuse' }).click()
    await refused.getByText('refused, for this boot').waitFor()
    await second.sees(/PXE Boot aborted/)
    await second.stop()
    const third = boot('52:54:00:77:00:03')
    await page.getByRole('row', { name: 'Request 3' }).getByRole('button', { name: 'Approve' }).waitFor()
    await third.stop()
    const kept = (): string => readFileSync(join(folder.root, 'state', 'approvals.json'), 'utf8')
    await row.getByRole('button', { name: 'Remove' }).click()
    await row.waitFor({ state: 'detached' })
    expect(kept()).not.toContain('pc1')
    await page.keyboard.press('Control+z')
    await row.getByText('approved', { exact: true }).waitFor()
    expect(kept()).toContain('pc1')
    // A machine that runs, waits or has an address is for everybody too.
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    const found = { approvals: await findingsOf(page) }
    await page.getByText('Leases', { exact: true }).click()
    await page.getByRole('grid', { name: 'Leases' }).getByRole('button', { name: 'Free' }).first().waitFor()
    Object.assign(found, { leases: await findingsOf(page) })
    await page
      .getByRole('radiogroup', { name: 'View' })
      .getByText(/^Machines/)
      .click()
    await page.getByRole('row', { name: /52:54:00:77:00:03/ }).click()
    Object.assign(found, { machines: await findingsOf(page) })
    expect(found).toEqual({ approvals: [], leases: [], machines: [] })
  }, 240_000)
})
