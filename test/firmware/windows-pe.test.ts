/**
 * Windows PE by wimboot, as far as free files go: the menu of the lab, real firmware, real iPXE, our boot configuration and a program in
 * the place of wimboot, which is in no package here. The program tells what iPXE handed to it, and that is what wimboot finds.
 */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeIpxeMenu } from '#shared/lab/ipxe-menu.ts'
import { writeBootConfiguration } from '#shared/wire/boot-configuration-writer.ts'
import type { Firmware } from '../helpers/firmware.ts'
import { describeWith } from '../helpers/requirements.ts'
import { Segment, sentBy } from '../helpers/segment.ts'

const double = (name: string): Buffer => readFileSync(new URL(`../fixtures/wimboot-double/${name}`, import.meta.url))

/** Each with its own content, the lengths as odd as real ones. */
const files = {
  BCD: Buffer.from(writeBootConfiguration({ entries: [{ title: 'Windows PE', image: '\\boot.wim' }], sdi: '\\boot.sdi', firmware: 'bios', blockSize: 1456, windowSize: 4, timeoutSeconds: 0 })),
  'boot.sdi': Buffer.from('$SDI0001 and nothing else'),
  'winpeshl.ini': Buffer.from('[LaunchApps]\r\nX:\\setup.exe\r\n'),
  'boot.wim': Buffer.concat([Buffer.from('MSWIM\0\0\0'), Buffer.alloc(5003, 'pxe lab ')]),
} // prettier-ignore

/** What is in an archive in the form of iPXE: no end mark, and zeros up to the next (Linux, `buffer-format.rst`). */
function unpacked(archive: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>()
  const even = (at: number): number => (at + 3) & ~3
  for (let at = 0; at < archive.length;) {
    if (archive[at] === 0) {
      at++
      continue
    }
    expect(archive.toString('latin1', at, at + 6)).toBe('070701')
    const field = (index: number): number => parseInt(archive.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16) // prettier-ignore
    const name = archive.toString('latin1', at + 110, at + 110 + field(11) - 1)
    const from = even(at + 110 + field(11))
    found.set(name, archive.subarray(from, from + field(6)))
    at = from + field(6)
  }
  return found
}

/** Under their names, what the program in the place of wimboot was given. */
function given(firmware: Firmware, output: string): Map<string, Buffer> {
  if (firmware === 'bios') return unpacked(Buffer.from(/DOUBLE-INITRD ([0-9a-f]*)/.exec(output)![1]!, 'hex'))
  return new Map([...output.matchAll(/DOUBLE-FILE (\S+) ([0-9a-f]*)/g)].map(([, name, hex]) => [name!, Buffer.from(hex!, 'hex')])) // prettier-ignore
}

describeWith(['root', 'tun', 'ip', 'qemu-system-x86_64', 'ipxe-rom', 'ipxe', 'ovmf'], 'wimboot', () => {
  test.concurrent.each([
    ['bios', 'bios.bin'],
    ['uefi-x64', 'uefi.efi'],
  ] as const)('is handed its arguments and every file by name on %s', (firmware, program) =>
    Segment.with(async (segment) => {
      segment.plug()
      segment.prepare({
        boot: { programs: [{ userClass: 'iPXE', file: 'windows-pe.ipxe', protocol: 'http' }] },
        http: { enabled: true },
      }) // prettier-ignore
      const entry = { kind: 'windows', text: 'Windows PE', wimboot: 'wimboot', image: 'images/pe 11.wim', files: ['win/BCD', 'win/boot.sdi', 'win/winpeshl.ini'], arguments: 'index=2 quiet' } as const // prettier-ignore
      const { folder } = segment
      folder.put('windows-pe.ipxe', writeIpxeMenu({ title: 'Lab', timeoutSeconds: 1, defaultEntry: 0, entries: [{ ...entry, files: [...entry.files] }] })) // prettier-ignore
      folder.put('wimboot', double(program))
      folder.put('images/pe 11.wim', files['boot.wim'])
      for (const name of ['BCD', 'boot.sdi', 'winpeshl.ini'] as const) folder.put(`win/${name}`, files[name])
      // UEFI loads iPXE from a disk, which spares the firmware its own network boot; a BIOS has it in the ROM of its card.
      const disk = join(folder.root, 'disk')
      mkdirSync(join(disk, 'EFI/BOOT'), { recursive: true })
      copyFileSync('/usr/lib/ipxe/ipxe.efi', join(disk, 'EFI/BOOT/BOOTX64.EFI'))
      const responder = await segment.respond()
      const machine = await segment.powerOn(firmware, {
        sees: /DOUBLE-END/,
        seconds: 170,
        ...(firmware === 'bios' ? {} : { more: ['-drive', `if=none,id=d0,format=raw,file=fat:rw:${disk}`, '-device', 'virtio-blk-pci,drive=d0,bootindex=0'] }), // prettier-ignore
      })
      const served = sentBy(responder).filter((one) => one.startsWith('http'))
      expect(served).toEqual(['http windows-pe.ipxe', 'http wimboot', 'http win/BCD', 'http win/boot.sdi', 'http win/winpeshl.ini', 'http images/pe 11.wim']) // prettier-ignore
      expect(/DOUBLE-ARGUMENTS \[(.*)\]/.exec(machine.output)![1]).toMatch(/^(?:wimboot )?index=2 quiet$/)
      const found = given(firmware, machine.output)
      for (const [name, content] of Object.entries(files)) expect(found.get(name)?.equals(content), name).toBe(true)
      await machine.stop()
    }),
  )
})
