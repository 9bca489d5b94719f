/** What the field has beyond one segment, one address and x86: relays, names, loss, AArch64, PXELINUX. Side by side. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { writeIpxeMenu } from '#shared/lab/ipxe-menu.ts'
import { presets } from '#shared/lab/presets.ts'
import {
  LossyWire,
  makeDisk,
  makeArm64Kernel,
  makeGrub,
  makeUBootScript,
  marker,
  secondConfiguration,
} from '../helpers/firmware.ts'
import { eventsOf } from '../helpers/lab.ts'
import type { Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'
import { addresses, Segment, sentBy, server } from '../helpers/segment.ts'

const programs = [
  { architecture: 'bios', file: 'grub-bios.0' },
  { architecture: 'x64-uefi', file: 'grub-x64.efi' },
  { architecture: 'arm64-uefi', file: 'grub-arm64.efi' },
]
const noise = Buffer.from(Uint8Array.from({ length: 500_123 }, (_, at) => (at * 197 + (at >> 7) * 31) & 255))
const linux = ['root', 'tun', 'ip']
const x86 = [...linux, 'qemu-system-x86_64', 'ipxe-rom', 'ovmf', 'grub-mkimage', 'grub-pxe']
const arm64 = [...linux, 'qemu-system-aarch64']
const second = '192.168.77.9'
/** A boot program that has its last block may print before the responder tells of the last ACK. */
const expectSent = (responder: Running, files: string[]): Promise<void> =>
  vi.waitFor(() => expect(sentBy(responder)).toEqual(files), { timeout: 60_000 })

/** Where frames are lost: of a file whose last ACK is among them the responder never hears that it came. */
const expectAsked = (responder: Running, files: string[]): void =>
  expect(
    eventsOf(responder).flatMap((one) =>
      one.type === 'transfer-started' ? [(one as unknown as { transfer: { file: string } }).transfer.file] : [],
    ),
  ).toEqual(expect.arrayContaining(files))

// Firmware waits more than it computes, so that each has a segment of its own and none waits for another.
describe.concurrent('real firmware of the field', () => {
  describeWith([...x86, 'dhcrelay', 'dnsmasq'], 'behind a relay', () => {
    test('EDK2 x64 starts a GRUB that finds the HTTP server by name, through its router', () =>
      Segment.with(async (segment) => {
        const { network, here, folder } = segment
        // The relay is the router of the machine's segment and the DNS server behind it.
        const relay = network.namespace('r')
        network.cable(
          { in: here, name: 'srv0', addresses: [`${server}/24`] },
          { in: relay, name: 'up0', addresses: ['192.168.77.2/24'] },
        )
        network.bridge(relay, 'br0', ['192.168.78.1/24'])
        network.tap(relay, 'tap0', 'br0')
        await network.exec(relay, 'sysctl', ['-qw', 'net.ipv4.ip_forward=1'])
        network.ip('-n', here, 'route', 'add', '192.168.78.0/24', 'via', '192.168.77.2')
        const agent = network.start(relay, 'dhcrelay', [
          '-4',
          '-d',
          '--no-pid',
          '-a',
          '-iu',
          'up0',
          '-id',
          'br0',
          server,
        ])
        await agent.sees(/Sending on/)
        const names = network.start(relay, 'dnsmasq', [
        '--no-daemon', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--user=root', '--pid-file=', '--log-queries',
        '--address=/boot.lab.test/192.168.77.1',
      ]) // prettier-ignore
        await names.sees(/started/)
        segment.prepare({
          interface: 'srv0',
          dhcp: {
            subnets: [
              {
                subnet: '192.168.78.0/24',
                pools: [{ start: '192.168.78.100', end: '192.168.78.110' }],
                router: '192.168.78.1',
                dns: ['192.168.77.2'],
              },
            ],
          },
          boot: { programs },
          http: { enabled: true },
        })
        makeGrub(segment.boot, 'uefi-x64', 'boot.lab.test', 'http')
        folder.put('grub/second-uefi-x64.cfg', secondConfiguration('uefi-x64'))
        const responder = await segment.respond()
        await segment.powerOn('uefi-x64', { at: relay })
        await expectSent(responder, ['tftp grub-x64.efi', 'http grub/second-uefi-x64.cfg'])
        expect(names.output).toMatch(/query\[A\] boot\.lab\.test from 192\.168\.78\.1\d\d/)
        await expect
          .poll(() => eventsOf(responder))
          .toContainEqual(expect.objectContaining({ type: 'dhcp-acknowledged', via: '192.168.78.1' }))
      }))
  })

  describeWith(x86, 'an interface with two addresses', () => {
    test.each(['bios', 'uefi-x64'] as const)('%s boots from the second one, over TFTP and HTTP', (firmware) =>
      Segment.with(async (segment) => {
        segment.plug([server, second])
        segment.prepare({ boot: { programs, nextServer: second }, http: { enabled: true } })
        const file = makeGrub(segment.boot, firmware, second, 'http')
        segment.folder.put(`grub/second-${firmware}.cfg`, secondConfiguration(firmware))
        const responder = await segment.respond()
        await segment.powerOn(firmware)
        await expectSent(responder, [`tftp ${file}`, `http grub/second-${firmware}.cfg`])
      }),
    )
  })

  describeWith([...x86, 'pxelinux'], 'PXELINUX', () => {
    test('finds its modules and, by parts of its address, its configuration, which starts the local disk', () =>
      Segment.with(async (segment) => {
        segment.plug()
        segment.prepare({ boot: { programs: [{ architecture: 'bios', file: 'syslinux/pxelinux.0' }] } })
        segment.folder.put(
          'syslinux/pxelinux.cfg/C0A84D',
          'SERIAL 0 115200\nSAY PXELAB-CONFIGURATION\nDEFAULT next\nLABEL next\n  CONFIG second.cfg\n',
        )
        segment.folder.put('syslinux/second.cfg', 'SERIAL 0 115200\nSAY PXELAB-NBP-OK bios\nDEFAULT disk\nLABEL disk\n  LOCALBOOT 0x80\n') // prettier-ignore
        copyFileSync('/usr/lib/PXELINUX/pxelinux.0', join(segment.boot, 'syslinux/pxelinux.0'))
        copyFileSync('/usr/lib/syslinux/modules/bios/ldlinux.c32', join(segment.boot, 'syslinux/ldlinux.c32'))
        const responder = await segment.respond()
        const disk = makeDisk(join(segment.folder.root, 'disk.img'), 'PXELAB-DISK')
        await segment.powerOn('bios', { sees: /PXELAB-NBP-OK bios[^]*PXELAB-DISK/, more: disk })
        const missed = eventsOf(responder).filter((event) => event.type === 'transfer-refused')
        expect(missed.map((event) => [event.file, event.reason])).toEqual(
          ['01-52-54-00-77-00-0a', 'C0A84D64', 'C0A84D6'].map((name) => [
            `syslinux/pxelinux.cfg/${name}`,
            'there is no such file',
          ]),
        )
        await expectSent(responder, [
          'tftp syslinux/pxelinux.0',
          'tftp syslinux/ldlinux.c32',
          'tftp syslinux/pxelinux.cfg/C0A84D',
          // CONFIG starts it anew.
          'tftp syslinux/ldlinux.c32',
          'tftp syslinux/second.cfg',
        ])
      }))
  })

  describeWith(x86, 'iPXE', () => {
    test('starts the local disk by sanboot, as the menu of this lab writes it', () =>
      Segment.with(async (segment) => {
        segment.plug()
        segment.prepare({ boot: { programs: [{ userClass: 'iPXE', file: 'menu.ipxe' }] } })
        const entries = [{ kind: 'disk', text: 'Local disk' }] as const
        segment.folder.put('menu.ipxe', writeIpxeMenu({ title: 'Lab', timeoutSeconds: 1, defaultEntry: 0, entries: [...entries] })) // prettier-ignore
        const responder = await segment.respond()
        const disk = makeDisk(join(segment.folder.root, 'disk.img'), 'PXELAB-DISK')
        await segment.powerOn('bios', { sees: /PXELAB-DISK/, more: disk })
        await expectSent(responder, ['tftp menu.ipxe'])
      }))
  })

  describeWith([...x86, 'ipxe'], 'snponly.efi with a menu in the lab file', () => {
    test('EDK2 takes the item of the menu, iPXE its script', () =>
      Segment.with(async (segment) => {
        segment.plug()
        segment.prepare({
          boot: {
            programs: [
              { userClass: 'iPXE', file: 'start.ipxe' },
              { architecture: 'x64-uefi', file: 'not-this-one.efi' },
            ],
            menu: { timeoutSeconds: 0, items: [{ text: 'iPXE', file: 'snponly.efi' }] },
          },
        })
        segment.folder.put('start.ipxe', '#!ipxe\necho PXELAB-NBP-OK uefi-x64\nsleep 60\n')
        copyFileSync('/usr/lib/ipxe/snponly.efi', join(segment.boot, 'snponly.efi'))
        const responder = await segment.respond()
        await segment.powerOn('uefi-x64')
        await expectSent(responder, ['tftp snponly.efi', 'tftp start.ipxe'])
      }))
  })

  describeWith(x86, '2 % of all frames lost each way', () => {
    test('EDK2 x64 gets its windows for at most 1.3 times their blocks', () =>
      Segment.with(async (segment) => {
        segment.plug()
        segment.prepare({ boot: { programs } })
        makeGrub(segment.boot, 'uefi-x64', server)
        segment.folder.put('grub/second-uefi-x64.cfg', secondConfiguration('uefi-x64'))
        const responder = await segment.respond()
        const wire = await LossyWire.on(segment.network, segment.here, 'tap0', 2, 1)
        await segment.powerOn('uefi-x64', { wire })
        expectAsked(responder, ['grub-x64.efi', 'grub/second-uefi-x64.cfg'])
        const { data, blocks, lost } = await wire.counted()
        expect(lost).toBeGreaterThan(3)
        expect(data).toBeLessThanOrEqual(1.3 * blocks)
      }))
  })

  describeWith([...x86, 'pxelinux'], 'lpxelinux.0', () => {
    test('loads its module and its configuration over HTTP', () =>
      Segment.with(async (segment) => {
        segment.plug()
        segment.prepare({
          boot: { programs: [{ architecture: 'bios', file: 'lpxelinux.0' }] },
          http: { enabled: true },
          dhcp: { ...addresses, options: { 210: `http://${server}/syslinux/` } },
        })
        segment.folder.put('syslinux/pxelinux.cfg/default', 'SERIAL 0 115200\nSAY PXELAB-NBP-OK bios\nPROMPT 1\n')
        copyFileSync('/usr/lib/PXELINUX/lpxelinux.0', join(segment.boot, 'lpxelinux.0'))
        copyFileSync('/usr/lib/syslinux/modules/bios/ldlinux.c32', join(segment.boot, 'syslinux/ldlinux.c32'))
        const responder = await segment.respond()
        await segment.powerOn('bios')
        await expectSent(responder, [
          'tftp lpxelinux.0',
          'http syslinux/ldlinux.c32',
          'http syslinux/pxelinux.cfg/default',
        ])
      }))
  })

  describeWith([...arm64, 'edk2-arm64', 'grub-mkimage', 'grub-arm64'], 'EDK2 on AArch64', () => {
    test('starts GRUB, which loads over HTTP', () =>
      Segment.with(async (segment) => {
        segment.plug()
        segment.prepare({ boot: { programs }, http: { enabled: true } })
        makeGrub(segment.boot, 'uefi-arm64', server, 'http')
        segment.folder.put('grub/second-uefi-arm64.cfg', secondConfiguration('uefi-arm64'))
        const responder = await segment.respond()
        await segment.powerOn('uefi-arm64')
        await expectSent(responder, ['tftp grub-arm64.efi', 'http grub/second-uefi-arm64.cfg'])
      }))
  })

  describeWith([...arm64, 'edk2-arm64', 'grub-mkimage', 'grub-arm64'], 'EDK2 on AArch64 by HTTP boot', () => {
    test('starts GRUB by its URL, which loads over HTTP', () =>
      Segment.with(async (segment) => {
        segment.plug()
        segment.prepare({
          boot: { programs: [{ architecture: 'arm64-uefi-http', file: 'grub-arm64.efi' }] },
          http: { enabled: true },
        })
        makeGrub(segment.boot, 'uefi-arm64', server, 'http')
        segment.folder.put('grub/second-uefi-arm64.cfg', secondConfiguration('uefi-arm64'))
        const responder = await segment.respond()
        await segment.powerOn('uefi-http-arm64', { sees: marker('uefi-arm64') })
        await expectSent(responder, ['http grub-arm64.efi', 'http grub/second-uefi-arm64.cfg'])
        await expect
          .poll(() => eventsOf(responder))
          .toContainEqual(
            expect.objectContaining({ type: 'dhcp-offered', client: expect.objectContaining({ architecture: 19 }) }),
          )
      }))
  })

  describeWith([...arm64, 'u-boot', 'mkimage', 'grub-mkimage', 'grub-arm64', 'dnsmasq'], 'U-Boot on AArch64', () => {
    test('without a script for it asks as a UEFI client and starts GRUB, which loads over TFTP', () =>
      Segment.with(async (segment) => {
        segment.plug()
        segment.prepare({ boot: { programs } })
        makeGrub(segment.boot, 'uefi-arm64', server)
        segment.folder.put('grub/second-uefi-arm64.cfg', secondConfiguration('uefi-arm64'))
        const responder = await segment.respond()
        await segment.powerOn('u-boot-arm64', { sees: marker('uefi-arm64') })
        await expectSent(responder, ['tftp grub-arm64.efi', 'tftp grub/second-uefi-arm64.cfg'])
      }))

    test('by its command pxe it boots what the preset of the lab writes', () =>
      Segment.with(async (segment) => {
        segment.plug()
        const { scripts, changes } = presets.find((one) => one.id === 'u-boot')!
        const told = changes.find(({ path }) => path.join('.') === 'boot.programs')!.value
        segment.prepare({ boot: { programs: told as typeof programs } })
        for (const { file, text } of scripts) segment.folder.put(file, text)
        segment.folder.put('u-boot/initrd.img', noise)
        makeArm64Kernel(join(segment.boot, 'u-boot/Image'), 'PXELAB-NBP-OK u-boot-arm64')
        // The order of a board that has pxe in its boot_targets.
        makeUBootScript(segment.boot, 'dhcp', 'if pxe get; then pxe boot; fi', 'sleep 60')
        const responder = await segment.respond()
        await segment.powerOn('u-boot-arm64')
        const files = ['boot.scr.uimg', 'u-boot/pxelinux.cfg/default-arm', 'u-boot/initrd.img', 'u-boot/Image']
        await expectSent(responder, files.map((file) => `tftp ${file}`)) // prettier-ignore
        const missed = eventsOf(responder).flatMap((one) => (one.type === 'transfer-refused' ? [one.file] : []))
        expect(missed[0]).toBe('u-boot/boot.scr.uimg')
        expect(missed.slice(2, 4)).toEqual(['u-boot/pxelinux.cfg/C0A84D64', 'u-boot/pxelinux.cfg/C0A84D6'])
      }))

    test.each([0, 2])('runs its script, which loads a file: %d of 100 frames lost each way', (percent) =>
      Segment.with(async (segment) => {
        segment.plug()
        segment.prepare({ dhcp: addresses, boot: { programs: [{ vendorClass: 'U-Boot', file: 'noise.bin' }] } })
        segment.folder.put('noise.bin', noise)
        makeUBootScript(
          segment.boot,
          'echo PXELAB-NBP-START u-boot-arm64',
          'if dhcp ${kernel_addr_r}; then crc32 ${kernel_addr_r} ${filesize}; echo PXELAB-NBP-OK u-boot-arm64; fi',
          'sleep 60',
        )
        const responder = await segment.respond()
        const wire = await LossyWire.on(segment.network, segment.here, 'tap0', percent, 1)
        const machine = await segment.powerOn('u-boot-arm64', { wire })
        expect(machine.output).toContain(`==> ${crc32(noise).toString(16).padStart(8, '0')}`)
        if (percent === 0) await expectSent(responder, ['tftp boot.scr.uimg', 'tftp noise.bin'])
        else expectAsked(responder, ['boot.scr.uimg', 'noise.bin'])
        const { data, blocks, lost } = await wire.counted()
        // Among its blocks it prints T for each wait of its own that ran out, and gives a transfer up at the eleventh: the server resends sooner.
        expect(machine.output).not.toMatch(/#\s*T /)
        if (percent === 0) expect(lost).toBe(0)
        else expect(lost).toBeGreaterThan(3)
        expect(data).toBeLessThanOrEqual(1.3 * blocks)
      }),
    )

    // Built as usual it takes its server from the DHCP server alone, and a proxy's OFFER must not disturb that.
    test.each(['proxy-dhcp', 'boot-server'] as const)('in mode %s beside a DHCP server that names the lab', (mode) =>
      Segment.with(async (segment) => {
        segment.plug()
        const { network, here, folder } = segment
        const other = network.namespace('b')
        network.cable({ in: here, name: 'port1' }, { in: other, name: 'eth0', addresses: ['192.168.77.2/24'] })
        network.ip('-n', here, 'link', 'set', 'port1', 'master', 'br0')
        folder.write({
          interface: 'br0',
          mode,
          boot: { programs: [{ vendorClass: 'U-Boot', file: 'not-this-one.uimg' }] },
        })
        makeUBootScript(segment.boot, 'echo PXELAB-NBP-OK u-boot-arm64', 'sleep 60')
        const dhcp = network.start(other, 'dnsmasq', [
          '--no-daemon', '--port=0', '--conf-file=/dev/null', '--no-ping', '--interface=eth0', '--bind-interfaces', '--user=root', '--log-dhcp',
          '--dhcp-range=192.168.77.130,192.168.77.140,1h', '--dhcp-authoritative', `--dhcp-leasefile=${join(folder.root, 'dnsmasq.leases')}`, '--pid-file=',
          `--dhcp-boot=boot.scr.uimg,,${server}`,
        ]) // prettier-ignore
        await dhcp.sees(/DHCP, IP range/)
        const responder = await segment.respond()
        await segment.powerOn('u-boot-arm64')
        await expectSent(responder, ['tftp boot.scr.uimg'])
        const kinds = eventsOf(responder).map((event) => event.type)
        expect(kinds.includes('proxy-offered')).toBe(mode === 'proxy-dhcp')
        expect(kinds).not.toContain('dhcp-acknowledged')
      }),
    )
  })
})
