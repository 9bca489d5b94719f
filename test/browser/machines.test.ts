/** Machines one by one in the window: a template as one of them gets it, and one boot from something else, on real sockets. */
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
const mac = '52:54:00:77:00:01'
let page: Page
beforeAll(() => {
  // The files are loaded from the address of the interface: the segment says whose it is.
  network.ip('-n', there, 'link', 'set', 'cli0', 'address', mac)
  folder.put('usual.0', new Uint8Array(3000).fill(0x90))
  folder.put('tools/memtest.0', new Uint8Array(2000).fill(0x90))
  folder.put('ks.cfg', 'hostname {hostname}\nrootpw {rootpw}\nrole {role}\n')
  folder.put('broken.cfg', 'one\ntwo {rolle}\n')
  folder.write({
    interface: 'srv0',
    mode: 'dhcp',
    allowOtherServers: true,
    variables: { role: 'desktop' },
    machines: [{ mac, hostname: 'node1', variables: { rootpw: { secret: 'sesame' } } }],
    groups: [{ name: 'desks', machines: ['node1'] }],
    boot: { templates: ['*.cfg'], programs: [{ file: 'usual.0' }] },
    dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.1', end: '10.77.1.99' }] }] },
  })
})
const { open } = labInBrowser({ folder, space: { network, namespace: here } })

const boot = (): Running => network.start(there, process.execPath, [wireBoot, 'cli0', mac, 'bios'])

describeWith(['root', 'ip', 'chromium', 'built'], 'machines', () => {
  test('a template is shown for a machine, without its secret, and a placeholder without a value with its line', async () => {
    page = await open('#/files')
    const templates = page.getByRole('region', { name: 'Templates' })
    await templates.getByRole('button', { name: 'Preview' }).click()
    // The first of the list by name.
    await templates.getByText('Line 2: {rolle} is no variable of this lab').waitFor()
    await templates.getByRole('combobox', { name: 'File' }).click()
    await page.getByRole('option', { name: 'ks.cfg' }).click()
    await templates.getByRole('button', { name: 'Preview' }).click()
    await templates.getByText('3 placeholders filled in').waitFor()
    expect(await templates.locator('mark').allTextContents()).toEqual(['node1', '••••••', 'desktop'])
    expect(await page.content()).not.toContain('sesame')
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    expect(await findingsOf(page)).toEqual([])
  })

  test('one boot loads what was chosen for it, and the next one what the rules say', async () => {
    page = await open('#/clients')
    await page
      .getByRole('button', { name: /^Start/ })
      .first()
      .click()
    const first = boot()
    await first.sees(/usual\.0 runs/)
    await first.stop()
    // The newest stands first: another row may come under the pointer.
    const chosen = async (): Promise<string> => {
      await page.getByRole('row', { name: new RegExp(mac) }).click()
      return page.url()
    }
    await expect.poll(chosen).toContain(encodeURIComponent(mac))
    await page.getByRole('button', { name: 'Choose…' }).click()
    await page.getByRole('combobox', { name: 'Boot file' }).click()
    await page.getByRole('option', { name: 'tools/memtest.0' }).click()
    await page.getByRole('button', { name: 'Set next boot' }).click()
    await page.getByText('tools/memtest.0, once').waitFor()
    const second = boot()
    await second.sees(/memtest\.0 runs/)
    await page.getByText('according to the rules').waitFor()
    await second.stop()
    const third = boot()
    await third.sees(/usual\.0 runs/)
    await third.stop()
    expect(third.output).not.toContain('memtest')
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    expect(await findingsOf(page)).toEqual([])
  }, 240_000)
})
