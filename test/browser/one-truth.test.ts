/** What one window shows, another one, a reload and the next run of the back end show as well; one that is lost is never green. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { openBrowser, openPage, serveLab } from '../helpers/browser.ts'
import { pxe, request, type ClientRequest } from '../helpers/dhcp.ts'
import { freePorts } from '../helpers/free-ports.ts'
import { LabFolder } from '../helpers/lab.ts'
import type { Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'
import { TftpClient } from '../helpers/tftp-client.ts'

const verdict = 'Boot file not found (PXE-E23)'
const mac = '52:54:00:77:00:01'

describeWith(['chromium', 'built'], 'one truth', () => {
  const folder = new LabFolder()
  const complaints: string[] = []
  let browser: Browser
  let served: Running
  let address: () => string
  let ports: { dhcp: number; tftp: number; bootServer: number }

  beforeAll(async () => {
    const [dhcp, tftp, bootServer] = await freePorts(3)
    ports = { dhcp: dhcp!, tftp: tftp!, bootServer: bootServer! }
    folder.write({
      interface: '127.0.0.1',
      mode: 'dhcp',
      state: './state',
      ports,
      dhcp: { subnets: [{ subnet: '127.0.0.0/8', pools: [{ start: '127.9.0.1', end: '127.9.0.9' }] }] },
      boot: { programs: [{ architecture: 'x64-uefi', file: 'missing.efi' }] },
    })
    ;({ served, address } = await serveLab(folder))
    browser = await openBrowser(folder.root)
  })
  afterAll(async () => {
    await browser?.close()
    await served?.stop()
    folder.remove()
  })

  async function ask(what: ClientRequest): Promise<void> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    socket.send(encodeDhcp(request({ mac, ...pxe(7), ...what })), ports.dhcp, '127.0.0.1')
    await once(socket, 'message')
    socket.close()
  }
  const open = async (page: string): Promise<Page> => {
    const opened = await openPage(browser, complaints)
    await opened.goto(`${address()}#/${page}`)
    return opened
  }
  const go = (page: Page, name: string): Promise<unknown> => page.evaluate(`window.location.hash = '#/${name}'`) // prettier-ignore
  /** Clients, Flows and the bottom line of a window. */
  async function shows(page: Page): Promise<void> {
    await go(page, 'clients')
    await page.getByText(verdict).first().waitFor()
    await page.locator('footer').getByText('2 problems').waitFor()
    await go(page, 'flows')
    await page.getByText(verdict).first().waitFor()
  }

  test('a boot that failed, in every window, after a reload and after a restart', async () => {
    const first = await open('lab')
    await first.getByRole('button', { name: /^Start/ }).first().click() // prettier-ignore
    await first.getByTestId('state').first().getByText('Responding').waitFor()
    await ask({ type: 'discover' })
    await ask({ type: 'request', requested: '127.9.0.1', server: '127.0.0.1' })
    const client = await new TftpClient(ports.tftp, '127.9.0.1').open()
    await client.load('missing.efi')
    client.close()
    await shows(first)
    await first.reload()
    await shows(first)
    const second = await open('clients')
    await shows(second)
    expect(complaints).toEqual([])
    await served.stop()
    await first.getByTestId('state').first().getByText('Not connected').waitFor()
    expect(await first.locator('footer').innerText()).not.toContain('problem')
    await Promise.all([first.close(), second.close()])
    ;({ served, address } = await serveLab(folder))
    const after = await open('clients')
    await shows(after)
    await go(after, 'lab')
    await after.getByRole('log').getByText(`${mac}: ${verdict}`).first().waitFor()
  })
})
