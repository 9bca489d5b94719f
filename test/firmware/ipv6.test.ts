/** Real firmware over IPv6: EDK2 gets an address by DHCPv6 and boots by TFTP and by HTTP, from the responder alone. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cli, eventsOf } from '../helpers/lab.ts'
import { describeWith } from '../helpers/requirements.ts'
import { Segment, sentBy } from '../helpers/segment.ts'
import { sayingProgram } from '../helpers/signed-programs.ts'

const needs = [
  'root',
  'tun',
  'ip',
  'qemu-system-x86_64',
  'ovmf',
  'x86_64-w64-mingw32-as',
  'x86_64-w64-mingw32-ld',
  'dnsmasq',
]
const mac = '52:54:00:77:00:0a'

describeWith(needs, 'EDK2 boots over IPv6', () => {
  test('by PXE and by HTTP in one boot, each program from the address that option 59 names', () =>
    Segment.with(async (segment) => {
      segment.plug()
      segment.network.ip('-n', segment.here, 'addr', 'add', 'fd00:77::1/64', 'dev', 'br0', 'nodad')
      segment.prepare({
        boot: {
          programs: [
            { architecture: 'x64-uefi', file: 'pxe.efi' },
            { architecture: 'x64-uefi-http', subnet: 'fd00:77::/64', file: 'http.efi' },
            // What comes before IPv6 in its boot order ends at once.
            { architecture: 'x64-uefi-http', file: 'missing.efi' },
          ],
        },
        http: { enabled: true },
        ipv6: { enabled: true, routerAdvertisements: {} },
      })
      for (const name of ['pxe', 'http']) sayingProgram(segment.boot, name, `PXELAB-RUNS ${name}`)
      const responder = await segment.respond()
      const machine = await segment.powerOn('uefi-x64', {
        sees: /PXELAB-RUNS pxe[^]*PXELAB-RUNS http/,
        more: ['-fw_cfg', 'name=opt/org.tianocore/IPv4PXESupport,string=n'],
      })
      expect(machine.output).toMatch(/Server IP address is FD00:77:0:0:0:0:0:1\s+NBP filename is pxe\.efi/)
      expect(machine.output).toContain('URI: http://[fd00:77::1]/http.efi')
      expect(sentBy(responder)).toEqual(['tftp pxe.efi', 'http http.efi'])

      const events = eventsOf(responder) as unknown as {
        type: string
        client: { mac: string }
        address: string
        boot?: { file: string; reason: string }
        transfer: { client: string; blockSize: number; kind: string }
      }[]
      const given = events.filter((one) => one.type === 'dhcp-acknowledged' && one.boot && one.address.includes(':'))
      expect(given.map(({ client, boot }) => [client.mac, boot!.file, boot!.reason.slice(0, 6)])).toEqual([
        [mac, 'tftp://[fd00:77::1]/pxe.efi', 'rule 1'],
        [mac, 'http://[fd00:77::1]/http.efi', 'rule 2'],
      ])
      // Files went to the addresses that were given, in blocks that no link splits.
      const loaded = events.filter((one) => one.type === 'transfer-ended').map((one) => one.transfer)
      expect(loaded.find(({ kind }) => kind === 'read')).toMatchObject({ client: given[0]!.address })
      expect(loaded.every(({ blockSize }) => blockSize <= 1448)).toBe(true)
    }))

  test('beside another DHCPv6 server: port 4011 of the lab says what to load by PXE, and HTTP boot loads over HTTPS', () =>
    Segment.with(async (segment) => {
      segment.plug()
      const { network, here, folder } = segment
      network.ip('-n', here, 'addr', 'add', 'fd00:77::1/64', 'dev', 'br0', 'nodad')
      const other = network.namespace('b')
      network.cable({ in: here, name: 'port1' }, { in: other, name: 'eth0', addresses: ['192.168.77.2/24'] })
      network.ip('-n', here, 'link', 'set', 'port1', 'master', 'br0')
      network.ip('-n', other, 'addr', 'add', 'fd00:77::2/64', 'dev', 'eth0', 'nodad')
      await network.settled(other)
      const rival = network.start(other, 'dnsmasq', [
        '--no-daemon', '--port=0', '--conf-file=/dev/null', '--no-ping', '--interface=eth0', '--bind-interfaces', '--user=root', '--log-dhcp', '--pid-file=',
        '--dhcp-range=192.168.77.130,192.168.77.140,1h', '--dhcp-authoritative', '--dhcp-range=fd00:77::1000,fd00:77::1fff,64,1h',
        `--dhcp-leasefile=${join(folder.root, 'leases')}`,
      ]) // prettier-ignore
      await rival.sees(/DHCPv6, IP range/)
      segment.prepare({
        mode: 'proxy-dhcp',
        boot: {
          programs: [
            { architecture: 'x64-uefi', file: 'pxe.efi' },
            { architecture: 'x64-uefi-http', subnet: 'fd00:77::/64', protocol: 'https', file: 'https.efi' },
            { architecture: 'x64-uefi-http', file: 'missing.efi' },
          ],
        },
        http: { enabled: true },
        https: { enabled: true },
        ipv6: { enabled: true, routerAdvertisements: {} },
      })
      for (const name of ['pxe', 'https']) sayingProgram(segment.boot, name, `PXELAB-RUNS ${name}`)
      const trusted = join(folder.root, 'ca.bin')
      execFileSync(process.execPath, [cli, 'certificate', '--config', folder.file, '--form', 'edk2-cacerts', '--out', trusted]) // prettier-ignore
      const responder = await segment.respond()
      const machine = await segment.powerOn('uefi-x64', {
        sees: /PXELAB-RUNS pxe[^]*PXELAB-RUNS https/,
        more: [
          '-fw_cfg', 'name=opt/org.tianocore/IPv4PXESupport,string=n',
          '-fw_cfg', `name=etc/edk2/https/cacerts,file=${trusted}`,
        ], // prettier-ignore
      })
      expect(machine.output).toContain('URI: https://[fd00:77::1]/https.efi')
      expect(sentBy(responder)).toEqual(['tftp pxe.efi', 'https https.efi'])
      const events = eventsOf(responder) as unknown as {
        type: string
        client: { mac: string }
        address: string
        transfer: { client: string }
      }[]
      // Without a URL in the offer it asks every server of the wire, from whichever address it has by then.
      const asked = events.filter((one) => one.type === 'boot-server-answered' && one.address.includes(':'))
      expect(asked.map(({ client }) => client.mac)).toEqual([mac])
      // Its address is dnsmasq's.
      const from = events.filter((one) => one.type === 'transfer-ended').map(({ transfer }) => transfer.client)
      expect(from.filter((one) => one.includes(':')).every((one) => /^fd00:77::1[\da-f]{3}$/.test(one))).toBe(true)
    }))

  test('from host names: what the screen says of one that DNS does not know, and a boot from one that it does', () =>
    Segment.with(async (segment) => {
      segment.plug()
      const { network, here } = segment
      network.ip('-n', here, 'addr', 'add', 'fd00:77::1/64', 'dev', 'br0', 'nodad')
      const dns = network.start(here, 'dnsmasq', [
        '--no-daemon', '--port=53', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--user=root', '--pid-file=', '--log-queries', '--log-facility=-',
        '--bind-interfaces', '--listen-address=fd00:77::1', '--address=/boot.lab.test/fd00:77::1', '--local=/lab.test/',
      ]) // prettier-ignore
      await dns.sees(/started, version/)
      segment.prepare({
        boot: {
          programs: [
            { architecture: 'x64-uefi', file: 'tftp://unknown.lab.test/pxe.efi' },
            { architecture: 'x64-uefi-http', subnet: 'fd00:77::/64', file: 'http://boot.lab.test/http.efi' },
            { architecture: 'x64-uefi-http', file: 'missing.efi' },
          ],
        },
        http: { enabled: true },
        ipv6: { enabled: true, routerAdvertisements: {}, subnets: [{ subnet: 'fd00:77::/64', pools: [{ start: 'fd00:77::1000', end: 'fd00:77::1fff' }], dns: ['fd00:77::1'] }] }, // prettier-ignore
      })
      sayingProgram(segment.boot, 'http', 'PXELAB-RUNS http')
      const responder = await segment.respond()
      const machine = await segment.powerOn('uefi-x64', {
        sees: /PXELAB-RUNS http/,
        more: ['-fw_cfg', 'name=opt/org.tianocore/IPv4PXESupport,string=n'],
      })
      // dnsmasq answers with the question alone, which EDK2 drops, as the simulator has it: it waits for another answer until its time is over.
      expect(machine.output).toMatch(/Start PXE over IPv6[^]*PXE-E18: Server response timeout/)
      expect(machine.output).toContain('URI: http://boot.lab.test/http.efi')
      expect(sentBy(responder)).toEqual(['http http.efi'])
      // AAAA once for each name, and no other type.
      const asked = [...dns.output.matchAll(/query\[(\w+)\] (\S+) from/g)].map(([, type, name]) => `${type} ${name}`)
      expect(asked).toEqual(['AAAA unknown.lab.test', 'AAAA boot.lab.test'])
    }))
})
