/**
 * Real firmware, one machine at a time: names with its values, a template that it fetches itself, its host name by option 12, the next
 * boot from the local disk and then, once that is used up, kernel and initrd out of an image of a disc.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { menuEntryFor } from '#shared/lab/disc-media.ts'
import { writeIpxeMenu } from '#shared/lab/ipxe-menu.ts'
import { readDiscImage } from '../../src/main/inspect/disc-media.ts'
import { eventsOf } from '../helpers/lab.ts'
import { describeWith } from '../helpers/requirements.ts'
import { Segment, sentBy } from '../helpers/segment.ts'

const server = '192.168.77.1'
const mac = '52:54:00:77:00:0a'

/** A boot sector that prints a line on the serial port, and has the BIOS begin its boot order anew (interrupt 19h). */
function bootSector(line: string): Buffer {
  const sector = Buffer.alloc(512)
  // Each character waits until the port takes it.
  sector.write('31c08ed8be217cfcac84c0741288c3bafd03eca82074fb88d8baf803eeebe9cd19', 'hex')
  sector.write(`${line}\r\n\0`, 33, 'latin1')
  sector.writeUInt16LE(0xaa55, 510)
  return sector
}

/** As a person sets it in a lab that runs; a responder that starts finds it in its state folder. */
function fromLocalDiskOnce(segment: Segment): void {
  mkdirSync(join(segment.folder.root, 'state'), { recursive: true })
  writeFileSync(join(segment.folder.root, 'state/next-boots.json'), JSON.stringify([{ mac, what: { kind: 'local-disk' }, since: Date.now() }])) // prettier-ignore
}

describeWith(
  ['root', 'tun', 'ip', 'qemu-system-x86_64', 'ipxe-rom', 'ipxe', 'xorriso'],
  'one machine with a BIOS',
  () => {
    test('its local disk once; then its own script, filled in, and by it an image of a disc', () =>
      Segment.with(async (segment) => {
        segment.plug()
        segment.prepare({
          machines: [{ mac, hostname: 'bench1', variables: { desk: 7 } }],
          boot: { programs: [{ userClass: 'iPXE', file: 'desk-{desk}/{mac:-}.ipxe', protocol: 'http' }], templates: ['*.ipxe'] }, // prettier-ignore
          http: { enabled: true },
        })
        const disc = join(segment.folder.root, 'disc')
        mkdirSync(join(disc, 'boot/grub'), { recursive: true })
        // A kernel of the Linux boot protocol that runs its initrd as a script: both have to be whole.
        copyFileSync('/usr/lib/ipxe/ipxe.lkrn', join(disc, 'boot/kernel'))
        writeFileSync(join(disc, 'boot/initrd'), '#!ipxe\necho PXELAB-DISC-OK\nsleep 60\n')
        writeFileSync(join(disc, 'boot/grub/grub.cfg'), 'menuentry "Small system" {\n linux /boot/kernel\n initrd /boot/initrd\n}\n') // prettier-ignore
        mkdirSync(join(segment.boot, 'images'))
        const iso = join(segment.boot, 'images/small.iso')
        execFileSync('xorriso', ['-as', 'mkisofs', '-R', '-o', iso, disc], { stdio: 'ignore' })
        const image = (await readDiscImage(iso))!
        const entry = menuEntryFor(image.entries[0]!, 'images/small.iso', `http://${server}`)
        segment.folder.put('menu.ipxe', writeIpxeMenu({ title: 'Discs', timeoutSeconds: 1, defaultEntry: 0, entries: [entry] })) // prettier-ignore
        // The name that iPXE has from DHCP beside the one that is filled in.
        segment.folder.put('desk-7/52-54-00-77-00-0a.ipxe', '#!ipxe\necho PXELAB-NAMES {hostname} ${hostname} {ip}\nchain /menu.ipxe\n') // prettier-ignore
        const disk = join(segment.folder.root, 'disk.img')
        writeFileSync(disk, Buffer.concat([bootSector('PXELAB-DISK-OK'), Buffer.alloc(1024 * 1024)]))
        fromLocalDiskOnce(segment)
        const responder = await segment.respond()
        const machine = await segment.powerOn('bios', {
          sees: /PXELAB-DISC-OK/,
          more: ['-drive', `if=none,format=raw,file=${disk},id=d0`, '-device', 'ide-hd,drive=d0,bootindex=2'],
        })
        expect(machine.output).toMatch(
          /PXELAB-DISK-OK[^]*PXELAB-NAMES bench1 bench1 192\.168\.77\.100[^]*PXELAB-DISC-OK/,
        )
        expect(sentBy(responder)).toEqual([
          'http desk-7/52-54-00-77-00-0a.ipxe',
          'http menu.ipxe',
          'http images/small.iso/boot/kernel',
          'http images/small.iso/boot/initrd',
        ])
        await machine.stop()
      }))
  },
)

describeWith(['root', 'tun', 'ip', 'qemu-system-x86_64', 'ovmf'], 'one machine with UEFI', () => {
  test('that is to boot from its local disk ends PXE at once and goes on in its boot order', () =>
    Segment.with(async (segment) => {
      segment.plug()
      segment.prepare({ boot: { programs: [{ architecture: 'x64-uefi', file: 'not-this-one.efi' }] } })
      fromLocalDiskOnce(segment)
      const responder = await segment.respond()
      // OVMF tries every kind of network boot of a card before the next device.
      const machine = await segment.powerOn('uefi-x64', {
        sees: /PXE-E21: Remote boot cancelled\.[^]*>>Start (?!PXE over IPv4)/,
      })
      expect(eventsOf(responder)).toContainEqual(expect.objectContaining({ type: 'dhcp-acknowledged', hasMenu: true }))
      expect(eventsOf(responder).filter(({ type }) => type.startsWith('transfer'))).toEqual([])
      await machine.stop()
    }))
})
