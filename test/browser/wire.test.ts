/** The wire, asked and booted on from the Doctor page: a real server in one namespace, the lab and Chromium in another. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, openPage } from '../helpers/browser.ts'
import { cli } from '../helpers/lab.ts'
import { Network } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

let folder: string
let network: Network
let browser: Browser
let page: Page
const consoleProblems: string[] = []

describeWith(['root', 'ip', 'dnsmasq', 'grub-pxe', 'chromium', 'built'], 'on the wire', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pxe-lab-wire-'))
    copyFileSync('/usr/lib/grub/x86_64-efi/monolithic/grubnetx64.efi', join(folder, 'grub.efi'))
    network = new Network()
    const there = network.namespace('s')
    const here = network.namespace('c')
    network.cable({ in: there, name: 'eth0', addresses: ['10.77.0.1/24'] }, { in: here, name: 'eth0', addresses: ['10.77.0.3/24'] }) // prettier-ignore
    const values = ['--no-daemon', '--port=0', '--conf-file=/dev/null', '--interface=eth0', '--user=root', '--dhcp-leasefile=/dev/null', '--pid-file=', '--no-ping', '--dhcp-range=10.77.0.100,10.77.0.110,1h', '--dhcp-boot=grub.efi', '--enable-tftp', `--tftp-root=${folder}`] // prettier-ignore
    await network.start(there, 'dnsmasq', values).sees(/TFTP root/, 10)
    const served = network.start(here, process.execPath, [cli, 'serve', '--config', join(folder, 'lab.yaml')])
    const [url] = await served.sees(/http:\/\/\S+/, 20)
    browser = await openBrowser(folder, here)
    page = await openPage(browser, consoleProblems)
    await page.goto(`${url}#/doctor`)
  })
  afterAll(async () => {
    await browser?.close()
    await network.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('who answers, what is odd about it, and a boot step by step with the block sizes that come through', async () => {
    const wire = page.getByRole('region', { name: 'On the wire' })
    await wire.getByRole('button', { name: 'Find DHCP and PXE servers' }).click()
    await wire.getByText('10.77.0.1 names grub.efi to a BIOS client').waitFor({ timeout: 15_000 })
    expect(await wire.getByRole('table', { name: 'Answers' }).getByRole('row').count()).toBe(5)
    await wire.getByRole('button', { name: 'Rehearse a boot as UEFI x64' }).click()
    const boot = page.getByRole('article', { name: 'Rehearsed: UEFI x64' })
    await boot.getByRole('heading', { name: 'UEFI x64: starts its program' }).waitFor({ timeout: 60_000 })
    await boot.getByRole('group', { name: 'Program: passed' }).waitFor()
    await boot.getByRole('group', { name: 'Signature: warning' }).waitFor()
    expect(await boot.getByRole('table', { name: 'Block sizes' }).getByRole('row').count()).toBe(4)
    expect(consoleProblems).toEqual([])
  })

  test('a rehearsal that takes too long is stopped', async () => {
    const wire = page.getByRole('region', { name: 'On the wire' })
    await wire.getByRole('button', { name: 'Rehearse a boot as BIOS' }).click()
    await wire.getByRole('button', { name: 'Stop' }).click()
    await wire.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached', timeout: 10_000 })
    expect(await page.getByRole('article', { name: 'Rehearsed: BIOS' }).count()).toBe(0)
  })
})
