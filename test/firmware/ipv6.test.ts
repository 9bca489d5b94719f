/** Real firmware over IPv6: EDK2 gets an address by DHCPv6 and boots by TFTP and by HTTP, from the responder alone. */
import { expect, test } from 'vitest'
import { eventsOf } from '../helpers/lab.ts'
import { describeWith } from '../helpers/requirements.ts'
import { Segment, sentBy } from '../helpers/segment.ts'
import { sayingProgram } from '../helpers/signed-programs.ts'

const needs = ['root', 'tun', 'ip', 'qemu-system-x86_64', 'ovmf', 'x86_64-w64-mingw32-as', 'x86_64-w64-mingw32-ld']
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
        sees: /PXE over IPv6[^]*PXELAB-RUNS pxe[^]*HTTP Boot over IPv6[^]*PXELAB-RUNS http/,
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
})
