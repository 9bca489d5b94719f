/** The wire, asked and booted on from the Doctor page: a real server in one namespace, the lab and Chromium in another. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import { labWireForAllTests } from '../helpers/lab-wire.ts'
import { labInBrowser } from '../helpers/lab-browser.ts'
import { describeWith } from '../helpers/requirements.ts'

let page: Page
const { network, folder, here, there } = labWireForAllTests({
  server: ['10.77.0.1/24'],
  client: ['10.77.0.3/24'],
})
const { open } = labInBrowser({ folder, space: { network, namespace: there } })

describeWith(['root', 'ip', 'dnsmasq', 'grub-pxe', 'chromium', 'built'], 'on the wire', () => {
  beforeAll(async () => {
    copyFileSync('/usr/lib/grub/x86_64-efi/monolithic/grubnetx64.efi', join(folder.root, 'grub.efi'))
    for (const [space, address, device] of [[here, 'fd00:77::1', 'srv0'], [there, 'fd00:77::2', 'cli0']] as const) {
      network.ip('-n', space, 'addr', 'add', `${address}/64`, 'dev', device, 'nodad')
      // An address that comes later would end what the browser loads.
      await vi.waitUntil(async () => {
        const { stdout } = await network.exec(space, 'ip', ['-6', 'addr', 'show', 'dev', device])
        return stdout.includes('fe80::') && !stdout.includes('tentative')
      }, 60_000)
    } // prettier-ignore
    const values = ['--no-daemon', '--port=0', '--conf-file=/dev/null', '--interface=srv0', '--user=root', '--dhcp-leasefile=/dev/null', '--pid-file=', '--no-ping', '--dhcp-range=10.77.0.100,10.77.0.110,1h', '--dhcp-range=fd00:77::100,fd00:77::1ff,64,1h', '--enable-ra', '--dhcp-option=option6:bootfile-url,tftp://[fd00:77::1]/grub.efi', '--dhcp-boot=grub.efi', '--enable-tftp', `--tftp-root=${folder.root}`] // prettier-ignore
    await network.start(here, 'dnsmasq', values).sees(/TFTP root/)
    page = await open('#/doctor')
  })

  test('who answers over IPv6 and who advertises as a router', async () => {
    const wire = page.getByRole('region', { name: 'Network test' })
    const over6 = wire.getByRole('group', { name: 'Over IPv6' })
    // Addresses of one link may be used once nobody else has turned out to have them.
    await vi.waitFor(
      async () => {
        await wire.getByRole('button', { name: 'Find DHCP and PXE servers' }).click()
        await wire.getByRole('status').waitFor({ state: 'detached' })
        expect(await over6.getByRole('table', { name: 'Routers' }).textContent()).toMatch(/fe80::.*onon.*fd00:77::\/64/)
        expect(await over6.getByRole('table', { name: 'Answers over IPv6' }).textContent()).toMatch(
          /UEFI x64fe80::.*offers fd00:77::1/,
        )
      },
      { timeout: 60_000, interval: 100 },
    )
  })

  test('who answers, what is odd about it, and a boot step by step with the block sizes that come through', async () => {
    const wire = page.getByRole('region', { name: 'Network test' })
    await wire.getByRole('button', { name: 'Find DHCP and PXE servers' }).click()
    await wire.getByText('10.77.0.1 names grub.efi to a BIOS client').waitFor()
    expect(await wire.getByRole('table', { name: 'Answers', exact: true }).getByRole('row').count()).toBe(5)
    await wire.getByRole('button', { name: 'Rehearse a boot as UEFI x64', exact: true }).click()
    const boot = page.getByRole('article', { name: 'Rehearsed: UEFI x64' })
    await boot.getByRole('heading', { name: 'UEFI x64: starts its program' }).waitFor()
    await boot.getByRole('group', { name: 'Program: passed' }).waitFor()
    await boot.getByRole('group', { name: 'Signature: warning' }).waitFor()
    expect(await boot.getByRole('table', { name: 'Block sizes' }).getByRole('row').count()).toBe(4)
  })

  test('the same over IPv6', async () => {
    await page.getByRole('button', { name: 'Rehearse a boot as UEFI x64 over IPv6' }).click()
    const boot = page.getByRole('article', { name: 'Rehearsed: UEFI x64 over IPv6' })
    await boot.getByRole('heading', { name: 'UEFI x64 over IPv6: starts its program' }).waitFor({ timeout: 60_000 })
    for (const name of ['SOLICIT', 'REPLY', 'Program'])
      await boot.getByRole('group', { name: `${name}: passed` }).waitFor()
  })

  test('a rehearsal that takes too long is stopped', async () => {
    const wire = page.getByRole('region', { name: 'Network test' })
    await wire.getByRole('button', { name: 'Rehearse a boot as BIOS' }).click()
    await wire.getByRole('button', { name: 'Stop' }).click()
    await wire.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' })
    expect(await page.getByRole('article', { name: 'Rehearsed: BIOS' }).count()).toBe(0)
  })
})
