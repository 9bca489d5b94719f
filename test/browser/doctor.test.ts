/** The Doctor page in Chromium: this machine, a facts file of another, the guidance and the simulator behind it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { labInBrowser } from '../helpers/lab-browser.ts'
import { describeWith } from '../helpers/requirements.ts'
import { windowsServer } from '../helpers/windows-server.ts'

let page: Page
const { folder, open } = labInBrowser()

describeWith(['chromium', 'built'], 'doctor', () => {
  beforeEach(async () => {
    page = await open('#/doctor')
    await page.getByRole('button', { name: 'Check again' }).waitFor()
  })

  const bring = async (content: string): Promise<void> => {
    const file = join(folder.root, 'facts.json')
    writeFileSync(file, content)
    await page.setInputFiles('input[type=file]', file)
  }

  test('a server in conflict: verdict, evidence, what clients do, the guidance with its values, the simulator', async () => {
    const services = { DHCPServer: 'running', WDSServer: 'running' } as const
    await bring(JSON.stringify(windowsServer({ services, udp: [['0.0.0.0', 67, 'DHCPServer']] })))
    await page.getByRole('heading', { level: 1, name: 'WDS and DHCP both claim UDP port 67.' }).waitFor()
    await page.getByText('Evidence').first().click()
    await page.getByText('STATE              : 4  RUNNING').first().waitFor()
    await page
      .getByRole('region', { name: 'Client behaviour' })
      .getByText('PXE-E53: No boot filename received.')
      .waitFor()
    await page.getByRole('link', { name: 'UseDHCPPorts: two services, one port' }).click()
    const row = page.getByRole('row', { name: /UseDHCPPorts, REG_DWORD/ })
    expect(await row.getByRole('cell').allTextContents()).toEqual([expect.stringMatching(/WDSPXE$/), 'absent', '0'])
    await page.getByText('wdsutil /Set-Server /UseDHCPPorts:No /DHCPOption60:Yes sets the same two').waitFor()
    await page.getByRole('button', { name: /^Copy reg add .* UseDHCPPorts .*\/d 0/ }).waitFor()
    // A file that does it, and one that takes it back.
    const names: string[] = []
    const both = new Promise<void>((resolve) =>
      page.on('download', async (one) => {
        const path = join(folder.root, one.suggestedFilename())
        await one.saveAs(path)
        names.push(path)
        if (names.length === 2) resolve()
      }),
    )
    await page.getByRole('button', { name: 'Save .reg and its undo' }).click()
    await both
    expect(names.sort().map((name) => /"UseDHCPPorts"=.*/.exec(readFileSync(name, 'latin1'))![0].trim())).toEqual([
      '"UseDHCPPorts"=-',
      '"UseDHCPPorts"=dword:00000000',
    ])
    // Played afterwards, everybody boots.
    await page.getByRole('link', { name: 'Play with the fix' }).click()
    await expect
      .poll(
        async () => {
          // Keys are heard when the boot is there.
          await page.keyboard.press('End')
          return page.getByRole('button', { name: 'bios, booted' }).count()
        },
        { timeout: 60_000 },
      )
      .toBe(1)
  })

  test('a file that is none is refused with the reason, and the verdict of this machine stays', async () => {
    const verdict = await page.getByRole('heading', { level: 1 }).textContent()
    await bring('{"version":7}')
    await page.getByText(/version is none of 1, 2 \(it is 7\)/).waitFor()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(verdict)
  })
})
