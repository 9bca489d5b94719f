/** IPv6 on real wires: clients that people have, a relay agent, other servers asked the same, whoever sends rubbish. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { formatHex, parseHex, parseUuid } from '#shared/wire/bytes.ts'
import {
  addressesOf,
  bootUrlOf,
  decodeDhcp6,
  dhcp6TypeNames,
  findDhcp6Option,
  type Dhcp6Message,
} from '#shared/wire/dhcpv6/message.ts'
import { encodeTftp } from '#shared/wire/tftp.ts'
import { message, pxe6, type Asked6, type Kind6 } from '../helpers/dhcpv6.ts'
import { macIn } from '../helpers/hostile.ts'
import { address6, bytes, icmp6, join as joined, linkLocal, udp6, type Ends } from '../helpers/ipv6.ts'
import { eventsOf, LabFolder, startResponder } from '../helpers/lab.ts'
import { Network, type Output, type Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const helper = (name: string): string => fileURLToPath(new URL(`../helpers/${name}`, import.meta.url))
const network = new Network()
const folder = new LabFolder()
const content = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, at) => (at * 197 + (at >> 7) * 31) & 255))
let responder: Running
let sniffer: Running
let here: string
let there: string
let far: string
let serverMac: string

/** Once an interface has an address of its link that nobody else has (RFC 4862 section 5.4). */
const usable = (space: string, device: string): Promise<unknown> =>
  vi.waitUntil(async () => {
    const { stdout } = await network.exec(space, 'ip', ['-6', 'addr', 'show', 'dev', device])
    return stdout.includes('fe80::') && !stdout.includes('tentative')
  }, 60_000)
const captured = (): string => join(folder.root, 'wire.pcap')
const got = (): Buffer => readFileSync(join(folder.root, 'got'))
const curl = (...values: string[]): Promise<Output> =>
  network.exec(there, 'curl', ['-6', '-g', '-sS', '--max-time', '20', '-o', join(folder.root, 'got'), ...values])

/** A server, a client on its wire, and a client two hops away behind a relay agent. */
async function setUp(): Promise<void> {
  ;({ here, there } = network.wire({ server: ['10.77.0.1/16'], client: ['10.77.0.2/16'] }))
  far = network.namespace('f')
  network.cable({ in: there, name: 'far0' }, { in: far, name: 'cli1' })
  const add = (space: string, address: string, device: string): void => network.ip('-n', space, 'addr', 'add', address, 'dev', device, 'nodad') // prettier-ignore
  add(here, 'fd00:77::1/64', 'srv0')
  add(there, 'fd00:77::2/64', 'cli0')
  add(there, 'fd00:78::1/64', 'far0')
  network.ip('-n', here, 'route', 'add', 'fd00:78::/64', 'via', 'fd00:77::2')
  await Promise.all([usable(here, 'srv0'), usable(there, 'cli0'), usable(there, 'far0'), usable(far, 'cli1')])
  serverMac = await macIn(network, here, 'srv0')
  folder
    .write({
      interface: 'srv0',
      mode: 'dhcp',
      allowOtherServers: true,
      dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.1.255' }] }] },
      boot: { programs: [{ architecture: 'x64-uefi', file: 'a.bin' }] },
      http: { enabled: true },
      https: { enabled: true },
      ipv6: {
        enabled: true,
        routerAdvertisements: {},
        subnets: [
          {
            subnet: 'fd00:77::/64',
            pools: [{ start: 'fd00:77::1000', end: 'fd00:77::1fff' }],
            dns: ['fd00:77::53'],
            domains: ['lab.test'],
          },
          { subnet: 'fd00:78::/64', pools: [{ start: 'fd00:78::1000', end: 'fd00:78::1fff' }] },
        ],
      },
    })
    .put('a.bin', content)
    .put('B c.bin', content.subarray(0, 1000))
  sniffer = network.start(there, 'tcpdump', ['-i', 'cli0', '-U', '--immediate-mode', '-w', captured(), 'ip6'])
  await sniffer.sees(/listening on/)
  responder = await startResponder(network, here, folder)
}

/** ISC's dhclient; what it said. It changes no interface. */
async function dhclient6(space: string, device: string, ends: RegExp, ...more: string[]): Promise<string> {
  const lease = join(folder.root, `dhclient-${device}.leases`)
  const running = network.start(space, 'dhclient', ['-6', '-1', '-v', '-d', '-lf', lease, '-sf', '/bin/true', '--no-pid', ...more, device]) // prettier-ignore
  try {
    await running.sees(ends)
  } finally {
    await running.stop('SIGKILL')
  }
  return running.output
}

const told = (type: string): Record<string, unknown>[] => eventsOf(responder).filter((one) => one.type === type)

describeWith(
  ['root', 'ip', 'dhclient', 'dhcrelay', 'curl', 'tftp', 'atftp', 'tcpdump', 'tshark', 'dnsmasq', 'kea-dhcp6'],
  'over IPv6',
  () => {
    beforeAll(setUp, 90_000)
    afterAll(async () => {
      await network.close()
      folder.remove()
    })

    test('dhclient gets an address with what the network says, knows it again, and gives it back', async () => {
      expect(await dhclient6(there, 'cli0', /Bound to lease/)).toMatch(/RCV:  \| \| X-- IAADDR fd00:77::1[0-9a-f]{3}/)
      const lease = readFileSync(join(folder.root, 'dhclient-cli0.leases'), 'utf8')
      expect(lease).toContain('option dhcp6.name-servers fd00:77::53;')
      expect(lease).toMatch(/option dhcp6\.domain-search "lab\.test\."/)
      const [acknowledged] = told('dhcp-acknowledged')
      expect(lease).toContain(`iaaddr ${String(acknowledged!['address'])} {`)
      // It asks whether that is still good here, and is told so.
      expect(await dhclient6(there, 'cli0', /PRC: Bound to lease|RCV: Reply message/)).toMatch(/XMT: (Confirm|Rebind)/)
      await dhclient6(there, 'cli0', /XMT: Release on cli0/, '-r')
      await responder.sees(/"type":"address-released"/)
      expect(told('address-released')[0]).toMatchObject({ address: acknowledged!['address'] })
    })

    test('behind ISC’s relay agent, by the network that it names and with its interface-id given back', async () => {
      const relay = network.start(there, 'dhcrelay', ['-6', '-d', '--no-pid', '-I', '-l', 'far0', '-u', 'fd00:77::1%cli0']) // prettier-ignore
      try {
        await relay.sees(/Sending on|Listening on/)
        expect(await dhclient6(far, 'cli1', /Bound to lease/)).toMatch(/IAADDR fd00:78::1[0-9a-f]{3}/)
      } finally {
        await relay.stop('SIGKILL')
      }
      expect(told('dhcp-acknowledged').at(-1)).toMatchObject({
        address: expect.stringMatching(/^fd00:78::1/) as string,
      })
    })

    test('files: curl and two TFTP clients, whole and in part, by every address of the server', async () => {
      const local = linkLocal(serverMac)
      for (const host of ['[fd00:77::1]', `[${local}%25cli0]`])
        for (const scheme of ['tftp', 'http', 'https']) {
          expect(await curl('-k', `${scheme}://${host}/a.bin`), `${scheme} ${host}`).toMatchObject({ code: 0 })
          expect(got().equals(content)).toBe(true)
        }
      expect(await curl('-r', '1000-1999', 'http://[fd00:77::1]/a.bin')).toMatchObject({ code: 0 })
      expect(got().equals(content.subarray(1000, 2000))).toBe(true)
      expect(await curl('http://[fd00:77::1]/B%20c.bin')).toMatchObject({ code: 0 })
      expect(got()).toHaveLength(1000)
      // The certificate that the lab issues names the address.
      const authority = join(folder.root, 'state', 'https-ca.pem')
      expect(await curl('--cacert', authority, 'https://[fd00:77::1]/a.bin')).toMatchObject({ code: 0 })
      for (const command of [`printf 'binary\\nget a.bin got\\n' | timeout 20 tftp -6 fd00:77::1`, `timeout 20 atftp -g -r a.bin -l got --option 'blksize 1468' fd00:77::1`]) {
        const loaded = await network.exec(there, 'sh', ['-c', `cd ${folder.root} && rm -f got && ${command}`])
        expect(got().equals(content), loaded.stderr).toBe(true)
      }
      // What is told of the last one comes a moment later.
      await responder.sees(/"type":"transfer-ended".*"blockSize":1448/)
      const sizes = (told('transfer-ended') as { transfer?: { blockSize: number; client: string } }[]).map((one) => one.transfer!) // prettier-ignore
      expect(sizes.every(({ client }) => client.includes(':'))).toBe(true)
      expect(Math.max(...sizes.map(({ blockSize }) => blockSize))).toBe(1448)
    }) // prettier-ignore

    test('the same questions get the same from dnsmasq and Kea', async () => {
      const uuid = '11111111-2222-4333-8444-555555555555'
      const asked = { ...pxe6, duid: joined(bytes(0, 4), parseUuid(uuid)!), wants: [59, 60, 23, 24] }
      const reply = async (kind: Kind6, more: Asked6 = {}): Promise<Dhcp6Message> => {
        const question = formatHex(message(kind, { ...asked, ...more }))
        const { stdout } = await network.exec(there, process.execPath, [helper('ask6.mjs'), 'cli0', '10000', question])
        const decoded = decodeDhcp6(parseHex(stdout.split('\n')[0]!.split(' ')[1] ?? '')!)
        expect(decoded.problems).toEqual([])
        return decoded.message
      }
      /** What a server says, without who it is and which address it chose. */
      const ask = async (kind: Kind6): Promise<Record<string, string>> => {
        const said = await reply(kind)
        const option = (code: number): string => formatHex(findDhcp6Option(said, code)?.data ?? new Uint8Array())
        return {
          type: dhcp6TypeNames[said.type]!,
          addresses: addressesOf(said).map(({ address }) => address.replace(/[\da-f]+$/, '')).join(),
          client: option(1), dns: option(23), domains: option(24), url: bootUrlOf(said),
        }
      } // prettier-ignore
      const both = async (): Promise<Record<string, string>[]> => [
        await ask('solicit'),
        await ask('information-request'),
      ]
      const ours = await both()
      expect(ours[0]).toMatchObject({ type: 'ADVERTISE', addresses: 'fd00:77::', url: 'tftp://[fd00:77::1]/a.bin' })
      expect(ours[1]).toMatchObject({ type: 'REPLY', addresses: '', url: 'tftp://[fd00:77::1]/a.bin', dns: formatHex(address6('fd00:77::53')) }) // prettier-ignore
      const offer = await reply('solicit')
      const server = findDhcp6Option(offer, 2)!.data
      const [given] = addressesOf(await reply('request', { server, addresses: [addressesOf(offer)[0]!.address] }))
      await responder.stop('SIGINT')
      const url = 'tftp://[fd00:77::1]/a.bin'
      const others: [string, string, string[], NodeJS.ProcessEnv, RegExp][] = []
      const kea = join(folder.root, 'kea6.conf')
      writeFileSync(kea, JSON.stringify({ Dhcp6: {
        'interfaces-config': { interfaces: ['srv0'] },
        'lease-database': { type: 'memfile', persist: false },
        'server-id': { type: 'LL', persist: false },
        'option-data': [{ name: 'dns-servers', data: 'fd00:77::53' }, { name: 'domain-search', data: 'lab.test' }, { name: 'bootfile-url', data: url }],
        'subnet6': [{ subnet: 'fd00:77::/64', interface: 'srv0', pools: [{ pool: 'fd00:77::1000 - fd00:77::1fff' }] }],
      } })) // prettier-ignore
      others.push(['Kea', 'kea-dhcp6', ['-c', kea], { KEA_PIDFILE_DIR: folder.root, KEA_LOCKFILE_DIR: 'none', KEA_DHCP_DATA_DIR: folder.root, KEA_LOGGER_DESTINATION: 'stdout' }, /DHCP6_STARTED/]) // prettier-ignore
      others.push(['dnsmasq', 'dnsmasq', [
        '--no-daemon', '--port=0', '--conf-file=/dev/null', '--interface=srv0', '--bind-interfaces', '--user=root', '--log-dhcp', '--pid-file=',
        '--dhcp-range=fd00:77::1000,fd00:77::1fff,64,1h', `--dhcp-leasefile=${join(folder.root, 'dnsmasq.leases')}`,
        '--dhcp-option=option6:dns-server,[fd00:77::53]', '--dhcp-option=option6:domain-search,lab.test', `--dhcp-option=option6:bootfile-url,${url}`,
      ], {}, /DHCPv6, IP range/]) // prettier-ignore
      for (const [name, command, values, environment, ready] of others) {
        const rival = network.start(here, command, values, environment)
        await rival.sees(ready)
        expect(await both(), name).toEqual(ours)
        await rival.stop()
      }
      // It has the same name after another start, and knows whom it gave what.
      responder = await startResponder(network, here, folder)
      const renewed = await reply('renew', { server, addresses: [given!.address] })
      expect(addressesOf(renewed)).toMatchObject([{ address: given!.address, validSeconds: 3600 }])
    }, 120_000)

    test('whoever sends rubbish changes nothing, and a router solicitation is answered', async () => {
      const own = linkLocal(serverMac)
      const to = (source: string, destination = own): Ends => ({ source, destination, sourceMac: '02:11:22:33:44:55', destinationMac: destination === 'ff02::1' ? '33:33:00:00:00:01' : destination.startsWith('ff') ? '33:33:00:01:00:02' : serverMac }) // prettier-ignore
      const solicit = message('solicit', pxe6)
      const rrq = encodeTftp({ kind: 'rrq', filename: 'a.bin', mode: 'octet', options: [] })
      const deep = Array.from({ length: 40 }).reduce<Uint8Array>((inner) => joined(bytes(12, 0), new Uint8Array(32), bytes(0, 9, inner.length >> 8, inner.length & 255), inner), solicit) // prettier-ignore
      const frames = [
        ...[547, 69, 4011].flatMap((port) => [
          udp6(to('fe80::99'), 0, port, port === 69 ? rrq : solicit),
          udp6(to('ff02::1'), 546, port, port === 69 ? rrq : solicit),
          udp6(to('::'), 546, port, solicit),
          udp6(to(own), port, port, solicit),
          udp6(to('::1'), 546, port, solicit),
          udp6(to('fe80::98', 'ff02::1:2'), 546, port, solicit.subarray(0, 30)),
          ...[0, 1, 3, 4, 5, 9].map((length) => udp6(to('fe80::97'), 546, port, solicit.subarray(0, length))),
        ]),
        udp6(to('fe80::96', 'ff02::1:2'), 547, 547, deep.subarray(0, 1400)),
        // From another link, which no router passes on, and cut.
        icmp6(to('fe80::95', 'ff02::2'), 133, 0, bytes(0, 0, 0, 0)),
        icmp6(to('fe80::95', 'ff02::2'), 133, 0, bytes()),
      ]
      const file = join(folder.root, 'frames.txt')
      writeFileSync(file, frames.map((one) => formatHex(one)).join('\n'))
      const { stdout } = await network.exec(there, process.execPath, [helper('raw-frames.mjs'), 'cli0', file, '2'])
      expect(stdout.trim()).toBe(`${frames.length} sent`)
      // A host that has just come asks where the router is (RFC 4861 section 6.3.7), with the hop limit that nobody can forge.
      const [before, transfers] = [told('router-advertised').length, told('transfer-started').length]
      network.ip('-n', there, 'link', 'set', 'cli0', 'down')
      network.ip('-n', there, 'link', 'set', 'cli0', 'up')
      await vi.waitUntil(() => told('router-advertised').length > before, 60_000)
      // Another router, which nobody asked for (RFC 4861 section 4.2).
      const another = icmp6(to('fe80::94', 'ff02::1'), 134, 0, bytes(64, 0xc0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0))
      another[21] = 255
      writeFileSync(file, formatHex(another))
      await network.exec(there, process.execPath, [helper('raw-frames.mjs'), 'cli0', file, '2'])
      await vi.waitUntil(() => told('other-router').some((one) => one['address'] === 'fe80::94'), 60_000)
      network.ip('-n', there, 'addr', 'add', 'fd00:77::2/64', 'dev', 'cli0', 'nodad')
      expect(await curl('http://[fd00:77::1]/a.bin')).toMatchObject({ code: 0 })
      expect(await curl('tftp://[fd00:77::1]/a.bin')).toMatchObject({ code: 0 })
      expect(responder.child.exitCode).toBeNull()
      expect(told('transfer-started').slice(transfers).every((one) => (one['transfer'] as { client: string }).client.startsWith('fd00:77::'))).toBe(true) // prettier-ignore
    }, 60_000)

    test('Wireshark finds nothing wrong with what this server said', async () => {
      await sniffer.stop('SIGINT')
      const own = linkLocal(serverMac)
      const fields = ['frame.number', '_ws.col.Protocol', '_ws.expert.message', '_ws.col.Info'].flatMap((one) => [
        '-e',
        one,
      ])
      const filter = `(ipv6.src == fd00:77::1 || ipv6.src == ${own}) && (dhcpv6 || icmpv6.type == 134 || tftp)`
      const shown = await network.exec(here, 'tshark', ['-r', captured(), '-Y', filter, '-T', 'fields', ...fields])
      const lines = shown.stdout.trim().split('\n').map((line) => line.split('\t')) // prettier-ignore
      const of = (protocol: string): number => lines.filter(([, one]) => one === protocol).length
      expect([of('DHCPv6') > 4, of('ICMPv6') > 0, of('TFTP') > 100], shown.stderr).toEqual([true, true, true])
      const server = lines.filter(([, protocol, message6]) => message6 !== '' && protocol !== 'TFTP')
      expect(server).toEqual([])
    })
  },
)
