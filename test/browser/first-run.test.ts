import { readFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { peProgram } from '../helpers/boot-programs.ts'
import { openBrowser, openPage } from '../helpers/browser.ts'
import { makeGrub, marker, powerOn, secondConfiguration } from '../helpers/firmware.ts'
import { cli, LabFolder } from '../helpers/lab.ts'
import { Network, type Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const mac = '52:54:00:77:00:01'
let network: Network
let folder: LabFolder
let space: string
let served: Running
let url: string
let browser: Browser
let page: Page
const consoleProblems: string[] = []

describeWith(
  ['root', 'tun', 'ip', 'chromium', 'built', 'qemu-system-x86_64', 'grub-mkimage', 'grub-pxe', 'ipxe-rom'],
  'the application in a browser',
  () => {
    beforeAll(async () => {
      network = new Network()
      space = network.namespace('w')
      network.bridge(space, 'br0', ['192.168.77.1/24'])
      // Its link comes with the machine, and no address may come with it while Chromium loads.
      network.ip('-n', space, 'link', 'set', 'br0', 'addrgenmode', 'none')
      network.tap(space, 'tap0', 'br0')
      folder = new LabFolder()
      const boot = join(folder.root, 'boot')
      mkdirSync(join(boot, 'grub/i386-pc'), { recursive: true })
      renameSync(join(boot, makeGrub(boot, 'bios', '192.168.77.1')), join(boot, 'grub/i386-pc/core.0'))
      folder.put('grub/second-bios.cfg', secondConfiguration('bios'))
      served = network.start(space, process.execPath, [cli, 'serve', '--config', folder.file])
      url = (await served.sees(/http:\/\/\S+/))[0]
      browser = await openBrowser(folder.root, { network, namespace: space })
      page = await openPage(browser, consoleProblems)
      await page.goto(url)
    })

    afterAll(async () => {
      await browser?.close()
      await network.close()
      folder.remove()
    })

    test('two questions, a proposal, a start', async () => {
      await page.getByRole('link', { name: 'Set up a lab' }).click()
      await page.getByRole('heading', { name: 'Set up this lab' }).waitFor()
      // The machine on it is switched off: the one interface beside loopback is recommended.
      await page.getByText(/^No interface has a link\. br0 is a network card/).waitFor()
      await page.getByRole('button', { name: 'Use br0' }).click()
      await page.getByRole('button', { name: 'Detect automatically' }).click()
      await page.getByText('No DHCP server answered on this network.').waitFor()
      expect(await page.getByRole('radio', { name: /Nobody/ }).getAttribute('aria-checked')).toBe('true')
      await page.getByRole('heading', { name: 'Full DHCP server' }).waitFor()
      await page.getByRole('button', { name: 'Save and start' }).click()
      await page.getByTestId('state').first().filter({ hasText: 'Responding' }).waitFor()
      const text = readFileSync(folder.file, 'utf8')
      expect(text).toMatch(/mode: dhcp/)
      expect(text).toMatch(/file: grub\/i386-pc\/core\.0/)
      await page.getByRole('row', { name: /67 DHCP answered by PXE Lab/ }).waitFor()
    })

    test('a machine is switched on, and is seen booting', async () => {
      const machine = powerOn(network, space, 'bios', 'tap0', mac, folder.root)
      await page.getByRole('link', { name: 'Clients' }).click()
      await page.getByRole('row', { name: new RegExp(mac) }).waitFor()
      await machine.sees(marker('bios'))
      await page.getByRole('heading', { name: 'This boot' }).waitFor()
      await page.getByRole('progressbar', { name: /second-bios\.cfg: 100 percent, done/ }).waitFor()
      await page.getByRole('progressbar', { name: /core\.0: 100 percent, done/ }).waitFor()
      await page.getByText('BIOS', { exact: true }).first().waitFor()
      await page.getByRole('button', { name: /^Reserve 192\.168\.77\./ }).click()
      await page.getByText('Address reserved', { exact: true }).waitFor()
      expect(readFileSync(folder.file, 'utf8')).toMatch(/mac: "?52:54:00:77:00:01"?/)
      await machine.stop('SIGKILL')
    })

    const story = (): Locator => page.getByRole('region', { name: 'What happened' })

    test('its boot is a ladder, from the sockets of the responder alone', async () => {
      await page.getByRole('link', { name: 'Show packets' }).click()
      await story().getByText(mac).first().waitFor()
      await page.keyboard.press('g')
      await page.keyboard.press('c')
      await page.getByRole('heading', { name: 'This boot' }).waitFor()
      await page.keyboard.press('g')
      await page.keyboard.press('f')
      await story()
        .getByRole('heading', { name: /Booted: grub\/i386-pc\/core\.0 runs/ })
        .waitFor()
      const ladder = page.getByRole('figure', { name: 'Ladder' })
      await expect.poll(() => ladder.locator('.ladder-row.bar').count()).toBeGreaterThan(1)
      await story()
        .getByText(/It loaded grub\/i386-pc\/core\.0 from 192\.168\.77\.1: \d+(\.\d)? KiB/)
        .waitFor()
      const packets = page.getByRole('listbox', { name: 'Packets' })
      await page.getByRole('textbox', { name: 'Filter packets' }).fill('offer')
      await packets
        .getByRole('option', { name: /OFFER 192\.168\.77\.\d+, file grub\/i386-pc\/core\.0/ })
        .first()
        .click()
      await page.getByText(/headers synthesised/).waitFor()
      await page.getByRole('treeitem', { name: /60 vendor-class-identifier PXEClient/ }).click()
      await expect.poll(() => page.locator('.hex-byte[data-on]').count()).toBe(11)
      await page.getByRole('treeitem', { name: /6 discovery-control just download the named file/ }).waitFor()
      await page.getByRole('textbox', { name: 'Filter packets' }).fill('')
    })

    test('a capture of the wire shows the next boot with its real headers, and keeps it in a file', async () => {
      // The names of fields that the filter offers lie over it.
      await page.getByRole('textbox', { name: 'Filter packets' }).blur()
      await page.getByRole('combobox', { name: 'Interface to capture on' }).click()
      await page.getByRole('option', { name: 'br0' }).click()
      await page.getByRole('button', { name: 'Capture', exact: true }).click()
      await page.getByRole('button', { name: 'Stop capture' }).waitFor()
      const machine = powerOn(network, space, 'bios', 'tap0', mac, folder.root)
      await machine.sees(marker('bios'))
      await story().getByText('attempt 2').waitFor()
      await story()
        .getByRole('heading', { name: /Booted: grub\/i386-pc\/core\.0 runs/ })
        .waitFor()
      await page.getByRole('figure', { name: 'Ladder' }).locator('.ladder-row', { hasText: 'OFFER' }).first().click()
      await page.getByText(/^Frame \d+ ·.*br0/).waitFor()
      expect(await page.getByText(/headers synthesised/).count()).toBe(0)
      await page.getByRole('button', { name: 'Stop capture' }).click()
      await page.getByRole('button', { name: 'What is shown' }).click()
      await page.getByRole('menuitem', { name: /\.pcapng/ }).click()
      await story()
        .getByRole('heading', { name: /Booted: grub\/i386-pc\/core\.0 runs/ })
        .waitFor()
      // What lies in the lab's folder opens again after a reload.
      await page.reload()
      await story()
        .getByRole('heading', { name: /Booted/ })
        .waitFor()
    })

    test('a bad value is refused with a remedy and nothing is changed', async () => {
      await page.getByRole('link', { name: 'Settings' }).click()
      const before = readFileSync(folder.file, 'utf8')
      const pool = page.getByRole('textbox', { name: 'Pool 1 last address' })
      await pool.fill('10.0.0.1')
      await pool.blur()
      // It stays in its field, with the reason beside it.
      await page
        .getByText(/lies outside 192\.168\.77\.0\/24.*Write an address from 192\.168\.77\.1 to 192\.168\.77\.254/)
        .waitFor()
      expect(await pool.inputValue()).toBe('10.0.0.1')
      expect(readFileSync(folder.file, 'utf8')).toBe(before)
    })

    test('boot files are listed, and a program for the wrong machine is flagged', async () => {
      folder.put('wrong.0', peProgram(0x8664, 512))
      await page.getByRole('link', { name: 'Boot files' }).click()
      await page.getByRole('gridcell', { name: 'grub/second-bios.cfg', exact: true }).waitFor()
      await page.getByRole('combobox', { name: 'Machines' }).click()
      await page.getByRole('option', { name: 'UEFI ARM64', exact: true }).click()
      await page.getByRole('combobox', { name: 'File or address' }).fill('wrong.0')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page
        .getByText(/UEFI program, x64 cannot start on UEFI ARM64/)
        .first()
        .waitFor()
    })

    test('another window needs the token; this one keeps its place over a reload', async () => {
      await page.reload()
      await page.getByRole('heading', { name: 'Boot files' }).waitFor()
      const stranger = await browser.newPage()
      await stranger.goto(url.replace(/\?.*/, ''))
      await stranger.getByText('This page is not allowed to access the lab').waitFor()
      await stranger.close()
    })

    test('choosing mode dhcp again brings the subnet that it needs', async () => {
      writeFileSync(folder.file, 'interface: br0\nmode: listen\n')
      await page.getByRole('link', { name: 'Settings' }).click()
      await page.getByText('No subnet: DHCP mode adds the subnet of br0.').waitFor()
      await page.getByRole('combobox', { name: 'Mode' }).click()
      await page.getByRole('option', { name: 'dhcp', exact: true }).click()
      await page.getByRole('textbox', { name: 'Pool 1 first address' }).waitFor()
      expect(readFileSync(folder.file, 'utf8')).toMatch(/mode: dhcp[\s\S]*subnet: 192\.168\.77\.0\/24/)
    })

    test('stop', async () => {
      await page.getByRole('banner').getByRole('button', { name: 'Stop' }).click()
      await page.getByTestId('state').first().filter({ hasText: 'Stopped' }).waitFor()
      expect(await served.stop('SIGTERM')).toBe(0)
      // Behind its stop the window says so; before it nothing complained.
      await page.getByText('PXE Lab does not answer').first().waitFor()
      expect(consoleProblems.filter((one) => !/WebSocket|ERR_CONNECTION_REFUSED/.test(one))).toEqual([])
    })
  },
)
