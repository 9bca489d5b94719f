/** The window of a hub in Chromium: a real hub process, agents that send real captures, and what Sites shows of them. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findingsOf } from '../helpers/axe.ts'
import { openBrowser, openPage } from '../helpers/browser.ts'
import { seenFrames, TestAgent, type HubAddress } from '../helpers/hub.ts'
import { cli } from '../helpers/lab.ts'
import { Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const timeout = 30_000
const hour = 3_600_000

describeWith(['chromium', 'built'], 'the window of a hub', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-sites-'))
  const consoleProblems: string[] = []
  let hub: Running
  let address: HubAddress
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    const home = join(folder, 'hub')
    hub = new Running(spawn(process.execPath, [cli, 'hub', '--folder', home, '--host', '127.0.0.1', '--port', '0', '--window-port', '0'])) // prettier-ignore
    const [, port] = await hub.sees(/listens for agents on https:\/\/127\.0\.0\.1:(\d+)/)
    const [, fingerprint] = await hub.sees(/fingerprint of its certificate: (\S+)/)
    const [, url] = await hub.sees(/window of the hub is at (\S+)/)
    address = { folder: home, port: Number(port), fingerprint: fingerprint! }
    browser = await openBrowser(folder)
    page = await openPage(browser, consoleProblems)
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' })
    await page.goto(url!)
  })
  afterAll(async () => {
    await browser?.close()
    await hub?.stop('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  const hash = (): Promise<string> => page.evaluate('decodeURIComponent(location.hash)')

  test('says what it waits for, shows boots as they come, and keeps filters in its address', async () => {
    await page.getByRole('heading', { name: 'No agent has sent anything yet' }).waitFor({ timeout })
    expect(hub.stdout).toMatch(/No site can send yet\. Create a token/)
    expect(await findingsOf(page)).toEqual([])

    // A boot that fails at one site, one that works at another, and one that both agents saw until the offer got lost.
    const now = Date.now()
    const branch = await TestAgent.of(address, 'branch', folder)
    const centre = await TestAgent.of(address, 'centre', folder)
    await branch.send([
      ...seenFrames('fail-nofile-uefi-x64.pcap', { startMs: now - 3 * hour, machine: [1, 1] }),
      ...seenFrames('relay-uefi-x64.pcap', {
        startMs: now - hour,
        machine: [1, 3],
        isSeen: (label) => label.startsWith('DISCOVER'),
      }),
    ])
    await centre.send([
      ...seenFrames('full-uefi-x64.pcap', { startMs: now - 2 * hour, machine: [1, 2] }),
      ...seenFrames('relay-uefi-x64.server.pcap', {
        startMs: now - hour,
        machine: [1, 3],
        isSeen: (label) => /^(DISCOVER|OFFER)/.test(label),
      }),
    ])

    await page.getByRole('region', { name: 'Trend' }).waitFor({ timeout })
    const groups = page.getByRole('grid', { name: 'Boots by site' })
    await groups.getByRole('row', { name: /branch/ }).waitFor({ timeout })
    await groups.getByRole('row', { name: /centre/ }).waitFor({ timeout })
    expect(await page.getByRole('img', { name: /^Boots over time/ }).getAttribute('aria-label')).toMatch(/Booted 1, Failed \d/) // prettier-ignore
    expect(await findingsOf(page)).toEqual([])

    await groups.getByRole('row', { name: /branch/ }).click()
    await page.getByRole('button', { name: 'Clear filters' }).waitFor({ timeout })
    expect(await hash()).toBe('#/sites/overview?site=branch')
    await page.reload()
    await groups.getByRole('row', { name: /branch/ }).waitFor({ timeout })
    expect(await groups.getByRole('row', { name: /centre/ }).count()).toBe(0)

    await page.getByText('Table', { exact: true }).click()
    await page.getByRole('grid', { name: 'Boots over time' }).waitFor({ timeout })
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export boots over time as CSV' }).click()
    expect((await saved).suggestedFilename()).toMatch(/\.csv$/)
  })

  test('tells where a packet died, opens the stored capture with the same words, and how agents are', async () => {
    await page.getByText('Boots', { exact: true }).first().click()
    const boots = page.getByRole('grid', { name: 'Boots', exact: true })
    await boots.getByRole('row', { name: /52:54:00:77:01:03/ }).click()
    const lost = page.getByText('OFFER was seen at centre')
    await lost.waitFor({ timeout })
    expect(await lost.textContent()).toMatch(/and not at branch \(.*\): it was lost between them\./)
    await page.getByText(/DHCP snooping/).waitFor({ timeout })
    expect(await findingsOf(page)).toEqual([])

    for (const machine of ['52:54:00:77:01:03', '52:54:00:77:01:01']) {
      await boots
        .getByRole('row', { name: new RegExp(machine) })
        .first()
        .click()
      const verdict = page.locator('.boot-verdict strong')
      await page.getByRole('heading', { level: 1, name: machine }).waitFor({ timeout })
      const told = await verdict.textContent()
      await page.getByRole('button', { name: 'Open in Flows' }).click()
      await page.getByRole('region', { name: 'What happened' }).waitFor({ timeout })
      await page.getByText(told!, { exact: false }).first().waitFor({ timeout })
      expect(await page.getByRole('heading', { level: 1 }).first().textContent()).toContain(told)
      await page.goBack()
      await boots.waitFor({ timeout })
    }

    // It has a name from now on, in the list too; who looks for the name finds it.
    await page.getByRole('button', { name: 'Name this machine' }).click()
    await page.getByRole('textbox', { name: 'Name of 52:54:00:77:01:01' }).fill('bench-1')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'bench-1' }).waitFor({ timeout })
    await page.getByRole('textbox', { name: 'Machine' }).fill('Bench-1')
    const named = boots.getByRole('row', { name: /bench-1 52:54:00:77:01:01/ })
    await named.first().waitFor({ timeout })
    await expect.poll(() => boots.getByRole('row').count(), { timeout }).toBe(1 + (await named.count()))
    expect(await findingsOf(page)).toEqual([])

    await page.getByText(/^Agents \(/).click()
    const agents = page.getByRole('grid', { name: 'Agents' })
    await agents
      .getByRole('row', { name: /branch/ })
      .getByText('delivers')
      .waitFor({ timeout })
    await agents
      .getByRole('row', { name: /branch/ })
      .getByText('empty')
      .waitFor({ timeout })
    expect(await findingsOf(page)).toEqual([])
  })

  test('says that the hub is away, and goes on showing what it said', async () => {
    expect(consoleProblems).toEqual([])
    await hub.stop('SIGKILL')
    await page.getByRole('alert').getByText('The hub does not answer').waitFor({ timeout })
    await page.getByRole('grid', { name: 'Agents' }).waitFor({ timeout })
    await page.getByText('No connection to PXE Lab').waitFor({ timeout })
  })
})
