/** Real firmware loads kernel and initrd out of an image of a disc, by the menu that is made of what the image holds. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { menuEntryFor } from '#shared/lab/disc-media.ts'
import { writeIpxeMenu } from '#shared/lab/ipxe-menu.ts'
import { readDiscImage } from '../../src/main/inspect/disc-media.ts'
import { describeWith } from '../helpers/requirements.ts'
import { Segment, sentBy } from '../helpers/segment.ts'

const server = '192.168.77.1'

describeWith(['root', 'tun', 'ip', 'qemu-system-x86_64', 'ipxe-rom', 'ipxe', 'xorriso'], 'a disc image', () => {
  test('boots a BIOS: the menu of the disc becomes that of iPXE, and its kernel and initrd come over HTTP', () =>
    Segment.with(async (segment) => {
      segment.plug()
      segment.prepare({ boot: { programs: [{ userClass: 'iPXE', file: 'menu.ipxe', protocol: 'http' }] }, http: { enabled: true } }) // prettier-ignore
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
      writeFileSync(join(segment.boot, 'menu.ipxe'), writeIpxeMenu({ title: 'Discs', timeoutSeconds: 1, defaultEntry: 0, entries: [entry] })) // prettier-ignore
      const responder = await segment.respond()
      const machine = await segment.powerOn('bios', { sees: /PXELAB-DISC-OK/ })
      expect(sentBy(responder)).toEqual(['http menu.ipxe', 'http images/small.iso/boot/kernel', 'http images/small.iso/boot/initrd']) // prettier-ignore
      await machine.stop()
    }))
})
