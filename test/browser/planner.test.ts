/** The Planner in Chromium: an example, what stands in its way, a value that is changed, what becomes of it, a document. */
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openBrowser, openPage, serveLab } from '../helpers/browser.ts'
import { describeWith } from '../helpers/requirements.ts'

let folder: string
let served: ChildProcess
let browser: Browser
let page: Page
const consoleProblems: string[] = []

describeWith(['chromium', 'built'], 'planner', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pxe-lab-planner-'))
    let url: string
    ;({ served, url } = await serveLab(folder))
    browser = await openBrowser(folder)
    page = await openPage(browser, consoleProblems)
    await page.goto(`${url}#/planner`)
  })
  afterAll(async () => {
    await browser?.close()
    served?.kill()
    rmSync(folder, { recursive: true, force: true })
  })
  afterEach(() => expect(consoleProblems.splice(0)).toEqual([]))

  const open = async (title: string): Promise<void> => {
    await page.getByRole('button', { name: 'Open an example…' }).click()
    await page.getByRole('menuitem', { name: title }).click()
  }
  const file = () => page.getByRole('textbox', { name: 'Site file' })

  test('open an example, see the violation, change the value, see it met, export', async () => {
    await open('WDS and DHCP on one distribution point')
    await page.getByRole('heading', { level: 1, name: '4 rules are violated.' }).waitFor()
    const rule = page.getByRole('group', { name: 'OSD-COHOST-01: violated' })
    await rule.getByText('UseDHCPPorts is absent, which means 1: both want port 67.').waitFor()
    await file().fill((await file().inputValue()).replace('useDhcpPorts: null', 'useDhcpPorts: 0'))
    await page.getByRole('heading', { level: 1, name: '2 rules are violated.' }).waitFor()
    await page.getByRole('group', { name: 'OSD-COHOST-01: met' }).waitFor()
    await page.getByText('Violated 2').click()
    expect(await page.getByRole('region', { name: 'Rules' }).getByRole('group').count()).toBe(2)
    await page.getByRole('button', { name: 'Save as…' }).click()
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Markdown' }).click(),
    ])
    const path = join(folder, 'plan.md')
    await saved.saveAs(path)
    expect(readFileSync(path, 'utf8')).toMatch(
      /^# WDS and DHCP on one distribution point\n[^]*\| OSD-COHOST-03 \| violated \|/,
    )
  })

  test('a file that is wrong says where, and what was known before stays away', async () => {
    await file().fill('sites:\n  - { code: P01 }\nservers:\n  - { name: a, site: P02 }\n')
    await page
      .getByText('Line 4: servers[0].site names no site of this file (it is "P02"). Write one of: P01.')
      .waitFor()
    expect(await page.getByRole('region', { name: 'Rules' }).count()).toBe(0)
  })

  test('the hierarchy is drawn; the text is there again after a reload', async () => {
    await open('A hierarchy in the middle of an upgrade')
    const picture = page.getByRole('img', { name: 'Hierarchy: CAS 2409 newest, P01 2403 older' })
    await picture.waitFor()
    await page.reload()
    await picture.waitFor()
  })
})
