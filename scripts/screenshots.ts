// Pictures of every page, light and dark, at 1440x900 and 1024x768, with machines booting in a network of their own.
// `node scripts/screenshots.ts [folder] [clients]`; needs root for the namespaces and Chromium.
import { mkdirSync, mkdtempSync, truncateSync, writeFileSync } from 'node:fs'
import { createSocket } from 'node:dgram'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { formatIpv4 } from '#shared/wire/bytes.ts'
import { decodeDhcp, encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { nextAddress, openBrowser } from '../test/helpers/browser.ts'
import { peProgram } from '../test/helpers/boot-programs.ts'
import { pxe, request } from '../test/helpers/dhcp.ts'
import { cli, LabFolder } from '../test/helpers/lab.ts'
import { Network } from '../test/helpers/network.ts'
import { windowsServer } from '../test/helpers/windows-server.ts'

const server = '192.168.77.1'

/** Runs in the clients' namespace: so many machines ask for an address, some for their files. */
async function clients(count: number): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(68, resolve))
  socket.setBroadcast(true)
  const ask = (message: Uint8Array, xid: number): Promise<number> =>
    new Promise((resolve) => {
      const hear = (payload: Buffer): void => {
        const { message: reply } = decodeDhcp(payload)
        if (reply.xid !== xid) return
        socket.off('message', hear)
        resolve(reply.yiaddr)
      }
      socket.on('message', hear)
      socket.send(message, 67, '255.255.255.255')
    })
  for (let number = 1; number <= count; number++) {
    const mac =
      ['00:15:5d', '52:54:00', '00:50:56', '3c:52:82', 'b4:2e:99'][number % 5]! +
      `:0${number >> 16}:${hex(number >> 8)}:${hex(number)}`
    const who = {
      mac,
      ...pxe([7, 0, 7, 11, 6][number % 5]!),
      uuid: `6c616221-0000-4000-8000-52540077${String(number).padStart(4, '0')}`,
    }
    const address = formatIpv4(await ask(encodeDhcp(request({ type: 'discover', xid: number, ...who })), number))
    await ask(
      encodeDhcp(request({ type: 'request', xid: number + 100_000, requested: address, server, ...who })),
      number + 100_000,
    )
    process.stdout.write(`${address}\n`)
  }
  socket.close()
}

const hex = (number: number): string => (number & 255).toString(16).padStart(2, '0')

async function pictures(folder: string, count: number): Promise<void> {
  const network = new Network()
  const lab = new LabFolder()
  try {
    const here = network.namespace('s')
    const there = network.namespace('c')
    network.cable(
      { in: here, name: 'eth1', addresses: [`${server}/22`] },
      { in: there, name: 'eth0', addresses: ['192.168.77.2/22'] },
    )
    network.ip('-n', there, 'route', 'replace', '255.255.255.255/32', 'dev', 'eth0')
    lab
      .write({
        interface: 'eth1',
        mode: 'dhcp',
        allowOtherServers: true,
        dhcp: {
          subnets: [
            { subnet: '192.168.76.0/22', pools: [{ start: '192.168.77.100', end: '192.168.79.250' }], router: server },
          ],
        },
        boot: {
          programs: [
            { userClass: 'iPXE', file: 'menu.ipxe' },
            { architecture: 'bios', file: 'undionly.kpxe' },
            { architecture: 'x64-uefi', file: 'grubx64.efi' },
            { architecture: 'arm64-uefi', file: 'grubaa64.efi' },
          ],
        },
      })
      .put('menu.ipxe', '#!ipxe\n')
      .put('undionly.kpxe', Buffer.alloc(70_000, 0x90))
      .put('grubx64.efi', peProgram(0x8664, 1_500_000))
      .put('sources/boot.wim', 'MSWIM\0\0\0')
    // Large enough that it is under way in every picture, and sparse.
    truncateSync(join(lab.root, 'boot/sources/boot.wim'), 700_000_000)
    const served = network.start(here, process.execPath, [cli, 'serve', '--config', lab.file])
    const url = (await served.sees(/http:\/\/\S+/, 15))[0]
    const browser = await openBrowser(lab.root, { network, namespace: here })
    const shoot = async (name: string, address: string, before?: (page: Page) => Promise<void>): Promise<void> => {
      for (const [width, height] of [
        [1440, 900],
        [1024, 768],
      ] as const)
        for (const colorScheme of ['light', 'dark'] as const) {
          const page = await browser.newPage({ viewport: { width, height }, colorScheme })
          await page.goto(`${nextAddress(served.output, url)}${address}`)
          await delay(900)
          await before?.(page)
          await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`) })
          await page.close()
        }
    }
    const page = await browser.newPage()
    await page.goto(url)
    await page.getByRole('banner').getByRole('button', { name: 'Start' }).click()
    await page.getByTestId('state').first().filter({ hasText: 'Responding' }).waitFor()
    const machines = network.start(there, process.execPath, [fileURLToPath(import.meta.url), 'clients', String(count)])
    await machines.ended()
    const addresses = machines.output.trim().split('\n').filter(Boolean)
    for (const address of addresses.slice(0, 12)) network.ip('-n', there, 'addr', 'add', `${address}/22`, 'dev', 'eth0')
    const load = (address: string, file: string, rate: string): void =>
      void network.start(there, 'curl', [
        '-s',
        '--interface',
        address,
        '--limit-rate',
        rate,
        '--tftp-blksize',
        '1456',
        '-o',
        '/dev/null',
        `tftp://${server}/${file}`,
      ])
    for (const [index, address] of addresses.slice(0, 8).entries()) {
      load(address, 'grubx64.efi', '50M')
      if (index < 5) setTimeout(() => load(address, 'sources/boot.wim', '900K'), 1500)
      if (index === 6) setTimeout(() => load(address, 'EFI/missing.efi', '1M'), 1500)
    }
    await delay(4000)
    await shoot('lab', '#/lab')
    await shoot('clients', '#/clients')
    await shoot('leases', '#/clients/leases')
    const choose = async (one: Page, row: string): Promise<void> => {
      await one
        .getByRole('figure', { name: 'Ladder' })
        .locator('.ladder-row', { hasText: row })
        .first()
        // A live ladder is drawn anew while one aims at it.
        .dispatchEvent('click')
      await delay(500)
    }
    await shoot('flows-live', '#/flows', async (one) => {
      await choose(one, 'OFFER')
    })
    for (const name of ['proxy-uefi-x64', 'fail-no4011-uefi-x64', 'full-pxelinux'])
      await shoot(`flows-${name}`, '#/flows', async (one) => {
        await one
          .locator('input[type=file]')
          .setInputFiles(fileURLToPath(new URL(`../test/fixtures/captures/${name}.pcap`, import.meta.url)))
        await choose(one, 'ACK')
      })
    for (const [name, item] of [
      ['library', ''],
      ['play', 'option-60-left-over?step=5'],
      ['present', 'wds-same-host?view=present&client=uefi-pc&step=5'],
      ['matrix', 'matrix'],
    ] as const)
      await shoot(`simulator-${name}`, `#/simulator/${encodeURIComponent(item)}`, async (one) => {
        if (name === 'matrix') await one.locator('.matrix-cell').first().waitFor({ timeout: 60_000 })
        else if (name !== 'library') await one.getByRole('figure', { name: 'Ladder' }).waitFor()
      })
    await shoot('flows-compare', '#/flows', async (one) => {
      for (const name of ['relay-uefi-x64', 'relay-uefi-x64.server'])
        await one
          .locator('input[type=file]')
          .setInputFiles(fileURLToPath(new URL(`../test/fixtures/captures/${name}.pcap`, import.meta.url)))
      await one.getByRole('figure', { name: 'Ladder' }).waitFor()
      await one.getByRole('button', { name: 'Compare' }).click()
      await one.getByRole('menuitem', { name: 'relay-uefi-x64.pcap' }).click()
      await delay(600)
    })
    const facts = join(lab.root, 'facts.json')
    writeFileSync(facts, JSON.stringify(windowsServer({ services: { DHCPServer: 'running', WDSServer: 'running' } })))
    for (const [name, item] of [
      ['here', ''],
      ['conflict', ''],
      ['use-dhcp-ports', '/use-dhcp-ports'],
    ] as const)
      await shoot(`doctor-${name}`, '#/doctor', async (one) => {
        await one.getByRole('button', { name: 'Check again' }).waitFor()
        if (name !== 'here') await one.locator('input[type=file]').setInputFiles(facts)
        if (item !== '') await one.evaluate(`location.hash = '#/doctor${item}'`)
        await delay(700)
      })
    for (const [name, title, item] of [
      ['verdicts', 'WDS and DHCP on one distribution point', ''],
      ['upgrade', 'A hierarchy in the middle of an upgrade', '/upgrade'],
      ['in-place', 'A Windows 11 in-place upgrade', '/in-place'],
      ['sequence', 'A Windows 11 in-place upgrade', '/sequence'],
    ] as const)
      await shoot(`planner-${name}`, `#/planner${item}`, async (one) => {
        await one.getByRole('button', { name: 'Open…' }).click()
        await one.getByRole('menuitem', { name: title }).click()
        await one.getByRole('heading', { level: 1 }).waitFor()
        await delay(300)
      })
    await shoot('files', '#/files')
    await shoot('settings', '#/settings')
    await browser.close()
  } finally {
    await network.close()
    lab.remove()
  }
}

const [first, second] = process.argv.slice(2)
if (first === 'clients') await clients(Number(second))
else {
  const folder = first ?? mkdtempSync(join(tmpdir(), 'pxe-lab-pictures-'))
  mkdirSync(folder, { recursive: true })
  await pictures(folder, Number(second ?? 12))
  process.stdout.write(`${folder}\n`)
}
