import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { textOf } from '#messages/text.ts'
import { pageLinks } from '#shared/contract/pages.ts'
import { captureNames, fixture } from '../helpers/fixtures.ts'
import { describeShell, startShell, type Shell } from '../helpers/shell.ts'

describeShell('the desktop application', () => {
  let shell: Shell
  let page: Page
  const problems: string[] = []
  beforeAll(async () => {
    shell = await startShell()
    page = await shell.page()
    page.setDefaultTimeout(6000)
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
    })
    page.on('pageerror', (error) => problems.push(error.message))
  })
  afterAll(() => shell.close())

  test('opens its window, which reaches the back end by a message port', async () => {
    await page.getByRole('heading', { name: 'Boot machines' }).waitFor()
    expect(await page.evaluate('pxeLabShell.transport')).toBe('message-port')
    expect(
      await shell.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible())),
    ).toEqual([true])
  })

  test('opens every page without an error', async () => {
    for (const { page: name, label: called } of pageLinks) {
      const label = textOf(called)
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: label }).click()
      await page.waitForURL(({ hash }) => hash.startsWith(`#/${name}`))
      expect((await page.locator('main#page').innerText()).length, label).toBeGreaterThan(20)
    }
    expect(problems).toEqual([])
  })

  test('gives the page neither Node nor the bridge of the preload script', async () => {
    expect(await page.evaluate('[typeof require, typeof process, typeof module, typeof ipcRenderer]')).toEqual(
      Array(4).fill('undefined'),
    )
  })

  test('a second start hands its files over and ends', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-second-'))
    try {
      const lab = join(folder, 'other.yaml')
      writeFileSync(lab, 'interface: 127.0.0.1\nmode: listen\n')
      // As a person in that folder names it.
      const second = await startShell({ home: shell.home, args: ['other.yaml'], folder })
      expect(await second.ended).toBe(0)
      await page.getByText('other.yaml').first().waitFor()
      const capture = fileURLToPath(fixture(`captures/${captureNames[0]}`))
      const third = await startShell({ home: shell.home, args: [capture] })
      expect(await third.ended).toBe(0)
      await page.waitForURL(({ hash }) => hash.startsWith('#/flows/file'))
      expect(problems).toEqual([])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
