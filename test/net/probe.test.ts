/** The census, on wires where real servers answer. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { probeSchema } from '#shared/contract/documents.ts'
import { cli } from '../helpers/lab.ts'
import { Network, type Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

let network: Network
let first: string
let second: string
let here: string
const running: Running[] = []

const common = ['--no-daemon', '--port=0', '--conf-file=/dev/null', '--interface=eth0', '--bind-interfaces', '--user=root', '--dhcp-leasefile=/dev/null', '--pid-file=', '--no-ping'] // prettier-ignore

/** A server in one of the namespaces; it ends with the test. */
async function dnsmasq(namespace: string, ...values: string[]): Promise<void> {
  const one = network.start(namespace, 'dnsmasq', [...common, ...values])
  running.push(one)
  await one.sees(/DHCP, (IP range|proxy)/)
}

const probe = async (...values: string[]) => {
  const { code, stdout, stderr } = await network.exec(here, process.execPath, [cli, 'probe', '-i', 'eth0', ...values])
  return { code, stdout, stderr }
}
const census = async (...values: string[]) => {
  const { code, stdout } = await probe('--json', ...values)
  return { code, ...probeSchema.parse(JSON.parse(stdout)) }
}

describeWith(['root', 'ip', 'dnsmasq'], 'census', () => {
  beforeAll(() => {
    network = new Network()
    const hub = network.namespace('h')
    first = network.namespace('a')
    second = network.namespace('b')
    here = network.namespace('c')
    for (const [index, namespace] of [first, second, here].entries())
      network.cable(
        { in: hub, name: `p${index}` },
        { in: namespace, name: 'eth0', addresses: [`10.77.0.${index + 1}/24`] },
      )
    network.bridge(hub, 'br0', [], ['p0', 'p1', 'p2'])
  })
  afterAll(() => network.close())

  const stopAll = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((one) => one.stop()))
  }

  test('nobody answers', async () => {
    const { code, warnings, results } = await census()
    expect(code).toBe(1)
    expect(warnings).toEqual(['Nobody answers: no DHCP server, no proxyDHCP.'])
    expect(results.map((one) => one.client)).toEqual(['bios', 'x64-uefi', 'arm64-uefi', 'http'])
  })

  test('one DHCP server that names a program for each kind is right, and nothing was leased', async () => {
    await dnsmasq(
      first,
      '--dhcp-range=10.77.0.100,10.77.0.110,1h',
      '--dhcp-match=set:bios,option:client-arch,0',
      '--dhcp-boot=tag:bios,undionly.kpxe',
      '--dhcp-boot=tag:!bios,ipxe.efi',
    )
    const { code, warnings, results } = await census('--arch', 'x64-uefi')
    expect(warnings).toEqual([])
    expect(code).toBe(0)
    expect(results).toMatchObject([
      {
        address: '10.77.0.1',
        boot: '10.77.0.1',
        asksBootServer: false,
        offers: [{ server: '10.77.0.1', role: 'dhcp', file: 'ipxe.efi', relay: '' }],
      },
    ])
    const bios = await census('--arch', 'bios')
    expect(bios.results[0]!.offers[0]!.file).toBe('undionly.kpxe')
    expect(running[0]!.output).not.toMatch(/DHCPACK/)
    await stopAll()
  })

  test('two DHCP servers, and a BIOS program for every architecture, are told', async () => {
    await dnsmasq(first, '--dhcp-range=10.77.0.100,10.77.0.110,1h', '--dhcp-boot=pxelinux.0')
    await dnsmasq(second, '--dhcp-range=10.77.0.150,10.77.0.160,1h')
    const { code, stdout } = await probe()
    expect(code).toBe(1)
    expect(stdout).toMatch(/Warning: More than one DHCP server answers: 10\.77\.0\.[12], 10\.77\.0\.[12]\./)
    expect(stdout).toMatch(
      /Warning: 10\.77\.0\.1 names pxelinux\.0 to a UEFI x64 client, which cannot start it: a program for BIOS\./,
    )
    expect(stdout).toMatch(/UEFI x64: address from 10\.77\.0\.1, boots by 10\.77\.0\.1/)
    expect(stdout).toMatch(/Not accepted: it has neither option 60 PXEClient nor a boot file\./)
    await stopAll()
  })

  test('a proxyDHCP completes a plain DHCP server, and sends UEFI to port 4011; without DHCP that is told', async () => {
    await dnsmasq(
      second,
      '--dhcp-range=10.77.0.0,proxy',
      '--pxe-service=X86-64_EFI,go,ipxe',
      '--pxe-service=x86PC,go,undionly',
    )
    const alone = await census('--arch', 'x64-uefi')
    expect(alone.warnings).toEqual(['Nobody gives addresses; only 10.77.0.2 answers, as proxyDHCP.'])
    await dnsmasq(first, '--dhcp-range=10.77.0.100,10.77.0.110,1h')
    const { results, warnings } = await census('--arch', 'x64-uefi')
    expect(warnings).toEqual([])
    expect(results[0]).toMatchObject({ address: '10.77.0.1', boot: '10.77.0.2' })
    await stopAll()
  })

  test('an address that a machine of the wire has, and two proxyDHCPs, are told', async () => {
    await dnsmasq(first, '--dhcp-range=10.77.0.3,10.77.0.3,1h', '--dhcp-boot=ipxe.efi')
    expect((await census('--arch', 'x64-uefi')).warnings).toEqual([
      '10.77.0.3 is offered to clients and belongs to this machine.',
    ])
    await stopAll()
    for (const one of [first, second])
      await dnsmasq(one, '--dhcp-range=10.77.0.0,proxy', '--pxe-service=X86-64_EFI,go,ipxe')
    const { warnings } = await census('--arch', 'x64-uefi')
    expect(warnings.join('\n')).toMatch(/More than one proxyDHCP answers: 10\.77\.0\.[12], 10\.77\.0\.[12]\./)
    await stopAll()
  })

  test('where port 68 is taken it asks as a relay agent', async () => {
    await dnsmasq(first, '--dhcp-range=10.77.0.100,10.77.0.110,1h', '--dhcp-boot=ipxe.efi')
    const script = "require('dgram').createSocket('udp4').bind(68, () => console.log('held'))"
    const holder = network.start(here, process.execPath, ['-e', script])
    running.push(holder)
    await holder.sees(/held/)
    const { results } = await census('--arch', 'x64-uefi')
    expect(results[0]!.offers).toMatchObject([{ server: '10.77.0.1', relay: '10.77.0.3' }])
    await stopAll()
  })

  test('what makes no sense is told', async () => {
    expect(await probe('--arch', 'vax')).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/vax is not a client\. Use one of: all, bios/),
    })
    const { code, stderr } = await network.exec(here, process.execPath, [cli, 'probe', '-i', 'eth9'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/--interface eth9 is not an interface .* Use one of: .*eth0/)
  })

  test('over IPv6: who advertises what to PXE and HTTP boot, and no address is taken', async () => {
    network.ip('-n', first, 'addr', 'add', '2001:db8:77::1/64', 'dev', 'eth0', 'nodad')
    const options = ['--dhcp-range=2001:db8:77::100,2001:db8:77::1ff,64,1h', '--enable-ra', '--log-dhcp']
    await dnsmasq(first, '--dhcp-range=10.77.0.100,10.77.0.110,1h', ...options, '--dhcp-option=option6:59,tftp://[2001:db8:77::1]/boot.efi') // prettier-ignore
    const url = 'tftp://[2001:db8:77::1]/boot.efi'
    const { ipv6, routers, ipv6Notes } = await vi.waitFor(
      async () => {
        const told = await census()
        expect(told.ipv6?.[0]?.advertises).toHaveLength(1)
        expect(told.routers).toHaveLength(1)
        return told
      },
      { timeout: 60_000 },
    )
    const [pxe, http] = ipv6!
    expect(pxe).toMatchObject({ client: 'x64-uefi', asksBootServer: false, advertises: [{ url, because: 'Accepted.', offered: expect.stringMatching(/^2001:db8:77::1/) }] }) // prettier-ignore
    expect(pxe!.address).toBe(pxe!.advertises[0]!.server)
    expect(http).toMatchObject({ client: 'http', address: '', advertises: [{ url, because: expect.stringContaining('lacks the vendor class HTTPClient') }] }) // prettier-ignore
    expect(routers).toMatchObject([{ address: pxe!.address, isManaged: true, hasOther: true, prefixes: [{ text: '2001:db8:77::/64', isAutonomous: false }] }]) // prettier-ignore
    expect(ipv6Notes).toEqual([])
    expect(running[0]!.output).toMatch(/DHCPADVERTISE/)
    expect(running[0]!.output).not.toMatch(/DHCPREQUEST|DHCPREPLY/)
    const { stdout } = await probe()
    expect(stdout).toMatch(/UEFI x64 over IPv6: address from fe80::/)
    expect(stdout).toMatch(/UEFI x64 HTTP boot over IPv6: accepts no ADVERTISE/)
    expect(stdout).toMatch(/^Router fe80::\S+ {2}.*flag M on, flag O on, 2001:db8:77::\/64$/m)
    await stopAll()
  })
})
