/** An interface without any IPv4 address: it is served over IPv6, and over IPv4 as soon as it has an address there, too. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { formatHex, parseHex } from '#shared/wire/bytes.ts'
import { addressesOf, bootUrlOf, decodeDhcp6, type Dhcp6Message } from '#shared/wire/dhcpv6/message.ts'
import { message, pxe6 } from '../helpers/dhcpv6.ts'
import type { LabInput } from '#shared/lab/lab.ts'
import { cli, eventsOf, LabFolder, startResponder } from '../helpers/lab.ts'
import { Network, type Output, type Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const asker = fileURLToPath(new URL('../helpers/ask6.mjs', import.meta.url))
const network = new Network()
const folder = new LabFolder()
const content = Buffer.from(Uint8Array.from({ length: 100_000 }, (_, at) => (at * 197 + (at >> 7) * 31) & 255))
const lab: LabInput = {
  interface: 'srv0',
  mode: 'dhcp',
  runAs: 'root',
  allowOtherServers: true,
  dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.1.255' }] }] },
  boot: { programs: [{ architecture: 'x64-uefi', file: 'a.bin' }] },
  http: { enabled: true },
}
let here: string
let there: string
let responder: Running

const ip = (space: string, ...values: string[]): void => network.ip('-n', space, ...values)
const got = (): Buffer => readFileSync(join(folder.root, 'got'))
const curl = (url: string): Promise<Output> =>
  network.exec(there, 'curl', ['-g', '-sS', '--max-time', '20', '-o', join(folder.root, 'got'), url])
async function ask(): Promise<Dhcp6Message> {
  const { stdout } = await network.exec(there, process.execPath, [asker, 'cli0', '10000', formatHex(message('solicit', pxe6))]) // prettier-ignore
  return decodeDhcp6(parseHex(stdout.split('\n')[0]!.split(' ')[1] ?? '')!).message
}

describeWith(['root', 'ip', 'curl'], 'an interface without IPv4', () => {
  beforeAll(async () => {
    ;({ here, there } = network.wire({ server: [], client: ['10.77.0.2/16'] }))
    ip(here, 'addr', 'add', 'fd00:77::1/64', 'dev', 'srv0', 'nodad')
    ip(there, 'addr', 'add', 'fd00:77::2/64', 'dev', 'cli0', 'nodad')
    await Promise.all([network.settled(here), network.settled(there)])
    folder.put('a.bin', content)
  }, 60_000)
  afterAll(async () => {
    await network.close()
    folder.remove()
  })

  test('is refused with its reason where the lab answers over IPv4 alone', async () => {
    folder.write(lab)
    const refused = await network.exec(here, process.execPath, [cli, 'respond', '--config', folder.file])
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain('srv0 has no IPv4 address, and this lab answers over IPv4 alone')
    expect(refused.stderr).toContain('set ipv6.enabled: true')
  })

  test('gives addresses and files over IPv6, follows an IPv4 address that comes, and goes on when it has gone', async () => {
    folder.write({ ...lab, ipv6: { enabled: true, routerAdvertisements: {} } })
    responder = await startResponder(network, here, folder)
    const ready = eventsOf(responder).find(({ type }) => type === 'ready') as unknown as { ports: { service: string; address: string }[] } // prettier-ignore
    expect(ready.ports.map(({ address }) => address).filter((one) => !one.includes(':'))).toEqual([])
    expect([...new Set(ready.ports.map(({ service }) => service))].sort()).toEqual(['boot-server', 'dhcp6', 'http', 'tftp']) // prettier-ignore
    const offered = await ask()
    expect(addressesOf(offered)[0]!.address).toMatch(/^fd00:77::/)
    expect(bootUrlOf(offered)).toBe('tftp://[fd00:77::1]/a.bin')
    for (const scheme of ['tftp', 'http']) {
      expect(await curl(`${scheme}://[fd00:77::1]/a.bin`)).toMatchObject({ code: 0 })
      expect(got().equals(content)).toBe(true)
    }
    expect(eventsOf(responder).filter(({ type }) => type === 'warning')).toEqual([])

    let mark = responder.mark()
    ip(here, 'addr', 'add', '10.77.0.1/16', 'brd', '+', 'dev', 'srv0')
    await mark.sees(/"type":"interface-back","interface":"srv0","address":"10\.77\.0\.1"/)
    expect(await curl('tftp://10.77.0.1/a.bin')).toMatchObject({ code: 0 })
    expect(got().equals(content)).toBe(true)
    expect(bootUrlOf(await ask())).toBe('tftp://[fd00:77::1]/a.bin')

    mark = responder.mark()
    ip(here, 'addr', 'del', '10.77.0.1/16', 'dev', 'srv0')
    await mark.sees(/"type":"interface-back","interface":"srv0","address":"fd00:77::1"/)
    expect(bootUrlOf(await ask())).toBe('tftp://[fd00:77::1]/a.bin')
    await vi.waitUntil(async () => (await curl('http://[fd00:77::1]/a.bin')).code === 0, 60_000)
    expect(await responder.stop('SIGINT')).toBe(0)
  }, 60_000)
})
